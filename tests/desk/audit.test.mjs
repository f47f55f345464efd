// @ts-check
// The audit: nothing in it can be changed, taken out or slipped in, and where somebody got round the triggers it shows.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { build, openStage } from "./stage.mjs";

/** @type {Awaited<ReturnType<typeof build>>} */
let built;
/** @type {Awaited<ReturnType<typeof openStage>>} */
let stage;
before(async () => {
  built = await build();
  stage = await openStage(built);
  await stage.open("abc123", "passport");
  for (const field of ["name", "email", "dateOfBirth"]) {
    await stage.as(ADA, "/desk/cases/abc123/reveal", { method: "POST", body: JSON.stringify({ field }) });
  }
});
after(async () => {
  await stage?.close();
  await built?.remove();
});

const [ADA, AUDREY] = ["ada@partner.example", "audrey@partner.example"];
const ZEROS = "0".repeat(64);
/** @param {{ seq: number }} row */
const seqOf = ({ seq }) => seq;
/** @param {string} [query] */
const verify = async (query = "") => (await stage.as(AUDREY, `/desk/audit/verify${query}`)).json;

/** What the README tells an auditor to compute, written anew. @param {any} row */
const hashOf = ({ seq, prev, at, case: of, action, by, detail }) =>
  createHash("sha256")
    .update(JSON.stringify(["passdesk-audit-1", seq, prev, at, of, action, by, detail]))
    .digest("hex");

test("each row carries the hash of the one before, as anybody can check", async () => {
  const { rows, after: next } = (await stage.as(AUDREY, "/desk/audit")).json;
  assert.equal(next, null);
  assert.equal(rows.length, 5);
  let prev = ZEROS;
  for (const [index, row] of rows.entries()) {
    assert.deepEqual(Object.keys(row).sort(), ["action", "at", "by", "case", "detail", "hash", "prev", "seq"]);
    assert.equal(row.seq, index + 1);
    assert.equal(row.prev, prev);
    assert.equal(row.hash, hashOf(row));
    prev = row.hash;
  }
  assert.deepEqual(await verify(), { ok: true, checked: 5, through: 5, hash: prev, complete: true });
  assert.deepEqual(await verify("?after=3"), { ok: true, checked: 2, through: 5, hash: prev, complete: true });
  assert.equal((await stage.as(AUDREY, "/desk/audit/verify?after=99")).status, 404);
});

test("pages follow one another", async () => {
  const first = (await stage.as(AUDREY, "/desk/audit?limit=2")).json;
  assert.deepEqual([first.rows.map((/** @type {any} */ row) => row.seq), first.after], [[1, 2], 2]);
  const rest = (await stage.as(AUDREY, "/desk/audit?limit=1000&after=2")).json;
  assert.deepEqual([rest.rows.map((/** @type {any} */ row) => row.seq), rest.after], [[3, 4, 5], null]);
  const own = (await stage.as(AUDREY, "/desk/audit?case=passport")).json;
  assert.deepEqual(
    own.rows.map((/** @type {any} */ row) => row.action),
    ["opened"],
  );
  for (const query of ["limit=0", "limit=1001", "after=-1", "after=x", "case=..", "format=xml", "page=1"]) {
    assert.equal((await stage.as(AUDREY, `/desk/audit?${query}`)).status, 400, query);
  }
});

test("the newest come first where asked, and pages go back to the first row", async () => {
  const newest = (await stage.as(AUDREY, "/desk/audit?order=newest&limit=2")).json;
  assert.deepEqual([newest.rows.map(seqOf), newest.before], [[5, 4], 4]);
  const older = (await stage.as(AUDREY, "/desk/audit?order=newest&limit=3&before=4")).json;
  assert.deepEqual([older.rows.map(seqOf), older.before], [[3, 2, 1], 1]);
  const none = (await stage.as(AUDREY, "/desk/audit?order=newest&limit=3&before=1")).json;
  assert.deepEqual(none, { rows: [], before: null });
  for (const query of ["order=sideways", "format=csv&order=newest", "before=x"]) {
    assert.equal((await stage.as(AUDREY, `/desk/audit?${query}`)).status, 400, query);
  }
});

test("the audit is narrowed by case, action, person and time, in the list and in the files", async () => {
  const { rows } = (await stage.as(AUDREY, "/desk/audit")).json;
  /** @param {string} query @param {(row: any) => boolean} wanted */
  const narrowed = async (query, wanted) => {
    const expected = rows.filter(wanted).map(seqOf);
    const list = (await stage.as(AUDREY, `/desk/audit?${query}`)).json.rows.map(seqOf);
    assert.deepEqual(list, expected, query);
    const lines = (await stage.as(AUDREY, `/desk/audit?format=ndjson&${query}`)).text.split("\n").filter(Boolean);
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).seq),
      expected,
      query,
    );
    return expected.length;
  };
  assert.equal(await narrowed("action=field-revealed", (row) => row.action === "field-revealed"), 3);
  assert.equal(await narrowed("by=ADA@partner.example", (row) => row.by === ADA), 3);
  assert.equal(await narrowed("by=desk&case=passport", (row) => row.by === "desk" && row.case === "passport"), 1);
  assert.equal(await narrowed(`case=abc123&by=${ADA}`, (row) => row.case === "abc123" && row.by === ADA), 3);
  assert.equal(
    await narrowed("case=abc123&action=opened", (row) => row.case === "abc123" && row.action === "opened"),
    1,
  );
  assert.equal(await narrowed(`by=${ADA}&action=opened`, () => false), 0);
  assert.equal(await narrowed("action=no-such-action", () => false), 0);
  assert.equal(await narrowed("after=1&before=4", ({ seq }) => seq > 1 && seq < 4), 2);
  const middle = rows[2].at;
  await narrowed(`since=${middle}`, ({ at }) => at >= middle);
  await narrowed(`until=${middle}`, ({ at }) => at < middle);
  assert.equal(await narrowed(`since=${middle}&until=${middle}`, () => false), 0);
  for (const query of ["action=DROP%20TABLE", "action=", "by=", `by=${"a".repeat(255)}`, "since=-1", "until=1.5"]) {
    assert.equal((await stage.as(AUDREY, `/desk/audit?${query}`)).status, 400, query);
  }
});

test("a row is found by its time also where the clocks of those who wrote differed", async () => {
  const own = await openStage(built);
  try {
    const database = await own.database();
    const [many, minute, from] = [60, 60_000, Date.now()];
    // Every other one's goes twenty minutes fast.
    const times = Array.from({ length: many }, (_, i) => from + (i + (i % 2) * 20) * minute);
    const hash = (/** @type {number} */ seq) => String(seq).padStart(64, "0");
    await database.batch(
      times.map((at, i) =>
        database
          .prepare(`INSERT INTO audit (${COLUMNS}) VALUES (?, ?, ?, 'abc123', 'opened', 'desk', '{}', ?)`)
          .bind(i + 1, hash(i), at, hash(i + 1)),
      ),
    );
    for (let i = 0; i < many; i += 7) {
      const moment = from + i * minute;
      for (const [query, wanted] of /** @type {[string, (at: number) => boolean][]} */ ([
        [`since=${moment}`, (at) => at >= moment],
        [`until=${moment}`, (at) => at < moment],
      ])) {
        const { rows } = (await own.as(AUDREY, `/desk/audit?limit=1000&${query}`)).json;
        const expected = times.flatMap((at, row) => (wanted(at) ? [row + 1] : []));
        assert.deepEqual(rows.map(seqOf), expected, query);
      }
    }
  } finally {
    await own.close();
  }
});

test("a chain is verified in parts, each of which says where the next begins", async () => {
  const whole = await verify();
  let [after, checked] = [0, 0];
  for (;;) {
    const part = await verify(`?limit=2&after=${after}`);
    assert.ok(part.ok && part.checked <= 2);
    [after, checked] = [part.through, checked + part.checked];
    if (!part.complete) continue;
    assert.deepEqual([checked, part.hash], [whole.checked, whole.hash]);
    break;
  }
  for (const query of ["?limit=0", "?limit=40001", "?limit=x"]) {
    assert.equal((await stage.as(AUDREY, `/desk/audit/verify${query}`)).status, 400, query);
  }
});

test("what a query says twice is refused: one of the two would go unheard", async () => {
  for (const path of [
    "?case=abc123&case=passport",
    "?after=5&after=0",
    "?format=csv&by=desk&by=x",
    "/verify?after=1&after=0",
  ]) {
    const answer = await stage.as(AUDREY, `/desk/audit${path}`);
    assert.deepEqual([answer.status, answer.json], [400, { error: "invalid_argument", field: "query" }], path);
  }
});

test("whom the audit is not for gets none of it, whatever is asked", async () => {
  for (const path of ["", "?action=opened", "?order=newest", "?format=csv", "/verify?limit=1"]) {
    const answer = await stage.as(ADA, `/desk/audit${path}`);
    assert.deepEqual([answer.status, answer.json.error], [403, "forbidden"], path);
  }
});

const COLUMNS = "seq, prev, at, case_id, action, actor, detail, hash";
const TAMPERING = {
  update: "UPDATE audit SET actor = 'eve' WHERE seq = 2",
  "update of all": "UPDATE audit SET at = 1",
  delete: "DELETE FROM audit WHERE seq = 2",
  "delete of the last": "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)",
  replace: `INSERT OR REPLACE INTO audit (${COLUMNS}) SELECT seq, prev, at, case_id, action, 'eve', detail, hash FROM audit WHERE seq = 2`,
  "replace of the last": `REPLACE INTO audit (${COLUMNS}) SELECT seq, prev, at, case_id, action, 'eve', detail, hash FROM audit WHERE seq = (SELECT max(seq) FROM audit)`,
  upsert: `INSERT INTO audit (${COLUMNS}) SELECT ${COLUMNS} FROM audit WHERE seq = 2 ON CONFLICT (seq) DO UPDATE SET actor = 'eve'`,
  "insert or ignore of another chain": `INSERT OR IGNORE INTO audit (${COLUMNS}) VALUES (6, '${ZEROS}', 1, '', 'x', 'eve', '{}', '${ZEROS}')`,
  "a row with a gap": `INSERT INTO audit (${COLUMNS}) SELECT seq + 2, hash, at, case_id, action, 'eve', detail, hash FROM audit ORDER BY seq DESC LIMIT 1`,
  "a row before the first": `INSERT INTO audit (${COLUMNS}) VALUES (0, '${ZEROS}', 1, '', 'x', 'eve', '{}', '${ZEROS}')`,
  "a row without a number": `INSERT INTO audit (prev, at, case_id, action, actor, detail, hash) VALUES ('${ZEROS}', 1, '', 'x', 'eve', '{}', '${ZEROS}')`,
};
for (const [what, statement] of Object.entries(TAMPERING)) {
  test(`D1 itself refuses: ${what}`, async () => {
    const db = await stage.database();
    const before = (await db.prepare("SELECT * FROM audit").all()).results;
    await assert.rejects(db.prepare(statement).run(), /audit: /);
    assert.deepEqual((await db.prepare("SELECT * FROM audit").all()).results, before);
  });
}

test("fifty people look at once, and the chain holds", async (t) => {
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      stage.as(`r${i}@reviewers.example`, "/desk/cases/passport/reveal", { method: "POST", body: '{"field":"name"}' }),
    ),
  );
  const seen = answers.filter(({ status }) => status === 204).length;
  for (const { status, json } of answers.filter(({ status }) => status !== 204)) {
    assert.deepEqual([status, json.error], [503, "busy"]);
  }
  t.diagnostic(`${seen} of 50 at the first asking`);
  assert.ok(seen >= 25, `${seen} of 50`);
  const { ok, checked } = await verify();
  assert.deepEqual([ok, checked], [true, 5 + seen]);
});

test("NDJSON and CSV say the same, and CSV runs no formula", async () => {
  const { rows } = (await stage.as(AUDREY, "/desk/audit?limit=1000")).json;
  const lines = await stage.as(AUDREY, "/desk/audit?format=ndjson");
  assert.equal(lines.headers["content-type"], "application/x-ndjson; charset=utf-8");
  assert.match(lines.headers["content-disposition"] ?? "", /^attachment; filename="audit.ndjson"$/);
  assert.deepEqual(
    lines.text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
    rows,
  );
  const csv = await stage.as(AUDREY, "/desk/audit?format=csv");
  assert.equal(csv.headers["content-type"], "text/csv; charset=utf-8; header=present");
  assert.equal(csv.headers["content-disposition"], 'attachment; filename="audit.csv"');
  const [head = [], ...cells] = parseCsv(csv.text);
  assert.equal(cells.length, rows.length);
  for (const [index, row] of cells.entries()) {
    const one = Object.fromEntries(head.map((name, i) => [name, row[i]]));
    assert.deepEqual([one.hash, one.by, one.detail], [rows[index].hash, rows[index].by, rows[index].detail]);
  }
  const some = await stage.as(AUDREY, "/desk/audit?format=ndjson&after=2&limit=2");
  assert.deepEqual(
    some.text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).seq),
    [3, 4],
  );
});

test("what a spreadsheet would run is text in the CSV, and long exports stream", async (t) => {
  const own = await openStage(built);
  try {
    const db = await own.database();
    const actors = ["=cmd|'/c calc'!A1", "+1", "-1", "@sum(a)", "\t=1", 'quo"te', "line\r\nbreak", "com,ma"];
    const many = 30_000;
    let [prev, rows] = [ZEROS, /** @type {any[]} */ ([])];
    for (let seq = 1; seq <= many; seq += 1) {
      const row = { seq, prev, at: seq, case: "abc123", action: "opened", by: actors[seq - 1] ?? "desk", detail: "{}" };
      rows.push({ ...row, hash: hashOf(row) });
      prev = rows.at(-1).hash;
      if (rows.length === 3000) {
        await db
          .prepare(
            `INSERT INTO audit (${COLUMNS}) SELECT value ->> 'seq', value ->> 'prev', value ->> 'at', value ->> 'case',
               value ->> 'action', value ->> 'by', value ->> 'detail', value ->> 'hash' FROM json_each(?) ORDER BY key`,
          )
          .bind(JSON.stringify(rows))
          .run();
        rows = [];
      }
    }
    const csv = await own.as(AUDREY, `/desk/audit?format=csv&limit=${actors.length}`);
    const [head = [], ...cells] = parseCsv(csv.text);
    const column = head.indexOf("by");
    for (const [index, actor] of actors.entries()) {
      const cell = cells[index]?.[column] ?? "";
      assert.doesNotMatch(cell, /^[=+\-@\t\r]/, JSON.stringify(cell));
      assert.ok(cell.endsWith(actor), JSON.stringify([cell, actor]));
    }
    const began = performance.now();
    const lines = await own.as(AUDREY, "/desk/audit?format=ndjson");
    assert.equal(lines.text.split("\n").length - 1, many);
    t.diagnostic(
      `${many} rows, ${(lines.bytes.length / 1e6).toFixed(1)} MB, in ${(performance.now() - began).toFixed(0)} ms`,
    );
    const walked = (await own.as(AUDREY, "/desk/audit/verify")).json;
    assert.deepEqual(walked, { ok: true, checked: many, through: many, hash: prev, complete: true });
  } finally {
    await own.close();
  }
});

/** The desk, with a database that refuses every second page of the audit. */
const FAILING = `
let asked = 0;
const broken = { bind: () => broken, all: async () => { throw new Error("D1_ERROR: too many"); } };
const database = (db) => ({
  prepare: (query) => query.includes("ORDER BY seq ASC") && ++asked % 2 === 0 ? broken : db.prepare(query),
  batch: (statements) => db.batch(statements),
});
export default createReviewDesk({ settings: (env) => ({ ...env, DB: database(env.DB) }) });`;

test("an export that breaks off says so in its last line, or is none at all", async () => {
  const failing = await build(FAILING);
  const own = await openStage(failing);
  try {
    const database = await own.database();
    // Their hashes are of no interest here.
    const hash = (/** @type {number} */ seq) => String(seq).padStart(64, "0");
    await database.batch(
      Array.from({ length: 1500 }, (_, i) =>
        database
          .prepare(`INSERT INTO audit (${COLUMNS}) VALUES (?, ?, 1, 'abc123', 'opened', 'desk', '{}', ?)`)
          .bind(i + 1, hash(i), hash(i + 1)),
      ),
    );
    /** A connection that is cut as well is no worse. @param {string} query */
    const whole = (query) => own.as(AUDREY, `/desk/audit?${query}`).catch(() => undefined);
    const lines = (await whole("format=ndjson"))?.text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    if (lines !== undefined) {
      assert.equal(lines.length, 1001);
      assert.deepEqual(lines.at(-1), { error: "incomplete", after: 1000 });
    }
    const csv = await whole("format=csv");
    if (csv !== undefined) assert.deepEqual(parseCsv(csv.text).at(-1), ["incomplete", "after=1000"]);
    assert.equal((await whole("format=ndjson&after=1000&limit=500"))?.text.trimEnd().split("\n").length, 500);
    const none = await whole("format=ndjson");
    assert.deepEqual([none?.status, none?.json], [500, { error: "internal" }]);
  } finally {
    await own.close();
    await failing.remove();
  }
});

test("who got round the triggers is found out, at the first broken row", async () => {
  const db = await stage.database();
  for (const name of ["audit_no_update", "audit_no_delete", "audit_next_row"])
    await db.prepare(`DROP TRIGGER ${name}`).run();
  const saved = (await db.prepare("SELECT * FROM audit WHERE seq IN (2, 3) ORDER BY seq").all()).results;
  const restore = async () => {
    await db.prepare("DELETE FROM audit WHERE seq IN (2, 3)").run();
    for (const row of saved) {
      await db
        .prepare(`INSERT INTO audit (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
        .bind(row.seq, row.prev, row.at, row.case_id, row.action, row.actor, row.detail, row.hash)
        .run();
    }
    assert.equal((await verify()).ok, true);
  };
  for (const column of ["at", "case_id", "action", "actor", "detail"]) {
    const value = column === "at" ? "1" : column === "detail" ? `'{"field":"x"}'` : "'eve'";
    await db.prepare(`UPDATE audit SET ${column} = ${value} WHERE seq = 3`).run();
    const { ok, through, broken } = await verify();
    assert.deepEqual([ok, through, broken], [false, 2, { seq: 3, problem: "hash" }], column);
    await restore();
  }
  // A time that no clock of ours can say has no hash at all.
  for (const at of ["-1", "9007199254740992", "-9007199254740992", "1152921504606846976"]) {
    await db.prepare(`UPDATE audit SET at = ${at} WHERE seq = 3`).run();
    assert.deepEqual((await verify()).broken, { seq: 3, problem: "hash" }, at);
    assert.deepEqual(await exported(3), [at, at], "what was done to it is in the files");
    await restore();
  }
  // The chain begins with the first row, and nothing stands before it.
  for (const seq of [0, -1, Number.MIN_SAFE_INTEGER]) {
    await db
      .prepare(`INSERT INTO audit (${COLUMNS}) VALUES (?, ?2, 1, 'abc123', 'decided', 'eve', '{}', ?2)`)
      .bind(seq, ZEROS)
      .run();
    const { ok, checked, through, hash, complete, broken } = await verify();
    assert.deepEqual([ok, checked, through, hash, complete], [false, 0, 0, ZEROS, false], `${seq}`);
    assert.deepEqual(broken, { seq, problem: "gap" });
    assert.deepEqual(await exported(seq), ["1", "1"]);
    await db.prepare("DELETE FROM audit WHERE seq < 1").run();
    assert.equal((await verify()).ok, true);
  }
  // Whoever also makes a new hash breaks the next row.
  const forged = /** @type {any} */ ({ ...saved[1], actor: "eve" });
  const hash = hashOf({ ...forged, case: forged.case_id, by: forged.actor });
  await db.prepare("UPDATE audit SET actor = 'eve', hash = ? WHERE seq = 3").bind(hash).run();
  assert.deepEqual((await verify()).broken, { seq: 4, problem: "link" });
  await restore();
  await db.prepare("DELETE FROM audit WHERE seq = 2").run();
  assert.deepEqual((await verify()).broken, { seq: 2, problem: "gap" });
  await restore();
  const last = await verify();
  await db.prepare("DELETE FROM audit WHERE seq = ?").bind(last.through).run();
  const cut = await verify();
  assert.notEqual(cut.hash, last.hash, "rows cut off the end show in the last hash, which the log has of each sweep");
});

/** When a row was written, as the two kinds of file have it. @param {number} seq */
async function exported(seq) {
  const lines = (await stage.as(AUDREY, "/desk/audit?format=ndjson")).text.split("\n");
  const rows = parseCsv((await stage.as(AUDREY, "/desk/audit?format=csv")).text);
  return [
    lines.find((line) => line.startsWith(`{"seq":${seq},`))?.match(/"at":(-?\d+),/)?.[1],
    rows.find(([number]) => number === `${seq}`)?.[1],
  ];
}

test("the sweep writes the last hash to the log", async () => {
  const own = await openStage(built);
  try {
    await own.open("abc123");
    await own.sweep();
    const { through, hash } = (await own.as(AUDREY, "/desk/audit/verify")).json;
    const line = (await own.logged()).split("\n").find((text) => text.includes('"event":"sweep"'));
    assert.deepEqual([JSON.parse(line ?? "").seq, JSON.parse(line ?? "").hash], [through, hash]);
  } finally {
    await own.close();
  }
});

/** RFC 4180, read as a spreadsheet reads it. @param {string} text */
function parseCsv(text) {
  /** @type {string[][]} */
  const rows = [[]];
  const cells = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/gy;
  while (cells.lastIndex < text.length) {
    const [, quoted, plain = "", end] = cells.exec(text) ?? assert.fail("not CSV");
    rows.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === "\r\n") rows.push([]);
  }
  return rows.filter((row) => row.length > 0);
}
