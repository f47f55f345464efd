// @ts-check
// What the routes work with: the settings, the door, and how to reach Civic and globaliD.

import { tokenProvider } from "passdesk";
import { accessOf } from "./access.js";
import { noteSeal } from "./notes.js";
import { settingsOf } from "./settings.js";
import { tokenStore } from "./tokens.js";

/** @typedef {typeof globalThis.fetch} Fetch */

/**
 * @typedef {object} Desk
 * @property {import("./settings.js").Settings} settings
 * @property {import("./access.js").Access} access
 * @property {{ baseUrl: string, token: import("passdesk").TokenProvider, fetch?: Fetch }} civic spread into each call
 * @property {{ baseUrl: string, fetch?: Fetch }} globalid spread into each call; its search needs no token
 * @property {import("./seal.js").Seal} notes opens what reviewers left beside verdicts
 * @property {Fetch} [transport] what sends requests in place of the global `fetch`
 * @property {() => number} now
 */

/**
 * Opens a desk, or says what is wrong with its settings. It lives as long as the isolate: the keys of Access and Civic's
 * token in it are remembered, as values, between requests.
 *
 * @param {unknown} bindings
 * @param {{ fetch?: Fetch }} options
 * @returns {Desk}
 */
export function openDesk(bindings, { fetch }) {
  return deskWith(settingsOf(bindings), fetch);
}

/**
 * @param {import("./settings.js").Settings} settings
 * @param {Fetch | undefined} fetch
 * @returns {Desk}
 */
export function deskWith(settings, fetch) {
  const { baseUrl, ...client } = settings.civic;
  const transport = fetch === undefined ? {} : { fetch };
  const now = () => Date.now();
  return {
    settings,
    now,
    ...(fetch && { transport: fetch }),
    access: accessOf({ ...settings.access, now, fetch: fetch ?? ((input, init) => globalThis.fetch(input, init)) }),
    civic: {
      baseUrl,
      token: tokenProvider({ ...client, ...transport, store: tokenStore(settings.database, client) }),
      ...transport,
    },
    globalid: { ...settings.globalid, ...transport },
    notes: noteSeal(client),
  };
}
