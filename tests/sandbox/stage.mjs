// A sandbox in both of its places: called as a fetch, and behind a real socket.

import { test } from "node:test";
import { createSandbox } from "passdesk/sandbox";
import { serve } from "../support/serve.mjs";

const JSON_TYPE = { "content-type": "application/json" };

/**
 * Defines one test for each place.
 * @param {string} name
 * @param {(stage: Awaited<ReturnType<typeof open>>, t: import("node:test").TestContext) => Promise<void>} body
 * @param {object} [options] the sandbox's
 */
export function inBothPlaces(name, body, options) {
  for (const place of ["in-process", "socket"]) {
    test(`${name} (${place})`, async (t) => {
      const stage = await open(place, options);
      t.after(stage.close);
      await body(stage, t);
    });
  }
}

export async function open(place, options) {
  const sandbox = createSandbox(options);
  const server = place === "socket" ? await serve(sandbox) : { url: "https://api.civic.com", close: async () => {} };
  const transport = place === "socket" ? fetch : sandbox.fetch;
  /** @param {string} path @param {RequestInit} [init] */
  const call = (path, init = {}) => transport(`${server.url}${path}`, { redirect: "manual", ...init });
  return {
    sandbox,
    place,
    url: server.url,
    close: server.close,
    call,
    /** The call with a good token of Civic's. */
    authorized: async (path, init = {}) =>
      call(path, { ...init, headers: { authorization: `Bearer ${await sandbox.issueToken()}`, ...init.headers } }),
    /** A status PUT with a good token. */
    put: async (id, status, init = {}) =>
      call(`/partner/piirequest/${id}/status`, {
        method: "PUT",
        headers: { authorization: `Bearer ${await sandbox.issueToken()}`, ...JSON_TYPE },
        body: JSON.stringify({ status }),
        ...init,
      }),
    /** The status that a request shows. */
    statusOf: async (id) => {
      const headers = { authorization: `Bearer ${await sandbox.issueToken()}` };
      const response = await sandbox.fetch(`${server.url}/partner/piirequest/${id}`, { headers });
      return (await response.json()).status;
    },
    /** A token request. */
    exchange: (body, { path = "/oauth/token", headers = {}, form = false } = {}) =>
      call(path, {
        method: "POST",
        headers: form
          ? { "content-type": "application/x-www-form-urlencoded", ...headers }
          : { ...JSON_TYPE, ...headers },
        body: form ? new URLSearchParams(body).toString() : JSON.stringify(body),
      }),
  };
}

/** The text's token request, with the sandbox's credentials. */
export const GRANT = {
  client_id: "passdesk-sandbox",
  client_secret: "sandbox-secret",
  audience: "https://api.civic.com/pass",
  grant_type: "client_credentials",
};
