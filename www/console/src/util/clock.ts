// The time as the desk has it. Ages and countdowns are reckoned from the desk's times, and a reviewer's clock may be wrong.

import { useEffect, useState } from "react";

/** Below that the difference is the way to the desk, and the header's whole seconds. */
const WORTH_MS = 3000;

let ahead = 0;

/** Learns from an answer how far the desk's clock is from ours (RFC 9110, section 6.6.1). */
export function learnTime(headers: Headers): void {
  const at = Date.parse(headers.get("date") ?? "");
  if (Number.isNaN(at)) return;
  const difference = at + 500 - Date.now();
  ahead = Math.abs(difference) < WORTH_MS ? 0 : difference;
}

export const deskNow = () => Date.now() + ahead;

/** The desk's time, anew every so many milliseconds. */
export function useDeskNow(everyMs: number): number {
  const [now, setNow] = useState(deskNow);
  useEffect(() => {
    const timer = window.setInterval(() => setNow(deskNow()), everyMs);
    return () => window.clearInterval(timer);
  }, [everyMs]);
  return now;
}
