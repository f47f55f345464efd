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
  const where = id === undefined ? "delivery = 'retrying'" : `id = '${id}' AND delivery = 'retrying'`;
  await (await on.database())
    .prepare(
      `UPDATE cases SET version = version + 1, due_at = 1,
       state = json_set(state, '$.version', version + 1, '$.delivery.notBefore', 1) WHERE ${where}`,
    )
    .run();
  await on.sweep();
};

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
    await reaches(id, "retrying");
    assert.equal(await stage.statusOf(id), "partner-pass");
    await hurry(id);
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
  await reaches(id, "retrying");
  assert.equal((await one(id)).delivery.code, "timeout");
  await hurry(id);
  assert.deepEqual([(await one(id)).delivery.outcome, stage.puts(id).length], ["already-applied", 1]);
});

test("what fails before it is applied is sent again until it is, then never", async () => {
  const id = "abc123~status.503x3";
  await stage.open(id);
  await decide(id, "partner-fail");
  for (let i = 0; i < 3; i += 1) {
    await reaches(id, "retrying");
    await hurry(id);
  }
  await reaches(id, "delivered");
  assert.equal(await stage.statusOf(id), "partner-fail");
  assert.deepEqual(
    stage.puts(id).map(({ status }) => status),
    [503, 503, 503, 200],
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

test("what never works is a dead letter in the end", async () => {
  const id = "abc123~status.500";
  await stage.open(id);
  await decide(id);
  for (let i = 0; i < 12 && (await one(id)).delivery.state !== "dead"; i += 1) {
    await until(async () => ["retrying", "dead"].includes((await one(id)).delivery.state));
    await hurry(id);
  }
  const { delivery } = await one(id);
  assert.deepEqual([delivery.state, delivery.code, delivery.attempts], ["dead", "upstream", 8]);
  assert.equal(stage.puts(id).length, 8);
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

test("two sweeps at once over 60 verdicts send each once", async () => {
  const own = await openStage(built, { settings: { DESK_UNDO_SECONDS: "3600" } });
  try {
    const ids = Array.from({ length: 60 }, (_, i) => `person-${String(i + 1).padStart(4, "0")}`);
    await own.open(...ids);
    for (const [i, id] of ids.entries()) await decide(id, i % 3 === 0 ? "partner-fail" : "partner-pass", own);
    await endWindows(own);
    const left = async () => (await own.as(ADAM, "/desk/cases?state=waiting&limit=200")).json.cases.length;
    let runs = 0;
    for (; (await left()) > 0 && runs < 30; runs += 1) await Promise.all([own.sweep(), own.sweep()]);
    for (const [i, id] of ids.entries()) {
      await reaches(id, "delivered", own);
      assert.equal(own.puts(id).length, 1, id);
      assert.equal(await own.statusOf(id), i % 3 === 0 ? "partner-fail" : "partner-pass", id);
    }
    assert.ok(runs >= 5, "a run keeps to the fifty subrequests of the Free plan");
    const { ok } = (await own.as(ADAM, "/desk/audit/verify")).json;
    assert.equal(ok, true);
  } finally {
    await own.close();
  }
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
    for (let i = 0; i < 3; i += 1) await own.sweep();
    for (const id of ids) {
      await reaches(id, "delivered", own);
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
});
