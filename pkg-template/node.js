// @ts-check
// Node, Deno and Bun: the file beside this one. Where it is not to be had (a bundle that left it behind, a Deno that may
// not read files), the same bytes come inside JavaScript.

import "./many.js";
import "./once.js";
import { provide } from "./instance.js";

provide(async () => {
  try {
    const { readFile } = await import("node:fs/promises");
    return await WebAssembly.compile(await readFile(new URL("./passdesk.wasm", import.meta.url)));
  } catch {
    const { compile } = await import("./inline-module.js");
    return compile();
  }
});

export * from "./operations.js";
