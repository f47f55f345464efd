// @ts-check
// workerd compiles what it imports, and nothing else: no bytes may be compiled in a handler.

import { hold } from "./instance.js";
import module from "./passdesk.wasm";

hold(module);

export * from "./operations.js";
