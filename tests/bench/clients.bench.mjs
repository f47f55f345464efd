// @ts-check
// One call with a stubbed fetch, in Node and in workerd, against bare fetch and other clients. See clients.mjs.

import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { bundle, serveBundle } from "../support/workerd.mjs";
import { SETS } from "./clients.mjs";
import { inTurns, QUICK, quantile, ROUNDS, ratios, report, spread } from "./rounds.mjs";
import { versionsOf } from "./versions.mjs";

/**
 * So many that each round clears away its own garbage: workerd does so for some 20,000 calls at once, and with less a round in
 * five paid for all, which no median shows.
 */
const CALLS = QUICK ? 20 : 20_000;
/** How many processes a contender has, one after the other: how an engine compiles a program differs from one to the next. */
const PROCESSES = QUICK ? 1 : 3;
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
 * A contender, to be run again and again.
 *
 * @typedef {{ run: (count: number) => Promise<void>, close: () => Promise<unknown> }} Contender
 */

/**
 * In a process of Node's.
 *
 * @param {string} set
 * @param {string} client
 * @returns {Contender}
 */
function inNode(set, client) {
  const child = fork(fileURLToPath(new URL("clients.process.mjs", import.meta.url)), [set, client]);
  const gone = once(child, "exit");
  return {
    async run(count) {
      child.send(count);
      await Promise.race([
        once(child, "message"),
        gone.then(() => Promise.reject(new Error(`${client} failed in Node`))),
      ]);
    },
    async close() {
      child.kill();
      await gone;
    },
  };
}

/**
 * In a workerd.
 *
 * @param {string} folder of the bundle
 * @param {string} set
 * @param {string} client
 * @returns {Promise<Contender>}
 */
async function inWorkerd(folder, set, client) {
  const worker = await serveBundle(folder, {}, ["nodejs_compat"]);
  return {
    async run(count) {
      const query = new URLSearchParams({ set, client, count: String(count) });
      const answer = await fetch(`${worker.url}/?${query}`);
      const said = await answer.text();
      if (!answer.ok) throw new Error(`${client} failed in workerd: ${said}\n${worker.output()}`);
    },
    close: worker.close,
  };
}

/**
 * Each contender in a process of its own, since what one leaves behind (timers, listeners, garbage) is cleared away in the time of
 * whoever comes next: with all of them in one, `bare` took a quarter longer than alone.
 *
 * @param {string} set
 * @param {(set: string, client: string) => Contender | Promise<Contender>} begin
 * @returns {Promise<Record<string, number[]>>} microseconds a call
 */
async function time(set, begin) {
  /** @type {Record<string, number[]>} */
  const figures = {};
  for (let i = 0; i < PROCESSES; i += 1) {
    /** @type {Record<string, Contender>} */
    const contenders = {};
    /** @type {Record<string, () => Promise<number>>} */
    const timed = {};
    try {
      for (const client of Object.keys(SETS[/** @type {keyof typeof SETS} */ (set)]())) {
        const contender = await begin(set, client);
        contenders[client] = contender;
        timed[client] = async () => {
          const began = performance.now();
          await contender.run(CALLS);
          return ((performance.now() - began) * 1000) / CALLS;
        };
        // To warm up.
        await contender.run(CALLS);
      }
      const found = await inTurns(timed, Math.ceil(ROUNDS / PROCESSES));
      for (const client in found) figures[client] = [...(figures[client] ?? []), ...(found[client] ?? [])];
    } finally {
      for (const { close } of Object.values(contenders)) await close();
    }
  }
  return figures;
}

for (const set of Object.keys(SETS)) tell(`Node ${process.versions.node}`, set, await time(set, inNode));

const built = await bundle(fileURLToPath(new URL("clients.worker.mjs", import.meta.url)));
try {
  for (const set of Object.keys(SETS)) {
    tell("workerd", set, await time(set, (_, client) => inWorkerd(built.folder, set, client)));
  }
} finally {
  await built.remove();
}

report(
  "clients",
  `One call with a stubbed fetch, ${CALLS} a round, each contender in processes of its own`,
  rows,
  versionsOf("@octokit/core", "openai", "ky", "ofetch", "oauth4webapi"),
);
