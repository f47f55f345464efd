import assert from "node:assert/strict";
import { test } from "node:test";
import { createSandbox } from "passdesk/sandbox";
import { decodeGif, decodeJpegMeans, decodePng, decodeWebp, means } from "./decoders.mjs";

const sandbox = createSandbox();

/** @param {string} id @param {string} [rel] */
async function evidence(id, rel = "idDocumentFront") {
  const headers = { authorization: `Bearer ${await sandbox.issueToken()}` };
  const response = await sandbox.fetch(`https://api.civic.com/partner/piirequest/${id}/evidence/${rel}`, { headers });
  assert.equal(response.status, 200);
  return { type: response.headers.get("content-type"), bytes: Buffer.from(await response.arrayBuffer()) };
}

/** How far two pictures are apart, on average, in steps of 256. */
function distance(one, other) {
  assert.deepEqual([one.width, one.height], [other.width, other.height]);
  return one.rgb.reduce((sum, value, i) => sum + Math.abs(value - other.rgb[i]), 0) / one.rgb.length;
}

/** The part of pixels that are plainly red ink, as the word SPECIMEN is. */
function redness({ rgb }) {
  let red = 0;
  for (let i = 0; i < rgb.length; i += 3) if (rgb[i] - rgb[i + 1] > 30 && rgb[i] - rgb[i + 2] > 20) red++;
  return red / (rgb.length / 3);
}

test("a passport and both sides of a card are valid pictures, plainly marked", async () => {
  const pictures = [];
  for (const [id, rel] of [
    ["abc123", "idDocumentFront"],
    ["abc123", "idDocumentBack"],
    ["id-card", "idDocumentFront"],
    ["id-card", "idDocumentBack"],
  ]) {
    const { type, bytes } = await evidence(id, rel);
    assert.equal(type, "image/png");
    const picture = decodePng(bytes);
    assert.deepEqual([picture.width, picture.height], [640, 400]);
    assert.ok(bytes.includes("SPECIMEN"), "the comment says what it is");
    assert.ok(redness(picture) > 0.04, `${id} ${rel}: ${redness(picture)}`);
    for (const other of pictures) assert.ok(distance(picture, other) > 1, "each is another picture");
    pictures.push(picture);
  }
});

test("a record always gives the same picture, another record another one", async () => {
  const first = await evidence("person-0001");
  const same = await evidence("person-0001~copy_1");
  const other = await evidence("person-0002");
  assert.ok(first.bytes.equals(same.bytes));
  assert.ok(!first.bytes.equals(other.bytes));
});

test("GIF, WebP and JPEG show the card as PNG does", async () => {
  // The same record in each format: only then can they be compared.
  const bodies = {};
  for (const format of ["gif", "webp", "jpeg"]) bodies[format] = (await evidence(`${format}-evidence`)).bytes;
  const gif = decodeGif(bodies.gif);
  const webp = decodeWebp(bodies.webp);
  const jpeg = decodeJpegMeans(bodies.jpeg);
  assert.deepEqual([gif.width, gif.height], [640, 400]);
  assert.deepEqual([webp.width, webp.height], [320, 200]);
  assert.deepEqual([jpeg.width, jpeg.height], [80, 50]);

  const { specimen } = await import(new URL("sandbox/specimen.js", import.meta.resolve("passdesk/sandbox")).href);
  for (const [format, picture, size, apart] of /** @type {const} */ ([
    ["gif", means(gif, 8), 8, 8],
    ["webp", webp, 2, 1],
    ["jpeg", jpeg, 8, 2],
  ])) {
    const headers = { authorization: `Bearer ${await sandbox.issueToken()}` };
    const response = await sandbox.fetch(`https://api.civic.com/partner/piirequest/${format}-evidence`, { headers });
    const canvas = specimen((await response.json()).verifiedInformation, "front");
    assert.ok(distance(picture, means(canvas, size)) < apart, `${format}: ${distance(picture, means(canvas, size))}`);
  }
});

test("the PDF's table of objects leads to its objects, and its picture is a JPEG", async () => {
  const { type, bytes } = await evidence("pdf-evidence");
  assert.equal(type, "application/pdf");
  const text = bytes.toString("latin1");
  assert.ok(text.startsWith("%PDF-1.4\n"));
  assert.ok(text.includes("SPECIMEN"));
  const start = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)[1]);
  assert.equal(text.slice(start, start + 5), "xref\n");
  const offsets = [...text.slice(start).matchAll(/^(\d{10}) 00000 n $/gm)].map(([, offset]) => Number(offset));
  assert.equal(offsets.length, 6);
  offsets.forEach((offset, i) => {
    assert.ok(text.startsWith(`${i + 1} 0 obj\n`, offset), `object ${i + 1}`);
  });
  const [, length] = /DCTDecode \/Length (\d+)/.exec(text);
  const at = text.indexOf("stream\n", offsets[5]) + 7;
  decodeJpegMeans(bytes.subarray(at, at + Number(length)));
  assert.ok(text.startsWith("\nendstream", at + Number(length)));
});

test("the HEIC is a header that says so", async () => {
  const { type, bytes } = await evidence("heic-evidence");
  assert.equal(type, "image/heic");
  assert.equal(bytes.toString("latin1", 4, 12), "ftypheic");
  let at = 0;
  const boxes = [];
  for (; at < bytes.length; at += bytes.readUInt32BE(at)) boxes.push(bytes.toString("latin1", at + 4, at + 8));
  assert.equal(at, bytes.length);
  assert.deepEqual(boxes, ["ftyp", "meta", "free"]);
});

test("evidence that is no picture, or another one, is what its name says", async () => {
  assert.match((await evidence("svg-evidence")).bytes.toString(), /^<svg.*<script>/s);
  assert.equal((await evidence("svg-evidence")).type, "image/svg+xml");
  const page = await evidence("html-evidence");
  assert.deepEqual([page.type, page.bytes.toString().slice(0, 15)], ["image/png", "<!doctype html>"]);
  const broken = await evidence("broken-image");
  assert.equal(broken.type, "image/jpeg");
  assert.notEqual(broken.bytes.readUInt16BE(0), 0xffd8);
  assert.equal((await evidence("empty-image")).bytes.length, 0);
  const mislabelled = await evidence("mislabelled-image");
  assert.equal(mislabelled.type, "image/jpeg");
  decodePng(mislabelled.bytes);
});

test("the large files are valid to the last byte, on either side of 20 MiB", async () => {
  for (const [id, over] of /** @type {const} */ ([
    ["big-image", false],
    ["large-image", true],
  ])) {
    const { bytes } = await evidence(id);
    assert.equal(bytes.length > 20 * 1024 * 1024, over);
    assert.ok(Math.abs(bytes.length - 20 * 1024 * 1024) < 2048);
    assert.deepEqual(decodePng(bytes).chunks, ["IHDR", "tEXt", "IDAT", "paDd", "IEND"]);
  }
});
