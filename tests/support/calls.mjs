// @ts-check
// The same question put to every operation that sends something.
import { record } from "./stage.mjs";

/**
 * @typedef {import("./stage.mjs").Passdesk} Passdesk
 * @typedef {import("passdesk").CallOptions} CallOptions
 * @typedef {(passdesk: Passdesk, origin: string, options: CallOptions & { token?: any }) => Promise<unknown>} Call
 */

/** @param {string} origin @returns {import("passdesk").PiiRequest} */
export const piiAt = (origin) => JSON.parse(JSON.stringify(record("r1")).replaceAll("{{origin}}", origin));

/** @type {Record<string, Call>} each makes exactly one request where that one fails for good */
export const CALLS = {
  exchangeToken: (passdesk, origin, { token: _, ...options }) =>
    passdesk.exchangeToken({ tokenUrl: `${origin}/oauth/token`, clientId: "desk", clientSecret: "s3cret", ...options }),
  tokenProvider: (passdesk, origin, { token: _, ...options }) =>
    passdesk.tokenProvider({
      tokenUrl: `${origin}/oauth/token`,
      clientId: "desk",
      clientSecret: "s3cret",
      ...options,
    })(),
  retrievePii: (passdesk, baseUrl, options) => passdesk.retrievePii({ requestId: "r1", baseUrl, ...options }),
  fetchEvidence: (passdesk, baseUrl, options) =>
    passdesk.fetchEvidence({ pii: piiAt(baseUrl), rel: "idDocumentFront", baseUrl, ...options }),
  streamEvidence: async (passdesk, baseUrl, options) => {
    const response = await passdesk.streamEvidence({
      pii: piiAt(baseUrl),
      rel: "idDocumentFront",
      baseUrl,
      ...options,
    });
    return response.arrayBuffer();
  },
  submitDecision: (passdesk, baseUrl, options) =>
    passdesk.submitDecision({ requestId: "r1", status: "partner-pass", baseUrl, ...options }),
  listAttestations: (passdesk, baseUrl, { token = "user-token", ...options }) =>
    passdesk.listAttestations({ token, baseUrl, ...options }),
  searchAttestations: (passdesk, baseUrl, options) => passdesk.searchAttestations({ baseUrl, ...options }),
  eachAttestation: async (passdesk, baseUrl, options) => {
    const all = [];
    for await (const it of passdesk.eachAttestation({ baseUrl, ...options })) all.push(it);
    return all;
  },
};

/** Those that read a JSON body of upstream. */
export const JSON_CALLS = [
  "exchangeToken",
  "tokenProvider",
  "retrievePii",
  "submitDecision",
  "listAttestations",
  "searchAttestations",
  "eachAttestation",
];

/**
 * Counts what a call registers on a signal.
 */
export function countedSignal() {
  const controller = new AbortController();
  const { signal } = controller;
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = /** @type {typeof signal.addEventListener} */ (
    (/** @type {any[]} */ ...args) => {
      listeners += 1;
      return Reflect.apply(add, signal, args);
    }
  );
  signal.removeEventListener = /** @type {typeof signal.removeEventListener} */ (
    (/** @type {any[]} */ ...args) => {
      listeners -= 1;
      return Reflect.apply(remove, signal, args);
    }
  );
  return { controller, signal, left: () => listeners };
}
