// @ts-check
// What is kept sealed: whoever reads the database without knowing the client secret learns nothing of it.

/**
 * @typedef {object} Seal
 * @property {(name: string, value: unknown) => Promise<string>} seal a value, as text that only `open` of this very name reads
 * @property {(name: string, sealed: string) => Promise<unknown>} open rejects where it was sealed with another secret, under
 *   another name, or altered
 */

/**
 * @param {string} secret
 * @param {string} label what is sealed: each kind has a key of its own
 * @param {string} [context] what else the key depends on
 * @returns {Seal}
 */
export function sealWith(secret, label, context = label) {
  // The key as a value: a promise of it would tie one request to another.
  /** @type {CryptoKey | undefined} */
  let key;
  const keyOf = async () => {
    key ??= await derive(secret, label, context);
    return key;
  };
  return {
    seal: async (name, value) => seal(await keyOf(), name, value),
    open: async (name, sealed) => open(await keyOf(), name, sealed),
  };
}

/**
 * HKDF (RFC 5869): the client secret is known to every isolate and to nobody else, so no further secret must be kept.
 *
 * @param {string} secret
 * @param {string} label
 * @param {string} context
 */
async function derive(secret, label, context) {
  const encoder = new TextEncoder();
  const material = await crypto.subtle.importKey("raw", encoder.encode(secret), "HKDF", false, ["deriveKey"]);
  return crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: encoder.encode(label), info: encoder.encode(context) },
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
 * @param {unknown} value
 */
async function seal(key, name, value) {
  const encoder = new TextEncoder();
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = encoder.encode(JSON.stringify(value));
  const sealed = new Uint8Array(
    await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: encoder.encode(name) }, key, plain),
  );
  return btoa(String.fromCharCode(...iv, ...sealed));
}

/**
 * @param {CryptoKey} key
 * @param {string} name
 * @param {string} text
 * @returns {Promise<unknown>}
 */
async function open(key, name, text) {
  const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  const additionalData = new TextEncoder().encode(name);
  const algorithm = { name: "AES-GCM", iv: bytes.subarray(0, 12), additionalData };
  const plain = await crypto.subtle.decrypt(algorithm, key, bytes.subarray(12));
  return JSON.parse(new TextDecoder().decode(plain));
}
