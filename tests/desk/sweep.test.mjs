// @ts-check
// A run of the cron keeps to the subrequests that it may make, D1's and Civic's together, however much is due.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { build, openStage, until } from "./stage.mjs";

/** The desk in a Worker that counts what it asks for. Also shows that `settings` and `fetch` are heard. */
const COUNTING = `
let count = 0;
const counted = (result) => { count += 1; return result; };
const statement = (inner) => ({
  inner,
  bind: (...values) => statement(inner.bind(...values)),
  first: () => counted(inner.first()),
  run: () => counted(inner.run()),
  all: () => counted(inner.all()),
});
const database = (db) => ({
  prepare: (query) => statement(db.prepare(query)),
  batch: (statements) => counted(db.batch(statements.map(({ inner }) => inner))),
});
const desk = createReviewDesk({
  settings: (env) => ({ ...env, DB: database(env.DB) }),
  fetch: (input, init) => counted(fetch(input, init)),
});
export default {
  fetch: desk.fetch,
  async scheduled(controller, env, context) {
    count = 0;
    await desk.scheduled(controller, env, context);
    console.log(JSON.stringify({ subrequests: count }));
  },
};`;

/** @type {Awaited<ReturnType<typeof build>>} */
let built;
before(async () => {
  built = await build(COUNTING);
});
after(() => built?.remove());

const ADA = "ada@partner.example";

for (const limit of [50, 200]) {
  test(`with ${limit} subrequests a run`, async (t) => {
    const stage = await openStage(built, { settings: { DESK_UNDO_SECONDS: "3600", DESK_SUBREQUESTS: String(limit) } });
    try {
      const ids = Array.from({ length: 40 }, (_, i) => `person-${String(i + 1).padStart(4, "0")}`);
      await stage.open(...ids);
      for (const id of ids) {
        await stage.as(ADA, `/partner/piirequest/${id}/status`, { method: "PUT", body: '{"status":"partner-pass"}' });
      }
      const db = await stage.database();
      await db
        .prepare(
          `UPDATE cases SET version = version + 1, due_at = 1, state = json_set(state, '$.version', version + 1,
           '$.delivery.sendAfter', 1, '$.decision.sendAfter', 1, '$.decision.at', 0)`,
        )
        .run();
      await db
        .prepare(
          `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
           INSERT INTO intake (request_id, received_at, next_at) SELECT 'passport~copy_' || i, 1, 1 FROM n`,
        )
        .run();
      // The token goes as well: to exchange it anew is part of the worst run.
      await db.prepare("DELETE FROM tokens").run();
      const delivered = () => stage.puts().filter(({ status }) => status === 200).length;
      let runs = 0;
      for (; runs < 40 && (delivered() < ids.length || (await waiting(stage)) > 0); runs += 1) {
        const before = delivered();
        await stage.sweep();
        if (runs === 0) assert.ok(delivered() > before, "each run gets something done");
      }
      assert.equal(delivered(), ids.length);
      await until(() => stage.output().split('"subrequests":').length - 1 === runs);
      const counts = [...stage.output().matchAll(/"subrequests":(\d+)/gu)].map(([, count]) => Number(count));
      const most = Math.max(...counts);
      assert.ok(most <= limit, `${most} of ${limit}`);
      assert.ok(most > limit / 2, `${most}: it does use what it may`);
      t.diagnostic(`${ids.length} verdicts and 40 ids in ${runs} runs of at most ${most} subrequests`);
    } finally {
      await stage.close();
    }
  });
}

/** @param {Awaited<ReturnType<typeof openStage>>} stage */
async function waiting(stage) {
  const row = await (await stage.database()).prepare("SELECT count(*) AS n FROM intake WHERE next_at = 1").first();
  return /** @type {{ n: number }} */ (/** @type {unknown} */ (row)).n;
}
