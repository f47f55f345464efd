// @ts-check
// What must not outlive this process: a program that it has started goes on otherwise, and nobody knows of it any more.

/** @type {Set<() => void>} */
const acts = new Set();
const actAll = () => {
  for (const act of acts) act();
};
const SIGNALS = /** @type {const} */ (["SIGTERM", "SIGINT", "SIGHUP"]);

/** @param {NodeJS.Signals} signal */
function obey(signal) {
  actAll();
  for (const one of SIGNALS) process.off(one, obey);
  // Whoever told it to end finds it ended by that.
  process.kill(process.pid, signal);
}

/**
 * Does something when this process ends, by itself or by a signal, for which Node has no `exit`.
 *
 * @param {() => void} act at once: nothing is waited for
 * @returns {() => void} forgets it
 */
export function atEnd(act) {
  if (acts.size === 0) {
    process.on("exit", actAll);
    for (const signal of SIGNALS) process.on(signal, obey);
  }
  acts.add(act);
  return () => {
    acts.delete(act);
    if (acts.size > 0) return;
    process.off("exit", actAll);
    for (const signal of SIGNALS) process.off(signal, obey);
  };
}
