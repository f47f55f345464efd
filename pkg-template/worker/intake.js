// @ts-check
// Where a dApp hands over the id of a request in partner review. Anybody can knock here, so nobody learns anything: every
// well-formed id gets the same answer at the same pace, and becomes a case only once Civic has confirmed it.

import { isPassdeskError, retrievePii } from "passdesk";
import { isId, transition } from "./cases.js";
import { hasEnded, isUnknown } from "./civic.js";
import { jsonOf, only } from "./doors.js";
import { invalid, Refusal } from "./failures.js";
import { log, nameOf } from "./log.js";

/** @typedef {import("./desk.js").Desk} Desk */

const MINUTE_MS = 60_000;
/** A confirmation under way is not begun again before this. */
const LEASE_MS = 30_000;
const CONFIRM_TIMEOUT_MS = 10_000;
/**
 * What is known of an id that waits. One that Civic does not know may be too new to it, so it is asked about once more; since
 * anybody can invent such ids, all others go before them.
 */
const UNKNOWN = 0;
const UNASKED = 1;
/** Civic has a record of it, which is not ready. Nobody can invent one of these. */
const KNOWN = 2;
/** A user may take days over a document; after a week without an end the id is given up. */
const PATIENCE_MS = 7 * 24 * 60 * MINUTE_MS;
const LONGEST_PAUSE_MS = 60 * MINUTE_MS;
/** However many strangers knock, the table does not grow beyond this. */
const MOST_WAITING = 10_000;
/** More ids that Civic does not know are not asked about again. */
const MOST_UNKNOWN = 1000;
/**
 * Those of one sender that Civic gave no answer about. Only these bound what the sender may hand over: counted by what Civic
 * said of them, the next answer would tell whether it knows the last id.
 */
const UNANSWERED = `SELECT 1 FROM intake WHERE standing = ${UNASKED} AND attempts > 0 AND sender`;

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
 * Takes an id in. It is stored before the answer, since the page forgets it once it has one. Of a case that was closed without
 * a verdict that Civic has from us it is asked anew. What is asked of D1 until then is the same for every id, and Civic is
 * asked afterwards.
 *
 * @param {Desk} desk
 * @param {Request} request
 * @param {(work: Promise<unknown>) => void} later
 */
export async function takeIn(desk, request, later) {
  admit(desk, request);
  const { database, intakePerMinute } = desk.settings;
  const sender = await senderOf(desk, request);
  await limitRate(desk, sender);
  const body = await jsonOf(request);
  only(body, ["requestId"]);
  const { requestId } = body;
  if (!isId(requestId)) throw invalid("requestId");

  const now = desk.now();
  const [before, taken] = await database.batch([
    database
      .prepare(
        `SELECT (SELECT coalesce(sum(count), 0) FROM intake_waiting) AS waiting,
                (SELECT count(*) FROM (${UNANSWERED} = ?1 LIMIT ?2)) AS theirs`,
      )
      .bind(sender, intakePerMinute),
    database
      .prepare(
        `INSERT INTO intake (request_id, received_at, next_at, sender) SELECT ?1, ?2, ?3, ?4
         WHERE NOT EXISTS (SELECT 1 FROM cases WHERE id = ?1 AND (phase <> 'closed' OR delivery NOT IN ('none', 'dead')))
           AND (SELECT coalesce(sum(count), 0) FROM intake_waiting) < ?5
           AND (SELECT count(*) FROM (${UNANSWERED} = ?4 LIMIT ?6)) < ?6
         ON CONFLICT (request_id) DO NOTHING RETURNING request_id`,
      )
      .bind(requestId, now, now + LEASE_MS, sender, MOST_WAITING, intakePerMinute),
  ]);
  const [{ waiting, theirs } = { waiting: 0, theirs: 0 }] = /** @type {{ waiting: number, theirs: number }[]} */ (
    before?.results ?? []
  );
  // Said whatever the id is, or a known one could be told from an unknown one.
  if (waiting >= MOST_WAITING) throw new Refusal(503, "busy", { headers: { "retry-after": "60" } });
  if (theirs >= intakePerMinute) throw new Refusal(429, "rate_limited", { headers: { "retry-after": "60" } });
  if (taken?.results.length !== 1) return;
  const row = { id: requestId, receivedAt: now, attempts: 0, standing: UNASKED };
  // A timer, so that not even the look for a token is begun before the answer is on its way.
  later(new Promise((resolve) => setTimeout(resolve, 0)).then(() => confirm(desk, row)));
}

const STANDINGS = [UNKNOWN, UNASKED, KNOWN];

/**
 * Whether there is anything to confirm.
 *
 * @param {import("./database.js").Database} database
 * @param {number} now
 */
export const dueQuery = (database, now) =>
  database.prepare(`SELECT 1 FROM intake WHERE standing IN (${STANDINGS}) AND next_at <= ? LIMIT 1`).bind(now);

/**
 * Confirms the ids whose time has come: those whose first try was lost, and those that were not ready. What Civic knows goes
 * first, what it does not know last, so that strangers delay nobody but strangers.
 *
 * @param {Desk} desk
 * @param {object} limits
 * @param {number} limits.most
 * @param {() => boolean} limits.more whether there is room for another; those that were marked already wait for a next run
 */
export async function confirmDue(desk, { most, more }) {
  const now = desk.now();
  const first = STANDINGS.map(
    (standing) =>
      `SELECT * FROM (SELECT request_id, standing, next_at FROM intake WHERE standing = ${standing} AND next_at <= ?2 ORDER BY next_at LIMIT ?3)`,
  );
  const { results } = await desk.settings.database
    .prepare(
      `UPDATE intake SET next_at = ?1 WHERE request_id IN (
         SELECT request_id FROM (${first.join(" UNION ALL ")}) ORDER BY standing DESC, next_at LIMIT ?3)
       RETURNING request_id AS id, received_at AS receivedAt, attempts, standing`,
    )
    .bind(now + LEASE_MS, now, most)
    .all();
  // What is returned has no order of its own.
  const rows = /** @type {Waiting[]} */ (results).sort(
    (a, b) => b.standing - a.standing || a.receivedAt - b.receivedAt,
  );
  let count = 0;
  for (const waiting of rows) {
    if (!more()) break;
    await confirm(desk, waiting);
    count += 1;
  }
  return count;
}

/** @typedef {{ id: string, receivedAt: number, attempts: number, standing: number }} Waiting */

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
      const { changed, state } = await transition(desk, waiting.id, event, { along: [forget] });
      // Known already, or decided elsewhere: there is no case to open.
      if (!(changed && state?.version === 1)) await forget.run();
    } else if (outcome.type === "never") {
      await forget.run();
    } else {
      const { standing, pauseMs } = outcome;
      const pause = Math.min(LONGEST_PAUSE_MS, Math.max(pauseMs, MINUTE_MS * 2 ** waiting.attempts));
      await database.batch([
        database
          .prepare(
            `DELETE FROM intake WHERE request_id = ?1 AND ?2 = ${UNKNOWN} AND (
               (SELECT count FROM intake_waiting WHERE standing = ${UNKNOWN}) >= ?3 OR
               (SELECT count(*) FROM (SELECT 1 FROM intake AS theirs WHERE theirs.sender = intake.sender
                 AND theirs.standing = ${UNKNOWN} AND theirs.request_id <> ?1 LIMIT ?4)) >= ?4)`,
          )
          .bind(waiting.id, standing, MOST_UNKNOWN, desk.settings.intakePerMinute),
        database
          .prepare(
            `UPDATE intake SET attempts = ?2, next_at = ?3, standing = ?4, sender = iif(?4 = ${KNOWN}, NULL, sender)
             WHERE request_id = ?1`,
          )
          .bind(waiting.id, waiting.attempts + 1, desk.now() + pause, standing),
      ]);
    }
  } catch (error) {
    // The row is still there, and its time comes again.
    log("error", { event: "intake_failed", name: nameOf(error) });
  }
}

/**
 * @param {Desk} desk
 * @param {Waiting} waiting
 * @returns {Promise<{ type: "confirmed", status: string } | { type: "never" } | { type: "later", standing: number, pauseMs: number }>}
 */
async function askCivic(desk, { id, receivedAt, attempts, standing }) {
  const tooLate = desk.now() - receivedAt > PATIENCE_MS;
  try {
    const { status } = await retrievePii({
      ...desk.civic,
      requestId: id,
      maxRetries: 0,
      timeoutMs: CONFIRM_TIMEOUT_MS,
    });
    if (hasEnded(status)) return { type: "never" };
    if (status !== "awaiting-user" && status !== "user-acknowledged") return { type: "confirmed", status };
    return tooLate ? { type: "never" } : { type: "later", standing: KNOWN, pauseMs: 0 };
  } catch (error) {
    const { code, retryAfterMs = 0 } = isPassdeskError(error) ? error : { code: "internal" };
    log("warn", { event: "intake_unconfirmed", code, attempt: attempts + 1 });
    const unknown = isUnknown(error);
    if (tooLate || (unknown && standing === UNKNOWN)) return { type: "never" };
    return { type: "later", standing: unknown ? UNKNOWN : standing, pauseMs: retryAfterMs };
  }
}

/**
 * Counts a sender's requests of this minute.
 *
 * @param {Desk} desk
 * @param {string} sender
 */
async function limitRate(desk, sender) {
  const { database, intakePerMinute } = desk.settings;
  const minute = Math.floor(desk.now() / MINUTE_MS);
  const row = await database
    .prepare(
      `INSERT INTO intake_senders (sender, minute, count) VALUES (?, ?, 1)
       ON CONFLICT (sender, minute) DO UPDATE SET count = count + 1 RETURNING count`,
    )
    .bind(sender, minute)
    .first();
  if (/** @type {{ count: number }} */ (row).count <= intakePerMinute) return;
  const seconds = Math.ceil(((minute + 1) * MINUTE_MS - desk.now()) / 1000);
  throw new Refusal(429, "rate_limited", { headers: { "retry-after": String(seconds) } });
}

/** Forgets the counts of minutes that are over. @param {Desk} desk */
export function forgetQuery(desk) {
  const minute = Math.floor(desk.now() / MINUTE_MS);
  return desk.settings.database.prepare("DELETE FROM intake_senders WHERE minute < ?").bind(minute);
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
