// @ts-check
// What a user downloads: each entry with all it imports and the module, and the Workers' entries of other packages, all
// minified by the same esbuild in the same run.

import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { report } from "./rounds.mjs";
import { versionsOf } from "./versions.mjs";

/** @typedef {{ raw: number, gzip: number, brotli: number }} Size */

/** @param {Uint8Array} bytes @returns {Size} */
const measure = (bytes) => ({
  raw: bytes.length,
  gzip: gzipSync(bytes, { level: 9 }).length,
  brotli: brotliCompressSync(bytes).length,
});

/** @param {Size} a @param {Size} b @returns {Size} */
const sum = (a, b) => ({ raw: a.raw + b.raw, gzip: a.gzip + b.gzip, brotli: a.brotli + b.brotli });

/** @param {Size} a @returns {Size} */
const minus = (a) => ({ raw: -a.raw, gzip: -a.gzip, brotli: -a.brotli });

/**
 * @param {string} statement an import that keeps all that is imported
 * @param {string[]} conditions
 */
async function bundled(statement, conditions) {
  const { outputFiles } = await build({
    stdin: { contents: statement, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions,
    write: false,
    logLevel: "error",
    external: ["*.wasm", "node:*", "*/inline-bytes.js", ...builtinModules],
  });
  return measure(outputFiles[0].contents);
}

const WORKER = ["workerd", "worker"];
const wasm = measure(readFileSync(fileURLToPath(import.meta.resolve("passdesk/passdesk.wasm"))));
const worker = sum(wasm, await bundled('export * from "passdesk"', WORKER));
const page = sum(wasm, await bundled('export * from "passdesk"', ["browser"]));

/** @param {Size} size */
const told = ({ raw, gzip, brotli }) =>
  `${raw.toLocaleString("en")} B; gzip -9 ${gzip.toLocaleString("en")}; brotli ${brotli.toLocaleString("en")}`;

/** @type {import("./rounds.mjs").Row[]} */
const rows = [
  { what: "passdesk.wasm", against: "", figure: told(wasm) },
  { what: "in a page, with its JavaScript", against: "", figure: told(page) },
  {
    what: "in a Worker, with its JavaScript",
    against: "gzip -9",
    figure: `${worker.gzip.toLocaleString("en")} of ${worker.raw.toLocaleString("en")} B`,
    goal: "≤ 30,000",
    reached: worker.gzip <= 30_000,
  },
  {
    what: "",
    against: "brotli",
    figure: worker.brotli.toLocaleString("en"),
    goal: "≤ 26,000",
    reached: worker.brotli <= 26_000,
  },
];
const peers = {
  stripe: 'export * from "stripe"; export { default } from "stripe"',
  openai: 'export * from "openai"; export { default } from "openai"',
  auth0: 'export * from "auth0"',
  "@onfido/api": 'export * from "@onfido/api"',
  "openid-client": 'export * from "openid-client"',
};
for (const [peer, statement] of Object.entries(peers)) {
  const size = await bundled(statement, [...WORKER, "module", "import"]);
  rows.push({
    what: "",
    against: `${peer}, gzip -9`,
    figure: `${size.gzip.toLocaleString("en")}; Passdesk is ${(worker.gzip / size.gzip).toFixed(2)} of it`,
    ...(peer === "stripe" || peer === "openai" ? { goal: "smaller", reached: worker.gzip < size.gzip } : {}),
  });
}
const { PASSDESK_STABLE } = process.env;
if (PASSDESK_STABLE) {
  // The same source, where the standard library cannot be built anew.
  const stable = measure(readFileSync(PASSDESK_STABLE));
  rows.push({ what: "passdesk.wasm with the standard library as it comes", against: "", figure: told(stable) });
  rows.push({
    what: "it, in a Worker, with its JavaScript",
    against: "",
    figure: told(sum(stable, sum(worker, minus(wasm)))),
  });
}
report("size", "Size", rows, versionsOf(...Object.keys(peers), "esbuild"));
