// @ts-check
// A desk with 10,000 cases: the queue is listed, filtered and paged without a gap or a repeat, and the figures are printed.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { COUNTING, countsOf } from "./counting.mjs";
import { openIsolates } from "./isolates.mjs";
import { ask, build, DAPP, until } from "./stage.mjs";

const [ME, OTHER, ADAM] = ["r0@reviewers.example", "r1@reviewers.example", "adam@partner.example"];
/** Whatever hangs ends here, and says so. */
const LIMIT = { timeout: 120_000 };
const TOTAL = 10_000;
/** A page may take this long on the slowest machine; the figures say how long it took on this one. */
const PATIENCE_MS = 5000;
const OPENED = Date.UTC(2026, 0, 1);

/**
 * What the queue is made of: each kind is a real case that came about through the desk, and copies of it.
 *
 * @type {Record<string, { seed: string, count: number, phase: string, delivery: string, claimed?: string }>}
 */
const KINDS = {
  free: { seed: "person-0001", count: 6600, phase: "open", delivery: "none" },
  mine: { seed: "person-0002", count: 130, phase: "open", delivery: "none", claimed: ME },
  theirs: { seed: "person-0003", count: 70, phase: "open", delivery: "none", claimed: OTHER },
  waiting: { seed: "person-0004", count: 500, phase: "decided", delivery: "waiting" },
  delivered: { seed: "person-0005", count: 2600, phase: "closed", delivery: "delivered" },
  dead: { seed: "abc123~status.400", count: 60, phase: "decided", delivery: "dead" },
  conflict: { seed: "abc123~status.other-verdict-first", count: 40, phase: "decided", delivery: "conflict" },
};

/** @type {Awaited<ReturnType<typeof build>>} */
let built;
/** @type {Awaited<ReturnType<typeof openIsolates>>} */
let stage;
/** The id and kind of every case, in the queue's order. @type {{ id: string, kind: string, openedAt: number }[]} */
let queue = [];

before(async () => {
  built = await build(COUNTING);
  stage = await openIsolates(built, { count: 1 });
  await seedKinds();
  await copyKinds();
});
after(async () => {
  await stage?.close();
  await built?.remove();
});

async function seedKinds() {
  const { mine, theirs, waiting, delivered, dead, conflict } = KINDS;
  await stage.open(Object.values(KINDS).map(({ seed }) => seed));
  const post = (/** @type {string} */ who, /** @type {string} */ path) =>
    stage.at(0, who, path, { method: "POST", body: "{}" });
  assert.equal((await post(ME, `/desk/cases/${mine?.seed}/claim`)).status, 200);
  assert.equal((await post(OTHER, `/desk/cases/${theirs?.seed}/claim`)).status, 200);
  for (const kind of [waiting, delivered, dead, conflict]) {
    const path = `/partner/piirequest/${kind?.seed}/status`;
    const { status } = await stage.at(0, ME, path, { method: "PUT", body: '{"status":"partner-pass"}' });
    assert.equal(status, 202);
  }
  await stage.database
    .prepare(
      `UPDATE cases SET version = version + 1, due_at = 1, state = json_set(state, '$.version', version + 1,
       '$.delivery.sendAfter', 1, '$.decision.sendAfter', 1) WHERE delivery = 'waiting' AND id <> ?`,
    )
    .bind(waiting?.seed ?? "")
    .run();
  await stage.sweep(0);
  for (const { seed, delivery } of Object.values(KINDS)) {
    assert.equal((await stage.at(0, ADAM, `/desk/cases/${seed}`)).json.delivery.state, delivery, seed);
  }
}

/** Copies in an order that mixes the kinds, three at a time with one time of opening. */
async function copyKinds() {
  const kinds = Object.entries(KINDS).flatMap(([kind, { count }]) => Array.from({ length: count }, () => kind));
  // A stride without a common divisor visits each place once.
  queue = kinds.map((_, i) => {
    const openedAt = OPENED + Math.floor(i / 3) * 1000;
    return { id: `scale-${String(i).padStart(5, "0")}`, kind: kinds[(i * 3571) % TOTAL] ?? "", openedAt };
  });
  const { database } = stage;
  for (const [kind, { seed }] of Object.entries(KINDS)) {
    const copies = JSON.stringify(queue.filter((one) => one.kind === kind));
    await database
      .prepare(
        `INSERT INTO cases (id, version, state, phase, delivery, opened_at, closed_at, due_at, claimed_by, claimed_until)
         SELECT new.value ->> 'id', 1,
           json_set(old.state, '$.id', new.value ->> 'id', '$.version', 1, '$.openedAt', new.value ->> 'openedAt'),
           old.phase, old.delivery, new.value ->> 'openedAt', old.closed_at, old.due_at, old.claimed_by, old.claimed_until
         FROM json_each(?2) AS new JOIN cases AS old ON old.id = ?1`,
      )
      .bind(seed, copies)
      .run();
  }
  await database
    .prepare(`DELETE FROM cases WHERE id IN (${Object.values(KINDS).map(() => "?")})`)
    .bind(...Object.values(KINDS).map(({ seed }) => seed))
    .run();
  assert.equal(await database.prepare("SELECT count(*) AS count FROM cases").first("count"), TOTAL);
}

/**
 * All pages of a listing.
 *
 * @param {Record<string, string>} filter
 * @param {{ limit?: number, between?: (page: number) => Promise<unknown> }} [options]
 */
async function walk(filter, { limit, between } = {}) {
  /** @type {any[]} */
  const cases = [];
  /** @type {number[]} */
  const times = [];
  let bytes = 0;
  for (let cursor; cursor !== null; ) {
    const query = new URLSearchParams({
      ...filter,
      ...(limit !== undefined && { limit: String(limit) }),
      ...(cursor !== undefined && { cursor }),
    });
    const began = performance.now();
    const answer = await stage.at(0, ME, `/desk/cases?${query}`);
    times.push(performance.now() - began);
    assert.equal(answer.status, 200, answer.text.slice(0, 200));
    assert.ok(answer.json.cases.length <= (limit ?? 50));
    bytes = Math.max(bytes, answer.bytes.length);
    cases.push(...answer.json.cases);
    cursor = answer.json.cursor;
    assert.ok(times.length <= TOTAL, "the pages come to an end");
    await between?.(times.length);
  }
  times.sort((a, b) => a - b);
  const at = (/** @type {number} */ part) => times[Math.floor((times.length - 1) * part)] ?? 0;
  assert.ok(at(1) < PATIENCE_MS, `a page took ${at(1)} ms`);
  return {
    ids: cases.map(({ id }) => /** @type {string} */ (id)),
    cases,
    pages: times.length,
    bytes,
    median: at(0.5),
    worst: at(1),
  };
}

/** @param {Awaited<ReturnType<typeof walk>>} walked */
const figures = ({ ids, pages, bytes, median, worst }) =>
  `${ids.length} cases on ${pages} pages, ${median.toFixed(1)} ms a page (worst ${worst.toFixed(1)} ms), at most ${(bytes / 1024).toFixed(0)} KiB`;

/** @typedef {(kind: { phase: string, delivery: string, claimed?: string }, id: string) => boolean} Wanted */
/** @param {Wanted} wanted */
const expected = (wanted) =>
  queue.filter(({ kind, id }) => wanted(/** @type {any} */ (KINDS[kind]), id)).map(({ id }) => id);

test("all 10,000 are listed once, oldest first, on the largest pages", LIMIT, async (t) => {
  const walked = await walk({}, { limit: 200 });
  t.diagnostic(`everything: ${figures(walked)}`);
  assert.deepEqual(
    walked.ids,
    queue.map(({ id }) => id),
  );
  assert.equal(walked.pages, TOTAL / 200, "a last page that is full is known to be the last");
  for (const { id, openedAt } of [queue[0], queue[4999], queue[9999]].map((one) => one ?? assert.fail())) {
    assert.equal(walked.cases.find((one) => one.id === id)?.openedAt, openedAt);
  }
});

test("pages of other sizes hold the same cases, though three at a time were opened at once", LIMIT, async (t) => {
  const wanted = expected(({ phase }) => phase === "closed");
  for (const limit of [undefined, 7, 199]) {
    const walked = await walk({ state: "closed" }, limit === undefined ? {} : { limit });
    t.diagnostic(`closed, ${limit ?? "the usual"} a page: ${figures(walked)}`);
    assert.deepEqual(walked.ids, wanted);
    assert.equal(walked.pages, Math.ceil(wanted.length / (limit ?? 50)));
  }
});

/** @type {[Record<string, string>, Wanted][]} */
const FILTERS = [
  [{ state: "open" }, ({ phase }) => phase === "open"],
  [{ state: "decided" }, ({ phase }) => phase === "decided"],
  [{ state: "waiting" }, ({ delivery }) => delivery === "waiting"],
  [{ state: "delivered" }, ({ delivery }) => delivery === "delivered"],
  [{ state: "dead" }, ({ delivery }) => delivery === "dead"],
  [{ state: "conflict" }, ({ delivery }) => delivery === "conflict"],
  [{ state: "approval" }, () => false],
  [{ state: "none" }, ({ delivery }) => delivery === "none"],
  [{ state: "dead,approval" }, ({ delivery }) => delivery === "dead"],
  [{ claimed: "me" }, ({ claimed }) => claimed === ME],
  [{ claimed: "others" }, ({ claimed }) => claimed === OTHER],
  [{ state: "open", claimed: "none" }, ({ phase, claimed }) => phase === "open" && claimed === undefined],
  [{ state: "dead", claimed: "me" }, () => false],
  [{ state: "open,dead" }, ({ phase, delivery }) => phase === "open" || delivery === "dead"],
  [{ state: "decided,waiting,conflict" }, ({ phase }) => phase === "decided"],
  [{ state: "dead,conflict", claimed: "none" }, ({ delivery }) => delivery === "dead" || delivery === "conflict"],
  [{ state: "open,dead", claimed: "me" }, ({ claimed }) => claimed === ME],
  [{ prefix: "scale-099" }, (_, id) => id.startsWith("scale-099")],
  [{ prefix: "SCALE-099" }, () => false],
  [{ prefix: "scale-09999" }, (_, id) => id === "scale-09999"],
  [{ prefix: "scale-09", claimed: "me" }, ({ claimed }, id) => claimed === ME && id.startsWith("scale-09")],
  [{ prefix: "scale-099", state: "open" }, ({ phase }, id) => phase === "open" && id.startsWith("scale-099")],
  [
    { prefix: "scale-099", state: "open,dead" },
    ({ phase, delivery }, id) => (phase === "open" || delivery === "dead") && id.startsWith("scale-099"),
  ],
];
for (const [filter, wanted] of FILTERS) {
  const name = new URLSearchParams(filter).toString();
  test(`${name}: all that fit and no other, in order`, LIMIT, async (t) => {
    const walked = await walk(filter, { limit: 200 });
    t.diagnostic(`${name}: ${figures(walked)}`);
    assert.deepEqual(walked.ids, expected(wanted));
    const newest = await walk({ ...filter, sort: "newest" }, { limit: 200 });
    assert.deepEqual(newest.ids, walked.ids.toReversed());
  });
}

test("a walk while others work: nobody comes twice, and nobody who stays is missed", LIMIT, async () => {
  const open = expected(({ phase }) => phase === "open");
  const leaving = new Set(open.filter((_, i) => i % 500 === 3));
  const gone = [...leaving];
  // Between two pages a case is decided, somewhere in the queue.
  const walked = await walk(
    { state: "open" },
    {
      limit: 200,
      async between() {
        const id = gone.pop();
        if (id === undefined) return;
        const { status } = await stage.at(0, ADAM, `/desk/cases/${id}/release`, { method: "POST", body: "{}" });
        assert.ok([200, 403].includes(status), `release: ${status}`);
        const path = `/partner/piirequest/${id}/status`;
        const who = KINDS[queue.find((one) => one.id === id)?.kind ?? ""]?.claimed ?? ME;
        assert.equal((await stage.at(0, who, path, { method: "PUT", body: '{"status":"partner-pass"}' })).status, 202);
      },
    },
  );
  assert.equal(gone.length, 0, "all of them left while it went on");
  assert.equal(new Set(walked.ids).size, walked.ids.length, "nobody twice");
  assert.deepEqual(
    walked.ids.filter((id) => !leaving.has(id)),
    open.filter((id) => !leaving.has(id)),
  );
});

test("what the metrics say without counting is what a count says", LIMIT, async () => {
  const { text } = await stage.at(0, ADAM, "/desk/metrics");
  /** @param {string} sample */
  const told = (sample) => Number(new RegExp(`^${sample.replace(/[{}]/gu, "\\$&")} (.+)$`, "mu").exec(text)?.[1]);
  const { results } = await stage.database
    .prepare(
      `SELECT phase, delivery, count(*) AS count, min(opened_at) AS opened, min(json_extract(state, '$.decision.at')) AS decided
       FROM cases GROUP BY phase, delivery`,
    )
    .all();
  const groups = /** @type {{ phase: string, delivery: string, count: number, opened: number, decided: number }[]} */ (
    results
  );
  assert.ok(groups.length >= 5, "cases of every kind");
  for (const phase of ["open", "decided", "closed"]) {
    const counted = groups.filter((group) => group.phase === phase).reduce((sum, { count }) => sum + count, 0);
    assert.equal(told(`passdesk_cases{phase="${phase}"}`), counted, phase);
  }
  const age = (/** @type {number} */ at, /** @type {number} */ seconds) => Math.abs((Date.now() - at) / 1000 - seconds);
  const oldest = Math.min(...groups.filter(({ phase }) => phase === "open").map(({ opened }) => opened));
  assert.ok(age(oldest, told("passdesk_queue_age_seconds")) < 60);
  for (const { delivery, count, decided } of groups.filter(({ phase }) => phase === "decided")) {
    assert.equal(told(`passdesk_deliveries{state="${delivery}"}`), count, delivery);
    assert.ok(age(decided, told(`passdesk_delivery_age_seconds{state="${delivery}"}`)) < 60, delivery);
  }
});

/**
 * What D1 bills: five million rows a day on the Free plan, of which an idle desk's 1440 runs must leave nearly all
 * (https://developers.cloudflare.com/d1/platform/pricing/).
 */
test("a page, a hand-over, a scrape and an idle run read few rows, however full the desk", LIMIT, async (t) => {
  const { database } = stage;
  await database.batch([
    // Others wait at the open door, each later than now, and old sums of senders lie about.
    database.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
       INSERT INTO intake (request_id, received_at, next_at, standing, sender) SELECT 'waits-' || i, 1, 9e15, i % 3, 'sender-' || (i % 50) FROM n`,
    ),
    database.prepare("UPDATE intake_senders SET minute = 1"),
    database.prepare("UPDATE cases SET version = version + 1, due_at = 9e15 WHERE due_at IS NOT NULL"),
  ]);
  const url = stage.urlOf(0);
  const readBy = async () => (await countsOf(url)).last.rowsRead;
  /** @type {Record<string, number>} */
  const read = {};

  const pages = ["", ...FILTERS.map(([filter]) => new URLSearchParams(filter).toString())];
  const middle = btoa(JSON.stringify([OPENED + 1_700_000, "scale-05100"]));
  for (const query of [...pages, ...pages.map((page) => `${page}&cursor=${encodeURIComponent(middle)}`)]) {
    assert.equal((await stage.at(0, ME, `/desk/cases?${query}`)).status, 200);
    read[query.replace(/cursor=.*/u, "from the middle") || "everything"] = await readBy();
  }
  for (const [query, rows] of Object.entries(read)) {
    // A page of fifty and one more, each by way of an index; few are claimed, and those are sorted.
    assert.ok(rows <= 500, `${query}: ${rows} rows`);
  }

  const handOver = async (/** @type {string} */ requestId) => {
    const headers = { origin: DAPP, "content-type": "application/json" };
    const { status } = await ask(`${url}/desk/intake`, {
      method: "POST",
      headers,
      body: JSON.stringify({ requestId }),
    });
    assert.equal(status, 202);
    return readBy();
  };
  // What is done after the answer counts as well, if it is there yet.
  read["a hand-over, new"] = await handOver("person-0100");
  read["a hand-over, known"] = await handOver(queue[0]?.id ?? "");
  read["a hand-over, waiting"] = await handOver("waits-1");
  await until(async () => (await stage.at(0, ADAM, "/desk/cases/person-0100")).status === 200);

  assert.equal((await stage.at(0, ADAM, "/desk/metrics")).status, 200);
  read["a scrape"] = await readBy();

  await stage.sweep(0);
  await stage.sweep(0);
  const idle = (await countsOf(url)).runs.at(-1) ?? assert.fail();
  read["an idle run"] = idle.rowsRead;
  for (const [what, rows] of Object.entries(read))
    if (what.startsWith("a")) assert.ok(rows <= 60, `${what}: ${rows} rows`);
  assert.ok(idle.subrequests <= 3, `${idle.subrequests}`);
  assert.ok(idle.rowsRead * 1440 < 50_000, "a day of idle runs is a hundredth of what is free");
  t.diagnostic(
    Object.entries(read)
      .map(([what, rows]) => `${what}: ${rows}`)
      .join(", "),
  );
  await database.batch([
    database.prepare("DELETE FROM intake"),
    database.prepare("DELETE FROM cases WHERE id = 'person-0100'"),
  ]);
});

test("a time in the audit is found without a look at all of it", LIMIT, async (t) => {
  const { database } = stage;
  const head = await database.prepare("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").first();
  const [rows, minute, from] = [20_000, 60_000, Date.now() + 86_400_000];
  await database
    .prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
       INSERT INTO audit (seq, prev, at, case_id, action, actor, detail, hash)
       SELECT ?2 + i, iif(i = 1, ?3, ?5), ?4 + i * ${minute}, 'abc123', 'record-viewed', 'r' || (i % 2) || '@reviewers.example', '{}', ?5 FROM n`,
    )
    .bind(rows, head?.seq ?? 0, head?.hash ?? "", from, "1".repeat(64))
    .run();
  /** @param {number} i */
  const at = (i) => from + i * minute;
  /** @type {[string, number, number][]} */
  const windows = [
    [`since=${at(rows - 29)}`, rows - 29, rows],
    [`since=${at(9000)}&until=${at(9030)}`, 9000, 9029],
    [`since=${at(9000)}&until=${at(9030)}&by=${ME}`, 9000, 9029],
    [`since=${at(1)}&until=${at(31)}`, 1, 30],
    [`since=${at(rows + 1)}`, rows + 1, rows],
  ];
  /** @type {string[]} */
  const told = [];
  for (const [window, first, last] of windows) {
    for (const order of ["oldest", "newest"]) {
      const answer = await stage.at(0, ADAM, `/desk/audit?${window}&order=${order}`);
      assert.equal(answer.status, 200, answer.text);
      const found = answer.json.rows.map((/** @type {{ at: number }} */ row) => (row.at - from) / minute);
      const wanted = Array.from({ length: last - first + 1 }, (_, i) => first + i);
      const theirs = window.includes("by=") ? wanted.filter((i) => i % 2 === 0) : wanted;
      assert.deepEqual(found, order === "oldest" ? theirs : theirs.toReversed(), window);
      const { rowsRead } = (await countsOf(stage.urlOf(0))).last;
      assert.ok(rowsRead <= 500, `${window}, ${order} first: ${rowsRead} rows`);
      told.push(String(rowsRead));
    }
  }
  t.diagnostic(`rows read for thirty of ${rows}: ${told.join(", ")}`);
});

test("a run of the cron, the metrics and the health of so full a desk", LIMIT, async (t) => {
  const { database } = stage;
  // All of them are due at once; none of these ids is known to the sandbox, so each is a letter that cannot be delivered.
  await database
    .prepare(
      `UPDATE cases SET version = version + 1, due_at = 1, state = json_set(state, '$.version', version + 1,
       '$.delivery.sendAfter', 1, '$.decision.sendAfter', 1) WHERE delivery = 'waiting'`,
    )
    .run();
  const waiting = database.prepare("SELECT count(*) AS count FROM cases WHERE delivery = 'waiting'");
  const before = Number(await waiting.first("count"));
  const began = performance.now();
  await stage.sweep(0);
  const swept = performance.now() - began;
  await until(async () => Number(await waiting.first("count")) < before);
  const done = before - Number(await waiting.first("count"));
  assert.ok(done >= 1, "it gets something done");
  const { subrequests } = (await countsOf(stage.urlOf(0))).runs.at(-1) ?? assert.fail();
  assert.ok(subrequests > 25 && subrequests <= 50, `a run keeps to its fifty subrequests: ${subrequests}`);

  const times = [];
  for (const path of ["/desk/metrics", "/desk/health"]) {
    const asked = performance.now();
    const { status, text } = await stage.at(0, ADAM, path);
    times.push(`${path} ${(performance.now() - asked).toFixed(1)} ms`);
    assert.equal(status, 200);
    if (path.endsWith("metrics")) assert.match(text, /^passdesk_deliveries\{state="conflict"\} 40$/mu);
  }
  t.diagnostic(
    `${done} of ${before} due in one run of ${subrequests} subrequests and of ${swept.toFixed(0)} ms; ${times.join(", ")}`,
  );
  assert.ok(swept < 30_000);
});
