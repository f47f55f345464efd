// @ts-check
// A dApp's page in a real Chromium, and an intake that can be told how to answer. They are two origins, so CORS is real.

import { once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { launchChromium } from "../support/chromium.mjs";

/** The majors that the package supports, and where the tests have them. */
export const REACT_18 = { major: 18, react: "react18", dom: "react-dom18" };
export const REACT_19 = { major: 19, react: "react", dom: "react-dom" };
export const REACTS = [REACT_18, REACT_19];

/** @param {{ react: string, dom: string }} names @param {string} file @param {import("esbuild").BuildOptions} [options] */
export async function bundleWith({ react, dom }, file, options = {}) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(file, import.meta.url))],
    bundle: true,
    write: false,
    format: "iife",
    target: "es2022",
    // React says more of what is wrong, and StrictMode does its work, in development only.
    define: { "process.env.NODE_ENV": '"development"' },
    alias: { react, "react-dom": dom },
    logLevel: "error",
    ...options,
  });
  return outputFiles?.[0]?.text ?? "";
}

/** @typedef {"hang" | "reset" | { status: number, headers?: Record<string, string> }} Answer */

/** An intake that keeps what it was sent. */
export async function openIntake() {
  /** @type {{ id: string, method: string, origin?: string, cookie?: string, type?: string, body: string }[]} */
  const received = [];
  /** @type {(nth: number, id: string) => Answer | Promise<Answer>} */
  let plan = () => ({ status: 202 });
  /** @type {() => Promise<void>} */
  let asked = async () => {};
  const server = createServer(async (request, response) => {
    const cors = { "access-control-allow-origin": request.headers.origin ?? "*", vary: "origin" };
    if (request.method === "OPTIONS") {
      await asked();
      const allowed = { "access-control-allow-methods": "POST", "access-control-allow-headers": "content-type" };
      response.writeHead(204, { ...cors, ...allowed }).end();
      return;
    }
    let body = "";
    for await (const piece of request) body += piece;
    const { origin, cookie, "content-type": type } = request.headers;
    const { requestId: id } = JSON.parse(body);
    received.push({ id, method: request.method ?? "", origin, cookie, type, body });
    const answer = await plan(received.length, id);
    if (answer === "hang") return;
    if (answer === "reset") return void request.socket.destroy();
    const headers = { ...cors, "access-control-expose-headers": "retry-after", ...answer.headers };
    response.writeHead(answer.status, headers).end("{}");
  });
  let port = 0;
  const up = async () => {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    port = /** @type {import("node:net").AddressInfo} */ (server.address()).port;
  };
  const down = async () => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  };
  await up();
  return {
    url: `http://127.0.0.1:${port}/desk/intake`,
    received,
    /** @param {typeof plan} wanted */
    answer(wanted) {
      plan = wanted;
    },
    /** What is done before a browser's question (CORS) is answered. @param {typeof asked} wanted */
    ask(wanted) {
      asked = wanted;
    },
    up,
    /** Nobody listens any more. */
    down,
    close: down,
  };
}

/**
 * The page of one React on an origin of its own.
 *
 * @param {{ react: string, dom: string }} names
 * @param {{ file?: string, rendered?: string }} [page] its script, and what a server rendered
 */
export async function openSite(names, { file = "page.mjs", rendered = "" } = {}) {
  const script = await bundleWith(names, file);
  const head = '<!doctype html><meta charset="utf-8"><title>dApp</title>';
  const html = `${head}<div id="root">${rendered}</div><script src="page.js"></script>`;
  /** @type {{ path: string | undefined, cookie: string | undefined }[]} */
  const received = [];
  const server = createServer((request, response) => {
    if (request.method === "POST") {
      received.push({ path: request.url, cookie: request.headers.cookie });
      response.writeHead(202).end("{}");
      return;
    }
    const isScript = request.url === "/page.js";
    response
      .writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html" })
      .end(isScript ? script : html);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    /** What was handed over to an intake on the same origin. */
    received,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

export { launchChromium };

/** Civic's own frame has nothing to do here, and no network. @param {import("playwright-core").BrowserContext} context */
export const withoutCivic = (context) => context.route("https://*.civic.com/**", (route) => route.abort());

/**
 * A tab with the dApp in it.
 *
 * @param {import("playwright-core").BrowserContext} context
 * @param {string} url
 * @param {Record<string, unknown>} settings
 */
export async function openTab(context, url, settings) {
  const page = await context.newPage();
  /** @type {string[]} */
  const troubles = [];
  page.on("pageerror", (error) => troubles.push(error.message));
  page.on("console", (message) => {
    // What the browser itself says of an answer that failed is no fault of the page.
    if (message.type() === "error" && !/Failed to load resource|ERR_|CORS policy/u.test(message.text())) {
      troubles.push(message.text());
    }
  });
  await page.goto(`${url}/#${encodeURIComponent(JSON.stringify(settings))}`);
  /** @param {string} name @param {unknown} [argument] */
  const call = (name, argument) =>
    page.evaluate(({ name, argument }) => Reflect.get(globalThis, "dapp")[name](argument), { name, argument });
  return {
    page,
    troubles,
    /** @param {unknown} pending */
    show: (pending) => call("show", pending),
    /** @param {string} id */
    showId: (id) => call("show", { presentationRequestId: id }),
    call,
    /** @returns {Promise<{ status: string, code?: string, shown: boolean, pass?: string }[]>} */
    states: () => page.evaluate(() => Reflect.get(globalThis, "dapp").states),
    status: async () => /** @type {string} */ (await page.locator("output").first().textContent()),
    /** @returns {Promise<any>} */
    error: () => page.evaluate(() => Reflect.get(globalThis, "dapp").error),
    /** What is stored, by key. @returns {Promise<Record<string, string>>} */
    stored: () => page.evaluate(() => ({ ...localStorage })),
    /** @param {string} status @param {number} [patience] */
    async reaches(status, patience = 10_000) {
      await until(async () => (await page.locator("output").first().textContent()) === status, patience, status);
    },
  };
}

/** @param {() => Promise<boolean> | boolean} reached @param {number} [patience] @param {string} [what] */
export async function until(reached, patience = 15_000, what = "it") {
  const end = Date.now() + patience;
  while (!(await reached())) {
    if (Date.now() > end) throw new Error(`${what} did not come about in time`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** @param {number} ms */
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
