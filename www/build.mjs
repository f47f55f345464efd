#!/usr/bin/env node
// @ts-check
// Builds the site into dist/: the console and the demo dApp by Vite, both Workers by wrangler, just as `wrangler deploy` would upload them.

import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const here = dirname(fileURLToPath(import.meta.url));

await build({ configFile: join(here, "vite.config.ts"), root: join(here, "console"), logLevel: "warn" });
await build({ configFile: join(here, "dapp/vite.config.ts"), root: join(here, "dapp"), logLevel: "warn" });
bundle("wrangler.jsonc", join(here, "dist/desk"));
bundle("sandbox/wrangler.jsonc", join(here, "dist/sandbox"));

/**
 * @param {string} config
 * @param {string} outdir
 */
function bundle(config, outdir) {
  const wrangler = join(dirname(createRequire(import.meta.url).resolve("wrangler/package.json")), "bin/wrangler.js");
  const args = [wrangler, "deploy", "--dry-run", "--config", config, "--outdir", outdir];
  // Without its banner wrangler asks no registry whether there is a newer one.
  const env = { ...process.env, WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true", WRANGLER_LOG: "warn" };
  const { status } = spawnSync(process.execPath, args, { cwd: here, env, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
