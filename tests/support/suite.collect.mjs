// @ts-check
// `#suite` in workerd: the cases are handed to worker.mjs, which runs each on request.
export * from "./suite.mjs";

/**
 * @param {string} name
 * @param {Record<string, import("./suite.mjs").Case>} cases
 */
export const suite = (name, cases) => ({ name, cases });
