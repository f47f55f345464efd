import { useEffect, useState } from "react";
import { DeskError, me } from "../../api/desk.ts";
import { failureWords } from "../../api/failure.ts";
import { useMe } from "../../api/me.ts";
import { queries, refresh } from "../../api/queries.ts";
import { resumeSession } from "../../api/session.ts";
import { announce } from "../../ui/announcer.tsx";
import { Button } from "../../ui/button.tsx";
import { Confirmation } from "../../ui/confirmation.tsx";
import { paths } from "../../util/paths.ts";
import { hearSignIn } from "../../util/sign-in.ts";

const AGAIN_MS = 3000;

/**
 * Asks to sign in again. The page behind it keeps its place, without anything personal: signing in happens in another tab,
 * and when that is done, or somebody comes back from there, this one goes on.
 */
export function SessionDialog() {
  const { email } = useMe();
  const [stillOut, setStillOut] = useState("");

  useEffect(() => {
    const controller = new AbortController();
    let timer: number | undefined;
    const look = async () => {
      window.clearTimeout(timer);
      if (document.visibilityState === "hidden") return;
      try {
        const who = await me(controller.signal);
        // What one person has uncovered and begun is not the next one's, whose looks have to be in the audit too.
        if (who.email !== email) return window.location.reload();
        queries.setQueryData(["me"], who);
        resumeSession();
        announce("You are signed in again.");
        refresh();
      } catch (error) {
        if (controller.signal.aborted) return;
        const code = error instanceof DeskError ? error.code : undefined;
        if (code === "unauthorized") return setStillOut("You are not signed in yet.");
        // Somebody is signed in whom the desk does not let in.
        if (code === "forbidden") return window.location.reload();
        // They may be, and only the desk is away: nobody would come back from another tab once more.
        setStillOut(`${failureWords(error).title}. The page asks again by itself.`);
        timer = window.setTimeout(look, AGAIN_MS);
      }
    };
    const stop = hearSignIn(look);
    window.addEventListener("focus", look);
    document.addEventListener("visibilitychange", look);
    return () => {
      controller.abort();
      window.clearTimeout(timer);
      stop();
      window.removeEventListener("focus", look);
      document.removeEventListener("visibilitychange", look);
    };
  }, [email]);

  // What had the focus may have been put away with the data.
  useEffect(
    () => () => {
      if (document.activeElement === document.body) document.querySelector("h1")?.focus({ preventScroll: true });
    },
    [],
  );

  return (
    <Confirmation
      title="Your session has ended"
      actions={(primary) => (
        <>
          <Button onClick={() => window.location.reload()}>Load this page anew</Button>
          <Button ref={primary} kind="main" onClick={() => window.open(paths.signedIn(), "_blank", "noopener")}>
            Sign in again
          </Button>
        </>
      )}
    >
      <p>
        Sign in again in a new tab; this page keeps its place and goes on when you come back. Personal data is put away
        until then. Nothing that the desk took is lost.
      </p>
      <p role="status">{stillOut}</p>
    </Confirmation>
  );
}
