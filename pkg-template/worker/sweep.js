// @ts-check
// What is done every minute: deliver what is due, confirm what waits, let go what is over.

import { headOf, headQuery } from "./audit.js";
import { transition } from "./cases.js";
import { deliver } from "./delivery.js";
import { confirmDue, forgetSenders } from "./intake.js";
import { log } from "./log.js";

/** @typedef {import("./desk.js").Desk} Desk */

// What each step asks of D1 and Civic at most, where no other writer comes between. The Free plan allows 50 subrequests a run.
const FIXED = 8; // three look-ups, the senders, the audit's head, and a token: looked up, exchanged and stored
const RACES = 2; // another writer came first: read and written again
const DELIVERY = 6; // the case read and leased, status read, verdict sent, the case read and settled
const CONFIRMATION = 3; // the record, the case read, the case opened
const PURGE = 2;
/** How much of a run is kept for ids that wait, so that many verdicts do not keep new cases out. */
const CONFIRMATIONS = 2;
const PURGES = 2;

/**
 * One run. Two at a time do no harm: whatever is sent needs a lease.
 *
 * @param {Desk} desk
 */
export async function sweep(desk) {
  const { database, subrequests, machine } = desk.settings;
  let left = subrequests - FIXED - RACES - CONFIRMATIONS * CONFIRMATION - PURGES * PURGE;
  const due = await idsOf(
    database
      .prepare("SELECT id FROM cases WHERE due_at <= ? ORDER BY due_at LIMIT ?")
      .bind(desk.now(), Math.floor(left / DELIVERY)),
  );
  left -= due.length * DELIVERY;
  // One after the other: at once they would race each other for the audit's next row, at the cost of subrequests.
  for (const id of due) await deliver(desk, id);

  const confirmed = await confirmDue(desk, CONFIRMATIONS + Math.floor(left / CONFIRMATION));

  const over = await idsOf(
    database
      .prepare("SELECT id FROM cases WHERE closed_at <= ? ORDER BY closed_at LIMIT ?")
      .bind(desk.now() - machine.retentionMs, PURGES),
  );
  for (const id of over) await transition(desk, id, { type: "purge" });

  await forgetSenders(desk);
  // Logs are kept elsewhere: with the last hash in them, rows cut off the audit's end are missed as well.
  const { seq, hash } = headOf(await headQuery(database).first());
  log("info", { event: "sweep", count: due.length + confirmed + over.length, seq, hash });
}

/** @param {import("./database.js").Statement} statement */
async function idsOf(statement) {
  const { results } = await statement.all();
  return results.map((row) => /** @type {{ id: string }} */ (row).id);
}
