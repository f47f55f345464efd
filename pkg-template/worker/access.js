// @ts-check
// Cloudflare Access in front of the desk signs who is there; here that signature is proven, on every request. jose accepts
// an undefined issuer or audience, a missing `exp` and an empty `sub`, so each is demanded by name.

import { createLocalJWKSet, decodeProtectedHeader, errors, jwtVerify } from "jose";
import { Refusal } from "./failures.js";

/** Longer than any token of Access, shorter than what would cost to look at. */
const TOKEN_CHARS = 16_384;
const KEYS_BYTES = 65_536;
const KEYS_TIMEOUT_MS = 5000;
/** How long keys count as new. */
const FRESH_MS = 10 * 60_000;
/** How long known keys still count where new ones cannot be had. */
const STALE_MS = 60 * 60_000;
/** Tokens with invented key ids must not become a flood of look-ups, nor must a team whose keys are not to be had. */
const COOLDOWN_MS = 5000;
/** How often a look-up of another request is looked at. */
const WATCH_MS = 20;
/** How far a clock of Access may be ahead of ours: `iat` and `nbf` are its time of day. */
const AHEAD_SECONDS = 30;

/** @typedef {typeof globalThis.fetch} Fetch */
/** @typedef {{ email: string, subject: string }} Person */
/** @typedef {{ service: string }} Service a service token, by its common name */
/**
 * @typedef {object} Access
 * @property {(token: string | null, services?: readonly string[]) => Promise<Person | Service>} verify who is there: a
 *   person, or one of these services
 */
/** @typedef {{ find: ReturnType<typeof createLocalJWKSet>, at: number }} Keys */

/** Who was not let in, and a constant that says why; the caller is only told that. */
export class Unauthenticated extends Refusal {
  /** @param {string} reason */
  constructor(reason) {
    super(401, "unauthenticated");
    this.reason = reason;
  }
}

/** Nobody can be let in: the keys are not to be had. */
class AccessUnavailable extends Refusal {
  constructor() {
    super(503, "access_unavailable", { headers: { "retry-after": "5" } });
  }
}

/**
 * @param {{ teamUrl: string, audience: string, fetch: Fetch, now: () => number }} options
 * @returns {Access}
 */
export function accessOf({ teamUrl, audience, fetch, now }) {
  // Values only: a promise shared between requests hangs whoever inherits it (one isolate serves many).
  /** @type {Keys | undefined} */
  let known;
  let [askedAt, failedAt] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  /** Since when a request asks for the keys; that of a request that was broken off stands until the time is up. */
  let asking = Number.NEGATIVE_INFINITY;

  async function renew() {
    const at = now();
    [askedAt, asking] = [at, at];
    try {
      known = { find: createLocalJWKSet({ keys: await keysOf(teamUrl, fetch) }), at };
      return known;
    } catch {
      failedAt = now();
      throw new AccessUnavailable();
    } finally {
      asking = Number.NEGATIVE_INFINITY;
    }
  }

  /** How long ago a time was. One to come is of a clock that has been put back since, and says nothing any more. */
  const since = (/** @type {number} */ at) => (at > now() ? Number.POSITIVE_INFINITY : now() - at);
  const isAsking = () => since(asking) < KEYS_TIMEOUT_MS;

  /** Waits for another request's look-up by watching it. */
  async function watch() {
    for (let left = KEYS_TIMEOUT_MS / WATCH_MS; isAsking() && left > 0; left -= 1) {
      await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
    }
  }

  async function current() {
    const isYounger = (/** @type {number} */ most) => known !== undefined && since(known.at) < most;
    // Whoever has keys does not wait for newer ones that another request is fetching.
    if (isAsking() && !isYounger(STALE_MS)) await watch();
    if (!isYounger(FRESH_MS) && !isAsking() && since(failedAt) >= COOLDOWN_MS) await renew().catch(() => {});
    if (known === undefined || !isYounger(STALE_MS)) throw new AccessUnavailable();
    return known;
  }

  /** Keys that are newer than these, or `undefined` where they were asked for just now. @param {Keys} keys */
  async function newerThan(keys) {
    await watch();
    if (known !== keys) return known;
    // Whether the key is a new one cannot be known, so it is not said to be wrong.
    if (since(failedAt) < COOLDOWN_MS) throw new AccessUnavailable();
    return since(askedAt) < COOLDOWN_MS ? undefined : renew();
  }

  /** @param {string} token @param {Keys} keys */
  const check = (token, { find }) =>
    jwtVerify(token, find, {
      algorithms: ["RS256"],
      issuer: teamUrl,
      audience,
      requiredClaims: ["exp", "iat", "sub", "type"],
      currentDate: new Date(now()),
      // Also lets in what has just expired, which `callerOf` does not.
      clockTolerance: AHEAD_SECONDS,
    });

  return {
    async verify(token, services = []) {
      if (token === null || token === "") throw new Unauthenticated("absent");
      if (token.length > TOKEN_CHARS) throw new Unauthenticated("malformed");
      preview(token);
      const keys = await current();
      try {
        let verified;
        try {
          verified = await check(token, keys);
        } catch (error) {
          if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
          // The keys were rotated, perhaps.
          const newer = await newerThan(keys);
          if (newer === undefined) throw error;
          verified = await check(token, newer);
        }
        return callerOf(verified.payload, services, now());
      } catch (error) {
        if (error instanceof Refusal) throw error;
        throw new Unauthenticated(reasonOf(error));
      }
    },
  };
}

/**
 * Refuses what no key could save, before a key is looked for.
 *
 * @param {string} token
 */
function preview(token) {
  /** @type {import("jose").ProtectedHeaderParameters} */
  let header;
  try {
    header = decodeProtectedHeader(token);
  } catch {
    throw new Unauthenticated("malformed");
  }
  if (header.alg !== "RS256") throw new Unauthenticated("algorithm");
  if (typeof header.kid !== "string" || header.kid === "") throw new Unauthenticated("key");
}

/**
 * @param {import("jose").JWTPayload} payload
 * @param {readonly string[]} services
 * @param {number} now
 * @returns {Person | Service}
 */
function callerOf({ sub, email, type, iat, exp, common_name: service }, services, now) {
  if (exp === undefined || exp <= now / 1000) throw new Unauthenticated("exp");
  if (type !== "app") throw new Unauthenticated("type");
  if (typeof iat !== "number" || iat > now / 1000 + AHEAD_SECONDS) throw new Unauthenticated("iat");
  // A service token has no e-mail address and an empty `sub`: no person is there to answer for a verdict. Only where the
  // operator named it, and for a route that needs nobody, is it let in.
  if (sub === "" && email === undefined && typeof service === "string" && services.includes(service))
    return { service };
  if (typeof sub !== "string" || sub.trim() === "") throw new Unauthenticated("sub");
  // The Kelvin sign, whose lower case is a `k`, would make somebody else of whoever has it.
  if (typeof email !== "string" || !/^[^@\s\u212a]+@[^@\s\u212a]+$/.test(email)) throw new Unauthenticated("email");
  return { email: email.toLowerCase(), subject: sub };
}

/** @param {unknown} error */
function reasonOf(error) {
  if (error instanceof errors.JWTExpired) return "exp";
  if (error instanceof errors.JWTClaimValidationFailed) return error.claim;
  if (error instanceof errors.JWSSignatureVerificationFailed) return "signature";
  if (error instanceof errors.JOSEAlgNotAllowed) return "algorithm";
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) return "key";
  return "malformed";
}

/**
 * The team's keys for signatures of ours; any other kind is left out, so that no token can choose it.
 *
 * @param {string} teamUrl
 * @param {Fetch} fetch
 * @returns {Promise<import("jose").JWK[]>}
 */
async function keysOf(teamUrl, fetch) {
  const signal = AbortSignal.timeout(KEYS_TIMEOUT_MS);
  const response = await fetch(`${teamUrl}/cdn-cgi/access/certs`, { redirect: "manual", signal });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error("the keys are not to be had");
  }
  const text = await response.text();
  if (text.length > KEYS_BYTES) throw new Error("the keys are too long");
  const keys = /** @type {{ keys?: unknown } | null} */ (JSON.parse(text))?.keys;
  const usable = Array.isArray(keys) ? keys.filter(isUsable) : [];
  if (usable.length === 0) throw new Error("there are no keys");
  return usable;
}

/** @param {any} key */
function isUsable(key) {
  return (
    typeof key === "object" &&
    key !== null &&
    key.kty === "RSA" &&
    typeof key.kid === "string" &&
    (key.alg === undefined || key.alg === "RS256") &&
    (key.use === undefined || key.use === "sig")
  );
}
