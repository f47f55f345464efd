import type { Decision as Verdict } from "passdesk";
import { useState } from "react";
import { useLocation } from "wouter";
import { undo } from "../../api/desk.ts";
import { failureWords } from "../../api/failure.ts";
import { announce } from "../../ui/announcer.tsx";
import { Button } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { KeyHint } from "../../ui/key-hint.tsx";
import { notify } from "../../ui/toasts.tsx";
import { useDeskNow } from "../../util/clock.ts";
import { useHeir } from "../../util/focus.ts";
import { paths } from "../../util/paths.ts";
import { useShortcut } from "../../util/shortcuts.ts";
import { createStore, useStore } from "../../util/store.ts";
import { lookAgain } from "./use-hold.ts";
import { VERDICTS } from "./verdict-words.ts";

interface RecentVerdict {
  id: string;
  verdict: Verdict;
  sendAfter: number;
}

/** The last verdict of this page. The desk has it: this is only so that it can be taken back from the next case. */
const recent = createStore<RecentVerdict | undefined>(undefined);

export const noteVerdict = recent.set;

/** It was taken back; the last one on another case can be still. */
export function forgetVerdict(id: string): void {
  if (recent.get()?.id === id) recent.set(undefined);
}

/** Whoever has gone on by then is told where they are that what they asked for was not done. */
export function tellFailure(id: string, error: unknown): void {
  const { title, advice } = failureWords(error, false);
  notify({ tone: "fail", title: `${id}: ${title}`, text: advice });
}

/** Whoever went on before a verdict was sent can still take it back. */
export function RecentVerdictBar({ id: here }: { id: string }) {
  const last = useStore(recent);
  if (last === undefined || last.id === here) return null;
  return <Bar key={last.id} {...last} />;
}

function Bar({ id, verdict, sendAfter }: RecentVerdict) {
  const now = useDeskNow(250);
  const [, navigate] = useLocation();
  const [busy, setBusy] = useState(false);
  const left = Math.ceil((sendAfter - now) / 1000);

  const takeBack = async () => {
    setBusy(true);
    const { pathname: asked } = window.location;
    try {
      await undo(id);
      forgetVerdict(id);
      await lookAgain(id).catch(() => {});
      // Not away from where somebody has gone meanwhile, or from a note that keeps them.
      if (window.location.pathname === asked) navigate(paths.case({ id }));
      const title = `The verdict on ${id} was taken back`;
      if (window.location.pathname === paths.case({ id })) announce(`${title}; nothing was sent.`);
      else notify({ tone: "neutral", title, text: "Nothing was sent. Its case can be decided again." });
    } catch (error) {
      tellFailure(id, error);
      setBusy(false);
    }
  };
  useShortcut("case-undo", takeBack, left > 0 && !busy);
  const heir = useHeir(left > 0, () => document.querySelector("h1"));
  if (left <= 0) return null;
  return (
    <div className="recent-verdict">
      <Icon name={VERDICTS[verdict].kind} />
      <p>
        {VERDICTS[verdict].past}: <span className="mono">{id}</span>
        <span className="muted" aria-hidden="true">
          {" "}
          · sent in {left} s
        </span>
      </p>
      <Button
        {...heir}
        className="button-small"
        aria-disabled={busy || undefined}
        onClick={busy ? undefined : takeBack}
      >
        <Icon name="undo" />
        Undo
        <span className="hidden"> the verdict on {id}</span>
        <KeyHint of="u" />
      </Button>
    </div>
  );
}
