// @ts-check
// What the desk costs: requests a second of a record read through it (login proven, case looked up, token kept, answer
// checked) against a bare Worker that passes the same call through with a fixed token. Both run in workerd in turns, in
// front of the same upstream. The numbers are for people to read; nothing passes or fails by them.

import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { Miniflare } from "miniflare";
import { startAccess } from "../desk/access.mjs";
import { bindingsOf, modulesOf } from "../desk/isolates.mjs";
import { ask, build, DAPP, migrations, until } from "../desk/stage.mjs";
import { load } from "./load.mjs";
import { inTurns, QUICK, quantile, ratios, report, spread } from "./rounds.mjs";

const ROUND_MS = QUICK ? 200 : 1000;
const WARM_MS = QUICK ? 200 : 1500;
const AT_ONCE = 8;
const ID = "abc123";
const REVIEWER = "r0@reviewers.example";

if (isMainThread) await main();
else await upstream();

/** Answers as Civic does, from memory, on a core of its own: what it costs must not hide what is measured. */
async function upstream() {
  const { createSandbox } = await import("passdesk/sandbox");
  const sandbox = createSandbox();
  let reads = 0;
  /** @type {string | undefined} */
  let record;
  const server = createServer(async (incoming, outgoing) => {
    const json = { "content-type": "application/json" };
    incoming.resume();
    if (incoming.method === "POST") {
      outgoing.writeHead(200, json);
      outgoing.end(
        JSON.stringify({ access_token: await sandbox.issueToken(), token_type: "Bearer", expires_in: 86_400 }),
      );
      return;
    }
    const origin = `http://${incoming.headers.host}`;
    if (incoming.url !== `/partner/piirequest/${ID}` || incoming.headers.authorization === undefined) {
      outgoing.writeHead(404).end();
      return;
    }
    if (record === undefined) {
      const headers = { authorization: `Bearer ${await sandbox.issueToken()}` };
      record = await (await sandbox.fetch(`${origin}${incoming.url}`, { headers })).text();
    }
    reads += 1;
    outgoing.writeHead(200, json);
    outgoing.end(record);
  });
  server.keepAliveTimeout = 120_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  parentPort?.on("message", () => parentPort?.postMessage(reads));
  parentPort?.postMessage({ url: `http://127.0.0.1:${port}`, token: await sandbox.issueToken() });
}

async function main() {
  const thread = new Worker(fileURLToPath(import.meta.url));
  const [{ url: civic, token }] = await once(thread, "message");
  const reads = async () => {
    thread.postMessage("reads");
    return Number((await once(thread, "message"))[0]);
  };
  const access = await startAccess();
  const built = await build();
  const persist = await mkdtemp(join(tmpdir(), "passdesk-bench-"));
  const shared = { compatibilityDate: "2026-01-01", unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }] };
  const miniflare = new Miniflare({
    d1Persist: persist,
    workers: [
      {
        ...shared,
        name: "desk",
        modulesRoot: join(built.folder, "dist"),
        modules: await modulesOf(built.folder),
        compatibilityFlags: ["enable_request_signal"],
        bindings: bindingsOf({ civic, access: access.url }),
        d1Databases: { DB: "desk" },
      },
      {
        ...shared,
        name: "bare",
        modules: true,
        script: `export default {
          fetch(request, env) {
            const { pathname } = new URL(request.url);
            return fetch(env.CIVIC + pathname, { headers: { authorization: "Bearer " + env.TOKEN } });
          }
        }`,
        bindings: { CIVIC: civic, TOKEN: token },
      },
    ],
    // A line for each request is the desk's to write; nobody needs to see it here.
    handleRuntimeStdio(stdout, stderr) {
      stdout.resume();
      stderr.resume();
    },
  });
  try {
    const desk = (await miniflare.unsafeGetDirectURL("desk")).origin;
    const bare = (await miniflare.unsafeGetDirectURL("bare")).origin;
    const db = await miniflare.getD1Database("DB", "desk");
    await db.batch(migrations().map((statement) => db.prepare(statement)));
    const headers = { "cf-access-jwt-assertion": await access.tokenOf(REVIEWER), "sec-fetch-site": "same-origin" };
    await ask(`${desk}/desk/intake`, {
      method: "POST",
      body: JSON.stringify({ requestId: ID }),
      headers: { origin: DAPP, "content-type": "application/json" },
    });
    const path = `/partner/piirequest/${ID}`;
    await until(async () => (await ask(desk + path, { headers })).status === 200);
    const contenders = { desk: { url: desk + path, headers }, bare: { url: bare + path, headers } };
    for (const { url } of Object.values(contenders)) {
      const { status, json } = await ask(url, { headers });
      if (status !== 200 || json.id !== ID) throw new Error(`${url} does not answer the record`);
    }
    for (const contender of Object.values(contenders)) await load(contender, { ms: WARM_MS, atOnce: AT_ONCE });

    /** @param {"desk" | "bare"} name */
    const rate = (name) => async () => {
      const before = await reads();
      const { count, seconds } = await load(contenders[name], { ms: ROUND_MS, atOnce: AT_ONCE });
      const called = (await reads()) - before;
      if (called !== count) throw new Error(`${name}: ${called} upstream calls for ${count} requests`);
      return count / seconds;
    };
    const rates = await inTurns({ desk: rate("desk"), bare: rate("bare") });
    report("desk", "The desk, in workerd with a local D1", [
      {
        what: `GET ${path}, ${AT_ONCE} at a time: login proven, case looked up, token kept, answer checked`,
        against: "a bare pass-through Worker",
        figure: `${spread(ratios(rates.desk, rates.bare), 2)}; ${quantile(rates.desk, 0.5).toFixed(0)} requests/s against ${quantile(rates.bare, 0.5).toFixed(0)}`,
      },
    ]);
  } finally {
    await miniflare.dispose();
    await access.close();
    await thread.terminate();
    await built.remove();
    await rm(persist, { recursive: true, force: true });
  }
}
