// @ts-check
// What a note must not say: values of the record, however they are spelt; and what it may say all the same.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const source = fileURLToPath(new URL("../../www/console/src/components/case/note-check.ts", import.meta.url));
const { outputFiles } = await build({ entryPoints: [source], bundle: true, format: "esm", write: false });
/** @type {{ disclosures(note: string, information?: object): { field: string, words: string }[], tidy(text: string): string, lengthOf(text: string): number }} */
const { disclosures, tidy, lengthOf } = await import(
  `data:text/javascript;base64,${Buffer.from(outputFiles[0]?.contents ?? "").toString("base64")}`
);

const RECORD = {
  issueCountry: "GBR",
  name: "Zoë van der Smith-Ångström",
  email: "zoe.smith@example.com",
  dateOfBirth: "1990-01-05",
  dateOfExpiry: "2031-05-28",
  documentType: "passport",
  documentNumber: "XP437 1069",
  address: "CoaMuXCeNuiFNZIWQoHL32ojbJNmU19Nu6P4z9T1EFAa",
  phoneNumber: "+44 20 7946 0958",
  postalAddress: "12 Harbour Lane, Port Isolde, GB",
  favourites: { colours: ["viridian"], lucky: 48151623 },
};

/** @param {string} note @param {object} [record] */
const found = (note, record = RECORD) => disclosures(note, record).map(({ field, words }) => `${field}: ${words}`);

test("a value of the record is found, and told as it stands in the note", () => {
  for (const [note, expected] of /** @type {const} */ ([
    ["Zoë van der Smith-Ångström wrote to us.", "name: Zoë van der Smith-Ångström"],
    ["ask ZOE again", "name: ZOE"],
    ["Signed “angstrom”, she says.", "name: angstrom"],
    // Decomposed, and in full width.
    ["Zoe\u0308 called", "name: Zoe\u0308"],
    ["Ｓｍｉｔｈ called", "name: Ｓｍｉｔｈ"],
    ["mail zoe.smith@example.com", "email: zoe.smith@example.com"],
    ["mail zoe . smith @ example . com", "email: zoe . smith @ example . com"],
    ["known as zoe_smith", "email: zoe_smith"],
    ["number XP4371069", "documentNumber: XP4371069"],
    ["number xp-437.1069!", "documentNumber: xp-437.1069"],
    ["noXP4371069x", "documentNumber: noXP4371069x"],
    ["born 1990-01-05", "dateOfBirth: 1990-01-05"],
    ["born 05.01.1990", "dateOfBirth: 05.01.1990"],
    ["born 1/5/90", "dateOfBirth: 1/5/90"],
    ["born on the 5th of January 1990", "dateOfBirth: 5th of January 1990"],
    ["born Jan 5, 1990", "dateOfBirth: Jan 5, 1990"],
    ["born 19900105", "dateOfBirth: 19900105"],
    ["the line says 900105", "dateOfBirth: 900105"],
    ["until 28 May 2031", "dateOfExpiry: 28 May 2031"],
    ["wallet coamuxcenuifnziwqohl32ojbjnmu19nu6p4z9t1efaa", "address: coamuxcenuifnziwqohl32ojbjnmu19nu6p4z9t1efaa"],
    ["call 020 7946 0958", "phoneNumber: 7946 0958"],
    ["call 0044-20-79460958", "phoneNumber: 0044-20-79460958"],
    ["lives at 12 harbour lane", "postalAddress: 12 harbour lane"],
    ["likes Viridian", "favourites: Viridian"],
    ["says 48151623", "favourites: 48151623"],
  ])) {
    assert.equal(found(note)[0], expected, note);
  }
});

test("each is told once, in the order in which they stand in the note", () => {
  assert.deepEqual(found("XP4371069 belongs to Zoë van der Smith-Ångström, Zoë for short"), [
    "documentNumber: XP4371069",
    "name: Zoë van der Smith-Ångström",
  ]);
  assert.deepEqual(found("Smith, 5 January 1990"), ["name: Smith", "dateOfBirth: 5 January 1990"]);
});

test("what a colleague must be told can be said", () => {
  for (const note of [
    "",
    "The photo's lower edge looks lifted; compare with the passport's other side.",
    "The GBR passport expired, the name differs from the document, the birth date too.",
    "Seen on 2026-11-22 at 10:05, 3 of 12 letters do not match, 90 % sure.",
    "May be a smithy's invoice, not an official document.",
    "Ask the second line, ticket 437-106.",
    "Born in another year than he says; 1990s font.",
    "Der van-Stempel fehlt.",
    "A blacksmith's stamp; lane markings; harboured doubts.",
  ]) {
    assert.deepEqual(found(note), [], note);
  }
});

test("scripts without spaces, and other letters", () => {
  assert.deepEqual(found("这是王小明的护照", { name: "王小明" }), ["name: 这是王小明的护照"]);
  assert.deepEqual(found("照片不清楚", { name: "王小明" }), []);
  assert.deepEqual(found("Звонила Ольга.", { name: "Ольга Петрова" }), ["name: Ольга"]);
  assert.deepEqual(found("STRASSE und oerk", { name: "Jörg Straße" }), ["name: STRASSE"]);
  assert.deepEqual(found("Lukasz called", { name: "Łukasz Ek" }), ["name: Lukasz"]);
});

test("no record is no reason to fail, whatever is in it", () => {
  assert.deepEqual(disclosures("anything", undefined), []);
  const odd = { a: null, b: true, c: [], d: {}, e: "", f: "-", g: 7, h: "ab", i: [null, ["deep-value"]] };
  assert.deepEqual(found("a b - 7 ab true null", odd), []);
  assert.deepEqual(found("a deep value", odd), ["i: deep value"]);
});

test("what a paste brings along unseen is no part of a note", () => {
  assert.equal(tidy("  one\ttwo\r\nthree\u2028four\u200b\u202e\u0007 \n"), "one two\nthree\nfour");
  // What joins an emoji or the letters of some scripts stays.
  assert.equal(tidy("👩‍🔬 می‌خواهم"), "👩‍🔬 می‌خواهم");
  assert.equal(tidy("half \ud83d a sign"), "half  a sign");
  assert.deepEqual(found(tidy("Smi\u200bth")), ["name: Smith"]);
  assert.equal(lengthOf("🔍".repeat(3)), 3);
});
