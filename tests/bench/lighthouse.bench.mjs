#!/usr/bin/env node
// @ts-check
// What Lighthouse says of each screen, to somebody who is signed in, on a desktop, where the goal is 95 of 100 in every
// category, and on its slow phone. What costs points is named.
//
//   node tests/bench/lighthouse.bench.mjs [--only queue]… [--all]
//
// --all names every audit that is not perfect. The site must be built: `cargo xtask build`, then `npm run build -w www`.

import { createServer } from "node:net";
import { parseArgs } from "node:util";
import lighthouse, { desktopConfig } from "lighthouse";
import { chromium } from "playwright-core";
import { ADA, openStage } from "../console/stage.mjs";
import { report } from "./rounds.mjs";
import { versionsOf } from "./versions.mjs";

const { values } = parseArgs({
  options: { only: { type: "string", multiple: true }, all: { type: "boolean", default: false } },
});

const GOAL = 0.95;
/** Of so many runs the median counts: a busy machine spoils the one or the other. */
const RUNS = process.env.PASSDESK_BENCH_QUICK ? 1 : 3;
/** How many runs may come to nothing. */
const SPOILT = 3;

const SCREENS = {
  queue: "/queue",
  case: "/cases/id-card",
  audit: "/audit",
  attestations: "/attestations",
  settings: "/settings",
};
const DEVICES = { desktop: desktopConfig, phone: undefined };

const screens = Object.entries(SCREENS).filter(([name]) => values.only === undefined || values.only.includes(name));
if (screens.length === 0) throw new Error(`There is none of these; there are ${Object.keys(SCREENS).join(", ")}.`);

// Who is there at first is the first of the people; this desk has made her an auditor, too.
const stage = await openStage({ ids: ["abc123", "id-card", "under-age"], settings: { DESK_AUDITORS: ADA } });
const port = await freePort();
const browser = await chromium.launch({
  executablePath: process.env.CHROME ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", `--remote-debugging-port=${port}`],
});
/** @type {import("./rounds.mjs").Row[]} */
const rows = [];
try {
  for (const [name, path] of screens) {
    for (const [device, config] of Object.entries(DEVICES)) {
      const { scores, lost } = await judge(stage.url + path, config);
      for (const audit of lost) console.log(`    ${audit}`);
      for (const [category, score] of Object.entries(scores)) {
        rows.push({
          what: `${name}, ${device}`,
          against: category,
          figure: String(Math.round(score * 100)),
          // Reviewers sit at desks: the phone, and its slow network, is there to be seen.
          ...(device === "desktop" && { goal: `≥ ${GOAL * 100}`, reached: score >= GOAL }),
        });
      }
    }
  }
} finally {
  await browser.close();
  await stage.close();
}
report("lighthouse", "What Lighthouse says of each screen", rows, versionsOf("lighthouse"));

/**
 * @param {string} url
 * @param {import("lighthouse").Config | undefined} config
 */
async function judge(url, config) {
  /** @type {NonNullable<import("lighthouse").RunnerResult>["lhr"][]} */
  const reports = [];
  for (let tries = 1; reports.length < RUNS; tries += 1) {
    const result = await lighthouse(url, { port, logLevel: "error" }, config);
    if (result === undefined) throw new Error("Lighthouse gave no result");
    const { runtimeError } = result.lhr;
    // Such as no paint in time, on a machine that is busy otherwise.
    if (runtimeError && tries === RUNS + SPOILT) throw new Error(`Lighthouse: ${runtimeError.code}`);
    if (!runtimeError) reports.push(result.lhr);
  }
  reports.sort((a, b) => (a.categories.performance?.score ?? 0) - (b.categories.performance?.score ?? 0));
  const median = /** @type {typeof reports[number]} */ (reports[Math.floor(RUNS / 2)]);
  /** @type {Record<string, number>} */
  const scores = {};
  /** @type {string[]} */
  const lost = [];
  for (const { title, score, auditRefs } of Object.values(median.categories)) {
    scores[title] = score ?? 0;
    if (!values.all && (score ?? 0) >= GOAL) continue;
    for (const { id, weight } of auditRefs) {
      const audit = median.audits[id];
      if (audit === undefined || audit.score === null || audit.score >= 0.99 || (weight === 0 && !values.all)) continue;
      lost.push(`${title}: ${audit.title} (${id}, ${audit.displayValue ?? audit.score})`);
    }
  }
  return { scores, lost };
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject).listen(0, "127.0.0.1", () => {
      const { port: free } = /** @type {import("node:net").AddressInfo} */ (probe.address());
      probe.close(() => resolve(free));
    });
  });
}
