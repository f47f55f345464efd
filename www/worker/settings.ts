// What the desk must be told before it opens, checked once for an isolate.

import { type TokenProvider, tokenProvider } from "passdesk";

/** What the deployment binds. All of it may be missing: that is what {@link openDesk} finds out. */
export interface Bindings {
  /** The built console. */
  ASSETS: { fetch(request: Request): Promise<Response> };
  CIVIC_BASE_URL?: string;
  CIVIC_TOKEN_URL?: string;
  CIVIC_CLIENT_ID?: string;
  CIVIC_CLIENT_SECRET?: string;
  GLOBALID_BASE_URL?: string;
  /** `"true"` lets a desk without a login answer on this machine. */
  LOCAL_DEMO?: string;
}

/** Everything that the routes need. */
export interface Desk {
  /** How to reach Civic: spread into each call. */
  civic: { baseUrl: string; token: TokenProvider };
  /** How to reach globaliD, whose search needs no token. */
  globalid: { baseUrl: string };
}

/** Why the desk stays shut. The words are for its operator, and name settings, never values. */
export class Misconfigured extends Error {
  override name = "Misconfigured";
}

const REQUIRED = [
  "CIVIC_BASE_URL",
  "CIVIC_TOKEN_URL",
  "CIVIC_CLIENT_ID",
  "CIVIC_CLIENT_SECRET",
  "GLOBALID_BASE_URL",
] as const;

/** Makes a desk of the settings, or says which of them is missing. */
export function openDesk(bindings: Bindings): Desk {
  if (bindings.LOCAL_DEMO !== "true") {
    throw new Misconfigured("This desk has no login yet, so it serves local demos only: LOCAL_DEMO is not set.");
  }
  const [baseUrl, tokenUrl, clientId, clientSecret, globalid] = REQUIRED.map((name) => {
    const value = bindings[name];
    if (!value) throw new Misconfigured(`The setting ${name} is missing.`);
    return value;
  }) as [string, string, string, string, string];
  return {
    civic: { baseUrl, token: tokenProvider({ tokenUrl, clientId, clientSecret }) },
    globalid: { baseUrl: globalid },
  };
}
