// @ts-check
// The one WebAssembly instance that all calls share: loaded with the first of them, replaced after a trap.

import { instantiate } from "./core.js";
import { aborted, Failure } from "./error.js";
import { take } from "./hands.js";

/** @typedef {import("./call.js").Call} Call */
/** @typedef {{ core: any, calls: Call[], dead: boolean, failure: (operation: string) => Error, trap: () => void }} Instance */

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
 * The same, by one that has it: to wait for what is there, with a clock and a race, took 0.2 ms of a Worker's first call.
 *
 * @param {WebAssembly.Module} module
 */
export function hold(module) {
  compiled ??= module;
}

/**
 * @param {string} operation
 * @param {string} message
 * @param {boolean} retryable
 */
function failed(operation, message, retryable) {
  return new Failure("load_failed", message, retryable).told(operation, 0);
}

/**
 * Whether a module is this package's: any other compiles as well, and would fail with every call.
 *
 * @param {WebAssembly.Module} module
 */
export function isOurs(module) {
  return WebAssembly.Module.exports(module).some(({ name }) => name === "hear");
}

/** Compiles the module, once for all who ask at the same time. A failure is forgotten, not remembered. */
function load() {
  if (!source) throw new Error("init() of passdesk/slim has not been called");
  if (loading) return loading;
  const mine = Promise.resolve()
    .then(source)
    .then((module) => {
      if (!isOurs(module)) throw new TypeError("another module");
      compiled ??= module;
    })
    .finally(() => forget(mine));
  loading = mine;
  return mine;
}

/**
 * The next call loads afresh.
 *
 * @param {Promise<void>} mine
 */
function forget(mine) {
  if (loading === mine) loading = undefined;
}

/** @returns {Instance} */
function fresh() {
  /** @type {Call[]} */
  const calls = [];
  const failure = (/** @type {string} */ operation) => failed(operation, TRAPPED, true);
  /** @type {Instance} */
  const instance = {
    core: undefined,
    calls,
    dead: false,
    failure,
    // This instance is done for. Its calls end here, the next call gets a fresh one.
    trap() {
      if (instance.dead) return;
      instance.dead = true;
      if (live === instance) live = undefined;
      take();
      for (const call of [...calls]) call.fail(failure(call.operation), true);
    },
  };
  instance.core = instantiate(/** @type {WebAssembly.Module} */ (compiled), instance.trap);
  return instance;
}

/**
 * The instance for a call: the one in use, or the first.
 *
 * @param {string} operation
 * @param {{ signal?: AbortSignal, timeoutMs?: number }} options hold while the module loads; afterwards the call heeds them
 * @returns {Instance | Promise<Instance>}
 */
export function ready(operation, options) {
  if (live) return live;
  if (compiled) return start(operation);
  return loaded(operation, options).then(() => live ?? start(operation));
}

/**
 * Waits for a load that is under way, however that ends, and no longer than a call with these options would.
 *
 * @param {any} options as the caller gave them
 */
export const warm = async (options) => loading && loaded("", options).catch(() => {});

/** @param {string} operation */
function start(operation) {
  try {
    if (!isOurs(/** @type {WebAssembly.Module} */ (compiled))) throw new TypeError("another module");
    live = fresh();
  } catch {
    throw failed(operation, "the WebAssembly module could not be instantiated", false);
  }
  return live;
}

/** How long a load may take where the call does not say. */
const LOAD_MS = 30_000;

/**
 * Waits for the module, but no longer than the call lets its attempts take, and not beyond its signal.
 *
 * @param {string} operation
 * @param {{ signal?: AbortSignal, timeoutMs?: number }} options
 */
async function loaded(operation, { signal, timeoutMs }) {
  /** @type {Promise<void>} */
  let pending;
  try {
    pending = load();
  } catch (error) {
    throw failed(operation, /** @type {Error} */ (error).message, false);
  }
  /** @type {(reason: unknown) => void} */
  let end = () => {};
  const ended = new Promise((_, reject) => {
    end = reject;
  });
  const ms = Math.min(timeoutMs ?? LOAD_MS, LOAD_MS);
  const timer = setTimeout(() => {
    // Whoever comes next does not wait for a download that hangs. Of one that merely takes longer than `warm` may wait, no call
    // has said so.
    if (operation) forget(pending);
    end(failed(operation, "the WebAssembly module did not load in time", true));
  }, ms);
  const deaf = listen(signal, (reason) => end(aborted(reason).told(operation, 0)));
  try {
    await Promise.race([pending.catch((error) => Promise.reject(unloadable(operation, error))), ended]);
  } finally {
    clearTimeout(timer);
    deaf();
  }
}

/**
 * @param {string} operation
 * @param {unknown} error
 */
function unloadable(operation, error) {
  // Its name only: a loader's message holds an address.
  const name = error instanceof Error ? error.name : typeof error;
  return failed(operation, `the WebAssembly module could not be loaded (${name})`, true);
}

/**
 * Hears an abort while the module loads. What is no signal, or breaks, is the core's to refuse, by name.
 *
 * @param {any} signal
 * @param {(reason: unknown) => void} then
 */
function listen(signal, then) {
  const abort = () => then(signal.reason);
  try {
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort);
  } catch {
    // Refused later.
  }
  return () => {
    try {
      signal?.removeEventListener("abort", abort);
    } catch {
      // Refused later.
    }
  };
}
