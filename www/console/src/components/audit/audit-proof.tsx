import type { DeskAuditBreak } from "passdesk/worker";
import { useEffect, useRef, useState } from "react";
import { newestSeq, verifyPart } from "../../api/audit.ts";
import { announce } from "../../ui/announcer.tsx";
import { Button } from "../../ui/button.tsx";
import { Notice } from "../../ui/notice.tsx";
import { useShortcut } from "../../util/shortcuts.ts";
import { number, second } from "../../util/words.ts";
import { FailureNotice } from "../failure-notice.tsx";

type Proof =
  | { at: "rest" }
  | { at: "walking"; through: number; newest: number }
  | { at: "stopped"; through: number }
  | { at: "whole"; rows: number; hash: string; time: number }
  | { at: "broken"; broken: DeskAuditBreak; through: number }
  | { at: "failed"; error: unknown };

const PROBLEMS: Record<DeskAuditBreak["problem"], (seq: string) => [title: string, text: string]> = {
  gap: (seq) => [`Row ${seq} is missing`, "It was taken out, or never reached this database."],
  link: (seq) => [
    `Row ${seq} does not follow the row before it`,
    "One of the two was written anew: the hash that it carries is not the hash of the row before.",
  ],
  hash: (seq) => [
    `Row ${seq} is not as it was written`,
    "Something in it was changed afterwards: its content does not have its hash.",
  ],
};

/** Has the desk prove that no row was changed, taken out or slipped in; says how far it is, and what came of it. */
export function AuditProof() {
  const [proof, setProof] = useState<Proof>({ at: "rest" });
  const controller = useRef<AbortController>(undefined);
  useEffect(() => () => controller.current?.abort(), []);

  const begin = async () => {
    const own = new AbortController();
    controller.current = own;
    let through = 0;
    setProof({ at: "walking", through, newest: 0 });
    try {
      const newest = await newestSeq(own.signal);
      for (;;) {
        setProof({ at: "walking", through, newest });
        const part = await verifyPart(through, own.signal);
        through = part.through;
        if (part.broken) return setProof({ at: "broken", broken: part.broken, through });
        if (part.complete) return setProof({ at: "whole", rows: through, hash: part.hash, time: Date.now() });
        announce(`${number(through)} of ${number(Math.max(newest, through))} rows verified.`);
      }
    } catch (error) {
      setProof(own.signal.aborted ? { at: "stopped", through } : { at: "failed", error });
    }
  };
  const stop = () => controller.current?.abort();

  const walking = proof.at === "walking";
  useShortcut("audit-verify", begin, !walking);
  useShortcut("audit-stop", stop, walking);
  return (
    <section className="panel audit-proof" aria-labelledby="audit-proof">
      <h2 id="audit-proof">The chain</h2>
      <p className="muted">
        Each row carries the hash of the row before. Verifying walks all of them and finds the first that is not as it
        was written.
      </p>
      <div className="walk-bar">
        {walking ? <Button onClick={stop}>Stop</Button> : <Button onClick={begin}>Verify the chain</Button>}
        {walking && (
          <>
            <progress aria-label="Rows verified" max={Math.max(proof.newest, proof.through, 1)} value={proof.through} />
            <span className="walk-count">
              {number(proof.through)} of {number(Math.max(proof.newest, proof.through))}
            </span>
          </>
        )}
      </div>
      <div className="audit-verdict">
        {proof.at === "whole" && <Whole {...proof} />}
        {proof.at === "broken" && <BrokenAt {...proof} />}
        {proof.at === "stopped" && (
          <p role="status">Stopped after {number(proof.through)} rows, all of them as they were written.</p>
        )}
        {proof.at === "failed" && <FailureNotice error={proof.error} onRepeat={begin} />}
      </div>
    </section>
  );
}

function Whole({ rows, hash, time }: { rows: number; hash: string; time: number }) {
  if (rows === 0) {
    return (
      <Notice tone="neutral" icon="info" title="There is nothing to verify yet" role="status">
        <p>The audit has no rows.</p>
      </Notice>
    );
  }
  return (
    <Notice tone="pass" icon="pass" title="The chain is whole" role="status">
      <p>
        {rows === 1
          ? "Its one row is as it was written"
          : `All ${number(rows)} rows are as they were written, each after the other`}
        . Verified {second(time)}.
      </p>
      <p className="fine">
        The last hash, kept elsewhere, also proves that no row was cut off the end: <span className="mono">{hash}</span>
      </p>
    </Notice>
  );
}

function BrokenAt({ broken: { seq, problem }, through }: { broken: DeskAuditBreak; through: number }) {
  const [title, text] = PROBLEMS[problem](number(seq));
  return (
    <Notice
      tone="fail"
      icon="fail"
      title={`The chain is broken: ${title.charAt(0).toLowerCase()}${title.slice(1)}`}
      role="alert"
    >
      <p>{text}</p>
      <p>
        {through === 0 ? "No row before it is proved." : `Rows 1 to ${number(through)} are as they were written.`} Save
        the audit as it is now, and tell whoever runs this desk.
      </p>
    </Notice>
  );
}
