// A fetch handler on a real socket: bodies stream with back-pressure, a client that leaves aborts request.signal, and
// what no Response can say (a reset, a cut body) becomes a destroyed socket.

import { createServer } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

/**
 * @param {{ fetch: (request: Request) => Response | Promise<Response> } | ((request: Request) => Response | Promise<Response>)} handler
 * @param {{ port?: number, host?: string }} [options]
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function serve(handler, { port = 0, host = "127.0.0.1" } = {}) {
  const answer = typeof handler === "function" ? handler : handler.fetch;
  const server = createServer((incoming, outgoing) => {
    respond(answer, incoming, outgoing).catch((error) => {
      // The client has gone, or the handler meant the connection to break: there is nobody to tell.
      if (!outgoing.destroyed) outgoing.destroy();
      if (!EXPECTED.has(error?.name)) process.stderr.write(`serve: ${error?.stack ?? error}\n`);
    });
  });
  // Tests make and drop many connections; a kept one must not hold up close().
  server.keepAliveTimeout = 120_000;
  await new Promise((resolve, reject) => {
    server.once("error", reject).listen(port, host, () => resolve(undefined));
  });
  const { port: bound } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${bound}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

/** Errors that are a connection's end, by name: resets, aborts, bodies broken on purpose, a pipeline whose reader left. */
const EXPECTED = new Set(["SandboxReset", "AbortError", "TypeError"]);

async function respond(answer, incoming, outgoing) {
  const gone = new AbortController();
  outgoing.once("close", () => {
    if (!outgoing.writableFinished) gone.abort(new DOMException("The client has gone.", "AbortError"));
  });
  const hasBody = incoming.method !== "GET" && incoming.method !== "HEAD";
  const request = new Request(`http://${incoming.headers.host}${incoming.url}`, {
    method: incoming.method,
    headers: Object.entries(incoming.headers).flatMap(([name, value]) => [value].flat().map((one) => [name, one])),
    ...(hasBody ? { body: Readable.toWeb(incoming), duplex: "half" } : {}),
    signal: gone.signal,
  });
  const response = await answer(request);
  const headers = Object.fromEntries(response.headers);
  // As in workerd, content-encoding asks the server to pack the body.
  const packing = headers["content-encoding"] === "gzip";
  if (packing) delete headers["content-length"];
  outgoing.writeHead(response.status, headers);
  if (response.body === null) return void outgoing.end();
  outgoing.flushHeaders();
  const body = Readable.fromWeb(/** @type {import("node:stream/web").ReadableStream} */ (response.body));
  await (packing ? pipeline(body, createGzip(), outgoing) : pipeline(body, outgoing));
}
