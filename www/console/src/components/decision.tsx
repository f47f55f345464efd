import { type DecisionReceipt, isPassdeskError, type PiiRequestStatus, type Decision as Verdict } from "passdesk";
import { useEffect, useId, useRef, useState } from "react";
import { decide } from "../api/desk.ts";
import { Button } from "../ui/button.tsx";
import { Confirmation } from "../ui/confirmation.tsx";
import { Icon } from "../ui/icon.tsx";
import { Notice } from "../ui/notice.tsx";
import { FailureNotice } from "./failure-notice.tsx";
import { decisionRefusal } from "./request-status.tsx";

const VERDICTS = {
  "partner-pass": { word: "Pass", past: "Passed", kind: "pass", effect: "Civic will issue the pass." },
  "partner-fail": { word: "Fail", past: "Failed", kind: "fail", effect: "Civic will refuse the pass." },
} as const;

const OUTCOMES: Record<DecisionReceipt["outcome"], string> = {
  applied: "Civic took the verdict.",
  "already-applied": "Civic had this verdict already; it was not sent again.",
  queued: "The desk took the verdict and will deliver it.",
};

interface DecisionProps {
  id: string;
  status: PiiRequestStatus;
  onDecided: (verdict: Verdict) => void;
  /** Somebody else's verdict came first: the request must be read anew. */
  onContradicted: () => void;
}

type Stage =
  | { at: "open" }
  | { at: "asking"; verdict: Verdict }
  | { at: "sending"; verdict: Verdict }
  | { at: "decided"; receipt: DecisionReceipt }
  | { at: "failed"; verdict: Verdict; error: unknown };

/** Pass or fail, asked once more before it is sent, and then what became of it. */
export function Decision({ id, status, onDecided, onContradicted }: DecisionProps) {
  const [stage, setStage] = useState<Stage>({ at: "open" });
  const outcome = useRef<HTMLDivElement>(null);
  const reasonId = useId();
  const settled = stage.at === "decided" || stage.at === "failed";

  // The button that had the focus has gone; what became of the verdict takes it.
  useEffect(() => {
    if (settled) outcome.current?.focus();
  }, [settled]);

  const send = async (verdict: Verdict) => {
    setStage({ at: "sending", verdict });
    try {
      const receipt = await decide(id, verdict);
      setStage({ at: "decided", receipt });
      onDecided(receipt.status);
    } catch (error) {
      setStage({ at: "failed", verdict, error });
      if (isPassdeskError(error) && error.code === "conflict") onContradicted();
    }
  };

  if (stage.at === "decided") {
    const { receipt } = stage;
    const { past, kind } = VERDICTS[receipt.status];
    return (
      <div ref={outcome} tabIndex={-1}>
        <Notice tone={kind} icon={kind} title={past} role="status">
          <p>{OUTCOMES[receipt.outcome]}</p>
        </Notice>
      </div>
    );
  }

  const refusal = decisionRefusal(status);
  return (
    <>
      {stage.at === "failed" && (
        <div ref={outcome} tabIndex={-1}>
          <FailureNotice error={stage.error} />
        </div>
      )}
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
        {effect} The verdict on <span className="mono">{id}</span> is final.
      </p>
    </Confirmation>
  );
}
