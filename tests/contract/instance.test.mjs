// @ts-check
// "No panic can cross the boundary; should one, the next call gets a fresh instance." A platform that throws where no
// platform does is the nearest thing to a panic that can be made from outside: it skips Rust's cleanup as a trap would.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eachAttestation, isPassdeskError, retrievePii, screenPii } from "passdesk";

const record = { id: "r1", type: "t", status: "verification-success", links: [] };
const fetch = async () => Response.json(record);

/**
 * @param {() => unknown} act
 * @returns {Promise<any>}
 */
async function withoutTimers(act) {
  const { setTimeout } = globalThis;
  globalThis.setTimeout = /** @type {any} */ (
    () => {
      throw new Error("no timers today");
    }
  );
  try {
    return await act();
  } finally {
    globalThis.setTimeout = setTimeout;
  }
}

test("a trap is an ordinary rejection, and the next call gets a fresh instance", async () => {
  assert.deepEqual(await retrievePii({ requestId: "r1", fetch }), record);
  const error = await withoutTimers(() => retrievePii({ requestId: "r1", fetch }).catch((thrown) => thrown));
  assert.ok(isPassdeskError(error), String(error));
  assert.equal(error.code, "load_failed");
  assert.equal(error.operation, "retrievePii");
  assert.ok(!error.message.includes("no timers today"));
  assert.deepEqual(await retrievePii({ requestId: "r1", fetch }), record, "a fresh one");
});

test("calls under way when another traps end, and do not hang", { timeout: 20_000 }, async () => {
  /** @type {(response: Response) => void} */
  let answer = () => {};
  const slow = retrievePii({ requestId: "r1", fetch: () => new Promise((resolve) => (answer = resolve)) });
  const ended = slow.then(
    () => "resolved",
    (thrown) => thrown.code,
  );
  await new Promise((resolve) => setTimeout(resolve, 20));
  await withoutTimers(() => retrievePii({ requestId: "r1", fetch }).catch(() => {}));
  assert.equal(await ended, "load_failed");
  answer(Response.json(record));
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(await screenPii({ pii: record, policy: {}, now: 0 }), []);
});

test("a walk whose instance is gone ends with an error", { timeout: 20_000 }, async () => {
  let page = 0;
  const pages = async () => {
    page += 1;
    return Response.json({ data: [{ uuid: `u${page}` }], meta: { page, per_page: 1, total: 50 } });
  };
  const walk = eachAttestation({ fetch: pages, perPage: 1, concurrency: 1 })[Symbol.asyncIterator]();
  assert.equal((await walk.next()).value.uuid, "u1");
  await withoutTimers(() => retrievePii({ requestId: "r1", fetch }).catch(() => {}));
  const error = await walk.next().catch((thrown) => thrown);
  assert.ok(error.code === "load_failed", JSON.stringify(error));
  assert.deepEqual(await walk.next(), { value: undefined, done: true });
});
