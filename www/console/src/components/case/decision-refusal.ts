import type { PiiRequestStatus } from "passdesk";

const UNFINISHED = "The user has not finished, so there is nothing to decide yet.";

const REFUSALS: Partial<Record<string, string>> = {
  "partner-pass": "It was passed. A verdict is final.",
  "partner-fail": "It was failed. A verdict is final.",
  "awaiting-user": UNFINISHED,
  "user-acknowledged": UNFINISHED,
  "verification-failed": "Civic's own verification failed, so there is nothing to decide.",
  "user-cancelled": "The user cancelled, so there is nothing to decide.",
};

/** Why a request cannot be decided, or `undefined` where it can. An unknown status is left to Civic to judge. */
export const decisionRefusal = (status: PiiRequestStatus): string | undefined => REFUSALS[status];
