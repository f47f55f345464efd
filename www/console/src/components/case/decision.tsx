import { type DecisionReceipt, isPassdeskError, type PiiRequestStatus, type Decision as Verdict } from "passdesk";
import { useEffect, useId, useRef, useState } from "react";
import { decide } from "../../api/civic.ts";
import { retry } from "../../api/desk.ts";
import { Button } from "../../ui/button.tsx";
import { Confirmation } from "../../ui/confirmation.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Notice } from "../../ui/notice.tsx";
import { FailureNotice } from "../failure-notice.tsx";
import { Delivery, type Undelivered, UndeliveredNotice } from "./delivery.tsx";
import { decisionRefusal } from "./request-status.tsx";

const VERDICTS = {
  "partner-pass": { word: "Pass", past: "Passed", kind: "pass", effect: "Civic will issue the pass." },
  "partner-fail": { word: "Fail", past: "Failed", kind: "fail", effect: "Civic will refuse the pass." },
} as const;

const OUTCOMES: Record<Exclude<DecisionReceipt["outcome"], "queued">, string> = {
  applied: "Civic took the verdict.",
  "already-applied": "Civic had this verdict already; it was not sent again.",
};

interface DecisionProps {
  id: string;
  status: PiiRequestStatus;
  /** A verdict that the desk has, and Civic perhaps not yet. */
  pending: Verdict | undefined;
  onDecided: (verdict: Verdict) => void;
  /** The verdict was taken back before it was sent. */
  onUndone: () => void;
  /** Somebody else's verdict came first: the request must be read anew. */
  onContradicted: () => void;
}

type Stage =
  | { at: "open" }
  | { at: "undone" }
  | { at: "asking"; verdict: Verdict }
  | { at: "sending"; verdict: Verdict }
  | { at: "decided"; receipt: Pick<DecisionReceipt, "status" | "outcome"> }
  | { at: "undelivered"; verdict: Verdict; delivery: Undelivered }
  | { at: "failed"; error: unknown };

/** Pass or fail, asked once more before it is sent, and then what became of it. */
export function Decision({ id, status, pending, onDecided, onUndone, onContradicted }: DecisionProps) {
  const [stage, setStage] = useState<Stage>(
    pending ? { at: "decided", receipt: { status: pending, outcome: "queued" } } : { at: "open" },
  );
  const outcome = useRef<HTMLDivElement>(null);
  const reasonId = useId();
  const settled = ["decided", "undone", "undelivered", "failed"].includes(stage.at) ? stage.at : undefined;

  const last = useRef(settled);

  // The button that had the focus has gone; what became of the verdict takes it. What stood there from the start does not.
  useEffect(() => {
    if (settled && settled !== last.current) outcome.current?.focus();
    last.current = settled;
  }, [settled]);

  const send = async (verdict: Verdict) => {
    setStage({ at: "sending", verdict });
    try {
      const receipt = await decide(id, verdict);
      setStage({ at: "decided", receipt });
      onDecided(receipt.status);
    } catch (error) {
      setStage({ at: "failed", error });
      if (isPassdeskError(error) && error.code === "conflict") onContradicted();
    }
  };

  const sendAgain = async (verdict: Verdict) => {
    try {
      await retry(id);
      setStage({ at: "decided", receipt: { status: verdict, outcome: "queued" } });
      onDecided(verdict);
    } catch (error) {
      setStage({ at: "failed", error });
    }
  };

  if (stage.at === "decided") {
    const { receipt } = stage;
    const { past, kind } = VERDICTS[receipt.status];
    return (
      <div ref={outcome} tabIndex={-1}>
        <Notice tone={kind} icon={kind} title={past} role="status">
          {receipt.outcome === "queued" ? (
            <Delivery
              id={id}
              onUndone={() => {
                setStage({ at: "undone" });
                onUndone();
              }}
              onUndelivered={(delivery) => {
                setStage({ at: "undelivered", verdict: receipt.status, delivery });
                onContradicted();
              }}
            />
          ) : (
            <p>{OUTCOMES[receipt.outcome]}</p>
          )}
        </Notice>
      </div>
    );
  }

  const refusal = decisionRefusal(status);
  const dead = stage.at === "undelivered" && stage.delivery.state === "dead";
  return (
    <>
      {stage.at === "undone" && (
        <div ref={outcome} tabIndex={-1}>
          <p role="status">The verdict was taken back; nothing was sent.</p>
        </div>
      )}
      {stage.at === "undelivered" && (
        <div ref={outcome} tabIndex={-1}>
          <UndeliveredNotice delivery={stage.delivery} onRepeat={() => sendAgain(stage.verdict)} />
        </div>
      )}
      {stage.at === "failed" && (
        <div ref={outcome} tabIndex={-1}>
          <FailureNotice error={stage.error} />
        </div>
      )}
      {/* The verdict stands at the desk; it is for the notice above to send it again. */}
      {!dead && (
        <div className="verdicts">
          {Object.entries(VERDICTS).map(([verdict, { word, kind }]) => (
            <Button
              key={verdict}
              kind={kind}
              refusedBy={refusal && reasonId}
              onClick={() => setStage({ at: "asking", verdict: verdict as Verdict })}
            >
              <Icon name={kind} />
              {word}
            </Button>
          ))}
        </div>
      )}
      {refusal && (
        <p id={reasonId} className="muted">
          {refusal}
        </p>
      )}
      {(stage.at === "asking" || stage.at === "sending") && (
        <Question
          id={id}
          verdict={stage.verdict}
          sending={stage.at === "sending"}
          onConfirm={() => send(stage.verdict)}
          onCancel={() => setStage({ at: "open" })}
        />
      )}
    </>
  );
}

interface QuestionProps {
  id: string;
  verdict: Verdict;
  sending: boolean;
  onConfirm: () => void;
  onCancel: () => void;
}

function Question({ id, verdict, sending, onConfirm, onCancel }: QuestionProps) {
  const { word, kind, effect } = VERDICTS[verdict];
  // What is on its way cannot be called back, so neither Escape nor a second click does anything then.
  const whileOpen = (act: () => void) => () => {
    if (!sending) act();
  };
  return (
    <Confirmation
      title={`${word} this request?`}
      onCancel={whileOpen(onCancel)}
      actions={(primary) => (
        <>
          <Button onClick={whileOpen(onCancel)} aria-disabled={sending}>
            Cancel
          </Button>
          <Button ref={primary} kind={kind} solid onClick={whileOpen(onConfirm)} aria-disabled={sending}>
            {sending ? "Sending…" : word}
          </Button>
        </>
      )}
    >
      <p>
        {effect} The verdict on <span className="mono">{id}</span> is final once it is sent.
      </p>
    </Confirmation>
  );
}
