// @ts-check
// Where the core puts what it says while it runs, and how it looks at JavaScript's values. The generated core.js imports
// this. Nothing here runs code of the caller's: it is called from within the core, which is not to be entered twice.

/**
 * A request to be sent.
 *
 * @typedef {{ url: string, bearer: boolean, accept: string, method: string, contentType?: string, body?: string }} Sent
 */

/** @type {{ request?: Sent, fault?: any, result?: any }} */
let said = {};

/** What the core said since it was last asked, once it has returned. */
export function take() {
  const it = said;
  said = {};
  return it;
}

/**
 * @param {string} url
 * @param {boolean} bearer
 */
export function send(url, bearer) {
  said.request = { url, bearer, accept: "application/json", method: "GET" };
}

/** @param {string} text */
export function accept(text) {
  /** @type {Sent} */ (said.request).accept = text;
}

/**
 * @param {string} method
 * @param {string} contentType
 * @param {string} text
 */
export function body(method, contentType, text) {
  Object.assign(/** @type {Sent} */ (said.request), { method, contentType, body: text });
}

/**
 * @param {number} code its place among the codes
 * @param {string} message
 * @param {number} status 0 where there is none
 * @param {boolean} retryable
 * @param {number} wait negative where there is none
 */
export function fault(code, message, status, retryable, wait) {
  said.fault = { code, message, status: status || undefined, retryable, retryAfterMs: wait < 0 ? undefined : wait };
}

/**
 * @param {string} code
 * @param {string} requestId
 */
export function upstream(code, requestId) {
  said.fault.upstreamCode = code || undefined;
  said.fault.requestId = requestId || undefined;
}

/** As the core orders them. */
const SEVERITIES = ["info", "warn", "fail"];

/**
 * @param {string} code
 * @param {number} severity
 * @param {string} field
 * @param {string} message
 */
export function finding(code, severity, field, message) {
  said.result ??= [];
  said.result.push({ code, severity: SEVERITIES[severity], ...(field && { field }), message });
}

/** @param {unknown} value */
export function result(value) {
  said.result = value;
}

/** The order of the core's kinds. */
const TYPES = ["undefined", "null", "boolean", "number", "string", "array", "object"];

/** @param {unknown} value */
export function kind(value) {
  return TYPES.indexOf(value === null ? "null" : Array.isArray(value) ? "array" : typeof value);
}

/**
 * The place of the first property that is neither a string, null nor absent; -1 if there is none.
 *
 * @param {any} value plain data
 * @param {string[]} names
 */
export function odd(value, names) {
  if (typeof value !== "object" || value === null) return -1;
  return names.findIndex(
    (name) => value[name] !== undefined && value[name] !== null && typeof value[name] !== "string",
  );
}
