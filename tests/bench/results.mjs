// @ts-check
// RESULTS.md from what the benches left in a folder, and the names of those that failed: node results.mjs FOLDER [NAME]…

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { arch, cpus, totalmem, type } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { versionsOf } from "./versions.mjs";

const [folder, ...failed] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: node results.mjs FOLDER [NAME]…");

const ORDER = "size clients at_once edge attestations evidence cold_start endurance desk console lighthouse".split(" ");
/** @typedef {{ name: string, title: string, rows: import("./rounds.mjs").Row[], versions: Record<string, string> }} Result */
/** @type {Result[]} */
const results = readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")));
results.sort((a, b) => ORDER.indexOf(a.name) - ORDER.indexOf(b.name));

/** @param {string} text */
const cell = (text) => text.replaceAll("|", "\\|");
/** @param {readonly string[]} args */
const git = (...args) => execFileSync("git", args, { encoding: "utf8" }).trim();
const changed = git("status", "--porcelain", "--", "src", "pkg-template", "Cargo.toml", "Cargo.lock", "xtask") !== "";
const versions = Object.assign({}, ...results.map(({ versions }) => versions), versionsOf("workerd", "miniflare"));

const lines = [
  "# Results",
  "",
  "Written by `cargo xtask bench`; do not edit. A figure is the median, with the quartiles in brackets; contenders were",
  "measured in turns in the same run. A ratio holds on other machines far better than a time does.",
  "",
  `- Commit: ${git("rev-parse", "--short=12", "HEAD")}${changed ? ", with changes that were not committed" : ""}`,
  `- Machine: ${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${arch()}`,
  `- Node ${process.versions.node}; ${Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ")}`,
];
if (failed.length > 0) lines.push(`- Not measured, since it failed: ${failed.join(", ")}`);
for (const { title, rows } of results) {
  lines.push("", `## ${title}`, "", "| what | against | figure | goal | reached |", "| --- | --- | --- | --- | --- |");
  let subject = "";
  for (const { what, against, figure, goal = "", reached } of rows) {
    // On a terminal an empty one is the same as above; here each row stands by itself.
    subject = what.trim() || subject;
    const mark = reached === undefined ? "" : reached ? "yes" : "**no**";
    lines.push(`| ${[subject, against, figure, goal, mark].map(cell).join(" | ")} |`);
  }
}
writeFileSync(fileURLToPath(new URL("RESULTS.md", import.meta.url)), `${lines.join("\n")}\n`);
console.log("tests/bench/RESULTS.md was written.");
