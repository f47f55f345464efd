// @ts-check
// What a browser must have before the queue can be worked with: the page's own scripts, the queue's, and all that they import
// without being asked to. The module of the package comes beside it.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const SITE = fileURLToPath(new URL("../../www/dist/console/", import.meta.url));
const ASSETS = join(SITE, "assets");

/** The names of the files and their size, each packed by itself as it is sent. @returns {{ files: string[], gzip: number }} */
export function initialScripts() {
  const page = readFileSync(join(SITE, "index.html"), "utf8");
  const queue = readdirSync(ASSETS).filter((file) => /^queue-page-.*\.js$/u.test(file));
  if (queue.length !== 1) throw new Error("the queue has no chunk of its own");
  const files = new Set(["theme.js"]);
  const found = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/gu)].map(([, file]) => file ?? "");
  const left = [...found, `assets/${queue[0]}`];
  for (let file = left.pop(); file !== undefined; file = left.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    const script = readFileSync(join(SITE, file), "utf8");
    // Static imports only; `import("…")` is what comes later.
    for (const [, name] of script.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/gu)) left.push(`assets/${name}`);
  }
  const sizes = [...files].map((file) => gzipSync(readFileSync(join(SITE, file)), { level: 9 }).length);
  return { files: [...files].sort(), gzip: sizes.reduce((sum, size) => sum + size, 0) };
}
