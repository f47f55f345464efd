// @ts-check
// Contenders measured in turns, so that a machine that slows down treats all alike, and told as ratios with their spread.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** To see in a minute that every bench still runs; its figures mean nothing. */
export const QUICK = process.env.PASSDESK_BENCH_QUICK === "1";

/** How many rounds a comparison has, at the least. */
export const ROUNDS = QUICK ? 2 : 15;

/**
 * Runs every contender once a round, in an order that is drawn anew for each: whoever always came after the same other would
 * always clear away its garbage, which in workerd was worth 5 parts in 100.
 *
 * @template {string} Name
 * @param {Readonly<Record<Name, () => Promise<number>>>} contenders each gives its figure: a time, or a rate
 * @param {number} [rounds]
 * @returns {Promise<Record<Name, number[]>>}
 */
export async function inTurns(contenders, rounds = ROUNDS) {
  const names = /** @type {Name[]} */ (Object.keys(contenders));
  const figures = /** @type {Record<Name, number[]>} */ (Object.fromEntries(names.map((name) => [name, []])));
  for (let round = 0; round < rounds; round += 1) {
    const drawn = names.map((name) => ({ name, lot: Math.random() })).sort((a, b) => a.lot - b.lot);
    for (const { name } of drawn) figures[name].push(await contenders[name]());
  }
  return figures;
}

/** The value that so large a part of them stays below. @param {readonly number[]} values @param {number} part */
export function quantile(values, part) {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * part;
  const [low, high] = [sorted[Math.floor(place)] ?? Number.NaN, sorted[Math.ceil(place)] ?? Number.NaN];
  return low + (high - low) * (place % 1);
}

/** The median and, in brackets, the quartiles. @param {readonly number[]} values @param {number} digits */
export const spread = (values, digits) =>
  `${quantile(values, 0.5).toFixed(digits)} (${quantile(values, 0.25).toFixed(digits)} to ${quantile(values, 0.75).toFixed(digits)})`;

/** Each round's figure over the same round's. @param {readonly number[]} values @param {readonly number[]} base */
export const ratios = (values, base) => values.map((value, i) => value / (base[i] ?? Number.NaN));

/**
 * One line of the results.
 *
 * @typedef {object} Row
 * @property {string} what
 * @property {string} against
 * @property {string} figure the median, with quartiles where it is a measurement
 * @property {string} [goal]
 * @property {boolean} [reached] of the median; absent where there is no goal
 */

/**
 * Prints the rows and, for RESULTS.md, leaves them in the folder that `PASSDESK_BENCH` names.
 *
 * @param {string} name the bench's
 * @param {string} title
 * @param {readonly Row[]} rows
 * @param {Record<string, string>} [versions] of the peers
 */
export function report(name, title, rows, versions = {}) {
  const widths = /** @type {const} */ (["what", "against", "figure", "goal"]).map((key) =>
    Math.max(...rows.map((row) => (row[key] ?? "").length)),
  );
  console.log(`\n${title}`);
  for (const { what, against, figure, goal = "", reached } of rows) {
    const cells = [what, against, figure, goal].map((cell, i) => cell.padEnd(widths[i] ?? 0));
    const mark = reached === undefined ? "" : reached ? "reached" : "MISSED";
    console.log(`  ${cells.join("  ")}  ${mark}`.trimEnd());
  }
  const folder = process.env.PASSDESK_BENCH;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), JSON.stringify({ name, title, rows, versions }));
}
