// The page's address as React state. One screen per URL needs no more of a router than this.

import { useSyncExternalStore } from "react";

const MOVED = "console:moved";

/** The current address; a component that reads it is drawn anew when it changes. */
export function useAddress(): string {
  return useSyncExternalStore(subscribe, () => window.location.href);
}

/** Goes to another screen without loading the page anew. */
export function navigate(path: string): void {
  window.history.pushState(null, "", path);
  window.dispatchEvent(new Event(MOVED));
}

function subscribe(changed: () => void): () => void {
  window.addEventListener("popstate", changed);
  window.addEventListener(MOVED, changed);
  return () => {
    window.removeEventListener("popstate", changed);
    window.removeEventListener(MOVED, changed);
  };
}
