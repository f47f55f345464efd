// @ts-check
// The demo dApp on an origin of its own, so that its way to the desk is a cross-origin one; and behind it what Civic would
// do: open a request for each new wallet, and issue or refuse a pass once the request is decided.

import { randomInt } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { retrievePii } from "passdesk";

const DIST = fileURLToPath(new URL("../dist/dapp/", import.meta.url));
/** @type {Record<string, string>} */
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};
const WALLET = /^\/civic\/(?<what>record|token)\/(?<wallet>0x[0-9a-f]{40})$/;
/** Of the sandbox's 9,999 people these come to the dApp, one a wallet. */
const FIRST_PERSON = 7001;
const LAST_PERSON = 9999;
/** What the sandbox takes as the number of a copy has six digits at most. */
const COPIES = 1_000_000;

/**
 * @param {{ sandboxUrl: string, token: () => Promise<string>, port?: number }} options `token` opens the sandbox
 * @returns {Promise<{ url: string, sendTo: (deskUrl: string) => void, stop: () => Promise<void> }>}
 */
export async function startDapp({ sandboxUrl, token, port = 0 }) {
  /** @type {Map<string, string>} The request of each wallet. */
  const requests = new Map();
  // A browser remembers for weeks what the desk took in, and a desk that begins anew does not: each run has ids of its own.
  const copy = randomInt(COPIES);
  let desk = "";

  /** @param {string} wallet */
  function requestOf(wallet) {
    let id = requests.get(wallet);
    if (id === undefined) {
      id = `person-${FIRST_PERSON + (requests.size % (LAST_PERSON - FIRST_PERSON + 1))}~copy_${copy}`;
      requests.set(wallet, id);
    }
    return id;
  }

  /** What Civic's gatekeeper says of a wallet. @param {string} requestId @returns {Promise<[number, object]>} */
  async function record(requestId) {
    const { status } = await retrievePii({ requestId, token, baseUrl: sandboxUrl });
    if (status === "partner-pass") return [200, {}];
    if (status === "partner-fail") return [403, {}];
    return [202, { pending: { presentationRequestId: requestId } }];
  }

  /** @param {string} path @returns {Promise<{ status: number, type: string, body: string | Buffer }>} */
  async function answer(path) {
    const json = (/** @type {number} */ status, /** @type {object} */ body) => {
      return { status, type: "application/json", body: JSON.stringify(body) };
    };
    if (path === "/settings.json") return json(200, { desk });
    const { what, wallet } = WALLET.exec(path)?.groups ?? {};
    if (what === "record" && wallet !== undefined) return json(...(await record(requestOf(wallet))));
    if (what === "token" && wallet !== undefined) {
      const id = requests.get(wallet);
      return json(200, { issued: id !== undefined && (await record(id))[0] === 200 });
    }
    const file = normalize(path === "/" ? "/index.html" : path);
    const body = await readFile(join(DIST, file)).catch(() => undefined);
    if (body === undefined) return { status: 404, type: "text/plain", body: "There is nothing here." };
    return { status: 200, type: TYPES[extname(file)] ?? "application/octet-stream", body };
  }

  const server = createServer((incoming, outgoing) => {
    const address = incoming.url ?? "/";
    // What is thrown here would end the demo.
    if (!URL.canParse(address, "http://localhost")) return void outgoing.writeHead(400).end();
    answer(new URL(address, "http://localhost").pathname)
      // As Civic's gatekeeper would where something behind it fails; the provider asks again.
      .catch(() => ({ status: 502, type: "application/json", body: "{}" }))
      .then(({ status, type, body }) =>
        outgoing.writeHead(status, { ...headers(desk), "content-type": type }).end(body),
      );
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", () => resolve(undefined));
  });
  return {
    url: `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`,
    /** The desk needs the dApp's address first. */
    sendTo(deskUrl) {
      desk = deskUrl;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A dApp may talk to itself and to the desk's intake; the hook needs nothing else. @param {string} desk */
const headers = (desk) => ({
  "cache-control": "no-store",
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    // Civic's provider begins its styles with an empty element, whose hash this is, and fills it by script.
    "style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
    "img-src 'self'",
    `connect-src 'self' ${desk}/desk/intake`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "referrer-policy": "strict-origin-when-cross-origin",
  "x-content-type-options": "nosniff",
});
