// @ts-check
// The options of every operation: their names, their types, and how they are read. Each is read once, here, where a getter
// that throws is an ordinary rejection; further in it would be a trap. What a text must look like is the core's to judge.

import { invalid, isA, look } from "./error.js";

/**
 * Says what was expected, of a value that is not so.
 *
 * @typedef {(expected: string, below?: string) => never} Refuse
 */

/** @param {any} value @param {Refuse} refuse */
const string = (value, refuse) => (typeof value === "string" ? value : refuse("a string"));

/** @param {any} value @param {Refuse} refuse */
const flag = (value, refuse) => (typeof value === "boolean" ? value : refuse("true or false"));

/** @param {any} value @param {Refuse} refuse */
const call = (value, refuse) => (typeof value === "function" ? value : refuse("a function"));

/** @param {any} value */
const any = (value) => value;

/** @param {number} least @param {number} most @returns {(value: any, refuse: Refuse) => number} */
const whole = (least, most) => (value, refuse) =>
  Number.isInteger(value) && value >= least && value <= most
    ? value
    : refuse(`a whole number from ${least} to ${most}`);

/**
 * The caller's own object, as plain data: whatever lives in its getters is over once this returns.
 *
 * @param {any} value
 * @param {Refuse} refuse
 */
function plain(value, refuse, expected = "an object of plain data", list = false) {
  let copy;
  try {
    if (Array.isArray(value) === list) copy = JSON.parse(JSON.stringify(value));
  } catch {
    // A getter that throws, or a cycle.
  }
  return copy !== null && typeof copy === "object" && Array.isArray(copy) === list ? copy : refuse(expected);
}

/** @param {any} value @param {Refuse} refuse @returns {string[]} */
function strings(value, refuse) {
  const list = plain(value, refuse, "an array of strings", true);
  const other = list.findIndex((/** @type {unknown} */ text) => typeof text !== "string");
  return other < 0 ? list : refuse("a string", `[${other}]`);
}

/** @param {any} value @param {Refuse} refuse */
function signal(value, refuse) {
  // Of any realm, so by its form and not by its class.
  const fits = typeof look(value, "aborted") === "boolean" && typeof look(value, "addEventListener") === "function";
  return fits ? value : refuse("an AbortSignal");
}

/** @param {any} value @param {Refuse} refuse */
const credentials = (value, refuse) =>
  ["omit", "same-origin", "include"].includes(value) ? value : refuse("omit, same-origin or include");

/** @param {any} token */
export const isProvider = (token) =>
  typeof look(token, "get") === "function" && typeof look(token, "invalidate") === "function";

/** @param {any} value @param {Refuse} refuse */
const token = (value, refuse) =>
  typeof value === "string" || typeof value === "function" || isProvider(value)
    ? value
    : refuse("a string, a function or a token provider");

/** @param {any} value @param {Refuse} refuse */
function where(value, refuse) {
  const filter = plain(value, refuse);
  const { field, op = "eq", value: wanted, ...rest } = filter;
  for (const _ in rest) refuse("{ field, op?, value } and nothing else");
  if (!["string", "number", "boolean"].includes(typeof wanted)) refuse("a string, a number, true or false", ".value");
  return { field, op, value: `${wanted}` };
}

const POLICY = {
  minAge: whole(0, 130),
  allowedCountries: strings,
  blockedCountries: strings,
  documentTypes: strings,
  requireBothSides: flag,
  expiryMarginDays: whole(0, 36_525),
  allowedEmailDomains: strings,
  blockedEmailDomains: strings,
};

/** @param {any} value @param {Refuse} refuse */
function policy(value, refuse) {
  const rules = plain(value, refuse);
  for (const name in rules) {
    const check = Object.hasOwn(POLICY, name) && /** @type {any} */ (POLICY)[name];
    const below = `.${name.slice(0, 64)}`;
    if (!check) refuse("left out: no policy has it", below);
    check(rules[name], (/** @type {string} */ expected, deeper = "") => refuse(expected, below + deeper));
  }
  return rules;
}

/** What is no time is none to the core, either; but it cannot look at everything. @param {any} value */
function now(value) {
  let time;
  try {
    time = isA(value, Date) ? value.getTime() : value;
  } catch {
    // What only passes for a date.
  }
  return ["string", "number", "boolean"].includes(typeof time) ? time : null;
}

// setTimeout takes no more than 31 bits.
const CALL = {
  signal,
  timeoutMs: whole(1, 0x7fffffff),
  maxRetries: whole(0, 1000),
  fetch: call,
  credentials,
  onEvent: call,
};
const API = { token, baseUrl: string, ...CALL };
const EXCHANGE = {
  tokenUrl: string,
  clientId: string,
  clientSecret: string,
  audience: string,
  scope: string,
  encoding: string,
  dangerouslyAllowBrowser: flag,
  ...CALL,
};
const EVIDENCE = {
  pii: plain,
  rel: string,
  href: string,
  requestId: string,
  maxBytes: whole(1, 0xffffffff),
  allowOrigins: strings,
  accept: strings,
  onProgress: call,
  ...API,
};
const SEARCH = { where, perPage: whole(1, 10_000), ...API };

/** The options of each operation: what checks each, by name. */
export const OPTIONS = {
  exchangeToken: EXCHANGE,
  tokenProvider: { ...EXCHANGE, store: any },
  getToken: CALL,
  retrievePii: { requestId: string, ...API },
  fetchEvidence: EVIDENCE,
  streamEvidence: EVIDENCE,
  submitDecision: { requestId: string, status: string, ...API },
  listAttestations: { where, ...API },
  searchAttestations: { page: whole(1, 0xffffffff), ...SEARCH },
  eachAttestation: { concurrency: whole(1, 64), limit: whole(0, 0xffffffff), ...SEARCH },
  screenPii: { pii: plain, policy, now },
};

/** @typedef {keyof typeof OPTIONS} Operation */

/**
 * @param {{ operation: string, name: string }} option
 * @returns {Refuse}
 */
const refusal =
  (option) =>
  (expected, below = "") => {
    throw invalid(option.operation, `\`${option.name}${below}\` must be ${expected}`);
  };

/**
 * Reads the options of an operation: unknown names are refused, and so are values of the wrong type.
 *
 * @param {Operation} names
 * @param {any} options
 * @param {string} [operation] if its name differs
 * @returns {any}
 */
export function settle(names, options = {}, operation = names) {
  /** @type {any} */
  const known = OPTIONS[names];
  /** @type {any} */
  const settled = {};
  let keys;
  try {
    keys = typeof options === "object" && !Array.isArray(options) && Object.keys(options);
  } catch {
    // Nothing, or what cannot be read.
  }
  if (!keys) throw invalid(operation, "the options must be one object");
  for (const name of keys) {
    if (!Object.hasOwn(known, name))
      throw invalid(operation, `\`${name.slice(0, 64)}\` is not an option of ${operation}`);
  }
  const option = { operation, name: "" };
  const refuse = refusal(option);
  for (const name in known) {
    option.name = name;
    let value;
    try {
      value = options[name];
    } catch {
      // What the getter threw may hold anything.
      throw invalid(operation, `\`${name}\` could not be read: its getter threw`);
    }
    if (value !== undefined) settled[name] = known[name](value, refuse);
  }
  return settled;
}

/**
 * Refuses a call that lacks an option.
 *
 * @param {string} operation
 * @param {any} settled
 * @param {Record<string, string>} needed what each must be
 */
export function need(operation, settled, needed) {
  for (const name in needed)
    if (settled[name] === undefined) refusal({ operation, name })(/** @type {string} */ (needed[name]));
}
