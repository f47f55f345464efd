// @ts-check
// What is done every minute: deliver what is due, confirm what waits, let go what is over. Each item is begun only while
// there is room for the worst that it may ask for, and each part goes on where another has failed.

import { headOf, headQuery } from "./audit.js";
import { budgeted, RECORD } from "./budget.js";
import { inTurn, overdueQueries, purge } from "./cases.js";
import { deliver } from "./delivery.js";
import { confirmDue, dueQuery, forgetQuery } from "./intake.js";
import { log, nameOf } from "./log.js";
import { goneQuery } from "./viewers.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {import("./budget.js").Budget} Budget */

/** What the end of each run asks for. */
const END = 1;
/**
 * The worst of a delivery: the case read and leased (2), a token looked up (1), status read and verdict refused as contradicting
 * (2), read once more (1), both written (2), read and refused again (2), and what is left for recording that. Where tokens are
 * refused on top of it, no further request to Civic is made, and that is what is recorded.
 */
const DELIVERY = 10 + RECORD;
/** The least of one: the case read and leased, the status read, the case read and written. */
const SHORT_DELIVERY = 5;
/** A record, and what is left for opening a case of it. */
const CONFIRMATION = 1 + RECORD;
/** The most that one takes where all goes well: the record, the case read and written. */
const SHORT_CONFIRMATION = 3;
/** What is kept for ids that wait, so that many verdicts do not keep new cases out: they are marked, and two are asked about. */
const CONFIRMATIONS = 1 + SHORT_CONFIRMATION + CONFIRMATION;
/** Cases that are over, read and deleted many at a time; and once more, where another writer came first. */
const PURGE = 4;
const PURGED_AT_ONCE = 20;
/** One batch for so many subrequests: a plan that allows few of them allows little computing, too. */
const SUBREQUESTS_A_PURGE = 25;

/**
 * One run. Two at a time do no harm: whatever is sent needs a lease.
 *
 * @param {Desk} whole
 */
export async function sweep(whole) {
  const { desk, budget } = budgeted(whole);
  /** @type {unknown[]} */
  const failures = [];
  let count = 0;
  /** @param {string} reason @param {() => Promise<number>} part */
  const go = async (reason, part) => {
    try {
      count += await part();
    } catch (error) {
      failures.push(error);
      log("error", { event: "sweep_failed", reason, name: nameOf(error) });
    }
  };
  try {
    const { due, waiting, over } = await look(desk, Math.floor(budget.left() / SHORT_DELIVERY));
    budget.keep(END + (waiting ? CONFIRMATIONS : 0) + (over ? PURGE : 0));
    await go("deliveries", () => deliverAll(desk, budget, due));
    budget.keep(END + (over ? PURGE : 0));
    if (waiting) await go("confirmations", () => confirmAll(desk, budget));
    budget.keep(END);
    if (over) await go("purges", () => purgeAll(desk, budget));
  } finally {
    budget.keep(0);
    await end(desk, count);
  }
  if (failures.length > 0) throw failures[0];
}

/**
 * What there is to do.
 *
 * @param {Desk} desk
 * @param {number} most
 */
async function look(desk, most) {
  const { database, machine } = desk.settings;
  const now = desk.now();
  const [oldest, others, waiting, over] = await database.batch([
    ...overdueQueries(database, "due_at", now, most),
    dueQuery(database, now),
    database.prepare("SELECT 1 FROM cases WHERE closed_at <= ? LIMIT 1").bind(now - machine.retentionMs),
  ]);
  return {
    due: inTurn(oldest, others).map(({ id }) => id),
    waiting: waiting?.results.length === 1,
    over: over?.results.length === 1,
  };
}

/**
 * @param {Desk} desk
 * @param {Budget} budget
 * @param {readonly string[]} due
 */
async function deliverAll(desk, budget, due) {
  let count = 0;
  // One after the other: at once they would race each other for the audit's next row, at the cost of subrequests.
  for (const id of due) {
    if (budget.left() < DELIVERY) break;
    await deliver(desk, id);
    count += 1;
  }
  return count;
}

/** @param {Desk} desk @param {Budget} budget */
const confirmAll = (desk, budget) =>
  confirmDue(desk, {
    most: Math.floor((budget.left() - 1) / SHORT_CONFIRMATION),
    more: () => budget.left() >= CONFIRMATION,
  });

/** @param {Desk} desk @param {Budget} budget */
async function purgeAll(desk, budget) {
  let count = 0;
  for (let rest = desk.settings.subrequests; rest >= SUBREQUESTS_A_PURGE; rest -= SUBREQUESTS_A_PURGE) {
    if (budget.left() < PURGE) break;
    const gone = await purge(desk, PURGED_AT_ONCE);
    count += gone;
    if (gone < PURGED_AT_ONCE) break;
  }
  return count;
}

/**
 * Comes at the end of each run, whatever became of it.
 *
 * @param {Desk} desk
 * @param {number} count
 */
async function end(desk, count) {
  const { database } = desk.settings;
  const [last] = await database.batch([headQuery(database), forgetQuery(desk), goneQuery(database, desk.now())]);
  // Logs are kept elsewhere: with the last hash in them, rows cut off the audit's end are missed as well.
  const { seq, hash } = headOf(last?.results[0]);
  log("info", { event: "sweep", count, seq, hash });
}
