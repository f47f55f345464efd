// @ts-check
// workerd compiles what it imports, and nothing else: no bytes may be compiled in a handler.

import module from "./passdesk.wasm";
import { provide } from "./instance.js";

provide(() => module);

export * from "./operations.js";
