// What `passdesk/react` offers.

import type { PassdeskError } from "./passdesk.js";

export type { PassdeskError };

/**
 * How far a hand-off is.
 *
 * - `"idle"`: there is nothing to hand over.
 * - `"sending"`: the request is on its way, from this tab or another.
 * - `"waiting"`: the browser is offline, or the last attempt failed and the next one comes by itself.
 * - `"accepted"`: the desk has the request. That is no verdict: the user's pass tells of that.
 * - `"failed"`: the desk refused, or an option is wrong. It is not tried again by itself before the next visit.
 */
export type HandoffStatus = "idle" | "sending" | "waiting" | "accepted" | "failed";

/** What `useGateway()` calls `pendingRequests`, where there is one. */
export interface PendingRequests {
  /** The id of the request in partner review. */
  presentationRequestId: string;
}

/** What {@link useReviewHandoff} needs to know. */
export interface ReviewHandoffOptions {
  /**
   * The desk's intake, such as `https://desk.example.com/desk/intake`. It is https, but for this machine's own addresses, or
   * of the page's own origin. The desk must name the page's origin in `INTAKE_ORIGINS`.
   */
  endpoint: string | URL;
  /** Sends in place of the global `fetch`. */
  fetch?: typeof globalThis.fetch | undefined;
  /** Milliseconds that one attempt may take: more than 0, at most 2 147 483 647. 30 000 by default. */
  timeoutMs?: number | undefined;
}

/** What {@link useReviewHandoff} gives: the state of the request that was seen last. */
export interface ReviewHandoff {
  /** How far it is. */
  status: HandoffStatus;
  /**
   * Why the last attempt failed; `undefined` where none did, or one has succeeded since. With `"waiting"` it will be tried
   * again, with `"failed"` it was final.
   */
  error: PassdeskError | undefined;
  /** Tries at once whatever has failed or waits, unless the desk asked to be left alone for longer. Stable between renders. */
  retry: () => void;
}

/**
 * Hands a request in partner review over to the review desk: at once, exactly as long as it takes, and across reloads and
 * tabs. Call it where `useGateway()` is called, on every page that a user may come back to.
 *
 * The id is kept in `localStorage` until the desk has answered 202; after that it is remembered for thirty days from when it
 * was last seen, so that it is not sent again. An id that cannot be handed over for seven days is forgotten. Beside an id stands
 * how far it has come, and when; nothing else is kept, of the user above all. Unmounting the component takes nothing back.
 *
 * @param pendingRequests What `useGateway()` gives under this name, as it is: also `undefined`, as most of the time.
 * @param options Where to; they may be written in place, since they are compared by value.
 *
 * @example
 * const { pendingRequests } = useGateway();
 * const { status, error, retry } = useReviewHandoff(pendingRequests, {
 *   endpoint: "https://desk.example.com/desk/intake",
 * });
 */
export function useReviewHandoff(
  pendingRequests: PendingRequests | null | undefined,
  options: ReviewHandoffOptions,
): ReviewHandoff;
