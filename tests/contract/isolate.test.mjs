// @ts-check
// Promise 6 in a Worker isolate. A promise that was begun by one request hangs whoever awaits it from another once the
// first is gone; so the provider must share values, never pending promises, between requests.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startBackstage } from "../support/backstage.mjs";
import { createStage } from "../support/stage.mjs";
import { wranglerDev } from "../support/wrangler.mjs";

const main = fileURLToPath(new URL("../support/isolate.worker.mjs", import.meta.url));
const PII = { json: { id: "r1", type: "t", status: "verification-success", links: [] } };

describe("a token provider at module scope of a Worker", { concurrency: 1 }, () => {
  /** @type {Awaited<ReturnType<typeof startBackstage>>} */
  let backstage;
  before(async () => {
    backstage = await startBackstage();
  });
  after(() => backstage.close());

  /**
   * A fresh isolate in front of a token endpoint.
   *
   * @param {import("../support/lab.mjs").Answer | import("../support/lab.mjs").Answer[]} token
   * @param {(worker: { url: string }, seen: () => Promise<import("../support/lab.mjs").Seen[]>) => Promise<void>} act
   */
  async function isolate(token, act) {
    const stage = createStage({ passdesk: await import("passdesk"), runtime: "node", props: backstage.props });
    const upstream = await stage.upstream({
      routes: { "POST /oauth/token": token, "GET /partner/piirequest/r1": PII },
    });
    const worker = await wranglerDev({
      main,
      config: { vars: { TOKEN_URL: `${upstream.origin}/oauth/token`, BASE_URL: upstream.origin } },
    });
    try {
      await act(worker, upstream.seen);
    } finally {
      await worker.close();
      await stage.done();
    }
  }

  /**
   * Answers in time, or the request hangs. The bound is the time-out of the test, far above what a healthy call takes.
   *
   * @param {string} url
   * @param {number} [ms]
   */
  async function answers(url, ms = 2000) {
    const began = performance.now();
    const response = await fetch(url, { signal: AbortSignal.timeout(15_000) });
    const text = await response.text();
    assert.equal(response.status, 200, text);
    const took = performance.now() - began;
    assert.ok(took < ms, `answered after ${Math.round(took)} ms, more than ${ms}`);
    return JSON.parse(text);
  }

  const SLOW_THEN_FAST = [
    { json: { access_token: "slow", expires_in: 600, token_type: "Bearer" }, delay: 20_000 },
    { json: { access_token: "fast", expires_in: 600, token_type: "Bearer" } },
  ];

  /** @param {() => Promise<unknown[]>} seen @param {number} count */
  async function reached(seen, count) {
    for (let tries = 0; tries < 300 && (await seen()).length < count; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok((await seen()).length >= count, "the exchange began");
  }

  test("a client that disconnects in the middle of the exchange holds nobody up", { timeout: 120_000 }, () =>
    isolate(SLOW_THEN_FAST, async ({ url }, seen) => {
      const controller = new AbortController();
      const first = fetch(`${url}/pii`, { signal: controller.signal }).catch(() => undefined);
      await reached(seen, 1);
      controller.abort();
      await first;
      assert.equal((await answers(`${url}/pii`)).id, "r1");
      assert.equal((await answers(`${url}/pii`)).id, "r1", "and the token is kept for the next");
      assert.equal((await seen()).filter((it) => it.path === "/oauth/token").length, 2);
    }),
  );

  test("nor does a request that returns early", { timeout: 120_000 }, () =>
    isolate(SLOW_THEN_FAST, async ({ url }, seen) => {
      assert.equal(await (await fetch(`${url}/early`)).text(), "early");
      await reached(seen, 1).catch(() => {});
      const [one, two] = await Promise.all([answers(`${url}/pii`, 15_000), answers(`${url}/token`, 15_000)]);
      assert.equal(one.id, "r1");
      assert.ok(two.ms >= 0);
      await answers(`${url}/pii`);
    }),
  );

  test("nor a request that aborts its own wait", { timeout: 120_000 }, () =>
    isolate(SLOW_THEN_FAST, async ({ url }, seen) => {
      const controller = new AbortController();
      const first = fetch(`${url}/token?own-signal`, { signal: controller.signal }).catch(() => undefined);
      await reached(seen, 1);
      controller.abort();
      await first;
      await answers(`${url}/token?own-signal`);
    }),
  );

  test("requests at once are answered while another waits, and keep one token", { timeout: 120_000 }, () =>
    isolate(
      { json: { access_token: "t-{{n}}", expires_in: 600, token_type: "Bearer" }, delay: 300 },
      async ({ url }, seen) => {
        const all = await Promise.all(Array.from({ length: 8 }, () => answers(`${url}/pii`, 10_000)));
        assert.ok(all.every((it) => it.id === "r1"));
        const exchanges = (await seen()).filter((it) => it.path === "/oauth/token").length;
        assert.ok(exchanges >= 1 && exchanges <= 8, "at most one exchange a request");
        await answers(`${url}/pii`);
        assert.equal((await seen()).filter((it) => it.path === "/oauth/token").length, exchanges, "the value is kept");
      },
    ),
  );

  test("a failed exchange of one request is not the next one's failure", { timeout: 120_000 }, () =>
    isolate(
      [{ status: 401, json: {} }, { json: { access_token: "good", expires_in: 600, token_type: "Bearer" } }],
      async ({ url }) => {
        assert.equal((await fetch(`${url}/pii`)).status, 500);
        assert.equal((await answers(`${url}/pii`)).id, "r1");
      },
    ),
  );
});
