// @ts-check
// The module inside JavaScript, for the entries that fall back to it and the one that is made of it.

import bytes from "./inline-bytes.js";

/** Compiles the inlined bytes. */
export function compile() {
  return WebAssembly.compile(Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0)));
}
