// @ts-check
// A Worker that serves records and documents through the package, against the same Worker in bare fetch; the upstream is
// workerd as well.

import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { bundle, serveBundle } from "../support/workerd.mjs";
import { load } from "./load.mjs";
import { inTurns, QUICK, quantile, ratios, report, spread } from "./rounds.mjs";
import { PDF_SIZE, REQUEST_ID } from "./upstream.mjs";

/** @param {string} name */
const local = (name) => fileURLToPath(new URL(name, import.meta.url));

const [upstreamBundle, edgeBundle] = [
  await bundle(local("upstream.worker.mjs")),
  await bundle(local("edge.worker.mjs")),
];
const upstream = await serveBundle(upstreamBundle.folder, {});
const edge = await serveBundle(edgeBundle.folder, { CIVIC: upstream.url });
try {
  const record = await (await fetch(`${edge.url}/passdesk/record`)).json();
  if (record.id !== REQUEST_ID) throw new Error(`the Worker does not answer the record\n${edge.output()}`);
  /** @type {import("./rounds.mjs").Row[]} */
  const rows = [];
  const kinds = /** @type {const} */ ([
    { route: "record", what: "a Worker that serves retrievePii", ms: QUICK ? 200 : 1500, atOnce: 16, goal: 0.97 },
    {
      route: "document",
      what: "streamEvidence of 10 MB through a Worker",
      ms: QUICK ? 200 : 1500,
      atOnce: 2,
      goal: 0.98,
    },
  ]);
  for (const { route, what, ms, atOnce, goal } of kinds) {
    /** @param {"bare" | "by_hand" | "passdesk"} name */
    const rate = (name) => async () => {
      const { count, bytes, seconds } = await load({ url: `${edge.url}/${name}/${route}` }, { ms, atOnce });
      if (route === "document" && bytes !== count * PDF_SIZE)
        throw new Error(`${name}: ${bytes} bytes in ${count} answers`);
      return route === "document" ? bytes / 1e6 / seconds : count / seconds;
    };
    /** @type {Record<string, () => Promise<number>>} */
    const contenders = { bare: rate("bare"), passdesk: rate("passdesk") };
    if (route === "record") contenders.by_hand = rate("by_hand");
    for (const warm of Object.values(contenders)) await warm();
    const rates = /** @type {Record<"bare" | "by_hand" | "passdesk", number[]>} */ (await inTurns(contenders));
    const own = ratios(rates.passdesk, rates.bare);
    const unit = route === "document" ? "MB/s" : "requests/s";
    rows.push({
      what,
      against: "the same in bare fetch",
      figure: `${spread(own, 3)}; ${quantile(rates.passdesk, 0.5).toFixed(0)} ${unit} against ${quantile(rates.bare, 0.5).toFixed(0)}`,
      goal: `≥ ${goal}`,
      reached: quantile(own, 0.5) >= goal,
    });
    if (rates.by_hand === undefined) continue;
    rows.push({
      what: "the same by hand, with the same promises",
      against: "the same in bare fetch",
      figure: `${spread(ratios(rates.by_hand, rates.bare), 3)}; ${quantile(rates.by_hand, 0.5).toFixed(0)} ${unit}`,
    });
  }
  report("edge", "At the edge, in workerd", rows);
} finally {
  await edge.close();
  await upstream.close();
  for (const { folder } of [edgeBundle, upstreamBundle]) await rm(folder, { recursive: true, force: true });
}
