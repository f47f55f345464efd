// @ts-check
// What the demo's tests share: the two Workers in workerd with Access's stand-in, a browser, and a plain way to ask.

import { request } from "node:http";
import { createSandbox } from "passdesk/sandbox";
import { handOver } from "../../www/demo/hand-over.mjs";
import { startDesk, startSandbox } from "../../www/demo/workers.mjs";

/** Long enough for a verdict to be taken back on a busy machine, short enough to wait for. */
export const UNDO_MS = 6000;

/**
 * The sandbox, and a desk in front of it to which these ids were handed over.
 *
 * @param {readonly string[]} ids
 * @param {Record<string, string>} [others] settings of the desk
 */
export async function startDemo(ids, others = {}) {
  const sandbox = await startSandbox();
  const { credentials } = createSandbox();
  const settings = { DESK_UNDO_SECONDS: String(UNDO_MS / 1000), ...others };
  const desk = await startDesk({ sandboxUrl: sandbox.url, credentials, settings });
  const stop = async () => {
    await desk.stop();
    await sandbox.stop();
  };
  try {
    await handOver(desk.url, ids);
  } catch (error) {
    await stop();
    throw error;
  }
  const { url: deskUrl, innerUrl, sweep } = desk;
  return { sandboxUrl: sandbox.url, deskUrl, innerUrl, sweep, stop };
}

/**
 * @typedef {{ status: number, headers: import("node:http").IncomingHttpHeaders, body: Buffer, text: string, json: any }} Answer
 */

/**
 * One request with just these headers: `fetch` would not send a `Host` or a `Sec-Fetch-Site` of our choosing.
 *
 * @param {string} url
 * @param {{ method?: string, headers?: Record<string, string>, body?: string }} [options]
 * @returns {Promise<Answer>}
 */
export function ask(url, { method = "GET", headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, (response) => {
      /** @type {Buffer[]} */
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const whole = Buffer.concat(chunks);
        const text = whole.toString("utf8");
        const isJson = response.headers["content-type"]?.startsWith("application/json");
        const json = isJson ? JSON.parse(text) : undefined;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: whole, text, json });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/**
 * What reached the sandbox since it was last asked to forget.
 *
 * @param {string} sandboxUrl
 * @returns {Promise<import("passdesk/sandbox").Call[]>}
 */
export async function callsOf(sandboxUrl) {
  return (await ask(`${sandboxUrl}/sandbox/calls`)).json.calls;
}

/**
 * Plants faults for every request from now on, in place of those that were there.
 *
 * @param {string} sandboxUrl
 * @param {...string} faults
 */
export async function plantFaults(sandboxUrl, ...faults) {
  await ask(`${sandboxUrl}/sandbox/faults`, { method: "DELETE" });
  const planted = await ask(`${sandboxUrl}/sandbox/faults`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ faults }),
  });
  if (planted.status >= 300) throw new Error(`the sandbox took no faults: HTTP ${planted.status}`);
}

/** @param {() => Promise<boolean>} reached @param {number} [patienceMs] */
export async function until(reached, patienceMs = 15_000) {
  const end = Date.now() + patienceMs;
  while (!(await reached())) {
    if (Date.now() > end) throw new Error("it did not come about in time");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/**
 * Makes the sandbox forget verdicts, faults and calls.
 *
 * @param {string} sandboxUrl
 */
export async function resetSandbox(sandboxUrl) {
  await ask(`${sandboxUrl}/sandbox/reset`, { method: "POST" });
}
