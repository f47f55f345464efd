// @ts-check
// What a page of the console asks again and again: who am I, has this case changed, who else is here.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { build, openStage } from "./stage.mjs";

/** @type {Awaited<ReturnType<typeof build>>} */
let built;
/** @type {Awaited<ReturnType<typeof openStage>>} */
let stage;
before(async () => {
  built = await build();
  stage = await openStage(built, { settings: { DESK_TARGET_MINUTES: "90", DESK_UNDO_SECONDS: "7" } });
  await stage.open("abc123", "passport");
});
after(async () => {
  await stage?.close();
  await built?.remove();
});

const [ADA, GRACE, AUDREY] = ["ada@partner.example", "grace@partner.example", "audrey@partner.example"];
const PATH = "/desk/cases/abc123";
/** @param {string} who @param {string} [tag] */
const look = (who, tag) => stage.as(who, PATH, { headers: { "if-none-match": tag } });
/** @param {string} who @param {string} [body] */
const beat = (who, body = "{}", path = PATH) => stage.as(who, `${path}/presence`, { method: "POST", body });
/** @param {{ json: { viewers: { by: string }[] } }} answer */
const names = ({ json }) => json.viewers.map(({ by }) => by);

test("who is signed in, and by what rules the desk goes", async () => {
  const { json } = await stage.as(ADA, "/desk/me");
  assert.deepEqual(
    { ...json, reasons: json.reasons.length > 0 },
    {
      email: ADA,
      roles: ["reviewer"],
      undoMs: 7000,
      claimMs: 900_000,
      targetMs: 90 * 60_000,
      beatMs: 20_000,
      twoPerson: false,
      evidenceMaxBytes: 20 * 1024 * 1024,
      noteMaxChars: 500,
      reasons: true,
    },
  );
  for (const { code, label } of json.reasons) {
    assert.match(code, /^[a-z-]+$/);
    assert.match(label, /^[A-Z]/);
  }
  assert.deepEqual((await stage.as(AUDREY, "/desk/me")).json.roles, ["auditor"]);
});

test("a case that has not changed is not sent again", async () => {
  const first = await look(ADA);
  const tag = first.headers.etag ?? "";
  assert.equal(first.status, 200);
  assert.match(tag, /^"[0-9a-f]{32}"$/);
  assert.equal(first.headers["cache-control"], "private, no-store");
  for (const held of [tag, `W/${tag}`, `"other", ${tag}`, "*"]) {
    const again = await look(ADA, held);
    assert.deepEqual([again.status, again.text, again.headers.etag], [304, "", tag], held);
    assert.equal(again.headers["cache-control"], "private, no-store");
  }
  assert.equal((await look(ADA, '"other"')).status, 200);
  await stage.as(GRACE, `${PATH}/claim`, { method: "POST", body: "{}" });
  const changed = await look(ADA, tag);
  assert.deepEqual([changed.status, changed.json.claim.by], [200, GRACE]);
  await stage.as(GRACE, `${PATH}/release`, { method: "POST", body: "{}" });
  assert.equal((await look(ADA, changed.headers.etag)).json.claim, null);
});

test("a claim that expires is a change, though nothing was written", async () => {
  const own = await openStage(built, { settings: { DESK_CLAIM_SECONDS: "10" } });
  try {
    await own.open("abc123");
    await own.as(GRACE, `${PATH}/claim`, { method: "POST", body: "{}" });
    const held = await own.as(ADA, PATH);
    const headers = { "if-none-match": held.headers.etag };
    assert.equal((await own.as(ADA, PATH, { headers })).status, 304);
    await new Promise((resolve) => setTimeout(resolve, held.json.claim.until - Date.now() + 50));
    const after_ = await own.as(ADA, PATH, { headers });
    assert.deepEqual([after_.status, after_.json.claim, after_.json.version], [200, null, held.json.version]);
  } finally {
    await own.close();
  }
});

test("two reviewers in one case are told of each other at once, and when one is gone", async () => {
  const alone = await beat(ADA);
  assert.deepEqual([alone.status, names(alone), alone.json.id], [200, [], "abc123"]);
  const second = await beat(GRACE);
  assert.deepEqual(names(second), [ADA], "the one who comes sees who is there");
  const seen = await look(ADA, alone.headers.etag);
  assert.deepEqual([seen.status, names(seen)], [200, [GRACE]], "and is seen, whatever tag is held");
  const { since } = seen.json.viewers[0];
  assert.ok(Math.abs(since - Date.now()) < 60_000);
  assert.equal((await look(ADA, seen.headers.etag)).status, 304);
  await beat(GRACE);
  assert.equal((await look(ADA, seen.headers.etag)).status, 304, "another beat is no news");
  assert.deepEqual(names(await stage.as(ADA, "/desk/cases/passport")), [], "of another case it says nothing");
  assert.equal((await beat(GRACE, '{"here":false}')).status, 204);
  assert.deepEqual(names(await look(ADA)), []);
  await beat(GRACE);
  // Whoever says nothing any more is gone in time: the time is over now.
  const db = await stage.database();
  await db.prepare("UPDATE viewers SET until = ?").bind(Date.now()).run();
  assert.deepEqual(names(await look(ADA)), []);
  await beat(ADA, "{}", "/desk/cases/passport");
  const { results } = await db.prepare("SELECT case_id, actor FROM viewers").all();
  assert.deepEqual(results, [{ case_id: "passport", actor: ADA }], "and nothing is left of it");
});

test("whoever leaves goes from this case, and nobody else does", async () => {
  await beat(ADA);
  await beat(GRACE);
  await beat(GRACE, "{}", "/desk/cases/passport");
  assert.equal((await beat(GRACE, '{"here":false}')).status, 204);
  assert.deepEqual(names(await look(GRACE)), [ADA]);
  assert.deepEqual(names(await stage.as(ADA, "/desk/cases/passport")), [GRACE]);
});

test("each beat counts until two more may have been lost, and not much longer", async () => {
  const db = await stage.database();
  const { beatMs } = (await stage.as(ADA, "/desk/me")).json;
  await beat(GRACE);
  for (const until of [Date.now() + 1000, Date.now() + 3_600_000]) {
    await db.prepare("UPDATE viewers SET until = ?").bind(until).run();
    const began = Date.now();
    await beat(GRACE);
    const row = await db
      .prepare("SELECT until FROM viewers WHERE case_id = 'abc123' AND actor = ?")
      .bind(GRACE)
      .first();
    assert.ok(Number(row?.until) > began + 3 * beatMs && Number(row?.until) < Date.now() + 4 * beatMs);
  }
});

test("who was there first is told of first", async () => {
  const db = await stage.database();
  await beat(ADA);
  await beat(GRACE);
  for (const [first, second] of [
    [ADA, GRACE],
    [GRACE, ADA],
  ]) {
    await db.prepare("UPDATE viewers SET since = iif(actor = ?, 1, 2)").bind(first).run();
    assert.deepEqual(names(await stage.as("adam@partner.example", PATH)), [first, second]);
  }
});

test("who says to be there is answered, whatever tag comes with it", async () => {
  const { etag } = (await beat(ADA)).headers;
  const again = await stage.as(ADA, `${PATH}/presence`, {
    method: "POST",
    body: "{}",
    headers: { "if-none-match": etag },
  });
  assert.deepEqual([again.status, again.json.id], [200, "abc123"]);
});

test("whoever left without a word is forgotten, though nobody comes after", async () => {
  const db = await stage.database();
  await beat(ADA);
  await beat(GRACE);
  await db.prepare("UPDATE viewers SET until = ? WHERE actor = ?").bind(Date.now(), ADA).run();
  await stage.sweep();
  const { results } = await db.prepare("SELECT actor FROM viewers WHERE case_id = 'abc123'").all();
  assert.deepEqual(results, [{ actor: GRACE }]);
});

test("nobody is noted where there is no case, and nothing else is taken", async () => {
  for (const id of ["nobody", "%2e%2e", "a%20b"]) {
    assert.equal((await beat(ADA, "{}", `/desk/cases/${id}`)).status, 404, id);
  }
  for (const body of ['{"here":"no"}', '{"by":"grace@partner.example"}', "[]"]) {
    assert.equal((await beat(ADA, body)).status, 400, body);
  }
  assert.equal((await beat(AUDREY)).status, 403);
  const rows = await (await stage.database())
    .prepare("SELECT count(*) AS n FROM viewers WHERE case_id NOT IN ('abc123', 'passport')")
    .first();
  assert.deepEqual(rows, { n: 0 });
});
