// Every URL of the console, built and read here and nowhere else.

import type { Where } from "passdesk";

/** A filter as a URL carries it: its value is text. */
export type Filter = Where & { value: string };

/** What an attestation search asks for, as its URL carries it. All of it is public data. */
export interface Search {
  where?: Filter;
  page: number;
  perPage: number;
}

export type Route =
  | { page: "requests" }
  | { page: "request"; id: string }
  | { page: "attestations"; search: Search }
  | { page: "unknown" };

export const PER_PAGE_CHOICES = [20, 50, 100] as const;
const OPERATORS = ["eq", "gt", "gte", "lt", "lte"] as const;

export const paths = {
  requests: () => "/",
  request: ({ id }: { id: string }) => `/requests/${encodeURIComponent(id)}`,
  attestations: ({ where, page, perPage }: Partial<Search> = {}) => {
    const query = new URLSearchParams();
    if (where) {
      query.set("field", where.field);
      if (where.op && where.op !== "eq") query.set("op", where.op);
      query.set("value", where.value);
    }
    if (page !== undefined && page !== 1) query.set("page", String(page));
    if (perPage !== undefined && perPage !== PER_PAGE_CHOICES[0]) query.set("per_page", String(perPage));
    return query.size === 0 ? "/attestations" : `/attestations?${query}`;
  },
};

/** Which screen a URL shows. */
export function routeOf(url: URL): Route {
  if (url.pathname === "/") return { page: "requests" };
  if (url.pathname === "/attestations") return { page: "attestations", search: searchOf(url.searchParams) };
  const id = /^\/requests\/([^/]+)$/.exec(url.pathname)?.[1];
  const decoded = id === undefined ? undefined : decode(id);
  return decoded === undefined ? { page: "unknown" } : { page: "request", id: decoded };
}

function searchOf(query: URLSearchParams): Search {
  const field = query.get("field");
  const op = OPERATORS.find((known) => known === query.get("op")) ?? "eq";
  const perPage = PER_PAGE_CHOICES.find((known) => String(known) === query.get("per_page")) ?? PER_PAGE_CHOICES[0];
  const page = /^[1-9]\d{0,5}$/.test(query.get("page") ?? "") ? Number(query.get("page")) : 1;
  return { ...(field && { where: { field, op, value: query.get("value") ?? "" } }), page, perPage };
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined; // a stray percent sign
  }
}
