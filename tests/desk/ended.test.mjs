// @ts-check
// What becomes of a case whose request Civic has ended without a verdict, or does not have any more: it stays with nobody for ever.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { build, openStage, until } from "./stage.mjs";

/** @type {Awaited<ReturnType<typeof build>>} */
let built;
/** @type {Awaited<ReturnType<typeof openStage>>} */
let stage;
/** What Civic answers about these ids: a status, or that there is no such record. @type {Map<string, string | 404>} */
const told = new Map();
/** What Civic answers to a verdict on those. */
let refusal = 409;
/** How many came. */
let refused = 0;
/** How the token URL answers; but for 200, the token in use is refused. */
let tokens = 200;
let exchanges = 0;
before(async () => {
  built = await build();
  stage = await openStage(built, {
    settings: { DESK_UNDO_SECONDS: "0" },
    async intercept(request, answer) {
      const { pathname } = new URL(request.url);
      if (pathname === "/oauth/token") exchanges += 1;
      if (tokens !== 200) {
        return Response.json({ error: "no" }, { status: pathname === "/oauth/token" ? tokens : 401 });
      }
      const id = pathname.split("/")[3] ?? "";
      const word = told.get(id);
      if (word === undefined) return answer();
      if (word === 404) return Response.json({ error: "not_found" }, { status: 404 });
      if (request.method === "PUT") {
        refused += 1;
        return Response.json({ error: "not_decidable" }, { status: refusal });
      }
      return Response.json({ id, type: "t", status: word, links: [] });
    },
  });
});
after(async () => {
  await stage?.close();
  await built?.remove();
});

const [ADA, GRACE, ADAM] = ["ada@partner.example", "grace@partner.example", "adam@partner.example"];
/** @param {string} id */
const one = async (id) => (await stage.as(ADAM, `/desk/cases/${id}`)).json;
/** @param {string} id */
const read = (id) => stage.as(ADA, `/partner/piirequest/${id}`);
/** @param {string} id @param {object} [more] */
const decide = (id, more) =>
  stage.as(ADA, `/partner/piirequest/${id}/status`, {
    method: "PUT",
    body: JSON.stringify({ status: "partner-fail", ...more }),
  });
/** @param {string} id @param {string} act @param {object} [body] */
const post = (id, act, body = {}, who = GRACE) =>
  stage.as(who, `/desk/cases/${id}/${act}`, { method: "POST", body: JSON.stringify(body) });
/** @param {string} id */
const letGo = (id) => post(id, "resolve", { how: "accept" });
/** @param {string} id @returns {Promise<string[]>} */
const actions = async (id) =>
  (await stage.as(ADAM, `/desk/audit?case=${id}`)).json.rows.map((/** @type {{ action: string }} */ row) => row.action);
/** @param {string} state @returns {Promise<string[]>} */
const listed = async (state) =>
  (await stage.as(ADA, `/desk/cases?state=${state}`)).json.cases.map((/** @type {{ id: string }} */ { id }) => id);
/** Time travel: the case was closed so long ago that its time is over. @param {string} id */
const expire = async (id) => {
  await (await stage.database())
    .prepare(
      `UPDATE cases SET version = version + 1, closed_at = 1,
       state = json_set(state, '$.version', version + 1, '$.closedAt', 1) WHERE id = ?`,
    )
    .bind(id)
    .run();
  await stage.sweep();
};
/** @param {string} id */
const notes = async (id) =>
  (await (await stage.database()).prepare("SELECT count(*) AS n FROM notes WHERE case_id = ?").bind(id).first())?.n;

for (const status of ["user-cancelled", "verification-failed"]) {
  test(`a case that nobody can decide leaves the queue as soon as it is seen: ${status}`, async () => {
    const id = status === "user-cancelled" ? "abc123" : "person-0002";
    await stage.open(id);
    assert.equal((await post(id, "claim", {}, ADA)).status, 200);
    told.set(id, status);
    assert.equal((await read(id)).json.status, status);
    const { case: phase, claim, delivery, upstreamStatus } = await one(id);
    assert.deepEqual([phase, claim, delivery.state, upstreamStatus], ["closed", null, "none", status]);
    assert.deepEqual(await actions(id), ["opened", "claimed", "ended-upstream", "record-viewed"]);
    assert.ok(!(await listed("open")).includes(id));
    assert.equal((await decide(id)).status, 409);
    // Another word of Civic's, by way of a dApp or of a reviewer: it is worked on again.
    told.delete(id);
    if (status === "user-cancelled") {
      assert.equal((await stage.intake({ requestId: id })).status, 202);
      await until(async () => (await one(id)).case === "open");
    } else {
      await read(id);
      assert.equal((await one(id)).case, "open");
    }
    told.set(id, status);
    await read(id);
    await expire(id);
    assert.equal((await stage.as(ADAM, `/desk/cases/${id}`)).status, 404, "purged");
    assert.equal((await actions(id)).at(-1), "purged");
    told.delete(id);
  });
}

test("a verdict on what was cancelled is a dead letter at once, which a person lets go of", async () => {
  const id = "passport";
  await stage.open(id);
  told.set(id, "user-cancelled");
  assert.equal((await decide(id, { note: "cannot be read" })).status, 202);
  await until(async () => (await one(id)).delivery.state === "dead");
  const { case: phase, delivery } = await one(id);
  assert.deepEqual([phase, delivery.code, delivery.attempts], ["decided", "ended", 1]);
  assert.ok((await listed("dead,conflict")).includes(id), "to be seen");
  const answer = await letGo(id);
  assert.deepEqual([answer.status, answer.json], [200, { id, outcome: "abandoned" }]);
  assert.deepEqual((await actions(id)).slice(-2), ["dead", "abandoned"]);
  assert.ok(!(await listed("dead,conflict")).includes(id), "nobody has to see to it any more");
  assert.ok((await listed("closed")).includes(id));
  assert.doesNotMatch((await stage.as(ADAM, "/desk/metrics")).text, /passdesk_deliveries\{state="dead"\}/);
  assert.equal((await letGo(id)).json.error, "no_conflict", "once");
  assert.equal(await notes(id), 1);
  await expire(id);
  assert.equal((await stage.as(ADAM, `/desk/cases/${id}`)).status, 404, "purged");
  assert.equal(await notes(id), 0, "with its note");
});

test("whoever lets go of what Civic has ended meanwhile is not told that it cannot be", async () => {
  const id = "id-card";
  await stage.open(id);
  told.set(id, "verification-failed");
  for (const _ of ["the look that closes it", "again"]) {
    const answer = await letGo(id);
    assert.deepEqual([answer.status, answer.json], [200, { id, outcome: "abandoned" }]);
  }
  assert.deepEqual([(await one(id)).case, (await actions(id)).slice(-1)], ["closed", ["ended-upstream"]]);
});

test("what Civic does not have any more is let go by a person, decided or not, and by nobody else", async () => {
  const [undecided, decided] = ["person-0003", "person-0004"];
  await stage.open(undecided, decided);
  for (const id of [undecided, decided]) assert.equal((await letGo(id)).json.error, "no_conflict", "it is there");
  told.set(undecided, 404).set(decided, 404);
  assert.equal((await read(undecided)).status, 404);
  assert.equal((await one(undecided)).case, "open", "a 404 may pass: the desk gives up nothing by itself");
  await decide(decided);
  await until(async () => (await one(decided)).delivery.state === "dead");
  assert.equal((await one(decided)).delivery.code, "not_found");

  // Where Civic has it again, or cannot be asked, nothing is let go.
  told.delete(decided);
  assert.deepEqual([(await letGo(decided)).status, (await one(decided)).case], [409, "decided"]);
  told.set(decided, 404);
  for (const status of [404, 503]) {
    tokens = status;
    for (const id of [undecided, decided]) {
      assert.notEqual((await letGo(id)).status, 200, `${status}`);
      assert.notEqual((await one(id)).case, "closed");
    }
  }
  tokens = 200;

  for (const id of [undecided, decided]) {
    assert.equal((await letGo(id)).status, 200);
    assert.equal((await one(id)).case, "closed");
    assert.equal((await actions(id)).at(-1), "abandoned");
  }
  // Second thoughts, as long as the case is kept.
  told.delete(undecided);
  told.delete(decided);
  await read(undecided);
  assert.equal((await one(undecided)).case, "open");
  assert.equal((await post(decided, "retry")).status, 202);
  await until(async () => (await one(decided)).delivery.state === "delivered");
  assert.equal(await stage.statusOf(decided), "partner-fail");
});

test("an id that is handed over again outlives the case that was closed under it", async () => {
  const id = "person-0005";
  await stage.open(id);
  told.set(id, "user-cancelled");
  await read(id);
  assert.equal((await one(id)).case, "closed");
  told.set(id, "awaiting-user");
  assert.equal((await stage.intake({ requestId: id })).status, 202);
  const database = await stage.database();
  const waiting = () => database.prepare("SELECT standing FROM intake WHERE request_id = ?").bind(id).first();
  await until(async () => (await waiting())?.standing === 2);
  await expire(id);
  assert.equal((await stage.as(ADAM, `/desk/cases/${id}`)).status, 404, "purged");
  told.delete(id);
  await database.prepare("UPDATE intake SET next_at = 1").run();
  await stage.sweep();
  assert.equal((await one(id)).case, "open");
});

test("what Civic had ended before the desk closed such cases is closed by the next look", async () => {
  const id = "person-0006";
  await stage.open(id);
  await (await stage.database())
    .prepare(
      `UPDATE cases SET version = version + 1,
       state = json_set(state, '$.version', version + 1, '$.upstreamStatus', 'user-cancelled') WHERE id = ?`,
    )
    .bind(id)
    .run();
  told.set(id, "user-cancelled");
  await read(id);
  assert.equal((await one(id)).case, "closed");
});

for (const status of [400, 403, 404, 422]) {
  test(`a verdict on what was cancelled is the same dead letter where Civic refuses it with ${status}`, async () => {
    const id = `person-00${10 + (status % 10)}`;
    await stage.open(id);
    told.set(id, "user-cancelled");
    [refusal, refused] = [status, 0];
    await decide(id);
    await until(async () => (await one(id)).delivery.state === "dead");
    refusal = 409;
    assert.deepEqual([(await one(id)).delivery.code, refused], ["ended", 1]);
    assert.equal((await letGo(id)).status, 200);
  });
}

test("a token's address that refuses for good is asked once for a verdict", async () => {
  const id = "person-0009";
  await stage.open(id);
  [tokens, exchanges] = [400, 0];
  await decide(id);
  await until(async () => (await one(id)).delivery.state === "dead");
  tokens = 200;
  assert.deepEqual([(await one(id)).delivery.code, exchanges], ["rejected", 1]);
});

test("a verdict that was let go comes back where Civic takes one again", async () => {
  for (const [id, by] of /** @type {const} */ ([
    ["person-0007", "look"],
    ["person-0008", "intake"],
  ])) {
    await stage.open(id);
    told.set(id, "user-cancelled");
    await decide(id);
    await until(async () => (await one(id)).delivery.state === "dead");
    assert.equal((await letGo(id)).status, 200);
    await read(id);
    assert.equal((await one(id)).case, "closed");
    told.delete(id);
    if (by === "look") await read(id);
    else assert.equal((await stage.intake({ requestId: id })).status, 202);
    await until(async () => (await listed("dead")).includes(id));
    assert.equal((await actions(id)).filter((action) => action === "reopened").length, 1);
    assert.equal((await post(id, "retry")).status, 202);
    await until(async () => (await one(id)).delivery.state === "delivered");
  }
});
