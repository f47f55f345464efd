// @ts-check
// Where a request comes from, and what it may bring.

import { invalid, Refusal } from "./failures.js";

/** The most that a write may bring, but for one that may have a note. */
const BODY_BYTES = 1024;

/**
 * Whether a request comes from another site. Reads are judged too, since what they answer is personal data; a browser
 * without Fetch Metadata (https://www.w3.org/TR/fetch-metadata/) is still held back from reading by the absence of CORS.
 *
 * @param {Request} request
 */
export function isCrossSite(request) {
  const site = request.headers.get("sec-fetch-site");
  if (request.method === "GET" || request.method === "HEAD") {
    return site !== null && site !== "same-origin" && site !== "none";
  }
  const origin = request.headers.get("origin");
  if (origin !== null && origin !== new URL(request.url).origin) return true;
  // A write must say where it comes from; a client that sends neither header is no page of ours.
  return site === null ? origin === null : site !== "same-origin";
}

/**
 * The JSON of a small body; an empty body is `{}`. What a page could send without asking first (a form, plain text) is
 * refused.
 *
 * @param {Request} request
 * @param {number} [most] bytes
 * @returns {Promise<Record<string, unknown>>}
 */
export async function jsonOf(request, most = BODY_BYTES) {
  if (!/^application\/json\s*(?:;|$)/i.test(request.headers.get("content-type") ?? "")) {
    throw new Refusal(415, "unsupported_media");
  }
  const text = await textOf(request, most);
  /** @type {unknown} */
  let body;
  try {
    body = text === "" ? {} : JSON.parse(text);
  } catch {
    throw invalid("body");
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw invalid("body");
  return /** @type {Record<string, unknown>} */ (body);
}

/**
 * Refuses what is in a body beside what is asked for, so that a misspelt name is not taken for a missing one.
 *
 * @param {Record<string, unknown>} body
 * @param {readonly string[]} names
 */
export function only(body, names) {
  for (const name of Object.keys(body)) if (!names.includes(name)) throw invalid("body");
}

/** @param {Request} request @param {number} most */
async function textOf(request, most) {
  if (Number(request.headers.get("content-length") ?? 0) > most) throw new Refusal(413, "too_large");
  const reader = request.body?.getReader();
  if (reader === undefined) return "";
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let [text, bytes] = ["", 0];
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      bytes += piece.value.byteLength;
      // Whatever content-length said: a chunked body has none.
      if (bytes > most) {
        await reader.cancel().catch(() => {});
        throw new Refusal(413, "too_large");
      }
      text += decoder.decode(piece.value, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    throw error instanceof Refusal ? error : invalid("body");
  }
}
