// @ts-check
// The walk of `eachAttestation`: pages fetched ahead, records handed on once. Which page comes next is the core's to say.

import { Call } from "./call.js";
import { aborted, look } from "./error.js";
import { show } from "./hands.js";

const OPERATION = "eachAttestation";

/** What the core is asked, or told. */
const OVER = 6;
const ASK = 7;
const ARRIVED = 8;
const STEP = 9;
const AWAITED = 10;

/** The number under which the core begins a walk. */
const WALK = 10;

/** What comes next, where it is no page to deliver. */
const END = 0;
const WAIT = -2;

export class Walk {
  /**
   * @param {import("./instance.js").Instance} instance
   * @param {any} options settled
   * @param {(page: number) => import("./start.js").Open} search
   */
  constructor(instance, options, search) {
    this.instance = instance;
    this.core = instance.core;
    this.options = options;
    this.search = search;
    this.left = options.limit ?? Infinity;
    show([options.perPage ?? 50, options.concurrency ?? 4]);
    this.slot = this.core.begin(WALK, 0);
    this.seen = new Set();
    this.stopped = false;
    /** The pages on their way. @type {Set<Call>} */
    this.asked = new Set();
    /** What came, by the number of its reading, until it is delivered. @type {Map<number, any>} */
    this.here = new Map();
    /** @type {(value?: any) => void} */
    this.wake = () => {};
  }

  /**
   * Asks the core, or tells it.
   *
   * @param {number} what
   * @param {number[]} values
   * @returns {number}
   */
  on(what, ...values) {
    // Whoever watches its calls may have stopped it just now: its number may be another's.
    if (this.stopped && what !== OVER) return END;
    show(values);
    return this.core.hear(this.slot, what, 0, 0, 0);
  }

  /** Whether nothing more is to be delivered. What came before an abort is not delivered after it. */
  over() {
    const { signal } = this.options;
    if (!this.stopped && look(signal, "aborted")) throw aborted(look(signal, "reason")).told(OPERATION, 0);
    return this.stopped;
  }

  /** The next records that were not seen before; nothing at the end. @returns {Promise<any[] | undefined>} */
  async next() {
    if (this.left === 0 || this.over()) return undefined;
    for (;;) {
      for (;;) {
        const asked = this.on(ASK, this.left);
        if (this.instance.dead) throw this.instance.failure(OPERATION);
        if (!asked) break;
        this.fetch(Math.floor(asked / 2 ** 32), asked % 2 ** 32);
      }
      const step = this.on(STEP);
      if (step === END) return undefined;
      if (step === WAIT) {
        const page = this.here.get(this.on(AWAITED));
        if (page?.error) throw page.error;
        await new Promise((resolve) => {
          this.wake = resolve;
        });
      }
      if (step > 0) {
        const records = this.fresh(step);
        if (records.length > 0) return records;
      }
    }
  }

  /**
   * Sends for a page.
   *
   * @param {number} read
   * @param {number} page
   */
  fetch(read, page) {
    const call = new Call(this.instance, OPERATION, this.options, this.search(page));
    this.asked.add(call);
    call.promise.then(
      ({ data, meta }) => {
        this.on(ARRIVED, read, data.length, meta.total, meta.per_page);
        this.arrive(call, read, data);
      },
      (error) => this.arrive(call, read, { error }),
    );
    // Its signal may have stopped the walk when it was listened to.
    if (this.stopped) call.abort(undefined, true);
    call.start();
  }

  /**
   * @param {Call} call
   * @param {number} read
   * @param {any[] | { error: unknown }} page
   */
  arrive(call, read, page) {
    this.asked.delete(call);
    this.here.set(read, page);
    this.wake();
  }

  /**
   * The records of a page that were not delivered before, up to the limit.
   *
   * @param {number} read
   */
  fresh(read) {
    const page = this.here.get(read);
    this.here.delete(read);
    /** @type {any[]} */
    const fresh = [];
    for (const record of page) {
      if (this.left === 0 || this.seen.has(record.uuid)) continue;
      this.seen.add(record.uuid);
      fresh.push(record);
      this.left -= 1;
    }
    return fresh;
  }

  /** Tears down what is on its way. A `next` that waits ends. */
  stop() {
    if (this.stopped) return;
    this.stopped = true;
    this.on(OVER);
    for (const call of this.asked) call.abort();
    this.here.clear();
    this.wake();
  }
}
