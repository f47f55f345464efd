// @ts-check
// The crate as whoever writes a Worker in Rust has it, over real sockets: in Node, and in workerd.
import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { openSandbox } from "../support/user.mjs";
import { serveBundle } from "../support/workerd.mjs";

/** What `cargo xtask test transport` has made of user.rs. */
const MADE = /** @type {string} */ (process.env.PASSDESK_TRANSPORT);

const WORKER = `
import * as user from "./user.js";
import module from "./user_bg.wasm";
user.initSync({ module });
export default {
  async fetch(request) {
    const [name, ...given] = await request.json();
    return new Response(await user[name](...given));
  },
};
`;

/** What a failure over a real socket is called, by the sandbox's fault. Whoever hangs gets half a second. */
const FAULTS = {
  302: "redirected",
  "redirect-same-origin": "redirected",
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  429: "rate_limited",
  502: "upstream",
  hang: "timeout",
  "hang-body": "timeout",
  "cut-body": "network",
  reset: "network",
  "malformed-json": "bad_response",
  "invalid-utf8": "bad_response",
  "empty-body": "bad_response",
  "other-id": "bad_response",
  oversize: "too_large",
  "oversize-gzip": "too_large",
};

/** @typedef {(name: "work" | "fail", ...given: (string | number)[]) => Promise<string>} Ask */

/** @type {Record<string, () => Promise<{ ask: Ask, close: () => Promise<void> }>>} */
const RUNTIMES = {
  Node: async () => {
    const user = await import(pathToFileURL(join(MADE, "user.js")).href);
    user.initSync({ module: await readFile(join(MADE, "user_bg.wasm")) });
    return { ask: (name, ...given) => user[name](...given), close: async () => {} };
  },
  workerd: async () => {
    const folder = await mkdtemp(join(tmpdir(), "passdesk-transport-"));
    const dist = join(folder, "dist");
    await mkdir(dist);
    await cp(MADE, dist, { recursive: true });
    await writeFile(join(dist, "index.js"), WORKER);
    const { url, close } = await serveBundle(folder, {});
    return {
      ask: async (...question) => (await fetch(url, { method: "POST", body: JSON.stringify(question) })).text(),
      close: async () => {
        await close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
};

for (const [runtime, start] of Object.entries(RUNTIMES)) {
  describe(`calls from Rust in ${runtime}`, { concurrency: 1 }, () => {
    /** @type {Awaited<ReturnType<typeof openSandbox>>} */
    let sandbox;
    /** @type {Awaited<ReturnType<typeof start>>} */
    let user;
    before(async () => {
      sandbox = await openSandbox();
      user = await start();
    });
    after(async () => {
      await user?.close();
      await sandbox?.close();
    });

    // A partner's token lists nobody's verifications.
    test("every operation works", async () => {
      assert.equal(
        await user.ask("work", sandbox.url, sandbox.freshId()),
        "verification-success image/png applied already-applied 120 forbidden",
      );
    });

    for (const [fault, code] of Object.entries(FAULTS)) {
      test(`${fault} is ${code}`, async () => {
        const timeout = code === "timeout" ? 500 : 30_000;
        assert.equal(await user.ask("fail", sandbox.url, `abc123~pii.${fault}`, timeout), code);
      });
    }
  });
}
