// @ts-check
// A small canvas: shapes are signed distances (negative inside), painted with soft edges on opaque RGB.

/** @typedef {[red: number, green: number, blue: number]} Colour */
/** @typedef {(x: number, y: number) => number} Distance */

export class Canvas {
  /** @param {number} width @param {number} height @param {Colour} colour */
  constructor(width, height, colour) {
    this.width = width;
    this.height = height;
    this.rgb = new Uint8Array(width * height * 3);
    for (let i = 0; i < this.rgb.length; i += 3) this.rgb.set(colour, i);
  }

  /** @param {number} x @param {number} y @param {Colour} colour @param {number} alpha */
  blend(x, y, [red, green, blue], alpha) {
    const i = (y * this.width + x) * 3;
    const { rgb } = this;
    rgb[i] = mix(rgb[i], red, alpha);
    rgb[i + 1] = mix(rgb[i + 1], green, alpha);
    rgb[i + 2] = mix(rgb[i + 2], blue, alpha);
  }

  /**
   * Paints a shape inside a box; `colour` may depend on the place.
   * @param {{ x: number, y: number, width: number, height: number }} box
   * @param {Distance} distance
   * @param {Colour | ((x: number, y: number) => Colour)} colour
   * @param {number} [alpha]
   */
  paint(box, distance, colour, alpha = 1) {
    const right = Math.min(this.width, Math.ceil(box.x + box.width));
    const bottom = Math.min(this.height, Math.ceil(box.y + box.height));
    for (let y = Math.max(0, Math.floor(box.y)); y < bottom; y++) {
      for (let x = Math.max(0, Math.floor(box.x)); x < right; x++) {
        const cover = 0.5 - distance(x + 0.5, y + 0.5);
        if (cover > 0)
          this.blend(x, y, typeof colour === "function" ? colour(x, y) : colour, Math.min(1, cover) * alpha);
      }
    }
  }

  /** The same picture at half the size. */
  half() {
    const small = new Canvas(this.width >> 1, this.height >> 1, [0, 0, 0]);
    const row = this.width * 3;
    for (let y = 0; y < small.height; y++) {
      for (let x = 0; x < small.width * 3; x++) {
        const from = y * 2 * row + (x - (x % 3)) * 2 + (x % 3);
        const sum =
          at(this.rgb, from) + at(this.rgb, from + 3) + at(this.rgb, from + row) + at(this.rgb, from + row + 3);
        small.rgb[y * small.width * 3 + x] = (sum + 2) >> 2;
      }
    }
    return small;
  }
}

/** @param {Uint8Array} bytes @param {number} index */
const at = (bytes, index) => bytes[index] ?? 0;

/** @param {number | undefined} from @param {number} to @param {number} part */
const mix = (from, to, part) => Math.round((from ?? 0) + (to - (from ?? 0)) * part);

/**
 * A colour between two others.
 * @param {Colour} from @param {Colour} to @param {number} part @returns {Colour}
 */
export const between = (from, to, part) => [
  mix(from[0], to[0], part),
  mix(from[1], to[1], part),
  mix(from[2], to[2], part),
];

/**
 * @param {{ x: number, y: number, width: number, height: number }} box @param {number} radius @returns {Distance}
 */
export function roundedBox({ x, y, width, height }, radius) {
  const [cx, cy, hx, hy] = [x + width / 2, y + height / 2, width / 2 - radius, height / 2 - radius];
  return (px, py) => {
    const dx = Math.abs(px - cx) - hx;
    const dy = Math.abs(py - cy) - hy;
    return Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - radius;
  };
}

/** @param {number} cx @param {number} cy @param {number} rx @param {number} ry @returns {Distance} */
export function ellipse(cx, cy, rx, ry) {
  return (px, py) => {
    const [kx, ky] = [(px - cx) / rx, (py - cy) / ry];
    const k = Math.hypot(kx, ky);
    // The gradient's length scales the implicit form to pixels, which keeps the edge equally soft all around.
    return k === 0 ? -Math.min(rx, ry) : (k * (k - 1)) / Math.hypot(kx / rx, ky / ry);
  };
}

/**
 * Strokes between points.
 * @param {readonly (readonly [number, number, number, number])[]} segments @param {number} thickness @returns {Distance}
 */
export function strokes(segments, thickness) {
  return (px, py) => {
    let nearest = Number.POSITIVE_INFINITY;
    for (const [x1, y1, x2, y2] of segments) {
      const [dx, dy] = [x2 - x1, y2 - y1];
      const along = Math.max(0, Math.min(1, ((px - x1) * dx + (py - y1) * dy) / (dx * dx + dy * dy || 1)));
      nearest = Math.min(nearest, Math.hypot(px - x1 - along * dx, py - y1 - along * dy));
    }
    return nearest - thickness / 2;
  };
}
