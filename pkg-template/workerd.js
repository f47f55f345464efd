// @ts-check
// workerd compiles what it imports, and nothing else: no bytes may be compiled in a handler.

import { provide } from "./instance.js";
import module from "./passdesk.wasm";

provide(() => module);

export * from "./operations.js";
