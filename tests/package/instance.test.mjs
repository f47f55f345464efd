// @ts-check
// Parts of the package that no call shows from outside: each test takes fresh ones, which share nothing with the others.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const wasm = import.meta.resolve("passdesk/passdesk.wasm");
/** @param {string} name @returns {Promise<any>} */
const fresh = (name) => import(`${new URL(name, wasm)}?${Math.random()}`);
/** The one that the package uses. @param {string} name @returns {Promise<any>} */
const own = (name) => import(new URL(name, wasm).href);
/**
 * Makes this a Worker to those who ask, until the test ends.
 *
 * @param {import("node:test").TestContext} t
 * @returns {(ms: number) => void} puts the clock forward
 */
function inWorker(t) {
  t.after(() => Reflect.deleteProperty(globalThis, "navigator"));
  Object.defineProperty(globalThis, "navigator", { value: { userAgent: "Cloudflare-Workers" }, configurable: true });
  let now = Date.now();
  t.mock.method(Date, "now", () => now);
  return (ms) => {
    now += ms;
  };
}
/** @param {string} id */
const record = (id) => Response.json({ id, type: "t", status: "s", links: [] });

test("a module of another kind, which a bundler may hand over, is no instance", async () => {
  const { hold, ready } = await fresh("instance.js");
  // The shortest module that there is.
  hold(new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)));
  for (let time = 0; time < 2; time += 1) {
    assert.throws(
      () => ready("retrievePii", {}),
      ({ code, operation, retryable }) => code === "load_failed" && operation === "retrievePii" && retryable === false,
    );
  }
});

test("nothing that the core was shown is kept", async () => {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc");
  const { show, at, take } = await fresh("hands.js");
  const shown = (() => {
    const [pii, deeper] = [{ name: "" }, { name: "" }];
    show([pii, deeper]);
    // Looked at, each is on the list by itself.
    assert.ok(at(0, 0) > 0 && at(0, 1) > 0);
    take();
    return [new WeakRef(pii), new WeakRef(deeper)];
  })();
  await new Promise((resolve) => setTimeout(resolve, 10));
  gc();
  assert.deepEqual(
    shown.map((ref) => ref.deref()),
    [undefined, undefined],
  );
});

test("calls that end in any order leave nothing behind", async () => {
  const { retrievePii } = await own("node.js");
  const { ready } = await own("instance.js");
  await retrievePii({ requestId: "r", fetch: async () => record("r") });
  const { calls, core } = await ready("retrievePii", {});
  const numbers = new Set();
  const { begin, hear } = core;
  core.begin = (/** @type {number[]} */ ...values) => {
    const number = begin(...values);
    // 8 asks whether a text is a token.
    if (values[0] !== 8) numbers.add(number);
    return number;
  };
  core.hear = (/** @type {number} */ number, /** @type {number} */ what, /** @type {number[]} */ ...values) => {
    assert.ok(numbers.has(number), "nobody speaks for a call that is over");
    if (what === 6) numbers.delete(number);
    return hear(number, what, ...values);
  };
  try {
    /** @type {(() => void)[]} */
    const ends = [];
    /** @param {number} i */
    const begun = (i) => {
      const controller = new AbortController();
      const requestId = `r${i}`;
      const answer = new Promise((resolve, reject) => {
        ends.push(
          [() => resolve(record(requestId)), () => reject(new Error("gone")), () => controller.abort()][i % 3] ??
            reject,
        );
      });
      return retrievePii({ requestId, fetch: () => answer, signal: controller.signal, maxRetries: 0 });
    };
    const outcomes = Array.from({ length: 60 }, (_, i) => begun(i));
    const settled = Promise.allSettled(outcomes);
    assert.equal(calls.length, 60);
    while (ends.length > 0) {
      ends.splice(Math.floor(Math.random() * ends.length), 1)[0]?.();
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(calls.length, ends.length);
      assert.ok(calls.every((/** @type {any} */ call, /** @type {number} */ at) => call.place === at && !call.ended));
    }
    assert.equal((await settled).filter(({ status }) => status === "fulfilled").length, 20);

    // A signal that tells at once, before its call has a number to give back.
    /** @type {any} */
    const hasty = { aborted: false, addEventListener: (/** @type {any} */ _, /** @type {any} */ tell) => tell() };
    const never = retrievePii({ requestId: "r", fetch: async () => record("r"), signal: hasty });
    await assert.rejects(never, { code: "aborted" });

    // Over twice.
    begun(0);
    const bystander = begun(0);
    const [call] = calls;
    for (let time = 0; time < 2; time += 1) call.close();
    assert.equal(calls.length, 1);
    ends[1]?.();
    assert.equal((await bystander).id, "r0");
    assert.deepEqual([calls.length, numbers.size], [0, 0]);
  } finally {
    Object.assign(core, { begin, hear });
  }
});

const CLIENT = { tokenUrl: "https://x.example/t", clientId: "a", clientSecret: "b", maxRetries: 0 };
const GRANT = { access_token: "t", expires_in: 3600 };

test("an exchange that is asked of an instance which died just before fails as its calls do", async () => {
  const { tokenProvider, retrievePii } = await own("node.js");
  const { ready } = await own("instance.js");
  await retrievePii({ requestId: "r", fetch: async () => record("r") });
  const instance = await ready("exchangeToken", {});
  const provider = tokenProvider({ ...CLIENT, fetch: async () => Response.json(GRANT) });
  const asked = provider.get();
  instance.trap();
  await assert.rejects(asked, { code: "load_failed", operation: "exchangeToken" });
  assert.equal((await provider.get()).accessToken, "t");
});

test("a call with a token, begun in an instance that died just before, fails as one without", async () => {
  const { retrievePii } = await own("node.js");
  const { ready } = await own("instance.js");
  const { start } = await own("start.js");
  const fetch = async () => record("r");
  await retrievePii({ requestId: "r", fetch });
  const instance = await ready("retrievePii", {});
  instance.trap();
  // What its guard gives then.
  for (const name of ["begin", "hear"]) instance.core[name] = () => [];
  for (const token of ["token", undefined]) {
    const asked = start(instance, "retrievePii", { requestId: "r", token, fetch });
    await assert.rejects(asked, { code: "load_failed", operation: "retrievePii" });
  }
  assert.equal(instance.calls.length, 0);
});

test("a call that traps as it begins listens to nothing", async () => {
  const { retrievePii } = await own("node.js");
  const { ready } = await own("instance.js");
  const fetch = async () => record("r");
  await retrievePii({ requestId: "r", fetch });
  const instance = await ready("retrievePii", {});
  instance.core.begin = () => {
    instance.trap();
    return [];
  };
  let listeners = 0;
  const signal = {
    aborted: false,
    addEventListener() {
      listeners += 1;
    },
    removeEventListener() {},
  };
  await assert.rejects(retrievePii({ requestId: "r", fetch, signal }), { code: "load_failed" });
  assert.equal(listeners, 0);
});

test("a trap between two attempts sends no other", async () => {
  const { retrievePii } = await own("node.js");
  const { ready } = await own("instance.js");
  let sent = 0;
  const fetch = async () => {
    sent += 1;
    return new Response("", { status: 503, headers: { "retry-after": "0" } });
  };
  await retrievePii({ requestId: "r", fetch: async () => record("r") });
  /** @type {string[]} */
  const events = [];
  const instance = await ready("retrievePii", {});
  const { hear } = instance.core;
  instance.core.hear = (/** @type {number[]} */ ...values) => {
    if (values[1] !== 4) return hear(...values);
    instance.trap();
    return [];
  };
  /** @param {{ type: string }} event */
  const onEvent = ({ type }) => events.push(type);
  await assert.rejects(retrievePii({ requestId: "r", fetch, onEvent }), { code: "load_failed" });
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(sent, 1);
  assert.deepEqual(events, ["attempt", "retry"]);
});

test("in a Worker, each call whose clock is gone ends, whatever others begin meanwhile", async (t) => {
  const { retrievePii } = await own("node.js");
  const { ready } = await own("instance.js");
  const answer = async () => record("r");
  await retrievePii({ requestId: "r", fetch: answer });
  const later = inWorker(t);
  const { calls } = await ready("retrievePii", {});
  for (const begins of [false, true]) {
    const controller = new AbortController();
    /** @param {number} i */
    const begun = (i) =>
      retrievePii({
        requestId: "r",
        timeoutMs: i % 3 ? 30_000 : 500_000,
        signal: controller.signal,
        fetch: (/** @type {any} */ _, /** @type {any} */ { signal }) =>
          new Promise(() => {
            if (begins) signal.addEventListener("abort", () => retrievePii({ requestId: "r", fetch: answer }));
          }),
      });
    const codes = Array.from({ length: 9 }, (_, i) => begun(i).catch((/** @type {any} */ { code }) => code));
    await new Promise((resolve) => setImmediate(resolve));
    later(200_000);
    await retrievePii({ requestId: "r", fetch: answer });
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(calls.length, 3);
    assert.ok(calls.every((/** @type {any} */ call, /** @type {number} */ at) => call.place === at));
    controller.abort();
    const ended = await Promise.all(codes);
    assert.deepEqual(
      ended,
      ended.map((_, i) => (i % 3 ? "timeout" : "aborted")),
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});

test("in a Worker, a call that begins does not look at all the others: once a second, one does", async (t) => {
  const { retrievePii } = await own("node.js");
  const { ready } = await own("instance.js");
  const answer = async () => record("r");
  await retrievePii({ requestId: "r", fetch: answer });
  const later = inWorker(t);
  const { calls } = await ready("retrievePii", {});
  const controller = new AbortController();
  const hanging = retrievePii({ requestId: "r", signal: controller.signal, fetch: () => new Promise(() => {}) });
  let looks = 0;
  const counted = () => {
    looks += 1;
    return Number.POSITIVE_INFINITY;
  };
  Object.defineProperty(calls[0], "due", { get: counted });
  for (const seconds of [1, 2, 3]) {
    later(1000);
    for (let i = 0; i < 20; i += 1) await retrievePii({ requestId: "r", fetch: answer });
    assert.equal(looks, seconds);
  }
  // Nor do those that begin where others end.
  const begins = (/** @type {unknown} */ _, /** @type {RequestInit} */ { signal }) =>
    new Promise(() => signal?.addEventListener("abort", () => retrievePii({ requestId: "r", fetch: answer })));
  const due = Array.from({ length: 5 }, () => retrievePii({ requestId: "r", fetch: /** @type {any} */ (begins) }));
  const codes = Promise.all(due.map((call) => call.catch((/** @type {any} */ { code }) => code)));
  await new Promise((resolve) => setImmediate(resolve));
  later(200_000);
  looks = 0;
  await retrievePii({ requestId: "r", fetch: answer });
  assert.deepEqual(await codes, Array(5).fill("timeout"));
  assert.equal(looks, 1);
  controller.abort();
  await assert.rejects(hanging, { code: "aborted" });
});

test("in a Worker, an exchange that waited for its store has its own time still to come", async (t) => {
  const { tokenProvider, retrievePii } = await own("node.js");
  const later = inWorker(t);
  const tick = () => new Promise((resolve) => setTimeout(resolve, 20));
  /** @type {((value: unknown) => void)[]} */
  const answers = [];
  const wait = () => new Promise((resolve) => answers.push(resolve));
  const store = { get: wait, set: async () => {}, delete: async () => {} };
  const asked = tokenProvider({ ...CLIENT, timeoutMs: 120_000, store, fetch: wait }).get();
  asked.catch(() => {});
  await tick();
  later(100_000);
  answers[0]?.(undefined);
  await tick();
  later(90_000);
  // The first call of a second ends those whose clocks must have rung a minute ago.
  await retrievePii({ requestId: "r", fetch: async () => record("r") });
  answers[1]?.(Response.json(GRANT));
  assert.equal((await asked).accessToken, "t");
});

test("a stream that brings its own way to be read is read that way", async () => {
  const { retrievePii } = await own("node.js");
  let asked = 0;
  const Plain = /** @type {any} */ (ReadableStream);
  class Watched extends Plain {
    getReader() {
      asked += 1;
      return super.getReader();
    }
  }
  const bytes = new Uint8Array(await record("r").arrayBuffer());
  const source = () => ({
    /** @param {ReadableStreamDefaultController} out */
    start(out) {
      out.enqueue(bytes);
      out.close();
    },
  });
  const patched = new ReadableStream(source());
  patched.getReader = /** @type {any} */ (
    () => {
      asked += 1;
      return ReadableStream.prototype.getReader.call(patched);
    }
  );
  for (const body of [Reflect.construct(Watched, [source()]), patched]) {
    /** @type {any} */
    const fetch = async () => ({ status: 200, headers: new Headers(), body });
    assert.equal((await retrievePii({ requestId: "r", fetch })).id, "r");
  }
  assert.equal(asked, 2);
});

test("memory is used up to the last page that the engine gives", async () => {
  const script = `
    const memories = [];
    WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
      construct(target, args) {
        const instance = Reflect.construct(target, args);
        memories.push(instance.exports.memory);
        return instance;
      },
    });
    const { retrievePii } = await import(${JSON.stringify(new URL("node.js", wasm).href)});
    let code;
    const hanging = () => retrievePii({ requestId: "r", fetch: () => new Promise(() => {}) });
    while (code === undefined) await Promise.race([hanging().catch((error) => (code = error.code)), new Promise(setImmediate)]);
    const fetch = async () => Response.json({ id: "r", type: "t", status: "s", links: [] });
    const { id } = await retrievePii({ requestId: "r", fetch });
    console.log(JSON.stringify([code, memories[0].buffer.byteLength / 65_536, id]));
    process.exit();`;
  // A sixteenth of what there is by then is more than what is left.
  const args = ["--wasm-max-mem-pages=64", "--input-type=module", "--eval", script];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  assert.deepEqual(JSON.parse(stdout), ["load_failed", 64, "r"]);
});
