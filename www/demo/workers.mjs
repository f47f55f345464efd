// @ts-check
// Starts the demo's two Workers in workerd, as build.mjs bundled them and with what their wrangler files say; the desk with
// a real D1, its migrations, its cron and Access's stand-in before it. Not by wrangler's own dev server: its proxy forgets a GET whose connection broke until another request comes along, so that a page
// with one request waits for ever.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";
import { AUDIENCE, AUDITOR, PERSON, SECOND, startAccess } from "./access.mjs";
import { DAPP } from "./hand-over.mjs";

// Read by wrangler as it loads, hence before it is imported.
process.env.WRANGLER_SEND_METRICS = "false";

const www = dirname(dirname(fileURLToPath(import.meta.url)));

/** How a Worker of the demo is found: its wrangler file, and its bundle. */
const SANDBOX = { config: "sandbox/wrangler.jsonc", bundle: "dist/sandbox/worker.js" };
const DESK = { config: "wrangler.jsonc", bundle: "dist/desk/desk.js" };

/**
 * @typedef {{ url: string, stop: () => Promise<void> }} RunningWorker `url` has no slash at its end.
 * @typedef {Awaited<ReturnType<Miniflare["getD1Database"]>>} Database
 * @typedef {{ scheduled: (run: { cron: string }) => Promise<{ outcome: string }> }} Scheduled how miniflare runs a cron
 */

/** What the wrangler file says: a run each minute. workerd by itself knows no cron. */
const CRON = "* * * * *";
const CRON_MS = 60_000;

/**
 * The demo's own settings. The secret is the sandbox's published one: it opens nothing but the sandbox.
 *
 * @param {string} sandboxUrl
 * @param {import("passdesk/sandbox").Sandbox["credentials"]} credentials
 * @param {string} accessUrl
 */
function deskSettings(sandboxUrl, credentials, accessUrl) {
  return {
    CIVIC_BASE_URL: sandboxUrl,
    CIVIC_TOKEN_URL: `${sandboxUrl}/oauth/token`,
    CIVIC_CLIENT_ID: credentials.clientId,
    CIVIC_CLIENT_SECRET: credentials.clientSecret,
    GLOBALID_BASE_URL: sandboxUrl,
    ACCESS_TEAM_URL: accessUrl,
    ACCESS_AUDIENCE: AUDIENCE,
    DESK_REVIEWERS: `${PERSON}, ${SECOND}`,
    DESK_AUDITORS: AUDITOR,
    // So that one person can see all of it, the audit too.
    DESK_ADMINS: PERSON,
    INTAKE_ORIGINS: DAPP,
    // All samples come at once, from one address.
    INTAKE_PER_MINUTE: "600",
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
 * Starts the desk and the console in front of a sandbox, with Access's stand-in in front of both: `url` is that one's.
 *
 * @param {object} options
 * @param {string} options.sandboxUrl
 * @param {import("passdesk/sandbox").Sandbox["credentials"]} options.credentials
 * @param {number} [options.port]
 * @param {Record<string, string>} [options.settings] beside the demo's own, or in their place
 * @param {readonly string[]} [options.people] who can sign in, the first one at first
 * @returns {Promise<RunningWorker & { innerUrl: string, sweep: () => Promise<void>, database: () => Promise<Database> }>}
 *   `innerUrl` is behind the stand-in; `sweep` is one run of the cron, which comes each minute by itself
 */
export async function startDesk({
  sandboxUrl,
  credentials,
  port = 0,
  settings = {},
  people = [PERSON, SECOND, AUDITOR],
}) {
  const access = await startAccess({ port, people });
  try {
    const desk = await startDeskWith({ ...deskSettings(sandboxUrl, credentials, access.url), ...settings });
    access.guard(desk.url);
    const cron = setInterval(() => desk.sweep().catch(() => {}), CRON_MS);
    return {
      url: access.url,
      innerUrl: desk.url,
      sweep: desk.sweep,
      database: desk.database,
      async stop() {
        clearInterval(cron);
        await access.stop();
        await desk.stop();
      },
    };
  } catch (error) {
    await access.stop();
    throw error;
  }
}

/**
 * Starts a desk with just these settings beside those of its wrangler file, and nothing in front of it.
 *
 * @param {Record<string, string>} settings
 * @returns {Promise<RunningWorker & { sweep: () => Promise<void>, database: () => Promise<Database> }>}
 */
export async function startDeskWith(settings) {
  const desk = await startWorker(DESK, 0, settings);
  try {
    await migrate(await desk.worker.getD1Database("DB"));
  } catch (error) {
    await desk.stop();
    throw error;
  }
  return {
    url: desk.url,
    stop: desk.stop,
    database: () => desk.worker.getD1Database("DB"),
    async sweep() {
      const worker = /** @type {Scheduled} */ (/** @type {unknown} */ (await desk.worker.getWorker()));
      const { outcome } = await worker.scheduled({ cron: CRON });
      if (outcome !== "ok") throw new Error(`The desk's scheduled run ended with ${outcome}.`);
    },
  };
}

/**
 * Applies the migrations to a new database, cut into statements by wrangler's own knife, as `wrangler d1 migrations apply`
 * does it.
 *
 * @param {Database} database
 */
async function migrate(database) {
  const { unstable_splitSqlQuery: statementsOf } = await import("wrangler");
  const folder = join(www, "migrations");
  const files = readdirSync(folder).filter((name) => name.endsWith(".sql"));
  for (const file of files.sort()) {
    const statements = statementsOf(readFileSync(join(folder, file), "utf8"));
    await database.batch(statements.map((statement) => database.prepare(statement)));
  }
}

/**
 * @param {{ config: string, bundle: string }} worker Paths below www/
 * @param {number} port
 * @param {Record<string, string>} settings
 * @returns {Promise<RunningWorker & { worker: Miniflare }>}
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
    return { worker, url: (await worker.ready).origin, stop: () => worker.dispose() };
  } catch (error) {
    await worker.dispose();
    throw error;
  }
}
