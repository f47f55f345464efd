// @ts-check
// The functions of the package. Each settles its options (every one read once, unknown names refused) and hands them
// to the core as plain data: a getter that throws is an ordinary rejection here, and would be a hang further in.

import { codes, invalid, PassdeskError, wrap } from "./error.js";
import { instanceFor, run, runOn } from "./instance.js";

export { codes, isPassdeskError, PassdeskError } from "./error.js";

const CALL = ["signal", "timeoutMs", "maxRetries", "fetch", "credentials", "onEvent"];
const EXCHANGE = ["tokenUrl", "clientId", "clientSecret", "audience", "scope", "encoding", "dangerouslyAllowBrowser"];
const EVIDENCE = [
  "pii",
  "rel",
  "href",
  "requestId",
  "token",
  "baseUrl",
  "maxBytes",
  "allowOrigins",
  "accept",
  "onProgress",
];

/** The options of each operation, by name. */
const OPTIONS = {
  exchangeToken: [...EXCHANGE, ...CALL],
  tokenProvider: [...EXCHANGE, "store", ...CALL],
  getToken: CALL,
  retrievePii: ["requestId", "token", "baseUrl", ...CALL],
  fetchEvidence: [...EVIDENCE, ...CALL],
  streamEvidence: [...EVIDENCE, ...CALL],
  submitDecision: ["requestId", "status", "token", "baseUrl", ...CALL],
  listAttestations: ["token", "where", "baseUrl", ...CALL],
  searchAttestations: ["where", "page", "perPage", "token", "baseUrl", ...CALL],
  eachAttestation: ["where", "perPage", "concurrency", "limit", "token", "baseUrl", ...CALL],
  screenPii: ["pii", "policy", "now"],
};

/**
 * @param {keyof typeof OPTIONS} names
 * @param {any} options
 * @param {string} [operation] if its name differs
 * @returns {any}
 */
function settle(names, options = {}, operation = names) {
  if (options === null || typeof options !== "object") throw invalid(operation, "the options must be one object");
  const known = OPTIONS[names];
  for (const name of namesOf(options, operation)) {
    if (!known.includes(name)) throw invalid(operation, `\`${name.slice(0, 64)}\` is not an option of ${operation}`);
  }
  /** @type {any} */
  const settled = {};
  for (const name of known) {
    const value = read(options, name, operation);
    if (value !== undefined) settled[name] = value;
  }
  return settled;
}

/**
 * @param {any} options
 * @param {string} operation
 */
function namesOf(options, operation) {
  try {
    return Object.keys(options);
  } catch {
    throw invalid(operation, "the options could not be read");
  }
}

/**
 * @param {any} options
 * @param {string} name
 * @param {string} operation
 */
function read(options, name, operation) {
  try {
    return options[name];
  } catch {
    // What the getter threw may hold anything.
    throw invalid(operation, `\`${name}\` could not be read: its getter threw`);
  }
}

/** A page has a window; a Worker, Node, Deno and Bun have none. */
const inPage = () => "window" in globalThis && globalThis.window !== undefined;

/**
 * What the platform brings: its own `fetch`, looked up with every call so that one replaced in a test is found, and
 * whether a browser or a page asks.
 *
 * @param {any} settled
 */
function withPlatform(settled) {
  if (settled.fetch === undefined) settled.fetch = globalThis.fetch;
  settled.inPage = inPage();
  // Every browser's page and worker says so, and nothing else does; only there is a cache to be kept out of.
  settled.noStore = globalThis.navigator?.userAgent?.startsWith("Mozilla/") === true;
  return settled;
}

/** Where one request must not wait for another's exchange too long. */
const inWorker = () => globalThis.navigator?.userAgent === "Cloudflare-Workers";

/** @param {any} options */
export async function exchangeToken(options) {
  const settled = withPlatform(settle("exchangeToken", options));
  return run("exchangeToken", settled, (core) => core.exchangeToken(settled));
}

/** @param {any} options */
export function tokenProvider(options) {
  const settled = settle("tokenProvider", options);
  const { store } = settled;
  for (const name of ["tokenUrl", "clientId", "clientSecret"]) {
    if (typeof settled[name] !== "string" || settled[name] === "") {
      throw invalid("tokenProvider", `\`${name}\` must be a string that is not empty`);
    }
  }
  for (const name of ["get", "set", "delete"]) {
    if (store !== undefined && (store === null || typeof read(store, name, "tokenProvider") !== "function")) {
      throw invalid("tokenProvider", "`store` must have the functions get, set and delete");
    }
  }
  settled.inWorker = inWorker();
  settled.inPage = inPage();
  if (settled.inPage && settled.dangerouslyAllowBrowser !== true) {
    throw new PassdeskError({
      code: codes.SECRET_IN_BROWSER,
      operation: "tokenProvider",
      message: "a page must not hold `clientSecret`: everyone who opens it can read it",
      attempts: 0,
      retryable: false,
    });
  }
  // Plain data, and the only thing that calls share: values, never a promise.
  const state = {};
  /** @param {any} [over] */
  const get = async (over) => {
    const call = settle("getToken", over, "exchangeToken");
    const under = withPlatform({ ...settled });
    return run("exchangeToken", { ...under, ...call }, (core) => core.getToken(under, call, state));
  };
  /** @param {any} accessToken */
  const invalidate = async (accessToken) => {
    const under = withPlatform({ ...settled });
    return run("exchangeToken", under, (core) => core.invalidateToken(under, state, accessToken));
  };
  const provider = async () => (await get()).accessToken;
  return Object.assign(provider, { get, invalidate });
}

/** @param {any} options */
export async function retrievePii(options) {
  const settled = withPlatform(settle("retrievePii", options));
  return run("retrievePii", settled, (core) => core.retrievePii(settled));
}

/** @param {any} options */
export async function fetchEvidence(options) {
  const settled = withPlatform(settle("fetchEvidence", options));
  return run("fetchEvidence", settled, (core) => core.fetchEvidence(settled));
}

/** @param {any} options */
export async function streamEvidence(options) {
  const settled = withPlatform(settle("streamEvidence", options));
  // A stream fails when nobody is left to wrap what it fails with.
  settled.fail = wrap;
  return run("streamEvidence", settled, (core) => core.streamEvidence(settled));
}

/** @param {any} options */
export async function submitDecision(options) {
  const settled = withPlatform(settle("submitDecision", options));
  return run("submitDecision", settled, (core) => core.submitDecision(settled));
}

/** @param {any} options */
export async function listAttestations(options) {
  const settled = withPlatform(settle("listAttestations", options));
  return run("listAttestations", settled, (core) => core.listAttestations(settled));
}

/** @param {any} [options] */
export async function searchAttestations(options) {
  const settled = withPlatform(settle("searchAttestations", options));
  return run("searchAttestations", settled, (core) => core.searchAttestations(settled));
}

/** @param {any} [options] */
export function eachAttestation(options) {
  /** @type {any} */
  let walk;
  let stopped = false;
  const records = (async function* () {
    const settled = withPlatform(settle("eachAttestation", options));
    // The walk lives in the instance that it began in.
    const instance = await instanceFor("eachAttestation", settled);
    walk = await runOn(instance, "eachAttestation", (core) => new core.AttestationWalk(settled));
    try {
      while (!stopped) {
        const page = await runOn(instance, "eachAttestation", () => walk.next());
        if (page === undefined || stopped) return;
        for (const record of page) {
          if (stopped) return;
          yield record;
        }
      }
    } finally {
      walk.stop();
    }
  })();
  const stop = () => {
    stopped = true;
    walk?.stop();
  };
  return {
    next: () => records.next(),
    /** @param {any} [value] */
    return(value) {
      // At once: what is on its way is torn down, and a `next` that waits for it ends.
      stop();
      return records.return(value);
    },
    /** @param {any} error */
    throw(error) {
      stop();
      return records.throw(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** @param {any} options */
export async function screenPii(options) {
  const settled = settle("screenPii", options);
  return run("screenPii", settled, (core) => core.screenPii(settled));
}
