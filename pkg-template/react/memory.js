// @ts-check
// What outlives the page: the ids that are on their way, and those that the desk has. One entry an id, so that two tabs
// that write at the same time do not undo each other's. Nothing else is kept: no person, no wallet, no answer.

import { isRequestId } from "./request-id.js";

/**
 * @typedef {object} Kept
 * @property {number} since when it was first seen; when it was last seen, once accepted
 * @property {number} notBefore when it may be sent again
 * @property {boolean} asked whether that was the desk's wish
 * @property {boolean} accepted
 */

const DAY_MS = 24 * 60 * 60_000;
/** As long as the desk itself waits for a request to become ready. */
export const PATIENCE_MS = 7 * DAY_MS;
/** A gateway that needs no verdict goes on showing the id: it must not be handed over again and again. */
const REMEMBERED_MS = 30 * DAY_MS;

/** Absent in some frames, forbidden where cookies are, full, or broken: none of that is the user's fault. @returns {Storage | undefined} */
export function storage() {
  try {
    return window.localStorage ?? undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} endpoint */
export function memoryOf(endpoint) {
  // The id's grammar has no `#`, nor has an endpoint without its fragment.
  const prefix = `passdesk.handoff:${endpoint}#`;
  /** @type {Map<string, Kept>} What could not be stored lives as long as the page. */
  const here = new Map();
  /** @type {Set<string>} Those of which the storage, full by now, has an older entry. */
  const unstored = new Set();

  /** @param {string} id @returns {Kept | undefined} */
  function read(id) {
    const mine = here.get(id);
    let kept = mine;
    try {
      const text = storage()?.getItem(prefix + id) ?? null;
      const stored = text === null ? undefined : keptOf(text);
      if (stored?.accepted || !unstored.has(id)) kept = stored ?? mine;
    } catch {}
    return mine?.accepted ? mine : kept;
  }

  /** @param {string} id @param {Kept} kept */
  function write(id, kept) {
    here.set(id, kept);
    unstored.add(id);
    try {
      const { since, notBefore, asked, accepted } = kept;
      storage()?.setItem(prefix + id, JSON.stringify(accepted ? { since, accepted } : { since, notBefore, asked }));
      unstored.delete(id);
    } catch {}
  }

  /** @param {string} id */
  function forget(id) {
    here.delete(id);
    unstored.delete(id);
    try {
      storage()?.removeItem(prefix + id);
    } catch {}
  }

  /** The ids that are kept, oldest first, without those whose time is over. */
  function ids() {
    /** @type {Map<string, number>} */
    const found = new Map();
    const names = new Set(here.keys());
    try {
      const shelf = storage();
      for (let i = 0; i < (shelf?.length ?? 0); i += 1) {
        const key = shelf?.key(i) ?? "";
        if (key.startsWith(prefix)) names.add(key.slice(prefix.length));
      }
    } catch {}
    for (const id of names) {
      const kept = isRequestId(id) ? read(id) : undefined;
      if (kept === undefined || isOver(kept)) forget(id);
      else found.set(id, kept.since);
    }
    return [...found].sort(([, a], [, b]) => a - b).map(([id]) => id);
  }

  return { prefix, read, write, forget, ids };
}

/** @param {Kept} kept */
export const isOver = ({ since, accepted }) => Date.now() - since > (accepted ? REMEMBERED_MS : PATIENCE_MS);

/**
 * An entry that somebody broke still names an id, which is worth more than the rest: it counts as seen just now.
 *
 * @param {string} text
 * @returns {Kept}
 */
function keptOf(text) {
  /** @type {Record<string, unknown>} */
  let entry = {};
  try {
    entry = Object(JSON.parse(text));
  } catch {}
  const { since, notBefore, asked, accepted } = entry;
  const now = Date.now();
  const time = (/** @type {unknown} */ at, /** @type {number} */ otherwise) =>
    typeof at === "number" && at >= 0 ? at : otherwise;
  return {
    since: Math.min(now, time(since, now)),
    notBefore: time(notBefore, 0),
    asked: asked === true,
    accepted: accepted === true,
  };
}
