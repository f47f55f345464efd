// @ts-check
// The state machine of a case is Rust (src/desk/): what may happen next is decided there, and only stored and done here.

import module from "../desk.wasm";
import { instantiate } from "../desk-core.js";

/** @type {import("../desk-core.d.ts").DeskCore | undefined} */
let live;

/** The instance in use. After a trap the next call gets a fresh one: it keeps no state between calls. */
export function core() {
  live ??= instantiate(module, () => {
    live = undefined;
    // What a dead instance answers means nothing.
    throw new Error("the state machine failed while it ran");
  });
  return live;
}
