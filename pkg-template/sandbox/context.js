// @ts-check
// What a route's handler is given.

/**
 * @typedef {object} Context
 * @property {Request} request
 * @property {URL} url
 * @property {string} [id] the request id in the path, percent-decoded
 * @property {string} [rel] the evidence's rel in the path, percent-decoded
 * @property {number} now epoch ms
 * @property {string} origin of the links
 * @property {string} elsewhere another origin
 * @property {AbortSignal | undefined} signal
 * @property {import("./faults.js").Claim | undefined} claim the fault that strikes this request
 */

/**
 * @typedef {object} TokenOrder
 * @property {"civic" | "globalid"} [api]
 * @property {string} [attestee]
 * @property {readonly string[]} [scopes]
 * @property {string} [audience]
 * @property {number} [lifetimeSeconds]
 * @property {boolean} [revoked]
 */

export {};
