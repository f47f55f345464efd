// The desk's first stage: Civic's own partner API minus the secret, so that the console runs the same module against it
// with no token. There is no login and no storage yet, so it opens on this machine only (see doors.ts).

import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import {
  type Decision,
  type PiiRequest,
  retrievePii,
  searchAttestations,
  streamEvidence,
  submitDecision,
  type Where,
} from "passdesk";
import { isCrossSite, isLoopback } from "./doors.ts";
import { failureOf } from "./failures.ts";
import { DATA, PAGE } from "./headers.ts";
import { type Bindings, type Desk, Misconfigured, openDesk } from "./settings.ts";

const app = new Hono<{ Bindings: Bindings; Variables: { desk: Desk } }>();

// Kept for the isolate's life, since its bindings are: the token provider in it remembers the token between requests.
let opened: Desk | undefined;

app.use(async (c, next) => {
  await next();
  const headers = isData(c.req.path) ? DATA : PAGE;
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
});

app.use(async (c, next) => {
  opened ??= openDesk(c.env);
  if (!isLoopback(new URL(c.req.url).hostname)) {
    throw new Misconfigured("This desk has no login yet, so it answers to loopback hosts only.");
  }
  c.set("desk", opened);
  if (isData(c.req.path) && isCrossSite(c.req.raw)) return c.json({ error: "cross_site" }, 403);
  await next();
});

app.get("/desk/health", (c) => c.json({ status: "ok" }));

app.get("/partner/piirequest/:id", async (c) => {
  const pii = await retrievePii({ ...reading(c.req.raw), ...c.var.desk.civic, requestId: c.req.param("id") });
  return c.json(withOwnLinks(pii, new URL(c.req.url).origin));
});

app.get("/partner/piirequest/:id/evidence/:rel", async (c) => {
  const call = { ...reading(c.req.raw), ...c.var.desk.civic };
  // The link is looked up anew and judged here, so the page can only name evidence, never an address.
  const pii = await retrievePii({ ...call, requestId: c.req.param("id") });
  const rel = c.req.param("rel");
  if (!pii.links.some((link) => link.rel === rel)) return c.notFound();
  // A stream that is cut looks like a lost connection to the page. Its own limit, 20 MiB, is reached before this one and
  // is told as what it is.
  return streamEvidence({ ...call, pii, rel, maxBytes: 21 * 1024 * 1024 });
});

app.put(
  "/partner/piirequest/:id/status",
  bodyLimit({ maxSize: 1024, onError: (c) => c.json({ error: "too_large" }, 413) }),
  async (c) => {
    if (!/^application\/json\s*(;|$)/i.test(c.req.header("content-type") ?? "")) {
      return c.json({ error: "unsupported_media" }, 415);
    }
    const status = decisionOf(await c.req.json().catch(() => undefined));
    if (status === undefined) return c.json({ error: "invalid_argument" }, 400);
    // Not tied to the request's signal: a decision that is under way is finished although the page has gone.
    const receipt = await submitDecision({ ...c.var.desk.civic, requestId: c.req.param("id"), status });
    return c.json({ id: receipt.requestId, status: receipt.status, outcome: receipt.outcome });
  },
);

app.get("/v1/attestations/search", async (c) => {
  const { fieldName, fieldValue, page, per_page: perPage } = c.req.query();
  const filtered = fieldName !== undefined && fieldValue !== undefined;
  if (!filtered && fieldName !== fieldValue) return c.json({ error: "invalid_argument" }, 400); // half a filter
  const found = await searchAttestations({
    ...reading(c.req.raw),
    ...c.var.desk.globalid,
    ...(filtered && { where: whereOf(fieldName, fieldValue) }),
    ...(page !== undefined && { page: Number(page) }),
    ...(perPage !== undefined && { perPage: Number(perPage) }),
  });
  return c.json(found);
});

app.all("*", (c) => (isData(c.req.path) ? c.notFound() : c.env.ASSETS.fetch(c.req.raw)));

app.notFound((c) => c.json({ error: "not_found" }, 404));

app.onError((error, c) => {
  if (error instanceof Misconfigured) return c.json({ error: "misconfigured", message: error.message }, 500);
  const { body, status, headers } = failureOf(error);
  // The name alone: the message of an error that nobody foresaw can hold anything.
  if (body.error === "internal") console.error(JSON.stringify({ event: "internal", name: error.name }));
  return c.json(body, status, headers);
});

export default { fetch: app.fetch };

/** Whether a path answers data rather than the console's files. */
function isData(path: string): boolean {
  return /^\/(?:partner|v1|desk)(?:\/|$)/.test(path);
}

/** What every read passes on. The page's own client repeats what failed; repeating here as well would multiply that. */
function reading(request: Request): { signal: AbortSignal; maxRetries: number } {
  return { signal: request.signal, maxRetries: 0 };
}

/** The request with its links leading here. A link whose name cannot stand in a path keeps its address, which no page can use. */
function withOwnLinks(pii: PiiRequest, origin: string): PiiRequest {
  const self = `${origin}/partner/piirequest/${pii.id}`;
  const links = pii.links.map((link) => {
    if (link.rel === "self") return { ...link, href: self };
    if (!/^[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,127}$/.test(link.rel)) return link;
    return { ...link, href: `${self}/evidence/${link.rel}` };
  });
  return { ...pii, links };
}

/** The verdict in a body that is `{ status }` and nothing else. */
function decisionOf(body: unknown): Decision | undefined {
  if (typeof body !== "object" || body === null || Object.keys(body).join() !== "status") return undefined;
  const { status } = body as { status: unknown };
  return status === "partner-pass" || status === "partner-fail" ? status : undefined;
}

/** Takes globaliD's operator off the field's name, where the module puts it back (globaliD, "Filtering"). */
function whereOf(fieldName: string, value: string): Where {
  const [, field, op] = /^(.+?)(gte|gt|lte|lt)$/.exec(fieldName) ?? [];
  return field && op ? { field, op: op as Where["op"], value } : { field: fieldName, value };
}
