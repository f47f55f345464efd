// @ts-check
// D1 as the desk uses it: the few methods of the binding that are needed, so that its types bind no one to a vendor's.

/** @typedef {import("../worker.d.ts").Database} Database */
/** @typedef {import("../worker.d.ts").Statement} Statement */

/**
 * Whether a statement failed with these words: D1 passes on SQLite's, those of `RAISE` and of a constraint too.
 *
 * @param {unknown} error
 * @param {string} words
 */
export function failedWith(error, words) {
  return error instanceof Error && error.message.includes(words);
}

/** SQLite's words for what the migrations make, and is not there. */
const LACKING = ["no such table", "no such column", "has no column named"];

/** Whether the migrations were not applied, or an older version's only. @param {unknown} error */
export const isUnmigrated = (error) => LACKING.some((words) => failedWith(error, words));
