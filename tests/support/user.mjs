// @ts-check
// What a user's first program does, in every runtime: the bare import, no configuration, real calls.
import assert from "node:assert/strict";
import { createSandbox } from "passdesk/sandbox";
import { serve } from "./serve.mjs";

/** A module that exports `work(baseUrl, token, requestId)`. @param {string} [entry] @param {string} [before] */
export const program = (entry = "passdesk", before = "") => `
import { exchangeToken, fetchEvidence, isPassdeskError, retrievePii, screenPii, searchAttestations, submitDecision } from "${entry}";
${before}
export async function work(baseUrl, token, requestId) {
  const pii = await retrievePii({ requestId, token, baseUrl });
  const evidence = await fetchEvidence({ pii, rel: "idDocumentFront", token, baseUrl });
  const findings = await screenPii({ pii, policy: { minAge: 18 } });
  const receipt = await submitDecision({ requestId, status: "partner-pass", token, baseUrl });
  const search = await searchAttestations({ baseUrl, perPage: 5 });
  const failure = await retrievePii({ requestId: "no-such-request", token, baseUrl }).catch((error) => error);
  return {
    name: pii.verifiedInformation.name,
    type: evidence.contentType,
    size: evidence.size === evidence.blob.size,
    findings: Array.isArray(findings),
    outcome: receipt.outcome,
    found: search.data.length,
    failure: isPassdeskError(failure) ? failure.code : String(failure),
    exchange: typeof exchangeToken,
  };
}
`;

/** @param {unknown} result */
export function assertWorked(result) {
  assert.deepEqual(result, {
    name: "John Smith",
    type: "image/png",
    size: true,
    findings: true,
    outcome: "applied",
    found: 5,
    failure: "not_found",
    exchange: "function",
  });
}

/** @returns a sandbox on a socket, with a token and ids that nobody has decided yet */
export async function openSandbox() {
  const sandbox = createSandbox({});
  const { url, close } = await serve(sandbox.fetch);
  let copies = 700;
  return { url, close, sandbox, token: await sandbox.issueToken(), freshId: () => `abc123~copy_${copies++}` };
}
