// @ts-check
// Whether the desk can work, told to anybody: not before each of its tables is there.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, build, migrations, openStage } from "./stage.mjs";

/** @type {Awaited<ReturnType<typeof build>>} */
let built;
before(async () => {
  built = await build();
});
after(() => built?.remove());

test("a desk without its migrations, or with some of them, says that it cannot work, and no more", async () => {
  const stage = await openStage(built, { migrate: false });
  try {
    const database = await stage.database();
    const health = async () => {
      const { status, json, headers } = await ask(`${stage.url}/desk/health`);
      assert.equal(headers["cache-control"], "private, no-store");
      return [status, json];
    };
    const [ok, unavailable] = ["ok", "unavailable"].map((status) => ({ status, database: status }));
    assert.deepEqual(await health(), [503, unavailable]);
    await database.batch(migrations().map((statement) => database.prepare(statement)));
    assert.deepEqual(await health(), [200, ok]);
    const { results } = await database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'")
      .all();
    assert.ok(results.length >= 8);
    for (const { name } of results) {
      await database.prepare(`ALTER TABLE ${name} RENAME TO away`).run();
      assert.deepEqual(await health(), [503, unavailable], `without ${name}`);
      await database.prepare(`ALTER TABLE away RENAME TO ${name}`).run();
    }
    assert.deepEqual(await health(), [200, ok]);
  } finally {
    await stage.close();
  }
});

test("who asks a desk without its migrations, or without the newest, is told what it lacks, and no query", async () => {
  const stage = await openStage(built, { migrate: false });
  try {
    const database = await stage.database();
    const refused = async () => {
      const answers = [
        await stage.as("ada@partner.example", "/desk/cases/abc123"),
        await stage.as("ada@partner.example", "/desk/cases"),
        await stage.intake("abc123"),
      ];
      return answers.filter(({ status }) => status === 500).map(({ json }) => json);
    };
    const lacking = {
      error: "misconfigured",
      message: "The D1 database DB lacks a table or a column: apply the migrations.",
    };
    assert.deepEqual(await refused(), [lacking, lacking, lacking]);
    assert.match(await stage.logged(), /"event":"misconfigured"/);
    await database.batch(migrations().map((statement) => database.prepare(statement)));
    await database.prepare("ALTER TABLE notes RENAME TO away").run();
    assert.deepEqual(await refused(), [lacking], "a case is shown with its note");
    await database.prepare("ALTER TABLE away RENAME TO notes").run();
    assert.deepEqual(await refused(), []);
    await stage.open("abc123");
    await database.prepare("ALTER TABLE notes RENAME COLUMN sealed TO away").run();
    assert.deepEqual(await refused(), [lacking], "nor without a column of its");
    const body = '{"status":"partner-pass","note":"Seen."}';
    const decided = await stage.as("ada@partner.example", "/partner/piirequest/abc123/status", { method: "PUT", body });
    assert.deepEqual(decided.json, lacking);
    await database.prepare("ALTER TABLE notes RENAME COLUMN away TO sealed").run();
    assert.deepEqual(await refused(), []);
    assert.doesNotMatch(await stage.logged(), /no such|SELECT/);
  } finally {
    await stage.close();
  }
});
