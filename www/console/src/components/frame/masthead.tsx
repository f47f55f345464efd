import { useLocation, useRoute } from "wouter";
import type { Me } from "../../api/desk.ts";
import { type Action, may } from "../../api/roles.ts";
import { Icon } from "../../ui/icon.tsx";
import { Link } from "../../ui/link.tsx";
import { paths, ROUTES } from "../../util/paths.ts";

const PLACES: readonly { label: string; href: string; demands?: Action }[] = [
  { label: "Queue", href: paths.queue(), demands: "list-cases" },
  { label: "Attestations", href: paths.attestations(), demands: "search-attestations" },
  { label: "Audit", href: paths.audit(), demands: "read-audit" },
  { label: "Settings", href: paths.settings() },
];

/** Where one can go, and who is signed in. */
export function Masthead({ me }: { me: Me | undefined }) {
  const [pathname] = useLocation();
  const [inCase] = useRoute(ROUTES.case);
  // A case belongs to the queue, but is another page.
  const currentOf = (href: string) =>
    href === pathname ? "page" : inCase && href === paths.queue() ? "true" : undefined;
  const places = PLACES.filter(({ demands }) => me && (demands === undefined || may(me.roles, demands)));
  return (
    <header className="masthead">
      <Link className="brand" href={paths.start()}>
        <span className="brand-mark">
          <Icon name="pass" />
        </span>
        Passdesk
      </Link>
      <nav aria-label="Console">
        {places.map(({ label, href }) => (
          <Link key={href} href={href} aria-current={currentOf(href)}>
            {label}
          </Link>
        ))}
      </nav>
      {me && (
        <div className="session">
          <span className="session-who">
            <span className="hidden">Signed in as </span>
            {me.email}
          </span>
          <a className="session-end" href={paths.signOut()}>
            Sign out
          </a>
        </div>
      )}
    </header>
  );
}
