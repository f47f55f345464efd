// @ts-check
// The module by hand: for those who want to say when it loads, and from where.

import "./many.js";
import "./once.js";
import { PassdeskError } from "./error.js";
import { hold, isOurs } from "./instance.js";

/**
 * What the caller hands over; of a response what it brings.
 *
 * @param {any} source
 * @returns {Promise<any>}
 */
async function fetched(source) {
  const given = await source;
  if (typeof given?.arrayBuffer !== "function") return given;
  if (given.ok === false) throw new Error("the response is not ok");
  return given.arrayBuffer();
}

/**
 * @param {any} given
 * @returns {Promise<WebAssembly.Module>}
 */
async function compile(given) {
  if (given instanceof WebAssembly.Module) return given;
  // Node and Deno compile no DataView.
  const bytes = ArrayBuffer.isView(given) ? new Uint8Array(given.buffer, given.byteOffset, given.byteLength) : given;
  return WebAssembly.compile(bytes);
}

/** @param {any} source */
export async function init(source) {
  /** @type {WebAssembly.Module} */
  let module;
  // What was to bring it may do so another time; what came stays what it is.
  let retryable = true;
  try {
    const given = await fetched(source);
    retryable = false;
    module = await compile(given);
    if (!isOurs(module)) throw new TypeError("another module");
  } catch (error) {
    const name = error instanceof Error ? error.name : typeof error;
    throw new PassdeskError({
      code: "load_failed",
      operation: "init",
      message: `init() needs a WebAssembly.Module, its bytes, or a response with them (${name})`,
      attempts: 0,
      retryable,
    });
  }
  hold(module);
}

export * from "./operations.js";
