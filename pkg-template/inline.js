// @ts-check
// For tools that cannot handle a .wasm file.

import "./many.js";
import "./once.js";
import { compile } from "./inline-module.js";
import { provide } from "./instance.js";

provide(compile);

export * from "./operations.js";
