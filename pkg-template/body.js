// @ts-check
// Bodies, read piece by piece under a limit.

import { codes, Failure, harmless, look } from "./error.js";

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

/** Whether a browser asks, whose cache must not keep what comes: its pages and workers say so, and nothing else does. */
export const inBrowser = () => globalThis.navigator?.userAgent?.startsWith("Mozilla/") === true;

/** @param {unknown} [thrown] */
export const unreadable = (thrown) =>
  new Failure(codes.NETWORK, "the body broke off before its end", true, harmless(thrown));

export const tooLarge = () => new Failure(codes.TOO_LARGE, "the body is larger than its limit");

/** A body's reader. */
export class Reader {
  /** @param {any} raw */
  constructor(raw) {
    this.raw = raw;
    this.ended = false;
  }

  /** @returns {Promise<Uint8Array | undefined>} the next piece that is not empty; nothing at the end */
  async next() {
    // Pieces without a byte come at once and never end: no clock would get its turn.
    for (let empty = 0; empty < 1000; empty += 1) {
      let result;
      try {
        result = await this.raw.read();
      } catch (thrown) {
        this.ended = true;
        throw unreadable(thrown);
      }
      if (look(result, "done")) {
        this.ended = true;
        return undefined;
      }
      const piece = look(result, "value");
      if (!(piece instanceof Uint8Array)) throw new Failure(codes.BAD_RESPONSE, "the body is no stream of bytes");
      if (piece.length > 0) return piece;
    }
    throw new Failure(codes.BAD_RESPONSE, "the body brings no bytes and does not end");
  }
}

/**
 * Takes hold of an answer's body, if it has one. Whatever ends the call lets it go.
 *
 * @param {import("./call.js").Call} call
 * @param {any} response
 */
export function readerOf(call, response) {
  const body = look(response, "body");
  if (body === null || body === undefined) return undefined;
  try {
    call.reader = new Reader(body.getReader());
  } catch (thrown) {
    throw unreadable(thrown);
  }
  return call.reader;
}

/**
 * Tells a body that nobody reads on.
 *
 * @param {Reader} reader
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

/**
 * Reads a body to its end, within a limit.
 *
 * @param {import("./call.js").Call} call
 * @param {any} response
 * @param {number} limit
 * @param {number} turn
 * @returns {Promise<Uint8Array | undefined>} nothing if the turn is over
 */
export async function read(call, response, limit, turn) {
  const reader = readerOf(call, response);
  if (!reader) return new Uint8Array();
  /** @type {Uint8Array[]} */
  const pieces = [];
  let total = 0;
  for (;;) {
    const piece = await reader.next();
    if (turn !== call.turn) return undefined;
    if (!piece) break;
    total += piece.length;
    if (total > limit) throw tooLarge();
    pieces.push(piece);
  }
  // Whole: there is nothing to tear down.
  call.reader = undefined;
  call.controller = undefined;
  if (pieces.length === 1) return pieces[0];
  const whole = new Uint8Array(total);
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * The engine's own parser, and the very object that it makes; nothing if it is no JSON. Bytes that are no UTF-8 are no JSON
 * (RFC 8259, section 8.1), rather than text with holes: a name with a hole is another name.
 *
 * @param {Uint8Array | undefined} bytes
 */
export function parse(bytes) {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    return undefined;
  }
}
