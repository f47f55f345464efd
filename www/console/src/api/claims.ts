/**
 * What this tab has claimed and not let go of, each with the desk's answer. A case's view may be older than its claim, and
 * whoever leaves the case at once must not keep it from the others.
 */
export const claims = new Map<string, Promise<unknown>>();
