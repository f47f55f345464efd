// @ts-check
// The package in pages: through Vite, through esbuild, and with no tool at all, each opened in Chromium.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { classicScript, launchChromium, pageScript, resultOf, withSettings } from "../support/chromium.mjs";
import { install } from "../support/install.mjs";
import { serveFolder } from "../support/static.mjs";
import { assertWorked, openSandbox, program } from "../support/user.mjs";

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const vite = join(dirname(require.resolve("vite/package.json")), "bin", "vite.js");

/** @param {string} script @param {string} [head] */
const html = (script, head = "") =>
  `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">${head}${script}`;
const module = (/** @type {string} */ src) => `<script type="module" src="${src}"></script>`;

const IMPORT_MAP = `<script type="importmap">{"imports":{"passdesk":"/node_modules/passdesk/browser.js"}}</script>`;
const SLIM_PAGE = `
import { init } from "/node_modules/passdesk/slim.js";
await init(fetch("/node_modules/passdesk/passdesk.wasm"));
`;
const SLIM_VITE = `
import { init } from "passdesk/slim";
import url from "passdesk/passdesk.wasm?url";
const ready = init(fetch(url));
`;
const RECOVERS = `
import { retrievePii } from "/node_modules/passdesk/browser.js";
const [baseUrl, token, requestId] = JSON.parse(decodeURIComponent(location.hash.slice(1)));
const call = () => retrievePii({ requestId, token, baseUrl }).then((pii) => pii.id, (error) => error.code);
globalThis.result = [await call(), await call(), await call()];
`;
/** What only a page can show: its window, its redirects, its cross-origin rules. */
const PAGE = `
import { exchangeToken, retrievePii, tokenProvider } from "/node_modules/passdesk/browser.js";
const [baseUrl, token] = JSON.parse(decodeURIComponent(location.hash.slice(1)));
const code = (promise) => promise.then(() => "ok", (error) => error.code ?? String(error));
const client = { tokenUrl: baseUrl + "/oauth/token", clientId: "passdesk-sandbox", clientSecret: "sandbox-secret" };
const get = (requestId, more) => code(retrievePii({ requestId, token, baseUrl, maxRetries: 0, ...more }));
const controller = new AbortController();
setTimeout(() => controller.abort("leaving"), 200);
globalThis.result = {
  secret: await code(exchangeToken(client)),
  provider: await code((async () => tokenProvider(client)())()),
  allowed: await code(exchangeToken({ ...client, dangerouslyAllowBrowser: true })),
  redirect: await get("abc123~302"),
  redirectHome: await get("abc123~redirect-same-origin"),
  hang: await get("abc123~hang", { timeoutMs: 500 }),
  hangBody: await get("abc123~hang-body", { timeoutMs: 500 }),
  aborted: await get("abc123~hang", { signal: controller.signal }),
  reset: await get("abc123~reset"),
  missing: await get("no-such-request"),
};
`;

describe("the package in pages", { concurrency: 2 }, () => {
  /** @type {Awaited<ReturnType<typeof openSandbox>>} */
  let sandbox;
  /** @type {Awaited<ReturnType<typeof install>>} */
  let user;
  /** @type {import("playwright-core").Browser} */
  let browser;
  before(async () => {
    sandbox = await openSandbox();
    browser = await launchChromium();
    user = await install({
      "program.js": program(),
      "page.js": pageScript("./program.js"),
      "classic.js": classicScript("./program.js"),
      "index.html": html(module("/page.js")),
      "plain/map.html": html(module("/page.js"), IMPORT_MAP),
      "plain/program.js": program("../node_modules/passdesk/browser.js"),
      "plain/page.js": pageScript("./program.js"),
      "plain/relative.html": html(module("./page.js")),
      "plain/slim-program.js": program("/node_modules/passdesk/slim.js", SLIM_PAGE),
      "plain/slim.js": pageScript("./slim-program.js"),
      "plain/slim.html": html(module("./slim.js")),
      "plain/inline-program.js": program("/node_modules/passdesk/inline.js"),
      "plain/inline.js": pageScript("./inline-program.js"),
      "plain/inline.html": html(module("./inline.js")),
      "plain/recovers.js": RECOVERS,
      "plain/recovers.html": html(module("./recovers.js")),
      "plain/window.js": PAGE,
      "plain/window.html": html(module("./window.js")),
      "slim/program.js": program("passdesk/slim", SLIM_VITE).replace("const pii =", "await ready;\n  const pii ="),
      "slim/page.js": pageScript("./program.js"),
      "slim/index.html": html(module("/page.js")),
      "inline/program.js": program("passdesk/inline"),
      "inline/page.js": pageScript("./program.js"),
      "inline/index.html": html(module("/page.js")),
    });
  });
  after(async () => {
    await browser?.close();
    await user?.remove();
    await sandbox?.close();
  });

  /**
   * @param {string} folder
   * @param {string} page
   * @param {Parameters<typeof serveFolder>[1]} [options]
   */
  async function open(folder, page, options) {
    const server = await serveFolder(folder, options);
    try {
      return { ...(await resultOf(browser, withSettings(`${server.url}${page}`, sandbox))), paths: server.paths };
    } finally {
      await server.close();
    }
  }

  const limit = { timeout: 120_000 };

  for (const entry of ["", "slim", "inline"]) {
    test(`a Vite build with the default config: passdesk${entry && `/${entry}`}`, limit, async () => {
      const cwd = join(user.folder, entry);
      const out = join(user.folder, `out-vite-${entry}`);
      await run(process.execPath, [vite, "build", "--outDir", out, "--logLevel", "warn"], { cwd, timeout: 60_000 });
      const { result, console } = await open(out, "/");
      assertWorked(result);
      assert.deepEqual(
        console.filter((line) => !line.includes("404")),
        [],
      );
    });
  }

  test("Vite's dev server with the default config", limit, async () => {
    const child = spawn(process.execPath, [vite, "--port", "0", "--host", "127.0.0.1"], {
      cwd: user.folder,
      env: { ...process.env, NO_COLOR: "1" },
    });
    try {
      let output = "";
      /** @type {string} */
      const url = await new Promise((resolve, reject) => {
        const listen = (/** @type {Buffer} */ data) => {
          output += data;
          const found = /http:\/\/127\.0\.0\.1:\d+/u.exec(output)?.[0];
          if (found !== undefined) resolve(found);
        };
        child.stdout.on("data", listen);
        child.stderr.on("data", listen);
        child.once("exit", () => reject(new Error(output)));
      });
      const { result } = await resultOf(browser, withSettings(`${url}/index.html`, sandbox));
      assertWorked(result);
    } finally {
      child.kill();
    }
  });

  for (const [format, source] of [
    ["esm", "page.js"],
    ["iife", "classic.js"],
  ]) {
    for (const entry of ["", "inline"]) {
      test(`an esbuild browser bundle, ${format}: passdesk${entry && `/${entry}`}`, limit, async () => {
        const { build } = await import("esbuild");
        const out = join(user.folder, `out-esbuild-${format}-${entry}`);
        const root = join(user.folder, entry);
        const input = entry === "" ? join(root, /** @type {string} */ (source)) : join(root, "bundle.js");
        const { mkdir, writeFile } = await import("node:fs/promises");
        if (entry !== "")
          await writeFile(input, format === "esm" ? pageScript("./program.js") : classicScript("./program.js"));
        const { warnings } = await build({
          entryPoints: [input],
          bundle: true,
          platform: "browser",
          format: /** @type {"esm" | "iife"} */ (format),
          outfile: join(out, "bundle.js"),
          logLevel: "silent",
        });
        assert.deepEqual(
          warnings.filter((it) => it.id !== "empty-import-meta").map((it) => it.text),
          [],
        );
        await mkdir(out, { recursive: true });
        await writeFile(
          join(out, "index.html"),
          html(format === "esm" ? module("/bundle.js") : '<script src="/bundle.js"></script>'),
        );
        const { result } = await open(out, "/");
        assertWorked(result);
      });
    }
  }

  test("a plain module script with an import map", limit, async () => {
    const { result, console, paths } = await open(user.folder, "/plain/map.html");
    assertWorked(result);
    assert.deepEqual(
      console.filter((line) => !line.includes("404")),
      [],
    );
    assert.equal(paths.filter((path) => path.endsWith(".wasm")).length, 1, "the module is loaded once");
    assert.ok(!paths.some((path) => path.endsWith("inline-bytes.js")), "and not twice, by bytes as well");
  });
  test("a plain module script with a relative path", limit, async () =>
    assertWorked((await open(user.folder, "/plain/relative.html")).result),
  );
  test("passdesk/slim without a tool", limit, async () =>
    assertWorked((await open(user.folder, "/plain/slim.html")).result),
  );
  test("passdesk/inline without a tool", limit, async () => {
    const { result, paths } = await open(user.folder, "/plain/inline.html");
    assertWorked(result);
    assert.ok(!paths.some((path) => path.endsWith(".wasm")));
  });

  test("a strict Content-Security-Policy with 'wasm-unsafe-eval'", limit, async () => {
    const policy = `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ${sandbox.url}; img-src data:`;
    const { result, console } = await open(user.folder, "/plain/relative.html", {
      headers: { "content-security-policy": policy },
    });
    assertWorked(result);
    assert.deepEqual(
      console.filter((line) => /content security policy/iu.test(line)),
      [],
    );
  });
  test("a policy that forbids WebAssembly is load_failed, not a hang", limit, async () => {
    const policy = `default-src 'none'; script-src 'self'; connect-src 'self' ${sandbox.url}; img-src data:`;
    const { result } = await open(user.folder, "/plain/recovers.html", {
      headers: { "content-security-policy": policy },
    });
    assert.deepEqual(result, ["load_failed", "load_failed", "load_failed"]);
  });

  test("a failed download is forgotten: the next call loads anew", limit, async () => {
    let failures = 0;
    const { result } = await open(user.folder, "/plain/recovers.html", {
      // The file, and the bytes that stand in for it.
      intercept: (path) => (/\.wasm$|inline-bytes\.js$/u.test(path) && ++failures <= 2 ? { status: 503 } : undefined),
    });
    const [first, second, third] = /** @type {string[]} */ (result);
    assert.equal(first, "load_failed");
    assert.match(String(second), /^abc123/u, "works once the download does");
    assert.match(String(third), /^abc123/u);
    assert.equal(failures, 3, "loaded once more, and then kept");
  });
  test("where only the file is not to be had, the inlined bytes stand in", limit, async () => {
    const { result, paths } = await open(user.folder, "/plain/recovers.html", {
      intercept: (path) => (path.endsWith(".wasm") ? { status: 404 } : undefined),
    });
    for (const id of /** @type {string[]} */ (result)) assert.match(id, /^abc123/u);
    assert.equal(paths.filter((path) => path.endsWith("inline-bytes.js")).length, 1);
  });
  test("a wasm file of the wrong content type loads all the same", limit, async () => {
    const { readFile } = await import("node:fs/promises");
    const { createServer } = await import("node:http");
    // Hosts that do not know .wasm send octet-stream, which instantiateStreaming refuses.
    const inner = await serveFolder(user.folder);
    const bytes = await readFile(join(user.folder, "node_modules/passdesk/passdesk.wasm"));
    const outer = createServer(async (request, response) => {
      if (request.url?.endsWith(".wasm"))
        return response.writeHead(200, { "content-type": "application/octet-stream" }).end(bytes);
      const answer = await fetch(`${inner.url}${request.url}`);
      return response
        .writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" })
        .end(Buffer.from(await answer.arrayBuffer()));
    });
    await new Promise((resolve) => outer.listen(0, "127.0.0.1", () => resolve(undefined)));
    const { port } = /** @type {import("node:net").AddressInfo} */ (outer.address());
    try {
      const { result } = await resultOf(browser, withSettings(`http://127.0.0.1:${port}/plain/relative.html`, sandbox));
      assertWorked(result);
    } finally {
      outer.closeAllConnections();
      outer.close();
      await inner.close();
    }
  });

  test("in a page: no secret, no redirect, no hang", limit, async () => {
    const { result } = await open(user.folder, "/plain/window.html");
    assert.deepEqual(result, {
      secret: "secret_in_browser",
      provider: "secret_in_browser",
      allowed: "ok",
      redirect: "redirected",
      redirectHome: "redirected",
      hang: "timeout",
      hangBody: "timeout",
      aborted: "aborted",
      reset: "network",
      missing: "not_found",
    });
  });
});
