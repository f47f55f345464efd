import { useQuery } from "@tanstack/react-query";
import { type ComponentType, lazy, Suspense, useEffect, useLayoutEffect, useRef, useState } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import type { Me } from "./api/desk.ts";
import { MeContext } from "./api/me.ts";
import { meQuery } from "./api/queries.ts";
import { type Action, may } from "./api/roles.ts";
import { useSessionEnded } from "./api/session.ts";
import { ConnectionBanner } from "./components/frame/connection-banner.tsx";
import { Masthead } from "./components/frame/masthead.tsx";
import { PageGuard } from "./components/frame/page-guard.tsx";
import { SessionDialog } from "./components/frame/session-dialog.tsx";
import { ShortcutList } from "./components/frame/shortcut-list.tsx";
import { Forbidden, Trouble } from "./components/frame/trouble.tsx";
import { useNextUnclaimed } from "./components/queue/next-unclaimed.tsx";
import { UnknownPage } from "./pages/unknown-page.tsx";
import { Announcer } from "./ui/announcer.tsx";
import { Toasts } from "./ui/toasts.tsx";
import { Waiting } from "./ui/waiting.tsx";
import { noteMove } from "./util/focus.ts";
import { paths, ROUTES } from "./util/paths.ts";
import { useConcealed } from "./util/privacy.ts";
import { useShortcut } from "./util/shortcuts.ts";

interface Screen {
  path: string;
  /** What its visitor must be allowed to do. */
  demands?: Action;
  load: () => Promise<{ default: ComponentType<{ id: string }> }>;
}

/** Each is a file of its own, fetched when it is first needed, or when the browser has nothing else to do. */
const SCREENS: readonly Screen[] = [
  { path: ROUTES.queue, demands: "list-cases", load: () => import("./pages/queue-page.tsx") },
  { path: ROUTES.case, demands: "view-case", load: () => import("./pages/case-page.tsx") },
  { path: ROUTES.audit, demands: "read-audit", load: () => import("./pages/audit-page.tsx") },
  { path: ROUTES.attestations, demands: "search-attestations", load: () => import("./pages/attestations-page.tsx") },
  { path: ROUTES.settings, load: () => import("./pages/settings-page.tsx") },
];

const ROUTED = SCREENS.map((screen) => ({ ...screen, Page: lazy(screen.load) }));

/** The screen that the URL names is fetched while the desk is asked who is there. Where that fails, drawing it tries again. */
SCREENS.find(({ path }) => window.location.pathname.startsWith(path.replace(":id", "")))
  ?.load()
  .catch(() => {});

/** The frame around every screen. */
export function App() {
  const concealed = useConcealed();
  const [pathname] = useLocation();
  useMoves(pathname);
  // What is concealed is taken out, not covered: the document that the browser keeps must not have it.
  if (concealed) return null;
  return (
    <>
      <a className="skip-link" href="#main">
        Skip to the content
      </a>
      {pathname === ROUTES.signedIn ? <SignedIn /> : <Console />}
      <Toasts />
      <Announcer />
    </>
  );
}

function Console() {
  const { data: me, error, refetch } = useQuery(meQuery);
  const ended = useSessionEnded();
  const [, navigate] = useLocation();
  useShortcut("go-queue", () => navigate(paths.queue()), me && may(me.roles, "list-cases"));
  useShortcut("go-audit", () => navigate(paths.audit()), me && may(me.roles, "read-audit"));
  useShortcut("go-attestations", () => navigate(paths.attestations()), me && may(me.roles, "search-attestations"));
  useShortcut("go-settings", () => navigate(paths.settings()), me !== undefined);
  const openNext = useNextUnclaimed();
  useShortcut("next-unclaimed", openNext, me && may(me.roles, "claim"));
  usePreload(me);
  return (
    <MeContext value={me}>
      <Masthead me={me} />
      <ConnectionBanner />
      <main id="main" tabIndex={-1}>
        {me && <Screens me={me} />}
        {!me && error && <Trouble error={error} onRepeat={() => refetch()} />}
        {!me && !error && <Waiting what="Opening the desk" />}
      </main>
      {me && ended && <SessionDialog />}
      <ShortcutList />
    </MeContext>
  );
}

function Screens({ me }: { me: Me }) {
  const [pathname] = useLocation();
  return (
    <PageGuard key={pathname}>
      <Suspense fallback={<Waiting what="Loading this page" />}>
        <Switch>
          <Route path="/">
            <Redirect to={homeOf(me)} replace />
          </Route>
          {ROUTED.map(({ path, demands, Page }) => (
            <Route key={path} path={path}>
              {({ id = "" }: { id?: string }) =>
                demands && !may(me.roles, demands) ? <Forbidden me={me} action={demands} /> : <Page key={id} id={id} />
              }
            </Route>
          ))}
          <Route>
            <UnknownPage />
          </Route>
        </Switch>
      </Suspense>
    </PageGuard>
  );
}

/** The first screen that somebody may see. */
const homeOf = ({ roles }: Me) => (may(roles, "list-cases") ? paths.queue() : paths.audit());

const SignedInPage = lazy(() => import("./pages/signed-in-page.tsx"));

function SignedIn() {
  return (
    <main id="main" tabIndex={-1}>
      <Suspense>
        <SignedInPage />
      </Suspense>
    </main>
  );
}

/** Notes each move between screens, for the new heading to take the focus; and shows its top, as a page load would. */
function useMoves(pathname: string): void {
  const last = useRef(pathname);
  useLayoutEffect(() => {
    if (last.current === pathname) return;
    last.current = pathname;
    noteMove();
    window.scrollTo(0, 0);
  }, [pathname]);
}

/** Fetches the other screens when there is nothing else to do, so that going there takes no time. */
function usePreload(me: Me | undefined): void {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (me === undefined || done) return;
    const preload = () => {
      setDone(true);
      for (const { demands, load } of SCREENS) {
        // Where that fails, going there tries again, and says so.
        if (demands === undefined || may(me.roles, demands)) load().catch(() => {});
      }
    };
    // Safari has no idle callback.
    const idle = window.requestIdleCallback ?? ((act: () => void) => window.setTimeout(act, 500));
    idle(preload);
  }, [me, done]);
}
