// @ts-check
// Many cases at once, as copies of one that came about through the desk.

const HOUR = 3_600_000;

/**
 * @param {import("./stage.mjs").Stage} stage
 * @param {string} original a case that is open
 * @param {number} count
 * @returns {Promise<string[]>} the ids of the copies, the oldest first: one each minute, the last one an hour ago
 */
export async function copyCase(stage, original, count) {
  const last = Date.now() - HOUR;
  const copies = Array.from({ length: count }, (_, index) => ({
    id: `copy-${String(index).padStart(5, "0")}`,
    openedAt: last - (count - index) * 60_000,
  }));
  const database = await stage.database();
  for (let from = 0; from < count; from += 2000) {
    await database
      .prepare(
        `INSERT INTO cases (id, version, state, phase, delivery, opened_at, closed_at, due_at, claimed_by, claimed_until)
         SELECT new.value ->> 'id', 1,
           json_set(old.state, '$.id', new.value ->> 'id', '$.version', 1, '$.openedAt', new.value ->> 'openedAt'),
           old.phase, old.delivery, new.value ->> 'openedAt', old.closed_at, old.due_at, old.claimed_by, old.claimed_until
         FROM json_each(?2) AS new JOIN cases AS old ON old.id = ?1`,
      )
      .bind(original, JSON.stringify(copies.slice(from, from + 2000)))
      .run();
  }
  return copies.map(({ id }) => id);
}

/**
 * A case of a request that Civic knew once, as a copy of one that came about through the desk.
 *
 * @param {import("./stage.mjs").Stage} stage
 * @param {string} original a case that is open
 * @param {string} id what the sandbox does not know, or knows as ended
 */
export async function copyCaseAs(stage, original, id) {
  await (await stage.database())
    .prepare(
      `INSERT INTO cases (id, version, state, phase, delivery, opened_at, closed_at, due_at, claimed_by, claimed_until)
       SELECT ?2, 1, json_set(state, '$.id', ?2, '$.version', 1), phase, delivery, opened_at, closed_at, due_at, claimed_by,
         claimed_until FROM cases WHERE id = ?1`,
    )
    .bind(original, id)
    .run();
}
