// @ts-check
// Deno and Bun send a PUT again by themselves where its connection was reset before an answer came, whatever has become of the
// first and whoever was quicker, and Deno a POST as well. A verdict is not to be sent again without a look, and an exchange, which
// is billed, not where the caller wants no repeats. Deno repeats no body that is a stream, as a Blob's is, and Bun nothing that has
// a connection of its own.
// https://github.com/denoland/deno/pull/32566, https://github.com/oven-sh/bun/pull/28708

import { Call } from "./call.js";

const { Deno, Bun } = /** @type {any} */ (globalThis);

/** @param {RequestInit} init */
function once(init) {
  if (init.body === undefined) return init;
  return Deno ? { ...init, body: new Blob([/** @type {string} */ (init.body)]) } : { ...init, keepalive: false };
}

if (Deno || Bun) {
  const { begin } = Call.prototype;
  // In here, and not where it is called: a Worker and a page would have it with them for nothing.
  Call.prototype.begin = function (open) {
    begin.call(this, open);
    const { fetch } = this;
    /** @param {any} url @param {any} init */
    const send = (url, init) => fetch(url, once(init));
    if (/^(submitDecision|exchangeToken)$/.test(this.operation)) this.fetch = send;
  };
}
