// @ts-check
// Several isolates of the desk over one D1, as Cloudflare runs it: nothing in memory is shared between them, so whatever
// keeps two writers apart has to be in the database.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Miniflare } from "miniflare";
import { createSandbox } from "passdesk/sandbox";
import { serve } from "../support/serve.mjs";
import { AUDIENCE, startAccess } from "./access.mjs";
import { ask, DAPP, migrations, until } from "./stage.mjs";

/**
 * @param {{ folder: string }} built
 * @param {object} options
 * @param {number} options.count how many isolates
 * @param {Record<string, string>} [options.settings]
 * @param {import("passdesk/sandbox").SandboxOptions} [options.sandbox]
 * @param {(request: Request, answer: () => Promise<Response>) => Promise<Response>} [options.intercept] stands before Civic
 */
export async function openIsolates(built, { count, settings = {}, sandbox: order = {}, intercept }) {
  const sandbox = createSandbox(order);
  const upstream = await serve(async (request) => {
    const answer = () => sandbox.fetch(request);
    return intercept === undefined ? answer() : intercept(request, answer);
  });
  const access = await startAccess();
  const bindings = { ...bindingsOf({ civic: upstream.url, access: access.url }), ...settings };
  const modules = await modulesOf(built.folder);
  const names = Array.from({ length: count }, (_, i) => `desk-${i}`);
  const miniflare = new Miniflare({
    workers: names.map((name) => ({
      name,
      modulesRoot: join(built.folder, "dist"),
      modules,
      bindings,
      compatibilityDate: "2026-01-01",
      compatibilityFlags: ["enable_request_signal"],
      d1Databases: { DB: "desk" },
      unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    })),
    // Warnings of races that were lost are what is tested here.
    handleRuntimeStdio(stdout, stderr) {
      stdout.resume();
      stderr.resume();
    },
  });
  await miniflare.ready;
  const urls = await Promise.all(names.map(async (name) => (await miniflare.unsafeGetDirectURL(name)).origin));
  const db = await miniflare.getD1Database("DB", "desk-0");
  await db.batch(migrations().map((statement) => db.prepare(statement)));

  /** @type {Map<string, Promise<string>>} */
  const tokens = new Map();
  /** As a page of the console does it, at one of the isolates. @param {number} isolate @param {string} email @param {string} path @param {import("./stage.mjs").Ask} [options] */
  const at = async (isolate, email, path, { method = "GET", body, headers = {} } = {}) => {
    const url = urls[isolate % count] ?? "";
    if (!tokens.has(email)) tokens.set(email, access.tokenOf(email));
    return ask(url + path, {
      method,
      body,
      headers: {
        "cf-access-jwt-assertion": await tokens.get(email),
        "sec-fetch-site": "same-origin",
        ...(method === "GET" ? {} : { origin: url, "content-type": "application/json" }),
        ...headers,
      },
    });
  };
  return {
    sandbox,
    upstream,
    database: db,
    at,
    /** @param {number} isolate */
    urlOf: (isolate) => urls[isolate % count] ?? "",
    /** One run of the cron at one of the isolates. @param {number} isolate */
    async sweep(isolate) {
      const worker = /** @type {any} */ (await miniflare.getWorker(names[isolate % count]));
      return worker.scheduled({ cron: "* * * * *" });
    },
    /** Ids become cases as an intake makes them, but without the wait. @param {readonly string[]} ids */
    async open(ids) {
      const body = (/** @type {string} */ requestId) => JSON.stringify({ requestId });
      for (const [i, id] of ids.entries()) {
        const headers = { origin: DAPP, "content-type": "application/json" };
        await ask(`${urls[i % count]}/desk/intake`, { method: "POST", body: body(id), headers });
      }
      const cases = db.prepare("SELECT count(*) AS count FROM cases");
      await until(async () => Number((await cases.first("count")) ?? 0) >= ids.length, 60_000);
    },
    /** The answers that Civic gave to PUTs of this id; null where it gave none. @param {string} [id] */
    puts: (id) =>
      sandbox.calls
        .filter((call) => call.route === "status" && (id === undefined || call.path.includes(`/${id}/`)))
        .map(({ status }) => status),
    /** @param {string} id */
    async statusOf(id) {
      const headers = { authorization: `Bearer ${await sandbox.issueToken()}` };
      return (await (await sandbox.fetch(`${upstream.url}/partner/piirequest/${id}`, { headers })).json()).status;
    },
    async close() {
      await miniflare.dispose();
      await upstream.close();
      await access.close();
    },
  };
}

/**
 * The settings of a desk that works with a sandbox's client. @param {{ civic: string, access: string }} addresses
 * @returns {Record<string, string>}
 */
export const bindingsOf = ({ civic, access }) => ({
  CIVIC_BASE_URL: civic,
  CIVIC_TOKEN_URL: `${civic}/oauth/token`,
  CIVIC_CLIENT_ID: "passdesk-sandbox",
  CIVIC_CLIENT_SECRET: "sandbox-secret",
  GLOBALID_BASE_URL: civic,
  ACCESS_TEAM_URL: access,
  ACCESS_AUDIENCE: AUDIENCE,
  DESK_REVIEWERS: "@reviewers.example",
  DESK_ADMINS: "adam@partner.example",
  DESK_UNDO_SECONDS: "3600",
  INTAKE_ORIGINS: DAPP,
  INTAKE_PER_MINUTE: "1000",
});

/** The bundle's modules; the first is the entry. @param {string} folder */
export async function modulesOf(folder) {
  const dist = join(folder, "dist");
  const files = (await readdir(dist)).filter((file) => /\.(?:js|wasm)$/u.test(file));
  files.sort((a) => (a.endsWith(".js") ? -1 : 1));
  return Promise.all(
    files.map(async (file) => ({
      type: /** @type {"ESModule" | "CompiledWasm"} */ (file.endsWith(".js") ? "ESModule" : "CompiledWasm"),
      path: join(dist, file),
      contents: await readFile(join(dist, file)),
    })),
  );
}
