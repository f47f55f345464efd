// @ts-check
import { suite } from "#suite";
import * as assert from "../support/assert.mjs";

const SECRET = "canary-secret-51d0";
const answer = { access_token: "ey.one", scope: "get:pii put:piirequest", expires_in: 86400, token_type: "Bearer" };

/** @param {string} origin @param {object} [more] */
const client = (origin, more = {}) => ({
  tokenUrl: `${origin}/oauth/token`,
  clientId: "desk",
  clientSecret: SECRET,
  ...more,
});

export default suite("exchangeToken", {
  "sends the text's JSON body and gives the token": async ({ passdesk, answering }) => {
    const upstream = await answering({ json: answer });
    const before = Date.now();
    const token = await passdesk.exchangeToken(client(upstream.origin));
    assert.equal(token.accessToken, "ey.one");
    assert.equal(token.tokenType.toLowerCase(), "bearer");
    assert.deepEqual(token.scopes, ["get:pii", "put:piirequest"]);
    assert.ok(
      token.expiresAt >= before + 86_390_000 && token.expiresAt <= Date.now() + 86_400_000,
      "expiresAt is in epoch ms",
    );
    const [seen, ...others] = await upstream.seen();
    assert.equal(others.length, 0, "one exchange");
    assert.equal(`${seen?.method} ${seen?.path}${seen?.query}`, "POST /oauth/token");
    assert.match(seen?.headers["content-type"] ?? "", /^application\/json/u);
    assert.equal(seen?.headers.authorization, undefined, "the secret goes in the body only");
    assert.deepEqual(JSON.parse(seen?.body ?? ""), {
      client_id: "desk",
      client_secret: SECRET,
      audience: "https://api.civic.com/pass",
      grant_type: "client_credentials",
    });
  },

  "sends a form where asked to": async ({ passdesk, answering }) => {
    const upstream = await answering({ json: answer });
    await passdesk.exchangeToken(
      client(upstream.origin, { encoding: "form", scope: "get:pii put:piirequest", clientSecret: "a+b&c=d é" }),
    );
    const [seen] = await upstream.seen();
    assert.match(seen?.headers["content-type"] ?? "", /^application\/x-www-form-urlencoded/u);
    assert.deepEqual(Object.fromEntries(new URLSearchParams(seen?.body)), {
      client_id: "desk",
      client_secret: "a+b&c=d é",
      audience: "https://api.civic.com/pass",
      scope: "get:pii put:piirequest",
      grant_type: "client_credentials",
    });
  },

  "sends audience and scope as given": async ({ passdesk, answering }) => {
    const upstream = await answering({ json: answer });
    await passdesk.exchangeToken(client(upstream.origin, { audience: "urn:desk", scope: "get:pii" }));
    const body = JSON.parse((await upstream.seen())[0]?.body ?? "");
    assert.equal(body.audience, "urn:desk");
    assert.equal(body.scope, "get:pii");
  },

  "keeps the query of the token URL": async ({ passdesk, answering }) => {
    const upstream = await answering({ json: answer });
    await passdesk.exchangeToken(client(upstream.origin, { tokenUrl: `${upstream.origin}/oauth/token?tenant=a%20b` }));
    assert.equal((await upstream.seen())[0]?.query, "?tenant=a%20b");
  },

  "the sandbox's token opens a request": async ({ passdesk, sandbox }) => {
    const { tokenUrl, clientId, clientSecret, url } = sandbox;
    const token = await passdesk.exchangeToken({ tokenUrl, clientId, clientSecret });
    assert.ok(token.scopes.includes("get:pii"));
    const pii = await passdesk.retrievePii({ requestId: "abc123~copy_101", token: token.accessToken, baseUrl: url });
    assert.equal(pii.id, "abc123~copy_101");
  },

  "the sandbox takes a form, too": async ({ passdesk, sandbox }) => {
    const { tokenUrl, clientId, clientSecret } = sandbox;
    const token = await passdesk.exchangeToken({ tokenUrl, clientId, clientSecret, encoding: "form" });
    assert.ok(token.accessToken.length > 0);
  },

  "no scope in the answer is an empty list": async ({ passdesk, answering }) => {
    const upstream = await answering({ json: { ...answer, scope: undefined, token_type: "bearer" } });
    assert.deepEqual((await passdesk.exchangeToken(client(upstream.origin))).scopes, []);
  },

  "a refusal carries upstream's code": async ({ passdesk, answering }) => {
    for (const [status, error, code] of /** @type {const} */ ([
      [401, "access_denied", "unauthorized"],
      [403, "access_denied", "forbidden"],
      [400, "unauthorized_client", "rejected"],
    ])) {
      const upstream = await answering({
        status,
        json: { error, error_description: "canary-description" },
        headers: { "x-request-id": "req-7" },
      });
      const failure = await assert.rejects(passdesk.exchangeToken(client(upstream.origin)), code);
      assert.equal(failure.upstreamCode, error);
      assert.equal(failure.status, status);
      assert.equal(failure.operation, "exchangeToken");
      assert.equal(failure.attempts, 1);
      assert.equal(failure.retryable, false);
      assert.equal(failure.requestId, "req-7");
      assert.equal((await upstream.seen()).length, 1, "a refusal is not repeated");
    }
  },

  "a refusal in plain text is as good": async ({ passdesk, answering }) => {
    const upstream = await answering({ status: 401, text: "Unauthorized", headers: { "content-type": "text/plain" } });
    const failure = await assert.rejects(passdesk.exchangeToken(client(upstream.origin)), "unauthorized");
    assert.equal(failure.upstreamCode, undefined);
  },

  "an answer of the wrong shape names the field": async ({ passdesk, answering }) => {
    for (const [change, field] of /** @type {[object, string][]} */ ([
      [{ access_token: undefined }, "access_token"],
      [{ access_token: "" }, "access_token"],
      [{ access_token: 7 }, "access_token"],
      [{ access_token: "canary\r\nx-evil: 1" }, "access_token"],
      [{ expires_in: "canary-soon" }, "expires_in"],
      [{ expires_in: -5 }, "expires_in"],
      [{ scope: { canary: 1 } }, "scope"],
      [{ token_type: 9 }, "token_type"],
    ])) {
      const upstream = await answering({ json: { ...answer, ...change } });
      const failure = await assert.rejects(passdesk.exchangeToken(client(upstream.origin)), "bad_response");
      assert.match(failure.message, new RegExp(field, "u"));
      assert.ok(!failure.message.includes("canary"), "the value stays out of the message");
    }
  },

  "bad options are named and nothing is sent": async ({ passdesk, answering }) => {
    const upstream = await answering({ json: answer });
    const good = client(upstream.origin);
    /** @type {[string, object | undefined][]} */
    const table = [
      ["tokenUrl", { ...good, tokenUrl: undefined }],
      ["tokenUrl", { ...good, tokenUrl: "not a url" }],
      ["tokenUrl", { ...good, tokenUrl: "http://tenant.example/oauth/token" }],
      ["tokenUrl", { ...good, tokenUrl: "ftp://127.0.0.1/oauth/token" }],
      ["clientId", { ...good, clientId: "" }],
      ["clientId", { ...good, clientId: undefined }],
      ["clientSecret", { ...good, clientSecret: 42 }],
      ["clientSecret", { ...good, clientSecret: undefined }],
      ["clientSecret", { ...good, clientSecret: "" }],
      ["encoding", { ...good, encoding: "xml" }],
      ["audience", { ...good, audience: 1 }],
      ["scope", { ...good, scope: ["get:pii"] }],
      ["client_id", { ...good, client_id: "desk" }],
      ["dangerouslyAllowBrowser", { ...good, dangerouslyAllowBrowser: "yes" }],
      ["timeoutMs", { ...good, timeoutMs: 0 }],
      ["timeoutMs", { ...good, timeoutMs: Number.NaN }],
      ["timeoutMs", { ...good, timeoutMs: "1000" }],
      ["maxRetries", { ...good, maxRetries: -1 }],
      ["maxRetries", { ...good, maxRetries: 1.5 }],
      ["signal", { ...good, signal: {} }],
      ["fetch", { ...good, fetch: "fetch" }],
      ["onEvent", { ...good, onEvent: 1 }],
      ["credentials", { ...good, credentials: "always" }],
    ];
    for (const [name, options] of table) {
      const failure = await assert.rejects(passdesk.exchangeToken(/** @type {any} */ (options)), "invalid_argument");
      assert.ok(failure.message.includes(name), `the message names ${name}: ${failure.message}`);
      assert.ok(!failure.message.includes(SECRET), "the message has no secret");
      assert.equal(failure.attempts, 0);
      assert.equal(failure.retryable, false);
    }
    for (const options of [undefined, null, 1, "x", []]) {
      await assert.rejects(passdesk.exchangeToken(/** @type {any} */ (options)), "invalid_argument");
    }
    assert.equal((await upstream.seen()).length, 0, "nothing was sent");
  },
});
