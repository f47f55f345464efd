// @ts-check
// What a user downloads: the module, and each entry bundled with all it imports, minified. `--goals` sets it beside the others.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "esbuild";

/** @param {string} name */
const pkg = (name) => fileURLToPath(new URL(`../pkg/${name}`, import.meta.url));

/** @typedef {{ raw: number, gzip: number, brotli: number }} Size */

/** @param {Uint8Array} bytes @returns {Size} */
const measure = (bytes) => ({
  raw: bytes.length,
  gzip: gzipSync(bytes, { level: 9 }).length,
  brotli: brotliCompressSync(bytes).length,
});

/** @param {Size} a @param {Size} b @returns {Size} */
const sum = (a, b) => ({ raw: a.raw + b.raw, gzip: a.gzip + b.gzip, brotli: a.brotli + b.brotli });

/** The bundle of an entry, without the module and without what is only fetched where the module cannot be had. @param {string} name */
async function entry(name) {
  const { outputFiles } = await build({
    entryPoints: [pkg(name)],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    write: false,
    logLevel: "error",
    external: ["*.wasm", "node:*", "./inline-bytes.js", "react"],
  });
  return measure(outputFiles[0].contents);
}

/** @param {string} what @param {Size} size */
function line(what, { raw, gzip, brotli }) {
  const columns = [raw, gzip, brotli].map((n) => n.toLocaleString("en").padStart(10));
  console.log(what.padEnd(32) + columns.join(""));
}

const wasm = measure(readFileSync(pkg("passdesk.wasm")));
console.log(`${"".padEnd(32)}${["bytes", "gzip -9", "brotli"].map((word) => word.padStart(10)).join("")}`);
line("passdesk.wasm", wasm);
const workerd = sum(wasm, await entry("workerd.js"));
line("in a Worker, with its JavaScript", workerd);
line("in a page, with its JavaScript", sum(wasm, await entry("browser.js")));
line("passdesk/react, in a dApp", await entry("react.js"));

if (process.argv.includes("--goals")) {
  // Minified, gzip -9, as published in November 2026.
  const goals = [
    { name: "stripe 23.1, its Worker entry", gzip: 32_869 },
    { name: "openai 6.49", gzip: 35_958 },
    { name: "auth0 7.1", gzip: 55_894 },
    { name: "@onfido/api 6.2", gzip: 85_515 },
  ];
  console.log("\nIn a Worker, gzip -9, against");
  for (const { name, gzip } of goals) {
    const verdict = workerd.gzip < gzip ? `beaten by ${gzip - workerd.gzip}` : `missed by ${workerd.gzip - gzip}`;
    console.log(`${name.padEnd(32)}${gzip.toLocaleString("en").padStart(20)}   ${verdict}`);
  }
}
