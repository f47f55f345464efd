import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createSandbox } from "passdesk/sandbox";
import { bundle, serveBundle } from "../support/workerd.mjs";
import { decodePng } from "./decoders.mjs";
import { GRANT } from "./stage.mjs";

/** @type {Awaited<ReturnType<typeof bundle>>} */
let built;
/** @type {Awaited<ReturnType<typeof serveBundle>>} */
let server;
/** @type {Record<string, string>} */
let headers;

/** @param {string} path @param {RequestInit} [init] */
const call = (path, init = {}) =>
  // Each over a connection of its own: workerd ends one that was idle for 5 s, and a busy machine sends just then.
  fetch(`${server.url}${path}`, {
    redirect: "manual",
    ...init,
    headers: { connection: "close", ...(init.headers ?? headers) },
  });

before(async () => {
  built = await bundle(fileURLToPath(new URL("sandbox.worker.mjs", import.meta.url)));
  server = await serveBundle(built.folder, {});
  const body = JSON.stringify(GRANT);
  const answer = await call("/oauth/token", { method: "POST", headers: { "content-type": "application/json" }, body });
  const { access_token } = await answer.json();
  headers = {
    authorization: `Bearer ${access_token}`,
    "content-type": "application/json",
    "accept-encoding": "identity",
  };
});

after(async () => {
  await server?.close();
  await built?.remove();
});

test("in workerd the sandbox gives the same answers as in Node", async () => {
  const here = createSandbox();
  for (const path of [
    "/partner/piirequest/abc123",
    "/partner/piirequest/person-0042",
    "/v1/attestations/search?page=221",
    "/v1/attestations/search?fieldName=attestee&fieldValue=johnsmith",
    "/v1/attestations/search?page=0",
    "/partner/piirequest/nobody",
    "/wish",
  ]) {
    const [there, own] = await Promise.all([call(path), here.fetch(`${server.url}${path}`, { headers })]);
    assert.equal(there.status, own.status, path);
    assert.deepEqual(await there.json(), await own.json(), path);
  }
});

test("in workerd a token of another isolate is good, and evidence is drawn", async () => {
  headers.authorization = `Bearer ${await createSandbox().issueToken()}`;
  const response = await call("/partner/piirequest/abc123/evidence/idDocumentFront");
  assert.equal(response.status, 200);
  const there = decodePng(Buffer.from(await response.arrayBuffer()));
  const own = await createSandbox().fetch(response.url, { headers });
  // The runtimes' zlib may pack differently; the picture is the same.
  assert.deepEqual(there.rgb, decodePng(Buffer.from(await own.arrayBuffer())).rgb);
  const large = await call("/partner/piirequest/large-image/evidence/idDocumentFront");
  assert.equal((await large.arrayBuffer()).byteLength, Number(large.headers.get("content-length")));
});

test("in workerd a decision is applied once", async () => {
  const put = (id, status) =>
    call(`/partner/piirequest/${id}/status`, { method: "PUT", body: JSON.stringify({ status }) });
  assert.equal((await put("passport", "partner-pass")).status, 200);
  assert.equal((await put("passport", "partner-fail")).status, 409);
  assert.equal((await (await call("/partner/piirequest/passport")).json()).status, "partner-pass");
  assert.equal((await put("awaiting-user", "partner-fail")).status, 409);
});

test("in workerd faults strike as far as a Worker can", async () => {
  const get = (fault, init) => call(`/partner/piirequest/abc123~${fault}`, init);
  assert.equal((await get("503x1")).status, 503);
  assert.equal((await get("503x1")).status, 200);
  assert.equal((await get("429-seconds_7")).headers.get("retry-after"), "7");
  const { headers: redirect } = await get("307");
  assert.equal(redirect.get("location"), `${server.url.replace("127.0.0.1", "localhost")}/landing`);
  const start = performance.now();
  assert.equal((await get("slow-headers_200")).status, 200);
  assert.ok(performance.now() - start >= 195);
  assert.equal((await (await get("slow-body_100")).json()).id, "abc123~slow-body_100");
  await assert.rejects((await get("cut-body")).text(), { message: "terminated" });
  await assert.rejects(get("hang", { signal: AbortSignal.timeout(200) }), { name: "TimeoutError" });
  const endless = await get("hang-body", { signal: AbortSignal.timeout(200) });
  await assert.rejects(endless.text(), { name: "TimeoutError" });
  assert.ok((await (await get("oversize")).arrayBuffer()).byteLength > 8 * 1024 * 1024);
  const packed = await get("oversize-gzip", { headers: { ...headers, "accept-encoding": "gzip" } });
  assert.equal(packed.headers.get("content-encoding"), "gzip");
  assert.ok((await packed.arrayBuffer()).byteLength > 8 * 1024 * 1024);
  // A Worker cannot cut a connection before the headers: there an exception is a 500.
  assert.equal((await get("reset")).status, 500);
});

test("in workerd the log and the admin routes serve tests that run elsewhere", async () => {
  assert.equal((await call("/sandbox/reset", { method: "POST" })).status, 204);
  await call("/partner/piirequest/abc123");
  const body = JSON.stringify({ faults: ["search.418x1"] });
  assert.equal((await call("/sandbox/faults", { method: "POST", body })).status, 204);
  assert.equal((await call("/v1/attestations/search")).status, 418);
  const { calls } = await (await call("/sandbox/calls")).json();
  assert.deepEqual(
    calls.map(({ route, status, fault }) => [route, status, fault]),
    [
      ["pii", 200, null],
      ["search", 418, "search.418x1"],
    ],
  );
});

test("a process that is told to end takes its workerd with it", async () => {
  const support = new URL("../support/workerd.mjs", import.meta.url);
  const script = `import { serveBundle } from ${JSON.stringify(support)};
    const { url } = await serveBundle(${JSON.stringify(built.folder)}, {});
    console.log(url);
    setInterval(() => {}, 1000);`;
  for (const signal of /** @type {const} */ (["SIGTERM", "SIGINT", "SIGHUP"])) {
    const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = await once(child.stdout, "data");
    const url = String(line).trim();
    assert.equal((await fetch(`${url}/wish`, { headers })).status, 404);
    const ended = once(child, "exit");
    child.kill(signal);
    assert.deepEqual(await ended, [null, signal], "as if it had not listened");
    // It is told so before the process has ended, and gone a moment later.
    let code;
    for (let tries = 0; tries < 50 && code !== "ECONNREFUSED"; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      code = await fetch(url).then(
        () => undefined,
        (error) => error.cause?.code,
      );
    }
    assert.equal(code, "ECONNREFUSED", signal);
  }
});
