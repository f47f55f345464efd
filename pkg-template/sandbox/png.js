// @ts-check
// PNG, written by hand: https://www.w3.org/TR/png-3/

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** @param {Uint8Array} bytes @param {number} [crc] the value so far */
export function crc32(bytes, crc = 0) {
  let c = ~crc;
  for (let i = 0; i < bytes.length; i++)
    c = /** @type {number} */ (CRC[(c ^ /** @type {number} */ (bytes[i])) & 255]) ^ (c >>> 8);
  return ~c >>> 0;
}

/** @param {...(Uint8Array | number[])} parts */
export function joined(...parts) {
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** @param {number} value */
export const bigEndian32 = (value) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];

/** @param {string} text */
export const latin = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** @param {string} type @param {Uint8Array | number[]} data */
function chunk(type, data) {
  const body = joined(latin(type), data);
  return joined(bigEndian32(data.length), body, bigEndian32(crc32(body)));
}

/** @param {Uint8Array} bytes */
async function deflated(bytes) {
  const packed = new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (bytes)])
    .stream()
    .pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const END = chunk("IEND", []);

/** @param {import("./canvas.js").Canvas} canvas */
export async function png({ width, height, rgb }) {
  const row = width * 3;
  // Each row is its difference from the row above (filter 2): smooth backgrounds then pack to almost nothing.
  const rows = new Uint8Array((row + 1) * height);
  for (let y = 0; y < height; y++) {
    rows[y * (row + 1)] = 2;
    for (let x = 0; x < row; x++) {
      const above = y === 0 ? 0 : /** @type {number} */ (rgb[(y - 1) * row + x]);
      rows[y * (row + 1) + 1 + x] = /** @type {number} */ (rgb[y * row + x]) - above;
    }
  }
  const header = [...bigEndian32(width), ...bigEndian32(height), 8, 2, 0, 0, 0];
  const note = latin("Comment\0SPECIMEN. Drawn by the Passdesk sandbox; no such person, no such document.");
  return joined(SIGNATURE, chunk("IHDR", header), chunk("tEXt", note), chunk("IDAT", await deflated(rows)), END);
}

/**
 * The same picture as a file of exactly `size` bytes, valid to the last one: a private chunk of zeros, made while it
 * is read, fills it up.
 * @param {Uint8Array} picture a PNG of ours
 * @param {number} size
 */
export function hugePng(picture, size) {
  const start = picture.subarray(0, -END.length);
  const padding = size - start.length - 12 - END.length;
  const type = latin("paDd");
  return {
    size,
    async *pieces() {
      yield joined(start, bigEndian32(padding), type);
      const zeros = new Uint8Array(64 * 1024);
      let crc = crc32(type);
      for (let left = padding; left > 0; left -= zeros.length) {
        const piece = left < zeros.length ? zeros.slice(0, left) : zeros.slice();
        crc = crc32(piece, crc);
        yield piece;
      }
      yield joined(bigEndian32(crc), END);
    },
  };
}
