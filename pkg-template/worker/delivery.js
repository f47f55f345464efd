// @ts-check
// Verdicts on their way to Civic. When, whether and how often is the core's to say; a lease of its keeps two senders apart,
// and `submitDecision` reads the status before it sends.

import { isPassdeskError, retrievePii, submitDecision } from "passdesk";
import { transition } from "./cases.js";
import { hasEnded } from "./civic.js";
import { log, nameOf } from "./log.js";

/** @typedef {import("./desk.js").Desk} Desk */

/** How long a Worker may go on after its answer is 30 s; the cron finds what is due later. */
const LONGEST_KICK_MS = 20_000;
/** How often one request tries, which may ask for no more than a run of the cron. */
const MOST_KICKS = 3;

/**
 * Does what a committed step asks for beside its answer.
 *
 * @param {Desk} desk
 * @param {string} id
 * @param {import("../desk-core.d.ts").DeskStepOutput} step
 * @param {(work: Promise<unknown>) => void} later
 */
export function kick(desk, id, step, later) {
  const latest = desk.now() + LONGEST_KICK_MS;
  const at = kickOf(step);
  if (at <= latest) later(deliverFrom(desk, id, at, latest));
}

/**
 * Delivers, and tries again where that failed and the next try is soon.
 *
 * @param {Desk} desk
 * @param {string} id
 * @param {number} at
 * @param {number} latest
 */
async function deliverFrom(desk, id, at, latest) {
  for (let kicks = 0; kicks < MOST_KICKS && at <= latest; kicks += 1) {
    await sleep(at - desk.now());
    at = await deliver(desk, id);
  }
}

/** @param {import("../desk-core.d.ts").DeskStepOutput} step */
const kickOf = ({ effects }) =>
  Math.min(...effects.map(({ type, at }) => (type === "kick" ? Number(at) : Number.POSITIVE_INFINITY)));

/**
 * Delivers one verdict if it is due and nobody else is at it. Nothing is thrown: what went wrong is in the case, or the
 * lease runs out and the next run tries again.
 *
 * @param {Desk} desk
 * @param {string} id
 * @returns {Promise<number>} when the core wants the next try; never, where it is up to others
 */
export async function deliver(desk, id) {
  try {
    let step = await transition(desk, id, { type: "lease" });
    for (let tries = 1; ; tries += 1) {
      const order = orderOf(step);
      const verdict = step.state?.decision?.verdict;
      if (order === undefined || verdict === undefined) return kickOf(step);
      // The lease was so long in the writing that somebody else may have one before this sender has ended.
      const until = step.state?.delivery.until ?? 0;
      if (desk.now() + Number(order.timeoutMs) >= until) return Number.POSITIVE_INFINITY;
      const event = await perform(desk, id, verdict, order, tries === 1);
      // Nobody else knows what came of it, so a D1 that failed for a moment is told once more.
      step = await transition(desk, id, event).catch(() => transition(desk, id, event));
    }
  } catch (error) {
    log("error", { event: "delivery_failed", name: nameOf(error) });
    return Number.POSITIVE_INFINITY;
  }
}

/** @param {import("../desk-core.d.ts").DeskStepOutput} step */
const orderOf = ({ effects }) => effects.find(({ type }) => ORDERS.has(type));
const ORDERS = new Set(["read-status", "confirm-status", "put-status"]);

/**
 * Does what the core orders: where Civic has queued the verdict nothing is sent.
 *
 * @param {Desk} desk
 * @param {string} id
 * @param {import("passdesk").Decision} verdict
 * @param {import("../desk-core.d.ts").DeskEffect} order
 * @param {boolean} look
 */
function perform(desk, id, verdict, order, look) {
  return order.type === "confirm-status" ? read(desk, id, order) : send(desk, id, verdict, order, look);
}

/**
 * Sends, and tells what came of it. `submitDecision` reads the status itself, so an order to read is one to send.
 *
 * @param {Desk} desk
 * @param {string} requestId
 * @param {import("passdesk").Decision} status
 * @param {import("../desk-core.d.ts").DeskEffect} order
 * @param {boolean} look whether to look what there is where Civic sees a contradiction; a second one is taken for an answer
 * @returns {Promise<import("./cases.js").Event>}
 */
async function send(desk, requestId, status, order, look) {
  const { lease, timeoutMs } = order;
  const limit = Number(timeoutMs);
  try {
    const { outcome } = await submitDecision({
      ...desk.civic,
      requestId,
      status,
      maxRetries: 0,
      timeoutMs: limit,
      // Reading, sending and a new token together: the lease outlives this, so nobody else sends meanwhile.
      signal: AbortSignal.timeout(limit),
    });
    return { type: "sent", lease, outcome };
  } catch (error) {
    // A token's address that refuses says nothing of the request.
    const code = look && isPassdeskError(error) && error.operation !== "exchangeToken" ? error.code : "";
    if (code === "conflict") return read(desk, requestId, order);
    if (!FOR_GOOD.has(code)) return failed(error, lease);
    // Nobody has said with what Civic refuses a verdict on a request that is decided or has ended, so its status is asked.
    const seen = await read(desk, requestId, order);
    return isSettled(seen) ? seen : failed(error, lease);
  }
}

/** What no other try would change. Of a verdict that was taken, a page or a redirect may be the answer. */
const FOR_GOOD = new Set(["rejected", "forbidden", "not_found", "redirected", "bad_response"]);

/** Whether no verdict can be given any more. @param {import("./cases.js").Event} seen */
const isSettled = ({ type, status }) =>
  type === "status-read" && (status === "partner-pass" || status === "partner-fail" || hasEnded(String(status)));

/**
 * Reads the status, and tells what it is.
 *
 * @param {Desk} desk
 * @param {string} requestId
 * @param {import("../desk-core.d.ts").DeskEffect} order
 * @returns {Promise<import("./cases.js").Event>}
 */
async function read(desk, requestId, { lease, timeoutMs }) {
  const limit = Number(timeoutMs);
  try {
    // `timeoutMs` is for an attempt; the signal is for all of it, a new token and another attempt included.
    const signal = AbortSignal.timeout(limit);
    const { status } = await retrievePii({ ...desk.civic, requestId, maxRetries: 0, timeoutMs: limit, signal });
    return { type: "status-read", lease, status };
  } catch (error) {
    return failed(error, lease);
  }
}

/** @param {unknown} error @param {unknown} lease */
function failed(error, lease) {
  if (!isPassdeskError(error)) {
    log("error", { event: "delivery_failed", name: nameOf(error) });
    return { type: "send-failed", lease, code: "internal", retryable: false };
  }
  // The signal is ours: that it fired means that the time was up.
  const timedOut = error.code === "aborted";
  const code = timedOut ? "timeout" : error.code;
  log("warn", { event: "delivery_failed", code, ...(error.status !== undefined && { status: error.status }) });
  return {
    type: "send-failed",
    lease,
    code,
    // Some 5xx a client does not repeat at once (501, or Cloudflare's own, such as 524), but none says that Civic never will.
    // Refused twice in a row: all tokens were revoked, and the store held another such one. The next try has a new one.
    retryable: timedOut || error.retryable || error.code === "upstream" || error.code === "unauthorized",
    ...(error.status !== undefined && { status: error.status }),
    ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
  };
}

/** @param {number} ms */
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
