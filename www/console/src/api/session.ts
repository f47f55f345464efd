// Whether Access still knows who sits here. It is asked by every call (see transport.ts); what is on the screen stays there
// while somebody signs in again.

import { createStore, useStore } from "../util/store.ts";

const ended = createStore(false);

export const sessionEnded = () => ended.get();
export const useSessionEnded = () => useStore(ended);

export function endSession(): void {
  ended.set(true);
}

export function resumeSession(): void {
  ended.set(false);
}
