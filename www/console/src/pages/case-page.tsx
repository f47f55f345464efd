import type { PiiRequest, PiiRequestStatus } from "passdesk";
import { useState } from "react";
import { type ScreenedRequest, screenedRequest } from "../api/civic.ts";
import { Decision } from "../components/case/decision.tsx";
import { EvidenceImage } from "../components/case/evidence-image.tsx";
import { Findings } from "../components/case/findings.tsx";
import { RequestStatus } from "../components/case/request-status.tsx";
import { VerifiedInformation } from "../components/case/verified-information.tsx";
import { FailureNotice } from "../components/failure-notice.tsx";
import { Heading } from "../ui/heading.tsx";
import { Icon } from "../ui/icon.tsx";
import { Link } from "../ui/link.tsx";
import { Notice } from "../ui/notice.tsx";
import { Private } from "../ui/private.tsx";
import { Waiting } from "../ui/waiting.tsx";
import { paths } from "../util/paths.ts";
import "../styles/case.css";
import { useCall } from "../util/use-call.ts";

/** One request: its evidence, what is known of it, and the verdict. */
export default function CasePage({ id }: { id: string }) {
  const { call, repeat } = useCall((signal) => screenedRequest(id, signal));
  const [changed, setChanged] = useState<PiiRequestStatus>();
  const pii = call.state === "done" ? call.value.pii : undefined;
  const pending = call.state === "done" ? call.value.pending : undefined;
  const status = changed ?? pending ?? pii?.status;

  const readStatus = async () => {
    // What stands now is shown beside the conflict. Should reading it fail too, the conflict says enough.
    const { pii } = await screenedRequest(id, new AbortController().signal).catch(() => ({ pii: undefined }));
    setChanged(pii?.status);
  };

  return (
    <>
      <Link className="back-link" href={paths.queue()}>
        <Icon name="back" />
        Queue
      </Link>
      <Heading detail={pii?.type} aside={status && <RequestStatus status={status} />}>
        {id}
      </Heading>
      {call.state === "waiting" && <Waiting what="Reading the request" />}
      {call.state === "failed" && <FailureNotice error={call.error} onRepeat={repeat} />}
      {call.state === "done" && status && (
        <Private>
          <Case
            {...call.value}
            status={status}
            onDecided={setChanged}
            onUndone={() => setChanged(pii?.status)}
            onContradicted={readStatus}
          />
        </Private>
      )}
    </>
  );
}

interface CaseProps extends ScreenedRequest {
  status: PiiRequestStatus;
  onDecided: (status: PiiRequestStatus) => void;
  onUndone: () => void;
  onContradicted: () => void;
}

function Case({ pii, findings, pending, status, onDecided, onUndone, onContradicted }: CaseProps) {
  const rels = evidenceRels(pii);
  return (
    <div className="case">
      <section aria-label="Evidence" className="case-evidence">
        {rels.length === 0 && (
          <Notice tone="neutral" icon="image" title="No evidence">
            <p>Civic lists no document with this request.</p>
          </Notice>
        )}
        {rels.map((rel) => (
          <EvidenceImage key={rel} pii={pii} rel={rel} />
        ))}
      </section>
      <div className="case-facts">
        <section aria-labelledby="findings">
          <h2 id="findings">Findings</h2>
          {pii.verifiedInformation ? (
            <Findings findings={findings} />
          ) : (
            <p className="muted">Without data there is nothing to check.</p>
          )}
        </section>
        <section aria-labelledby="information">
          <h2 id="information">Verified information</h2>
          <VerifiedInformation information={pii.verifiedInformation ?? {}} />
        </section>
        <section aria-labelledby="verdict" className="case-verdict">
          <h2 id="verdict">Verdict</h2>
          <Decision
            id={pii.id}
            status={status}
            pending={pending}
            onDecided={onDecided}
            onUndone={onUndone}
            onContradicted={onContradicted}
          />
        </section>
      </div>
    </div>
  );
}

/** Every link but the request's own, each name once: a link that nobody has seen before is evidence until it proves otherwise. */
function evidenceRels(pii: PiiRequest): string[] {
  return [...new Set(pii.links.map((link) => link.rel))].filter((rel) => rel !== "self");
}
