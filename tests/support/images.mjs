// @ts-check
// The first bytes of each kind of evidence, and of things that are none. Bytes, not pictures: the client never decodes them.

/** @param {(string | number)[]} parts */
export const bytes = (...parts) =>
  Uint8Array.from(
    parts.flatMap((part) => (typeof part === "number" ? [part] : [...part].map((char) => char.charCodeAt(0)))),
  );

/** @param {Uint8Array} array */
export const base64 = (array) => btoa(Array.from(array, (byte) => String.fromCharCode(byte)).join(""));

const REST = "the rest of the image, which nobody reads ".repeat(4);
/** An ISO base media file opens with a box: size, `ftyp`, brand. @param {string} brand @param {string} [others] */
const ftyp = (brand, others = "") => bytes(0, 0, 0, 16 + others.length, "ftyp", brand, 0, 0, 0, 0, others, REST);

/** @type {[string, Uint8Array][]} content type and bytes */
export const EVIDENCE = [
  ["image/jpeg", bytes(0xff, 0xd8, 0xff, 0xe0, 0, 16, "JFIF", 0, REST)],
  ["image/jpeg", bytes(0xff, 0xd8, 0xff, 0xe1, 0, 16, "Exif", 0, REST)],
  ["image/png", bytes(0x89, "PNG\r\n", 0x1a, "\n", 0, 0, 0, 13, "IHDR", REST)],
  ["image/webp", bytes("RIFF", 0x24, 0, 0, 0, "WEBPVP8 ", REST)],
  ["image/gif", bytes("GIF89a", 1, 0, 1, 0, REST)],
  ["image/gif", bytes("GIF87a", 1, 0, 1, 0, REST)],
  ["image/heic", ftyp("heic")],
  ["image/heic", ftyp("heix")],
  ["image/heif", ftyp("mif1")],
  ["application/pdf", bytes("%PDF-1.7\n%", REST)],
];

/** @type {[string, Uint8Array][]} what it is, and bytes that are no evidence */
export const IMPOSTORS = [
  ["html", bytes("<!doctype html><script>alert(1)</script>", REST)],
  ["svg", bytes('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', REST)],
  ["svg after a prologue", bytes('<?xml version="1.0"?>\n<svg/>', REST)],
  ["html after spaces", bytes("   \n<html>", REST)],
  ["text", bytes("GIF is what I am, believe me. ", REST)],
  ["a WAVE in RIFF", bytes("RIFF", 0x24, 0, 0, 0, "WAVEfmt ", REST)],
  ["an MP4", ftyp("isom")],
  ["an AVIF", ftyp("avif")],
  ["half a PNG signature", bytes(0x89, "PNG\r\r", 0x1a, "\n", REST)],
  ["two bytes of a JPEG", bytes(0xff, 0xd8)],
  ["zip", bytes("PK", 3, 4, REST)],
  ["a PDF after HTML", bytes("<html><!--%PDF-1.7-->", REST)],
  ["nothing", bytes()],
];

/** A PNG (by its first bytes) of this size. @param {number} size */
export function png(size) {
  const array = new Uint8Array(size);
  array.set(bytes(0x89, "PNG\r\n", 0x1a, "\n", 0, 0, 0, 13, "IHDR"));
  return array;
}
