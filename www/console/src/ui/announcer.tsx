import { useEffect } from "react";
import { createStore, useStore } from "../util/store.ts";

interface Announcement {
  text: string;
  /** Told apart from the same words before. */
  turn: number;
}

const polite = createStore<Announcement>({ text: "", turn: 0 });
/** By then it was spoken; what stays would be found by whoever reads on. */
const SPOKEN_MS = 8000;

/** Has a screen reader say something when it has finished what it says. For what is on the screen, and changed by itself. */
export function announce(text: string): void {
  polite.set({ text, turn: polite.get().turn + 1 });
}

/** The place that screen readers listen to; one for the whole console, there from the start. */
export function Announcer() {
  const { text, turn } = useStore(polite);
  useEffect(() => {
    const timer = window.setTimeout(() => polite.set({ text: "", turn }), SPOKEN_MS);
    return () => window.clearTimeout(timer);
  }, [turn]);
  return (
    <div className="hidden" role="status" aria-live="polite">
      {/* A new element, so that the same words twice are said twice. */}
      <span key={turn}>{text}</span>
    </div>
  );
}
