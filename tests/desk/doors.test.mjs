// @ts-check
// What a request may bring and where it may come from, once it is known who sends it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, build, openStage } from "./stage.mjs";

/** @type {Awaited<ReturnType<typeof build>>} */
let built;
/** @type {Awaited<ReturnType<typeof openStage>>} */
let stage;
before(async () => {
  built = await build();
  stage = await openStage(built, {
    sandbox: {
      requests: [
        {
          id: "canary",
          verifiedInformation: { name: "Ada Lovelace", documentNumber: "C01X00T47", postalAddress: "x" },
        },
      ],
    },
  });
  await stage.open("abc123");
});
after(async () => {
  await stage?.close();
  await built?.remove();
});

const ADA = "ada@partner.example";
const PASS = '{"status":"partner-pass"}';
const WRITES = [
  ["PUT", "/partner/piirequest/abc123/status", PASS],
  ["DELETE", "/partner/piirequest/abc123/status", undefined],
  ["POST", "/desk/cases/next", "{}"],
  ["POST", "/desk/cases/abc123/presence", "{}"],
  ["POST", "/desk/cases/abc123/claim", "{}"],
  ["POST", "/desk/cases/abc123/release", "{}"],
  ["POST", "/desk/cases/abc123/reveal", '{"field":"name"}'],
  ["POST", "/desk/cases/abc123/approve", PASS],
  ["POST", "/desk/cases/abc123/retry", "{}"],
  ["POST", "/desk/cases/abc123/resolve", '{"how":"accept"}'],
];

/** @param {Record<string, string | undefined>} headers @param {string} method @param {string} path @param {string | Buffer} [body] */
const write = async (headers, method, path, body) =>
  ask(stage.url + path, {
    method,
    body,
    headers: {
      "cf-access-jwt-assertion": await stage.access.tokenOf(ADA),
      "content-type": "application/json",
      ...headers,
    },
  });

for (const [what, headers] of /** @type {[string, Record<string, string>][]} */ ([
  ["neither header", {}],
  ["another origin", { origin: "https://evil.example" }],
  ["another origin, though it says same-origin", { origin: "https://evil.example", "sec-fetch-site": "same-origin" }],
  ["the origin `null`", { origin: "null" }],
  ["a sibling", { "sec-fetch-site": "same-site" }],
  ["another site", { "sec-fetch-site": "cross-site" }],
  ["the address bar", { "sec-fetch-site": "none" }],
])) {
  test(`a write from ${what} is refused and changes nothing`, async () => {
    for (const [method = "", path = "", body] of WRITES) {
      const answer = await write(headers, method, path, body);
      assert.deepEqual([answer.status, answer.json], [403, { error: "cross_site" }], `${method} ${path}`);
    }
    const one = (await stage.as(ADA, "/desk/cases/abc123")).json;
    assert.deepEqual([one.version, one.case, one.claim], [1, "open", null]);
  });
}

test("another port of the same host is another origin", async () => {
  const answer = await write({ origin: "http://127.0.0.1:1" }, "POST", "/desk/cases/abc123/claim", "{}");
  assert.equal(answer.status, 403);
});

test("data is given to no other site", async () => {
  for (const site of ["cross-site", "same-site"]) {
    for (const path of [
      "/desk/cases",
      "/partner/piirequest/abc123",
      "/partner/piirequest/abc123/evidence/idDocumentFront",
    ]) {
      const answer = await stage.as(ADA, path, { headers: { "sec-fetch-site": site } });
      assert.deepEqual([answer.status, answer.json], [403, { error: "cross_site" }]);
      assert.equal(answer.headers["access-control-allow-origin"], undefined);
    }
  }
});

test("a write brings JSON, little of it, and nothing else", async () => {
  const same = { origin: stage.url };
  const [path, claim] = ["/partner/piirequest/abc123/status", "/desk/cases/abc123/claim"];
  for (const [type, status] of /** @type {[string | undefined, number][]} */ ([
    ["text/plain", 415],
    ["application/x-www-form-urlencoded", 415],
    ["application/jsonp", 415],
    [undefined, 415],
  ])) {
    const answer = await write({ ...same, "content-type": type }, "PUT", path, PASS);
    assert.equal(answer.status, status, type);
  }
  for (const [body = "", field] of [
    ["{", "body"],
    ["null", "body"],
    ["[]", "body"],
    ['"partner-pass"', "body"],
    ["{}", "status"],
    ['{"status":"maybe"}', "status"],
    ['{"status":"partner-pass","notes":"x"}', "body"],
  ]) {
    const answer = await write(same, "PUT", path, body);
    assert.deepEqual([answer.status, answer.json], [400, { error: "invalid_argument", field }], body);
  }
  // Each of the last three has the form of a code.
  for (const reason of [
    '"free text that could name somebody"',
    "7",
    '""',
    '{"a":1}',
    '"lovelace"',
    '"ada-lovelace-1815"',
    '"c01x00t47"',
  ]) {
    const answer = await write(same, "PUT", path, `{"status":"partner-pass","reason":${reason}}`);
    assert.equal(answer.status, 400, reason);
    assert.deepEqual(answer.json, { error: "invalid_argument", field: "reason" });
  }
  assert.equal((await write(same, "POST", claim, '{"until":1}')).status, 400);
  const garbled = await write(same, "PUT", path, Buffer.from(PASS.replace("pass", "\u00ff"), "latin1"));
  assert.deepEqual([garbled.status, garbled.json], [400, { error: "invalid_argument", field: "body" }]);
  const large = JSON.stringify({ status: "partner-pass", reason: "x".repeat(8000) });
  assert.equal((await write(same, "PUT", path, large)).status, 413);
  const chunked = { ...same, "transfer-encoding": "chunked" };
  assert.equal((await write(chunked, "PUT", path, large)).status, 413, "whatever content-length says");
  assert.equal((await stage.as(ADA, "/desk/cases/abc123")).json.version, 1);
});

test("no write takes a name that it does not know for nothing", async () => {
  const before = (await stage.as(ADA, "/desk/cases/abc123")).json;
  for (const [method = "", path = "", body] of WRITES.filter(([, , one]) => one !== undefined)) {
    const answer = await write(
      { origin: stage.url },
      method,
      path,
      JSON.stringify({ ...JSON.parse(body ?? ""), x: 1 }),
    );
    assert.deepEqual([answer.status, answer.json], [400, { error: "invalid_argument", field: "body" }], path);
  }
  assert.deepEqual((await stage.as(ADA, "/desk/cases/abc123")).json, before);
});

test("what is no case is not found, whatever Civic knows", async () => {
  const calls = stage.sandbox.calls.length;
  for (const id of ["passport", "nobody", "..", "%2e%2e", "a b", "x".repeat(129), "abc123%2Fstatus"]) {
    for (const path of [
      `/partner/piirequest/${id}`,
      `/partner/piirequest/${id}/evidence/idDocumentFront`,
      `/desk/cases/${id}`,
    ]) {
      const { status } = await stage.as(ADA, path);
      assert.equal(status, 404, path);
    }
    const answer = await stage.as(ADA, `/partner/piirequest/${id}/status`, { method: "PUT", body: PASS });
    assert.equal(answer.status, 404, id);
  }
  assert.equal(stage.sandbox.calls.length, calls, "Civic was not asked");
});

test("answers are kept by no cache and say no more than they must", async () => {
  for (const path of [
    "/desk/health",
    "/desk/cases",
    "/partner/piirequest/abc123",
    "/desk/nowhere",
    "/partner/piirequest/nobody",
  ]) {
    const { headers } = await stage.as(ADA, path);
    assert.equal(headers["cache-control"], "private, no-store", path);
    assert.equal(headers["content-security-policy"], "default-src 'none'; sandbox", path);
    assert.equal(headers["x-content-type-options"], "nosniff", path);
    assert.equal(headers["cross-origin-resource-policy"], "same-origin", path);
    assert.match(headers["x-request-id"] ?? "", /^[0-9a-f-]{36}$/, path);
  }
});

/** The desk with a console of one file. Whatever is not there is the page, as on Cloudflare. */
const SERVING = `const answers = (request) => {
  const { pathname } = new URL(request.url);
  if (pathname !== "/assets/index-1.js") return new Response("<!doctype html>", { headers: { "content-type": "text/html; charset=utf-8" } });
  if (request.headers.has("if-none-match")) return new Response(null, { status: 304 });
  const headers = { "content-type": "text/javascript", "cache-control": "public, max-age=0" };
  return new Response("1", { headers });
};
const settings = (env) => ({ ...env, ASSETS: { fetch: async (request) => answers(request) } });
export default createReviewDesk({ settings });`;

test("each header that guards is there: on pages, on files, on data, on evidence and on refusals", async () => {
  const serving = await build(SERVING);
  const own = await openStage(serving);
  try {
    await own.open("abc123");
    const everywhere = {
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-resource-policy": "same-origin",
      "cross-origin-opener-policy": "same-origin",
      "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    };
    const policy =
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
    const page = { ...everywhere, "content-security-policy": policy, "cache-control": "private, no-cache" };
    const file = { ...page, "cache-control": "private, max-age=31536000, immutable" };
    const inert = "default-src 'none'; sandbox";
    const data = { ...everywhere, "content-security-policy": inert, "cache-control": "private, no-store" };
    const [script, held] = ["/assets/index-1.js", { "if-none-match": '"1"' }];
    for (const [
      who,
      path,
      status,
      guards,
      headers,
    ] of /** @type {[string, string, number, Record<string, string>, {}?][]} */ ([
      [ADA, "/", 200, page],
      [ADA, "/requests/abc123", 200, page],
      [ADA, "/assets", 200, page],
      [ADA, script, 200, file],
      [ADA, script, 304, file, held],
      [ADA, "/assets/index-0.js", 404, page],
      [ADA, "/desk", 404, data],
      [ADA, "/desk/cases", 200, data],
      [ADA, "/partner/piirequest/abc123", 200, data],
      [ADA, "/partner/piirequest/abc123/evidence/idDocumentFront", 200, data],
      [ADA, "/v1/attestations/search?per_page=1", 200, data],
      ["eve@elsewhere.example", "/", 403, page],
      ["eve@elsewhere.example", script, 403, page],
      ["eve@elsewhere.example", "/desk/cases", 403, data],
    ])) {
      const answer = await own.as(who, path, { headers: headers ?? {} });
      assert.equal(answer.status, status, path);
      for (const [name, value] of Object.entries(guards)) assert.equal(answer.headers[name], value, `${path}: ${name}`);
    }
  } finally {
    await own.close();
    await serving.remove();
  }
});

test("the record comes as Civic has it, its links leading here", async () => {
  const { json } = await stage.as(ADA, "/partner/piirequest/abc123");
  assert.equal(json.verifiedInformation.name.length > 0, true);
  assert.deepEqual(
    json.links.map((/** @type {{ href: string }} */ link) => new URL(link.href).origin),
    json.links.map(() => stage.url),
  );
  const self = json.links.find((/** @type {{ rel: string }} */ { rel }) => rel === "self");
  assert.equal(self.href, `${stage.url}/partner/piirequest/abc123`);
  await stage.open("hostile-links");
  const hostile = (await stage.as(ADA, "/partner/piirequest/hostile-links")).json;
  for (const { rel, href } of hostile.links) {
    if (/^[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,127}$/.test(rel)) assert.ok(href.startsWith(`${stage.url}/partner/`), rel);
  }
});

test("evidence streams through, inert, and each view is a row of the audit", async () => {
  const path = "/partner/piirequest/abc123/evidence/idDocumentFront";
  const { status, headers, bytes } = await stage.as(ADA, path);
  assert.equal(status, 200);
  assert.equal(headers["content-type"], "image/png");
  assert.equal(headers["cache-control"], "private, no-store");
  assert.equal(headers["content-security-policy"], "default-src 'none'; sandbox");
  assert.equal(headers["cross-origin-resource-policy"], "same-origin");
  assert.equal(headers["x-content-type-options"], "nosniff");
  assert.equal(bytes.subarray(1, 4).toString(), "PNG");
  const views = async () =>
    (await stage.as("audrey@partner.example", "/desk/audit?case=abc123")).json.rows.filter(
      (/** @type {{ action: string }} */ row) => row.action === "evidence-viewed",
    );
  const [view, ...others] = await views();
  assert.deepEqual([view.by, view.detail, others.length], [ADA, '{"rel":"idDocumentFront"}', 0]);
  assert.ok(Math.abs(view.at - Date.now()) < 60_000);
  for (const rel of ["nothing", "self%2F..", "..", "%00"]) {
    assert.equal((await stage.as(ADA, `/partner/piirequest/abc123/evidence/${rel}`)).status, 404, rel);
  }
  await stage.open("svg-evidence", "html-evidence", "large-image");
  for (const id of ["svg-evidence", "html-evidence"]) {
    const refused = await stage.as(ADA, `/partner/piirequest/${id}/evidence/idDocumentFront`);
    assert.deepEqual([refused.status, refused.json], [424, { error: "unsupported_media" }], id);
    assert.deepEqual(await rowsOf("evidence-viewed", id), [], "what was not shown was not viewed");
  }
  assert.equal((await views()).length, 1);
});

/** @param {string} action @param {string} [id] */
const rowsOf = async (action, id = "abc123") =>
  (await stage.as("audrey@partner.example", `/desk/audit?case=${id}&limit=1000`)).json.rows
    .filter((/** @type {{ action: string }} */ row) => row.action === action)
    .map((/** @type {{ by: string, detail: string }} */ { by, detail }) => [by, detail]);

test("whoever reads a record is in the audit; to read it again at once is the same look", async () => {
  const path = "/partner/piirequest/passport";
  await stage.open("passport");
  const grace = "grace@partner.example";
  const answers = await Promise.all([ADA, grace, ADA, ADA, grace].map((who) => stage.as(who, path)));
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200, 200, 200],
  );
  const viewed = await rowsOf("record-viewed", "passport");
  assert.deepEqual(viewed.sort(), [
    [ADA, "{}"],
    [grace, "{}"],
  ]);
  const takeBack = stage.sandbox.fault("pii.503");
  assert.equal((await stage.as("adam@partner.example", path)).status, 502);
  takeBack();
  assert.equal((await stage.as("audrey@partner.example", path)).status, 403);
  await stage.as(ADA, "/desk/cases/passport");
  await stage.as(ADA, `${path}/evidence/idDocumentFront`);
  assert.equal((await rowsOf("record-viewed", "passport")).length, 2, "who saw nothing viewed nothing");
});

test("whoever did something else with a case a moment ago has not read its record by that", async () => {
  await stage.open("person-0042");
  await stage.as(ADA, "/desk/cases/person-0042/claim", { method: "POST", body: "{}" });
  await stage.as(ADA, "/partner/piirequest/person-0042/evidence/idDocumentFront");
  assert.deepEqual(await rowsOf("record-viewed", "person-0042"), []);
  assert.equal((await stage.as(ADA, "/partner/piirequest/person-0042")).status, 200);
  assert.deepEqual(await rowsOf("record-viewed", "person-0042"), [[ADA, "{}"]]);
});

test("where its row cannot be written nobody sees anything", async () => {
  await stage.open("driving-licence");
  const path = "/partner/piirequest/driving-licence";
  const database = await stage.database();
  const trigger = "BEFORE INSERT ON audit WHEN NEW.action IN ('record-viewed', 'evidence-viewed', 'field-revealed')";
  await database.prepare(`CREATE TRIGGER broken ${trigger} BEGIN SELECT RAISE(ABORT, 'broken'); END`).run();
  try {
    for (const [method, asked, body] of /** @type {[string, string, string?][]} */ ([
      ["GET", path],
      ["GET", `${path}/evidence/idDocumentFront`],
      ["POST", "/desk/cases/driving-licence/reveal", '{"field":"name"}'],
    ])) {
      const answer = await stage.as(ADA, asked, { method, ...(body && { body }) });
      assert.deepEqual([answer.status, answer.text], [500, '{"error":"internal"}'], asked);
    }
  } finally {
    await database.prepare("DROP TRIGGER broken").run();
  }
  assert.equal((await stage.as(ADA, `${path}/evidence/idDocumentFront`)).status, 200);
});

test("a look is over after a minute", async () => {
  await stage.open("id-card");
  const database = await stage.database();
  const { seq, hash } = /** @type {any} */ (
    await database.prepare("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").first()
  );
  const [old, recent] = [ADA, "grace@partner.example"];
  // As if written then. What a row says was written is not changed afterwards, its hash is of no interest here.
  const insert = (
    /** @type {number} */ place,
    /** @type {string} */ prev,
    /** @type {string} */ by,
    /** @type {number} */ ago,
  ) =>
    database
      .prepare(
        "INSERT INTO audit (seq, prev, at, case_id, action, actor, detail, hash) VALUES (?, ?, ?, 'id-card', 'record-viewed', ?, '{}', ?)",
      )
      .bind(seq + place, prev, Date.now() - ago, by, String(place).repeat(64));
  const ahead = "adam@partner.example";
  await database.batch([
    insert(1, hash, old, 61_000),
    insert(2, "1".repeat(64), recent, 40_000),
    insert(3, "2".repeat(64), ahead, -3_600_000),
  ]);
  for (const who of [old, recent, ahead])
    assert.equal((await stage.as(who, "/partner/piirequest/id-card")).status, 200);
  assert.deepEqual(await rowsOf("record-viewed", "id-card"), [
    [old, "{}"],
    [recent, "{}"],
    [ahead, "{}"],
    [old, "{}"],
    // Not what a clock said that has been put right since.
    [ahead, "{}"],
  ]);
});

test("HEAD shows nothing, so it is refused and leaves no row", async () => {
  const before = (await stage.as("audrey@partner.example", "/desk/audit?limit=1000")).json.rows.length;
  const calls = stage.sandbox.calls.length;
  for (const path of [
    "/partner/piirequest/abc123",
    "/partner/piirequest/abc123/evidence/idDocumentFront",
    "/desk/cases",
    "/v1/attestations/search",
  ]) {
    const answer = await stage.as(ADA, path, {
      method: "HEAD",
      headers: { origin: undefined, "content-type": undefined },
    });
    assert.deepEqual([answer.status, answer.headers.allow], [405, "GET"], path);
    assert.equal((await ask(stage.url + path, { method: "HEAD" })).status, 401, path);
  }
  assert.equal((await ask(`${stage.url}/desk/health`, { method: "HEAD" })).status, 200, "monitors ask like that");
  assert.equal(stage.sandbox.calls.length, calls, "Civic was not asked");
  const after_ = (await stage.as("audrey@partner.example", "/desk/audit?limit=1000")).json.rows.length;
  assert.equal(after_, before);
});

test("what a path has no method for is told, with those that it has", async () => {
  const one = "/partner/piirequest/abc123";
  for (const [method, path, allow] of [
    ["POST", "/desk/cases", "GET"],
    ["OPTIONS", "/desk/me", "GET"],
    ["DELETE", one, "GET"],
    ["PATCH", `${one}/status`, "PUT, DELETE"],
    ["GET", `${one}/status`, "PUT, DELETE"],
    ["HEAD", `${one}/status`, "PUT, DELETE"],
    ["GET", "/desk/cases/abc123/claim", "POST"],
    ["HEAD", "/desk/cases/abc123/claim", "POST"],
    // Also the name of a case, though nobody has one of it.
    ["PUT", "/desk/cases/next", "GET, POST"],
    ["POST", "/desk/health", "GET, HEAD"],
    ["GET", "/desk/intake", "POST, OPTIONS"],
    ["HEAD", "/desk/intake", "POST, OPTIONS"],
  ]) {
    const answer = await stage.as(ADA, path ?? "", { method });
    assert.deepEqual([answer.status, answer.headers.allow], [405, allow], `${method} ${path}`);
    if (method !== "HEAD") assert.deepEqual(answer.json, { error: "method_not_allowed" });
  }
  for (const [method, path] of [
    ["HEAD", "/desk/nowhere"],
    ["PUT", "/desk/nowhere"],
    ["POST", "/partner/piirequest"],
    ["GET", "/desk/cases/abc123/claim/"],
  ]) {
    const answer = await stage.as(ADA, path ?? "", { method });
    assert.deepEqual([answer.status, answer.headers.allow], [404, undefined], `${method} ${path}`);
  }
  assert.equal((await ask(`${stage.url}/desk/cases`, { method: "POST" })).status, 401, "but to nobody outside");
});

test("a revealed field is a row of the audit, by its name, and nothing else passes for a name", async () => {
  const reveal = (/** @type {string} */ field, id = "canary") =>
    stage.as(ADA, `/desk/cases/${id}/reveal`, { method: "POST", body: JSON.stringify({ field }) });
  await stage.open("canary");
  let calls = stage.sandbox.calls.length;
  for (const field of ["documentNumber", "name", "accountId"]) assert.equal((await reveal(field)).status, 204, field);
  assert.equal(stage.sandbox.calls.length, calls, "the fields of Civic's text cost no request");
  assert.equal((await reveal("postalAddress")).status, 204, "a field that only this record has");
  assert.equal(stage.sandbox.calls.length, calls + 1);
  calls = stage.sandbox.calls.length;
  for (const field of ["C01X 00T47", "1990-01-02", "", "Käfer", "a.b", "x".repeat(41), '"}', "0a"]) {
    const answer = await reveal(field);
    assert.deepEqual([answer.status, answer.json], [400, { error: "invalid_argument", field: "field" }], field);
  }
  assert.equal(stage.sandbox.calls.length, calls, "what is no name costs nothing");
  for (const field of ["Lovelace", "Ada", "C01X00T47", "constructor", "__proto__", "toString"]) {
    const answer = await reveal(field);
    assert.deepEqual([answer.status, answer.json], [400, { error: "invalid_argument", field: "field" }], field);
  }
  for (const body of ["{}", '{"field":7}', '{"field":["name"]}', '{"field":"name","value":"x"}']) {
    assert.equal((await stage.as(ADA, "/desk/cases/canary/reveal", { method: "POST", body })).status, 400, body);
  }
  assert.equal((await reveal("name", "nobody")).status, 404);
  const takeBack = stage.sandbox.fault("pii.503");
  assert.equal((await reveal("selfie")).status, 502, "what cannot be told is not written");
  takeBack();
  assert.deepEqual(
    await rowsOf("field-revealed", "canary"),
    ["documentNumber", "name", "accountId", "postalAddress"].map((field) => [ADA, JSON.stringify({ field })]),
  );
  assert.ok(!(await stage.as("audrey@partner.example", "/desk/audit?limit=1000")).text.includes("ovelace"));
});

test("globaliD's search passes through", async () => {
  const found = await stage.as(ADA, "/v1/attestations/search?fieldName=attestee&fieldValue=johnsmith&per_page=2");
  assert.equal(found.status, 200);
  assert.ok(found.json.data.every((/** @type {{ attestee: string }} */ one) => one.attestee === "johnsmith"));
  assert.equal((await stage.as(ADA, "/v1/attestations/search")).json.meta.total, 11_020);
  for (const half of ["fieldName=attestee", "fieldValue=johnsmith"])
    assert.equal((await stage.as(ADA, `/v1/attestations/search?${half}`)).status, 400);
  for (const suffix of ["gt", "gte", "lt", "lte"]) {
    const query = `fieldName=created_at${suffix}&fieldValue=2020-01-01`;
    assert.equal((await stage.as(ADA, `/v1/attestations/search?${query}`)).status, 200, suffix);
  }
  stage.sandbox.fault("search.503x1");
  const away = await stage.as(ADA, "/v1/attestations/search");
  assert.deepEqual([away.status, away.json], [502, { error: "upstream" }], "the page repeats, so the desk does not");
  // What is not passed on narrows nothing: all attestations would pass for those that were asked for.
  for (const query of [
    "uuid=4133a134-7482-4aec-baad-11b67db5f71f",
    "perPage=2",
    "page=1&page=2",
    "page=0",
    "per_page=x",
    "fieldName=a-b&fieldValue=1",
  ]) {
    const answer = await stage.as(ADA, `/v1/attestations/search?${query}`);
    assert.deepEqual([answer.status, answer.json], [400, { error: "invalid_argument", field: "query" }], query);
  }
});

test("Civic's failures are told by code alone, and a 401 of its is not the reviewer's", async () => {
  for (const [fault, status, error] of /** @type {[string, number, string][]} */ ([
    ["pii.503", 502, "upstream"],
    ["pii.reset", 502, "network"],
    ["pii.400", 422, "rejected"],
    ["pii.401", 424, "unauthorized"],
    ["pii.403", 424, "forbidden"],
    ["pii.404", 404, "not_found"],
    ["pii.409", 409, "conflict"],
    ["pii.302", 424, "redirected"],
    ["pii.429-seconds_7", 429, "rate_limited"],
    ["pii.wrong-shape", 424, "bad_response"],
  ])) {
    const takeBack = stage.sandbox.fault(fault);
    const answer = await stage.as(ADA, "/partner/piirequest/abc123");
    takeBack();
    assert.deepEqual([answer.status, answer.json], [status, { error }], fault);
    if (status === 429) assert.equal(answer.headers["retry-after"], "7");
  }
});

test("a record is not missing where it is the desk's own token that cannot be had", async () => {
  /** How the token's address answers. */
  let status = 200;
  const own = await openStage(built, {
    async intercept(request, answer) {
      if (status === 200) return answer();
      const isToken = new URL(request.url).pathname === "/oauth/token";
      return Response.json({ error: "no" }, { status: isToken ? status : 401 });
    },
  });
  try {
    await own.open("abc123");
    for (const [refusal, told] of [
      [400, 424],
      [401, 424],
      [403, 424],
      [404, 424],
      [409, 424],
      [503, 502],
    ]) {
      status = refusal ?? 0;
      assert.equal((await own.as(ADA, "/partner/piirequest/abc123")).status, told, `${refusal}`);
    }
  } finally {
    await own.close();
  }
});
