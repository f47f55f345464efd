// @ts-check
// One call under way: what the core says is done here. It sends, waits, reads, aborts; what an answer or a failure means, and
// whether to try again, is asked of the core. Each wait belongs to a turn: what comes when the turn is over is nobody's.

import { cancel, header, inBrowser, inWorker, parse, read, unreadable } from "./body.js";
import { aborted, Failure, found, harmless, isA, look, tell } from "./error.js";
import { isToken, show, take } from "./hands.js";
import { isProvider } from "./options.js";

/** What the core says to do next; a time to wait, in milliseconds, is not below 0. */
const SEND = -1;
const RESULT = -3;
const RENEW = -4;
const DISCARD = -5;

/** What the core is told. */
const ACCEPTED = 0;
const REFUSED = 1;
const FAILED = 2;
const SPOILT = 3;
const ATTEMPT = 4;
const END = 6;

/** The most bytes of JSON that are read, decoded, and the most of an error's body. */
const LARGEST_JSON = 8 * 1024 * 1024;
const LARGEST_ERROR = 64 * 1024;

/** How long after its clock should have rung a call may still be alive. */
const LIFE_MS = 60_000;

/** How long an attempt may take where the caller does not say. */
export const ATTEMPT_MS = 30_000;

/** The failures of which the status of the answer says more. */
const OF_AN_ANSWER = ["bad_response", "too_large", "unsupported_media", "network", "timeout"];

/** @param {unknown} thrown */
const isOurs = (thrown) =>
  isA(thrown, Error) && look(thrown, "name") === "PassdeskError" && look(thrown, "operation") === "exchangeToken";

/**
 * Waits for what a function of the caller's gives. An error of ours passes as it is; of any other only its kind.
 *
 * @param {() => any} ask
 */
async function called(ask) {
  try {
    return await ask();
  } catch (thrown) {
    if (isOurs(thrown)) throw thrown;
    const message = "`token` gave no token: its function failed";
    throw new Failure("unauthorized", message, false, harmless(thrown));
  }
}

/** @param {string} expected */
const noToken = (expected) => new Failure("invalid_argument", `\`token\` must be ${expected}`);

/** The second in which those whose request is gone were looked for. */
let swept = 0;

export class Call {
  /**
   * Takes the call, if the core does. Nothing is sent before `attempt`.
   *
   * @param {import("./instance.js").Instance} instance
   * @param {string} operation
   * @param {any} options settled
   * @param {import("./start.js").Open} open
   */
  constructor(instance, operation, options, open) {
    this.instance = instance;
    this.core = instance.core;
    this.operation = operation;
    this.options = options;
    this.attempts = 0;
    this.turn = 0;
    this.began = Date.now();
    this.tried = 0;
    this.ended = false;
    /** When its clock must have rung, long since. */
    this.due = this.began + (options.timeoutMs ?? ATTEMPT_MS) + LIFE_MS;
    this.fetch = options.fetch ?? globalThis.fetch;
    /** @type {((failure: any) => void) | undefined} what a time-out leads to, where that is no failed attempt */
    this.late = undefined;
    /** @type {import("./body.js").Reader | undefined} */
    this.reader = undefined;
    /** @type {ReturnType<typeof take>} */
    this.said = {};
    /** What takes an answer of 2xx, where that is no JSON. @type {((response: any, turn: number) => Promise<number | undefined>) | undefined} */
    this.take = undefined;
    /** What hears of the failure of a stream whose call is over. @type {((error: unknown) => void) | undefined} */
    this.stream = undefined;
    /** @type {Promise<any>} */
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // A trap in here, or one that it meets, rejects the call like those that are under way.
    this.place = instance.calls.push(this) - 1;
    // A Worker's request that is gone leaves its calls here, without their clocks, for as long as the isolate lives. To look for
    // them with each new one took 0.7 ms of each where a hundred thousand were under way.
    const second = Math.trunc(this.began / 1000);
    if (second !== swept) {
      swept = second;
      if (inWorker()) for (const call of [...instance.calls]) if (call.due < this.began) call.fail(late(), true);
    }
    try {
      this.begin(open);
    } catch (error) {
      if (error instanceof Failure) this.fail(error, true);
      else instance.trap();
    }
  }

  /** @param {import("./start.js").Open} open */
  begin(open) {
    const { options, instance } = this;
    if (instance.dead) {
      this.fail(instance.failure(this.operation), true);
      return;
    }
    const { signal, token } = options;
    if (typeof this.fetch !== "function") {
      throw new Failure("invalid_argument", "`fetch` must be a function, since this runtime has none");
    }
    if (typeof token === "string" && !isToken(this.core, token)) throw noToken("1 to 16384 visible ASCII characters");
    const [number, places] = open(options);
    show(places);
    /** @type {number} */
    this.slot = this.core.begin(number, options.maxRetries ?? 2);
    const { request, fault, result } = take();
    if (this.ended) return;
    if (fault) throw found(fault);
    this.request = request;
    /** @type {any} what the call gives */
    this.value = result;
    if (signal) {
      this.aborted = () => this.abort(look(signal, "reason"));
      try {
        signal.addEventListener("abort", this.aborted);
      } catch {
        throw new Failure("invalid_argument", "`signal` must be an AbortSignal");
      }
    }
  }

  /** Begins the first attempt, unless the caller has aborted. */
  start(now = Date.now()) {
    if (this.ended) return;
    const { signal } = this.options;
    if (look(signal, "aborted")) this.aborted?.();
    else this.attempt(now);
  }

  /**
   * Waits, but not beyond the call's end.
   *
   * @param {number} ms
   */
  pause(ms) {
    return new Promise((resolve) => {
      this.late = () => resolve(undefined);
      this.wind(ms);
    });
  }

  /**
   * @param {unknown} [reason]
   * @param {boolean} [quietly]
   */
  abort(reason, quietly) {
    this.fail(aborted(reason), quietly);
  }

  attempt(now = Date.now()) {
    this.attempts += 1;
    this.tried = now;
    this.tell("attempt", this.began);
    // The observer may have aborted.
    if (this.ended) return;
    this.wind(this.options.timeoutMs ?? ATTEMPT_MS, now);
    if (!this.ended) this.go();
  }

  /**
   * Starts the clock.
   *
   * @param {number} ms
   */
  wind(ms, now = Date.now()) {
    this.due = now + ms + LIFE_MS;
    try {
      // To hand it on as an argument took a twentieth of a call in Node.
      /** @type {any} the clock of the attempt, or of a pause */
      this.timer = setTimeout(() => ring(this), ms);
    } catch {
      this.instance.trap();
    }
  }

  /** Sends the request, and does what the core says to its answer. */
  async go() {
    const { turn, options, fetch } = this;
    const { url, method, bearer, accept, contentType, body } = /** @type {import("./hands.js").Sent} */ (this.request);
    try {
      const controller = new AbortController();
      /** @type {AbortController | undefined} */
      this.controller = controller;
      /** @type {number | undefined} of the latest answer */
      this.status = undefined;
      let token;
      if (bearer) {
        token = options.token;
        if (token !== undefined && typeof token !== "string") token = await this.ask(controller.signal);
        if (turn !== this.turn) return;
        /** @type {string | undefined} the token that was sent last */
        this.sent = token;
      }
      /** @type {Record<string, string>} */
      const headers = { accept };
      if (token !== undefined) headers.authorization = `Bearer ${token}`;
      if (contentType) headers["content-type"] = contentType;
      // `manual`, since workerd knows no `error`: every redirect comes back as an answer, and none is followed.
      /** @type {RequestInit} */
      const init = { method, headers, body, redirect: "manual", signal: controller.signal };
      if (options.noStore ?? inBrowser()) init.cache = "no-store";
      if (options.credentials) init.credentials = options.credentials;
      let response;
      try {
        response = await fetch(url, init);
      } catch (thrown) {
        throw new Failure("network", "the request failed before an answer came", true, harmless(thrown));
      }
      if (turn !== this.turn) {
        // A caller's `fetch` that does not heed its signal.
        cancel({ raw: look(response, "body"), ended: false });
        return;
      }
      const status = statusOf(response);
      this.status = status;
      let next;
      if (status < 200 || status > 299) next = await this.refused(response, turn);
      else if (this.take) next = await this.take(response, turn);
      else if (method === "PUT") {
        // Its body says nothing, and is not read.
        next = this.hear(ACCEPTED, undefined, header(response, "content-type"));
        this.drop();
      } else {
        let whole;
        try {
          whole = await read(this, response, LARGEST_JSON, turn);
        } catch (thrown) {
          throw isA(thrown, Failure) ? thrown : unreadable(thrown);
        }
        if (turn !== this.turn) return;
        this.value = parse(this, whole, LARGEST_JSON);
        next = this.hear(ACCEPTED, this.value);
      }
      // A stream that was handed out goes on by itself.
      if (turn !== this.turn || next === undefined) return;
      const { request, fault, result } = this.said;
      if (next === SEND) {
        this.request = request;
        this.go();
      } else if (fault) this.after(found(fault), next);
      else this.succeed(next === RESULT ? result : this.value);
    } catch (error) {
      if (turn === this.turn) this.caught(error);
    }
  }

  /**
   * Tells the core what came, and keeps what it says with its answer, before anybody else asks it.
   *
   * @param {number} what
   * @param {unknown[]} values
   * @returns {number | undefined} what to do next; nothing if the call is over
   */
  hear(what, ...values) {
    // To look at an answer may have run what ended the call: its number is another's by now.
    if (this.ended) return undefined;
    show(values);
    const next = this.core.hear(this.slot, what, this.status ?? 0, Date.now(), Math.random());
    this.said = take();
    return next;
  }

  /**
   * The body of a refusal is only asked for a code: where it fails or does not end, the status says enough.
   *
   * @param {any} response
   * @param {number} turn
   */
  async refused(response, turn) {
    /** @param {unknown} [body] */
    const judge = (body) =>
      this.hear(
        REFUSED,
        body,
        header(response, "retry-after"),
        header(response, "x-ratelimit-reset"),
        header(response, "x-request-id") ?? header(response, "cf-ray"),
        this.sent,
      );
    this.late = () => {
      this.cease();
      const next = judge();
      const { fault, request } = this.said;
      if (this.ended) return;
      if (next === SEND) {
        // What else belongs to the attempt whose time is up: whether the verdict of another stands must be known.
        this.request = request;
        this.wind(this.options.timeoutMs ?? ATTEMPT_MS);
        this.go();
      } else this.after(found(fault), next);
    };
    let body;
    try {
      const whole = await read(this, response, LARGEST_ERROR, turn);
      if (turn !== this.turn) return undefined;
      body = parse(this, whole, LARGEST_ERROR);
    } catch {
      // It breaks off, is too large, or no JSON.
    }
    if (turn !== this.turn) return undefined;
    this.late = undefined;
    const next = judge(body);
    this.drop();
    return next;
  }

  /**
   * The token to send now, of a function or a provider.
   *
   * @param {AbortSignal | undefined} signal
   * @returns {Promise<string>}
   */
  async ask(signal) {
    const { token } = this.options;
    if (this.next !== undefined) {
      const { next } = this;
      this.next = undefined;
      return next;
    }
    const provided = isProvider(token);
    const given = await called(() => (provided ? token.get({ signal }) : token()));
    const text = provided ? look(given, "accessToken") : given;
    if (typeof text === "string" && isToken(this.core, text)) return text;
    throw noToken(provided ? "a provider that gives access tokens" : "a function that gives a token");
  }

  /**
   * The attempt failed here.
   *
   * @param {unknown} error
   */
  caught(error) {
    this.cease();
    if (!isA(error, Failure)) {
      // A token provider's, complete already; or what nobody foresaw.
      if (isOurs(error)) this.fail(error);
      else this.instance.trap();
      return;
    }
    if (this.stream) {
      error.status = this.status;
      this.fail(error);
    } else this.after(error, this.hear(error.retryable ? FAILED : SPOILT));
  }

  /**
   * The attempt failed: what the core says to that is done.
   *
   * @param {Failure & { retryAfterMs?: number }} failure
   * @param {any} next
   */
  after(failure, next) {
    if (this.ended) return;
    this.cease();
    if (OF_AN_ANSWER.includes(/** @type {any} */ (failure.code))) failure.status ??= this.status;
    if (next >= 0) this.again(failure, next);
    else if (next === RENEW || next === DISCARD) this.renew(failure, next);
    else this.fail(failure);
  }

  /**
   * @param {Failure} failure
   * @param {number} delayMs
   */
  again({ status, code }, delayMs) {
    const { state } = this.options;
    // Until then nobody else is to ask for that token, either, also where this call has gone.
    if (state) state.rest = Date.now() + delayMs;
    this.tell("retry", this.tried, status, code, delayMs);
    if (this.ended) return;
    this.late = () => {
      this.cease();
      // A token that another has brought is not of that answer.
      this.status = undefined;
      this.hear(ATTEMPT);
      this.request = this.said.request;
      if (!this.ended) this.attempt();
    };
    this.wind(delayMs);
  }

  /**
   * Gets rid of the token that was refused, and tries again with a new one if there is one.
   *
   * @param {Failure} failure
   * @param {number} next
   */
  async renew(failure, next) {
    const { turn, sent, options } = this;
    const provided = isProvider(options.token);
    if (turn !== this.turn) return;
    if (sent === undefined || (!provided && (typeof options.token === "string" || next === DISCARD))) {
      this.fail(failure);
      return;
    }
    this.late = (late) => this.fail(next === DISCARD ? failure : late);
    this.wind(options.timeoutMs ?? ATTEMPT_MS);
    let renewed = false;
    try {
      if (provided) {
        await called(() => options.token.invalidate(sent));
        renewed = next === RENEW;
      } else {
        const token = await this.ask(undefined);
        renewed = token !== sent;
        /** @type {string | undefined} a newer one, already asked for */
        if (turn === this.turn) this.next = token;
      }
    } catch (error) {
      if (turn === this.turn) this.fail(next === DISCARD ? failure : error);
      return;
    }
    if (turn !== this.turn) return;
    if (renewed) {
      this.cease();
      this.again(failure, 0);
    } else this.fail(failure);
  }

  /** The turn is over: its clock stops, and its request is torn down. */
  cease() {
    this.turn += 1;
    clearTimeout(this.timer);
    this.late = undefined;
    this.drop();
  }

  /** Tears down the request under way, if its answer was not read to the end. */
  drop() {
    const { reader, controller } = this;
    this.reader = undefined;
    this.controller = undefined;
    if (reader) cancel(reader);
    try {
      controller?.abort();
    } catch {
      // Another request of a Worker has it under way: out of reach from here, and no reason not to tell its caller.
    }
  }

  /** Nothing outlives the call. */
  close() {
    if (this.ended) return;
    this.ended = true;
    const { calls } = this.instance;
    // The last one takes its place. A set, which shrinks with every call, took a hundredth of it.
    const last = calls.pop();
    if (last && last !== this) {
      last.place = this.place;
      calls[last.place] = last;
    }
    if (this.slot) this.core.hear(this.slot, END);
    this.cease();
    try {
      this.options.signal?.removeEventListener("abort", this.aborted);
    } catch {
      // What breaks now spoils nothing.
    }
  }

  /** @param {any} value */
  succeed(value) {
    this.close();
    // What was in memory, or in a store, is nobody's success.
    if (this.attempts) this.tell("success", this.began, this.status);
    /** @type {(value: any) => void} */ (this.resolve)(value);
  }

  /**
   * @param {any} failure one of ours, or an error that is complete already
   * @param {boolean} [quietly] before anything was begun
   */
  fail(failure, quietly = false) {
    if (this.ended) return;
    this.close();
    const error = failure instanceof Failure ? failure.told(this.operation, this.attempts) : failure;
    if (this.stream) {
      this.stream(error);
      return;
    }
    if (!quietly) this.tell("failure", this.began, look(error, "status"), look(error, "code"));
    /** @type {(reason: any) => void} */ (this.reject)(error);
  }

  /**
   * What happened, in names and numbers: no URL, no token, no field. An observer that throws does not break what it observes.
   *
   * @param {string} type
   * @param {number} since
   * @param {number} [status]
   * @param {string} [code]
   * @param {number} [delayMs]
   */
  tell(type, since, status, code, delayMs) {
    const { onEvent } = this.options;
    if (!onEvent) return;
    /** @type {any} */
    const event = { type, operation: this.operation, attempt: this.attempts, ms: Date.now() - since };
    if (status !== undefined) event.status = status;
    if (code !== undefined) event.code = code;
    if (delayMs !== undefined) event.delayMs = delayMs;
    tell(onEvent, event);
  }
}

const late = () => new Failure("timeout", "the attempt took longer than `timeoutMs`", true);

/** @param {Call} call */
function ring(call) {
  try {
    const then = call.late ?? call.caught;
    // It was meant for this clock, and not for the next.
    call.late = undefined;
    then.call(call, late());
  } catch {
    call.instance.trap();
  }
}

/**
 * The status of what `fetch` gave, if that is an answer at all: by its form, since a replaced `fetch` may bring its own class.
 *
 * @param {any} response
 * @returns {number}
 */
function statusOf(response) {
  const status = look(response, "status");
  // A page sees a redirect as an opaque answer with the status 0; a caller's `fetch` may have followed one.
  if (look(response, "redirected") || (!status && look(response, "type") === "opaqueredirect")) {
    throw new Failure("redirected", "the answer is a redirect, and none is followed");
  }
  if (typeof status === "number" && status >= 100 && status <= 999) {
    // To look at the headers of the platform's own makes an object of them.
    const fits = isA(response, globalThis.Response) || typeof look(look(response, "headers"), "get") === "function";
    if (fits) return Math.trunc(status);
  }
  throw new Failure("bad_response", "`fetch` gave no response");
}
