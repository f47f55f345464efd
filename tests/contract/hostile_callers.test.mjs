// @ts-check
// What a caller hands over runs inside the call: it may call back, abort, throw, or break what the module stands on. None
// of that may hang a call or spoil the next one.
import { alone, suite } from "#suite";
import * as assert from "../support/assert.mjs";
import { CALLS, piiAt } from "../support/calls.mjs";
import { base64, png } from "../support/images.mjs";
import { record, TOKEN } from "../support/stage.mjs";

export default suite("hostile callers", {
  "callbacks may call the package again": async ({ passdesk, upstream }) => {
    const civic = await upstream({
      routes: {
        "GET /partner/piirequest/r1": { json: record("r1") },
        "GET /partner/piirequest/r1/evidence/idDocumentFront": { base64: base64(png(40_000)) },
      },
    });
    const baseUrl = civic.origin;
    /** @type {Promise<unknown>[]} */
    const inner = [];
    const again = () => {
      inner.push(passdesk.retrievePii({ requestId: "r1", baseUrl }));
    };
    /** @type {typeof fetch} */
    const reentrant = (input, init) => {
      again();
      return globalThis.fetch(input, init);
    };
    const token = async () => {
      await passdesk.retrievePii({ requestId: "r1", baseUrl });
      return TOKEN;
    };
    const options = { baseUrl, token, onEvent: again, fetch: reentrant };
    await assert.ends(passdesk.retrievePii({ requestId: "r1", ...options }));
    await assert.ends(
      passdesk.fetchEvidence({ pii: piiAt(baseUrl), rel: "idDocumentFront", onProgress: again, ...options }),
    );
    assert.ok(inner.length >= 6);
    for (const it of await assert.ends(Promise.all(inner))) assert.equal(/** @type {any} */ (it).id, "r1");
  },

  "a walk may be asked on, and left, from its own events": async ({ passdesk, upstream }) => {
    const globalid = await upstream({ walk: { total: 100 } });
    /** @type {AsyncIterableIterator<import("passdesk").Attestation>} */
    let walk;
    /** @type {Promise<unknown>[]} */
    const asked = [];
    walk = passdesk.eachAttestation({
      baseUrl: globalid.origin,
      perPage: 10,
      concurrency: 3,
      onEvent: (event) => {
        if (event.type === "attempt") asked.push(walk.next(), walk.next());
        if (event.type === "success") asked.push(/** @type {any} */ (walk).return());
      },
    });
    await assert.ends(walk.next());
    await assert.ends(Promise.all(asked));
    assert.equal((await assert.ends(walk.next())).done, true);
  },

  "a fetch may abort its own call, before and after it answers": async ({ passdesk }) => {
    for (const [operation, call] of Object.entries(CALLS)) {
      const before = new AbortController();
      const early = () => {
        before.abort("inside fetch");
        return Promise.resolve(Response.json(record("r1")));
      };
      const failure = await assert.rejects(
        call(passdesk, "http://127.0.0.1:9", { signal: before.signal, fetch: /** @type {any} */ (early) }),
        "aborted",
      );
      assert.equal(failure.cause, "inside fetch", operation);
      const throwing = new AbortController();
      const late = () => {
        throwing.abort("and then throws");
        throw new Error("canary");
      };
      assert.equal(
        (
          await assert.rejects(
            call(passdesk, "http://127.0.0.1:9", { signal: throwing.signal, fetch: late }),
            "aborted",
          )
        ).cause,
        "and then throws",
      );
    }
  },

  "options may be inherited, and what breaks when it is looked at is a rejection": async ({ passdesk, answering }) => {
    const upstream = await answering({ json: record("r1") });
    const baseUrl = upstream.origin;
    class Options {
      requestId = "r1";
      get baseUrl() {
        return baseUrl;
      }
    }
    const bare = Object.assign(Object.create(null), { requestId: "r1", baseUrl });
    for (const options of [new Options(), bare, Object.create({ requestId: "r1", baseUrl })]) {
      assert.equal((await passdesk.retrievePii(options)).id, "r1");
    }
    const bomb = () => {
      throw new Error("canary");
    };
    for (const trap of ["ownKeys", "get"]) {
      const options = new Proxy({ requestId: "r1", baseUrl }, { [trap]: bomb });
      await assert.rejects(passdesk.retrievePii(options), "invalid_argument");
    }
    assert.equal((await upstream.seen()).length, 3);
  },

  "an answer of the platform's own is one, no matter what its headers do": async ({ passdesk }) => {
    for (const headers of [undefined, {}, { get: 5 }]) {
      const answer = Object.defineProperty(Response.json(record("r1")), "headers", { value: headers });
      assert.equal((await passdesk.retrievePii({ requestId: "r1", fetch: async () => answer })).id, "r1");
    }
    /** @type {any} */
    const other = { status: 200, body: null };
    await assert.rejects(passdesk.retrievePii({ requestId: "r1", fetch: async () => other }), "bad_response");
  },

  "a signal that is none, or breaks, is a rejection": async ({ passdesk, answering }) => {
    const upstream = await answering({ json: record("r1") });
    const bomb = () => {
      throw new Error("canary");
    };
    const signals = [
      {},
      { aborted: "yes" },
      { aborted: false },
      { aborted: false, addEventListener: 5 },
      { aborted: false, addEventListener: bomb, removeEventListener: bomb },
      Object.defineProperty({ addEventListener() {} }, "aborted", { get: bomb }),
    ];
    for (const signal of signals) {
      await assert.rejects(
        passdesk.retrievePii({ requestId: "r1", baseUrl: upstream.origin, signal: /** @type {any} */ (signal) }),
        "invalid_argument",
      );
    }
    const listening = { aborted: false, addEventListener() {}, removeEventListener: bomb };
    const pii = await passdesk.retrievePii({
      requestId: "r1",
      baseUrl: upstream.origin,
      signal: /** @type {any} */ (listening),
    });
    assert.equal(pii.id, "r1", "what breaks afterwards spoils nothing");
  },

  "bodies that are no streams of bytes are rejections": async ({ passdesk }) => {
    const bomb = () => {
      throw new Error("canary");
    };
    const answer = (/** @type {unknown} */ body) => ({ status: 200, type: "basic", headers: new Headers(), body });
    const streaming = (/** @type {unknown} */ piece) =>
      new ReadableStream({
        start(controller) {
          controller.enqueue(piece);
          controller.close();
        },
      });
    const locked = streaming(png(64));
    locked.getReader();
    for (const [what, body] of /** @type {[string, unknown][]} */ ([
      ["text pieces", streaming("text")],
      ["number pieces", streaming(7)],
      ["undefined pieces", streaming(undefined)],
      ["a locked stream", locked],
      ["no stream", "text"],
      ["an empty object", {}],
      ["a reader that throws", { getReader: bomb }],
      ["a reader without read", { getReader: () => ({}) }],
      ["a read that throws", { getReader: () => ({ read: bomb, cancel: bomb, releaseLock: bomb }) }],
      ["a read that rejects", { getReader: () => ({ read: () => Promise.reject("canary"), cancel: bomb }) }],
      ["a read of nothing", { getReader: () => ({ read: async () => undefined, cancel: () => Promise.reject(1) }) }],
      ["a read that is no promise", { getReader: () => ({ read: () => 5, cancel: () => 5 }) }],
      ["a throwing getReader", Object.defineProperty({}, "getReader", { get: bomb })],
    ])) {
      for (const operation of ["retrievePii", "fetchEvidence", "streamEvidence"]) {
        const pending = CALLS[operation]?.(passdesk, "http://127.0.0.1:9", {
          fetch: /** @type {any} */ (async () => answer(body)),
          maxRetries: 0,
          timeoutMs: 5000,
        });
        const failure = await assert
          .rejects(pending, ["network", "bad_response", "unsupported_media"])
          .catch((error) => assert.fail(`${operation}, ${what}: ${error.message}`));
        assert.ok(!failure.message.includes("canary"));
      }
    }
  },

  "a trap ends the calls of its instance, and the next call gets a fresh one": alone(
    async ({ passdesk, answering }) => {
      // A panic or an exception that runs through the module skips its clean-up. Math.random stands for any import that fails
      // unforeseen; the back-off asks it.
      const hanging = await answering({ hang: "headers" });
      const busy = await answering({ status: 503, json: {} });
      const good = await answering({ json: record("r1") });
      const call = (/** @type {string} */ baseUrl) => passdesk.retrievePii({ requestId: "r1", baseUrl });
      await call(good.origin);
      for (let round = 0; round < 3; round += 1) {
        const bystander = call(hanging.origin);
        bystander.catch(() => {});
        const walk = passdesk.eachAttestation({ baseUrl: hanging.origin });
        const next = walk.next();
        next.catch(() => {});
        await assert.sleep(100);
        const { random } = Math;
        Math.random = () => {
          throw new Error("canary");
        };
        try {
          const failure = await assert.rejects(call(busy.origin), "load_failed");
          assert.ok(!failure.message.includes("canary"));
        } finally {
          Math.random = random;
        }
        await assert.rejects(bystander, "load_failed");
        await assert.rejects(next, "load_failed");
        assert.equal((await assert.ends(walk.next())).done, true, "a walk ends with its instance");
        assert.equal((await assert.ends(call(good.origin))).id, "r1", "the next call works");
      }
    },
  ),
});
