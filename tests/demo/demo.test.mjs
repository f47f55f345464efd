// @ts-check
// The demo as a person starts it: what it prints, how it ends, and what it leaves behind.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { choosePort, startAt } from "../../www/demo/ports.mjs";
import { HISTORIES, SAMPLES } from "../../www/demo/samples.mjs";
import { startSandbox } from "../../www/demo/workers.mjs";
import { ask, until } from "./support.mjs";

const DEMO = fileURLToPath(new URL("../../www/demo.mjs", import.meta.url));
/** What `cargo xtask demo` asks before it builds. */
const OPTIONS = fileURLToPath(new URL("../../www/demo/options.mjs", import.meta.url));
const SIX_OPERATIONS = fileURLToPath(new URL("../../www/demo/six-operations.mjs", import.meta.url));
const FREE_PORTS = ["--port", "0", "--sandbox-port", "0", "--dapp-port", "0"];

/** What each of the six operations has to say of the text's own example. */
const SIX_LINES = [
  /^ {2}exchangeToken +a Bearer token with 9 scopes, good for 24 hours$/m,
  /^ {2}retrievePii +abc123~copy_1 is verification-success, with 9 verified fields and 3 links$/m,
  /^ {2}fetchEvidence +idDocumentFront is image\/png by its first bytes, [\d,]+ bytes$/m,
  /^ {2}fetchEvidence +idDocumentBack is image\/png by its first bytes, [\d,]+ bytes$/m,
  /^ {2}submitDecision +partner-pass on abc123~copy_1: applied$/m,
  /^ {2}submitDecision +the same once more: already-applied$/m,
  /^ {2}submitDecision +the opposite verdict: refused with the code conflict$/m,
  /^ {2}listAttestations +[1-9]\d* of the token's own identity, johnsmith$/m,
  /^ {2}searchAttestations +11,020 in all, 50 on page 1$/m,
  /^ {2}searchAttestations +[1-9][\d,]* of the type phone_number$/m,
];

/**
 * @param {string[]} args
 * @returns {{ child: import("node:child_process").ChildProcess, output: () => string, ended: Promise<number | null> }}
 */
function run(args) {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (output += chunk));
  const ended = once(child, "close").then(([code]) => code);
  return { child, output: () => output, ended };
}

/** @param {string} output */
function assertNothingLeaked(output) {
  assert.doesNotMatch(output, /sandbox-secret|eyJ|John Smith|john@example|999999999|CoaMuX/);
}

test("the six operations run alone as a Node script, and print what they did", { timeout: 60_000 }, async () => {
  const { output, ended } = run([SIX_OPERATIONS]);
  assert.equal(await ended, 0, output());
  for (const line of SIX_LINES) assert.match(output(), line);
  assertNothingLeaked(output());
});

test("the script says what failed, in one line, and exits with 1", { timeout: 60_000 }, async () => {
  const { output, ended } = run([SIX_OPERATIONS, "--sandbox", "http://127.0.0.1:1"]);
  assert.equal(await ended, 1);
  assert.match(output(), /^exchangeToken failed: network, after 3 attempt\(s\)\./m);
  assertNothingLeaked(output());
});

test("the demo ends after the script where asked to", { timeout: 90_000 }, async () => {
  const { output, ended } = run([DEMO, "--once", ...FREE_PORTS]);
  assert.equal(await ended, 0, output());
  for (const line of SIX_LINES) assert.match(output(), line);
  assert.match(output(), /^[1-9]\d+ requests were handed over, as by a dApp, and confirmed\. What there is to see:$/m);
  for (const { title, samples } of [...SAMPLES, HISTORIES]) {
    assert.ok(output().includes(`\n  ${title}\n`), title);
    for (const { id, shows } of samples) assert.match(output(), new RegExp(`^ {4}${id} +${shows}$`, "m"));
  }
  assertNothingLeaked(output());
});

/**
 * What comes of a connection of its own: one that `fetch` has kept may only be reset.
 *
 * @param {string} url
 * @returns {Promise<string | undefined>}
 */
const reach = (url) =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => {
      socket.destroy();
      resolve("connected");
    });
    socket.on("error", (error) => resolve(/** @type {NodeJS.ErrnoException} */ (error).code));
  });

test("the demo stays until it is told to end, then leaves nothing running", { timeout: 120_000 }, async () => {
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    const { child, output, ended } = run([DEMO, ...FREE_PORTS]);
    while (!/^Open /m.test(output()) && child.exitCode === null) await new Promise((r) => setTimeout(r, 100));
    const [desk, sandbox] =
      output()
        .match(/http:\/\/127\.0\.0\.1:\d+/g)
        ?.slice(-2) ?? [];
    assert.ok(desk && sandbox, output());
    const page = await fetch(desk);
    assert.match(await page.text(), /<title>Passdesk<\/title>/);
    const { cases } = await (await fetch(`${desk}/desk/cases`)).json();
    assert.ok(cases.length > 20);
    child.kill(signal);
    assert.equal(await ended, 0, output());
    for (const url of [desk, sandbox]) assert.equal(await reach(url), "ECONNREFUSED", url);
  }
});

test("the demo's queue is that of a day: every age, and what others did to some", { timeout: 90_000 }, async () => {
  const { child, output, ended } = run([DEMO, ...FREE_PORTS]);
  try {
    while (!/^Open /m.test(output()) && child.exitCode === null) await new Promise((r) => setTimeout(r, 100));
    const url = /^Open (\S+)/m.exec(output())?.[1] ?? assert.fail(output());
    /** @param {string} query @returns {Promise<any[]>} */
    const cases = async (query = "") => (await (await fetch(`${url}/desk/cases?limit=100${query}`)).json()).cases;
    /** @param {any[]} found */
    const idsOf = (found) => found.map(({ id }) => id).sort();

    const all = await cases();
    const listed = [...SAMPLES, HISTORIES].flatMap(({ samples }) => samples.map(({ id }) => id));
    assert.deepEqual(idsOf(all), listed.sort());
    const ages = all.map(({ openedAt }) => (Date.now() - openedAt) / 60_000);
    assert.ok(Math.min(...ages) < 10 && Math.max(...ages) > 24 * 60, String(ages));
    assert.equal(new Set(all.map(({ openedAt }) => openedAt)).size, all.length);
    assert.deepEqual(idsOf(await cases("&claimed=others")), ["id-card~copy_2"]);
    // The dApp may hand over by either of the names by which it can be opened.
    const dapp = /^A dApp .* is at (\S+)$/m.exec(output())?.[1] ?? assert.fail(output());
    for (const origin of [dapp, dapp.replace("127.0.0.1", "localhost")]) {
      const asked = {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
      };
      const { headers } = await ask(`${url}/desk/intake`, { method: "OPTIONS", headers: asked });
      assert.equal(headers["access-control-allow-origin"], origin);
    }

    // The verdicts are sent once they can be undone no more.
    const wanted = {
      delivered: "driving-licence~copy_2",
      dead: "passport~status.403",
      conflict: "passport~status.other-verdict-first",
    };
    for (const [state, id] of Object.entries(wanted)) {
      await until(async () => (await cases(`&state=${state}`)).some((one) => one.id === id), 45_000);
    }
    const record = await fetch(`${url}/partner/piirequest/passport~copy_2`);
    assert.equal((await record.json()).status, "partner-fail");
    assert.deepEqual(idsOf(await cases("&state=closed")), ["driving-licence~copy_2", "passport~copy_2"]);
    const { ok } = await (await fetch(`${url}/desk/audit/verify`)).json();
    assert.equal(ok, true);
  } finally {
    child.kill("SIGTERM");
    await ended;
  }
});

test("an option that there is not is named, with those that there are", { timeout: 60_000 }, async () => {
  const ports = "The demo takes --port N, --sandbox-port N, --dapp-port N and --once.";
  /** @type {[string, string | string[], string, string][]} */
  const refused = [
    [DEMO, "--ports=1", "--ports", ports],
    [DEMO, "--port", "--port", ports],
    [DEMO, "now", "now", ports],
    [OPTIONS, "now", "now", ports],
    [OPTIONS, ["--port", "-1"], "--port", ports],
    [SIX_OPERATIONS, "--sandboxes", "--sandboxes", "The script takes --sandbox URL."],
  ];
  for (const [script, arg, named, usage] of refused) {
    const { output, ended } = run([script, arg].flat());
    assert.equal(await ended, 2);
    assert.match(output(), new RegExp(`^[^\\n]*'${named}\\b[^\\n]*\\. ${usage}\\n$`));
  }
});

test("who asks for help is told what there is to ask for", { timeout: 60_000 }, async () => {
  const ports = "The demo takes --port N, --sandbox-port N, --dapp-port N and --once.";
  for (const [script, usage] of [
    [DEMO, ports],
    [OPTIONS, ports],
    [SIX_OPERATIONS, "The script takes --sandbox URL."],
  ]) {
    for (const help of ["--help", "-h"]) {
      const { output, ended } = run([script ?? "", help]);
      assert.equal(await ended, 0);
      assert.equal(output(), `${usage}\n`);
    }
  }
});

test("a port that is taken, or is none, is named", { timeout: 60_000 }, async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const address = /** @type {import("node:net").AddressInfo} */ (holder.address());
  try {
    for (const script of [DEMO, OPTIONS]) {
      const taken = run([script, "--once", "--port", String(address.port), "--sandbox-port", "0", "--dapp-port", "0"]);
      assert.equal(await taken.ended, 1);
      assert.match(taken.output(), new RegExp(`Port ${address.port} is in use; choose another with --port`));
      const none = run([script, "--once", "--port", "http"]);
      assert.equal(await none.ended, 2);
      assert.match(none.output(), /^--port must be a port number\./);
      const twice = run([script, "--once", "--port", "9000", "--dapp-port", "9000"]);
      assert.equal(await twice.ended, 2);
      assert.match(twice.output(), /^--dapp-port must be a port of its own\./);
    }
  } finally {
    holder.close();
  }
});

test("a port that was asked for is not taken by another, whose usual one it is", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (holder.address());
  assert.equal(await choosePort({}, "sandbox-port", port), 0, "it is in use");
  holder.close();
  await once(holder, "close");
  assert.equal(await choosePort({ port }, "sandbox-port", port), 0);
  assert.equal(await choosePort({ port }, "port", 8787), port);
  assert.equal(await choosePort({}, "sandbox-port", port), port);
});

test("a port that one may not open is not said to be in use", { timeout: 60_000 }, async () => {
  // Nobody's rights, since root may open every port. On some systems everybody may.
  const { output, ended } = run([
    "--input-type=module",
    "--eval",
    `import { choosePort } from ${JSON.stringify(new URL("../../www/demo/ports.mjs", import.meta.url))};
     if (process.getuid?.() === 0) { process.setgid(65534); process.setuid(65534); }
     console.log(await choosePort({ port: 1 }, "port", 8787).catch((error) => error.message));`,
  ]);
  assert.equal(await ended, 0, output());
  assert.match(output(), /^(?:1|Port 1 cannot be opened \(EACCES\); choose another with --port\.)\n$/);
});

test("a port that another takes at the same moment is left to it", { timeout: 60_000 }, async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (holder.address());
  holder.close();
  await once(holder, "close");
  /** @type {(chosen: number) => Promise<void>} */
  const takenBefore = async (chosen) => {
    if (chosen === port) await once(holder.listen(port, "127.0.0.1"), "listening");
  };
  /** @type {((port: number) => Promise<{ stop: () => Promise<void> }>)[]} */
  const starts = [
    // As Node says it, and as Miniflare does.
    async (chosen) => {
      const server = createServer().listen(chosen, "127.0.0.1");
      await once(server, "listening");
      return { stop: async () => void server.close() };
    },
    (chosen) => startSandbox({ port: chosen }),
  ];
  for (const start of starts) {
    const late = (/** @type {number} */ chosen) => takenBefore(chosen).then(() => start(chosen));
    await (await startAt({}, "sandbox-port", port, late)).stop();
    holder.close();
    await once(holder, "close");
    const asked = startAt({ "sandbox-port": port }, "sandbox-port", 8788, late);
    await assert.rejects(asked, { message: `Port ${port} is in use; choose another with --sandbox-port.` });
    holder.close();
    await once(holder, "close");
  }
});
