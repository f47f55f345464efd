// @ts-check
// Where the core puts what it says while it runs, and how it looks at JavaScript's values. The generated core.js imports
// this. Nothing here runs code of the caller's: it is called from within the core, which is not to be entered twice.

/**
 * A request to be sent.
 *
 * @typedef {{ url: string, bearer: number, accept: string, method: string, contentType?: string, body?: string }} Sent
 */

/** @type {{ request?: Sent, fault?: any, result?: any }} */
let said = {};

/** The texts of what the core is about to say. @type {any[]} */
let lines = [];

/** What the core looks at while it answers, by number. Kept, but for what is in it: it would grow anew with each question. @type {any[]} */
const seen = [];

/** How many they are. */
let looked = 0;

/** Shows the core what a question is about: before it is asked. @param {any[]} values */
export function show(values) {
  seen[0] = values;
  looked = 1;
}

/** What the core said since it was last asked, once it has returned. It has seen enough. */
export function take() {
  const it = said;
  said = {};
  while (looked > 0) seen[--looked] = undefined;
  // Room for hundreds of thousands is not kept for the next, who needs some ten.
  if (seen.length > 1024) seen.length = 0;
  lines = [];
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

/** All of them, once. */
function told() {
  const it = lines;
  lines = [];
  return it;
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** @param {Uint8Array} text */
export function line(text) {
  lines.push(utf8.decode(text));
}

/** @param {number} bearer 1 or 0 */
export function request(bearer) {
  const [url, accept = "application/json", method = "GET", contentType, body] = told();
  said.request = { url, accept, method, contentType, body, bearer };
}

/**
 * @param {number} code its place among the codes
 * @param {number} status 0 where there is none
 * @param {number} retryable 1 or 0
 * @param {number} wait negative where there is none
 */
export function fault(code, status, retryable, wait) {
  const [message, upstreamCode, requestId] = told().map((text) => text || undefined);
  const retryAfterMs = wait < 0 ? undefined : wait;
  said.fault = {
    code,
    message,
    status: status || undefined,
    retryable: retryable > 0,
    retryAfterMs,
    upstreamCode,
    requestId,
  };
}

/** As the core orders them. */
const SEVERITIES = ["info", "warn", "fail"];

/** @param {number} severity */
export function finding(severity) {
  const [code, field, message] = told();
  said.result ??= [];
  said.result.push({ code, severity: SEVERITIES[severity], ...(field && { field }), message });
}

export function result() {
  [said.result] = told();
}

/**
 * @param {number} expiresAt
 * @param {number} leeway
 */
export function token(expiresAt, leeway) {
  const [accessToken, tokenType, ...scopes] = told();
  said.result = { accessToken, tokenType, scopes, expiresAt, leeway };
}

/** The order of the core's kinds; null and lists stand where no type does. */
const TYPES = ["undefined", "", "boolean", "number", "string", "", "object"];

/** How the core knows a value: eight times its place among those that it sees, and its kind. @param {unknown} value */
function see(value) {
  seen[looked] = value;
  return 8 * looked++ + (value === null ? 1 : Array.isArray(value) ? 5 : TYPES.indexOf(typeof value));
}

/** @param {number} it */
const seenAt = (it) => seen[it >>> 3];

/** Names of properties, by where the core keeps them: to decode them anew costs more than to read a property. @type {Map<number, string[]>} */
const known = new Map();

/** @param {number} place @param {Uint8Array} names */
export function name(place, names) {
  known.set(place, utf8.decode(names).split(" "));
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

const encoder = new TextEncoder();

/** The core trusts this to be UTF-8. @param {number} it @param {Uint8Array} into as long as it may get */
export function text(it, into) {
  /** @type {string} */
  const value = seenAt(it);
  const { length } = value;
  let i = 0;
  // To call the encoder takes longer than to copy a short text of ASCII.
  for (; i < length && length < 64; i += 1) {
    const code = value.charCodeAt(i);
    if (code > 127) break;
    into[i] = code;
  }
  return i < length ? encoder.encodeInto(value, into).written : i;
}

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
      if (typeof (i < required ? text : (text ?? "")) !== "string") return 0;
    }
  }
  return 1;
}
