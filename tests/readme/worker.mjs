// @ts-check
// Runs a Worker of a README in workerd, bundled as wrangler would, with the sandbox as all the world outside.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { build } from "esbuild";
import { createSandbox } from "passdesk/sandbox";
import { migrations } from "../desk/stage.mjs";

// Miniflare comes with wrangler and in its version.
const require = createRequire(createRequire(import.meta.url).resolve("wrangler/package.json"));

/**
 * Status and content type of the Worker's answer to a `GET`.
 * @param {string} file The Worker's source.
 * @param {string} pathname What to ask it for.
 * @param {string} compatibilityDate
 */
export async function answerOf(file, pathname, compatibilityDate) {
  const { Miniflare, Response } = require("miniflare");
  const sandbox = createSandbox();
  const bundle = await build({
    entryPoints: [file],
    outdir: `${file}.bundle`,
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker"],
    loader: { ".wasm": "copy" },
    metafile: true,
    logLevel: "error",
  });
  const names = Object.keys(bundle.metafile.outputs).sort((a) => (a.endsWith(".js") ? -1 : 1));
  const modules = await Promise.all(
    names.map(async (path) => ({
      type: /** @type {"CompiledWasm" | "ESModule"} */ (path.endsWith(".wasm") ? "CompiledWasm" : "ESModule"),
      path: `/${path.split("/").pop()}`,
      contents: await readFile(path),
    })),
  );
  const worker = new Miniflare({
    modules,
    modulesRoot: "/",
    compatibilityDate,
    bindings: {
      CIVIC_TOKEN_URL: "https://auth.civic.example/oauth/token",
      CIVIC_CLIENT_ID: sandbox.credentials.clientId,
      CIVIC_CLIENT_SECRET: sandbox.credentials.clientSecret,
      ACCESS_TEAM_URL: "https://team.cloudflareaccess.com",
      ACCESS_AUDIENCE: "audience",
    },
    d1Databases: { DB: "desk" },
    /** @param {Request} request */
    outboundService: async ({ url, method, headers, body }) => {
      const sent = body ? await new globalThis.Response(body).arrayBuffer() : undefined;
      const answer = await sandbox.fetch(url, { method, headers: [...headers], body: sent });
      return new Response(answer.body, { status: answer.status, headers: [...answer.headers] });
    },
  });
  try {
    const database = await worker.getD1Database("DB");
    await database.batch(migrations().map((statement) => database.prepare(statement)));
    const answer = await worker.dispatchFetch(`https://desk.example${pathname}`);
    await answer.arrayBuffer();
    return `${answer.status} ${answer.headers.get("content-type")}`;
  } finally {
    await worker.dispose();
  }
}
