// @ts-check
// What the demo's tests share: the two Workers in workerd, a browser, and a plain way to ask.

import { request } from "node:http";
import { createSandbox } from "passdesk/sandbox";
import { chromium } from "playwright-core";
import { startDesk, startSandbox } from "../../www/demo/workers.mjs";

/**
 * The sandbox and a desk in front of it.
 *
 * @returns {Promise<{ sandboxUrl: string, deskUrl: string, stop: () => Promise<void> }>}
 */
export async function startDemo() {
  const sandbox = await startSandbox();
  const { credentials } = createSandbox();
  const desk = await startDesk({ sandboxUrl: sandbox.url, credentials });
  const stop = async () => {
    await desk.stop();
    await sandbox.stop();
  };
  return { sandboxUrl: sandbox.url, deskUrl: desk.url, stop };
}

/** Chromium, where the machine or CHROME says it is. */
export function startBrowser() {
  const executablePath = process.env.CHROME ?? "/usr/bin/chromium";
  return chromium.launch({ executablePath, args: ["--no-sandbox"] });
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
 * Makes the sandbox forget verdicts, faults and calls.
 *
 * @param {string} sandboxUrl
 */
export async function resetSandbox(sandboxUrl) {
  await ask(`${sandboxUrl}/sandbox/reset`, { method: "POST" });
}
