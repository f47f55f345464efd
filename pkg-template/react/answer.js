// @ts-check
// What the desk's answer means, and when to try again: the rules of `response` and `retry` in the core, where a hand-off
// can meet them.

// The class of all errors of this package. Its codes are written out, so that a page need not load all of them.
import { PassdeskError as HandoffError } from "../error.js";

/** @typedef {import("../react.d.ts").PassdeskError} PassdeskError */
/** @typedef {import("../passdesk.d.ts").PassdeskErrorCode} Code */

const FIRST_MS = 500;
/**
 * A call gives up after a few tries, at 8 s; a hand-off has nobody who waits for it, and days. The pages of all users try at
 * once where a desk is down for long, so they come to a minute.
 */
export const CEILING_MS = 60_000;
/** However long a desk wants to be left alone, or a clock was wrong. */
export const LONGEST_WAIT_MS = 60 * 60_000;

/** Full jitter, as `backoff_ms`. @param {number} retries @param {number} random in [0, 1) */
export const backoffMs = (retries, random) => random * Math.min(CEILING_MS, FIRST_MS * 2 ** Math.min(retries, 30));

/** @param {number} status */
const isRetryable = (status) => [408, 429, 500, 502, 503, 504].includes(status);

/**
 * `Retry-After` in seconds or as the one date that may be sent today (RFC 9110, sections 10.2.3 and 5.6.7).
 *
 * @param {string | null} value
 * @param {number} now
 * @returns {number | undefined}
 */
function requestedWaitMs(value, now) {
  const text = value?.trim() ?? "";
  if (/^\d+$/.test(text)) return Math.min(Number(text), 1e12) * 1000;
  if (!/^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(text)) return undefined;
  const wait = Date.parse(text) - now;
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

/** @type {Record<number, Code>} */
const CODES = { 401: "unauthorized", 403: "forbidden", 404: "not_found", 409: "conflict", 429: "rate_limited" };

/** @param {number} status @returns {Code} */
function codeOf(status) {
  const hundreds = Math.floor(status / 100);
  if (hundreds === 3) return "redirected";
  if (hundreds === 4) return CODES[status] ?? "rejected";
  // 200 too: what answers so is not the intake, whatever it is.
  return hundreds === 5 ? "upstream" : "bad_response";
}

/**
 * @param {Code} code
 * @param {string} message
 * @param {number} attempts
 * @param {boolean} retryable
 * @param {{ status?: number, retryAfterMs?: number }} [more]
 */
export const failure = (code, message, attempts, retryable, more) =>
  /** @type {PassdeskError} */ (
    /** @type {unknown} */ (
      new HandoffError({ code, operation: "useReviewHandoff", message, attempts, retryable, ...more })
    )
  );

/**
 * The error that an answer other than 202 stands for.
 *
 * @param {Response} response
 * @param {number} attempts
 * @param {number} now
 */
export function refusal({ type, status, headers }, attempts, now) {
  // A redirect that was not followed shows no status (Fetch, "opaque-redirect filtered response").
  if (type === "opaqueredirect")
    return failure("redirected", "the desk redirects, which is not followed", attempts, false);
  const retryable = isRetryable(status);
  const retryAfterMs = retryable ? requestedWaitMs(headers.get("retry-after"), now) : undefined;
  return failure(codeOf(status), `the desk did not take it in (status ${status})`, attempts, retryable, {
    status,
    retryAfterMs,
  });
}

/** @param {boolean} late @param {number} attempts */
export const unanswered = (late, attempts) =>
  failure(
    late ? "timeout" : "network",
    late ? "the desk did not answer in time" : "the desk cannot be reached",
    attempts,
    true,
  );
