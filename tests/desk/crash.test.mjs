// @ts-check
// workerd is killed at each step of a delivery and started again over the same D1: every decision that was answered is
// delivered once, with the right value.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { build, openStage, until } from "./stage.mjs";

/**
 * The desk over a D1 that tells Civic's address before and after each batch that records something, and waits for the answer:
 * the power can go exactly there, or the connection to D1, where the answer is 503.
 */
const TELLING = `
const statement = (inner, values = []) => ({
  inner,
  values,
  bind: (...values) => statement(inner.bind(...values), values),
  first: () => inner.first(),
  run: () => inner.run(),
  all: () => inner.all(),
});
const ACTIONS = ["queued", "delivered", "decided"];
const database = (db, url) => ({
  prepare: (query) => statement(db.prepare(query)),
  async batch(statements) {
    const values = statements.flatMap(({ values }) => values);
    const action = ACTIONS.find((action) => values.includes(action));
    const tell = async (when) => {
      if (action === undefined) return;
      const { status } = await fetch(url + "/batch/" + action + "/" + when);
      if (status === 503) throw new Error("D1_ERROR: Network connection lost.");
    };
    await tell("before");
    const results = await db.batch(statements.map(({ inner }) => inner));
    await tell("after");
    return results;
  },
});
export default createReviewDesk({ settings: (env) => ({ ...env, DB: database(env.DB, env.CIVIC_BASE_URL) }) });`;

/** @type {Awaited<ReturnType<typeof build>>} */
let built;
/** @type {Awaited<ReturnType<typeof build>>} */
let telling;
before(async () => {
  built = await build();
  telling = await build(TELLING);
});
after(async () => {
  await built?.remove();
  await telling?.remove();
});

const [ADA, ADAM] = ["ada@partner.example", "adam@partner.example"];

/**
 * @param {(request: Request, answer: () => Promise<Response>, kill: () => void) => Promise<Response>} intercept
 * @param {(stage: Awaited<ReturnType<typeof openStage>>) => Promise<void>} story
 * @param {Record<string, string>} [settings]
 * @param {boolean} [tell]
 */
async function over(intercept, story, settings = {}, tell = false) {
  const persist = await mkdtemp(join(tmpdir(), "passdesk-crash-"));
  /** @type {Awaited<ReturnType<typeof openStage>>} */
  const stage = await openStage(tell ? telling : built, {
    persist,
    settings: { DESK_UNDO_SECONDS: "0", ...settings },
    intercept: (request, answer) => intercept(request, answer, () => stage.kill()),
  });
  try {
    await story(stage);
  } finally {
    await stage.close().catch(() => {});
    await rm(persist, { recursive: true, force: true });
  }
}

/** @param {Awaited<ReturnType<typeof openStage>>} stage @param {string} id @param {string} status */
const decide = (stage, id, status) =>
  stage.as(ADA, `/partner/piirequest/${id}/status`, {
    method: "PUT",
    body: JSON.stringify({ status }),
    headers: { "idempotency-key": `key-of-${id}` },
  });

/** @param {Awaited<ReturnType<typeof openStage>>} stage @param {string} id */
const one = async (stage, id) => (await stage.as(ADAM, `/desk/cases/${id}`)).json;

/** Time travel: the lease of the sender that died is over. @param {Awaited<ReturnType<typeof openStage>>} stage */
async function endLeases(stage) {
  await (await stage.database())
    .prepare(
      `UPDATE cases SET version = version + 1, due_at = 1,
       state = json_set(state, '$.version', version + 1, '$.delivery.until', 1) WHERE delivery = 'leased'`,
    )
    .run();
}

/** Time travel: the windows for an undo are over. @param {Awaited<ReturnType<typeof openStage>>} stage */
async function endWindows(stage) {
  await (await stage.database())
    .prepare(
      `UPDATE cases SET version = version + 1, due_at = 1, state = json_set(state, '$.version', version + 1,
       '$.delivery.sendAfter', 1, '$.decision.sendAfter', 1)`,
    )
    .run();
}

/** Sweeps until it is delivered, or nothing more would come. @param {Awaited<ReturnType<typeof openStage>>} stage @param {string} id */
async function deliver(stage, id) {
  for (let i = 0; i < 5 && (await one(stage, id)).delivery.state !== "delivered"; i += 1) {
    await endLeases(stage);
    await stage.sweep();
    await (await stage.database())
      .prepare(
        `UPDATE cases SET version = version + 1, due_at = 1,
         state = json_set(state, '$.version', version + 1, '$.delivery.notBefore', 1) WHERE delivery = 'retrying'`,
      )
      .run();
  }
  assert.equal((await one(stage, id)).delivery.state, "delivered");
}

/** @param {Awaited<ReturnType<typeof openStage>>} stage @param {string} id @param {string} status */
async function deliveredOnce(stage, id, status) {
  assert.equal(await stage.statusOf(id), status);
  assert.equal(stage.puts(id).filter((call) => call.status === 200).length, 1, "applied once");
  await stage.sweep();
  assert.equal(stage.puts(id).filter((call) => call.status === 200).length, 1, "and never again");
  const { ok } = (await stage.as(ADAM, "/desk/audit/verify")).json;
  assert.equal(ok, true);
  const { rows } = (await stage.as(ADAM, `/desk/audit?case=${id}`)).json;
  const count = (/** @type {string} */ action) => rows.filter((/** @type {any} */ row) => row.action === action).length;
  assert.deepEqual([count("decided"), count("delivered")], [1, 1]);
}

const straight = (/** @type {Request} */ _request, /** @type {() => Promise<Response>} */ answer) => answer();

test("killed around the batch: it is stored whole or not at all, and the repeat is one decision", async (t) => {
  let [stored, lost] = [0, 0];
  /** @type {"before" | "after" | undefined} */
  let deadly;
  await over(
    async (request, answer, kill) => {
      const [, about, action, when] = new URL(request.url).pathname.split("/");
      if (about !== "batch") return answer();
      if (action === "decided" && when === deadly) {
        deadly = undefined;
        kill();
      }
      return new Response(null);
    },
    async (stage) => {
      const ids = Array.from({ length: 8 }, (_, i) => `person-${String(i + 1).padStart(4, "0")}`);
      await stage.open(...ids);
      for (const [i, id] of ids.entries()) {
        const when = i % 2 === 0 ? "before" : "after";
        deadly = when;
        const answered = await decide(stage, id, "partner-pass").then(
          ({ status }) => status,
          () => undefined,
        );
        assert.deepEqual([deadly, answered], [undefined, undefined], "it was killed, and nobody was answered");
        await stage.restart();
        const now = await one(stage, id);
        const { rows } = (await stage.as(ADAM, `/desk/audit?case=${id}`)).json;
        const decided = rows.some((/** @type {any} */ row) => row.action === "decided");
        assert.equal(decided, now.decision !== null, "decision and audit row, both or none");
        assert.equal(decided, when === "after");
        if (decided) stored += 1;
        else lost += 1;
        const again = await decide(stage, id, "partner-pass");
        assert.equal(again.status, 202, again.text);
      }
      await endWindows(stage);
      for (const id of ids) await deliver(stage, id);
      for (const id of ids) await deliveredOnce(stage, id, "partner-pass");
    },
    { DESK_UNDO_SECONDS: "3600" },
    true,
  );
  t.diagnostic(`${stored} stored when it was killed, ${lost} not yet`);
  assert.deepEqual([stored, lost], [4, 4]);
});

test("killed after the batch, in the undo window: the cron delivers once it is over", async () => {
  await over(
    straight,
    async (stage) => {
      await stage.open("abc123");
      assert.equal((await decide(stage, "abc123", "partner-fail")).status, 202);
      stage.kill();
      await stage.restart();
      assert.equal((await one(stage, "abc123")).delivery.state, "waiting");
      await stage.sweep();
      assert.equal(stage.puts().length, 0, "not before the window is over");
      await endWindows(stage);
      await deliver(stage, "abc123");
      await deliveredOnce(stage, "abc123", "partner-fail");
    },
    { DESK_UNDO_SECONDS: "3600" },
  );
});

for (const [
  step,
  intercept,
] of /** @type {[string, (request: Request, answer: () => Promise<Response>, kill: () => void) => Promise<Response>][]} */ ([
  [
    "while the status is read",
    async (_request, answer, kill) => {
      kill();
      return answer();
    },
  ],
  [
    "in the middle of the PUT, before it is applied",
    async (_request, _answer, kill) => {
      kill();
      return new Response(null, { status: 500 });
    },
  ],
  [
    "after the PUT was applied, before its answer came",
    async (_request, answer, kill) => {
      const response = await answer();
      kill();
      return response;
    },
  ],
])) {
  test(`killed ${step}: delivered once, with the right value`, async () => {
    const method = step.includes("read") ? "GET" : "PUT";
    let armed = false;
    let killed = false;
    await over(
      async (request, answer, kill) => {
        if (!armed || killed || request.method !== method || !request.url.includes("abc123")) return answer();
        killed = true;
        return intercept(request, answer, kill);
      },
      async (stage) => {
        await stage.open("abc123");
        armed = true;
        // The kick follows the answer at once, so the answer itself may be lost with it.
        await decide(stage, "abc123", "partner-pass").catch(() => {});
        await until(() => killed);
        await stage.restart();
        assert.equal((await one(stage, "abc123")).delivery.state, "leased", "a lease without a sender");
        await stage.sweep();
        assert.equal((await one(stage, "abc123")).delivery.state, "leased", "others keep off until it is over");
        await deliver(stage, "abc123");
        await deliveredOnce(stage, "abc123", "partner-pass");
      },
    );
  });
}

test("killed after the PUT, before it was recorded: the status is read, and no second PUT is sent", async () => {
  let killed = false;
  await over(
    async (request, answer, kill) => {
      const { pathname } = new URL(request.url);
      if (!pathname.startsWith("/batch/")) return answer();
      // The Worker has Civic's answer, and is about to write it down.
      if (pathname === "/batch/delivered/before" && !killed) {
        killed = true;
        kill();
      }
      return new Response(null);
    },
    async (stage) => {
      await stage.open("abc123");
      await decide(stage, "abc123", "partner-fail").catch(() => {});
      await until(() => killed);
      assert.deepEqual(
        stage.puts("abc123").map(({ status }) => status),
        [200],
        "Civic has it",
      );
      await stage.restart();
      assert.equal((await one(stage, "abc123")).delivery.state, "leased", "and the desk does not know");
      await deliver(stage, "abc123");
      assert.equal((await one(stage, "abc123")).delivery.outcome, "already-applied");
      await deliveredOnce(stage, "abc123", "partner-fail");
      assert.equal(stage.puts("abc123").length, 1);
    },
    {},
    true,
  );
});

for (const when of ["before", "after"]) {
  test(`the connection to D1 is lost ${when} it is recorded that Civic has queued the verdict: it is not sent again`, async () => {
    let [puts, lost] = [0, 0];
    await over(
      async (request, answer) => {
        const { pathname } = new URL(request.url);
        if (request.method === "PUT") {
          puts += 1;
          return Response.json({ queued: true }, { status: 202 });
        }
        if (!pathname.startsWith("/batch/")) return answer();
        if (pathname !== `/batch/queued/${when}` || lost > 0) return new Response(null);
        lost += 1;
        return new Response(null, { status: 503 });
      },
      async (stage) => {
        await stage.open("abc123");
        await decide(stage, "abc123", "partner-pass");
        await until(() => lost === 1);
        const settled = async () => (await one(stage, "abc123")).delivery.state === "unconfirmed";
        await until(settled, 5000).catch(() => {});
        await endLeases(stage);
        await stage.sweep();
        assert.deepEqual([await settled(), puts], [true, 1]);
        assert.equal((await stage.as(ADAM, "/desk/audit/verify")).json.ok, true);
      },
      {},
      true,
    );
  });
}
