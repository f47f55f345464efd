// @ts-check
import { suite } from "#suite";
import * as assert from "../support/assert.mjs";

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

export default suite("tokenProvider", {
  "is made at once, and sends nothing until asked": async ({ passdesk, answering }) => {
    const upstream = await answering(issuing());
    const provider = passdesk.tokenProvider(client(upstream.origin));
    assert.equal(typeof provider, "function");
    assert.equal(typeof provider.get, "function");
    assert.equal(typeof provider.invalidate, "function");
    assert.equal((await upstream.seen()).length, 0);
  },

  "one of the caller's own is called as its method": async ({ passdesk }) => {
    class Provider {
      token = "first";
      /** @type {string[]} */
      refused = [];
      async get() {
        return { accessToken: this.token, tokenType: "Bearer", expiresAt: Date.now() + 60_000, scopes: [] };
      }
      /** @param {string} accessToken */
      async invalidate(accessToken) {
        this.refused.push(accessToken);
        this.token = "second";
      }
    }
    const provider = new Provider();
    /** @type {(string | null)[]} */
    const sent = [];
    await passdesk.retrievePii({
      requestId: "abc123",
      token: /** @type {any} */ (provider),
      fetch: async (_, init) => {
        const bearer = new Headers(init?.headers).get("authorization");
        sent.push(bearer);
        return bearer === "Bearer first"
          ? new Response("", { status: 401 })
          : Response.json({ id: "abc123", type: "t", status: "s", links: [] });
      },
    });
    assert.deepEqual(sent, ["Bearer first", "Bearer second"]);
    assert.deepEqual(provider.refused, ["first"]);
  },

  "what it waited for its store is not told as the time of an attempt": async ({ passdesk }) => {
    /** @type {import("passdesk").CallEvent[]} */
    const events = [];
    const answers = [new Response("", { status: 503 }), Response.json({ access_token: "t", expires_in: 3600 })];
    const provider = passdesk.tokenProvider({
      ...client("https://x.example"),
      store: { get: () => assert.sleep(600).then(() => undefined), set: async () => {}, delete: async () => {} },
      fetch: async () => /** @type {Response} */ (answers.shift()),
      onEvent: (event) => events.push(event),
    });
    assert.equal(await provider(), "t");
    const [ms = 600] = events.filter(({ type }) => type === "retry").map((event) => event.ms);
    assert.ok(ms < 500, `${ms} ms`);
  },

  "gives the text when called and the whole token from get": async ({ passdesk, answering }) => {
    const upstream = await answering(issuing());
    const provider = passdesk.tokenProvider(client(upstream.origin));
    const pending = provider();
    assert.ok(pending instanceof Promise);
    assert.equal(await pending, "token-1");
    const token = await provider.get();
    assert.equal(token.accessToken, "token-1");
    assert.deepEqual(token.scopes, ["get:pii"]);
    assert.ok(token.expiresAt > Date.now() + 86_000_000);
    assert.equal((await upstream.seen()).length, 1, "one exchange for both");
  },

  "serves as the token of a call": async ({ passdesk, sandbox }) => {
    const { tokenUrl, clientId, clientSecret, url } = sandbox;
    const token = passdesk.tokenProvider({ tokenUrl, clientId, clientSecret });
    const pii = await passdesk.retrievePii({ requestId: "passport~copy_201", token, baseUrl: url });
    assert.equal(pii.id, "passport~copy_201");
  },

  "invalidate forgets the current token, and only that": async ({ passdesk, answering }) => {
    const upstream = await answering(issuing());
    const provider = passdesk.tokenProvider(client(upstream.origin));
    assert.equal(await provider(), "token-1");
    await provider.invalidate("some-older-token");
    assert.equal(await provider(), "token-1");
    await provider.invalidate("token-1");
    assert.equal(await provider(), "token-2");
  },

  "two providers do not share a token": async ({ passdesk, answering }) => {
    const upstream = await answering(issuing());
    const one = passdesk.tokenProvider(client(upstream.origin));
    const two = passdesk.tokenProvider(client(upstream.origin, { clientId: "other" }));
    assert.ok((await one()) !== (await two()));
  },

  "a failed exchange rejects every caller with its code": async ({ passdesk, answering }) => {
    const upstream = await answering({ status: 401, json: { error: "invalid_client" } });
    const provider = passdesk.tokenProvider(client(upstream.origin));
    const failure = await assert.rejects(provider(), "unauthorized");
    assert.equal(failure.upstreamCode, "invalid_client");
    assert.match(failure.operation, /^(?:tokenProvider|exchangeToken)$/u);
  },

  "the wait of one caller can be aborted, and the others go on": async ({ passdesk, answering }) => {
    const upstream = await answering({ ...issuing(), delay: 400 });
    const provider = passdesk.tokenProvider(client(upstream.origin));
    const controller = new AbortController();
    const impatient = provider.get({ signal: controller.signal });
    const patient = provider.get();
    controller.abort("changed my mind");
    const failure = await assert.rejects(impatient, "aborted");
    assert.equal(failure.cause, "changed my mind");
    assert.match((await assert.ends(patient)).accessToken, /^token-/u);
    await assert.rejects(provider.get({ signal: AbortSignal.abort() }), "aborted");
  },

  "bad options are named": async ({ passdesk, answering }) => {
    const upstream = await answering(issuing());
    const good = client(upstream.origin);
    /** @type {[string, object | undefined][]} */
    const table = [
      ["tokenUrl", { ...good, tokenUrl: "http://tenant.example/" }],
      ["clientSecret", { ...good, clientSecret: 1 }],
      ["store", { ...good, store: {} }],
      ["store", { ...good, store: { get: () => undefined, set: 1, delete: 2 } }],
      ["leeway", { ...good, leeway: 5 }],
    ];
    for (const [name, options] of table) {
      // It may throw at once, or reject when it is first asked.
      const failure = await assert.rejects(
        (async () => passdesk.tokenProvider(/** @type {any} */ (options))())(),
        "invalid_argument",
      );
      assert.ok(failure.message.includes(name), `the message names ${name}: ${failure.message}`);
    }
    const provider = passdesk.tokenProvider(good);
    await assert.rejects(provider.get(/** @type {any} */ ({ sginal: undefined })), "invalid_argument");
    await assert.rejects(provider.invalidate(/** @type {any} */ (7)), "invalid_argument");
    assert.equal((await upstream.seen()).length, 0, "nothing was sent");
  },

  "a token function is asked for each call; text works as well": async ({ passdesk, answering }) => {
    const upstream = await answering({ json: [] });
    let asked = 0;
    const call = (/** @type {any} */ token) => passdesk.listAttestations({ token, baseUrl: upstream.origin });
    await call("plain");
    await call(() => `sync-${++asked}`);
    await call(async () => `async-${++asked}`);
    const sent = (await upstream.seen()).map((seen) => seen.headers.authorization);
    assert.deepEqual(sent, ["Bearer plain", "Bearer sync-1", "Bearer async-2"]);
  },

  "a token function that fails or gives nonsense is a rejection, and nothing is sent": async ({
    passdesk,
    answering,
  }) => {
    const upstream = await answering({ json: [] });
    const call = (/** @type {any} */ token) => passdesk.listAttestations({ token, baseUrl: upstream.origin });
    for (const token of [
      () => {
        throw new Error("canary-reason");
      },
      async () => {
        throw "canary-reason";
      },
      () => 7,
      () => undefined,
      () => "",
      () => "a\r\nb",
    ]) {
      /** @type {unknown} */
      let caught;
      await assert.ends(
        call(token).catch((/** @type {unknown} */ error) => {
          caught = error;
        }),
      );
      assert.passdeskError(caught, assert.CODES);
    }
    for (const token of ["", "a b", "a\nb", "tök", 7, {}, null]) {
      const failure = await assert.rejects(call(token), "invalid_argument");
      assert.ok(failure.message.includes("token"));
    }
    assert.equal((await upstream.seen()).length, 0, "nothing was sent");
  },
});
