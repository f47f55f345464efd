// @ts-check
// What a contract case gets: the package under test, the sandbox's address, and the lab that opens misbehaving servers.
import * as assert from "./assert.mjs";

/**
 * @typedef {import("./lab.mjs").Script} Script
 * @typedef {import("./lab.mjs").Answer} Answer
 * @typedef {import("./lab.mjs").Seen} Seen
 * @typedef {typeof import("passdesk")} Passdesk
 * @typedef {{ seen: Seen[], unmatched: string[], inFlight: number, maxInFlight: number, status: string }} Report
 * @typedef {{ origin: string, report: () => Promise<Report>, seen: () => Promise<Seen[]> }} Upstream
 */

/**
 * @param {string} url
 * @param {RequestInit} [init]
 */
async function json(url, init) {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${new URL(url).pathname}: ${response.status} ${await response.text()}`);
  return response.json();
}

/**
 * @param {{ passdesk: Passdesk, runtime: "node" | "workerd", props: { lab: string, sandbox: string } }} setting
 */
export function createStage({ passdesk, runtime, props }) {
  /** @type {(() => Promise<void>)[]} */
  const cleanups = [];

  /**
   * Opens a server of its own. Every request must be one that the script foresaw, unless `strict` is off.
   *
   * @param {Script} script
   * @param {{ strict?: boolean }} [options]
   * @returns {Promise<Upstream>}
   */
  async function upstream(script, { strict = true } = {}) {
    const { key, origin } = await json(props.lab, { method: "POST", body: JSON.stringify(script) });
    const report = () => json(`${props.lab}/${key}`);
    cleanups.push(async () => {
      const { unmatched } = await json(`${props.lab}/${key}`, { method: "DELETE" });
      if (strict) assert.deepEqual(unmatched, [], "requests that the script did not foresee");
    });
    return { origin, report, seen: async () => (await report()).seen };
  }

  const sandbox = {
    url: props.sandbox,
    tokenUrl: `${props.sandbox}/oauth/token`,
    clientId: "passdesk-sandbox",
    clientSecret: "sandbox-secret",
    /**
     * @param {Record<string, unknown>} [options]
     * @returns {Promise<string>}
     */
    token: async (options = {}) =>
      (await json(`${props.sandbox}/sandbox/token`, { method: "POST", body: JSON.stringify(options) })).token,
    /**
     * @param {string} [path] only those whose path holds this
     * @returns {Promise<{ method: string, path: string, route: string, status: number | null, fault: string | null, authorization: boolean }[]>}
     */
    calls: async (path = "") => {
      const answer = await json(`${props.sandbox}/sandbox/calls`);
      const calls = Array.isArray(answer) ? answer : answer.calls;
      return calls.filter((/** @type {{ path: string }} */ call) => call.path.includes(path));
    },
  };

  return {
    passdesk,
    runtime,
    sandbox,
    upstream,
    /** A server that answers one route, or every route, in one way. @param {Answer | Answer[]} answer */
    answering: (answer) => upstream({ routes: { "*": answer } }),
    /** @param {() => Promise<void>} cleanup */
    later: (cleanup) => cleanups.push(cleanup),
    async done() {
      for (const cleanup of cleanups.splice(0)) await cleanup();
    },
  };
}

/** @typedef {ReturnType<typeof createStage>} Stage */

/** A token that no response, message or event may ever repeat. */
export const TOKEN = "canary-token-7f3a";

/** A wire record; the lab fills in `{{origin}}`. @param {string} id @param {Record<string, unknown>} [fields] */
export const record = (id, fields = {}) => ({
  id,
  type: "gatekeeperProofOfIdentityWithIdDocument-v3",
  status: "verification-success",
  links: [
    { rel: "self", href: `{{origin}}/partner/piirequest/${id}` },
    { rel: "idDocumentFront", href: `{{origin}}/partner/piirequest/${id}/evidence/idDocumentFront` },
  ],
  ...fields,
});

/** Raw HTTP, for the lab's `raw`. @param {string} headers @param {string} [body] */
export const raw = (headers, body = "") => `HTTP/1.1 200 OK\r\n${headers}\r\n\r\n${body}`;
