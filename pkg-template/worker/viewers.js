// @ts-check
// Who has a case open just now. A page says so every now and then; who says nothing any more is gone soon.

/** How often a page should say that it is still there. */
export const BEAT_MS = 20_000;
/** How long its word counts: two beats may get lost. */
const SEEN_MS = 65_000;

/** @typedef {import("./database.js").Database} Database */
/** @typedef {{ by: string, since: number }} Viewer */

/** Forgets who says nothing any more. @param {Database} database @param {number} now */
export const goneQuery = (database, now) => database.prepare("DELETE FROM viewers WHERE until <= ?").bind(now);

/**
 * The statements that note somebody at a case, if there is such a case; what is over goes along.
 *
 * @param {Database} database
 * @param {{ id: string, by: string, now: number }} here
 */
export const arrive = (database, { id, by, now }) => [
  goneQuery(database, now),
  database
    .prepare(
      `INSERT INTO viewers (case_id, actor, since, until) SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM cases WHERE id = ?1)
       ON CONFLICT (case_id, actor) DO UPDATE SET until = excluded.until`,
    )
    .bind(id, by, now, now + SEEN_MS),
];

/** @param {Database} database @param {{ id: string, by: string }} gone */
export const leave = (database, { id, by }) =>
  database.prepare("DELETE FROM viewers WHERE case_id = ? AND actor = ?").bind(id, by).run();

/**
 * Asks who else is there, the first one first.
 *
 * @param {Database} database
 * @param {{ id: string, by: string, now: number }} asking
 */
export const othersQuery = (database, { id, by, now }) =>
  database
    .prepare(
      'SELECT actor AS "by", since FROM viewers WHERE case_id = ? AND actor <> ? AND until > ? ORDER BY since, actor',
    )
    .bind(id, by, now);
