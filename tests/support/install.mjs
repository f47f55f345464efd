// @ts-check
// The tarball, installed as a user would: into a folder with nothing but a package.json, by npm, without the network.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));

/** The tarball that `cargo xtask build` left; packed from pkg/ where there is none. @returns {Promise<string>} */
export async function tarball() {
  const built = process.env.PASSDESK_TARBALL ?? join(root, "target/package/passdesk.tgz");
  if (existsSync(built)) return built;
  const folder = await mkdtemp(join(tmpdir(), "passdesk-pack-"));
  await run("npm", ["pack", join(root, "pkg"), "--pack-destination", folder], { cwd: folder });
  const [file = ""] = await readdir(folder);
  return join(folder, file);
}

/**
 * @param {Record<string, string>} files written beside the installed package
 * @returns {Promise<{ folder: string, remove: () => Promise<void> }>}
 */
export async function install(files = {}) {
  const folder = await mkdtemp(join(tmpdir(), "passdesk-user-"));
  const manifest = { name: "user", private: true, type: "module" };
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", "--ignore-scripts", await tarball()], {
    cwd: folder,
  });
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
