#!/usr/bin/env node
// @ts-check
// The six operations against the sandbox, each printing what it did. Run it alone:
//
//   node www/demo/six-operations.mjs [--sandbox http://127.0.0.1:PORT]
//
// Without --sandbox it starts one of its own. Tokens and personal data are counted, never printed.

import { pathToFileURL } from "node:url";
import {
  exchangeToken,
  fetchEvidence,
  isPassdeskError,
  listAttestations,
  retrievePii,
  searchAttestations,
  submitDecision,
} from "passdesk";
import { createSandbox } from "passdesk/sandbox";
import { asked } from "./asked.mjs";

const REQUEST_ID = "abc123~copy_1"; // a copy of the text's own example, so that the page can still decide the original
const ATTESTEE = "johnsmith";

/**
 * Runs the six operations, one after the other, as a partner's server would.
 *
 * @param {{ sandboxUrl: string, print?: (line: string) => void }} options
 */
export async function sixOperations({ sandboxUrl, print = console.log }) {
  const { credentials } = createSandbox();
  /** @type {(operation: string, what: string) => void} */
  const tell = (operation, what) => print(`  ${operation.padEnd(18)}  ${what}`);

  const {
    accessToken: token,
    tokenType,
    scopes,
    expiresAt,
  } = await exchangeToken({
    tokenUrl: `${sandboxUrl}/oauth/token`,
    ...credentials,
  });
  const hours = Math.round((expiresAt - Date.now()) / 3_600_000);
  tell("exchangeToken", `a ${tokenType} token with ${scopes.length} scopes, good for ${hours} hours`);

  const civic = { baseUrl: sandboxUrl, token };
  const pii = await retrievePii({ ...civic, requestId: REQUEST_ID });
  const fields = Object.keys(pii.verifiedInformation ?? {});
  tell(
    "retrievePii",
    `${pii.id} is ${pii.status}, with ${fields.length} verified fields and ${pii.links.length} links`,
  );

  for (const { rel } of pii.links.filter((link) => link.rel !== "self")) {
    const { contentType, size } = await fetchEvidence({ ...civic, pii, rel });
    tell("fetchEvidence", `${rel} is ${contentType} by its first bytes, ${size.toLocaleString("en")} bytes`);
  }

  const first = await submitDecision({ ...civic, requestId: REQUEST_ID, status: "partner-pass" });
  tell("submitDecision", `${first.status} on ${first.requestId}: ${first.outcome}`);
  const again = await submitDecision({ ...civic, requestId: REQUEST_ID, status: "partner-pass" });
  tell("submitDecision", `the same once more: ${again.outcome}`);
  const refusal = await codeOf(submitDecision({ ...civic, requestId: REQUEST_ID, status: "partner-fail" }));
  tell("submitDecision", `the opposite verdict: refused with the code ${refusal}`);

  const globalid = { baseUrl: sandboxUrl };
  const own = await listAttestations({ ...globalid, token: await userToken(sandboxUrl) });
  tell("listAttestations", `${own.length} of the token's own identity, ${ATTESTEE}`);

  const all = await searchAttestations(globalid);
  tell(
    "searchAttestations",
    `${all.meta.total.toLocaleString("en")} in all, ${all.data.length} on page ${all.meta.page}`,
  );
  const phones = await searchAttestations({
    ...globalid,
    where: { field: "type", value: "phone_number" },
    perPage: 100,
  });
  tell("searchAttestations", `${phones.meta.total.toLocaleString("en")} of the type phone_number`);
}

/**
 * A token of the identity itself, which globaliD gives out by a user's own sign-in; the sandbox's door for tests stands in.
 *
 * @param {string} sandboxUrl
 * @returns {Promise<string>}
 */
async function userToken(sandboxUrl) {
  const response = await fetch(`${sandboxUrl}/sandbox/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ api: "globalid", attestee: ATTESTEE }),
  });
  if (!response.ok) throw new Error(`The sandbox gave no user token (HTTP ${response.status}).`);
  return (await response.json()).token;
}

/**
 * The code of a call that must be refused.
 *
 * @param {Promise<unknown>} call
 * @returns {Promise<string>}
 */
async function codeOf(call) {
  try {
    await call;
  } catch (error) {
    if (isPassdeskError(error)) return error.code;
    throw error;
  }
  throw new Error("A call went through that had to be refused.");
}

/**
 * What failed, in one line: the code and the operation where the package says so.
 *
 * @param {unknown} error
 */
export function failureLine(error) {
  if (!isPassdeskError(error)) return String(error);
  const status = error.status === undefined ? "" : `, HTTP ${error.status}`;
  return `${error.operation} failed: ${error.code}${status}, after ${error.attempts} attempt(s). ${error.message}`;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { sandbox } = asked({ sandbox: { type: "string" } }, "The script takes --sandbox URL.");
  const own = sandbox === undefined ? await (await import("./workers.mjs")).startSandbox() : undefined;
  const sandboxUrl = sandbox?.replace(/\/+$/, "") ?? own?.url ?? "";
  try {
    await sixOperations({ sandboxUrl });
  } catch (error) {
    console.error(failureLine(error));
    process.exitCode = 1;
  } finally {
    await own?.stop();
  }
}
