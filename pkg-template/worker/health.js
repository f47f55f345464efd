// @ts-check

/** All tables that the migrations make: where the newest one is missing the desk fails as well. */
const TABLES = [
  "audit",
  "case_counts",
  "cases",
  "counters",
  "intake",
  "intake_senders",
  "intake_waiting",
  "notes",
  "tokens",
  "viewers",
];

/**
 * Whether the desk can work: its tables are there and answer. Told to anybody, so it tells no more.
 *
 * @param {import("./desk.js").Desk} desk
 * @returns {Promise<import("../worker.d.ts").DeskHealth>}
 */
export async function health(desk) {
  try {
    const there = TABLES.map((table) => `EXISTS (SELECT 1 FROM ${table})`);
    await desk.settings.database.prepare(`SELECT ${there}`).first();
    return { status: "ok", database: "ok" };
  } catch {
    return { status: "unavailable", database: "unavailable" };
  }
}
