// @ts-check
// Bearer tokens: signed (HS256) and checked without memory, so that a token of one isolate is good in the next.

import { civicRefusal } from "./answer.js";

/**
 * @typedef {object} Claims
 * @property {string} aud the API that the token is for
 * @property {string} sub whose token it is
 * @property {string} scope
 * @property {number} iat
 * @property {number} exp Unix seconds
 * @property {string} jti
 * @property {boolean} [revoked] a token that the API refuses although it has not expired
 */

const encoder = new TextEncoder();

/** @param {ArrayBuffer | Uint8Array} bytes */
function base64url(bytes) {
  let text = "";
  for (const byte of new Uint8Array(bytes)) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {string} text */
function fromBase64url(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

const HEADER = base64url(encoder.encode('{"alg":"HS256","typ":"JWT"}'));

/** @param {string} secret */
export function tokenSigner(secret) {
  // The key is kept as a value: a promise kept across requests would hang a Worker isolate.
  /** @type {CryptoKey | undefined} */
  let kept;
  const key = async () => {
    if (kept) return kept;
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    const made = await crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["sign", "verify"]);
    kept = made;
    return made;
  };
  return {
    /** @param {Claims} claims */
    async sign(claims) {
      const text = `${HEADER}.${base64url(encoder.encode(JSON.stringify(claims)))}`;
      return `${text}.${base64url(await crypto.subtle.sign("HMAC", await key(), encoder.encode(text)))}`;
    },
    /**
     * The claims of a token that this sandbox signed; whether they suffice is the caller's question.
     * @param {string} token
     * @returns {Promise<Claims | undefined>}
     */
    async read(token) {
      const [header, payload, signature, ...rest] = token.split(".");
      if (header !== HEADER || !payload || !signature || rest.length > 0) return undefined;
      try {
        const signed = encoder.encode(`${header}.${payload}`);
        const good = await crypto.subtle.verify("HMAC", await key(), fromBase64url(signature), signed);
        return good ? JSON.parse(new TextDecoder().decode(fromBase64url(payload))) : undefined;
      } catch {
        return undefined;
      }
    },
  };
}

/** @typedef {ReturnType<typeof tokenSigner>} TokenSigner */

/**
 * Who calls, or the refusal to send them: RFC 6750's errors, in order.
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3.1
 * @param {Request} request
 * @param {object} demands
 * @param {TokenSigner} demands.signer
 * @param {string} demands.audience
 * @param {string} demands.scope
 * @param {number} demands.now epoch ms
 * @returns {Promise<{ claims: Claims, refusal?: undefined } | { claims?: undefined, refusal: Response }>}
 */
export async function authenticate(request, { signer, audience, scope, now }) {
  /** @param {number} status @param {string} error @param {string} description */
  const refuse = (status, error, description) => ({
    refusal: civicRefusal(status, error, description, { "www-authenticate": `Bearer error="${error}"` }),
  });
  const authorization = request.headers.get("authorization");
  if (authorization === null) {
    return {
      refusal: civicRefusal(401, "unauthorized", "A bearer token is required.", { "www-authenticate": "Bearer" }),
    };
  }
  const token = /^bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization)?.[1];
  if (token === undefined) return refuse(401, "invalid_token", "The authorization header is malformed.");
  const claims = await signer.read(token);
  if (!claims) return refuse(401, "invalid_token", "The token is not one of ours.");
  if (claims.revoked) return refuse(401, "invalid_token", "The token has been revoked.");
  if (claims.exp * 1000 <= now) return refuse(401, "invalid_token", "The token has expired.");
  if (claims.aud !== audience) return refuse(403, "access_denied", "The token is for another audience.");
  if (!claims.scope.split(" ").includes(scope))
    return refuse(403, "insufficient_scope", `The scope ${scope} is missing.`);
  return { claims };
}
