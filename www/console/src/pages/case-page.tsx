import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { outlineOf, type ScreenedRequest, screenedRequest, warmUp } from "../api/civic.ts";
import type { DeskCaseView } from "../api/desk.ts";
import { isUnknown } from "../api/failure.ts";
import { useMe } from "../api/me.ts";
import { caseQuery, dropNotes, every, personal } from "../api/queries.ts";
import { useSessionEnded } from "../api/session.ts";
import { UnknownRequest } from "../components/case/abandonment.tsx";
import { Company } from "../components/case/company.tsx";
import { EvidenceViewer } from "../components/case/evidence-viewer.tsx";
import { Findings } from "../components/case/findings.tsx";
import { RecentVerdictBar } from "../components/case/recent-verdict.tsx";
import { useHold } from "../components/case/use-hold.ts";
import { VerdictPanel } from "../components/case/verdict.tsx";
import { Verifications } from "../components/case/verifications.tsx";
import { VerifiedInformation } from "../components/case/verified-information.tsx";
import { FailureNotice } from "../components/failure-notice.tsx";
import { CaseAge } from "../components/queue/case-age.tsx";
import { CaseState } from "../components/queue/case-state.tsx";
import { Heading } from "../ui/heading.tsx";
import { Icon } from "../ui/icon.tsx";
import { Link } from "../ui/link.tsx";
import { Private } from "../ui/private.tsx";
import { Waiting } from "../ui/waiting.tsx";
import { useDeskNow } from "../util/clock.ts";
import { paths } from "../util/paths.ts";
import "../styles/case.css";

/** How soon two reviewers learn of each other, and of a verdict from elsewhere; where nothing is new, it costs no body. */
const POLL_MS = 2000;
/** A key that was pressed for the case before must not decide this one. */
const SETTLE_MS = 400;

// This file is fetched while the browser has nothing else to do, and so is the module then.
warmUp();

/** One request: its evidence, what is known of it, and the verdict. */
export default function CasePage({ id }: { id: string }) {
  const { targetMs } = useMe();
  const ended = useSessionEnded();
  const record = useQuery({
    ...personal("record", id),
    queryFn: ({ signal }) => screenedRequest(id, signal),
    retry: false,
    enabled: !ended,
  });
  const outline = useOutline(record.data, record.dataUpdatedAt);
  const desk = useQuery({ ...caseQuery(id), refetchInterval: every(POLL_MS), refetchOnWindowFocus: "always" });
  const hold = useHold(id, desk.data);
  const now = useDeskNow(30_000);
  useEffect(() => dropNotes, []);
  const { data: view } = desk;
  const error = record.error ?? (view === undefined ? desk.error : null);
  const repeat = () => {
    if (record.error) record.refetch();
    if (desk.error) desk.refetch();
  };
  return (
    <>
      <RecentVerdictBar id={id} />
      <Link className="back-link" href={paths.queue()}>
        <Icon name="back" />
        Queue
      </Link>
      <Heading
        detail={
          <span className="case-detail">
            {outline && <span>{outline.pii.type}</span>}
            {view && (
              <span className="case-age">
                in the queue for <CaseAge case={view} targetMs={targetMs} now={now} />
              </span>
            )}
          </span>
        }
        aside={view && <CaseState case={view} />}
      >
        {id}
      </Heading>
      {view && <Company view={view} hold={hold} />}
      {error &&
        (view && isUnknown(error) ? (
          <UnknownRequest view={view} onRepeat={repeat} />
        ) : (
          <FailureNotice error={error} onRepeat={repeat} />
        ))}
      {!error && !(outline && view) && <Waiting what="Reading the request" />}
      {outline && view && (
        <Private>
          <Case
            {...(record.data ?? outline)}
            away={record.data ? undefined : record.error ? "failed" : ended ? "signed-out" : "on-its-way"}
            view={view}
            heardAt={desk.dataUpdatedAt}
            hold={hold}
          />
        </Private>
      )}
    </>
  );
}

/** What was there once, without anything personal: a verdict that was begun, and how an image was looked at, outlast the session. */
function useOutline(record: ScreenedRequest | undefined, readAt: number): ScreenedRequest | undefined {
  const [outline, setOutline] = useState<{ of: ScreenedRequest; readAt: number }>();
  if (record !== undefined && outline?.readAt !== readAt) setOutline({ of: outlineOf(record), readAt });
  return outline?.of;
}

/** Why there is nothing but the outline. */
type Away = "signed-out" | "on-its-way" | "failed";

const AWAY_WORDS: Record<Away, string> = {
  "signed-out": "Put away until you are signed in again.",
  "on-its-way": "On its way again…",
  failed: "It could not be read again.",
};

interface CaseProps extends ScreenedRequest {
  away: Away | undefined;
  view: DeskCaseView;
  heardAt: number;
  hold: ReturnType<typeof useHold>;
}

function Case({ pii, findings, away, view, heardAt, hold }: CaseProps) {
  const [settled, setSettled] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(true), SETTLE_MS);
    return () => window.clearTimeout(timer);
  }, []);
  return (
    <div className="case">
      <EvidenceViewer pii={pii} away={away && AWAY_WORDS[away]} />
      <div className="case-facts">
        <div className="facts">
          <section aria-labelledby="findings">
            <h2 id="findings">Findings</h2>
            {away && <p className="muted">{AWAY_WORDS[away]}</p>}
            {!away && pii.verifiedInformation && <Findings findings={findings} />}
            {!away && !pii.verifiedInformation && <p className="muted">Without data there is nothing to check.</p>}
          </section>
          {/* Each begins anew, so that nothing which was uncovered or typed is left in it. */}
          <VerifiedInformation key={away ? "away" : "there"} pii={pii} away={away !== undefined} />
          <Verifications key={away === "signed-out" ? "bare" : "open"} />
        </div>
        <VerdictPanel
          view={view}
          heardAt={heardAt}
          status={pii.status}
          findings={findings}
          record={{ information: pii.verifiedInformation ?? undefined, away }}
          hold={hold}
          settled={settled && !away}
        />
      </div>
    </div>
  );
}
