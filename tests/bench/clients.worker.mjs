// @ts-check
// A Worker's clock stands still while it computes, so whoever asks does the timing.
import { repeat, SETS } from "./clients.mjs";

export default {
  /** @param {Request} request */
  async fetch(request) {
    const { searchParams } = new URL(request.url);
    // A new set for each request: what a request has made, a signal above all, is not to be used in another.
    const set = /** @type {Record<string, () => Promise<unknown>>} */ (
      SETS[/** @type {keyof typeof SETS} */ (searchParams.get("set"))]()
    );
    const call = set[searchParams.get("client") ?? ""];
    if (call === undefined) return new Response("no such client", { status: 404 });
    await repeat(call, Number(searchParams.get("count")));
    return new Response("done");
  },
};
