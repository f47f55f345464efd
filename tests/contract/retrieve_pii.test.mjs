// @ts-check
import { suite } from "#suite";
import * as assert from "../support/assert.mjs";
import { record, TOKEN } from "../support/stage.mjs";

/** The text's answer, its stray brace mended. */
const TEXT = {
  id: "abc123",
  type: "gatekeeperProofOfIdentityWithIdDocument-v3",
  status: "verification-success",
  links: [
    { rel: "self", href: "https://api.civic.com/partner/piirequest/abc123" },
    { rel: "idDocumentFront", href: "https://api.civic.com/partner/piirequest/abc123/evidence/idDocumentFront" },
    { rel: "idDocumentBack", href: "https://api.civic.com/partner/piirequest/abc123/evidence/idDocumentBack" },
  ],
  verifiedInformation: {
    issueCountry: "GBR",
    name: "John Smith",
    email: "john@example.com",
    dateOfBirth: "1990-01-01",
    dateOfExpiry: "2031-05-28",
    documentType: "passport",
    documentNumber: "999999999",
    address: "CoaMuXCeNuiFNZIWQoHL32ojbJNmU19Nu6P4z9T1EFAa",
    accountId: "did:sol:CoaMuXCeNuiFNZIWQoHL32ojbJNmU19Nu6P4z9T1EFAa",
  },
};

export default suite("retrievePii", {
  "asks for the request as the text says and gives the answer to the letter": async ({ passdesk, upstream }) => {
    const civic = await upstream({ routes: { "GET /partner/piirequest/abc123": { json: TEXT } } });
    const pii = await passdesk.retrievePii({ requestId: "abc123", token: TOKEN, baseUrl: civic.origin });
    assert.deepEqual(pii, TEXT);
    const [seen, ...others] = await civic.seen();
    assert.equal(others.length, 0);
    assert.equal(seen?.headers.authorization, `Bearer ${TOKEN}`);
    assert.equal(seen?.query, "");
    assert.equal(seen?.body, "");
    assert.match(seen?.headers.accept ?? "", /json/u);
    assert.equal(seen?.headers["content-type"], undefined, "a GET declares no body");
  },

  "retrieves the text's own example from the sandbox": async ({ passdesk, sandbox }) => {
    const pii = await passdesk.retrievePii({ requestId: "abc123", token: await sandbox.token(), baseUrl: sandbox.url });
    assert.deepEqual(pii.verifiedInformation, TEXT.verifiedInformation);
    assert.deepEqual(
      pii.links.map((link) => link.rel),
      ["self", "idDocumentFront", "idDocumentBack"],
    );
  },

  "keeps unknown fields, unknown values and nulls as they came": async ({ passdesk, upstream }) => {
    const odd = {
      ...record("r1"),
      status: "awaiting-second-partner",
      extra: { deep: [1, { two: null }, "three", true, 1.5, -0.25, 1e21] },
      verifiedInformation: { name: null, selfieScore: 0.93, nested: { a: ["b"] }, "": "empty name" },
    };
    const civic = await upstream({ routes: { "GET /partner/piirequest/r1": { json: odd } } });
    const pii = await passdesk.retrievePii({ requestId: "r1", baseUrl: civic.origin });
    assert.deepEqual(pii, JSON.parse(JSON.stringify(odd).replaceAll("{{origin}}", civic.origin)));
  },

  "keeps text beyond ASCII": async ({ passdesk, upstream }) => {
    const verifiedInformation = { name: 'Ægir Þór 王小明 👩🏽‍🚀 \u2028 \\ " \t' };
    const civic = await upstream({
      routes: { "GET /partner/piirequest/u": { json: record("u", { verifiedInformation }) } },
    });
    const pii = await passdesk.retrievePii({ requestId: "u", baseUrl: civic.origin });
    assert.equal(pii.verifiedInformation?.name, verifiedInformation.name);
  },

  "works without verifiedInformation": async ({ passdesk, sandbox }) => {
    const pii = await passdesk.retrievePii({
      requestId: "awaiting-user",
      token: await sandbox.token(),
      baseUrl: sandbox.url,
    });
    assert.equal(pii.status, "awaiting-user");
  },

  "without a token no Authorization is sent": async ({ passdesk, upstream }) => {
    const civic = await upstream({ routes: { "GET /partner/piirequest/r1": { json: record("r1") } } });
    await passdesk.retrievePii({ requestId: "r1", baseUrl: civic.origin });
    assert.equal((await civic.seen())[0]?.headers.authorization, undefined);
  },

  "a slash at the end of baseUrl makes no difference": async ({ passdesk, upstream }) => {
    const civic = await upstream({ routes: { "GET /partner/piirequest/r1": { json: record("r1") } } });
    const pii = await passdesk.retrievePii({ requestId: "r1", baseUrl: `${civic.origin}/` });
    assert.equal(pii.id, "r1");
  },

  "goes to api.civic.com over https by default": async ({ passdesk }) => {
    /** @type {Request[]} */
    const sent = [];
    const pii = await passdesk.retrievePii({
      requestId: "abc123",
      token: TOKEN,
      fetch: async (input, init) => {
        sent.push(new Request(input, init));
        return Response.json(TEXT);
      },
    });
    assert.equal(pii.id, "abc123");
    assert.equal(sent[0]?.url, "https://api.civic.com/partner/piirequest/abc123");
  },

  "hands credentials to fetch only where set": async ({ passdesk }) => {
    /** @type {unknown[]} */
    const seen = [];
    /** @type {typeof fetch} */
    const spy = async (input, init) => {
      const fields = /** @type {Record<string, unknown>} */ (init ?? {});
      seen.push("credentials" in fields ? fields.credentials : "absent");
      for (const name of ["cache", "mode", "keepalive", "referrerPolicy", "integrity", "priority", "window"]) {
        // workerd and others reject some of these outright.
        assert.ok(!(name in fields), `init has no ${name}`);
      }
      void input;
      return Response.json(TEXT);
    };
    await passdesk.retrievePii({ requestId: "abc123", fetch: spy });
    await passdesk.retrievePii({ requestId: "abc123", fetch: spy, credentials: "include" });
    assert.deepEqual(seen, ["absent", "include"]);
  },

  "looks the global fetch up when it is called": async ({ passdesk, upstream }) => {
    const civic = await upstream({ routes: { "*": { json: record("r1") } } });
    const original = globalThis.fetch;
    let calls = 0;
    globalThis.fetch = /** @type {typeof fetch} */ (
      (/** @type {Parameters<typeof fetch>} */ ...args) => {
        // Other cases run meanwhile; only this one's request is counted.
        if (String(args[0]).startsWith(civic.origin)) calls += 1;
        return original(...args);
      }
    );
    try {
      await passdesk.retrievePii({ requestId: "r1", baseUrl: civic.origin });
    } finally {
      globalThis.fetch = original;
    }
    assert.equal(calls, 1);
  },

  "tells of each attempt": async ({ passdesk, upstream }) => {
    const civic = await upstream({
      routes: {
        "GET /partner/piirequest/r1": [
          { status: 503, json: {}, headers: { "retry-after": "0" } },
          { json: record("r1") },
        ],
      },
    });
    /** @type {import("passdesk").CallEvent[]} */
    const events = [];
    await passdesk.retrievePii({
      requestId: "r1",
      token: TOKEN,
      baseUrl: civic.origin,
      onEvent: (event) => events.push(event),
    });
    assert.deepEqual(
      events.map((event) => `${event.type} ${event.attempt}`),
      ["attempt 1", "retry 1", "attempt 2", "success 2"],
    );
    for (const event of events) {
      assert.equal(event.operation, "retrievePii");
      assert.ok(typeof event.ms === "number" && event.ms >= 0, "ms is a number");
    }
    const retry = events[1];
    assert.ok(retry?.type === "retry" && retry.code === "upstream" && retry.status === 503 && retry.delayMs === 0);
    assert.ok(events[3]?.type === "success" && events[3].status === 200);
  },

  "tells of a failure with its code, also where the token's exchange failed": async ({ passdesk, upstream }) => {
    const civic = await upstream({
      routes: {
        "GET /partner/piirequest/r1": { status: 404, json: {} },
        "POST /oauth/token": { status: 403, json: { error: "access_denied" } },
      },
    });
    /** @type {import("passdesk").CallEvent[]} */
    const events = [];
    const onEvent = (/** @type {import("passdesk").CallEvent} */ event) => events.push(event);
    await assert.rejects(passdesk.retrievePii({ requestId: "r1", baseUrl: civic.origin, onEvent }), "not_found");
    assert.deepEqual(
      events.map(({ ms: _, ...event }) => event),
      [
        { type: "attempt", operation: "retrievePii", attempt: 1 },
        { type: "failure", operation: "retrievePii", attempt: 1, status: 404, code: "not_found" },
      ],
    );
    events.length = 0;
    const token = passdesk.tokenProvider({ tokenUrl: `${civic.origin}/oauth/token`, clientId: "c", clientSecret: "s" });
    await assert.rejects(passdesk.retrievePii({ requestId: "r1", baseUrl: civic.origin, token, onEvent }), "forbidden");
    const last = events.at(-1);
    assert.ok(last?.type === "failure" && last.code === "forbidden", assert.show(events));
  },

  "tells nothing of what is refused before it begins": async ({ passdesk, answering }) => {
    const civic = await answering({ json: record("r1") });
    /** @type {import("passdesk").CallEvent[]} */
    const events = [];
    const options = {
      baseUrl: civic.origin,
      onEvent: (/** @type {import("passdesk").CallEvent} */ e) => events.push(e),
    };
    await assert.rejects(passdesk.retrievePii({ ...options, requestId: "r/1" }), "invalid_argument");
    await assert.rejects(passdesk.retrievePii({ ...options, requestId: "r1", timeoutMs: 0 }), "invalid_argument");
    const link = { requestId: "r1", href: "https://elsewhere.example/front" };
    await assert.rejects(passdesk.fetchEvidence({ ...options, ...link }), "untrusted_link");
    assert.deepEqual([events, await civic.seen()], [[], []]);
  },

  "a listener that throws is ignored": async ({ passdesk, upstream }) => {
    const civic = await upstream({ routes: { "*": { json: record("r1") } } });
    const pii = await passdesk.retrievePii({
      requestId: "r1",
      baseUrl: civic.origin,
      onEvent: () => {
        throw new Error("listener");
      },
    });
    assert.equal(pii.id, "r1");
  },

  "request ids are checked before anything is sent": async ({ passdesk, answering }) => {
    const civic = await answering({ json: {} });
    const bad = [
      "",
      ".",
      "..",
      "a/b",
      "a b",
      "a%2fb",
      "é",
      "a\n",
      "a?b",
      "a#b",
      "a\\b",
      "a:b",
      "a\0",
      "x".repeat(129),
      1,
      null,
      undefined,
      ["a"],
    ];
    for (const requestId of bad) {
      const failure = await assert.rejects(
        passdesk.retrievePii({ requestId: /** @type {any} */ (requestId), baseUrl: civic.origin }),
        "invalid_argument",
      );
      assert.ok(failure.message.includes("requestId"), failure.message);
      if (typeof requestId === "string" && requestId.length > 2)
        assert.ok(!failure.message.includes(requestId), "the value stays out");
    }
    assert.equal((await civic.seen()).length, 0);
  },

  "every id of the allowed letters arrives as it is": async ({ passdesk, upstream }) => {
    for (const id of ["A~b_c.d-9", "..a", "...", "~", "-", "x".repeat(128), "0b8f6a3e-6f0f-4c9e-9a54-5a3f2f1c7d11"]) {
      const civic = await upstream({ routes: { [`GET /partner/piirequest/${id}`]: { json: record(id) } } });
      assert.equal((await passdesk.retrievePii({ requestId: id, baseUrl: civic.origin })).id, id);
    }
  },

  "bad options are named and nothing is sent": async ({ passdesk, answering }) => {
    const civic = await answering({ json: {} });
    const good = { requestId: "r1", token: TOKEN, baseUrl: civic.origin };
    /** @type {[string, object][]} */
    const table = [
      ["baseUrl", { ...good, baseUrl: "api.civic.com" }],
      ["baseUrl", { ...good, baseUrl: "http://api.civic.com" }],
      ["baseUrl", { ...good, baseUrl: "ftp://127.0.0.1" }],
      ["baseUrl", { ...good, baseUrl: "http://127.0.0.1.example.com" }],
      ["baseUrl", { ...good, baseUrl: 3 }],
      ["token", { ...good, token: 3 }],
      ["requestID", { ...good, requestID: "r1" }],
      ["status", { ...good, status: "partner-pass" }],
      ["timeoutMs", { ...good, timeoutMs: -1 }],
      ["timeoutMs", { ...good, timeoutMs: null }],
      ["maxRetries", { ...good, maxRetries: "2" }],
      ["maxRetries", { ...good, maxRetries: Number.POSITIVE_INFINITY }],
      ["signal", { ...good, signal: "now" }],
      ["fetch", { ...good, fetch: {} }],
      ["onEvent", { ...good, onEvent: "log" }],
      ["credentials", { ...good, credentials: true }],
    ];
    for (const [name, options] of table) {
      const failure = await assert.rejects(passdesk.retrievePii(/** @type {any} */ (options)), "invalid_argument");
      assert.ok(failure.message.includes(name), `the message names ${name}: ${failure.message}`);
      assert.equal(failure.operation, "retrievePii");
    }
    assert.equal((await civic.seen()).length, 0);
  },

  "an option that is undefined counts as left out": async ({ passdesk, upstream }) => {
    const civic = await upstream({ routes: { "*": { json: record("r1") } } });
    const pii = await passdesk.retrievePii({
      requestId: "r1",
      baseUrl: civic.origin,
      token: undefined,
      signal: undefined,
      timeoutMs: undefined,
      maxRetries: undefined,
      fetch: undefined,
      credentials: undefined,
      onEvent: undefined,
    });
    assert.equal(pii.id, "r1");
  },

  "each option is read once": async ({ passdesk, upstream }) => {
    const civic = await upstream({ routes: { "*": { json: record("r1") } } });
    /** @type {Record<string, number>} */
    const reads = {};
    const options = {};
    for (const [name, value] of Object.entries({
      requestId: "r1",
      token: TOKEN,
      baseUrl: civic.origin,
      timeoutMs: 9000,
      maxRetries: 0,
    })) {
      Object.defineProperty(options, name, {
        enumerable: true,
        get: () => {
          reads[name] = (reads[name] ?? 0) + 1;
          return value;
        },
      });
    }
    await passdesk.retrievePii(/** @type {any} */ (options));
    assert.deepEqual(reads, { requestId: 1, token: 1, baseUrl: 1, timeoutMs: 1, maxRetries: 1 });
  },
});
