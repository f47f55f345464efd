import { useInfiniteQuery } from "@tanstack/react-query";
import { type RefObject, useRef } from "react";
import { type AuditFilter, auditPage } from "../../api/audit.ts";
import { announce, useResultTold } from "../../ui/announcer.tsx";
import { Button } from "../../ui/button.tsx";
import { Link } from "../../ui/link.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Waiting } from "../../ui/waiting.tsx";
import { useFocusLedOn } from "../../util/focus.ts";
import { paths } from "../../util/paths.ts";
import { number } from "../../util/words.ts";
import { FailureNotice } from "../failure-notice.tsx";
import { AuditTable } from "./audit-table.tsx";

/** What the filter lets through, the newest first, and older rows when asked for. */
export function AuditList({ filter, opened }: { filter: AuditFilter; opened: RefObject<boolean> }) {
  const { data, error, isFetching, isFetchingNextPage, isFetchNextPageError, hasNextPage, refetch, fetchNextPage } =
    useInfiniteQuery({
      queryKey: ["audit", filter],
      queryFn: ({ pageParam, signal }) => auditPage(filter, { before: pageParam }, signal),
      initialPageParam: undefined as number | undefined,
      getNextPageParam: ({ before }) => before ?? undefined,
    });
  const end = useRef<HTMLDivElement>(null);
  const ledOn = useFocusLedOn(end, () => end.current);
  const rows = data?.pages.flatMap((page) => page.rows) ?? [];
  const count = `${number(rows.length)} ${rows.length === 1 ? "row" : "rows"}${hasNextPage ? ", and older ones" : ""}`;
  useResultTold(opened, data && count);
  if (!data) return error ? <FailureNotice error={error} onRepeat={() => refetch()} /> : <Waiting what="Reading" />;

  const narrowed = Object.values(filter).some((value) => value !== undefined);
  const older = async () => {
    const next = await fetchNextPage();
    const count = next.data?.pages.reduce((sum, page) => sum + page.rows.length, 0);
    if (!next.isError && count !== undefined) announce(`${number(count)} rows are shown.`);
  };
  if (rows.length === 0) {
    return (
      <Notice tone="neutral" icon="info" title={narrowed ? "No row matches" : "There are no rows yet"} role="status">
        <p>
          {narrowed
            ? "Ids and addresses are compared as a whole."
            : "The first one is written when the first request arrives."}
        </p>
        {narrowed && <Link href={paths.audit()}>Show all rows</Link>}
      </Notice>
    );
  }
  return (
    <section className="audit-list" aria-labelledby="audit-rows">
      <div className="results-head">
        <h2 id="audit-rows">{count}</h2>
        <Button aria-disabled={isFetching || undefined} onClick={() => !isFetching && refetch()}>
          Read again
        </Button>
      </div>
      <AuditTable rows={rows} />
      <div ref={end} tabIndex={-1} className="audit-end" {...ledOn}>
        {error && <FailureNotice error={error} onRepeat={() => (isFetchNextPageError ? older() : refetch())} />}
        {hasNextPage && !error && (
          <Button aria-disabled={isFetchingNextPage || undefined} onClick={() => !isFetchingNextPage && older()}>
            {isFetchingNextPage ? "Reading older rows" : "Show older rows"}
          </Button>
        )}
        {!hasNextPage && !narrowed && <p className="fine">This is the first row of the audit.</p>}
      </div>
    </section>
  );
}
