export * from "./passdesk.js";

/**
 * Hands over the WebAssembly module; the calls of this entry reject with `load_failed` until it has been called. Calling
 * it again is harmless: the first module that loads is kept.
 *
 * Bytes and responses are compiled here, which workerd allows at no time; give it a compiled module:
 *
 * ```js
 * import module from "passdesk/passdesk.wasm";
 * await init(module);
 * ```
 *
 * @param source A compiled module, its bytes, or a response (or the promise of one) that brings them.
 * @throws PassdeskError `load_failed`; the next call of `init` starts afresh
 */
export function init(
  // The DOM's `WebAssembly.Module` has no members, so that on its own it would let a path through.
  source: (WebAssembly.Module & object) | ArrayBuffer | ArrayBufferView | Response | Promise<Response>,
): Promise<void>;
