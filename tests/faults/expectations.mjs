// @ts-check
// What every fault of the sandbox must look like to a caller of every operation. A cell is the outcome and the number of
// requests that reached the struck route: "upstream 2" is the code `upstream` after two attempts (maxRetries is 1 here),
// "ok 1" is success at the first. Where a walk decides for itself how many pages it needs, "<=n" bounds them.
//
// Columns are named operation>route, since one operation can meet a fault at several places.

export const COLUMNS = /** @type {const} */ ([
  "exchangeToken>token",
  "exchangeToken>userToken",
  "tokenProvider>token",
  "retrievePii>token", // with a provider as its token
  "retrievePii>pii",
  "fetchEvidence>evidence",
  "fetchEvidence>store", // an allowed origin, without the bearer
  "streamEvidence>evidence",
  "streamEvidence>store",
  "submitDecision>pii",
  "submitDecision>status",
  "listAttestations>attestations",
  "searchAttestations>search",
  "eachAttestation>search",
]);

/**
 * @typedef {(typeof COLUMNS)[number]} Column
 * @typedef {{ as?: string, timeoutMs?: number, all?: string } & Partial<Record<Column, string>>} Row
 *   `as`: the fault with its number, where the default would only take time; `all`: the cell of every column not named
 */

/** The text's status ends every operation alike. @param {string} cell @returns {Row} */
const everywhere = (cell) => ({ all: cell });

/**
 * A spoiled body: JSON is read by all but the PUT, whose answer nobody reads; pictures by the two evidence operations.
 *
 * @param {{ json?: string, fetch?: string, stream?: string, put?: string }} cells
 * @returns {Row}
 */
const body = ({ json = "", fetch = "", stream = fetch, put = "applied 1" }) => ({
  all: json,
  ...(fetch && { "fetchEvidence>evidence": fetch, "fetchEvidence>store": fetch }),
  ...(stream && { "streamEvidence>evidence": stream, "streamEvidence>store": stream }),
  "submitDecision>status": put,
});

/** A fault that leaves a good answer, with the PUT's own word for it. @type {Row} */
const harmless = {
  all: "ok 1",
  "submitDecision>pii": "applied 1",
  "submitDecision>status": "applied 1",
  "eachAttestation>search": "ok 3",
};

/** Long enough for a slow machine to answer what is not meant to hang, short enough to wait for twice. */
const HANG = { timeoutMs: 1500 };

/** @type {Record<string, Row>} */
export const EXPECTATIONS = {
  // Statuses
  400: everywhere("rejected 1"),
  401: everywhere("unauthorized 1"),
  "401-plain": everywhere("unauthorized 1"),
  403: everywhere("forbidden 1"),
  404: everywhere("not_found 1"),
  408: everywhere("rejected 2"),
  409: everywhere("conflict 1"),
  410: everywhere("rejected 1"),
  418: everywhere("rejected 1"),
  422: everywhere("rejected 1"),
  500: everywhere("upstream 2"),
  501: everywhere("upstream 1"),
  502: everywhere("upstream 2"),
  "502-html": everywhere("upstream 2"),
  503: everywhere("upstream 2"),
  504: everywhere("upstream 2"),

  // How long to wait
  429: everywhere("rate_limited 2"),
  "429-seconds": everywhere("rate_limited 2"),
  "429-date": { as: "429-date_1", ...everywhere("rate_limited 2") },
  "429-reset": { as: "429-reset_1", ...everywhere("rate_limited 2") },
  "429-garbage": everywhere("rate_limited 2"),
  "429-far": everywhere("rate_limited 1"),
  "429-reset-far": everywhere("rate_limited 1"),
  "503-seconds": everywhere("upstream 2"),
  "503-reset": everywhere("upstream 2"),

  // Redirects
  301: everywhere("redirected 1"),
  302: everywhere("redirected 1"),
  303: everywhere("redirected 1"),
  307: everywhere("redirected 1"),
  308: everywhere("redirected 1"),
  "redirect-same-origin": everywhere("redirected 1"),

  // Time and connections. A stream is handed over with its first bytes: what breaks later cannot be tried again.
  "slow-headers": { as: "slow-headers_300", ...harmless },
  "slow-body": { as: "slow-body_300", ...harmless },
  hang: { ...HANG, ...everywhere("timeout 2") },
  "hang-body": { ...HANG, ...body({ json: "timeout 2", fetch: "timeout 2", stream: "timeout 1" }) },
  "cut-body": body({ json: "network 2", fetch: "network 2", stream: "network 1" }),
  reset: everywhere("network 2"),

  // Bodies
  "empty-body": body({ json: "bad_response 1", fetch: "unsupported_media 1" }),
  "short-body": body({ fetch: "unsupported_media 1" }),
  // A PUT answered by a page was not answered by the API: whether it was applied is for the next look to say.
  "wrong-type": { ...harmless, "submitDecision>status": "bad_response 1" },
  "html-body": body({ json: "bad_response 1", fetch: "unsupported_media 1", put: "bad_response 1" }),
  "malformed-json": body({ json: "bad_response 1" }),
  "invalid-utf8": body({ json: "bad_response 1" }),
  "not-object": body({ json: "bad_response 1" }),
  "wrong-shape": body({ json: "bad_response 1" }),
  "other-id": body({ json: "bad_response 1" }),
  proto: harmless,
  oversize: body({ json: "too_large 1", fetch: "too_large 1" }),
  "oversize-gzip": body({ json: "too_large 1", fetch: "too_large 1" }),

  // Decisions
  202: { "submitDecision>status": "queued 1" },
  204: { "submitDecision>status": "applied 1" },
  "apply-then-hang": { ...HANG, "submitDecision>status": "already-applied 1" },
  "apply-then-500": { "submitDecision>status": "already-applied 1" },
  "apply-then-503": { "submitDecision>status": "already-applied 1" },
  "apply-then-reset": { "submitDecision>status": "already-applied 1" },
  "apply-then-cut": { "submitDecision>status": "applied 1" },
  "same-verdict-first": { "submitDecision>status": "already-applied 1" },
  "other-verdict-first": { "submitDecision>status": "conflict 1" },

  // Tokens. Only the call that uses a revoked token can notice, and it renews it once.
  "revoked-token": { all: "ok 1", "retrievePii>token": "unauthorized 2" },
  "short-token": { as: "short-token_60", all: "ok 1" },

  // Searches that move. A page on its own is good; a walk asks again until it has seen what stayed.
  "grow-front": { "searchAttestations>search": "ok 1", "eachAttestation>search": "ok <=12" },
  "grow-back": { "searchAttestations>search": "ok 1", "eachAttestation>search": "ok <=12" },
  "shrink-front": { "searchAttestations>search": "ok 1", "eachAttestation>search": "ok <=12" },
  "shrink-back": { "searchAttestations>search": "ok 1", "eachAttestation>search": "ok <=12" },
  "page-capped": { "searchAttestations>search": "ok 1", "eachAttestation>search": "ok <=16" },
  "repeated-page": { "searchAttestations>search": "ok 1", "eachAttestation>search": "ok <=12" },
  "empty-page": { "searchAttestations>search": "ok 1", "eachAttestation>search": "ok <=12" },
};
