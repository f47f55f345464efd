// @ts-check
// `fetchEvidence` and `streamEvidence`: bytes that never enter the core, but for the first few.

import { header, inBrowser, lengthOf, readerOf, tooLarge, unreadable } from "./body.js";
import { Failure, found, harmless, look, tell } from "./error.js";

/** How many bytes from the start prove the type. */
const SIGNATURE = 12;

/** The most bytes that are read where the caller does not say. */
const MOST = 20 * 1024 * 1024;

/** How much of a stream workerd is asked for at once. By 16 KiB, 10 MB took three times as long. */
const ROOM = 262_144;

/** What the core is told when the first bytes came. */
const BYTES = 5;

/** The core's word for "the answer is the result". */
const ANSWER = -2;

/**
 * Counts bytes, and tells.
 */
class Meter {
  /**
   * @param {any} options
   * @param {any} response
   */
  constructor({ maxBytes = MOST, onProgress }, response) {
    this.most = maxBytes;
    this.onProgress = onProgress;
    this.loaded = 0;
    this.total = lengthOf(response);
  }

  /** @param {number} bytes */
  count(bytes) {
    this.loaded += bytes;
    if (this.loaded > this.most) throw tooLarge();
    const { loaded, total, onProgress } = this;
    if (onProgress) tell(onProgress, total === undefined ? { loaded } : { loaded, total });
  }
}

/**
 * Whether a page may leave all of it to its browser, which spares each byte the way through a script: an answer of its own
 * origin, whose headers are all to be seen.
 *
 * @param {any} response
 * @param {Meter} meter
 */
const isBounded = (response, { most, total, onProgress }) =>
  inBrowser() && !onProgress && /** @type {any} */ (total) <= most && look(response, "type") === "basic";

/**
 * Reads until the type is proven.
 *
 * @param {import("./call.js").Call} call
 * @param {any} response
 * @param {number} turn
 * @param {boolean} [whole] whether all of it may be kept
 */
async function open(call, response, turn, whole) {
  const meter = new Meter(call.options, response);
  /** @type {(Uint8Array | Blob)[]} */
  const pieces = [];
  /** @type {number[]} */
  const start = [];
  /** @type {import("./body.js").Reader | undefined} */
  let reader;
  if (whole && isBounded(response, meter)) {
    /** @type {Blob} */
    let blob;
    try {
      blob = await response.blob();
      start.push(...new Uint8Array(await blob.slice(0, SIGNATURE).arrayBuffer()));
    } catch (thrown) {
      throw unreadable(thrown);
    }
    if (turn !== call.turn) return undefined;
    meter.count(blob.size);
    pieces.push(blob);
  } else {
    reader = readerOf(call, response);
    while (start.length < SIGNATURE) {
      const piece = await reader?.next();
      if (turn !== call.turn) return undefined;
      if (!piece) break;
      meter.count(piece.length);
      // The caller may have stopped the call in its `onProgress`.
      if (turn !== call.turn) return undefined;
      // Not by what it may have of its own: a class of the caller's can break there.
      start.push(...[].slice.call(piece, 0, SIGNATURE - start.length));
      pieces.push(piece);
    }
  }
  call.hear(BYTES, ...start);
  const { fault, result } = call.said;
  if (fault) throw found(fault);
  return { meter, reader, pieces, contentType: result };
}

/**
 * @this {import("./call.js").Call}
 * @param {any} response
 * @param {number} turn
 */
export async function fetchEvidence(response, turn) {
  const opened = await open(this, response, turn, true);
  if (turn !== this.turn || !opened) return undefined;
  const { meter, reader, pieces, contentType } = opened;
  for (;;) {
    const piece = await reader?.next();
    if (turn !== this.turn) return undefined;
    if (!piece) break;
    meter.count(piece.length);
    if (turn !== this.turn) return undefined;
    pieces.push(piece);
  }
  // The browser's own, where it has the proven type: to make another takes a third of a millisecond.
  /** @type {any} */
  let [blob] = pieces;
  try {
    if (reader || blob.type !== contentType) blob = new Blob(/** @type {BlobPart[]} */ (pieces), { type: contentType });
  } catch (thrown) {
    throw new Failure("load_failed", "this runtime makes no Blob", false, harmless(thrown));
  }
  const declaredType = header(response, "content-type") ?? "";
  // It was read to its end.
  this.controller = undefined;
  this.said = {};
  this.value = { rel: this.value, blob, contentType, declaredType, size: meter.loaded };
  return ANSWER;
}

/**
 * @this {import("./call.js").Call}
 * @param {any} response
 * @param {number} turn
 */
export async function streamEvidence(response, turn) {
  const opened = await open(this, response, turn);
  if (turn !== this.turn || !opened) return undefined;
  let answer;
  try {
    answer = respond(this, opened);
  } catch (thrown) {
    // Nobody has it.
    this.stream = undefined;
    throw new Failure("load_failed", "this runtime makes no stream", false, harmless(thrown));
  }
  this.tell("success", this.began, this.status);
  // The clock, the limit and the signal last as long as the stream does: it tells who reads it if its observer aborted just now.
  /** @type {(value: any) => void} */ (this.resolve)(answer);
  return undefined;
}

/**
 * A response whose body is pulled through, piece by piece, under the same clock, limit and signal.
 *
 * @param {import("./call.js").Call} call
 * @param {{ meter: Meter, reader: any, pieces: any[], contentType: string }} opened
 */
function respond(call, { meter, reader, pieces, contentType }) {
  const { turn } = call;
  /** @type {UnderlyingDefaultSource} */
  const source = {
    start(out) {
      call.stream = (error) => {
        try {
          out.error(error);
        } catch {
          // Another request of a Worker reads it.
        }
      };
    },
    async pull(out) {
      try {
        let piece = pieces.shift();
        if (!piece) {
          piece = await reader?.next();
          if (piece && turn === call.turn) meter.count(piece.length);
        }
        if (turn !== call.turn) return;
        if (piece) {
          out.enqueue(piece);
          return;
        }
        call.controller = undefined;
        call.close();
        out.close();
      } catch (error) {
        if (turn === call.turn) call.caught(error);
      }
    },
    cancel() {
      call.close();
    },
  };
  // Nothing is read ahead of the consumer.
  let body = new ReadableStream(source, { highWaterMark: 0 });
  const { total } = meter;
  /** @type {Record<string, string>} */
  const headers = { "content-type": contentType };
  if (total !== undefined) {
    headers["content-length"] = `${total}`;
    // workerd ends the answer as if it were whole where a stream made of JavaScript fails, unless its length is fixed.
    // https://developers.cloudflare.com/workers/runtime-apis/streams/transformstream/#fixedlengthstream
    const { FixedLengthStream } = /** @type {any} */ (globalThis);
    if (FixedLengthStream) {
      // It takes each piece in before it asks for the next one, so that all of them may come in the same place.
      if (reader.size) reader.room = new Uint8Array(Math.min(total, ROOM));
      body = body.pipeThrough(new FixedLengthStream(total));
    }
  }
  return new Response(body, { headers });
}
