// @ts-check
// Plain assertions: the contract cases also run in workerd without any compatibility flag, where there is no node:assert.

/** @param {unknown} value */
export function show(value) {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

/**
 * @param {string} message
 * @returns {never}
 */
export function fail(message) {
  const error = new Error(message);
  error.name = "AssertionError";
  throw error;
}

/**
 * @param {unknown} value
 * @param {string} [message]
 * @returns {asserts value}
 */
export function ok(value, message = "expected a truthy value") {
  if (!value) fail(`${message} (got ${show(value)})`);
}

/**
 * @param {unknown} actual
 * @param {unknown} expected
 * @param {string} [message]
 */
export function equal(actual, expected, message = "values differ") {
  if (!Object.is(actual, expected)) fail(`${message}: expected ${show(expected)}, got ${show(actual)}`);
}

/**
 * @param {unknown} a
 * @param {unknown} b
 * @param {string} path
 * @returns {string | undefined} where they differ
 */
function difference(a, b, path) {
  if (Object.is(a, b)) return undefined;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return path;
  if (Array.isArray(a) !== Array.isArray(b)) return path;
  const names = new Set([...Object.getOwnPropertyNames(a), ...Object.getOwnPropertyNames(b)]);
  for (const name of names) {
    if (Array.isArray(a) && name === "length") continue;
    if (Object.hasOwn(a, name) !== Object.hasOwn(b, name)) return `${path}.${name}`;
    const found = difference(Reflect.get(a, name), Reflect.get(b, name), `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Own properties, own names such as `__proto__` included.
 *
 * @param {unknown} actual
 * @param {unknown} expected
 * @param {string} [message]
 */
export function deepEqual(actual, expected, message = "values differ") {
  const where = difference(actual, expected, "$");
  if (where !== undefined) fail(`${message} at ${where}: expected ${show(expected)}, got ${show(actual)}`);
}

/**
 * @param {string} text
 * @param {RegExp} pattern
 * @param {string} [message]
 */
export function match(text, pattern, message = "text does not match") {
  if (!pattern.test(text)) fail(`${message}: ${pattern} against ${show(text)}`);
}

/**
 * Generous: what is measured here is "ends by itself", not speed. Two slow cores run all of this at once.
 *
 * @param {number} ms
 * @param {number} limit
 * @param {string} what
 */
export function within(ms, limit, what) {
  if (ms > limit) fail(`${what} took ${Math.round(ms)} ms, more than ${limit} ms`);
}

/** @param {number} ms */
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Fails loudly where a call hangs, instead of hanging the suite.
 *
 * @template T
 * @param {PromiseLike<T>} promise
 * @param {number} ms
 * @param {string} [what]
 * @returns {Promise<T>}
 */
export async function ends(promise, ms = 15_000, what = "the call") {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not end within ${ms} ms`)), ms);
  });
  try {
    return /** @type {T} */ (await Promise.race([promise, late]));
  } finally {
    clearTimeout(timer);
  }
}

/** The closed set of codes: a code outside of it is a broken promise wherever it turns up. */
export const CODES = [
  "invalid_argument",
  "secret_in_browser",
  "aborted",
  "timeout",
  "network",
  "unauthorized",
  "forbidden",
  "not_found",
  "conflict",
  "rate_limited",
  "rejected",
  "upstream",
  "redirected",
  "bad_response",
  "untrusted_link",
  "too_large",
  "unsupported_media",
  "load_failed",
];

/**
 * @typedef {Error & {
 *   code: string, operation: string, attempts: number, retryable: boolean, status?: number, retryAfterMs?: number,
 *   upstreamCode?: string, requestId?: string, cause?: unknown
 * }} Failure
 */

/**
 * Every field of the contract is checked on every error that any case meets, not only the code.
 *
 * @param {unknown} error
 * @param {string | string[]} code
 * @returns {Failure}
 */
export function passdeskError(error, code) {
  const codes = Array.isArray(code) ? code : [code];
  if (!(error instanceof Error)) fail(`expected a PassdeskError, got ${show(error)}`);
  const failure = /** @type {Failure} */ (error);
  if (failure.name !== "PassdeskError") fail(`expected a PassdeskError, got ${failure.stack}`);
  if (!codes.includes(failure.code))
    fail(`expected code ${codes.join(" or ")}, got ${failure.code}: ${failure.message}`);
  ok(CODES.includes(failure.code), "the code is of the closed set");
  equal(typeof failure.operation, "string", "operation is a string");
  ok(Number.isInteger(failure.attempts) && failure.attempts >= 0, "attempts is a count");
  equal(typeof failure.retryable, "boolean", "retryable is a boolean");
  ok(failure.message.length > 0, "the message says something");
  if (failure.status !== undefined) ok(Number.isInteger(failure.status), "status is a number");
  return failure;
}

/**
 * Awaits a rejection with this code, in time.
 *
 * @param {unknown} promise
 * @param {string | string[]} code
 * @param {number} [ms]
 */
export async function rejects(promise, code, ms = 15_000) {
  ok(typeof (/** @type {any} */ (promise)?.then) === "function", "a call returns a promise, also where it fails");
  let value;
  try {
    value = await ends(/** @type {PromiseLike<unknown>} */ (promise), ms);
  } catch (error) {
    return passdeskError(error, code);
  }
  return fail(`expected ${code}, but the call resolved with ${show(value)?.slice(0, 200)}`);
}
