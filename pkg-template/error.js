// @ts-check

/** Every code that a call can fail with. The code is the contract; the message is prose. */
export const codes = /* @__PURE__ */ Object.freeze({
  INVALID_ARGUMENT: "invalid_argument",
  SECRET_IN_BROWSER: "secret_in_browser",
  ABORTED: "aborted",
  TIMEOUT: "timeout",
  NETWORK: "network",
  UNAUTHORIZED: "unauthorized",
  FORBIDDEN: "forbidden",
  NOT_FOUND: "not_found",
  CONFLICT: "conflict",
  RATE_LIMITED: "rate_limited",
  REJECTED: "rejected",
  UPSTREAM: "upstream",
  REDIRECTED: "redirected",
  BAD_RESPONSE: "bad_response",
  UNTRUSTED_LINK: "untrusted_link",
  TOO_LARGE: "too_large",
  UNSUPPORTED_MEDIA: "unsupported_media",
  LOAD_FAILED: "load_failed",
});

/** What every call rejects with. */
export class PassdeskError extends Error {
  /** @param {any} fields what the core told, or the same made here */
  constructor(fields) {
    super(fields.message, "cause" in fields ? { cause: fields.cause } : undefined);
    this.code = fields.code;
    this.operation = fields.operation;
    this.attempts = fields.attempts;
    this.retryable = fields.retryable;
    for (const name of ["status", "retryAfterMs", "upstreamCode", "requestId"]) {
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
  return error instanceof Error && error.name === "PassdeskError";
}

/**
 * The package's own error, of whatever came out of the core.
 *
 * @param {any} thrown
 */
export function wrap(thrown) {
  if (thrown instanceof PassdeskError || !isPassdeskError(thrown)) return thrown;
  return new PassdeskError(thrown);
}

/**
 * @param {string} operation
 * @param {string} message
 */
export function invalid(operation, message) {
  return new PassdeskError({ code: codes.INVALID_ARGUMENT, operation, message, attempts: 0, retryable: false });
}
