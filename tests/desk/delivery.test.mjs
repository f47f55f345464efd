// @ts-check
// A verdict reaches Civic once and as it was meant, whatever goes wrong on the way.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { build, openStage, until } from "./stage.mjs";

/** @type {Awaited<ReturnType<typeof build>>} */
let built;
/** @type {Awaited<ReturnType<typeof openStage>>} */
let stage;
before(async () => {
  built = await build();
  stage = await openStage(built, { settings: { DESK_UNDO_SECONDS: "0" } });
});
after(async () => {
  await stage?.close();
  await built?.remove();
});

const [ADA, ADAM] = ["ada@partner.example", "adam@partner.example"];
/** @param {string} id @param {string} [status] */
const decide = (id, status = "partner-pass", on = stage) =>
  on.as(ADA, `/partner/piirequest/${id}/status`, { method: "PUT", body: JSON.stringify({ status }) });
/** @param {string} id */
const one = async (id, on = stage) => (await on.as(ADAM, `/desk/cases/${id}`)).json;
/** @param {string} id @param {string} state */
const reaches = (id, state, on = stage) => until(async () => (await one(id, on)).delivery.state === state, 30_000);
/** @param {string} id @returns {Promise<string[]>} */
const actions = async (id) =>
  (await stage.as(ADAM, `/desk/audit?case=${id}`)).json.rows.map((/** @type {{ action: string }} */ row) => row.action);
/** What was put off is due now. @param {string} [id] */
const hurry = async (id, on = stage) => {
  const off = "delivery IN ('retrying', 'unconfirmed')";
  const where = id === undefined ? off : `id = '${id}' AND ${off}`;
  await (await on.database())
    .prepare(
      `UPDATE cases SET version = version + 1, due_at = 1,
       state = json_set(state, '$.version', version + 1, '$.delivery.notBefore', 1) WHERE ${where}`,
    )
    .run();
  await on.sweep();
};

/** A kick may have tried again before anybody looks, so it is the audit that says what came first. @param {string} id */
const hasFailed = (id) => until(async () => (await actions(id)).includes("failed"));

/** Time travel: the windows for an undo are over. */
const endWindows = async (on = stage) =>
  (await on.database())
    .prepare(
      `UPDATE cases SET version = version + 1, due_at = 1, state = json_set(state, '$.version', version + 1,
       '$.delivery.sendAfter', 1, '$.decision.sendAfter', 1, '$.decision.at', 0)`,
    )
    .run();

for (const fault of ["apply-then-500", "apply-then-503", "apply-then-reset"]) {
  test(`${fault}: the next try reads that it was applied, and does not send again`, async () => {
    const id = `abc123~status.${fault}x1`;
    await stage.open(id);
    await decide(id);
    await hasFailed(id);
    assert.equal(await stage.statusOf(id), "partner-pass");
    await hurry(id);
    await reaches(id, "delivered");
    const { delivery } = await one(id);
    assert.deepEqual([delivery.state, delivery.outcome], ["delivered", "already-applied"]);
    assert.equal(stage.puts(id).length, 1);
    assert.deepEqual(await actions(id), ["opened", "decided", "failed", "delivered"]);
  });
}

test("apply-then-cut: the status said that it was applied, and the body says nothing more", async () => {
  const id = "abc123~status.apply-then-cutx1";
  await stage.open(id);
  await decide(id);
  await reaches(id, "delivered");
  assert.deepEqual([await stage.statusOf(id), stage.puts(id).length], ["partner-pass", 1]);
});

test("apply-then-hang: the attempt ends in time, and no second PUT follows", async () => {
  const id = "abc123~status.apply-then-hangx1";
  await stage.open(id);
  await decide(id);
  await hasFailed(id);
  const { rows } = (await stage.as(ADAM, `/desk/audit?case=${id}`)).json;
  const failed = rows.find((/** @type {{ action: string }} */ { action }) => action === "failed");
  assert.equal(JSON.parse(failed.detail).code, "timeout");
  await hurry(id);
  await reaches(id, "delivered");
  assert.deepEqual([(await one(id)).delivery.outcome, stage.puts(id).length], ["already-applied", 1]);
});

test("what was applied and answered with a page, or by sending on, is no dead letter", async () => {
  const page = "abc123~status.wrong-typex1";
  const own = await openStage(built, {
    settings: { DESK_UNDO_SECONDS: "0" },
    async intercept(request, answer) {
      const response = await answer();
      if (request.method !== "PUT" || request.url.includes(page)) return response;
      return new Response(null, { status: 303, headers: { location: "/partner/piirequest/abc123" } });
    },
  });
  try {
    for (const id of [page, "abc123"]) {
      await own.open(id);
      await decide(id, "partner-fail", own);
      await until(async () => !["waiting", "leased"].includes((await one(id, own)).delivery.state));
      const { state, outcome } = (await one(id, own)).delivery;
      assert.deepEqual([state, outcome, own.puts(id).length], ["delivered", "already-applied", 1], id);
      assert.equal(await own.statusOf(id), "partner-fail");
    }
  } finally {
    await own.close();
  }
});

test("what fails before it is applied is sent again until it is, then never", async () => {
  const id = "abc123~status.503x3";
  await stage.open(id);
  await decide(id, "partner-fail");
  await until(async () => {
    await hurry(id);
    return (await one(id)).delivery.state === "delivered";
  });
  assert.equal(await stage.statusOf(id), "partner-fail");
  assert.deepEqual(
    stage.puts(id).map(({ status }) => status),
    [503, 503, 503, 200],
  );
});

test("a verdict is tried again where Civic refuses two tokens in a row", async () => {
  const id = "abc123~status.401x2";
  await stage.open(id);
  await decide(id);
  // By the request that took it, if chance makes the pause short, or by the cron.
  await until(async () => {
    await hurry(id);
    return (await one(id)).delivery.state === "delivered";
  });
  assert.deepEqual(
    stage.puts(id).map(({ status }) => status),
    [401, 401, 200],
  );
});

test("`Retry-After` is obeyed to the second", async () => {
  const id = "abc123~status.503-seconds_90x1";
  await stage.open(id);
  const began = Date.now();
  await decide(id);
  await reaches(id, "retrying");
  const { notBefore } = (await one(id)).delivery;
  assert.ok(notBefore >= began + 90_000 && notBefore <= Date.now() + 91_000, `${notBefore - began}`);
  await stage.sweep();
  assert.equal(stage.puts(id).length, 1, "not before");
});

test("a permanent failure is a dead letter that everybody can see and a reviewer can revive", async () => {
  const id = "abc123~status.400x1";
  await stage.open(id);
  await decide(id);
  await reaches(id, "dead");
  const { delivery } = await one(id);
  assert.deepEqual([delivery.code, delivery.status], ["rejected", 400]);
  const listed = (await stage.as(ADA, "/desk/cases?state=dead")).json.cases;
  assert.ok(listed.some((/** @type {{ id: string }} */ { id: other }) => other === id));
  assert.match((await stage.as(ADAM, "/desk/metrics")).text, /passdesk_deliveries\{state="dead"\} 1/);
  assert.match(await stage.logged(), /"event":"delivery_failed","status":400,"code":"rejected"/);
  await stage.sweep();
  assert.equal(stage.puts(id).length, 1, "nobody tries by himself");
  const again = await stage.as(ADA, `/desk/cases/${id}/retry`, { method: "POST", body: "{}" });
  assert.equal(again.status, 202);
  await stage.sweep();
  await reaches(id, "delivered");
  assert.deepEqual([await stage.statusOf(id), stage.puts(id).length], ["partner-pass", 2]);
  const done = await stage.as(ADA, `/desk/cases/${id}/retry`, { method: "POST", body: "{}" });
  assert.deepEqual([done.status, done.json.error], [409, "not_dead"]);
});

test("a failure that passes is tried again with nobody's help, before the next run of the cron", async () => {
  const id = "abc123~status.503x1";
  await stage.open(id);
  await decide(id);
  await reaches(id, "delivered");
  assert.deepEqual(
    stage.puts(id).map(({ status }) => status),
    [503, 200],
  );
  assert.deepEqual(await actions(id), ["opened", "decided", "failed", "delivered"]);
});

test("each 5xx is waited out, also one that stands for a Civic that cannot be reached, or did not answer in time", async () => {
  const answers = [501, 520, 524];
  const own = await openStage(built, {
    settings: { DESK_UNDO_SECONDS: "0" },
    async intercept(request, answer) {
      const status = request.method === "PUT" ? answers.shift() : undefined;
      // As it goes through all the same where the answer took too long.
      if (status === 524) await answer();
      return status === undefined ? answer() : new Response(null, { status });
    },
  });
  try {
    await own.open("abc123");
    await decide("abc123", "partner-pass", own);
    await until(async () => {
      await hurry("abc123", own);
      return (await one("abc123", own)).case === "closed";
    });
    const { state, outcome } = (await one("abc123", own)).delivery;
    assert.deepEqual([state, outcome], ["delivered", "already-applied"]);
    assert.deepEqual(
      own.puts().map(({ status }) => status),
      [200],
    );
  } finally {
    await own.close();
  }
});

test("one request tries three times and leaves the rest to the cron, even where Civic says at once", async () => {
  let puts = 0;
  const own = await openStage(built, {
    settings: { DESK_UNDO_SECONDS: "0" },
    async intercept(request, answer) {
      if (request.method !== "PUT") return answer();
      puts += 1;
      return Response.json({ error: "unavailable" }, { status: 503, headers: { "retry-after": "0" } });
    },
  });
  try {
    await own.open("abc123");
    await decide("abc123", "partner-pass", own);
    await until(async () => puts >= 3 && (await one("abc123", own)).delivery.state === "retrying");
    await new Promise((resolve) => setTimeout(resolve, 1000));
    assert.equal(puts, 3);
    await own.sweep();
    assert.equal(puts, 4);
  } finally {
    await own.close();
  }
});

/** Time travel: the first try was so long ago. @param {string} id @param {number} ms */
const ago = async (id, ms, on = stage) =>
  (await on.database())
    .prepare(
      `UPDATE cases SET version = version + 1, state = json_set(state, '$.version', version + 1, '$.delivery.since', ?2)
       WHERE id = ?1`,
    )
    .bind(id, Date.now() - ms)
    .run();

/** Time travel: the wait for the next try is over, and everything is older by as much. @param {string} id */
const elapse = async (id, on = stage) => {
  await (await on.database())
    .prepare(
      `UPDATE cases SET version = version + 1, due_at = 1, state = json_set(state, '$.version', version + 1,
       '$.delivery.since', (state ->> '$.delivery.since') - (state ->> '$.delivery.notBefore') + ?2,
       '$.delivery.notBefore', ?2) WHERE id = ?1 AND delivery = 'retrying'`,
    )
    .bind(id, Date.now())
    .run();
  await on.sweep();
};

test("what was applied at the very end, unheard, is found by a last look and not sent again", async () => {
  const own = await openStage(built, { settings: { DESK_UNDO_SECONDS: "3600" } });
  try {
    const id = "abc123";
    await own.open(id);
    await decide(id, "partner-pass", own);
    await endWindows(own);
    own.sandbox.fault({ fault: "500", operation: "status", times: 1 });
    await own.sweep();
    await ago(id, 86_400_000, own);
    own.sandbox.fault({ fault: "apply-then-500", operation: "status", times: 1 });
    await hurry(id, own);
    assert.equal(await own.statusOf(id), "partner-pass", "it was taken");
    assert.equal((await one(id, own)).delivery.state, "retrying", "and no dead letter is made of it");
    await elapse(id, own);
    const { delivery } = await one(id, own);
    assert.deepEqual([delivery.state, delivery.outcome], ["delivered", "already-applied"]);
    assert.deepEqual(
      own.puts(id).map(({ status }) => status),
      [500, 500],
    );
  } finally {
    await own.close();
  }
});

for (const [shown, ending] of /** @type {const} */ ([
  ["partner-pass", ["delivered", "already-applied"]],
  ["partner-fail", ["conflict", undefined]],
  [undefined, ["dead", undefined]],
])) {
  test(`a lease from days ago is given up only after a look, which shows ${shown ?? "no verdict"}`, async () => {
    const own = await openStage(built, { settings: { DESK_UNDO_SECONDS: "3600" } });
    try {
      const id = "abc123";
      await own.open(id);
      await decide(id, "partner-pass", own);
      // Its sender died with the desk, three days ago; how far it had come nobody knows.
      const lost = { state: "leased", until: 1, attempts: 1, sending: true, since: Date.now() - 259_200_000 };
      await (await own.database())
        .prepare(
          `UPDATE cases SET version = version + 1, due_at = 1, delivery = 'leased', state = json_set(state,
           '$.version', version + 1, '$.delivery', json(?), '$.dueAt', 1, '$.leases', 1) WHERE id = 'abc123'`,
        )
        .bind(JSON.stringify({ ...lost, queued: false }))
        .run();
      if (shown !== undefined) {
        const headers = {
          authorization: `Bearer ${await own.sandbox.issueToken()}`,
          "content-type": "application/json",
        };
        const url = `${own.upstream.url}/partner/piirequest/${id}/status`;
        const body = JSON.stringify({ status: shown });
        assert.ok((await own.sandbox.fetch(url, { method: "PUT", headers, body })).ok);
      }
      const before = own.puts(id).length;
      await own.sweep();
      const { delivery } = await one(id, own);
      assert.deepEqual([delivery.state, delivery.outcome], ending);
      if (ending[0] === "dead") assert.equal(delivery.code, "lease_expired");
      assert.equal(own.puts(id).length, before, "nothing was sent");
    } finally {
      await own.close();
    }
  });
}

for (const [hours, settings] of /** @type {[number, Record<string, string>][]} */ ([
  [24, {}],
  [2, { DESK_GIVE_UP_HOURS: "2" }],
])) {
  test(`an outage is waited for ${hours} hours, then it is a dead letter`, async () => {
    const own = await openStage(built, { settings: { DESK_UNDO_SECONDS: "3600", ...settings } });
    try {
      const id = "abc123~status.500";
      await own.open(id);
      await decide(id, "partner-pass", own);
      await endWindows(own);
      // Far more tries than an outage of ten minutes takes.
      for (let i = 0; i < 20; i += 1) await hurry(id, own);
      const { delivery } = await one(id, own);
      assert.equal(delivery.state, "retrying");
      assert.ok(delivery.attempts >= 19, `${delivery.attempts}`);
      assert.ok(delivery.notBefore - Date.now() <= 600_000, "and no wait is longer than ten minutes");
      await ago(id, hours * 3_600_000 - 60_000, own);
      await hurry(id, own);
      assert.equal((await one(id, own)).delivery.state, "retrying", "not before its time");
      await ago(id, hours * 3_600_000, own);
      await hurry(id, own);
      assert.equal((await one(id, own)).delivery.state, "retrying", "what came of the last try is looked at first");
      await elapse(id, own);
      const dead = (await one(id, own)).delivery;
      assert.deepEqual([dead.state, dead.code, dead.status], ["dead", "upstream", null]);
      assert.equal(own.puts(id).length, dead.attempts - 1, "a look sends nothing");
      const puts = own.puts(id).length;
      const again = await own.as(ADA, `/desk/cases/${id}/retry`, { method: "POST", body: "{}" });
      assert.equal(again.status, 202);
      await until(() => own.puts(id).length > puts);
      await until(async () => (await one(id, own)).delivery.state === "retrying");
    } finally {
      await own.close();
    }
  });
}

/**
 * A Civic that says 202 to each verdict and does nothing yet.
 *
 * @param {(on: typeof stage, id: string, apply: (status: string) => Promise<void>) => Promise<void>} story
 */
async function overQueue(story) {
  let queueing = true;
  const [own, id] = [
    await openStage(built, {
      settings: { DESK_UNDO_SECONDS: "3600" },
      async intercept(request, answer) {
        if (!queueing || request.method !== "PUT") return answer();
        queued += 1;
        return Response.json({ queued: true }, { status: 202 });
      },
    }),
    "abc123",
  ];
  let queued = 0;
  const apply = async (/** @type {string} */ status) => {
    const headers = { authorization: `Bearer ${await own.sandbox.issueToken()}`, "content-type": "application/json" };
    const url = `${own.upstream.url}/partner/piirequest/${id}/status`;
    const { ok } = await own.sandbox.fetch(url, { method: "PUT", headers, body: JSON.stringify({ status }) });
    assert.ok(ok);
  };
  try {
    await own.open(id);
    await decide(id, "partner-pass", own);
    await endWindows(own);
    await own.sweep();
    const { case: phase, delivery, deliveredAt } = await one(id, own);
    assert.deepEqual([delivery.state, phase, deliveredAt], ["unconfirmed", "decided", null]);
    const listed = (await own.as(ADA, "/desk/cases?state=unconfirmed")).json.cases;
    assert.deepEqual(
      listed.map((/** @type {{ id: string }} */ one) => one.id),
      [id],
    );
    for (let i = 0; i < 3; i += 1) await hurry(id, own);
    assert.equal((await one(id, own)).delivery.attempts, 3, "it was asked about");
    assert.equal(queued, 1, "and not sent again");
    await story(own, id, async (status) => {
      queueing = false;
      await apply(status);
    });
  } finally {
    await own.close();
  }
}

test("what Civic has queued is delivered once Civic shows it", async () => {
  await overQueue(async (own, id, apply) => {
    await apply("partner-pass");
    await hurry(id, own);
    const { case: phase, delivery } = await one(id, own);
    assert.deepEqual([delivery.state, delivery.outcome, phase], ["delivered", "queued", "closed"]);
    const { rows } = (await own.as(ADAM, `/desk/audit?case=${id}`)).json;
    assert.deepEqual(
      rows.map((/** @type {{ action: string }} */ { action }) => action),
      ["opened", "decided", "queued", "delivered"],
    );
  });
});

test("a queued verdict that is then overturned is a conflict", async () => {
  await overQueue(async (own, id, apply) => {
    await apply("partner-fail");
    await hurry(id, own);
    const { case: phase, delivery } = await one(id, own);
    assert.deepEqual([delivery.state, delivery.shown, phase], ["conflict", "partner-fail", "decided"]);
  });
});

test("a queued verdict that never shows is a dead letter, and a person can have it sent again", async () => {
  await overQueue(async (own, id) => {
    await ago(id, 86_400_000, own);
    await hurry(id, own);
    const { delivery } = await one(id, own);
    assert.deepEqual([delivery.state, delivery.code], ["dead", "unconfirmed"]);
    const { status } = await own.as(ADA, `/desk/cases/${id}/retry`, { method: "POST", body: "{}" });
    assert.equal(status, 202);
    await until(async () => (await one(id, own)).delivery.state === "unconfirmed");
  });
});

test("a 202 whose verdict stands at once is confirmed by the next look, without the cron", async () => {
  const id = "abc123~status.202x1";
  await stage.open(id);
  await decide(id);
  await reaches(id, "delivered");
  assert.equal((await one(id)).delivery.outcome, "queued");
  assert.deepEqual(await actions(id), ["opened", "decided", "queued", "delivered"]);
  assert.equal(stage.puts(id).length, 1);
});

test("a second look that drags on ends within its time, a new token included", { timeout: 120_000 }, async () => {
  let refused = 0;
  let looks = 0;
  const own = await openStage(built, {
    settings: { DESK_UNDO_SECONDS: "3600" },
    async intercept(request, answer) {
      if (request.method === "PUT") {
        refused = Date.now();
        return Response.json({ error: "conflict" }, { status: 409 });
      }
      if (refused === 0 || !new URL(request.url).pathname.startsWith("/partner/")) return answer();
      looks += 1;
      // Slow to refuse the token, and silent to the new one.
      const [ms, response] = looks === 1 ? [8000, Response.json({}, { status: 401 })] : [60_000, await answer()];
      await new Promise((resolve) => setTimeout(resolve, ms).unref());
      return response;
    },
  });
  try {
    await own.open("abc123");
    await decide("abc123", "partner-pass", own);
    await endWindows(own);
    await own.sweep();
    assert.equal(looks, 2);
    const { rows } = (await own.as(ADAM, "/desk/audit?case=abc123")).json;
    const { at, detail } = rows.at(-1);
    assert.equal(JSON.parse(detail).code, "timeout");
    // Eight seconds and another fifteen would be twenty-three.
    assert.ok(at - refused < 20_000, `${at - refused} ms`);
  } finally {
    await own.close();
  }
});

test("another verdict upstream is a conflict that a person resolves, never an overwrite", async () => {
  for (const how of ["accept", "retry"]) {
    const id = `abc123~status.other-verdict-firstx1~copy_${how.length}`;
    await stage.open(id);
    await decide(id, "partner-pass");
    await reaches(id, "conflict");
    assert.equal(await stage.statusOf(id), "partner-fail");
    assert.equal((await one(id)).delivery.shown, "partner-fail");
    const before = stage.puts(id).length;
    const resolve = (/** @type {string} */ way) =>
      stage.as(ADA, `/desk/cases/${id}/resolve`, { method: "POST", body: JSON.stringify({ how: way }) });
    assert.equal((await resolve("overwrite")).status, 400);
    assert.equal((await resolve(how)).status, how === "accept" ? 200 : 202);
    await stage.sweep();
    await reaches(id, how === "accept" ? "resolved" : "conflict");
    assert.equal(await stage.statusOf(id), "partner-fail");
    assert.equal(stage.puts(id).length, before, "nothing was sent again");
  }
});

test("the same verdict from elsewhere is as good as ours", async () => {
  const id = "abc123~status.same-verdict-firstx1";
  await stage.open(id);
  await decide(id);
  await reaches(id, "delivered");
  assert.equal((await one(id)).delivery.outcome, "already-applied");
});

test("a token that expires in the middle of a batch is renewed, and nothing is lost", async () => {
  const own = await openStage(built, { settings: { DESK_UNDO_SECONDS: "3600" }, sandbox: { tokenLifetimeSeconds: 2 } });
  try {
    // Each takes most of a token's life.
    const ids = Array.from(
      { length: 6 },
      (_, i) => `person-${String(i + 1).padStart(4, "0")}~status.slow-headers_1500`,
    );
    await own.open(...ids);
    for (const id of ids) await decide(id, "partner-pass", own);
    await endWindows(own);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const exchanged = () => own.sandbox.calls.filter(({ route }) => route === "token").length;
    const before = exchanged();
    // On a machine that is very busy a token may be over before it is used, twice in a row: then the verdict is put off.
    const left = async () => (await own.as(ADAM, "/desk/cases?state=decided")).json.cases.length;
    for (let run = 0; run < 20 && (await left()) > 0; run += 1) await hurry(undefined, own);
    for (const id of ids) {
      assert.equal((await one(id, own)).delivery.state, "delivered");
      assert.equal(await own.statusOf(id), "partner-pass");
    }
    assert.equal(own.puts().filter(({ status }) => status === 200).length, ids.length, "each applied once");
    assert.ok(exchanged() - before >= 2, "it did expire on the way");
  } finally {
    await own.close();
  }
});

test("closed cases go after their time, their audit stays, and the id may come again", async () => {
  const id = "passport";
  await stage.open(id);
  await decide(id);
  await reaches(id, "delivered");
  await stage.sweep();
  assert.equal((await one(id)).case, "closed", "not before its time");
  const past = Date.now() - 31 * 86_400_000;
  await (await stage.database())
    .prepare(
      `UPDATE cases SET version = version + 1, closed_at = ?1,
       state = json_set(state, '$.version', version + 1, '$.closedAt', ?1, '$.openedAt', ?1, '$.deliveredAt', ?1) WHERE id = 'passport'`,
    )
    .bind(past)
    .run();
  await stage.sweep();
  assert.equal((await stage.as(ADA, `/desk/cases/${id}`)).status, 404);
  assert.equal((await stage.as(ADA, `/partner/piirequest/${id}`)).status, 404);
  assert.deepEqual((await actions(id)).at(-1), "purged");
  assert.equal((await stage.as(ADAM, "/desk/audit/verify")).json.ok, true);
});

/** The desk at a database that takes half an hour over the first lease. */
const SLOW = `const now = Date.now.bind(Date);
let [late, over] = [0, 0];
Date.now = () => now() + late;
const database = (db) => ({
  prepare: (query) => db.prepare(query),
  async batch(statements) {
    const answers = await db.batch(statements);
    // What is written of a case comes back as its version: opened, decided, leased.
    if (answers[0].results[0]?.version === 3 && over++ === 0) late = 1_800_000;
    return answers;
  },
});
export default createReviewDesk({ settings: (env) => ({ ...env, DB: database(env.DB) }) });`;

test("whose lease was so long in the writing that it is another's by now sends nothing", async () => {
  const slow = await build(SLOW);
  const own = await openStage(slow, { settings: { DESK_UNDO_SECONDS: "0" } });
  try {
    await own.open("abc123");
    const asked = own.sandbox.calls.length;
    await decide("abc123", "partner-pass", own);
    await until(async () => (await one("abc123", own)).delivery.state === "leased");
    // What it would have done takes no second.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    assert.equal(own.sandbox.calls.length, asked);
    assert.equal((await one("abc123", own)).delivery.state, "leased");
    await own.sweep();
    await reaches("abc123", "delivered", own);
    assert.equal(own.puts("abc123").length, 1);
  } finally {
    await own.close();
    await slow.remove();
  }
});

test("metrics count what happened", async () => {
  const { headers, text } = await stage.as(ADAM, "/desk/metrics");
  assert.match(headers["content-type"] ?? "", /^text\/plain; version=0\.0\.4/);
  for (const line of text.trimEnd().split("\n")) {
    assert.match(line, /^(?:# (?:HELP|TYPE) [a-z_]+ .+|[a-z_]+(?:\{[a-z]+="[a-z-]+"\})? \d+(?:\.\d+)?)$/);
  }
  const { rows } = (await stage.as(ADAM, "/desk/audit?limit=1000")).json;
  for (const action of ["opened", "decided", "delivered", "failed", "dead", "purged"]) {
    const count = rows.filter((/** @type {{ action: string }} */ row) => row.action === action).length;
    assert.ok(count > 0, action);
    assert.ok(text.includes(`passdesk_events_total{action="${action}"} ${count}\n`), action);
  }
  // What triggers have counted all along is what there is.
  const database = await stage.database();
  const [counted, there] = await database.batch([
    database.prepare("SELECT * FROM case_counts WHERE count <> 0 ORDER BY phase, delivery"),
    database.prepare(
      "SELECT phase, delivery, count(*) AS count FROM cases GROUP BY phase, delivery ORDER BY phase, delivery",
    ),
  ]);
  assert.ok(Number(there?.results.length) >= 3);
  assert.deepEqual(counted?.results, there?.results);
});
