// @ts-check
// The same call by each client, as its users write it: a record read with a bearer token, with a time-out, retries and a
// signal armed where the client has them. Runs in Node and in workerd.

import { Octokit } from "@octokit/core";
import ky from "ky";
import * as oauth from "oauth4webapi";
import { createFetch } from "ofetch";
import OpenAI from "openai";
import { exchangeToken, retrievePii } from "passdesk";
import { bareWithTimer, retrieveByHand } from "./by_hand.mjs";
import { RECORD, REQUEST_ID } from "./upstream.mjs";

const BASE = "https://api.civic.com";
const TOKEN_URL = "https://tenant.example/oauth/token";

const TOKEN = "token";
const GRANT = JSON.stringify({ access_token: "value", token_type: "Bearer", scope: "a b", expires_in: 86_400 });

/** A `fetch` that answers at once, each time with a new Response as a network would. @param {string} body @param {boolean} withLength */
export function stub(body, withLength) {
  const headers = {
    "content-type": "application/json",
    ...(withLength ? { "content-length": String(new TextEncoder().encode(body).length) } : {}),
  };
  return async () => new Response(body, { status: 200, headers });
}

/** Some clients leave a listener on the signal with every call: a new one now and then keeps that from slowing them down. */
function signals() {
  let calls = 0;
  let controller = new AbortController();
  return () => {
    if (calls % 10 === 9) controller = new AbortController();
    calls += 1;
    return controller.signal;
  };
}

/**
 * @param {typeof globalThis.fetch} fetch
 * @returns {Record<"bare" | "bare, timer armed" | "by hand, the same promises" | "passdesk" | "octokit" | "openai" | "ky" | "ofetch", () => Promise<{ id?: string }>>}
 */
export function recordReaders(fetch) {
  const signal = signals();
  const url = `${BASE}/partner/piirequest/${REQUEST_ID}`;
  const headers = { authorization: `Bearer ${TOKEN}`, accept: "application/json" };
  // Without its retry plugin, whose scheduler costs milliseconds a call.
  const octokit = new Octokit({
    auth: TOKEN,
    baseUrl: BASE,
    request: { fetch },
    log: { debug() {}, info() {}, warn() {}, error() {} },
  });
  const openai = new OpenAI({
    apiKey: TOKEN,
    baseURL: BASE,
    fetch,
    timeout: 30_000,
    maxRetries: 2,
    dangerouslyAllowBrowser: true,
  });
  const kyClient = ky.create({ fetch, timeout: 30_000, retry: 2, headers });
  const ofetch = createFetch({ fetch, defaults: { retry: 2, timeout: 30_000, headers } });
  return {
    bare: async () => (await fetch(url, { headers, signal: signal() })).json(),
    "bare, timer armed": () => bareWithTimer(fetch, url, headers),
    "by hand, the same promises": () =>
      retrieveByHand(url, { requestId: REQUEST_ID, token: TOKEN, fetch, signal: signal() }),
    passdesk: () => retrievePii({ requestId: REQUEST_ID, token: TOKEN, fetch, signal: signal() }),
    octokit: async () =>
      (await octokit.request("GET /partner/piirequest/{id}", { id: REQUEST_ID, request: { signal: signal() } })).data,
    openai: () => openai.get(`/partner/piirequest/${REQUEST_ID}`, { signal: signal() }),
    ky: () => kyClient.get(url, { signal: signal() }).json(),
    ofetch: () => ofetch(url, { signal: signal() }),
  };
}

/**
 * @param {typeof globalThis.fetch} fetch
 * @returns {Record<"bare" | "passdesk" | "oauth4webapi", () => Promise<unknown>>}
 */
export function tokenExchangers(fetch) {
  const signal = signals();
  const credentials = { client_id: "client", client_secret: "secret", audience: "https://api.civic.com/pass" };
  const server = { issuer: "https://tenant.example", token_endpoint: TOKEN_URL };
  const client = { client_id: credentials.client_id };
  const auth = oauth.ClientSecretPost(credentials.client_secret);
  return {
    bare: async () =>
      (
        await fetch(TOKEN_URL, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ grant_type: "client_credentials", ...credentials }),
          signal: signal(),
        })
      ).json(),
    passdesk: () =>
      exchangeToken({ tokenUrl: TOKEN_URL, clientId: "client", clientSecret: "secret", fetch, signal: signal() }),
    oauth4webapi: async () => {
      const parameters = { audience: credentials.audience };
      const options = { [oauth.customFetch]: fetch, signal: signal() };
      const response = await oauth.clientCredentialsGrantRequest(server, client, auth, parameters, options);
      return oauth.processClientCredentialsResponse(server, client, response);
    },
  };
}

/** What is to be timed, by name: a set of the same call, by each client. */
export const SETS = {
  "retrievePii, with content-length": () => recordReaders(stub(RECORD, true)),
  "retrievePii, without content-length": () => recordReaders(stub(RECORD, false)),
  exchangeToken: () => tokenExchangers(stub(GRANT, true)),
};

/** One call after the other. @param {() => Promise<unknown>} call @param {number} count */
export async function repeat(call, count) {
  for (let i = 0; i < count; i += 1) await call();
}
