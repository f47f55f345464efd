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

/** What the core looks at while it answers, by number. @type {any[]} */
let seen = [];

/** Shows the core what a question is about: before it is asked. @param {any[]} values */
export function show(values) {
  seen = [values];
}

/** What the core said since it was last asked, once it has returned. It has seen enough. */
export function take() {
  const it = said;
  said = {};
  seen = [];
  return it;
}

/** @param {any} core @param {number} question @param {any[]} values */
function answer(core, question, values) {
  show(values);
  const yes = core.begin(question, 0) === 1;
  take();
  return yes;
}

/** Whether a text can stand in an `authorization` header as a bearer token. @param {any} core @param {string} text */
export const isToken = (core, text) => answer(core, 8, [text]);

/** Whether a token may still be used. @param {any} core @param {any} token */
export const isFresh = (core, { expiresAt, leeway }) => answer(core, 9, [expiresAt, leeway, Date.now()]);

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

/** @param {string} text */
export function result(text) {
  said.result = text;
}

/**
 * @param {string} accessToken
 * @param {string} tokenType
 * @param {number} expiresAt
 * @param {number} leeway
 */
export function token(accessToken, tokenType, expiresAt, leeway) {
  said.result = { accessToken, tokenType, scopes: [], expiresAt, leeway };
}

/** @param {string} text */
export function scope(text) {
  said.result.scopes.push(text);
}

/** The order of the core's kinds; null and lists stand where no type does. */
const TYPES = "undefined,,boolean,number,string,,object".split(",");

/** How the core knows a value: eight times its place among those that it sees, and its kind. @param {unknown} value */
const see = (value) =>
  8 * (seen.push(value) - 1) + (value === null ? 1 : Array.isArray(value) ? 5 : TYPES.indexOf(typeof value));

/** @param {number} it */
const seenAt = (it) => seen[it >>> 3];

/** Names of properties, by where the core keeps them: to decode them anew costs more than to read a property. @type {Map<number, string[]>} */
const known = new Map();

/** @param {number} place @param {string} names */
export function name(place, names) {
  known.set(place, names.split(" "));
}

/** The property of plain data; below 0 where its name was not told yet. @param {number} it @param {number} place */
export function get(it, place) {
  const names = known.get(place);
  return names ? see(seenAt(it)[/** @type {string} */ (names[0])]) : -1;
}

/** @param {number} it @param {number} index */
export const at = (it, index) => see(seenAt(it)[index]);

/** @param {number} it */
export const count = (it) => seenAt(it).length;

const utf8 = new TextEncoder();

/** @param {number} it @param {Uint8Array} into as long as it may get */
export const text = (it, into) => utf8.encodeInto(seenAt(it), into).written;

/** @param {number} it */
export const number = seenAt;

/**
 * Whether a value, or each item of a list, has strings under these names, but for those after the first `required`, which may be
 * null or absent; below 0 where the names were not told yet.
 *
 * @param {number} it
 * @param {number} place
 * @param {number} required
 */
export function fits(it, place, required) {
  const names = known.get(place);
  if (!names) return -1;
  const value = seenAt(it);
  for (const item of Array.isArray(value) ? value : [value]) {
    for (let i = 0; i < names.length; i += 1) {
      const text = item?.[/** @type {string} */ (names[i])];
      if (typeof text !== "string" && (i < required || (text ?? null) !== null)) return 0;
    }
  }
  return 1;
}
