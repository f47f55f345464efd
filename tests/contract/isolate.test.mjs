// @ts-check
// Promise 6 in a Worker isolate. A promise that was begun by one request hangs whoever awaits it from another once the
// first is gone; so the provider must share values, never pending promises, between requests.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startBackstage } from "../support/backstage.mjs";
import { createStage } from "../support/stage.mjs";
import { bundle, serveBundle } from "../support/workerd.mjs";

/**
 * @typedef {import("../support/lab.mjs").Answer} Answer
 * @typedef {import("../support/lab.mjs").Seen} Seen
 */

const main = fileURLToPath(new URL("../support/isolate.worker.mjs", import.meta.url));
const PII = { json: { id: "r1", type: "t", status: "verification-success", links: [] } };
const FAST = { json: { access_token: "fast", expires_in: 600, token_type: "Bearer" } };
/**
 * The first exchange is never answered: whoever waits for it alone waits for ever.
 *
 * @type {Answer[]}
 */
const SLOW_THEN_FAST = [{ hang: "headers" }, FAST];

describe("a token provider at module scope of a Worker", { concurrency: 1 }, () => {
  /** @type {Awaited<ReturnType<typeof startBackstage>>} */
  let backstage;
  /** @type {Awaited<ReturnType<typeof bundle>>} */
  let bundled;
  before(async () => {
    backstage = await startBackstage();
    bundled = await bundle(main);
  });
  after(async () => {
    await backstage?.close();
    await bundled?.remove();
  });

  /**
   * A fresh isolate in front of a token endpoint.
   *
   * @param {Answer | Answer[]} token
   * @param {(url: string, exchanges: () => Promise<Seen[]>, held: () => Promise<Seen[]>) => Promise<void>} act
   * @param {string[]} [flags]
   */
  async function isolate(token, act, flags) {
    const stage = createStage({ passdesk: await import("passdesk"), runtime: "node", props: backstage.props });
    const upstream = await stage.upstream({
      routes: {
        "POST /oauth/token": token,
        "GET /partner/piirequest/r1": PII,
        "GET /partner/piirequest/busy": { status: 503, json: {} },
        "GET /partner/piirequest/hanging": { hang: "headers" },
        "GET /partner/piirequest/hanging/evidence/front": { text: "%PDF-1.7\n".padEnd(4000), hang: "body" },
      },
    });
    const vars = { TOKEN_URL: `${upstream.origin}/oauth/token`, BASE_URL: upstream.origin };
    const worker = await serveBundle(bundled.folder, vars, flags);
    try {
      const at = (/** @type {string} */ path) => async () =>
        (await upstream.seen()).filter((seen) => seen.path === path);
      await act(worker.url, at("/oauth/token"), at("/partner/piirequest/hanging"));
    } finally {
      await worker.close();
      await stage.done();
    }
  }

  /**
   * A client that can vanish. Its connection is reset, since workerd does not take a mere FIN for a disconnect.
   *
   * @param {string} url
   * @param {string} path
   */
  function visitor(url, path) {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.on("error", () => {});
    socket.write(`GET ${path} HTTP/1.1\r\nhost: worker\r\n\r\n`);
    return { vanish: () => socket.resetAndDestroy() };
  }

  /**
   * Answers, though an exchange is out that never will; and before the client itself would give that one up, at 30 s.
   *
   * @param {string} url
   */
  async function answers(url) {
    const response = await fetch(url, { signal: AbortSignal.timeout(15_000) });
    const text = await response.text();
    assert.equal(response.status, 200, text);
    return JSON.parse(text);
  }

  /** @param {() => Promise<unknown[]>} exchanges @param {number} count */
  async function begun(exchanges, count) {
    for (let tries = 0; tries < 500 && (await exchanges()).length < count; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.equal((await exchanges()).length, count, "exchanges that have begun");
  }

  const limit = { timeout: 60_000 };

  test("a client that vanishes in the middle of the exchange holds nobody up", limit, () =>
    isolate(SLOW_THEN_FAST, async (url, exchanges) => {
      const first = visitor(url, "/pii");
      await begun(exchanges, 1);
      first.vanish();
      assert.equal((await answers(`${url}/pii`)).id, "r1");
      assert.ok((await exchanges())[0]?.closed, "the first exchange is gone with its request");
      assert.equal((await answers(`${url}/pii`)).id, "r1", "and the token is kept for the next");
      assert.equal((await exchanges()).length, 2);
    }),
  );

  test("calls that a request left behind keep a trap from no call of another", limit, () =>
    isolate(FAST, async (url) => {
      assert.equal(await answers(`${url}/leave`), 200);
      assert.deepEqual(await answers(`${url}/trap`), ["load_failed", "load_failed", "resolved"]);
    }),
  );

  test("a trap in one request ends the calls of another that is still there", limit, () =>
    isolate(FAST, async (url, _, held) => {
      const other = answers(`${url}/hold`);
      await begun(held, 1);
      assert.deepEqual(await answers(`${url}/trap`), ["load_failed", "load_failed", "resolved"]);
      assert.equal(await other, "load_failed");
    }),
  );

  test("nor those who were waiting with it", limit, () =>
    isolate(SLOW_THEN_FAST, async (url, exchanges) => {
      const first = visitor(url, "/pii");
      await begun(exchanges, 1);
      const waiting = Promise.all([answers(`${url}/pii`), answers(`${url}/token`), answers(`${url}/pii`)]);
      await new Promise((resolve) => setTimeout(resolve, 500));
      first.vanish();
      assert.equal((await waiting).length, 3);
      assert.ok((await exchanges()).length <= 4, "at most one exchange a request");
    }),
  );

  test("nor does one after the other that vanishes", limit, () =>
    isolate([SLOW_THEN_FAST[0] ?? {}, SLOW_THEN_FAST[0] ?? {}, FAST], async (url, exchanges) => {
      for (const count of [1, 2]) {
        const one = visitor(url, "/pii");
        await begun(exchanges, count);
        one.vanish();
      }
      assert.equal((await answers(`${url}/pii`)).id, "r1");
    }),
  );

  test("nor does a request that returns before its exchange has ended", limit, () =>
    isolate(SLOW_THEN_FAST, async (url, exchanges) => {
      assert.equal(await (await fetch(`${url}/early`)).text(), "early");
      assert.equal((await answers(`${url}/pii`)).id, "r1");
      await answers(`${url}/token`);
      assert.ok((await exchanges()).length <= 2);
    }),
  );

  test("nor a request that hands its own signal over and vanishes", limit, () =>
    isolate(
      SLOW_THEN_FAST,
      async (url, exchanges) => {
        const first = visitor(url, "/token?own-signal");
        await begun(exchanges, 1);
        first.vanish();
        await answers(`${url}/token?own-signal`);
        await answers(`${url}/pii?own-signal`);
      },
      ["enable_request_signal"],
    ),
  );

  test("requests at once are all answered, and the token is kept", limit, () =>
    isolate(
      { json: { access_token: "t-{{n}}", expires_in: 600, token_type: "Bearer" }, delay: 300 },
      async (url, exchanges) => {
        const all = await Promise.all(Array.from({ length: 8 }, () => answers(`${url}/pii`)));
        assert.ok(all.every((it) => it.id === "r1"));
        const count = (await exchanges()).length;
        assert.ok(count >= 1 && count <= 8, "at most one exchange a request");
        await answers(`${url}/pii`);
        assert.equal((await exchanges()).length, count, "the value is kept");
      },
    ),
  );

  test("a failed exchange of one request is not the next one's failure", limit, () =>
    isolate([{ status: 401, json: {} }, FAST], async (url) => {
      assert.equal((await fetch(`${url}/pii`)).status, 500);
      assert.equal((await answers(`${url}/pii`)).id, "r1");
    }),
  );
});
