// @ts-check
// Civic's tokens, shared between isolates through D1. A token is a secret and Civic bills each exchange, so it is kept, but
// encrypted: whoever reads the database without knowing the client secret learns nothing.

/** @typedef {import("./database.js").Database} Database */

const LABEL = "passdesk token store 1";

/**
 * @param {Database} database
 * @param {{ tokenUrl: string, clientId: string, clientSecret: string }} client
 * @returns {import("passdesk").TokenStore}
 */
export function tokenStore(database, { tokenUrl, clientId, clientSecret }) {
  // The key as a value: a promise of it would tie one request to another.
  /** @type {CryptoKey | undefined} */
  let key;
  const sealingKey = async () => {
    key ??= await derive(clientSecret, `${LABEL}\n${tokenUrl}\n${clientId}`);
    return key;
  };
  return {
    async get(name) {
      const row = await database.prepare("SELECT sealed FROM tokens WHERE name = ?").bind(name).first();
      const sealed = /** @type {{ sealed: string } | null} */ (row)?.sealed;
      // What cannot be opened was sealed before the secret was rotated, or altered: a new token takes its place.
      return sealed === undefined ? undefined : open(await sealingKey(), name, sealed).catch(() => undefined);
    },
    async set(name, token) {
      const sealed = await seal(await sealingKey(), name, token);
      await database
        .prepare(
          "INSERT INTO tokens (name, sealed, expires_at) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed, expires_at = excluded.expires_at",
        )
        .bind(name, sealed, Math.floor(token.expiresAt))
        .run();
    },
    async delete(name) {
      await database.prepare("DELETE FROM tokens WHERE name = ?").bind(name).run();
    },
  };
}

/**
 * HKDF (RFC 5869): the client secret is known to every isolate and to nobody else, so no further secret must be kept.
 *
 * @param {string} secret
 * @param {string} context
 */
async function derive(secret, context) {
  const encoder = new TextEncoder();
  const material = await crypto.subtle.importKey("raw", encoder.encode(secret), "HKDF", false, ["deriveKey"]);
  return crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: encoder.encode(LABEL), info: encoder.encode(context) },
    material,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt", "decrypt"],
  );
}

/**
 * AES-GCM under a fresh nonce; the name is authenticated with it, so that a row cannot be put under another name.
 *
 * @param {CryptoKey} key
 * @param {string} name
 * @param {import("passdesk").AccessToken} token
 */
async function seal(key, name, token) {
  const encoder = new TextEncoder();
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = encoder.encode(JSON.stringify(token));
  const sealed = new Uint8Array(
    await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: encoder.encode(name) }, key, plain),
  );
  return btoa(String.fromCharCode(...iv, ...sealed));
}

/**
 * @param {CryptoKey} key
 * @param {string} name
 * @param {string} text
 * @returns {Promise<import("passdesk").AccessToken>}
 */
async function open(key, name, text) {
  const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  const additionalData = new TextEncoder().encode(name);
  const algorithm = { name: "AES-GCM", iv: bytes.subarray(0, 12), additionalData };
  const plain = await crypto.subtle.decrypt(algorithm, key, bytes.subarray(12));
  return JSON.parse(new TextDecoder().decode(plain));
}
