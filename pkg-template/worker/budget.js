// @ts-check
// What a scheduled run may still ask for. Cloudflare ends a run that asks D1 and others for more than the plan allows, fifty
// times on the Free plan (https://developers.cloudflare.com/workers/platform/limits/#subrequests), so what is asked is
// counted, not estimated. A batch of D1 is asked for at once and counts once.

import { deskWith } from "./desk.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {import("./database.js").Database} Database */
/** @typedef {import("./database.js").Statement} Statement */

/**
 * What has to be left after a request to Civic, so that what came of it can be recorded: a token that was refused is dropped
 * (2) and another looked for (1), the case is read and written (2).
 */
export const RECORD = 5;

/** There is no more to be had in this run. What was begun is found by the next one. */
class Spent extends Error {
  name = "Spent";
}

/**
 * @typedef {object} Budget
 * @property {() => number} left how much may still be asked for
 * @property {(count: number) => void} keep holds so much back from here on, for what comes later
 */

/**
 * The same desk, counting. Its token is its own, since the isolate's is renewed at the cost of whoever needs it first; the
 * store in D1 has it.
 *
 * @param {Desk} desk
 * @returns {{ desk: Desk, budget: Budget }}
 */
export function budgeted({ settings, transport }) {
  let left = settings.subrequests;
  let kept = 0;
  /** @param {number} reserve */
  const spend = (reserve) => {
    if (left - 1 < kept + reserve) throw new Spent();
    left -= 1;
  };
  const fetch = transport ?? ((input, init) => globalThis.fetch(input, init));
  return {
    budget: {
      left: () => left - kept,
      keep(count) {
        kept = count;
      },
    },
    desk: deskWith({ ...settings, database: counted(settings.database, () => spend(0)) }, async (input, init) => {
      spend(RECORD);
      return fetch(input, init);
    }),
  };
}

/**
 * @param {Database} database
 * @param {() => void} spend
 * @returns {Database}
 */
function counted(database, spend) {
  /** @type {WeakMap<Statement, Statement>} */
  const inner = new WeakMap();
  /** @param {Statement} statement @returns {Statement} */
  const wrap = (statement) => {
    /** @type {Statement} */
    const outer = {
      bind: (...values) => wrap(statement.bind(...values)),
      first: async () => {
        spend();
        return statement.first();
      },
      run: async () => {
        spend();
        return statement.run();
      },
      all: async () => {
        spend();
        return statement.all();
      },
    };
    inner.set(outer, statement);
    return outer;
  };
  return {
    prepare: (query) => wrap(database.prepare(query)),
    batch: async (statements) => {
      spend();
      return database.batch(statements.map((statement) => inner.get(statement) ?? statement));
    },
  };
}
