// @ts-check
// One call with a stubbed fetch, in Node and in workerd, against bare fetch and other clients. See clients.mjs.

import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { bundle, serveBundle } from "../support/workerd.mjs";
import { repeat, SETS } from "./clients.mjs";
import { inTurns, QUICK, quantile, ratios, report, spread } from "./rounds.mjs";
import { versionsOf } from "./versions.mjs";

/** So many that each contender clears away its own garbage, and the request that asks a Worker for them counts for nothing. */
const CALLS = QUICK ? 20 : 4000;
const WARM = QUICK ? 20 : 20_000;
const PEERS = { octokit: 2, openai: 2, ky: 2 };
/** What the platform asks for a part of the promises, and for all of them. */
const FLOORS = ["bare, timer armed", "by hand, the same promises"];

/** @type {import("./rounds.mjs").Row[]} */
const rows = [];

/**
 * @param {string} where
 * @param {string} set
 * @param {Record<string, number[]>} figures microseconds a call
 */
function tell(where, set, figures) {
  const { passdesk = [], bare = [] } = figures;
  const own = ratios(passdesk, bare);
  const goal = set.startsWith("retrievePii");
  rows.push({
    what: `${set}, ${where}`,
    against: "bare fetch().json()",
    figure: `${spread(own, 2)} ×; ${quantile(passdesk, 0.5).toFixed(1)} µs against ${quantile(bare, 0.5).toFixed(1)}`,
    ...(goal ? { goal: "≤ 1.3 ×", reached: quantile(own, 0.5) <= 1.3 } : {}),
  });
  for (const [peer, times] of Object.entries(figures)) {
    if (peer === "passdesk" || peer === "bare") continue;
    const faster = ratios(times, passdesk);
    const least = Reflect.get(PEERS, peer);
    const floor = FLOORS.includes(peer) ? `, ${spread(ratios(times, bare), 2)} × bare` : "";
    rows.push({
      what: "",
      against: peer,
      figure: `${spread(faster, 2)} × as fast; it takes ${quantile(times, 0.5).toFixed(1)} µs${floor}`,
      ...(goal && least !== undefined ? { goal: `≥ ${least} × as fast`, reached: quantile(faster, 0.5) >= least } : {}),
    });
  }
}

/**
 * @param {Record<string, (count: number) => Promise<unknown>>} clients
 */
async function time(clients) {
  for (const run of Object.values(clients)) await run(WARM);
  return inTurns(
    Object.fromEntries(
      Object.entries(clients).map(([name, run]) => [
        name,
        async () => {
          const began = performance.now();
          await run(CALLS);
          return ((performance.now() - began) * 1000) / CALLS;
        },
      ]),
    ),
  );
}

for (const [set, make] of Object.entries(SETS)) {
  const clients = Object.entries(make()).map(([name, call]) => [name, (/** @type {number} */ n) => repeat(call, n)]);
  tell(`Node ${process.versions.node}`, set, await time(Object.fromEntries(clients)));
}

const built = await bundle(fileURLToPath(new URL("clients.worker.mjs", import.meta.url)));
const worker = await serveBundle(built.folder, {}, ["nodejs_compat"]);
try {
  for (const [set, make] of Object.entries(SETS)) {
    const clients = Object.keys(make()).map((client) => [
      client,
      async (/** @type {number} */ count) => {
        const query = new URLSearchParams({ set, client, count: String(count) });
        const answer = await fetch(`${worker.url}/?${query}`);
        if (!answer.ok) throw new Error(`${client} failed in workerd: ${await answer.text()}\n${worker.output()}`);
        await answer.text();
      },
    ]);
    tell("workerd", set, await time(Object.fromEntries(clients)));
  }
} finally {
  await worker.close();
  await rm(built.folder, { recursive: true, force: true });
}

report(
  "clients",
  `One call with a stubbed fetch, ${CALLS} a round`,
  rows,
  versionsOf("@octokit/core", "openai", "ky", "ofetch", "oauth4webapi"),
);
