// Whether the desk can be reached. A call that finds no way says so, any answer takes it back; meanwhile the desk's own
// health is asked, which needs no session.

import { createStore, useStore } from "../util/store.ts";

const EVERY_MS = 3000;
const PATIENCE_MS = 10_000;

const lost = createStore(false);
let timer: number | undefined;

export const connectionLost = () => lost.get();
export const useConnectionLost = () => useStore(lost);
export const onConnection = lost.subscribe;

export function loseConnection(): void {
  lost.set(true);
  timer ??= window.setTimeout(probe, EVERY_MS);
}

export function regainConnection(): void {
  window.clearTimeout(timer);
  timer = undefined;
  lost.set(false);
}

/** Looks at once whether the desk is there again. */
export async function probe(): Promise<void> {
  window.clearTimeout(timer);
  timer = undefined;
  try {
    const answer = await fetch("/desk/health", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    await answer.arrayBuffer();
    regainConnection();
  } catch {
    loseConnection();
  }
}

/** Hears what the browser knows of the network. That it has one does not mean that the desk is there. */
export function watchConnection(): void {
  window.addEventListener("offline", loseConnection);
  window.addEventListener("online", () => {
    if (lost.get()) probe();
  });
}
