import { useIsFetching, useQuery } from "@tanstack/react-query";
import { type ComponentType, lazy, Suspense, useEffect, useLayoutEffect, useRef, useState } from "react";
import { Redirect, Route, Router, Switch, useLocation, useRoute } from "wouter";
import type { Me } from "./api/desk.ts";
import { MeContext } from "./api/me.ts";
import { meQuery, queries } from "./api/queries.ts";
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
import { leave } from "./util/stay.ts";
import { callsUnderWay, useCallsUnderWay } from "./util/use-call.ts";

interface Screen {
  path: string;
  /** What its visitor must be allowed to do. */
  demands?: Action;
  load: () => Promise<{ default: ComponentType<{ id: string }> }>;
}

/** Each is a file of its own, fetched when it is first needed, or when there is nothing else to do. */
const SCREENS: readonly Screen[] = [
  { path: ROUTES.queue, demands: "list-cases", load: () => import("./pages/queue-page.tsx") },
  { path: ROUTES.case, demands: "view-case", load: () => import("./pages/case-page.tsx") },
  { path: ROUTES.audit, demands: "read-audit", load: () => import("./pages/audit-page.tsx") },
  { path: ROUTES.attestations, demands: "search-attestations", load: () => import("./pages/attestations-page.tsx") },
  { path: ROUTES.settings, load: () => import("./pages/settings-page.tsx") },
];

type Page = ComponentType<{ id: string }>;

/** The screens whose files are here, by their path. */
const here = new Map<string, Page>();

async function fetchScreen({ path, load }: Screen): Promise<{ default: Page }> {
  const file = await load();
  here.set(path, file.default);
  return file;
}

const ROUTED = SCREENS.map((screen) => ({ ...screen, Later: lazy(() => fetchScreen(screen)) }));

/** The screen that the URL names is fetched while the desk is asked who is there. Where that fails, drawing it tries again. */
const opened = SCREENS.find(({ path }) => window.location.pathname.startsWith(path.replace(":id", ""))) ?? SCREENS[0];
const opening = opened && fetchScreen(opened).catch(() => {});

/** The frame around every screen. */
export function App() {
  const concealed = useConcealed();
  const [pathname] = useLocation();
  useMoves(pathname);
  // What is concealed is taken out, not covered: the document that the browser keeps must not have it.
  if (concealed) return null;
  return (
    <Router aroundNav={leave}>
      <a className="skip-link" href="#main">
        Skip to the content
      </a>
      {pathname === ROUTES.signedIn ? <SignedIn /> : <Console />}
      <Announcer />
    </Router>
  );
}

function Console() {
  const { data: me, error, refetch } = useQuery(meQuery);
  const ended = useSessionEnded();
  const fetched = useFetched();
  const [pathname, navigate] = useLocation();
  useShortcut("go-queue", () => navigate(paths.queue()), me && may(me.roles, "list-cases"));
  useShortcut("go-audit", () => navigate(paths.audit()), me && may(me.roles, "read-audit"));
  useShortcut("go-attestations", () => navigate(paths.attestations()), me && may(me.roles, "search-attestations"));
  useShortcut("go-settings", () => navigate(paths.settings()), me !== undefined);
  const [, open] = useRoute(ROUTES.case);
  // Whoever leaves a case out lets go of it, and goes on from there: the oldest would be that one, and the one before, in turn.
  const openNext = useNextUnclaimed(open?.id);
  useShortcut("next-unclaimed", openNext, me && may(me.roles, "claim"));
  usePreload(fetched ? me : undefined);
  return (
    <MeContext value={me}>
      <Masthead me={me} />
      <ConnectionBanner />
      <Toasts />
      <main id="main" tabIndex={-1}>
        {me && fetched && <Screens me={me} />}
        {!me && error && <Trouble error={error} onRepeat={() => refetch()} />}
        {!(me && fetched) && !error && <Waiting what="Opening the desk" />}
      </main>
      {me && ended && <SessionDialog />}
      {/* Gone with its screen, where the browser's Back leaves that. */}
      <ShortcutList key={pathname} />
    </MeContext>
  );
}

function Screens({ me }: { me: Me }) {
  const [pathname] = useLocation();
  return (
    <PageGuard key={pathname}>
      <Suspense fallback={<Waiting what="Loading this page" />}>
        <Switch>
          <Route path={ROUTES.start}>
            <Redirect to={homeOf(me)} replace />
          </Route>
          {ROUTED.map(({ path, demands, Later }) => (
            <Route key={path} path={path}>
              {({ id = "" }: { id?: string }) =>
                demands && !may(me.roles, demands) ? (
                  <Forbidden me={me} action={demands} />
                ) : (
                  <Drawn key={id} path={path} Later={Later} id={id} />
                )
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

/**
 * A screen whose file is here is drawn at once. As a lazy one it would wait, if only for a moment, behind the fallback, and
 * React holds back for 300 ms what takes a fallback's place.
 */
function Drawn({ path, Later, id }: { path: string; Later: Page; id: string }) {
  // The same one for as long as it is on the screen: another component would begin anew.
  const [Page] = useState(() => here.get(path) ?? Later);
  return <Page id={id} />;
}

/** Whether the first screen's file is here, or will not come: until then the desk is being opened, which is said once. */
function useFetched(): boolean {
  const [fetched, setFetched] = useState(false);
  useEffect(() => {
    opening?.then(() => setFetched(true));
  }, []);
  return fetched;
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
    const from = last.current;
    if (from === pathname) return;
    last.current = pathname;
    // The bare address only leads on: whoever opens it has come, and not moved.
    if (from !== ROUTES.start) noteMove();
    window.scrollTo(0, 0);
  }, [pathname]);
}

/**
 * Fetches the other screens when there is nothing else to do, so that going there takes no time. A browser that waits for the
 * desk calls itself idle, and what the screen that is open asks for would come after files that nobody needs yet.
 */
function usePreload(me: Me | undefined): void {
  const [done, setDone] = useState(false);
  const quiet = useIsFetching() + useCallsUnderWay() === 0;
  const ended = useSessionEnded();
  useEffect(() => {
    // Without a session a sign-in page would come in place of each file.
    if (me === undefined || done || !quiet || ended) return;
    const preload = () => {
      if (queries.isFetching() + callsUnderWay() > 0) return;
      setDone(true);
      for (const screen of SCREENS) {
        // Where that fails, going there tries again, and says so.
        if (screen.demands === undefined || may(me.roles, screen.demands)) fetchScreen(screen).catch(() => {});
      }
    };
    // Safari has no idle callback.
    const idle = window.requestIdleCallback ?? ((act: () => void) => window.setTimeout(act, 500));
    idle(preload);
  }, [me, done, quiet, ended]);
}
