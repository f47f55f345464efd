import { DeskError, type Me } from "../../api/desk.ts";
import { failureWords } from "../../api/failure.ts";
import { type Action, refusalOf } from "../../api/roles.ts";
import { Button } from "../../ui/button.tsx";
import { Heading } from "../../ui/heading.tsx";
import { Link } from "../../ui/link.tsx";
import { paths } from "../../util/paths.ts";

interface TroubleProps {
  error: unknown;
  onRepeat: () => void;
}

/** In place of a screen: the desk did not open. What is wrong, and what to do about it. */
export function Trouble({ error, onRepeat }: TroubleProps) {
  const code = error instanceof DeskError ? error.code : undefined;
  if (code === "unauthorized") {
    return (
      <div className="trouble">
        <Heading>You are not signed in</Heading>
        <p>Your session has ended, or you have signed out. Signing in brings you back to this page.</p>
        <Button kind="main" onClick={() => window.location.reload()}>
          Sign in
        </Button>
      </div>
    );
  }
  if (code === "forbidden") {
    return (
      <div className="trouble">
        <Heading>You have no role at this desk</Heading>
        <p>
          You are signed in, but whoever runs this desk has not named you as a reviewer, an auditor or an admin. Ask
          them to, or sign in as somebody else.
        </p>
        <div className="actions">
          <Button onClick={onRepeat}>Try again</Button>
          <a className="button button-plain" href={paths.signOut()}>
            Sign out
          </a>
        </div>
      </div>
    );
  }
  const { title, advice, details } = failureWords(error);
  return (
    <div className="trouble">
      <Heading>{title}</Heading>
      <p>{advice}</p>
      {details && <p className="fine">{details}</p>}
      <Button kind="main" onClick={onRepeat}>
        Try again
      </Button>
    </div>
  );
}

/** In place of a screen that somebody's role does not reach. */
export function Forbidden({ me, action }: { me: Me; action: Action }) {
  return (
    <div className="trouble">
      <Heading>This page is not for your role</Heading>
      <p>
        {refusalOf(me.roles, action)} You are signed in as {me.email}, {me.roles.join(" and ")}.
      </p>
      <p>
        <Link href={paths.start()}>Go to what you can see</Link>
      </p>
    </div>
  );
}
