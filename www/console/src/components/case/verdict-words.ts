// Verdicts in words, and which reasons go with which.

import type { Finding, Decision as Verdict } from "passdesk";
import type { Reason } from "../../api/desk.ts";

export const VERDICTS = {
  "partner-pass": { word: "Pass", past: "Passed", kind: "pass", effect: "Civic will issue the pass." },
  "partner-fail": { word: "Fail", past: "Failed", kind: "fail", effect: "Civic will refuse the pass." },
} as const satisfies Record<Verdict, unknown>;

/** The desk's own codes that speak for one verdict only. A code that an operator made up may go with both. */
const FOR_PASS: ReadonlySet<string> = new Set(["all-good"]);
const FOR_FAIL: ReadonlySet<string> = new Set([
  "document-expired",
  "document-unreadable",
  "document-missing",
  "document-not-accepted",
  "data-mismatch",
  "name-mismatch",
  "account-mismatch",
  "under-age",
  "country-not-accepted",
  "suspected-fraud",
  "duplicate",
]);

/** What a finding would be called as a reason. */
const FOUND: Partial<Record<Finding["code"], string>> = {
  expired: "document-expired",
  under_age: "under-age",
  country_blocked: "country-not-accepted",
  country_not_allowed: "country-not-accepted",
  document_type_not_allowed: "document-not-accepted",
  missing_side: "document-missing",
  account_mismatch: "account-mismatch",
  malformed_account: "account-mismatch",
  malformed_date: "data-mismatch",
  birth_date_implausible: "data-mismatch",
};

export interface Choice extends Reason {
  /** Something was found that speaks for it. */
  found: boolean;
}

/** The reasons to choose from, those first that something was found for. */
export function choicesOf(verdict: Verdict, reasons: readonly Reason[], findings: readonly Finding[]): Choice[] {
  const unfit = verdict === "partner-pass" ? FOR_FAIL : FOR_PASS;
  const found = new Set(verdict === "partner-fail" ? findings.map(({ code }) => FOUND[code]) : []);
  return reasons
    .filter(({ code }) => !unfit.has(code))
    .map((reason) => ({ ...reason, found: found.has(reason.code) }))
    .sort((a, b) => Number(b.found) - Number(a.found));
}

/**
 * What is chosen from the start: a pass where nothing was found has one usual reason. To fail, or to pass in spite of what was
 * found, has none that goes without saying, and the audit must not say for ever that nothing was found.
 */
export function usualReason(verdict: Verdict, choices: readonly Choice[], findings: readonly Finding[]) {
  const clear = findings.every(({ severity }) => severity === "info");
  return verdict === "partner-pass" && clear ? choices.find(({ code }) => FOR_PASS.has(code))?.code : undefined;
}
