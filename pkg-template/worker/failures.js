// @ts-check
// How the desk says what went wrong: a code and numbers, so that nothing personal can be in it.

import { isPassdeskError } from "passdesk";

/** @typedef {import("hono/utils/http-status").ContentfulStatusCode} Status */

/** A refusal of the desk's own. */
export class Refusal extends Error {
  /**
   * @param {Status} status
   * @param {import("../worker.d.ts").DeskRefusalCode} code
   * @param {{ headers?: Record<string, string>, body?: Record<string, unknown> }} [more]
   */
  constructor(status, code, { headers = {}, body = {} } = {}) {
    super(code);
    this.name = "Refusal";
    this.status = status;
    this.code = code;
    this.headers = headers;
    this.body = { error: code, ...body };
  }
}

/** @param {string} field what of the request makes no sense */
export const invalid = (field) => new Refusal(400, "invalid_argument", { body: { field } });
export const notFound = () => new Refusal(404, "not_found");

/**
 * The fitting status for each of the package's codes. A client repeats 429, 502 and 504, so they stand for what may pass
 * by itself. What Civic answers wrongly for good is 424 (RFC 4918, section 11.4), and so is a refusal of the desk's own
 * token: a 401 would tell the reviewer to sign in.
 *
 * @type {Record<import("passdesk").PassdeskErrorCode, Status>}
 */
const STATUS = {
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

/** @param {import("passdesk").PassdeskError} error @returns {Status} */
function statusOf({ code, operation }) {
  const status = STATUS[code];
  // However the token's address refuses, it says nothing of what the reviewer asked for, or how.
  return operation === "exchangeToken" && status < 500 && status !== 429 ? 424 : status;
}

/**
 * Turns whatever was thrown into an answer.
 *
 * @param {unknown} error
 * @returns {{ status: Status, headers: Record<string, string>, body: Record<string, unknown> & { error: string } }}
 */
export function failureOf(error) {
  if (error instanceof Refusal) return error;
  if (!isPassdeskError(error)) return { body: { error: "internal" }, status: 500, headers: {} };
  /** @type {Record<string, string>} */
  const headers = {};
  if (error.retryAfterMs !== undefined) headers["retry-after"] = String(Math.ceil(error.retryAfterMs / 1000));
  return { body: { error: error.code }, status: statusOf(error), headers };
}
