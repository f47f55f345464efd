// @ts-check
// Bodies, read piece by piece under a limit.

import { Failure, harmless, isA, look } from "./error.js";

/**
 * A header, where it can be read: anybody's object, if the caller's `fetch` made it.
 *
 * @param {any} response
 * @param {string} name
 * @returns {string | undefined}
 */
export function header(response, name) {
  try {
    const value = response.headers.get(name);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The length that an answer declares, if it is one that HTTP itself holds to (RFC 9112, section 6.3): good for a limit where the
 * answer came over HTTP, and all its headers are to be seen.
 *
 * @param {any} response
 */
export function lengthOf(response) {
  const coded = header(response, "transfer-encoding") ?? header(response, "content-encoding");
  const length = header(response, "content-length");
  return coded === undefined && length && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}

/** Whether a browser asks, whose cache must not keep what comes: its pages and workers say so, and nothing else does. */
export const inBrowser = () => globalThis.navigator?.userAgent?.startsWith("Mozilla/");

/** Where calls belong to requests that may be gone, and one must not wait long for what belongs to another. */
export const inWorker = () => globalThis.navigator?.userAgent === "Cloudflare-Workers";

/** @param {unknown} [thrown] */
export const unreadable = (thrown) =>
  new Failure("network", "the body broke off before its end", true, harmless(thrown));

export const tooLarge = () => new Failure("too_large", "the body is larger than its limit");

/** How much of a body is asked for at once, where that can be said. By pieces of 4 KiB, as they come otherwise, 10 MB took three times as long. */
const AT_ONCE = 16_384;

/**
 * Whether that can be said: workerd can be told to wait for more than the first piece, and to read on takes it as long as the
 * rest of a call. https://developers.cloudflare.com/workers/runtime-apis/streams/readablestreambyobreader/
 */
const AT_LEAST = /** @type {any} */ (globalThis.ReadableStreamBYOBReader)?.prototype?.readAtLeast;

/**
 * Where workerd shows how long a body is, of what it holds in memory or HTTP holds to. A header may say anything, and so
 * may a stream made of JavaScript: what came is measured, too.
 * https://github.com/cloudflare/workerd/blob/main/src/workerd/api/streams/readable.h
 */
const LENGTH = Object.getOwnPropertySymbols(globalThis.ReadableStream?.prototype ?? {}).find(
  (symbol) => symbol.description === "length",
);

/** What the platform's own streams inherit. In Node each has a shape of its own: to look up there what reads it took 4 % of a call. */
const STREAM = globalThis.ReadableStream?.prototype;

/** A body's reader. */
export class Reader {
  /**
   * @param {any} body
   * @param {boolean} [whole] whether nobody looks at it before its end
   */
  constructor(body, whole = false) {
    this.ended = false;
    this.whole = whole;
    this.empty = 0;
    /** How much is asked for at once; 0 where that cannot be said. */
    this.size = 0;
    /** Where every piece comes, if nobody keeps one until the next. @type {Uint8Array | undefined} */
    this.room;
    try {
      if (AT_LEAST) {
        this.raw = body.getReader({ mode: "byob" });
        this.size = AT_ONCE;
      } else if (Object.getPrototypeOf(body) === STREAM && !Object.hasOwn(body, "getReader")) {
        this.raw = STREAM.getReader.call(body);
      }
    } catch {
      // A stream made of JavaScript brings its own pieces to workerd; and a proxy is no stream, to whom it does not show itself.
    }
    this.raw ??= body.getReader();
  }

  /** @returns {Promise<any>} what `take` takes; fails as the platform does */
  ask() {
    const { raw, size, whole } = this;
    return size ? raw.readAtLeast(whole ? size : 1, this.room ?? new Uint8Array(size)) : raw.read();
  }

  /**
   * @param {any} result
   * @returns {Uint8Array | undefined} the piece that came; nothing if it is empty, or the end
   */
  take(result) {
    const { size } = this;
    this.ended = look(result, "done");
    if (this.ended) return undefined;
    const piece = look(result, "value");
    // What only passes for bytes, such as a proxy of some, has no length to tell.
    if (!isA(piece, Uint8Array) || look(piece, "length") === undefined) {
      throw new Failure("bad_response", "the body is no stream of bytes");
    }
    if (this.room) this.room = new Uint8Array(piece.buffer);
    // Less than was asked for is the rest.
    this.ended = this.whole && piece.length < size;
    if (piece.length > 0) {
      this.empty = 0;
      // A byte that is kept is not to hold on to room for thousands.
      return piece.length < size / 2 ? piece.slice() : piece;
    }
    // Pieces without a byte come at once and never end: no clock would get its turn.
    this.empty += 1;
    if (this.empty === 1000 && !this.ended) throw new Failure("bad_response", "the body does not end");
    return undefined;
  }

  /** @returns {Promise<Uint8Array | undefined>} the next piece that is not empty; nothing at the end */
  async next() {
    while (!this.ended) {
      let result;
      try {
        result = await this.ask();
      } catch (thrown) {
        this.ended = true;
        throw unreadable(thrown);
      }
      const piece = this.take(result);
      if (piece) return piece;
    }
    return undefined;
  }
}

/**
 * Takes hold of an answer's body, if it has one. Whatever ends the call lets it go.
 *
 * @param {import("./call.js").Call} call
 * @param {any} response
 * @param {boolean} [whole] whether nobody looks at it before its end
 */
export function readerOf(call, response, whole) {
  const body = look(response, "body");
  if (!body) return undefined;
  try {
    call.reader = new Reader(body, whole);
  } catch (thrown) {
    throw unreadable(thrown);
  }
  // To look at the answer may have run what ended the call.
  if (call.ended) call.drop();
  return call.reader;
}

/**
 * Tells a body that nobody reads on.
 *
 * @param {{ raw: any, ended: boolean }} reader
 */
export function cancel({ raw, ended }) {
  if (ended) return;
  try {
    // Listens, so that a body which cannot be cancelled is no unhandled rejection.
    Promise.resolve(raw.cancel()).catch(() => {});
  } catch {
    // There is nothing left to tell it.
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads a body to its end, within a limit.
 *
 * @param {import("./call.js").Call} call
 * @param {any} response
 * @param {number} limit
 * @param {number} turn
 * @returns {Promise<any>} its bytes; nothing if the turn is over. Fails as the platform does, too.
 */
export function read(call, response, limit, turn) {
  try {
    // What is bounded needs no reader, whose making and reading took a third of a call.
    if (LENGTH && response.body?.[LENGTH] <= limit) return response.arrayBuffer();
  } catch {
    // It shows no length.
  }
  return collect(call, response, limit, turn);
}

/**
 * @param {import("./call.js").Call} call
 * @param {any} response
 * @param {number} limit
 * @param {number} turn
 */
async function collect(call, response, limit, turn) {
  const reader = readerOf(call, response, true);
  /** @type {Uint8Array[]} */
  const pieces = [];
  let total = 0;
  while (reader && !reader.ended) {
    // Without `next`, which would be two promises more for each piece.
    const result = await reader.ask();
    if (turn !== call.turn) return undefined;
    const piece = reader.take(result);
    if (piece) {
      total += piece.length;
      if (total > limit) throw tooLarge();
      pieces.push(piece);
    }
  }
  if (pieces.length === 1) return pieces[0];
  const whole = new Uint8Array(total);
  for (const piece of pieces.reverse()) {
    total -= piece.length;
    whole.set(piece, total);
  }
  return whole;
}

/**
 * What a body that was read to its end holds as JSON.
 *
 * @param {import("./call.js").Call} call
 * @param {any} whole
 * @param {number} limit
 */
export function parse(call, whole, limit) {
  if (look(whole, "byteLength") > limit) throw tooLarge();
  // There is nothing to tear down.
  call.reader = undefined;
  call.controller = undefined;
  // The engine's own parser, and the very object that it makes. Bytes that are no UTF-8 are no JSON (RFC 8259, section 8.1),
  // rather than text with holes: a name with a hole is another name.
  try {
    return JSON.parse(utf8.decode(whole));
  } catch {
    throw new Failure("bad_response", "the answer is not JSON");
  }
}
