// @ts-check
// One test for each of the 18 codes, and for what an error is.
import { inNode, suite } from "#suite";
import * as assert from "../support/assert.mjs";
import { piiAt } from "../support/calls.mjs";
import { base64, png } from "../support/images.mjs";
import { record, TOKEN } from "../support/stage.mjs";

/**
 * The sandbox's faults by request id, where an honest upstream can be in this way.
 *
 * @param {import("../support/stage.mjs").Stage} stage
 * @param {string} requestId
 * @param {object} [more]
 */
const retrieve = async ({ passdesk, sandbox }, requestId, more = {}) =>
  passdesk.retrievePii({ requestId, token: await sandbox.token(), baseUrl: sandbox.url, maxRetries: 0, ...more });

/** @param {Promise<unknown>} call @param {string} code @param {{ status?: number, retryable?: boolean, attempts?: number }} fields */
async function expect(call, code, { status, retryable = false, attempts = 1 }) {
  const failure = await assert.rejects(call, code);
  assert.equal(failure.status, status, "status");
  assert.equal(failure.retryable, retryable, "retryable");
  assert.equal(failure.attempts, attempts, "attempts");
  return failure;
}

export default suite("the codes", {
  "the exported constants are the 18 codes, and cannot be changed": ({ passdesk }) => {
    assert.deepEqual(Object.values(passdesk.codes).sort(), [...assert.CODES].sort());
    for (const [name, code] of Object.entries(passdesk.codes)) assert.equal(name, code.toUpperCase());
    assert.ok(Object.isFrozen(passdesk.codes));
  },

  invalid_argument: async ({ passdesk }) => {
    await expect(passdesk.retrievePii({ requestId: "" }), "invalid_argument", { attempts: 0 });
  },

  secret_in_browser: inNode(async ({ passdesk, answering }) => {
    // A page has a window. A real page is tested in tests/bundlers.
    const upstream = await answering({ json: { access_token: "t", expires_in: 60, token_type: "Bearer" } });
    const options = { tokenUrl: `${upstream.origin}/oauth/token`, clientId: "desk", clientSecret: "s3cret" };
    const scope = /** @type {any} */ (globalThis);
    scope.window = scope;
    scope.document = {};
    try {
      await expect(passdesk.exchangeToken(options), "secret_in_browser", { attempts: 0 });
      await assert.rejects((async () => passdesk.tokenProvider(options)())(), "secret_in_browser");
      assert.equal((await upstream.seen()).length, 0);
      assert.equal((await passdesk.exchangeToken({ ...options, dangerouslyAllowBrowser: true })).accessToken, "t");
    } finally {
      delete scope.window;
      delete scope.document;
    }
  }),

  aborted: async (stage) => {
    const reason = new Error("stop");
    const failure = await expect(retrieve(stage, "abc123~hang", { signal: AbortSignal.abort(reason) }), "aborted", {
      attempts: 0,
    });
    assert.equal(failure.cause, reason);
  },

  timeout: (stage) =>
    expect(retrieve(stage, "abc123~hang", { timeoutMs: 400 }), "timeout", { retryable: true }).then(() => undefined),

  network: (stage) => expect(retrieve(stage, "abc123~reset"), "network", { retryable: true }).then(() => undefined),

  unauthorized: async ({ passdesk, sandbox }) => {
    await expect(passdesk.retrievePii({ requestId: "abc123", token: "forged", baseUrl: sandbox.url }), "unauthorized", {
      status: 401,
    });
  },

  forbidden: async ({ passdesk, sandbox }) => {
    const token = await sandbox.token({ scopes: ["put:piirequest"] });
    await expect(passdesk.retrievePii({ requestId: "abc123", token, baseUrl: sandbox.url }), "forbidden", {
      status: 403,
    });
    const elsewhere = await sandbox.token({ audience: "urn:other" });
    await assert.rejects(
      passdesk.retrievePii({ requestId: "abc123", token: elsewhere, baseUrl: sandbox.url }),
      "forbidden",
    );
  },

  not_found: async (stage) => {
    await expect(retrieve(stage, "no-such-request"), "not_found", { status: 404 });
  },

  conflict: async ({ passdesk, sandbox }) => {
    const token = await sandbox.token();
    const decide = (/** @type {string} */ requestId) =>
      passdesk.submitDecision({ requestId, status: "partner-pass", token, baseUrl: sandbox.url, maxRetries: 0 });
    await expect(decide("abc123~status.409"), "conflict", { status: 409 });
    await assert.rejects(decide("already-failed"), "conflict");
  },

  rate_limited: async (stage) => {
    const failure = await expect(retrieve(stage, "abc123~429-far"), "rate_limited", { status: 429, retryable: true });
    assert.equal(failure.retryAfterMs, 3_600_000);
  },

  rejected: async (stage) => {
    await expect(retrieve(stage, "abc123~422"), "rejected", { status: 422 });
    await expect(retrieve(stage, "abc123~400"), "rejected", { status: 400 });
    await expect(retrieve(stage, "abc123~410"), "rejected", { status: 410 });
    await expect(retrieve(stage, "abc123~408"), "rejected", { status: 408, retryable: true });
  },

  upstream: async (stage) => {
    for (const status of [500, 502, 503, 504])
      await expect(retrieve(stage, `abc123~${status}`), "upstream", { status, retryable: true });
    await expect(retrieve(stage, "abc123~501"), "upstream", { status: 501 });
  },

  redirected: async (stage) => {
    for (const status of [301, 302, 303, 307, 308])
      await expect(retrieve(stage, `abc123~${status}`), "redirected", { status });
  },

  bad_response: (stage) =>
    expect(retrieve(stage, "abc123~malformed-json"), "bad_response", { status: 200 }).then(() => undefined),

  untrusted_link: async ({ passdesk, sandbox }) => {
    const href = "https://elsewhere.example/partner/piirequest/abc123/evidence/idDocumentFront";
    await expect(
      passdesk.fetchEvidence({ href, requestId: "abc123", token: TOKEN, baseUrl: sandbox.url }),
      "untrusted_link",
      { attempts: 0 },
    );
  },

  too_large: async ({ passdesk, answering }) => {
    const upstream = await answering({ base64: base64(png(100)) });
    const call = passdesk.fetchEvidence({
      pii: piiAt(upstream.origin),
      rel: "idDocumentFront",
      baseUrl: upstream.origin,
      maxBytes: 99,
    });
    await expect(call, "too_large", { status: 200 });
  },

  unsupported_media: async ({ passdesk, answering }) => {
    const upstream = await answering({ text: "<svg/>", headers: { "content-type": "image/png" } });
    const call = passdesk.fetchEvidence({
      pii: piiAt(upstream.origin),
      rel: "idDocumentFront",
      baseUrl: upstream.origin,
    });
    await expect(call, "unsupported_media", { status: 200 });
  },

  "load_failed, and the next call recovers": inNode(async ({ upstream, later }) => {
    const { cp, mkdtemp, readFile, rm } = await import("node:fs/promises");
    const { createRequire } = await import("node:module");
    const { tmpdir } = await import("node:os");
    const { dirname, join } = await import("node:path");
    const { pathToFileURL } = await import("node:url");
    // A copy of the package of its own: the one of this process has loaded its module long since.
    const copy = await mkdtemp(join(tmpdir(), "passdesk-slim-"));
    later(() => rm(copy, { recursive: true, force: true }));
    await cp(dirname(createRequire(import.meta.url).resolve("passdesk/package.json")), copy, { recursive: true });
    const slim = await import(String(pathToFileURL(join(copy, "slim.js"))));
    const civic = await upstream({ routes: { "*": { json: record("r1") } } });
    const call = () => slim.retrievePii({ requestId: "r1", baseUrl: civic.origin });
    const unready = await expect(call(), "load_failed", { attempts: 0 });
    assert.match(unready.message, /init/u);
    /** @type {[() => unknown, boolean][]} and whether it may go better another time */
    const sources = [
      [() => new Uint8Array([1, 2, 3]), false],
      [() => new Response("<html>"), false],
      [() => new Response("not yet", { status: 503 }), true],
      [() => Promise.reject(new TypeError("fetch failed")), true],
    ];
    for (const [source, retryable] of sources) {
      await expect(slim.init(source()), "load_failed", { attempts: 0, retryable });
    }
    await assert.rejects(slim.init(undefined), ["load_failed", "invalid_argument"]);
    await assert.rejects(slim.init("passdesk.wasm"), ["load_failed", "invalid_argument"]);
    await expect(call(), "load_failed", { attempts: 0 });
    await slim.init(await readFile(join(copy, "passdesk.wasm")));
    assert.equal((await call()).id, "r1");
    const { buffer, byteOffset, byteLength } = await readFile(join(copy, "passdesk.wasm"));
    await slim.init(new DataView(buffer, byteOffset, byteLength));
    assert.equal((await call()).id, "r1", "a second init is harmless");
  }),

  "an error is one, by class, by name and by guard": async ({ passdesk }) => {
    const failure = await assert.rejects(passdesk.retrievePii({ requestId: "" }), "invalid_argument");
    assert.ok(failure instanceof passdesk.PassdeskError);
    assert.ok(failure instanceof Error);
    assert.equal(failure.name, "PassdeskError");
    assert.ok(passdesk.isPassdeskError(failure));
    assert.match(String(failure.stack), /PassdeskError/u);
    const copy = Object.assign(new Error("from another copy"), { name: "PassdeskError", code: "timeout" });
    assert.ok(passdesk.isPassdeskError(copy));
    // Of another realm, whose Error is another class, or sent as plain data.
    assert.ok(passdesk.isPassdeskError({ ...copy, name: "PassdeskError" }));
    const broken = Object.defineProperty(new Error("z"), "name", {
      get() {
        throw new Error("canary");
      },
    });
    for (const other of [
      new Error("x"),
      null,
      undefined,
      "PassdeskError",
      1,
      {},
      new TypeError("y"),
      broken,
      passdesk.PassdeskError,
    ]) {
      assert.equal(passdesk.isPassdeskError(other), false);
    }
  },

  "fields that say nothing are absent, not undefined": async ({ passdesk }) => {
    const failure = await assert.rejects(passdesk.retrievePii({ requestId: "" }), "invalid_argument");
    const { cause: _, ...fields } = { ...failure };
    assert.deepEqual(
      Object.keys(JSON.parse(JSON.stringify(fields)))
        .filter((name) => name !== "name")
        .sort(),
      ["attempts", "code", "operation", "retryable"],
    );
  },
});
