// @ts-check
// globaliD: its token endpoint, an identity's own attestations, and the public search.

import { civicRefusal, globalidRefusal, json } from "./answer.js";
import { attestationStore, filterOf } from "./attestations.js";
import { grantOf } from "./grant.js";
import { authenticate } from "./token.js";

/** @typedef {import("./context.js").Context} Context */
/** @typedef {import("./attestations.js").Attestation} Attestation */

export const GLOBALID_AUDIENCE = "https://api.global.id";
const LIFETIME_SECONDS = 28_799;
const PER_PAGE = 50;

/**
 * @param {object} parts
 * @param {import("./options.js").Settings} parts.settings
 * @param {import("./token.js").TokenSigner} parts.signer
 * @param {(o: import("./context.js").TokenOrder) => Promise<string>} parts.issueToken
 */
export function globalid({ settings, signer, issueToken }) {
  const store = attestationStore(settings.seed, settings.attestations);

  return {
    /** @param {Context} context */
    async userToken({ request, claim }) {
      const { grant, refusal } = await grantOf(request, {
        ...settings,
        grants: ["client_credentials", "authorization_code"],
      });
      if (refusal) return refusal;
      const lifetimeSeconds = claim?.fault.name === "short-token" ? claim.fault.argument : LIFETIME_SECONDS;
      const revoked = claim?.fault.name === "revoked-token";
      const common = { expires_in: lifetimeSeconds, scope: "public", token_type: "bearer" };
      /** @type {import("./context.js").TokenOrder} */
      const order = { api: "globalid", lifetimeSeconds, revoked };
      if (grant.get("grant_type") === "client_credentials") {
        return json(200, { access_token: await issueToken(order), ...common }, { "cache-control": "no-store" });
      }
      // There is nobody to sign in: in the sandbox the code names the identity.
      const attestee = grant.get("code");
      if (!attestee || !/^[a-z0-9_]{1,64}$/.test(attestee)) {
        return civicRefusal(
          400,
          "invalid_grant",
          "The authorization code is not valid; in the sandbox it is a name, such as johnsmith.",
        );
      }
      const token = await issueToken({ ...order, attestee });
      return json(
        200,
        {
          access_token: token,
          ...common,
          id_token: await issueToken({ ...order, attestee, audience: settings.clientId }),
        },
        { "cache-control": "no-store" },
      );
    },

    /** @param {Context} context */
    async attestations({ request, url, now }) {
      const { claims, refusal } = await authenticate(request, {
        signer,
        audience: GLOBALID_AUDIENCE,
        scope: "public",
        now,
      });
      if (refusal) return refusal;
      if (!claims.sub.startsWith("user:"))
        return globalidRefusal(403, "access_denied", "The token is not associated with an identity.");
      const attestee = claims.sub.slice(5);
      const filter = filterOf(url.searchParams);
      if (filter.error !== undefined) return globalidRefusal(400, "ERR_VALIDATION", filter.error);
      const { test } = filter;
      return json(
        200,
        store.matching((attestation) => attestation.attestee === attestee && (!test || test(attestation))),
      );
    },

    /** @param {Context} context */
    async search({ url, claim }) {
      const filter = filterOf(url.searchParams);
      if (filter.error !== undefined) return globalidRefusal(400, "ERR_VALIDATION", filter.error);
      const page = wholeNumber(url.searchParams.get("page") ?? "1");
      const wanted = wholeNumber(url.searchParams.get("per_page") ?? String(PER_PAGE));
      if (page === undefined || wanted === undefined) {
        return globalidRefusal(400, "ERR_VALIDATION", "page and per_page must be whole numbers above nought.");
      }
      const { name, argument } = claim?.fault ?? { name: "", argument: 0 };
      const perPage = Math.min(wanted, settings.maxPerPage, name === "page-capped" ? Math.max(1, argument) : wanted);
      const found = filter.test ? changed(store.matching(filter.test), claim, filter.field) : changed(undefined, claim);
      const start = ((name === "repeated-page" ? 1 : page) - 1) * perPage;
      const data = name === "empty-page" ? [] : found.slice(start, start + perPage);
      return json(200, { data, meta: { page, per_page: perPage, total: found.total } });
    },
  };

  /**
   * What a search finds, after the changes that a fault has made so far. A list of all is not made for one page.
   * @param {readonly Attestation[] | undefined} matching
   * @param {import("./faults.js").Claim | undefined} claim
   * @param {string} [field] the field that they were filtered by: whoever comes has it as the first of them
   */
  function changed(matching, claim, field) {
    const { name, argument } = claim?.fault ?? { name: "", argument: 0 };
    const steps = claim ? claim.answered++ * argument : 0;
    const length = matching ? matching.length : store.count;
    const front = name === "grow-front" ? steps : 0;
    const back = name === "grow-back" ? steps : 0;
    const skipped = name === "shrink-front" ? Math.min(steps, length) : 0;
    const dropped = name === "shrink-back" ? Math.min(steps, length) : 0;
    const total = front + length - skipped - dropped + back;
    /** @param {number} i */
    const newcomer = (i) => {
      const record = store.one(-1 - i);
      const first = matching?.[0];
      return field !== undefined && first ? { ...record, [field]: first[field] ?? null } : record;
    };
    return {
      total,
      /** @param {number} from @param {number} to */
      slice(from, to) {
        const records = [];
        for (let i = from; i < Math.min(to, total); i++) {
          const at = i - front + skipped;
          if (i < front) records.push(newcomer(front - 1 - i));
          else if (at < length - dropped) records.push(matching ? matching[at] : store.one(at));
          else records.push(newcomer(at - (length - dropped)));
        }
        return records;
      },
    };
  }
}

/** @param {string} text */
function wholeNumber(text) {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}
