// @ts-check
// Where a dApp hands over the id of a request in partner review. Anybody can knock here, so nobody learns anything: every
// well-formed id gets the same answer at the same pace, and becomes a case only once Civic has confirmed it.

import { isPassdeskError, retrievePii } from "passdesk";
import { isId, transition } from "./cases.js";
import { jsonOf, only } from "./doors.js";
import { invalid, Refusal } from "./failures.js";
import { log, nameOf } from "./log.js";

/** @typedef {import("./desk.js").Desk} Desk */

const MINUTE_MS = 60_000;
/** A confirmation under way is not begun again before this. */
const LEASE_MS = 30_000;
const CONFIRM_TIMEOUT_MS = 10_000;
/** An id that Civic does not know may be too new to it; one that it does not know three times does not exist. */
const UNKNOWN_TRIES = 3;
/** A user may take days over a document; after a week without an end the id is given up. */
const PATIENCE_MS = 7 * 24 * 60 * MINUTE_MS;
const LONGEST_PAUSE_MS = 60 * MINUTE_MS;
/** However many strangers knock, the table does not grow beyond this. */
const MOST_WAITING = 10_000;

/**
 * What a browser on another site needs to hear, for the sites that may ask.
 *
 * @param {Desk} desk
 * @param {Request} request
 * @returns {Record<string, string>}
 */
export function corsOf(desk, request) {
  const origin = request.headers.get("origin");
  if (origin === null || !desk.settings.intakeOrigins.includes(origin)) return { vary: "origin" };
  // A page may not see when to come back, unless it is told that it may (Fetch, "CORS-safelisted response-header name").
  return { vary: "origin", "access-control-allow-origin": origin, "access-control-expose-headers": "retry-after" };
}

/** @param {Desk} desk @param {Request} request */
function admit(desk, request) {
  if (corsOf(desk, request)["access-control-allow-origin"] === undefined) throw new Refusal(403, "forbidden_origin");
}

/** The answer to a browser's question before it sends. @param {Desk} desk @param {Request} request */
export function preflight(desk, request) {
  admit(desk, request);
  return {
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": "content-type",
    "access-control-max-age": "600",
  };
}

/**
 * Takes an id in. It is stored before the answer, since the page forgets it once it has one.
 *
 * @param {Desk} desk
 * @param {Request} request
 * @param {(work: Promise<unknown>) => void} later
 */
export async function takeIn(desk, request, later) {
  admit(desk, request);
  await limitRate(desk, request);
  const body = await jsonOf(request);
  only(body, ["requestId"]);
  const { requestId } = body;
  if (!isId(requestId)) throw invalid("requestId");

  const { database } = desk.settings;
  const now = desk.now();
  const [, { results } = { results: [] }] = await database.batch([
    database
      .prepare(
        `INSERT INTO intake (request_id, received_at, next_at) SELECT ?1, ?2, ?3
         WHERE NOT EXISTS (SELECT 1 FROM cases WHERE id = ?1) AND (SELECT count(*) FROM intake) < ?4
         ON CONFLICT (request_id) DO NOTHING`,
      )
      .bind(requestId, now, now + LEASE_MS, MOST_WAITING),
    database
      .prepare(
        `SELECT (SELECT received_at FROM intake WHERE request_id = ?1) AS received,
                (SELECT 1 FROM cases WHERE id = ?1) AS known, (SELECT count(*) FROM intake) AS waiting`,
      )
      .bind(requestId),
  ]);
  const { received, known, waiting } = /** @type {{ received: number | null, known: 1 | null, waiting: number }} */ (
    results[0]
  );
  // Full: said to everybody alike, or a known id could be told from an unknown one.
  if (waiting >= MOST_WAITING) throw new Refusal(503, "busy", { headers: { "retry-after": "60" } });
  if (known === null && received === now) later(confirm(desk, { id: requestId, receivedAt: now, attempts: 0 }));
}

/**
 * Confirms the ids whose time has come: those whose first try was lost, and those that were not ready.
 *
 * @param {Desk} desk
 * @param {number} most
 */
export async function confirmDue(desk, most) {
  const now = desk.now();
  const { results } = await desk.settings.database
    .prepare(
      `UPDATE intake SET next_at = ?1 WHERE request_id IN (SELECT request_id FROM intake WHERE next_at <= ?2 ORDER BY next_at LIMIT ?3)
       RETURNING request_id AS id, received_at AS receivedAt, attempts`,
    )
    .bind(now + LEASE_MS, now, most)
    .all();
  for (const waiting of /** @type {Waiting[]} */ (results)) await confirm(desk, waiting);
  return results.length;
}

/** @typedef {{ id: string, receivedAt: number, attempts: number }} Waiting */

/**
 * Asks Civic about one id. What becomes of it is stored; nothing is thrown.
 *
 * @param {Desk} desk
 * @param {Waiting} waiting
 */
async function confirm(desk, waiting) {
  const { database } = desk.settings;
  const forget = database.prepare("DELETE FROM intake WHERE request_id = ?").bind(waiting.id);
  try {
    const outcome = await askCivic(desk, waiting);
    if (outcome.type === "confirmed") {
      const event = { type: "intake-confirmed", id: waiting.id, status: outcome.status };
      const { changed } = await transition(desk, waiting.id, event, [forget]);
      // Known already, or decided elsewhere: there is nothing to do about it.
      if (!changed) await forget.run();
    } else if (outcome.type === "never") {
      await forget.run();
    } else {
      const attempts = waiting.attempts + 1;
      const pause = Math.min(LONGEST_PAUSE_MS, Math.max(outcome.pauseMs, MINUTE_MS * 2 ** waiting.attempts));
      await database
        .prepare("UPDATE intake SET attempts = ?, next_at = ? WHERE request_id = ?")
        .bind(attempts, desk.now() + pause, waiting.id)
        .run();
    }
  } catch (error) {
    // The row is still there, and its time comes again.
    log("error", { event: "intake_failed", name: nameOf(error) });
  }
}

/**
 * @param {Desk} desk
 * @param {Waiting} waiting
 * @returns {Promise<{ type: "confirmed", status: string } | { type: "never" } | { type: "later", pauseMs: number }>}
 */
async function askCivic(desk, { id, receivedAt, attempts }) {
  const tooLate = desk.now() - receivedAt > PATIENCE_MS;
  try {
    const { status } = await retrievePii({
      ...desk.civic,
      requestId: id,
      maxRetries: 0,
      timeoutMs: CONFIRM_TIMEOUT_MS,
    });
    if (status === "verification-failed" || status === "user-cancelled") return { type: "never" };
    if (status !== "awaiting-user" && status !== "user-acknowledged") return { type: "confirmed", status };
    return tooLate ? { type: "never" } : { type: "later", pauseMs: 0 };
  } catch (error) {
    const { code, retryAfterMs = 0 } = isPassdeskError(error) ? error : { code: "internal" };
    log("warn", { event: "intake_unconfirmed", code, attempt: attempts + 1 });
    if (code === "not_found" && attempts + 1 >= UNKNOWN_TRIES) return { type: "never" };
    return tooLate ? { type: "never" } : { type: "later", pauseMs: retryAfterMs };
  }
}

/**
 * Counts a sender's requests of this minute.
 *
 * @param {Desk} desk
 * @param {Request} request
 */
async function limitRate(desk, request) {
  const { database, intakePerMinute } = desk.settings;
  const minute = Math.floor(desk.now() / MINUTE_MS);
  const row = await database
    .prepare(
      `INSERT INTO intake_senders (sender, minute, count) VALUES (?, ?, 1)
       ON CONFLICT (sender, minute) DO UPDATE SET count = count + 1 RETURNING count`,
    )
    .bind(await senderOf(desk, request), minute)
    .first();
  if (/** @type {{ count: number }} */ (row).count <= intakePerMinute) return;
  const seconds = Math.ceil(((minute + 1) * MINUTE_MS - desk.now()) / 1000);
  throw new Refusal(429, "rate_limited", { headers: { "retry-after": String(seconds) } });
}

/** Forgets the counts of minutes that are over. @param {Desk} desk */
export async function forgetSenders(desk) {
  const minute = Math.floor(desk.now() / MINUTE_MS);
  await desk.settings.database.prepare("DELETE FROM intake_senders WHERE minute < ?").bind(minute).run();
}

/**
 * A sender's address is personal: a keyed hash of it, which nobody without the secret can try addresses against, counts as
 * well. An IPv6 network of 64 bits is one sender, since a household has all of it.
 *
 * @param {Desk} desk
 * @param {Request} request
 */
async function senderOf(desk, request) {
  const address = request.headers.get("cf-connecting-ip") ?? "unknown";
  const network = address.includes(":") ? networkOf(address) : address;
  const encoder = new TextEncoder();
  const secret = encoder.encode(`passdesk intake 1\n${desk.settings.civic.clientSecret}`);
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(network)));
  return btoa(String.fromCharCode(...mac.subarray(0, 16)));
}

/** The first 64 bits of an IPv6 address, however it is shortened (RFC 4291, section 2.2). @param {string} address */
function networkOf(address) {
  const [front = "", back] = address.split("::");
  const head = front === "" ? [] : front.split(":");
  const tail = back === undefined || back === "" ? [] : back.split(":");
  const zeros = back === undefined ? 0 : Math.max(0, 8 - head.length - tail.length);
  const groups = [...head, ...Array(zeros).fill("0"), ...tail];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":");
}
