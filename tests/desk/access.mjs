// @ts-check
// Cloudflare Access as far as the desk sees it: a key set at the team's address, and tokens signed with its keys.

import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { serve } from "../support/serve.mjs";

export const AUDIENCE = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";

/** @typedef {{ kid: string, privateKey: CryptoKey, jwk: import("jose").JWK }} Key */

/** @param {string} kid @returns {Promise<Key>} */
export async function newKey(kid) {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: "RS256", use: "sig" } };
}

export async function startAccess() {
  const state = { key: await newKey("first"), answer: 200, asked: 0, delayMs: 0 };
  /** @type {{ keys: unknown[] } | undefined} */
  let keySet;
  const server = await serve(async (request) => {
    state.asked += 1;
    if (new URL(request.url).pathname !== "/cdn-cgi/access/certs") return new Response(null, { status: 404 });
    if (state.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, state.delayMs));
    if (state.answer !== 200) return new Response("no keys today", { status: state.answer });
    return Response.json(keySet ?? { keys: [state.key.jwk], public_cert: {}, public_certs: [] });
  });
  /** What a token of a person who signed in says (Cloudflare, "Application token"). */
  const claims = (email = "ada@partner.example") => {
    const now = Math.floor(Date.now() / 1000);
    return {
      aud: [AUDIENCE],
      email,
      exp: now + 3600,
      iat: now,
      nbf: now,
      iss: server.url,
      type: "app",
      identity_nonce: "6ei69kawdKzMIAPF",
      sub: `sub-of-${email}`,
      country: "CH",
    };
  };
  return {
    url: server.url,
    state,
    claims,
    /** @param {{ keys: unknown[] } | undefined} keys */
    publish(keys) {
      keySet = keys;
    },
    /** @param {Record<string, unknown>} payload @param {{ key?: Key, header?: Record<string, unknown> }} [with_] */
    sign(payload, { key = state.key, header = {} } = {}) {
      return new SignJWT(payload).setProtectedHeader({ alg: "RS256", kid: key.kid, ...header }).sign(key.privateKey);
    },
    /** A good token of this person. @param {string} [email] */
    tokenOf(email) {
      return this.sign(claims(email));
    },
    close: server.close,
  };
}
