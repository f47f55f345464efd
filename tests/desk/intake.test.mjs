// @ts-check
// The one door that is open to anybody: it says nothing, and lets in only what Civic confirms.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, build, DAPP, openStage, until } from "./stage.mjs";

/** @type {Awaited<ReturnType<typeof build>>} */
let built;
/** @type {Awaited<ReturnType<typeof openStage>>} */
let stage;
before(async () => {
  built = await build();
  stage = await openStage(built);
});
after(async () => {
  await stage?.close();
  await built?.remove();
});

const ADAM = "adam@partner.example";
/** @param {string} query */
const rows = async (query) => (await (await stage.database()).prepare(query).all()).results;
/** @param {string} id */
const waiting = async (id) => (await rows("SELECT request_id FROM intake")).some(({ request_id }) => request_id === id);
/** @param {string} id */
const isCase = async (id) => (await stage.as(ADAM, `/desk/cases/${id}`)).status === 200;

test("every well-formed id gets the same answer: new, known, unknown, decided, or odd", async () => {
  await stage.open("abc123");
  const answers = [];
  for (const requestId of ["passport", "abc123", "abc123", "nobody", "already-passed", "a", "~._-", "x".repeat(128)]) {
    const { status, headers, text } = await stage.intake({ requestId });
    const { "x-request-id": _trace, date: _date, ...same } = headers;
    answers.push({ status, text, same });
  }
  for (const answer of answers) assert.deepEqual(answer, answers[0]);
  assert.equal(answers[0]?.status, 202);
  assert.deepEqual(JSON.parse(answers[0]?.text ?? ""), { status: "accepted" });
});

test("an id becomes a case once Civic has confirmed it, and only once", async () => {
  await Promise.all(Array.from({ length: 12 }, () => stage.intake({ requestId: "id-card" })));
  await until(() => isCase("id-card"));
  await until(async () => !(await waiting("id-card")));
  const { rows: history } = (await stage.as(ADAM, "/desk/audit?case=id-card")).json;
  assert.deepEqual(
    history.map((/** @type {{ action: string }} */ row) => row.action),
    ["opened"],
  );
});

test("what was decided, failed or cancelled elsewhere is not queued", async () => {
  const ids = ["already-failed", "verification-failed", "user-cancelled"];
  for (const requestId of ids) await stage.intake({ requestId });
  for (const id of ids) {
    await until(async () => !(await waiting(id)));
    assert.equal(await isCase(id), false, id);
  }
});

test("what is not ready, or cannot be asked about now, is asked about again", async () => {
  const takeBack = stage.sandbox.fault({ fault: "503", operation: "pii", requestId: "driving-licence" });
  for (const requestId of ["awaiting-user", "driving-licence"]) await stage.intake({ requestId });
  const db = await stage.database();
  for (const id of ["awaiting-user", "driving-licence"]) {
    await until(async () => (await rows(`SELECT attempts FROM intake WHERE request_id = '${id}'`))[0]?.attempts === 1);
    assert.equal(await isCase(id), false, id);
  }
  await stage.sweep();
  assert.equal(
    (await rows("SELECT attempts FROM intake WHERE request_id = 'driving-licence'"))[0]?.attempts,
    1,
    "not yet",
  );
  takeBack();
  await db.prepare("UPDATE intake SET next_at = 0").run();
  await stage.sweep();
  assert.equal(await isCase("driving-licence"), true);
  assert.equal((await rows("SELECT attempts FROM intake WHERE request_id = 'awaiting-user'"))[0]?.attempts, 2);
  // Given up in the end.
  await db.prepare("UPDATE intake SET next_at = 0, received_at = 0").run();
  await stage.sweep();
  assert.equal(await waiting("awaiting-user"), false);
});

test("an id that Civic does not know is asked about three times, then forgotten", async () => {
  await stage.intake({ requestId: "nobody-knows" });
  const asked = () => stage.sandbox.calls.filter(({ path }) => path.endsWith("/nobody-knows")).length;
  await until(() => asked() === 1);
  await until(
    async () => (await rows("SELECT attempts FROM intake WHERE request_id = 'nobody-knows'"))[0]?.attempts === 1,
  );
  for (let i = 0; i < 4; i += 1) {
    await (await stage.database()).prepare("UPDATE intake SET next_at = 0").run();
    await stage.sweep();
  }
  assert.equal(asked(), 3);
  assert.equal(await waiting("nobody-knows"), false);
  assert.equal(await isCase("nobody-knows"), false);
});

test("what is no id is said so, and goes nowhere", async () => {
  const calls = stage.sandbox.calls.length;
  for (const body of [
    {},
    { requestId: "" },
    { requestId: "x".repeat(129) },
    { requestId: ".." },
    { requestId: "." },
    { requestId: "a/b" },
    { requestId: "a b" },
    { requestId: "ä" },
    { requestId: 7 },
    { requestId: null },
    { requestId: ["abc123"] },
    { requestId: "abc123", more: 1 },
    [],
    "null",
    "{",
    "",
  ]) {
    const answer = await stage.intake(body);
    assert.deepEqual([answer.status, answer.json.error], [400, "invalid_argument"], JSON.stringify(body));
    assert.equal(answer.headers["access-control-allow-origin"], DAPP, "the dApp can read why");
  }
  assert.equal((await stage.intake("{}", { "content-type": "text/plain" })).status, 415);
  assert.equal((await stage.intake({ requestId: "abc123", more: "x".repeat(1024) })).status, 413);
  const chunked = { "transfer-encoding": "chunked" };
  assert.equal((await stage.intake({ requestId: "abc123", more: "x".repeat(1024) }, chunked)).status, 413);
  const broken = { origin: DAPP, "content-type": "application/json" };
  const utf8 = Buffer.concat([Buffer.from('{"requestId":"'), Buffer.from([0xff]), Buffer.from('"}')]);
  assert.equal((await ask(`${stage.url}/desk/intake`, { method: "POST", body: utf8, headers: broken })).status, 400);
  assert.equal(stage.sandbox.calls.length, calls);
});

test("only the dApps that were named may hand over", async () => {
  for (const origin of [
    "https://evil.example",
    `${DAPP}.evil.example`,
    "http://dapp.example",
    "null",
    stage.url,
    undefined,
  ]) {
    const answer = await stage.intake({ requestId: "person-0001" }, { origin });
    assert.deepEqual([answer.status, answer.json], [403, { error: "forbidden_origin" }], origin);
    assert.equal(answer.headers["access-control-allow-origin"], undefined, origin);
    const asked = await ask(`${stage.url}/desk/intake`, { method: "OPTIONS", headers: { origin } });
    assert.equal(asked.status, 403, origin);
  }
  assert.equal(await waiting("person-0001"), false);
  const asked = await ask(`${stage.url}/desk/intake`, {
    method: "OPTIONS",
    headers: {
      origin: DAPP,
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type",
    },
  });
  assert.equal(asked.status, 204);
  assert.equal(asked.headers["access-control-allow-origin"], DAPP);
  assert.equal(asked.headers["access-control-allow-methods"], "POST");
  assert.equal(asked.headers["access-control-allow-headers"], "content-type");
  assert.equal(asked.headers["access-control-allow-credentials"], undefined);
  assert.equal(asked.headers.vary, "origin");
  for (const method of ["GET", "PUT", "DELETE"]) {
    assert.equal((await ask(`${stage.url}/desk/intake`, { method, headers: { origin: DAPP } })).status, 404, method);
  }
});

test("who comes too often waits, and others do not", async () => {
  const own = await openStage(built, { settings: { INTAKE_PER_MINUTE: "5" } });
  try {
    const knock = (/** @type {string} */ from) =>
      own
        .intake({ requestId: "abc123" }, { "cf-connecting-ip": from })
        .then(({ status, headers }) => ({ status, headers }));
    // Not over the turn of a minute, which would begin to count anew.
    const second = new Date().getSeconds();
    if (second > 50) await new Promise((resolve) => setTimeout(resolve, (61 - second) * 1000));
    for (const family of [
      ["203.0.113.7", "203.0.113.7", "203.0.113.8"],
      ["2001:db8:0:1::1", "2001:db8::1:ffff:0:0:2", "2001:db8:0:2::1"],
    ]) {
      const [one = "", same = "", other = ""] = family;
      for (let i = 0; i < 5; i += 1) assert.equal((await knock(one)).status, 202);
      const refused = await knock(same);
      assert.equal(refused.status, 429, same);
      const wait = Number(refused.headers["retry-after"]);
      assert.ok(wait >= 1 && wait <= 60);
      assert.equal(refused.headers["access-control-allow-origin"], DAPP);
      assert.equal(refused.headers["access-control-expose-headers"], "retry-after", "the dApp can read when");
      assert.equal((await knock(other)).status, 202, other);
    }
    const db = await own.database();
    const { results } = await db.prepare("SELECT sender FROM intake_senders").all();
    assert.doesNotMatch(JSON.stringify(results), /203\.0|2001|db8/, "no address is kept");
    await db.prepare("UPDATE intake_senders SET minute = minute - 1").run();
    await own.sweep();
    assert.deepEqual((await db.prepare("SELECT sender FROM intake_senders").all()).results, []);
  } finally {
    await own.close();
  }
});

test("the table of waiting ids has an end, which is told to everybody alike", async () => {
  const own = await openStage(built);
  try {
    await own.open("abc123");
    const db = await own.database();
    await db
      .prepare(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) INSERT INTO intake (request_id, received_at, next_at) SELECT 'stranger-' || i, 1, 9e15 FROM n",
      )
      .run();
    for (const requestId of ["passport", "abc123", "stranger-1"]) {
      const answer = await own.intake({ requestId });
      assert.deepEqual([answer.status, answer.json], [503, { error: "busy" }], requestId);
      assert.equal(answer.headers["retry-after"], "60");
    }
    assert.deepEqual(await db.prepare("SELECT count(*) AS n FROM intake").first(), { n: 10_000 });
  } finally {
    await own.close();
  }
});
