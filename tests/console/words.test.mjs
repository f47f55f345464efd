// @ts-check
// How the console writes a time: the hour where it is today, else the day too; midnight's hour is 00. And how it writes what the
// APIs call a thing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const source = fileURLToPath(new URL("../../www/console/src/util/words.ts", import.meta.url));
const { outputFiles } = await build({ entryPoints: [source], bundle: true, format: "esm", write: false });
/** @type {{ moment(at: number, now?: number): string, spaced(name: string): string }} */
const { moment, spaced } = await import(
  `data:text/javascript;base64,${Buffer.from(outputFiles[0]?.contents ?? "").toString("base64")}`
);

/** A time here, wherever that is. @param {number} day @param {number} hour @param {number} minute */
const at = (day, hour, minute) => new Date(2026, 10, day, hour, minute).getTime();

test("a time of today is its hour and minute, through the whole day", () => {
  const now = at(22, 12, 0);
  assert.deepEqual(
    [at(22, 0, 0), at(22, 0, 5), at(22, 9, 30), at(22, 12, 0), at(22, 23, 59)].map((time) => moment(time, now)),
    ["00:00", "00:05", "09:30", "12:00", "23:59"],
  );
});

test("a time of another day comes with it, however near", () => {
  assert.equal(moment(at(21, 23, 59), at(22, 0, 0)), "Nov 21, 2026, 23:59");
  assert.equal(moment(at(23, 0, 5), at(22, 23, 55)), "Nov 23, 2026, 00:05");
});

test("a name of the APIs is written as its words, one of capitals or of one letter too", () => {
  assert.deepEqual(
    ["idDocumentFront", "government_id", "evidence-selfie", "taxIDNumber", "proofOfAResidence", "linkedIDs"].map(
      spaced,
    ),
    ["Id document front", "Government id", "Evidence selfie", "Tax id number", "Proof of a residence", "Linked ids"],
  );
});
