// @ts-check
// What a Worker loads: the module and its entry, all operations. The line that was reached is held; whoever gets below it
// lowers it. Sizes are exact, so this may fail by a byte.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "esbuild";

/** With the standard library built for size, and as it comes where its source is not to be had. */
const LINES = { lean: { gzip: 29_228, brotli: 25_919 }, stable: { gzip: 31_267, brotli: 27_558 } };

/** Each Rust makes a little more or less of the same source: to the byte the one of Cargo.toml is held, another to a fiftieth. */
function room() {
  const [, known] =
    /^rust-version = "(.+)"$/m.exec(readFileSync(new URL("../../Cargo.toml", import.meta.url), "utf8")) ?? [];
  assert.ok(known);
  return execFileSync("rustc", ["--version"], { encoding: "utf8" }).startsWith(`rustc ${known}.`) ? 1 : 1.02;
}

test("the module and its entry stay below the line that was reached", async (context) => {
  const wasm = readFileSync(fileURLToPath(import.meta.resolve("passdesk/passdesk.wasm")));
  const { outputFiles } = await build({
    stdin: { contents: 'export * from "passdesk"', resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker"],
    write: false,
    external: ["*.wasm"],
  });
  const parts = [wasm, outputFiles[0].contents];
  /** @param {(bytes: Uint8Array) => Uint8Array} pack */
  const packed = (pack) => parts.reduce((sum, bytes) => sum + pack(bytes).length, 0);
  const gzip = packed((bytes) => gzipSync(bytes, { level: 9 }));
  const brotli = packed((bytes) => brotliCompressSync(bytes));
  // The words of a panic are in the one and not in the other.
  const reached = wasm.includes("capacity overflow") ? LINES.stable : LINES.lean;
  const most = room();
  const line = { gzip: Math.floor(reached.gzip * most), brotli: Math.floor(reached.brotli * most) };
  context.diagnostic(`gzip -9 ${gzip}, brotli ${brotli}`);
  assert.ok(gzip <= line.gzip, `gzip -9: ${gzip} B, ${gzip - line.gzip} more than there may be`);
  assert.ok(brotli <= line.brotli, `brotli: ${brotli} B, ${brotli - line.brotli} more than there may be`);
});
