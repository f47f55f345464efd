// @ts-check
// The review desk as one Worker: Civic's own partner API minus the secret, and the queue, claims, audit and intake that
// Civic has no word for. Every door is shut until the settings are whole and Access has said who is there.

import { Hono } from "hono";
import { matchedRoutes } from "hono/route";
import { invalid as invalidOption } from "./error.js";
import { Unauthenticated } from "./worker/access.js";
import { exportRows, isFormat, LARGEST_WALK, rowsOf, verify } from "./worker/audit.js";
import { claimNext, isId, listCases, transition, viewOf } from "./worker/cases.js";
import { isGone, READER_BYTES, readEvidence, readRecord } from "./worker/civic.js";
import { isUnmigrated } from "./worker/database.js";
import { kick } from "./worker/delivery.js";
import { openDesk } from "./worker/desk.js";
import { isCrossSite, jsonOf, only } from "./worker/doors.js";
import { failureOf, invalid, notFound, Refusal } from "./worker/failures.js";
import { search } from "./worker/globalid.js";
import { DATA, FILES, pageHeaders } from "./worker/headers.js";
import { health } from "./worker/health.js";
import { corsOf, preflight, takeIn } from "./worker/intake.js";
import { log, nameOf } from "./worker/log.js";
import { metrics } from "./worker/metrics.js";
import { NOTE_BODY_BYTES, NOTE_CHARS, noteOf } from "./worker/notes.js";
import { failurePage, wantsPage } from "./worker/pages.js";
import { reveal } from "./worker/reveal.js";
import { demand, may, rolesOf } from "./worker/roles.js";
import { Misconfigured } from "./worker/settings.js";
import { sweep } from "./worker/sweep.js";
import { sha256, tagged } from "./worker/tag.js";
import { BEAT_MS, leave } from "./worker/viewers.js";

export { REASONS as reasons } from "./worker/reasons.js";

/** @typedef {import("./worker/desk.js").Desk} Desk */
/** @typedef {import("./worker/roles.js").Member} Member */
/** @typedef {{ Bindings: any, Variables: { desk: Desk, member: Member, trace: string } }} Environment */
/** @typedef {import("hono").Context<Environment, any>} Context */

/** Where nobody signs in: the dApp's users, and whoever watches whether the desk is up. */
const OPEN = new Set(["/desk/intake", "/desk/health"]);
/** Where a program may come in whom the operator named. */
const METRICS = "/desk/metrics";
const AUDIT_PAGE = 100;
const LARGEST_AUDIT_PAGE = 1000;

/** @type {typeof import("./worker.d.ts").createReviewDesk} */
export function createReviewDesk(options = {}) {
  const { fetch, settings = (/** @type {unknown} */ env) => env } = settle(options);
  /** @type {WeakMap<object, Desk>} Kept as long as the isolate's bindings are the same. */
  const opened = new WeakMap();

  /** @param {any} env @returns {Desk} */
  const deskOf = (env) => {
    const kept = opened.get(env);
    if (kept !== undefined) return kept;
    const desk = openDesk(settings(env), { ...(fetch && { fetch }) });
    opened.set(env, desk);
    return desk;
  };
  const app = routes(deskOf);
  return {
    fetch: async (request, env, context) =>
      app.fetch(request, env ?? {}, /** @type {import("hono").ExecutionContext} */ (context)),
    async scheduled(_controller, env, _context) {
      try {
        await sweep(deskOf(env ?? {}));
      } catch (thrown) {
        const error = understood(thrown);
        log("error", { event: "sweep_failed", name: nameOf(error) });
        // The platform should see that the run failed, but not the words of an error that can hold anything.
        throw new Error(error instanceof Misconfigured ? error.message : "the sweep failed");
      }
    },
  };
}

/** @param {any} options */
function settle(options) {
  const operation = "createReviewDesk";
  if (options === null || typeof options !== "object") throw invalidOption(operation, "the options must be one object");
  for (const name of Object.keys(options)) {
    if (name !== "fetch" && name !== "settings") {
      throw invalidOption(operation, `\`${name.slice(0, 64)}\` is not an option of ${operation}`);
    }
  }
  const { fetch, settings } = options;
  if (fetch !== undefined && typeof fetch !== "function") throw invalidOption(operation, "`fetch` must be a function");
  if (settings !== undefined && typeof settings !== "function") {
    throw invalidOption(operation, "`settings` must be a function");
  }
  return { fetch, settings };
}

/** @param {(env: any) => Desk} deskOf */
function routes(deskOf) {
  /** @type {Hono<Environment>} */
  const app = new Hono();

  app.use(async (c, next) => {
    const began = Date.now();
    c.set("trace", crypto.randomUUID());
    await next();
    for (const [name, value] of Object.entries(isData(c.req.path) ? DATA : pageHeaders(c.req.path, c.res.status))) {
      c.header(name, value);
    }
    c.header("x-request-id", c.var.trace);
    const { method } = c.req;
    const ms = Date.now() - began;
    log("info", {
      event: "request",
      trace: c.var.trace,
      method,
      route: patternOf(c),
      status: c.res.status,
      ms,
    });
  });

  app.use(async (c, next) => {
    c.set("desk", deskOf(c.env));
    if (OPEN.has(c.req.path)) return next();
    const { access, settings } = c.var.desk;
    const services = c.req.path === METRICS ? settings.monitors : [];
    const caller = await access.verify(c.req.header("cf-access-jwt-assertion") ?? null, services);
    const member = memberOf(caller, settings.people);
    if (member.roles.length === 0) throw new Refusal(403, "forbidden", { body: { why: "no_role" } });
    if (isData(c.req.path)) {
      if (isCrossSite(c.req.raw)) throw new Refusal(403, "cross_site");
      // What is told of data is in the audit as seen, and nobody sees an answer without a body.
      if (c.req.raw.method === "HEAD") throw unrouted(app, c.req.path);
    }
    c.set("member", member);
    return next();
  });

  app.get("/desk/health", async (c) => {
    const state = await health(c.var.desk);
    return c.json(state, state.status === "ok" ? 200 : 503);
  });

  app.use("/desk/intake", async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(corsOf(c.var.desk, c.req.raw))) c.header(name, value);
  });
  app.options("/desk/intake", (c) => c.body(null, 204, preflight(c.var.desk, c.req.raw)));
  app.post("/desk/intake", async (c) => {
    await takeIn(c.var.desk, c.req.raw, (work) => c.executionCtx.waitUntil(work));
    return c.json({ status: "accepted" }, 202);
  });

  app.get("/desk/me", (c) => {
    const { machine, reasons, targetMs } = c.var.desk.settings;
    const { undoMs, claimMs, twoPerson } = machine;
    const limits = { evidenceMaxBytes: READER_BYTES, noteMaxChars: NOTE_CHARS };
    return c.json({
      ...c.var.member,
      ...{ undoMs, claimMs, targetMs, beatMs: BEAT_MS, twoPerson, ...limits, reasons },
    });
  });

  app.get("/desk/cases", async (c) => {
    demand(c.var.member, "list-cases");
    return c.json(await listCases(c.var.desk, c.var.member.email, queryOf(c)));
  });
  app.post("/desk/cases/next", async (c) => {
    demand(c.var.member, "claim");
    const body = await jsonOf(c.req.raw);
    only(body, ["after"]);
    const { after } = body;
    if (after !== undefined && !isId(after)) throw invalid("after");
    const step = await claimNext(c.var.desk, c.var.member.email, after);
    return step === undefined ? c.body(null, 204) : respond(c, step);
  });
  app.get("/desk/cases/:id", async (c) => {
    demand(c.var.member, "view-case");
    return tagged(c.req.raw, await viewOf(c.var.desk, c.req.param("id"), c.var.member.email));
  });
  app.post("/desk/cases/:id/presence", async (c) => {
    demand(c.var.member, "view-case");
    const body = await jsonOf(c.req.raw);
    only(body, ["here"]);
    const { here = true } = body;
    if (typeof here !== "boolean") throw invalid("here");
    const { desk, member } = c.var;
    const id = c.req.param("id");
    if (here) return tagged(c.req.raw, await viewOf(desk, id, member.email, { arriving: true }));
    await leave(desk.settings.database, { id, by: member.email });
    return c.body(null, 204);
  });
  app.post("/desk/cases/:id/claim", async (c) => {
    demand(c.var.member, "claim");
    only(await jsonOf(c.req.raw), []);
    return happen(c, { type: "claim", by: c.var.member.email });
  });
  app.post("/desk/cases/:id/release", async (c) => {
    demand(c.var.member, "release");
    only(await jsonOf(c.req.raw), []);
    return happen(c, { type: "release", by: c.var.member.email, admin: may(c.var.member, "release-any") });
  });
  app.post("/desk/cases/:id/approve", async (c) => {
    demand(c.var.member, "approve");
    const body = await jsonOf(c.req.raw);
    only(body, ["status"]);
    return happen(c, { type: "approve", verdict: verdictOf(body.status), by: c.var.member.email });
  });
  app.post("/desk/cases/:id/retry", async (c) => {
    demand(c.var.member, "retry-dead");
    only(await jsonOf(c.req.raw), []);
    return happen(c, { type: "retry-dead", by: c.var.member.email });
  });
  app.post("/desk/cases/:id/resolve", async (c) => {
    demand(c.var.member, "resolve-conflict");
    const body = await jsonOf(c.req.raw);
    only(body, ["how"]);
    if (body.how !== "accept" && body.how !== "retry") throw invalid("how");
    const gone = body.how === "accept" && (await isGone(c.var.desk, c.req.raw, c.req.param("id")));
    return happen(c, { type: "resolve-conflict", by: c.var.member.email, how: body.how, gone });
  });
  app.post("/desk/cases/:id/reveal", async (c) => {
    demand(c.var.member, "reveal-field");
    const body = await jsonOf(c.req.raw);
    only(body, ["field"]);
    await reveal(c.var.desk, c.req.raw, { id: c.req.param("id"), field: body.field, by: c.var.member.email });
    return c.body(null, 204);
  });

  app.get("/partner/piirequest/:id", async (c) => {
    demand(c.var.member, "view-case");
    return c.json(await readRecord(c.var.desk, c.req.raw, { id: c.req.param("id"), by: c.var.member.email }));
  });
  app.get("/partner/piirequest/:id/evidence/:rel", async (c) => {
    demand(c.var.member, "view-evidence");
    const { id, rel } = c.req.param();
    return readEvidence(c.var.desk, c.req.raw, { id, rel, by: c.var.member.email });
  });
  app.put("/partner/piirequest/:id/status", async (c) => {
    demand(c.var.member, "decide");
    const body = await jsonOf(c.req.raw, NOTE_BODY_BYTES);
    only(body, ["status", "reason", "note"]);
    const note = noteOf(body.note);
    const decision = {
      type: "decide",
      verdict: verdictOf(body.status),
      by: c.var.member.email,
      ...(body.reason !== undefined && { reason: reasonOf(c.var.desk, body.reason) }),
      noted: note !== undefined,
      ...(await keyOf(c.req.header("idempotency-key"))),
    };
    return happen(c, decision, note);
  });
  app.delete("/partner/piirequest/:id/status", (c) => {
    demand(c.var.member, "undo");
    return happen(c, { type: "undo", by: c.var.member.email, admin: may(c.var.member, "undo-any") });
  });

  app.get("/v1/attestations/search", async (c) => {
    demand(c.var.member, "search-attestations");
    return c.json(await search(c.var.desk, c.req.raw, queryOf(c)));
  });

  app.get("/desk/audit", async (c) => {
    const { desk, member } = c.var;
    const { database } = desk.settings;
    demand(member, c.req.query("format") === undefined ? "read-audit" : "export-audit");
    const { format, limit, order, ...asked } = queryOf(c);
    const rows = auditRowsOf(asked);
    const newestFirst = order === "newest";
    if (order !== undefined && order !== "oldest" && !newestFirst) throw invalid("order");
    if (format === undefined) {
      const size = limit === undefined ? AUDIT_PAGE : wholeOf(limit, "limit", LARGEST_AUDIT_PAGE);
      const page = await rowsOf(database, rows, { limit: size, newestFirst });
      const next = page.length < size ? null : (page.at(-1)?.seq ?? null);
      /** @type {import("./worker.d.ts").DeskAuditPage | import("./worker.d.ts").DeskNewestAuditPage} */
      const answer = newestFirst ? { rows: page, before: next } : { rows: page, after: next };
      return c.json(answer);
    }
    if (!isFormat(format)) throw invalid("format");
    // A file of the chain is read from its first row on.
    if (newestFirst) throw invalid("order");
    return exportRows(
      database,
      format,
      rows,
      limit === undefined ? undefined : wholeOf(limit, "limit", Number.MAX_SAFE_INTEGER),
    );
  });
  app.get("/desk/audit/verify", async (c) => {
    demand(c.var.member, "verify-audit");
    const { after, limit, ...others } = queryOf(c);
    if (Object.keys(others).length > 0) throw invalid("query");
    const from = after === undefined ? 0 : wholeOf(after, "after", Number.MAX_SAFE_INTEGER);
    const most = limit === undefined ? undefined : wholeOf(limit, "limit", LARGEST_WALK);
    return c.json(await verify(c.var.desk.settings.database, from, most));
  });
  app.get(METRICS, async (c) => {
    demand(c.var.member, "read-metrics");
    return c.body(await metrics(c.var.desk), 200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
  });

  app.all("*", async (c) => {
    const { assets } = c.var.desk.settings;
    if (isData(c.req.path) || assets === undefined) throw unrouted(app, c.req.path);
    const answer = await assets.fetch(c.req.raw);
    // In place of a file of an older console the page itself comes, which is no script.
    if (c.req.path.startsWith(FILES) && answer.headers.get("content-type")?.startsWith("text/html")) throw notFound();
    return answer;
  });
  app.notFound((c) => c.json({ error: "not_found" }, 404));
  app.onError((thrown, c) => {
    const error = understood(thrown);
    const { trace } = c.var;
    const asPage = !isData(c.req.path) && wantsPage(c.req.raw);
    if (error instanceof Misconfigured) {
      log("error", { event: "misconfigured", trace });
      if (asPage) return c.html(failurePage("misconfigured"), 500);
      return c.json({ error: "misconfigured", message: error.message }, 500);
    }
    const { status, headers, body } = failureOf(error);
    if (error instanceof Unauthenticated) log("warn", { event: "unauthenticated", trace, reason: error.reason });
    else if (body.error === "internal") log("error", { event: "internal", trace, name: nameOf(error) });
    else if (status >= 424) log("warn", { event: "failed", trace, code: body.error });
    if (asPage) return c.html(failurePage(body.error), status, headers);
    return c.json(body, status, headers);
  });
  return app;
}

/** What was thrown; of a database without its tables what its operator has to do. @param {unknown} thrown */
const understood = (thrown) =>
  isUnmigrated(thrown)
    ? new Misconfigured(["The D1 database DB lacks a table or a column: apply the migrations."])
    : thrown;

const METHODS = ["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS"];

/**
 * Why a path has no answer for a method: it has others, or there is nothing at all.
 *
 * @param {Hono<Environment>} app
 * @param {string} path
 */
function unrouted(app, path) {
  const allow = METHODS.filter((method) => {
    // Hono answers a HEAD as a GET; but only what is open is answered without a body.
    const asked = method === "HEAD" && OPEN.has(path) ? "GET" : method;
    return app.router.match(asked, path)[0].some(([[, route]]) => route.method === asked);
  });
  if (allow.length === 0) return notFound();
  return new Refusal(405, "method_not_allowed", { headers: { allow: allow.join(", ") } });
}

/**
 * Lets something happen to the case that the path names, and answers what the core says.
 *
 * @param {Context} c
 * @param {import("./worker/cases.js").Event} event
 * @param {string} [note] what came with a decision
 */
async function happen(c, event, note) {
  const id = c.req.param("id");
  if (!isId(id)) throw notFound();
  const step = await transition(c.var.desk, id, event, { note });
  kick(c.var.desk, id, step, (work) => c.executionCtx.waitUntil(work));
  return respond(c, step);
}

/**
 * What the core says to whoever asked.
 *
 * @param {Context} c
 * @param {import("./desk-core.d.ts").DeskStepOutput} step
 */
function respond(c, step) {
  const answer = step.effects.find((effect) => effect.type === "respond");
  return c.json(
    answer?.body ?? null,
    /** @type {import("hono/utils/http-status").ContentfulStatusCode} */ (answer?.status),
  );
}

/** What a query says. Of what it says twice, one would go unheard. @param {Context} c */
function queryOf(c) {
  if (Object.values(c.req.queries()).some(({ length }) => length > 1)) throw invalid("query");
  return c.req.query();
}

/** @param {unknown} status */
function verdictOf(status) {
  if (status !== "partner-pass" && status !== "partner-fail") throw invalid("status");
  return status;
}

/** @param {Desk} desk @param {unknown} reason */
function reasonOf(desk, reason) {
  const known = desk.settings.reasons.find(({ code }) => code === reason);
  if (known === undefined) throw invalid("reason");
  return known.code;
}

/**
 * @param {import("./worker/access.js").Person | import("./worker/access.js").Service} caller
 * @param {import("./worker/settings.js").Settings["people"]} people
 * @returns {Member}
 */
function memberOf(caller, people) {
  if ("service" in caller) return { email: caller.service, roles: ["monitor"] };
  return { email: caller.email, roles: rolesOf(caller.email, people) };
}

/**
 * The header of draft-ietf-httpapi-idempotency-key-header. Only its hash is kept: whatever a page made a key of, it is not
 * to be read here.
 *
 * @param {string | undefined} key
 */
async function keyOf(key) {
  if (key === undefined) return {};
  // One of another form is for the core to refuse.
  return { key: /^[\x21-\x7e]{1,128}$/.test(key) ? await sha256(key) : key };
}

/** Actions are the core's words, in letters and hyphens. */
const ACTION = /^[a-z][a-z-]{0,63}$/;
/** The longest address that mail knows (RFC 5321, section 4.5.3.1.3). */
const LONGEST_ACTOR = 254;

/**
 * What a query asks of the audit. Times are in milliseconds since 1970.
 *
 * @param {Record<string, string>} query
 * @returns {import("./worker/audit.js").Rows}
 */
function auditRowsOf({ case: of, action, by, ...others }) {
  if (of !== undefined && !isId(of)) throw invalid("case");
  if (action !== undefined && !ACTION.test(action)) throw invalid("action");
  if (by !== undefined && (by === "" || by.length > LONGEST_ACTOR)) throw invalid("by");
  /** @type {import("./worker/audit.js").Rows} */
  const rows = { ...(of && { case: of }), ...(action && { action }), ...(by && { by: by.toLowerCase() }) };
  for (const name of /** @type {const} */ (["after", "before", "since", "until"])) {
    const text = others[name];
    if (text !== undefined) rows[name] = wholeOf(text, name, Number.MAX_SAFE_INTEGER);
    delete others[name];
  }
  if (Object.keys(others).length > 0) throw invalid("query");
  return rows;
}

/** @param {string} text @param {string} name @param {number} most */
function wholeOf(text, name, most) {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number <= most) || (name === "limit" && number === 0)) throw invalid(name);
  return number;
}

/** Whether a path answers data rather than the console's files. @param {string} path */
function isData(path) {
  return /^\/(?:partner|v1|desk)(?:\/|$)/.test(path);
}

/** The route's pattern for the log: the path itself names a request. @param {Context} c */
function patternOf(c) {
  return matchedRoutes(c).findLast(({ path }) => !path.endsWith("*"))?.path ?? "*";
}
