// @ts-check
// GIF 89a, with its LZW: https://www.w3.org/Graphics/GIF/spec-gif89a.txt

import { joined, latin } from "./png.js";

// A cube of 6 reds, 7 greens and 6 blues: 252 colours, the eye being keenest for green.
const PALETTE = Uint8Array.from({ length: 256 * 3 }, (_, i) => {
  const [n, channel] = [Math.min(251, Math.floor(i / 3)), i % 3];
  if (channel === 0) return Math.floor(n / 42) * 51;
  return channel === 1 ? Math.round((Math.floor(n / 6) % 7) * 42.5) : (n % 6) * 51;
});

// Ordered dithering (Bayer): without it the soft backgrounds would fall into bands.
const THRESHOLDS = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5];

/** @param {number} value @param {number} most */
const step = (value, most) => Math.max(0, Math.min(most, Math.round(value)));

/** @param {import("./canvas.js").Canvas} canvas */
export function gif({ width, height, rgb }) {
  const pixels = new Uint8Array(width * height);
  for (let i = 0; i < pixels.length; i++) {
    const [red = 0, green = 0, blue = 0] = rgb.subarray(i * 3, i * 3 + 3);
    const nudge = (THRESHOLDS[(Math.floor(i / width) & 3) * 4 + ((i % width) & 3)] ?? 0) / 16 - 0.47;
    pixels[i] = step(red / 51 + nudge, 5) * 42 + step(green / 42.5 + nudge, 6) * 6 + step(blue / 51 + nudge, 5);
  }
  const note = latin("SPECIMEN. Drawn by the Passdesk sandbox; no such document.");
  const size = [width & 255, width >> 8, height & 255, height >> 8];
  return joined(
    latin("GIF89a"),
    [...size, 0xf7, 0, 0],
    PALETTE,
    [0x21, 0xfe, note.length],
    note,
    [0, 0x2c, 0, 0, 0, 0, ...size, 0, 8],
    blocks(packed(pixels)),
    [0x3b],
  );
}

/** @param {Uint8Array} pixels LZW with codes of 9 to 12 bits */
function packed(pixels) {
  const [CLEAR, END] = [256, 257];
  /** @type {number[]} */
  const bytes = [];
  let [held, bits, length] = [0, 0, 9];
  /** @param {number} code */
  const put = (code) => {
    held |= code << bits;
    for (bits += length; bits >= 8; bits -= 8) {
      bytes.push(held & 255);
      held >>>= 8;
    }
  };
  /** @type {Map<number, number>} */
  const table = new Map();
  let next = END + 1;
  put(CLEAR);
  let prefix = pixels[0] ?? 0;
  for (const pixel of pixels.subarray(1)) {
    const known = table.get(prefix * 256 + pixel);
    if (known !== undefined) {
      prefix = known;
      continue;
    }
    put(prefix);
    if (next < 4096) {
      // The decoder's table is one entry behind, hence the comparison before the increment.
      if (next === 1 << length) length++;
      table.set(prefix * 256 + pixel, next++);
    } else {
      put(CLEAR);
      table.clear();
      [next, length] = [END + 1, 9];
    }
    prefix = pixel;
  }
  put(prefix);
  put(END);
  if (bits > 0) bytes.push(held & 255);
  return Uint8Array.from(bytes);
}

/** @param {Uint8Array} bytes */
function blocks(bytes) {
  const parts = [];
  for (let i = 0; i < bytes.length; i += 255) {
    const part = bytes.subarray(i, i + 255);
    parts.push([part.length], part);
  }
  return joined(...parts, [0]);
}
