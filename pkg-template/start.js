// @ts-check
// How each operation begins: its settled options, as the core takes them.

import { Call } from "./call.js";
import { Failure, found } from "./error.js";
import { fetchEvidence, streamEvidence } from "./evidence.js";
import { show, take } from "./hands.js";
import { need } from "./options.js";
import { copy } from "./provider.js";

/**
 * An operation, and what it begins with: its number in the core, and its arguments, by place.
 *
 * @typedef {(options: any) => [number, unknown[]]} Open
 */

/** @param {any} options */
const filter = ({ baseUrl, where = {} }) => [baseUrl, where.op, where.field, where.value];

/** @type {Open} */
function evidence({ pii, rel, href, requestId, baseUrl, allowOrigins = [], accept = [] }) {
  const rest = [baseUrl, allowOrigins, accept];
  if (pii === undefined && rel === undefined) return [3, [href, requestId, ...rest]];
  const extra = href === undefined ? requestId !== undefined && "requestId" : "href";
  if (extra) throw new Failure("invalid_argument", `\`${extra}\` must be left out where \`pii\` and \`rel\` are given`);
  return [2, [pii, rel, ...rest]];
}

/**
 * A page of a search, as the walk asks for it.
 *
 * @param {number} page
 * @returns {Open}
 */
export const pageOf = (page) => (options) => [6, [...filter(options), page, options.perPage ?? 50, 1]];

/** @type {Record<string, Open>} */
export const OPEN = {
  exchangeToken: ({ tokenUrl, clientId, clientSecret, audience, scope, encoding = "json" }) => [
    0,
    [tokenUrl, clientId, clientSecret, audience, scope, encoding],
  ],
  retrievePii: ({ requestId, baseUrl }) => [1, [requestId, baseUrl]],
  fetchEvidence: evidence,
  streamEvidence: evidence,
  submitDecision: ({ requestId, status, baseUrl }) => [4, [requestId, baseUrl, status]],
  listAttestations: (options) => [5, filter(options)],
  searchAttestations: (options) => [6, [...filter(options), options.page ?? 1, options.perPage ?? 50, 0]],
};

const TEXT = "a string";

/** What must be there, and what it must be. @type {Record<string, Record<string, string>>} */
const NEEDED = {
  exchangeToken: { tokenUrl: TEXT, clientId: TEXT, clientSecret: TEXT },
  retrievePii: { requestId: TEXT },
  submitDecision: { requestId: TEXT, status: TEXT },
  listAttestations: { token: "a string, a function or a token provider" },
  screenPii: { pii: "an object of plain data", policy: "an object of plain data" },
};

/**
 * Refuses what lacks an option, and a secret in a page.
 *
 * @param {string} operation
 * @param {any} options settled
 */
export function check(operation, options) {
  const { pii, rel } = options;
  const byRel = pii !== undefined || rel !== undefined;
  /** @type {Record<string, string>} */
  const evidence = byRel ? { pii: "an object of plain data", rel: TEXT } : { href: TEXT, requestId: TEXT };
  need(operation, options, OPEN[operation] === OPEN.fetchEvidence ? evidence : (NEEDED[operation] ?? {}));
  // A page has a window; a Worker, Node, Deno and Bun have none.
  if (
    operation === "exchangeToken" &&
    (options.inPage ?? globalThis.window !== undefined) &&
    options.dangerouslyAllowBrowser !== true
  ) {
    const message = "a page must not hold `clientSecret`: everyone who opens it can read it";
    throw new Failure("secret_in_browser", message).told(operation, 0);
  }
}

/**
 * Runs an operation that sends something.
 *
 * @param {import("./instance.js").Instance} instance
 * @param {string} operation
 * @param {any} options settled
 * @returns {Promise<any>}
 */
export function start(instance, operation, options) {
  check(operation, options);
  const call = new Call(instance, operation, options, /** @type {Open} */ (OPEN[operation]));
  if (operation === "fetchEvidence") call.take = fetchEvidence;
  if (operation === "streamEvidence") call.take = streamEvidence;
  call.start(call.began);
  if (operation === "exchangeToken") return call.promise.then((told) => copy(told));
  if (operation === "submitDecision") {
    const { requestId, status } = options;
    return call.promise.then((outcome) => ({ requestId, status, outcome }));
  }
  return call.promise;
}

/**
 * `screenPii`: pure; nothing is sent.
 *
 * @param {import("./instance.js").Instance} instance
 * @param {any} options settled
 */
export function screenPii(instance, options) {
  const operation = "screenPii";
  check(operation, options);
  const { pii, policy, now = Date.now() } = options;
  show([pii, policy, now]);
  instance.core.begin(7, 0);
  const { fault, result } = take();
  if (instance.dead) throw instance.failure(operation);
  if (fault) throw found(fault).told(operation, 0);
  return result ?? [];
}
