// The desk's audit: rows, the proof that none was changed, and files of it. No row holds personal data of a user.

import type { DeskAuditQuery, DeskAuditVerification, DeskNewestAuditPage } from "passdesk/worker";
import { ask, bodyOf, read } from "./desk.ts";

/** What the audit is narrowed to; times in milliseconds since 1970, the second one excluded. */
export interface AuditFilter {
  case?: string | undefined;
  action?: string | undefined;
  by?: string | undefined;
  since?: number | undefined;
  until?: number | undefined;
}

export type AuditFormat = NonNullable<DeskAuditQuery["format"]>;

const PAGE = 200;
/** Rows of one request: enough to be quick, few enough to show how far it is. */
const PART = 5000;

/** Rows with a smaller number than `before`, the newest first. */
export function auditPage(
  filter: AuditFilter,
  { before, limit = PAGE }: { before?: number | undefined; limit?: number },
  signal?: AbortSignal,
): Promise<DeskNewestAuditPage> {
  return read(`/desk/audit?${queryOf({ ...filter, order: "newest", before, limit })}`, signal);
}

/** The number of the newest row, or 0 where there is none. */
export async function newestSeq(signal: AbortSignal): Promise<number> {
  const { rows } = await auditPage({}, { limit: 1 }, signal);
  return rows[0]?.seq ?? 0;
}

/** Proves the rows that follow `after`, some at a time. */
export function verifyPart(after: number, signal: AbortSignal): Promise<DeskAuditVerification> {
  return read(`/desk/audit/verify?${queryOf({ after, limit: PART })}`, signal);
}

/**
 * All rows as a file, fetched in parts: one answer of the desk may hold no more than D1 grants a request. A part that fails
 * fails the whole, so no file ends early.
 */
export async function auditFile(
  format: AuditFormat,
  filter: AuditFilter,
  signal: AbortSignal,
  onProgress: (through: number, newest: number) => void,
): Promise<Blob> {
  const newest = await newestSeq(signal);
  const parts: Blob[] = [];
  let type = "";
  for (let after = 0; after < newest || after === 0; after += PART) {
    onProgress(after, newest);
    const before = Math.min(after + PART, newest) + 1;
    // Without `after` the first part has what stands before the chain as well.
    const response = await ask(`/desk/audit?${queryOf({ ...filter, format, after: after || undefined, before })}`, {
      signal,
    });
    type = response.headers.get("content-type") ?? "";
    const part = await bodyOf(response, wholeOf(response), signal);
    parts.push(format === "csv" && after > 0 ? part.slice((await headLength(part)) + 1) : part);
  }
  onProgress(newest, newest);
  return new Blob(parts, { type });
}

/** A part to its last row. One that the desk could not bring to its end says so in its last line, which is no row. */
async function wholeOf(response: Response): Promise<Blob> {
  const part = await response.blob();
  if ((await part.slice(-64).text()).includes('"incomplete"')) throw new Error("incomplete");
  return part;
}

/** Where the first line ends: each part of a CSV has a head of its own. */
async function headLength(part: Blob): Promise<number> {
  const head = new Uint8Array(await part.slice(0, 1024).arrayBuffer());
  return head.indexOf(0x0a);
}

function queryOf(parts: Record<string, string | number | undefined>): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parts)) if (value !== undefined) query.set(name, String(value));
  return query;
}
