// A value that was searched for and may name somebody. It is in no URL and in no store: this page's memory has it, until the
// page is left, or the session ends.

import { onSessionEnd } from "../../api/session.ts";
import { createStore, useStore } from "../../util/store.ts";

interface HeldValue {
  field: string;
  value: string;
}

const held = createStore<HeldValue | undefined>(undefined);
const forget = () => held.set(undefined);
window.addEventListener("pagehide", forget);
onSessionEnd(forget);

export const useHeldValue = () => useStore(held);
export const holdValue = (field: string, value: string) => held.set({ field, value });
