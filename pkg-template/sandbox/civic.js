// @ts-check
// Civic: the tenant's token endpoint and the Partner API.

import { civicRefusal, json, jsonObject, mediaType, storeRefusal } from "./answer.js";
import { caseOf, presigned, STORED } from "./cases.js";
import { evidenceAnswer } from "./evidence.js";
import { splitId } from "./faults.js";
import { grantOf } from "./grant.js";
import { authenticate } from "./token.js";

/** @typedef {import("./cases.js").Case} Case */
/** @typedef {import("./context.js").Context} Context */
/** @typedef {"partner-pass" | "partner-fail"} Verdict */

/** The scopes of the text, in its order. */
export const CIVIC_SCOPES = [
  "partner:admin",
  "update:pass",
  "issue:pass",
  "search:pass",
  "create:gkn",
  "update:gkn",
  "createWithId:gkn",
  "get:pii",
  "put:piirequest",
];
const VERDICTS = ["partner-pass", "partner-fail"];
/** The only status at which a decision is awaited. */
const DECIDABLE = "verification-success";
export const REQUEST_ID = /^(?!\.{1,2}$)[A-Za-z0-9._~-]{1,128}$/;

/**
 * @param {object} parts
 * @param {import("./options.js").Settings} parts.settings
 * @param {import("./token.js").TokenSigner} parts.signer
 * @param {(o: import("./context.js").TokenOrder) => Promise<string>} parts.issueToken
 */
export function civic({ settings, signer, issueToken }) {
  /** What was decided here, by the whole request id. @type {Map<string, string>} */
  const verdicts = new Map();

  /** @param {string} id */
  function find(id) {
    const split = splitId(id);
    const found = split && (settings.requests.get(split.base) ?? caseOf(split.base));
    return found && { found, status: verdicts.get(id) ?? found.status };
  }

  /** @param {Case} found @param {number} now */
  const informationOf = (found, now) => found.information?.(new Date(now).toISOString().slice(0, 10));

  /** @param {Context} context @param {string} scope */
  const admit = ({ request, now }, scope) => authenticate(request, { signer, audience: settings.audience, scope, now });

  /**
   * The request that a call is about, or the refusal to send.
   * @param {Context} context
   * @param {string} scope
   * @returns {Promise<{ refusal: Response } | { refusal?: undefined, id: string, found: Case, status: string }>}
   */
  async function requested(context, scope) {
    const { refusal } = await admit(context, scope);
    if (refusal) return { refusal };
    const { id } = context;
    if (id === undefined || !REQUEST_ID.test(id))
      return { refusal: civicRefusal(400, "invalid_request", "The request id is malformed.") };
    const known = find(id);
    return known ? { id, ...known } : { refusal: civicRefusal(404, "not_found", "There is no such request.") };
  }

  return {
    reset: () => verdicts.clear(),

    /** @param {Context} context */
    async token({ request, claim, now }) {
      const { grant, refusal } = await grantOf(request, { ...settings, grants: ["client_credentials"] });
      if (refusal) return refusal;
      // A form or HTTP Basic may leave the audience to the tenant's default.
      if ((grant.get("audience") ?? settings.audience) !== settings.audience) {
        return civicRefusal(403, "access_denied", "The client is not authorized for this audience.");
      }
      const wanted = grant.get("scope")?.split(" ").filter(Boolean) ?? settings.scopes;
      if (!wanted.every((scope) => settings.scopes.includes(scope))) {
        return civicRefusal(400, "invalid_scope", "A scope was asked for that the client does not have.");
      }
      const lifetimeSeconds =
        claim?.fault.name === "short-token" ? claim.fault.argument : settings.tokenLifetimeSeconds;
      const revoked = claim?.fault.name === "revoked-token";
      const body = {
        access_token: await issueToken({ api: "civic", scopes: wanted, lifetimeSeconds, revoked }),
        scope: wanted.join(" "),
        expires_in: lifetimeSeconds,
        token_type: "Bearer",
      };
      return json(200, body, {
        "cache-control": "no-store",
        "x-ratelimit-limit": "100",
        "x-ratelimit-remaining": "99",
        "x-ratelimit-reset": String(Math.ceil(now / 1000) + 60),
      });
    },

    /** @param {Context} context */
    async pii(context) {
      const asked = await requested(context, "get:pii");
      if (asked.refusal) return asked.refusal;
      const { found, status, id } = asked;
      const { origin, elsewhere, now } = context;
      const self = `${origin}/partner/piirequest/${id}`;
      const information = informationOf(found, now);
      const links = [{ rel: "self", href: self }];
      for (const rel of Object.keys(found.evidence))
        links.push({ rel, href: `${self}/evidence/${encodeURIComponent(rel)}` });
      links.push(...(found.links?.({ self, origin, elsewhere, id }) ?? []));
      const record = {
        id,
        type: found.type,
        status,
        links,
        ...(information ? { verifiedInformation: information } : {}),
        ...found.unknown,
      };
      return json(200, record, { "cache-control": "private, no-store" });
    },

    /** @param {Context} context */
    async evidence(context) {
      const asked = await requested(context, "get:pii");
      if (asked.refusal) return asked.refusal;
      const { found } = asked;
      const { rel = "", now, signal } = context;
      const evidence = Object.hasOwn(found.evidence, rel) ? found.evidence[rel] : undefined;
      if (!evidence) return civicRefusal(404, "not_found", "There is no such evidence.");
      return evidenceAnswer(evidence, informationOf(found, now) ?? {}, signal);
    },

    /** @param {Context} context */
    async status(context) {
      const asked = await requested(context, "put:piirequest");
      if (asked.refusal) return asked.refusal;
      const { id } = asked;
      const { request, claim } = context;
      if (mediaType(request) !== "application/json")
        return civicRefusal(415, "unsupported_media_type", "The body must be JSON.");
      const body = await jsonObject(request);
      const verdict = body?.status;
      if (!body || typeof verdict !== "string" || !VERDICTS.includes(verdict) || Object.keys(body).length !== 1) {
        return civicRefusal(
          400,
          "invalid_request",
          "The body must be a JSON object with the status partner-pass or partner-fail, and nothing else.",
        );
      }
      // Reading the body took time: only what is known now decides, and nothing is awaited from here on.
      const current = () => find(id)?.status;
      if (current() === DECIDABLE) {
        if (claim?.fault.name === "same-verdict-first") verdicts.set(id, verdict);
        if (claim?.fault.name === "other-verdict-first")
          verdicts.set(id, verdict === "partner-pass" ? "partner-fail" : "partner-pass");
      }
      if (VERDICTS.includes(current() ?? ""))
        return civicRefusal(409, "already_decided", "The request has been decided.");
      if (current() !== DECIDABLE) return civicRefusal(409, "not_decidable", "The request does not await a decision.");
      verdicts.set(id, verdict);
      return json(200, { id, status: verdict });
    },

    /** A presigned link of an object store, which takes no other authorization. @param {Context} context */
    async store({ request, url, id = "", rel = "", now, signal }) {
      if (request.headers.has("authorization")) {
        return storeRefusal(400, "InvalidArgument", "Only one auth mechanism allowed");
      }
      if (url.searchParams.get("signature") !== presigned(id, rel))
        return storeRefusal(403, "SignatureDoesNotMatch", "The signature does not match.");
      const evidence = Object.hasOwn(STORED, rel) ? STORED[rel] : undefined;
      const found = find(id)?.found;
      if (!evidence || !found) return storeRefusal(404, "NoSuchKey", "The key does not exist.");
      return evidenceAnswer(evidence, informationOf(found, now) ?? {}, signal);
    },

    /** What an oversize file shows. @param {Context} context */
    pictured: ({ id, now }) => {
      const found = find(id ?? "")?.found;
      return (found && informationOf(found, now)) ?? {};
    },
  };
}
