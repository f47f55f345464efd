import { useEffect, useRef } from "react";
import { RequestList } from "./components/request-list.tsx";
import { AttestationsPage } from "./pages/attestations-page.tsx";
import { RequestPage } from "./pages/request-page.tsx";
import { RequestsPage } from "./pages/requests-page.tsx";
import { UnknownPage } from "./pages/unknown-page.tsx";
import { Icon } from "./ui/icon.tsx";
import { Link } from "./ui/link.tsx";
import { useAddress } from "./util/location.ts";
import { paths, type Route, routeOf } from "./util/paths.ts";

/** The frame around every screen. */
export function App() {
  const address = useAddress();
  const url = new URL(address);
  const route = routeOf(url);
  useFocusOnMove(url.pathname);
  const atRequests = route.page === "requests" || route.page === "request";
  return (
    <>
      <a className="skip-link" href="#main">
        Skip to the content
      </a>
      <header className="masthead">
        <Link className="brand" href={paths.requests()}>
          <span className="brand-mark">
            <Icon name="pass" />
          </span>
          Passdesk
        </Link>
        <nav aria-label="Console">
          <Link href={paths.requests()} aria-current={atRequests ? "page" : undefined}>
            Requests
          </Link>
          <Link href={paths.attestations()} aria-current={route.page === "attestations" ? "page" : undefined}>
            Attestations
          </Link>
        </nav>
        <span className="demo-mark">Demo on the sandbox</span>
      </header>
      <div className={atRequests ? `desk desk-${route.page}` : "desk"}>
        {atRequests && <RequestList current={route.page === "request" ? route.id : undefined} />}
        <main id="main" tabIndex={-1}>
          <Page route={route} />
        </main>
      </div>
    </>
  );
}

function Page({ route }: { route: Route }) {
  switch (route.page) {
    case "requests":
      return <RequestsPage />;
    case "request":
      return <RequestPage key={route.id} id={route.id} />;
    case "attestations":
      return <AttestationsPage search={route.search} />;
    case "unknown":
      return <UnknownPage />;
  }
}

/** Moves the focus to the new screen's heading, and the view to its top, as a page load would. */
function useFocusOnMove(pathname: string): void {
  const last = useRef(pathname);
  useEffect(() => {
    if (last.current === pathname) return;
    last.current = pathname;
    window.scrollTo(0, 0);
    document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true });
  }, [pathname]);
}
