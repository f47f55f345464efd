// What Civic has no word for: who is there, the queue, claims, and where a verdict is on its way to Civic.

import type { Decision, PassdeskErrorCode } from "passdesk";
import type {
  DeskCase,
  DeskCasePage,
  DeskCaseView,
  DeskClaimReceipt,
  DeskDecisionReceipt,
  DeskMe,
} from "passdesk/worker";
import { deskFetch } from "./transport.ts";

const PATIENCE_MS = 20_000;

export type {
  DeskCase,
  DeskCasePage,
  DeskCaseView,
  DeskClaimReceipt,
  DeskDecisionReceipt,
  DeskDelivery,
  DeskMe as Me,
  DeskNote,
  DeskReason as Reason,
  DeskRole as Role,
} from "passdesk/worker";

/** What the queue is narrowed to. */
export interface CaseFilter {
  /** A case's or a delivery's state; several with commas between. */
  state?: string | undefined;
  claimed?: "me" | "others" | "none" | undefined;
  /** How the id begins. */
  prefix?: string | undefined;
  sort?: "oldest" | "newest" | undefined;
}

/** A refusal of the desk's own, in the words of the package's codes. */
export class DeskError extends Error {
  override name = "DeskError";
  readonly code: PassdeskErrorCode;
  readonly status: number | undefined;
  /** The code of the desk's own, such as `claimed`. */
  readonly reason: string | undefined;
  /** What else the desk says of it: who and when. Never a value of the person's. */
  readonly details: Readonly<Record<string, unknown>>;
  /** What the desk's log calls this request. */
  readonly requestId: string | undefined;

  constructor(
    code: PassdeskErrorCode,
    { status, body = {}, requestId }: { status?: number; body?: Record<string, unknown>; requestId?: string } = {},
  ) {
    super(code);
    this.code = code;
    this.status = status;
    this.reason = typeof body.error === "string" ? body.error : undefined;
    this.details = body;
    this.requestId = requestId;
  }
}

const CODES: Partial<Record<number, PassdeskErrorCode>> = {
  400: "invalid_argument",
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  409: "conflict",
  429: "rate_limited",
};

export const me = (signal?: AbortSignal) => read<DeskMe>("/desk/me", signal);

/** A page of the queue; `cursor` is that of the page before. */
export function cases(
  filter: CaseFilter,
  { cursor, limit = 100 }: { cursor?: string | undefined; limit?: number },
  signal?: AbortSignal,
): Promise<DeskCasePage> {
  const query = new URLSearchParams({ limit: String(limit) });
  for (const [name, value] of Object.entries({ ...filter, cursor })) if (value) query.set(name, value);
  return read(`/desk/cases?${query}`, signal);
}

/** The last case that was read, so that polling it costs the desk no body (RFC 9110, section 13.1.2). */
let held: { id: string; etag: string; view: DeskCaseView } | undefined;

/** The desk's part of a case. The very same object, where nothing has changed. */
export async function deskCase(id: string, signal?: AbortSignal): Promise<DeskCaseView> {
  const known = held?.id === id ? held : undefined;
  const response = await ask(pathOf(id), {
    ...(signal && { signal }),
    ...(known && { headers: { "if-none-match": known.etag } }),
  });
  if (response.status === 304 && known) return known.view;
  return keep(id, response, signal);
}

/** A case as a list has it: a note is for its case's screen alone, and a list is remembered for long. */
export async function listedCase(id: string, signal?: AbortSignal): Promise<DeskCase> {
  const response = await ask(pathOf(id), { ...(signal && { signal }) });
  const { note: _note, viewers: _viewers, ...listed } = await jsonOf<DeskCaseView>(response, signal);
  return listed;
}

/** Says that this page has the case open, and hears who else has. */
export const presence = async (id: string) => keep(id, await write(`${pathOf(id)}/presence`, { here: true }));

/** Says that this page has it open no more. For a page that goes away, so nobody waits for the answer. */
export const leave = (id: string) => done(write(`${pathOf(id)}/presence`, { here: false }, { keepalive: true }));

async function keep(id: string, response: Response, signal?: AbortSignal): Promise<DeskCaseView> {
  const view = await jsonOf<DeskCaseView>(response, signal);
  const etag = response.headers.get("etag");
  held = etag ? { id, etag, view } : undefined;
  return view;
}

/** Forgets what was read of a case last, or of this one. */
export function forgetCase(id = held?.id): void {
  if (held?.id === id) held = undefined;
}

export const claim = (id: string) => done(write(`${pathOf(id)}/claim`));
/** Also for a page that goes away. */
export const release = (id: string) => done(write(`${pathOf(id)}/release`, {}, { keepalive: true }));
/** Claims the oldest case that is open and nobody's, or the first behind `after`; `undefined` where there is none. */
export async function claimNext(after?: string): Promise<DeskClaimReceipt | undefined> {
  const response = await write("/desk/cases/next", after === undefined ? {} : { after });
  return response.status === 204 ? undefined : jsonOf<DeskClaimReceipt>(response);
}
/**
 * Gives a verdict. With the same key it may be given again: the desk takes it once. The package's own `submitDecision` has
 * no place for a reason, a note and a key, and reads the person's record first, which the desk has no need of.
 */
export async function decide(
  id: string,
  { status, reason, note, key }: { status: Decision; reason: string | undefined; note: string; key: string },
): Promise<DeskDecisionReceipt> {
  const response = await ask(statusOf(id), {
    method: "PUT",
    headers: { "content-type": "application/json", "idempotency-key": key },
    body: JSON.stringify({ status, reason, ...(note !== "" && { note }) }),
  });
  return jsonOf(response);
}
/** Takes the verdict back, as long as it has not been sent. */
export const undo = (id: string) => done(ask(statusOf(id), { method: "DELETE" }));
/** Sends a verdict anew that the desk had given up on. */
export const retry = (id: string) => done(write(`${pathOf(id)}/retry`));
/** Ends a conflict: Civic's verdict is accepted, or ours is sent once more. */
export const resolve = (id: string, how: "accept" | "retry") => done(write(`${pathOf(id)}/resolve`, { how }));
/** The second person's word. */
export const approve = (id: string, status: Decision) => done(write(`${pathOf(id)}/approve`, { status }));
/** Notes in the audit that a field was uncovered. */
export const reveal = (id: string, field: string) => done(write(`${pathOf(id)}/reveal`, { field }));

const statusOf = (id: string) => `/partner/piirequest/${encodeURIComponent(id)}/status`;
const pathOf = (id: string) => `/desk/cases/${encodeURIComponent(id)}`;

/** What the desk answers as JSON. */
export async function read<T>(path: string, signal?: AbortSignal): Promise<T> {
  return jsonOf(await ask(path, signal ? { signal } : {}), signal);
}

function jsonOf<T>(response: Response, signal?: AbortSignal): Promise<T> {
  return bodyOf<T>(response, response.json(), signal);
}

/** The body of a good answer, as it is read. That it breaks off half-way is another matter than that it makes no sense. */
export function bodyOf<T>({ status }: Response, body: Promise<T>, signal?: AbortSignal): Promise<T> {
  return body.catch((error: unknown) => {
    if (signal?.aborted) throw new DeskError("aborted");
    if (error instanceof SyntaxError) throw new DeskError("bad_response", { status });
    const late = error instanceof DOMException && error.name === "TimeoutError";
    throw new DeskError(late ? "timeout" : "network", { status });
  });
}

/** Of some answers the status says all. They are read all the same: the request of an unread one stays open until its time is up. */
async function done(answer: Promise<Response>): Promise<void> {
  const response = await answer;
  await response.arrayBuffer().catch(() => {});
}

function write(path: string, body: Record<string, unknown> = {}, more: RequestInit = {}): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return ask(path, { ...more, method: "POST", headers, body: JSON.stringify(body) });
}

/** The desk's answer, or an error where it is no good one. */
export async function ask(path: string, { signal, ...init }: RequestInit): Promise<Response> {
  const timeout = AbortSignal.timeout(PATIENCE_MS);
  const response = await deskFetch(path, {
    ...init,
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
  }).catch(() => {
    throw new DeskError(signal?.aborted ? "aborted" : timeout.aborted ? "timeout" : "network");
  });
  if (response.ok || response.status === 304) return response;
  if (response.type === "opaqueredirect") throw new DeskError("unauthorized");
  const body = await response.json().catch(() => ({}));
  const requestId = response.headers.get("x-request-id");
  throw new DeskError(CODES[response.status] ?? (response.status < 500 ? "rejected" : "upstream"), {
    status: response.status,
    body: typeof body === "object" && body !== null ? body : {},
    ...(requestId && { requestId }),
  });
}
