// What is on the screen goes when the page is left, also where the browser keeps the page to come back to it: a page that
// is taken from the back/forward cache starts empty and reads anew.

import { flushSync } from "react-dom";
import { createStore, useStore } from "./store.ts";

const concealed = createStore(false);

/** Whether nothing personal may be in the document now. */
export const useConcealed = () => useStore(concealed);

/** @param drop forgets what is in memory */
export function concealOnLeave(drop: () => void): void {
  window.addEventListener("pagehide", () => {
    // At once: after this event nothing runs, and the document is kept as it is.
    flushSync(() => concealed.set(true));
    drop();
  });
  window.addEventListener("pageshow", ({ persisted }) => {
    if (persisted) concealed.set(false);
  });
}
