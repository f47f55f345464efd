// What the audit's actions are called. They are the desk's own words (src/desk/machine.rs, pkg-template/worker/); one that is
// not here is shown as it is written.

import type { Tone } from "../../ui/badge.tsx";
import type { IconName } from "../../ui/icon.tsx";
import { second, spaced } from "../../util/words.ts";

interface ActionWords {
  what: string;
  tone: Tone;
  icon: IconName;
}

/** In groups, as the filter offers them. */
export const ACTIONS: Readonly<Record<string, Readonly<Record<string, ActionWords>>>> = {
  Looks: {
    "record-viewed": { what: "Record viewed", tone: "neutral", icon: "file" },
    "evidence-viewed": { what: "Evidence viewed", tone: "neutral", icon: "image" },
    "field-revealed": { what: "Field revealed", tone: "neutral", icon: "info" },
  },
  Work: {
    opened: { what: "Case opened", tone: "accent", icon: "file" },
    claimed: { what: "Claimed", tone: "neutral", icon: "clock" },
    released: { what: "Released", tone: "neutral", icon: "back" },
    "claim-expired": { what: "Claim expired", tone: "neutral", icon: "clock" },
    decided: { what: "Decided", tone: "accent", icon: "pass" },
    approved: { what: "Approved by a second person", tone: "accent", icon: "pass" },
    undone: { what: "Undone", tone: "warn", icon: "undo" },
    reopened: { what: "Opened again", tone: "accent", icon: "file" },
    abandoned: { what: "Let go of", tone: "warn", icon: "fail" },
    purged: { what: "Case forgotten", tone: "neutral", icon: "fail" },
  },
  Delivery: {
    sending: { what: "Sending", tone: "neutral", icon: "clock" },
    delivered: { what: "Delivered", tone: "pass", icon: "pass" },
    queued: { what: "Queued by Civic", tone: "neutral", icon: "clock" },
    failed: { what: "Attempt failed", tone: "warn", icon: "warn" },
    dead: { what: "Dead letter", tone: "fail", icon: "fail" },
    retried: { what: "Sent again by hand", tone: "neutral", icon: "turn-right" },
    conflict: { what: "Conflict", tone: "fail", icon: "warn" },
    resolved: { what: "Conflict resolved", tone: "pass", icon: "pass" },
    settled: { what: "Conflict settled by itself", tone: "pass", icon: "pass" },
    "decided-upstream": { what: "Decided at Civic", tone: "warn", icon: "info" },
    "ended-upstream": { what: "Ended at Civic", tone: "warn", icon: "info" },
  },
};

const KNOWN: Readonly<Record<string, ActionWords>> = Object.assign({}, ...Object.values(ACTIONS));

export const isKnownAction = (action: string) => Object.hasOwn(KNOWN, action);

export const wordsOf = (action: string): ActionWords =>
  (isKnownAction(action) && KNOWN[action]) || { what: spaced(action), tone: "neutral", icon: "info" };

/** A row's detail as names and values; one that is no JSON object is shown as it is. */
export function detailsOf(detail: string): readonly (readonly [name: string, value: string])[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(detail);
  } catch {
    return [["detail", detail]];
  }
  if (typeof parsed !== "object" || parsed === null) return [["detail", detail]];
  return Object.entries(parsed)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => (name === "noted" ? NOTED : ([spaced(name), shown(name, value)] as const)));
}

/** Of a note the audit knows only that there was one. */
const NOTED = ["Note", "left"] as const;

function shown(name: string, value: unknown): string {
  if (typeof value === "number" && name === "until") return second(value);
  if (name === "verdict" || name === "shown") return spaced(String(value).replace(/^partner-/, "")).toLowerCase();
  return typeof value === "string" || typeof value === "number" ? String(value) : JSON.stringify(value);
}
