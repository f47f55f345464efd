// @ts-check
// The module inside JavaScript, for tools that cannot handle a .wasm file.

import bytes from "./inline-bytes.js";
import { provide } from "./instance.js";

/** Compiles the inlined bytes. */
export function compile() {
  return WebAssembly.compile(Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0)));
}

provide(compile);

export * from "./operations.js";
