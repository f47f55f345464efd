// @ts-check
// The faults on demand: their names, the grammar in which they are asked for, and who still has how many left.
//
//   [operation "."] name ["_" number] ["x" times]        503   503x2   evidence.cut-body   pii.slow-headers_200x1

/**
 * @typedef {"token" | "userToken" | "pii" | "evidence" | "status" | "attestations" | "search" | "store"} Operation
 * @typedef {object} FaultKind
 * @property {string} description
 * @property {readonly Operation[]} operations those that it fits
 * @property {boolean} applies whether a status PUT that meets it has been applied all the same
 * @property {boolean} after whether the sandbox first answers and then spoils the answer; a refusal stays as it is
 * @property {number} [argument] the number's default; undefined where the fault takes none
 */

/** @type {readonly Operation[]} */
export const OPERATIONS = ["token", "userToken", "pii", "evidence", "status", "attestations", "search", "store"];
/** @type {readonly Operation[]} */
const FILES = ["evidence", "store"];
const JSON_ONES = OPERATIONS.filter((operation) => !FILES.includes(operation));

/** @param {string} description @param {readonly Operation[]} [operations] @param {number} [argument] @returns {FaultKind} */
const instead = (description, operations = OPERATIONS, argument) => ({
  description,
  operations,
  applies: false,
  after: false,
  argument,
});
/** @param {string} description @param {readonly Operation[]} [operations] @param {number} [argument] @returns {FaultKind} */
const after = (description, operations = OPERATIONS, argument) => ({
  description,
  operations,
  applies: true,
  after: true,
  argument,
});

/** What each status means, in the words of its error body. @type {Record<string, string>} */
export const STATUSES = {
  400: "Bad request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not found",
  408: "Request time-out",
  409: "Conflict",
  410: "Gone",
  418: "I am a teapot",
  422: "Unprocessable content",
  429: "Too many requests",
  500: "Internal server error",
  501: "Not implemented",
  502: "Bad gateway",
  503: "Service unavailable",
  504: "Gateway time-out",
};
export const REDIRECTS = ["301", "302", "303", "307", "308"];

/** @type {Readonly<Record<string, FaultKind>>} */
export const FAULTS = Object.freeze({
  ...Object.fromEntries(
    Object.entries(STATUSES).map(([status, text]) => [
      status,
      instead(`${status} ${text}, with an error body of that API's shape.`),
    ]),
  ),
  "401-plain": instead("401 with plain text instead of JSON."),
  "502-html": instead("502 with a proxy's HTML page."),
  "429-seconds": instead("429 with Retry-After in seconds.", OPERATIONS, 1),
  "429-date": instead("429 with Retry-After as an HTTP date so many seconds ahead.", OPERATIONS, 2),
  "429-far": instead("429 with Retry-After of an hour.", OPERATIONS, 3600),
  "429-reset": instead("429 with x-ratelimit-reset so many seconds ahead.", OPERATIONS, 2),
  "429-reset-far": instead("429 with x-ratelimit-reset an hour ahead.", OPERATIONS, 3600),
  "429-garbage": instead("429 with a Retry-After that is neither seconds nor a date."),
  "503-seconds": instead("503 with Retry-After in seconds.", OPERATIONS, 1),
  "503-reset": instead("503 with an x-ratelimit-reset an hour ahead, which counts on a 429 only.", OPERATIONS, 3600),
  ...Object.fromEntries(REDIRECTS.map((status) => [status, instead(`${status} to another origin.`)])),
  "redirect-same-origin": instead("302 within the same origin."),
  "slow-headers": after("The whole answer comes so many milliseconds late.", OPERATIONS, 1500),
  "slow-body": after("The body comes in drips, spread over so many milliseconds.", OPERATIONS, 1500),
  hang: instead("No answer, ever."),
  "hang-body": after("Headers and half the body, then nothing, ever."),
  "cut-body": after("Headers and half the body, then the connection breaks."),
  reset: instead("The connection breaks before any headers."),
  "empty-body": after("200 without a body."),
  "short-body": after("The first two bytes, as if they were all.", FILES),
  "wrong-type": after("The right body, declared as text/html."),
  "html-body": instead("200 with an HTML page, as a captive portal sends it."),
  "malformed-json": after("The first half of the JSON, as if it were all.", JSON_ONES),
  "invalid-utf8": after("JSON with a byte that is not UTF-8.", JSON_ONES),
  "not-object": instead("200 with the JSON value null.", JSON_ONES),
  "wrong-shape": after("JSON whose fields have the wrong types.", JSON_ONES),
  "other-id": after("The record of another request.", ["pii"]),
  proto: after('JSON with "__proto__" among its own keys.', ["token", "userToken", "pii", "attestations", "search"]),
  oversize: after("A valid body that is too large: JSON over 8 MiB, a PNG over 20 MiB."),
  "oversize-gzip": after(
    "The same, small on the wire through gzip, where the server packs a body whose content-encoding says so, as workerd does.",
  ),
  202: after("202 instead of 200.", ["status"]),
  204: after("204 without a body.", ["status"]),
  "apply-then-hang": after("The decision is applied, and no answer ever comes.", ["status"]),
  "apply-then-500": after("The decision is applied, and the answer is 500.", ["status"]),
  "apply-then-503": after("The decision is applied, and the answer is 503.", ["status"]),
  "apply-then-reset": after("The decision is applied, and the connection breaks before any headers.", ["status"]),
  "apply-then-cut": after("The decision is applied, and the answer's body is cut.", ["status"]),
  "same-verdict-first": instead("Someone else delivers the same verdict just before: 409.", ["status"]),
  "other-verdict-first": instead("Someone else delivers the other verdict just before: 409.", ["status"]),
  "revoked-token": instead("A token that the API will refuse with 401.", ["token", "userToken"]),
  "short-token": instead("A token that lives so many seconds.", ["token", "userToken"], 1),
  "grow-front": instead("After each answer so many records are added before the first.", ["search"], 3),
  "grow-back": instead("After each answer so many records are added after the last.", ["search"], 3),
  "shrink-front": instead("After each answer so many records are removed from the front.", ["search"], 3),
  "shrink-back": instead("After each answer so many records are removed from the back.", ["search"], 3),
  "page-capped": instead("Pages hold at most so many records, whatever per_page says; meta says so.", ["search"], 10),
  "repeated-page": instead("Every page holds the first page's records.", ["search"]),
  "empty-page": instead("Pages hold nothing, although total says more.", ["search"]),
});

/**
 * @typedef {object} Fault
 * @property {string} name
 * @property {Operation} [operation] the only operation that it strikes
 * @property {string} [requestId] the only request that it strikes
 * @property {number} argument
 * @property {number} times
 * @property {string} text as it was asked for
 */

const GRAMMAR = /^(?:([a-zA-Z]+)\.)?([a-z0-9-]+?)(?:_(\d{1,7}))?(?:x(\d{1,6}))?$/;
/** What the grammar holds. More than a timer takes would end at once, and a date too far ahead be none. */
const MOST = 9_999_999;

/** @param {string} text */
function partsOf(text) {
  const [, operation, fault = "", argument, times] = GRAMMAR.exec(text.trim()) ?? [];
  return { fault, operation, argument: argument && Number(argument), times: times && Number(times) };
}

/**
 * @param {string} text
 * @returns {Fault}
 */
const parseFault = (text) => checkedFault(partsOf(text), text.trim());

/**
 * The programmatic form: a text in the grammar, or its parts.
 * @param {unknown} spec
 * @returns {Fault}
 */
export function faultOf(spec) {
  if (typeof spec === "string") return parseFault(spec);
  if (typeof spec !== "object" || spec === null) throw new TypeError("a fault is a string or an object");
  const known = ["fault", "operation", "requestId", "argument", "times"];
  const stranger = Object.keys(spec).find((key) => !known.includes(key));
  if (stranger !== undefined) throw new TypeError(`a fault has no "${stranger}"`);
  const { fault, ...beside } = /** @type {Record<string, unknown>} */ (spec);
  if (typeof fault !== "string") throw new TypeError("a fault's name is a string");
  /** @type {Record<string, unknown>} */
  const parts = partsOf(fault);
  for (const [key, value] of Object.entries(beside)) {
    if (value === undefined) continue;
    if (parts[key] !== undefined && parts[key] !== value)
      throw new TypeError(`a fault's ${key} is told twice, and differently`);
    parts[key] = value;
  }
  return checkedFault(parts, fault);
}

/**
 * @param {Record<string, unknown>} parts
 * @param {string} text
 * @returns {Fault}
 */
function checkedFault({ fault, operation, requestId, argument, times = Number.POSITIVE_INFINITY }, text) {
  const name = String(fault);
  const kind = Object.hasOwn(FAULTS, name) ? FAULTS[name] : undefined;
  if (!kind) throw new TypeError(`no fault is called "${text}"`);
  if (operation !== undefined && !kind.operations.includes(/** @type {Operation} */ (operation))) {
    throw new TypeError(`the fault "${name}" does not fit the operation "${String(operation)}"`);
  }
  if (requestId !== undefined && typeof requestId !== "string") throw new TypeError("a fault's requestId is a string");
  if (argument !== undefined) {
    if (!isWhole(argument) || argument > MOST)
      throw new TypeError(`a fault's argument is a whole number up to ${MOST}`);
    if (kind.argument === undefined) throw new TypeError(`the fault "${name}" takes no number`);
  }
  if (times !== Number.POSITIVE_INFINITY && !isWhole(times)) throw new TypeError("a fault's times is a whole number");
  return {
    name,
    text,
    ...(operation === undefined ? {} : { operation: /** @type {Operation} */ (operation) }),
    ...(requestId === undefined ? {} : { requestId }),
    argument: argument ?? kind.argument ?? 0,
    times: /** @type {number} */ (times),
  };
}

/** @param {unknown} value @returns {value is number} */
const isWhole = (value) => typeof value === "number" && Number.isInteger(value) && value >= 0;

/**
 * The faults that a request id carries after its case: `<case>~<fault>[~<fault>…]`; `copy_<n>` only makes it another id.
 * @param {string} id
 * @returns {{ base: string, faults: Fault[] } | undefined} undefined where a fault is unknown: such a request does not exist
 */
export function splitId(id) {
  const [base = "", ...suffixes] = id.split("~");
  try {
    return { base, faults: suffixes.filter((suffix) => !/^copy_\d{1,6}$/.test(suffix)).map(parseFault) };
  } catch {
    return undefined;
  }
}

/** Every id and header can be another one, and a long demo must not fill the memory with their counts. */
const COUNTS_KEPT = 10_000;

/** Who has how many strikes left. */
export class FaultLedger {
  /** What ids and headers ask for, the longest unused first. @type {Map<string, Claim>} */
  #claims = new Map();
  /** @type {Claim[]} */
  #standing = [];

  /** @param {Fault} fault @returns {() => void} */
  add(fault) {
    const claim = unspent(fault);
    this.#standing.push(claim);
    return () => {
      this.#standing = this.#standing.filter((other) => other !== claim);
    };
  }

  /** Takes back every standing fault. */
  clear() {
    this.#standing = [];
  }

  /** Forgets what was counted. */
  reset() {
    this.clear();
    this.#claims.clear();
  }

  /**
   * The first fault that strikes a request, its strike already counted: two requests at once cannot share one.
   * @param {{ operation: Operation, id?: string, header: string | null, place: string }} request
   * @returns {Claim | undefined}
   */
  claim({ operation, id, header, place }) {
    const candidates = [
      ...(splitId(id ?? "")?.faults ?? []).map((fault, i) => ({ fault, key: `id ${id} ${i}` })),
      ...headerFaults(header).map((fault, i) => ({ fault, key: `header ${header} ${i} ${place}` })),
      ...this.#standing.map((standing) => ({ fault: standing.fault, standing })),
    ];
    for (const candidate of candidates) {
      const { fault } = candidate;
      const fits = FAULTS[fault.name]?.operations.includes(operation) && (fault.operation ?? operation) === operation;
      if (!fits || (fault.requestId !== undefined && fault.requestId !== id)) continue;
      const claim = "standing" in candidate ? candidate.standing : this.#counted(candidate.key, fault);
      if (claim.spent >= fault.times) continue;
      claim.spent++;
      return claim;
    }
    return undefined;
  }

  /** @param {string} key @param {Fault} fault */
  #counted(key, fault) {
    const claim = this.#claims.get(key) ?? unspent(fault);
    // To the end, as the one used last.
    this.#claims.delete(key);
    this.#claims.set(key, claim);
    for (const oldest of this.#claims.keys()) {
      if (this.#claims.size <= COUNTS_KEPT) break;
      this.#claims.delete(oldest);
    }
    return claim;
  }
}

/** @param {Fault} fault @returns {Claim} */
const unspent = (fault) => ({ fault, spent: 0, answered: 0 });

/**
 * @typedef {object} Claim
 * @property {Fault} fault
 * @property {number} spent
 * @property {number} answered pages that were answered under it, for totals that change on the way
 */

/** @param {string | null} header @returns {Fault[]} */
export const headerFaults = (header) =>
  (header ?? "")
    .split(",")
    .map((text) => text.trim())
    .filter(Boolean)
    .map(parseFault);
