// @ts-check
// Seeded numbers. The sandbox never asks the platform for chance: the same seed gives the same people,
// documents and attestations in every runtime, and workerd forbids random numbers at module scope anyway.

/**
 * A 32-bit hash of a text (FNV-1a with a final avalanche, so that near texts give far numbers).
 * @param {string} text
 * @returns {number}
 */
export function hash(text) {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * A small seeded generator (mulberry32).
 * @param {string} seed
 */
export function seeded(seed) {
  let state = hash(seed);
  /** A whole number of 32 bits. */
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
  return {
    next,
    /** A whole number from 0 to `limit - 1`. @param {number} limit */
    below: (limit) => Math.floor((next() / 0x1_0000_0000) * limit),
    /** One of the entries. @template T @param {readonly T[]} entries @returns {T} */
    pick: (entries) => /** @type {T} */ (entries[Math.floor((next() / 0x1_0000_0000) * entries.length)]),
    /** `digits` hexadecimal digits, a multiple of eight. @param {number} digits */
    hex: (digits) => {
      let text = "";
      while (text.length < digits) text += next().toString(16).padStart(8, "0");
      return text;
    },
    /** `length` characters of an alphabet. @param {string} alphabet @param {number} length */
    text: (alphabet, length) => {
      let text = "";
      while (text.length < length) text += alphabet[next() % alphabet.length];
      return text;
    },
    /** A UUID of version 4 in form. */
    uuid: () => {
      let h = "";
      while (h.length < 32) h += next().toString(16).padStart(8, "0");
      const variant = "89ab"[parseInt(h.slice(16, 17), 16) & 3];
      return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-${variant}${h.slice(17, 20)}-${h.slice(20)}`;
    },
  };
}

/** @typedef {ReturnType<typeof seeded>} Seeded */
