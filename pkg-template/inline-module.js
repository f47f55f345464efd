// @ts-check
// The module inside JavaScript, for the entries that fall back to it and the one that is made of it.

import inlined from "./inline-bytes.js";

/** Compiles the inlined bytes. */
export function compile() {
  const text = atob(inlined);
  // Uint8Array.from with a function takes five times as long in an engine that has just begun: 6 ms of a page's start.
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = text.charCodeAt(i);
  return WebAssembly.compile(bytes);
}
