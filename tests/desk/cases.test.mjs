// @ts-check
// The queue: listed, filtered, paged, claimed.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { build, openStage } from "./stage.mjs";

/** @type {Awaited<ReturnType<typeof build>>} */
let built;
/** @type {Awaited<ReturnType<typeof openStage>>} */
let stage;
before(async () => {
  built = await build();
  stage = await openStage(built, { settings: { DESK_CLAIM_SECONDS: "600" } });
});
after(async () => {
  await stage?.close();
  await built?.remove();
});

const [ADA, GRACE, ADAM] = ["ada@partner.example", "grace@partner.example", "adam@partner.example"];
/** @param {string} who @param {string} id @param {string} what */
const post = (who, id, what) => stage.as(who, `/desk/cases/${id}/${what}`, { method: "POST", body: "{}" });

test("a claim keeps others off, is renewed by its owner, and is given back", async () => {
  await stage.open("abc123");
  const began = Date.now();
  const claimed = await post(ADA, "abc123", "claim");
  assert.equal(claimed.status, 200);
  assert.equal(claimed.json.claim.by, ADA);
  const { until } = claimed.json.claim;
  assert.ok(until >= began + 600_000 && until <= Date.now() + 600_000, `${until - began}`);
  const refused = await post(GRACE, "abc123", "claim");
  assert.deepEqual(refused.json, { error: "claimed", by: ADA, until: claimed.json.claim.until });
  assert.equal(refused.status, 409);
  assert.equal((await post(ADA, "abc123", "claim")).status, 200);
  assert.equal((await post(GRACE, "abc123", "release")).status, 403);
  assert.equal((await post(ADA, "abc123", "release")).status, 200);
  assert.equal((await post(GRACE, "abc123", "claim")).status, 200);
  assert.equal((await post(ADAM, "abc123", "release")).status, 200, "an admin may");
  assert.equal((await post(ADA, "nobody", "claim")).status, 404);
});

test("a claim expires: others see none, and may have it", async () => {
  await stage.open("id-card");
  await post(ADA, "id-card", "claim");
  const db = await stage.database();
  // Time travel: the stored end is put into the past, as a case of version 3.
  await db
    .prepare(
      `UPDATE cases SET version = version + 1, claimed_until = 1,
       state = json_set(state, '$.claim.until', 1, '$.version', version + 1) WHERE id = 'id-card'`,
    )
    .run();
  assert.equal((await stage.as(ADA, "/desk/cases/id-card")).json.claim, null);
  const none = (await stage.as(GRACE, "/desk/cases?claimed=none")).json.cases;
  assert.ok(none.some((/** @type {{ id: string }} */ { id }) => id === "id-card"));
  assert.equal((await post(GRACE, "id-card", "claim")).status, 200);
});

test("an expired claim that somebody displaces is told of in the audit", async () => {
  await stage.open("id-card~copy_5");
  const { until } = (await post(ADA, "id-card~copy_5", "claim")).json.claim;
  await (await stage.database())
    .prepare(
      `UPDATE cases SET version = version + 1, claimed_until = 1,
       state = json_set(state, '$.claim.until', 1, '$.version', version + 1) WHERE id = 'id-card~copy_5'`,
    )
    .run();
  assert.equal((await post(GRACE, "id-card~copy_5", "claim")).status, 200);
  const { rows } = (await stage.as(ADAM, "/desk/audit?case=id-card~copy_5")).json;
  assert.deepEqual(
    rows
      .slice(1, 3)
      .map((/** @type {{ action: string, by: string, detail: string }} */ row) => [row.action, row.by, row.detail]),
    [
      ["claimed", ADA, JSON.stringify({ until })],
      ["claim-expired", "desk", JSON.stringify({ holder: ADA, until: 1 })],
    ],
  );
  assert.deepEqual([rows[3].action, rows[3].by], ["claimed", GRACE]);
});

test("the next case is the oldest that is free, and for each of many who ask at once another one", async () => {
  const own = await openStage(built);
  try {
    const next = (/** @type {string} */ who, body = "{}") => own.as(who, "/desk/cases/next", { method: "POST", body });
    assert.deepEqual([(await next(ADA)).status, (await next(ADA)).text], [204, ""], "an empty queue is no error");
    const ids = Array.from({ length: 12 }, (_, i) => `passport~copy_${i}`);
    await own.open(...ids);
    const queue = (await own.as(ADA, "/desk/cases")).json.cases.map((/** @type {{ id: string }} */ { id }) => id);
    assert.deepEqual([...queue].sort(), [...ids].sort());
    const first = await next(ADA);
    assert.deepEqual([first.status, first.json.id, first.json.claim.by], [200, queue[0], ADA]);
    const after = async (/** @type {string} */ id) => (await next(ADA, JSON.stringify({ after: id }))).json.id;
    assert.equal(await after(queue[1]), queue[2], "the first behind the one that was just left");
    assert.equal(await after(queue[8]), queue[9]);
    assert.equal(await after(queue[11]), queue[1], "and behind the last one from the beginning again");
    for (const id of [queue[1], queue[9]])
      await own.as(ADA, `/desk/cases/${id}/release`, { method: "POST", body: "{}" });
    assert.equal(await after("no-such-case"), queue[1], "as behind one that the desk does not have any more");
    await own.as(ADA, `/desk/cases/${queue[1]}/release`, { method: "POST", body: "{}" });
    for (const body of ['{"after":7}', '{"after":"a b"}', '{"case":"x"}'])
      assert.equal((await next(ADA, body)).status, 400);
    const who = Array.from({ length: 12 }, (_, i) => `r${i}@reviewers.example`);
    /** @type {Record<string, string>} */
    const owners = {};
    let busy = 0;
    await Promise.all(
      who.map(async (email) => {
        let answer = await next(email);
        for (; answer.status === 503; answer = await next(email)) busy += 1;
        if (answer.status === 204) return;
        assert.deepEqual([answer.status, answer.json.claim.by], [200, email]);
        assert.equal(owners[answer.json.id], undefined, "nobody else has it");
        owners[answer.json.id] = email;
      }),
    );
    assert.equal(Object.keys(owners).length, 10, "all that were free are taken");
    assert.ok(busy < 12, `${busy}`);
    assert.equal((await own.as(ADA, "/desk/cases?claimed=none")).json.cases.length, 0);
    assert.equal((await next(GRACE)).status, 204);
    const [[id, owner] = ["", ""]] = Object.entries(owners);
    await own.as(owner, `/desk/cases/${id}/release`, { method: "POST", body: "{}" });
    assert.equal((await next(GRACE, JSON.stringify({ after: id }))).status, 204, "that one is no next one");
    assert.equal((await next(GRACE)).json.id, id);
  } finally {
    await own.close();
  }
});

test("cases that cannot be read keep nobody from the next one, however many they are", async () => {
  const own = await openStage(built);
  try {
    const next = (/** @type {string} */ who, body = "{}") => own.as(who, "/desk/cases/next", { method: "POST", body });
    await own.open("passport~copy_1");
    const db = await own.database();
    // The oldest, as a newer desk may have left them.
    await db
      .prepare(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
         INSERT INTO cases (id, version, state, phase, delivery, opened_at)
         SELECT 'newer-' || i, 1, json_set(state, '$.id', 'newer-' || i, '$.openedAt', 1, '$.undone', 7), 'open', 'none', 1 FROM n, cases`,
      )
      .run();
    const first = await next(ADA);
    assert.deepEqual([first.status, first.json?.id], [200, "passport~copy_1"]);
    assert.equal((await next(GRACE)).status, 204);
    assert.equal((await own.as(GRACE, "/desk/cases/newer-1/claim", { method: "POST", body: "{}" })).status, 500);
    await own.as(ADA, "/desk/cases/passport~copy_1/release", { method: "POST", body: "{}" });
    const behind = await next(GRACE, JSON.stringify({ after: "newer-9" }));
    assert.deepEqual([behind.status, behind.json?.id], [200, "passport~copy_1"]);
    assert.match(await own.logged(), /"event":"claim_failed"/u);
  } finally {
    await own.close();
  }
});

test("a list can be asked for each phase and each state of a delivery", async () => {
  const declared = readFileSync(new URL("../../pkg-template/worker.d.ts", import.meta.url), "utf8");
  const [, deliveries = ""] = /type DeskDelivery =([\s\S]*?)\n\n/.exec(declared) ?? [];
  const states = [...deliveries.matchAll(/\bstate: ([^;]+);/g)].flatMap(([, one = ""]) => one.match(/[a-z]+/g) ?? []);
  assert.ok(states.length > 8);
  for (const state of ["open", "decided", "closed", ...states]) {
    assert.equal((await stage.as(ADA, `/desk/cases?state=${state}`)).status, 200, state);
  }
});

test("what a list cannot be asked for is said so", async () => {
  for (const query of [
    "state=nonsense",
    "claimed=maybe",
    "limit=0",
    "limit=201",
    "limit=x",
    "cursor=x",
    "cursor=WzFd",
    "page=2",
    "state=",
    "state=open,nonsense",
    "sort=random",
    "prefix=",
    "prefix=a%25",
    `prefix=${"x".repeat(129)}`,
    "state=open&state=closed",
    "limit=1&limit=1",
  ]) {
    const answer = await stage.as(ADA, `/desk/cases?${query}`);
    assert.deepEqual([answer.status, answer.json.error], [400, "invalid_argument"], query);
  }
});

test("a cursor can stand in an address as it is", async () => {
  const ids = ["a~1", "a~2", "a~~"];
  await stage.open("passport");
  const database = await stage.database();
  await database.batch(
    ids.map((id) =>
      database
        .prepare(
          `INSERT INTO cases (id, version, state, phase, delivery, opened_at)
           SELECT ?1, 1, json_set(state, '$.id', ?1, '$.version', 1), phase, delivery, opened_at FROM cases WHERE id = 'passport'`,
        )
        .bind(id),
    ),
  );
  /** @type {string[]} */
  const seen = [];
  for (let cursor = ""; cursor !== null; ) {
    const path = `/desk/cases?prefix=a~&limit=1${cursor && `&cursor=${cursor}`}`;
    const { status, json } = await stage.as(ADA, path);
    assert.equal(status, 200, cursor);
    assert.match(json.cursor ?? "", /^[A-Za-z0-9_-]*$/);
    seen.push(...json.cases.map((/** @type {{ id: string }} */ one) => one.id));
    cursor = json.cursor;
  }
  assert.deepEqual(seen.sort(), ids);
});

test("a write that did not read the last version is refused whole, whatever it comes with", async () => {
  await stage.open("driving-licence");
  const db = await stage.database();
  const before = await db.prepare("SELECT count(*) AS n FROM intake").first();
  for (const statement of [
    "UPDATE cases SET delivery = 'dead' WHERE id = 'driving-licence'",
    "UPDATE cases SET version = version + 2 WHERE id = 'driving-licence'",
    "UPDATE cases SET version = version + 1, id = 'other' WHERE id = 'driving-licence'",
    "INSERT OR REPLACE INTO cases SELECT * FROM cases WHERE id = 'driving-licence'",
    "INSERT INTO cases (id, version, state, phase, delivery, opened_at) VALUES ('new', 2, '{}', 'open', 'none', 1)",
  ]) {
    const along = db.prepare("INSERT INTO intake (request_id, received_at, next_at) VALUES ('along', 1, 9e15)");
    await assert.rejects(db.batch([along, db.prepare(statement)]), /case: not the next version/, statement);
  }
  assert.deepEqual(await db.prepare("SELECT count(*) AS n FROM intake").first(), before);
});
