// What Civic has no word for: where a verdict is on its way to Civic, and how it is taken back.

import type { Decision, PassdeskErrorCode } from "passdesk";

/** The desk's own part of a case. */
export interface DeskCase {
  decision: { verdict: Decision; by: string | null; at: number } | null;
  delivery:
    | { state: "none" | "approval" | "leased" | "retrying" | "delivered" | "resolved" }
    | { state: "waiting"; sendAfter: number }
    | { state: "conflict"; shown: Decision }
    | { state: "dead"; code: string };
}

/** A refusal of the desk's own, in the words of the package's codes. */
export class DeskError extends Error {
  override name = "DeskError";
  readonly code: PassdeskErrorCode;
  readonly status: number | undefined;

  constructor(code: PassdeskErrorCode, status?: number) {
    super(code);
    this.code = code;
    this.status = status;
  }
}

const CODES: Partial<Record<number, PassdeskErrorCode>> = {
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  409: "conflict",
  429: "rate_limited",
};

export async function deskCase(id: string, signal: AbortSignal): Promise<DeskCase> {
  const response = await ask(`/desk/cases/${encodeURIComponent(id)}`, { signal });
  return response.json().catch(() => {
    throw new DeskError("bad_response", response.status);
  });
}

/** Takes the verdict back, as long as it has not been sent. */
export async function undo(id: string): Promise<void> {
  await ask(`/partner/piirequest/${encodeURIComponent(id)}/status`, { method: "DELETE" });
}

/** Sends a verdict anew that the desk had given up on. */
export async function retry(id: string): Promise<void> {
  await ask(`/desk/cases/${encodeURIComponent(id)}/retry`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
}

async function ask(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(path, { ...init, cache: "no-store", redirect: "error" }).catch(() => {
    throw new DeskError(init.signal?.aborted ? "aborted" : "network");
  });
  if (!response.ok) throw new DeskError(CODES[response.status] ?? "upstream", response.status);
  return response;
}
