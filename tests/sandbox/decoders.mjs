// Small decoders, written from the formats' specifications and not from the sandbox's encoders: what they can read, a
// browser can show. They throw at anything that is not in order.

import assert from "node:assert/strict";
import * as zlib from "node:zlib";

/** @typedef {{ width: number, height: number, rgb: Uint8Array }} Picture */

/** @param {Buffer} bytes */
function crc(bytes) {
  // Node has its own only since 20.15, and the large files would take seconds bit by bit.
  if ("crc32" in zlib) return /** @type {(bytes: Buffer) => number} */ (zlib.crc32)(bytes);
  let value = ~0;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return ~value >>> 0;
}

/** PNG, 8-bit truecolour. @see https://www.w3.org/TR/png-3/ @param {Buffer} file @returns {Picture & { chunks: string[] }} */
export function decodePng(file) {
  assert.equal(file.toString("latin1", 0, 8), "\x89PNG\r\n\x1a\n");
  const chunks = [];
  const data = [];
  let [width, height] = [0, 0];
  let at = 8;
  while (at < file.length) {
    const length = file.readUInt32BE(at);
    const type = file.toString("latin1", at + 4, at + 8);
    const body = file.subarray(at + 8, at + 8 + length);
    assert.equal(crc(file.subarray(at + 4, at + 8 + length)), file.readUInt32BE(at + 8 + length), `the CRC of ${type}`);
    if (type === "IHDR") {
      [width, height] = [body.readUInt32BE(0), body.readUInt32BE(4)];
      assert.deepEqual([...body.subarray(8)], [8, 2, 0, 0, 0]);
    }
    if (type === "IDAT") data.push(body);
    chunks.push(type);
    at += 12 + length;
  }
  assert.equal(at, file.length);
  assert.deepEqual([chunks[0], chunks.at(-1)], ["IHDR", "IEND"]);
  const rows = zlib.inflateSync(Buffer.concat(data));
  const row = width * 3;
  assert.equal(rows.length, (row + 1) * height);
  const rgb = new Uint8Array(row * height);
  for (let y = 0; y < height; y++) {
    const filter = rows[y * (row + 1)];
    assert.ok(filter === 0 || filter === 2, "a filter that this decoder knows");
    for (let x = 0; x < row; x++) {
      const above = filter === 2 && y > 0 ? rgb[(y - 1) * row + x] : 0;
      rgb[y * row + x] = rows[y * (row + 1) + 1 + x] + above;
    }
  }
  return { width, height, rgb, chunks };
}

/** GIF 89a, one frame. @param {Buffer} file @returns {Picture} */
export function decodeGif(file) {
  assert.equal(file.toString("latin1", 0, 6), "GIF89a");
  const [width, height] = [file.readUInt16LE(6), file.readUInt16LE(8)];
  const colours = 2 << (file[10] & 7);
  const palette = file.subarray(13, 13 + colours * 3);
  let at = 13 + colours * 3;
  const skip = () => {
    const parts = [];
    for (; file[at] !== 0; at += file[at] + 1) parts.push(file.subarray(at + 1, at + 1 + file[at]));
    at++;
    return Buffer.concat(parts);
  };
  while (file[at] === 0x21) {
    at += 2;
    skip();
  }
  assert.equal(file[at], 0x2c);
  at += 10;
  const least = file[at++];
  const data = skip();
  assert.equal(file[at], 0x3b);
  assert.equal(at + 1, file.length);

  const [clear, end] = [1 << least, (1 << least) + 1];
  let table = [];
  let length = least + 1;
  let before = null;
  let [held, bits] = [0, 0];
  const pixels = [];
  let ended = false;
  for (const byte of data) {
    held |= byte << bits;
    bits += 8;
    while (bits >= length && !ended) {
      const code = held & ((1 << length) - 1);
      held >>>= length;
      bits -= length;
      if (code === clear) {
        table = Array.from({ length: end + 1 }, (_, i) => [i]);
        [length, before] = [least + 1, null];
      } else if (code === end) ended = true;
      else {
        assert.ok(code < table.length || (code === table.length && before), "a code that is known");
        const run = code < table.length ? table[code] : [...before, before[0]];
        for (const pixel of run) pixels.push(pixel);
        if (before && table.length < 4096) table.push([...before, run[0]]);
        if (table.length === 1 << length && length < 12) length++;
        before = run;
      }
    }
  }
  assert.ok(ended, "the end code");
  assert.equal(pixels.length, width * height);
  const rgb = new Uint8Array(pixels.length * 3);
  for (const [i, pixel] of pixels.entries()) rgb.set(palette.subarray(pixel * 3, pixel * 3 + 3), i * 3);
  return { width, height, rgb };
}

/** A reader of prefix codes: `read()` gives the next bit. @param {number[]} lengths @param {() => number} read */
function prefixReader(lengths, read) {
  const codes = new Map();
  let code = 0;
  for (let length = 1; length <= 15; length++) {
    lengths.forEach((own, symbol) => {
      if (own === length) codes.set(`${length}:${code++}`, symbol);
    });
    code <<= 1;
  }
  assert.equal(code, 1 << 16, "a complete code");
  return () => {
    let [value, length] = [0, 0];
    for (;;) {
      value = (value << 1) | read();
      const symbol = codes.get(`${++length}:${value}`);
      if (symbol !== undefined) return symbol;
      assert.ok(length < 16, "a code that is known");
    }
  };
}

/** WebP, lossless, without transforms. @see https://www.rfc-editor.org/rfc/rfc9649 @param {Buffer} file @returns {Picture} */
export function decodeWebp(file) {
  assert.equal(file.toString("latin1", 0, 4) + file.toString("latin1", 8, 16), "RIFFWEBPVP8L");
  assert.equal(file.readUInt32LE(4), file.length - 8);
  const data = file.subarray(20, 20 + file.readUInt32LE(16));
  assert.equal(20 + data.length + (data.length & 1), file.length);
  let at = 0;
  const bit = () => {
    assert.ok(at >> 3 < data.length, "more data");
    return (data[at >> 3] >> (at++ & 7)) & 1;
  };
  const bits = (count) => {
    let value = 0;
    for (let i = 0; i < count; i++) value |= bit() << i;
    return value;
  };
  assert.equal(bits(8), 0x2f);
  const [width, height] = [bits(14) + 1, bits(14) + 1];
  bits(1);
  assert.deepEqual([bits(3), bit(), bit(), bit()], [0, 0, 0, 0], "version, transform, cache, meta codes");
  const codes = [280, 256, 256, 256, 40].map((alphabet) => {
    if (bit() === 1) {
      assert.equal(bit(), 0, "one symbol");
      const symbol = bits(bit() === 1 ? 8 : 1);
      return () => symbol;
    }
    const lengths = Array(19).fill(0);
    const order = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
    for (const symbol of order.slice(0, bits(4) + 4)) lengths[symbol] = bits(3);
    const length = prefixReader(lengths, bit);
    assert.equal(bit(), 0, "lengths for all");
    return prefixReader(
      Array.from({ length: alphabet }, () => length()),
      bit,
    );
  });
  const [green, red, blue, alpha] = codes;
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < rgb.length; i += 3) {
    const g = green();
    assert.ok(g < 256, "no copies");
    rgb.set([red(), g, blue()], i);
    assert.equal(alpha(), 255);
  }
  assert.ok(data.length * 8 - at < 8, "nothing after the pixels");
  return { width, height, rgb };
}

/**
 * JPEG, baseline, without subsampling: every coefficient is read, and each block's mean colour returned.
 * @param {Buffer} file
 * @returns {Picture} of one pixel for each block
 */
export function decodeJpegMeans(file) {
  assert.equal(file.readUInt16BE(0), 0xffd8);
  assert.equal(file.readUInt16BE(file.length - 2), 0xffd9);
  let at = 2;
  let step = 1;
  let [width, height] = [0, 0];
  const tables = new Map();
  const data = [];
  let place = 0;
  let held = 0;
  const bit = () => {
    if ((place & 7) === 0) held = data[place >> 3];
    assert.ok(held !== undefined, "more data");
    return (held >> (7 - (place++ & 7))) & 1;
  };
  while (file[at + 1] !== 0xda) {
    assert.equal(file[at], 0xff);
    const [marker, length] = [file[at + 1], file.readUInt16BE(at + 2)];
    const body = file.subarray(at + 4, at + 2 + length);
    if (marker === 0xdb) step = body[1];
    if (marker === 0xc0) [height, width] = [body.readUInt16BE(1), body.readUInt16BE(3)];
    if (marker === 0xc4) {
      const symbols = body.subarray(17);
      const codes = new Map();
      let [code, next] = [0, 0];
      for (let size = 1; size <= 16; size++, code <<= 1) {
        for (let n = 0; n < body[size]; n++) codes.set((size << 16) | code++, symbols[next++]);
      }
      assert.equal(next, symbols.length);
      tables.set(body[0], codes);
    }
    at += 2 + length;
  }
  at += 2 + file.readUInt16BE(at + 2);
  for (; at < file.length - 2; at++) {
    data.push(file[at]);
    if (file[at] === 0xff) assert.equal(file[++at], 0, "a stuffed byte");
  }
  const symbol = (codes) => {
    let value = 0;
    for (let size = 1; size <= 16; size++) {
      value = (value << 1) | bit();
      const found = codes.get((size << 16) | value);
      if (found !== undefined) return found;
    }
    return assert.fail("a code that is not known");
  };
  const number = (size) => {
    let value = 0;
    for (let i = 0; i < size; i++) value = (value << 1) | bit();
    return size > 0 && value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
  };
  const [columns, rows] = [Math.ceil(width / 8), Math.ceil(height / 8)];
  const rgb = new Uint8Array(columns * rows * 3);
  const last = [0, 0, 0];
  for (let block = 0; block < columns * rows; block++) {
    for (const component of [0, 1, 2]) {
      last[component] += number(symbol(tables.get(0x00)));
      for (let i = 1; i < 64; i++) {
        const code = symbol(tables.get(0x10));
        if (code === 0) break;
        i += code >> 4;
        if (code !== 0xf0) number(code & 15);
        assert.ok(i < 64, "within the block");
      }
    }
    const [y, cb, cr] = last.map((value) => (value * step) / 8);
    const luma = y + 128;
    const colour = [luma + 1.402 * cr, luma - 0.344136 * cb - 0.714136 * cr, luma + 1.772 * cb];
    rgb.set(
      colour.map((value) => Math.max(0, Math.min(255, Math.round(value)))),
      block * 3,
    );
  }
  assert.ok(data.length * 8 - place < 8, "nothing after the last block");
  return { width: columns, height: rows, rgb };
}

/** The mean colour of each square of `size` pixels. @param {Picture} picture @param {number} size @returns {Picture} */
export function means({ width, height, rgb }, size) {
  const [columns, rows] = [width / size, height / size];
  const small = new Uint8Array(columns * rows * 3);
  for (let i = 0; i < small.length; i++) {
    const [column, row, channel] = [Math.floor(i / 3) % columns, Math.floor(i / 3 / columns), i % 3];
    let sum = 0;
    for (let n = 0; n < size * size; n++) {
      sum += rgb[((row * size + Math.floor(n / size)) * width + column * size + (n % size)) * 3 + channel];
    }
    small[i] = Math.round(sum / size / size);
  }
  return { width: columns, height: rows, rgb: small };
}
