// @ts-check
// A run of the cron keeps to the subrequests that it may make, D1's and Civic's together, however much is due and however bad
// Civic's day is; and what fails in one part of it does not keep the others.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { COUNTING, countsOf } from "./counting.mjs";
import { build, openStage } from "./stage.mjs";

/** @typedef {Awaited<ReturnType<typeof openStage>>} Stage */

/** @type {Awaited<ReturnType<typeof build>>} */
let built;
before(async () => {
  built = await build(COUNTING);
});
after(() => built?.remove());

const ADA = "ada@partner.example";
const PEOPLE = Array.from({ length: 40 }, (_, i) => `person-${String(i + 1).padStart(4, "0")}`);

/** Decided, and their windows over. @param {Stage} stage @param {readonly string[]} ids */
async function decideAll(stage, ids) {
  await stage.open(...ids);
  for (const id of ids) {
    await stage.as(ADA, `/partner/piirequest/${id}/status`, { method: "PUT", body: '{"status":"partner-pass"}' });
  }
  await hurry(stage);
}

/** Time travel: what waits or was put off is due now. @param {Stage} stage */
async function hurry(stage) {
  await (await stage.database())
    .prepare(
      `UPDATE cases SET version = version + 1, due_at = 1, state = json_set(json_replace(state, '$.delivery.sendAfter', 1,
         '$.decision.sendAfter', 1, '$.decision.at', 0, '$.delivery.notBefore', 1, '$.delivery.until', 1), '$.version', version + 1)
       WHERE due_at IS NOT NULL`,
    )
    .run();
}

/** Ids that wait to be confirmed. @param {Stage} stage @param {number} count */
async function fillIntake(stage, count) {
  await (await stage.database())
    .prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       INSERT INTO intake (request_id, received_at, next_at) SELECT 'passport~copy_' || i, ?, 1 FROM n`,
    )
    .bind(count, Date.now())
    .run();
}

/** Copies of a closed case whose time is over. @param {Stage} stage @param {string} id @param {number} count */
async function fillClosed(stage, id, count) {
  await (await stage.database())
    .prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
       INSERT INTO cases (id, version, state, phase, delivery, opened_at, closed_at)
       SELECT 'old-' || i, 1, json_set(state, '$.id', 'old-' || i, '$.version', 1, '$.closedAt', 1, '$.openedAt', 1,
         '$.deliveredAt', 1, '$.case', 'closed', '$.upstreamStatus', 'partner-fail'), 'closed', 'none', 1, 1
       FROM n, cases WHERE id = ?1`,
    )
    .bind(id, count)
    .run();
}

/** @param {Stage} stage @param {string} query @returns {Promise<number>} */
async function numberOf(stage, query) {
  const row = await (await stage.database()).prepare(query).first();
  return Number(Object.values(row ?? {})[0]);
}

/** @param {Stage} stage */
const endings = async (stage) => (await stage.logged()).split('"event":"sweep",').length - 1;

for (const limit of [50, 200]) {
  test(`with ${limit} subrequests a run`, async (t) => {
    const stage = await openStage(built, { settings: { DESK_UNDO_SECONDS: "3600", DESK_SUBREQUESTS: String(limit) } });
    try {
      await decideAll(stage, PEOPLE);
      await fillIntake(stage, 40);
      await fillClosed(stage, "person-0001", 45);
      // The token goes as well: to exchange it anew is part of the worst run.
      await (await stage.database()).prepare("DELETE FROM tokens").run();
      const delivered = () => stage.puts().filter(({ status }) => status === 200).length;
      const left = () =>
        numberOf(
          stage,
          `SELECT (SELECT count(*) FROM cases WHERE due_at IS NOT NULL) + (SELECT count(*) FROM intake)
           + (SELECT count(*) FROM cases WHERE closed_at = 1)`,
        );
      let runs = 0;
      for (; runs < 40 && (await left()) > 0; runs += 1) {
        const before = delivered();
        await stage.sweep();
        if (runs === 0) assert.ok(delivered() > before, "each run gets something done");
        // What was marked and not reached is free for the next minute's run.
        await (await stage.database()).prepare("UPDATE intake SET next_at = 1").run();
      }
      assert.equal(delivered(), PEOPLE.length);
      assert.equal(await numberOf(stage, "SELECT count(*) FROM cases WHERE id LIKE 'passport~copy%'"), 40);
      assert.equal(await numberOf(stage, "SELECT count(*) FROM audit WHERE action = 'purged'"), 45);
      assert.equal(await numberOf(stage, "SELECT count(*) FROM audit WHERE action = 'failed'"), 0, "none without room");
      const counts = (await countsOf(stage.url)).runs.map(({ subrequests }) => subrequests);
      assert.equal(counts.length, runs);
      const most = Math.max(...counts);
      assert.ok(most <= limit, `${most} of ${limit}`);
      assert.ok(most > limit / 2, `${most}: it does use what it may`);
      assert.equal((await stage.as("adam@partner.example", "/desk/audit/verify")).json.ok, true);
      t.diagnostic(`40 verdicts, 40 ids and 45 old cases in ${runs} runs of at most ${most} subrequests`);
    } finally {
      await stage.close();
    }
  });
}

/** Chance that can be repeated (mulberry32). @param {number} state */
function seeded(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const refuse = (/** @type {number} */ status) => Response.json({ error: "refused" }, { status });

/** What Civic does all the time. @type {Record<string, () => (request: Request, answer: () => Promise<Response>) => Promise<Response>>} */
const BAD_DAYS = {
  "a 409 for each verdict": () => async (request, answer) => (request.method === "PUT" ? refuse(409) : answer()),
  "a 401 for each verdict": () => async (request, answer) => (request.method === "PUT" ? refuse(401) : answer()),
  "a token that is good for one verdict": () => {
    const revoked = new Set();
    return async (request, answer) => {
      const token = request.headers.get("authorization");
      if (token !== null && revoked.has(token)) return refuse(401);
      if (request.method === "PUT") revoked.add(token);
      return answer();
    };
  },
  "a 401 for everything": () => async (request, answer) =>
    new URL(request.url).pathname.startsWith("/partner/") ? refuse(401) : answer(),
  "a 503 for everything, the tokens too": () => async () => refuse(503),
  "something else each time": () => {
    const random = seeded(20_261_121);
    return async (request, answer) => {
      if (!new URL(request.url).pathname.startsWith("/partner/")) return answer();
      const luck = random();
      const status = luck < 0.25 ? 409 : luck < 0.5 ? 401 : luck < 0.6 ? 503 : luck < 0.65 ? 429 : undefined;
      return status === undefined ? answer() : refuse(status);
    };
  },
};

for (const [day, intercept] of Object.entries(BAD_DAYS)) {
  test(`${day}: no run asks for more than fifty, and each comes to its end`, async (t) => {
    let bad = false;
    const upstream = intercept();
    const stage = await openStage(built, {
      settings: { DESK_UNDO_SECONDS: "3600" },
      intercept: (request, answer) => (bad ? upstream(request, answer) : answer()),
    });
    try {
      await decideAll(stage, PEOPLE.slice(0, 12));
      await fillIntake(stage, 20);
      await fillClosed(stage, "person-0001", 45);
      const db = await stage.database();
      bad = true;
      for (let run = 0; run < 5; run += 1) {
        await db
          .prepare("INSERT OR REPLACE INTO intake_senders (sender, minute, count) VALUES ('long ago', 1, 1)")
          .run();
        const before = await numberOf(stage, "SELECT count(*) FROM audit");
        const confirmed = () => numberOf(stage, "SELECT count(*) FROM cases WHERE id LIKE 'passport~copy%'");
        const known = await confirmed();
        await stage.sweep();
        // Where records can be had, many verdicts do not keep new cases out.
        if (day.endsWith("for each verdict")) assert.ok((await confirmed()) >= known + 2, `${known} known before`);
        assert.ok((await numberOf(stage, "SELECT count(*) FROM audit")) > before, "each run gets something done");
        assert.equal(await numberOf(stage, "SELECT count(*) FROM intake_senders WHERE sender = 'long ago'"), 0);
        await hurry(stage);
        await db.prepare("UPDATE intake SET next_at = 1").run();
      }
      const counts = (await countsOf(stage.url)).runs.map(({ subrequests }) => subrequests);
      t.diagnostic(`${counts.join(", ")} subrequests`);
      assert.equal(counts.length, 5);
      for (const count of counts) assert.ok(count <= 50, `${count} of 50`);
      assert.equal(await endings(stage), 5, "the audit's head is in the log of each run");
      assert.equal(await numberOf(stage, "SELECT count(*) FROM audit WHERE action = 'purged'"), 45);
      assert.doesNotMatch(await stage.logged(), /"name":"Spent"/u, "what was begun could be recorded");
      // And when the day is over, all of it arrives.
      bad = false;
      for (let run = 0; run < 8; run += 1) {
        for (const { id } of (await stage.as(ADA, "/desk/cases?state=dead")).json.cases) {
          await stage.as(ADA, `/desk/cases/${id}/retry`, { method: "POST", body: "{}" });
        }
        await hurry(stage);
        await db.prepare("UPDATE intake SET next_at = 1").run();
        await stage.sweep();
      }
      assert.deepEqual(
        new Set(await Promise.all(PEOPLE.slice(0, 12).map((id) => stage.statusOf(id)))),
        new Set(["partner-pass"]),
      );
      const applied = stage.puts().filter(({ status }) => status === 200);
      assert.equal(applied.length, 12, "each once");
      for (const { subrequests } of (await countsOf(stage.url)).runs)
        assert.ok(subrequests <= 50, `${subrequests} of 50`);
    } finally {
      await stage.close();
    }
  });
}

test("what a run may ask for is counted to the last, and what is to come after a request to Civic is kept", async () => {
  /** @type {typeof import("../../pkg-template/worker/budget.js")} */
  const { budgeted, RECORD } = await import(new URL("./worker/budget.js", import.meta.resolve("passdesk/worker")).href);
  let asked = 0;
  const answer = async () => {
    asked += 1;
    return /** @type {any} */ ({ results: [] });
  };
  const statement = { bind: () => statement, first: answer, run: answer, all: answer };
  const database = {
    prepare: () => statement,
    batch: async (/** @type {unknown[]} */ statements) => {
      assert.deepEqual(statements, [statement], "as D1 made it");
      return answer();
    },
  };
  const [url, secret] = ["https://api.example", "secret"];
  const civic = { baseUrl: url, tokenUrl: url, clientId: "id", clientSecret: secret };
  const access = { teamUrl: url, audience: "desk" };
  const settings = /** @type {any} */ ({
    database,
    civic,
    access,
    globalid: { baseUrl: url },
    subrequests: RECORD + 2,
  });
  const { desk, budget } = budgeted(/** @type {any} */ ({ settings, transport: answer }));
  const transport = desk.transport ?? assert.fail();
  const query = desk.settings.database.prepare("SELECT 1").bind();
  const spent = { name: "Spent" };
  await transport(url);
  await transport(url);
  await assert.rejects(transport(url), spent, "a request whose end could not be recorded is not sent");
  for (const one of ["first", "run", "all"]) await Reflect.get(query, one)();
  await desk.settings.database.batch([query]);
  budget.keep(1);
  assert.equal(budget.left(), 0);
  await assert.rejects(query.first(), spent);
  await assert.rejects(desk.settings.database.batch([query]), spent);
  budget.keep(0);
  await query.run();
  for (const one of ["first", "run", "all"]) await assert.rejects(Reflect.get(query, one)(), spent);
  assert.deepEqual([asked, budget.left()], [RECORD + 2, 0]);
});

/** What a database can be made to refuse. @type {Record<string, string>} */
const BROKEN = {
  "a purge that fails": "CREATE TRIGGER broken BEFORE DELETE ON cases BEGIN SELECT RAISE(ABORT, 'broken'); END",
  "an intake that fails": "CREATE TRIGGER broken BEFORE UPDATE ON intake BEGIN SELECT RAISE(ABORT, 'broken'); END",
};
for (const [what, trigger] of Object.entries(BROKEN)) {
  test(`${what} keeps neither verdicts nor anything else, and the run says that it failed`, async () => {
    const stage = await openStage(built, { settings: { DESK_UNDO_SECONDS: "3600" } });
    try {
      const ids = PEOPLE.slice(0, 8);
      await decideAll(stage, ids);
      await fillIntake(stage, 2);
      await fillClosed(stage, "person-0001", 3);
      const db = await stage.database();
      await db.prepare("INSERT INTO intake_senders (sender, minute, count) VALUES ('long ago', 1, 1)").run();
      await db.prepare(trigger).run();
      for (let run = 0; run < 3; run += 1) assert.notEqual((await stage.sweep()).outcome, "ok");
      assert.equal(stage.puts().filter(({ status }) => status === 200).length, ids.length);
      assert.equal(await numberOf(stage, "SELECT count(*) FROM intake_senders WHERE sender = 'long ago'"), 0);
      assert.equal(await endings(stage), 3);
      if (what.includes("intake"))
        assert.equal(await numberOf(stage, "SELECT count(*) FROM cases WHERE closed_at = 1"), 0);
      else assert.equal(await numberOf(stage, "SELECT count(*) FROM intake"), 0);
      assert.match(await stage.logged(), /"event":"sweep_failed","reason":"(?:purges|confirmations)"/u);
      // An error's own words can hold anything.
      assert.doesNotMatch(await stage.logged(), /broken/u);
      for (const { thrown } of (await countsOf(stage.url)).runs) assert.equal(thrown, "the sweep failed");
      await db.prepare("DROP TRIGGER broken").run();
      await db.prepare("UPDATE intake SET next_at = 1").run();
      assert.equal((await stage.sweep()).outcome, "ok");
      assert.equal(await numberOf(stage, "SELECT count(*) FROM cases WHERE closed_at = 1"), 0);
    } finally {
      await stage.close();
    }
  });
}

test("old cases that cannot be read keep no other from going, however many they are", async () => {
  const stage = await openStage(built);
  try {
    await stage.open("person-0001");
    await fillClosed(stage, "person-0001", 30);
    const db = await stage.database();
    await db
      .prepare(
        `UPDATE cases SET version = 2, closed_at = iif(id LIKE 'old-1_', 2, 1),
           state = json_set(state, '$.version', 2, '$.undone', iif(id LIKE 'old-1_', json_array(), 7)) WHERE id LIKE 'old-%'`,
      )
      .run();
    assert.equal((await stage.sweep()).outcome, "ok");
    assert.equal((await stage.sweep()).outcome, "ok");
    const { results } = await db.prepare("SELECT id FROM cases WHERE closed_at = 2").all();
    assert.deepEqual(results, []);
    assert.equal(await numberOf(stage, "SELECT count(*) FROM cases WHERE closed_at = 1"), 20);
    assert.match(await stage.logged(), /"event":"purge_failed"/u);
  } finally {
    await stage.close();
  }
});

test("cases that cannot be read keep no other's verdict from going, however many they are", async () => {
  const stage = await openStage(built, { settings: { DESK_UNDO_SECONDS: "3600" } });
  try {
    await decideAll(stage, PEOPLE);
    const [last = ""] = PEOPLE.slice(-1);
    await hurry(stage);
    const db = await stage.database();
    // As a newer desk may have left them.
    await db
      .prepare(
        `UPDATE cases SET version = version + 1, due_at = iif(id = ?1, 2, 1),
           state = json_set(state, '$.version', version + 1, '$.undone', iif(id = ?1, json_array(), 7))`,
      )
      .bind(last)
      .run();
    assert.equal((await stage.sweep()).outcome, "ok");
    assert.equal(await stage.statusOf(last), "partner-pass");
    assert.match(await stage.logged(), /"event":"delivery_failed"/u);
  } finally {
    await stage.close();
  }
});

test("two runs at once over the same old cases let each go once", async () => {
  const stage = await openStage(built);
  try {
    await stage.open("person-0001");
    await fillClosed(stage, "person-0001", 30);
    await Promise.all([stage.sweep(), stage.sweep(), stage.sweep()]);
    assert.equal(await numberOf(stage, "SELECT count(*) FROM cases WHERE closed_at = 1"), 0);
    assert.equal(await numberOf(stage, "SELECT count(*) FROM audit WHERE action = 'purged'"), 30);
    assert.equal((await stage.as("adam@partner.example", "/desk/audit/verify")).json.ok, true);
  } finally {
    await stage.close();
  }
});
