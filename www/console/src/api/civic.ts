// Civic and globaliD, through the same module that the desk itself is built on. The desk speaks their protocols, so each
// call is the package's own; only the base URL is the page's origin, and no token is needed.

import {
  type Attestation,
  type AttestationPage,
  type Evidence,
  type EvidenceProgress,
  eachAttestation,
  type Finding,
  fetchEvidence,
  type PiiRequest,
  retrievePii,
  screenPii,
  searchAttestations,
  type Where,
} from "passdesk";
import { policyFor } from "../util/policy.ts";
import { deskFetch } from "./transport.ts";

/** A large file over a slow line; the progress shows that it moves, and leaving ends it. */
const EVIDENCE_MS = 120_000;

const desk = { baseUrl: window.location.origin, fetch: deskFetch };

/** A request, and what the policy has to say about it. */
export interface ScreenedRequest {
  pii: PiiRequest;
  findings: Finding[];
}

/** The same without anything of the user's: what a case is drawn by while its data is away. */
export function outlineOf({ pii }: ScreenedRequest): ScreenedRequest {
  const { id, type, status, links, verifiedInformation } = pii;
  const emptied = (part: object) =>
    Object.fromEntries(Object.entries(part).map(([name, value]) => [name, value && "…"]));
  return {
    pii: {
      ...emptied(pii),
      id,
      type,
      status,
      links: links.map(({ rel }) => ({ rel, href: "" })),
      ...(verifiedInformation && { verifiedInformation: emptied(verifiedInformation) }),
    },
    findings: [],
  };
}

export async function screenedRequest(requestId: string, signal: AbortSignal): Promise<ScreenedRequest> {
  const pii = await retrievePii({ ...desk, requestId, signal });
  return { pii, findings: await screenPii({ pii, policy: policyFor(pii) }) };
}

/** Has the module loaded by the time that it is needed. Where that fails, the first call tries again, and says so. */
export function warmUp(): void {
  screenPii({ pii: { id: "", type: "", status: "", links: [] }, policy: {} }).catch(() => {});
}

export function evidence(
  pii: PiiRequest,
  rel: string,
  { maxBytes, ...watch }: { signal: AbortSignal; onProgress: (progress: EvidenceProgress) => void; maxBytes: number },
): Promise<Evidence> {
  return fetchEvidence({ ...desk, pii, rel, maxBytes, timeoutMs: EVIDENCE_MS, ...watch });
}

export function attestationPage(
  where: Where | undefined,
  page: number,
  perPage: number,
  signal: AbortSignal,
): Promise<AttestationPage> {
  return searchAttestations({ ...desk, ...(where && { where }), page, perPage, signal });
}

/** Pages that a walk has read, by their URL: a walk that was stopped goes on where it was, and reads none of them again. */
export type Remembered = Map<string, Response>;

/** All that match, in pages of a hundred, three on the way at a time. */
export function allAttestations(
  where: Where | undefined,
  remembered: Remembered,
  signal: AbortSignal,
): AsyncIterable<Attestation> {
  return eachAttestation({
    ...desk,
    ...(where && { where }),
    fetch: remembering(remembered),
    perPage: 100,
    concurrency: 3,
    signal,
  });
}

function remembering(remembered: Remembered): typeof fetch {
  return async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const known = remembered.get(url);
    if (known) return known.clone();
    const response = await deskFetch(input, init);
    if (!response.ok) return response;
    // Kept only as a whole: one that breaks off must be asked for again.
    const body = await response.blob();
    const { status, headers } = response;
    remembered.set(url, new Response(body, { status, headers }));
    return new Response(body, { status, headers });
  };
}
