// Where the focus goes after a move between screens: to the new heading, as a page load would begin at the top. A screen
// that keeps its place (the queue) takes the move for itself.

import { useEffect, useRef } from "react";

let moved = false;

/** Called when the path has changed. */
export function noteMove(): void {
  moved = true;
}

/** Whether there was a move that nobody has answered yet; whoever asks answers it. */
export function takeMove(): boolean {
  const was = moved;
  moved = false;
  return was;
}

/**
 * For a button that goes when its time is over: whoever was on it is led on to an heir, and not left nowhere. Give the result
 * to the button.
 */
export function useHeir(there: boolean, heir: () => HTMLElement | null) {
  const held = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only its going is what matters
  useEffect(() => {
    if (there || !held.current) return;
    held.current = false;
    heir()?.focus({ preventScroll: true });
  }, [there]);
  return {
    onFocus: () => {
      held.current = true;
    },
    // React tells of no blur where it takes the button away itself.
    onBlur: () => {
      held.current = false;
    },
  };
}
