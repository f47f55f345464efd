// What the desk answers about its audit, as a program that reads it would write it down.

import type { Operation } from "passdesk";
import {
  createReviewDesk,
  type DeskAuditBreak,
  type DeskAuditPage,
  type DeskAuditQuery,
  type DeskAuditRow,
  type DeskAuditVerification,
  type DeskHealth,
  type DeskIntakeReceipt,
  type DeskNewestAuditPage,
  type DeskResolutionReceipt,
  type DeskRevealRequest,
  type DeskUndoReceipt,
} from "passdesk/worker";
import { type Equals, holds } from "./equals.js";

declare function ask<Answer>(path: string, query: URLSearchParams): Promise<Answer>;

const query = (asked: DeskAuditQuery) =>
  new URLSearchParams(Object.entries(asked).map(([name, value]): [string, string] => [name, String(value)]));

/** All rows, a page at a time. */
export async function* everyRow(asked: Omit<DeskAuditQuery, "order" | "format">): AsyncGenerator<DeskAuditRow> {
  for (let after: number | null = asked.after ?? 0; after !== null; ) {
    const page: DeskAuditPage = await ask("/desk/audit", query({ ...asked, after, order: "oldest", limit: 1000 }));
    yield* page.rows;
    after = page.after;
  }
}

/** Proves the whole chain, and returns the hash that proves its end. */
export async function proven(): Promise<string> {
  for (let after = 0; ; ) {
    const walked = await ask<DeskAuditVerification>(
      "/desk/audit/verify",
      new URLSearchParams({ after: String(after) }),
    );
    if (walked.broken) throw new Error(`row ${walked.broken.seq}: ${walked.broken.problem}`);
    if (walked.complete) return walked.hash;
    after = walked.through;
  }
}

holds<Equals<DeskAuditPage["rows"], DeskAuditRow[]>>();
holds<Equals<DeskNewestAuditPage["before"], number | null>>();
holds<Equals<DeskAuditVerification["broken"], DeskAuditBreak | undefined>>();
holds<Equals<DeskAuditBreak["problem"], "gap" | "link" | "hash">>();
holds<Equals<DeskRevealRequest, { field: string }>>();
holds<Equals<DeskHealth["status"], "ok" | "unavailable">>();
// @ts-expect-error pages of the newest go on with `before`
export const wrongWay = (page: DeskNewestAuditPage) => page.after;
// @ts-expect-error no such order
query({ order: "random" });
// @ts-expect-error times are numbers
query({ since: "2026-01-01" });

/** As its errors name it. */
export const operation: Operation = "createReviewDesk";

/** A Worker's own bindings, with names of its own. */
interface Env {
  CASES: unknown;
  SECRET: string;
  ADMINS?: string;
}
export const desk = createReviewDesk({
  settings: (env: Env) => ({ DESK_REVIEWERS: env.SECRET, DESK_ADMINS: env.ADMINS }),
});
// What is left out may be there and undefined, also where the compiler tells the two apart.
createReviewDesk({ settings: undefined, fetch: undefined });

/** What came of a case in whose verdict Civic contradicts the desk. */
export function settled(answer: DeskResolutionReceipt | DeskUndoReceipt): string {
  if (answer.outcome === "undone") return "open again";
  return answer.outcome === "resolved" ? answer.status : "abandoned";
}
holds<Equals<DeskIntakeReceipt, { status: "accepted" }>>();
