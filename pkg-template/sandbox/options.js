// @ts-check
// The options, checked: a misspelt one must not pass in silence.

import { CIVIC_SCOPES, REQUEST_ID } from "./civic.js";
import { faultOf } from "./faults.js";

/** @typedef {import("./cases.js").Case} Case */

/**
 * @typedef {object} Settings
 * @property {string} seed
 * @property {string} clientId
 * @property {string} clientSecret
 * @property {string} audience
 * @property {number} tokenLifetimeSeconds
 * @property {readonly string[]} scopes
 * @property {() => number} now
 * @property {string | undefined} origin
 * @property {string | undefined} elsewhere
 * @property {number} attestations
 * @property {number} maxPerPage
 * @property {"*" | readonly string[]} cors
 * @property {boolean} admin
 * @property {Map<string, Case>} requests
 * @property {import("./faults.js").Fault[]} faults
 */

/** @param {string} name @param {string} expected @returns {never} */
function wrong(name, expected) {
  throw new TypeError(`createSandbox: ${name} must be ${expected}`);
}

/** @param {unknown} value @param {string} name */
const text = (value, name) =>
  typeof value === "string" && value !== "" ? value : wrong(name, "a string that is not empty");

/** @param {number} least */
const whole = (least) => (/** @type {unknown} */ value, /** @type {string} */ name) =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= least
    ? value
    : wrong(name, `a whole number from ${least} on`);

/** @param {unknown} value @param {string} name */
function texts(value, name) {
  return Array.isArray(value) && value.every((entry) => typeof entry === "string" && entry !== "")
    ? [...value]
    : wrong(name, "an array of strings");
}

/** @param {unknown} value @param {string} name */
function origin(value, name) {
  if (typeof value === "string" && URL.canParse(value) && new URL(value).origin === value) return value;
  return wrong(name, 'an origin such as "https://api.civic.com", without a path');
}

/** @param {unknown} value @param {string} name */
function plainObject(value, name) {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? /** @type {Record<string, unknown>} */ (value)
    : wrong(name, "an object");
}

/** @param {Record<string, unknown>} object @param {readonly string[]} known @param {string} name */
function onlyKnown(object, known, name) {
  const stranger = Object.keys(object).find((key) => !known.includes(key));
  if (stranger !== undefined) throw new TypeError(`createSandbox: ${name} has no "${stranger}"`);
}

/** What a record says, kept as text, so that nobody can change it later. @param {unknown} value @param {string} name */
function information(value, name) {
  /** @type {string} */
  let kept;
  try {
    kept = JSON.stringify(plainObject(value, name), (_, part) => {
      // JSON.stringify leaves the other two out in silence, and makes null of a number that is not finite.
      if (["bigint", "function", "symbol"].includes(typeof part)) throw new TypeError("not in JSON");
      if (typeof part === "number" && !Number.isFinite(part)) throw new TypeError("not in JSON");
      return part;
    });
    plainObject(JSON.parse(kept), name);
  } catch {
    return wrong(name, "an object that JSON can hold");
  }
  return () => JSON.parse(kept);
}

/** @param {unknown} value @param {string} name */
function headerValue(value, name) {
  try {
    new Headers([["content-type", text(value, name)]]);
  } catch {
    return wrong(name, "a string that a header can hold");
  }
  return /** @type {string} */ (value);
}

/** Whether a link can lead to it: URLs take dots for directories. @param {string} rel */
function isPathPart(rel) {
  try {
    return encodeURIComponent(rel) !== "" && rel !== "." && rel !== "..";
  } catch {
    // Half of a surrogate pair.
    return false;
  }
}

/** A request of the user's own. @param {unknown} value @param {string} name @returns {Case} */
function ownRequest(value, name) {
  const given = plainObject(value, name);
  onlyKnown(given, ["id", "description", "type", "status", "verifiedInformation", "evidence"], name);
  const id = text(given.id, `${name}.id`);
  if (!REQUEST_ID.test(id) || id.includes("~"))
    wrong(`${name}.id`, "one to 128 of A-Z a-z 0-9 . _ - (a ~ begins a fault)");
  const {
    description = "A request of your own.",
    type = "gatekeeperProofOfIdentityWithIdDocument-v3",
    status = "verification-success",
  } = given;
  const evidence = Object.entries(plainObject(given.evidence ?? {}, `${name}.evidence`)).map(([rel, file]) => {
    const place = `${name}.evidence[${JSON.stringify(rel)}]`;
    if (!isPathPart(rel)) wrong(place, "under a rel that a URL's path can hold");
    const { body, contentType, ...rest } = plainObject(file, place);
    onlyKnown(rest, [], place);
    if (typeof body !== "string" && !(body instanceof Uint8Array)) wrong(`${place}.body`, "a string or a Uint8Array");
    // Whoever gave the bytes may write into them later. (A slice would be a view where they are a Buffer.)
    const own = typeof body === "string" ? body : new Uint8Array(/** @type {Uint8Array} */ (body));
    return [rel, { body: own, contentType: headerValue(contentType, `${place}.contentType`) }];
  });
  return {
    id,
    description: text(description, `${name}.description`),
    type: text(type, `${name}.type`),
    status: text(status, `${name}.status`),
    ...(given.verifiedInformation === undefined
      ? {}
      : { information: information(given.verifiedInformation, `${name}.verifiedInformation`) }),
    evidence: Object.fromEntries(evidence),
  };
}

/** @type {{ [K in keyof Settings]: { otherwise: () => Settings[K], check: (value: unknown, name: string) => Settings[K] } }} */
const OPTIONS = {
  seed: { otherwise: () => "passdesk", check: text },
  clientId: { otherwise: () => "passdesk-sandbox", check: text },
  clientSecret: { otherwise: () => "sandbox-secret", check: text },
  audience: { otherwise: () => "https://api.civic.com/pass", check: text },
  tokenLifetimeSeconds: { otherwise: () => 86_400, check: whole(1) },
  scopes: { otherwise: () => CIVIC_SCOPES, check: texts },
  now: {
    otherwise: () => Date.now,
    check: (value, name) =>
      typeof value === "function"
        ? /** @type {() => number} */ (value)
        : wrong(name, "a function that returns epoch milliseconds"),
  },
  origin: { otherwise: () => undefined, check: origin },
  elsewhere: { otherwise: () => undefined, check: origin },
  attestations: { otherwise: () => 11_020, check: whole(0) },
  maxPerPage: { otherwise: () => 500, check: whole(1) },
  cors: {
    otherwise: () => "*",
    check: (value, name) => {
      if (value === "*") return value;
      if (value === false) return [];
      return Array.isArray(value)
        ? value.map((entry, i) => origin(entry, `${name}[${i}]`))
        : wrong(name, '"*", false or an array of origins');
    },
  },
  admin: {
    otherwise: () => true,
    check: (value, name) => (typeof value === "boolean" ? value : wrong(name, "true or false")),
  },
  requests: {
    otherwise: () => new Map(),
    check: (value, name) => {
      if (!Array.isArray(value)) return wrong(name, "an array of requests");
      const requests = new Map();
      for (const [i, entry] of value.entries()) {
        const own = ownRequest(entry, `${name}[${i}]`);
        if (requests.has(own.id)) wrong(`${name}[${i}].id`, "another than those before it");
        requests.set(own.id, own);
      }
      return requests;
    },
  },
  faults: {
    otherwise: () => [],
    check: (value, name) => {
      if (!Array.isArray(value)) return wrong(name, "an array of faults");
      return value.map((entry, i) => {
        try {
          return faultOf(entry);
        } catch (error) {
          throw new TypeError(`createSandbox: ${name}[${i}]: ${/** @type {Error} */ (error).message}`, {
            cause: error,
          });
        }
      });
    },
  },
};

/** @param {unknown} options @returns {Settings} */
export function settingsOf(options) {
  const given = plainObject(options, "its argument");
  onlyKnown(given, Object.keys(OPTIONS), "its options object");
  const settings = Object.entries(OPTIONS).map(([name, { otherwise, check }]) => {
    const value = given[name];
    return [name, value === undefined ? otherwise() : check(value, name)];
  });
  return /** @type {Settings} */ (Object.fromEntries(settings));
}
