// @ts-check
// JPEG: a baseline encoder (ITU-T T.81), three components, no subsampling, with the standard's example tables.

import { joined, latin } from "./png.js";

const ZIGZAG = [
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
  35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47,
  55, 62, 63,
];
// One table for all components, in zigzag order: the standard's luminance table (K.1) at about quality 85.
const QUANTISATION = [
  16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40, 26, 24, 22, 22, 24, 49, 35, 37, 29, 40, 58, 51, 61,
  60, 57, 51, 56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87, 95, 98, 103, 104, 103, 62, 77, 113, 121,
  112, 100, 120, 92, 101, 103, 99,
].map((step) => Math.max(1, Math.round(step * 0.3)));

// Huffman tables K.3 (DC) and K.5 (AC): how many codes there are of each length, and their symbols.
const DC = {
  counts: [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0],
  symbols: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
};
const AC = {
  counts: [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125],
  symbols: [
    ...[
      0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61, 0x07, 0x22, 0x71, 0x14,
      0x32, 0x81, 0x91,
    ],
    ...[
      0xa1, 0x08, 0x23, 0x42, 0xb1, 0xc1, 0x15, 0x52, 0xd1, 0xf0, 0x24, 0x33, 0x62, 0x72, 0x82, 0x09, 0x0a, 0x16, 0x17,
      0x18, 0x19, 0x1a,
    ],
    ...[
      0x25, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3a, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48,
      0x49, 0x4a, 0x53,
    ],
    ...[
      0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x73, 0x74, 0x75, 0x76,
      0x77, 0x78, 0x79,
    ],
    ...[
      0x7a, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0xa2,
      0xa3, 0xa4, 0xa5,
    ],
    ...[
      0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8, 0xb9, 0xba, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6,
      0xc7, 0xc8, 0xc9,
    ],
    ...[
      0xca, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xda, 0xe1, 0xe2, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9,
      0xea, 0xf1, 0xf2,
    ],
    ...[0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa],
  ],
};

/** @param {typeof DC} table @returns {Map<number, [code: number, length: number]>} */
function codes({ counts, symbols }) {
  const map = new Map();
  let [code, next] = [0, 0];
  counts.forEach((count, i) => {
    for (let n = 0; n < count; n++) map.set(symbols[next++], [code++, i + 1]);
    code <<= 1;
  });
  return map;
}

const COSINE = Float64Array.from({ length: 64 }, (_, i) => {
  const [u, x] = [i >> 3, i & 7];
  return (u === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * x + 1) * u * Math.PI) / 16);
});

/** @param {Float64Array} block the discrete cosine transform of 8 by 8 samples, in place */
function transform(block) {
  const rows = new Float64Array(64);
  for (let y = 0; y < 8; y++) for (let u = 0; u < 8; u++) rows[y * 8 + u] = dot(block, y * 8, 1, u);
  for (let x = 0; x < 8; x++) for (let v = 0; v < 8; v++) block[v * 8 + x] = dot(rows, x, 8, v);
}

/** @param {Float64Array} samples @param {number} start @param {number} step @param {number} frequency */
function dot(samples, start, step, frequency) {
  let sum = 0;
  for (let i = 0; i < 8; i++)
    sum += /** @type {number} */ (samples[start + i * step]) * /** @type {number} */ (COSINE[frequency * 8 + i]);
  return sum;
}

/** @param {number} marker @param {readonly number[] | Uint8Array} data */
const segment = (marker, data) => [0xff, marker, (data.length + 2) >> 8, (data.length + 2) & 255, ...data];

/** Each component's weights for red, green, blue, and its offset (JFIF). */
const COMPONENTS = [
  [0.299, 0.587, 0.114, -128],
  [-0.168736, -0.331264, 0.5, 0],
  [0.5, -0.418688, -0.081312, 0],
];

/** @param {import("./canvas.js").Canvas} canvas */
export function jpeg({ width, height, rgb }) {
  /** @type {number[]} */
  const scan = [];
  let [bits, held] = [0, 0];
  /** @param {number} value @param {number} length */
  const put = (value, length) => {
    for (let i = length - 1; i >= 0; i--) {
      held = (held << 1) | ((value >> i) & 1);
      if (++bits < 8) continue;
      scan.push(held);
      // A byte 0xff in the data is followed by a zero, so that it is not taken for a marker.
      if (held === 0xff) scan.push(0);
      [bits, held] = [0, 0];
    }
  };
  const [dc, ac] = [codes(DC), codes(AC)];
  /** @param {typeof dc} table @param {number} run @param {number} value */
  const putValue = (table, run, value) => {
    const size = value === 0 ? 0 : 32 - Math.clz32(Math.abs(value));
    const [code, length] = table.get(run * 16 + size) ?? [0, 0];
    put(code, length);
    put(value < 0 ? value - 1 : value, size);
  };

  const block = new Float64Array(64);
  const last = [0, 0, 0];
  for (let top = 0; top < height; top += 8) {
    for (let left = 0; left < width; left += 8) {
      COMPONENTS.forEach(([red = 0, green = 0, blue = 0, offset = 0], c) => {
        for (let i = 0; i < 64; i++) {
          const [x, y] = [Math.min(width - 1, left + (i & 7)), Math.min(height - 1, top + (i >> 3))];
          const at = (y * width + x) * 3;
          block[i] = red * (rgb[at] ?? 0) + green * (rgb[at + 1] ?? 0) + blue * (rgb[at + 2] ?? 0) + offset;
        }
        transform(block);
        const values = ZIGZAG.map((from, i) =>
          Math.round(/** @type {number} */ (block[from]) / (QUANTISATION[i] ?? 1)),
        );
        const [first = 0] = values;
        putValue(dc, 0, first - (last[c] ?? 0));
        last[c] = first;
        let run = 0;
        for (const value of values.slice(1)) {
          if (value === 0) run++;
          else {
            for (; run > 15; run -= 16) put(...(ac.get(0xf0) ?? [0, 0]));
            putValue(ac, run, value);
            run = 0;
          }
        }
        if (run > 0) put(...(ac.get(0) ?? [0, 0]));
      });
    }
  }
  if (bits > 0) put(0x7f, 8 - bits);

  const note = latin("SPECIMEN. Drawn by the Passdesk sandbox; no such person, no such document.");
  return joined(
    [0xff, 0xd8],
    segment(0xe0, [...latin("JFIF\0"), 1, 1, 0, 0, 1, 0, 1, 0, 0]),
    segment(0xfe, note),
    segment(0xdb, [0, ...QUANTISATION]),
    segment(0xc0, [8, height >> 8, height & 255, width >> 8, width & 255, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]),
    segment(0xc4, [0x00, ...DC.counts, ...DC.symbols]),
    segment(0xc4, [0x10, ...AC.counts, ...AC.symbols]),
    segment(0xda, [3, 1, 0, 2, 0, 3, 0, 0, 63, 0]),
    Uint8Array.from(scan),
    [0xff, 0xd9],
  );
}
