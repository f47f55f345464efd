"use client";
// @ts-check
// The hand-off from a dApp to the review desk. `useGateway()` may show the id of a request for two seconds only, so it is
// kept and sent as soon as it is seen. No chain package is imported: the hook is given what `useGateway()` gave. Nor is the
// WebAssembly module, which would cost every page of a dApp thirty kilobytes (gzip) for one grammar and one table of statuses;
// tests/react compares what stands here in its place with what the module does.

import { useEffect, useState, useSyncExternalStore } from "react";
import { failure } from "./react/answer.js";
import { handoffTo, IDLE } from "./react/handoff.js";
import { MALFORMED, requestIdOf } from "./react/request-id.js";

const OPTIONS = ["endpoint", "fetch", "timeoutMs"];
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** @typedef {import("./react/handoff.js").State} State */

/** @type {Map<string, State>} One object for each, since React compares snapshots by identity. */
const refusals = new Map();
const nothing = () => () => {};
const idle = () => IDLE;
const noRetry = () => {};

/** @type {typeof import("./react.d.ts").useReviewHandoff} */
export function useReviewHandoff(pendingRequests, options) {
  const shown = requestIdOf(pendingRequests);
  // The last one that was there: a request that has vanished from the gateway is still under way.
  const [seen, setSeen] = useState(shown);
  if (shown !== undefined && shown !== seen) setSeen(shown);
  const id = shown ?? seen;

  const { settings, refused } = settingsOf(options);
  const handoff = settings && handoffTo(settings.endpoint);

  useEffect(() => {
    if (handoff && settings) handoff.configure(settings);
  });
  // By `id`, not by what is shown now: an endpoint that becomes known late gets the request all the same.
  useEffect(() => {
    handoff?.resume();
    if (id !== undefined && id !== MALFORMED) handoff?.take(id);
  }, [handoff, id]);

  const { status, error } = useSyncExternalStore(
    handoff?.subscribe ?? nothing,
    () => {
      if (refused !== undefined) return refusalOf(refused);
      if (id === MALFORMED) return refusalOf("`pendingRequests.presentationRequestId` is no request id");
      return handoff?.stateOf(id) ?? IDLE;
    },
    idle,
  );
  return { status, error, retry: handoff?.retry ?? noRetry };
}

/** @param {string} message @returns {State} */
function refusalOf(message) {
  let state = refusals.get(message);
  if (state === undefined) {
    state = Object.freeze({ status: "failed", error: failure("invalid_argument", message, 0, false) });
    refusals.set(message, state);
  }
  return state;
}

/**
 * The options, each read once; or why they cannot be used. On a server neither: there is nothing to send from.
 *
 * @param {unknown} options
 * @returns {{ settings?: import("./react/handoff.js").Settings, refused?: string }}
 */
function settingsOf(options) {
  if (typeof window === "undefined") return {};
  try {
    const given = /** @type {Record<string, unknown>} */ (options);
    if (typeof given !== "object" || given === null) return { refused: "the options must be an object" };
    const stranger = Object.keys(given).find((name) => !OPTIONS.includes(name));
    if (stranger !== undefined) return { refused: `there is no option \`${stranger}\`` };
    const { endpoint, fetch, timeoutMs = 30_000 } = given;
    const address = addressOf(endpoint);
    if (address === undefined) return { refused: "`endpoint` must be the https address of the desk's intake" };
    if (fetch !== undefined && typeof fetch !== "function") return { refused: "`fetch` must be a function" };
    if (typeof timeoutMs !== "number" || !(timeoutMs > 0 && timeoutMs <= LONGEST_TIMEOUT_MS)) {
      return { refused: `\`timeoutMs\` must be a number above 0 and at most ${LONGEST_TIMEOUT_MS}` };
    }
    const transport = /** @type {typeof globalThis.fetch | undefined} */ (fetch);
    return { settings: { endpoint: address, fetch: transport, timeoutMs } };
  } catch {
    return { refused: "the options cannot be read" };
  }
}

/**
 * The endpoint in full. It names the shelf on which ids are kept as well, so it is always spelt the same.
 *
 * @param {unknown} endpoint
 * @returns {string | undefined}
 */
function addressOf(endpoint) {
  if (!(endpoint instanceof URL) && (typeof endpoint !== "string" || endpoint === "")) return undefined;
  let url;
  try {
    url = new URL(endpoint, location.href);
  } catch {
    return undefined;
  }
  const near = url.origin === location.origin || /^(?:(?:.+\.)?localhost|127\.[\d.]+|\[::1\])$/.test(url.hostname);
  if (url.username !== "" || url.password !== "") return undefined;
  if (url.protocol !== "https:" && !(url.protocol === "http:" && near)) return undefined;
  url.hash = "";
  return url.href;
}
