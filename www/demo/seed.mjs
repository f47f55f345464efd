// @ts-check
// A queue as it looks in the middle of a day: requests of every age, some of which somebody has dealt with. All goes the way
// that it would go, through the desk's own doors; only the ages are written into the database, since nobody waits a day for
// a demo.

import { submitDecision } from "passdesk";
import { SECOND } from "./access.mjs";
import { handOver } from "./hand-over.mjs";
import { HISTORIES, SAMPLES } from "./samples.mjs";

/** @typedef {import("./samples.mjs").Past} Past */

/** The youngest, and by how much each is older than the next; the oldest is then about a day and a half old. */
const YOUNGEST_MS = 3 * 60_000;
const GROWTH = 1.24;
/** Ages do not follow the samples' order: the step is prime to how many there are. */
const STEP = 7;

/**
 * Hands the samples over, gives them ages, and lets happen what has happened to some.
 *
 * @param {object} options
 * @param {{ url: string, database: () => Promise<import("./workers.mjs").Database> }} options.desk
 * @param {string} options.sandboxUrl
 * @param {import("passdesk").Token} options.token Civic's
 * @returns {Promise<{ open: number, past: number }>} how many requests there are of each kind
 */
export async function seed({ desk, sandboxUrl, token }) {
  const open = SAMPLES.flatMap(({ samples }) => samples.map(({ id }) => id));
  const past = HISTORIES.samples;
  const ids = [...open, ...past.map(({ id }) => id)];
  await handOver(desk.url, ids);
  await giveAges(await desk.database(), ids);
  for (const { id, past: event } of past) await letHappen(event, id, { deskUrl: desk.url, sandboxUrl, token });
  return { open: open.length, past: past.length };
}

/** @param {import("./workers.mjs").Database} database @param {readonly string[]} ids */
async function giveAges(database, ids) {
  const now = Date.now();
  const statements = ids.map((id, index) => {
    const place = (index * STEP) % ids.length;
    const openedAt = now - Math.round(YOUNGEST_MS * GROWTH ** place);
    // Both copies of the time, and the version that each write must raise (migrations/0001_desk.sql).
    return database
      .prepare(
        `UPDATE cases SET opened_at = ?1, version = version + 1,
           state = json_set(state, '$.openedAt', ?1, '$.version', version + 1) WHERE id = ?2`,
      )
      .bind(openedAt, id);
  });
  await database.batch(statements);
}

/**
 * @param {Past} past
 * @param {string} id
 * @param {{ deskUrl: string, sandboxUrl: string, token: import("passdesk").Token }} places
 */
async function letHappen({ how, verdict = "partner-pass", reason }, id, { deskUrl, sandboxUrl, token }) {
  if (how === "elsewhere") {
    await submitDecision({ baseUrl: sandboxUrl, token, requestId: id, status: verdict });
    return;
  }
  const name = encodeURIComponent(id);
  const { status } =
    how === "claim"
      ? await asSecond("POST", deskUrl, `/desk/cases/${name}/claim`, {})
      : await asSecond("PUT", deskUrl, `/partner/piirequest/${name}/status`, { status: verdict, reason });
  if (status !== 200 && status !== 202)
    throw new Error(`The desk did not take what happened to ${id} (HTTP ${status}).`);
}

/** @param {string} method @param {string} deskUrl @param {string} path @param {unknown} body */
function asSecond(method, deskUrl, path, body) {
  return fetch(deskUrl + path, {
    method,
    headers: {
      origin: deskUrl,
      "content-type": "application/json",
      // Who is there, for Access's stand-in.
      cookie: `local_access=${encodeURIComponent(SECOND)}`,
    },
    body: JSON.stringify(body),
  });
}
