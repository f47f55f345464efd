// @ts-check
// What a reviewer leaves for colleagues beside a verdict: who reads it, how it is kept, and that it is gone with its verdict or
// its case. That no file of D1 and no log has it in clear is in privacy.test.mjs.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { build, openStage, until } from "./stage.mjs";

/** @type {Awaited<ReturnType<typeof build>>} */
let built;
/** @type {Awaited<ReturnType<typeof openStage>>} */
let stage;
before(async () => {
  built = await build();
  // Long enough that nothing is sent meanwhile; what is to be sent waits for the sweep elsewhere.
  stage = await openStage(built, { settings: { DESK_UNDO_SECONDS: "600" } });
});
after(async () => {
  await stage?.close();
  await built?.remove();
});

const [ADA, GRACE, ADAM, AUDREY] = [
  "ada@partner.example",
  "grace@partner.example",
  "adam@partner.example",
  "audrey@partner.example",
];
const NOTE = "The corner of the photo looks lifted.\nCompare with the other side 🔍 before you approve.";

/**
 * @param {string} who
 * @param {string} id
 * @param {unknown} note
 * @param {{ status?: string, key?: string, on?: Awaited<ReturnType<typeof openStage>> }} [more]
 */
const decide = (who, id, note, { status = "partner-fail", key, on = stage } = {}) =>
  on.as(who, `/partner/piirequest/${id}/status`, {
    method: "PUT",
    body: JSON.stringify({ status, note }),
    headers: { "idempotency-key": key },
  });
/** @param {string} id @param {string} [who] */
const noteOf = async (id, who = GRACE, on = stage) => (await on.as(who, `/desk/cases/${id}`)).json.note;
/** @param {string} id */
const rowsOf = async (id, on = stage) => {
  const database = await on.database();
  const { results } = await database.prepare("SELECT sealed FROM notes WHERE case_id = ?").bind(id).all();
  return results;
};

test("a note is for reviewers and admins who open the case, with whose it is and since when", async () => {
  await stage.open("abc123", "passport");
  assert.equal((await decide(ADA, "abc123", NOTE)).status, 202);
  const { decision, note } = (await stage.as(GRACE, "/desk/cases/abc123")).json;
  assert.deepEqual(note, { by: ADA, at: decision.at, text: NOTE });
  assert.deepEqual(await noteOf("abc123", ADAM), note);
  const presence = await stage.as(GRACE, "/desk/cases/abc123/presence", { method: "POST", body: "{}" });
  assert.deepEqual(presence.json.note, note);
  assert.equal((await stage.as(AUDREY, "/desk/cases/abc123")).status, 403);

  await decide(ADA, "passport", undefined);
  assert.equal(await noteOf("passport"), null);
  assert.equal((await rowsOf("passport")).length, 0);
});

test("no list, no answer to a verdict, no row of the audit has its words", async () => {
  await stage.open("id-card");
  const said = await decide(ADA, "id-card", NOTE);
  assert.equal(said.status, 202);
  const told = [said];
  for (const path of ["/desk/cases?limit=200", "/desk/audit?limit=1000", "/desk/audit?format=csv", "/desk/metrics"]) {
    told.push(await stage.as(ADAM, path));
  }
  for (const { text } of told) assert.ok(!text.includes("lifted"), text);
  const cases = (await stage.as(ADAM, "/desk/cases?limit=200")).json.cases;
  for (const one of cases) assert.deepEqual(["note" in one, "noted" in (one.decision ?? {})], [false, false], one.id);
  const { rows } = (await stage.as(ADAM, "/desk/audit?case=id-card&action=decided")).json;
  assert.deepEqual(
    rows.map((/** @type {{ detail: string }} */ { detail }) => JSON.parse(detail)),
    [{ verdict: "partner-fail", reason: null, noted: true }],
  );
  assert.ok(!(await stage.logged()).includes("lifted"));
});

test("Civic is told the verdict alone", async () => {
  /** @type {string[]} */
  const heard = [];
  const own = await openStage(built, {
    settings: { DESK_UNDO_SECONDS: "0" },
    async intercept(request, answer) {
      heard.push(`${request.method} ${request.url} ${await request.clone().text()}`);
      return answer();
    },
  });
  try {
    await own.open("abc123");
    await decide(ADA, "abc123", NOTE, { on: own });
    await until(async () => (await own.as(ADA, "/desk/cases/abc123")).json.delivery.state === "delivered");
    assert.ok(heard.some((request) => request.startsWith("PUT ") && request.includes("partner-fail")));
    for (const request of heard) assert.ok(!request.includes("lifted") && !request.includes("note"), request);
    // What is delivered keeps its note, for whoever asks why.
    assert.equal((await noteOf("abc123", GRACE, own)).text, NOTE);
  } finally {
    await own.close();
  }
});

test("what is no plain text of at most 500 characters is refused, and nothing is decided", async () => {
  await stage.open("driving-licence");
  const bad = {
    "a number": 7,
    "an object": { text: "x" },
    null: null,
    empty: "",
    blank: " \n ",
    "501 characters": "🔍".repeat(501),
    "a tab": "a\tb",
    "a carriage return": "a\r\nb",
    "an escape": "\u001b[31m",
    "a delete": "a\u007f",
    "a line separator": "a\u2028b",
    "turned writing": "a\u202eb",
    "an isolate": "a\u2066b",
    "half a character": "a\ud83d",
  };
  for (const [what, note] of Object.entries(bad)) {
    const answer = await decide(ADA, "driving-licence", note);
    assert.deepEqual([answer.status, answer.json], [400, { error: "invalid_argument", field: "note" }], what);
  }
  const huge = await decide(ADA, "driving-licence", "x".repeat(8000));
  assert.equal(huge.status, 413);
  assert.equal((await stage.as(ADA, "/desk/cases/driving-licence")).json.case, "open");
  // The longest there is, however it is escaped.
  const longest = "🔍".repeat(500);
  const escaped = [...longest].map((char) => [...Array(char.length).keys()].map((at) => escapeOf(char, at)).join(""));
  const answer = await stage.as(ADA, "/partner/piirequest/driving-licence/status", {
    method: "PUT",
    body: `{"status":"partner-fail","note":"${escaped.join("")}"}`,
  });
  assert.equal(answer.status, 202);
  assert.equal((await noteOf("driving-licence")).text, longest);
});

/** @param {string} char @param {number} at */
const escapeOf = (char, at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, "0")}`;

test("the first decision's note stays: the same key, the same verdict, another verdict bring no other", async () => {
  await stage.open("person-0001");
  const first = await decide(ADA, "person-0001", NOTE, { key: "k-1" });
  const [row] = await rowsOf("person-0001");
  for (const [who, status, key, expected] of /** @type {const} */ ([
    [ADA, "partner-fail", "k-1", 202],
    [ADA, "partner-fail", "k-2", 202],
    [GRACE, "partner-fail", undefined, 202],
    [GRACE, "partner-pass", undefined, 409],
    [ADA, "partner-pass", "k-1", 422],
  ])) {
    const answer = await decide(who, "person-0001", "Another note.", { status, ...(key && { key }) });
    assert.equal(answer.status, expected, `${who} ${status} ${key}`);
    if (expected === 202) assert.deepEqual(answer.json, first.json);
  }
  assert.deepEqual(await rowsOf("person-0001"), [row]);
  assert.equal((await noteOf("person-0001")).text, NOTE);

  // Nor does a note come after a decision that had none.
  await stage.open("person-0002");
  await decide(ADA, "person-0002", undefined, { key: "k-1" });
  assert.equal((await decide(ADA, "person-0002", NOTE, { key: "k-1" })).status, 202);
  assert.equal(await noteOf("person-0002"), null);
  assert.deepEqual(await rowsOf("person-0002"), []);
});

test("of many who write at once one note is kept: the winner's", async () => {
  await stage.open("person-0003");
  const who = Array.from({ length: 12 }, (_, i) => `r${i}@reviewers.example`);
  await Promise.all(who.map((email) => decide(email, "person-0003", `Written by ${email}`)));
  const { decision, note } = (await stage.as(ADAM, "/desk/cases/person-0003")).json;
  assert.deepEqual(note, { by: decision.by, at: decision.at, text: `Written by ${decision.by}` });
  assert.equal((await rowsOf("person-0003")).length, 1);
});

test("a verdict that is taken back takes its note along, and the next one has its own", async () => {
  await stage.open("person-0004");
  await decide(ADA, "person-0004", NOTE);
  assert.equal((await stage.as(ADA, "/partner/piirequest/person-0004/status", { method: "DELETE" })).status, 200);
  assert.deepEqual([await noteOf("person-0004"), await rowsOf("person-0004")], [null, []]);
  await decide(GRACE, "person-0004", "Seen again, the edges are clean.", { status: "partner-pass" });
  const note = await noteOf("person-0004");
  assert.deepEqual([note.by, note.text], [GRACE, "Seen again, the edges are clean."]);
});

test("with two people the second one reads the note before approving, and it stays", async () => {
  const own = await openStage(built, { settings: { DESK_TWO_PERSON: "true", DESK_UNDO_SECONDS: "0" } });
  try {
    await own.open("abc123", "passport");
    await decide(ADA, "abc123", NOTE, { on: own });
    assert.equal((await noteOf("abc123", GRACE, own)).text, NOTE);
    const body = JSON.stringify({ status: "partner-fail" });
    assert.equal((await own.as(GRACE, "/desk/cases/abc123/approve", { method: "POST", body })).status, 202);
    assert.deepEqual((await noteOf("abc123", ADA, own)).by, ADA);
    // Sent back by the second person it goes, as with any undo.
    await decide(ADA, "passport", NOTE, { on: own });
    assert.equal((await own.as(GRACE, "/partner/piirequest/passport/status", { method: "DELETE" })).status, 200);
    assert.deepEqual(await rowsOf("passport", own), []);
  } finally {
    await own.close();
  }
});

test("a note goes with its case at the end of the retention", async () => {
  const own = await openStage(built, { settings: { DESK_UNDO_SECONDS: "0", DESK_RETENTION_DAYS: "1" } });
  try {
    await own.open("abc123", "passport");
    await decide(ADA, "abc123", NOTE, { on: own });
    await decide(ADA, "passport", NOTE, { on: own });
    const state = async (/** @type {string} */ id) => (await own.as(ADA, `/desk/cases/${id}`)).json.delivery.state;
    await until(async () => (await state("abc123")) === "delivered" && (await state("passport")) === "delivered");
    // As if it had been closed two days ago; the machine reads it from the state, the sweep from the column.
    const database = await own.database();
    await database
      .prepare(
        `UPDATE cases SET version = version + 1, closed_at = closed_at - 172800000,
           state = json_set(state, '$.version', version + 1, '$.closedAt', closed_at - 172800000) WHERE id = 'abc123'`,
      )
      .run();
    await own.sweep();
    assert.equal((await own.as(ADA, "/desk/cases/abc123")).status, 404);
    assert.deepEqual(await rowsOf("abc123", own), []);
    assert.equal((await rowsOf("passport", own)).length, 1);
  } finally {
    await own.close();
  }
});

test("a case that goes by another hand than the sweep's takes its note along as well", async () => {
  await stage.open("person-0009");
  await decide(ADA, "person-0009", NOTE);
  assert.equal((await rowsOf("person-0009")).length, 1);
  const database = await stage.database();
  await database.prepare("DELETE FROM cases WHERE id = 'person-0009'").run();
  assert.equal((await rowsOf("person-0009")).length, 0);
});

test("sealed for its own decision: the same words look different, and open nowhere else", async () => {
  await stage.open("person-0005", "person-0006");
  await decide(ADA, "person-0005", NOTE);
  await decide(ADA, "person-0006", NOTE);
  const [one] = await rowsOf("person-0005");
  const [other] = await rowsOf("person-0006");
  assert.ok(one && other && one.sealed !== other.sealed);
  const database = await stage.database();
  await database.prepare("UPDATE notes SET sealed = ? WHERE case_id = 'person-0006'").bind(one.sealed).run();
  assert.equal((await noteOf("person-0006")).text, null);
  assert.equal((await noteOf("person-0005")).text, NOTE);
  // Not even where one person decided both at one moment.
  await database
    .prepare(
      `UPDATE cases SET version = version + 1, state = json_set(state, '$.version', version + 1, '$.decision.at',
         (SELECT json_extract(state, '$.decision.at') FROM cases WHERE id = 'person-0005')) WHERE id = 'person-0006'`,
    )
    .run();
  assert.equal((await noteOf("person-0006")).text, null);
  assert.equal((await noteOf("person-0006")).at, (await noteOf("person-0005")).at);
});

test("once the client secret was changed there was a note, and nobody can read it any more", async () => {
  const persist = await mkdtemp(join(tmpdir(), "passdesk-notes-"));
  try {
    const first = await openStage(built, { persist, settings: { DESK_UNDO_SECONDS: "600" } });
    /** @type {number} */
    let at;
    try {
      await first.open("abc123");
      await decide(ADA, "abc123", NOTE, { on: first });
      ({ at } = await noteOf("abc123", GRACE, first));
    } finally {
      await first.close();
    }
    const second = await openStage(built, {
      persist,
      migrate: false,
      settings: { DESK_UNDO_SECONDS: "600", CIVIC_CLIENT_SECRET: "another secret" },
    });
    try {
      const answer = await second.as(GRACE, "/desk/cases/abc123");
      assert.deepEqual([answer.status, answer.json.note], [200, { by: ADA, at, text: null }]);
      // It does not stand in the way of anything.
      assert.equal((await second.as(ADA, "/partner/piirequest/abc123/status", { method: "DELETE" })).status, 200);
      assert.deepEqual(await rowsOf("abc123", second), []);
      await decide(ADA, "abc123", NOTE, { on: second });
      assert.equal((await noteOf("abc123", GRACE, second)).text, NOTE);
    } finally {
      await second.close();
    }
  } finally {
    await rm(persist, { recursive: true, force: true });
  }
});

test("what is asked again and again is not sent again: a note is part of what the tag stands for", async () => {
  await stage.open("person-0007");
  const open = await stage.as(GRACE, "/desk/cases/person-0007");
  await decide(ADA, "person-0007", NOTE);
  const tag = (/** @type {string | undefined} */ etag) =>
    stage.as(GRACE, "/desk/cases/person-0007", { headers: { "if-none-match": etag } });
  const noted = await tag(open.headers.etag);
  assert.equal(noted.json.note.text, NOTE);
  assert.equal((await tag(noted.headers.etag)).status, 304);
});
