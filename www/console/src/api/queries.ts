// What the console reads, and how long it remembers it. Nothing is written anywhere; what is personal is forgotten as soon
// as its screen goes.

import { QueryClient, queryOptions } from "@tanstack/react-query";
import { connectionLost, onConnection } from "./connection.ts";
import { type DeskCaseView, DeskError, deskCase, forgetCase, type Me, me } from "./desk.ts";
import { endSession, onSessionEnd, sessionEnded } from "./session.ts";

const REMEMBER_MS = 5 * 60_000;
/** What may pass by itself within seconds. The module repeats its own calls, so its errors are not here. */
const PASSING: ReadonlySet<string> = new Set(["network", "upstream", "timeout", "rate_limited"]);

/** What an operator must mend does not pass. */
const mayPass = ({ code, reason }: DeskError) => PASSING.has(code) && reason !== "misconfigured";

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      gcTime: REMEMBER_MS,
      networkMode: "always",
      retry: (failures, error) => error instanceof DeskError && mayPass(error) && failures < 2,
    },
    mutations: { networkMode: "always" },
  },
});

/** What is read once, and kept up to date by another query: read anew as a whole, it would move under its reader. */
export const FOLLOWED = { meta: { followed: true } };

/** Asks anew for what is shown: it may be old by the time the desk, or its reader, is there again. */
export function refresh(): void {
  queries.invalidateQueries({ predicate: ({ meta, state }) => meta?.followed !== true || state.data === undefined });
}

onConnection(() => {
  if (!connectionLost()) refresh();
});

/** Every key that holds personal data begins with this. */
const PERSONAL = "personal";

/** For a query that brings personal data: forgotten when the last component that shows it goes. */
export const personal = <const K extends readonly unknown[]>(...key: K) => ({
  queryKey: [PERSONAL, ...key] as const,
  gcTime: 0,
  staleTime: Number.POSITIVE_INFINITY,
});

/** Forgets all personal data at once. */
export function dropPersonal(): void {
  queries.cancelQueries({ queryKey: [PERSONAL] });
  queries.removeQueries({ queryKey: [PERSONAL] });
}

onSessionEnd(dropPersonal);

/** Forgets what reviewers wrote, of all cases or of one: it names nobody, or should, and is no use to any other screen. */
export function dropNotes(id?: string): void {
  forgetCase(id);
  const queryKey = id === undefined ? ["case"] : caseQuery(id).queryKey;
  queries.setQueriesData<DeskCaseView>({ queryKey }, (view) => (view?.note ? { ...view, note: null } : view));
}

/**
 * For `refetchInterval`: asks again after so many milliseconds, but neither in a tab that nobody sees nor where nobody
 * could answer.
 */
export const every = (ms: number) => () => (sessionEnded() || connectionLost() ? false : ms);

const ME = ["me"] as const;

/**
 * Who sits here; asked again by a tab that somebody turns to, since another person may have signed in in another one. What
 * was uncovered and begun here is not theirs, and what they do must not look like the first one's.
 */
export const meQuery = queryOptions({
  queryKey: ME,
  queryFn: async ({ signal }) => {
    const who = await me(signal);
    const known = queries.getQueryData<Me>(ME);
    if (known === undefined || known.email === who.email) return who;
    endSession();
    // Once nothing personal is drawn any more, nor a note that the browser would ask about.
    window.setTimeout(() => window.location.reload());
    return known;
  },
  refetchOnWindowFocus: "always",
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: Number.POSITIVE_INFINITY,
});

/** Of two windows side by side both are looked at all the time: the one that somebody turns to has only the focus for a sign. */
export function followFocus(): void {
  window.addEventListener("focus", () => {
    if (!sessionEnded()) queries.refetchQueries({ queryKey: ME });
  });
}

/** The desk's part of a case: who claims it, what was decided. No personal data of the user is in it. */
export const caseQuery = (id: string) =>
  queryOptions({ queryKey: ["case", id], queryFn: ({ signal }) => deskCase(id, signal) });
