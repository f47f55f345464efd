// @ts-check
// A bare `import … from "passdesk"` of the installed tarball, with no configuration, in Node 20 and 24, Deno and Bun.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { install } from "../support/install.mjs";
import { assertWorked, openSandbox, program } from "../support/user.mjs";

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL("../..", import.meta.url));

/** A runtime from its npm package, or from the environment. @param {string} variable @param {string} path @param {string} fallback */
const executable = (variable, path, fallback) => {
  const file = process.env[variable] ?? join(root, "node_modules", path);
  return existsSync(file) ? file : fallback;
};
const NODE20 = executable("NODE20", "node20/bin/node", process.execPath);
const NODE24 = executable("NODE24", "node24/bin/node", "node24");
const DENO = executable("DENO", ".bin/deno", "deno");
const BUN = executable("BUN", ".bin/bun", "bun");

const main = (/** @type {string} */ from) => `
import { work } from "./${from}";
console.log(JSON.stringify(await work(...JSON.parse(process.env.SETTINGS ?? ""))));
`;
// Deno without --allow-env has no process.env: settings come as arguments there.
const denoMain = (/** @type {string} */ from) => `
import { work } from "./${from}";
console.log(JSON.stringify(await work(...JSON.parse(Deno.args[0]))));
`;
const SLIM_NODE = `
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { init } from "passdesk/slim";
await init(await readFile(fileURLToPath(import.meta.resolve("passdesk/passdesk.wasm"))));
`;
const CJS = `
(async () => {
  const { work } = await import("./program.mjs");
  console.log(JSON.stringify(await work(...JSON.parse(process.env.SETTINGS))));
})();
`;

const decide = (/** @type {string} */ from, first = "") => `
${first}
import { submitDecision } from "${from}";
const [baseUrl] = globalThis.Deno?.args ?? process.argv.slice(2);
const { outcome } = await submitDecision({ requestId: "r1", status: "partner-pass", baseUrl });
console.log(outcome);
`;

const exchange = (/** @type {string} */ from, first = "") => `
${first}
import { exchangeToken } from "${from}";
const [url] = globalThis.Deno?.args ?? process.argv.slice(2);
for (const encoding of ["json", "form"]) {
  const client = { tokenUrl: url + "/oauth/token", clientId: "desk", clientSecret: "s3cret", encoding };
  console.log(await exchangeToken({ ...client, maxRetries: 0 }).catch((error) => error.code));
}
`;

const together = (/** @type {string} */ from, first = "") => `
${first}
import { retrievePii } from "${from}";
const [baseUrl] = globalThis.Deno?.args ?? process.argv.slice(2);
const { signal } = new AbortController();
const all = () => Promise.all(Array.from({ length: 20 }, () => retrievePii({ requestId: "r1", baseUrl, signal })));
const records = [...(await all()), ...(await all())];
// Node 20 cannot tell a number of 0.
if (!globalThis.Deno && !globalThis.Bun) (await import("node:events")).getMaxListeners(signal);
console.log(records.length);
`;

/** A server that takes a verdict and resets the connection before it says so; and what it was asked. It forgets a token in the same way. */
async function forgetful() {
  let status = "verification-success";
  /** @type {(string | undefined)[]} */
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(request.method);
    request.resume().on("end", () => {
      if (request.method !== "GET") {
        status = "partner-pass";
        request.socket.resetAndDestroy();
        return;
      }
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ id: "r1", type: "t", status, links: [] }));
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}`, asked, close: () => server.close() };
}

describe("the package in runtimes", { concurrency: 2 }, () => {
  /** @type {Awaited<ReturnType<typeof openSandbox>>} */
  let sandbox;
  /** @type {Awaited<ReturnType<typeof install>>} */
  let user;
  before(async () => {
    sandbox = await openSandbox();
    user = await install({
      "program.mjs": program(),
      "inline.mjs": program("passdesk/inline"),
      "slim.mjs": program("passdesk/slim", SLIM_NODE),
      "main.mjs": main("program.mjs"),
      "main-inline.mjs": main("inline.mjs"),
      "main-slim.mjs": main("slim.mjs"),
      "main-deno.mjs": denoMain("program.mjs"),
      "main-deno-inline.mjs": denoMain("inline.mjs"),
      "main.cjs": CJS,
      "decide.mjs": decide("passdesk"),
      "decide-inline.mjs": decide("passdesk/inline"),
      "decide-slim.mjs": decide("passdesk/slim", SLIM_NODE),
      "together.mjs": together("passdesk"),
      "together-inline.mjs": together("passdesk/inline"),
      "together-slim.mjs": together("passdesk/slim", SLIM_NODE),
      "exchange.mjs": exchange("passdesk"),
      "exchange-inline.mjs": exchange("passdesk/inline"),
      "exchange-slim.mjs": exchange("passdesk/slim", SLIM_NODE),
    });
  });
  after(async () => {
    await user?.remove();
    await sandbox?.close();
  });

  /** @param {string} file @param {string[]} args @param {boolean} [asArgument] */
  async function works(file, args, asArgument = false) {
    const settings = JSON.stringify([sandbox.url, sandbox.token, sandbox.freshId()]);
    const { stdout, stderr } = await run(file, [...args, ...(asArgument ? [settings] : [])], {
      cwd: user.folder,
      timeout: 60_000,
      env: { ...process.env, SETTINGS: settings, NODE_OPTIONS: "", DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
    }).catch((error) => assert.fail(`${file} ${args.join(" ")}:\n${error.stdout}${error.stderr}${error.message}`));
    assertWorked(JSON.parse(stdout.trim().split("\n").at(-1) ?? ""));
    assert.equal(
      stderr.replaceAll(/^.*(?:ExperimentalWarning|--trace-warnings).*\n/gmu, ""),
      "",
      "nothing is printed besides",
    );
  }

  /** @param {string} file */
  const version = async (file) => (await run(file, ["--version"])).stdout.trim();

  test("Node 20", async () => {
    assert.match(await version(NODE20), /^v20\./u);
    await works(NODE20, ["main.mjs"]);
  });
  test("Node 24", async () => {
    assert.match(await version(NODE24), /^v24\./u);
    await works(NODE24, ["main.mjs"]);
  });
  test("CommonJS in Node, by import()", () => works(NODE20, ["main.cjs"]));
  test("Node with the permission model, reading its own folder only", () =>
    works(NODE24, ["--permission", "--allow-net", `--allow-fs-read=${user.folder}`, "main.mjs"]).catch(
      async (error) => {
        // Node 24 has no --allow-net yet in its early versions; there the network is not restricted.
        if (!/allow-net/u.test(error.message)) throw error;
        await works(NODE24, ["--permission", `--allow-fs-read=${user.folder}`, "main.mjs"]);
      },
    ));
  test("Deno with the network only", () => works(DENO, ["run", "--no-prompt", "--allow-net", "main-deno.mjs"], true));
  test("Deno with every permission", () => works(DENO, ["run", "--no-prompt", "-A", "main-deno.mjs"], true));
  test("Bun", () => works(BUN, ["run", "main.mjs"]));

  test("passdesk/inline in Node, Deno and Bun", async () => {
    await works(NODE20, ["main-inline.mjs"]);
    await works(DENO, ["run", "--no-prompt", "--allow-net", "main-deno-inline.mjs"], true);
    await works(BUN, ["run", "main-inline.mjs"]);
  });
  test("passdesk/slim in Node", async () => {
    await works(NODE20, ["main-slim.mjs"]);
    await works(NODE24, ["main-slim.mjs"]);
  });
  /** @param {string} main @param {string} said @param {string[]} asked */
  async function says(main, said, asked) {
    for (const [file, ...args] of [[NODE20], [NODE24], [DENO, "run", "--no-prompt", "-A"], [BUN, "run"]]) {
      for (const entry of ["", "-inline", "-slim"]) {
        const civic = await forgetful();
        const { stdout, stderr } = await run(file, [...args, `${main}${entry}.mjs`, civic.url], {
          cwd: user.folder,
          timeout: 60_000,
          env: { ...process.env, NODE_OPTIONS: "", DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
        });
        civic.close();
        assert.deepEqual([stdout.trim(), stderr, civic.asked], [said, "", asked], `${file} ${main}${entry}`);
      }
    }
  }
  test("no runtime sends a verdict again by itself where its answer was lost", () =>
    says("decide", "already-applied", ["GET", "PUT", "GET"]));
  test("no runtime asks for a token again by itself where the first may have been counted", () =>
    says("exchange", "network\nnetwork", ["POST", "POST"]));
  test("no runtime takes many calls under one signal for a leak", () => says("together", "40", Array(40).fill("GET")));
  test("the tests run on the installed tarball, not on the sources", () => {
    assert.ok(!dirname(require.resolve("passdesk/package.json")).includes("pkg-template"));
  });
});
