// @ts-check

/**
 * Whether the desk can work: its tables are there and answer. Told to anybody, so it tells no more.
 *
 * @param {import("./desk.js").Desk} desk
 * @returns {Promise<{ status: "ok" | "unavailable", database: "ok" | "unavailable" }>}
 */
export async function health(desk) {
  try {
    await desk.settings.database.prepare("SELECT (SELECT max(seq) FROM audit), EXISTS (SELECT 1 FROM cases)").first();
    return { status: "ok", database: "ok" };
  } catch {
    return { status: "unavailable", database: "unavailable" };
  }
}
