import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createSandbox } from "passdesk/sandbox";
import { inBothPlaces, open } from "./stage.mjs";

const EXAMPLE = JSON.parse(readFileSync(new URL("abc123.json", import.meta.url), "utf8"));
const UNDECIDABLE = ["awaiting-user", "user-acknowledged", "verification-failed", "user-cancelled", "unknown-status"];

test("the text's own example is there to the letter, the stray brace mended", async () => {
  const sandbox = createSandbox();
  const headers = { authorization: `Bearer ${await sandbox.issueToken()}` };
  const response = await sandbox.fetch("https://api.civic.com/partner/piirequest/abc123", { headers });
  assert.equal(await response.text(), JSON.stringify(EXAMPLE));
});

inBothPlaces("links lead to the origin that was called, and their evidence is there", async ({ authorized, url }) => {
  const { links } = await (await authorized("/partner/piirequest/abc123")).json();
  assert.deepEqual(
    links.map(({ rel }) => rel),
    ["self", "idDocumentFront", "idDocumentBack"],
  );
  for (const { rel, href } of links) {
    assert.ok(href.startsWith(`${url}/partner/piirequest/abc123`), rel);
    assert.equal((await authorized(href.slice(url.length))).status, 200, rel);
  }
});

inBothPlaces("every listed request answers with its own id, and its evidence with bytes", async (stage) => {
  const { sandbox, authorized } = stage;
  assert.ok(sandbox.requests.length > 40);
  for (const { id, description } of sandbox.requests) {
    assert.ok(description.endsWith("."), id);
    const response = await authorized(`/partner/piirequest/${id}`);
    assert.equal(response.status, 200, id);
    assert.ok(response.headers.get("x-request-id"), id);
    const record = await response.json();
    assert.equal(record.id, id);
    assert.equal(record.links[0].rel, "self");
    if (id === "slow-image" || id === "large-image" || id === "big-image") continue;
    for (const { rel, href } of record.links.slice(1)) {
      if (!href.startsWith(`${stage.url}/partner/piirequest/${id}/evidence/${rel}`)) continue;
      const evidence = await authorized(href.slice(stage.url.length));
      assert.equal(evidence.status, 200, `${id} ${rel}`);
      const { byteLength } = await evidence.arrayBuffer();
      assert.equal(byteLength, Number(evidence.headers.get("content-length")), `${id} ${rel}`);
    }
  }
});

test("the cases are what their names say", async () => {
  const today = Date.parse("2028-02-29T12:00:00Z");
  const sandbox = createSandbox({ now: () => today });
  const headers = { authorization: `Bearer ${await sandbox.issueToken()}` };
  const text = async (id) =>
    (await sandbox.fetch(`https://api.civic.com/partner/piirequest/${id}`, { headers })).text();
  const record = async (id) => JSON.parse(await text(id));
  const information = async (id) => (await record(id)).verifiedInformation;
  const rels = async (id) => (await record(id)).links.map(({ rel }) => rel);

  assert.equal((await information("alpha2-country")).issueCountry.length, 2);
  assert.ok((await information("expired-passport")).dateOfExpiry < "2020");
  assert.equal((await information("expires-soon")).dateOfExpiry, "2028-03-20");
  assert.equal((await information("under-age")).dateOfBirth, "2012-01-30");
  assert.match((await information("leap-day")).dateOfBirth, /-02-29$/);
  assert.deepEqual(Object.keys(await information("email-only")), ["email", "address", "accountId"]);
  assert.deepEqual(await rels("email-only"), ["self"]);
  assert.deepEqual(await rels("missing-back"), ["self", "idDocumentFront"]);
  assert.equal((await information("missing-back")).documentType, "id_card");
  const mismatch = await information("account-mismatch");
  assert.ok(!mismatch.accountId.endsWith(mismatch.address));
  assert.ok(Object.hasOwn(await information("proto-field"), "__proto__"));
  assert.ok((await text("proto-field")).includes('"__proto__":{"polluted":"yes"}'));
  assert.equal((await record("already-passed")).status, "partner-pass");
  assert.equal((await record("already-failed")).status, "partner-fail");
  for (const id of ["awaiting-user", "user-acknowledged", "verification-failed", "user-cancelled"]) {
    assert.equal((await record(id)).status, id);
    assert.ok(!("verifiedInformation" in (await record(id))), id);
    assert.deepEqual(await rels(id), ["self"]);
  }
  const people = await Promise.all(["person-0001", "person-0002", "person-9999"].map(information));
  assert.equal(new Set(people.map(({ documentNumber }) => documentNumber)).size, 3);
  for (const person of people) assert.equal(person.accountId, `did:sol:${person.address}`);
  assert.deepEqual(await information("person-0001"), people[0]);
});

inBothPlaces(
  "what does not exist is 404, what is malformed 400, each with an error body",
  async ({ authorized, call }) => {
    const refusals = {
      "/partner/piirequest/nobody": 404,
      "/partner/piirequest/person-0000": 404,
      "/partner/piirequest/constructor": 404,
      "/partner/piirequest/abc123~nonsense": 404,
      "/partner/piirequest/abc%20123": 400,
      "/partner/piirequest/abc%2F123": 400,
      [`/partner/piirequest/${"a".repeat(129)}`]: 400,
      "/partner/piirequest/%E0%A4%A": 400,
      "/partner/piirequest/abc123/evidence/idDocumentSide": 404,
      "/partner/piirequest/abc123/evidence/__proto__": 404,
      "/partner/piirequest/email-only/evidence/idDocumentFront": 404,
      "/partner/piirequest/": 404,
      "/partner": 404,
      "/": 404,
    };
    for (const [path, status] of Object.entries(refusals)) {
      const response = await authorized(path);
      assert.equal(response.status, status, path);
      assert.equal(typeof (await response.json()).error, "string", path);
      assert.ok(response.headers.get("x-request-id"), path);
    }
    const wrong = await call("/partner/piirequest/abc123/status");
    assert.equal(wrong.status, 405);
    assert.equal(wrong.headers.get("allow"), "PUT");
  },
);

inBothPlaces("a decision is applied once, and shows until a reset", async ({ put, statusOf, sandbox }) => {
  const first = await put("abc123", "partner-pass");
  assert.equal(first.status, 200);
  assert.deepEqual(await first.json(), { id: "abc123", status: "partner-pass" });
  assert.equal(await statusOf("abc123"), "partner-pass");
  for (const verdict of ["partner-pass", "partner-fail"]) {
    const again = await put("abc123", verdict);
    assert.equal(again.status, 409);
    assert.equal((await again.json()).error, "already_decided");
  }
  assert.equal(await statusOf("abc123"), "partner-pass");
  // A copy is a request of its own.
  assert.equal(await statusOf("abc123~copy_1"), "verification-success");
  assert.equal((await put("abc123~copy_1", "partner-fail")).status, 200);
  assert.equal(await statusOf("abc123~copy_1"), "partner-fail");
  sandbox.reset();
  for (const id of ["abc123", "abc123~copy_1"]) assert.equal(await statusOf(id), "verification-success");
});

inBothPlaces("what does not await a decision cannot be decided", async ({ put, statusOf }) => {
  for (const id of UNDECIDABLE) {
    const before = await statusOf(id);
    const response = await put(id, "partner-pass");
    assert.equal(response.status, 409, id);
    assert.equal((await response.json()).error, "not_decidable", id);
    assert.equal(await statusOf(id), before, id);
  }
  for (const id of ["already-passed", "already-failed"]) {
    assert.equal((await (await put(id, "partner-pass")).json()).error, "already_decided", id);
  }
  assert.equal((await put("nobody", "partner-pass")).status, 404);
});

inBothPlaces("a decision's body is checked", async ({ put, sandbox, statusOf }) => {
  const headers = { authorization: `Bearer ${await sandbox.issueToken()}`, "content-type": "application/json" };
  const bodies = [
    "",
    "{",
    "null",
    "[]",
    '"partner-pass"',
    "{}",
    '{"status":1}',
    '{"status":"passed"}',
    '{"status":"partner-pass","x":1}',
  ];
  for (const body of bodies) {
    const response = await put("abc123", "", { headers, body });
    assert.equal(response.status, 400, body);
    assert.equal((await response.json()).error, "invalid_request", body);
  }
  for (const type of ["text/plain", "application/x-www-form-urlencoded", ""]) {
    const response = await put("abc123", "partner-pass", { headers: { ...headers, "content-type": type } });
    assert.equal(response.status, 415, type);
  }
  assert.equal((await put("abc123", "partner-pass", { headers: { ...headers, authorization: "" } })).status, 401);
  assert.equal(await statusOf("abc123"), "verification-success");
  const parameters = { ...headers, "content-type": "Application/JSON; charset=utf-8" };
  assert.equal((await put("abc123", "partner-pass", { headers: parameters })).status, 200);
});

test("two decisions at once: exactly one is applied", async () => {
  const { put } = await open("in-process");
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => put("abc123", i % 2 ? "partner-pass" : "partner-fail")),
  );
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  assert.equal(answers.filter(({ status }) => status === 409).length, 19);
});

inBothPlaces("a presigned link works without the bearer, and only so", async ({ authorized, call, url }) => {
  const { links } = await (await authorized("/partner/piirequest/foreign-link")).json();
  const { href } = links.find(({ rel }) => rel === "evidence-selfie");
  assert.notEqual(new URL(href).origin, url);
  const path = href.slice(new URL(href).origin.length);
  const response = await call(path);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "image/jpeg");
  await response.arrayBuffer();
  const authorizedToo = await authorized(path);
  assert.equal(authorizedToo.status, 400);
  assert.match(await authorizedToo.text(), /<Code>InvalidArgument<\/Code>/);
  assert.equal((await call(path.replace(/=.*/, "=0"))).status, 403);
  assert.equal((await call(path.replace("foreign-link", "passport"))).status, 403);
});

test("requests of one's own stand beside the others, or in their place", async () => {
  const sandbox = createSandbox({
    origin: "https://partner.example",
    requests: [
      {
        id: "mine",
        verifiedInformation: { name: "Me" },
        evidence: { scan: { contentType: "image/png", body: "bytes" } },
      },
      { id: "abc123", status: "user-cancelled" },
    ],
  });
  const headers = { authorization: `Bearer ${await sandbox.issueToken()}` };
  const get = (path) => sandbox.fetch(`https://api.civic.com/partner/piirequest/${path}`, { headers });
  const record = await (await get("mine")).json();
  assert.deepEqual(record.verifiedInformation, { name: "Me" });
  assert.equal(record.links[1].href, "https://partner.example/partner/piirequest/mine/evidence/scan");
  assert.equal(await (await get("mine/evidence/scan")).text(), "bytes");
  assert.equal((await (await get("abc123")).json()).status, "user-cancelled");
  assert.ok(sandbox.requests.some(({ id }) => id === "mine"));
});

test("a record has its unknown fields and its rels as they are, and each link leads to its evidence", async () => {
  const evidence = { "a/b c?d#e%": { contentType: "image/png", body: "odd" } };
  const sandbox = createSandbox({ requests: [{ id: "mine", evidence }] });
  const headers = { authorization: `Bearer ${await sandbox.issueToken()}` };
  const get = async (url) => sandbox.fetch(url, { headers });
  const { links } = await (await get("https://api.civic.com/partner/piirequest/mine")).json();
  assert.equal(links[1].rel, "a/b c?d#e%");
  assert.equal(await (await get(links[1].href)).text(), "odd");
  const answer = await get("https://api.civic.com/partner/piirequest/unknown-fields");
  assert.equal(answer.headers.get("cache-control"), "private, no-store");
  const known = ["id", "type", "status", "links", "verifiedInformation"];
  assert.ok(Object.keys(await answer.json()).some((name) => !known.includes(name)));
});

test("a request of one's own stays as it was when the sandbox was made", async () => {
  const body = Buffer.from("bytes");
  const verifiedInformation = { name: "Me", more: { deep: true } };
  const evidence = { scan: { contentType: "text/plain", body } };
  const sandbox = createSandbox({ requests: [{ id: "mine", verifiedInformation, evidence }] });
  body.fill(0);
  verifiedInformation.more.deep = false;
  const headers = { authorization: `Bearer ${await sandbox.issueToken()}` };
  const get = (path) => sandbox.fetch(`https://api.civic.com/partner/piirequest/${path}`, { headers });
  assert.deepEqual((await (await get("mine")).json()).verifiedInformation, { name: "Me", more: { deep: true } });
  assert.equal(await (await get("mine/evidence/scan")).text(), "bytes");
});
