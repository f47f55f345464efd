// @ts-check
// What a contract case may be: a function of the stage, and where it can run.

/**
 * @typedef {import("./stage.mjs").Stage} Stage
 * @typedef {((stage: Stage) => Promise<void> | void) & { only?: "node" | "workerd", alone?: boolean }} Case
 */

/**
 * Needs something that only Node has (active handles, a console to listen to).
 * @param {Case} run
 */
export const inNode = (run) => Object.assign(run, { only: /** @type {const} */ ("node") });

/**
 * @param {Case} run
 */
export const inWorkerd = (run) => Object.assign(run, { only: /** @type {const} */ ("workerd") });

/**
 * Watches something global, so nothing else may run meanwhile.
 * @param {Case} run
 */
export const alone = (run) => Object.assign(run, { alone: true });
