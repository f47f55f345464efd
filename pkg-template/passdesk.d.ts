/**
 * Partner review for Civic Pass: retrieve what a user handed over, look at the evidence, deliver the verdict, and
 * search globaliD's public verifications.
 *
 * Every function takes one options object and returns a promise. An unknown option name or a value of the wrong type
 * rejects with the code `invalid_argument`, names the option, and sends nothing. Two are different: {@link tokenProvider}
 * returns at once, or throws, and {@link eachAttestation} returns what `for await` takes, and fails there.
 *
 * "Civic" below is Civic's text "User PII Retrieval"; "globaliD" is globaliD's text "The Verifications API".
 */

// ---------------------------------------------------------------------------------------------------------------------
// What all calls share
// ---------------------------------------------------------------------------------------------------------------------

/** Options that every call takes. */
export interface CallOptions {
  /**
   * Aborts the call at once: while it sends, reads the body, or waits to retry. The call rejects with the code `aborted`
   * and the signal's reason as `cause`.
   */
  signal?: AbortSignal | undefined;
  /**
   * Milliseconds that one attempt may take, its body included: 1 to 2 147 483 647. Default 30 000. Past it the code is
   * `timeout`.
   */
  timeoutMs?: number | undefined;
  /**
   * How many times a failed attempt is repeated: after network errors, time-outs, and the statuses 408, 429, 500, 502,
   * 503 and 504. 0 to 1000; default 2. Zero switches repeats off. Bun, Deno and browsers may send a GET again by themselves
   * where its connection broke off before an answer.
   *
   * The pause is random, up to 0.5 s, 1 s, 2 s … 8 s. `Retry-After` (RFC 9110, section 10.2.3) and, with a 429,
   * `x-ratelimit-reset` (Unix seconds, or seconds from now) are obeyed instead, up to 60 s; a longer wish fails at once with
   * `retryAfterMs`.
   */
  maxRetries?: number | undefined;
  /** Sends the requests in place of the global `fetch`, which is looked up anew for each call. */
  fetch?: typeof fetch | undefined;
  /**
   * Handed to `fetch` as it is, and only where you set it: some runtimes reject the field. Use `"include"` where a
   * reviewer's session lives in a cookie of another origin.
   */
  credentials?: "omit" | "same-origin" | "include" | undefined;
  /**
   * Told of every attempt, retry, success and failure, for logs and metrics. An event never holds personal data, a token
   * or a query string. What the function throws is ignored. Nothing is told of a call whose options or evidence link are refused
   * before it begins.
   */
  onEvent?: ((event: CallEvent) => void) | undefined;
}

/** The name of an operation, as errors and events give it. */
export type Operation =
  | "exchangeToken"
  | "tokenProvider"
  | "retrievePii"
  | "fetchEvidence"
  | "streamEvidence"
  | "submitDecision"
  | "listAttestations"
  | "searchAttestations"
  | "eachAttestation"
  | "screenPii"
  | "init"
  | "useReviewHandoff"
  | "createReviewDesk";

/** What `onEvent` is told. `type` says which of the four it is. Each page of `eachAttestation` is told of as a call of its own. */
export type CallEvent = AttemptEvent | RetryEvent | SuccessEvent | FailureEvent;

/** An attempt begins: a request, and what it needs before (a token; of `submitDecision` the request's status). */
export interface AttemptEvent {
  /** Which event this is. */
  type: "attempt";
  /** The operation that was called. */
  operation: Operation;
  /** Which attempt this is, from 1. */
  attempt: number;
  /** Milliseconds since the call began. */
  ms: number;
}

/** An attempt failed, and the call waits before the next one. */
export interface RetryEvent {
  /** Which event this is. */
  type: "retry";
  /** The operation that was called. */
  operation: Operation;
  /** Which attempt failed, from 1. */
  attempt: number;
  /** Milliseconds that this attempt took. */
  ms: number;
  /** The HTTP status of the attempt, where it got as far as an answer. */
  status?: number;
  /** Why the attempt failed. */
  code: PassdeskErrorCode;
  /** Milliseconds until the next attempt. */
  delayMs: number;
}

/** The call succeeded. (Of a stream: its type is proven, and its body begins.) */
export interface SuccessEvent {
  /** Which event this is. */
  type: "success";
  /** The operation that was called. */
  operation: Operation;
  /** How many attempts it took. */
  attempt: number;
  /** Milliseconds that the whole call took. */
  ms: number;
  /** The HTTP status of the last answer. */
  status?: number;
}

/** The call failed for good; its promise rejects with the same code. */
export interface FailureEvent {
  /** Which event this is. */
  type: "failure";
  /** The operation that was called. */
  operation: Operation;
  /** How many attempts were made. */
  attempt: number;
  /** Milliseconds that the whole call took. */
  ms: number;
  /** The HTTP status of the last attempt, as {@link PassdeskError.status}. */
  status?: number;
  /** Why the call failed. */
  code: PassdeskErrorCode;
}

/**
 * A bearer token: the text itself, a function that gives it (asked before each attempt), or a {@link TokenProvider}.
 *
 * After a 401 the call is tried once more with a new token, whatever `maxRetries`: a provider is told that the old one is
 * no good, a function is asked again (the same text again ends the call), a text ends it. A function that fails ends the call
 * with `unauthorized`, one that gives no text with `invalid_argument`.
 *
 * It is sent to the origin of `baseUrl` and nowhere else.
 */
export type Token = string | (() => string | Promise<string>) | TokenProvider;

// ---------------------------------------------------------------------------------------------------------------------
// Tokens
// ---------------------------------------------------------------------------------------------------------------------

/** Options of {@link exchangeToken}. */
export interface ExchangeTokenOptions extends CallOptions {
  /** The token URL that Civic handed out at onboarding. Https, or http on a loopback host. */
  tokenUrl: string;
  /** The client id that Civic handed out at onboarding. */
  clientId: string;
  /**
   * The client secret that Civic handed out at onboarding. A page (anything with a `window`) that passes it gets the
   * code `secret_in_browser`.
   */
  clientSecret: string;
  /** The API that the token is for. Default `"https://api.civic.com/pass"`; `""` sends none, as globaliD wants it. */
  audience?: string | undefined;
  /** Scopes to ask for, separated by spaces (RFC 6749, section 3.3). By default the server decides. */
  scope?: string | undefined;
  /** How the request is written. Default `"json"`, as in Civic's text; `"form"` is RFC 6749, section 4.4.2. */
  encoding?: "json" | "form" | undefined;
  /**
   * Lets a page use the secret, which whoever opens the page can then read. Only for pages that never leave your own
   * machine.
   */
  dangerouslyAllowBrowser?: boolean | undefined;
}

/** A token and what is known of it. A plain value: it can be stored and sent on. */
export interface AccessToken {
  /** The token itself. A secret. */
  accessToken: string;
  /** How the token is presented, as the server wrote it; `"Bearer"` in all known answers (RFC 6750). */
  tokenType: string;
  /** The scopes that were granted; empty where the server names none. */
  scopes: string[];
  /** When the token ends: milliseconds since 1970-01-01T00:00:00Z. */
  expiresAt: number;
}

/**
 * Exchanges a client id and secret for a token (Civic, step 1; RFC 6749, section 4.4).
 *
 * Civic counts and bills exchanges. Use {@link tokenProvider} to keep the token for as long as it is good.
 *
 * @throws PassdeskError `secret_in_browser` in a page; `unauthorized` or `forbidden` where the server refuses, with its
 *   own code in `upstreamCode`.
 */
export function exchangeToken(options: ExchangeTokenOptions): Promise<AccessToken>;

/** Options of {@link tokenProvider}: those of the exchange, and a store. */
export interface TokenProviderOptions extends ExchangeTokenOptions {
  /** Ends what was asked of the provider itself. What a call asks of it ends with that call, by the signal of that. */
  signal?: AbortSignal | undefined;
  /** Where tokens are kept between processes or isolates. By default they are kept in memory only. */
  store?: TokenStore | undefined;
}

/**
 * A place for tokens that outlives this process: a KV namespace, a table, a file. Values are secrets; encrypt them. A
 * store that fails, or takes longer than a quarter of `timeoutMs`, does not fail the call: the token is exchanged anew.
 */
export interface TokenStore {
  /**
   * The token under this key, or `undefined`. The key is an opaque text made from the token URL, client, audience and
   * scope; it holds no secret.
   */
  get(key: string): Promise<AccessToken | undefined>;
  /** Keeps a token under this key. `token.expiresAt` says how long it is of use. */
  set(key: string, token: AccessToken): Promise<void>;
  /** Forgets the token under this key, since upstream refused it. */
  delete(key: string): Promise<void>;
}

/**
 * Gives a good token whenever asked: from memory, from the store, or by an exchange. It renews a token before it ends, by
 * 60 seconds or a tenth of its life, whichever is less, and does not remember a failed exchange.
 *
 * Make it once, outside your request handler. Callers that come together share one exchange. In a Worker, requests share
 * tokens but never a pending promise, which would hang the one that inherits it; a request waits a second at most for
 * one exchange of another, and of all that lost patience one begins a new one. Where the token endpoint says when to try again,
 * all wait until then.
 */
export interface TokenProvider {
  /** The text of a good token. */
  (): Promise<string>;
  /**
   * A good token with what is known of it. Options given here count instead of the provider's own, for this wait; where
   * it is aborted, others who wait for the same token go on.
   */
  get(options?: CallOptions): Promise<AccessToken>;
  /** Forgets this token, in memory and in the store, unless there is a newer one already. */
  invalidate(accessToken: string): Promise<void>;
}

/**
 * Makes a {@link TokenProvider}. Synchronous: nothing is sent until the first token is needed. Names and types of the options
 * are judged here; what the module must judge (whether `tokenUrl` is an address, what `encoding` is) with the first token.
 *
 * @throws PassdeskError `invalid_argument`, `secret_in_browser`
 */
export function tokenProvider(options: TokenProviderOptions): TokenProvider;

// ---------------------------------------------------------------------------------------------------------------------
// Personal data
// ---------------------------------------------------------------------------------------------------------------------

/** Options of {@link retrievePii}. */
export interface RetrievePiiOptions extends CallOptions {
  /** The request: `pendingRequests.presentationRequestId` of `useGateway()`. Matches `[A-Za-z0-9._~-]{1,128}`. */
  requestId: string;
  /** The bearer token. Leave it out where a session stands in for it, as between a console and its Worker. */
  token?: Token | undefined;
  /** Where the partner API is. Default `"https://api.civic.com"`. Https, or http on a loopback host. */
  baseUrl?: string | undefined;
}

/**
 * Where a request stands. `verification-success` is the one that awaits your verdict; `partner-pass` and `partner-fail` are
 * verdicts. A status that this version does not know passes through.
 */
export type PiiRequestStatus =
  | "awaiting-user"
  | "user-acknowledged"
  | "verification-success"
  | "verification-failed"
  | "user-cancelled"
  | "partner-pass"
  | "partner-fail"
  | (string & {});

/** A link of a {@link PiiRequest}. */
export interface PiiLink {
  /** What the link leads to. `idDocumentBack` is there only where the document has a second side. */
  rel: "self" | "idDocumentFront" | "idDocumentBack" | (string & {});
  /** The address. It is checked before it is used: see {@link fetchEvidence}. */
  href: string;
}

/** What was read from the user's document. Which fields there are depends on the pass, so each may be absent. */
export interface VerifiedInformation {
  /** The country that issued the document, ISO 3166-1; alpha-3 in Civic's text. */
  issueCountry?: string | null;
  /** The user's full name. */
  name?: string | null;
  /** The user's e-mail address. */
  email?: string | null;
  /** The day of birth, `YYYY-MM-DD`. */
  dateOfBirth?: string | null;
  /** The last day on which the document is valid, `YYYY-MM-DD`. */
  dateOfExpiry?: string | null;
  /** The kind of document, such as `passport`. */
  documentType?: string | null;
  /** The number on the document. */
  documentNumber?: string | null;
  /** The address of the user's wallet, as its chain writes it. Not a postal address. */
  address?: string | null;
  /** The user's account as a DID, such as `did:sol:…`; it names the same wallet as `address`. */
  accountId?: string | null;
  /** Fields that this version does not know, as they came. */
  [field: string]: unknown;
}

/** A request under partner review, as it came: nothing is renamed and unknown fields are kept (Civic, step 2). */
export interface PiiRequest {
  /** The request's id; always the one that was asked for. */
  id: string;
  /** The kind of request, such as `gatekeeperProofOfIdentityWithIdDocument-v3`. */
  type: string;
  /** Where the request stands. */
  status: PiiRequestStatus;
  /** Where the request and its evidence are. */
  links: PiiLink[];
  /** What was read from the user's document, once there is something. */
  verifiedInformation?: VerifiedInformation | null;
  /** Fields that this version does not know, as they came. */
  [field: string]: unknown;
}

/**
 * Retrieves a request with the personal data in it (Civic, step 2).
 *
 * @throws PassdeskError `not_found` where there is no such request; `bad_response` where the answer is another request's
 *   or not of the right shape (the message names the field, never its value); `too_large` beyond 8 MiB.
 */
export function retrievePii(options: RetrievePiiOptions): Promise<PiiRequest>;

// ---------------------------------------------------------------------------------------------------------------------
// Evidence
// ---------------------------------------------------------------------------------------------------------------------

/** The types that evidence can have. They are told from the first bytes, never from the header. */
export type EvidenceType =
  | "image/jpeg"
  | "image/png"
  | "image/webp"
  | "image/gif"
  | "image/heic"
  | "image/heif"
  | "application/pdf";

/** How far a download has come. */
export interface EvidenceProgress {
  /** Bytes read so far. */
  loaded: number;
  /** Bytes in all, where the answer declares them. Good for a progress bar, and for nothing else. */
  total?: number;
}

/** Evidence named by a link of a request that was retrieved before. */
export interface EvidenceByRel {
  /** The request, as {@link retrievePii} gave it. */
  pii: PiiRequest;
  /** Which of its links to follow: `"idDocumentFront"`, `"idDocumentBack"`, or what else the request lists. */
  rel: "idDocumentFront" | "idDocumentBack" | (string & {});
  /** Not together with `pii`. */
  href?: never;
  /** Not together with `pii`. */
  requestId?: never;
}

/** Evidence named by its address. */
export interface EvidenceByHref {
  /** The address, as a link of the request gave it. */
  href: string;
  /** The request that the evidence belongs to; the address must lie below its `/evidence/`. */
  requestId: string;
  /** Not together with `href`. */
  pii?: never;
  /** Not together with `href`. */
  rel?: never;
}

/** Options that both ways of naming evidence share. */
export interface EvidenceOptions extends CallOptions {
  /** The bearer token. Not sent to an origin of `allowOrigins`. */
  token?: Token | undefined;
  /** Where the partner API is. Default `"https://api.civic.com"`. Https, or http on a loopback host. */
  baseUrl?: string | undefined;
  /**
   * The most bytes to read, enforced on what arrives, not on what `content-length` says: 1 to 4 294 967 295. Default 20 MiB
   * (20 971 520).
   */
  maxBytes?: number | undefined;
  /**
   * Other origins that evidence may come from, such as an object store with presigned links: `"https://store.example"`.
   * They are asked without the token. Default: none.
   */
  allowOrigins?: readonly string[] | undefined;
  /**
   * The types to accept, told from the bytes; a text that is none of these is `invalid_argument`. An empty list accepts all of
   * them, as by default.
   */
  accept?: readonly (EvidenceType | "image/*" | "*/*" | (string & {}))[] | undefined;
  /** Told as bytes arrive. What the function throws is ignored. */
  onProgress?: ((progress: EvidenceProgress) => void) | undefined;
}

/** Options of {@link fetchEvidence}: a request and a `rel` of its links, or an `href` and the request's id. */
export type FetchEvidenceOptions = (EvidenceByRel | EvidenceByHref) & EvidenceOptions;

/** Options of {@link streamEvidence}, the same as those of {@link fetchEvidence}. */
export type StreamEvidenceOptions = FetchEvidenceOptions;

/** A document image (or PDF), whole. */
export interface Evidence {
  /** Which evidence this is: the link's `rel`, or the last part of the address. */
  rel: string;
  /** The bytes, with `contentType` as their type. */
  blob: Blob;
  /** What the bytes are. */
  contentType: EvidenceType;
  /** What the `content-type` header said they are; `""` without such a header. For the record, not to be relied on. */
  declaredType: string;
  /** How many bytes there are; the same as `blob.size`. */
  size: number;
}

/**
 * Fetches evidence and holds it in memory (Civic, step 3).
 *
 * The address must be https (http on a loopback host only), of the origin of `baseUrl` and below the request's own
 * `/evidence/`, or of an origin in `allowOrigins`.
 *
 * @throws PassdeskError `not_found` where the record has no such link; `untrusted_link` where the address is none
 *   of the above; `unsupported_media` where the bytes are no {@link EvidenceType} or not one of `accept`; `too_large` beyond
 *   `maxBytes`.
 */
export function fetchEvidence(options: FetchEvidenceOptions): Promise<Evidence>;

/**
 * Passes evidence through without holding it: the response streams, with the proven `content-type`. All that
 * {@link fetchEvidence} checks is checked; `maxBytes` and `timeoutMs` also end a stream that is under way, whose reader
 * then gets the error. In workerd, where the length is known, that reader gets a plain `Error` with the text of it: only a
 * stream of fixed length lets the client at the other end see that it was cut. Without a length it cannot: workerd ends such an
 * answer as if it were whole (https://github.com/cloudflare/workerd/issues/6818).
 *
 * @throws PassdeskError as {@link fetchEvidence}
 */
export function streamEvidence(options: StreamEvidenceOptions): Promise<Response>;

// ---------------------------------------------------------------------------------------------------------------------
// The verdict
// ---------------------------------------------------------------------------------------------------------------------

/** A verdict: whether Civic is to issue the pass. */
export type Decision = "partner-pass" | "partner-fail";

/** Options of {@link submitDecision}. */
export interface SubmitDecisionOptions extends CallOptions {
  /** The request to decide. Matches `[A-Za-z0-9._~-]{1,128}`. */
  requestId: string;
  /** The verdict. */
  status: Decision;
  /** The bearer token. Leave it out where a session stands in for it. */
  token?: Token | undefined;
  /** Where the partner API is. Default `"https://api.civic.com"`. Https, or http on a loopback host. */
  baseUrl?: string | undefined;
}

/** What became of a verdict. */
export interface DecisionReceipt {
  /** The request that was decided. */
  requestId: string;
  /** The verdict. */
  status: Decision;
  /**
   * `applied`: upstream took it now. `already-applied`: the request showed this verdict before it was sent (again).
   * `queued`: a review desk took it and will deliver it (HTTP 202).
   */
  outcome: "applied" | "already-applied" | "queued";
}

/**
 * Delivers a verdict (Civic, step 4), and never contradicts one: the request's status is read before each attempt to
 * send, so that an attempt whose answer was lost is not repeated blindly.
 *
 * Deno and Bun, which repeat a PUT by themselves where its connection breaks off, are kept from it. A browser cannot be: let a page
 * decide through a desk (`passdesk/worker`), which takes a verdict once.
 *
 * @throws PassdeskError `conflict` where the request already shows the other verdict, which is left as it is;
 *   `bad_response` where a web page answers, as from a captive portal.
 */
export function submitDecision(options: SubmitDecisionOptions): Promise<DecisionReceipt>;

// ---------------------------------------------------------------------------------------------------------------------
// Public verifications
// ---------------------------------------------------------------------------------------------------------------------

/** A filter on one field of the verifications (globaliD, "Filtering"). */
export interface Where {
  /**
   * The field to compare, such as `"attestee"`, `"type"` or `"created_at"`: 1 to 64 of `A-Z a-z 0-9 _`. It cannot end in `gt`,
   * `gte`, `lt` or `lte`, which the API would read as a comparison.
   */
  field: string;
  /** How to compare: equal (the default), greater, greater or equal, less, less or equal. */
  op?: "eq" | "gt" | "gte" | "lt" | "lte" | undefined;
  /** What to compare with. Dates are ISO 8601, such as `"2019-05-07T12:00:00"`. */
  value: string | number | boolean;
}

/**
 * A public statement of a third party about an identity, as it came: nothing is renamed and unknown fields are kept.
 * globaliD calls it a verification in prose and an attestation in its API.
 */
export interface Attestation {
  /** Names this verification, and only it. */
  uuid: string;
  /** What was verified, such as `phone_number`. */
  type?: string | null;
  /** The globaliD name of the identity that it is about. */
  attestee?: string | null;
  /** The id of the identity that it is about. */
  attestee_uuid?: string | null;
  /** The globaliD name of the verifier. */
  attestor?: string | null;
  /** When it was created, ISO 8601. */
  created_at?: string | null;
  /** When it was last changed, ISO 8601. */
  updated_at?: string | null;
  /** When the verifier signed it, ISO 8601. */
  attestor_signed_at?: string | null;
  /** When the user signed it, ISO 8601. */
  attestee_signed_at?: string | null;
  /** When it was revoked, ISO 8601; `null` where it was not. */
  revocation_time?: string | null;
  /** What the verifier makes public about it, such as the country of a phone number. */
  public_data?: string | null;
  /** Fields that this version does not know, as they came. */
  [field: string]: unknown;
}

/** Options of {@link listAttestations}. */
export interface ListAttestationsOptions extends CallOptions {
  /** A globaliD token of the identity whose verifications are wanted. */
  token: Token;
  /** Keeps only the verifications that match. Default: all. */
  where?: Where | undefined;
  /** Where globaliD's API is. Default `"https://api.global.id"`. Https, or http on a loopback host. */
  baseUrl?: string | undefined;
}

/**
 * Lists the verifications of the identity that the token belongs to (globaliD, "Retrieving the Verifications for an
 * Identity").
 *
 * @throws PassdeskError `unauthorized` where the token is refused; `bad_response` where a record has the wrong shape
 */
export function listAttestations(options: ListAttestationsOptions): Promise<Attestation[]>;

/** Options of {@link searchAttestations}. */
export interface SearchAttestationsOptions extends CallOptions {
  /** Keeps only the verifications that match. Default: all. */
  where?: Where | undefined;
  /** Which page: 1 to 4 294 967 295. Default 1. */
  page?: number | undefined;
  /** How many verifications a page has: 1 to 10 000. Default 50. globaliD warns of time-outs where it is high. */
  perPage?: number | undefined;
  /** Where globaliD's API is. Default `"https://api.global.id"`. Https, or http on a loopback host. */
  baseUrl?: string | undefined;
  /** The bearer token. globaliD needs none for this call. */
  token?: Token | undefined;
}

/** One page of a search, as it came. */
export interface AttestationPage {
  /** The verifications on this page. */
  data: Attestation[];
  /** Where this page stands among the others. */
  meta: {
    /** Which page this is, from 1. */
    page: number;
    /** How many verifications a full page has. */
    per_page: number;
    /** How many verifications match in all, at this moment. */
    total: number;
  };
}

/**
 * Searches the public verifications, one page a call (globaliD, "Searching the Public Verification Database").
 *
 * @throws PassdeskError `bad_response` where a record or the page's `meta` has the wrong shape
 */
export function searchAttestations(options?: SearchAttestationsOptions): Promise<AttestationPage>;

/** Options of {@link eachAttestation}. `timeoutMs` and `maxRetries` hold for each page. */
export interface EachAttestationOptions extends CallOptions {
  /** Keeps only the verifications that match. Default: all. */
  where?: Where | undefined;
  /** How many verifications to ask for at a time: 1 to 10 000. Default 50. globaliD warns of time-outs where it is high. */
  perPage?: number | undefined;
  /** The most pages to have on their way, or waiting for you, at a time: 1 to 64. Default 4. */
  concurrency?: number | undefined;
  /** Ends the walk after so many verifications: 0 to 4 294 967 295. Default: no end but the last page. */
  limit?: number | undefined;
  /** Where globaliD's API is. Default `"https://api.global.id"`. Https, or http on a loopback host. */
  baseUrl?: string | undefined;
  /** The bearer token. globaliD needs none for this call. */
  token?: Token | undefined;
}

/**
 * Walks all matching public verifications, page after page, for `for await`. Each is given once, told by its `uuid`, also
 * where records come and go on the way. Leaving the loop stops the requests.
 *
 * @throws PassdeskError as {@link searchAttestations}, from the loop
 */
export function eachAttestation(options?: EachAttestationOptions): AsyncIterableIterator<Attestation>;

// ---------------------------------------------------------------------------------------------------------------------
// Screening
// ---------------------------------------------------------------------------------------------------------------------

/**
 * What a record is screened against. A rule that is left out is not applied. An empty list of what is welcome welcomes
 * nothing; what is blocked stays blocked also where it is welcome.
 */
export interface Policy {
  /**
   * The least age in whole years on the day of `now`: 0 to 130. Who was born on 29 February is a year older on 1 March in
   * common years.
   */
  minAge?: number | undefined;
  /** Countries whose documents are welcome, ISO 3166-1 alpha-2 or alpha-3, in either case. All others fail. */
  allowedCountries?: readonly string[] | undefined;
  /** Countries whose documents fail, ISO 3166-1 alpha-2 or alpha-3, in either case. */
  blockedCountries?: readonly string[] | undefined;
  /** Kinds of document that are welcome, such as `"passport"`; case, spaces, `-` and `_` do not count. All others fail. */
  documentTypes?: readonly string[] | undefined;
  /** Whether the document's back must be there. Default false: the front alone is enough. */
  requireBothSides?: boolean | undefined;
  /** Warns of a document that is valid for no more than so many days: 0 to 36 525, where 0 is its last day. Default: no warning. */
  expiryMarginDays?: number | undefined;
  /** E-mail domains that are welcome, such as `"example.com"`, with those below them. All others fail. */
  allowedEmailDomains?: readonly string[] | undefined;
  /** E-mail domains that fail, with those below them. */
  blockedEmailDomains?: readonly string[] | undefined;
}

/** Options of {@link screenPii}. */
export interface ScreenPiiOptions {
  /** The request, as {@link retrievePii} gave it. */
  pii: PiiRequest;
  /**
   * What to screen it against. `{}` applies only what holds for every record: dates, expiry, country code, e-mail, front side,
   * wallet, and fields that are missing.
   */
  policy: Policy;
  /**
   * The day to judge by: a `Date` or epoch milliseconds (the day it is then in UTC), or `"YYYY-MM-DD"`. Of a text with a time
   * of day the date counts as it is written, whatever its offset. Default: today, in UTC.
   */
  now?: Date | number | string | undefined;
}

/**
 * What a {@link Finding} is about.
 *
 * - `expired`, `expires_soon`: the document is no longer valid, or not for long enough.
 * - `under_age`, `birth_date_implausible`: younger than `minAge`; born in the future, or more than 130 years ago.
 * - `malformed_date`, `malformed_email`, `malformed_account`: the field is not what it should be.
 * - `email_domain_not_allowed`, `email_domain_blocked`, `country_not_allowed`, `country_blocked`,
 *   `document_type_not_allowed`: the policy does not want it.
 * - `unknown_country`: not a country code.
 * - `missing_side`, `missing_field`: the image or field is not there.
 * - `account_mismatch`: `accountId` and `address` name different wallets.
 */
export type FindingCode =
  | "expired"
  | "expires_soon"
  | "under_age"
  | "birth_date_implausible"
  | "malformed_date"
  | "malformed_email"
  | "malformed_account"
  | "email_domain_not_allowed"
  | "email_domain_blocked"
  | "country_not_allowed"
  | "country_blocked"
  | "unknown_country"
  | "document_type_not_allowed"
  | "missing_side"
  | "missing_field"
  | "account_mismatch";

/** Something a reviewer should look at. It names the field, and never holds its value. */
export interface Finding {
  /** What was found. */
  code: FindingCode;
  /**
   * How much it weighs. `fail`: the record breaks the policy, is wrong whatever the policy, or leaves open what the policy
   * demands. `warn`: a person should look. `info`: good to know.
   */
  severity: "info" | "warn" | "fail";
  /** The field of `verifiedInformation` that it is about, such as `"dateOfBirth"`, or the `rel` of a missing side. */
  field?: string;
  /** The finding in words, for a reviewer. */
  message: string;
}

/**
 * Compares a request with a policy. Pure: nothing is sent. Failures come first, then warnings, then the rest. An empty
 * list means that nothing was found, not that the document is genuine.
 *
 * @throws PassdeskError `invalid_argument` where the policy makes no sense, such as an unknown country code
 */
export function screenPii(options: ScreenPiiOptions): Promise<Finding[]>;

// ---------------------------------------------------------------------------------------------------------------------
// Errors
// ---------------------------------------------------------------------------------------------------------------------

/** The codes, for those who like to spell them once: `error.code === codes.RATE_LIMITED`. */
export const codes: {
  /** An option has an unknown name, the wrong type, or a value that cannot be. Nothing was sent. */
  readonly INVALID_ARGUMENT: "invalid_argument";
  /** A page passed `clientSecret`. Nothing was sent. */
  readonly SECRET_IN_BROWSER: "secret_in_browser";
  /** The caller's signal ended the call; `cause` is its reason. */
  readonly ABORTED: "aborted";
  /** The last attempt took longer than `timeoutMs`. */
  readonly TIMEOUT: "timeout";
  /** No answer, or one that broke off. */
  readonly NETWORK: "network";
  /** HTTP 401: the token, or the client at the exchange, was refused. Or the function that should give the token failed. */
  readonly UNAUTHORIZED: "unauthorized";
  /** HTTP 403: the token does not reach that far. */
  readonly FORBIDDEN: "forbidden";
  /** HTTP 404. */
  readonly NOT_FOUND: "not_found";
  /** HTTP 409, or a request that already shows the other verdict. */
  readonly CONFLICT: "conflict";
  /** HTTP 429; `retryAfterMs` says how long upstream wants to be left alone, where it did say. */
  readonly RATE_LIMITED: "rate_limited";
  /** Another HTTP 4xx. */
  readonly REJECTED: "rejected";
  /** HTTP 5xx. */
  readonly UPSTREAM: "upstream";
  /** HTTP 3xx. Redirects are never followed, since the token would go along. */
  readonly REDIRECTED: "redirected";
  /** An answer that is not JSON, not of the right shape, or about another request. */
  readonly BAD_RESPONSE: "bad_response";
  /** An evidence address that the token must not be sent to. Nothing was sent. */
  readonly UNTRUSTED_LINK: "untrusted_link";
  /** More bytes than allowed: `maxBytes` for evidence, 8 MiB for JSON. */
  readonly TOO_LARGE: "too_large";
  /** Evidence whose bytes are of no accepted type. */
  readonly UNSUPPORTED_MEDIA: "unsupported_media";
  /** The WebAssembly module could not be loaded, or failed while it ran. The next call starts afresh. */
  readonly LOAD_FAILED: "load_failed";
};

/** Why a call failed. A closed set: a `switch` over it can be complete. */
export type PassdeskErrorCode = (typeof codes)[keyof typeof codes];

/**
 * Why a call failed. No message, and no field, holds a token, a secret, a personal datum or a query string.
 */
export class PassdeskError extends Error {
  /** Made by this package only. */
  private constructor();
  /** Always `"PassdeskError"`. */
  readonly name: "PassdeskError";
  /** What kind of failure it is. */
  readonly code: PassdeskErrorCode;
  /** The operation that failed: the one that was called, or `exchangeToken` where no token was to be had for it. */
  readonly operation: Operation;
  /**
   * The HTTP status of the last attempt, where it got as far as an answer; none with a `conflict` that the request's own status
   * shows, since nothing was refused.
   */
  readonly status?: number;
  /** How many attempts were begun; 0 where there was none. One whose token function fails is begun, and sends nothing. */
  readonly attempts: number;
  /** Whether the same call may succeed later. It was already repeated `maxRetries` times. */
  readonly retryable: boolean;
  /** How many milliseconds upstream wants to be left alone, where it said so. */
  readonly retryAfterMs?: number;
  /**
   * The error code in upstream's answer, such as `invalid_client` (RFC 6749, section 5.2), where it has one that reads like a
   * code: one word of one case. Anything else could be personal data, and is left out.
   */
  readonly upstreamCode?: string;
  /**
   * Upstream's own name for this exchange, from the headers of an answer that is not 2xx, to quote to its support. Not a Civic
   * request id.
   */
  readonly requestId?: string;
  /**
   * With `aborted`, the signal's reason; with `network`, and where a function for the token failed, an `Error` with the kind of what
   * was thrown and the runtime's error code, such as `ECONNREFUSED`, where it has one.
   */
  readonly cause?: unknown;
}

/** Whether this is a {@link PassdeskError}, also one from another copy of this package. */
export function isPassdeskError(error: unknown): error is PassdeskError;
