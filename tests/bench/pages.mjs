// @ts-check
// Pages for Chromium, bundled by esbuild, each with an upstream at its own origin.

import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { PDF_SIZE, RECORD, REQUEST_ID } from "./upstream.mjs";

/** Those of a cold start say when they had their answer. */
const SCRIPTS = {
  passdesk: `
    import { retrievePii } from "passdesk";
    await retrievePii({ requestId: "${REQUEST_ID}", token: "token", baseUrl: location.origin });
    console.log(performance.now());`,
  bare: `
    const headers = { authorization: "Bearer token" };
    await (await fetch("/partner/piirequest/${REQUEST_ID}", { headers, cache: "no-store" })).json();
    console.log(performance.now());`,
  document: `
    const memories = [];
    for (const name of ["instantiate", "instantiateStreaming"]) {
      const original = WebAssembly[name];
      WebAssembly[name] = async (...args) => {
        const made = await original.apply(WebAssembly, args);
        const { memory } = (made.instance ?? made).exports;
        if (memory !== undefined) memories.push(memory);
        return made;
      };
    }
    WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
      construct(target, args) {
        const instance = Reflect.construct(target, args);
        memories.push(instance.exports.memory);
        return instance;
      },
    });
    const { fetchEvidence } = await import("passdesk");
    const path = "/partner/piirequest/${REQUEST_ID}/evidence/idDocumentFront";
    const headers = { authorization: "Bearer token" };
    const readers = {
      passdesk: async () => {
        const options = { requestId: "${REQUEST_ID}", href: location.origin + path, token: "token", baseUrl: location.origin };
        return (await fetchEvidence(options)).blob;
      },
      bare: async () => (await fetch(path, { headers, cache: "no-store" })).blob(),
    };
    globalThis.time = async (name, count) => {
      const began = performance.now();
      for (let i = 0; i < count; i += 1) {
        const { size } = await readers[name]();
        if (size !== ${PDF_SIZE}) throw new Error(name + " read " + size + " bytes");
      }
      return performance.now() - began;
    };
    globalThis.wasmMemory = () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
    globalThis.ready = true;`,
};

/** @returns {Promise<{ url: string, close: () => Promise<void> }>} `/passdesk.html`, `/bare.html` and `/document.html` */
export async function servePages() {
  const folder = await mkdtemp(join(tmpdir(), "passdesk-pages-"));
  for (const [name, script] of Object.entries(SCRIPTS)) {
    await writeFile(join(folder, `${name}.mjs`), script);
    await writeFile(
      join(folder, `${name}.html`),
      `<!doctype html><meta charset="utf-8"><title>${name}</title><link rel="icon" href="data:,"><script type="module" src="/${name}.js"></script>`,
    );
  }
  for (const name of Object.keys(SCRIPTS)) {
    // Each by itself, as a site would be: what is built together shares chunks, which a page has to go for one after the other.
    await build({
      entryPoints: [join(folder, `${name}.mjs`)],
      nodePaths: [fileURLToPath(new URL("../../node_modules", import.meta.url))],
      bundle: true,
      // What the package loads only where its file cannot be had stays a chunk of its own.
      splitting: true,
      minify: true,
      format: "esm",
      target: "es2022",
      outdir: folder,
      external: ["node:*"],
      logLevel: "error",
    });
  }
  const document = Buffer.alloc(PDF_SIZE);
  document.write("%PDF-1.7\n");
  const files = /** @type {Record<string, string>} */ ({
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
  });
  const wasm = await readFile(fileURLToPath(import.meta.resolve("passdesk/passdesk.wasm")));
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (pathname.startsWith("/partner/")) {
      const [type, body] = pathname.includes("/evidence/")
        ? ["application/pdf", document]
        : ["application/json", Buffer.from(RECORD)];
      response.writeHead(200, { "content-type": type, "content-length": body.length }).end(body);
      return;
    }
    if (pathname.endsWith(".wasm")) {
      response.writeHead(200, { "content-type": "application/wasm", "content-length": wasm.length }).end(wasm);
      return;
    }
    const type = files[pathname.slice(pathname.lastIndexOf("."))];
    const file = type === undefined ? undefined : await readFile(join(folder, pathname)).catch(() => undefined);
    if (file === undefined) response.writeHead(404).end();
    else response.writeHead(200, { "content-type": type }).end(file);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
