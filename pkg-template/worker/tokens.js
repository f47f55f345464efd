// @ts-check
// Civic's tokens, shared between isolates through D1. A token is a secret and Civic bills each exchange, so it is kept, but
// sealed.

import { sealWith } from "./seal.js";

/** @typedef {import("./database.js").Database} Database */

const LABEL = "passdesk token store 1";

/**
 * @param {Database} database
 * @param {{ tokenUrl: string, clientId: string, clientSecret: string }} client
 * @returns {import("passdesk").TokenStore}
 */
export function tokenStore(database, { tokenUrl, clientId, clientSecret }) {
  const { seal, open } = sealWith(clientSecret, LABEL, `${LABEL}\n${tokenUrl}\n${clientId}`);
  return {
    async get(name) {
      const row = await database.prepare("SELECT sealed FROM tokens WHERE name = ?").bind(name).first();
      const sealed = /** @type {{ sealed: string } | null} */ (row)?.sealed;
      if (sealed === undefined) return undefined;
      // What cannot be opened was sealed before the secret was rotated, or altered: a new token takes its place.
      const token = await open(name, sealed).catch(() => undefined);
      return /** @type {import("passdesk").AccessToken | undefined} */ (token);
    },
    async set(name, token) {
      const sealed = await seal(name, token);
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
