// @ts-check
// Corners in which a review found the promises broken: a fetch that brings odd answers, observers that stop the call they
// observe, and callers of one provider that come together.

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { exchangeToken, fetchEvidence, retrievePii, streamEvidence, submitDecision, tokenProvider } from "passdesk";

const record = { id: "r1", type: "t", status: "verification-success", links: [] };
const sleep = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));
const code = (/** @type {Promise<unknown>} */ call) =>
  call.then(
    () => "resolved",
    (error) => error.code,
  );
/** @param {unknown} value @returns {any} */
const any = (value) => value;

test("an odd answer of a caller's fetch fails its own call, and no other", async () => {
  /** @type {(response: Response) => void} */
  let answer = () => {};
  const bystander = retrievePii({ requestId: "r1", fetch: () => new Promise((resolve) => (answer = resolve)) });
  const thrower = () => {
    throw new Error("odd");
  };
  for (const [odd, expected] of /** @type {[object, string][]} */ ([
    [{ status: 500, headers: { get: thrower } }, "upstream"],
    [{ status: 200, headers: { get: () => 5 }, body: null }, "bad_response"],
    [
      {
        status: 200,
        headers: new Headers(),
        get body() {
          return thrower();
        },
      },
      "bad_response",
    ],
    [{ status: 200, headers: new Headers(), body: { getReader: thrower } }, "network"],
  ])) {
    assert.equal(await code(retrievePii({ requestId: "r1", fetch: async () => any(odd), maxRetries: 0 })), expected);
  }
  answer(Response.json(record));
  assert.deepEqual(await bystander, record);
});

test("a fetch that followed a redirect is found out", async () => {
  const followed = Object.defineProperty(Response.json(record), "redirected", { value: true });
  assert.equal(await code(retrievePii({ requestId: "r1", fetch: async () => followed })), "redirected");
});

test("`fetch: null` is no reason to use the real network", async () => {
  assert.equal(await code(retrievePii({ requestId: "r1", fetch: any(null) })), "invalid_argument");
});

test("options that cannot be read are invalid_argument", async () => {
  const bomb = new Proxy(
    {},
    {
      ownKeys() {
        throw new Error("secret-value");
      },
    },
  );
  const error = await retrievePii(any(bomb)).catch((thrown) => thrown);
  assert.equal(error.code, "invalid_argument");
  assert.ok(!error.message.includes("secret-value"));
});

const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d]);
const evidence = {
  requestId: "r1",
  href: "https://api.civic.com/partner/piirequest/r1/evidence/front",
};

/** An endless picture, and what became of it. */
function endless() {
  const fate = { aborted: false, cancelled: false };
  /** @type {any} */
  const fetch = async (/** @type {string} */ _url, /** @type {RequestInit} */ init) => {
    init.signal?.addEventListener("abort", () => (fate.aborted = true));
    return new Response(
      new ReadableStream({
        async pull(controller) {
          await sleep(5);
          controller.enqueue(png);
        },
        cancel() {
          fate.cancelled = true;
        },
      }),
    );
  };
  return { fate, fetch };
}

for (const piece of [1, 3]) {
  test(`an abort inside onProgress, at piece ${piece}, lets upstream go`, { timeout: 20_000 }, async () => {
    const { fate, fetch } = endless();
    const controller = new AbortController();
    let pieces = 0;
    const onProgress = () => {
      pieces += 1;
      if (pieces === piece) controller.abort("enough");
    };
    const stream = streamEvidence({ ...evidence, fetch, signal: controller.signal, onProgress });
    const outcome = await code(stream.then((response) => response.body?.pipeTo(new WritableStream())));
    assert.equal(outcome, "aborted");
    await sleep(20);
    assert.deepEqual(fate, { aborted: true, cancelled: true });
    assert.equal(getEventListeners(controller.signal, "abort").length, 0);
  });
}

test("a body of nothing but empty pieces comes to an end", { timeout: 20_000 }, async () => {
  const fetch = async () =>
    new Response(
      new ReadableStream({
        pull(controller) {
          controller.enqueue(new Uint8Array());
        },
      }),
    );
  assert.equal(await code(fetchEvidence({ ...evidence, fetch, maxRetries: 0 })), "bad_response");
});

test("one attempt at a decision, its look included, ends within timeoutMs", { timeout: 20_000 }, async () => {
  /** @type {any} */
  const fetch = async (/** @type {string} */ _url, /** @type {RequestInit} */ init) => {
    if (init.method === "PUT") return new Promise(() => {});
    await sleep(2000);
    return Response.json(record);
  };
  const began = performance.now();
  assert.equal(
    await code(submitDecision({ requestId: "r1", status: "partner-pass", fetch, timeoutMs: 2500, maxRetries: 0 })),
    "timeout",
  );
  // Another 2.5 s for the PUT would be 4.5 s.
  assert.ok(performance.now() - began < 4200, "not twice as long");
});

test("what an observer stops is not sent any more", async () => {
  const controller = new AbortController();
  let sent = 0;
  const call = exchangeToken({
    tokenUrl: "https://auth.example/oauth/token",
    clientId: "c",
    clientSecret: "s3cret",
    signal: controller.signal,
    onEvent: () => controller.abort(),
    fetch: async () => {
      sent += 1;
      return Response.json({});
    },
  });
  assert.equal(await code(call), "aborted");
  assert.equal(sent, 0);
});

/** @param {(count: number) => Promise<Response>} answer */
function provider(answer) {
  let count = 0;
  return {
    count: () => count,
    provider: tokenProvider({
      tokenUrl: "https://auth.example/oauth/token",
      clientId: "c",
      clientSecret: "s3cret",
      maxRetries: 0,
      fetch: () => answer(++count),
    }),
  };
}
const token = (/** @type {number} */ count) => Response.json({ access_token: `t${count}`, expires_in: 600 });

test("in a Worker, those who lose patience with an exchange start one, not one each", { timeout: 20_000 }, async () => {
  const original = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  Object.defineProperty(globalThis, "navigator", { value: { userAgent: "Cloudflare-Workers" }, configurable: true });
  try {
    const slow = provider(async (count) => {
      await sleep(1500);
      return token(count);
    });
    const tokens = await Promise.all(Array.from({ length: 10 }, () => slow.provider()));
    assert.ok(slow.count() <= 2, `${slow.count()} exchanges`);
    assert.ok(tokens.every((it) => it === "t1" || it === "t2"));
  } finally {
    if (original) Object.defineProperty(globalThis, "navigator", original);
    else Reflect.deleteProperty(globalThis, "navigator");
  }
});

test("those who come together share an exchange, though the program is busy for longer than that takes", async () => {
  const slow = provider(async (count) => {
    await sleep(300);
    return token(count);
  });
  const both = Promise.all([slow.provider(), slow.provider()]);
  await sleep(20);
  const until = performance.now() + 800;
  while (performance.now() < until);
  assert.deepEqual(await both, ["t1", "t1"]);
  assert.equal(slow.count(), 1);
});

test("one caller's own limits are not the others'", { timeout: 20_000 }, async () => {
  const slow = provider(async (count) => {
    await sleep(300);
    return token(count);
  });
  const hasty = code(slow.provider.get({ timeoutMs: 50 }));
  const others = Promise.all([slow.provider(), slow.provider()]);
  assert.equal(await hasty, "timeout");
  assert.deepEqual(await others, ["t2", "t2"]);
});

test("a failure is shared by those who waited for it, and not remembered for the next", async () => {
  const failing = provider(async (count) => {
    await sleep(50);
    return count === 1 ? new Response("", { status: 401 }) : token(count);
  });
  const outcomes = await Promise.all([code(failing.provider()), code(failing.provider()), code(failing.provider())]);
  assert.deepEqual(outcomes, ["unauthorized", "unauthorized", "unauthorized"]);
  assert.equal(failing.count(), 1);
  assert.equal(await failing.provider(), "t2");
});

test("a token that was refused twice is not kept", async () => {
  const fresh = provider(async (count) => token(count));
  const refuse = async () => new Response("", { status: 401 });
  assert.equal(await code(retrievePii({ requestId: "r1", token: fresh.provider, fetch: refuse })), "unauthorized");
  assert.equal(fresh.count(), 2);
  assert.equal(await fresh.provider(), "t3", "neither t1 nor t2");
});

test("an error of a token function whose fields throw is an ordinary rejection", { timeout: 20_000 }, async () => {
  const bomb = Object.defineProperty(new Error("x"), "code", {
    get() {
      throw new Error("field");
    },
  });
  bomb.name = "PassdeskError";
  assert.equal(await code(retrievePii({ requestId: "r1", token: () => Promise.reject(bomb) })), "unauthorized");
});
