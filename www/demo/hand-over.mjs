// @ts-check
// Hands ids to the desk as a dApp does, and waits until Civic has confirmed them and they are cases.

import { request } from "node:http";

/** Whose page the ids come from, to the desk: it takes them from origins that it was told of alone. */
export const DAPP = "https://dapp.example";
const PATIENCE_MS = 30_000;

/**
 * @param {string} deskUrl
 * @param {readonly string[]} ids
 */
export async function handOver(deskUrl, ids) {
  const body = (/** @type {string} */ requestId) => JSON.stringify({ requestId });
  for (const id of ids) {
    const { status } = await ask(`${deskUrl}/desk/intake`, body(id));
    if (status !== 202) throw new Error(`The desk did not take an id in (HTTP ${status}).`);
  }
  const end = Date.now() + PATIENCE_MS;
  for (const id of ids) {
    while ((await ask(`${deskUrl}/desk/cases/${id}`)).status !== 200) {
      if (Date.now() > end) throw new Error(`The desk made no case of ${id}.`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/**
 * A POST where there is a body, else a GET. `fetch` would not send an `Origin` of our choosing.
 *
 * @param {string} url
 * @param {string} [body]
 * @returns {Promise<{ status: number }>}
 */
function ask(url, body) {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { origin: DAPP, "content-type": "application/json" };
    const sent = request(url, { method: body === undefined ? "GET" : "POST", headers, agent: false }, (response) => {
      response.resume();
      response.once("error", reject);
      response.once("end", () => resolve({ status: response.statusCode ?? 0 }));
    });
    sent.once("error", reject);
    sent.end(body);
  });
}
