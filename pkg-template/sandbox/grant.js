// @ts-check
// What arrives at a token endpoint: JSON, a form, or a form with HTTP Basic; and whether it comes from our client.

import { civicRefusal, jsonObject, mediaType } from "./answer.js";

/** Grants that exist, but not here. @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2 */
const OTHER_GRANTS = ["authorization_code", "client_credentials", "implicit", "password", "refresh_token"];

/** @param {Request} request @returns {Promise<Map<string, string> | undefined>} */
async function fields(request) {
  switch (mediaType(request)) {
    case "application/json": {
      const body = await jsonObject(request);
      const entries = Object.entries(body ?? {});
      return body && entries.every(([, value]) => typeof value === "string")
        ? new Map(/** @type {[string, string][]} */ (entries))
        : undefined;
    }
    case "application/x-www-form-urlencoded": {
      const entries = [...new URLSearchParams(await request.text())];
      const map = new Map(entries);
      // A parameter must not be included more than once (RFC 6749, section 3.2).
      return map.size === entries.length ? map : undefined;
    }
    default:
      return undefined;
  }
}

/** @param {string | null} authorization @returns {[id: string, secret: string] | undefined} */
function basic(authorization) {
  const encoded = /^basic ([A-Za-z0-9+/]+=*)$/i.exec(authorization ?? "")?.[1];
  if (encoded === undefined) return undefined;
  try {
    const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
    const text = new TextDecoder().decode(bytes);
    const colon = text.indexOf(":");
    if (colon < 0) return undefined;
    /** Both halves are form-encoded before they are joined (RFC 6749, section 2.3.1). @param {string} half */
    const decoded = (half) => decodeURIComponent(half.replaceAll("+", " "));
    return [decoded(text.slice(0, colon)), decoded(text.slice(colon + 1))];
  } catch {
    return undefined;
  }
}

/**
 * A grant that our client asks for, or the refusal to send.
 * @param {Request} request
 * @param {{ clientId: string, clientSecret: string, grants: readonly string[] }} client
 * @returns {Promise<{ grant: Map<string, string>, refusal?: undefined } | { grant?: undefined, refusal: Response }>}
 */
export async function grantOf(request, { clientId, clientSecret, grants }) {
  /** @param {number} status @param {string} error @param {string} description */
  const refuse = (status, error, description) => ({ refusal: civicRefusal(status, error, description) });
  const grant = await fields(request);
  if (!grant) return refuse(400, "invalid_request", "The body must be a JSON object of strings, or a form.");

  const authorization = request.headers.get("authorization");
  const pair = basic(authorization);
  if (authorization !== null && !pair)
    return refuse(401, "invalid_client", "The authorization header is not HTTP Basic.");
  if (pair && grant.has("client_secret")) return refuse(400, "invalid_request", "Credentials came twice.");
  const [id, secret] = pair ?? [grant.get("client_id"), grant.get("client_secret")];
  // The tenant in front of the endpoint answers this one itself, and not in JSON.
  if (!id || !secret)
    return { refusal: new Response("Unauthorized", { status: 401, headers: { "content-type": "text/plain" } }) };
  if (id !== clientId) return refuse(401, "invalid_client", "The client is not known.");
  if (secret !== clientSecret) return refuse(401, "access_denied", "Unauthorized");

  const type = grant.get("grant_type");
  if (type === undefined) return refuse(400, "invalid_request", "The grant_type is missing.");
  if (grants.includes(type)) return { grant };
  return OTHER_GRANTS.includes(type)
    ? refuse(403, "unauthorized_client", "This grant type is not allowed for the client.")
    : refuse(400, "unsupported_grant_type", "The grant type is not supported.");
}
