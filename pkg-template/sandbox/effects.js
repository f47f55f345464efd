// @ts-check
// What a fault does to an answer.

import { civicRefusal, globalidRefusal, storeRefusal } from "./answer.js";
import { FAULTS, REDIRECTS, STATUSES } from "./faults.js";
import {
  drip,
  halfThenBroken,
  halfThenNothing,
  never,
  ofLength,
  padded,
  SandboxReset,
  streamOf,
  wait,
} from "./streams.js";

/**
 * @typedef {object} Scene
 * @property {import("./faults.js").Operation} operation
 * @property {string} origin
 * @property {string} elsewhere
 * @property {number} now epoch ms
 * @property {AbortSignal | undefined} signal
 * @property {() => Promise<{ pieces(): AsyncGenerator<Uint8Array> }>} oversizeFile
 * @property {() => void} spared is told where the fault did not strike
 */

/**
 * Answers a request that a fault strikes.
 * @param {import("./faults.js").Claim} claim
 * @param {Scene} scene
 * @param {() => Promise<Response>} handle the answer without the fault
 * @returns {Promise<Response>}
 */
export async function strike(claim, scene, handle) {
  const { name, argument } = claim.fault;
  if (!FAULTS[name]?.after) return replaced(name, argument, scene) ?? handle();
  const response = await handle();
  if (response.ok) return spoiled(name, argument, scene, response);
  // A refusal stays what it is, and the strike is kept for a request that gets through.
  claim.spent--;
  scene.spared();
  return response;
}

/** @param {string} name @param {number} argument @param {Scene} scene @returns {Response | Promise<Response> | undefined} */
function replaced(name, argument, scene) {
  const { operation, origin, elsewhere, now, signal } = scene;
  const status = Number.parseInt(name, 10);
  if (REDIRECTS.includes(name)) return new Response(null, { status, headers: { location: `${elsewhere}/landing` } });
  switch (name) {
    case "401-plain":
      return new Response("Unauthorized", { status, headers: { "content-type": "text/plain" } });
    case "502-html":
      return page(status, "502 Bad Gateway");
    case "429-seconds":
    case "429-far":
    case "503-seconds":
      return refusal(operation, status, { "retry-after": String(argument) });
    case "429-date":
      return refusal(operation, status, { "retry-after": new Date(now + argument * 1000).toUTCString() });
    case "429-reset":
    case "429-reset-far":
    case "503-reset":
      return refusal(operation, status, {
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": String(Math.ceil(now / 1000) + argument),
      });
    case "429-garbage":
      return refusal(operation, status, { "retry-after": "soon" });
    case "redirect-same-origin":
      return new Response(null, { status: 302, headers: { location: `${origin}/landing` } });
    case "hang":
      return never(signal);
    case "reset":
      throw new SandboxReset();
    case "html-body":
      return page(200, "Welcome to the guest network");
    case "not-object":
      return new Response("null", { headers: { "content-type": "application/json" } });
    default:
      return Object.hasOwn(STATUSES, name) ? refusal(operation, status, {}) : undefined;
  }
}

/** @param {string} name @param {number} argument @param {Scene} scene @param {Response} response @returns {Promise<Response>} */
async function spoiled(name, argument, scene, response) {
  const { operation, signal } = scene;
  const file = operation === "evidence" || operation === "store";
  switch (name) {
    case "apply-then-hang":
      return never(signal);
    case "apply-then-reset":
      throw new SandboxReset();
    case "apply-then-500":
    case "apply-then-503":
      return refusal(operation, Number(name.slice(-3)), {});
    case "slow-headers":
      await wait(argument, signal);
      return response;
    case "202":
      return new Response(response.body, { status: 202, headers: response.headers });
    case "204":
      return new Response(null, { status: 204 });
    case "oversize":
    case "oversize-gzip":
      return oversized(scene, response, file, name === "oversize-gzip");
  }

  const bytes = new Uint8Array(await response.arrayBuffer());
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  /** @param {Uint8Array | string | null} body */
  const withBody = (body) => new Response(/** @type {BodyInit | null} */ (body), { status: 200, headers });
  /** @param {ReadableStream<Uint8Array>} stream what is left of a body that was announced whole */
  const withStream = (stream) => {
    headers.set("content-length", String(bytes.length));
    return new Response(ofLength(stream, bytes.length), { status: 200, headers });
  };
  switch (name) {
    case "slow-body":
      return withStream(drip(bytes, argument, signal));
    case "hang-body":
      return withStream(halfThenNothing(bytes, signal));
    case "cut-body":
    case "apply-then-cut":
      return withStream(halfThenBroken(bytes, signal));
    case "empty-body":
      return withBody(null);
    case "short-body":
      return withBody(bytes.slice(0, 2));
    case "malformed-json":
      return withBody(bytes.slice(0, bytes.length >> 1));
    case "wrong-type":
      headers.set("content-type", "text/html; charset=utf-8");
      return withBody(bytes);
  }

  const text = new TextDecoder().decode(bytes);
  switch (name) {
    case "invalid-utf8":
      return withBody(notUtf8(bytes));
    case "wrong-shape":
      return withBody(JSON.stringify(misshapen(operation, JSON.parse(text))));
    case "other-id":
      return withBody(JSON.stringify({ ...JSON.parse(text), id: "someone-elses" }));
    case "proto":
      return withBody(
        text
          .replace("{", withProto)
          .replace(/"verifiedInformation":\{(?!\})/, withProto)
          .replace('"verifiedInformation":{}', `"verifiedInformation":{${PROTO}}`),
      );
    default:
      return withBody(bytes);
  }
}

const PROTO = '"__proto__":{"polluted":"yes"}';
/** @param {string} opening of an object that has fields */
const withProto = (opening) => `${opening}${PROTO},`;

/** @param {import("./faults.js").Operation} operation @param {number} status @param {Record<string, string>} headers */
function refusal(operation, status, headers) {
  const text = STATUSES[status] ?? "Error";
  const code = text.toLowerCase().replaceAll(/[^a-z]+/g, "_");
  const description = `${text}, as the sandbox was asked to say.`;
  if (operation === "store") return storeRefusal(status, text.replaceAll(/[^A-Za-z]/g, ""), description, headers);
  const globalid = operation === "userToken" || operation === "attestations" || operation === "search";
  return (globalid ? globalidRefusal : civicRefusal)(status, code, description, headers);
}

/** @param {number} status @param {string} title */
function page(status, title) {
  const body = `<!doctype html><title>${title}</title><h1>${title}</h1>`;
  return new Response(body, { status, headers: { "content-type": "text/html; charset=utf-8" } });
}

/**
 * More than a client should take. JSON is led by spaces, which are allowed there, so that only its size is wrong.
 * Where the body is to be packed, content-encoding alone says so: workerd and the tests' server then pack it themselves,
 * and who calls in the same process reads what a fetch would have unpacked. Packed here, it would suit neither of them.
 * @param {Scene} scene @param {Response} response @param {boolean} file @param {boolean} gzip
 */
async function oversized(scene, response, file, gzip) {
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  if (gzip) headers.set("content-encoding", "gzip");
  if (file) {
    headers.set("content-type", "image/png");
    const { pieces } = await scene.oversizeFile();
    return new Response(streamOf(pieces, scene.signal), { headers });
  }
  const end = new Uint8Array(await response.arrayBuffer());
  return new Response(padded(0x20, 9 * 1024 * 1024, end, scene.signal), { headers });
}

/** @param {Uint8Array} bytes JSON, which gets a stray byte inside its first string value, or in front of all */
function notUtf8(bytes) {
  const text = new TextDecoder("latin1").decode(bytes);
  const at = text.indexOf('":"') + 1 && text.indexOf('":"') + 3;
  const spoiledBytes = new Uint8Array(bytes.length + 1);
  spoiledBytes.set(bytes.subarray(0, at));
  spoiledBytes[at] = 0xff;
  spoiledBytes.set(bytes.subarray(at), at + 1);
  return spoiledBytes;
}

/** @param {import("./faults.js").Operation} operation @param {unknown} body */
function misshapen(operation, body) {
  const record = typeof body === "object" && body !== null ? body : {};
  switch (operation) {
    case "token":
    case "userToken":
      return { ...record, access_token: 42 };
    case "pii":
      return { ...record, links: [{ rel: 1, href: null }] };
    case "attestations":
      return [{ uuid: 7 }];
    case "search":
      return { ...record, data: { 0: "none" } };
    default:
      return [];
  }
}
