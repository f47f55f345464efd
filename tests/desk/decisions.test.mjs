// @ts-check
// One decision for ever: the first one wins, everybody is told whose it was, and it can be taken back while nothing was sent.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { submitDecision } from "passdesk";
import { build, openStage, until } from "./stage.mjs";

/** @type {Awaited<ReturnType<typeof build>>} */
let built;
/** Where a verdict goes out by itself, soon. @type {Awaited<ReturnType<typeof openStage>>} */
let stage;
/** Where it waits for as long as a test takes, however slow the machine is. @type {Awaited<ReturnType<typeof openStage>>} */
let patient;
/** When verdicts came to Civic. @type {number[]} */
const sentAt = [];
before(async () => {
  built = await build();
  stage = await openStage(built, {
    settings: { DESK_UNDO_SECONDS: "2" },
    intercept(request, answer) {
      if (request.method === "PUT") sentAt.push(Date.now());
      return answer();
    },
  });
  patient = await openStage(built, { settings: { DESK_UNDO_SECONDS: "3600" } });
});
after(async () => {
  await stage?.close();
  await patient?.close();
  await built?.remove();
});

const [ADA, GRACE, ADAM] = ["ada@partner.example", "grace@partner.example", "adam@partner.example"];

/**
 * @param {string} who
 * @param {string} id
 * @param {string} status
 * @param {{ key?: string, reason?: string, on?: Awaited<ReturnType<typeof openStage>> }} [more]
 */
const decide = (who, id, status, { key, reason, on = stage } = {}) =>
  on.as(who, `/partner/piirequest/${id}/status`, {
    method: "PUT",
    body: JSON.stringify({ status, reason }),
    headers: { "idempotency-key": key },
  });
/** @param {string} who @param {string} id */
const undo = (who, id, on = stage) => on.as(who, `/partner/piirequest/${id}/status`, { method: "DELETE" });
/** @param {string} id */
const one = async (id, on = stage) => (await on.as(ADAM, `/desk/cases/${id}`)).json;
/** @param {string} id @param {string} state */
const reaches = (id, state, on = stage) => until(async () => (await one(id, on)).delivery.state === state);
/** @param {string} id @returns {Promise<string[]>} */
const actions = async (id, on = stage) =>
  (await on.as(ADAM, `/desk/audit?case=${id}`)).json.rows.map((/** @type {{ action: string }} */ row) => row.action);

test("a decision is queued, kept for the undo window, and delivered once", async () => {
  await stage.open("abc123");
  const began = Date.now();
  const answer = await decide(ADA, "abc123", "partner-pass", { reason: "all-good" });
  assert.equal(answer.status, 202);
  const { sendAfter, decision, ...rest } = answer.json;
  assert.deepEqual(rest, { id: "abc123", status: "partner-pass", outcome: "queued" });
  assert.deepEqual([decision.status, decision.by], ["partner-pass", ADA]);
  assert.ok(sendAfter >= began + 2000 && sendAfter <= Date.now() + 2000);
  const decided = await one("abc123");
  assert.deepEqual([decided.decision.by, decided.decision.reason], [ADA, "all-good"]);
  await reaches("abc123", "delivered");
  const [sent = 0] = sentAt;
  assert.ok(sent >= sendAfter, `not before the window is over: ${sent - sendAfter} ms`);
  assert.equal(await stage.statusOf("abc123"), "partner-pass");
  assert.equal(stage.puts("abc123").length, 1);
  assert.deepEqual(await actions("abc123"), ["opened", "decided", "delivered"]);
  // And for ever: repeated, contradicted, undone.
  assert.deepEqual((await decide(ADA, "abc123", "partner-pass")).json.outcome, "already-applied");
  const contradiction = await decide(GRACE, "abc123", "partner-fail");
  assert.equal(contradiction.status, 409);
  assert.deepEqual(
    [contradiction.json.error, contradiction.json.decision.status, contradiction.json.decision.by],
    ["conflict", "partner-pass", ADA],
  );
  const late = await undo(ADA, "abc123");
  assert.deepEqual([late.status, late.json.error], [409, "too_late"]);
  assert.equal(stage.puts("abc123").length, 1);
});

test("the package itself decides through the desk, as through Civic", async () => {
  await stage.open("passport");
  const headers = { "cf-access-jwt-assertion": await stage.access.tokenOf(ADA), origin: stage.url };
  /** @type {typeof fetch} */
  const reviewer = (input, init) =>
    fetch(input, { ...init, headers: { ...Object.fromEntries(new Headers(init?.headers)), ...headers } });
  const call = { requestId: "passport", baseUrl: stage.url, fetch: reviewer };
  const receipt = await submitDecision({ ...call, status: "partner-fail" });
  assert.deepEqual(receipt, { requestId: "passport", status: "partner-fail", outcome: "queued" });
  await reaches("passport", "delivered");
  await assert.rejects(submitDecision({ ...call, status: "partner-pass" }), { code: "conflict" });
  assert.equal((await submitDecision({ ...call, status: "partner-fail" })).outcome, "already-applied");
  assert.equal(stage.puts("passport").length, 1);
});

test("an idempotency key gets its first answer again, and means one decision", async () => {
  await patient.open("id-card");
  const first = await decide(ADA, "id-card", "partner-pass", { key: "k-1", on: patient });
  const again = await decide(ADA, "id-card", "partner-pass", { key: "k-1", on: patient });
  assert.deepEqual([again.status, again.json], [first.status, first.json]);
  const misused = await decide(ADA, "id-card", "partner-fail", { key: "k-1", on: patient });
  assert.deepEqual([misused.status, misused.json.error], [422, "key_reused"]);
  assert.equal((await undo(ADA, "id-card", patient)).status, 200);
  const late = await decide(ADA, "id-card", "partner-pass", { key: "k-1", on: patient });
  assert.deepEqual([late.status, late.json.error], [409, "undone"], "a late repeat does not decide anew");
  for (const key of ["", "x".repeat(129), "with space"]) {
    const { status } = await decide(ADA, "id-card", "partner-pass", { key, on: patient });
    assert.equal(status, 400, JSON.stringify(key));
  }
  assert.equal((await one("id-card", patient)).case, "open");
});

test("undo within the window: the case is open again, and another one decides", async () => {
  const id = "driving-licence";
  await patient.open(id);
  await decide(ADA, id, "partner-fail", { on: patient, key: "made-up-by-a-page" });
  const waiting = await one(id, patient);
  assert.deepEqual([waiting.case, waiting.delivery.state], ["decided", "waiting"]);
  // Keys and leases are between the desk and itself.
  const namesOf = (/** @type {object} */ value) => Object.keys(value).sort();
  assert.deepEqual(namesOf(waiting.decision), ["approval", "at", "by", "reason", "sendAfter", "verdict"]);
  const strange = await undo(GRACE, id, patient);
  assert.deepEqual([strange.status, strange.json.error], [403, "forbidden"]);
  const undone = await undo(ADA, id, patient);
  assert.deepEqual([undone.status, undone.json], [200, { id, outcome: "undone" }]);
  assert.equal((await undo(ADA, id, patient)).status, 404, "not decided any more");
  const open = ["case", "claim", "closedAt", "decision", "deliveredAt", "delivery", "dueAt", "id", "openedAt"];
  assert.deepEqual(namesOf(await one(id, patient)), [...open, "note", "upstreamStatus", "version", "viewers"].sort());
  assert.equal((await decide(GRACE, id, "partner-pass", { on: patient })).status, 202, "another one decides");
  assert.equal((await undo(ADAM, id, patient)).status, 200, "an admin may undo");
  await patient.sweep();
  assert.equal(patient.puts(id).length, 0);
  assert.deepEqual(await actions(id, patient), ["opened", "decided", "undone", "decided", "undone"]);
});

test("what was undone is not sent when its window is over", async () => {
  const ids = ["driving-licence~copy_1", "driving-licence~copy_2", "driving-licence~copy_3"];
  await stage.open(...ids);
  let kept = 0;
  for (const id of ids) {
    const { sendAfter } = (await decide(ADA, id, "partner-fail")).json;
    const { status } = await undo(ADA, id);
    // On a machine that is very busy the window may be over already; hardly three times.
    if (status !== 200) continue;
    kept += 1;
    await new Promise((resolve) => setTimeout(resolve, sendAfter - Date.now() + 500));
    await stage.sweep();
    assert.deepEqual([(await one(id)).case, stage.puts(id).length], ["open", 0]);
    break;
  }
  assert.equal(kept, 1, "one was undone in time");
});

test("who holds the claim decides", async () => {
  await patient.open("person-0001");
  await patient.as(ADA, "/desk/cases/person-0001/claim", { method: "POST", body: "{}" });
  const refused = await decide(GRACE, "person-0001", "partner-pass", { on: patient });
  assert.deepEqual([refused.status, refused.json.error, refused.json.by], [409, "claimed", ADA]);
  assert.equal((await decide(ADA, "person-0001", "partner-pass", { on: patient })).status, 202);
});

test("undo races the sender: either nothing was sent, or it is too late", async () => {
  const own = await openStage(built, { settings: { DESK_UNDO_SECONDS: "3" } });
  try {
    // At once, around the very moment when the window closes, and well behind it.
    const offsets = [-3000, -3000, -200, -60, -30, -20, -14, -10, -6, -3, 0, 3, 8, 20, 60, 200, 500, 500];
    const ids = offsets.map((_, i) => `person-${String(i + 100).padStart(4, "0")}`);
    await own.open(...ids);
    /** @type {Promise<{ id: string, answer: Awaited<ReturnType<typeof undo>> }>[]} */
    const undos = [];
    for (const [i, id] of ids.entries()) {
      // One after the other: at once they would hold each other up for longer than a window lasts.
      const { sendAfter } = (await decide(ADA, id, "partner-pass", { on: own })).json;
      const wait = sendAfter - Date.now() + (offsets[i] ?? 0);
      undos.push(
        new Promise((resolve) => setTimeout(resolve, wait)).then(async () => ({
          id,
          answer: await undo(ADA, id, own),
        })),
      );
      if (wait <= 0) await undos.at(-1);
    }
    const outcomes = await Promise.all(undos);
    for (const { id, answer } of outcomes) {
      if (answer.status === 200) {
        assert.equal((await one(id, own)).case, "open", id);
      } else {
        assert.deepEqual([answer.status, answer.json.error], [409, "too_late"], id);
        await reaches(id, "delivered", own);
      }
    }
    await own.sweep();
    for (const { id, answer } of outcomes) assert.equal(own.puts(id).length, answer.status === 200 ? 0 : 1, id);
    assert.ok(
      outcomes.some(({ answer }) => answer.status === 200) && outcomes.some(({ answer }) => answer.status === 409),
    );
  } finally {
    await own.close();
  }
});

test("the two-person rule: a second person approves, or nothing is sent", async () => {
  const own = await openStage(built, { settings: { DESK_TWO_PERSON: "true", DESK_UNDO_SECONDS: "0" } });
  try {
    await own.open("abc123");
    const first = await decide(ADA, "abc123", "partner-pass", { on: own });
    assert.deepEqual([first.status, first.json.sendAfter, first.json.approval], [202, null, "required"]);
    await own.sweep();
    assert.equal(own.puts().length, 0);
    const approve = (/** @type {string} */ who, status = "partner-pass") =>
      own.as(who, "/desk/cases/abc123/approve", { method: "POST", body: JSON.stringify({ status }) });
    const same = await approve(ADA);
    assert.deepEqual([same.status, same.json.why], [403, "second_person"]);
    assert.equal((await approve(GRACE, "partner-fail")).status, 409, "approved is what was decided");
    assert.equal((await approve(GRACE)).status, 202);
    await reaches("abc123", "delivered", own);
    assert.equal(own.puts().length, 1);
    assert.deepEqual(await actions("abc123", own), ["opened", "decided", "approved", "delivered"]);
  } finally {
    await own.close();
  }
});

test("what Civic shows when somebody looks closes a case that was decided elsewhere", async () => {
  await stage.open("person-0002");
  const headers = { authorization: `Bearer ${await stage.sandbox.issueToken()}`, "content-type": "application/json" };
  await stage.sandbox.fetch(`${stage.upstream.url}/partner/piirequest/person-0002/status`, {
    method: "PUT",
    headers,
    body: '{"status":"partner-fail"}',
  });
  assert.equal((await stage.as(ADA, "/partner/piirequest/person-0002")).json.status, "partner-fail");
  assert.equal((await one("person-0002")).case, "closed");
  assert.equal((await decide(ADA, "person-0002", "partner-pass")).status, 409);
  assert.deepEqual(await actions("person-0002"), ["opened", "decided-upstream", "record-viewed"]);
});
