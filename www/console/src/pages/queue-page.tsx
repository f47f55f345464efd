import { useQuery } from "@tanstack/react-query";
import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useSearch } from "wouter/use-browser-location";
import { cases, type DeskCase } from "../api/desk.ts";
import { every } from "../api/queries.ts";
import { FailureNotice } from "../components/failure-notice.tsx";
import { useNextUnclaimed } from "../components/queue/next-unclaimed.tsx";
import { QueueFilters } from "../components/queue/queue-filters.tsx";
import { QueueList } from "../components/queue/queue-list.tsx";
import { isNarrowed, STAGES, stageOf } from "../components/queue/queue-view.ts";
import { ResolveDialog } from "../components/queue/resolve-dialog.tsx";
import { useQueue } from "../components/queue/use-queue.ts";
import { useRowActs } from "../components/queue/use-row-acts.ts";
import { announce, useResultTold } from "../ui/announcer.tsx";
import { Button } from "../ui/button.tsx";
import { Heading } from "../ui/heading.tsx";
import { Link } from "../ui/link.tsx";
import { Notice } from "../ui/notice.tsx";
import { Waiting } from "../ui/waiting.tsx";
import { useHeir } from "../util/focus.ts";
import { paths, type QueueView, queueViewOf } from "../util/paths.ts";
import { placeOf } from "../util/places.ts";
import { counted, number } from "../util/words.ts";
import "../styles/queue.css";

const ATTENTION_MS = 20_000;
/** No more are counted. */
const ATTENTION_MOST = 50;

/** What waits for a verdict, and what became of those that were given. */
export default function QueuePage() {
  const search = useSearch();
  const view = useMemo(() => queueViewOf(search), [search]);
  const openNext = useNextUnclaimed();
  const opened = useRef(false);
  const { data: attention = 0 } = useQuery({
    queryKey: ["attention"],
    queryFn: async ({ signal }) =>
      (await cases({ state: STAGES.attention.state }, { limit: ATTENTION_MOST }, signal)).cases.length,
    refetchInterval: every(ATTENTION_MS),
  });
  return (
    <>
      <Heading
        keepsFocus={placeOf(paths.queue(view))?.row !== undefined}
        aside={
          <Button kind="main" onClick={openNext}>
            Next unclaimed{" "}
            <span className="key" aria-hidden="true">
              n
            </span>
          </Button>
        }
      >
        Queue
      </Heading>
      <QueueFilters view={view} attention={attention} />
      <Cases key={paths.queue(view)} view={view} opened={opened} />
    </>
  );
}

function Cases({ view, opened }: { view: QueueView; opened: RefObject<boolean> }) {
  const { rows, list, stale, arrivals, show, put, look, renew } = useQueue(view);
  const { busy, acts } = useRowActs(put);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [resolving, setResolving] = useState<DeskCase>();
  const { fetchNextPage, hasNextPage, isFetchingNextPage, isFetchNextPageError } = list;
  const hasChosen = rows.some((one) => selected.has(one.id) && one.case === "open");
  const heir = useHeir(hasChosen, () => document.querySelector(".queue-current [data-case]"));
  const mayRenew = arrivals.hidden > 0 && view.sort === "newest" && !list.isPending;
  const heading = useHeir(mayRenew, () => document.querySelector("h1"));
  const rowActs = useMemo(() => ({ ...acts, resolve: setResolving }), [acts]);
  const count = hasNextPage ? `${number(rows.length)} and more` : counted(rows.length, "case", "cases");
  useResultTold(opened, list.data && count);
  useArrivalsTold(arrivals.all);

  const select = useCallback((id: string, chosen: boolean) => {
    setSelected((now) => new Set(chosen ? [...now, id] : [...now].filter((one) => one !== id)));
  }, []);
  const more = useCallback(() => {
    // A page that failed is asked for again by whoever reads that it did: the end of the list stays near.
    if (hasNextPage && !isFetchingNextPage && !isFetchNextPageError) fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage]);

  if (list.isPending) return <Waiting what="Reading the queue" />;
  if (!list.data) return <FailureNotice error={list.error} onRepeat={() => list.refetch()} />;

  // Whoever claims several and leaves one out has chosen; what cannot be claimed any more is left out.
  const chosen = rows.filter((one) => selected.has(one.id) && one.case === "open").map(({ id }) => id);
  const claimChosen = async () => {
    setSelected(new Set());
    await acts.claimAll(chosen);
  };
  return (
    <>
      <div className="queue-bar">
        <p className="queue-count">
          {count}
          {mayRenew && (
            <Button {...heading} onClick={renew}>
              Show {counted(arrivals.hidden, "new case", "new cases")}
            </Button>
          )}
          {arrivals.hidden > 0 && view.sort !== "newest" && `, ${number(arrivals.hidden)} new at the end`}
        </p>
        <fieldset className="queue-bulk" aria-label="Selected cases">
          {chosen.length > 0 && (
            <>
              <span>{number(chosen.length)} selected</span>
              <Button {...heir} onClick={claimChosen}>
                Claim {chosen.length === 1 ? "it" : `all ${number(chosen.length)}`}
              </Button>
              <Button {...heir} onClick={() => setSelected(new Set())}>
                Select none
              </Button>
            </>
          )}
        </fieldset>
      </div>
      {stale !== null && <FailureNotice error={stale} onRepeat={() => look()} />}
      {rows.length === 0 ? (
        <Empty view={view} />
      ) : (
        <QueueList
          name={paths.queue(view)}
          view={view}
          rows={rows}
          total={hasNextPage ? undefined : rows.length}
          busy={busy}
          selected={selected}
          onSelect={select}
          onNearEnd={more}
          onShow={show}
          acts={rowActs}
        />
      )}
      {isFetchingNextPage && <Waiting what="Reading more" />}
      {isFetchNextPageError && <FailureNotice error={list.error} onRepeat={() => fetchNextPage()} />}
      {resolving && (
        <ResolveDialog
          case={resolving}
          onCancel={() => setResolving(undefined)}
          onResolve={(how) => {
            setResolving(undefined);
            acts.resolve(resolving.id, how);
          }}
        />
      )}
    </>
  );
}

function Empty({ view }: { view: QueueView }) {
  const stage = stageOf(view);
  if (!isNarrowed(view)) {
    return (
      <Notice tone="neutral" icon="info" title={stage === "open" ? "Nothing to decide" : "Nothing here"}>
        <p>{STAGES[stage].empty}</p>
      </Notice>
    );
  }
  return (
    <Notice tone="neutral" icon="info" title="No case matches">
      <p>
        <Link href={paths.queue({ stage: view.stage, sort: view.sort })}>Take the filters off</Link>
        {stage !== "all" && (
          <>
            , or <Link href={paths.queue({ ...view, stage: "all" })}>look in all stages</Link>
          </>
        )}
        .
      </p>
    </Notice>
  );
}

/** Says politely how many came, and does not move anything for it. */
function useArrivalsTold(count: number): void {
  const told = useRef(0);
  useEffect(() => {
    if (count > told.current) announce(`${counted(count - told.current, "new case", "new cases")} in the queue.`);
    told.current = count;
  }, [count]);
}
