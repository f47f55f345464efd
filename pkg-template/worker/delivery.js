// @ts-check
// Verdicts on their way to Civic. When, whether and how often is the core's to say; a lease of its keeps two senders apart,
// and `submitDecision` reads the status before it sends.

import { isPassdeskError, submitDecision } from "passdesk";
import { transition } from "./cases.js";
import { log, nameOf } from "./log.js";

/** @typedef {import("./desk.js").Desk} Desk */

/** How long a Worker may go on after its answer is 30 s; the cron finds what is due later. */
const LONGEST_KICK_MS = 20_000;

/**
 * Does what a committed step asks for beside its answer.
 *
 * @param {Desk} desk
 * @param {string} id
 * @param {import("../desk-core.d.ts").DeskStepOutput} step
 * @param {(work: Promise<unknown>) => void} later
 */
export function kick(desk, id, step, later) {
  for (const effect of step.effects) {
    const wait = effect.type === "kick" ? Number(effect.at) - desk.now() : Number.POSITIVE_INFINITY;
    if (wait <= LONGEST_KICK_MS) later(sleep(wait).then(() => deliver(desk, id)));
  }
}

/**
 * Delivers one verdict if it is due and nobody else is at it. Nothing is thrown: what went wrong is in the case, or the
 * lease runs out and the next run tries again.
 *
 * @param {Desk} desk
 * @param {string} id
 */
export async function deliver(desk, id) {
  try {
    const { state, effects } = await transition(desk, id, { type: "lease" });
    const effect = effects.find(({ type }) => type === "read-status" || type === "put-status");
    if (effect === undefined || state?.decision == null) {
      // An expired claim or lease is due too, and has nothing to be sent.
      await transition(desk, id, { type: "tick" });
      return;
    }
    const event = await send(desk, id, state.decision.verdict, effect);
    await transition(desk, id, event);
  } catch (error) {
    log("error", { event: "delivery_failed", name: nameOf(error) });
  }
}

/**
 * @param {Desk} desk
 * @param {string} requestId
 * @param {import("passdesk").Decision} status
 * @param {import("../desk-core.d.ts").DeskEffect} effect
 */
async function send(desk, requestId, status, { lease, timeoutMs }) {
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
      retryable: timedOut || error.retryable,
      ...(error.status !== undefined && { status: error.status }),
      ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
    };
  }
}

/** @param {number} ms */
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
