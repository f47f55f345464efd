// @ts-check
// The id in what `useGateway()` gives, if there is one.

/** What stands for an id that is none. Not the value itself, which could be anything. */
export const MALFORMED = "";

/** As `is_request_id` of the core: RFC 3986's unreserved characters, and no dot segment. @param {string} id */
export const isRequestId = (id) => /^[\w.~-]{1,128}$/.test(id) && id !== "." && id !== "..";

/**
 * Whatever the gateway shows: nothing to hand over is not an error, a thing in its place that cannot be an id is one.
 *
 * @param {unknown} pendingRequests
 * @returns {string | undefined}
 */
export function requestIdOf(pendingRequests) {
  try {
    const id = /** @type {{ presentationRequestId?: unknown } | null | undefined} */ (pendingRequests)
      ?.presentationRequestId;
    if (id === undefined || id === null) return undefined;
    return typeof id === "string" && isRequestId(id) ? id : MALFORMED;
  } catch {
    return MALFORMED;
  }
}
