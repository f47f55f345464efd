// Every URL of the console, built and read here and nowhere else. What is in a URL stays in histories and logs: ids and
// filters, never anything of a person's.

import type { Where } from "passdesk";
import type { AuditFilter } from "../api/audit.ts";
import type { CaseFilter } from "../api/desk.ts";

/** What a route matches; `:id` is a request's id. */
export const ROUTES = {
  /** Leads on to the first screen that somebody may see. */
  start: "/",
  queue: "/queue",
  case: "/cases/:id",
  audit: "/audit",
  attestations: "/attestations",
  settings: "/settings",
  signedIn: "/signed-in",
} as const;

/** What the queue shows, as its URL carries it. */
export interface QueueView {
  /** A name of `STAGES` (components/queue/queue-view.ts). */
  stage?: string | undefined;
  claimed?: CaseFilter["claimed"];
  /** The beginning of a request's id. */
  search?: string | undefined;
  sort?: CaseFilter["sort"];
}

/** A filter as a URL carries it: its value is text. */
export type Filter = Where & { value: string };

/** What an attestation search asks for, as its URL carries it: the value only where it can name no person. */
export interface Search {
  where?: Filter;
  page: number;
  perPage: number;
}

/**
 * The fields whose values are in the URL, so that such a search can be linked to. Any other value may name somebody (an
 * attestee, a phone number in the public data), and stays in the page's memory.
 */
const IMPERSONAL: ReadonlySet<string> = new Set([
  "type",
  "attestor",
  "created_at",
  "updated_at",
  "attestor_signed_at",
  "attestee_signed_at",
]);

export const isImpersonal = (field: string) => IMPERSONAL.has(field);

export const PER_PAGE_CHOICES = [20, 50, 100] as const;
const OPERATORS = ["eq", "gt", "gte", "lt", "lte"] as const;
const CLAIMS = ["me", "others", "none"] as const;
/** As the package takes them. */
export const ID_START = /^[A-Za-z0-9._~-]{1,128}$/;

export const isRequestId = (text: string) => ID_START.test(text) && text !== "." && text !== "..";

export const paths = {
  start: () => ROUTES.start,
  queue: ({ stage, claimed, search, sort }: QueueView = {}) =>
    withQuery(ROUTES.queue, { stage, claimed, search, sort }),
  case: ({ id }: { id: string }) => ROUTES.case.replace(":id", encodeURIComponent(id)),
  audit: ({ case: of, action, by, since, until }: AuditFilter = {}) =>
    withQuery(ROUTES.audit, { case: of, action, by, since, until }),
  attestations: ({ where, page, perPage }: Partial<Search> = {}) =>
    withQuery(ROUTES.attestations, {
      field: where?.field,
      op: where?.op === "eq" ? undefined : where?.op,
      value: where && isImpersonal(where.field) ? where.value : undefined,
      page: page === 1 ? undefined : page,
      per_page: perPage === PER_PAGE_CHOICES[0] ? undefined : perPage,
    }),
  settings: () => ROUTES.settings,
  signedIn: () => ROUTES.signedIn,
  /** Where Access ends a session, on the desk's own host (Cloudflare, "Log out as a user"). */
  signOut: () => "/cdn-cgi/access/logout",
};

export function queueViewOf(search: string): QueueView {
  const query = new URLSearchParams(search);
  const id = query.get("search") ?? "";
  return {
    stage: query.get("stage") ?? undefined,
    claimed: CLAIMS.find((known) => known === query.get("claimed")),
    search: ID_START.test(id) ? id : undefined,
    sort: query.get("sort") === "newest" ? "newest" : undefined,
  };
}

export function auditFilterOf(search: string): AuditFilter {
  const query = new URLSearchParams(search);
  const of = query.get("case") ?? "";
  const action = query.get("action") ?? "";
  return {
    case: isRequestId(of) ? of : undefined,
    action: /^[a-z][a-z-]{0,63}$/.test(action) ? action : undefined,
    by: query.get("by")?.slice(0, 254) || undefined,
    since: timeOf(query.get("since")),
    until: timeOf(query.get("until")),
  };
}

/** Milliseconds since 1970. */
const timeOf = (text: string | null) => (/^\d{1,14}$/.test(text ?? "") ? Number(text) : undefined);

export function attestationSearchOf(search: string): Search {
  const query = new URLSearchParams(search);
  const field = query.get("field");
  const op = OPERATORS.find((known) => known === query.get("op")) ?? "eq";
  const perPage = PER_PAGE_CHOICES.find((known) => String(known) === query.get("per_page")) ?? PER_PAGE_CHOICES[0];
  const page = /^[1-9]\d{0,5}$/.test(query.get("page") ?? "") ? Number(query.get("page")) : 1;
  const value = field && isImpersonal(field) ? (query.get("value") ?? "") : "";
  return { ...(field && { where: { field, op, value } }), page, perPage };
}

function withQuery(path: string, parts: Record<string, string | number | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parts)) if (value !== undefined) query.set(name, String(value));
  return query.size === 0 ? path : `${path}?${query}`;
}
