// @ts-check
// From nothing to the first answer: a fresh workerd, and a fresh page in Chromium; with the package, and without.

import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { launchChromium } from "../support/chromium.mjs";
import { bundle, serveBundle } from "../support/workerd.mjs";
import { servePages } from "./pages.mjs";
import { inTurns, QUICK, quantile, report, spread } from "./rounds.mjs";

// A page takes 50 ms with a spread of 20.
const ROUNDS = QUICK ? 2 : 61;

/** @param {string} name */
const local = (name) => fileURLToPath(new URL(name, import.meta.url));

/** @param {string} what @param {Record<"passdesk" | "bare", number[]>} times @param {number} goal @returns {import("./rounds.mjs").Row} */
function row(what, { passdesk, bare }, goal) {
  const more = passdesk.map((time, i) => time - (bare[i] ?? Number.NaN));
  return {
    what,
    against: "the same without wasm",
    figure: `${spread(more, 1)} ms more; ${quantile(passdesk, 0.5).toFixed(1)} ms against ${quantile(bare, 0.5).toFixed(1)}`,
    goal: `≤ ${goal} ms more`,
    reached: quantile(more, 0.5) <= goal,
  };
}

const bundles = {
  upstream: await bundle(local("upstream.worker.mjs")),
  passdesk: await bundle(local("cold.worker.mjs")),
  bare: await bundle(local("cold-bare.worker.mjs")),
};
const upstream = await serveBundle(bundles.upstream.folder, {});
const pages = await servePages();
const browser = await launchChromium();
try {
  /** @param {"passdesk" | "bare"} name */
  const isolate = (name) => async () => {
    const began = performance.now();
    const worker = await serveBundle(bundles[name].folder, { CIVIC: upstream.url });
    const answer = await fetch(worker.url);
    await answer.text();
    const time = performance.now() - began;
    const { status } = answer;
    await worker.close();
    if (status !== 200) throw new Error(`${name} answered ${status}\n${worker.output()}`);
    return time;
  };
  /** @param {"passdesk" | "bare"} name */
  const page = (name) => async () => {
    // A context of its own has an empty cache.
    const context = await browser.newContext();
    const opened = await context.newPage();
    // The page tells by itself: whoever asks it has Playwright run scripts in it, 15 ms of its main thread, and does so
    // before an answer that takes longer than the page's load, and after one that does not.
    const told = opened.waitForEvent("console");
    await opened.goto(`${pages.url}/${name}.html`, { waitUntil: "commit" });
    const time = Number((await told).text());
    await context.close();
    if (!(time > 0)) throw new Error(`${name} told no time`);
    return time;
  };
  const isolates = { passdesk: isolate("passdesk"), bare: isolate("bare") };
  const opened = { passdesk: page("passdesk"), bare: page("bare") };
  for (const warm of [...Object.values(isolates), ...Object.values(opened)]) await warm();
  report(
    "cold_start",
    `Cold start, ${ROUNDS} rounds: from nothing to the first answer`,
    [
      row("a fresh workerd process", await inTurns(isolates, ROUNDS), 5),
      row("a fresh page in Chromium, from its navigation", await inTurns(opened, ROUNDS), 15),
    ],
    { chromium: browser.version() },
  );
} finally {
  await browser.close();
  await pages.close();
  await upstream.close();
  for (const { folder } of Object.values(bundles)) await rm(folder, { recursive: true, force: true });
}
