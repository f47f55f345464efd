// @ts-check
// What happened, for good. A row carries the hash of the one before, so that nothing can be changed, taken out or slipped in
// without breaking the chain; triggers refuse to try. What is hashed, and how a row is exported, is
// the core's to say (src/desk/audit.rs); D1 itself has no hash.

import { core } from "./core.js";
import { failedWith } from "./database.js";
import { Refusal } from "./failures.js";
import { sha256 } from "./tag.js";

/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("./database.js").Statement} Statement */

/**
 * What is to be recorded.
 *
 * @typedef {object} Entry
 * @property {number} at
 * @property {string} case the request's id, or "" for what is about none
 * @property {import("../worker.d.ts").DeskAuditAction} action
 * @property {string} by an e-mail address, or "desk"
 * @property {string} detail JSON text of codes and names, never of values
 */

/** @typedef {import("../worker.d.ts").DeskAuditRow} Row */
/** @typedef {{ seq: number, hash: string }} Head */

/** What the first row carries in place of a hash. */
const GENESIS = "0".repeat(64);
/** How often another writer may come first before the caller is asked to come again. */
const TRIES = 20;
const PAUSE_MS = 30;
/** Where sixty write at once on a slow machine, the last one's turn comes after seconds. */
const LONGEST_PAUSE_MS = 1500;
/** Rows in one query. D1 allows 50 queries a request on the Free plan, so an answer has some 40,000 rows there. */
const PAGE = 1000;
const PAGES = 40;
/** The most rows that one answer verifies. */
export const LARGEST_WALK = PAGES * PAGE;

const COLUMNS = 'seq, prev, at, case_id AS "case", action, actor AS "by", detail, hash';

/** @param {Database} database */
export const headQuery = (database) => database.prepare("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1");

/** @param {unknown} row @returns {Head} */
export const headOf = (row) => /** @type {Head | null | undefined} */ (row) ?? { seq: 0, hash: GENESIS };

/** @param {Omit<Row, "hash">} row */
export const hashOf = (row) => sha256(core().auditCanonical(row));

/**
 * The statements that add entries after `head`; they fail where it is the last row no more, and take their batch with them.
 * So they do where the statement before them has written another number of rows than `written`: what tells of a change that
 * did not come about is no row of this chain.
 *
 * @param {Database} database
 * @param {Head} head
 * @param {readonly Entry[]} entries
 * @param {number} [written]
 * @returns {Promise<Statement[]>}
 */
export async function append(database, head, entries, written) {
  /** @type {Statement[]} */
  const statements = [];
  let { seq, hash: prev } = head;
  for (const { at, case: of, action, by, detail } of entries) {
    seq += 1;
    const hash = await hashOf({ seq, prev, at, case: of, action, by, detail });
    const checked = written !== undefined && statements.length === 0;
    statements.push(
      database
        .prepare(
          `INSERT INTO audit (seq, prev, at, case_id, action, actor, detail, hash)
           VALUES (?, ${checked ? `iif(changes() = ${written}, ?, NULL)` : "?"}, ?, ?, ?, ?, ?, ?)`,
        )
        .bind(seq, prev, at, of, action, by, detail, hash),
      database
        .prepare("INSERT INTO counters (name, value) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1")
        .bind(action),
    );
    prev = hash;
  }
  return statements;
}

/** @param {unknown} error */
export const lostRace = (error) => failedWith(error, "audit: not the next row");

/**
 * Does what reads the last row and writes the next, again where another writer came first.
 *
 * @template T
 * @param {() => Promise<T>} attempt
 * @param {(error: unknown) => boolean} lost
 * @returns {Promise<T>}
 */
export async function untilWon(attempt, lost) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!lost(error)) throw error;
      if (tries === TRIES) throw new Refusal(503, "busy", { headers: { "retry-after": "1" } });
    }
    // Apart by chance, or those who met once would meet again; and further apart where there are many.
    await new Promise((resolve) =>
      setTimeout(resolve, Math.random() * Math.min(PAUSE_MS * 1.4 ** tries, LONGEST_PAUSE_MS)),
    );
  }
}

/**
 * Records what changes no case: who looked at what.
 *
 * @param {Database} database
 * @param {Entry} entry
 * @param {{ unlessWithinMs?: number }} [options] no new row where the same was recorded so short a time ago
 */
export async function record(database, entry, { unlessWithinMs } = {}) {
  await untilWon(async () => {
    const [last, same] = await database.batch([
      headQuery(database),
      ...(unlessWithinMs === undefined ? [] : [sameQuery(database, entry, unlessWithinMs)]),
    ]);
    // Asked in each attempt: who came first may have been this very person, in another request.
    if (same?.results[0] !== undefined) return;
    await database.batch(await append(database, headOf(last?.results[0]), [entry]));
  }, lostRace);
}

/**
 * Asks whether the same person did the same with the same case so short a time ago.
 *
 * @param {Database} database
 * @param {Entry} entry
 * @param {number} withinMs
 */
export const sameQuery = (database, { at, case: of, action, by }, withinMs) =>
  database
    // The sign keeps SQLite, which knows nothing of how many rows share a word, at the index that narrows most.
    .prepare("SELECT seq FROM audit WHERE case_id = ? AND +action = ? AND +actor = ? AND at > ? AND at < ? LIMIT 1")
    // Clocks differ a little. What is much later was written by one that has been put back since.
    .bind(of, action, by, at - withinMs, at + withinMs);

/**
 * Which rows are meant; all of them where nothing is said.
 *
 * @typedef {object} Rows
 * @property {number} [after] those with a greater number
 * @property {number} [before] those with a smaller number
 * @property {string} [case] those about this case
 * @property {string} [action]
 * @property {string} [by]
 * @property {number} [since] those of this time, and later
 * @property {number} [until] those before this time
 */

/**
 * No two clocks that write here differ by more: a row that is that much younger than another has the greater number. So a
 * time is found by halving the numbers, and D1 bills a few rows of it, not all that are older or newer.
 */
const APART_MS = 3_600_000;

/**
 * Halves the numbers of rows around a time until they are neighbours.
 *
 * @param {string} below whether the row in the middle, where there is one, lies below the `moment`
 * @param {string} found
 */
const halving = (below, found) =>
  `(WITH RECURSIVE halves (lo, hi, moment) AS (
      SELECT 0, 1 + coalesce((SELECT max(seq) FROM audit), 0), ?
      UNION ALL
      SELECT iif(${below}, (lo + hi) / 2, lo), iif(${below}, hi, (lo + hi) / 2), moment FROM halves WHERE hi - lo > 1
    ) SELECT ${found} FROM halves)`;
const MIDDLE = "SELECT 1 FROM audit WHERE seq = (lo + hi) / 2";

/** What each property compares. @type {readonly (readonly [keyof Rows | "tooOld" | "tooNew", string])[]} */
const CONDITIONS = [
  ["after", "seq > ?"],
  ["before", "seq < ?"],
  ["since", "at >= ?"],
  ["until", "at < ?"],
  // Behind a row that is too old to be wanted, and before one that is too new.
  ["tooOld", `seq > ${halving(`EXISTS (${MIDDLE} AND at < moment)`, "max(lo)")}`],
  ["tooNew", `seq < ${halving(`NOT EXISTS (${MIDDLE} AND at >= moment)`, "min(hi)")}`],
];
/** Those that have an index, the one that narrows most first. @type {readonly (readonly [keyof Rows, string])[]} */
const INDEXED = [
  ["case", "case_id = ?"],
  ["by", "actor = ?"],
  ["action", "action = ?"],
];

/**
 * A page of rows, in their order or the newest first.
 *
 * @param {Database} database
 * @param {Rows} rows
 * @param {{ limit?: number, newestFirst?: boolean }} [options]
 * @returns {Promise<Row[]>}
 */
export async function rowsOf(database, rows, { limit = PAGE, newestFirst = false } = {}) {
  const { since, until } = rows;
  /** @type {Rows & { tooOld?: number, tooNew?: number }} */
  const wanted = {
    ...rows,
    ...(since !== undefined && { tooOld: since - APART_MS }),
    ...(until !== undefined && { tooNew: until + APART_MS }),
  };
  /** @param {typeof CONDITIONS} conditions */
  const askedOf = (conditions) =>
    conditions.flatMap(([name, condition]) => {
      const value = wanted[name];
      return value === undefined ? [] : [{ condition, value }];
    });
  const [narrowest, ...others] = askedOf(INDEXED);
  const asked = [
    ...(narrowest ? [narrowest] : []),
    // By the sign SQLite leaves their indexes alone: it cannot tell which narrows most.
    ...others.map(({ condition, value }) => ({ condition: `+${condition}`, value })),
    ...askedOf(CONDITIONS),
  ];
  const where = asked.length === 0 ? "" : `WHERE ${asked.map(({ condition }) => condition).join(" AND ")}`;
  const statement = database
    .prepare(`SELECT ${COLUMNS} FROM audit ${where} ORDER BY seq ${newestFirst ? "DESC" : "ASC"} LIMIT ?`)
    .bind(...asked.map(({ value }) => value), limit);
  return /** @type {Row[]} */ ((await statement.all()).results);
}

/**
 * Walks the chain from the row after `after`.
 *
 * @param {Database} database
 * @param {number} after
 * @param {number} [most] how many rows are looked at before the answer is given
 * @returns {Promise<import("../worker.d.ts").DeskAuditVerification>}
 */
export async function verify(database, after, most = LARGEST_WALK) {
  let [through, hash, checked] = [0, GENESIS, 0];
  if (after > 0) {
    const row = await database.prepare("SELECT seq, hash FROM audit WHERE seq = ?").bind(after).first();
    if (row === null) throw new Refusal(404, "not_found");
    ({ seq: through, hash } = headOf(row));
  }
  while (checked < most) {
    const size = Math.min(PAGE, most - checked);
    // Where the chain begins, what stands before its first row is met as well.
    const rows = await rowsOf(database, through === 0 ? {} : { after: through }, { limit: size });
    for (const row of rows) {
      const problem = await problemOf(row, through, hash);
      if (problem !== undefined) {
        // The row that is missing is the first that is broken, not the one found in its place.
        const seq = problem === "gap" ? Math.min(through + 1, row.seq) : row.seq;
        return { ok: false, checked, through, hash, complete: false, broken: { seq, problem } };
      }
      [through, hash, checked] = [row.seq, row.hash, checked + 1];
    }
    if (rows.length < size) return { ok: true, checked, through, hash, complete: true };
  }
  return { ok: true, checked, through, hash, complete: false };
}

/**
 * @param {Row} row
 * @param {number} through
 * @param {string} hash
 * @returns {Promise<import("../worker.d.ts").DeskAuditBreak["problem"] | undefined>}
 */
async function problemOf(row, through, hash) {
  if (row.seq !== through + 1) return "gap";
  if (row.prev !== hash) return "link";
  // No clock of ours said so, and not every such number is held exactly here.
  if (!Number.isSafeInteger(row.at) || row.at < 0) return "hash";
  return row.hash === (await hashOf(row)) ? undefined : "hash";
}

/** @typedef {"ndjson" | "csv"} Format */

/**
 * `tail` is the last line of a file that could not be brought to its end: workerd ends a body that fails as if it were whole.
 *
 * @type {Record<Format, { type: string, head: () => string, line: (row: Row) => string, tail: (after: number) => string }>}
 */
const FORMATS = {
  ndjson: {
    type: "application/x-ndjson; charset=utf-8",
    head: () => "",
    line: (row) => core().auditNdjson(row),
    tail: (after) => `${JSON.stringify({ error: "incomplete", after })}\n`,
  },
  csv: {
    type: "text/csv; charset=utf-8; header=present",
    head: () => core().auditCsvHeader(),
    line: (row) => core().auditCsv(row),
    tail: (after) => `"incomplete","after=${after}"\r\n`,
  },
};

/** @param {string} text @returns {text is Format} */
export const isFormat = (text) => Object.hasOwn(FORMATS, text);

/**
 * Streams rows of any number, one page in memory at a time. Where a request may ask D1 no more, the last line says so, and
 * the stream is an error, not a file that ends early: `limit` rows and `after` take it up again, or parts between `after` and
 * `before`.
 *
 * @param {Database} database
 * @param {Format} format
 * @param {Rows} rows
 * @param {number} [limit]
 * @returns {Promise<Response>}
 */
export async function exportRows(database, format, rows, limit = Number.POSITIVE_INFINITY) {
  const { type, head, line, tail } = FORMATS[format];
  const encoder = new TextEncoder();
  let left = limit;
  /** Behind the last row so far: without one the file begins where the table does, whatever stands before the chain. */
  let from = rows.after === undefined ? {} : { after: rows.after };
  const pageOf = () => rowsOf(database, { ...rows, ...from }, { limit: Math.min(PAGE, left) });
  // What fails before the first row is an answer of its own.
  /** @type {Row[] | undefined} */
  let first = await pageOf();
  /** @type {unknown} */
  let failure;
  /** @type {ReadableStream<Uint8Array>} */
  const body = new ReadableStream({
    start(controller) {
      if (head() !== "") controller.enqueue(encoder.encode(head()));
    },
    async pull(controller) {
      if (failure !== undefined) throw failure;
      const size = Math.min(PAGE, left);
      try {
        const page = first ?? (await pageOf());
        first = undefined;
        if (page.length > 0) controller.enqueue(encoder.encode(page.map(line).join("")));
        left -= page.length;
        const seq = page.at(-1)?.seq;
        if (seq !== undefined) from = { after: seq };
        if (page.length < size || left === 0) controller.close();
      } catch (error) {
        // Told first: an error takes along what nobody has read yet.
        failure = error ?? new Error("no more rows");
        controller.enqueue(encoder.encode(tail(from.after ?? 0)));
      }
    },
  });
  const name = `audit.${format}`;
  return new Response(body, {
    headers: { "content-type": type, "content-disposition": `attachment; filename="${name}"` },
  });
}
