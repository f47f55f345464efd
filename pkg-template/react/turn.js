// @ts-check
// One tab at a time. By Web Locks, which the browser gives back when a tab dies (https://www.w3.org/TR/web-locks/); where
// there are none, by a lease in the storage, which runs out.

import { storage } from "./memory.js";

/** What one tab writes another sees late on a busy machine: so long a lease is left alone before it is looked at again (whoever
 * wrote last has it), and a lock is kept when its work is done. */
const SETTLING_MS = 250;
const LOOK_MS = 250;

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * @template T
 * @param {string} endpoint
 * @param {string} id
 * @param {number} patienceMs a tab that the system put to sleep keeps its lock: nobody waits longer than this for it
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function inTurn(endpoint, id, patienceMs, work) {
  const locks = navigator.locks;
  if (locks === undefined) return leased(endpoint, patienceMs, work);
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), patienceMs);
  return new Promise((resolve) => {
    /** @type {Promise<T> | undefined} */
    let working;
    const hold = () => {
      clearTimeout(timer);
      working = work();
      resolve(working);
      // The next tab reads what this one has written, which it may see late.
      return working.finally(() => pause(SETTLING_MS));
    };
    /** A sandboxed frame has no locks; `work` asks the memory once more in any case. */
    const without = () => {
      clearTimeout(timer);
      if (working === undefined) resolve(work());
    };
    try {
      locks.request(`passdesk.handoff:${endpoint}#${id}`, { signal: patience.signal }, hold).catch(without);
    } catch {
      without();
    }
  });
}

/**
 * One lease for all ids: a tab that dies leaves it behind, and it must not tell of any.
 *
 * @template T
 * @param {string} endpoint
 * @param {number} patienceMs
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function leased(endpoint, patienceMs, work) {
  const key = `passdesk.handoff.lease:${endpoint}`;
  const owner = String(Math.random());
  const end = Date.now() + patienceMs;
  /** @returns {[string, number]} */
  const held = () => {
    const [by = "", until] = (storage()?.getItem(key) ?? "").split(" ");
    return [by, Number(until)];
  };
  try {
    while (storage() !== undefined && Date.now() < end) {
      const [, until] = held();
      // One that lasts longer than any can was written by a clock that was wrong.
      if (until > Date.now() && until <= Date.now() + patienceMs) {
        await pause(LOOK_MS);
        continue;
      }
      storage()?.setItem(key, `${owner} ${Date.now() + patienceMs}`);
      await pause(SETTLING_MS);
      if (held()[0] === owner) break;
    }
  } catch {
    // No storage, no lease.
  }
  try {
    return await work();
  } finally {
    try {
      if (held()[0] === owner) storage()?.removeItem(key);
    } catch {}
  }
}
