// @ts-check
// D1 as the desk uses it: the few methods of the binding that are needed, so that its types bind no one to a vendor's.

/** @typedef {import("../worker.d.ts").Database} Database */
/** @typedef {import("../worker.d.ts").Statement} Statement */

/**
 * Whether a statement failed because another writer came first: D1 passes on the words of `RAISE` and the constraint.
 *
 * @param {unknown} error
 * @param {string} words
 */
export function failedWith(error, words) {
  return error instanceof Error && error.message.includes(words);
}
