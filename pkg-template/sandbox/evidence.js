// @ts-check
// Evidence as files: drawn, packed into the format asked for, or given as they are.

import { gif } from "./gif.js";
import { heic } from "./heic.js";
import { jpeg } from "./jpeg.js";
import { pdf } from "./pdf.js";
import { hugePng, png } from "./png.js";
import { specimen } from "./specimen.js";
import { drip, ofLength, streamOf } from "./streams.js";
import { webp } from "./webp.js";

/** @typedef {import("./cases.js").Evidence} Evidence */
/** @typedef {Record<string, unknown>} Information */

const TYPES = {
  png: "image/png",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  heic: "image/heic",
  pdf: "application/pdf",
};
/** Drawing takes a tenth of a second, reviewers look twice, and the same record always gives the same picture. */
const KEPT = 48;
/** @type {Map<string, Uint8Array>} */
const drawn = new Map();

/** @param {Evidence} evidence @param {Information} information */
async function bytesOf({ side = "front", format = "png", body }, information) {
  if (body !== undefined) return typeof body === "string" ? new TextEncoder().encode(body) : body;
  const key = JSON.stringify([side, format, information]);
  const known = drawn.get(key);
  if (known) return known;
  const made = await packed(format, () => specimen(information, side));
  drawn.set(key, made);
  for (const oldest of drawn.keys()) {
    if (drawn.size <= KEPT) break;
    drawn.delete(oldest);
  }
  return made;
}

/**
 * @param {Evidence} evidence
 * @param {Information} information
 * @param {AbortSignal | undefined} signal
 */
export async function evidenceAnswer(evidence, information, signal) {
  const headers = new Headers({
    "content-type": evidence.contentType ?? TYPES[evidence.format ?? "png"],
    "cache-control": "private, no-store",
  });
  const bytes = await bytesOf(evidence, information);
  if (evidence.size !== undefined) {
    const { size, pieces } = hugePng(bytes, evidence.size);
    headers.set("content-length", String(size));
    return new Response(ofLength(streamOf(pieces, signal), size), { headers });
  }
  headers.set("content-length", String(bytes.length));
  const { slowMs } = evidence;
  const body = slowMs === undefined ? bytes : ofLength(drip(bytes, slowMs, signal), bytes.length);
  return new Response(/** @type {BodyInit} */ (body), { headers });
}

/** A valid file that no client should take. @param {Information} information */
export const oversizeEvidence = async (information) => hugePng(await bytesOf({}, information), 21 * 1024 * 1024);

/** @param {import("./cases.js").Format} format @param {() => import("./canvas.js").Canvas} draw */
async function packed(format, draw) {
  switch (format) {
    case "jpeg":
      return jpeg(draw());
    case "gif":
      return gif(draw());
    case "webp":
      // Half the size, since this encoder does not compress.
      return webp(draw().half());
    case "pdf": {
      const canvas = draw();
      return pdf(jpeg(canvas), canvas);
    }
    case "heic":
      return heic();
    default:
      return png(draw());
  }
}
