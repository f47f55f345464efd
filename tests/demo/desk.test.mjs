// @ts-check
// The site's desk in workerd with D1, behind Access's stand-in, asked as a page, a stranger and another site would ask it.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { AUDIENCE, PERSON } from "../../www/demo/access.mjs";
import { startDeskWith } from "../../www/demo/workers.mjs";
import { ask, callsOf, plantFaults, resetSandbox, startDemo, UNDO_MS, until } from "./support.mjs";

const IDS = [
  "abc123",
  "abc123~copy_2",
  "abc123~copy_3",
  "abc123~copy_4",
  "abc123~evidence.cut-body",
  "escaping-link",
  "foreign-link",
  "html-evidence",
  "mislabelled-image",
  "svg-evidence",
];

/** @type {Awaited<ReturnType<typeof startDemo>>} */
let demo;
before(async () => {
  demo = await startDemo(IDS);
});
after(() => demo?.stop());
beforeEach(() => resetSandbox(demo.sandboxUrl));

const PII = "/partner/piirequest/abc123";
const EVIDENCE = `${PII}/evidence/idDocumentFront`;
const SEARCH = "/v1/attestations/search";

/** @param {string} path @param {Parameters<typeof ask>[1]} [options] */
const desk = (path, options) => ask(demo.deskUrl + path, options);

/** @param {string} path @param {string} body @param {Record<string, string>} [headers] */
const write = (path, body, headers = { origin: demo.deskUrl }) =>
  desk(path, { method: "PUT", body, headers: { "content-type": "application/json", ...headers } });

const PASS = JSON.stringify({ status: "partner-pass" });

/** The writes that reached the sandbox; for one request, where the test before may still have one on its way. @param {string} [id] */
const puts = async (id = "") =>
  (await callsOf(demo.sandboxUrl)).filter((call) => call.method === "PUT" && call.path.includes(`/${id}`));

test("a host other than loopback is refused at every door", async () => {
  for (const host of ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "[::2]"]) {
    for (const path of ["/", "/requests/abc123", "/favicon.svg", "/desk/health", PII, EVIDENCE, SEARCH]) {
      const answer = await desk(path, { headers: { host } });
      assert.equal(answer.status, 403, `${host}${path}`);
      assert.deepEqual(answer.json, { error: "not_loopback" }, `${host}${path}`);
    }
  }
  assert.deepEqual(await callsOf(demo.sandboxUrl), []);
});

test("behind the stand-in the desk opens to nobody without a good token", async () => {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  const published = (await ask(`${demo.deskUrl}/cdn-cgi/access/certs`)).json.keys;
  assert.equal(published.length, 1);
  assert.equal(published[0].d, undefined);
  assert.notEqual(published[0].n, (await exportJWK(publicKey)).n);
  const now = Math.floor(Date.now() / 1000);
  const claims = { aud: [AUDIENCE], email: PERSON, exp: now + 300, iat: now, iss: demo.deskUrl, sub: "x", type: "app" };
  const forged = await new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: published[0].kid }).sign(privateKey);
  const inner = (/** @type {string} */ path, /** @type {Record<string, string>} */ headers) =>
    ask(demo.innerUrl + path, { headers });
  for (const path of ["/", "/favicon.svg", PII, EVIDENCE, SEARCH, "/desk/cases", "/desk/audit", "/desk/metrics"]) {
    for (const headers of [{}, { "cf-access-jwt-assertion": forged }, { "cf-access-jwt-assertion": "x" }]) {
      const answer = await inner(path, /** @type {Record<string, string>} */ (headers));
      assert.equal(answer.status, 401, path);
      assert.deepEqual(answer.json, { error: "unauthenticated" }, path);
    }
  }
  assert.deepEqual(await callsOf(demo.sandboxUrl), []);
  assert.equal((await inner("/desk/health", {})).status, 200);
});

test("who comes through the stand-in is the person whom it signed, whatever the request claims", async () => {
  const answer = await desk("/desk/me", { headers: { "cf-access-jwt-assertion": "somebody-else" } });
  assert.equal(answer.status, 200);
  const { email, roles } = answer.json;
  assert.deepEqual({ email, roles }, { email: PERSON, roles: ["reviewer", "admin"] });
});

test("loopback's other names are let in", async () => {
  const { port } = new URL(demo.deskUrl);
  for (const host of [`localhost:${port}`, `desk.localhost:${port}`, `[::1]:${port}`, `127.1.2.3:${port}`]) {
    assert.equal((await desk("/desk/health", { headers: { host } })).status, 200, host);
  }
});

test("an address that is none is refused, and a cookie that names nobody is asked who comes", async () => {
  const address = await desk("//");
  assert.deepEqual([address.status, address.json], [400, { error: "invalid_argument" }]);
  for (const person of ["%", "%E0", "nobody", "stranger%40partner.example"]) {
    const answer = await desk("/queue", { headers: { cookie: `local_access=${person}` } });
    assert.equal(answer.status, 302, person);
    assert.equal(answer.headers.location, "/cdn-cgi/access/login?redirect_url=%2Fqueue", person);
  }
});

test("whoever signs in goes on to where they were going, and never to another host", async () => {
  const { host } = new URL(demo.deskUrl);
  const signIn = async (/** @type {string} */ from) => {
    const query = new URLSearchParams({ person: PERSON, redirect_url: from });
    const answer = await desk(`/cdn-cgi/access/login?${query}`, { headers: { host } });
    assert.equal(answer.status, 302, from);
    // As a browser reads it.
    return new URL(answer.headers.location ?? "", demo.deskUrl).href;
  };
  assert.equal(await signIn("/cases/abc123?x=%D0%B6#top"), `${demo.deskUrl}/cases/abc123?x=%D0%B6#top`);
  for (const from of [
    "//e.example",
    "/\\e.example",
    "/\t/e.example",
    "/.//e.example",
    "https://e.example/",
    "javascript:1",
  ])
    assert.equal(new URL(await signIn(from)).host, host, from);
  assert.equal(await signIn("/\u0436"), `${demo.deskUrl}/%D0%B6`);
});

test("a desk that nobody set up answers nothing but `misconfigured`", async () => {
  const { sandboxUrl } = demo;
  const whole = {
    CIVIC_BASE_URL: sandboxUrl,
    CIVIC_TOKEN_URL: `${sandboxUrl}/oauth/token`,
    CIVIC_CLIENT_ID: "passdesk-sandbox",
    CIVIC_CLIENT_SECRET: "sandbox-secret",
    ACCESS_TEAM_URL: demo.deskUrl,
    ACCESS_AUDIENCE: AUDIENCE,
    DESK_REVIEWERS: PERSON,
    INTAKE_ORIGINS: "https://dapp.example",
  };
  const lacking = {
    CIVIC_CLIENT_SECRET: { ...whole, CIVIC_CLIENT_SECRET: "" },
    CIVIC_TOKEN_URL: { ...whole, CIVIC_TOKEN_URL: "" },
    ACCESS_TEAM_URL: { ...whole, ACCESS_TEAM_URL: "" },
    ACCESS_AUDIENCE: { ...whole, ACCESS_AUDIENCE: "" },
    DESK_REVIEWERS: { ...whole, DESK_REVIEWERS: "" },
    // Just as the wrangler file would deploy it: all that is missing is named at once.
    "CIVIC_CLIENT_ID.*ACCESS_AUDIENCE.*INTAKE_ORIGINS": {},
  };
  for (const [name, settings] of Object.entries(lacking)) {
    const shut = await startDeskWith(settings);
    try {
      for (const path of ["/", "/desk/health", "/desk/intake", PII, EVIDENCE, SEARCH]) {
        const answer = await ask(shut.url + path);
        assert.equal(answer.status, 500, `${name} ${path}`);
        assert.equal(answer.json.error, "misconfigured");
        assert.match(answer.json.message, new RegExp(name));
        assert.doesNotMatch(answer.text, /sandbox-secret/);
      }
      const page = await ask(`${shut.url}/queue`, { headers: { accept: "text/html" } });
      assert.equal(page.status, 500);
      assert.match(page.text, /<h1>The desk is not set up<\/h1>.*<p>misconfigured<\/p>/);
      assert.doesNotMatch(page.text, /sandbox-secret|[A-Z]+_[A-Z]+/);
    } finally {
      await shut.stop();
    }
  }
});

test("the page is asked for each time, its files once, and no old file's name leads to the page", async () => {
  const page = await desk("/queue", { headers: { accept: "text/html" } });
  assert.equal(page.status, 200);
  assert.equal(page.headers["cache-control"], "private, no-cache");
  const [file] = page.text.match(/\/assets\/[\w.-]+\.js/) ?? [];
  const script = await desk(file ?? "");
  assert.equal(script.status, 200);
  assert.equal(script.headers["cache-control"], "private, max-age=31536000, immutable");
  const same = await desk(file ?? "", { headers: { "if-none-match": script.headers.etag ?? "" } });
  assert.equal(same.status, 304);
  assert.equal(same.headers["cache-control"], "private, max-age=31536000, immutable");
  const gone = await desk("/assets/index-00000000.js");
  assert.equal(gone.status, 404);
  assert.equal(gone.headers["cache-control"], "private, no-cache");
});

test("whoever opens a page and is not let in reads words; a program reads the code", async () => {
  const stranger = await ask(`${demo.innerUrl}/queue`, { headers: { accept: "text/html,*/*;q=0.8" } });
  assert.equal(stranger.status, 401);
  assert.match(String(stranger.headers["content-type"]), /^text\/html/);
  assert.match(stranger.text, /<h1>You are not signed in<\/h1>/);
  assert.match(String(stranger.headers["content-security-policy"]), /^default-src 'none'; script-src 'self'/);
  const program = await ask(`${demo.innerUrl}/queue`);
  assert.deepEqual([program.status, program.json], [401, { error: "unauthenticated" }]);
  const data = await ask(`${demo.innerUrl}/desk/cases`, { headers: { accept: "text/html" } });
  assert.deepEqual([data.status, data.json], [401, { error: "unauthenticated" }]);
});

test("a write from another site, or from nowhere, is refused and sends nothing", async () => {
  /** @type {Record<string, string>[]} */
  const strangers = [
    {},
    { origin: "http://evil.example" },
    { origin: "null" },
    { origin: "http://127.0.0.1:1" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { "sec-fetch-site": "none" },
    { "sec-fetch-site": "cross-site", origin: demo.deskUrl },
    { "sec-fetch-site": "same-origin", origin: "http://evil.example" },
  ];
  for (const headers of strangers) {
    const answer = await write(`${PII}/status`, PASS, headers);
    assert.equal(answer.status, 403, JSON.stringify(headers));
    assert.deepEqual(answer.json, { error: "cross_site" });
  }
  assert.deepEqual(await puts(), []);
});

test("another site's page cannot embed or read evidence and data", async () => {
  for (const path of [PII, EVIDENCE, SEARCH]) {
    for (const site of ["cross-site", "same-site"]) {
      assert.equal((await desk(path, { headers: { "sec-fetch-site": site } })).status, 403, path);
    }
    const answer = await desk(path);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers["cross-origin-resource-policy"], "same-origin");
    assert.equal(answer.headers["access-control-allow-origin"], undefined);
  }
});

test("the page's policy is strict, and data is kept by nobody", async () => {
  const page = await desk("/");
  assert.match(page.headers["content-type"] ?? "", /^text\/html/);
  const policy = String(page.headers["content-security-policy"]).split("; ");
  assert.ok(policy.includes("default-src 'none'"));
  assert.ok(policy.includes("script-src 'self' 'wasm-unsafe-eval'"));
  assert.ok(policy.includes("style-src 'self'"));
  assert.ok(policy.includes("img-src 'self' blob:"));
  assert.ok(policy.includes("connect-src 'self'"));
  assert.ok(policy.includes("frame-ancestors 'none'"));
  assert.equal(page.headers["x-content-type-options"], "nosniff");

  for (const path of [PII, EVIDENCE, SEARCH, "/partner/piirequest/no-such-request", "/desk/nowhere"]) {
    const { headers } = await desk(path);
    assert.equal(headers["cache-control"], "private, no-store", path);
    assert.equal(headers["content-security-policy"], "default-src 'none'; sandbox", path);
    assert.equal(headers["x-content-type-options"], "nosniff", path);
  }
});

test("a request comes with its links leading to the desk, and evidence by what its bytes are", async () => {
  const { json } = await desk(PII);
  assert.equal(json.id, "abc123");
  assert.deepEqual(json.links, [
    { rel: "self", href: demo.deskUrl + PII },
    { rel: "idDocumentFront", href: demo.deskUrl + EVIDENCE },
    { rel: "idDocumentBack", href: `${demo.deskUrl}${PII}/evidence/idDocumentBack` },
  ]);
  const evidence = await desk(EVIDENCE);
  assert.equal(evidence.headers["content-type"], "image/png");
  assert.deepEqual([...evidence.body.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
  const mislabelled = await desk("/partner/piirequest/mislabelled-image/evidence/idDocumentFront");
  assert.equal(mislabelled.headers["content-type"], "image/png");
});

test("half an image does not pass as a whole one", async () => {
  await assert.rejects(desk(`${PII}~evidence.cut-body/evidence/idDocumentFront`), { code: "ECONNRESET" });
});

test("one token serves many requests", async () => {
  for (let round = 0; round < 3; round += 1) assert.equal((await desk(PII)).status, 200);
  const exchanges = (await callsOf(demo.sandboxUrl)).filter((call) => call.route === "token");
  assert.ok(exchanges.length <= 1, `${exchanges.length} exchanges`);
});

test("a verdict is delivered once, repeated in peace, and never contradicted", async () => {
  const path = "/partner/piirequest/abc123~copy_2";
  const before = Date.now();
  const first = await write(`${path}/status`, PASS);
  assert.equal(first.status, 202);
  const { sendAfter, decision } = first.json;
  assert.equal(first.json.outcome, "queued");
  assert.ok(sendAfter >= before + UNDO_MS && sendAfter <= Date.now() + UNDO_MS, "the undo window is the desk's");
  assert.deepEqual([decision.status, decision.by], ["partner-pass", PERSON]);
  assert.equal((await write(`${path}/status`, PASS)).json.outcome, "queued");
  const opposite = await write(`${path}/status`, JSON.stringify({ status: "partner-fail" }));
  assert.equal(opposite.status, 409);
  assert.deepEqual(opposite.json, { error: "conflict", decision, delivery: "waiting" });
  assert.deepEqual(await puts("abc123~copy_2"), [], "nothing is sent while it can be undone");

  await until(async () => (await desk("/desk/cases/abc123~copy_2")).json.delivery.state === "delivered");
  const again = await write(`${path}/status`, PASS);
  assert.deepEqual([again.status, again.json.outcome], [200, "already-applied"]);
  assert.equal((await write(`${path}/status`, JSON.stringify({ status: "partner-fail" }))).status, 409);
  assert.equal((await puts("abc123~copy_2")).length, 1);
  assert.equal((await desk(path)).json.status, "partner-pass");
});

test("a verdict that was taken back is not sent, and the other one can be given", async () => {
  const path = "/partner/piirequest/abc123~copy_3";
  assert.equal((await write(`${path}/status`, PASS)).status, 202);
  const undone = await desk(`${path}/status`, { method: "DELETE", headers: { origin: demo.deskUrl } });
  assert.deepEqual([undone.status, undone.json], [200, { id: "abc123~copy_3", outcome: "undone" }]);
  assert.equal((await write(`${path}/status`, JSON.stringify({ status: "partner-fail" }))).status, 202);
  await until(async () => (await desk("/desk/cases/abc123~copy_3")).json.delivery.state === "delivered");
  assert.equal((await puts("abc123~copy_3")).length, 1);
  assert.equal((await desk(path)).json.status, "partner-fail");
});

test("what failed is sent again, and the audit tells all of it", async () => {
  const path = "/partner/piirequest/abc123~copy_4";
  await plantFaults(demo.sandboxUrl, "status.apply-then-500x1");
  assert.equal((await write(`${path}/status`, PASS)).status, 202);
  const deliveryOf = async () => (await desk("/desk/cases/abc123~copy_4")).json.delivery.state;
  const audited = async () =>
    (await desk("/desk/audit?case=abc123~copy_4")).json.rows.map((/** @type {{ action: string }} */ row) => row.action);
  // The desk may have tried again before anybody looks.
  await until(async () => (await audited()).includes("failed"));
  await until(async () => {
    await demo.sweep();
    return (await deliveryOf()) === "delivered";
  });
  assert.equal((await puts("abc123~copy_4")).length, 1, "the status was read before a second PUT");
  const actions = await audited();
  assert.deepEqual(actions, ["opened", "decided", "failed", "delivered"]);
  assert.equal((await desk("/desk/audit/verify")).json.ok, true);
});

test("a verdict that is none is refused and sends nothing", async () => {
  const origin = { origin: demo.deskUrl };
  const what = (/** @type {string} */ part) => ({ error: "invalid_argument", field: part });
  const cases = /** @type {const} */ ([
    [400, what("body"), await write(`${PII}/status`, "{")],
    [400, what("body"), await write(`${PII}/status`, "null")],
    [400, what("status"), await write(`${PII}/status`, "{}")],
    [400, what("status"), await write(`${PII}/status`, JSON.stringify({ status: "partner-maybe" }))],
    [400, what("body"), await write(`${PII}/status`, JSON.stringify({ status: "partner-pass", more: 1 }))],
    // A note may come with it.
    [400, what("status"), await write(`${PII}/status`, JSON.stringify({ status: "x".repeat(2000) }))],
    [413, { error: "too_large" }, await write(`${PII}/status`, JSON.stringify({ status: "x".repeat(8000) }))],
    [
      415,
      { error: "unsupported_media" },
      await write(`${PII}/status`, PASS, { ...origin, "content-type": "text/plain" }),
    ],
    [404, { error: "not_found" }, await write("/partner/piirequest/a%20b/status", PASS)],
    [404, { error: "not_found" }, await write("/partner/piirequest/no-such-request/status", PASS)],
  ]);
  for (const [index, [status, body, answer]] of cases.entries()) {
    assert.equal(answer.status, status, `case ${index}`);
    assert.deepEqual(answer.json, body, `case ${index}`);
  }
  assert.deepEqual(await callsOf(demo.sandboxUrl), []);
  assert.equal((await desk("/desk/cases/abc123")).json.decision, null);
});

test("each kind of trouble upstream has its own answer, with a code and nothing else", async () => {
  const pii = "/partner/piirequest/";
  const front = "/evidence/idDocumentFront";
  const troubles = /** @type {const} */ ([
    ["pii.503", 502, "upstream"],
    ["pii.302", 424, "redirected"],
    ["pii.403", 424, "forbidden"],
    ["pii.other-id", 424, "bad_response"],
    ["pii.malformed-json", 424, "bad_response"],
    ["pii.oversize", 424, "too_large"],
    ["pii.418", 422, "rejected"],
  ]);
  for (const [fault, status, error] of troubles) {
    await plantFaults(demo.sandboxUrl, fault);
    const answer = await desk(PII);
    assert.deepEqual([answer.status, answer.json], [status, { error }], fault);
  }
  await plantFaults(demo.sandboxUrl, "pii.429-seconds_7");
  const busy = await desk(PII);
  assert.deepEqual([busy.status, busy.json, busy.headers["retry-after"]], [429, { error: "rate_limited" }, "7"]);

  await resetSandbox(demo.sandboxUrl);
  const expected = /** @type {const} */ ([
    [`${pii}svg-evidence${front}`, 424, { error: "unsupported_media" }],
    [`${pii}html-evidence${front}`, 424, { error: "unsupported_media" }],
    [`${pii}foreign-link/evidence/evidence-selfie`, 424, { error: "untrusted_link" }],
    [`${pii}escaping-link/evidence/idDocumentBack`, 424, { error: "untrusted_link" }],
    [`${pii}abc123/evidence/selfie`, 404, { error: "not_found" }],
    [`${SEARCH}?page=0`, 400, { error: "invalid_argument", field: "query" }],
    [`${SEARCH}?page=two`, 400, { error: "invalid_argument", field: "query" }],
    [`${SEARCH}?fieldName=type`, 400, { error: "invalid_argument", field: "query" }],
    [`${SEARCH}?fieldValue=phone_number`, 400, { error: "invalid_argument", field: "query" }],
    ["/partner/nowhere", 404, { error: "not_found" }],
    ["/desk/nowhere", 404, { error: "not_found" }],
  ]);
  for (const [path, status, body] of expected) {
    const answer = await desk(path);
    assert.deepEqual([answer.status, answer.json], [status, body], path);
  }
});

test("what is no case cannot be read, though Civic knows it", async () => {
  for (const id of ["no-such-request", "passport", "awaiting-user", "a%2Fb", "a%20b"]) {
    for (const path of [`/partner/piirequest/${id}`, `/partner/piirequest/${id}/evidence/idDocumentFront`]) {
      const answer = await desk(path);
      assert.deepEqual([answer.status, answer.json], [404, { error: "not_found" }], path);
    }
  }
  assert.deepEqual(await callsOf(demo.sandboxUrl), []);
});

test("the search is globaliD's own: same pages, same filters", async () => {
  const all = await desk(SEARCH);
  assert.deepEqual(all.json.meta, { page: 1, per_page: 50, total: 11_020 });
  const filters = ["fieldName=type&fieldValue=phone_number", "fieldName=created_atgte&fieldValue=2019-05-07T12:00:00"];
  for (const filter of filters) {
    const path = `${SEARCH}?${filter}&page=2&per_page=10`;
    assert.deepEqual((await desk(path)).json, (await ask(demo.sandboxUrl + path)).json);
  }
});
