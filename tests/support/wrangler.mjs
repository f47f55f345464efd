// @ts-check
// `wrangler dev` as a user runs it: the command, a config file and a Worker, in a folder of its own.
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { atEnd } from "./ending.mjs";

const require = createRequire(import.meta.url);

/**
 * @param {object} options
 * @param {string} options.main       the Worker's file
 * @param {string} [options.cwd]      where it is run; a new folder by default
 * @param {Record<string, unknown>} [options.config]
 * @returns {Promise<{ url: string, output: () => string, close: () => Promise<void> }>}
 */
export async function wranglerDev({ main, cwd, config = {} }) {
  const folder = cwd ?? (await mkdtemp(join(tmpdir(), "passdesk-wrangler-")));
  await mkdir(folder, { recursive: true });
  const file = join(folder, "wrangler.json");
  await writeFile(file, JSON.stringify({ name: "passdesk-test", main, compatibility_date: "2026-01-01", ...config }));
  const bin = join(dirname(require.resolve("wrangler/package.json")), "bin", "wrangler.js");
  const args = ["dev", "--config", file, "--port", "0", "--inspector-port", "0", "--ip", "127.0.0.1", "--local"];
  const child = spawn(process.execPath, [bin, ...args, "--show-interactive-dev-session=false"], {
    cwd: folder,
    env: {
      ...process.env,
      CI: "1",
      NO_COLOR: "1",
      FORCE_COLOR: "0",
      WRANGLER_SEND_METRICS: "false",
      CLOUDFLARE_CF_FETCH_ENABLED: "false",
    },
    stdio: ["ignore", "pipe", "pipe"],
    // A process group, since wrangler starts workerd and esbuild of its own.
    detached: true,
  });
  let output = "";
  const close = async () => {
    const gone = child.exitCode !== null || child.signalCode !== null;
    const exit = gone ? undefined : new Promise((resolve) => child.once("exit", resolve));
    // wrangler ends its children when it is asked to end; where it does not, the whole group is ended.
    child.kill("SIGTERM");
    const timer = setTimeout(() => signalGroup("SIGKILL"), 5000);
    await exit;
    clearTimeout(timer);
    signalGroup("SIGKILL");
    forget();
    if (cwd === undefined) await rm(folder, { recursive: true, force: true });
  };
  /** @param {NodeJS.Signals} signal */
  const signalGroup = (signal) => {
    try {
      process.kill(-(/** @type {number} */ (child.pid)), signal);
    } catch {
      // Nothing is left of the group.
    }
  };
  const forget = atEnd(() => signalGroup("SIGKILL"));
  /** @type {string} */
  const url = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`wrangler dev is not ready:\n${output}`)), 90_000);
    const listen = (/** @type {Buffer} */ data) => {
      output += data;
      const ready = /Ready on (http:\/\/[^\s]+)/u.exec(output)?.[1];
      if (ready !== undefined) {
        clearTimeout(timer);
        resolve(ready);
      }
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    child.once("error", reject);
    child.once("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`wrangler dev ended with ${code}:\n${output}`));
    });
  }).catch(async (error) => {
    await close();
    throw error;
  });
  return { url, output: () => output, close };
}
