// @ts-check
// The one door that is open to anybody: it says nothing, and lets in only what Civic confirms.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { COUNTING, countsOf } from "./counting.mjs";
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

test("an id that Civic does not know is asked about twice, then forgotten", async () => {
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
  assert.equal(asked(), 2);
  assert.equal(await waiting("nobody-knows"), false);
  assert.equal(await isCase("nobody-knows"), false);
});

test("an id is not unknown to Civic where it is the token's address that is not there", async () => {
  const own = await openStage(built, { settings: { CIVIC_TOKEN_URL: `${stage.upstream.url}/oauth/tokens` } });
  try {
    await own.intake({ requestId: "abc123" });
    const db = await own.database();
    const row = () => db.prepare("SELECT attempts, standing FROM intake WHERE request_id = 'abc123'").first();
    for (const attempts of [1, 2, 3]) {
      await until(async () => (await row())?.attempts !== attempts - 1);
      assert.deepEqual(await row(), { attempts, standing: 1 }, "it is kept, and asked about again");
      await db.prepare("UPDATE intake SET next_at = 0").run();
      await own.sweep();
    }
  } finally {
    await own.close();
  }
});

test("what is no id is said so, and goes nowhere", async () => {
  await until(async () => (await rows("SELECT 1 FROM intake WHERE attempts = 0")).length === 0);
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
    assert.equal(answer.headers.vary, "origin");
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
    assert.equal((await ask(`${stage.url}/desk/intake`, { method, headers: { origin: DAPP } })).status, 405, method);
  }
});

test("a sender's mark cannot be made without the client secret", async () => {
  const marks = [];
  for (const secret of ["one-secret", "another-secret"]) {
    const own = await openStage(built, { settings: { CIVIC_CLIENT_SECRET: secret } });
    try {
      await own.intake({ requestId: "abc123" }, { "cf-connecting-ip": "203.0.113.7" });
      marks.push((await (await own.database()).prepare("SELECT sender FROM intake_senders").first())?.sender);
    } finally {
      await own.close();
    }
  }
  assert.ok(marks[0] && marks[1] && marks[0] !== marks[1], `${marks}`);
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

test("the count of those that wait is right, whatever becomes of them", async () => {
  const own = await openStage(built);
  try {
    const db = await own.database();
    const counts = async () => {
      // At one moment: they are being worked on.
      const [kept, real] = await db.batch([
        db.prepare("SELECT standing, count FROM intake_waiting WHERE count <> 0 ORDER BY standing"),
        db.prepare("SELECT standing, count(*) AS count FROM intake GROUP BY standing ORDER BY standing"),
      ]);
      assert.deepEqual(kept?.results, real?.results);
      return kept?.results;
    };
    for (const requestId of ["nobody-1", "nobody-2", "awaiting-user", "abc123"]) await own.intake({ requestId });
    await until(async () => JSON.stringify(await counts()) === '[{"standing":0,"count":2},{"standing":2,"count":1}]');
    const { results } = await db.prepare("SELECT sender FROM intake WHERE standing = 2").all();
    assert.deepEqual(results, [{ sender: null }], "who sent what Civic knows is forgotten");
    await db.prepare("UPDATE intake SET next_at = 1").run();
    await own.sweep();
    assert.deepEqual(await counts(), [{ standing: 2, count: 1 }]);
    assert.match((await own.as(ADAM, "/desk/metrics")).text, /^passdesk_intake_waiting 1$/mu);
  } finally {
    await own.close();
  }
});

/** Time travel: a minute passes, for senders and for ids. @param {Awaited<ReturnType<typeof openStage>>} on */
async function passMinute(on) {
  const db = await on.database();
  await db.batch([
    db.prepare("UPDATE intake_senders SET minute = minute - 1"),
    db.prepare("UPDATE intake SET next_at = next_at - 60000, received_at = received_at - 60000"),
  ]);
}

for (const strangers of [1, 4]) {
  test(`${strangers} at the permitted rate, for a quarter of an hour: real ids hardly notice`, {
    timeout: 120_000,
  }, async (t) => {
    /** What Civic says of the real ids: nothing yet, not ready, or ready. @type {Map<string, "new" | "waits" | "ready">} */
    const real = new Map();
    const own = await openStage(built, {
      settings: { INTAKE_PER_MINUTE: "20" },
      async intercept(request, answer) {
        const state = real.get(new URL(request.url).pathname.split("/")[3] ?? "");
        if (state === "new") return Response.json({ error: "not_found" }, { status: 404 });
        const response = await answer();
        if (state !== "waits") return response;
        return Response.json({ ...(await response.json()), status: "awaiting-user" }, { status: response.status });
      },
    });
    try {
      const db = await own.database();
      const count = async (/** @type {string} */ where) =>
        Number(await db.prepare(`SELECT count(*) AS n FROM intake WHERE ${where}`).first("n"));
      const known = async (/** @type {string} */ id) => (await own.as(ADAM, `/desk/cases/${id}`)).status === 200;
      let junk = 0;
      const flood = async () => {
        for (let stranger = 0; stranger < strangers; stranger += 1) {
          const from = { "cf-connecting-ip": `203.0.113.${stranger + 1}` };
          for (let i = 0; i < 20; i += 1) {
            junk += 1;
            const { status } = await own.intake({ requestId: `junk-${junk}` }, from);
            assert.ok(status === 202 || status === 429, `${status}`);
          }
        }
        await until(async () => (await count("standing = 1")) === 0);
      };
      const handOver = async (/** @type {string} */ requestId, /** @type {"new" | "waits"} */ state) => {
        real.set(requestId, state);
        assert.equal((await own.intake({ requestId }, { "cf-connecting-ip": "198.51.100.1" })).status, 202);
        await until(async () => (await count(`request_id = '${requestId}' AND attempts = 1`)) === 1);
      };
      /** @type {number[]} */
      const waits = [];
      for (let minute = 0; minute < 15; minute += 1) {
        await flood();
        if (minute === 5) {
          await handOver("person-0001", "waits");
          await handOver("person-0002", "new");
          real.set("person-0001", "ready").set("person-0002", "ready");
        }
        await passMinute(own);
        await own.sweep();
        if (minute === 5) assert.ok(await known("person-0001"), "what Civic knows goes first");
        if (minute >= 5 && !(await known("person-0002"))) waits.push(minute);
        assert.ok((await count("standing < 2")) <= 20 * strangers + 1, "no sender has more than twenty that wait");
      }
      t.diagnostic(`an id that was too new to Civic waited ${waits.length + 1} runs beside ${junk} of strangers`);
      assert.ok(await known("person-0002"));
      // A run asks about fifteen; those of the strangers that were there before it are its whole delay.
      assert.ok(waits.length <= Math.ceil((20 * strangers) / 15), `${waits.length}`);
    } finally {
      await own.close();
    }
  });
}

test("of one sender's ids that Civic does not know only so many wait for a second look, and no answer tells of it", async () => {
  const own = await openStage(built, { settings: { INTAKE_PER_MINUTE: "5" } });
  try {
    const db = await own.database();
    const from = { "cf-connecting-ip": "203.0.113.7" };
    const unknown = async () =>
      Number(await db.prepare("SELECT count(*) AS n FROM intake WHERE standing = 0").first("n"));
    const asked = (/** @type {string} */ id) => own.sandbox.calls.filter(({ path }) => path.endsWith(`/${id}`)).length;
    const handOver = async (/** @type {string} */ requestId) => {
      await db.prepare("DELETE FROM intake_senders").run();
      const { status, text } = await own.intake({ requestId }, from);
      assert.deepEqual([status, text], [202, (await own.intake({ requestId: "nobody-0" })).text], requestId);
      await until(() => asked(requestId) >= 1);
    };
    for (let i = 0; i < 4; i += 1) await handOver(`nobody-${i}`);
    // At every place around the limit: one that Civic knows, one that it does not, and one of each after it.
    for (const requestId of ["abc123", "nobody-4", "passport", "nobody-5", "id-card", "nobody-6"])
      await handOver(requestId);
    for (const id of ["abc123", "passport", "id-card"]) {
      await until(async () => (await own.as(ADAM, `/desk/cases/${id}`)).status === 200);
    }
    await until(async () => (await db.prepare("SELECT count(*) AS n FROM intake WHERE attempts = 0").first("n")) === 0);
    assert.equal(await unknown(), 5, "the sixth and the seventh are not kept");
    await own.intake({ requestId: "nobody-7" }, { "cf-connecting-ip": "203.0.113.8" });
    await until(async () => (await unknown()) === 6);
  } finally {
    await own.close();
  }
});

test("while Civic gives no answer, one sender's ids do not fill the table", async () => {
  const own = await openStage(built, {
    settings: { INTAKE_PER_MINUTE: "5" },
    intercept: async () => new Response(null, { status: 503 }),
  });
  try {
    const db = await own.database();
    const from = { "cf-connecting-ip": "203.0.113.7" };
    const handOver = async (/** @type {string} */ requestId, sender = from) => {
      await db.prepare("DELETE FROM intake_senders").run();
      return own.intake({ requestId }, sender);
    };
    for (const requestId of ["abc123", "nobody-0", "passport", "nobody-1", "id-card"]) {
      assert.equal((await handOver(requestId)).status, 202);
    }
    await until(async () => (await db.prepare("SELECT count(*) AS n FROM intake WHERE attempts > 0").first("n")) === 5);
    for (const requestId of ["abc123", "nobody-9", "driving-licence"]) {
      const { status, json, headers } = await handOver(requestId);
      assert.deepEqual([status, json, headers["retry-after"]], [429, { error: "rate_limited" }, "60"], requestId);
    }
    assert.equal((await handOver("driving-licence", { "cf-connecting-ip": "203.0.113.8" })).status, 202);
  } finally {
    await own.close();
  }
});

test("of ids that Civic does not know no more than a thousand wait for a second look", async () => {
  const own = await openStage(built);
  try {
    const db = await own.database();
    await db
      .prepare(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO intake (request_id, received_at, next_at, standing) SELECT 'stranger-' || i, 1, 9e15, 0 FROM n",
      )
      .run();
    const asked = () => own.sandbox.calls.filter(({ path }) => path.endsWith("/nobody")).length;
    assert.equal((await own.intake({ requestId: "nobody" })).status, 202);
    await until(() => asked() === 1);
    await until(async () => (await db.prepare("SELECT count(*) AS n FROM intake").first("n")) === 1000);
    assert.equal((await own.intake({ requestId: "awaiting-user" })).status, 202);
    await until(async () => (await db.prepare("SELECT count(*) AS n FROM intake WHERE standing = 2").first("n")) === 1);
  } finally {
    await own.close();
  }
});

test("while Civic is silent new, known, unknown and duplicate ids are answered alike, after the same questions to D1", async () => {
  const counting = await build(COUNTING);
  let silent = false;
  /** @type {(value?: unknown) => void} */
  let speak = () => {};
  const spoken = new Promise((resolve) => {
    speak = resolve;
  });
  const own = await openStage(counting, {
    async intercept(_request, answer) {
      if (silent) await spoken;
      return answer();
    },
  });
  try {
    await own.open("abc123");
    await own.intake({ requestId: "awaiting-user" });
    const db = await own.database();
    await until(async () => (await db.prepare("SELECT count(*) AS n FROM intake WHERE standing = 2").first("n")) === 1);
    // To look for a token is part of what must not be seen.
    await db.prepare("DELETE FROM tokens").run();
    silent = true;
    const seen = [];
    for (const requestId of ["passport", "passport", "abc123", "awaiting-user", "nobody", "already-passed"]) {
      const { status, text, headers } = await own.intake({ requestId });
      const { "x-request-id": _trace, date: _date, ...same } = headers;
      const { before } = (await countsOf(own.url)).last;
      seen.push({ status, text, same, before });
    }
    assert.equal(seen[0]?.status, 202);
    assert.equal(seen[0]?.before.length, 2, "the sender's count, and one batch");
    for (const one of seen) assert.deepEqual(one, seen[0]);
  } finally {
    speak();
    await own.close();
    await counting.remove();
  }
});
