// How the desk says what went wrong.

import { isPassdeskError, type PassdeskErrorCode } from "passdesk";

/** The statuses that the desk's failures have. */
export type FailureStatus = 400 | 404 | 409 | 422 | 424 | 429 | 500 | 502 | 504;

/**
 * The fitting status for each code. A client repeats 429, 502 and 504, so they stand for what may pass by itself. What
 * Civic answers wrongly for good is 424 (RFC 4918, section 11.4), and so is a refusal of the desk's own token: a 401
 * would tell the reviewer to sign in.
 */
const STATUS: Record<PassdeskErrorCode, FailureStatus> = {
  invalid_argument: 400,
  not_found: 404,
  conflict: 409,
  rejected: 422,
  rate_limited: 429,
  network: 502,
  upstream: 502,
  aborted: 502,
  timeout: 504,
  unauthorized: 424,
  forbidden: 424,
  redirected: 424,
  bad_response: 424,
  untrusted_link: 424,
  too_large: 424,
  unsupported_media: 424,
  secret_in_browser: 500,
  load_failed: 500,
};

/** A failure as it is answered: only codes and numbers, so that nothing personal can be in it. */
export interface Failure {
  body: { error: string };
  status: FailureStatus;
  headers: Record<string, string>;
}

/** Turns whatever was thrown into an answer. */
export function failureOf(error: unknown): Failure {
  if (!isPassdeskError(error)) return { body: { error: "internal" }, status: 500, headers: {} };
  const headers: Record<string, string> = {};
  if (error.retryAfterMs !== undefined) headers["retry-after"] = String(Math.ceil(error.retryAfterMs / 1000));
  if (error.requestId !== undefined) headers["x-request-id"] = error.requestId;
  return { body: { error: error.code }, status: STATUS[error.code], headers };
}
