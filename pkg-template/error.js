// @ts-check

/** The codes by their places, as the core names them. */
export const CODES = /* @__PURE__ */ (
  "invalid_argument secret_in_browser aborted timeout network unauthorized forbidden not_found conflict rate_limited " +
  "rejected upstream redirected bad_response untrusted_link too_large unsupported_media load_failed"
).split(" ");

/** Every code that a call can fail with. The code is the contract; the message is prose. @type {Record<string, string>} */
export const codes = /* @__PURE__ */ Object.freeze(
  /* @__PURE__ */ Object.fromEntries(/* @__PURE__ */ CODES.map((code) => [code.toUpperCase(), code])),
);

const FIELDS = "code operation attempts retryable status retryAfterMs upstreamCode requestId".split(" ");

/** What every call rejects with. */
export class PassdeskError extends Error {
  /** @param {any} fields what the core told, or the same made here */
  constructor(fields) {
    super(fields.message, fields.cause === undefined ? undefined : { cause: fields.cause });
    for (const name of FIELDS) {
      // @ts-expect-error only those that are there, so that a printed error shows no empty fields
      if (fields[name] !== undefined) this[name] = fields[name];
    }
  }
}

// On the prototype, as with the errors of the platform.
Object.defineProperty(PassdeskError.prototype, "name", { value: "PassdeskError", configurable: true, writable: true });

/**
 * Compares names, not classes: two copies of the package can meet in one program.
 *
 * @param {unknown} error
 */
export function isPassdeskError(error) {
  return typeof error === "object" && look(error, "name") === "PassdeskError";
}

/** @typedef {import("./passdesk.d.ts").PassdeskErrorCode} Code */

/** Why an attempt failed. Whatever else is thrown while a call is under way was not foreseen. */
export class Failure {
  /**
   * @param {Code} code
   * @param {string} message
   * @param {boolean} [retryable]
   * @param {unknown} [cause]
   */
  constructor(code, message, retryable = false, cause) {
    this.code = code;
    this.message = message;
    this.retryable = retryable;
    this.cause = cause;
    /** @type {number | undefined} */
    this.status = undefined;
  }

  /**
   * What the caller gets.
   *
   * @param {string} operation
   * @param {number} attempts
   */
  told(operation, attempts) {
    return new PassdeskError({ ...this, operation, attempts });
  }
}

/** @param {unknown} reason */
export const aborted = (reason) => new Failure("aborted", "the caller aborted the call", false, reason);

/**
 * What the core found.
 *
 * @param {any} fault
 */
export function found({ code, message, retryable, ...rest }) {
  return Object.assign(new Failure(/** @type {Code} */ (CODES[code]), message, retryable), rest);
}

/**
 * @param {string} operation
 * @param {string} message
 */
export function invalid(operation, message) {
  return new Failure("invalid_argument", message).told(operation, 0);
}

/**
 * Whether anybody's value is one of those. To ask a proxy that was revoked throws, and so does to ask for what is no class.
 *
 * @template T
 * @param {unknown} value
 * @param {new (...args: any[]) => T} type
 * @returns {value is T}
 */
export function isA(value, type) {
  try {
    return value instanceof type;
  } catch {
    return false;
  }
}

/**
 * The property of anybody's object: what a getter throws is nothing.
 *
 * @param {any} value
 * @param {string | symbol} name
 * @returns {any}
 */
export function look(value, name) {
  try {
    return value?.[name];
  } catch {
    return undefined;
  }
}

/**
 * Tells an observer. One that throws, at once or later, does not break what it observes.
 *
 * @param {(what: any) => any} observer
 * @param {unknown} what
 */
export function tell(observer, what) {
  try {
    const heard = observer(what);
    if (isA(heard, Promise)) Promise.prototype.then.call(heard, undefined, () => {});
  } catch {
    // Its own affair.
  }
}

const NAMES = /* @__PURE__ */ "Error TypeError RangeError AbortError TimeoutError NetworkError SyntaxError".split(" ");

/** @param {unknown} code */
const word = (code) => (typeof code === "string" && /^[A-Z0-9_]{1,40}$/.test(code) ? code : undefined);

/**
 * What may be told of an exception that is not ours: its name and its code. Never its message: Deno's holds the whole URL,
 * and a replaced `fetch` may say anything.
 *
 * @param {unknown} thrown
 */
export function harmless(thrown) {
  const code = word(look(thrown, "code")) ?? word(look(look(thrown, "cause"), "code"));
  const known = NAMES.find((name) => name === look(thrown, "name"));
  if (code === undefined && known === undefined) return undefined;
  const name = known ?? "Error";
  return Object.assign(new Error(code ?? name), code === undefined ? { name } : { name, code });
}
