// @ts-check
// The desk in workerd with a real local D1, in front of the sandbox and behind a stand-in for Access. Everything is asked
// over sockets, as a browser, a dApp or a stranger would.

import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";
import { createSandbox } from "passdesk/sandbox";
import { serve } from "../support/serve.mjs";
import { bundle } from "../support/workerd.mjs";
import { AUDIENCE, startAccess } from "./access.mjs";

const MIGRATIONS = fileURLToPath(new URL("../../www/migrations/", import.meta.url));
export const DAPP = "https://dapp.example";

/** The statements of all migrations, in order. A trigger has semicolons of its own. */
export function migrations() {
  return readdirSync(MIGRATIONS)
    .sort()
    .flatMap((file) => readFileSync(join(MIGRATIONS, file), "utf8").split(/;\s*$(?!\s*END)/mu))
    .map((statement) => statement.replace(/^--.*$/gmu, "").trim())
    .filter((statement) => statement !== "");
}

const MOUNTED = "export default createReviewDesk();";

/**
 * The desk as its users mount it, bundled by wrangler as it would be deployed; once for a file of tests.
 *
 * @param {string} [mounted] what the Worker does with `createReviewDesk`
 */
export async function build(mounted = MOUNTED) {
  const folder = await mkdtemp(join(tmpdir(), "passdesk-desk-"));
  try {
    const main = join(folder, "desk.js");
    // The package as it is shipped. By its path, since the entry lies elsewhere.
    const from = JSON.stringify(fileURLToPath(import.meta.resolve("passdesk/worker")));
    await writeFile(main, `import { createReviewDesk } from ${from};\n${mounted}\n`);
    return await bundle(main);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * @param {{ folder: string }} built
 * @param {object} [options]
 * @param {Record<string, string | undefined>} [options.settings] in place of the good ones; `undefined` leaves one out
 * @param {boolean} [options.database] false leaves the binding out
 * @param {boolean} [options.migrate]
 * @param {string} [options.persist] a folder for D1
 * @param {string} [options.cachePersist] a folder for what the Worker puts into its caches
 * @param {object} [options.sandbox] the sandbox's options
 * @param {(request: Request, answer: () => Promise<Response>) => Promise<Response>} [options.intercept] stands before Civic
 * @param {(asked: string, answer: Answer) => void} [options.overhear] hears each answer of the desk, and what was asked
 */
export async function openStage(
  built,
  { settings = {}, database = true, migrate = true, persist, cachePersist, sandbox: options, intercept, overhear } = {},
) {
  const sandbox = createSandbox(options);
  const upstream = await serve((request) => {
    const answer = () => sandbox.fetch(request);
    return intercept === undefined ? answer() : intercept(request, answer);
  });
  const access = await startAccess();
  const bindings = {
    CIVIC_BASE_URL: upstream.url,
    CIVIC_TOKEN_URL: `${upstream.url}/oauth/token`,
    CIVIC_CLIENT_ID: sandbox.credentials.clientId,
    CIVIC_CLIENT_SECRET: sandbox.credentials.clientSecret,
    GLOBALID_BASE_URL: upstream.url,
    ACCESS_TEAM_URL: access.url,
    ACCESS_AUDIENCE: AUDIENCE,
    DESK_REVIEWERS: "ada@partner.example, grace@partner.example, @reviewers.example",
    DESK_AUDITORS: "audrey@partner.example",
    DESK_ADMINS: "adam@partner.example",
    DESK_UNDO_SECONDS: "1",
    INTAKE_ORIGINS: DAPP,
    INTAKE_PER_MINUTE: "10000",
    ...settings,
  };
  const plan = {
    bindings: Object.fromEntries(Object.entries(bindings).filter(([, value]) => value !== undefined)),
    database,
    persist,
    cachePersist,
  };
  let worker = await startWorker(built.folder, plan);
  if (database && migrate) {
    const db = await worker.database();
    await db.batch(migrations().map((statement) => db.prepare(statement)));
  }

  /** @type {Map<string, Promise<string>>} */
  const tokens = new Map();
  /** @param {string} email */
  const tokenOf = (email) => {
    if (!tokens.has(email)) tokens.set(email, access.tokenOf(email));
    return /** @type {Promise<string>} */ (tokens.get(email));
  };
  /** @param {string} path @param {Ask} asked */
  const hear = async (path, asked) => {
    const answer = await ask(worker.url + path, asked);
    overhear?.(`${asked.method} ${worker.url}${path}`, answer);
    return answer;
  };
  /** As a page of the console does it. @param {string} email @param {string} path @param {Ask} [options] */
  const as = async (email, path, { method = "GET", body, headers = {}, signal } = {}) =>
    hear(path, {
      method,
      body,
      signal,
      headers: {
        "cf-access-jwt-assertion": await tokenOf(email),
        "sec-fetch-site": "same-origin",
        ...(method === "GET" ? {} : { origin: worker.url, "content-type": "application/json" }),
        ...headers,
      },
    });
  /** As a dApp hands over. @param {unknown} body @param {Record<string, string | undefined>} [headers] */
  const intake = (body, headers = {}) =>
    hear("/desk/intake", {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      headers: { origin: DAPP, "content-type": "application/json", ...headers },
    });
  return {
    get url() {
      return worker.url;
    },
    database: () => worker.database(),
    /** The caches that the Worker could write to (the Cache API). */
    caches: () => worker.caches(),
    output: () => worker.output(),
    /** All that the Worker has logged by now. Lines come later than answers, by two streams: one in each is waited for. */
    async logged() {
      const { headers } = await ask(`${worker.url}/desk/me`);
      await until(() => worker.output().split(String(headers["x-request-id"])).length > 2);
      return worker.output();
    },
    sweep: () => worker.sweep(),
    /** Ends workerd as a power cut would. */
    kill: () => worker.kill(),
    /** What the platform does next: a new workerd over the same D1. */
    async restart() {
      await worker.close().catch(() => {});
      worker = await startWorker(built.folder, plan);
    },
    sandbox,
    upstream,
    access,
    as,
    intake,
    /** Hands ids over and waits until they are cases. @param {...string} ids */
    async open(...ids) {
      for (const requestId of ids) await intake({ requestId });
      for (const id of ids)
        await until(async () => (await as("adam@partner.example", `/desk/cases/${id}`)).status === 200);
    },
    /** The status PUTs that reached Civic. @param {string} [id] */
    puts: (id) =>
      sandbox.calls.filter((call) => call.route === "status" && (id === undefined || call.path.includes(`/${id}/`))),
    /** @param {string} id */
    async statusOf(id) {
      const headers = { authorization: `Bearer ${await sandbox.issueToken()}` };
      return (await (await sandbox.fetch(`${upstream.url}/partner/piirequest/${id}`, { headers })).json()).status;
    },
    async close() {
      await worker.close();
      await upstream.close();
      await access.close();
    },
  };
}

/**
 * @param {string} folder
 * @param {{ bindings: Record<string, unknown>, database: boolean, persist?: string, cachePersist?: string }} options
 */
export async function startWorker(folder, { bindings, database, persist, cachePersist }) {
  const dist = join(folder, "dist");
  const files = (await readdir(dist)).filter((file) => /\.(?:js|wasm)$/u.test(file));
  // The first module is the entry.
  files.sort((a) => (a.endsWith(".js") ? -1 : 1));
  const modules = await Promise.all(
    files.map(async (file) => ({
      type: /** @type {"ESModule" | "CompiledWasm"} */ (file.endsWith(".js") ? "ESModule" : "CompiledWasm"),
      path: join(dist, file),
      contents: await readFile(join(dist, file)),
    })),
  );
  let output = "";
  const others = new Set(children());
  const miniflare = new Miniflare({
    modulesRoot: dist,
    modules,
    bindings: /** @type {Record<string, string>} */ (bindings),
    compatibilityDate: "2026-01-01",
    compatibilityFlags: ["enable_request_signal"],
    ...(database && { d1Databases: { DB: "desk" } }),
    ...(persist !== undefined && { d1Persist: persist }),
    ...(cachePersist !== undefined && { cachePersist }),
    handleRuntimeStdio(stdout, stderr) {
      for (const stream of [stdout, stderr]) {
        stream.on("data", (data) => {
          output += data;
        });
      }
    },
  });
  const url = (await miniflare.ready).origin;
  const own = children().filter((pid) => !others.has(pid));
  return {
    url,
    database: () => miniflare.getD1Database("DB"),
    caches: () => miniflare.getCaches(),
    /** Everything that the Worker logged. */
    output: () => output,
    /** One run of the cron. */
    async sweep() {
      const worker = /** @type {any} */ (await miniflare.getWorker());
      return worker.scheduled({ cron: "* * * * *" });
    },
    kill() {
      if (own.length === 0) throw new Error("workerd is not among the children of this process");
      for (const pid of own) process.kill(pid, "SIGKILL");
    },
    close: () => miniflare.dispose(),
  };
}

/** The processes named workerd that this one started. @returns {number[]} */
function children() {
  const listed = execFileSync("ps", ["-A", "-o", "pid=,ppid=,comm="], { encoding: "utf8" });
  return listed
    .split("\n")
    .map((line) => line.trim().split(/\s+/u))
    .filter(([, parent, name]) => parent === String(process.pid) && name?.includes("workerd"))
    .map(([pid]) => Number(pid));
}

/** @typedef {{ method?: string, body?: string | Buffer, headers?: Record<string, string | undefined>, signal?: AbortSignal | undefined }} Ask */

/** @typedef {Awaited<ReturnType<typeof ask>>} Answer */

/**
 * Node's `fetch` adds headers of its own; this sends what it is told to send.
 *
 * @param {string} url
 * @param {Ask} [options]
 */
export async function ask(url, { method = "GET", body, headers = {}, signal } = {}) {
  const sent = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
  // A connection each: workerd closes one whose body it did not read, perhaps just as the next request takes it.
  const options = { method, agent: false, headers: /** @type {Record<string, string>} */ (sent), signal };
  const outgoing = request(url, options);
  outgoing.end(body);
  const [incoming] = await once(outgoing, "response");
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const text = bytes.toString("utf8");
  return {
    status: /** @type {number} */ (incoming.statusCode),
    headers: /** @type {Record<string, string>} */ (incoming.headers),
    bytes,
    text,
    get json() {
      return JSON.parse(text);
    },
  };
}

/** @param {() => Promise<boolean> | boolean} reached @param {number} [patience] milliseconds */
export async function until(reached, patience = 30_000) {
  const end = Date.now() + patience;
  while (!(await reached())) {
    if (Date.now() > end) throw new Error("it did not come about in time");
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
