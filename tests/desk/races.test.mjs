// @ts-check
// Many people, many isolates and a power cut meet over the same cases. Whoever comes second is told who was first, and each
// verdict reaches Civic once.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openIsolates } from "./isolates.mjs";
import { build, openStage } from "./stage.mjs";

/** @typedef {Awaited<ReturnType<typeof openIsolates>>} Isolates */
/** @typedef {{ prepare(sql: string): { run(): Promise<unknown> } }} Database */

/** @type {Awaited<ReturnType<typeof build>>} */
let built;
before(async () => {
  built = await build();
});
after(() => built?.remove());

/** Whatever hangs ends here, and says so. */
const LIMIT = { timeout: 120_000 };
const ADAM = "adam@partner.example";
const REVIEWERS = Array.from({ length: 20 }, (_, i) => `r${i}@reviewers.example`);
const VERDICTS = /** @type {const} */ (["partner-pass", "partner-fail"]);

/** @param {number} count @param {number} [from] */
const people = (count, from = 1) =>
  Array.from({ length: count }, (_, i) => `person-${String(from + i).padStart(4, "0")}`);

/** @param {Parameters<typeof openIsolates>[1]} options @param {(stage: Isolates) => Promise<void>} story */
async function over(options, story) {
  const stage = await openIsolates(built, options);
  try {
    await story(stage);
  } finally {
    await stage.close();
  }
}

/** @param {Isolates} stage @param {number} isolate @param {string} who @param {string} id @param {string} status @param {string} [key] */
const decide = (stage, isolate, who, id, status, key) =>
  stage.at(isolate, who, `/partner/piirequest/${id}/status`, {
    method: "PUT",
    body: JSON.stringify({ status }),
    headers: { "idempotency-key": key },
  });
/** @param {Isolates} stage @param {number} isolate @param {string} who @param {string} id */
const undo = (stage, isolate, who, id) =>
  stage.at(isolate, who, `/partner/piirequest/${id}/status`, { method: "DELETE" });
/** @param {Isolates} stage @param {string} id */
const one = async (stage, id) => (await stage.at(0, ADAM, `/desk/cases/${id}`)).json;
/** @param {Isolates} stage @param {string} id @returns {Promise<{ action: string, by: string, detail: string }[]>} */
const trail = async (stage, id) => (await stage.at(0, ADAM, `/desk/audit?case=${id}&limit=1000`)).json.rows;
/** @param {Isolates} stage */
const intact = async (stage) => (await stage.at(0, ADAM, "/desk/audit/verify")).json;

/** Everybody is known to every isolate before the race begins, so that none starts late. @param {Isolates} stage @param {number} count */
const warm = (stage, count) =>
  Promise.all(REVIEWERS.flatMap((who) => Array.from({ length: count }, (_, i) => stage.at(i, who, "/desk/me"))));

/** Time travel: what waits, is leased or was put off is due now. @param {Database} database @param {string[]} states */
async function hurry(database, ...states) {
  await database
    .prepare(
      `UPDATE cases SET version = version + 1, due_at = 1, state = json_set(json_replace(state, '$.delivery.sendAfter', 1,
         '$.decision.sendAfter', 1, '$.decision.at', 0, '$.delivery.until', 1, '$.delivery.notBefore', 1), '$.version', version + 1)
       WHERE delivery IN (${states.map((state) => `'${state}'`).join(", ")})`,
    )
    .run();
}

/** Chance that can be repeated (mulberry32). @param {number} seed */
function seeded(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 4_294_967_296;
  };
}

test(
  "twenty reviewers at four isolates, opposite verdicts on five cases at once: one wins, nineteen are told who",
  LIMIT,
  async () => {
    await over({ count: 4 }, async (stage) => {
      const ids = people(5);
      await stage.open(ids);
      await warm(stage, 4);
      const asked = REVIEWERS.flatMap((who, i) =>
        ids.map(async (id, j) => {
          const verdict = VERDICTS[(i + j) % 2] ?? "";
          return { id, who, verdict, answer: await decide(stage, i, who, id, verdict) };
        }),
      );
      const answers = await Promise.all(asked);
      for (const id of ids) {
        const { decision } = await one(stage, id);
        const first = { status: decision.verdict, by: decision.by, at: decision.at };
        const decided = (await trail(stage, id)).filter(({ action }) => action === "decided");
        assert.deepEqual(
          decided.map(({ by }) => by),
          [decision.by],
          "one row says who decided",
        );
        const told = answers.filter((entry) => entry.id === id);
        assert.equal(told.length, 20);
        for (const { who, verdict, answer } of told) {
          assert.deepEqual(answer.json.decision, first, `${who} is told who won`);
          assert.equal(answer.status, verdict === first.status ? 202 : 409, `${who}: ${answer.text}`);
          assert.equal(answer.json.error, verdict === first.status ? undefined : "conflict");
        }
        const won = told.find(({ who }) => who === first.by);
        assert.equal(won?.verdict, first.status, "the winner's own verdict");
      }
      await hurry(stage.database, "waiting");
      await Promise.all([0, 1, 2, 3].map((isolate) => stage.sweep(isolate)));
      for (const id of ids) {
        assert.deepEqual(stage.puts(id), [200], id);
        assert.equal(await stage.statusOf(id), (await one(stage, id)).decision.verdict);
      }
      assert.equal((await intact(stage)).ok, true);
    });
  },
);

test("sixty decisions on sixty cases at once: the one chain of the audit turns nobody away", LIMIT, async () => {
  await over({ count: 4 }, async (stage) => {
    const ids = people(60);
    await stage.open(ids);
    await warm(stage, 4);
    const answers = await Promise.all(
      ids.map((id, i) => decide(stage, i, REVIEWERS[i % 20] ?? "", id, VERDICTS[i % 2] ?? "")),
    );
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([202]));
    const { ok, checked, complete } = await intact(stage);
    assert.deepEqual([ok, complete, checked], [true, true, 120], "opened and decided, sixty times");
  });
});

test("the same click twenty times over: one decision, one answer", LIMIT, async () => {
  await over({ count: 4 }, async (stage) => {
    await stage.open(["abc123"]);
    await warm(stage, 4);
    const who = REVIEWERS[0] ?? "";
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => decide(stage, i, who, "abc123", "partner-pass", "click-1")),
    );
    for (const answer of answers) assert.deepEqual([answer.status, answer.json], [202, answers[0]?.json]);
    assert.equal((await trail(stage, "abc123")).filter(({ action }) => action === "decided").length, 1);
  });
});

test("twenty reach for one claim: one holds it, nineteen are told who", LIMIT, async () => {
  await over({ count: 4 }, async (stage) => {
    await stage.open(["abc123"]);
    await warm(stage, 4);
    const answers = await Promise.all(
      REVIEWERS.map((who, i) => stage.at(i, who, "/desk/cases/abc123/claim", { method: "POST", body: "{}" })),
    );
    const { claim } = await one(stage, "abc123");
    for (const [i, { status, json }] of answers.entries()) {
      if (REVIEWERS[i] === claim.by) assert.deepEqual([status, json], [200, { id: "abc123", claim }]);
      else assert.deepEqual([status, json], [409, { error: "claimed", by: claim.by, until: claim.until }]);
    }
    assert.equal((await trail(stage, "abc123")).filter(({ action }) => action === "claimed").length, 1);
  });
});

test("the two-person rule under a race: the decider is never the second, and one approval counts", LIMIT, async () => {
  await over({ count: 4, settings: { DESK_TWO_PERSON: "true" } }, async (stage) => {
    await stage.open(["abc123"]);
    await warm(stage, 4);
    await Promise.all(REVIEWERS.map((who, i) => decide(stage, i, who, "abc123", "partner-pass")));
    const decider = (await one(stage, "abc123")).decision.by;
    const answers = await Promise.all(
      REVIEWERS.map((who, i) =>
        stage.at(i, who, "/desk/cases/abc123/approve", { method: "POST", body: '{"status":"partner-pass"}' }),
      ),
    );
    const { decision } = await one(stage, "abc123");
    assert.notEqual(decision.approval.by, decider);
    const refused = answers.filter(({ status }) => status === 403);
    assert.deepEqual([answers[REVIEWERS.indexOf(decider)]?.json.why, refused.length], ["second_person", 1]);
    assert.equal((await trail(stage, "abc123")).filter(({ action }) => action === "approved").length, 1);
    await hurry(stage.database, "waiting");
    await Promise.all([stage.sweep(0), stage.sweep(1)]);
  });
});

for (const [moment, method] of /** @type {const} */ ([
  ["while the sender reads the status", "GET"],
  ["while the PUT is on its way", "PUT"],
])) {
  test(`undo ${moment}: too late, and the verdict is sent once`, LIMIT, async () => {
    /** @type {(value?: unknown) => void} */
    let go = () => {};
    /** @type {(value?: unknown) => void} */
    let arrived = () => {};
    const held = new Promise((resolve) => {
      arrived = resolve;
    });
    const released = new Promise((resolve) => {
      go = resolve;
    });
    let armed = false;
    await over(
      {
        count: 2,
        async intercept(request, answer) {
          if (armed && request.method === method && request.url.includes("abc123")) {
            armed = false;
            arrived();
            await released;
          }
          return answer();
        },
      },
      async (stage) => {
        try {
          const who = REVIEWERS[0] ?? "";
          await stage.open(["abc123"]);
          assert.equal((await decide(stage, 0, who, "abc123", "partner-fail")).status, 202);
          await hurry(stage.database, "waiting");
          armed = true;
          const sweep = stage.sweep(1);
          await Promise.race([held, sweep.then(() => assert.fail("nothing was sent"))]);
          const late = await undo(stage, 0, who, "abc123");
          assert.deepEqual([late.status, late.json.error], [409, "too_late"]);
          go();
          await sweep;
          assert.deepEqual(stage.puts("abc123"), [200]);
          assert.equal((await one(stage, "abc123")).delivery.state, "delivered");
          assert.equal((await undo(stage, 0, who, "abc123")).status, 409);
          assert.equal(await stage.statusOf("abc123"), "partner-fail");
        } finally {
          go();
        }
      },
    );
  });
}

test("undo after a try that may have been applied: too late", LIMIT, async () => {
  await over({ count: 1 }, async (stage) => {
    const [id, who] = ["abc123~status.apply-then-500x1", REVIEWERS[0] ?? ""];
    await stage.open([id]);
    await decide(stage, 0, who, id, "partner-pass");
    await hurry(stage.database, "waiting");
    await stage.sweep(0);
    assert.equal((await one(stage, id)).delivery.state, "retrying");
    assert.equal((await undo(stage, 0, who, id)).status, 409);
    await hurry(stage.database, "retrying");
    await stage.sweep(0);
    assert.deepEqual([(await one(stage, id)).delivery.state, stage.puts(id).length], ["delivered", 1]);
  });
});

test(
  "thirty undos against sweeps at two isolates as the window closes: undone and never sent, or sent and not undone",
  LIMIT,
  async (t) => {
    await over({ count: 3 }, async (stage) => {
      const ids = people(30);
      const who = REVIEWERS[0] ?? "";
      await stage.open(ids);
      await Promise.all(ids.map((id, i) => decide(stage, i, who, id, VERDICTS[i % 2] ?? "")));
      // All windows close at one moment, when everybody is there.
      const closes = Date.now() + 3000;
      await stage.database
        .prepare(
          `UPDATE cases SET version = version + 1, due_at = ?1, state = json_set(state, '$.version', version + 1,
         '$.delivery.sendAfter', ?1, '$.decision.sendAfter', ?1)`,
        )
        .bind(closes)
        .run();
      // The first ones go at once, so that a machine that is very busy does not make all of them too late.
      const moment = (/** @type {number} */ i) => (i < 4 ? -3000 : i >= 26 ? 500 : (i - 20) * 5);
      const undos = ids.map(async (id, i) => {
        await new Promise((resolve) => setTimeout(resolve, closes + moment(i) - Date.now()));
        return { id, answer: await undo(stage, 2, who, id) };
      });
      await new Promise((resolve) => setTimeout(resolve, closes - 30 - Date.now()));
      const due = stage.database.prepare("SELECT count(*) AS count FROM cases WHERE due_at IS NOT NULL");
      // However soon the first ones look, before anything is due.
      for (const end = closes + 60_000; Date.now() < end && Number(await due.first("count")) > 0; ) {
        await Promise.all([stage.sweep(0), stage.sweep(1)]);
      }
      const count = { undone: 0, sent: 0 };
      for (const { id, answer } of await Promise.all(undos)) {
        const { case: phase, delivery } = await one(stage, id);
        if (answer.status === 200) {
          assert.deepEqual([phase, stage.puts(id)], ["open", []], id);
          count.undone += 1;
        } else {
          assert.deepEqual([answer.status, answer.json.error], [409, "too_late"], id);
          assert.deepEqual([delivery.state, stage.puts(id)], ["delivered", [200]], id);
          count.sent += 1;
        }
      }
      t.diagnostic(`${count.undone} undone, ${count.sent} sent`);
      assert.ok(count.undone > 0 && count.sent > 0, "both came about");
      assert.equal((await intact(stage)).ok, true);
    });
  },
);

test(
  "two sweeps at once over 60 rows, each waiting for the other at Civic's door: no verdict is sent twice",
  LIMIT,
  async (t) => {
    // A sweep does one thing after the other, so two requests at a time are two sweeps.
    let [inside, together, looked, sweeping] = [0, 0, 0, 0];
    /** @type {(() => void) | undefined} */
    let other;
    let armed = false;
    /** @type {Map<string, number>} */
    const applied = new Map();
    await over(
      {
        count: 2,
        async intercept(request, answer) {
          const { pathname } = new URL(request.url);
          if (!armed || !pathname.startsWith("/partner/")) return answer();
          inside += 1;
          looked += 1;
          try {
            if (inside === 2) {
              together += 1;
              other?.();
            } else if (sweeping === 2) {
              // Until the other one comes, or has ended: then nobody comes.
              await new Promise((resolve) => {
                other = () => resolve(undefined);
              });
            }
            const response = await answer();
            if (request.method === "PUT") {
              const id = pathname.split("/")[3] ?? "";
              applied.set(id, (applied.get(id) ?? 0) + 1);
            }
            return response;
          } finally {
            inside -= 1;
          }
        },
      },
      async (stage) => {
        const ids = people(60);
        await stage.open(ids);
        for (const [i, id] of ids.entries()) {
          assert.equal((await decide(stage, i, REVIEWERS[i % 20] ?? "", id, VERDICTS[i % 2] ?? "")).status, 202);
        }
        await hurry(stage.database, "waiting");
        armed = true;
        const due = stage.database.prepare("SELECT count(*) AS count FROM cases WHERE due_at IS NOT NULL");
        const sweep = async (/** @type {number} */ isolate) => {
          await stage.sweep(isolate);
          sweeping -= 1;
          other?.();
        };
        let runs = 0;
        for (; runs < 30 && Number(await due.first("count")) > 0; runs += 1) {
          sweeping = 2;
          await Promise.all([sweep(0), sweep(1)]);
        }
        t.diagnostic(`${runs} times two sweeps, ${together} of ${looked} requests beside another's`);
        assert.ok(together >= 30, `they did meet: ${together}`);
        for (const [i, id] of ids.entries()) {
          assert.deepEqual([applied.get(id), stage.puts(id)], [1, [200]], id);
          assert.equal(await stage.statusOf(id), VERDICTS[i % 2], id);
          assert.equal((await one(stage, id)).delivery.state, "delivered", id);
          const sent = (await trail(stage, id)).filter(({ action }) => action === "delivered");
          assert.equal(sent.length, 1, id);
        }
        assert.equal((await intact(stage)).ok, true);
      },
    );
  },
);

test(
  "sweeps of four isolates at once over 60 verdicts, the token refused half-way: each is sent once",
  LIMIT,
  async (t) => {
    let refused = 0;
    /** @type {Set<string>} */
    const revoked = new Set();
    /** @type {Set<string>} */
    const seen = new Set();
    let puts = 0;
    await over(
      {
        count: 4,
        async intercept(request, answer) {
          const token = request.headers.get("authorization") ?? "";
          if (request.method === "PUT") {
            puts += 1;
            // From here on Civic wants to hear nothing of the tokens that it has given so far.
            if (puts === 20) for (const old of seen) revoked.add(old);
          }
          if (revoked.has(token)) {
            refused += 1;
            return Response.json({ error: "unauthorized" }, { status: 401 });
          }
          if (token !== "") seen.add(token);
          return answer();
        },
      },
      async (stage) => {
        const ids = people(60);
        await stage.open(ids);
        for (const [i, id] of ids.entries()) {
          assert.equal((await decide(stage, i, REVIEWERS[i % 20] ?? "", id, VERDICTS[i % 2] ?? "")).status, 202);
        }
        await hurry(stage.database, "waiting");
        const left = async () => (await stage.at(0, ADAM, "/desk/cases?state=decided&limit=200")).json.cases.length;
        for (let run = 0; run < 40 && (await left()) > 0; run += 1) {
          await Promise.all([0, 1, 2, 3].map((isolate) => stage.sweep(isolate)));
          await hurry(stage.database, "retrying");
          // Where the store held another token that is refused as well, a person has the last word.
          for (const { id } of (await stage.at(0, ADAM, "/desk/cases?state=dead")).json.cases) {
            const { status } = await stage.at(0, REVIEWERS[0] ?? "", `/desk/cases/${id}/retry`, {
              method: "POST",
              body: "{}",
            });
            assert.equal(status, 202);
          }
          await hurry(stage.database, "waiting");
        }
        for (const [i, id] of ids.entries()) {
          const { delivery } = await one(stage, id);
          assert.deepEqual(
            [delivery.state, stage.puts(id)],
            ["delivered", [200]],
            `${id}: ${JSON.stringify(delivery)}`,
          );
          assert.equal(await stage.statusOf(id), VERDICTS[i % 2], id);
        }
        assert.ok(refused > 0, "the token was refused on the way");
        const tokens = stage.sandbox.calls.filter(({ route }) => route === "token").length;
        t.diagnostic(`${refused} refused, ${tokens} tokens exchanged`);
        assert.ok(tokens <= 2 * 4 + 1, `an isolate exchanges one token a time: ${tokens}`);
        assert.equal((await intact(stage)).ok, true);
      },
    );
  },
);

test(
  "all tokens revoked, and the store holds another one than the isolate: sent again, not given up",
  LIMIT,
  async () => {
    /** @type {Set<string>} */
    const seen = new Set();
    /** @type {Set<string>} */
    let revoked = new Set();
    await over(
      {
        count: 2,
        async intercept(request, answer) {
          const token = request.headers.get("authorization") ?? "";
          if (revoked.has(token)) return Response.json({ error: "unauthorized" }, { status: 401 });
          if (token !== "") seen.add(token);
          return answer();
        },
      },
      async (stage) => {
        await stage.open(["abc123"]);
        const who = REVIEWERS[0] ?? "";
        assert.equal((await stage.at(0, who, "/partner/piirequest/abc123")).status, 200);
        // The second isolate finds no token in the store, and leaves its own there.
        await stage.database.prepare("DELETE FROM tokens").run();
        assert.equal((await stage.at(1, who, "/partner/piirequest/abc123")).status, 200);
        assert.equal(seen.size, 2);
        await decide(stage, 0, who, "abc123", "partner-pass");
        await hurry(stage.database, "waiting");
        revoked = new Set(seen);
        for (let run = 0; run < 2; run += 1) {
          await stage.sweep(0);
          await hurry(stage.database, "retrying");
        }
        const { delivery } = await one(stage, "abc123");
        assert.deepEqual([delivery.state, stage.puts("abc123")], ["delivered", [200]], JSON.stringify(delivery));
      },
    );
  },
);

test("everything at once, with a bad upstream: what the desk said is what Civic has", LIMIT, async (t) => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  t.diagnostic(`SEED=${seed}`);
  const random = seeded(seed);
  /** @type {<T>(list: readonly T[]) => T} */
  const pick = (list) => /** @type {any} */ (list[Math.floor(random() * list.length)]);
  let calm = false;
  /** @type {Map<string, string[]>} */
  const applied = new Map();
  await over(
    {
      count: 3,
      settings: { DESK_UNDO_SECONDS: "1" },
      async intercept(request, answer) {
        const { pathname } = new URL(request.url);
        const luck = calm || !pathname.startsWith("/partner/") ? 1 : random();
        if (luck < 0.1) return Response.json({ error: "unavailable" }, { status: 503 });
        const body = request.method === "PUT" ? await request.clone().json() : undefined;
        const response = await answer();
        if (body !== undefined && response.ok) {
          const id = pathname.split("/")[3] ?? "";
          applied.set(id, [...(applied.get(id) ?? []), body.status]);
        }
        // It was done, but nobody hears of it.
        if (luck < 0.25) return Response.json({ error: "server_error" }, { status: 500 });
        if (luck < 0.4) await new Promise((resolve) => setTimeout(resolve, luck * 200));
        return response;
      },
    },
    async (stage) => {
      const ids = people(16);
      calm = true;
      await stage.open(ids);
      calm = false;
      /** @type {{ id: string, who: string, verdict: string, key: string }[]} */
      const accepted = [];
      const end = Date.now() + 5000;
      const reviewer = async (/** @type {string} */ who, /** @type {number} */ isolate) => {
        for (let click = 0; Date.now() < end; click += 1) {
          const [id, verdict, key, act] = [pick(ids), pick(VERDICTS), `${who}-${click}`, random()];
          if (act < 0.5) {
            const { status, json } = await decide(stage, isolate, who, id, verdict, key);
            assert.ok([200, 202, 409].includes(status), `decide: ${status}`);
            if (status === 202 && json.decision.by === who) accepted.push({ id, who, verdict, key });
          } else if (act < 0.8) {
            const { status } = await undo(stage, isolate, who, id);
            assert.ok([200, 403, 404, 409].includes(status), `undo: ${status}`);
          } else {
            const way = act < 0.9 ? "claim" : "release";
            const { status } = await stage.at(isolate, who, `/desk/cases/${id}/${way}`, { method: "POST", body: "{}" });
            assert.ok([200, 403, 409].includes(status), `${way}: ${status}`);
          }
          await new Promise((resolve) => setTimeout(resolve, random() * 60));
        }
      };
      const cron = async (/** @type {number} */ isolate) => {
        while (Date.now() < end) {
          await stage.sweep(isolate);
          await new Promise((resolve) => setTimeout(resolve, 200));
        }
      };
      await Promise.all([...REVIEWERS.slice(0, 8).map(reviewer), cron(0), cron(1)]);

      calm = true;
      const due = stage.database.prepare("SELECT count(*) AS count FROM cases WHERE phase = 'decided'");
      for (let run = 0; run < 20 && Number(await due.first("count")) > 0; run += 1) {
        await hurry(stage.database, "waiting", "retrying");
        await Promise.all([stage.sweep(0), stage.sweep(1)]);
      }
      let delivered = 0;
      for (const id of ids) {
        const { case: phase, decision, delivery } = await one(stage, id);
        const rows = (await trail(stage, id)).filter(({ action }) => action === "decided" || action === "undone");
        // A decision is made while there is none, and taken back while there is one.
        for (const [i, { action }] of rows.entries()) assert.equal(action, i % 2 === 0 ? "decided" : "undone", id);
        if (phase === "open") {
          assert.deepEqual([applied.get(id), rows.length % 2], [undefined, 0], id);
          continue;
        }
        delivered += 1;
        assert.equal(delivery.state, "delivered", id);
        assert.deepEqual(applied.get(id), [decision.verdict], id);
        assert.equal(await stage.statusOf(id), decision.verdict, id);
        assert.equal(rows.at(-1)?.by, decision.by, id);
        assert.ok(
          accepted.some((one) => one.id === id && one.who === decision.by && one.verdict === decision.verdict),
          `${id}: somebody was told that this was accepted`,
        );
      }
      t.diagnostic(`${accepted.length} decisions accepted, ${delivered} of ${ids.length} delivered`);
      assert.ok(delivered > 0);
      assert.equal((await intact(stage)).ok, true);
    },
  );
});

test("workerd killed again and again in the middle of sweeps: all 24 verdicts arrive, each once", LIMIT, async (t) => {
  const persist = await mkdtemp(join(tmpdir(), "passdesk-races-"));
  // Each step of a delivery in turn: at the look, at the PUT, and after it.
  const kills = [2, 3, 4, 7, 5, 6, 8, 9];
  let [asked, killed] = [0, 0];
  let deadly = Number.POSITIVE_INFINITY;
  /** @type {Map<string, number>} */
  const applied = new Map();
  const stage = await openStage(built, {
    persist,
    settings: { DESK_UNDO_SECONDS: "3600" },
    async intercept(request, answer) {
      asked += 1;
      const mine = asked === deadly;
      // On odd rounds Civic acts before the power goes, on even ones it never hears of it.
      if (mine && killed % 2 === 0) stage.kill();
      const response = mine && killed % 2 === 0 ? new Response(null, { status: 500 }) : await answer();
      if (request.method === "PUT" && response.status === 200) {
        const id = new URL(request.url).pathname.split("/")[3] ?? "";
        applied.set(id, (applied.get(id) ?? 0) + 1);
      }
      if (mine) {
        if (killed % 2 === 1) stage.kill();
        killed += 1;
      }
      return response;
    },
  });
  try {
    const ids = people(24);
    await stage.open(...ids);
    for (const [i, id] of ids.entries()) {
      const body = JSON.stringify({ status: VERDICTS[i % 2] });
      const { status } = await stage.as("ada@partner.example", `/partner/piirequest/${id}/status`, {
        method: "PUT",
        body,
      });
      assert.equal(status, 202);
    }
    await hurry(await stage.database(), "waiting");
    for (const kill of kills) {
      deadly = asked + kill;
      const before = killed;
      await stage.sweep().catch(() => {});
      deadly = Number.POSITIVE_INFINITY;
      if (killed > before) await stage.restart();
      // What the dead held is free once its lease is over, and what failed is due again.
      await hurry(await stage.database(), "leased", "retrying");
    }
    t.diagnostic(`killed ${killed} times, ${applied.size} of ${ids.length} applied by then`);
    assert.ok(killed >= 6, `killed ${killed} times only`);
    for (let run = 0; run < 10; run += 1) {
      await stage.sweep();
      await hurry(await stage.database(), "leased", "retrying");
    }
    for (const [i, id] of ids.entries()) {
      assert.equal(applied.get(id), 1, `${id} was applied once`);
      assert.equal(await stage.statusOf(id), VERDICTS[i % 2], id);
      assert.equal((await stage.as(ADAM, `/desk/cases/${id}`)).json.delivery.state, "delivered", id);
      const { rows } = (await stage.as(ADAM, `/desk/audit?case=${id}&limit=1000`)).json;
      const count = (/** @type {string} */ action) =>
        rows.filter((/** @type {any} */ row) => row.action === action).length;
      assert.deepEqual([count("decided"), count("delivered")], [1, 1], id);
    }
    assert.equal((await stage.as(ADAM, "/desk/audit/verify")).json.ok, true);
  } finally {
    await stage.close().catch(() => {});
    await rm(persist, { recursive: true, force: true });
  }
});
