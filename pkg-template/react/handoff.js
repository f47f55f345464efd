// @ts-check
// The hand-offs of this page to one desk. They belong to the page, not to a component: what is unmounted, mounted twice or
// rendered in two places sends nothing twice and stops nothing.

import { backoffMs, CEILING_MS, LONGEST_WAIT_MS, refusal, unanswered } from "./answer.js";
import { isOver, memoryOf } from "./memory.js";
import { inTurn } from "./turn.js";

/** @typedef {{ status: import("../react.d.ts").HandoffStatus, error: import("../react.d.ts").PassdeskError | undefined }} State */
/** @typedef {{ endpoint: string, fetch: typeof globalThis.fetch | undefined, timeoutMs: number }} Settings */
/** @typedef {{ tries: number, insist: boolean, wake: () => void }} Job */

/** @type {State} */
export const IDLE = Object.freeze({ status: "idle", error: undefined });

/** How much longer than an attempt a tab may have its turn. */
const SLACK_MS = 5_000;

/** @type {Map<string, ReturnType<typeof create>>} */
const handoffs = new Map();

/** @param {string} endpoint */
export function handoffTo(endpoint) {
  let handoff = handoffs.get(endpoint);
  if (handoff === undefined) {
    handoff = create(endpoint);
    handoffs.set(endpoint, handoff);
  }
  return handoff;
}

/** Nothing happens here yet: React may render what it never shows. @param {string} endpoint */
function create(endpoint) {
  const memory = memoryOf(endpoint);
  /** @type {Map<string, State>} In the order in which ids were seen: the last is the newest. */
  const states = new Map();
  /** @type {Map<string, Job>} Those that are under way. */
  const jobs = new Map();
  /** @type {Set<() => void>} */
  const listeners = new Set();
  /** @type {Settings} */
  let settings = { endpoint, fetch: undefined, timeoutMs: 30_000 };
  let attending = false;

  /** @param {string} id @param {State["status"]} status @param {State["error"]} error */
  function set(id, status, error) {
    const before = states.get(id);
    // What another tab has handed over stays so, though this one's turn is still to come.
    if (before?.status === "accepted" || (before?.status === status && before.error === error)) return;
    states.set(id, Object.freeze({ status, error }));
    for (const listener of listeners) listener();
  }

  /** Listens to the window for as long as somebody cares. */
  function attend() {
    const needed = listeners.size > 0 || jobs.size > 0;
    if (needed === attending) return;
    attending = needed;
    const change = needed ? "addEventListener" : "removeEventListener";
    window[change]("online", hurry);
    window[change]("storage", /** @type {EventListener} */ (hear));
  }

  /** Tries at once what waits by our own choice. */
  function hurry() {
    for (const job of jobs.values()) {
      job.insist = true;
      job.wake();
    }
  }

  /** Another tab has written. @param {StorageEvent} event */
  function hear({ key, newValue }) {
    if (newValue === null || !key?.startsWith(memory.prefix)) return;
    for (const id of states.keys()) {
      if (!memory.read(id)?.accepted) continue;
      set(id, "accepted", undefined);
      jobs.get(id)?.wake();
    }
    resume();
  }

  /** @param {string} id */
  function start(id) {
    if (jobs.has(id)) return;
    /** @type {Job} */
    const job = { tries: 0, insist: false, wake: () => {} };
    jobs.set(id, job);
    attend();
    void deliver(id, job).finally(attend);
  }

  /** The job goes first: who hears of its end may want the next one at once. @type {typeof set} */
  function end(id, status, error) {
    jobs.delete(id);
    set(id, status, error);
  }

  /** @param {string} id @param {Job} job */
  async function deliver(id, job) {
    /** @param {number} ms */
    const pause = (ms) =>
      new Promise((resolve) => {
        // Who heard of it could not wake it yet.
        const timer = setTimeout(resolve, job.insist ? 0 : ms);
        job.wake = () => {
          clearTimeout(timer);
          resolve(undefined);
        };
      });
    for (;;) {
      if (navigator.onLine === false) {
        set(id, "waiting", states.get(id)?.error);
        // Some browsers say so all the time, hence a try now and then.
        await pause(CEILING_MS);
      }
      set(id, "sending", states.get(id)?.error);
      const wait = await inTurn(endpoint, id, settings.timeoutMs + SLACK_MS, () => attempt(id, job));
      if (wait === undefined) return;
      await pause(wait);
    }
  }

  /**
   * One attempt, unless another tab's has succeeded or was told to wait.
   *
   * @param {string} id
   * @param {Job} job
   * @returns {Promise<number | undefined>} milliseconds until the next one, if there is one
   */
  async function attempt(id, job) {
    const kept = memory.read(id) ?? { since: Date.now(), notBefore: 0, asked: false, accepted: false };
    const { insist } = job;
    job.insist = false;
    if (kept.accepted) return void end(id, "accepted", undefined);
    if (isOver(kept)) {
      memory.forget(id);
      return void end(id, "failed", states.get(id)?.error ?? unanswered(false, job.tries));
    }
    const wait = Math.min(kept.notBefore - Date.now(), LONGEST_WAIT_MS);
    if (wait > 0 && (kept.asked || !insist)) {
      set(id, "waiting", states.get(id)?.error);
      return wait;
    }
    job.tries += 1;
    const error = await send(id, job.tries);
    // Another tab may not have waited for this one, and have its 202.
    if (error === undefined || memory.read(id)?.accepted) {
      memory.write(id, { ...kept, since: Date.now(), accepted: true });
      return void end(id, "accepted", undefined);
    }
    // Refused for good, by what may yet be mended: kept, and tried again by `retry` and by the next visit.
    if (!error.retryable) return void end(id, "failed", error);
    const asked = error.retryAfterMs !== undefined;
    const pause = Math.min(error.retryAfterMs ?? backoffMs(job.tries - 1, Math.random()), LONGEST_WAIT_MS);
    memory.write(id, { ...kept, notBefore: Date.now() + pause, asked });
    set(id, "waiting", error);
    return pause;
  }

  /** @param {string} requestId @param {number} tries */
  async function send(requestId, tries) {
    const gone = new AbortController();
    const timer = setTimeout(() => gone.abort(), settings.timeoutMs);
    try {
      /** @type {Promise<never>} A transport of the caller's may not heed the signal. */
      const late = new Promise((_, reject) => gone.signal.addEventListener("abort", reject));
      const sent = (settings.fetch ?? fetch)(endpoint, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ requestId }),
        // The request goes on when the page is closed.
        keepalive: true,
        credentials: "omit",
        redirect: "manual",
        cache: "no-store",
        signal: gone.signal,
      });
      const response = await Promise.race([sent, late]);
      return response.status === 202 ? undefined : refusal(response, tries, Date.now());
    } catch {
      // What a runtime says about its network is not passed on: it may name the address.
      return unanswered(gone.signal.aborted, tries);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Takes up what an earlier visit, or another tab, left behind. */
  function resume() {
    for (const id of memory.ids()) if (!states.has(id) && !memory.read(id)?.accepted) start(id);
  }

  return {
    /** @param {Settings} wanted */
    configure(wanted) {
      settings = wanted;
    },
    resume,
    /** @param {string} id one that the gateway shows */
    take(id) {
      const kept = memory.read(id);
      if (kept?.accepted) {
        memory.write(id, { ...kept, since: Date.now() });
        return set(id, "accepted", undefined);
      }
      if (states.has(id)) return;
      memory.write(id, kept ?? { since: Date.now(), notBefore: 0, asked: false, accepted: false });
      start(id);
    },
    /** Tries at once, unless the desk asked to be left alone. */
    retry() {
      for (const [id, { status }] of states) if (status === "failed") start(id);
      hurry();
    },
    /** @param {() => void} listener */
    subscribe(listener) {
      listeners.add(listener);
      attend();
      return () => {
        listeners.delete(listener);
        attend();
      };
    },
    /** Of this id; without one, of the newest. @param {string | undefined} id @returns {State} */
    stateOf: (id) => (id === undefined ? [...states.values()].at(-1) : states.get(id)) ?? IDLE,
  };
}
