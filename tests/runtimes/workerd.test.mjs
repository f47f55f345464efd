// @ts-check
// The same in workerd, by real `wrangler dev`, with nothing in the config but a name, a date and the file.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { install } from "../support/install.mjs";
import { assertWorked, openSandbox, program } from "../support/user.mjs";
import { wranglerDev } from "../support/wrangler.mjs";

const worker = (/** @type {string} */ from) => `
import { work } from "./${from}";
export default {
  async fetch(request) {
    const { searchParams } = new URL(request.url);
    if (!searchParams.has("settings")) return new Response(null, { status: 204 });
    try {
      return Response.json(await work(...JSON.parse(searchParams.get("settings"))));
    } catch (error) {
      return Response.json({ error: String(error), code: error?.code, stack: error?.stack }, { status: 500 });
    }
  },
};
`;
const SLIM = `
import { init } from "passdesk/slim";
import module from "passdesk/passdesk.wasm";
await init(module);
`;
// Top-level await and module scope are both allowed here; calls at module scope that need I/O are not.
const LAZY_SLIM = SLIM.replace("await init(module);", "");

describe("the package in workerd", { concurrency: 1 }, () => {
  /** @type {Awaited<ReturnType<typeof openSandbox>>} */
  let sandbox;
  /** @type {Awaited<ReturnType<typeof install>>} */
  let user;
  before(async () => {
    sandbox = await openSandbox();
    user = await install({
      "program.mjs": program(),
      "worker.mjs": worker("program.mjs"),
      "slim.mjs": program("passdesk/slim", LAZY_SLIM).replace("const pii =", "await init(module);\n  const pii ="),
      "slim-worker.mjs": worker("slim.mjs"),
      "inline.mjs": program("passdesk/inline"),
      "inline-worker.mjs": worker("inline.mjs"),
    });
  });
  after(async () => {
    await user?.remove();
    await sandbox?.close();
  });

  /** @param {string} file @param {(url: string, output: () => string) => Promise<void>} act */
  async function dev(file, act) {
    const { url, close, output } = await wranglerDev({
      main: join(user.folder, file),
      cwd: join(user.folder, ".", `run-${file}`),
    });
    try {
      await act(url, output);
    } finally {
      await close();
    }
  }
  /** @param {string} url */
  async function ask(url) {
    const settings = JSON.stringify([sandbox.url, sandbox.token, sandbox.freshId()]);
    // wrangler's own proxy forgets a GET whose connection broke until another request comes along.
    const others = setInterval(() => fetch(url).catch(() => {}), 5000);
    try {
      const response = await fetch(`${url}/?settings=${encodeURIComponent(settings)}`, {
        signal: AbortSignal.timeout(60_000),
      });
      return await response.json();
    } finally {
      clearInterval(others);
    }
  }

  test("passdesk", { timeout: 150_000 }, () =>
    dev("worker.mjs", async (url, output) => {
      assertWorked(await ask(url));
      for (const result of await Promise.all(Array.from({ length: 5 }, () => ask(url)))) assertWorked(result);
      assert.doesNotMatch(output(), /\[ERROR\]|\[WARNING\]|Uncaught/u);
    }),
  );

  test("passdesk/slim with the module", { timeout: 150_000 }, () =>
    dev("slim-worker.mjs", async (url) => {
      assertWorked(await ask(url));
      assertWorked(await ask(url));
    }),
  );

  test("passdesk/inline says why it cannot: workerd compiles no bytes", { timeout: 150_000 }, () =>
    dev("inline-worker.mjs", async (url) => {
      const result = await ask(url);
      assert.equal(result.code, "load_failed", JSON.stringify(result));
    }),
  );
});
