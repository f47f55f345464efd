// @ts-check
// Node 20 takes a signal with more than ten listeners for a leak, and says so. A program has one signal for many calls, each of
// which listens while it lasts; Node's own fetch keeps it from saying so in the same way.
// https://nodejs.org/docs/latest-v20.x/api/events.html#eventssetmaxlistenersn-eventtargets

import { OPTIONS } from "./options.js";

const events = /** @type {any} */ (globalThis).process?.getBuiltinModule?.("node:events");

if (events) {
  const { signal: check } = OPTIONS.getToken;
  /** @type {typeof check} */
  const signal = (value, refuse) => {
    check(value, refuse);
    try {
      // A number that the caller has chosen is the caller's.
      if (events.getMaxListeners(value) === events.defaultMaxListeners) events.setMaxListeners(Infinity, value);
    } catch {
      // Another's signal, which Node does not count.
    }
    return value;
  };
  for (const options of Object.values(OPTIONS)) if ("signal" in options) options.signal = signal;
}
