// @ts-check
// Loading is part of a call: it ends in time, is heard when aborted, and a wrong module is not remembered. Each case needs
// a package that has loaded nothing yet, so each gets a copy of it.

import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";

const record = { id: "r1", type: "t", status: "verification-success", links: [] };
const fetch = async () => Response.json(record);

/** @type {string[]} */
const copies = [];
after(() => Promise.all(copies.map((copy) => rm(copy, { recursive: true, force: true }))));

/** @returns {Promise<string>} */
async function copyOfThePackage() {
  const copy = await mkdtemp(join(tmpdir(), "passdesk-loading-"));
  copies.push(copy);
  await cp(dirname(createRequire(import.meta.url).resolve("passdesk/package.json")), copy, { recursive: true });
  return copy;
}

/**
 * @param {string} copy
 * @param {string} entry
 * @returns {Promise<any>}
 */
const load = (copy, entry) => import(String(pathToFileURL(join(copy, entry))));

/** An entry whose first download hangs, and whose second does not. */
const HANGS_ONCE = `
import { readFile } from "node:fs/promises";
import { provide } from "./instance.js";
let first = true;
provide(async () => {
  if (first) { first = false; await new Promise(() => {}); }
  return WebAssembly.compile(await readFile(new URL("./passdesk.wasm", import.meta.url)));
});
export * from "./operations.js";
`;

test("a load that hangs ends with the call's time-out, and the next call loads afresh", {
  timeout: 20_000,
}, async () => {
  const copy = await copyOfThePackage();
  await writeFile(join(copy, "hangs.js"), HANGS_ONCE);
  const passdesk = await load(copy, "hangs.js");
  const error = await passdesk
    .retrievePii({ requestId: "r1", fetch, timeoutMs: 100 })
    .catch((/** @type {unknown} */ e) => e);
  assert.equal(error.code, "load_failed");
  assert.equal(error.retryable, true);
  assert.deepEqual(await passdesk.retrievePii({ requestId: "r1", fetch }), record);
});

test("an abort is heard while the module loads", { timeout: 20_000 }, async () => {
  const copy = await copyOfThePackage();
  await writeFile(join(copy, "hangs.js"), HANGS_ONCE);
  const passdesk = await load(copy, "hangs.js");
  const controller = new AbortController();
  setTimeout(() => controller.abort("enough"), 50);
  const error = await passdesk
    .retrievePii({ requestId: "r1", fetch, signal: controller.signal })
    .catch((/** @type {unknown} */ e) => e);
  assert.deepEqual([error.code, error.cause], ["aborted", "enough"]);
});

test("a call with a wrong option does not wait for a load that hangs beyond its own time-out or signal", {
  timeout: 20_000,
}, async () => {
  for (const limits of [{ timeoutMs: 100 }, { signal: AbortSignal.timeout(100) }]) {
    const copy = await copyOfThePackage();
    await writeFile(join(copy, "hangs.js"), HANGS_ONCE);
    const passdesk = await load(copy, "hangs.js");
    const stop = new AbortController();
    const first = passdesk.retrievePii({ requestId: "r1", fetch, signal: stop.signal });
    const began = performance.now();
    const error = await passdesk
      .retrievePii({ requestId: "r1", oops: 1, ...limits })
      .catch((/** @type {any} */ e) => e);
    assert.equal(error.code, "invalid_argument");
    assert.ok(performance.now() - began < 5000);
    stop.abort();
    await assert.rejects(first, { code: "aborted" });
  }
});

test("a call with a wrong option does not make the next one load once more", { timeout: 20_000 }, async () => {
  const copy = await copyOfThePackage();
  await writeFile(
    join(copy, "slow.js"),
    `
    import { readFile } from "node:fs/promises";
    import { provide } from "./instance.js";
    export const loads = [];
    provide(async () => {
      loads.push(Date.now());
      await new Promise((resolve) => setTimeout(resolve, 500));
      return WebAssembly.compile(await readFile(new URL("./passdesk.wasm", import.meta.url)));
    });
    export * from "./operations.js";
    `,
  );
  const passdesk = await load(copy, "slow.js");
  const call = (/** @type {object} */ more) => passdesk.retrievePii({ requestId: "r1", fetch, ...more });
  const first = call({});
  for (const wrong of [{ timeoutMs: "soon" }, { timeoutMs: 0 }, { timeoutMs: 20, oops: 1 }]) {
    await assert.rejects(call(wrong), { code: "invalid_argument" });
  }
  assert.deepEqual(await Promise.all([first, call({})]), [record, record]);
  assert.equal(passdesk.loads.length, 1);
});

test("a signal that breaks is invalid_argument, also with the first call of all", { timeout: 20_000 }, async () => {
  for (const signal of [
    { aborted: false, addEventListener() {} },
    {
      get aborted() {
        throw new Error("raw");
      },
    },
    {
      aborted: false,
      addEventListener() {
        throw 1;
      },
      removeEventListener() {
        throw 2;
      },
    },
  ]) {
    const passdesk = await load(await copyOfThePackage(), "node.js");
    const outcome = await passdesk.retrievePii({ requestId: "r1", fetch, signal }).then(
      () => "resolved",
      (/** @type {any} */ e) => `${e.name} ${e.code}`,
    );
    // The first is as good as a signal; nothing but its removal is missing.
    assert.ok(["resolved", "PassdeskError invalid_argument"].includes(outcome), outcome);
    assert.ok(outcome !== "resolved" || "addEventListener" in signal, outcome);
  }
});

test("slim: another module is refused, and the right one heard afterwards", { timeout: 20_000 }, async () => {
  const slim = await load(await copyOfThePackage(), "slim.js");
  const other = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  const error = await slim.init(other).catch((/** @type {unknown} */ e) => e);
  assert.equal(error.code, "load_failed");
  assert.equal(
    (await slim.retrievePii({ requestId: "r1", fetch }).catch((/** @type {any} */ e) => e)).code,
    "load_failed",
  );
  await slim.init(await readFile(createRequire(import.meta.url).resolve("passdesk/passdesk.wasm")));
  assert.deepEqual(await slim.retrievePii({ requestId: "r1", fetch }), record);
});
