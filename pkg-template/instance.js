// @ts-check
// The one WebAssembly instance that all calls share: loaded with the first of them, replaced after a trap.

import { instantiate } from "./core.js";
import { codes, isPassdeskError, PassdeskError, wrap } from "./error.js";

/** @typedef {{ core: any, calls: Set<(reason: unknown) => void>, dead: boolean }} Instance */

const TRAPPED = "the module failed while it ran; the next call gets a fresh one";

/** @type {(() => WebAssembly.Module | Promise<WebAssembly.Module>) | undefined} */
let source;
/** @type {WebAssembly.Module | undefined} */
let compiled;
/** @type {Promise<void> | undefined} */
let loading;
/** @type {Instance | undefined} */
let live;

/**
 * An entry tells where the module comes from. The first that tells is heard: they all bring the same one.
 *
 * @param {() => WebAssembly.Module | Promise<WebAssembly.Module>} from
 */
export function provide(from) {
  source ??= from;
}

/**
 * @param {string} operation
 * @param {string} message
 * @param {boolean} retryable
 */
function failed(operation, message, retryable) {
  return new PassdeskError({ code: codes.LOAD_FAILED, operation, message, attempts: 0, retryable });
}

/** Compiles the module, once for all who ask at the same time. A failure is forgotten, not remembered. */
export function load() {
  if (compiled) return Promise.resolve();
  if (!source) throw new Error("init() of passdesk/slim has not been called");
  loading ??= Promise.resolve()
    .then(source)
    .then((module) => {
      compiled = module;
    })
    .finally(() => {
      loading = undefined;
    });
  return loading;
}

/** @returns {Instance} */
function fresh() {
  /** @type {Set<(reason: unknown) => void>} */
  const calls = new Set();
  /** @type {Instance} */
  const instance = { core: undefined, calls, dead: false };
  instance.core = instantiate(/** @type {WebAssembly.Module} */ (compiled), () => {
    // A trap: this instance is done for. Its calls end here, the next call gets a fresh one.
    instance.dead = true;
    if (live === instance) live = undefined;
    for (const fail of calls) fail(undefined);
  });
  return instance;
}

/**
 * The instance for a call: the one in use, or the first.
 *
 * @param {string} operation
 * @param {AbortSignal | undefined} signal heard while the module loads; afterwards the core hears it
 * @returns {Promise<Instance>}
 */
export async function instanceFor(operation, signal) {
  if (!compiled) await loaded(operation, signal);
  live ??= start(operation);
  return live;
}

/**
 * Runs one call of the core to its end, which comes also where the instance is done for meanwhile.
 *
 * @template T
 * @param {Instance} instance
 * @param {string} operation
 * @param {(core: any) => T | Promise<T>} call
 * @returns {Promise<T>}
 */
export function runOn(instance, operation, call) {
  return new Promise((resolve, reject) => {
    /** @param {unknown} reason */
    const fail = (reason) => {
      instance.calls.delete(fail);
      reject(isPassdeskError(reason) ? wrap(reason) : failed(operation, TRAPPED, false));
    };
    /** @param {T} value */
    const done = (value) => {
      instance.calls.delete(fail);
      resolve(value);
    };
    instance.calls.add(fail);
    try {
      const pending = call(instance.core);
      if (instance.dead) fail(undefined);
      else if (pending instanceof Promise) pending.then(done, fail);
      else done(pending);
    } catch (error) {
      fail(error);
    }
  });
}

/**
 * Runs one call of the core.
 *
 * @template T
 * @param {string} operation
 * @param {AbortSignal | undefined} signal
 * @param {(core: any) => T | Promise<T>} call
 * @returns {Promise<T>}
 */
export async function run(operation, signal, call) {
  return runOn(await instanceFor(operation, signal), operation, call);
}

/** @param {string} operation */
function start(operation) {
  try {
    return fresh();
  } catch {
    throw failed(operation, "the WebAssembly module could not be instantiated", false);
  }
}

/**
 * @param {string} operation
 * @param {AbortSignal | undefined} signal
 */
async function loaded(operation, signal) {
  /** @type {Promise<void>} */
  let pending;
  try {
    pending = load();
  } catch (error) {
    throw failed(operation, /** @type {Error} */ (error).message, false);
  }
  const outcome = pending.catch((error) => {
    // Its name only: a loader's message holds an address.
    const name = error instanceof Error ? error.name : typeof error;
    throw failed(operation, `the WebAssembly module could not be loaded (${name})`, true);
  });
  if (!isSignal(signal)) return outcome;
  /** @type {() => void} */
  let abort = () => {};
  const aborted = new Promise((_, reject) => {
    abort = () =>
      reject(
        new PassdeskError({
          code: codes.ABORTED,
          operation,
          message: "the caller aborted the call",
          attempts: 0,
          retryable: false,
          cause: signal.reason,
        }),
      );
  });
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort);
  try {
    await Promise.race([outcome, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
    outcome.catch(() => {});
    aborted.catch(() => {});
  }
}

/**
 * What is no signal is the core's to refuse, by name.
 *
 * @param {any} value
 * @returns {value is AbortSignal}
 */
function isSignal(value) {
  return typeof value === "object" && value !== null && typeof value.addEventListener === "function";
}
