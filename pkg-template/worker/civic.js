// @ts-check
// Civic's own protocol, minus the secret: the records and their evidence, passed through and never kept.

import { isPassdeskError, retrievePii, streamEvidence } from "passdesk";
import { record, sameQuery } from "./audit.js";
import { caseOf, isId, transition } from "./cases.js";
import { notFound } from "./failures.js";

/** @typedef {import("./desk.js").Desk} Desk */

/** The package's own limit, 20 MiB, is the reader's to meet and to name; a stream cut here would look like a lost connection. */
const EVIDENCE_BYTES = 21 * 1024 * 1024;
/** The most that a page's client takes, by its own default. */
export const READER_BYTES = 20 * 1024 * 1024;
/** The client in the page reads the status once more before it decides: all within this time is one look. */
const LOOK_MS = 60_000;

/**
 * A record with its links leading here. Only what is a case can be read, so a session is no key to all of Civic's records;
 * and nobody reads it without a row in the audit, for all of it is in the answer, whatever the page may mask.
 *
 * @param {Desk} desk
 * @param {Request} request
 * @param {{ id: string, by: string }} wanted
 */
export async function readRecord(desk, request, { id, by }) {
  const { database } = desk.settings;
  /** @type {import("./audit.js").Entry} */
  const look = { at: desk.now(), case: id, action: "record-viewed", by, detail: "{}" };
  const [known, same] = isId(id)
    ? await database.batch([statusQuery(database, id), sameQuery(database, look, LOOK_MS)])
    : [];
  const pii = await retrieve(desk, request, id, known?.results[0]);
  if (same?.results[0] === undefined) await record(database, look, { unlessWithinMs: LOOK_MS });
  const self = `${new URL(request.url).origin}/partner/piirequest/${pii.id}`;
  const links = pii.links.map((link) => {
    if (link.rel === "self") return { ...link, href: self };
    // A link whose name cannot stand in a path keeps its address, which no page can use.
    return isRel(link.rel) ? { ...link, href: `${self}/evidence/${link.rel}` } : link;
  });
  return { ...pii, links };
}

/**
 * Evidence as it streams by. Nobody sees it without a row in the audit, which is therefore written before the first byte.
 *
 * @param {Desk} desk
 * @param {Request} request
 * @param {{ id: string, rel: string, by: string }} wanted
 */
export async function readEvidence(desk, request, { id, rel, by }) {
  // The link is looked up anew and judged here, so the page can only name evidence, never an address.
  const pii = await recordOf(desk, request, id);
  if (!isRel(rel) || !pii.links.some((link) => link.rel === rel)) throw notFound();
  const response = await streamEvidence({ ...reading(request), ...desk.civic, pii, rel, maxBytes: EVIDENCE_BYTES });
  try {
    const detail = JSON.stringify({ rel });
    await record(desk.settings.database, { at: desk.now(), case: id, action: "evidence-viewed", by, detail });
  } catch (error) {
    await response.body?.cancel();
    throw error;
  }
  return response;
}

/**
 * A case's record, for the desk's own use.
 *
 * @param {Desk} desk
 * @param {Request} request
 * @param {string} id
 */
export async function recordOf(desk, request, id) {
  const known = isId(id) ? await statusQuery(desk.settings.database, id).first() : null;
  return retrieve(desk, request, id, known);
}

/**
 * Whether Civic says that it has no such request, of a case that would wait for ever then. Any other answer is news of it.
 *
 * @param {Desk} desk
 * @param {Request} request
 * @param {string} id
 */
export async function isGone(desk, request, id) {
  const { case: phase, delivery } = await caseOf(desk, id);
  if (phase !== "open" && delivery.state !== "dead") return false;
  try {
    await recordOf(desk, request, id);
    return false;
  } catch (error) {
    if (isUnknown(error)) return true;
    throw error;
  }
}

/**
 * Whether Civic says that it has no such request. A token's address that is not there says nothing of it.
 *
 * @param {unknown} error
 */
export const isUnknown = (error) =>
  isPassdeskError(error) && error.code === "not_found" && error.operation !== "exchangeToken";

/**
 * Whether Civic will take no verdict any more, though none was given: `has_ended` of the core (src/desk/machine.rs).
 *
 * @param {string} status
 */
export const hasEnded = (status) => status === "user-cancelled" || status === "verification-failed";

/** @param {import("./database.js").Database} database @param {string} id */
const statusQuery = (database, id) =>
  database.prepare("SELECT json_extract(state, '$.upstreamStatus') AS status, phase FROM cases WHERE id = ?").bind(id);

/**
 * @param {Desk} desk
 * @param {Request} request
 * @param {string} id
 * @param {unknown} known the row of the case, if there is one
 */
async function retrieve(desk, request, id, known) {
  if (known === null || known === undefined) throw notFound();
  const pii = await retrievePii({ ...reading(request), ...desk.civic, requestId: id });
  const { status, phase } = /** @type {{ status: string, phase: string }} */ (known);
  // What was decided elsewhere is found out when somebody looks. What had ended is still open where an older desk noted it.
  if (pii.status !== status || (phase === "open" && hasEnded(status))) {
    await transition(desk, id, { type: "upstream-status", status: pii.status });
  }
  return pii;
}

/** What every read passes on. The page's own client repeats what failed; repeating here as well would multiply that. @param {Request} request */
export const reading = (request) => ({ signal: request.signal, maxRetries: 0 });

/** @param {string} rel */
const isRel = (rel) => /^[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,127}$/.test(rel);
