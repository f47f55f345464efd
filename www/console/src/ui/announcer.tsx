import { type RefObject, useEffect } from "react";
import { createStore, useStore } from "../util/store.ts";

interface Announcement {
  text: string;
  /** Told apart from the same words before. */
  turn: number;
}

const polite = createStore<readonly Announcement[]>([]);
let last = 0;
/** Whoever still types has another result by then. */
const REST_MS = 700;
/** By then it was spoken; what stays would be found by whoever reads on. */
const SPOKEN_MS = 8000;

/** Has a screen reader say something when it has finished what it says. For what is on the screen, and changed by itself. */
export function announce(text: string): void {
  last += 1;
  const one = { text, turn: last };
  polite.set([...polite.get(), one]);
  window.setTimeout(() => polite.set(polite.get().filter((other) => other !== one)), SPOKEN_MS);
}

/**
 * Says once what has come of a filter (WCAG 2.2, 4.1.3), as soon as there are words for it; not of what was there as the screen
 * opened, which is read by itself.
 *
 * @param opened the screen's own, the same for each of its filters
 */
export function useResultTold(opened: RefObject<boolean>, words: string | undefined): void {
  const come = words !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: that it came is what is told, not each change since
  useEffect(() => {
    if (!come) return;
    if (!opened.current) {
      opened.current = true;
      return;
    }
    const timer = window.setTimeout(() => announce(words), REST_MS);
    return () => window.clearTimeout(timer);
  }, [come]);
}

/** The place that screen readers listen to; one for the whole console, there from the start. */
export function Announcer() {
  const said = useStore(polite);
  return (
    // What comes is said, and not again what was said before it.
    <div className="hidden" role="status" aria-live="polite" aria-atomic={false}>
      {/* An element each: what comes at once is all said, and the same words twice are said twice. */}
      {said.map(({ text, turn }) => (
        <p key={turn}>{text}</p>
      ))}
    </div>
  );
}
