// @ts-check
// Serves a folder to a browser.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = /** @type {Record<string, string>} */ ({
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
  ".json": "application/json",
  ".css": "text/css",
});

/**
 * @param {string} folder
 * @param {{ headers?: Record<string, string>, intercept?: (path: string) => { status: number, type?: string, body?: string } | undefined }} [options]
 * @returns {Promise<{ url: string, paths: string[], close: () => Promise<void> }>}
 */
export async function serveFolder(folder, { headers = {}, intercept = () => undefined } = {}) {
  /** @type {string[]} */
  const paths = [];
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://localhost").pathname);
    paths.push(path);
    const instead = intercept(path);
    if (instead !== undefined) {
      response
        .writeHead(instead.status, { "content-type": instead.type ?? "text/plain", ...headers })
        .end(instead.body ?? "");
      return;
    }
    const file = path.endsWith("/") ? `${path}index.html` : path;
    try {
      const body = await readFile(join(folder, file));
      response
        .writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream", ...headers })
        .end(body);
    } catch {
      response.writeHead(404, headers).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    paths,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
