// @ts-check
// globaliD's public verifications: the three of the text, and thousands of others made from the seed when asked for.

import { hash, seeded } from "./random.js";

/** @typedef {Record<string, string | number | null>} Attestation */

/** The fields that can be filtered on, and how their values compare. @type {Record<string, "text" | "date" | "number">} */
const FIELDS = {
  uuid: "text",
  type: "text",
  attestee: "text",
  attestee_uuid: "text",
  attestor: "text",
  app_uuid: "text",
  created_at: "date",
  updated_at: "date",
  attestor_signed_at: "date",
  attestee_signed_at: "date",
  attestor_signature: "text",
  attestee_signature: "text",
  data_hash: "text",
  public_data: "text",
  public_attestor_note: "text",
  related_attestations: "text",
  revocation_time: "date",
  sig_version: "number",
  tracking_id: "text",
};

/** @type {readonly { type: string, attestor: string, publicData?: readonly string[], note?: string }[]} */
const KINDS = [
  { type: "phone_number", attestor: "twilio", publicData: ["USA", "GBR", "PRT", "DEU", "FRA", "NGA", "IND", "BRA"] },
  { type: "email", attestor: "mandrill" },
  { type: "facebook", attestor: "facebook" },
  {
    type: "government_id",
    attestor: "idcheck",
    publicData: ["USA", "GBR", "PRT", "DEU"],
    note: "Document seen in person",
  },
  { type: "bank_account", attestor: "openbank", publicData: ["verified"] },
  { type: "address", attestor: "idcheck", publicData: ["Lisbon", "London", "Chicago", "Berlin"] },
  { type: "meetup", attestor: "neighbours", note: "Met at a community evening" },
];
/** The text's table, in its order. */
const JOHN_SMITH = [
  { at: "2019-01-19T11:26:52.000Z", type: "phone_number", attestor: "twilio", publicData: "USA" },
  { at: "2019-01-19T12:03:40.000Z", type: "email", attestor: "mandrill", publicData: "" },
  { at: "2019-01-19T12:08:28.000Z", type: "facebook", attestor: "facebook", publicData: "" },
];
const FIRST = [
  "ada",
  "bruno",
  "chidi",
  "dara",
  "elif",
  "femi",
  "greta",
  "hugo",
  "ines",
  "jun",
  "kofi",
  "lena",
  "mila",
  "noor",
  "otto",
  "priya",
];
const SECOND = [
  "river",
  "stone",
  "falcon",
  "maple",
  "harbor",
  "comet",
  "meadow",
  "lantern",
  "orchid",
  "summit",
  "willow",
  "ember",
];
const EPOCH = Date.parse("2019-01-20T00:00:00.000Z");
const STEP_MS = 45 * 60_000;

/**
 * The last list that was made, for the stores to come. It is a pure function of seed and count, and tests make sandboxes
 * by the dozen.
 * @type {{ seed: string, count: number, records: readonly Attestation[] } | undefined}
 */
let kept;

/**
 * @param {string} seed
 * @param {number} count
 */
export function attestationStore(seed, count) {
  /** A store's own, or two that are searched in turn would make theirs anew each time. @type {readonly Attestation[] | undefined} */
  let own;
  const all = () => {
    if (own) return own;
    if (kept?.seed !== seed || kept.count !== count) {
      kept = { seed, count, records: Array.from({ length: count }, (_, i) => attestation(seed, i)) };
    }
    own = kept.records;
    return own;
  };
  return {
    count,
    /** One record; numbers below nought are records that were not there before. @param {number} i */
    one: (i) => attestation(seed, i),
    /** @param {(attestation: Attestation) => boolean} [test] */
    matching: (test) => (test ? all().filter(test) : all()),
  };
}

/** @param {string} seed @param {number} i @returns {Attestation} */
function attestation(seed, i) {
  const random = seeded(`${seed}/attestation/${i}`);
  const told = JOHN_SMITH[i];
  const kind = random.pick(KINDS);
  // About eight verifications to a person, so that a search by name finds a handful.
  const attestee = told ? "johnsmith" : person(seed, random.below(1400));
  const created = told ? Date.parse(told.at) : EPOCH + i * STEP_MS + random.below(STEP_MS);
  const signed = told ? created : created + random.below(600_000);
  const countersigned = signed + (told ? 0 : random.below(86_400_000));
  const publicData = told ? told.publicData : kind.publicData ? random.pick(kind.publicData) : "";
  const revoked = !told && random.below(60) === 0;
  /** @type {Attestation} */
  const record = {
    // The index goes through a permutation, so that no two records of any seed can ever share their uuid.
    uuid: ((Math.imul(i, 0x9e3779b1) ^ hash(seed)) >>> 0).toString(16).padStart(8, "0") + random.uuid().slice(8),
    type: told ? told.type : kind.type,
    attestee,
    attestee_uuid: seeded(`${seed}/attestee/${attestee}`).uuid(),
    attestor: told ? told.attestor : kind.attestor,
    app_uuid: seeded(`${seed}/app/${random.below(5)}`).uuid(),
    created_at: iso(created),
    updated_at: iso(revoked ? countersigned + 86_400_000 * (1 + random.below(90)) : countersigned),
    attestor_signed_at: iso(signed),
    attestee_signed_at: iso(countersigned),
    attestor_signature: random.hex(128),
    attestee_signature: random.hex(128),
    data_hash: random.hex(64),
    public_data: publicData,
    public_attestor_note: told ? "" : (kind.note ?? ""),
    related_attestations: random.below(10) === 0 ? `${random.uuid()},${random.uuid()}` : "",
    revocation_time: null,
    sig_version: 1 + random.below(2),
    tracking_id: random.uuid(),
  };
  if (revoked) record.revocation_time = record.updated_at ?? null;
  // The real service leaves public_data out of some records and empty in others.
  if (publicData === "" && !told && random.below(2) === 0) delete record.public_data;
  return record;
}

/** @param {string} seed @param {number} n */
function person(seed, n) {
  const random = seeded(`${seed}/person/${n}`);
  return `${random.pick(FIRST)}_${random.pick(SECOND)}${n}`;
}

/** @param {number} ms */
const iso = (ms) => new Date(ms).toISOString();

/**
 * The filter that a query asks for: `fieldName=<field><suffix>&fieldValue=<value>` and a plain `uuid=<uuid>`.
 * @param {URLSearchParams} query
 * @returns {{ test?: (attestation: Attestation) => boolean, field?: string, error?: undefined } | { error: string }}
 */
export function filterOf(query) {
  const uuid = query.get("uuid");
  const name = query.get("fieldName");
  const value = query.get("fieldValue");
  /** @type {((attestation: Attestation) => boolean)[]} */
  const tests = [];
  if (uuid !== null) tests.push((attestation) => attestation.uuid === uuid);
  if ((name === null) !== (value === null)) return { error: "fieldName and fieldValue belong together." };
  let field;
  if (name !== null && value !== null) {
    const compared = comparison(name, value);
    if ("error" in compared) return compared;
    tests.push(compared.test);
    field = compared.field;
  }
  return tests.length === 0 ? {} : { field, test: (attestation) => tests.every((test) => test(attestation)) };
}

/** @param {string} name @param {string} value */
function comparison(name, value) {
  const [, stem = "", suffix = ""] = /^(.*?)(gte|lte|gt|lt)?$/.exec(name) ?? [];
  const [field, operator] = Object.hasOwn(FIELDS, name) ? [name, "eq"] : [stem, suffix];
  if (!Object.hasOwn(FIELDS, field)) return { error: "fieldName is not a field that can be filtered on." };
  const key = KEYS[FIELDS[field] ?? "text"];
  const wanted = key(value);
  if (typeof wanted === "number" && Number.isNaN(wanted)) return { error: "fieldValue does not fit the field." };
  return {
    field,
    /** @param {Attestation} attestation */
    test: (attestation) => {
      const own = attestation[field];
      if (own === null || own === undefined) return false;
      const has = key(String(own));
      if (operator === "eq") return has === wanted;
      if (operator === "gt") return has > wanted;
      if (operator === "gte") return has >= wanted;
      return operator === "lt" ? has < wanted : has <= wanted;
    },
  };
}

const ISO = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?)?$/;

/** @type {Record<"text" | "date" | "number", (text: string) => string | number>} */
const KEYS = {
  text: (text) => text,
  number: (text) => (text.trim() === "" ? Number.NaN : Number(text)),
  // The text's dates have no zone; they are meant as UTC, or two readers would get different answers.
  // What is no ISO 8601 is refused, since each engine reads it in its own way; its blank for a T is the text's.
  date: (text) => {
    const [, day, time = "00:00", zone = "Z"] = ISO.exec(text) ?? [];
    return day === undefined ? Number.NaN : Date.parse(`${day}T${time}${zone}`);
  },
};
