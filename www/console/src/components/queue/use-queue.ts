// The queue as it was when it was opened, with its rows kept up to date. Nothing moves under a reader: a case that no longer
// belongs stays in its row, which says why; new ones come below, or wait until they are asked for.

import { type InfiniteData, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { cases, type DeskCase, type DeskCasePage, DeskError, listedCase } from "../../api/desk.ts";
import { every, FOLLOWED } from "../../api/queries.ts";
import type { QueueView } from "../../util/paths.ts";
import { belongs, filterOf } from "./queue-view.ts";

const PAGE = 100;
/** How many of the newest are looked at to find those that came since. */
const NEWEST = 50;
const EVERY_MS = 5000;
/** Somebody who comes back within that time finds the list as it was. */
const REMEMBER_MS = 30 * 60_000;
/** Cases that left the list and are asked for one by one in a turn. */
const LEFT_AT_ONCE = 10;

/** What something else follows by itself. */
const ON_THE_WAY: ReadonlySet<string> = new Set(["waiting", "leased", "retrying"]);

type Pages = InfiniteData<DeskCasePage, string | undefined>;

const queueKey = (view: QueueView) => ["cases", filterOf(view)] as const;

export function useQueue(view: QueueView) {
  const client = useQueryClient();
  const key = useMemo(() => queueKey(view), [view]);
  const filter = useMemo(() => filterOf(view), [view]);
  /** Whether a page has just come: the look that follows on it need not ask for it again. */
  const came = useRef(false);
  const list = useInfiniteQuery({
    queryKey: key,
    queryFn: async ({ pageParam, signal }) => {
      const page = await cases(filter, { cursor: pageParam, limit: PAGE }, signal);
      came.current = true;
      return page;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ cursor }) => cursor ?? undefined,
    gcTime: REMEMBER_MS,
    // All pages at once would move rows and ask for much; `pulse` looks at what is on the screen.
    ...FOLLOWED,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  const rows = useMemo(() => distinct(list.data?.pages ?? []), [list.data]);

  const shown = useRef<{ first: number; last: number }>({ first: 0, last: 0 });
  const appends = view.sort !== "newest";

  const pulse = useQuery({
    queryKey: [...key, "pulse"],
    enabled: list.isSuccess,
    refetchInterval: every(EVERY_MS),
    gcTime: 0,
    queryFn: async ({ signal }) => {
      const pages = came.current ? [] : pagesToRead(client.getQueryData<Pages>(key), shown.current, appends);
      came.current = false;
      const [newest] = await Promise.all([
        cases({ ...filter, sort: "newest" }, { limit: NEWEST }, signal),
        ...pages.map((index) => readPage(index, signal)),
      ]);
      return newest.cases.map(({ id, openedAt }) => ({ id, openedAt }));
    },
  });

  /** Puts what is known now into a page, row by row. */
  const readPage = async (index: number, signal: AbortSignal) => {
    const data = client.getQueryData<Pages>(key);
    const page = data?.pages[index];
    if (data === undefined || page === undefined) return;
    const fresh = await cases(filter, { cursor: data.pageParams[index], limit: PAGE }, signal);
    const byId = new Map(fresh.cases.map((one) => [one.id, one]));
    const left = page.cases
      .filter((one) => !byId.has(one.id) && (belongs(one, view) || ON_THE_WAY.has(one.delivery.state)))
      .slice(0, LEFT_AT_ONCE);
    for (const one of await Promise.all(left.map(({ id }) => caseOrNothing(id, signal))))
      if (one) byId.set(one.id, one);
    client.setQueryData<Pages>(key, (now) => now && withPage(now, index, byId, fresh, appends));
  };

  /** Puts a case into its row, which the reviewer has just changed. */
  const put = useCallback(
    (changed: DeskCase) =>
      client.setQueryData<Pages>(
        key,
        (now) => now && mapRows(now, (one) => (one.id === changed.id ? newer(one, changed) : one)),
      ),
    [client, key],
  );

  const arrivals = useArrivals(pulse.data, key);
  const ids = useMemo(() => new Set(rows.map(({ id }) => id)), [rows]);
  return {
    rows,
    list,
    /** A look that failed, while older rows are shown. */
    stale: pulse.error ?? (list.data && !list.isFetchNextPageError ? list.error : null),
    /** How many came since the list was opened, and how many of them are not in it. */
    arrivals: { all: arrivals.length, hidden: arrivals.filter((id) => !ids.has(id)).length },
    /** Tells which rows are on the screen. */
    show: useCallback((first: number, last: number) => {
      shown.current = { first, last };
    }, []),
    put,
    /** Looks anew at what is on the screen. */
    look: pulse.refetch,
    /** Reads the list anew from its beginning. */
    renew: useCallback(() => client.resetQueries({ queryKey: key }), [client, key]),
  };
}

/** The ids that came after the first look. */
function useArrivals(newest: { id: string; openedAt: number }[] | undefined, key: readonly unknown[]): string[] {
  const [seen, setSeen] = useState<{ key: readonly unknown[]; since: number; old: Set<string>; ids: string[] }>();
  useEffect(() => {
    if (newest === undefined) return;
    setSeen((last) => {
      if (last === undefined || last.key !== key) {
        return { key, since: newest[0]?.openedAt ?? 0, old: new Set(newest.map(({ id }) => id)), ids: [] };
      }
      const known = new Set(last.ids);
      const come = newest.filter(({ id, openedAt }) => openedAt >= last.since && !last.old.has(id) && !known.has(id));
      return come.length === 0 ? last : { ...last, ids: [...last.ids, ...come.map(({ id }) => id)] };
    });
  }, [newest, key]);
  return seen?.key === key ? seen.ids : [];
}

/** The pages that hold what is on the screen, and the last one where new cases come at its end. */
function pagesToRead(data: Pages | undefined, { first, last }: { first: number; last: number }, appends: boolean) {
  if (data === undefined) return [];
  const read = new Set<number>();
  let start = 0;
  for (const [index, page] of data.pages.entries()) {
    const end = start + page.cases.length;
    if (start <= last && end > first) read.add(index);
    start = end;
  }
  if (appends && data.pages.at(-1)?.cursor === null) read.add(data.pages.length - 1);
  return [...read];
}

function withPage(
  data: Pages,
  index: number,
  byId: ReadonlyMap<string, DeskCase>,
  fresh: DeskCasePage,
  appends: boolean,
): Pages {
  const updated = mapRows(data, (one) => newer(one, byId.get(one.id) ?? one));
  const isLast = index === data.pages.length - 1;
  if (!isLast || !appends) return updated;
  const known = new Set(updated.pages.flatMap((page) => page.cases.map(({ id }) => id)));
  const come = fresh.cases.filter(({ id }) => !known.has(id));
  const pages = updated.pages.map((page, at) =>
    at === index ? { cases: [...page.cases, ...come], cursor: fresh.cursor } : page,
  );
  return { ...updated, pages };
}

/** A look that was on its way may not know of what was done here meanwhile. */
const newer = (known: DeskCase, read: DeskCase) => (read.version < known.version ? known : read);

const mapRows = (data: Pages, change: (one: DeskCase) => DeskCase): Pages => ({
  ...data,
  pages: data.pages.map((page) => ({ ...page, cases: page.cases.map(change) })),
});

/** A case can be in two pages where others left the first one meanwhile. */
function distinct(pages: readonly DeskCasePage[]): DeskCase[] {
  return [...new Map(pages.flatMap((page) => page.cases).map((one) => [one.id, one])).values()];
}

async function caseOrNothing(id: string, signal: AbortSignal): Promise<DeskCase | undefined> {
  try {
    return await listedCase(id, signal);
  } catch (error) {
    // Forgotten by the desk: its row stays as it was last known.
    if (error instanceof DeskError && error.code === "not_found") return undefined;
    throw error;
  }
}
