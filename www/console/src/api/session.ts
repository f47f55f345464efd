// Whether Access still knows who sits here: every call finds out (see transport.ts). Until somebody signs in again the page
// keeps its place and what was begun, and nothing personal: who sits before it may be anybody.

import { createStore, useStore } from "../util/store.ts";

const ended = createStore(false);

export const sessionEnded = () => ended.get();
export const useSessionEnded = () => useStore(ended);

/** Hears of the end before anything is drawn anew. */
export function onSessionEnd(act: () => void): void {
  ended.subscribe(() => {
    if (ended.get()) act();
  });
}

export function endSession(): void {
  ended.set(true);
}

export function resumeSession(): void {
  ended.set(false);
}
