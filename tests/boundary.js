// @ts-check
// What tests/boundary.rs needs of JavaScript: the package's own hands around a core that is made of the test's closures. It
// lies here, and not in pkg-template, since no user has two cores.

import "../pkg-template/body.js";
import { Call } from "../pkg-template/call.js";
import { codes, PassdeskError } from "../pkg-template/error.js";
import "../pkg-template/evidence.js";
import * as hands from "../pkg-template/hands.js";
import { settle } from "../pkg-template/options.js";
import * as provider from "../pkg-template/provider.js";
import { OPEN, pageOf, screenPii, start } from "../pkg-template/start.js";
import { Walk } from "../pkg-template/walk.js";

Object.assign(globalThis, { hands });

/** @param {any} core @returns {import("../pkg-template/instance.js").Instance} */
const around = (core) => {
  const failure = (/** @type {string} */ operation) =>
    new PassdeskError({ code: codes.LOAD_FAILED, operation, message: "trapped", attempts: 0, retryable: true });
  /** @type {import("../pkg-template/instance.js").Instance} */
  const instance = {
    core,
    calls: [],
    dead: false,
    failure,
    trap() {
      instance.dead = true;
      for (const call of [...instance.calls]) call.fail(failure(call.operation), true);
    },
  };
  return instance;
};

/**
 * The options as the package settles them, and what it finds out about its platform as the test says.
 *
 * @param {any} operation
 * @param {any} options
 */
function settled(operation, { noStore, inPage, seen: _, ...options }) {
  return { ...settle(operation, options), noStore: noStore === true, inPage: inPage === true };
}

/** @param {any} core @param {any} operation @param {any} options */
export async function run(core, operation, options) {
  const instance = around(core);
  const it = settled(operation, options);
  return operation === "screenPii" ? screenPii(instance, it) : start(instance, operation, it);
}

/** @param {any} core @param {any} options @param {any} state */
export async function getToken(core, options, state) {
  return provider.get(around(core), settled("tokenProvider", options), state, false, OPEN.exchangeToken);
}

/** @param {any} core @param {any} options @param {any} state @param {string} accessToken */
export async function invalidateToken(core, options, state, accessToken) {
  const instance = around(core);
  return provider.invalidate(instance, settled("tokenProvider", options), state, accessToken, OPEN.exchangeToken);
}

/** @param {any} core @param {any} options */
export function walk(core, options) {
  return new Walk(around(core), settled("eachAttestation", options), pageOf);
}

/** @param {Walk} it */
export const next = (it) => it.next();

/** @param {Walk} it */
export const stop = (it) => it.stop();

void Call;
