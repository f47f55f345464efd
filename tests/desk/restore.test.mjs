// @ts-check
// What www/README.md tells an operator to do, as far as this machine can: apply the migrations with wrangler, take a copy of
// the database, put it into another one, go on there. Nothing of it asks a network.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build, openStage, until } from "./stage.mjs";

/** @type {Awaited<ReturnType<typeof build>>} */
let built;
/** @type {string} */
let folder;
before(async () => {
  built = await build();
  folder = await mkdtemp(join(tmpdir(), "passdesk-restore-"));
  const migrations_dir = fileURLToPath(new URL("../../www/migrations/", import.meta.url));
  const d1_databases = [{ binding: "DB", database_name: "passdesk", database_id: "desk", migrations_dir }];
  const config = { name: "passdesk", compatibility_date: "2026-04-01", d1_databases };
  for (const place of ["old", "new"]) {
    await writeFile(join(folder, `${place}.json`), JSON.stringify(config));
  }
});
after(async () => {
  await built?.remove();
  if (folder) await rm(folder, { recursive: true, force: true });
});

const [ADA, ADAM] = ["ada@partner.example", "adam@partner.example"];
const WRANGLER = fileURLToPath(new URL("../../node_modules/wrangler/bin/wrangler.js", import.meta.url));
/** Where wrangler keeps the local D1 of a folder, unless told otherwise. */
const LOCAL = ".wrangler/state/v3/d1";

/** @param {string} place @param {...string} words */
async function wrangler(place, ...words) {
  const cwd = join(folder, place);
  await mkdir(cwd, { recursive: true });
  await copyFile(join(folder, `${place}.json`), join(cwd, "wrangler.json"));
  const { stdout } = await promisify(execFile)(process.execPath, [WRANGLER, ...words, "--config", "wrangler.json"], {
    cwd,
    // Its own, so that nothing of this machine's settings counts.
    env: /** @type {any} */ ({
      PATH: process.env.PATH,
      HOME: folder,
      XDG_CONFIG_HOME: folder,
      CI: "1",
      NO_COLOR: "1",
      WRANGLER_SEND_METRICS: "false",
      WRANGLER_LOG_PATH: join(folder, "logs"),
      // Whatever is asked for over the network fails.
      HTTP_PROXY: "http://127.0.0.1:9",
      HTTPS_PROXY: "http://127.0.0.1:9",
    }),
    timeout: 60_000,
  });
  return stdout;
}

/** @param {string} place */
const persistOf = (place) => join(folder, place, LOCAL);

const SCHEMA =
  "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'd1_%' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%' ORDER BY type, name";

/** Comments may stand or go; they are no part of a table. @param {any[]} rows */
const bare = (rows) =>
  rows.map((row) => ({ ...row, sql: row.sql?.replace(/--.*$/gmu, "").replace(/\s+/gu, " ").trim() }));

test("wrangler applies the migrations, once, and what comes of it is what the tests run on", async () => {
  const applied = await wrangler("old", "d1", "migrations", "apply", "DB", "--local");
  const files = await readdir(new URL("../../www/migrations/", import.meta.url));
  assert.ok(files.length > 1);
  for (const file of files) assert.match(applied, new RegExp(`${file}.*✅`));
  assert.match(await wrangler("old", "d1", "migrations", "apply", "DB", "--local"), /No migrations to apply/);
  const listed = await wrangler("old", "d1", "execute", "DB", "--local", "--json", "--command", SCHEMA);
  const [{ results }] = JSON.parse(listed);
  const stage = await openStage(built);
  try {
    const own = await (await stage.database()).prepare(SCHEMA).all();
    assert.ok(results.some((/** @type {{ name: string }} */ { name }) => name === "audit_next_row"));
    assert.deepEqual(bare(results), bare(own.results));
  } finally {
    await stage.close();
  }
});

const NOTE = "The corner of the photo looks lifted.";

/** How many cases there are, as the metrics have it. @param {Awaited<ReturnType<typeof openStage>>} stage */
const countsOf = async (stage) => (await stage.as(ADAM, "/desk/metrics")).text.match(/^passdesk_cases.+$/gmu) ?? [];

test("a copy of the database in a new one: the audit is whole, the desk goes on, no row can be changed", async () => {
  const old = await openStage(built, { persist: persistOf("old"), migrate: false });
  /** @type {any} */
  let before_;
  try {
    const verdict = { status: "partner-pass", reason: "all-good", note: NOTE };
    const status = (/** @type {string} */ id) => `/partner/piirequest/${id}/status`;
    await old.open("abc123", "passport", "id-card");
    await old.as(ADA, "/partner/piirequest/abc123");
    await old.as(ADA, status("abc123"), { method: "PUT", body: JSON.stringify(verdict) });
    await until(async () => (await old.as(ADA, "/desk/cases/abc123")).json.case === "closed");
    await old.as(ADA, "/desk/cases/passport/claim", { method: "POST", body: "{}" });
    const cases = (await old.as(ADA, "/desk/cases")).json.cases;
    const verified = (await old.as(ADAM, "/desk/audit/verify")).json;
    const audit = (await old.as(ADAM, "/desk/audit?format=ndjson")).text;
    before_ = { cases, verified, audit, counts: await countsOf(old) };
    assert.equal(before_.counts.length, 3, "of each phase");
    assert.deepEqual([verified.ok, verified.checked >= 6], [true, true]);
  } finally {
    await old.close();
  }
  const copy = join(folder, "copy.sql");
  await wrangler("old", "d1", "export", "passdesk", "--local", "--output", copy);
  const dump = await readFile(copy, "utf8");
  assert.ok(/INSERT INTO "?notes"?/u.test(dump) && !dump.includes("lifted"), "a note goes along, sealed");
  await wrangler("new", "d1", "execute", "DB", "--local", "--yes", "--file", copy);
  assert.match(await wrangler("new", "d1", "migrations", "apply", "DB", "--local"), /No migrations to apply/);

  const now = await openStage(built, { persist: persistOf("new"), migrate: false });
  try {
    assert.deepEqual((await now.as(ADA, "/desk/cases")).json.cases, before_.cases);
    assert.deepEqual((await now.as(ADAM, "/desk/audit/verify")).json, before_.verified);
    assert.equal((await now.as(ADAM, "/desk/audit?format=ndjson")).text, before_.audit);
    const { decision, note } = (await now.as(ADA, "/desk/cases/abc123")).json;
    assert.deepEqual(note, { by: ADA, at: decision.at, text: NOTE }, "the same secret opens it");
    assert.deepEqual(await countsOf(now), before_.counts, "what triggers count is not counted twice");
    assert.equal((await now.as(ADA, "/desk/cases/id-card/claim", { method: "POST", body: "{}" })).status, 200);
    const after_ = (await now.as(ADAM, "/desk/audit/verify")).json;
    assert.deepEqual([after_.ok, after_.checked], [true, before_.verified.checked + 1], "the chain goes on");
    const database = await now.database();
    for (const statement of [
      "UPDATE audit SET actor = 'eve' WHERE seq = 1",
      "DELETE FROM audit WHERE seq = 1",
      "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 1",
    ]) {
      await assert.rejects(database.prepare(statement).run(), /audit: /, statement);
    }
  } finally {
    await now.close();
  }
});
