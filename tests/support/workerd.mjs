// @ts-check
// workerd itself, without wrangler's proxy in front, through which a Worker never notices that its client has gone. The
// bundle is still wrangler's, as it would be deployed.
import { execFile, spawn } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { atEnd } from "./ending.mjs";

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const wrangler = join(dirname(require.resolve("wrangler/package.json")), "bin", "wrangler.js");
const workerd = join(dirname(require.resolve("workerd/package.json")), "bin", "workerd");
const DATE = "2026-01-01";
let configs = 0;

/**
 * @param {string} main
 * @returns {Promise<{ folder: string, remove: () => Promise<void> }>} a folder with the bundle
 */
export async function bundle(main) {
  const folder = await mkdtemp(join(tmpdir(), "passdesk-workerd-"));
  await writeFile(
    join(folder, "wrangler.json"),
    JSON.stringify({ name: "passdesk-test", main, compatibility_date: DATE }),
  );
  await run(process.execPath, [wrangler, "deploy", "--dry-run", "--outdir", "dist", "--config", "wrangler.json"], {
    cwd: folder,
    env: { ...process.env, CI: "1", WRANGLER_SEND_METRICS: "false" },
  });
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/**
 * Starts a fresh isolate of a bundle.
 *
 * @param {string} folder
 * @param {Record<string, string>} vars
 * @param {string[]} [flags] compatibility flags
 * @returns {Promise<{ url: string, output: () => string, close: () => Promise<void> }>}
 */
export async function serveBundle(folder, vars, flags = []) {
  const files = (await readdir(join(folder, "dist"))).filter((file) => /\.(?:js|wasm)$/u.test(file));
  // The first module is the entry: of several, the index.
  const rank = (/** @type {string} */ file) => (file === "index.js" ? 0 : file.endsWith(".js") ? 1 : 2);
  files.sort((a, b) => rank(a) - rank(b));
  const modules = files.map(
    (file) => `(name = "./${file}", ${file.endsWith(".js") ? "esModule" : "wasm"} = embed "dist/${file}")`,
  );
  const bindings = Object.entries(vars).map(([name, value]) => `(name = "${name}", text = ${JSON.stringify(value)})`);
  const config = `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker), (name = "internet", network = (allow = ["public", "private"]))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [${modules.join(", ")}],
  bindings = [${bindings.join(", ")}],
  compatibilityDate = "${DATE}",
  compatibilityFlags = ${JSON.stringify(flags)},
);
`;
  const file = join(folder, `${++configs}.capnp`);
  await writeFile(file, config);
  const child = spawn(workerd, ["serve", file, "--control-fd=3"], { stdio: ["ignore", "pipe", "pipe", "pipe"] });
  const forget = atEnd(() => child.kill("SIGKILL"));
  const gone = new Promise((resolve) => child.once("exit", resolve));
  let output = "";
  child.stdout?.on("data", (data) => {
    output += data;
  });
  child.stderr?.on("data", (data) => {
    output += data;
  });
  let control = "";
  const port = await new Promise((resolve, reject) => {
    child.stdio[3]?.on("data", (data) => {
      control += data;
      const found = /"port":(\d+)/u.exec(control)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`workerd ended:\n${output}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    output: () => output,
    close: async () => {
      child.kill("SIGKILL");
      await gone;
      forget();
    },
  };
}
