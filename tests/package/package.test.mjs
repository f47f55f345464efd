// @ts-check
// The tarball itself: what is in it, what is not, and what the tools that judge packages say.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { install, tarball } from "../support/install.mjs";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const bin = (/** @type {string} */ name) => join(root, "node_modules", ".bin", name);

/** Every file that users get. A new one is added here on purpose, or not at all. */
const FILES = [
  "LICENSE-APACHE",
  "LICENSE-MIT",
  "README.md",
  "body.js",
  "browser.js",
  "call.js",
  "core.js",
  "desk-core.js",
  "desk.wasm",
  "error.js",
  "evidence.js",
  "hands.js",
  "inline-bytes.js",
  "inline-module.js",
  "inline.d.ts",
  "inline.js",
  "instance.js",
  "many.js",
  "node.js",
  "once.js",
  "operations.js",
  "options.js",
  "package.json",
  "passdesk.d.ts",
  "passdesk.wasm",
  "passdesk.wasm.d.ts",
  "provider.js",
  "react.d.ts",
  "react.js",
  "react/answer.js",
  "react/handoff.js",
  "react/memory.js",
  "react/request-id.js",
  "react/turn.js",
  "sandbox.d.ts",
  "sandbox.js",
  "sandbox/answer.js",
  "sandbox/attestations.js",
  "sandbox/canvas.js",
  "sandbox/cases.js",
  "sandbox/civic.js",
  "sandbox/context.js",
  "sandbox/effects.js",
  "sandbox/evidence.js",
  "sandbox/faults.js",
  "sandbox/gif.js",
  "sandbox/globalid.js",
  "sandbox/grant.js",
  "sandbox/heic.js",
  "sandbox/jpeg.js",
  "sandbox/lettering.js",
  "sandbox/options.js",
  "sandbox/pdf.js",
  "sandbox/png.js",
  "sandbox/random.js",
  "sandbox/specimen.js",
  "sandbox/streams.js",
  "sandbox/token.js",
  "sandbox/webp.js",
  "slim.d.ts",
  "slim.js",
  "start.js",
  "walk.js",
  "worker.d.ts",
  "worker.js",
  "worker/access.js",
  "worker/audit.js",
  "worker/budget.js",
  "worker/cases.js",
  "worker/civic.js",
  "worker/core.js",
  "worker/database.js",
  "worker/delivery.js",
  "worker/desk.js",
  "worker/doors.js",
  "worker/failures.js",
  "worker/globalid.js",
  "worker/headers.js",
  "worker/health.js",
  "worker/intake.js",
  "worker/log.js",
  "worker/metrics.js",
  "worker/notes.js",
  "worker/pages.js",
  "worker/reasons.js",
  "worker/reveal.js",
  "worker/roles.js",
  "worker/seal.js",
  "worker/settings.js",
  "worker/sweep.js",
  "worker/tag.js",
  "worker/tokens.js",
  "worker/viewers.js",
  "workerd.js",
];

describe("the tarball", () => {
  /** @type {Awaited<ReturnType<typeof install>>} */
  let user;
  before(async () => {
    user = await install();
  });
  after(() => user?.remove());
  /** @param {string} file */
  const read = (file) => readFile(join(user.folder, "node_modules/passdesk", file));

  test("holds these files and no others", async () => {
    const { stdout } = await run("tar", ["-tzf", await tarball()]);
    const files = stdout
      .trim()
      .split("\n")
      .filter((path) => !path.endsWith("/"))
      .map((path) => path.replace(/^package\//u, ""));
    assert.deepEqual(files.sort(), [...FILES].sort());
  });

  test("publint has nothing to say", async () => {
    const { publint } = await import("publint");
    const { messages } = await publint({ pkgDir: join(user.folder, "node_modules/passdesk"), strict: true });
    assert.deepEqual(messages, []);
  });

  test("attw has nothing to say", { timeout: 120_000 }, async () => {
    // The profile judges what ESM can be: Node by import, and bundlers. It still lists what it ignores.
    const { stdout } = await run(bin("attw"), [await tarball(), "--profile", "esm-only", "--format", "json"]).catch(
      (error) => assert.fail(`attw: ${error.stdout}${error.stderr}`),
    );
    /** @type {{ resolutionKind?: string }[]} */
    const problems = Object.values(JSON.parse(stdout).problems ?? {}).flat();
    assert.deepEqual(
      problems.filter((it) => !["node10", "node16-cjs"].includes(it.resolutionKind ?? "")),
      [],
    );
  });

  test("every path of package.json is a file of the tarball", async () => {
    const manifest = JSON.parse(String(await read("package.json")));
    /** @param {unknown} value @returns {string[]} */
    const paths = (value) =>
      typeof value === "string"
        ? [value]
        : value && typeof value === "object"
          ? Object.values(value).flatMap(paths)
          : [];
    for (const path of [...paths(manifest.exports), manifest.main, manifest.types, ...manifest.sideEffects]) {
      assert.ok(FILES.includes(path.replace(/^\.\//u, "")), `${path} is in the tarball`);
    }
    assert.equal(manifest.dependencies, undefined, "no dependency at all");
    assert.equal(manifest.scripts, undefined, "and nothing that runs on install");
    assert.deepEqual(
      Object.keys(manifest.exports["."]).slice(0, 2),
      ["types", "workerd"],
      "wrangler also matches `browser`",
    );
  });

  test("no file tells of the machine that built it", async () => {
    // Where this machine keeps its homes and this checkout, and how others and their registries are called.
    const folders = [homedir(), dirname(homedir()), dirname(resolve(root)), "/home", "/Users", "/github"];
    const traces = folders.filter((folder) => folder !== "/").map((folder) => `${folder}/`);
    traces.push(".cargo/registry", ".rustup", "sourceMappingURL", "file:///", ["crates", "io"].join("."));
    for (const file of FILES) {
      const text = (await read(file)).toString("latin1");
      for (const trace of traces) {
        const at = text.indexOf(trace);
        assert.equal(at, -1, `${file} holds ${trace}: …${text.slice(Math.max(0, at - 40), at + 60)}…`);
      }
    }
  });

  test("the inlined bytes are the module", async () => {
    const { default: text } = await import(join(user.folder, "node_modules/passdesk/inline-bytes.js"));
    assert.ok(Buffer.from(text, "base64").equals(await read("passdesk.wasm")));
  });

  test("the module names no debug sections, and asks for nothing newer than its runtimes have", async () => {
    const module = new WebAssembly.Module(await read("passdesk.wasm"));
    for (const section of ["name", ".debug_info", ".debug_str", "sourceMappingURL", "producers"]) {
      assert.equal(WebAssembly.Module.customSections(module, section).length, 0, `a section ${section}`);
    }
    // The imports come from one place: the glue. A second name would mean a snippet that no bundler can find.
    assert.equal(new Set(WebAssembly.Module.imports(module).map((it) => it.module)).size, 1);
  });

  test("what workerd reaches has no import.meta.url and no top-level await", async () => {
    const seen = new Set();
    const queue = ["workerd.js"];
    for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
      if (seen.has(file)) continue;
      seen.add(file);
      const text = String(await read(file));
      assert.doesNotMatch(text.replaceAll(/\/\/.*$|\/\*[\s\S]*?\*\//gmu, ""), /import\.meta|^await /mu, file);
      for (const [, next = ""] of text.matchAll(/(?:from|import)\s*\(?"\.\/([^"]+\.js)"/gu)) queue.push(next);
    }
    assert.ok(seen.has("core.js"));
    assert.ok(!seen.has("inline-bytes.js"), "nor the inlined bytes");
  });

  test("stays small", async () => {
    const wasm = gzipSync(await read("passdesk.wasm"), { level: 9 }).length;
    const glue = await Promise.all(["core.js", "operations.js", "error.js", "instance.js", "workerd.js"].map(read));
    const script = glue.reduce((sum, text) => sum + gzipSync(text, { level: 9 }).length, 0);
    console.log(`gzip: passdesk.wasm ${wasm}, scripts of the workerd entry (not minified) ${script}`);
    assert.ok(wasm < 100_000, `the module has ${wasm} bytes, compressed`);
  });
});
