// @ts-check
// A reporter that writes down nothing but what failed, and why: who keeps only the end of a long output still sees the cause.

import { relative, resolve } from "node:path";
import { inspect } from "node:util";

const LINES = 40;
const COLUMNS = 200;
/** Failures told in full. The others, often of the same cause, by their first line. */
const IN_FULL = 4;
/** What a file has said beside its tests, where it failed without one of them. */
const LAST_WORDS = 25;
/** What was thrown when no test was running. The runner says it of no file in particular. */
const LATE = /^(?:Error|Warning): /u;
/** Places in the test runner itself, which every error passes. */
const RUNNER = /^ +at .*\(?node:(?:internal\/|async_hooks:)|lines matching cause stack trace/u;

/** @typedef {{ name: string, file?: string, line?: number, nesting: number, details: { error: any } }} Failure */

/** @param {AsyncIterable<{ type: string, data: any }>} events */
export default async function* failures(events) {
  /** @type {Failure[]} */
  const failed = [];
  /** @type {Map<string, string>} */
  const words = new Map();
  /** @type {string[]} */
  const late = [];
  for await (const { type, data } of events) {
    if (type === "test:stderr") words.set(data.file, (words.get(data.file) ?? "") + data.message);
    else if (type === "test:diagnostic" && LATE.test(data.message)) late.push(data.message);
    // Where a test within has failed, that one says why.
    else if (type === "test:fail" && data.details.error.failureType !== "subtestsFailed") failed.push(data);
  }
  for (const message of late.slice(0, IN_FULL)) yield `${message.slice(0, 2 * COLUMNS)}\n\n`;
  failed.sort((a, b) => Number(isFile(b)) - Number(isFile(a)));
  for (const [i, failure] of failed.entries()) {
    const lines = linesOf(failure);
    const last = (words.get(failure.file ?? "") ?? "").trimEnd().split("\n");
    const told = isFile(failure) ? [...lines, ...last.slice(-LAST_WORDS)] : lines;
    yield `${(i < IN_FULL ? cut(told) : told.slice(0, 2)).map((line) => line.slice(0, COLUMNS)).join("\n")}\n\n`;
  }
}

/** @param {Failure} failure */
function linesOf({ name, file = "", line, details: { error } }) {
  const place = `${relative("", file)}${line === undefined ? "" : `:${line}`}`;
  const why = error.cause ?? error;
  const text = typeof why === "string" ? why : inspect(why, { depth: 4 });
  const lines = text.split("\n").filter((one) => !RUNNER.test(one));
  return [`✖ ${name} (${place})`, ...lines.map((one) => `  ${one}`)];
}

/** The beginning says what was expected, the end which values there were. @param {string[]} lines */
function cut(lines) {
  if (lines.length <= LINES) return lines;
  const end = Math.floor(LINES / 4);
  const left = lines.length - LINES;
  return [...lines.slice(0, LINES - end), `  … ${left} lines …`, ...lines.slice(-end)];
}

/** Whether a whole file failed: it could not be loaded, say, or something was thrown after its tests. @param {Failure} failure */
const isFile = ({ name, file, nesting }) => nesting === 0 && resolve(name) === file;
