// @ts-check
// What the desk says of itself: a line for each request, found again by what its answer carried, and numbers to scrape.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, build, migrations, openStage, until } from "./stage.mjs";

/** @type {Awaited<ReturnType<typeof build>>} */
let built;
/** @type {Awaited<ReturnType<typeof openStage>>} */
let stage;
before(async () => {
  built = await build();
  stage = await openStage(built);
  await stage.open("abc123", "passport");
});
after(async () => {
  await stage?.close();
  await built?.remove();
});

const [ADA, ADAM] = ["ada@partner.example", "adam@partner.example"];
/** @param {string | undefined} trace @returns {Promise<any[]>} all lines about that request */
async function linesOf(trace) {
  const lines = () =>
    stage
      .output()
      .split("\n")
      .filter((line) => line.includes(String(trace)))
      .map((line) => JSON.parse(line.slice(line.indexOf("{"))));
  await until(() => lines().some(({ event }) => event === "request"));
  // Warnings come by another stream.
  await stage.logged();
  return lines();
}

test("the request id of an answer is that of its line in the log, whatever became of it", async () => {
  const takeBack = stage.sandbox.fault("pii.503");
  const failed = await stage.as(ADA, "/partner/piirequest/abc123");
  takeBack();
  const answers = {
    "GET /desk/cases/:id 200": await stage.as(ADA, "/desk/cases/abc123"),
    "GET /desk/cases/:id 404": await stage.as(ADA, "/desk/cases/nobody"),
    "GET /desk/me 401": await ask(`${stage.url}/desk/me`),
    "GET /desk/health 200": await ask(`${stage.url}/desk/health`),
    "POST /desk/intake 202": await stage.intake({ requestId: "passport" }),
    "GET /partner/piirequest/:id 502": failed,
    "GET /partner/piirequest/:id/evidence/:rel 200": await stage.as(
      ADA,
      "/partner/piirequest/abc123/evidence/idDocumentFront",
    ),
    "GET * 404": await stage.as(ADA, "/desk/nowhere/abc123"),
  };
  const traces = new Set(Object.values(answers).map(({ headers }) => headers["x-request-id"]));
  assert.equal(traces.size, Object.keys(answers).length, "each its own");
  for (const [what, { headers }] of Object.entries(answers)) {
    const lines = await linesOf(headers["x-request-id"]);
    const { event, level, method, route, status, trace, ms, ...more } = lines.find((line) => line.event === "request");
    assert.equal(`${method} ${route} ${status}`, what);
    assert.deepEqual([event, level, trace, more], ["request", "info", headers["x-request-id"], {}], what);
    assert.ok(Number.isInteger(ms) && ms >= 0);
    const others = lines
      .filter((line) => line.event !== "request")
      .map((line) => [line.event, line.reason ?? line.code]);
    const expected = /** @type {Record<string, string[][]>} */ ({
      "GET /desk/me 401": [["unauthenticated", "absent"]],
      "GET /partner/piirequest/:id 502": [["failed", "upstream"]],
    });
    assert.deepEqual(others, expected[what] ?? [], what);
  }
  assert.doesNotMatch(
    await stage.logged(),
    /abc123|nobody|passport|partner\.example|idDocumentFront/,
    "no path, no id, no person",
  );
  const own = await stage.as(ADA, "/desk/cases", { headers: { "x-request-id": "chosen-by-the-caller" } });
  assert.notEqual(own.headers["x-request-id"], "chosen-by-the-caller");
});

test("metrics: what is open, under way and closed, and its age", async () => {
  const database = await stage.database();
  const now = Date.now();
  const insert = (
    /** @type {string} */ id,
    /** @type {string} */ phase,
    /** @type {string} */ delivery,
    openedAt = now,
    at = now,
  ) =>
    database
      .prepare(
        "INSERT INTO cases (id, version, state, phase, delivery, opened_at, closed_at) VALUES (?, 1, ?, ?, ?, ?, ?)",
      )
      .bind(
        id,
        JSON.stringify({ decision: phase === "open" ? null : { at } }),
        phase,
        delivery,
        openedAt,
        phase === "closed" ? now : null,
      );
  await database.batch([
    insert("m-open", "open", "none", now - 500_000),
    insert("m-dead-1", "decided", "dead", now, now - 300_000),
    insert("m-dead-2", "decided", "dead", now - 900_000, now - 100_000),
    insert("m-retrying", "decided", "retrying", now, now - 200_000),
    insert("m-approval", "decided", "approval", now, now - 50_000),
    // By a clock that is ahead of the one that is asked.
    insert("m-ahead", "decided", "conflict", now, now + 3_600_000),
    insert("m-closed-1", "closed", "delivered", now - 900_000),
    insert("m-closed-2", "closed", "resolved", now - 900_000),
  ]);
  const scrape = async () => {
    const { text } = await stage.as(ADAM, "/desk/metrics");
    return Object.fromEntries(
      text
        .split("\n")
        .filter((line) => line !== "" && !line.startsWith("#"))
        .map((line) => /** @type {[string, number]} */ ([line.replace(/ \S+$/u, ""), Number(line.split(" ").at(-1))])),
    );
  };
  const told = await scrape();
  assert.deepEqual(
    Object.fromEntries(Object.entries(told).filter(([name]) => /^passdesk_(?:cases|deliveries)/u.test(name))),
    {
      'passdesk_cases{phase="closed"}': 2,
      'passdesk_cases{phase="decided"}': 5,
      'passdesk_cases{phase="open"}': 3,
      'passdesk_deliveries{state="approval"}': 1,
      'passdesk_deliveries{state="conflict"}': 1,
      'passdesk_deliveries{state="dead"}': 2,
      'passdesk_deliveries{state="retrying"}': 1,
    },
  );
  for (const [name, seconds] of /** @type {[string, number][]} */ ([
    ["passdesk_queue_age_seconds", 500],
    ['passdesk_delivery_age_seconds{state="dead"}', 300],
    ['passdesk_delivery_age_seconds{state="retrying"}', 200],
    ['passdesk_delivery_age_seconds{state="approval"}', 50],
  ])) {
    const value = told[name] ?? Number.NaN;
    assert.ok(value >= seconds && value < seconds + 60, `${name} ${value}`);
  }
  assert.equal(told['passdesk_delivery_age_seconds{state="conflict"}'], 0);
  assert.equal(told.passdesk_intake_waiting, 0);
  assert.ok(Number(told['passdesk_events_total{action="evidence-viewed"}']) >= 1);

  // Each way out of a kind, and into another.
  await database.batch([
    database.prepare("UPDATE cases SET version = 2, delivery = 'leased' WHERE id = 'm-dead-1'"),
    database.prepare("UPDATE cases SET version = 2, phase = 'closed', delivery = 'delivered' WHERE id = 'm-retrying'"),
    database.prepare("UPDATE cases SET version = 2, state = '{}' WHERE id = 'm-closed-2'"),
    database.prepare("DELETE FROM cases WHERE id IN ('m-open', 'm-closed-1')"),
  ]);
  const later = await scrape();
  assert.deepEqual(
    Object.fromEntries(Object.entries(later).filter(([name]) => /^passdesk_(?:cases|deliveries)/u.test(name))),
    {
      'passdesk_cases{phase="closed"}': 2,
      'passdesk_cases{phase="decided"}': 4,
      'passdesk_cases{phase="open"}': 2,
      'passdesk_deliveries{state="approval"}': 1,
      'passdesk_deliveries{state="conflict"}': 1,
      'passdesk_deliveries{state="dead"}': 1,
      'passdesk_deliveries{state="leased"}': 1,
    },
  );
  const oldest = later['passdesk_delivery_age_seconds{state="dead"}'] ?? Number.NaN;
  assert.ok(oldest >= 100 && oldest < 200, `the next one is the oldest now: ${oldest}`);
});

test("metrics of a desk that was there before its cases were counted", async () => {
  const own = await openStage(built, { migrate: false });
  try {
    const database = await own.database();
    const [older, counting] = migrations().reduce(
      ([before, from], statement) =>
        from.length > 0 || /TABLE case_counts/u.test(statement)
          ? [before, [...from, statement]]
          : [[...before, statement], from],
      /** @type {[string[], string[]]} */ ([[], []]),
    );
    assert.ok(older.length > 0 && counting.length > 1);
    await database.batch(older.map((statement) => database.prepare(statement)));
    await database
      .prepare(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12)
         INSERT INTO cases (id, version, state, phase, delivery, opened_at)
         SELECT 'old-' || i, 1, '{"decision":{"at":7}}', iif(i % 3, 'open', 'decided'), iif(i % 3, 'none', 'dead'), i FROM n`,
      )
      .run();
    await database.batch(counting.map((statement) => database.prepare(statement)));
    const { text } = await own.as(ADAM, "/desk/metrics");
    assert.match(text, /^passdesk_cases\{phase="open"\} 8$/mu);
    assert.match(text, /^passdesk_cases\{phase="decided"\} 4$/mu);
    assert.match(text, /^passdesk_deliveries\{state="dead"\} 4$/mu);
  } finally {
    await own.close();
  }
});
