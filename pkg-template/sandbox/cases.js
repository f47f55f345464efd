// @ts-check
// The requests that the sandbox knows, each named after what is special about it.

import { seeded } from "./random.js";

/**
 * @typedef {"png" | "jpeg" | "gif" | "webp" | "heic" | "pdf"} Format
 * @typedef {object} Evidence one file: either drawn, or given
 * @property {"front" | "back"} [side] which side of the specimen is drawn
 * @property {Format} [format] "png" where nothing is said
 * @property {string} [contentType] what the answer's header claims, where that is not the truth
 * @property {string | Uint8Array} [body] a given file
 * @property {number} [size] the exact size of a PNG that is filled up to it
 * @property {number} [slowMs] how long the body takes
 *
 * @typedef {object} Link
 * @property {string} rel
 * @property {string} href
 *
 * @typedef {object} Places where links can lead
 * @property {string} self the request itself, without a trailing slash
 * @property {string} origin
 * @property {string} elsewhere
 * @property {string} id
 *
 * @typedef {Record<string, unknown>} Information
 *
 * @typedef {object} Case
 * @property {string} id
 * @property {string} description
 * @property {string} type
 * @property {string} status
 * @property {(today: string) => Information} [information] absent where no PII can be had
 * @property {Record<string, Evidence>} evidence by rel
 * @property {(places: Places) => Link[]} [links] links besides the evidence's own
 * @property {Record<string, unknown>} [unknown] further fields of the record
 */

const WITH_DOCUMENT = "gatekeeperProofOfIdentityWithIdDocument-v3";
const WITH_EMAIL = "gatekeeperProofOfEmail-v1";

/** The text's own example, to the letter. */
const JOHN_SMITH = {
  issueCountry: "GBR",
  name: "John Smith",
  email: "john@example.com",
  dateOfBirth: "1990-01-01",
  dateOfExpiry: "2031-05-28",
  documentType: "passport",
  documentNumber: "999999999",
  address: "CoaMuXCeNuiFNZIWQoHL32ojbJNmU19Nu6P4z9T1EFAa",
  accountId: "did:sol:CoaMuXCeNuiFNZIWQoHL32ojbJNmU19Nu6P4z9T1EFAa",
};

const FRONT = { idDocumentFront: { side: /** @type {const} */ ("front") } };
const BOTH = { ...FRONT, idDocumentBack: { side: /** @type {const} */ ("back") } };

const GIVEN = [
  "Maria",
  "Jürgen",
  "Ana",
  "Kwame",
  "Léa",
  "Tomás",
  "Ingrid",
  "Yusuf",
  "Chloe",
  "Rafael",
  "Zofia",
  "Anders",
  "Leila",
  "Oscar",
  "Nadia",
];
const FAMILY = [
  "Costa",
  "Müller",
  "Mensah",
  "Dubois",
  "Novak",
  "Larsen",
  "Kaya",
  "Okafor",
  "Silva",
  "Rossi",
  "Berg",
  "Haddad",
  "Quinn",
  "Vega",
];
const COUNTRIES = ["GBR", "PRT", "DEU", "FRA", "ESP", "POL", "NOR", "TUR", "NGA", "BRA", "ITA", "SWE"];
const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/**
 * An invented person with a good document, always the same for a name.
 * @param {string} seed
 * @param {string} documentType
 * @returns {Information & { address: string }}
 */
function person(seed, documentType) {
  const random = seeded(`person/${seed}`);
  const [given, family] = [random.pick(GIVEN), random.pick(FAMILY)];
  const plain = `${given}.${family}`.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  /** @param {number} number */
  const two = (number) => String(number).padStart(2, "0");
  const address = random.text(BASE58, 44);
  return {
    issueCountry: random.pick(COUNTRIES),
    name: `${given} ${family}`,
    email: `${plain}@example.com`,
    dateOfBirth: `${1955 + random.below(48)}-${two(1 + random.below(12))}-${two(1 + random.below(28))}`,
    dateOfExpiry: `${2029 + random.below(7)}-${two(1 + random.below(12))}-${two(1 + random.below(28))}`,
    documentType,
    documentNumber: random.text("ABCDEFGHJKLMNPRSTUVWXYZ", 2) + random.text("0123456789", 7),
    address,
    accountId: `did:sol:${address}`,
  };
}

/** The day that lies so many years and days from another. @param {string} today @param {number} years @param {number} [days] */
function dayFrom(today, years, days = 0) {
  const date = new Date(`${today}T00:00:00.000Z`);
  date.setUTCDate(date.getUTCDate() + days);
  const year = date.getUTCFullYear() + years;
  date.setUTCFullYear(year);
  return date.toISOString().slice(0, 10);
}

/**
 * @param {string} id
 * @param {string} description
 * @param {Partial<Omit<Case, "information">> & { documentType?: string, change?: Information | ((today: string) => Information), omit?: string[] }} [special]
 * @returns {Case}
 */
function good(id, description, { documentType = "passport", change = {}, omit = [], ...rest } = {}) {
  return {
    id,
    description,
    type: WITH_DOCUMENT,
    status: "verification-success",
    evidence: documentType === "passport" ? FRONT : BOTH,
    information: (today) => {
      const information = { ...person(id, documentType), ...(typeof change === "function" ? change(today) : change) };
      for (const field of omit) delete information[field];
      return information;
    },
    ...rest,
  };
}

/** @param {string} id @param {string} description @param {string} status @returns {Case} */
function without(id, description, status) {
  return { id, description, type: WITH_DOCUMENT, status, evidence: {} };
}

const SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="320" height="200"><rect width="320" height="200" fill="#fee"/>
<text x="40" y="110" font-size="36">SPECIMEN</text><script>document.title = "script ran"</script></svg>`;
const HTML = `<!doctype html><title>Specimen</title><h1>SPECIMEN</h1><script>document.title = "script ran"</script>`;
const MIB = 1024 * 1024;

/** @param {string} id @param {string} description @param {Evidence} evidence @param {Partial<Case>} [rest] */
const showing = (id, description, evidence, rest = {}) =>
  good(id, description, { evidence: { idDocumentFront: evidence }, ...rest });

/** @type {readonly Case[]} */
const CASE_LIST = [
  {
    ...good("abc123", "The text's own example: a passport, front and back."),
    evidence: BOTH,
    information: () => ({ ...JOHN_SMITH }),
  },
  good("passport", "A good passport; a passport has no back."),
  good("id-card", "A good identity card, both sides.", { documentType: "id_card" }),
  good("driving-licence", "A good driving licence, both sides.", { documentType: "driving_licence" }),
  good("0b8f6a3e-6f0f-4c9e-9a54-5a3f2f1c7d11", "A good identity card whose id is a UUID, as most are.", {
    documentType: "id_card",
  }),
  good("alpha2-country", "The country in two letters (PT).", { change: { issueCountry: "PT" } }),
  good("blocked-country", "A country that policies often exclude (PRK).", { change: { issueCountry: "PRK" } }),
  good("expired-passport", "Expired in 2019.", { change: { dateOfExpiry: "2019-03-31" } }),
  good("expires-soon", "Expires twenty days from now.", {
    change: (today) => ({ dateOfExpiry: dayFrom(today, 0, 20) }),
  }),
  good("under-age", "Turned sixteen a month ago.", { change: (today) => ({ dateOfBirth: dayFrom(today, -16, -30) }) }),
  good("leap-day", "Born on a 29 February.", { change: { dateOfBirth: "1992-02-29" } }),
  good("email-only", "A pass that needs an e-mail address only: no document, no links but self.", {
    type: WITH_EMAIL,
    evidence: {},
    omit: ["issueCountry", "name", "dateOfBirth", "dateOfExpiry", "documentType", "documentNumber"],
  }),
  good("missing-back", "An identity card without its back.", { documentType: "id_card", evidence: FRONT }),
  good("missing-fields", "No date of birth, no expiry, no document number.", {
    omit: ["dateOfBirth", "dateOfExpiry", "documentNumber"],
  }),
  good("malformed-date", "Dates that are none.", { change: { dateOfBirth: "31/12/1990", dateOfExpiry: "2031-02-30" } }),
  good("malformed-email", "An e-mail address that is none.", { change: { email: "maria at example.com" } }),
  good("disposable-email", "An e-mail address of a throw-away service.", {
    change: { email: "someone@mailinator.com" },
  }),
  good("account-mismatch", "The account's DID names another address.", {
    change: { accountId: `did:sol:${seeded("another").text(BASE58, 44)}` },
  }),
  good("unknown-fields", "Fields and a link rel that nobody has documented.", {
    evidence: { ...FRONT, "evidence-selfie": { side: "front", format: "jpeg" } },
    change: {
      nationality: "PRT",
      livenessScore: 0.98,
      checks: { pep: false, lists: ["un", "eu"] },
      placeOfBirth: null,
    },
    unknown: {
      createdAt: "2026-11-20T09:30:00.000Z",
      pass: { network: "ignREusXmGrscGNUesoU9mxfds9AiYTezUKex2PsZV6" },
    },
  }),
  good("unknown-status", "A status that nobody has documented; it cannot be decided.", { status: "manual-escalation" }),
  good("proto-field", "Field names that bite careless code: __proto__, constructor, toString.", {
    change: JSON.parse(
      '{"__proto__":{"polluted":"yes"},"constructor":"field","toString":"field","hasOwnProperty":"field"}',
    ),
  }),
  good("markup-name", "Markup and a direction mark where a name should be.", {
    change: { name: '<img src=x onerror="document.title=1"> \u202Enhoj', documentNumber: "<b>1</b>" },
  }),
  good("unicode-name", "Names beyond Latin letters.", { change: { name: "Ольга 山田 Þórsdóttir-Nuñez" } }),
  without("awaiting-user", "The user has not begun; nothing can be decided yet.", "awaiting-user"),
  without("user-acknowledged", "The user is at it; nothing can be decided yet.", "user-acknowledged"),
  without("verification-failed", "Civic's own verification failed; there is no PII.", "verification-failed"),
  without("user-cancelled", "The user gave up; there is no PII.", "user-cancelled"),
  good("already-passed", "Already passed by someone.", { status: "partner-pass" }),
  good("already-failed", "Already failed by someone.", { status: "partner-fail" }),
  showing("jpeg-evidence", "The front as JPEG.", { side: "front", format: "jpeg" }),
  showing("webp-evidence", "The front as WebP.", { side: "front", format: "webp" }),
  showing("gif-evidence", "The front as GIF.", { side: "front", format: "gif" }),
  showing("pdf-evidence", "The front as PDF.", { side: "front", format: "pdf" }),
  showing("heic-evidence", "The front as HEIC: a header without a picture.", { format: "heic" }),
  showing("svg-evidence", "An SVG with a script.", { body: SVG, contentType: "image/svg+xml" }),
  showing("html-evidence", "A page with a script, declared as an image.", { body: HTML, contentType: "image/png" }),
  showing("text-evidence", "Plain text.", { body: "SPECIMEN", contentType: "text/plain" }),
  showing("broken-image", "Bytes of no known type, declared as JPEG.", {
    body: Uint8Array.from({ length: 2048 }, (_, i) => (i * 7 + 3) & 255),
    contentType: "image/jpeg",
  }),
  showing("empty-image", "No bytes at all.", { body: "", contentType: "image/png" }),
  showing("mislabelled-image", "A PNG that calls itself JPEG.", { side: "front", contentType: "image/jpeg" }),
  showing("slow-image", "An image that takes a second and a half.", { side: "front", slowMs: 1500 }),
  showing("big-image", "A valid PNG of just under 20 MiB.", { side: "front", size: 20 * MIB - 1024 }),
  showing("large-image", "A valid PNG of just over 20 MiB.", { side: "front", size: 20 * MIB + 1024 }),
  good("foreign-link", "A selfie on another origin, by a presigned link that must not get the bearer.", {
    links: ({ elsewhere, id }) => [
      {
        rel: "evidence-selfie",
        href: `${elsewhere}/object-store/${id}/evidence-selfie?signature=${presigned(id, "evidence-selfie")}`,
      },
    ],
  }),
  good("escaping-link", "A link that leaves /evidence/ by dots.", {
    links: ({ self }) => [{ rel: "idDocumentBack", href: `${self}/evidence/../../passport/evidence/idDocumentFront` }],
  }),
  good("other-request-link", "A link into another request's evidence.", {
    links: ({ origin }) => [
      { rel: "idDocumentBack", href: `${origin}/partner/piirequest/passport/evidence/idDocumentFront` },
    ],
  }),
  good("http-link", "A link without TLS.", {
    links: ({ id }) => [
      { rel: "idDocumentBack", href: `http://api.civic.com/partner/piirequest/${id}/evidence/idDocumentBack` },
    ],
  }),
  good("hostile-links", "Every kind of link that must not be followed.", {
    links: ({ self, origin, elsewhere, id }) => {
      const path = `/partner/piirequest/${id}/evidence/idDocumentFront`;
      const [scheme, host] = origin.split("://");
      return [
        { rel: "foreign", href: `${elsewhere}${path}` },
        { rel: "dots", href: `${self}/evidence/../status` },
        { rel: "encoded-dots", href: `${self}/evidence/%2e%2e/status` },
        { rel: "encoded-slash", href: `${self}/evidence/..%2fstatus` },
        { rel: "backslash", href: `${self}/evidence\\..\\status` },
        { rel: "double-slash", href: `//elsewhere.example${path}` },
        { rel: "user-info", href: `${scheme}://${host}@elsewhere.example${path}` },
        { rel: "own-user-info", href: `${scheme}://someone:secret@${host}${path}` },
        { rel: "other-port", href: `${new URL(origin).protocol}//${new URL(origin).hostname}:4${path}` },
        { rel: "longer-host", href: `${origin.replace(/:\d+$/, "")}.elsewhere.example${path}` },
        { rel: "http", href: `http://api.civic.com${path}` },
        { rel: "javascript", href: "javascript:document.title=1" },
        { rel: "data", href: "data:image/png;base64,iVBORw0KGgo=" },
        { rel: "blob", href: `blob:${origin}/5f0c7a52-2f7d-4a5e-8a57-000000000000` },
        { rel: "not-a-url", href: "::::" },
        { rel: "empty", href: "" },
      ];
    },
  }),
];

/** Cases by id. A Map, since an id may be any word, "constructor" included. */
export const CASES = new Map(CASE_LIST.map((entry) => [entry.id, entry]));

/**
 * The case that belongs to an id: a named one, or one of the generated people.
 * @param {string} id without faults
 * @returns {Case | undefined}
 */
export function caseOf(id) {
  if (!/^person-(?!0000)\d{4}$/.test(id)) return CASES.get(id);
  const documentType = seeded(`document/${id}`).pick(["passport", "id_card", "driving_licence", "residence_permit"]);
  return good(id, "A generated person with a good document.", { documentType });
}

/**
 * The signature of a presigned link: it only has to be checkable, here and in another isolate.
 * @param {string} id @param {string} rel
 */
export const presigned = (id, rel) => seeded(`presigned/${id}/${rel}`).hex(64);

/** What a foreign link's object store holds. @type {Record<string, Evidence>} */
export const STORED = { "evidence-selfie": { side: "front", format: "jpeg" } };
