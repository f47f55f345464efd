// @ts-check
// Starts the demo's two Workers in workerd, as build.mjs bundled them and with what their wrangler files say. Not by
// wrangler's own dev server: its proxy forgets a GET whose connection broke until another request comes along, so that a page
// with one request waits for ever.

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";

// Read by wrangler as it loads, hence before it is imported.
process.env.WRANGLER_SEND_METRICS = "false";

const www = dirname(dirname(fileURLToPath(import.meta.url)));

/** How a Worker of the demo is found: its wrangler file, and its bundle. */
const SANDBOX = { config: "sandbox/wrangler.jsonc", bundle: "dist/sandbox/worker.js" };
const DESK = { config: "wrangler.jsonc", bundle: "dist/desk/desk.js" };

/**
 * @typedef {{ url: string, stop: () => Promise<void> }} RunningWorker `url` has no slash at its end.
 */

/**
 * The demo's own settings. The secret is the sandbox's published one: it opens nothing but the sandbox.
 *
 * @param {string} sandboxUrl
 * @param {import("passdesk/sandbox").Sandbox["credentials"]} credentials
 */
function deskSettings(sandboxUrl, credentials) {
  return {
    CIVIC_BASE_URL: sandboxUrl,
    CIVIC_TOKEN_URL: `${sandboxUrl}/oauth/token`,
    CIVIC_CLIENT_ID: credentials.clientId,
    CIVIC_CLIENT_SECRET: credentials.clientSecret,
    GLOBALID_BASE_URL: sandboxUrl,
    LOCAL_DEMO: "true",
  };
}

/**
 * Starts the sandbox: Civic's and globaliD's stand-ins.
 *
 * @param {{ port?: number }} [options] `port` 0, the default, takes a free one
 * @returns {Promise<RunningWorker>}
 */
export function startSandbox({ port = 0 } = {}) {
  return startWorker(SANDBOX, port, {});
}

/**
 * Starts the desk and the console in front of a sandbox.
 *
 * @param {{ sandboxUrl: string, credentials: import("passdesk/sandbox").Sandbox["credentials"], port?: number }} options
 * @returns {Promise<RunningWorker>}
 */
export function startDesk({ sandboxUrl, credentials, port = 0 }) {
  return startWorker(DESK, port, deskSettings(sandboxUrl, credentials));
}

/**
 * Starts a desk with just these settings beside those of its wrangler file: for tests of what it refuses.
 *
 * @param {Record<string, string>} settings
 * @returns {Promise<RunningWorker>}
 */
export function startDeskWith(settings) {
  return startWorker(DESK, 0, settings);
}

/**
 * @param {{ config: string, bundle: string }} worker Paths below www/
 * @param {number} port
 * @param {Record<string, string>} settings
 * @returns {Promise<RunningWorker>}
 */
async function startWorker({ config, bundle }, port, settings) {
  const scriptPath = join(www, bundle);
  if (!existsSync(scriptPath)) {
    throw new Error(
      `www/${bundle} is not there. Run \`npm run build -w www\` first, or \`cargo xtask demo\`, which does.`,
    );
  }
  const { unstable_getMiniflareWorkerOptions: optionsOf } = await import("wrangler");
  const { workerOptions } = optionsOf(join(www, config));
  const worker = new Miniflare({
    ...workerOptions,
    bindings: { ...workerOptions.bindings, ...settings },
    modules: true,
    modulesRoot: dirname(scriptPath),
    scriptPath,
    host: "127.0.0.1",
    port,
    // Else it is looked up on the network.
    cf: false,
    // workerd prints a stack for every answer that the sandbox cuts on purpose.
    handleRuntimeStdio: (/** @type {import("node:stream").Readable[]} */ ...outputs) => {
      for (const output of outputs) output.resume();
    },
  });
  try {
    return { url: (await worker.ready).origin, stop: () => worker.dispose() };
  } catch (error) {
    await worker.dispose();
    throw error;
  }
}
