// What compiles, and what must not: each line under `@ts-expect-error` is a mistake that the types catch.

import {
  type AccessToken,
  type Attestation,
  type AttestationPage,
  type CallEvent,
  type CallOptions,
  codes,
  type Decision,
  type DecisionReceipt,
  type EachAttestationOptions,
  type Evidence,
  type EvidenceType,
  type ExchangeTokenOptions,
  eachAttestation,
  exchangeToken,
  type FetchEvidenceOptions,
  type Finding,
  type FindingCode,
  fetchEvidence,
  isPassdeskError,
  type ListAttestationsOptions,
  listAttestations,
  type Operation,
  PassdeskError,
  type PassdeskErrorCode,
  type PiiRequest,
  type Policy,
  type RetrievePiiOptions,
  retrievePii,
  type ScreenPiiOptions,
  type SearchAttestationsOptions,
  type StreamEvidenceOptions,
  type SubmitDecisionOptions,
  screenPii,
  searchAttestations,
  streamEvidence,
  submitDecision,
  type Token,
  type TokenProvider,
  type TokenProviderOptions,
  type TokenStore,
  tokenProvider,
  type Where,
} from "passdesk";
import { type Equals, holds } from "./equals.js";

// --- what each operation takes and gives ---

holds<Equals<typeof exchangeToken, (options: ExchangeTokenOptions) => Promise<AccessToken>>>();
holds<Equals<typeof tokenProvider, (options: TokenProviderOptions) => TokenProvider>>();
holds<Equals<typeof retrievePii, (options: RetrievePiiOptions) => Promise<PiiRequest>>>();
holds<Equals<typeof fetchEvidence, (options: FetchEvidenceOptions) => Promise<Evidence>>>();
holds<Equals<typeof streamEvidence, (options: StreamEvidenceOptions) => Promise<Response>>>();
holds<Equals<typeof submitDecision, (options: SubmitDecisionOptions) => Promise<DecisionReceipt>>>();
holds<Equals<typeof listAttestations, (options: ListAttestationsOptions) => Promise<Attestation[]>>>();
holds<Equals<ReturnType<typeof searchAttestations>, Promise<AttestationPage>>>();
holds<Equals<ReturnType<typeof eachAttestation>, AsyncIterableIterator<Attestation>>>();
holds<Equals<typeof screenPii, (options: ScreenPiiOptions) => Promise<Finding[]>>>();
holds<Equals<typeof isPassdeskError, (error: unknown) => error is PassdeskError>>();

// --- options that every call takes ---

export const shared: Required<CallOptions> = {
  signal: new AbortController().signal,
  timeoutMs: 30_000,
  maxRetries: 2,
  fetch,
  credentials: "include",
  onEvent: (event) => console.log(event.type),
};
export const everyCall: Promise<unknown>[] = [
  exchangeToken({ ...shared, tokenUrl: "https://a.example", clientId: "a", clientSecret: "b" }),
  retrievePii({ ...shared, requestId: "abc123", token: "t" }),
  fetchEvidence({ ...shared, href: "https://a.example", requestId: "abc123" }),
  streamEvidence({ ...shared, href: "https://a.example", requestId: "abc123" }),
  submitDecision({ ...shared, requestId: "abc123", status: "partner-fail" }),
  listAttestations({ ...shared, token: "t" }),
  searchAttestations({ ...shared }),
  eachAttestation({ ...shared }).next(),
];
// @ts-expect-error a misspelt option
retrievePii({ requestId: "abc123", timeout: 1000 });
// @ts-expect-error a number of milliseconds, not a text
retrievePii({ requestId: "abc123", timeoutMs: "1000" });
// @ts-expect-error a signal, not its controller
retrievePii({ requestId: "abc123", signal: new AbortController() });
// @ts-expect-error no such mode
retrievePii({ requestId: "abc123", credentials: "always" });
// @ts-expect-error not a fetch
retrievePii({ requestId: "abc123", fetch: "node-fetch" });
// @ts-expect-error two arguments instead of one object
retrievePii("abc123", { token: "t" });

// --- events ---

export function record(event: CallEvent): string {
  holds<Equals<typeof event.type, "attempt" | "retry" | "success" | "failure">>();
  holds<Equals<typeof event.operation, Operation>>();
  holds<Equals<typeof event.attempt, number>>();
  holds<Equals<typeof event.ms, number>>();
  // @ts-expect-error only a retry and a failure have a code
  event.code;
  // @ts-expect-error an event names no address
  event.url;
  switch (event.type) {
    case "attempt":
      return `${event.operation} #${event.attempt}`;
    case "retry":
      return `${event.code} again in ${event.delayMs.toFixed()} ms`;
    case "success":
      return `${event.status ?? "-"} after ${event.ms} ms`;
    case "failure":
      holds<Equals<typeof event.code, PassdeskErrorCode>>();
      return event.code;
  }
}

// --- tokens ---

declare const kv: { get(key: string): Promise<string | null>; put(key: string, value: string): Promise<void> };
const store: TokenStore = {
  get: async (key) => {
    const text = await kv.get(key);
    return text === null ? undefined : (JSON.parse(text) as AccessToken);
  },
  set: (key, token) => kv.put(key, JSON.stringify(token)),
  delete: async () => {},
};
const provider = tokenProvider({
  tokenUrl: "https://auth.example/oauth/token",
  clientId: "id",
  clientSecret: "secret",
  audience: "https://api.civic.com/pass",
  scope: "get:pii put:piirequest",
  encoding: "form",
  dangerouslyAllowBrowser: false,
  store,
});
holds<Equals<Awaited<ReturnType<typeof provider>>, string>>();
holds<Equals<Awaited<ReturnType<typeof provider.get>>, AccessToken>>();
holds<Equals<AccessToken, { accessToken: string; tokenType: string; scopes: string[]; expiresAt: number }>>();
provider.get();
provider.get({ signal: AbortSignal.timeout(1000), maxRetries: 0 });
// @ts-expect-error who asks is settled
provider.get({ clientId: "another" });
provider.invalidate("the refused token");
export const tokens: Token[] = ["text", () => "text", async () => "text", provider];
// @ts-expect-error the value of an exchange is not yet the token
export const notToken: Token = { accessToken: "t", tokenType: "Bearer", scopes: [], expiresAt: 0 };
// @ts-expect-error no secret
exchangeToken({ tokenUrl: "https://auth.example", clientId: "id" });
// @ts-expect-error no such encoding
exchangeToken({ tokenUrl: "https://auth.example", clientId: "id", clientSecret: "s", encoding: "xml" });
// @ts-expect-error a store belongs to a provider
exchangeToken({ tokenUrl: "https://auth.example", clientId: "id", clientSecret: "s", store });
// @ts-expect-error a provider is made at once, not awaited
tokenProvider({ tokenUrl: "https://auth.example", clientId: "id", clientSecret: "s" }).then;

// --- personal data ---

declare const pii: PiiRequest;
export const status: string = pii.status;
export const later: PiiRequest["status"] = "a-status-of-next-year";
holds<Equals<PiiRequest["id"], string>>();
holds<Equals<PiiRequest["links"][number]["href"], string>>();
const birth = pii.verifiedInformation?.dateOfBirth;
holds<Equals<typeof birth, string | null | undefined>>();
const unknownField = pii.verifiedInformation?.eyeColour;
holds<Equals<typeof unknownField, unknown>>();
holds<Equals<(typeof pii)["somethingNew"], unknown>>();
// @ts-expect-error every field may be absent
pii.verifiedInformation.name.toUpperCase();
// @ts-expect-error what is unknown must be looked at first
pii.verifiedInformation?.eyeColour.toUpperCase();
// @ts-expect-error no request id
retrievePii({ token: "t" });

// --- evidence ---

fetchEvidence({ pii, rel: "idDocumentFront", token: "t" });
fetchEvidence({ pii, rel: "evidence-selfie", allowOrigins: ["https://store.example"] });
streamEvidence({ href: "https://api.civic.com/partner/piirequest/abc123/evidence/x", requestId: "abc123" });
fetchEvidence({
  pii,
  rel: "idDocumentBack",
  maxBytes: 1024,
  accept: ["image/jpeg", "application/pdf"],
  onProgress: ({ loaded, total }) => console.log(loaded / (total ?? Number.NaN)),
});
// @ts-expect-error which of the links?
fetchEvidence({ pii });
// @ts-expect-error which request?
fetchEvidence({ href: "https://a.example" });
// @ts-expect-error one way or the other
fetchEvidence({ pii, rel: "idDocumentFront", href: "https://a.example", requestId: "abc123" });
const types: string[] = ["image/png"];
fetchEvidence({ pii, rel: "idDocumentFront", accept: types, allowOrigins: types });
// @ts-expect-error no list
fetchEvidence({ pii, rel: "idDocumentFront", accept: "image/png" });
export async function size(): Promise<number> {
  const evidence = await fetchEvidence({ pii, rel: "idDocumentFront" });
  holds<Equals<typeof evidence.contentType, EvidenceType>>();
  holds<Equals<typeof evidence.blob, Blob>>();
  holds<Equals<typeof evidence.declaredType, string>>();
  holds<Equals<typeof evidence.size, number>>();
  return evidence.blob.size;
}

// --- the verdict ---

holds<Equals<Decision, "partner-pass" | "partner-fail">>();
holds<Equals<DecisionReceipt["outcome"], "applied" | "already-applied" | "queued">>();
holds<Equals<DecisionReceipt["requestId"], string>>();
submitDecision({ requestId: "abc123", status: "partner-pass", token: provider });
// @ts-expect-error not a verdict
submitDecision({ requestId: "abc123", status: "pass" });
// @ts-expect-error a status, but not a verdict
submitDecision({ requestId: "abc123", status: "verification-success" });
declare const someText: string;
// @ts-expect-error any text will not do
submitDecision({ requestId: "abc123", status: someText });
// @ts-expect-error no verdict
submitDecision({ requestId: "abc123" });

// --- public verifications ---

export const where: Where = { field: "created_at", op: "gte", value: "2019-05-07T12:00:00" };
searchAttestations({ where, page: 2, perPage: 100 });
searchAttestations({ where: { field: "sig_version", op: "lt", value: 2 } });
eachAttestation({ where, perPage: 100, concurrency: 4, limit: 1000 } satisfies EachAttestationOptions);
searchAttestations({ page: 1 } satisfies SearchAttestationsOptions);
// @ts-expect-error no such comparison
searchAttestations({ where: { field: "type", op: "like", value: "phone%" } });
// @ts-expect-error the API's own spelling is not the option's
searchAttestations({ per_page: 100 });
// @ts-expect-error a walk has no page
eachAttestation({ page: 2 });
// @ts-expect-error whose verifications?
listAttestations({ where });
export async function walk(): Promise<string[]> {
  const names: string[] = [];
  for await (const attestation of eachAttestation({ limit: 3 })) {
    holds<Equals<typeof attestation, Attestation>>();
    names.push(attestation.uuid);
  }
  const { data, meta } = await searchAttestations({});
  holds<Equals<typeof data, Attestation[]>>();
  holds<Equals<typeof meta, { page: number; per_page: number; total: number }>>();
  return names;
}

// --- screening ---

export const policy: Policy = {
  minAge: 18,
  allowedCountries: ["GBR", "DE"],
  blockedCountries: [],
  documentTypes: ["passport"],
  requireBothSides: true,
  expiryMarginDays: 30,
  allowedEmailDomains: ["example.com"],
  blockedEmailDomains: ["mailinator.com"],
};
screenPii({ pii, policy });
screenPii({ pii, policy, now: new Date() });
screenPii({ pii, policy, now: Date.now() });
screenPii({ pii, policy: {}, now: "2026-11-21" });
// @ts-expect-error a misspelt rule would be a rule that is not applied
screenPii({ pii, policy: { minimumAge: 18 } });
// @ts-expect-error no policy
screenPii({ pii });
// @ts-expect-error nothing is sent, so nothing can time out
screenPii({ pii, policy, timeoutMs: 1000 });
export async function worst(): Promise<Finding | undefined> {
  const findings = await screenPii({ pii, policy });
  holds<Equals<Finding["severity"], "info" | "warn" | "fail">>();
  holds<Equals<Finding["code"], FindingCode>>();
  holds<Equals<Finding["message"], string>>();
  return findings.find((finding) => finding.severity === "fail");
}

// --- errors ---

holds<
  Equals<
    PassdeskErrorCode,
    | "invalid_argument"
    | "secret_in_browser"
    | "aborted"
    | "timeout"
    | "network"
    | "unauthorized"
    | "forbidden"
    | "not_found"
    | "conflict"
    | "rate_limited"
    | "rejected"
    | "upstream"
    | "redirected"
    | "bad_response"
    | "untrusted_link"
    | "too_large"
    | "unsupported_media"
    | "load_failed"
  >
>();
holds<Equals<(typeof codes)["RATE_LIMITED"], "rate_limited">>();
// @ts-expect-error the codes are constants
codes.RATE_LIMITED = "rate_limited";

/** Complete without a `default`: the union is closed. */
function advice(code: PassdeskErrorCode): string {
  switch (code) {
    case "invalid_argument":
    case "secret_in_browser":
    case "untrusted_link":
    case codes.LOAD_FAILED:
      return "mend the program";
    case "aborted":
      return "nothing";
    case "timeout":
    case "network":
    case "rate_limited":
    case "upstream":
      return "try later";
    case "unauthorized":
    case "forbidden":
      return "mend the settings";
    case "not_found":
    case "conflict":
    case "rejected":
      return "look at the request";
    case "redirected":
    case "bad_response":
    case "too_large":
    case "unsupported_media":
      return "ask upstream";
  }
}
export function explain(error: unknown): string {
  // @ts-expect-error an unknown must be looked at first
  error.code;
  if (!isPassdeskError(error)) throw error;
  holds<Equals<typeof error.operation, Operation>>();
  holds<Equals<typeof error.status, number | undefined>>();
  holds<Equals<typeof error.attempts, number>>();
  holds<Equals<typeof error.retryable, boolean>>();
  holds<Equals<typeof error.retryAfterMs, number | undefined>>();
  holds<Equals<typeof error.upstreamCode, string | undefined>>();
  holds<Equals<typeof error.requestId, string | undefined>>();
  holds<Equals<typeof error.cause, unknown>>();
  // @ts-expect-error not a code
  if (error.code === "teapot") return "";
  // @ts-expect-error what happened is not for you to change
  error.code = "timeout";
  return advice(error.code);
}
holds<Equals<PassdeskError extends Error ? true : false, true>>();
export const isOne = (error: unknown): boolean => error instanceof PassdeskError;

// What is left out may be there and undefined, also where the compiler tells the two apart.
declare const maybe: { signal?: AbortSignal; timeoutMs?: number; token?: string; where?: Where; minAge?: number };
export const leftOut = [
  retrievePii({ requestId: "r1", signal: maybe.signal, timeoutMs: maybe.timeoutMs, token: maybe.token }),
  searchAttestations({ where: maybe.where, page: undefined, onEvent: undefined }),
  screenPii({
    pii: { id: "r1", type: "t", status: "verification-success", links: [] },
    policy: { minAge: maybe.minAge },
  }),
];
