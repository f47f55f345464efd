// @ts-check
// WebP, lossless (RFC 9649), in its plainest form: every colour has a code of its own eight bits. Larger than it could
// be, valid in every decoder, and short enough to read.

import { joined, latin } from "./png.js";

/** @param {import("./canvas.js").Canvas} canvas */
export function webp({ width, height, rgb }) {
  const bytes = new Uint8Array(width * height * 3 + 256);
  let [used, held, bits] = [0, 0, 0];
  /** @param {number} value @param {number} length least significant bit first */
  const put = (value, length) => {
    held |= value << bits;
    for (bits += length; bits >= 8; bits -= 8) {
      bytes[used++] = held & 255;
      held >>>= 8;
    }
  };
  // Prefix codes are read from their most significant bit on, unlike all other numbers.
  const reversed = Uint8Array.from({ length: 256 }, (_, byte) => {
    let turned = 0;
    for (let bit = 0; bit < 8; bit++) turned |= ((byte >> bit) & 1) << (7 - bit);
    return turned;
  });

  put(0x2f, 8);
  put(width - 1, 14);
  put(height - 1, 14);
  put(0, 1); // no alpha
  put(0, 3); // version
  put(0, 1); // no transform
  put(0, 1); // no colour cache
  put(0, 1); // one group of prefix codes for the whole picture
  eightBitCode(put, 280); // green, whose alphabet also holds 24 lengths of copies
  eightBitCode(put, 256); // red
  eightBitCode(put, 256); // blue
  singleSymbol(put, 255); // alpha: always opaque, no bits
  singleSymbol(put, 0); // distances of copies: never used
  for (let i = 0; i < rgb.length; i += 3) {
    put(reversed[rgb[i + 1] ?? 0] ?? 0, 8);
    put(reversed[rgb[i] ?? 0] ?? 0, 8);
    put(reversed[rgb[i + 2] ?? 0] ?? 0, 8);
  }
  put(0, 7); // the rest of the last byte

  const data = bytes.subarray(0, used + (used & 1));
  const chunk = joined(latin("VP8L"), littleEndian32(used), data);
  return joined(latin("RIFF"), littleEndian32(chunk.length + 4), latin("WEBP"), chunk);
}

/**
 * A code in which the first 256 symbols have eight bits each and the others none, by way of the code of code lengths:
 * "8" and "0" take one bit each there.
 * @param {(value: number, length: number) => void} put
 * @param {number} alphabet
 */
function eightBitCode(put, alphabet) {
  put(0, 1); // not a simple code
  // Lengths come in the order 17 18 0 1 2 3 4 5 16 6 7 8: twelve of them are needed to reach 8.
  put(12 - 4, 4);
  for (const symbol of [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8]) put(symbol === 0 || symbol === 8 ? 1 : 0, 3);
  put(0, 1); // lengths for the whole alphabet follow
  for (let symbol = 0; symbol < alphabet; symbol++) put(symbol < 256 ? 1 : 0, 1);
}

/** @param {(value: number, length: number) => void} put @param {number} symbol */
function singleSymbol(put, symbol) {
  put(1, 1); // a simple code
  put(0, 1); // of one symbol
  put(1, 1); // given in eight bits
  put(symbol, 8);
}

/** @param {number} value */
const littleEndian32 = (value) => [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
