// @ts-check
// A Worker that serves records and documents through the package, against the same Worker in bare fetch, each in a workerd of its
// own: in one, each would clear away the other's garbage. The upstream is workerd as well.

import { fileURLToPath } from "node:url";
import { bundle, serveBundle } from "../support/workerd.mjs";
import { load } from "./load.mjs";
import { inTurns, QUICK, quantile, ROUNDS, ratios, report, spread } from "./rounds.mjs";
import { PDF_SIZE, REQUEST_ID } from "./upstream.mjs";

/** @param {string} name */
const local = (name) => fileURLToPath(new URL(name, import.meta.url));

const [upstreamBundle, edgeBundle] = [
  await bundle(local("upstream.worker.mjs")),
  await bundle(local("edge.worker.mjs")),
];
/** @type {Awaited<ReturnType<typeof serveBundle>>[]} */
const serving = [];
/** @param {string} folder @param {Record<string, string>} vars */
async function serve(folder, vars) {
  const server = await serveBundle(folder, vars);
  serving.push(server);
  return server;
}
try {
  /** @type {import("./rounds.mjs").Row[]} */
  const rows = [];
  const kinds = /** @type {const} */ ([
    {
      route: "record",
      names: ["bare", "by_hand", "passdesk"],
      what: "a Worker that serves retrievePii",
      ms: QUICK ? 200 : 1500,
      atOnce: 16,
      goal: 0.97,
    },
    {
      route: "document",
      names: ["bare", "passdesk"],
      what: "streamEvidence of 10 MB through a Worker",
      ms: QUICK ? 200 : 1500,
      atOnce: 2,
      goal: 0.98,
    },
  ]);
  for (const { route, names, what, ms, atOnce, goal } of kinds) {
    // One that has answered half a million records rarely looks for garbage: of documents it kept 22 GB, and was a fifth as fast.
    const upstream = await serve(upstreamBundle.folder, {});
    /** @type {Record<string, () => Promise<number>>} */
    const contenders = {};
    for (const name of names) {
      const edge = await serve(edgeBundle.folder, { CIVIC: upstream.url });
      const url = `${edge.url}/${name}/${route}`;
      const size = (await (await fetch(url)).arrayBuffer()).byteLength;
      contenders[name] = async () => {
        const { count, bytes, seconds } = await load({ url }, { ms, atOnce });
        if (bytes !== count * size) throw new Error(`${name}: ${bytes} bytes in ${count} answers\n${edge.output()}`);
        return route === "document" ? bytes / 1e6 / seconds : count / seconds;
      };
      if (route === "document" ? size !== PDF_SIZE : (await (await fetch(url)).json()).id !== REQUEST_ID)
        throw new Error(`${name} does not answer the ${route}`);
      await contenders[name]();
    }
    const rates = await inTurns(contenders, ROUNDS * 2);
    for (const { close } of serving.splice(0)) await close();
    const { passdesk = [], bare = [], by_hand: byHand } = rates;
    const own = ratios(passdesk, bare);
    const unit = route === "document" ? "MB/s" : "requests/s";
    rows.push({
      what,
      against: "the same in bare fetch",
      figure: `${spread(own, 3)}; ${quantile(passdesk, 0.5).toFixed(0)} ${unit} against ${quantile(bare, 0.5).toFixed(0)}`,
      goal: `≥ ${goal}`,
      reached: quantile(own, 0.5) >= goal,
    });
    if (byHand === undefined) continue;
    rows.push({
      what: "the same by hand, with the same promises",
      against: "the same in bare fetch",
      figure: `${spread(ratios(byHand, bare), 3)}; ${quantile(byHand, 0.5).toFixed(0)} ${unit}`,
    });
  }
  report("edge", "At the edge, in workerd", rows);
} finally {
  for (const { close } of serving) await close();
  for (const { remove } of [edgeBundle, upstreamBundle]) await remove();
}
