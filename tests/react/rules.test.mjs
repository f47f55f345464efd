// @ts-check
// The hook does not load the WebAssembly module, so the few rules that it needs stand in it a second time. Here they are
// held against the module's own, through the package.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { retrievePii } from "passdesk";

const entry = fileURLToPath(import.meta.resolve("passdesk/react"));
/** @param {string} name */
const inner = (name) => import(new URL(`react/${name}`, pathToFileURL(entry)).href);
const { MALFORMED, requestIdOf } = await inner("request-id.js");
const { backoffMs, refusal } = await inner("answer.js");
const { memoryOf } = await inner("memory.js");

/** @param {Record<string, unknown>} options @returns {Promise<any>} */
const errorOf = (options) =>
  retrievePii(/** @type {any} */ ({ token: "t", maxRetries: 0, ...options })).then(
    () => undefined,
    (error) => error,
  );

test("what is an id is the same", async () => {
  const codePoints = Array.from({ length: 0x180 }, (_, code) => `a${String.fromCharCode(code)}`);
  const ids = [
    "",
    ".",
    "..",
    "...",
    "~",
    "a/b",
    "a%2fb",
    "a\n",
    "\na",
    "\u2028",
    "0b0e7c1e-8d3a-4b7e-9f53-7f6cf2c5a111",
  ];
  const lengths = [1, 127, 128, 129, 1000].map((length) => "x".repeat(length));
  let refused = 0;
  for (const id of [...ids, ...lengths, ...codePoints]) {
    let sent = false;
    await errorOf({
      requestId: id,
      fetch: async () => {
        sent = true;
        return new Response("{}", { status: 404 });
      },
    });
    assert.equal(requestIdOf({ presentationRequestId: id }) === id && id !== MALFORMED, sent, JSON.stringify(id));
    refused += sent ? 0 : 1;
  }
  assert.ok(refused > 300);
});

test("each status means the same, and is tried again or not alike", async () => {
  for (let status = 300; status < 600; status += 1) {
    const response = () => new Response(null, { status });
    const theirs = await errorOf({ requestId: "abc123", fetch: async () => response() });
    const ours = refusal(response(), 1, Date.now());
    for (const name of ["name", "code", "status", "retryable", "attempts", "retryAfterMs"]) {
      assert.equal(ours[name], theirs[name], `${status}: ${name}`);
    }
    assert.equal(ours.constructor, theirs.constructor, "one class of errors");
  }
});

test("Retry-After asks for the same", async () => {
  const soon = new Date(Date.now() + 30_000).toUTCString();
  const values = ["0", "7", " 7 ", "60", "120", "9".repeat(30), "-1", "1.5", "soon", "1e9", "", "7, 8", soon];
  values.push("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 32 Nov 2094 08:49:37 GMT", "Sun, 06 Foo 2094 08:49:37 GMT");
  values.push("Sun, 06 Nov 2094 24:49:37 GMT", "Sun, 06 Nov 2094 08:49 GMT", "Sun, 06 Nov", "2094-11-06T08:49:37Z");
  for (const status of [403, 408, 429, 503]) {
    for (const value of values) {
      const response = () => new Response(null, { status, headers: { "retry-after": value } });
      const theirs = await errorOf({ requestId: "abc123", fetch: async () => response() });
      const ours = refusal(response(), 1, Date.now());
      const [mine, other] = [ours.retryAfterMs, theirs.retryAfterMs];
      assert.equal(mine === undefined, other === undefined, `${status} ${value}: ${mine} and ${other}`);
      if (mine !== undefined) assert.ok(Math.abs(mine - other) < 1_000, `${status} ${value}: ${mine} and ${other}`);
    }
  }
});

test("what a tab had no room for and forgot, another tab may keep all the same", (t) => {
  /** @type {Map<string, string>} */
  const entries = new Map();
  let full = false;
  const localStorage = {
    get length() {
      return entries.size;
    },
    key: (/** @type {number} */ at) => [...entries.keys()][at] ?? null,
    getItem: (/** @type {string} */ key) => entries.get(key) ?? null,
    removeItem: (/** @type {string} */ key) => entries.delete(key),
    setItem(/** @type {string} */ key, /** @type {string} */ value) {
      if (full) throw new Error("QuotaExceededError");
      entries.set(key, value);
    },
  };
  Reflect.set(globalThis, "window", { localStorage });
  t.after(() => Reflect.deleteProperty(globalThis, "window"));
  const [one, other] = [memoryOf("https://desk.example"), memoryOf("https://desk.example")];
  const kept = { since: Date.now(), notBefore: 0, asked: false, accepted: false };
  full = true;
  one.write("abc123", kept);
  one.forget("abc123");
  full = false;
  other.write("abc123", kept);
  assert.deepEqual(one.ids(), ["abc123"]);
  assert.equal(entries.size, 1);
});

test("the pauses begin as a call's do, with full jitter, and go on to a minute", async (t) => {
  for (const random of [0, 0.25, 0.999]) {
    const delays = /** @type {number[]} */ ([]);
    const mock = t.mock.method(Math, "random", () => random / 5);
    await errorOf({
      requestId: "abc123",
      maxRetries: 3,
      fetch: async () => new Response(null, { status: 503 }),
      onEvent: (/** @type {any} */ event) => event.type === "retry" && delays.push(event.delayMs),
    });
    mock.mock.restore();
    assert.deepEqual(
      delays.map(Math.round),
      [0, 1, 2].map((retries) => Math.round(backoffMs(retries, random / 5))),
    );
  }
  for (const retries of [7, 8, 100, 5000]) assert.equal(backoffMs(retries, 0.5), 30_000);
});

test("a page gets no WebAssembly with it, and little JavaScript", async () => {
  const { metafile, outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    external: ["react"],
    write: false,
    metafile: true,
  });
  const inputs = Object.keys(metafile.inputs).map((path) => path.replace(/^.*passdesk\//u, ""));
  assert.deepEqual(inputs.sort(), [
    "error.js",
    "react.js",
    "react/answer.js",
    "react/handoff.js",
    "react/memory.js",
    "react/request-id.js",
    "react/turn.js",
  ]);
  const bytes = gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).length;
  console.log(`passdesk/react: ${bytes} bytes, minified, gzip -9`);
  assert.ok(bytes <= 3_800, `${bytes} bytes`);
});
