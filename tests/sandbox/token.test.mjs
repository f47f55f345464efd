import assert from "node:assert/strict";
import { test } from "node:test";
import { createSandbox } from "passdesk/sandbox";
import { GRANT, inBothPlaces } from "./stage.mjs";

const SCOPES =
  "partner:admin update:pass issue:pass search:pass create:gkn update:gkn createWithId:gkn get:pii put:piirequest";
const BASIC = { authorization: `Basic ${btoa("passdesk-sandbox:sandbox-secret")}` };

inBothPlaces("Civic's token endpoint answers as the text does", async ({ exchange, call }) => {
  const { client_id, client_secret, grant_type } = GRANT;
  const requests = {
    json: () => exchange(GRANT),
    form: () => exchange(GRANT, { form: true }),
    "form without audience": () => exchange({ client_id, client_secret, grant_type }, { form: true }),
    basic: () => exchange({ grant_type }, { form: true, headers: BASIC }),
  };
  for (const [name, request] of Object.entries(requests)) {
    const response = await request();
    assert.equal(response.status, 200, name);
    assert.match(response.headers.get("x-request-id"), /^[0-9a-f]{8}-\d{8}$/);
    assert.equal(response.headers.get("cache-control"), "no-store");
    const [limit, remaining, reset] = ["limit", "remaining", "reset"].map((part) =>
      response.headers.get(`x-ratelimit-${part}`),
    );
    assert.deepEqual([limit, remaining], ["100", "99"]);
    const ahead = Number(reset) - Date.now() / 1000;
    assert.ok(ahead > 30 && ahead < 62, String(ahead));
    const { access_token, ...rest } = await response.json();
    assert.deepEqual(rest, { scope: SCOPES, expires_in: 86_400, token_type: "Bearer" });
    assert.ok(access_token.startsWith("ey"));
    const headers = { authorization: `Bearer ${access_token}` };
    assert.equal((await call("/partner/piirequest/abc123", { headers })).status, 200, name);
  }
});

inBothPlaces("Civic's token endpoint refuses what it must", async ({ exchange, call }) => {
  const { client_id: _, ...noClient } = GRANT;
  /** @type {[name: string, request: () => Promise<Response>, status: number, error: string][]} */
  const refusals = [
    ["wrong secret", () => exchange({ ...GRANT, client_secret: "guess" }), 401, "access_denied"],
    ["unknown client", () => exchange({ ...GRANT, client_id: "someone" }), 401, "invalid_client"],
    ["wrong audience", () => exchange({ ...GRANT, audience: "https://api.civic.com" }), 403, "access_denied"],
    ["disabled grant", () => exchange({ ...GRANT, grant_type: "password" }), 403, "unauthorized_client"],
    ["unknown grant", () => exchange({ ...GRANT, grant_type: "wish" }), 400, "unsupported_grant_type"],
    [
      "no grant",
      () => exchange({ client_id: "passdesk-sandbox", client_secret: "sandbox-secret" }),
      400,
      "invalid_request",
    ],
    ["scope not granted", () => exchange({ ...GRANT, scope: "get:pii delete:all" }), 400, "invalid_scope"],
    ["credentials twice", () => exchange(GRANT, { headers: BASIC }), 400, "invalid_request"],
    ["bearer", () => exchange(GRANT, { headers: { authorization: "Bearer x" } }), 401, "invalid_client"],
    ["numbers", () => exchange({ ...GRANT, client_secret: 1 }), 400, "invalid_request"],
    ["array", () => exchange([GRANT]), 400, "invalid_request"],
    [
      "bad JSON",
      () => call("/oauth/token", { method: "POST", headers: { "content-type": "application/json" }, body: "{" }),
      400,
      "invalid_request",
    ],
    [
      "parameter twice",
      () =>
        call("/oauth/token", {
          method: "POST",
          headers: { "content-type": "application/x-www-form-urlencoded" },
          body: `${new URLSearchParams(GRANT)}&audience=x`,
        }),
      400,
      "invalid_request",
    ],
    [
      "no content type",
      () => call("/oauth/token", { method: "POST", body: new Uint8Array(2) }),
      400,
      "invalid_request",
    ],
    ["wrong method", () => call("/oauth/token"), 405, "method_not_allowed"],
  ];
  for (const [name, request, status, error] of refusals) {
    const response = await request();
    assert.equal(response.status, status, name);
    const body = await response.json();
    assert.equal(body.error, error, name);
    assert.deepEqual(Object.keys(body), ["error", "error_description"], name);
    assert.ok(!JSON.stringify(body).includes("sandbox-secret"), name);
  }
  // Some refusals are plain text.
  const plain = await exchange(noClient);
  assert.equal(plain.status, 401);
  assert.equal(plain.headers.get("content-type"), "text/plain");
  assert.equal(await plain.text(), "Unauthorized");
});

inBothPlaces("a token carries the scopes that were asked for, and no others", async ({ exchange, call }) => {
  const { access_token, scope } = await (await exchange({ ...GRANT, scope: "get:pii" })).json();
  assert.equal(scope, "get:pii");
  const headers = { authorization: `Bearer ${access_token}`, "content-type": "application/json" };
  assert.equal((await call("/partner/piirequest/abc123", { headers })).status, 200);
  const put = { method: "PUT", headers, body: '{"status":"partner-pass"}' };
  const refused = await call("/partner/piirequest/abc123/status", put);
  assert.equal(refused.status, 403);
  assert.equal((await refused.json()).error, "insufficient_scope");
  assert.equal(refused.headers.get("www-authenticate"), 'Bearer error="insufficient_scope"');
});

inBothPlaces("the API refuses tokens that are not good for it", async ({ call, sandbox }) => {
  const good = await sandbox.issueToken();
  const [header, payload, signature] = good.split(".");
  const widened = btoa(JSON.stringify({ ...JSON.parse(atob(payload)), exp: 9e9 })).replaceAll("=", "");
  /** @type {[name: string, authorization: string | undefined, status: number, error: string][]} */
  const refusals = [
    ["none", undefined, 401, "unauthorized"],
    ["another scheme", "Basic eDp5", 401, "invalid_token"],
    ["nothing after the scheme", "Bearer", 401, "invalid_token"],
    ["not ours", "Bearer ey.ey.ey", 401, "invalid_token"],
    ["more behind it", `Bearer ${good}.${signature}`, 401, "invalid_token"],
    ["forged claims", `Bearer ${header}.${widened}.${signature}`, 401, "invalid_token"],
    ["unsigned", `Bearer ${btoa('{"alg":"none"}')}.${payload}.`, 401, "invalid_token"],
    ["expired", `Bearer ${await sandbox.issueToken({ lifetimeSeconds: -1 })}`, 401, "invalid_token"],
    ["wrong audience", `Bearer ${await sandbox.issueToken({ audience: "https://elsewhere" })}`, 403, "access_denied"],
    ["globaliD's", `Bearer ${await sandbox.issueToken({ api: "globalid" })}`, 403, "access_denied"],
    ["missing scope", `Bearer ${await sandbox.issueToken({ scopes: ["put:piirequest"] })}`, 403, "insufficient_scope"],
    ["another sandbox's", `Bearer ${await createSandbox({ seed: "another" }).issueToken()}`, 401, "invalid_token"],
  ];
  for (const [name, authorization, status, error] of refusals) {
    for (const path of ["/partner/piirequest/abc123", "/partner/piirequest/abc123/evidence/idDocumentFront"]) {
      const response = await call(path, authorization ? { headers: { authorization } } : {});
      assert.equal(response.status, status, name);
      assert.equal((await response.json()).error, error, name);
      const challenge = authorization ? `Bearer error="${error}"` : "Bearer";
      assert.equal(response.headers.get("www-authenticate"), challenge, name);
    }
  }
});

test("a token is good in another isolate of the same seed, and expires by the sandbox's clock", async () => {
  let now = 1_800_000_000_000;
  const [first, second] = [0, 1].map(() => createSandbox({ now: () => now, tokenLifetimeSeconds: 60 }));
  const headers = { authorization: `Bearer ${await first.issueToken()}` };
  const status = async () =>
    (await second.fetch("https://api.civic.com/partner/piirequest/abc123", { headers })).status;
  assert.equal(await status(), 200);
  now += 59_999;
  assert.equal(await status(), 200);
  now += 1;
  assert.equal(await status(), 401);
});

inBothPlaces("globaliD's token endpoint answers as its clients expect", async ({ exchange }) => {
  const path = "/v1/auth/token";
  const { client_id, client_secret } = GRANT;
  for (const form of [false, true]) {
    const granted = await exchange({ client_id, client_secret, grant_type: "client_credentials" }, { path, form });
    const app = await granted.json();
    assert.deepEqual(
      { ...app, access_token: "" },
      { access_token: "", expires_in: 28_799, scope: "public", token_type: "bearer" },
    );
    const user = { client_id, client_secret, grant_type: "authorization_code", code: "johnsmith" };
    const signedIn = await exchange(user, { path, form });
    for (const { headers } of [granted, signedIn]) assert.equal(headers.get("cache-control"), "no-store");
    const answer = await signedIn.json();
    assert.deepEqual(Object.keys(answer), ["access_token", "expires_in", "scope", "token_type", "id_token"]);
  }
  for (const code of [{}, { code: "" }, { code: "John Smith" }, { code: "x".repeat(65) }]) {
    const refused = await exchange({ client_id, client_secret, grant_type: "authorization_code", ...code }, { path });
    assert.deepEqual([refused.status, (await refused.json()).error], [400, "invalid_grant"], JSON.stringify(code));
  }
  const refresh = await exchange({ client_id, client_secret, grant_type: "refresh_token" }, { path });
  assert.equal((await refresh.json()).error, "unauthorized_client");
});
