#!/usr/bin/env -S node --expose-gc

// @ts-check
// A million calls in one instance, aborts and failures among them: heap, wasm memory, listeners and timers stay flat.

import { isPassdeskError, retrievePii } from "passdesk";
import { stub } from "./clients.mjs";
import { heap, wasmMemory } from "./memory.mjs";
import { QUICK, report } from "./rounds.mjs";
import { RECORD } from "./upstream.mjs";

const CALLS = QUICK ? 10_000 : 1_000_000;
const SAMPLES = 10;
const TYPES = 10;

/** A signal that many calls share, as a server's own shutdown signal would be, and that counts who listens to it. */
class CountedSignal {
  controller = new AbortController();
  listeners = 0;
  constructor() {
    const { signal } = this.controller;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (/** @type {any} */ ...args) => {
      this.listeners += 1;
      return Reflect.apply(addEventListener, signal, args);
    };
    signal.removeEventListener = (/** @type {any} */ ...args) => {
      this.listeners -= 1;
      return Reflect.apply(removeEventListener, signal, args);
    };
  }
}

const good = stub(RECORD, true);
const shared = new CountedSignal();
/** Hangs until it is aborted. @param {unknown} _ @param {RequestInit} [init] */
const hangs = (_, init) =>
  new Promise((_resolve, reject) => {
    init?.signal?.addEventListener("abort", () => reject(init.signal?.reason), { once: true });
  });

/** What call number n is, and how it must end. @param {number} n */
async function call(n) {
  const common = { requestId: "abc123", token: "token", maxRetries: 0 };
  switch (n % TYPES) {
    case 0: {
      const controller = new AbortController();
      const ending = retrievePii({ ...common, fetch: /** @type {any} */ (hangs), signal: controller.signal });
      controller.abort("enough");
      return expectCode(ending, "aborted");
    }
    case 1:
      return expectCode(
        retrievePii({ ...common, fetch: async () => new Response("{", { status: 200 }) }),
        "bad_response",
      );
    case 2:
      return expectCode(retrievePii({ ...common, fetch: async () => new Response(null, { status: 503 }) }), "upstream");
    case 3:
      return expectCode(
        retrievePii({ ...common, fetch: async () => Promise.reject(new TypeError("gone")) }),
        "network",
      );
    case 4:
      return expectCode(retrievePii({ ...common, requestId: "..", fetch: good }), "invalid_argument");
    default:
      if ((await retrievePii({ ...common, fetch: good, signal: shared.controller.signal })).id !== "abc123")
        throw new Error("a wrong answer");
  }
}

/** @param {Promise<unknown>} ending @param {string} code */
async function expectCode(ending, code) {
  try {
    await ending;
  } catch (error) {
    if (isPassdeskError(error) && error.code === code) return;
    throw error;
  }
  throw new Error(`a call succeeded where ${code} was expected`);
}

const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;

for (let n = 0; n < CALLS / 20; n += 1) await call(n);
const seen = [];
const began = performance.now();
for (let sample = 0; sample <= SAMPLES; sample += 1) {
  seen.push({ heap: heap(), wasm: wasmMemory(), timers: timers(), listeners: shared.listeners });
  if (sample < SAMPLES) for (let n = 0; n < CALLS / SAMPLES; n += 1) await call(n);
}
const seconds = (performance.now() - began) / 1000;
const [first, last] = [seen[0], seen.at(-1)];
const kib = (/** @type {number} */ bytes) => `${(bytes / 1024).toFixed(0)} KiB`;
/** @param {"heap" | "wasm" | "timers" | "listeners"} key */
const grown = (key) => last[key] - first[key];
const against = "before them";
report(
  "endurance",
  `${CALLS.toLocaleString("en")} calls in one instance, half of them aborts and failures, in ${seconds.toFixed(0)} s`,
  [
    {
      what: "JavaScript heap",
      against,
      figure: `${kib(grown("heap"))} more, of ${kib(first.heap)}; highest of ${seen.length} looks ${kib(Math.max(...seen.map(({ heap }) => heap)) - first.heap)} more`,
      goal: "flat (within 512 KiB)",
      reached: grown("heap") < 512 * 1024,
    },
    {
      what: "wasm memory",
      against,
      figure: `${kib(grown("wasm"))} more, of ${kib(first.wasm)}`,
      goal: "flat",
      reached: grown("wasm") === 0,
    },
    { what: "timers left", against, figure: String(grown("timers")), goal: "0", reached: grown("timers") === 0 },
    {
      what: "listeners left on a shared signal",
      against,
      figure: String(last.listeners),
      goal: "0",
      reached: last.listeners === 0,
    },
  ],
);
