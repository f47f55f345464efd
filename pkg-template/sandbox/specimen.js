// @ts-check
// Specimen documents: invented cards, drawn from a record and plainly marked as specimens.

import { between, Canvas, ellipse, roundedBox, strokes } from "./canvas.js";
import { printable, widthOf, write } from "./lettering.js";
import { hash } from "./random.js";

/** @typedef {import("./canvas.js").Colour} Colour */
/** @typedef {Record<string, unknown>} Information verifiedInformation */

const WIDTH = 640;
const HEIGHT = 400;
const CARD = { x: 12, y: 12, width: WIDTH - 24, height: HEIGHT - 24 };
const INK = /** @type {Colour} */ ([32, 38, 52]);
const RED = /** @type {Colour} */ ([190, 24, 40]);
/** Header and paper colours: a country always gets the same pair. @type {readonly [Colour, Colour][]} */
const LIVERIES = [
  [
    [28, 60, 110],
    [222, 232, 242],
  ],
  [
    [110, 32, 48],
    [243, 228, 226],
  ],
  [
    [22, 92, 78],
    [222, 240, 232],
  ],
  [
    [84, 52, 116],
    [234, 226, 243],
  ],
  [
    [120, 80, 20],
    [245, 236, 216],
  ],
  [
    [40, 84, 130],
    [226, 238, 240],
  ],
];
/** @type {Record<string, { title: string, code: string }>} */
const KINDS = {
  passport: { title: "Passport", code: "P" },
  id_card: { title: "Identity card", code: "I" },
  driving_licence: { title: "Driving licence", code: "D" },
  residence_permit: { title: "Residence permit", code: "R" },
};

/**
 * One side of the document that belongs to a record.
 * @param {Information} information
 * @param {"front" | "back"} side
 */
export function specimen(information, side) {
  /** @param {string} field */
  const value = (field) => (typeof information[field] === "string" ? /** @type {string} */ (information[field]) : "");
  const kind = KINDS[value("documentType")] ?? { title: "Document", code: "X" };
  const country = value("issueCountry") || "XXX";
  const [ink, paper] = /** @type {[Colour, Colour]} */ (LIVERIES[hash(country) % LIVERIES.length]);
  const canvas = new Canvas(WIDTH, HEIGHT, [203, 208, 214]);
  background(canvas, ink, paper, hash(country + kind.code));
  header(canvas, ink, country, side === "front" ? kind.title : `${kind.title} - reverse`);
  if (side === "front") front(canvas, ink, { kind, country, value });
  else back(canvas, ink, value);
  machineReadable(canvas, mrz(kind.code, country, value));
  overlay(canvas);
  return canvas;
}

/** @param {Canvas} canvas @param {Colour} ink @param {Colour} paper @param {number} seed */
function background(canvas, ink, paper, seed) {
  const card = roundedBox(CARD, 22);
  // A soft shadow lifts the card from the table.
  canvas.paint({ x: 0, y: 0, width: WIDTH, height: HEIGHT }, (x, y) => card(x, y - 3) / 6 - 0.5, [70, 76, 88], 0.35);
  const warm = between(paper, [255, 255, 255], 0.55);
  canvas.paint(CARD, card, (x, y) => between(warm, paper, (x / WIDTH + y / HEIGHT) / 2));
  // Guilloche: two families of waves, the second turned by a quarter, in the manner of security printing.
  const [waves, phase] = [3 + (seed % 4), (seed % 628) / 100];
  canvas.paint(
    CARD,
    (x, y) => {
      const along = Math.sin((x / WIDTH) * waves * Math.PI + phase);
      const first = (y + 26 * along + 9 * Math.sin(x / 21)) / 11;
      const second = (x * 0.35 + y + 22 * Math.sin((y / HEIGHT) * 7 + x / 90 + phase)) / 15;
      const near = Math.min(Math.abs(first - Math.round(first)) * 11, Math.abs(second - Math.round(second)) * 15);
      return Math.max(near - 0.6, card(x, y));
    },
    ink,
    0.1,
  );
  // A rosette behind the fields.
  canvas.paint(
    { x: 330, y: 90, width: 260, height: 220 },
    (x, y) => {
      const [dx, dy] = [x - 462, y - 196];
      const turn = Math.atan2(dy, dx);
      const radius = Math.hypot(dx, dy) / (1 + 0.12 * Math.cos(turn * (7 + (seed % 5))));
      return radius > 100 ? 1 : Math.abs(radius / 6 - Math.round(radius / 6)) * 6 - 0.55;
    },
    ink,
    0.13,
  );
}

/** @param {Canvas} canvas @param {Colour} ink @param {string} country @param {string} title */
function header(canvas, ink, country, title) {
  const card = roundedBox(CARD, 22);
  const band = { ...CARD, height: 52 };
  canvas.paint(
    band,
    (x, y) => Math.max(card(x, y), y - 64),
    (x) => between(ink, [255, 255, 255], x / WIDTH / 4),
  );
  canvas.paint({ ...band, y: 64, height: 4 }, (x, y) => Math.max(card(x, y), 64 - y, y - 67), [214, 178, 92]);
  const white = /** @type {Colour} */ ([255, 255, 255]);
  write(canvas, title, { x: 34, y: 29, size: 18, colour: white, weight: 2.6 });
  const code = printable(country).slice(0, 8);
  write(canvas, code, { x: 606 - widthOf(code, 18), y: 29, size: 18, colour: white, weight: 2.6 });
}

/**
 * @param {Canvas} canvas @param {Colour} ink
 * @param {{ kind: { title: string, code: string }, country: string, value: (field: string) => string }} card
 */
function front(canvas, ink, { kind, country, value }) {
  portrait(canvas, ink, hash(value("name")), { x: 34, y: 84, width: 150, height: 194 });
  const { family, given } = names(value("name"));
  /** @type {[label: string, text: string, x: number, y: number][]} */
  const fields = [
    ["Surname", family, 206, 86],
    ["Given names", given, 206, 128],
    ["Date of birth", value("dateOfBirth"), 206, 170],
    ["Date of expiry", value("dateOfExpiry"), 412, 170],
    ["Document no.", value("documentNumber"), 206, 212],
    ["Issuing country", country, 412, 212],
    ["Type", kind.code, 206, 254],
    ["Authority", "Passdesk sandbox", 300, 254],
  ];
  for (const [label, text, x, y] of fields) field(canvas, ink, label, text, x, y);
}

/** @param {Canvas} canvas @param {Colour} ink @param {(field: string) => string} value */
function back(canvas, ink, value) {
  field(canvas, ink, "Document no.", value("documentNumber"), 40, 88);
  field(canvas, ink, "Date of issue", "See front", 300, 88);
  field(canvas, ink, "Place of birth", "Specimen town", 40, 132);
  field(canvas, ink, "Authority", "Passdesk sandbox", 300, 132);
  // A signature strip and its scrawl.
  const strip = { x: 40, y: 186, width: 360, height: 62 };
  canvas.paint(strip, roundedBox(strip, 6), [255, 255, 255], 0.75);
  const seed = hash(value("name"));
  /** @param {number} t */
  const scrawl = (t) => [
    60 + 310 * t,
    217 + (20 * (1 - t) + 4) * Math.sin(t * (34 + (seed % 9)) + (seed % 7)) * Math.cos(t * 9),
  ];
  const line = Array.from(
    { length: 120 },
    (_, i) => /** @type {[number, number, number, number]} */ ([...scrawl(i / 120), ...scrawl((i + 1) / 120)]),
  );
  canvas.paint(strip, strokes(line, 2.2), [24, 40, 110], 0.85);
  write(canvas, "Holder's signature", { x: 40, y: 256, size: 8, colour: ink, weight: 1.2 });
  // A chip, as cards have it.
  const chip = { x: 470, y: 180, width: 110, height: 84 };
  canvas.paint(chip, roundedBox(chip, 12), (x, y) =>
    between([226, 190, 96], [178, 138, 52], (x - 470 + y - 180) / 194),
  );
  const inner = roundedBox({ x: 503, y: 202, width: 44, height: 40 }, 8);
  canvas.paint(chip, (x, y) => Math.abs(inner(x, y)) - 1, [120, 90, 30], 0.8);
  canvas.paint(
    chip,
    (x, y) =>
      inner(x, y) < 0 || roundedBox(chip, 12)(x, y) > 0
        ? 1
        : Math.min(Math.abs(x - 525), Math.abs(y - 208), Math.abs(y - 236)) - 1,
    [120, 90, 30],
    0.8,
  );
}

/** @param {Canvas} canvas @param {Colour} ink @param {string} label @param {string} text @param {number} x @param {number} y */
function field(canvas, ink, label, text, x, y) {
  write(canvas, label, { x, y, size: 8, colour: ink, weight: 1.2, alpha: 0.85 });
  // A long value shrinks to its place; what still does not fit is cut, as on real cards.
  const room = 606 - x;
  const size = Math.max(9, Math.min(16, (16 * room) / Math.max(room, widthOf(text, 16))));
  const cut = [...text].slice(0, Math.floor(room / size)).join("");
  write(canvas, cut || "-", { x, y: y + 14, size, colour: INK, weight: size / 6.5 });
}

/**
 * A silhouette, never a face.
 * @param {Canvas} canvas @param {Colour} ink @param {number} seed @param {typeof CARD} box
 */
function portrait(canvas, ink, seed, box) {
  const frame = roundedBox(box, 8);
  const [top, bottom] = [between(ink, [255, 255, 255], 0.86), between(ink, [255, 255, 255], 0.62)];
  canvas.paint(box, frame, (_, y) => between(top, bottom, (y - box.y) / box.height));
  const centre = box.x + box.width / 2;
  const figure = between(ink, [90, 100, 116], 0.45);
  const shoulders = ellipse(centre, box.y + box.height + 16, 66 + (seed % 8), 78);
  const head = ellipse(centre, box.y + 82, 32 + (seed % 5), 42);
  const neck = roundedBox({ x: centre - 15, y: box.y + 104, width: 30, height: 50 }, 10);
  const hair = seed % 3 === 0 ? ellipse(centre, box.y + 84, 46, 58) : ellipse(centre, box.y + 66, 38 + (seed % 6), 34);
  const shade = between(figure, INK, 0.35);
  canvas.paint(
    box,
    (x, y) => Math.max(frame(x, y), hair(x, y), seed % 3 === 0 ? y - box.y - 140 : y - box.y - 76),
    shade,
  );
  canvas.paint(box, (x, y) => Math.max(frame(x, y), Math.min(shoulders(x, y), neck(x, y), head(x, y))), figure);
  const fringe = ellipse(centre, box.y + 54, 36 + (seed % 6), 22);
  canvas.paint(box, (x, y) => Math.max(frame(x, y), fringe(x, y)), shade);
  canvas.paint(box, (x, y) => Math.abs(frame(x, y) + 1) - 1, ink, 0.7);
  write(canvas, "Specimen", {
    x: box.x + 24,
    y: box.y + box.height - 20,
    size: 12,
    colour: [255, 255, 255],
    weight: 2,
  });
}

/** @param {Canvas} canvas @param {readonly string[]} lines */
function machineReadable(canvas, lines) {
  const card = roundedBox(CARD, 22);
  const zone = { ...CARD, y: 306, height: 82 };
  canvas.paint(zone, (x, y) => Math.max(card(x, y), 306 - y), [252, 252, 250], 0.88);
  // 44 characters must fit between the margins, and 30 must not look lost.
  const size = lines.length > 2 ? 13 : 12;
  lines.forEach((line, i) => {
    const y = 318 + i * (lines.length > 2 ? 22 : 28) + (lines.length > 2 ? 0 : 6);
    write(canvas, line, { x: 34, y, size, colour: INK, weight: 1.9 });
  });
}

/** @param {Canvas} canvas */
function overlay(canvas) {
  const angle = -0.42;
  write(canvas, "SPECIMEN", { x: 86, y: 262, size: 66, colour: RED, weight: 11, alpha: 0.3, angle });
  write(canvas, "Drawn by a sandbox. No such person, no such document.", {
    x: 118,
    y: 294,
    size: 7,
    colour: RED,
    weight: 1.1,
  });
}

/** @param {string} name the last word is taken for the surname, as the record has one field only */
function names(name) {
  const words = name.split(/\s+/).filter(Boolean);
  return { family: words.at(-1) ?? "", given: words.slice(0, -1).join(" ") };
}

/**
 * Lines in the manner of a machine-readable zone (ICAO 9303), check digits included.
 * @param {string} code @param {string} country @param {(field: string) => string} value
 */
function mrz(code, country, value) {
  /** @param {string} text @param {number} length */
  const fill = (text, length) =>
    printable(text)
      .replace(/[^A-Z0-9]/g, "<")
      .slice(0, length)
      .padEnd(length, "<");
  /** @param {string} text */
  const check = (text) => {
    let sum = 0;
    [...text].forEach((character, i) => {
      const weight = [7, 3, 1][i % 3] ?? 0;
      sum += weight * (character === "<" ? 0 : Number.parseInt(character, 36));
    });
    return String(sum % 10);
  };
  const { family, given } = names(value("name"));
  const holder = `${fill(family, family.length)}<<${given}`;
  const number = fill(value("documentNumber"), 9);
  const birth = fill(value("dateOfBirth").replaceAll("-", "").slice(2), 6);
  const expiry = fill(value("dateOfExpiry").replaceAll("-", "").slice(2), 6);
  const dates = `${birth}${check(birth)}<${expiry}${check(expiry)}`;
  if (code === "P") {
    const second = `${number}${check(number)}${fill(country, 3)}${dates}<<<<<<<<<<<<<<0`;
    return [fill(`P<${fill(country, 3)}${holder}`, 44), second + check(second)];
  }
  return [
    fill(`${code}<${fill(country, 3)}${number}${check(number)}`, 30),
    fill(`${dates}${fill(country, 3)}`, 29) + check(dates),
    fill(holder, 30),
  ];
}
