// @ts-check
// Cases: what the state machine says of them is stored here, and listed.

import { append, headOf, headQuery, lostRace, untilWon } from "./audit.js";
import { core } from "./core.js";
import { failedWith } from "./database.js";
import { invalid, notFound, Refusal } from "./failures.js";
import { log, nameOf } from "./log.js";
import { noteQuery, noteStatements, noteView } from "./notes.js";
import { arrive, othersQuery } from "./viewers.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {import("../desk-core.d.ts").DeskStepOutput} Step */
/** @typedef {{ type: string, [field: string]: unknown }} Event */

/** What of a state is looked at here. All of it is the core's own (src/desk/case.rs). */
/**
 * @typedef {object} State
 * @property {string} id
 * @property {number} version
 * @property {"open" | "decided" | "closed"} case
 * @property {number} openedAt
 * @property {number | null} closedAt
 * @property {number | null} dueAt
 * @property {{ by: string, until: number } | null} claim
 * @property {{ verdict: import("passdesk").Decision } | null} decision
 * @property {{ state: string, until?: number }} delivery
 */

/** Civic's ids, as the package takes them. */
const ID = /^(?!\.{1,2}$)[A-Za-z0-9._~-]{1,128}$/;
const PREFIX = /^[A-Za-z0-9._~-]{1,128}$/;
const PAGE = 50;
const LARGEST_PAGE = 200;
/** How often another reviewer may take the case first, and by how much further each such time one looks down the queue. */
const NEXT_TRIES = 6;
const NEXT_STEP = 6;

/** @param {unknown} value @returns {value is string} */
export const isId = (value) => typeof value === "string" && ID.test(value);

/**
 * Lets something happen to a case: the core says what comes of it, and that is stored in one batch with its audit rows, or
 * not at all. Where another writer came first the core is asked again, with the state that is true by then.
 *
 * @param {Desk} desk
 * @param {string} id
 * @param {Event} event
 * @param {{ note?: string | undefined, along?: import("./database.js").Statement[] }} [more] the note that comes with a
 *   decision; what else belongs into the batch that opens a case
 * @returns {Promise<Step & { state: State | null }>}
 */
export function transition(desk, id, event, { note, along = [] } = {}) {
  const { database } = desk.settings;
  return untilWon(async () => {
    const [found, last] = await database.batch([
      database.prepare("SELECT state FROM cases WHERE id = ?").bind(id),
      headQuery(database),
    ]);
    const stored = /** @type {{ state: string } | undefined} */ (found?.results[0])?.state;
    const before = /** @type {State | null} */ (stored === undefined ? null : JSON.parse(stored));
    const step = /** @type {Step & { state: State | null }} */ (
      core().deskStep({ state: before, event, now: desk.now(), random: Math.random(), settings: desk.settings.machine })
    );
    if (!step.changed) return step;
    // Only a purge ends a case, and that is not done here.
    if (step.state === null) return step;
    const entries = /** @type {unknown[]} */ (step.effects.filter((effect) => effect.type === "audit"));
    const [written] = await database.batch([
      write(database, before, step.state),
      ...(await append(database, headOf(last?.results[0]), /** @type {import("./audit.js").Entry[]} */ (entries), 1)),
      // Behind the row that says so, without which nothing is kept.
      ...(await noteStatements({ database, notes: desk.notes }, step.effects, note)),
      ...(before === null ? along : []),
    ]);
    if (written?.results.length !== 1) throw new Overtaken();
    return step;
  }, lost);
}

/**
 * Asks for cases whose time has come, the oldest first; and for as many from a moment on that chance picks, since those whose
 * state cannot be read would be the oldest each time.
 *
 * @param {import("./database.js").Database} database
 * @param {"due_at" | "closed_at"} column
 * @param {number} time
 * @param {number} most
 */
export function overdueQueries(database, column, time, most) {
  const those = `SELECT id, state FROM cases WHERE ${column} <= ?1`;
  const [first, last] = ["min", "max"].map((end) => `(SELECT ${end}(${column}) FROM cases WHERE ${column} <= ?1)`);
  const order = `ORDER BY ${column} LIMIT ?2`;
  return [
    database.prepare(`${those} ${order}`).bind(time, most),
    database
      .prepare(`${those} AND ${column} >= ${first} + ?3 * (${last} - ${first}) ${order}`)
      .bind(time, most, Math.random()),
  ];
}

/**
 * What those two found, of each in turn.
 *
 * @param {{ results: unknown[] } | undefined} oldest
 * @param {{ results: unknown[] } | undefined} others
 */
export function inTurn(oldest, others) {
  const [first, second] = [oldest, others].map(
    (part) => /** @type {{ id: string, state: string }[]} */ (part?.results),
  );
  const rows = first?.flatMap((row, place) => [row, second?.[place] ?? row]) ?? [];
  return [...new Map(rows.map((row) => [row.id, row])).values()];
}

/**
 * Lets go of closed cases whose time is over, the oldest first: many in one batch, each with its row in the audit.
 *
 * @param {Desk} desk
 * @param {number} most
 * @returns {Promise<number>} how many there were
 */
export function purge(desk, most) {
  const { database, machine } = desk.settings;
  return untilWon(async () => {
    const now = desk.now();
    const [oldest, others, last] = await database.batch([
      ...overdueQueries(database, "closed_at", now - machine.retentionMs, most),
      headQuery(database),
    ]);
    const rows = inTurn(oldest, others).slice(0, most);
    /** @type {{ id: string, version: number, step: Step }[]} */
    const gone = [];
    for (const { id, state } of rows) {
      try {
        const before = /** @type {State} */ (JSON.parse(state));
        const step = purgeOf(before, now, machine);
        if (step.changed && step.state === null) gone.push({ id, version: before.version, step });
      } catch (error) {
        // One that cannot be read must not keep the others.
        log("error", { event: "purge_failed", name: nameOf(error) });
      }
    }
    if (gone.length === 0) return 0;
    const entries = /** @type {unknown[]} */ (
      gone.flatMap(({ step }) => step.effects.filter((effect) => effect.type === "audit"))
    );
    const versions = JSON.stringify(Object.fromEntries(gone.map(({ id, version }) => [id, version])));
    await database.batch([
      // Who leaves without having read the last version would lose an update too: what has another one stays.
      database
        .prepare(
          `DELETE FROM cases WHERE id IN (SELECT key FROM json_each(?1)) AND version = json_extract(?1, '$."' || id || '"')`,
        )
        .bind(versions),
      ...(await append(
        database,
        headOf(last?.results[0]),
        /** @type {import("./audit.js").Entry[]} */ (entries),
        gone.length,
      )),
      // Not its id at the intake: that was handed over again, and may become a new case.
    ]);
    return gone.length;
  }, lost);
}

/** @param {State} state @param {number} now @param {Desk["settings"]["machine"]} settings */
const purgeOf = (state, now, settings) =>
  core().deskStep({ state, event: { type: "purge" }, now, random: 0, settings });

/** Somebody else wrote the case first. What would have been written with it was not. */
class Overtaken extends Error {
  name = "Overtaken";
}

/** @param {unknown} error */
const lost = (error) =>
  error instanceof Overtaken || lostRace(error) || failedWith(error, "case: not the next version");

/**
 * The statement that stores what has become of a case. The row that comes back tells who wrote that it was they: none comes to
 * those who had not read the last version, a lease's second taker above all.
 *
 * @param {import("./database.js").Database} database
 * @param {State | null} before
 * @param {State} state
 */
function write(database, before, state) {
  const { id, version, claim } = state;
  /** @type {[string, unknown][]} */
  const columns = [
    ["version", version],
    ["state", JSON.stringify(state)],
    ["phase", state.case],
    ["delivery", state.delivery.state],
    ["closed_at", state.closedAt],
    ["due_at", state.dueAt],
    ["claimed_by", claim?.by ?? null],
    ["claimed_until", claim?.until ?? null],
  ];
  const names = columns.map(([name]) => name);
  const values = columns.map(([, value]) => value);
  if (before === null) {
    return database
      .prepare(
        `INSERT INTO cases (id, opened_at, ${names.join(", ")}) VALUES (?, ?, ${names.map(() => "?").join(", ")}) RETURNING version`,
      )
      .bind(id, state.openedAt, ...values);
  }
  return database
    .prepare(
      `UPDATE cases SET ${names.map((name) => `${name} = ?`).join(", ")} WHERE id = ? AND version = ? RETURNING version`,
    )
    .bind(...values, id, before.version);
}

/**
 * One case, as it is answered.
 *
 * @param {Desk} desk
 * @param {string} id
 */
export async function caseOf(desk, id) {
  if (!isId(id)) throw notFound();
  return shown(found(await stateQuery(desk.settings.database, id).first()), desk.now());
}

/**
 * One case with its note and with who else has it open. Whoever asks with `arriving` is seen by the others from now on.
 *
 * @param {Desk} desk
 * @param {string} id
 * @param {string} by
 * @param {{ arriving?: boolean }} [options]
 * @returns {Promise<import("../worker.d.ts").DeskCaseView>}
 */
export async function viewOf(desk, id, by, { arriving = false } = {}) {
  if (!isId(id)) throw notFound();
  const { database } = desk.settings;
  const now = desk.now();
  const parts = await database.batch([
    ...(arriving ? arrive(database, { id, by, now }) : []),
    stateQuery(database, id),
    noteQuery(database, id),
    othersQuery(database, { id, by, now }),
  ]);
  const [row, sealed, others] = parts.slice(-3);
  const state = found(row?.results[0]);
  return {
    ...shown(state, now),
    note: await noteView(desk.notes, id, state.decision, sealed?.results[0]),
    viewers: /** @type {any[]} */ (others?.results ?? []),
  };
}

/** @param {import("./database.js").Database} database @param {string} id */
const stateQuery = (database, id) => database.prepare("SELECT state FROM cases WHERE id = ?").bind(id);

/** @param {unknown} row */
function found(row) {
  if (row === null || row === undefined) throw notFound();
  return JSON.parse(/** @type {{ state: string }} */ (row).state);
}

/** Those behind a case, and all but for it. */
const NEXT_PLACES = ["(opened_at, id) > (SELECT opened_at, id FROM cases WHERE id = ?2)", "id IS NOT ?2"];

/**
 * Claims the oldest case that is open and nobody's. Where others want one at the same moment each gets another one.
 *
 * @param {Desk} desk
 * @param {string} by
 * @param {string} [after] where somebody is in the queue: it goes on from there, and at its end from the beginning again
 * @returns {Promise<Step | undefined>} `undefined` where there is none
 */
export async function claimNext(desk, by, after) {
  const { database } = desk.settings;
  let [wanted, read] = [1, 1];
  for (let tries = 0; tries < NEXT_TRIES; tries += 1) {
    const found = await database.batch(
      NEXT_PLACES.map((place) =>
        database
          .prepare(
            `SELECT id, state FROM cases WHERE phase = 'open' AND (claimed_by IS NULL OR claimed_until <= ?1) AND ${place}
             ORDER BY opened_at, id LIMIT ?3`,
          )
          .bind(desk.now(), after ?? null, read),
      ),
    );
    const free = found.map(({ results }) => /** @type {{ id: string, state: string }[]} */ (results));
    const rows = free.map((those) => those.filter((row) => isReadable(desk, row))).find((those) => those.length > 0);
    if (rows === undefined) {
      if (free.every((those) => those.length < read)) return undefined;
      if (read === LARGEST_PAGE) break;
      read = LARGEST_PAGE;
      continue;
    }
    const near = rows.slice(0, wanted);
    const row = /** @type {{ id: string }} */ (near[Math.floor(Math.random() * near.length)]);
    const step = await transition(desk, row.id, { type: "claim", by });
    if (step.effects.some(({ type, status }) => type === "respond" && status === 200)) return step;
    // Whoever came second steps back: those who met at the oldest one would meet again at the next.
    wanted += NEXT_STEP;
    read = Math.max(read, wanted);
  }
  throw new Refusal(503, "busy", { headers: { "retry-after": "1" } });
}

/**
 * Whether the core takes a stored state. One of a newer desk's that it does not is an error of its case, and of no other.
 *
 * @param {Desk} desk
 * @param {{ state: string }} row
 */
function isReadable(desk, { state }) {
  try {
    // What any event would do; this one asks for nothing else.
    purgeOf(JSON.parse(state), desk.now(), desk.settings.machine);
    return true;
  } catch (error) {
    log("error", { event: "claim_failed", name: nameOf(error) });
    return false;
  }
}

/**
 * What a reviewer may know of a state. Idempotency keys and leases are between the desk and itself; a claim that has
 * expired is none; a note is shown with its case alone.
 *
 * @param {any} state
 * @param {number} now
 */
function shown({ leases, undone, decision, claim, ...state }, now) {
  const { key, noted, ...verdict } = decision ?? {};
  return /** @type {import("../worker.d.ts").DeskCase} */ ({
    ...state,
    claim: claim !== null && claim.until > now ? claim : null,
    decision: decision === null ? null : verdict,
  });
}

/**
 * A page of the queue, oldest first unless asked for otherwise.
 *
 * @param {Desk} desk
 * @param {string} me
 * @param {Record<string, string | undefined>} query
 * @returns {Promise<import("../worker.d.ts").DeskCasePage>}
 */
export async function listCases(desk, me, { state, claimed, prefix, sort = "oldest", cursor, limit, ...others }) {
  if (Object.keys(others).length > 0) throw invalid("query");
  const now = desk.now();
  /** @type {string[]} */
  const where = [];
  /** @type {unknown[]} */
  const values = [];
  const states = [...new Set(state?.split(","))];
  if (!states.every((one) => PHASES.includes(one) || DELIVERIES.includes(one))) throw invalid("state");
  if (claimed !== undefined) {
    if (claimed === "me") where.push("claimed_by = ? AND claimed_until > ?");
    else if (claimed === "others") where.push("claimed_by <> ? AND claimed_until > ?");
    else if (claimed === "none") where.push("(claimed_by IS NULL OR claimed_until <= ?)");
    else throw invalid("claimed");
    values.push(...(claimed === "none" ? [now] : [me, now]));
  }
  if (prefix !== undefined) {
    if (!PREFIX.test(prefix)) throw invalid("prefix");
    where.push("id >= ? AND id < ?");
    // Behind `~`, the last of the characters that an id can have.
    values.push(prefix, `${prefix}\u007f`);
  }
  if (sort !== "oldest" && sort !== "newest") throw invalid("sort");
  const [beyond, order] = sort === "oldest" ? [">", "opened_at, id"] : ["<", "opened_at DESC, id DESC"];
  if (cursor !== undefined) {
    where.push(`(opened_at, id) ${beyond} (?, ?)`);
    values.push(...placeOf(cursor));
  }
  const size = limit === undefined ? PAGE : Number(/^\d{1,3}$/.test(limit) ? limit : Number.NaN);
  if (!(size >= 1 && size <= LARGEST_PAGE)) throw invalid("limit");

  // Without a word SQLite would walk the whole queue to keep its order, and D1 bills each row that it passes.
  const index = claimed === "me" || claimed === "others" ? "INDEXED BY cases_claimed" : "";
  // Claims that hold and ids that begin alike are few: of what they narrow, all states are picked out at once. Anything else
  // is read in the order of each state's index, since SQLite would read and sort all that are in either of two.
  const together = index !== "" || prefix !== undefined;
  const isOf = (/** @type {string} */ one) =>
    `(${together ? "+" : ""}${PHASES.includes(one) ? "phase" : "delivery"} = ?${one === "dead" ? AND_UNSETTLED : ""})`;
  const groups = together || states.length === 0 ? [states] : states.map((one) => [one]);
  const parts = await desk.settings.database.batch(
    groups.map((group) => {
      const conditions = [...(group.length > 0 ? [`(${group.map(isOf).join(" OR ")})`] : []), ...where];
      const asked = conditions.length > 0 ? `WHERE ${conditions.join(" AND ")}` : "";
      return (
        desk.settings.database
          .prepare(`SELECT id, state FROM cases ${index} ${asked} ORDER BY ${order} LIMIT ?`)
          // One more than asked for tells whether another page follows.
          .bind(...group, ...values, size + 1)
      );
    }),
  );
  const results = merged(/** @type {{ id: string, state: string }[][]} */ (parts.map((part) => part.results)), sort);
  const cases = results.slice(0, size);
  const last = cases.at(-1);
  return {
    cases: cases.map((one) => shown(one, now)),
    cursor: results.length > size ? cursorOf(last) : null,
  };
}

/**
 * One list of many, each of which is in order. A case can be in two: in a phase, and in a state of delivery.
 *
 * @param {{ id: string, state: string }[][]} lists
 * @param {"oldest" | "newest"} sort
 * @returns {any[]} states
 */
function merged(lists, sort) {
  const cases = [...new Map(lists.flat().map(({ id, state }) => [id, JSON.parse(state)])).values()];
  if (lists.length === 1) return cases;
  const [less, more] = sort === "oldest" ? [-1, 1] : [1, -1];
  // As SQLite compares: ids are ASCII.
  return cases.sort((a, b) => ((a.openedAt - b.openedAt || (a.id < b.id ? -1 : 1)) < 0 ? less : more));
}

const PHASES = ["open", "decided", "closed"];
const DELIVERIES = [
  "none",
  "approval",
  "waiting",
  "leased",
  "retrying",
  "unconfirmed",
  "delivered",
  "conflict",
  "dead",
  "resolved",
];

/** A dead letter that a person has let go of is closed, and nobody's to see to. */
const AND_UNSETTLED = " AND +phase <> 'closed'";

/** In the letters that an address takes as they are (RFC 4648, section 5). @param {{ openedAt: number, id: string }} last */
const cursorOf = ({ openedAt, id }) =>
  btoa(JSON.stringify([openedAt, id]))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

/** @param {string} cursor @returns {[number, string]} */
function placeOf(cursor) {
  try {
    const place = JSON.parse(atob(cursor.replaceAll("-", "+").replaceAll("_", "/")));
    if (Array.isArray(place) && place.length === 2 && Number.isSafeInteger(place[0]) && isId(place[1])) {
      return [place[0], place[1]];
    }
  } catch {
    // Not one of ours.
  }
  throw invalid("cursor");
}
