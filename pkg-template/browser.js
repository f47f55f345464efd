// @ts-check
// Browsers, and what bundles for them. Vite and webpack see the `new URL` and ship the file; esbuild does not and ships the
// fallback inside its bundle; without a bundler the file lies beside this one.

import { provide } from "./instance.js";

provide(async () => {
  try {
    // A download that hangs is given up for the fallback.
    const response = await fetch(new URL("./passdesk.wasm", import.meta.url), { signal: AbortSignal.timeout(10_000) });
    if (!response.ok) throw new Error("the file is not there");
    return await WebAssembly.compileStreaming(response);
  } catch {
    const { compile } = await import("./inline-module.js");
    return compile();
  }
});

export * from "./operations.js";
