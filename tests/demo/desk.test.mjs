// @ts-check
// The desk in workerd, asked as a page, a stranger and another site would ask it.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { startDeskWith } from "../../www/demo/workers.mjs";
import { ask, callsOf, resetSandbox, startDemo } from "./support.mjs";

/** @type {Awaited<ReturnType<typeof startDemo>>} */
let demo;
before(async () => {
  demo = await startDemo();
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

/** The writes that reached the sandbox. */
const puts = async () => (await callsOf(demo.sandboxUrl)).filter((call) => call.method === "PUT");

test("a host other than loopback is refused at every door", async () => {
  for (const host of ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "[::2]"]) {
    for (const path of ["/", "/requests/abc123", "/favicon.svg", "/desk/health", PII, EVIDENCE, SEARCH]) {
      const answer = await desk(path, { headers: { host } });
      assert.equal(answer.status, 500, `${host}${path}`);
      assert.equal(answer.json.error, "misconfigured", `${host}${path}`);
    }
  }
  assert.deepEqual(await callsOf(demo.sandboxUrl), []);
});

test("loopback's other names are let in", async () => {
  const { port } = new URL(demo.deskUrl);
  for (const host of [`localhost:${port}`, `desk.localhost:${port}`, `[::1]:${port}`, `127.1.2.3:${port}`]) {
    assert.equal((await desk("/desk/health", { headers: { host } })).status, 200, host);
  }
});

test("a desk that nobody set up answers nothing but `misconfigured`", async () => {
  const { sandboxUrl } = demo;
  const whole = {
    CIVIC_BASE_URL: sandboxUrl,
    CIVIC_TOKEN_URL: `${sandboxUrl}/oauth/token`,
    CIVIC_CLIENT_ID: "passdesk-sandbox",
    CIVIC_CLIENT_SECRET: "sandbox-secret",
    LOCAL_DEMO: "true",
  };
  const lacking = {
    LOCAL_DEMO: { ...whole, LOCAL_DEMO: "" },
    CIVIC_CLIENT_SECRET: { ...whole, CIVIC_CLIENT_SECRET: "" },
    CIVIC_TOKEN_URL: { ...whole, CIVIC_TOKEN_URL: "" },
  };
  for (const [name, settings] of Object.entries(lacking)) {
    const shut = await startDeskWith(settings);
    try {
      for (const path of ["/", "/desk/health", PII, EVIDENCE, SEARCH]) {
        const answer = await ask(shut.url + path);
        assert.equal(answer.status, 500, `${name} ${path}`);
        assert.equal(answer.json.error, "misconfigured");
        assert.match(answer.json.message, new RegExp(name));
        assert.doesNotMatch(answer.text, /sandbox-secret/);
      }
    } finally {
      await shut.stop();
    }
  }
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
  const first = await write(`${PII}/status`, PASS);
  assert.equal(first.status, 200);
  assert.deepEqual(first.json, { id: "abc123", status: "partner-pass", outcome: "applied" });
  assert.equal((await write(`${PII}/status`, PASS)).json.outcome, "already-applied");
  const opposite = await write(`${PII}/status`, JSON.stringify({ status: "partner-fail" }));
  assert.equal(opposite.status, 409);
  assert.deepEqual(opposite.json, { error: "conflict" });
  assert.equal((await puts()).length, 1);
  assert.equal((await desk(PII)).json.status, "partner-pass");
});

test("a verdict that is none is refused and sends nothing", async () => {
  const origin = { origin: demo.deskUrl };
  const cases = /** @type {const} */ ([
    [400, "invalid_argument", await write(`${PII}/status`, "{")],
    [400, "invalid_argument", await write(`${PII}/status`, "null")],
    [400, "invalid_argument", await write(`${PII}/status`, "{}")],
    [400, "invalid_argument", await write(`${PII}/status`, JSON.stringify({ status: "partner-maybe" }))],
    [400, "invalid_argument", await write(`${PII}/status`, JSON.stringify({ status: "partner-pass", more: 1 }))],
    [413, "too_large", await write(`${PII}/status`, JSON.stringify({ status: "x".repeat(2000) }))],
    [415, "unsupported_media", await write(`${PII}/status`, PASS, { ...origin, "content-type": "text/plain" })],
    [400, "invalid_argument", await write("/partner/piirequest/a%20b/status", PASS)],
  ]);
  for (const [index, [status, error, answer]] of cases.entries()) {
    assert.equal(answer.status, status, `case ${index}`);
    assert.deepEqual(answer.json, { error }, `case ${index}`);
  }
  assert.deepEqual(await callsOf(demo.sandboxUrl), []);
});

test("each kind of trouble upstream has its own answer, with a code and nothing else", async () => {
  const pii = "/partner/piirequest/";
  const front = "/evidence/idDocumentFront";
  const expected = /** @type {const} */ ([
    [`${pii}no-such-request`, 404, "not_found"],
    [`${pii}a%2Fb`, 400, "invalid_argument"],
    [`${pii}abc123~pii.503`, 502, "upstream"],
    [`${pii}abc123~pii.302`, 424, "redirected"],
    [`${pii}abc123~pii.403`, 424, "forbidden"],
    [`${pii}abc123~pii.other-id`, 424, "bad_response"],
    [`${pii}abc123~pii.malformed-json`, 424, "bad_response"],
    [`${pii}abc123~pii.oversize`, 424, "too_large"],
    [`${pii}abc123~pii.418`, 422, "rejected"],
    [`${pii}svg-evidence${front}`, 424, "unsupported_media"],
    [`${pii}html-evidence${front}`, 424, "unsupported_media"],
    [`${pii}foreign-link/evidence/evidence-selfie`, 424, "untrusted_link"],
    [`${pii}escaping-link/evidence/idDocumentBack`, 424, "untrusted_link"],
    [`${pii}abc123/evidence/selfie`, 404, "not_found"],
    [`${SEARCH}?page=0`, 400, "invalid_argument"],
    [`${SEARCH}?page=two`, 400, "invalid_argument"],
    [`${SEARCH}?fieldName=type`, 400, "invalid_argument"],
    [`${SEARCH}?fieldValue=phone_number`, 400, "invalid_argument"],
    ["/partner/nowhere", 404, "not_found"],
    ["/desk/nowhere", 404, "not_found"],
  ]);
  for (const [path, status, error] of expected) {
    const answer = await desk(path);
    assert.deepEqual([answer.status, answer.json], [status, { error }], path);
  }
  const busy = await desk(`${pii}abc123~pii.429-seconds_7`);
  assert.deepEqual([busy.status, busy.json, busy.headers["retry-after"]], [429, { error: "rate_limited" }, "7"]);
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
