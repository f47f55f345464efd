// @ts-check
// Promise 1: no call hangs. Every case would hang for ever, and fail by its time limit, were the promise broken.
import { alone, inNode, inWorkerd, suite } from "#suite";
import * as assert from "../support/assert.mjs";
import { CALLS, countedSignal } from "../support/calls.mjs";
import { base64, png } from "../support/images.mjs";
import { raw, record, TOKEN } from "../support/stage.mjs";

/** @param {import("../support/stage.mjs").Stage} stage @param {import("../support/lab.mjs").Answer} answer @param {string} code @param {import("passdesk").CallOptions} options */
async function everyCall({ passdesk, answering }, answer, code, options) {
  // Loading has the same time-out, and another code: on a busy machine a cold module is later than these short ones.
  await passdesk.screenPii({ pii: record("r1"), policy: {} });
  await Promise.all(
    Object.entries(CALLS).map(async ([operation, call]) => {
      const upstream = await answering(answer);
      const began = performance.now();
      const failure = await assert.rejects(call(passdesk, upstream.origin, options), code);
      assert.within(performance.now() - began, 10_000, operation);
      if (operation !== "tokenProvider") assert.equal(failure.operation, operation);
      return failure;
    }),
  );
}

const half = {
  base64: base64(png(600)),
  hang: /** @type {const} */ ("body"),
  headers: { "content-type": "application/json" },
};

/** @type {[string, unknown][]} a reason may be anything */
const REASONS = [
  ["a string", "changed my mind"],
  ["an Error", new Error("stop")],
  ["an object", { why: "stop" }],
  ["null", null],
  ["a number", 0],
  ["a symbol", Symbol("stop")],
  ["a function", () => "stop"],
];

export default suite("promise 1: no call hangs", {
  "timeoutMs ends every operation whose upstream never answers": (stage) =>
    everyCall(stage, { hang: "headers" }, "timeout", { timeoutMs: 300, maxRetries: 0 }),

  "timeoutMs ends every operation whose body never ends": (stage) =>
    everyCall(stage, half, "timeout", { timeoutMs: 400, maxRetries: 0 }),

  "timeoutMs covers headers that come letter by letter": async ({ passdesk, answering }) => {
    const letters = [..."HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-slow: "].flatMap((letter) => [
      letter,
      { wait: 20 },
    ]);
    const upstream = await answering({
      raw: [...letters, ...Array.from({ length: 400 }, () => ["y", { wait: 50 }]).flat()],
    });
    const failure = await assert.rejects(
      passdesk.retrievePii({ requestId: "r1", baseUrl: upstream.origin, timeoutMs: 500, maxRetries: 0 }),
      "timeout",
    );
    assert.equal(failure.attempts, 1);
    assert.equal(failure.retryable, true);
  },

  "timeoutMs covers a body that drips": async ({ passdesk, answering }) => {
    const upstream = await answering({
      text: JSON.stringify(record("r1")).padEnd(20_000),
      drip: { bytes: 10, every: 30 },
    });
    await assert.rejects(
      passdesk.retrievePii({ requestId: "r1", baseUrl: upstream.origin, timeoutMs: 500, maxRetries: 0 }),
      "timeout",
    );
  },

  "timeoutMs is for one attempt, and a time-out is tried again": async ({ passdesk, upstream }) => {
    const civic = await upstream({
      routes: { "*": [{ hang: "headers" }, { hang: "headers" }, { json: record("r1") }] },
    });
    const pii = await assert.ends(
      passdesk.retrievePii({ requestId: "r1", baseUrl: civic.origin, timeoutMs: 1500 }),
      20_000,
    );
    assert.equal(pii.id, "r1");
    assert.equal((await civic.seen()).length, 3);
  },

  "a time-out closes the connection": async ({ passdesk, answering }) => {
    const upstream = await answering({ hang: "headers" });
    await assert.rejects(
      passdesk.retrievePii({ requestId: "r1", baseUrl: upstream.origin, timeoutMs: 300, maxRetries: 0 }),
      "timeout",
    );
    for (let tries = 0; tries < 100 && !(await upstream.seen())[0]?.closed; tries += 1) await assert.sleep(50);
    assert.ok((await upstream.seen())[0]?.closed);
  },

  "a body of a known length that a caller's fetch never sends, or not to its end, is no call that hangs": async ({
    passdesk,
  }) => {
    await passdesk.screenPii({ pii: record("r1"), policy: {} });
    // workerd knows a length of its own by these, and reads such a body at once.
    const { FixedLengthStream } = /** @type {any} */ (globalThis);
    for (const [breaks, code, timeoutMs] of /** @type {const} */ ([
      [false, "timeout", 300],
      [true, "network", 30_000],
    ])) {
      const body = FixedLengthStream ? new FixedLengthStream(100) : new TransformStream();
      const writer = body.writable.getWriter();
      writer.write(new TextEncoder().encode('{"id":')).catch(() => {});
      if (breaks) writer.abort(new Error("gone")).catch(() => {});
      const call = passdesk.retrievePii({
        requestId: "r1",
        fetch: async () => new Response(body.readable),
        timeoutMs,
        maxRetries: 0,
      });
      assert.equal((await assert.rejects(call, code)).status, 200);
    }
  },

  "an aborted signal sends nothing": async ({ passdesk, answering }) => {
    for (const [what, reason] of REASONS) {
      const upstream = await answering({});
      for (const [operation, call] of Object.entries(CALLS)) {
        const failure = await assert.rejects(
          call(passdesk, upstream.origin, { signal: AbortSignal.abort(reason) }),
          "aborted",
        );
        assert.equal(failure.cause, reason, `${operation} with ${what}`);
        assert.equal(failure.attempts, 0, operation);
        assert.equal(failure.retryable, false);
      }
      assert.equal((await upstream.seen()).length, 0);
    }
  },

  "without a reason, the cause is the platform's AbortError": async ({ passdesk, answering }) => {
    const upstream = await answering({ hang: "headers" });
    const controller = new AbortController();
    const call = passdesk.retrievePii({ requestId: "r1", baseUrl: upstream.origin, signal: controller.signal });
    controller.abort();
    const failure = await assert.rejects(call, "aborted");
    assert.equal(/** @type {Error} */ (failure.cause)?.name, "AbortError");
  },

  "abort in the same tick as the call": async ({ passdesk, answering }) => {
    for (const call of Object.values(CALLS)) {
      const upstream = await answering({ hang: "headers" });
      const controller = new AbortController();
      const pending = call(passdesk, upstream.origin, { signal: controller.signal });
      controller.abort("at once");
      assert.equal((await assert.rejects(pending, "aborted")).cause, "at once");
    }
  },

  "abort before the headers, with a reason of any type": async ({ passdesk, answering }) => {
    for (const [what, reason] of REASONS) {
      const upstream = await answering({ hang: "headers" });
      const controller = new AbortController();
      const call = passdesk.retrievePii({ requestId: "r1", baseUrl: upstream.origin, signal: controller.signal });
      for (let tries = 0; tries < 200 && (await upstream.seen()).length === 0; tries += 1) await assert.sleep(20);
      controller.abort(reason);
      const began = performance.now();
      const failure = await assert.rejects(call, "aborted");
      assert.within(performance.now() - began, 2000, `abort with ${what}`);
      assert.equal(failure.cause, reason, what);
      assert.equal(failure.attempts, 1);
    }
  },

  "abort before the headers ends every operation": async ({ passdesk, answering }) => {
    for (const [operation, call] of Object.entries(CALLS)) {
      const upstream = await answering({ hang: "headers" });
      const controller = new AbortController();
      const pending = call(passdesk, upstream.origin, { signal: controller.signal });
      pending.catch(() => {});
      for (let tries = 0; tries < 200 && (await upstream.seen()).length === 0; tries += 1) await assert.sleep(20);
      controller.abort(operation);
      assert.equal((await assert.rejects(pending, "aborted")).cause, operation);
      assert.equal((await upstream.seen()).length, 1, "an abort is not tried again");
    }
  },

  "abort in the body ends every operation, with a reason of any type": async ({ passdesk, answering }) => {
    let turn = 0;
    for (const [operation, call] of Object.entries(CALLS)) {
      const upstream = await answering(half);
      const controller = new AbortController();
      const [what, reason] = /** @type {[string, unknown]} */ (REASONS[turn++ % REASONS.length]);
      const pending = call(passdesk, upstream.origin, { signal: controller.signal });
      pending.catch(() => {});
      for (let tries = 0; tries < 200 && (await upstream.seen()).length === 0; tries += 1) await assert.sleep(20);
      await assert.sleep(150);
      controller.abort(reason);
      assert.equal((await assert.rejects(pending, "aborted")).cause, reason, `${operation} with ${what}`);
    }
  },

  "abort while waiting to retry ends every operation": async ({ passdesk, answering }) => {
    await Promise.all(
      Object.entries(CALLS).map(async ([operation, call], turn) => {
        const upstream = await answering({ status: 503, json: {}, headers: { "retry-after": "50" } });
        const controller = new AbortController();
        const [what, reason] = /** @type {[string, unknown]} */ (REASONS[turn % REASONS.length]);
        const pending = call(passdesk, upstream.origin, {
          signal: controller.signal,
          onEvent: (event) => {
            if (event.type === "retry") setTimeout(() => controller.abort(reason), 20);
          },
        });
        const began = performance.now();
        const failure = await assert.rejects(pending, "aborted");
        assert.within(performance.now() - began, 10_000, operation);
        assert.equal(failure.cause, reason, `${operation} with ${what}`);
        assert.equal(failure.attempts, 1);
        assert.equal((await upstream.seen()).length, 1);
      }),
    );
  },

  "abort from within a listener of the call": async ({ passdesk, answering }) => {
    for (const type of ["attempt", "retry"]) {
      const upstream = await answering({ status: 503, json: {}, headers: { "retry-after": "30" } });
      const controller = new AbortController();
      await assert.rejects(
        passdesk.retrievePii({
          requestId: "r1",
          baseUrl: upstream.origin,
          signal: controller.signal,
          onEvent: (event) => {
            if (event.type === type) controller.abort("from the listener");
          },
        }),
        "aborted",
      );
    }
  },

  "abort while a token function never answers": async ({ passdesk, answering }) => {
    const upstream = await answering({});
    const controller = new AbortController();
    const call = passdesk.retrievePii({
      requestId: "r1",
      baseUrl: upstream.origin,
      token: () => new Promise(() => {}),
      signal: controller.signal,
    });
    controller.abort("no token");
    assert.equal((await assert.rejects(call, "aborted")).cause, "no token");
  },

  "timeoutMs ends a call whose token function never answers": async ({ passdesk, answering }) => {
    const upstream = await answering({});
    await assert.rejects(
      passdesk.retrievePii({
        requestId: "r1",
        baseUrl: upstream.origin,
        token: () => new Promise(() => {}),
        timeoutMs: 300,
        maxRetries: 0,
      }),
      "timeout",
    );
  },

  "timeoutMs ends a call whose fetch never settles, though it ignores its signal": async ({ passdesk }) => {
    for (const [operation, call] of Object.entries(CALLS)) {
      const failure = await assert.rejects(
        call(passdesk, "http://127.0.0.1:9", { fetch: () => new Promise(() => {}), timeoutMs: 100, maxRetries: 0 }),
        "timeout",
      );
      assert.equal(failure.attempts, 1, operation);
    }
  },

  "abort ends a call whose fetch ignores its signal": async ({ passdesk }) => {
    for (const call of Object.values(CALLS)) {
      const controller = new AbortController();
      const pending = call(passdesk, "http://127.0.0.1:9", {
        fetch: () => new Promise(() => {}),
        signal: controller.signal,
      });
      setTimeout(() => controller.abort("deaf fetch"), 30);
      assert.equal((await assert.rejects(pending, "aborted")).cause, "deaf fetch");
    }
  },

  "timeoutMs ends a body whose stream ignores its signal": async ({ passdesk }) => {
    const deaf = async () =>
      new Response(new ReadableStream({ start: (controller) => controller.enqueue(png(64)) }), {
        headers: { "content-type": "application/json" },
      });
    for (const call of Object.values(CALLS)) {
      await assert.rejects(
        call(passdesk, "http://127.0.0.1:9", { fetch: deaf, timeoutMs: 150, maxRetries: 0 }),
        "timeout",
      );
    }
  },

  "a fetch that throws, synchronously or not, is a network error": async ({ passdesk }) => {
    const throwing = [
      () => {
        throw new TypeError("canary at once");
      },
      async () => {
        throw new TypeError("canary later");
      },
      () => Promise.reject("canary text"),
      () => Promise.reject(undefined),
      () => Promise.reject(null),
      () => {
        throw null;
      },
      () => Promise.reject(Object.freeze({ canary: 1 })),
      () =>
        Promise.reject(
          new Proxy(
            {},
            {
              get() {
                throw new Error("canary getter");
              },
            },
          ),
        ),
    ];
    for (const fetch of throwing) {
      for (const [operation, call] of Object.entries(CALLS)) {
        const failure = await assert.rejects(
          call(passdesk, "http://127.0.0.1:9", { fetch: /** @type {any} */ (fetch), maxRetries: 0 }),
          "network",
        );
        assert.equal(failure.attempts, 1, operation);
        assert.equal(failure.retryable, true);
        assert.ok(!`${failure.message}${String(/** @type {any} */ (failure.cause)?.message ?? "")}`.includes("canary"));
      }
    }
  },

  "a fetch that gives garbage is a rejection": async ({ passdesk }) => {
    for (const [what, value] of /** @type {[string, unknown][]} */ ([
      ["nothing", undefined],
      ["null", null],
      ["a number", 7],
      ["a string", "response"],
      ["an empty object", {}],
      ["a status without the rest", { status: 200 }],
      ["a status of text", { status: "200", ok: true, headers: {}, body: null }],
      [
        "a throwing status",
        Object.defineProperty({}, "status", {
          get: () => {
            throw new Error("getter");
          },
        }),
      ],
      [
        "a throwing then",
        // biome-ignore lint/suspicious/noThenProperty: a thenable that throws is the point
        Object.defineProperty({}, "then", {
          get: () => {
            throw new Error("getter");
          },
        }),
      ],
    ])) {
      for (const [operation, call] of Object.entries(CALLS)) {
        for (const fetch of [() => value, async () => value]) {
          const pending = call(passdesk, "http://127.0.0.1:9", { fetch: /** @type {any} */ (fetch), maxRetries: 0 });
          const failure = await assert.rejects(pending, ["network", "bad_response"]);
          assert.ok(failure.attempts <= 1, `${operation} given ${what}`);
        }
      }
    }
  },

  "a foreign Response works, as long as it is one": async ({ passdesk }) => {
    // undici's, node-fetch's and mock libraries' responses are not instances of the global class.
    const pii = JSON.parse(JSON.stringify(record("r1")).replaceAll("{{origin}}", "http://127.0.0.1:9"));
    const real = () => Response.json(pii);
    const foreign = async () => {
      const response = real();
      return /** @type {any} */ ({
        status: response.status,
        ok: response.ok,
        type: "basic",
        redirected: false,
        url: "",
        headers: response.headers,
        body: response.body,
        bodyUsed: false,
        arrayBuffer: () => response.arrayBuffer(),
        text: () => response.text(),
        json: () => response.json(),
      });
    };
    assert.equal(
      (await passdesk.retrievePii({ requestId: "r1", baseUrl: "http://127.0.0.1:9", fetch: foreign })).id,
      "r1",
    );
  },

  "a getter that throws is an ordinary rejection": async ({ passdesk, answering }) => {
    const upstream = await answering({});
    const names = {
      exchangeToken: ["tokenUrl", "clientId", "clientSecret", "timeoutMs", "fetch"],
      retrievePii: [
        "requestId",
        "token",
        "baseUrl",
        "signal",
        "timeoutMs",
        "maxRetries",
        "fetch",
        "credentials",
        "onEvent",
      ],
      fetchEvidence: ["pii", "rel", "maxBytes", "accept", "allowOrigins", "onProgress"],
      streamEvidence: ["pii", "rel", "maxBytes"],
      submitDecision: ["requestId", "status"],
      listAttestations: ["token", "where"],
      searchAttestations: ["where", "page", "perPage"],
      screenPii: ["pii", "policy", "now"],
    };
    for (const [operation, options] of Object.entries(names)) {
      for (const name of options) {
        const trap = Object.defineProperty({}, name, {
          enumerable: true,
          get() {
            throw new Error("canary-getter");
          },
        });
        /** @type {unknown} */
        let caught;
        const pending = /** @type {any} */ (passdesk)[operation](trap);
        assert.ok(typeof pending?.then === "function", `${operation} returns a promise`);
        await assert.ends(
          pending.catch((/** @type {unknown} */ error) => {
            caught = error;
          }),
        );
        assert.ok(caught instanceof Error, `${operation} with a throwing ${name}`);
      }
    }
    const trap = new Proxy(
      {},
      {
        ownKeys() {
          throw new Error("no keys");
        },
      },
    );
    await assert.ends(
      passdesk.retrievePii(/** @type {any} */ (trap)).then(
        () => assert.fail("a proxy without keys"),
        () => undefined,
      ),
    );
    assert.equal((await upstream.seen()).length, 0);
  },

  "nested getters that throw are ordinary rejections": async ({ passdesk, answering }) => {
    const upstream = await answering({ json: [] });
    const bomb = () => {
      throw new Error("canary-getter");
    };
    const where = Object.defineProperty({ value: "x" }, "field", { enumerable: true, get: bomb });
    const pii = Object.defineProperty({ id: "r1", status: "s", type: "t" }, "links", { enumerable: true, get: bomb });
    const policy = Object.defineProperty({}, "minAge", { enumerable: true, get: bomb });
    const links = [Object.defineProperty({ rel: "idDocumentFront" }, "href", { enumerable: true, get: bomb })];
    for (const call of [
      () => passdesk.listAttestations({ token: TOKEN, where: /** @type {any} */ (where), baseUrl: upstream.origin }),
      () => passdesk.fetchEvidence({ pii: /** @type {any} */ (pii), rel: "idDocumentFront", baseUrl: upstream.origin }),
      () =>
        passdesk.fetchEvidence({
          pii: /** @type {any} */ ({ id: "r1", status: "s", type: "t", links }),
          rel: "idDocumentFront",
          baseUrl: upstream.origin,
        }),
      () => passdesk.screenPii({ pii: /** @type {any} */ ({ id: "r1" }), policy: /** @type {any} */ (policy) }),
    ]) {
      const caught = await assert.ends(
        call().then(
          () => undefined,
          (/** @type {unknown} */ error) => error,
        ),
      );
      assert.ok(caught instanceof Error);
    }
    // The instance must have survived: a throw inside wasm would have left it unusable.
    assert.deepEqual(await passdesk.listAttestations({ token: TOKEN, baseUrl: upstream.origin }), []);
  },

  "a body that throws wherever it is touched is a body that broke off": async ({ passdesk }) => {
    const get = () => {
      throw new Error("canary-getter");
    };
    const headers = new Headers({ "content-type": "application/json" });
    const answer = { status: 200, headers, body: new Proxy({}, { get }) };
    for (const [operation, call] of Object.entries(CALLS)) {
      const fetch = async () => /** @type {any} */ (answer);
      const failure = await assert.rejects(call(passdesk, "http://127.0.0.1:9", { fetch, maxRetries: 0 }), "network");
      if (operation !== "tokenProvider") assert.equal(failure.operation, operation);
    }
  },

  "a call whose clock has gone, with the request of a Worker, does not stay for ever": alone(
    inWorkerd(async ({ passdesk }) => {
      const answer = async () => Response.json(record("r1"));
      const never = () => new Promise(() => {});
      await passdesk.retrievePii({ requestId: "r1", fetch: answer });
      const { setTimeout: clock } = globalThis;
      const { now } = Date;
      const [gone, patient] = [countedSignal(), countedSignal()];
      /** @param {AbortSignal} signal @param {number} timeoutMs */
      const begin = (signal, timeoutMs) => passdesk.retrievePii({ requestId: "r1", fetch: never, signal, timeoutMs });
      globalThis.setTimeout = /** @type {any} */ (() => 0);
      const calls = [begin(patient.signal, 600_000), begin(gone.signal, 1000)];
      globalThis.setTimeout = clock;
      for (const call of calls) call.catch(() => {});
      try {
        Date.now = () => now() + 30_000;
        await passdesk.retrievePii({ requestId: "r1", fetch: answer });
        assert.equal(gone.left(), 1, "ended too early");
        Date.now = () => now() + 120_000;
        await passdesk.retrievePii({ requestId: "r1", fetch: answer });
      } finally {
        Date.now = now;
      }
      await assert.rejects(calls[1], "timeout");
      assert.equal(gone.left(), 0);
      assert.equal(patient.left(), 1);
      patient.controller.abort("enough");
      await assert.rejects(calls[0], "aborted");
    }),
  ),

  "a clock that is put forward, or a machine that slept, ends no call": alone(
    inNode(async ({ passdesk }) => {
      const { now } = Date;
      let sent = 0;
      const fetch = async () => {
        sent += 1;
        return sent === 1 ? Response.json({}, { status: 503 }) : Response.json(record("r1"));
      };
      const waiting = passdesk.retrievePii({ requestId: "r1", fetch });
      try {
        for (let tries = 0; tries < 200 && sent < 1; tries += 1) await assert.sleep(5);
        Date.now = () => now() + 3_600_000;
        await passdesk.retrievePii({ requestId: "r1", fetch: async () => Response.json(record("r1")) });
        await waiting;
      } finally {
        Date.now = now;
      }
      assert.equal(sent, 2);
    }),
  ),

  "a runtime that makes no response ends the call": alone(async ({ passdesk }) => {
    const { Response: theirs } = globalThis;
    const fetch = async () => {
      const answer = new theirs(png(64), { headers: { "content-type": "image/png", "content-length": "64" } });
      globalThis.Response = /** @type {any} */ (undefined);
      return answer;
    };
    const base = "https://civic.example";
    const href = `${base}/partner/piirequest/r1/evidence/idDocumentFront`;
    const call = passdesk.streamEvidence({ href, requestId: "r1", baseUrl: base, fetch });
    await assert.rejects(call, "load_failed").finally(() => {
      globalThis.Response = theirs;
    });
  }),

  "no listener stays on the signal": async ({ passdesk, upstream, answering }) => {
    const good = await upstream({
      routes: {
        "POST /oauth/token": { json: { access_token: "t", expires_in: 60, token_type: "Bearer" } },
        "GET /partner/piirequest/r1": { json: record("r1") },
        "GET /partner/piirequest/r1/evidence/idDocumentFront": { base64: base64(png(64)) },
        "PUT /partner/piirequest/r1/status": { json: {} },
        "GET /v1/attestations": { json: [] },
        "GET /v1/attestations/search": { json: { data: [{ uuid: "u" }], meta: { page: 1, per_page: 50, total: 1 } } },
      },
    });
    const failing = await answering({ status: 404, json: {} });
    const limping = await answering({ status: 503, headers: { "retry-after": "0" }, json: {} });
    for (const [operation, call] of Object.entries(CALLS)) {
      for (const { origin } of [good, failing, limping]) {
        const { signal, left } = countedSignal();
        await assert.ends(call(passdesk, origin, { signal }).catch(() => {}));
        assert.equal(left(), 0, `listeners after ${operation}`);
      }
      const stalling = await answering({ hang: "headers" });
      const timed = countedSignal();
      await assert.rejects(
        call(passdesk, stalling.origin, { signal: timed.signal, timeoutMs: 100, maxRetries: 0 }),
        "timeout",
      );
      assert.equal(timed.left(), 0, `listeners after a time-out of ${operation}`);
      const aborted = countedSignal();
      const pending = call(passdesk, stalling.origin, { signal: aborted.signal });
      setTimeout(() => aborted.controller.abort("x"), 20);
      await assert.rejects(pending, "aborted");
      assert.equal(aborted.left(), 0, `listeners after an abort of ${operation}`);
    }
  },

  "no timer outlives its call": alone(
    inNode(async ({ passdesk, upstream, answering }) => {
      const { getActiveResourcesInfo } = globalThis.process;
      const timers = () => getActiveResourcesInfo().filter((name) => name === "Timeout" || name === "Immediate").length;
      const civic = await upstream({ routes: { "*": { json: record("r1") } } });
      const failing = await answering({ status: 404, json: {} });
      const waiting = await answering({ status: 503, headers: { "retry-after": "40" }, json: {} });
      const baseUrl = civic.origin;
      await passdesk.retrievePii({ requestId: "r1", baseUrl });
      await assert.sleep(100);
      const before = timers();
      await passdesk.retrievePii({ requestId: "r1", baseUrl, timeoutMs: 30_000 });
      await passdesk.retrievePii({ requestId: "r1", baseUrl: failing.origin, timeoutMs: 30_000 }).catch(() => {});
      const renewing = await upstream({ routes: { "*": [{ status: 401, json: {} }, { json: record("r1") }] } });
      let asked = 0;
      const token = () => {
        asked += 1;
        return `token-${asked}`;
      };
      await passdesk.retrievePii({ requestId: "r1", baseUrl: renewing.origin, token, timeoutMs: 30_000 });
      assert.equal(asked, 2);
      const controller = new AbortController();
      const pending = passdesk.retrievePii({
        requestId: "r1",
        baseUrl: waiting.origin,
        signal: controller.signal,
        onEvent: (event) => {
          if (event.type === "retry") controller.abort("enough");
        },
      });
      await pending.catch(() => {});
      await passdesk
        .retrievePii({
          requestId: "r1",
          baseUrl,
          fetch: () => {
            throw new Error("at once");
          },
          maxRetries: 0,
        })
        .catch(() => {});
      const never = () => new Promise(() => {});
      const provider = passdesk.tokenProvider({
        tokenUrl: `${baseUrl}/oauth/token`,
        clientId: "desk",
        clientSecret: "s3cret",
        store: { get: never, set: never, delete: never },
      });
      const leaving = new AbortController();
      setTimeout(() => leaving.abort("enough"), 20);
      await provider.get({ signal: leaving.signal }).catch(() => {});
      await assert.sleep(100);
      assert.ok(timers() <= before, `timers before ${before}, after ${timers()}`);
    }),
  ),

  "a process ends by itself once its calls have": alone(
    inNode(async ({ upstream }) => {
      const { spawn } = await import("node:child_process");
      const civic = await upstream({ routes: { "*": { json: record("r1"), headers: { connection: "close" } } } });
      const script = `
        import { retrievePii, fetchEvidence, searchAttestations } from "passdesk";
        const baseUrl = ${JSON.stringify(civic.origin)};
        const signal = new AbortController().signal;
        await retrievePii({ requestId: "r1", baseUrl, signal, timeoutMs: 600000 });
        await searchAttestations({ baseUrl, signal, timeoutMs: 600000 }).catch(() => {});
        console.log("done");`;
      const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let output = "";
      child.stdout.on("data", (data) => {
        output += data;
      });
      const code = await assert
        .ends(new Promise((resolve) => child.on("exit", resolve)), 20_000, "the process")
        .finally(() => child.kill());
      assert.equal(code, 0);
      assert.match(output, /done/u);
    }),
  ),

  "leaving a walk in the middle of a request leaves nothing behind": async ({ passdesk, upstream }) => {
    const globalid = await upstream({ walk: { total: 500, pages: { 2: { hang: "headers" } } } });
    const { signal, left } = countedSignal();
    for await (const _ of passdesk.eachAttestation({ baseUrl: globalid.origin, perPage: 10, concurrency: 3, signal }))
      break;
    assert.equal(left(), 0);
    for (let tries = 0; tries < 100 && (await globalid.report()).inFlight > 0; tries += 1) await assert.sleep(50);
    assert.equal((await globalid.report()).inFlight, 0, "the requests under way are gone");
  },

  "a header that lies about the length is no hang": async ({ passdesk, answering }) => {
    const body = JSON.stringify({ id: "r1", type: "t", status: "s", links: [] });
    const longer = await answering({
      raw: [
        raw(`content-type: application/json\r\ncontent-length: ${body.length + 100}`, body),
        { wait: 50 },
        { end: "fin" },
      ],
    });
    await assert.rejects(passdesk.retrievePii({ requestId: "r1", baseUrl: longer.origin, maxRetries: 0 }), "network");
    const shorter = await answering({
      raw: [raw("content-type: application/json\r\nconnection: close\r\ncontent-length: 10", body), { end: "fin" }],
    });
    await assert.rejects(passdesk.retrievePii({ requestId: "r1", baseUrl: shorter.origin, maxRetries: 0 }), [
      "bad_response",
      "network",
    ]);
  },

  "connections that break are network errors": async ({ passdesk, answering }) => {
    for (const [what, pieces] of /** @type {[string, import("../support/lab.mjs").Piece[]][]} */ ([
      ["before anything", [{ end: "reset" }]],
      ["closed before anything", [{ end: "fin" }]],
      ["in the headers", ["HTTP/1.1 200 OK\r\ncontent-ty", { wait: 20 }, { end: "reset" }]],
      [
        "in a chunk",
        [
          raw("transfer-encoding: chunked\r\ncontent-type: application/json", '20\r\n{"id":'),
          { wait: 20 },
          { end: "fin" },
        ],
      ],
      [
        "between chunks",
        [
          raw("transfer-encoding: chunked\r\ncontent-type: application/json", '5\r\n{"id"\r\n'),
          { wait: 20 },
          { end: "reset" },
        ],
      ],
      ["not HTTP at all", ["SSH-2.0-OpenSSH_9.2\r\n", { end: "fin" }]],
    ])) {
      const upstream = await answering({ raw: pieces });
      const failure = await assert.rejects(
        passdesk.retrievePii({ requestId: "r1", baseUrl: upstream.origin, maxRetries: 0 }),
        "network",
      );
      assert.equal(failure.retryable, true, what);
      assert.equal(failure.attempts, 1, what);
    }
  },
});
