#!/usr/bin/env -S node --expose-gc

// @ts-check
// Many calls under way at once, none answered before the last has begun: each must stay as dear as one of few.

import { retrievePii } from "passdesk";
import { bareWithTimer } from "./by_hand.mjs";
import { heap } from "./memory.mjs";
import { inTurns, QUICK, quantile, ratios, report, spread } from "./rounds.mjs";
import { RECORD, REQUEST_ID } from "./upstream.mjs";

const CROWDS = QUICK ? [20, 200] : [100, 1000, 10_000, 30_000];

/** @type {Record<"bare" | "passdesk", (fetch: any) => Promise<unknown>>} */
const callers = {
  bare: (fetch) => bareWithTimer(fetch, "", {}),
  passdesk: (fetch) => retrievePii({ requestId: REQUEST_ID, token: "token", fetch }),
};

/** Microseconds a call. @param {"bare" | "passdesk"} name @param {number} count */
const crowd = (name, count) => async () => {
  heap();
  let answer = () => {};
  const answered = new Promise((resolve) => {
    answer = () => resolve(undefined);
  });
  const fetch = async () => {
    await answered;
    return new Response(RECORD, { status: 200 });
  };
  const began = performance.now();
  const all = Array.from({ length: count }, () => callers[name](fetch));
  answer();
  await Promise.all(all);
  return ((performance.now() - began) * 1000) / count;
};

const rows = [];
for (const count of CROWDS) {
  const contenders = { bare: crowd("bare", count), passdesk: crowd("passdesk", count) };
  for (const warm of Object.values(contenders)) await warm();
  const { bare, passdesk } = await inTurns(contenders);
  rows.push({
    what: `retrievePii, ${count.toLocaleString("en")} at once, each`,
    against: "bare fetch().json(), timer armed",
    figure: `${spread(ratios(passdesk, bare), 2)} ×; ${quantile(passdesk, 0.5).toFixed(1)} µs against ${quantile(bare, 0.5).toFixed(1)}`,
  });
}
report("at_once", "Calls at once, in Node", rows);
