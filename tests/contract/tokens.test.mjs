// @ts-check
// Promise 6: tokens are renewed in time, exchanged once, and kept as values. What happens in a Worker isolate when a request
// goes away is in isolate.test.mjs.
import { suite } from "#suite";
import * as assert from "../support/assert.mjs";
import { CALLS } from "../support/calls.mjs";
import { base64, png } from "../support/images.mjs";
import { record } from "../support/stage.mjs";

/** @param {object} [more] */
const issuing = (more = {}) => ({
  json: { access_token: "token-{{n}}", scope: "get:pii", expires_in: 86400, token_type: "Bearer", ...more },
});
/** @param {string} origin @param {object} [more] */
const client = (origin, more = {}) => ({
  tokenUrl: `${origin}/oauth/token`,
  clientId: "desk",
  clientSecret: "s3cret",
  ...more,
});

/** A store that another process could share. */
function memoryStore() {
  /** @type {Map<string, import("passdesk").AccessToken>} */
  const map = new Map();
  /** @type {string[]} */
  const log = [];
  return {
    map,
    log,
    /** @param {string} key */
    async get(key) {
      log.push(`get ${key}`);
      return map.get(key);
    },
    /** @param {string} key @param {import("passdesk").AccessToken} token */
    async set(key, token) {
      log.push(`set ${key}`);
      map.set(key, token);
    },
    /** @param {string} key */
    async delete(key) {
      log.push(`delete ${key}`);
      map.delete(key);
    },
  };
}

/** An API that knows which tokens are good. @param {string[]} good @param {Record<string, any>} answers */
const guarded = (good, answers) =>
  Object.fromEntries(
    Object.entries(answers).map(([route, answer]) => [
      route,
      { bearer: Object.fromEntries(good.map((token) => [token, answer])) },
    ]),
  );

const API = {
  "GET /partner/piirequest/r1": { json: record("r1") },
  "GET /partner/piirequest/r1/evidence/idDocumentFront": { base64: base64(png(64)) },
  "PUT /partner/piirequest/r1/status": { json: {} },
  "GET /v1/attestations": { json: [] },
  "GET /v1/attestations/search": { json: { data: [], meta: { page: 1, per_page: 50, total: 0 } } },
};

export default suite("promise 6: tokens", {
  "20 concurrent callers share one exchange": async ({ passdesk, answering }) => {
    const upstream = await answering({ ...issuing(), delay: 200 });
    const provider = passdesk.tokenProvider(client(upstream.origin));
    const tokens = await assert.ends(Promise.all(Array.from({ length: 20 }, () => provider())));
    assert.equal(new Set(tokens).size, 1);
    assert.equal((await upstream.seen()).length, 1);
  },

  "20 concurrent calls share one exchange": async ({ passdesk, upstream }) => {
    const civic = await upstream({ routes: { "POST /oauth/token": { ...issuing(), delay: 200 }, ...API } });
    const token = passdesk.tokenProvider(client(civic.origin));
    await assert.ends(
      Promise.all(
        Array.from({ length: 20 }, () => passdesk.retrievePii({ requestId: "r1", token, baseUrl: civic.origin })),
      ),
    );
    assert.equal((await civic.seen()).filter((it) => it.path === "/oauth/token").length, 1);
  },

  "a token is renewed a tenth of its life before it ends": async ({ passdesk, answering }) => {
    const upstream = await answering(issuing({ expires_in: 3 }));
    const provider = passdesk.tokenProvider(client(upstream.origin));
    const first = await provider.get();
    assert.equal((await provider.get()).accessToken, first.accessToken, "good for 2.7 s");
    // Into the last tenth of its life, where only the leeway says that it must not be used any more.
    await assert.sleep(first.expiresAt - Date.now() - 150);
    assert.ok((await provider.get()).accessToken !== first.accessToken, "not in its last 0.3 s");
  },

  "a token that lives a day is renewed a minute before it ends": async ({ passdesk, answering }) => {
    // Date is moved, not waited for. Only this provider's calls read it meanwhile.
    const upstream = await answering(issuing({ expires_in: 86_400 }));
    const store = memoryStore();
    const first = await passdesk.tokenProvider(client(upstream.origin, { store })).get();
    const [key = ""] = store.map.keys();
    assert.ok(key.length > 0);
    const remaining = async (/** @type {number} */ ms) => {
      const other = memoryStore();
      other.map.set(key, { ...first, accessToken: "stored", expiresAt: Date.now() + ms });
      return passdesk.tokenProvider(client(upstream.origin, { store: other }))();
    };
    assert.equal(await remaining(65_000), "stored", "more than a minute left");
    assert.ok((await remaining(59_000)) !== "stored", "less than a minute left");
  },

  "a token as short as a second is still of use": async ({ passdesk, upstream }) => {
    const civic = await upstream({ routes: { "POST /oauth/token": issuing({ expires_in: 1 }), ...API } });
    const token = passdesk.tokenProvider(client(civic.origin));
    await passdesk.retrievePii({ requestId: "r1", token, baseUrl: civic.origin });
    await assert.sleep(1200);
    await passdesk.retrievePii({ requestId: "r1", token, baseUrl: civic.origin });
    const seen = await civic.seen();
    assert.equal(seen.filter((it) => it.path === "/oauth/token").length, 2);
    const used = seen.filter((it) => it.method === "GET").map((it) => it.headers.authorization);
    assert.equal(new Set(used).size, 2);
  },

  "a token that ends at once is used once, not exchanged for ever": async ({ passdesk, upstream }) => {
    const civic = await upstream({ routes: { "POST /oauth/token": issuing({ expires_in: 0 }), ...API } });
    const token = passdesk.tokenProvider(client(civic.origin));
    await assert.ends(
      passdesk
        .retrievePii({ requestId: "r1", token, baseUrl: civic.origin })
        .catch((error) => assert.passdeskError(error, "bad_response")),
    );
    assert.ok((await civic.seen()).filter((it) => it.path === "/oauth/token").length <= 2);
  },

  "a 401 renews the token once, whatever maxRetries, in every operation": async ({ passdesk, upstream }) => {
    for (const [operation, call] of Object.entries(CALLS)) {
      if (operation === "exchangeToken" || operation === "tokenProvider") continue;
      for (const maxRetries of [0, 2]) {
        const auth = await upstream({ routes: { "POST /oauth/token": issuing() } });
        const civic = await upstream({ routes: guarded(["token-2"], API) });
        const token = passdesk.tokenProvider(client(auth.origin));
        await assert.ends(call(passdesk, civic.origin, { token, maxRetries }), 15_000, operation);
        assert.equal((await auth.seen()).length, 2, `${operation}: two exchanges`);
        const bearers = (await civic.seen()).map((it) => it.headers.authorization);
        assert.equal(
          bearers.filter((it) => it === "Bearer token-1").length,
          1,
          `${operation}: the refused token was sent once`,
        );
        assert.equal(await token(), "token-2", "the new token is kept");
      }
    }
  },

  "a second 401 is the answer": async ({ passdesk, upstream }) => {
    const auth = await upstream({ routes: { "POST /oauth/token": issuing() } });
    const civic = await upstream({ routes: { "*": { status: 401, json: { error: "invalid_token" } } } });
    const token = passdesk.tokenProvider(client(auth.origin));
    const failure = await assert.rejects(
      passdesk.retrievePii({ requestId: "r1", token, baseUrl: civic.origin }),
      "unauthorized",
    );
    assert.equal(failure.status, 401);
    assert.equal(failure.retryable, false);
    assert.equal((await civic.seen()).length, 2, "tried once more, and no more");
    assert.equal((await auth.seen()).length, 2);
  },

  "a 401 for a plain token is the answer at once": async ({ passdesk, answering }) => {
    const civic = await answering({ status: 401, json: {} });
    const failure = await assert.rejects(
      passdesk.retrievePii({ requestId: "r1", token: "plain", baseUrl: civic.origin }),
      "unauthorized",
    );
    assert.equal(failure.attempts, 1);
    assert.equal((await civic.seen()).length, 1);
  },

  "a 401 met by many at once renews once": async ({ passdesk, upstream }) => {
    const auth = await upstream({ routes: { "POST /oauth/token": { ...issuing(), delay: 100 } } });
    const civic = await upstream({ routes: guarded(["token-2"], API) });
    const token = passdesk.tokenProvider(client(auth.origin));
    await assert.ends(
      Promise.all(
        Array.from({ length: 10 }, () => passdesk.retrievePii({ requestId: "r1", token, baseUrl: civic.origin })),
      ),
    );
    assert.equal((await auth.seen()).length, 2, "the late 401s are about the old token");
  },

  "a 401 in the middle of retries counts for itself": async ({ passdesk, upstream }) => {
    const auth = await upstream({ routes: { "POST /oauth/token": issuing() } });
    const busy = { status: 503, json: {}, headers: { "retry-after": "0" } };
    const civic = await upstream({ routes: { "*": [busy, { status: 401, json: {} }, busy, { json: record("r1") }] } });
    const token = passdesk.tokenProvider(client(auth.origin));
    assert.equal((await passdesk.retrievePii({ requestId: "r1", token, baseUrl: civic.origin })).id, "r1");
    assert.equal((await civic.seen()).length, 4);
  },

  "the sandbox's revoked token is renewed": async ({ passdesk, sandbox }) => {
    // A fault of the token route by header: the provider's own fetch sets it, for its first exchange only.
    let exchanges = 0;
    /** @type {typeof fetch} */
    const marked = (input, init) => {
      const headers = new Headers(init?.headers);
      if (exchanges++ === 0) headers.set("x-sandbox-fault", "token.revoked-token");
      return fetch(input, { ...init, headers });
    };
    const { tokenUrl, clientId, clientSecret, url } = sandbox;
    const token = passdesk.tokenProvider({ tokenUrl, clientId, clientSecret, fetch: marked });
    const pii = await passdesk.retrievePii({ requestId: "passport~copy_601", token, baseUrl: url, maxRetries: 0 });
    assert.equal(pii.id, "passport~copy_601");
    assert.equal(exchanges, 2);
  },

  "who waits for another's exchange waits no longer than its own timeoutMs": async ({ passdesk, upstream }) => {
    const auth = await upstream({ routes: { "POST /oauth/token": [{ hang: "headers" }, issuing()] } });
    const provider = passdesk.tokenProvider(client(auth.origin));
    const controller = new AbortController();
    const slow = provider.get({ signal: controller.signal, maxRetries: 0 });
    slow.catch(() => {});
    for (let tries = 0; tries < 200 && (await auth.seen()).length === 0; tries += 1) await assert.sleep(20);
    const began = performance.now();
    await assert.ends(
      provider.get({ timeoutMs: 400, maxRetries: 0 }).catch((error) => assert.passdeskError(error, "timeout")),
      10_000,
      "the second wait",
    );
    assert.within(performance.now() - began, 8000, "the second wait");
    controller.abort();
    await assert.rejects(slow, "aborted");
  },

  "whoever takes up an exchange that another gave up has the whole time of its own": async ({ passdesk }) => {
    /** @type {typeof globalThis.fetch} */
    const fetch = (_, init) =>
      new Promise((_, reject) => {
        init?.signal?.addEventListener("abort", () => reject(new Error("torn down")));
      });
    const provider = passdesk.tokenProvider(client("https://x.example", { fetch, timeoutMs: 1500, maxRetries: 0 }));
    const [impatient, patient] = [new AbortController(), new AbortController()];
    const first = provider.get({ signal: impatient.signal });
    const second = provider.get({ signal: patient.signal }).catch(({ code }) => code);
    await assert.sleep(50);
    impatient.abort();
    await assert.rejects(first, "aborted");
    const timer = setTimeout(() => patient.abort(), 5000);
    assert.equal(await second, "timeout");
    clearTimeout(timer);
  },

  "the time of a renewal is over with it: the attempt after it has all of its own": async ({ passdesk }) => {
    let sent = 0;
    /** @type {typeof globalThis.fetch} */
    const fetch = (_, init) => {
      sent += 1;
      if (sent === 1) return Promise.resolve(new Response("", { status: 401 }));
      return new Promise((resolve, reject) => {
        setTimeout(() => resolve(Response.json(record("r1"))), 700);
        init?.signal?.addEventListener("abort", () => reject(new Error("torn down")));
      });
    };
    let asked = 0;
    const token = async () => {
      asked += 1;
      if (asked > 1) await assert.sleep(700);
      return `token-${asked}`;
    };
    const pii = await passdesk.retrievePii({ requestId: "r1", token, fetch, timeoutMs: 1200, maxRetries: 0 });
    assert.equal(pii.id, "r1");
  },

  "a failed exchange is not cached": async ({ passdesk, upstream }) => {
    const auth = await upstream({
      routes: {
        "POST /oauth/token": [{ status: 401, json: { error: "invalid_client" } }, { status: 403, json: {} }, issuing()],
      },
    });
    const provider = passdesk.tokenProvider(client(auth.origin));
    await assert.rejects(provider(), "unauthorized");
    await assert.rejects(provider(), "forbidden");
    assert.match(await provider(), /^token-/u);
  },

  "concurrent callers of a failed exchange all fail, and the next call starts anew": async ({ passdesk, upstream }) => {
    const auth = await upstream({
      routes: { "POST /oauth/token": [{ status: 400, json: {}, delay: 100 }, issuing()] },
    });
    const provider = passdesk.tokenProvider(client(auth.origin));
    const results = await assert.ends(Promise.allSettled(Array.from({ length: 5 }, () => provider())));
    assert.ok(results.some((it) => it.status === "rejected"));
    assert.match(await provider(), /^token-/u);
  },

  "a failed exchange fails the call that needed it, with its code": async ({ passdesk, upstream }) => {
    const auth = await upstream({ routes: { "POST /oauth/token": { status: 403, json: { error: "access_denied" } } } });
    const civic = await upstream({ routes: API });
    const token = passdesk.tokenProvider(client(auth.origin));
    const failure = await assert.rejects(
      passdesk.retrievePii({ requestId: "r1", token, baseUrl: civic.origin }),
      "forbidden",
    );
    assert.equal(failure.upstreamCode, "access_denied");
    assert.equal((await civic.seen()).length, 0, "nothing was sent without a token");
  },

  "a store shares the token between providers": async ({ passdesk, answering }) => {
    const upstream = await answering(issuing());
    const store = memoryStore();
    const one = passdesk.tokenProvider(client(upstream.origin, { store }));
    const two = passdesk.tokenProvider(client(upstream.origin, { store }));
    assert.equal(await one(), "token-1");
    assert.equal(await two(), "token-1");
    assert.equal((await upstream.seen()).length, 1);
    const [key = ""] = store.map.keys();
    assert.ok(!key.includes("s3cret"), "the key holds no secret");
    assert.deepEqual(
      Object.keys(store.map.get(key) ?? {}).sort(),
      ["accessToken", "expiresAt", "scopes", "tokenType"],
      "a plain value",
    );
  },

  "clients, audiences, scopes and tenants do not share a key": async ({ passdesk, answering }) => {
    const upstream = await answering(issuing());
    const store = memoryStore();
    for (const more of [
      {},
      { clientId: "other" },
      { audience: "urn:other" },
      { scope: "get:pii" },
      { tokenUrl: `${upstream.origin}/other` },
    ]) {
      await passdesk.tokenProvider(client(upstream.origin, { store, ...more }))();
    }
    assert.equal(store.map.size, 5);
  },

  "invalidate reaches the store, and a 401 does, too": async ({ passdesk, upstream }) => {
    const auth = await upstream({ routes: { "POST /oauth/token": issuing() } });
    const civic = await upstream({ routes: guarded(["token-2"], API) });
    const store = memoryStore();
    const token = passdesk.tokenProvider(client(auth.origin, { store }));
    await passdesk.retrievePii({ requestId: "r1", token, baseUrl: civic.origin });
    assert.deepEqual(
      [...store.map.values()].map((it) => it.accessToken),
      ["token-2"],
    );
    await token.invalidate("token-2");
    assert.equal(store.map.size, 0);
  },

  "invalidate does not throw away a newer token that another process stored": async ({ passdesk, answering }) => {
    const upstream = await answering(issuing());
    const store = memoryStore();
    const provider = passdesk.tokenProvider(client(upstream.origin, { store }));
    const first = await provider.get();
    const [key = ""] = store.map.keys();
    store.map.set(key, { ...first, accessToken: "newer" });
    await provider.invalidate(first.accessToken);
    assert.equal(await provider(), "newer");
    assert.equal((await upstream.seen()).length, 1);
  },

  "a store that throws or gives nonsense does not fail the call": async ({ passdesk, answering }) => {
    const broken = async () => {
      throw new Error("store is down");
    };
    const nothing = async () => undefined;
    /** @type {[string, any][]} */
    const stores = [
      ["throws", { get: broken, set: broken, delete: broken }],
      [
        "throws at once",
        {
          get: () => {
            throw 1;
          },
          set: () => {
            throw 1;
          },
          delete: () => {
            throw 1;
          },
        },
      ],
      ["gives a number", { get: async () => 7, set: nothing, delete: nothing }],
      ["gives null", { get: async () => null, set: nothing, delete: nothing }],
      ["gives text", { get: async () => "token", set: nothing, delete: nothing }],
      ["gives half a token", { get: async () => ({ accessToken: "x" }), set: nothing, delete: nothing }],
      [
        "gives a token with a line break",
        {
          get: async () => ({ accessToken: "a\r\nb", tokenType: "Bearer", scopes: [], expiresAt: Date.now() + 1e7 }),
          set: nothing,
          delete: nothing,
        },
      ],
      [
        "gives no date",
        {
          get: async () => ({ accessToken: "x", tokenType: "Bearer", scopes: [], expiresAt: "later" }),
          set: nothing,
          delete: nothing,
        },
      ],
      [
        "gives a token of no type",
        {
          get: async () => ({ accessToken: "x", scopes: [], expiresAt: Date.now() + 1e7 }),
          set: nothing,
          delete: nothing,
        },
      ],
      [
        "gives scopes in one text",
        {
          get: async () => ({ accessToken: "x", tokenType: "Bearer", scopes: "a b", expiresAt: Date.now() + 1e7 }),
          set: nothing,
          delete: nothing,
        },
      ],
      [
        "gives scopes that throw when they are looked at",
        {
          get: async () => ({
            accessToken: "x",
            tokenType: "Bearer",
            expiresAt: Date.now() + 1e7,
            scopes: Object.defineProperty([], 0, {
              get() {
                throw new Error("scopes are down");
              },
            }),
          }),
          set: nothing,
          delete: nothing,
        },
      ],
      ["does not return promises", { get: () => undefined, set: () => undefined, delete: () => undefined }],
    ];
    for (const [what, store] of stores) {
      const upstream = await answering(issuing());
      const provider = passdesk.tokenProvider(client(upstream.origin, { store }));
      assert.equal(await assert.ends(provider(), 15_000, `a store that ${what}`), "token-1");
      await assert.ends(provider.invalidate("token-1"));
      assert.equal(await assert.ends(provider()), "token-2", `a store that ${what}, after invalidate`);
    }
  },

  "a store that hangs fails no call, nor the renewal of its token": async ({ passdesk, upstream }) => {
    const auth = await upstream({ routes: { "POST /oauth/token": issuing() } });
    const never = () => new Promise(() => {});
    const options = { timeoutMs: 1200, maxRetries: 0 };
    const token = passdesk.tokenProvider(
      client(auth.origin, { store: { get: never, set: never, delete: never }, ...options }),
    );
    const call = (/** @type {string} */ baseUrl) =>
      assert.ends(passdesk.retrievePii({ requestId: "r1", token, baseUrl, ...options }));
    for (const accepted of ["token-1", "token-2"]) {
      const civic = await upstream({ routes: guarded([accepted], API) });
      assert.equal((await call(civic.origin)).id, "r1");
    }
    assert.equal((await auth.seen()).length, 2);
  },

  "an abort is heard while the store takes the token, and the token is not lost": async ({ passdesk, answering }) => {
    const upstream = await answering(issuing());
    const controller = new AbortController();
    const set = () => {
      setTimeout(() => controller.abort("enough"), 50);
      return new Promise(() => {});
    };
    const store = { get: async () => undefined, set, delete: async () => {} };
    const provider = passdesk.tokenProvider(client(upstream.origin, { store }));
    const began = performance.now();
    const failure = await assert.rejects(provider.get({ signal: controller.signal }), "aborted");
    assert.equal(failure.cause, "enough");
    assert.within(performance.now() - began, 4000, "the abort");
    assert.equal(await assert.ends(provider()), "token-1");
  },

  "callers whose time is over do not each begin an exchange of their own": async ({ passdesk }) => {
    let exchanges = 0;
    /** @type {typeof globalThis.fetch} */
    const fetch = (_, init) => {
      exchanges += 1;
      if (exchanges > 1) return Promise.resolve(Response.json({ access_token: "t", expires_in: 600 }));
      return new Promise((_, reject) => {
        init?.signal?.addEventListener("abort", () => reject(new Error("torn down")));
      });
    };
    const provider = passdesk.tokenProvider(client("https://x.example", { fetch, timeoutMs: 300 }));
    const tokens = await assert.ends(Promise.all(Array.from({ length: 20 }, () => provider())));
    assert.deepEqual([...new Set(tokens)], ["t"]);
    assert.equal(exchanges, 2);
  },

  "what the token endpoint asked to wait for is waited for, also when the call that asked has ended": async ({
    passdesk,
  }) => {
    /** @type {number[]} */
    const exchanges = [];
    const token = passdesk.tokenProvider(
      client("https://x.example", {
        fetch: async () => {
          exchanges.push(Date.now());
          return exchanges.length === 1
            ? new Response("", { status: 429, headers: { "retry-after": "2" } })
            : Response.json({ access_token: "t", expires_in: 600 });
        },
      }),
    );
    const call = (/** @type {number} */ timeoutMs) =>
      passdesk.retrievePii({
        requestId: "r1",
        token,
        timeoutMs,
        maxRetries: 1,
        fetch: async () => Response.json(record("r1")),
      });
    await assert.rejects(call(200), "timeout");
    assert.equal((await assert.ends(call(5000))).id, "r1");
    const [first = 0, second = 0, ...more] = exchanges;
    assert.equal(more.length, 0);
    assert.ok(second - first >= 1990, `${second - first} ms`);
  },

  "while the token endpoint wants to be left alone, nobody else asks it": async ({ passdesk }) => {
    for (const limits of [{}, { timeoutMs: 300 }]) {
      /** @type {number[]} */
      const exchanges = [];
      const provider = passdesk.tokenProvider(
        client("https://x.example", {
          fetch: async () => {
            exchanges.push(Date.now());
            return exchanges.length === 1
              ? new Response("", { status: 429, headers: { "retry-after": "3" } })
              : Response.json({ access_token: "t", expires_in: 600 });
          },
        }),
      );
      await assert.ends(Promise.all(Array.from({ length: 10 }, () => provider.get(limits))));
      const [first = 0, second = 0, ...more] = exchanges;
      assert.equal(more.length, 0, "further exchanges");
      assert.ok(second - first >= 2990, `${second - first} ms`);
    }
  },

  "whoever brings limits does not fail with the exchange of one who has others": async ({ passdesk }) => {
    let exchanges = 0;
    const provider = passdesk.tokenProvider(
      client("https://x.example", {
        maxRetries: 0,
        fetch: async () => {
          exchanges += 1;
          await assert.sleep(50);
          if (exchanges === 1) throw new TypeError("fetch failed");
          return Response.json({ access_token: "t", expires_in: 600 });
        },
      }),
    );
    const [first, second] = await assert.ends(Promise.allSettled([provider(), provider.get({ maxRetries: 2 })]));
    assert.equal(first.status, "rejected");
    assert.equal(second.status, "fulfilled");
  },

  "who is to try again takes the token that another has brought meanwhile": async ({ passdesk }) => {
    for (const failure of [
      () => Promise.reject(new TypeError("fetch failed")),
      () => new Response("", { status: 503 }),
    ]) {
      let exchanges = 0;
      /** @type {import("passdesk").CallEvent[]} */
      const events = [];
      const provider = passdesk.tokenProvider(
        client("https://x.example", {
          onEvent: (event) => events.push(event),
          fetch: async () => {
            exchanges += 1;
            if (exchanges > 1) return Response.json({ access_token: `token-${exchanges}`, expires_in: 600 });
            await assert.sleep(300);
            return failure();
          },
        }),
      );
      const first = provider();
      const hasty = provider.get({ timeoutMs: 50, onEvent: () => {} });
      assert.equal((await assert.ends(hasty)).accessToken, "token-2");
      assert.equal(await assert.ends(first), "token-2");
      assert.equal(exchanges, 2);
      assert.deepEqual(
        events.map((event) => event.type),
        ["attempt", "retry", "success"],
      );
      // What failed is not the answer that brought it.
      const success = events.at(-1);
      assert.ok(success?.type === "success");
      assert.equal(success.status, undefined);
    }
  },

  "a late refusal does not take the newer token out of the store": async ({ passdesk }) => {
    const store = memoryStore();
    let exchanges = 0;
    let looks = 0;
    const token = passdesk.tokenProvider(
      client("https://x.example", {
        store: {
          ...store,
          get: async (/** @type {string} */ key) => {
            const stored = await store.get(key);
            looks += 1;
            // The second of the two that were refused looks while the first renews.
            if (looks === 3) await assert.sleep(300);
            return stored;
          },
        },
        fetch: async () => {
          exchanges += 1;
          return Response.json({ access_token: `token-${exchanges}`, expires_in: 600 });
        },
      }),
    );
    await token();
    /** @type {typeof globalThis.fetch} */
    const fetch = async (_, init) => {
      const bearer = new Headers(init?.headers).get("authorization");
      return bearer === "Bearer token-1" ? new Response("", { status: 401 }) : Response.json(record("r1"));
    };
    const call = () => passdesk.retrievePii({ requestId: "r1", token, fetch });
    await assert.ends(Promise.all([call(), call()]));
    assert.deepEqual(
      [...store.map.values()].map((it) => it.accessToken),
      ["token-2"],
    );
  },

  "a store's methods keep their this": async ({ passdesk, answering }) => {
    const upstream = await answering(issuing());
    class Store {
      /** @type {Map<string, any>} */
      #map = new Map();
      async get(/** @type {string} */ key) {
        return this.#map.get(key);
      }
      async set(/** @type {string} */ key, /** @type {any} */ token) {
        this.#map.set(key, token);
      }
      async delete(/** @type {string} */ key) {
        this.#map.delete(key);
      }
      get size() {
        return this.#map.size;
      }
    }
    const store = new Store();
    const provider = passdesk.tokenProvider(client(upstream.origin, { store }));
    await provider();
    assert.equal(store.size, 1);
    await provider.invalidate("token-1");
    assert.equal(store.size, 0);
  },
});
