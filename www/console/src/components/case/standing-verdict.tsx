import { type ReactNode, useEffect, useEffectEvent, useId, useRef, useState } from "react";
import {
  approve,
  cases,
  type DeskDelivery as Delivery,
  type DeskCaseView,
  DeskError,
  type DeskNote,
  resolve,
  retry,
  undo,
} from "../../api/desk.ts";
import { useMe } from "../../api/me.ts";
import { caseQuery, queries } from "../../api/queries.ts";
import { may, refusalOf } from "../../api/roles.ts";
import { Button } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { KeyHint } from "../../ui/key-hint.tsx";
import { Notice } from "../../ui/notice.tsx";
import { deskNow, useDeskNow } from "../../util/clock.ts";
import { useFocusLedOn, useHeir } from "../../util/focus.ts";
import { useLeft } from "../../util/left.ts";
import { prefer, usePreferences } from "../../util/preferences.ts";
import { isTyping, useShortcut } from "../../util/shortcuts.ts";
import { counted, moment, person } from "../../util/words.ts";
import { FailureNotice } from "../failure-notice.tsx";
import { useNextUnclaimed } from "../queue/next-unclaimed.tsx";
import { Abandon } from "./abandonment.tsx";
import { tellFailure } from "./recent-verdict.tsx";
import { lookAgain } from "./use-hold.ts";
import { VERDICTS } from "./verdict-words.ts";

type Decision = NonNullable<DeskCaseView["decision"]>;

interface StandingVerdictProps {
  view: DeskCaseView;
  decision: Decision;
  /** It was given from this page, just now: the next case follows. */
  ours: boolean;
  /** Somebody else may sit here now: what reviewers wrote is not shown. */
  concealed: boolean;
  onUndone: () => void;
}

/** Time to see what was done, where it cannot be taken back. */
const LEAST_PAUSE_MS = 1500;
/** How far the next case is looked for ahead; where it is further on, it is drawn a moment later. */
const NEAR = 50;
/** States in which nothing asks for the reviewer any more. */
const UNDER_WAY: ReadonlySet<string> = new Set([
  "approval",
  "waiting",
  "leased",
  "retrying",
  "unconfirmed",
  "delivered",
]);

/** The verdict that stands: what, who, when and why; how far it has come; and what can be done about it. */
export function StandingVerdict({ view, decision, ours, concealed, onUndone }: StandingVerdictProps) {
  const { id, delivery } = view;
  const { email, roles, reasons } = useMe();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const { past, kind } = VERDICTS[decision.verdict];
  const approved = decision.approval;
  const theirs = decision.by === email || approved?.by === email || may(roles, "undo-any");
  const label = reasons.find(({ code }) => code === decision.reason)?.label ?? decision.reason;
  const now = useDeskNow(delivery.state === "waiting" ? 200 : 5000);
  const undoable = delivery.state === "approval" || (delivery.state === "waiting" && delivery.sendAfter > now);
  const mayUndo = undoable && may(roles, "undo") && (theirs || delivery.state === "approval");
  const mayApprove = delivery.state === "approval" && decision.by !== email && may(roles, "approve");

  // The colour of a verdict says that it stands, or will: not where Civic has another, or none.
  const stands =
    delivery.state !== "dead" &&
    delivery.state !== "conflict" &&
    (delivery.state !== "resolved" || delivery.shown === decision.verdict);

  const self = useRef<HTMLDivElement>(null);
  const heir = useHeir(mayUndo, () => self.current);
  const ledOn = useFocusLedOn(self, () => self.current);

  const left = useLeft();
  const act = async (doIt: () => Promise<unknown>, after?: () => void) => {
    if (busy) return;
    setBusy(true);
    setFailure(undefined);
    let done = false;
    try {
      await doIt();
      done = true;
    } catch (error) {
      // Where somebody was first, what is shown next says so; but not that it was too late.
      if (left.current) tellFailure(id, error);
      else if (!(error instanceof DeskError && error.code === "conflict" && error.reason !== "too_late"))
        setFailure(error);
    }
    await lookAgain(id).catch(() => {});
    setBusy(false);
    if (done) after?.();
  };
  const takeBack = () => act(() => undo(id), onUndone);
  const agree = () => act(() => approve(id, decision.verdict));

  // Pressed twice, too, it means this one: the last verdict of another case may be there to be taken back as well.
  useShortcut("case-undo", takeBack, mayUndo);
  useShortcut("case-approve", agree, mayApprove && !busy);

  return (
    <div className="standing" ref={self} tabIndex={-1} {...ledOn}>
      {delivery.state === "dead" && (
        <Undelivered title="The verdict did not reach Civic" refusal={refusalOf(roles, "retry-dead")}>
          <p>
            The desk has given up on sending it, after {tries(delivery.attempts)}:{" "}
            <span className="fine">
              {delivery.code}
              {delivery.status !== null && ` · HTTP ${delivery.status}`}
            </span>
          </p>
          {delivery.code === "ended" && <p>Civic has ended the request, and takes no verdict on it any more.</p>}
          {view.case === "closed" && <p>Its case is closed: nobody has to see to it.</p>}
          <div className="actions">
            {may(roles, "retry-dead") && (
              <Button aria-disabled={busy || undefined} onClick={() => act(() => retry(id))}>
                Send again
              </Button>
            )}
            {delivery.code === "ended" && view.case !== "closed" && <Abandon id={id} />}
          </div>
        </Undelivered>
      )}
      {delivery.state === "conflict" && (
        <Undelivered title="Civic did not take the verdict" refusal={refusalOf(roles, "resolve-conflict")}>
          <p>
            Civic shows {VERDICTS[delivery.shown].word}, which came first. Nothing was overwritten. Where ours is sent
            once more, Civic is asked again first.
          </p>
          {may(roles, "resolve-conflict") && (
            <div className="actions">
              <Button
                className="button-small"
                aria-disabled={busy || undefined}
                onClick={() => act(() => resolve(id, "accept"))}
              >
                Let Civic's stand
              </Button>
              <Button
                className="button-small"
                aria-disabled={busy || undefined}
                onClick={() => act(() => resolve(id, "retry"))}
              >
                Send ours once more
              </Button>
            </div>
          )}
        </Undelivered>
      )}
      <Notice {...(stands ? { tone: kind, icon: kind } : UNTAKEN)} title={`${past} by ${person(decision.by, email)}`}>
        <p>
          <time dateTime={new Date(decision.at).toISOString()}>{moment(decision.at)}</time>
          {label && ` · ${label}`}
        </p>
        {approved && (
          <p>
            Approved by {person(approved.by, email)}, {moment(approved.at)}
          </p>
        )}
        <p>{wordsOf(delivery, now, email)}</p>
        {view.note && <Note note={view.note} concealed={concealed} />}
        {delivery.state === "waiting" && <Countdown until={delivery.sendAfter} now={now} />}
      </Notice>
      <div className="actions">
        {mayApprove && (
          <Button kind="main" aria-disabled={busy || undefined} onClick={agree}>
            <Icon name="pass" />
            Approve
            <KeyHint of="y" />
          </Button>
        )}
        {mayUndo && (
          <Button {...heir} aria-disabled={busy || undefined} onClick={takeBack}>
            <Icon name="undo" />
            {decision.by === email || delivery.state === "waiting" ? "Undo" : "Send it back"}
            <KeyHint of="u" />
          </Button>
        )}
        <Next
          id={id}
          openedAt={view.openedAt}
          decision={decision}
          ours={ours}
          // Who was refused something has that to read first.
          under={UNDER_WAY.has(delivery.state) && !busy && failure === undefined}
        />
      </div>
      {delivery.state === "approval" && decision.by === email && (
        <p className="muted">The second person has to be somebody else.</p>
      )}
      {failure !== undefined && <FailureNotice error={failure} />}
    </div>
  );
}

function Undelivered({
  title,
  refusal,
  children,
}: {
  title: string;
  refusal: string | undefined;
  children: ReactNode;
}) {
  return (
    <Notice tone="fail" icon="fail" title={title} role="alert">
      {children}
      {refusal && <p>{refusal}</p>}
    </Notice>
  );
}

/** A verdict that Civic does not have looks like none. */
const UNTAKEN = { tone: "neutral", icon: "info" } as const;

/** What was left for colleagues, whole: whoever approves has read it before. */
function Note({ note: { by, at, text }, concealed }: { note: DeskNote; concealed: boolean }) {
  const { email } = useMe();
  const title = useId();
  return (
    <section className="note" aria-labelledby={title}>
      <p className="note-title" id={title}>
        Internal note{" "}
        <span className="muted">
          by {person(by, email)}, {moment(at)}
        </span>
      </p>
      {concealed && <p className="muted">Put away until you are signed in again.</p>}
      {!concealed && text !== null && (
        <p className="note-text" dir="auto">
          {text}
        </p>
      )}
      {!concealed && text === null && (
        <p className="muted">It cannot be opened any more: the desk's client secret was changed since.</p>
      )}
    </section>
  );
}

/** For the eye alone: a screen reader is told once how long there is, and not each second anew. */
function Countdown({ until, now }: { until: number; now: number }) {
  const { undoMs } = useMe();
  const left = Math.max(0, until - now);
  return (
    <div className="countdown" aria-hidden="true">
      <span className="countdown-bar">
        <span style={{ width: `${undoMs > 0 ? Math.min(100, (left / undoMs) * 100) : 0}%` }} />
      </span>
      <span className="countdown-left">{Math.ceil(left / 1000)} s</span>
    </div>
  );
}

interface NextProps {
  id: string;
  openedAt: number;
  decision: Decision;
  ours: boolean;
  under: boolean;
}

/** On to the next case: by itself once the verdict cannot be taken back any more, unless one would rather stay. */
function Next({ id, openedAt, decision, ours, under }: NextProps) {
  const { roles, undoMs } = useMe();
  const { advance } = usePreferences();
  const [stays, setStays] = useState(false);
  /** There was none, or it could not be had: the page stays. */
  const [failed, setFailed] = useState(false);
  const gone = useRef(false);
  const openNext = useNextUnclaimed(id);
  const mayClaim = may(roles, "claim");
  const comes = ours && under && advance && !stays && !failed && mayClaim;
  const at = Math.max(decision.sendAfter ?? decision.at + undoMs, decision.at + LEAST_PAUSE_MS);

  const go = useEffectEvent(() => {
    if (gone.current) return true;
    // Somebody is in the middle of something: signing in again, say.
    if (document.querySelector("dialog:modal") !== null) return false;
    // What is being typed would go on as keys of the next one, and decide it.
    if (isTyping(document.activeElement)) return false;
    // Nobody looks, who would claim the next one, and have seen its images.
    if (document.visibilityState === "hidden") return false;
    gone.current = true;
    openNext().then((opened) => setFailed(!opened));
    return true;
  });
  useEffect(() => {
    if (!comes) return;
    let timer = window.setTimeout(
      function look() {
        if (!go()) timer = window.setTimeout(look, 1000);
      },
      Math.max(0, at - deskNow()),
    );
    return () => window.clearTimeout(timer);
  }, [comes, at]);

  // What the desk knows of the next case, so that it is drawn at once. Its record and its evidence are read only by whoever
  // opens it: each look is a row in the audit.
  useEffect(() => {
    if (!comes) return;
    const controller = new AbortController();
    cases({ state: "open", claimed: "none" }, { limit: NEAR }, controller.signal)
      .then(({ cases: near, cursor }) => {
        // As the desk looks for it: behind this one, or from the beginning where that was the end.
        const behind = near.find((one) => (one.openedAt - openedAt || (one.id < id ? -1 : 1)) > 0);
        const next = behind ?? (cursor === null ? near.find((one) => one.id !== id) : undefined);
        if (next === undefined || controller.signal.aborted) return;
        queries.setQueryData(caseQuery(next.id).queryKey, (known) => known ?? { ...next, note: null, viewers: [] }, {
          updatedAt: 0,
        });
      })
      .catch(() => {});
    return () => controller.abort();
  }, [comes, id, openedAt]);

  useShortcut("next-unclaimed", openNext, mayClaim);
  if (!mayClaim) return null;
  return (
    <>
      <Button kind={ours ? "main" : "plain"} solid={false} onClick={openNext}>
        Next case
        <KeyHint of="n" />
      </Button>
      {comes && (
        <>
          <Button onClick={() => setStays(true)}>Stay here</Button>
          <NextIn at={at} />
        </>
      )}
      {ours && stays && (
        <p className="fine next-follows" ref={takeFocus} tabIndex={-1}>
          {advance ? "You stay here." : "You always stay, in this browser."}{" "}
          <button type="button" className="link-button" onClick={() => prefer({ advance: !advance })}>
            {advance ? "Always stay" : "Go on by itself again"}
          </button>
        </p>
      )}
    </>
  );
}

/** When the next case comes: as long as the verdict can be undone, and no longer. */
function NextIn({ at }: { at: number }) {
  const left = Math.ceil((at - useDeskNow(250)) / 1000);
  return (
    <p className="fine next-follows">
      The next case opens by itself {left > 0 ? `in ${counted(left, "second", "seconds")}` : "now"}.
    </p>
  );
}

/** The button that it takes the place of had it. */
const takeFocus = (words: HTMLElement | null) => words?.focus();

const tries = (count: number) => (count === 1 ? "1 try" : `${count} tries`);

function wordsOf(delivery: Delivery, now: number, me: string): string {
  switch (delivery.state) {
    case "waiting":
      return delivery.sendAfter > now
        ? "It can be undone until it is sent to Civic."
        : "It is about to be sent to Civic.";
    case "leased":
      return "It is being sent to Civic.";
    case "approval":
      return "A second person must approve it before it is sent to Civic.";
    case "retrying":
      return `Civic did not answer (${delivery.code}) at ${tries(delivery.attempts)}. The desk tries again by itself at ${moment(delivery.notBefore)}.`;
    case "unconfirmed":
      return "Civic took the verdict and has not applied it yet. The desk looks again by itself.";
    case "delivered":
      return delivery.outcome === "already-applied" ? "Civic had this verdict already." : "Civic took the verdict.";
    case "resolved":
      return `${VERDICTS[delivery.shown].word} of Civic's own stands; ${person(delivery.by, me)} let it.`;
    case "conflict":
    case "dead":
      return "Civic does not have it.";
    default:
      return "The desk has it and will deliver it.";
  }
}
