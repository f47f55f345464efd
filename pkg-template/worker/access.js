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
/** Tokens with invented key ids must not become a flood of look-ups. */
const COOLDOWN_MS = 5000;
/** How far a clock of Access may be ahead of ours. */
const AHEAD_SECONDS = 60;

/** @typedef {typeof globalThis.fetch} Fetch */
/** @typedef {{ email: string, subject: string }} Person */
/** @typedef {{ verify: (token: string | null) => Promise<Person> }} Access */

/** Who was not let in, and a constant that says why; the caller is only told that. */
export class Unauthenticated extends Refusal {
  /** @param {string} reason */
  constructor(reason) {
    super(401, "unauthenticated");
    this.reason = reason;
  }
}

/** Nobody can be let in: the keys are not to be had. */
export class AccessUnavailable extends Refusal {
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
  /** @type {{ find: ReturnType<typeof createLocalJWKSet>, at: number } | undefined} */
  let known;
  let askedAt = Number.NEGATIVE_INFINITY;

  async function renew() {
    askedAt = now();
    known = { find: createLocalJWKSet({ keys: await keysOf(teamUrl, fetch) }), at: askedAt };
    return known;
  }

  async function current() {
    const age = known === undefined ? Number.POSITIVE_INFINITY : now() - known.at;
    if (known !== undefined && age < FRESH_MS) return known;
    try {
      return await renew();
    } catch {
      if (known !== undefined && age < STALE_MS) return known;
      throw new AccessUnavailable();
    }
  }

  /** @param {string} token @param {ReturnType<typeof createLocalJWKSet>} find */
  const check = (token, find) =>
    jwtVerify(token, find, {
      algorithms: ["RS256"],
      issuer: teamUrl,
      audience,
      requiredClaims: ["exp", "iat", "sub", "email", "type"],
      currentDate: new Date(now()),
    });

  return {
    async verify(token) {
      if (token === null || token === "") throw new Unauthenticated("absent");
      if (token.length > TOKEN_CHARS) throw new Unauthenticated("malformed");
      preview(token);
      const keys = await current();
      try {
        let verified;
        try {
          verified = await check(token, keys.find);
        } catch (error) {
          // The keys were rotated, perhaps.
          if (!(error instanceof errors.JWKSNoMatchingKey) || now() - askedAt < COOLDOWN_MS) throw error;
          const { find } = await renew().catch(() => {
            throw new AccessUnavailable();
          });
          verified = await check(token, find);
        }
        return personOf(verified.payload, now());
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
 * @param {number} now
 * @returns {Person}
 */
function personOf(payload, now) {
  const { sub, email, type, iat } = payload;
  // A service token has no e-mail address and an empty `sub`: no person is there to answer for a verdict.
  if (typeof sub !== "string" || sub.trim() === "") throw new Unauthenticated("sub");
  if (typeof email !== "string" || !/^[^@\s]+@[^@\s]+$/.test(email)) throw new Unauthenticated("email");
  if (type !== "app") throw new Unauthenticated("type");
  if (typeof iat !== "number" || iat > now / 1000 + AHEAD_SECONDS) throw new Unauthenticated("iat");
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
