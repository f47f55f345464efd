// @ts-check
// Promise 2: which failures are tried again, how long the pauses are, and whose word decides.
import { suite } from "#suite";
import * as assert from "../support/assert.mjs";
import { CALLS } from "../support/calls.mjs";
import { record } from "../support/stage.mjs";

/** @typedef {import("passdesk").CallEvent} CallEvent */

/**
 * Times are taken at the server, between two arrivals: what the client says of itself proves nothing.
 *
 * @param {import("../support/lab.mjs").Seen[]} seen
 */
const pauses = (seen) =>
  seen.slice(1).map((it, at) => it.at - /** @type {import("../support/lab.mjs").Seen} */ (seen[at]).at);

export default suite("promise 2: retries", {
  "408, 429, 500, 502, 503 and 504 are tried again, by every operation": async ({ passdesk, answering }) => {
    await Promise.all(
      [408, 429, 500, 502, 503, 504].map(async (status) => {
        for (const [operation, call] of Object.entries(CALLS)) {
          const upstream = await answering({ status, json: {}, headers: { "retry-after": "0" } });
          const code = { 408: "rejected", 429: "rate_limited" }[status] ?? "upstream";
          const failure = await assert.rejects(call(passdesk, upstream.origin, {}), code);
          assert.equal(failure.status, status);
          assert.equal(failure.attempts, 3, `${operation} on ${status}`);
          assert.equal(failure.retryable, true);
          assert.equal((await upstream.seen()).length, 3, `${operation} on ${status}, on the wire`);
        }
      }),
    );
  },

  // Not 421: fetch itself sends that once more, over another connection (WHATWG Fetch, "HTTP-network-or-cache fetch").
  "no other status is": async ({ passdesk, answering }) => {
    for (const status of [
      400, 401, 402, 403, 404, 405, 406, 409, 410, 413, 415, 418, 422, 423, 425, 428, 431, 451, 499, 501, 505, 507, 508,
      511, 599,
    ]) {
      const upstream = await answering({ status, json: {}, headers: { "retry-after": "0" } });
      const failure = await assert.rejects(
        passdesk.retrievePii({ requestId: "r1", token: "t", baseUrl: upstream.origin }),
        assert.CODES,
      );
      assert.equal(failure.status, status);
      assert.equal(failure.attempts, 1, `attempts on ${status}`);
      assert.equal(failure.retryable, false, `${status} is not retryable`);
      assert.equal((await upstream.seen()).length, 1, `requests on ${status}`);
    }
  },

  "what is wrong for good is not tried again": async ({ passdesk, answering }) => {
    for (const [answer, code] of /** @type {[import("../support/lab.mjs").Answer, string][]} */ ([
      [{ text: "not json" }, "bad_response"],
      [{ json: { id: "other" } }, "bad_response"],
      [{ status: 302, headers: { location: "/elsewhere" } }, "redirected"],
    ])) {
      const upstream = await answering(answer);
      const failure = await assert.rejects(passdesk.retrievePii({ requestId: "r1", baseUrl: upstream.origin }), code);
      assert.equal(failure.attempts, 1);
      assert.equal((await upstream.seen()).length, 1);
    }
  },

  "network errors are tried again": async ({ passdesk, upstream }) => {
    const civic = await upstream({
      routes: { "*": [{ raw: [{ end: "reset" }] }, { raw: [{ end: "reset" }] }, { json: record("r1") }] },
    });
    assert.equal((await passdesk.retrievePii({ requestId: "r1", baseUrl: civic.origin })).id, "r1");
  },

  "a refused connection is a network error after three attempts": async ({ passdesk, answering, runtime }) => {
    const gone = await answering({});
    let attempts = 0;
    // Port 9 (discard) is on every browser's block list but free on loopback; nothing listens there.
    const failure = await assert.rejects(
      passdesk.retrievePii({
        requestId: "r1",
        baseUrl: "http://127.0.0.1:9",
        onEvent: (event) => {
          if (event.type === "attempt") attempts += 1;
        },
      }),
      "network",
    );
    assert.equal(failure.attempts, 3);
    assert.equal(attempts, 3);
    if (runtime === "node") {
      const cause = /** @type {Error & { code?: string }} */ (failure.cause);
      assert.ok(cause instanceof Error && (cause.code === undefined || /^[A-Z_]+$/u.test(cause.code)));
    }
    assert.equal((await gone.seen()).length, 0);
  },

  "maxRetries is the number of repeats": async ({ passdesk, answering }) => {
    for (const maxRetries of [0, 1, 5]) {
      const upstream = await answering({ status: 503, json: {}, headers: { "retry-after": "0" } });
      const failure = await assert.rejects(
        passdesk.retrievePii({ requestId: "r1", baseUrl: upstream.origin, maxRetries }),
        "upstream",
      );
      assert.equal(failure.attempts, maxRetries + 1);
      assert.equal((await upstream.seen()).length, maxRetries + 1);
    }
  },

  "the pause is random, below 0.5 s and then below 1 s": async ({ passdesk, answering }) => {
    /** @type {number[][]} */
    const told = [];
    // So many that what is said of some of them below is not left to chance: half to the power of forty.
    await Promise.all(
      Array.from({ length: 40 }, async () => {
        const upstream = await answering({ status: 503, json: {} });
        /** @type {number[]} */
        const delays = [];
        await assert.rejects(
          passdesk.retrievePii({
            requestId: "r1",
            baseUrl: upstream.origin,
            onEvent: (event) => {
              if (event.type === "retry") delays.push(event.delayMs);
            },
          }),
          "upstream",
        );
        told.push(delays);
        const waited = pauses(await upstream.seen());
        for (const [at, delay] of delays.entries()) {
          // A timer may fire a little early by another clock; 20 ms is far below any pause that matters.
          assert.ok((waited[at] ?? 0) >= delay - 20, `waited ${waited[at]} of ${delay} ms`);
        }
      }),
    );
    assert.ok(
      told.every(([first = -1, second = -1]) => first >= 0 && first <= 500 && second >= 0 && second <= 1000),
      assert.show(told),
    );
    assert.ok(new Set(told.map(([first]) => first)).size > 6, "full jitter: the pauses differ");
    assert.ok(
      told.some(([first = 500]) => first < 300),
      "full jitter starts at zero",
    );
    assert.ok(
      told.some(([, second = 0]) => second > 500),
      "the second pause may be longer than the first",
    );
  },

  "the pause doubles up to 8 s": async ({ passdesk }) => {
    // Nothing waits here: the abort of the last retry tells how long it would have been.
    /** @type {number[]} */
    const last = [];
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        let answered = 0;
        const fetch = async () => {
          answered += 1;
          return new Response("{}", { status: 503, headers: answered > 6 ? [] : [["retry-after", "0"]] });
        };
        const controller = new AbortController();
        await assert.rejects(
          passdesk.retrievePii({
            requestId: "r1",
            fetch,
            maxRetries: 20,
            signal: controller.signal,
            onEvent: (event) => {
              if (event.type === "retry" && event.attempt > 6) {
                last.push(event.delayMs);
                controller.abort();
              }
            },
          }),
          "aborted",
        );
      }),
    );
    assert.ok(
      last.every((delay) => delay >= 0 && delay <= 8000),
      assert.show(last),
    );
    assert.ok(
      last.some((delay) => delay > 1500),
      `by the seventh the pauses are long: ${assert.show(last)}`,
    );
  },

  "Retry-After in seconds is obeyed": async ({ passdesk, upstream }) => {
    for (const status of [429, 503]) {
      const civic = await upstream({
        routes: { "*": [{ status, json: {}, headers: { "retry-after": "1" } }, { json: record("r1") }] },
      });
      await passdesk.retrievePii({ requestId: "r1", baseUrl: civic.origin });
      const [pause = 0] = pauses(await civic.seen());
      assert.ok(pause >= 950, `waited ${pause} ms on ${status}`);
    }
  },

  "Retry-After: 0 means at once": async ({ passdesk, upstream }) => {
    const civic = await upstream({
      routes: { "*": [{ status: 503, json: {}, headers: { "retry-after": "0" } }, { json: record("r1") }] },
    });
    /** @type {CallEvent[]} */
    const events = [];
    await passdesk.retrievePii({ requestId: "r1", baseUrl: civic.origin, onEvent: (event) => events.push(event) });
    assert.ok(events.some((event) => event.type === "retry" && event.delayMs === 0));
  },

  "Retry-After as a date is obeyed, and a date gone by means at once": async ({ passdesk, upstream }) => {
    const at = new Date(Math.ceil(Date.now() / 1000) * 1000 + 2000);
    const civic = await upstream({
      routes: {
        "*": [{ status: 503, json: {}, headers: { "retry-after": at.toUTCString() } }, { json: record("r1") }],
      },
    });
    await passdesk.retrievePii({ requestId: "r1", baseUrl: civic.origin });
    assert.ok(Date.now() >= at.getTime() - 50, "not before the date");
    const past = await upstream({
      routes: {
        "*": [
          { status: 429, json: {}, headers: { "retry-after": "Wed, 21 Oct 2015 07:28:00 GMT" } },
          { json: record("r1") },
        ],
      },
    });
    /** @type {CallEvent[]} */
    const events = [];
    await passdesk.retrievePii({ requestId: "r1", baseUrl: past.origin, onEvent: (event) => events.push(event) });
    assert.ok(events.some((event) => event.type === "retry" && event.delayMs === 0));
  },

  "x-ratelimit-reset is obeyed with a 429": async ({ passdesk, upstream }) => {
    const reset = Math.ceil(Date.now() / 1000) + 2;
    const civic = await upstream({
      routes: {
        "*": [{ status: 429, json: {}, headers: { "x-ratelimit-reset": String(reset) } }, { json: record("r1") }],
      },
    });
    await passdesk.retrievePii({ requestId: "r1", baseUrl: civic.origin });
    assert.ok(Date.now() >= reset * 1000 - 50, "not before the reset");
  },

  "x-ratelimit-reset may also count from now on": async ({ passdesk, upstream }) => {
    const civic = await upstream({
      routes: { "*": [{ status: 429, json: {}, headers: { "x-ratelimit-reset": "1" } }, { json: record("r1") }] },
    });
    const began = Date.now();
    await passdesk.retrievePii({ requestId: "r1", baseUrl: civic.origin });
    assert.ok(Date.now() - began >= 950, "not before the reset");
  },

  "x-ratelimit-reset says nothing with a 503": async ({ passdesk, upstream }) => {
    const far = String(Math.ceil(Date.now() / 1000) + 3000);
    const civic = await upstream({
      routes: { "*": [{ status: 503, json: {}, headers: { "x-ratelimit-reset": far } }, { json: record("r1") }] },
    });
    assert.equal((await assert.ends(passdesk.retrievePii({ requestId: "r1", baseUrl: civic.origin }))).id, "r1");
  },

  "a wish beyond 60 s fails at once and says how long": async ({ passdesk, answering }) => {
    const now = Date.now();
    for (const [status, headers, low, high] of /** @type {[number, Record<string, string>, number, number][]} */ ([
      [429, { "retry-after": "61" }, 61_000, 61_000],
      [503, { "retry-after": "3600" }, 3_600_000, 3_600_000],
      [503, { "retry-after": new Date(now + 120_000).toUTCString() }, 90_000, 120_000],
      [429, { "x-ratelimit-reset": String(Math.round(now / 1000) + 300) }, 270_000, 301_000],
      [429, { "x-ratelimit-reset": "61" }, 61_000, 61_000],
    ])) {
      const upstream = await answering({ status, json: {}, headers });
      const began = performance.now();
      const failure = await assert.rejects(
        passdesk.retrievePii({ requestId: "r1", baseUrl: upstream.origin }),
        status === 429 ? "rate_limited" : "upstream",
      );
      assert.within(performance.now() - began, 8000, "a hopeless wait");
      assert.equal(failure.attempts, 1);
      assert.ok(
        (failure.retryAfterMs ?? 0) >= low && (failure.retryAfterMs ?? 0) <= high,
        `retryAfterMs ${failure.retryAfterMs}`,
      );
      assert.equal(failure.retryable, true);
      assert.equal((await upstream.seen()).length, 1);
    }
  },

  "a wish that fits is in the error of the last attempt": async ({ passdesk, answering }) => {
    const upstream = await answering({ status: 429, json: {}, headers: { "retry-after": "7" } });
    const failure = await assert.rejects(
      passdesk.retrievePii({ requestId: "r1", baseUrl: upstream.origin, maxRetries: 0 }),
      "rate_limited",
    );
    assert.equal(failure.retryAfterMs, 7000);
  },

  "nonsense in Retry-After falls back to the usual pause": async ({ passdesk, upstream }) => {
    for (const value of ["soon", "-5", "1.5e3x", "", "99999999999999999999999", "NaN", "0x10"]) {
      const civic = await upstream({
        routes: { "*": [{ status: 503, json: {}, headers: { "retry-after": value } }, { json: record("r1") }] },
      });
      const call = passdesk.retrievePii({ requestId: "r1", baseUrl: civic.origin });
      if (value.startsWith("999")) await assert.rejects(call, "upstream");
      else assert.equal((await assert.ends(call)).id, "r1", `retry-after: ${value}`);
    }
  },

  "Retry-After is obeyed after a renewal, too": async ({ passdesk }) => {
    /** @type {number[]} */
    const sent = [];
    const answers = [
      new Response("", { status: 401 }),
      new Response("", { status: 503, headers: { "retry-after": "1" } }),
      Response.json(record("r1")),
    ];
    const fetch = async () => {
      sent.push(performance.now());
      return /** @type {Response} */ (answers.shift());
    };
    const token = () => `token-${sent.length}`;
    await passdesk.retrievePii({ requestId: "r1", token, fetch, timeoutMs: 300 });
    const [, second = 0, third = 0] = sent;
    assert.ok(third - second >= 990, `${third - second} ms`);
  },

  "every repeat is a request of its own with the whole body": async ({ passdesk, upstream }) => {
    const auth = await upstream({
      routes: {
        "POST /oauth/token": [
          { status: 500, json: {}, headers: { "retry-after": "0" } },
          { raw: [{ end: "reset" }] },
          { json: { access_token: "t", expires_in: 60, token_type: "Bearer" } },
        ],
      },
    });
    await passdesk.exchangeToken({ tokenUrl: `${auth.origin}/oauth/token`, clientId: "desk", clientSecret: "s" });
    const bodies = (await auth.seen()).map((it) => it.body);
    assert.equal(bodies.length, 3);
    assert.ok(bodies.every((body) => body === bodies[0] && JSON.parse(body).grant_type === "client_credentials"));
  },
});
