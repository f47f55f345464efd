// @ts-check
// Who comes second stores nothing, neither the case nor what the audit would say of it, even where the first one left no row
// in the audit. Another writer is put between the reading and the writing of a request, so nothing here is left to chance.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { build, openStage } from "./stage.mjs";

/**
 * What the stage builds in place of the plain desk. `/next` takes what is written before the next batch that writes a case,
 * `/late` how much later it is when that is answered.
 */
const OVERTAKING = `
let [late, shift] = [0, 0];
const clock = Date.now;
Date.now = () => clock() + shift;
const WRITES = /^\\s*(?:INSERT INTO|UPDATE|DELETE FROM) cases\\b/;
let first;
let seen = [];
const statement = (inner, query) => ({
  inner,
  query,
  bind: (...values) => statement(inner.bind(...values), query),
  first: () => inner.first(),
  run: () => inner.run(),
  all: () => inner.all(),
});
const database = (db) => ({
  prepare: (query) => statement(db.prepare(query), query),
  batch: async (statements) => {
    const writes = statements.some(({ query }) => WRITES.test(query));
    if (writes && first !== undefined) {
      const query = first;
      first = undefined;
      await db.prepare(query).run();
    }
    let results;
    try {
      results = await db.batch(statements.map(({ inner }) => inner));
      if (writes) [shift, late] = [shift + late, 0];
    } finally {
      if (writes) seen.push({ queries: statements.map(({ query }) => query), rows: results?.map((result) => result.results.length) ?? null });
    }
    return results;
  },
});
const desk = createReviewDesk({ settings: (env) => ({ ...env, DB: database(env.DB) }) });
export default {
  async fetch(request, env, context) {
    const { pathname } = new URL(request.url);
    if (pathname === "/late") late = Number(await request.text());
    if (pathname !== "/next" && pathname !== "/late") return desk.fetch(request, env, context);
    if (pathname === "/next" && request.method === "POST") [first, seen] = [await request.text(), []];
    return Response.json(seen);
  },
  scheduled: (controller, env, context) => desk.scheduled(controller, env, context),
};`;

const [ADA, ADAM] = ["ada@partner.example", "adam@partner.example"];
const ID = "abc123";

/** @type {Awaited<ReturnType<typeof build>>} */
let built;
/** @type {Awaited<ReturnType<typeof openStage>>} */
let stage;
before(async () => {
  built = await build(OVERTAKING);
});
after(() => built?.remove());
beforeEach(async () => {
  stage = await openStage(built, { settings: { DESK_UNDO_SECONDS: "3600" } });
  await stage.open(ID);
});
afterEach(() => stage?.close());

/** What another writer stores meanwhile: as one who only notes what Civic shows, without a row in the audit. */
const NOTE = `UPDATE cases SET version = version + 1, state = json_set(state, '$.version', version + 1,
  '$.upstreamStatus', 'noted-meanwhile') WHERE id = '${ID}'`;

/** @param {string} sql */
const meanwhile = async (sql) => {
  await fetch(`${stage.url}/next`, { method: "POST", body: sql });
};
/** The batches that wrote cases since. @returns {Promise<{ queries: string[], rows: number[] | null }[]>} */
const batches = async () => /** @type {any} */ (await (await fetch(`${stage.url}/next`)).json());
/** @returns {Promise<any>} */
const stored = async () =>
  JSON.parse(
    String(await (await stage.database()).prepare("SELECT state FROM cases WHERE id = ?").bind(ID).first("state")),
  );
/** @returns {Promise<string[]>} */
const trail = async () =>
  (await stage.as(ADAM, `/desk/audit?case=${ID}`)).json.rows.map((/** @type {{ action: string }} */ row) => row.action);
/** @param {string} action */
const counted = async (action) =>
  (await (await stage.database()).prepare("SELECT value FROM counters WHERE name = ?").bind(action).first("value")) ??
  0;
const decide = () =>
  stage.as(ADA, `/partner/piirequest/${ID}/status`, { method: "PUT", body: '{"status":"partner-pass"}' });
const OWN = /^UPDATE cases SET version = \?, state = \?, .+ WHERE id = \? AND version = \? RETURNING version$/u;

/** Each thing that changes a case, and what the audit says of it once. @type {Record<string, { prepare?: () => Promise<unknown>, act: () => Promise<any>, says: string[] }>} */
const CHANGES = {
  "a decision": { act: decide, says: ["decided"] },
  "a claim": {
    act: () => stage.as(ADA, `/desk/cases/${ID}/claim`, { method: "POST", body: "{}" }),
    says: ["claimed"],
  },
  "a claim that is prolonged, of which the audit says nothing": {
    prepare: () => stage.as(ADA, `/desk/cases/${ID}/claim`, { method: "POST", body: "{}" }),
    act: () => stage.as(ADA, `/desk/cases/${ID}/claim`, { method: "POST", body: "{}" }),
    says: [],
  },
  "an undo": {
    prepare: decide,
    act: () => stage.as(ADA, `/partner/piirequest/${ID}/status`, { method: "DELETE" }),
    says: ["undone"],
  },
};
for (const [what, { prepare, act, says }] of Object.entries(CHANGES)) {
  test(`${what}, overtaken: stored once, upon what the other wrote`, async () => {
    await prepare?.();
    const [before, told] = [await stored(), await trail()];
    const counts = await Promise.all(says.map(counted));
    await meanwhile(NOTE);
    const { status, text } = await act();
    assert.ok([200, 202].includes(status), text);
    const after = await stored();
    assert.deepEqual(
      [after.version, after.upstreamStatus],
      [before.version + 2, "noted-meanwhile"],
      "nothing that the other wrote is lost",
    );
    assert.deepEqual(await trail(), [...told, ...says]);
    for (const [i, action] of says.entries()) assert.equal(await counted(action), Number(counts[i]) + 1, action);
    const [lost, won, ...more] = await batches();
    assert.deepEqual(more, []);
    // Where the audit has a row of it, that row takes the batch back; where it has none, there is nothing to take back.
    assert.deepEqual(lost?.rows?.[0], says.length === 0 ? 0 : undefined, "no row came back to who lost");
    assert.equal(won?.rows?.[0], 1, "and one to who won");
    for (const { queries } of [lost, won].map((batch) => batch ?? assert.fail())) {
      assert.match(queries[0] ?? "", OWN);
      assert.ok(!queries.some((query) => query.includes("INSERT INTO cases")));
    }
    assert.equal((await stage.as(ADAM, "/desk/audit/verify")).json.ok, true);
  });
}

test("a lease, overtaken by another sender's: only that one's counts, and nothing is sent by this one", async () => {
  await decide();
  const lease = {
    state: "leased",
    until: Date.now() + 3_600_000,
    attempts: 1,
    sending: false,
    since: 1,
    queued: false,
  };
  const db = await stage.database();
  await db
    .prepare(
      `UPDATE cases SET version = version + 1, due_at = 1, state = json_set(state, '$.version', version + 1,
       '$.delivery.sendAfter', 1, '$.decision.sendAfter', 1)`,
    )
    .run();
  await meanwhile(`UPDATE cases SET version = version + 1, delivery = 'leased', due_at = ${lease.until}, state = json_set(state,
    '$.version', version + 1, '$.delivery', json('${JSON.stringify(lease)}'), '$.leases', 1)`);
  await stage.sweep();
  const [lost, ...more] = await batches();
  assert.deepEqual([lost?.rows?.[0], more.length], [0, 0], "it has no audit row, so the answer alone says who has it");
  assert.match(lost?.queries[0] ?? "", OWN);
  assert.deepEqual([(await stored()).delivery, (await stored()).leases], [lease, 1]);
  assert.equal(stage.puts(ID).length, 0);
});

test("a lease whose write is answered when its time is all but over sends nothing: the next one does", async () => {
  await decide();
  const db = await stage.database();
  const due = (/** @type {string} */ moment) =>
    db
      .prepare(
        `UPDATE cases SET version = version + 1, due_at = 1,
         state = json_set(state, '$.version', version + 1, '$.delivery.${moment}', 1)`,
      )
      .run();
  await due("sendAfter");
  // Another sender may begin after sixty seconds; a verdict may take fifteen.
  for (const ms of [61_000, 46_000]) {
    await fetch(`${stage.url}/late`, { method: "POST", body: String(ms) });
    await stage.sweep();
    assert.deepEqual([(await stored()).delivery.state, stage.puts(ID).length], ["leased", 0], `${ms} ms later`);
    await due("until");
  }
  await stage.sweep();
  assert.deepEqual([(await stored()).delivery.state, stage.puts(ID).length], ["delivered", 1]);
});

test("a purge, overtaken: the case stays until its last version was read", async () => {
  await decide();
  const db = await stage.database();
  await db
    .prepare(
      `UPDATE cases SET version = version + 1, phase = 'closed', delivery = 'delivered', closed_at = 1, due_at = NULL, state = json_set(state,
       '$.version', version + 1, '$.closedAt', 1, '$.delivery', json('{"state":"delivered","at":1,"outcome":"applied"}'))`,
    )
    .run();
  // As one who sees that Civic shows another verdict: then it is not over.
  await meanwhile(`UPDATE cases SET version = version + 1, phase = 'decided', delivery = 'conflict', closed_at = NULL, state = json_set(state,
    '$.version', version + 1, '$.closedAt', NULL, '$.delivery', json('{"state":"conflict","at":1,"shown":"partner-fail"}'))`);
  await stage.sweep();
  assert.equal((await stored()).delivery.state, "conflict");
  assert.ok(!(await trail()).includes("purged"));
  assert.equal(await counted("purged"), 0);
  assert.deepEqual(
    (await batches()).map(({ rows }) => rows),
    [null],
    "the batch went back",
  );

  await db
    .prepare(
      `UPDATE cases SET version = version + 1, phase = 'closed', closed_at = 1, state = json_set(state, '$.version', version + 1,
       '$.closedAt', 1, '$.delivery', json('{"state":"delivered","at":1,"outcome":"applied"}'))`,
    )
    .run();
  await meanwhile(NOTE);
  await stage.sweep();
  assert.equal(await db.prepare("SELECT count(*) AS count FROM cases").first("count"), 0);
  assert.deepEqual((await trail()).filter((action) => action === "purged").length, 1);
  assert.equal((await batches()).length, 2);
  assert.equal((await stage.as(ADAM, "/desk/audit/verify")).json.ok, true);
});
