// @ts-check
// The module by hand: for those who want to say when it loads, and from where.

import { PassdeskError } from "./error.js";
import { hold, isOurs } from "./instance.js";

/**
 * @param {any} source
 * @returns {Promise<WebAssembly.Module>}
 */
async function compile(source) {
  const given = await source;
  if (given instanceof WebAssembly.Module) return given;
  if (given instanceof ArrayBuffer || ArrayBuffer.isView(given))
    return WebAssembly.compile(/** @type {BufferSource} */ (given));
  if (typeof given?.arrayBuffer === "function") {
    if (given.ok === false) throw new Error("the response is not ok");
    return WebAssembly.compile(await given.arrayBuffer());
  }
  throw new TypeError("not a module");
}

/** @param {any} source */
export async function init(source) {
  /** @type {WebAssembly.Module} */
  let module;
  try {
    module = await compile(source);
    if (!isOurs(module)) throw new TypeError("another module");
  } catch (error) {
    const name = error instanceof Error ? error.name : typeof error;
    throw new PassdeskError({
      code: "load_failed",
      operation: "init",
      message: `init() needs a WebAssembly.Module, its bytes, or a response with them (${name})`,
      attempts: 0,
      retryable: !(error instanceof TypeError),
    });
  }
  hold(module);
}

export * from "./operations.js";
