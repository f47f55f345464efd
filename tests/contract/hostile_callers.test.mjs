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

  "a walk that is left from its own events asks for nothing more, and takes nothing from others": async ({
    passdesk,
  }) => {
    const page = async () => Response.json({ data: [], meta: { page: 1, per_page: 50, total: 500 } });
    /** @param {string} id */
    const another = (id) => passdesk.retrievePii({ requestId: id, fetch: async () => Response.json(record(id)) });
    for (const type of ["attempt", "success"]) {
      /** @type {Promise<unknown>[]} */
      const others = [];
      let attempts = 0;
      /** @type {AsyncIterableIterator<import("passdesk").Attestation>} */
      let walk;
      walk = passdesk.eachAttestation({
        concurrency: 2,
        fetch: page,
        onEvent: (event) => {
          if (event.type === "attempt") attempts += 1;
          if (event.type !== type || others.length > 0) return;
          walk.return?.();
          others.push(another("r2"));
          // In the place of what the walk hears next.
          for (let turns = 1; turns < 6; turns += 1) {
            let later = Promise.resolve();
            for (let turn = 0; turn < turns; turn += 1) later = later.then(() => {});
            others.push(later.then(() => another("r3")));
          }
        },
      });
      assert.equal((await assert.ends(walk.next())).done, true);
      assert.equal((await assert.ends(Promise.all(others))).length, 6);
      assert.ok(attempts <= 2, `${attempts} attempts`);
    }
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

  "what only passes for a time is invalid_argument, and no other call hears of it": async ({ passdesk }) => {
    /** @type {any} */
    let answer;
    const fetch = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    const other = passdesk.retrievePii({ requestId: "r1", fetch });
    const revoked = Proxy.revocable(() => {}, {});
    revoked.revoke();
    class Bomb extends Date {
      /** @returns {number} */
      getTime() {
        throw new Error("canary");
      }
    }
    const times = [
      new Proxy(new Date(), {}),
      Object.create(Date.prototype),
      new Bomb(),
      revoked.proxy,
      () => 0,
      Symbol("s"),
      1n,
    ];
    for (const now of times) {
      const options = { pii: record("r1"), policy: {}, now };
      const failure = await assert.rejects(passdesk.screenPii(/** @type {any} */ (options)), "invalid_argument");
      assert.ok(failure.message.includes("`now`"), failure.message);
    }
    answer(Response.json(record("r1")));
    assert.equal((await assert.ends(other)).id, "r1");
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

  "a signal that breaks during a walk spoils nothing": async ({ passdesk, upstream }) => {
    const globalid = await upstream({ walk: { total: 60 } });
    let looks = 0;
    const breaking = {
      get aborted() {
        looks += 1;
        if (looks > 1) throw new Error("canary");
        return false;
      },
      addEventListener() {},
      removeEventListener() {},
    };
    const signal = /** @type {any} */ (breaking);
    let walked = 0;
    for await (const _ of passdesk.eachAttestation({ baseUrl: globalid.origin, perPage: 20, signal })) walked += 1;
    assert.equal(walked, 60);
    assert.ok(looks > 1);
  },

  "options that are no one object are a rejection": async ({ passdesk }) => {
    let sent = 0;
    const fetch = async () => {
      sent += 1;
      return Response.json({});
    };
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    for (const options of [null, 1, "x", [], [{ fetch }], proxy]) {
      const it = /** @type {any} */ (options);
      await assert.rejects(passdesk.searchAttestations(it), "invalid_argument");
      await assert.rejects((async () => passdesk.eachAttestation(it).next())(), "invalid_argument");
      const provider = passdesk.tokenProvider({
        tokenUrl: "https://x.example",
        clientId: "a",
        clientSecret: "b",
        fetch,
      });
      await assert.rejects(provider.get(it), "invalid_argument");
    }
    assert.equal(sent, 0);
  },

  "a signal that leaves its walk when it is listened to sends nothing": async ({ passdesk }) => {
    let sent = 0;
    /** @type {string[]} */
    const events = [];
    const fetch = async () => {
      sent += 1;
      return Response.json({ data: [], meta: { page: 1, per_page: 50, total: 0 } });
    };
    /** @type {any} */
    let walk;
    const leaving = { aborted: false, addEventListener: () => walk.return(), removeEventListener() {} };
    const signal = /** @type {any} */ (leaving);
    await passdesk.searchAttestations({ fetch });
    walk = passdesk.eachAttestation({ signal, fetch, onEvent: ({ type }) => events.push(type) });
    assert.equal((await assert.ends(walk.next())).done, true);
    await assert.sleep(20);
    assert.deepEqual([sent, events.length], [1, 0]);
  },

  "a token provider that aborts when it is looked at is not asked for another": async ({ passdesk }) => {
    const controller = new AbortController();
    let [sent, dropped] = [0, 0];
    const token = {
      get: async () => ({ accessToken: "token" }),
      get invalidate() {
        if (sent > 0) controller.abort("enough");
        return async () => {
          dropped += 1;
        };
      },
    };
    const fetch = async () => {
      sent += 1;
      return new Response("", { status: 401 });
    };
    const call = passdesk.retrievePii({
      requestId: "r1",
      token: /** @type {any} */ (token),
      fetch,
      signal: controller.signal,
    });
    await assert.rejects(call, "aborted");
    await assert.sleep(20);
    assert.deepEqual([sent, dropped], [1, 0]);
  },

  "a body behind a proxy is read": async ({ passdesk }) => {
    /**
     * As one that watches does it: functions run on what is behind. To the platform it is no stream, as everywhere but in Node,
     * which knows its own by their symbols.
     *
     * @param {any} it
     * @returns {any}
     */
    const watched = (it) =>
      new Proxy(it, {
        get(target, name) {
          if (typeof name === "symbol") return undefined;
          const value = Reflect.get(target, name, target);
          if (typeof value === "function") return value.bind(target);
          return name === "body" ? watched(value) : value;
        },
      });
    const fetch = async () => watched(Response.json(record("r1")));
    assert.equal((await passdesk.retrievePii({ requestId: "r1", fetch, maxRetries: 0 })).id, "r1");
  },

  "a body that ends its call when it is looked at is cancelled": async ({ passdesk }) => {
    const controller = new AbortController();
    let cancelled = 0;
    const body = new ReadableStream({
      pull: (out) => out.enqueue(new Uint8Array(10)),
      cancel() {
        cancelled += 1;
      },
    });
    const answer = {
      status: 200,
      headers: new Headers(),
      get body() {
        controller.abort("enough");
        return body;
      },
    };
    const fetch = async () => /** @type {any} */ (answer);
    await assert.rejects(passdesk.retrievePii({ requestId: "r1", fetch, signal: controller.signal }), "aborted");
    await assert.sleep(20);
    assert.equal(cancelled, 1);
  },

  "an answer that comes when its call is over is cancelled": async ({ passdesk }) => {
    let cancelled = 0;
    const body = new ReadableStream({
      cancel() {
        cancelled += 1;
      },
    });
    // It does not heed its signal.
    const fetch = () => assert.sleep(150).then(() => new Response(body));
    await assert.rejects(passdesk.retrievePii({ requestId: "r1", fetch, timeoutMs: 50, maxRetries: 0 }), "timeout");
    await assert.sleep(200);
    assert.equal(cancelled, 1);
  },

  "a refusal that hangs, and ends its call when its time is up, takes nothing from others": async ({ passdesk }) => {
    const controller = new AbortController();
    /** @type {(answer: Response) => void} */
    let answered = () => {};
    const bystander = passdesk.retrievePii({
      requestId: "r2",
      fetch: () =>
        new Promise((resolve) => {
          answered = resolve;
        }),
    });
    const headers = {
      get(/** @type {string} */ name) {
        if (name === "retry-after") controller.abort("enough");
        return null;
      },
    };
    const body = new ReadableStream({ pull: () => new Promise(() => {}) });
    const fetch = async () => /** @type {any} */ ({ status: 503, headers, body });
    const call = passdesk.retrievePii({ requestId: "r1", fetch, timeoutMs: 100, signal: controller.signal });
    await assert.rejects(call, "aborted");
    answered(Response.json(record("r2")));
    assert.equal((await bystander).id, "r2");
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

  "what breaks when it is asked for its class fails its own call, and no other": async ({ passdesk, answering }) => {
    const hanging = await answering({ hang: "headers" });
    const bystanding = new AbortController();
    const bystander = passdesk.retrievePii({
      requestId: "r1",
      baseUrl: hanging.origin,
      signal: bystanding.signal,
    });
    bystander.catch(() => {});
    const revocable = Proxy.revocable({}, {});
    revocable.revoke();
    const gone = /** @type {any} */ (revocable.proxy);
    const bomb = () => {
      throw gone;
    };
    const stream = (/** @type {(out: any) => void} */ pull) => new Response(new ReadableStream({ pull }));
    const answer = { status: 200, headers: new Headers(), body: null };
    class Bomb extends Uint8Array {
      static get [Symbol.species]() {
        return bomb();
      }
    }
    /** @type {Record<string, () => any>} */
    const fetches = {
      "a failure": () => Promise.reject(gone),
      "a status": () => Object.defineProperty({ ...answer }, "status", { get: bomb }),
      headers: () => Object.defineProperty({ ...answer }, "headers", { get: bomb }),
      "a body": () => Object.defineProperty({ ...answer }, "body", { get: bomb }),
      "a body that fails": () => stream((out) => out.error(gone)),
      "a piece": () => stream((out) => out.enqueue(gone)),
      "a proxy of a piece": () => stream((out) => out.enqueue(new Proxy(new Uint8Array(16), {}))),
      "a piece that cannot be cut": () => stream((out) => [out.enqueue(new Bomb(16)), out.close()]),
      "a reader": () => ({
        ...answer,
        body: { getReader: () => ({ read: () => Promise.reject(gone), cancel: bomb }) },
      }),
    };
    for (const operation of ["retrievePii", "fetchEvidence", "submitDecision"]) {
      const call = /** @type {import("../support/calls.mjs").Call} */ (CALLS[operation]);
      const options = { maxRetries: 0, timeoutMs: 5000 };
      for (const [what, give] of Object.entries(fetches)) {
        const fetch = async () => give();
        const outcome = await assert.ends(
          call(passdesk, "http://127.0.0.1:9", { ...options, token: "t", fetch }).catch((error) => error.code),
        );
        // The body of an answer to a verdict is not read.
        if (operation !== "submitDecision") {
          assert.ok(["network", "bad_response", "unsupported_media"].includes(/** @type {any} */ (outcome)), what);
        }
        assert.ok(outcome !== "load_failed", `${operation}, ${what}`);
      }
      const token = async () => bomb();
      await assert.rejects(call(passdesk, "http://127.0.0.1:9", { ...options, token }), "unauthorized");
    }
    bystanding.abort();
    await assert.rejects(bystander, "aborted");
  },

  "an answer that ends its call when it is looked at is not read": async ({ passdesk }) => {
    let pulled = 0;
    const ending = new AbortController();
    const body = new ReadableStream({
      pull(out) {
        pulled += 1;
        out.enqueue(new Uint8Array(65_536));
      },
    });
    const answer = {
      headers: new Headers(),
      body,
      get status() {
        ending.abort();
        return 200;
      },
    };
    const fetch = /** @type {any} */ (async () => answer);
    await assert.rejects(passdesk.retrievePii({ requestId: "r1", fetch, signal: ending.signal }), "aborted");
    await assert.sleep(200);
    assert.ok(pulled < 5, `${pulled} pieces were read`);
  },

  "a refusal that ends its call, and begins another, when it is looked at takes nothing from that one": async ({
    passdesk,
  }) => {
    for (const status of [503, 202]) {
      const controller = new AbortController();
      /** @type {Promise<unknown> | undefined} */
      let next;
      let answers = 0;
      const get = () => {
        if (next) return null;
        controller.abort();
        next = passdesk.retrievePii({
          requestId: "r2",
          maxRetries: 1,
          fetch: async () => {
            answers += 1;
            return answers === 1 ? new Response("", { status: 503 }) : Response.json(record("r2"));
          },
        });
        return null;
      };
      /** @type {any} */
      const odd = async (/** @type {string} */ _, /** @type {RequestInit} */ { method }) =>
        status === 202 && method === "GET" ? Response.json(record("r1")) : { status, headers: { get }, body: null };
      const options = { requestId: "r1", token: "t", fetch: odd, signal: controller.signal, maxRetries: 0 };
      const ended =
        status === 503
          ? passdesk.retrievePii(options)
          : passdesk.submitDecision({ ...options, status: "partner-pass" });
      await assert.rejects(ended, "aborted");
      assert.equal(/** @type {any} */ (await assert.ends(/** @type {any} */ (next))).id, "r2");
      assert.equal(answers, 2);
    }
  },

  "a refusal that hangs leaves the request after it its end": async ({ passdesk }) => {
    /** @type {AbortSignal[]} */
    const signals = [];
    const hang = () => new Promise(() => {});
    // A look, the verdict, and after its refusal another look.
    const answers = [
      () => Response.json(record("r1")),
      () => new Response(new ReadableStream({ pull: hang }), { status: 409 }),
      hang,
    ];
    /** @type {any} */
    const fetch = async (/** @type {string} */ _, /** @type {RequestInit & { signal: AbortSignal }} */ init) =>
      answers[signals.push(init.signal) - 1]?.();
    const options = /** @type {const} */ ({ requestId: "r1", status: "partner-pass", token: "t", maxRetries: 0 });
    await assert.rejects(passdesk.submitDecision({ ...options, fetch, timeoutMs: 100 }), "timeout");
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [false, true, true],
    );
  },

  "pieces without a byte count as long as none has any": async ({ passdesk }) => {
    const text = new TextEncoder().encode(JSON.stringify(record("r1")));
    let pulled = 0;
    const body = new ReadableStream({
      pull(out) {
        pulled += 1;
        if (pulled === 600) out.enqueue(text.subarray(0, 10));
        else if (pulled === 1200) out.enqueue(text.subarray(10));
        else if (pulled === 1800) out.close();
        else out.enqueue(new Uint8Array(0));
      },
    });
    const fetch = async () => new Response(body);
    assert.equal((await passdesk.retrievePii({ requestId: "r1", fetch })).id, "r1");
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
