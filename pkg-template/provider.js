// @ts-check
// Who keeps a token, and who shares it. What is shared are values, never a promise: in a Worker, a promise awaited by a request
// that did not begin it may never settle.

import { inWorker } from "./body.js";
import { ATTEMPT_MS, Call } from "./call.js";
import { look } from "./error.js";
import { isFresh, isToken } from "./hands.js";

/**
 * How long an exchange may be silent before those who wait for it start their own. In a Worker the request that began an
 * exchange can go away, and its timers and promises with it: whoever awaited them would wait for ever. So nobody awaits them; the
 * exchange renews a lease while it lives, and the others look at the lease.
 */
const LEASE_MS = 600;
/** How often the lease is renewed. */
const BEAT_MS = 150;
/** How often the others look. */
const LOOK_MS = 8;
/**
 * How long a Worker's request waits for another request's exchange that is alive but slow. It may be that one's client that is
 * gone, and its time that runs out.
 */
const PATIENCE_MS = 1000;
/** The leeway of a token whose lifetime nobody knows, since it comes from a store: the longest there is. */
const STORED_LEEWAY_MS = 60_000;

/** @param {any} token */
export const copy = ({ accessToken, tokenType, expiresAt, scopes }) => ({
  accessToken,
  tokenType,
  expiresAt,
  scopes: [...scopes],
});

/**
 * A store that fails, or is slow, is no reason to be without a token. It gets a quarter of an attempt's time: who asks for a
 * token does so within an attempt of its own, and the exchange must fit in there, too.
 *
 * @param {Call} call
 * @param {() => any} ask
 * @returns {Promise<any>}
 */
async function briefly(call, ask) {
  const time = call.pause((call.options.timeoutMs ?? ATTEMPT_MS) / 4);
  const found = await Promise.race([time, (async () => ask())().catch(() => {})]);
  call.cease();
  return found;
}

/**
 * The sign that an exchange lives: renewed while it does, so that it ends by itself where its request goes away.
 *
 * @param {any} state
 */
function lease(state) {
  /** @type {{ until: number, end?: unknown }} */
  const exchange = { until: 0 };
  /** @type {any} */
  let timer;
  const beat = () => {
    exchange.until = Date.now() + LEASE_MS;
    timer = setTimeout(beat, BEAT_MS);
  };
  state.exchange = exchange;
  beat();
  /** @param {unknown} error what the others shall fail with, too */
  return (error = null) => {
    clearTimeout(timer);
    exchange.until = 0;
    exchange.end ??= error;
  };
}

/**
 * A store's token, if it is one, fresh, and not the one that was refused.
 *
 * @param {any} core
 * @param {any} state
 * @param {any} stored
 */
function usable(core, state, stored) {
  const { accessToken, tokenType, expiresAt, scopes } = stored;
  const leeway = STORED_LEEWAY_MS;
  const fits =
    typeof accessToken === "string" &&
    typeof tokenType === "string" &&
    typeof expiresAt === "number" &&
    Array.isArray(scopes) &&
    accessToken !== state.refused &&
    isToken(core, accessToken) &&
    isFresh(core, { expiresAt, leeway });
  return fits && { accessToken, tokenType, expiresAt, leeway, scopes: [...scopes] };
}

/**
 * `provider.get`: from the state, another's exchange, the store, or an exchange of its own.
 *
 * @param {import("./instance.js").Instance} instance
 * @param {any} options settled, the call's own over the provider's
 * @param {any} state
 * @param {boolean} limited whether the call brings limits of its own
 * @param {any} open
 */
export function get(instance, options, state, limited, open) {
  const call = new Call(instance, "exchangeToken", { ...options, state }, open);
  lead(call, state, limited).catch(() => instance.trap());
  return call.promise;
}

/**
 * @param {Call} call
 * @param {any} state
 * @param {boolean} limited
 */
async function lead(call, state, limited) {
  if (call.ended) return;
  const { core, options } = call;
  const key = call.value;
  const worker = inWorker();
  // While upstream wants to be left alone, nobody loses patience.
  const over = (/** @type {number} */ since, /** @type {number} */ ms) =>
    Date.now() >= Math.max(since, state.rest) + ms;
  if (look(options.signal, "aborted")) call.aborted?.();
  /** Whether nothing is to be asked for: the call has a token, or is over. */
  const served = () => {
    const { token } = state;
    if (token && isFresh(core, token)) Call.prototype.succeed.call(call, copy(token));
    return call.ended;
  };
  /** @type {any} */
  let exchange;
  let since = 0;
  for (;;) {
    if (served()) return;
    if (exchange !== state.exchange) {
      ({ exchange } = state);
      since = Date.now();
    }
    // Only in a Worker does one go away without an end; elsewhere a lease that has run out tells of a thread that was busy.
    const lives = exchange?.until > Date.now() - (worker ? 0 : ATTEMPT_MS);
    // An exchange has an end of its own. Whoever brought limits does not wait for it beyond them, as little as in a Worker, where
    // the others look at each for so long: of many who lost patience with it only the first starts another.
    if (
      !lives ||
      (worker && over(since, PATIENCE_MS)) ||
      (limited && over(call.began, options.timeoutMs ?? ATTEMPT_MS))
    )
      break;
    // Somebody else is at it, and alive: look again until that has an end.
    await call.pause(LOOK_MS);
    if (exchange.end && !limited) {
      call.fail(exchange.end, true);
      return;
    }
  }

  const release = lease(state);
  // What came of this caller's own limits is no answer for the others.
  call.promise.then(
    () => release(),
    (error) => release(limited || look(error, "code") === "aborted" ? null : error),
  );
  const rest = state.rest - Date.now();
  if (rest > 0) await call.pause(rest);
  const { store } = options;
  if (store && !call.ended) {
    // What is wrong with the token that it holds is the store's failure, too.
    const good = await briefly(call, async () => usable(core, state, await store.get(key)));
    if (good) state.token = good;
  }
  // Who lost patience with this one may have brought a token, while it waited to ask again.
  call.attempt = () => {
    if (!served()) Call.prototype.attempt.call(call);
  };
  call.succeed = async (/** @type {any} */ fresh) => {
    call.cease();
    state.token = fresh;
    release();
    if (store) await briefly(call, () => store.set(key, copy(fresh)));
    if (!call.ended) Call.prototype.succeed.call(call, copy(fresh));
  };
  call.start();
}

/**
 * `provider.invalidate`: drops that token, and no newer one.
 *
 * @param {import("./instance.js").Instance} instance
 * @param {any} options
 * @param {any} state
 * @param {any} accessToken
 * @param {any} open
 */
export async function invalidate(instance, options, state, accessToken, open) {
  const { store } = options;
  state.refused = accessToken;
  if (state.token?.accessToken === accessToken) state.token = undefined;
  if (!store) return;
  const call = new Call(instance, "exchangeToken", options, open);
  const key = call.value;
  const drop = async () => {
    const stored = await briefly(call, () => store.get(key));
    // A newer one that has come meanwhile is there by now, or about to be.
    if (look(stored, "accessToken") === accessToken && !state.token) await briefly(call, () => store.delete(key));
    call.succeed(undefined);
  };
  if (!call.ended) drop();
  await call.promise;
}
