// @ts-check
// What tests/boundary.rs takes from JavaScript, in one file. As its ten it is fetched over six connections at once, and the
// server of wasm-bindgen's runner, which begins with four threads, now and then lets one of them wait for ever (tiny_http
// 0.12, `TaskPool::spawn`: a thread that was woken still counts as idle).

import { build } from "esbuild";

await build({
  entryPoints: ["tests/boundary.js"],
  bundle: true,
  format: "esm",
  outfile: "tests/dist/boundary.js",
  logLevel: "error",
});
