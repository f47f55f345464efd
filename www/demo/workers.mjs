// @ts-check
// Starts the demo's two Workers in workerd, from the very files that `wrangler deploy` would take.

import { fileURLToPath } from "node:url";

// Read by wrangler as it loads, hence before the import: no telemetry, no look-ups, no chatter.
process.env.WRANGLER_SEND_METRICS = "false";
process.env.WRANGLER_SEND_ERROR_REPORTS = "false";
process.env.WRANGLER_HIDE_BANNER = "true";
process.env.CLOUDFLARE_CF_FETCH_ENABLED = "false";
// Silent, since wrangler prints a stack for every answer that the sandbox cuts on purpose.
process.env.WRANGLER_LOG ??= "none";

/** How long a Worker may take to come up, in milliseconds. */
const PATIENCE = 60_000;

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
  return startWorker("sandbox/wrangler.jsonc", port, {});
}

/**
 * Starts the desk and the console in front of a sandbox.
 *
 * @param {{ sandboxUrl: string, credentials: import("passdesk/sandbox").Sandbox["credentials"], port?: number }} options
 * @returns {Promise<RunningWorker>}
 */
export function startDesk({ sandboxUrl, credentials, port = 0 }) {
  return startWorker("wrangler.jsonc", port, deskSettings(sandboxUrl, credentials));
}

/**
 * @param {string} config The Worker's wrangler file, below www/
 * @param {number} port
 * @param {Record<string, string>} settings
 * @returns {Promise<RunningWorker>}
 */
export async function startWorker(config, port, settings) {
  const { unstable_startWorker: start } = await import("wrangler");
  const worker = await start({
    config: fileURLToPath(new URL(`../${config}`, import.meta.url)),
    bindings: Object.fromEntries(
      Object.entries(settings).map(([name, value]) => [name, { type: "plain_text", value }]),
    ),
    dev: {
      server: { hostname: "127.0.0.1", port },
      inspector: false,
      watch: false,
      persist: false,
      remote: false,
    },
  });
  try {
    return { url: (await soon(worker.url, config)).origin, stop: () => worker.dispose() };
  } catch (error) {
    await worker.dispose();
    throw error;
  }
}

/**
 * A Worker that does not build has no URL, ever; wrangler only logs it.
 *
 * @template T
 * @param {Promise<T>} started
 * @param {string} config
 * @returns {Promise<T>}
 */
async function soon(started, config) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    const words = `The Worker of www/${config} did not start; WRANGLER_LOG=error in the environment shows why.`;
    timer = setTimeout(() => reject(new Error(words)), PATIENCE);
  });
  try {
    return /** @type {T} */ (await Promise.race([started, late]));
  } finally {
    clearTimeout(timer);
  }
}
