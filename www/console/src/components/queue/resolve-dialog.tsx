import type { DeskCase } from "../../api/desk.ts";
import { Button } from "../../ui/button.tsx";
import { Confirmation } from "../../ui/confirmation.tsx";

const WORDS = { "partner-pass": "Pass", "partner-fail": "Fail" } as const;

interface ResolveDialogProps {
  case: DeskCase;
  onResolve: (how: "accept" | "retry") => void;
  onCancel: () => void;
}

/** Civic shows the other verdict: a person says what becomes of that. */
export function ResolveDialog({ case: { id, decision, delivery }, onResolve, onCancel }: ResolveDialogProps) {
  if (delivery.state !== "conflict" || decision === null) return null;
  return (
    <Confirmation
      title="Two verdicts"
      onCancel={onCancel}
      actions={(primary) => (
        <>
          <Button onClick={onCancel}>Cancel</Button>
          <Button onClick={() => onResolve("retry")}>Send ours once more</Button>
          <Button ref={primary} kind="main" onClick={() => onResolve("accept")}>
            Let Civic's stand
          </Button>
        </>
      )}
    >
      <p>
        On <span className="mono">{id}</span> the desk has {WORDS[decision.verdict]}, by {decision.by}. Civic shows{" "}
        {WORDS[delivery.shown]}, which came first.
      </p>
      <p>Nothing is overwritten: where ours is sent once more, Civic is asked again first.</p>
    </Confirmation>
  );
}
