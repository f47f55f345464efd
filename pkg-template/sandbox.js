// @ts-check
// Civic and globaliD stand-ins in one fetch handler, for tests and demos without a network.
//
// Only the web platform is used, so that the same file runs in workerd, Node, Deno, Bun and browsers; nothing happens
// at module scope, where workerd allows neither timers nor chance.

import { json } from "./sandbox/answer.js";
import { CASES } from "./sandbox/cases.js";
import { civic } from "./sandbox/civic.js";
import { strike } from "./sandbox/effects.js";
import { oversizeEvidence } from "./sandbox/evidence.js";
import { FAULTS, FaultLedger, faultOf, headerFaults, OPERATIONS } from "./sandbox/faults.js";
import { GLOBALID_AUDIENCE, globalid } from "./sandbox/globalid.js";
import { settingsOf } from "./sandbox/options.js";
import { hash } from "./sandbox/random.js";
import { tokenSigner } from "./sandbox/token.js";

export { SandboxReset } from "./sandbox/streams.js";
export { FAULTS, OPERATIONS };

/** @typedef {import("./sandbox/faults.js").Operation} Operation */
/** @typedef {import("./sandbox/context.js").Context} Context */
/** @typedef {import("./sandbox/context.js").TokenOrder} TokenOrder */

/** @type {readonly { method: string, path: RegExp, operation: Operation }[]} */
const ROUTES = [
  { method: "POST", path: /^\/oauth\/token$/, operation: "token" },
  { method: "POST", path: /^\/v1\/auth\/token$/, operation: "userToken" },
  { method: "GET", path: /^\/partner\/piirequest\/(?<id>[^/]+)$/, operation: "pii" },
  { method: "GET", path: /^\/partner\/piirequest\/(?<id>[^/]+)\/evidence\/(?<rel>[^/]+)$/, operation: "evidence" },
  { method: "PUT", path: /^\/partner\/piirequest\/(?<id>[^/]+)\/status$/, operation: "status" },
  { method: "GET", path: /^\/v1\/attestations$/, operation: "attestations" },
  { method: "GET", path: /^\/v1\/attestations\/search$/, operation: "search" },
  { method: "GET", path: /^\/object-store\/(?<id>[^/]+)\/(?<rel>[^/]+)$/, operation: "store" },
];
/** A long demo must not fill the memory with its log. */
const CALLS_KEPT = 20_000;
const EXPOSED =
  "retry-after, www-authenticate, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset, x-request-id";

/** @type {typeof import("./sandbox.d.ts").createSandbox} */
export function createSandbox(options = {}) {
  const settings = settingsOf(options);
  const signer = tokenSigner(`${settings.seed}/${settings.clientSecret}`);
  const ledger = new FaultLedger();
  /** @type {import("./sandbox.d.ts").Call[]} */
  let calls = [];
  let [answers, tokens] = [0, 0];

  /** @param {TokenOrder} order */
  async function issueToken({ api = "civic", attestee, scopes, audience, lifetimeSeconds, revoked }) {
    const iat = Math.floor(settings.now() / 1000);
    const civicOnes = api === "civic";
    return signer.sign({
      aud: audience ?? (civicOnes ? settings.audience : GLOBALID_AUDIENCE),
      sub: attestee === undefined ? `app:${settings.clientId}` : `user:${attestee}`,
      scope: (scopes ?? (civicOnes ? settings.scopes : ["public"])).join(" "),
      iat,
      exp: iat + (lifetimeSeconds ?? (civicOnes ? settings.tokenLifetimeSeconds : 28_799)),
      // Each token is another one, or a client could not tell a renewed token from the one before.
      jti: `${++tokens}`,
      ...(revoked ? { revoked } : {}),
    });
  }

  const civicOperations = civic({ settings, signer, issueToken });
  const globalidOperations = globalid({ settings, signer, issueToken });
  /** @type {Record<Operation, (context: Context) => Promise<Response>>} */
  const operations = { ...civicOperations, ...globalidOperations };

  function reset() {
    calls = [];
    [answers, tokens] = [0, 0];
    civicOperations.reset();
    ledger.reset();
    for (const fault of settings.faults) ledger.add(fault);
  }
  reset();

  /** @param {Request} request @param {AbortSignal | undefined} signal */
  async function answer(request, signal) {
    const url = new URL(request.url);
    if (request.method === "OPTIONS") return preflight(request);
    if (settings.admin && (url.pathname === "/sandbox" || url.pathname.startsWith("/sandbox/"))) {
      return withCors(request, await administer(request, url.pathname));
    }
    const response = await operate(request, url, signal);
    response.headers.set(
      "x-request-id",
      `${hash(settings.seed).toString(16).padStart(8, "0")}-${String(++answers).padStart(8, "0")}`,
    );
    return withCors(request, response);
  }

  /** @param {Request} request @param {URL} url @param {AbortSignal | undefined} signal */
  async function operate(request, url, signal) {
    const matches = ROUTES.flatMap((route) => {
      const match = route.path.exec(url.pathname);
      return match ? [{ ...route, groups: match.groups ?? {} }] : [];
    });
    const route = matches.find(({ method }) => method === request.method);
    /** @type {import("./sandbox.d.ts").Call} */
    const call = {
      method: request.method,
      path: url.pathname,
      query: [...url.searchParams.keys()],
      route: route?.operation ?? "unknown",
      origin: url.origin,
      status: null,
      fault: null,
      authorization: request.headers.has("authorization"),
    };
    calls.push(call);
    if (calls.length > CALLS_KEPT) calls.splice(0, calls.length - CALLS_KEPT);
    const response = await (route ? operateRoute(route, call, request, url, signal) : unrouted(matches));
    call.status = response.status;
    return response;
  }

  /**
   * @param {{ operation: Operation, groups: Record<string, string> }} route
   * @param {import("./sandbox.d.ts").Call} call
   * @param {Request} request
   * @param {URL} url
   * @param {AbortSignal | undefined} signal
   */
  async function operateRoute({ operation, groups }, call, request, url, signal) {
    const header = request.headers.get("x-sandbox-fault");
    /** @type {string | undefined} */
    let id;
    /** @type {string | undefined} */
    let rel;
    try {
      headerFaults(header);
      [id, rel] = [groups.id, groups.rel].map((part) => (part === undefined ? undefined : decodeURIComponent(part)));
    } catch (error) {
      const malformed =
        error instanceof URIError
          ? "The path is malformed."
          : `x-sandbox-fault: ${/** @type {Error} */ (error).message}`;
      return json(400, { error: "invalid_request", error_description: malformed });
    }
    const claim = ledger.claim({ operation, id, header, place: `${request.method} ${url.pathname}` });
    const origin = settings.origin ?? url.origin;
    /** @type {Context} */
    const context = {
      request,
      url,
      id,
      rel,
      now: settings.now(),
      origin,
      elsewhere: settings.elsewhere ?? otherOrigin(url),
      signal,
      claim,
    };
    const handle = () => operations[operation](context);
    if (!claim) return handle();
    call.fault = claim.fault.text;
    const oversizeFile = () => oversizeEvidence(civicOperations.pictured(context));
    const spared = () => {
      call.fault = null;
    };
    return strike(claim, { operation, ...context, oversizeFile, spared }, handle);
  }

  /** @param {readonly { method: string }[]} matches the routes of the path, all for other methods */
  function unrouted(matches) {
    if (matches.length === 0) return json(404, { error: "not_found", error_description: "There is no such route." });
    const allow = matches.map(({ method }) => method).join(", ");
    return json(405, { error: "method_not_allowed", error_description: "The route has no such method." }, { allow });
  }

  const done = () => new Response(null, { status: 204 });
  /**
   * Routes of the sandbox's own, for tests that run elsewhere.
   * @type {readonly { method: string, path: string, answer: (request: Request) => Response | Promise<Response> }[]}
   */
  const ownRoutes = [
    {
      method: "GET",
      path: "/sandbox",
      answer: () => json(200, { requests, operations: OPERATIONS, faults: FAULTS }),
    },
    { method: "GET", path: "/sandbox/calls", answer: () => json(200, { calls }) },
    {
      method: "DELETE",
      path: "/sandbox/calls",
      answer() {
        calls = [];
        return done();
      },
    },
    {
      method: "POST",
      path: "/sandbox/faults",
      async answer(request) {
        // All are read before the first is added: half a list would be a puzzle.
        for (const fault of faultList(await bodyOf(request))) ledger.add(fault);
        return done();
      },
    },
    {
      method: "DELETE",
      path: "/sandbox/faults",
      answer() {
        ledger.clear();
        return done();
      },
    },
    {
      method: "POST",
      path: "/sandbox/token",
      answer: async (request) => json(200, { token: await issueToken(tokenOrder(await bodyOf(request))) }),
    },
    {
      method: "POST",
      path: "/sandbox/reset",
      answer() {
        reset();
        return done();
      },
    },
  ];

  /** @param {Request} request @param {string} path */
  async function administer(request, path) {
    const matches = ownRoutes.filter((route) => route.path === path);
    const route = matches.find(({ method }) => method === request.method);
    if (!route) return unrouted(matches);
    try {
      return await route.answer(request);
    } catch (error) {
      return json(400, {
        error: "invalid_request",
        error_description: error instanceof Error ? error.message : "Bad request",
      });
    }
  }

  /** @param {Request} request @param {Response} response */
  function withCors(request, response) {
    const origin = request.headers.get("origin");
    if (settings.cors === "*") response.headers.set("access-control-allow-origin", "*");
    else {
      response.headers.append("vary", "origin");
      if (origin === null || !settings.cors.includes(origin)) return response;
      response.headers.set("access-control-allow-origin", origin);
    }
    response.headers.set("access-control-expose-headers", EXPOSED);
    return response;
  }

  /** @param {Request} request */
  function preflight(request) {
    const response = new Response(null, { status: 204 });
    response.headers.set("access-control-allow-methods", "GET, POST, PUT, DELETE");
    response.headers.set("access-control-allow-headers", "accept, authorization, content-type, x-sandbox-fault");
    response.headers.set("access-control-max-age", "600");
    return withCors(request, response);
  }

  const cases = new Map([...CASES, ...settings.requests]);
  const requests = Object.freeze([...cases.values()].map(({ id, description }) => Object.freeze({ id, description })));
  const { clientId, clientSecret, audience } = settings;

  return Object.freeze({
    /** @param {RequestInfo | URL} input @param {unknown} [initOrEnv] @param {unknown} [ctx] */
    async fetch(input, initOrEnv, ctx) {
      const { request, signal } = requestOf(input, initOrEnv, ctx);
      return untilAborted(signal, () => answer(request, signal));
    },
    requests,
    credentials: Object.freeze({ clientId, clientSecret, audience }),
    get calls() {
      return calls.map((call) => ({ ...call, query: [...call.query] }));
    },
    /** @param {unknown} spec */
    fault: (spec) => ledger.add(faultOf(spec)),
    reset,
    /** @param {unknown} [order] */
    issueToken: async (order) => issueToken(tokenOrder(order)),
  });
}

/**
 * A call in fetch's manner or in a Worker's. Only the third argument tells a Worker's env from fetch's init: an env taken
 * for an init could smuggle in a method or a signal, and an init has fields that only its runtime knows.
 * @param {RequestInfo | URL} input
 * @param {unknown} initOrEnv
 * @param {unknown} ctx
 */
function requestOf(input, initOrEnv, ctx) {
  const served = input instanceof Request && ctx !== undefined;
  const init = served ? undefined : /** @type {RequestInit | null | undefined} */ (initOrEnv);
  // The signal is observed directly: a Request made with it would keep a listener on it. Fields that some runtimes
  // reject (credentials, mode, cache) mean nothing here and are left out.
  const { method, headers, body, signal } = init ?? {};
  const known = Object.fromEntries(
    Object.entries({ method, headers, body }).filter(([, value]) => value !== undefined),
  );
  const own = input instanceof Request ? (input.signal ?? undefined) : undefined;
  // What says nothing of these is no reason to make another: servers give their handler a second argument of their own.
  if (input instanceof Request && Object.keys(known).length === 0) return { request: input, signal: signal ?? own };
  const fields = { ...known, redirect: "manual", ...(body instanceof ReadableStream ? { duplex: "half" } : {}) };
  return { request: new Request(input, /** @type {RequestInit} */ (fields)), signal: signal ?? own };
}

/**
 * Rejects as soon as the signal aborts, with its reason, as fetch does.
 * @param {AbortSignal | undefined} signal
 * @param {() => Promise<Response>} work
 * @returns {Promise<Response>}
 */
function untilAborted(signal, work) {
  if (!signal) return work();
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", stop));
  });
}

/** An origin that is not the request's own, yet leads to the same server where it can. @param {URL} url */
function otherOrigin(url) {
  if (url.hostname !== "127.0.0.1" && url.hostname !== "localhost") return "https://elsewhere.example";
  return `${url.protocol}//${url.hostname === "localhost" ? "127.0.0.1" : "localhost"}${url.port && `:${url.port}`}`;
}

/** The JSON of a body, or undefined where there is none. @param {Request} request @returns {Promise<unknown>} */
async function bodyOf(request) {
  const text = await request.text();
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    // The engine's own words differ from one to the next.
    throw new TypeError("the body is not JSON");
  }
}

/** @param {unknown} body */
function faultList(body) {
  const { faults, ...rest } = /** @type {{ faults?: unknown }} */ (body ?? {});
  if (!Array.isArray(faults) || Object.keys(rest).length > 0) throw new TypeError('the body is {"faults": [...]}');
  return faults.map(faultOf);
}

/** @param {unknown} [order] @returns {TokenOrder} */
function tokenOrder(order = {}) {
  if (typeof order !== "object" || order === null || Array.isArray(order))
    throw new TypeError("issueToken takes an object");
  const stranger = Object.keys(order).find(
    (key) => !["api", "attestee", "scopes", "audience", "lifetimeSeconds"].includes(key),
  );
  if (stranger !== undefined) throw new TypeError(`issueToken has no "${stranger}"`);
  const { api, attestee, scopes, audience, lifetimeSeconds } = /** @type {Record<string, unknown>} */ (order);
  if (api !== undefined && api !== "civic" && api !== "globalid")
    throw new TypeError('issueToken: api must be "civic" or "globalid"');
  if (attestee !== undefined && typeof attestee !== "string")
    throw new TypeError("issueToken: attestee must be a string");
  if (audience !== undefined && typeof audience !== "string")
    throw new TypeError("issueToken: audience must be a string");
  if (scopes !== undefined && !(Array.isArray(scopes) && scopes.every((scope) => typeof scope === "string"))) {
    throw new TypeError("issueToken: scopes must be an array of strings");
  }
  if (lifetimeSeconds !== undefined && !Number.isSafeInteger(lifetimeSeconds))
    throw new TypeError("issueToken: lifetimeSeconds must be a whole number");
  return /** @type {TokenOrder} */ (order);
}
