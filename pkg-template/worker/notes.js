// @ts-check
// What a reviewer leaves for colleagues beside a verdict. Nobody can promise that no name is ever in it, so it is kept apart
// from all that is kept for long or told elsewhere: sealed, in a table of its own, for as long as its verdict stands and its
// case is there.

import { invalid } from "./failures.js";
import { sealWith } from "./seal.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("./database.js").Statement} Statement */
/** @typedef {import("./seal.js").Seal} Seal */
/** @typedef {{ by: string, at: number }} Decision whose note it is; there is one for each decision at most */

/** In characters as Unicode counts them (code points). */
export const NOTE_CHARS = 500;
/** The most that a body with a note can take: each character as two escapes of six bytes, and all the rest. */
export const NOTE_BODY_BYTES = NOTE_CHARS * 12 + 1024;

const LABEL = "passdesk note store 1";
/**
 * What is no plain text: control characters but for a new line, what ends a line in other ways, half a character, and what
 * turns the direction of writing, so that a text would read otherwise than it was written (Unicode TR 36, section 2.5).
 */
const NOT_PLAIN = /(?!\n)[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/**
 * A note as it was sent; `undefined` where there is none.
 *
 * @param {unknown} note
 * @returns {string | undefined}
 */
export function noteOf(note) {
  if (note === undefined) return undefined;
  if (typeof note !== "string" || note.trim() === "" || [...note].length > NOTE_CHARS || NOT_PLAIN.test(note)) {
    throw invalid("note");
  }
  return note;
}

/** @param {{ clientSecret: string }} client @returns {Seal} */
export const noteSeal = ({ clientSecret }) => sealWith(clientSecret, LABEL);

/** A note opens for the one decision that it came with, and nowhere else. @param {string} id @param {Decision} decision */
const nameOf = (id, { by, at }) => JSON.stringify([id, at, by]);

/**
 * The statements for what the core says of a note, to be written in the batch of its decision.
 *
 * @param {{ database: Database, notes: Seal }} store
 * @param {readonly { type: string, [field: string]: unknown }[]} effects
 * @param {string | undefined} note
 * @returns {Promise<Statement[]>}
 */
export async function noteStatements({ database, notes }, effects, note) {
  /** @type {Statement[]} */
  const statements = [];
  for (const { type, case: of, at, by } of effects) {
    const id = String(of);
    if (type === "drop-note") {
      statements.push(database.prepare("DELETE FROM notes WHERE case_id = ?").bind(id));
    } else if (type === "keep-note") {
      if (note === undefined) throw new Error("a note is to be kept, and there is none");
      const sealed = await notes.seal(nameOf(id, { by: String(by), at: Number(at) }), note);
      statements.push(
        database.prepare("INSERT OR REPLACE INTO notes (case_id, sealed) VALUES (?, ?)").bind(id, sealed),
      );
    }
  }
  return statements;
}

/** @param {Database} database @param {string} id */
export const noteQuery = (database, id) => database.prepare("SELECT sealed FROM notes WHERE case_id = ?").bind(id);

/**
 * A note as a reviewer sees it.
 *
 * @param {Seal} notes
 * @param {string} id
 * @param {(Decision & { noted?: boolean }) | null} decision
 * @param {unknown} row
 * @returns {Promise<import("../worker.d.ts").DeskNote | null>}
 */
export async function noteView(notes, id, decision, row) {
  if (!decision?.noted) return null;
  const { by, at } = decision;
  const sealed = /** @type {{ sealed: string } | undefined} */ (row)?.sealed ?? "";
  // It was sealed before the secret was changed, or altered since. That there was one is known all the same.
  const text = await notes.open(nameOf(id, decision), sealed).catch(() => null);
  return { by, at, text: /** @type {string | null} */ (text) };
}
