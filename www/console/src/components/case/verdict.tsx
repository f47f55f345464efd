import type { Finding, PiiRequestStatus, Decision as Verdict } from "passdesk";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { type DeskCaseView, type DeskDecisionReceipt, DeskError, decide } from "../../api/desk.ts";
import { failureWords } from "../../api/failure.ts";
import { useMe } from "../../api/me.ts";
import { caseQuery, queries } from "../../api/queries.ts";
import { refusalOf } from "../../api/roles.ts";
import { announce } from "../../ui/announcer.tsx";
import { Button } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { KeyHint } from "../../ui/key-hint.tsx";
import { Notice } from "../../ui/notice.tsx";
import { notify, withdraw } from "../../ui/toasts.tsx";
import { useLeft } from "../../util/left.ts";
import { useShortcut } from "../../util/shortcuts.ts";
import { useStay } from "../../util/stay.ts";
import { moment, person } from "../../util/words.ts";
import { FailureNotice } from "../failure-notice.tsx";
import { decisionRefusal } from "./decision-refusal.ts";
import { tidy } from "./note-check.ts";
import { forgetVerdict, noteVerdict } from "./recent-verdict.tsx";
import { StandingVerdict } from "./standing-verdict.tsx";
import { type Hold, lookAgain, putCase } from "./use-hold.ts";
import { type NoteRecord, VerdictForm } from "./verdict-form.tsx";
import { VERDICTS } from "./verdict-words.ts";

interface VerdictPanelProps {
  view: DeskCaseView;
  /** When the desk was last heard about this case. */
  heardAt: number;
  status: PiiRequestStatus;
  findings: readonly Finding[];
  /** What a note is compared with. */
  record: NoteRecord;
  hold: Hold;
  /** Whether this case is what is on the screen: a key that was meant for the last one must not decide it. */
  settled: boolean;
}

/** What went wrong with a verdict that was sent from here. */
type Problem =
  /** Nobody knows whether the desk has it: no answer came. */
  | { type: "doubt"; since: number }
  /** The session had ended, so the desk did not take it. */
  | { type: "signed-out" }
  /** Somebody was first, or is at it. */
  | { type: "refused"; error: DeskError; verdict: Verdict }
  | { type: "failed"; error: unknown };

/** Failures that say nothing about whether the verdict arrived. */
const AMBIGUOUS: ReadonlySet<string> = new Set(["network", "timeout", "upstream", "bad_response", "aborted"]);

/** A verdict on what cannot be seen is none. What was begun stays. */
const UNSEEN: Record<NonNullable<NoteRecord["away"]>, string> = {
  "signed-out": "Sign in again first.",
  "on-its-way": "Wait until the data is there again.",
  failed: "The data could not be read again, so nothing can be decided.",
};

/** Pass or fail and why; what stands where somebody has decided; what went wrong where that did not arrive. */
export function VerdictPanel({ view, heardAt, status, findings, record, hold, settled }: VerdictPanelProps) {
  const { id, decision } = view;
  const { email, undoMs } = useMe();
  const [chosen, setChosen] = useState<Verdict>();
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  /** What was sent from here, under one key: the same again is the same, however often it is sent. */
  const attempt = useRef<{ verdict: Verdict; reason: string; note: string; key: string }>(undefined);
  const [sent, setSent] = useState<{ verdict: Verdict; note: string }>();
  /** For colleagues. It is kept here alone, whatever becomes of the choice, until the case is left. */
  const [note, setNote] = useState("");
  const [undone, setUndone] = useState(false);
  const panel = useRef<HTMLElement>(null);
  const buttons = useRef<Partial<Record<Verdict, HTMLButtonElement | null>>>({});
  const back = useRef<Verdict>(undefined);
  const left = useLeft();
  const reasonId = useId();
  const refusal = useRefusal(view, status, hold);
  const open = decision === null && refusal === undefined;
  const unseen = record.away && UNSEEN[record.away];
  const hindrance = refusal ?? unseen;
  const draft = decision === null && record.away !== "signed-out" && tidy(note) !== "";
  const doubt = problem?.type === "doubt" && heardAt <= problem.since;
  const ours = decision !== null && decision.by === email && decision.verdict === sent?.verdict;

  // Who sits here is told at once of a verdict that came from elsewhere, and does not lose the place.
  const stood = useRef(decision?.at);
  useEffect(() => {
    if (decision?.at === stood.current) return;
    stood.current = decision?.at;
    if (decision === null) return;
    setUndone(false);
    const { past } = VERDICTS[decision.verdict];
    if (decision.by !== email) announce(`${past} by ${person(decision.by, email)}, just now.`);
    else if (decision.sendAfter !== null && undoMs > 0) {
      announce(`${past}. You can undo it for ${Math.round(undoMs / 1000)} seconds.`);
    }
    focusPanel(panel.current);
  }, [decision, email, undoMs]);

  // What was in doubt is with the desk after all: it can be taken back from the next case, as any other.
  const found = problem?.type === "doubt" && ours ? decision : undefined;
  useEffect(() => {
    if (found === undefined) return;
    attempt.current = undefined;
    setProblem(undefined);
    if (found.sendAfter !== null) noteVerdict({ id, verdict: found.verdict, sendAfter: found.sendAfter });
  }, [found, id]);

  const choose = (verdict: Verdict) => {
    if (sending || doubt) return;
    setProblem(undefined);
    setUndone(false);
    setChosen(verdict);
  };
  const cancel = () => {
    if (sending || chosen === undefined) return;
    back.current = chosen;
    setChosen(undefined);
    setProblem(undefined);
  };
  // Nothing to decide here any more, since somebody else claimed it, say. A choice that came back later by itself would take
  // the focus from wherever it is then, and the next Enter would send it.
  useEffect(() => {
    if (open || chosen === undefined) return;
    setChosen(undefined);
    focusPanel(panel.current);
  }, [open, chosen]);
  // Once the button that opened the choice is there again.
  useEffect(() => {
    if (chosen !== undefined || back.current === undefined) return;
    buttons.current[back.current]?.focus();
    back.current = undefined;
  }, [chosen]);

  const send = async (reason: string) => {
    if (chosen === undefined || sending || doubt) return;
    const last = attempt.current;
    const words = tidy(note);
    const same = last?.verdict === chosen && last.reason === reason && last.note === words;
    const now = same ? last : { verdict: chosen, reason, note: words, key: crypto.randomUUID() };
    attempt.current = now;
    setSending(true);
    setProblem(undefined);
    setSent({ verdict: chosen, note: words });
    try {
      const receipt = await decide(id, { status: chosen, reason, note: words, key: now.key });
      await queries.cancelQueries(caseQuery(id));
      putCase(decided(view, receipt, { reason, text: words, me: email }));
      attempt.current = undefined;
      setChosen(undefined);
      if (receipt.sendAfter != null) noteVerdict({ id, verdict: chosen, sendAfter: receipt.sendAfter });
      lookAgain(id).catch(() => {});
    } catch (error) {
      if (left.current) return tellUntaken(id, chosen, error);
      const code = error instanceof DeskError ? error.code : undefined;
      if (code === "unauthorized") setProblem({ type: "signed-out" });
      else if (code === "conflict" && error instanceof DeskError) {
        attempt.current = undefined;
        setProblem({ type: "refused", error, verdict: chosen });
        await lookAgain(id).catch(() => {});
      } else if (code !== undefined && AMBIGUOUS.has(code)) {
        setProblem({ type: "doubt", since: Date.now() });
        // Where that fails too, the page asks again as soon as the desk can be reached.
        queries.invalidateQueries(caseQuery(id));
      } else setProblem({ type: "failed", error });
    } finally {
      setSending(false);
    }
  };

  const onUndone = () => {
    attempt.current = undefined;
    forgetVerdict(id);
    setSent(undefined);
    setChosen(undefined);
    setProblem(undefined);
    setUndone(true);
    announce(`The verdict${left.current ? ` on ${id}` : ""} was taken back; nothing was sent.`);
    // Whoever has left meanwhile would hold it for nobody.
    if (left.current) return;
    // The desk let go of the claim with the verdict.
    hold.take();
    focusPanel(panel.current);
  };

  useShortcut("case-pass", () => choose("partner-pass"), settled && open);
  useShortcut("case-fail", () => choose("partner-fail"), settled && open);
  useShortcut("case-cancel", cancel, open && chosen !== undefined);
  const stays = draft && open;
  // What can still be sent is not left behind by mistake. The key would claim a case before it leaves.
  useShortcut("next-unclaimed", tellUnsent, stays);
  useStay(stays, tellUnsent);
  useEffect(() => (stays ? () => withdraw(UNSENT) : undefined), [stays]);
  useQuestionOnUnload(draft);

  return (
    <section aria-labelledby="verdict" className="case-verdict" ref={panel} tabIndex={-1} data-settled={settled}>
      <h2 id="verdict">Verdict</h2>
      {undone && decision === null && <p>The verdict was taken back; nothing was sent.</p>}
      <ProblemNotice
        problem={problem}
        doubt={doubt}
        view={view}
        chosen={chosen !== undefined}
        noted={note.trim() !== ""}
      />
      {decision !== null && sent !== undefined && <LostNote view={view} decision={decision} sent={sent} />}
      {decision !== null && (
        <StandingVerdict
          view={view}
          decision={decision}
          ours={ours}
          concealed={record.away === "signed-out"}
          onUndone={onUndone}
        />
      )}
      {decision === null && chosen !== undefined && open && (
        <VerdictForm
          key={chosen}
          verdict={chosen}
          findings={findings}
          sending={sending || doubt}
          note={note}
          onNote={setNote}
          record={record}
          refusal={unseen}
          onSend={send}
          onCancel={cancel}
        />
      )}
      {decision === null && !(chosen !== undefined && open) && (
        <div className="verdicts">
          {(["partner-pass", "partner-fail"] as const).map((verdict) => {
            const { word, kind } = VERDICTS[verdict];
            return (
              <Button
                key={verdict}
                ref={(button) => {
                  buttons.current[verdict] = button;
                }}
                kind={kind}
                refusedBy={hindrance && reasonId}
                onClick={() => choose(verdict)}
              >
                <Icon name={kind} />
                {word}
                <KeyHint of={kind.charAt(0)} />
              </Button>
            );
          })}
        </div>
      )}
      {decision === null && hindrance && !(chosen !== undefined && open) && (
        <p id={reasonId} className="muted">
          {hindrance}
        </p>
      )}
    </section>
  );
}

/** Whoever has gone on by then is told where they are: they take it for given. */
function tellUntaken(id: string, verdict: Verdict, error: unknown): void {
  const { title, advice } = failureWords(error, false);
  const doubt = error instanceof DeskError && AMBIGUOUS.has(error.code);
  notify({
    tone: "fail",
    title: `${id}: Your ${VERDICTS[verdict].word} ${doubt ? "may be lost" : "was not taken"}`,
    text: doubt ? `${title}: whether it arrived is not known. Open the case to see.` : `${title}. ${advice}`,
  });
}

const UNSENT = {
  tone: "warn",
  title: "Your note is not sent",
  text: "Send it with a verdict, or clear it. Then go on.",
} as const;

const tellUnsent = () => notify(UNSENT);

/** The browser asks before a page goes that has what is nowhere else. */
function useQuestionOnUnload(asks: boolean): void {
  useEffect(() => {
    if (!asks) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [asks]);
}

/** Why nothing can be decided here now. */
function useRefusal(view: DeskCaseView, status: PiiRequestStatus, { other }: Hold): string | undefined {
  const { email, roles } = useMe();
  const role = refusalOf(roles, "decide");
  if (role !== undefined) return role;
  if (view.decision !== null) return undefined;
  const final = decisionRefusal(view.upstreamStatus) ?? decisionRefusal(status);
  if (final !== undefined) return final;
  if (view.case !== "open") return "Civic has closed this request, so there is nothing to decide.";
  if (other) return `${person(other.by, email)} has claimed it until ${moment(other.until)}.`;
  return undefined;
}

interface ProblemNoticeProps {
  problem: Problem | undefined;
  doubt: boolean;
  view: DeskCaseView;
  /** Whether the choice is still there. */
  chosen: boolean;
  /** Whether there is a note that was not taken either. */
  noted: boolean;
}

function ProblemNotice({ problem, doubt, view, chosen, noted }: ProblemNoticeProps) {
  const { email } = useMe();
  const { decision } = view;
  switch (problem?.type) {
    case undefined:
      return null;
    case "doubt":
      if (doubt) {
        return (
          <Trouble tone="warn" title="The answer did not come">
            <p>Your verdict was on its way when the connection broke. The page asks the desk whether it arrived.</p>
          </Trouble>
        );
      }
      // Where it did, the verdict itself stands below.
      if (decision !== null) return null;
      return (
        <Trouble tone="warn" title="Your verdict did not reach the desk">
          <p>The desk was asked: it has none. Send it again.</p>
        </Trouble>
      );
    case "signed-out":
      if (decision !== null) return null;
      return (
        <Trouble tone="warn" title="Your session had ended">
          <p>
            The desk did not take the verdict.
            {chosen && " Your choice is kept: sign in, then send it again."}
          </p>
        </Trouble>
      );
    case "refused": {
      const { by, until } = problem.error.details;
      const { word } = VERDICTS[problem.verdict];
      if (decision !== null) {
        return (
          <Trouble tone="warn" title={`Your ${word} was not taken`}>
            <p>
              {decision.by === email ? "You were" : `${person(decision.by, email)} was`} first, at {moment(decision.at)}
              . Nothing was overwritten.{noted && " Your note was not kept."}
            </p>
          </Trouble>
        );
      }
      if (problem.error.reason === "claimed" && typeof by === "string") {
        return (
          <Trouble tone="warn" title={`Your ${word} was not taken`}>
            <p>
              {person(by, email)} has claimed the case
              {typeof until === "number" && ` until ${moment(until)}`}.
            </p>
          </Trouble>
        );
      }
      return <FailureNotice error={problem.error} />;
    }
    case "failed":
      if (problem.error instanceof DeskError && problem.error.details.field === "reason") {
        return (
          <Trouble tone="warn" title="The desk does not know this reason any more">
            <p>Its list has changed, and nothing was decided. Choose another one, or load the page anew.</p>
          </Trouble>
        );
      }
      if (problem.error instanceof DeskError && problem.error.details.field === "note") {
        return (
          <Trouble tone="warn" title="The desk does not take this note">
            <p>Nothing was decided. Make it shorter and plainer, or load the page anew.</p>
          </Trouble>
        );
      }
      return <FailureNotice error={problem.error} />;
  }
}

/** The same verdict stood already, from elsewhere: a note belongs to one decision, and no other one takes its place. */
function LostNote({
  view,
  decision,
  sent,
}: {
  view: DeskCaseView;
  decision: NonNullable<DeskCaseView["decision"]>;
  sent: { verdict: Verdict; note: string };
}) {
  const { email } = useMe();
  const kept = view.note !== null && (view.note.text === null || view.note.text === sent.note);
  if (sent.note === "" || decision.verdict !== sent.verdict || kept) return null;
  return (
    <Trouble tone="warn" title="Your note was not kept">
      <p>
        {decision.by === email ? "You had" : `${person(decision.by, email)} had`} given this verdict already, and what
        comes with the first one stays.
      </p>
    </Trouble>
  );
}

function Trouble({ tone, title, children }: { tone: "warn"; title: string; children: ReactNode }) {
  return (
    <Notice tone={tone} icon="warn" title={title} role="alert">
      {children}
    </Notice>
  );
}

/** A case as it is once the desk has taken a verdict, until the desk itself says more. */
function decided(
  view: DeskCaseView,
  receipt: DeskDecisionReceipt,
  { reason, text, me }: { reason: string; text: string; me: string },
): DeskCaseView {
  const { sendAfter = null } = receipt;
  const { status, by, at } = receipt.decision;
  if (status === null || by === null || at === null || receipt.outcome !== "queued") return view;
  return {
    ...view,
    version: view.version + 1,
    case: "decided",
    claim: null,
    decision: { verdict: status, by, at, reason, sendAfter, approval: null },
    note: text !== "" && by === me ? { by, at, text } : null,
    delivery: sendAfter === null ? { state: "approval" } : { state: "waiting", sendAfter },
  };
}

/** The button that had the focus has gone; what became of the verdict takes it. The focus of any other place stays. */
function focusPanel(panel: HTMLElement | null): void {
  requestAnimationFrame(() => {
    const { activeElement } = document;
    if (activeElement === null || activeElement === document.body || panel?.contains(activeElement)) panel?.focus();
  });
}
