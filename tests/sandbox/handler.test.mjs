import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { createSandbox, SandboxReset } from "passdesk/sandbox";
import { inBothPlaces, open } from "./stage.mjs";

const SEARCH = "https://api.global.id/v1/attestations/search?per_page=1";

test("fetch is bound, and takes a URL, a string, a Request, an init, or a Worker's three arguments", async () => {
  const { fetch: bare } = createSandbox();
  const init = { method: "DELETE" };
  assert.equal((await bare(SEARCH)).status, 200);
  assert.equal((await bare(new URL(SEARCH))).status, 200);
  assert.equal((await bare(new Request(SEARCH))).status, 200);
  assert.equal((await bare(SEARCH, init)).status, 405);
  assert.equal((await bare(new Request(SEARCH), init)).status, 405);
  // A Worker's env is no init, whatever it is called.
  assert.equal((await bare(new Request(SEARCH), init, { waitUntil() {} })).status, 200);
  assert.equal((await bare(new Request(SEARCH), { DB: {}, method: "DELETE" }, { waitUntil() {} })).status, 200);
  // Without the third argument it is an init, whatever else its runtime has it say.
  const undicis = /** @type {RequestInit} */ ({ ...init, dispatcher: {} });
  assert.equal((await bare(new Request(SEARCH), undicis)).status, 405);
  // Deno's and Bun's servers call with a request and something of theirs, which says nothing about the request.
  const post = new Request("https://api.civic.com/sandbox/faults", { method: "POST", body: '{"faults":[]}' });
  // @ts-expect-error: it is no init
  assert.equal((await bare(post, { remoteAddr: {} })).status, 204);
  // The signal alone can be told anew.
  const hanging = new Request(SEARCH, { headers: { "x-sandbox-fault": "hang" } });
  await assert.rejects(bare(hanging, { signal: AbortSignal.timeout(20) }), { name: "TimeoutError" });
  // Fields that some runtimes reject do no harm.
  assert.equal(
    (await bare(SEARCH, { credentials: "include", cache: "no-store", mode: "cors", keepalive: true })).status,
    200,
  );
  await assert.rejects(bare("not a url"), TypeError);
});

test("an abort rejects with its reason at once, whenever it comes, and leaves no listener", async () => {
  const sandbox = createSandbox();
  const authorization = `Bearer ${await sandbox.issueToken()}`;
  const url = "https://api.civic.com/partner/piirequest";
  const reason = { any: "value" };

  await assert.rejects(sandbox.fetch(SEARCH, { signal: AbortSignal.abort(reason) }), (error) => error === reason);

  for (const path of ["abc123~hang", "abc123~slow-headers_60000"]) {
    const { controller, signal, listeners } = counted();
    const call = sandbox.fetch(`${url}/${path}`, { signal, headers: { authorization } });
    setTimeout(() => controller.abort(reason), 20);
    await assert.rejects(call, (error) => error === reason, path);
    assert.equal(listeners(), 0, path);
  }
  for (const path of ["abc123~hang-body", "abc123~slow-body_60000", "large-image/evidence/idDocumentFront"]) {
    const { controller, signal, listeners } = counted();
    const response = await sandbox.fetch(`${url}/${path}`, { signal, headers: { authorization } });
    controller.abort(reason);
    await assert.rejects(response.arrayBuffer(), (error) => error === reason, path);
    assert.equal(listeners(), 0, path);
  }
  const { signal, listeners } = counted();
  const slow = await sandbox.fetch(`${url}/abc123~slow-body_20`, { signal, headers: { authorization } });
  await slow.json();
  await (await sandbox.fetch(SEARCH, { signal })).json();
  const cancelled = await sandbox.fetch(`${url}/abc123~hang-body`, { signal, headers: { authorization } });
  await cancelled.body.cancel();
  assert.equal(listeners(), 0);
});

function counted() {
  const controller = new AbortController();
  const { signal } = controller;
  const held = new Set();
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (type, listener, options) => {
    held.add(listener);
    const once = (event) => {
      held.delete(listener);
      listener(event);
    };
    addEventListener.call(signal, type, once, options);
  };
  signal.removeEventListener = (type, listener) => {
    held.delete(listener);
    removeEventListener.call(signal, type, listener);
  };
  return { controller, signal, listeners: () => held.size };
}

test("a reset is a TypeError that a server can tell apart", async () => {
  const sandbox = createSandbox({ faults: ["reset"] });
  const error = await sandbox.fetch(SEARCH).then(
    () => assert.fail("it did not throw"),
    (thrown) => thrown,
  );
  assert.ok(error instanceof SandboxReset && error instanceof TypeError);
  assert.deepEqual(
    [error.name, error.message, /** @type {{ code?: string }} */ (error.cause).code],
    ["SandboxReset", "fetch failed", "ECONNRESET"],
  );
});

test("a client that leaves ends the work for it", async (t) => {
  const { url, close, sandbox } = await open("socket");
  t.after(close);
  const authorization = `Bearer ${await sandbox.issueToken()}`;
  for (const path of ["abc123~hang", "abc123~hang-body", "large-image/evidence/idDocumentFront"]) {
    const controller = new AbortController();
    const call = fetch(`${url}/partner/piirequest/${path}`, { signal: controller.signal, headers: { authorization } });
    setTimeout(() => controller.abort(), 100);
    await assert.rejects(async () => (await call).text(), { name: "AbortError" });
  }
  // Had the server kept anything running, closing it would never end; t.after's own time-out would say so.
});

test("a large file is made as it is read", async () => {
  const sandbox = createSandbox();
  const headers = { authorization: `Bearer ${await sandbox.issueToken()}` };
  const path = "https://api.civic.com/partner/piirequest/large-image/evidence/idDocumentFront";
  const response = await sandbox.fetch(path, { headers });
  const reader = response.body.getReader();
  let largest = 0;
  let total = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    largest = Math.max(largest, part.value.length);
    total += part.value.length;
  }
  assert.ok(largest < 1024 * 1024);
  assert.equal(total, Number(response.headers.get("content-length")));
  assert.ok(total > 20 * 1024 * 1024);
});

test("whoever writes into a body's bytes, or transfers them, changes nobody else's", async () => {
  const path = "https://api.civic.com/partner/piirequest/slow-image/evidence/idDocumentFront";
  const picture = async () => {
    const sandbox = createSandbox();
    return sandbox.fetch(path, { headers: { authorization: `Bearer ${await sandbox.issueToken()}` } });
  };
  const spoil = {
    "written into": (chunk) => chunk.fill(0),
    transferred: (chunk) => structuredClone(chunk.buffer, { transfer: [chunk.buffer] }),
  };
  const bytes = async () => Buffer.from(await (await picture()).arrayBuffer());
  const whole = await bytes();
  for (const [how, spoilt] of Object.entries(spoil)) {
    const reader = (await picture()).body.getReader();
    spoilt((await reader.read()).value);
    await reader.cancel();
    assert.ok(whole.equals(await bytes()), how);
  }

  // Nor do a body's own later pieces suffer from it.
  const { fetch } = createSandbox({ faults: ["search.oversize"] });
  let total = 0;
  for await (const chunk of (await fetch(SEARCH)).body) {
    total += chunk.length;
    assert.ok(chunk.length > 0);
    spoil.transferred(chunk);
  }
  assert.ok(total > 8 * 1024 * 1024);
});

inBothPlaces("the log has every call, and nothing secret", async ({ sandbox, call, authorized, put, exchange }) => {
  await call("/v1/attestations/search?fieldName=attestee&fieldValue=johnsmith");
  await authorized("/partner/piirequest/abc123");
  await put("abc123", "partner-pass");
  await exchange({ client_id: "passdesk-sandbox", client_secret: "wrong", grant_type: "client_credentials" });
  await call("/wish");
  await call("/v1/attestations", { method: "OPTIONS" });
  const { calls } = sandbox;
  assert.deepEqual(
    calls.map(({ method, path, query, route, status, fault, authorization }) => [
      method,
      path,
      query,
      route,
      status,
      fault,
      authorization,
    ]),
    [
      ["GET", "/v1/attestations/search", ["fieldName", "fieldValue"], "search", 200, null, false],
      ["GET", "/partner/piirequest/abc123", [], "pii", 200, null, true],
      ["PUT", "/partner/piirequest/abc123/status", [], "status", 200, null, true],
      ["POST", "/oauth/token", [], "token", 401, null, false],
      ["GET", "/wish", [], "unknown", 404, null, false],
    ],
  );
  assert.ok(!/johnsmith|ey[A-Za-z0-9]{10}|secret|partner-pass/.test(JSON.stringify(calls)));
  // The log is a copy: whoever reads it cannot change it.
  calls.pop();
  calls[0].query.push("x");
  assert.equal(sandbox.calls.length, 5);
  assert.equal(sandbox.calls[0].query.length, 2);
  sandbox.reset();
  assert.deepEqual(sandbox.calls, []);
});

inBothPlaces("reset forgets decisions and counts", async ({ sandbox, put, statusOf, authorized }) => {
  await put("abc123", "partner-pass");
  assert.equal((await authorized("/partner/piirequest/passport~503x1")).status, 503);
  assert.equal((await authorized("/partner/piirequest/passport~503x1")).status, 200);
  sandbox.reset();
  const first = await authorized("/partner/piirequest/passport");
  assert.match(first.headers.get("x-request-id"), /-00000001$/);
  assert.equal(await statusOf("abc123"), "verification-success");
  assert.equal((await authorized("/partner/piirequest/passport~503x1")).status, 503);
});

inBothPlaces("another process has all it needs below /sandbox", async ({ call, sandbox }) => {
  const post = (path, body) =>
    call(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  const about = await (await call("/sandbox")).json();
  assert.deepEqual(about.requests, sandbox.requests);
  assert.ok(about.faults["cut-body"].description);
  const { token } = await (await post("/sandbox/token", { api: "globalid", attestee: "johnsmith" })).json();
  const list = await call("/v1/attestations", { headers: { authorization: `Bearer ${token}` } });
  assert.equal((await list.json()).length, 3);
  assert.equal(
    (await post("/sandbox/faults", { faults: ["search.503x1", { fault: "418", operation: "attestations" }] })).status,
    204,
  );
  assert.equal((await call("/v1/attestations/search")).status, 503);
  assert.equal((await call("/v1/attestations")).status, 418);
  assert.equal((await call("/sandbox/faults", { method: "DELETE" })).status, 204);
  assert.equal((await call("/v1/attestations")).status, 401);
  assert.deepEqual(
    (await (await call("/sandbox/calls")).json()).calls.map(({ status }) => status),
    [200, 503, 418, 401],
  );
  assert.equal((await call("/sandbox/calls", { method: "DELETE" })).status, 204);
  assert.deepEqual(sandbox.calls, []);
  await post("/sandbox/faults", { faults: ["503"] });
  assert.equal((await post("/sandbox/reset")).status, 204);
  assert.equal((await call("/v1/attestations/search")).status, 200);

  for (const [path, body] of Object.entries({
    "/sandbox/faults": { faults: ["search.418", "wish"] },
    "/sandbox/faults?": {},
    "/sandbox/token": { wish: 1 },
    "/sandbox/token?": null,
  })) {
    assert.equal((await post(path, body)).status, 400, path);
  }
  // Half a list of faults is not taken.
  assert.equal((await call("/v1/attestations/search")).status, 200);
  assert.equal((await call("/sandbox/wish")).status, 404);
});

inBothPlaces("its own routes say what is wrong with a call", async ({ call }) => {
  const post = (path, body) => call(path, { method: "POST", body });
  for (const [path, body, said] of /** @type {[string, string | undefined, RegExp][]} */ ([
    ["/sandbox/faults", undefined, /^the body is \{"faults": \[\.\.\.\]\}$/],
    ["/sandbox/faults", "null", /^the body is \{"faults": \[\.\.\.\]\}$/],
    ["/sandbox/faults", "[]", /^the body is \{"faults": \[\.\.\.\]\}$/],
    ["/sandbox/faults", "{}", /^the body is \{"faults": \[\.\.\.\]\}$/],
    ["/sandbox/faults", '{"faults":["418"],"wish":1}', /^the body is \{"faults": \[\.\.\.\]\}$/],
    ["/sandbox/faults", "{", /^the body is not JSON$/],
    ["/sandbox/token", "{", /^the body is not JSON$/],
    ["/sandbox/token", "null", /^issueToken takes an object$/],
    ["/sandbox/token", "[]", /^issueToken takes an object$/],
  ])) {
    const response = await post(path, body);
    assert.equal(response.status, 400, `${path} ${body}`);
    assert.match((await response.json()).error_description, said, `${path} ${body}`);
  }
  assert.equal((await call("/v1/attestations")).status, 401, "no fault was taken");

  // All of an order's fields are optional, and so is the order.
  const { token } = await (await post("/sandbox/token")).json();
  const headers = { authorization: `Bearer ${token}` };
  assert.equal((await call("/partner/piirequest/abc123", { headers })).status, 200);

  for (const [path, method, allow] of [
    ["/sandbox", "POST", "GET"],
    ["/sandbox/calls", "POST", "GET, DELETE"],
    ["/sandbox/faults", "GET", "POST, DELETE"],
    ["/sandbox/token", "GET", "POST"],
    ["/sandbox/reset", "GET", "POST"],
  ]) {
    const response = await call(path, { method });
    assert.deepEqual([response.status, response.headers.get("allow")], [405, allow], `${method} ${path}`);
  }
  assert.equal((await call("/sandbox/constructor")).status, 404);
});

test("the admin routes can be closed", async () => {
  const sandbox = createSandbox({ admin: false });
  assert.equal((await sandbox.fetch("https://api.civic.com/sandbox/calls")).status, 404);
  assert.equal(
    (await sandbox.fetch("https://api.civic.com/sandbox/token", { method: "POST", body: "{}" })).status,
    404,
  );
});

inBothPlaces("pages may call it, preflight included", async ({ call, authorized, sandbox }) => {
  const preflight = await call("/partner/piirequest/abc123/status", {
    method: "OPTIONS",
    headers: { "access-control-request-method": "PUT", "access-control-request-headers": "authorization,content-type" },
  });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers.get("access-control-allow-origin"), "*");
  assert.match(preflight.headers.get("access-control-allow-methods"), /PUT/);
  for (const header of ["authorization", "content-type", "x-sandbox-fault"]) {
    assert.ok(preflight.headers.get("access-control-allow-headers").split(", ").includes(header), header);
  }
  sandbox.fault("search.429-secondsx1");
  for (const response of [
    await authorized("/partner/piirequest/abc123"),
    await call("/wish"),
    await call("/v1/attestations/search"),
  ]) {
    assert.equal(response.headers.get("access-control-allow-origin"), "*");
    assert.match(response.headers.get("access-control-expose-headers"), /retry-after.*x-request-id/);
  }
  assert.equal(
    sandbox.calls.some(({ method }) => method === "OPTIONS"),
    false,
  );
});

test("only the named origins may call it, where some are named", async () => {
  const sandbox = createSandbox({ cors: ["https://desk.example"] });
  const allowed = async (origin) =>
    (await sandbox.fetch(new Request(SEARCH, { headers: { origin } }))).headers.get("access-control-allow-origin");
  assert.equal(await allowed("https://desk.example"), "https://desk.example");
  assert.equal(await allowed("https://evil.example"), null);
  const none = await createSandbox({ cors: false }).fetch(
    new Request(SEARCH, { headers: { origin: "https://desk.example" } }),
  );
  assert.equal(none.headers.get("access-control-allow-origin"), null);
  assert.equal(none.headers.get("vary"), "origin");
});

test("options are checked by name and type", () => {
  const wrong = {
    seed: "",
    clientId: 1,
    clientSecret: null,
    audience: {},
    tokenLifetimeSeconds: 0,
    scopes: "get:pii",
    now: 5,
    origin: "https://api.civic.com/",
    elsewhere: "elsewhere",
    attestations: 1.5,
    maxPerPage: 0,
    cors: ["*"],
    admin: "yes",
    requests: {},
    faults: "503",
  };
  for (const [name, value] of Object.entries(wrong)) {
    assert.throws(
      () => createSandbox({ [name]: value }),
      { name: "TypeError", message: new RegExp(`^createSandbox: ${name}\\b`) },
      name,
    );
  }
  // @ts-expect-error: there is no such option
  assert.throws(() => createSandbox({ sede: "x" }), /createSandbox: its options object has no "sede"/);
  assert.throws(() => createSandbox(null), /createSandbox: its argument must be an object/);
  assert.throws(() => createSandbox({ faults: ["503", "wish"] }), {
    name: "TypeError",
    message: /^createSandbox: faults\[1\]: no fault is called "wish"$/,
  });
  assert.throws(() => createSandbox({ requests: [{ id: "a" }, { id: "b" }, { id: "a" }] }), {
    name: "TypeError",
    message: /^createSandbox: requests\[2\]\.id must be /,
  });
  const circular = {};
  circular.self = circular;
  /** @type {any[]} */
  const requests = [
    {},
    { id: "a~b" },
    { id: ".." },
    { id: "a", wish: 1 },
    { id: "a", evidence: { x: {} } },
    { id: "a", evidence: { x: { body: "", contentType: 1 } } },
    { id: "a", evidence: { x: { body: "", contentType: "image/png\n\nx" } } },
    { id: "a", evidence: { x: { body: "", contentType: "Ж" } } },
    // Rels that no path can hold.
    ...["", ".", "..", "\ud800"].map((rel) => ({
      id: "a",
      evidence: { [rel]: { body: "", contentType: "text/plain" } },
    })),
    // What JSON cannot hold.
    ...[() => {}, 1n, Symbol("x"), { deep: [() => {}] }, Number.NaN, [Number.POSITIVE_INFINITY]].map((x) => ({
      id: "a",
      verifiedInformation: { x },
    })),
    { id: "a", verifiedInformation: [] },
    { id: "a", verifiedInformation: circular },
  ];
  for (const request of requests) {
    assert.throws(
      () => createSandbox({ requests: [request] }),
      { name: "TypeError", message: /^createSandbox: requests\[0\]/ },
      inspect(request),
    );
  }
});

test("a token order is checked", async () => {
  const sandbox = createSandbox();
  /** @type {any[]} */
  const orders = [
    null,
    [],
    { api: "other" },
    { attestee: 1 },
    { scopes: "x" },
    { audience: 1 },
    { lifetimeSeconds: 0.5 },
    { wish: 1 },
  ];
  for (const order of orders) {
    await assert.rejects(sandbox.issueToken(order), TypeError, JSON.stringify(order));
  }
});
