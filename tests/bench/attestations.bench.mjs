#!/usr/bin/env -S node --expose-gc

// @ts-check
// A page of 100 attestations, parsed and checked; and the walk over all 11,020 of them, with 20 ms of latency upstream.

import { eachAttestation, searchAttestations } from "passdesk";
import { createSandbox } from "passdesk/sandbox";
import * as v from "valibot";
import { z } from "zod";
import { heap, wasmMemory } from "./memory.mjs";
import { inTurns, QUICK, quantile, ratios, report, spread } from "./rounds.mjs";
import { versionsOf } from "./versions.mjs";

const PAGES = QUICK ? 5 : 200;
const LATENCY_MS = 20;
const PER_PAGE = 100;
const TOTAL = 11_020;
const BASE = "https://api.global.id";

const sandbox = createSandbox();
/** @param {number} page */
const path = (page) => `${BASE}/v1/attestations/search?page=${page}&per_page=${PER_PAGE}`;
const body = await (await sandbox.fetch(path(1))).text();
const headers = { "content-type": "application/json" };
const answer = async () => new Response(body, { headers });

// What the package checks of a record, as each validator would be told.
const text = { zod: z.string(), valibot: v.string() };
const zodPage = z.looseObject({
  data: z.array(
    z.looseObject({
      uuid: text.zod,
      type: z.string().nullish(),
      attestee: z.string().nullish(),
      attestor: z.string().nullish(),
      created_at: z.string().nullish(),
      updated_at: z.string().nullish(),
      related_attestations: z.string().nullish(),
      revocation_time: z.string().nullish(),
      sig_version: z.number().nullish(),
    }),
  ),
  meta: z.looseObject({ page: z.number(), per_page: z.number(), total: z.number() }),
});
const maybe = v.nullish(v.string());
const valibotPage = v.looseObject({
  data: v.array(
    v.looseObject({
      uuid: text.valibot,
      type: maybe,
      attestee: maybe,
      attestor: maybe,
      created_at: maybe,
      updated_at: maybe,
      related_attestations: maybe,
      revocation_time: maybe,
      sig_version: v.nullish(v.number()),
    }),
  ),
  meta: v.looseObject({ page: v.number(), per_page: v.number(), total: v.number() }),
});

const parsers = {
  "response.json()": async () => (await answer()).json(),
  passdesk: () => searchAttestations({ page: 1, perPage: PER_PAGE, fetch: answer }),
  zod: async () => zodPage.parse(await (await answer()).json()),
  valibot: async () => v.parse(valibotPage, await (await answer()).json()),
};
for (const parse of Object.values(parsers)) {
  const { data } = await parse();
  if (data.length !== PER_PAGE) throw new Error("a parser lost records");
  for (let i = 0; i < PAGES; i += 1) await parse();
}
const parsed = await inTurns(
  /** @type {Record<keyof typeof parsers, () => Promise<number>>} */ (
    Object.fromEntries(
      Object.entries(parsers).map(([name, parse]) => [
        name,
        async () => {
          const began = performance.now();
          for (let i = 0; i < PAGES; i += 1) await parse();
          return ((performance.now() - began) * 1000) / PAGES;
        },
      ]),
    )
  ),
);
const json = ratios(parsed.passdesk, parsed["response.json()"]);
/** @type {import("./rounds.mjs").Row[]} */
const rows = [
  {
    what: `${PER_PAGE} attestations a page, parsed and checked`,
    against: "response.json()",
    figure: `${spread(json, 2)} ×; ${quantile(parsed.passdesk, 0.5).toFixed(0)} µs against ${quantile(parsed["response.json()"], 0.5).toFixed(0)}`,
    goal: "≤ 1.1 ×",
    reached: quantile(json, 0.5) <= 1.1,
  },
  .../** @type {const} */ (["zod", "valibot"]).map((name) => {
    const faster = ratios(parsed[name], parsed.passdesk);
    return {
      what: "",
      against: `response.json() and ${name}`,
      figure: `${spread(faster, 2)} × as fast; it takes ${quantile(parsed[name], 0.5).toFixed(0)} µs`,
      goal: "> 1 × as fast",
      reached: quantile(faster, 0.5) > 1,
    };
  }),
];

/** @type {Map<number, string>} */
const pages = new Map();
for (let page = 1; page <= Math.ceil(TOTAL / PER_PAGE); page += 1) {
  pages.set(page, await (await sandbox.fetch(path(page))).text());
}
/** @param {RequestInfo | URL} input */
const distant = async (input) => {
  const page = Number(new URL(String(input)).searchParams.get("page"));
  await new Promise((resolve) => setTimeout(resolve, LATENCY_MS));
  return new Response(pages.get(page), { headers });
};

let highest = 0;
const walks = {
  passdesk: async () => {
    let count = 0;
    for await (const { uuid } of eachAttestation({ perPage: PER_PAGE, concurrency: 6, fetch: distant })) {
      if (uuid !== undefined) count += 1;
      if (count % 2000 === 0) highest = Math.max(highest, heap());
    }
    return count;
  },
  "bare loop": async () => {
    let count = 0;
    for (let page = 1; ; page += 1) {
      const { data, meta } = await (await distant(path(page))).json();
      count += data.length;
      if (data.length === 0 || count >= meta.total) return count;
    }
  },
};
/** @param {() => Promise<number>} walk */
const timed = (walk) => async () => {
  const began = performance.now();
  const count = await walk();
  if (count !== TOTAL) throw new Error(`the walk saw ${count} of ${TOTAL}`);
  return performance.now() - began;
};
await timed(walks.passdesk)();
const [heapBefore, wasmBefore] = [heap(), wasmMemory()];
highest = 0;
const walked = await inTurns({ passdesk: timed(walks.passdesk), "bare loop": timed(walks["bare loop"]) });
const [heapAfter, wasmAfter] = [heap(), wasmMemory()];
const faster = ratios(walked["bare loop"], walked.passdesk);
const kib = (/** @type {number} */ bytes) => `${(bytes / 1024).toFixed(0)} KiB`;
rows.push(
  {
    what: `the walk over ${TOTAL.toLocaleString("en")} attestations, ${LATENCY_MS} ms upstream, concurrency 6`,
    against: "a sequential bare loop",
    figure: `${spread(faster, 2)} × as fast; ${quantile(walked.passdesk, 0.5).toFixed(0)} ms against ${quantile(walked["bare loop"], 0.5).toFixed(0)}`,
    goal: "≥ 4 × as fast",
    reached: quantile(faster, 0.5) >= 4,
  },
  {
    what: "  its memory, after so many walks",
    against: "before them",
    figure: `heap ${kib(heapAfter - heapBefore)} more, ${kib(highest - heapBefore)} more at the highest; wasm ${kib(wasmAfter - wasmBefore)} more`,
    goal: "flat",
    reached: heapAfter - heapBefore < 1024 * 1024 && wasmAfter === wasmBefore,
  },
);
report("attestations", "Attestations", rows, versionsOf("zod", "valibot"));
