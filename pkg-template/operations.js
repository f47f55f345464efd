// @ts-check
// The functions of the package. Each settles its options and hands them on to the core as plain data.

import { invalid, look } from "./error.js";
import { ready, warm } from "./instance.js";
import { settle } from "./options.js";
import { get, invalidate } from "./provider.js";
import { check, OPEN, pageOf, screenPii as screen, start } from "./start.js";
import { Walk } from "./walk.js";

export { codes, isPassdeskError, PassdeskError } from "./error.js";

/**
 * Runs an operation in the instance that all calls share, which is there but for the first of them.
 *
 * @param {import("./options.js").Operation} operation
 * @param {any} options
 * @param {(instance: import("./instance.js").Instance, operation: string, settled: any) => any} [then]
 * @returns {Promise<any>}
 */
function run(operation, options, then = start) {
  try {
    const settled = settle(operation, options);
    const instance = ready(operation, settled);
    if (instance instanceof Promise) return instance.then((loaded) => then(loaded, operation, settled));
    return then(instance, operation, settled);
  } catch (error) {
    // Not before others that were made at the same time, and wait for the module: whoever looks at several calls one after the
    // other is not to find a rejection that nobody has handled.
    return warm(options).then(() => Promise.reject(error));
  }
}

/** @param {any} options */
export const exchangeToken = (options) => run("exchangeToken", options);

/** @param {any} options */
export const retrievePii = (options) => run("retrievePii", options);

/** @param {any} options */
export const fetchEvidence = (options) => run("fetchEvidence", options);

/** @param {any} options */
export const streamEvidence = (options) => run("streamEvidence", options);

/** @param {any} options */
export const submitDecision = (options) => run("submitDecision", options);

/** @param {any} options */
export const listAttestations = (options) => run("listAttestations", options);

/** @param {any} [options] */
export const searchAttestations = (options) => run("searchAttestations", options);

/** @param {any} options */
export const screenPii = async (options) =>
  run("screenPii", options, async (instance, _, settled) => screen(instance, settled));

/** @param {any} options */
export function tokenProvider(options) {
  const operation = "tokenProvider";
  const settled = settle(operation, options);
  const { store } = settled;
  for (const name of ["tokenUrl", "clientId", "clientSecret"]) {
    if (!settled[name]) throw invalid(operation, `\`${name}\` must be a string that is not empty`);
  }
  for (const name of ["get", "set", "delete"]) {
    if (store !== undefined && typeof look(store, name) !== "function") {
      throw invalid(operation, "`store` must have the functions get, set and delete");
    }
  }
  try {
    check("exchangeToken", settled);
  } catch (error) {
    throw Object.assign(/** @type {Error} */ (error), { operation });
  }
  // Plain data, and the only thing that calls share: values, never a promise.
  const state = { rest: 0 };
  /**
   * @param {any} over
   * @param {(instance: import("./instance.js").Instance, settled: any, own: any) => any} then
   */
  const within = async (over, then) => {
    const own = settle("getToken", over, "exchangeToken");
    const both = { ...settled, ...own };
    return then(await ready("exchangeToken", both), both, own);
  };
  /** @param {any} [over] */
  const getToken = (over) =>
    within(over, (instance, both, own) => {
      const limited = own.timeoutMs !== undefined || own.maxRetries !== undefined || own.fetch !== undefined;
      return get(instance, both, state, limited, OPEN.exchangeToken);
    });
  /** @param {any} accessToken */
  const forget = (accessToken) =>
    within({}, (instance, both) => {
      if (typeof accessToken !== "string") throw invalid("exchangeToken", "`accessToken` must be a string");
      return invalidate(instance, both, state, accessToken, OPEN.exchangeToken);
    });
  const provider = async () => (await getToken()).accessToken;
  return Object.assign(provider, { get: getToken, invalidate: forget });
}

/** @param {any} [options] */
export function eachAttestation(options) {
  const operation = "eachAttestation";
  /** @type {Walk | undefined} */
  let walk;
  let stopped = false;
  const records = (async function* () {
    const settled = settle(operation, options);
    // The walk lives in the instance that it began in.
    walk = new Walk(await ready(operation, settled), settled, pageOf);
    try {
      while (!stopped) {
        const page = await walk.next();
        if (page === undefined) return;
        for (const record of page) {
          if (walk.over()) return;
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
