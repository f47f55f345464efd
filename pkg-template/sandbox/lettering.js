// @ts-check
// The specimens' own capitals, drawn as strokes: each glyph is a list of lines on a grid of 7 by 10 points,
// a point being two digits (x from 0 to 6, y from 0 to 9, downwards). Strokes stay sharp at any size and angle.

import { strokes } from "./canvas.js";

/** @type {Record<string, string>} */
const GLYPHS = {
  A: "093069|1656",
  B: "09004051534404|4465685909",
  C: "6150100108195968",
  D: "09004062674909",
  E: "60000969|0444",
  F: "600009|0444",
  G: "61501001081959686535",
  H: "0009|6069|0464",
  I: "1050|3039|1959",
  J: "606859190807",
  K: "0009|6005|2369",
  L: "000969",
  M: "0900356069",
  N: "09006960",
  O: "105061685919080110",
  P: "09005061645505",
  Q: "105061685919080110|3669",
  R: "09005061645505|3569",
  S: "615010010314546568591908",
  T: "0060|3039",
  U: "000819596860",
  V: "003960",
  W: "0019345960",
  X: "0069|6009",
  Y: "003460|3439",
  Z: "00600969",
  0: "105061685919080110|4227",
  1: "123039|1959",
  2: "01105061630969",
  3: "01105061635424|546568591908",
  4: "49400666",
  5: "600004546568591908",
  6: "50200208195968655404",
  7: "006029",
  8: "14030110506163541405081959686554",
  9: "19496761501001041565",
  "<": "511559",
  "-": "1555",
  ".": "3939",
  ",": "3829",
  "/": "0960",
  ":": "3333|3838",
  "'": "3032",
  "+": "1555|3337",
  "(": "40313849",
  ")": "20313829",
  _: "0969",
  "@": "59190801105061664643232646",
  "?": "01105061633536|3939",
  " ": "",
};
/** What has no glyph is shown as an empty box, as any printer would. */
const MISSING = "0060690900";

const WIDTH = 6;
const HEIGHT = 9;
const ADVANCE = 9;

/**
 * What the lettering can print of a text: capitals, accents dropped.
 * @param {string} text
 */
export const printable = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toUpperCase();

/**
 * The width of a text whose capitals are `size` high.
 * @param {string} text @param {number} size
 */
export const widthOf = (text, size) => ((printable(text).length * ADVANCE - (ADVANCE - WIDTH)) * size) / HEIGHT;

/**
 * Writes a text; `x` and `y` are the top left of its first letter, `angle` (radians) turns it about that point.
 * @param {import("./canvas.js").Canvas} canvas
 * @param {string} text
 * @param {object} style
 * @param {number} style.x
 * @param {number} style.y
 * @param {number} style.size the height of a capital
 * @param {import("./canvas.js").Colour} style.colour
 * @param {number} [style.weight] the stroke's thickness
 * @param {number} [style.alpha]
 * @param {number} [style.angle]
 */
export function write(canvas, text, { x, y, size, colour, weight = size / 7, alpha = 1, angle = 0 }) {
  const unit = size / HEIGHT;
  const [cos, sin] = [Math.cos(angle) * unit, Math.sin(angle) * unit];
  let left = 0;
  for (const character of printable(text)) {
    /** @type {[number, number, number, number][]} */
    const segments = [];
    for (const line of (GLYPHS[character] ?? MISSING).split("|")) {
      /** @type {[number, number][]} */
      const points = [];
      for (let i = 0; i + 1 < line.length; i += 2) {
        const [gx, gy] = [left + Number(line[i]), Number(line[i + 1])];
        points.push([x + gx * cos - gy * sin, y + gx * sin + gy * cos]);
      }
      points.forEach(([px, py], i) => {
        const [qx, qy] = points[i + 1] ?? [px, py];
        if (i + 1 < points.length) segments.push([px, py, qx, qy]);
      });
    }
    left += ADVANCE;
    if (segments.length === 0) continue;
    const xs = segments.flatMap(([x1, , x2]) => [x1, x2]);
    const ys = segments.flatMap(([, y1, , y2]) => [y1, y2]);
    const edge = weight / 2 + 1;
    const box = { x: Math.min(...xs) - edge, y: Math.min(...ys) - edge, width: 0, height: 0 };
    box.width = Math.max(...xs) + edge - box.x;
    box.height = Math.max(...ys) + edge - box.y;
    canvas.paint(box, strokes(segments, weight), colour, alpha);
  }
}
