// @ts-check
// What the desk must be told before it opens. A setting that is missing or makes no sense keeps every door shut.

import { REASONS, reasonsOf } from "./reasons.js";

/** Why the desk stays shut. The words are for its operator: they name settings, never values. */
export class Misconfigured extends Error {
  /** @param {readonly string[]} problems */
  constructor(problems) {
    super(problems.join(" "));
    this.name = "Misconfigured";
  }
}

/**
 * @typedef {object} Settings
 * @property {import("./database.js").Database} database
 * @property {{ fetch(request: Request): Promise<Response> }} [assets] the console's files
 * @property {{ baseUrl: string, tokenUrl: string, clientId: string, clientSecret: string }} civic
 * @property {{ baseUrl: string }} globalid
 * @property {{ teamUrl: string, audience: string }} access
 * @property {Readonly<Record<import("./roles.js").Role, readonly string[]>>} people who has which role: e-mail addresses and `@domain`s
 * @property {readonly string[]} monitors the common names of service tokens that may read the metrics
 * @property {readonly import("../worker.d.ts").DeskReason[]} reasons
 * @property {number} targetMs
 * @property {readonly string[]} intakeOrigins
 * @property {number} intakePerMinute
 * @property {{ undoMs: number, claimMs: number, retentionMs: number, giveUpMs: number, twoPerson: boolean }} machine what the state machine goes by
 * @property {number} subrequests how many a scheduled run may make
 */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * Reads the Worker's bindings, or says all that is wrong with them at once.
 *
 * @param {unknown} bindings
 * @returns {Settings}
 */
export function settingsOf(bindings) {
  /** @type {string[]} */
  const problems = [];
  const source = typeof bindings === "object" && bindings !== null ? bindings : {};

  // In which each of them would be missing.
  if (typeof Reflect.get(source, "then") === "function")
    throw new Misconfigured(["`settings` must return the settings, not a promise of them."]);

  /** @param {string} name @returns {unknown} */
  const bound = (name) => Reflect.get(source, name);

  /**
   * @template T
   * @param {string} name
   * @param {string} expected
   * @param {(text: string) => T | undefined} read
   * @param {T} [otherwise] a default, for the few settings that have one
   */
  const setting = (name, expected, read, otherwise) => {
    const value = bound(name);
    if (value === undefined || value === null || value === "") {
      if (otherwise === undefined) problems.push(`The setting ${name} is missing.`);
      return /** @type {T} */ (otherwise);
    }
    // A configuration may hold numbers and flags, too: of 10 it would be no help to hear that it must be a whole number.
    const [result, wanted] =
      typeof value === "string" ? [read(value.trim()), expected] : [undefined, "a text, in quotation marks"];
    if (result === undefined) problems.push(`The setting ${name} must be ${wanted}.`);
    return /** @type {T} */ (result);
  };
  /** @param {string} name */
  const text = (name) => setting(name, "a text", (value) => value || undefined);
  /** @param {string} name */
  const address = (name) => setting(name, "an https address (http on loopback only)", plainOf);
  /** @param {string} name */
  const base = (name) => setting(name, "an https address without a query (http on loopback only)", baseOf);
  /** @param {string} name @param {number} least @param {number} most @param {number} otherwise */
  const whole = (name, least, most, otherwise) =>
    setting(name, `a whole number from ${least} to ${most}`, (value) => wholeOf(value, least, most), otherwise);

  const database = bound("DB");
  if (!isDatabase(database)) problems.push("The D1 binding DB is missing.");

  const assets = /** @type {Settings["assets"]} */ (bound("ASSETS") ?? undefined);
  if (assets !== undefined && typeof assets.fetch !== "function")
    problems.push("The binding ASSETS must have a fetch.");

  const settings = {
    ...(assets && { assets }),
    database: /** @type {import("./database.js").Database} */ (database),
    civic: {
      baseUrl: base("CIVIC_BASE_URL"),
      tokenUrl: address("CIVIC_TOKEN_URL"),
      clientId: text("CIVIC_CLIENT_ID"),
      clientSecret: text("CIVIC_CLIENT_SECRET"),
    },
    globalid: { baseUrl: base("GLOBALID_BASE_URL") },
    access: {
      teamUrl: setting("ACCESS_TEAM_URL", "an https origin (http on loopback only) without a path", originOf),
      audience: text("ACCESS_AUDIENCE"),
    },
    people: {
      reviewer: setting("DESK_REVIEWERS", PEOPLE, peopleOf),
      auditor: setting("DESK_AUDITORS", PEOPLE, peopleOf, /** @type {string[]} */ ([])),
      admin: setting("DESK_ADMINS", PEOPLE, peopleOf, /** @type {string[]} */ ([])),
    },
    monitors: setting(
      "DESK_MONITORS",
      "a list of common names of service tokens",
      namesOf,
      /** @type {string[]} */ ([]),
    ),
    reasons: setting(
      "DESK_REASONS",
      "a list of codes, each alone or as code=label, with commas between",
      reasonsOf,
      REASONS,
    ),
    targetMs: whole("DESK_TARGET_MINUTES", 1, 525_600, 240) * 60_000,
    intakeOrigins: setting("INTAKE_ORIGINS", "a list of origins, with commas between", originsOf),
    intakePerMinute: whole("INTAKE_PER_MINUTE", 1, 10_000, 20),
    machine: {
      undoMs: whole("DESK_UNDO_SECONDS", 0, 3600, 10) * 1000,
      claimMs: whole("DESK_CLAIM_SECONDS", 10, 86_400, 900) * 1000,
      retentionMs: whole("DESK_RETENTION_DAYS", 1, 3650, 30) * DAY_MS,
      giveUpMs: whole("DESK_GIVE_UP_HOURS", 1, 720, 24) * HOUR_MS,
      twoPerson: setting("DESK_TWO_PERSON", '"true" or "false"', booleanOf, false),
    },
    subrequests: whole("DESK_SUBREQUESTS", 50, 1000, 50),
  };
  if (problems.length > 0) throw new Misconfigured(problems);
  return settings;
}

const PEOPLE = "a list of e-mail addresses or @domains, with commas between";

/** @param {unknown} value */
function isDatabase(value) {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof Reflect.get(value, "prepare") === "function" &&
    typeof Reflect.get(value, "batch") === "function"
  );
}

/** @param {string} text */
function addressOf(text) {
  // `https:/host` is an address to a browser only.
  const url = /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username !== "" || url.password !== "" || url.hash !== "") return undefined;
  if (url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname))) return text;
  return undefined;
}

const NUMBER = String.raw`(?:0|[1-9]\d*)`;
const LABEL = String.raw`(?!xn--)[\w-]{1,63}`;
const SEGMENT = String.raw`(?!\.{1,2}(?:[/?]|$))(?:[\w.~!$&()*+,;=:@-]|%(?![01]|2[5ef]|5c|7f)[\da-f]{2})+`;
/**
 * The addresses that the client takes (src/link.rs), which are fewer than a browser's: a desk that opened with another one would
 * take every id in, and could ask Civic about none.
 */
const PLAIN = new RegExp(
  String.raw`^https?://(?:\[::1\]|(?:${NUMBER}\.){3}${NUMBER}|(?:${LABEL}\.)*(?!\d)${LABEL})(?::[1-9]\d*)?` +
    String.raw`(?:/${SEGMENT})*/?(?:\?[\w.~!$&()*+,;=:@/?%-]*)?$`,
  "i",
);

/** @param {string} text */
const plainOf = (text) => (PLAIN.test(text) ? addressOf(text) : undefined);

/** What paths are added to. @param {string} text */
const baseOf = (text) => (text.includes("?") ? undefined : plainOf(text));

/** @param {string} text */
function originOf(text) {
  const { origin, pathname, search } = addressOf(text) === undefined ? { origin: "" } : new URL(text);
  return origin !== "" && pathname === "/" && search === "" ? origin : undefined;
}

/** @param {string} text */
function originsOf(text) {
  const origins = listOf(text).map(originOf);
  return origins.length > 0 && origins.every((origin) => origin !== undefined)
    ? /** @type {string[]} */ (origins)
    : undefined;
}

/** @param {string} text */
function peopleOf(text) {
  const people = listOf(text).map((entry) => entry.toLowerCase());
  return people.length > 0 && people.every((entry) => /^[^@\s]*@[^@\s]+$/.test(entry)) ? people : undefined;
}

/** @param {string} text */
function namesOf(text) {
  const names = listOf(text);
  // An address here would be somebody's who expects to be let in.
  return names.length > 0 && names.every((name) => /^[\x21-\x7e]{1,256}$/.test(name) && !name.includes("@"))
    ? names
    : undefined;
}

/** @param {string} text */
function listOf(text) {
  return text.split(/[\s,]+/).filter((entry) => entry !== "");
}

/** @param {string} text */
function booleanOf(text) {
  return text === "true" ? true : text === "false" ? false : undefined;
}

/** @param {string} text @param {number} least @param {number} most */
function wholeOf(text, least, most) {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  return number >= least && number <= most ? number : undefined;
}

/**
 * Whether this is the machine's own name or address, as a URL's `hostname` spells it.
 *
 * @param {string} hostname
 */
function isLoopback(hostname) {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127(?:\.\d{1,3}){3}$/.test(hostname)
  );
}
