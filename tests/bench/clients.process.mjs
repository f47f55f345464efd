// @ts-check
// A contender in a process of Node's of its own: it calls as often as it is told to, and says when it is done.
import { repeat, SETS } from "./clients.mjs";

const [set, client = ""] = process.argv.slice(2);
const readers = /** @type {Record<string, () => Promise<unknown>>} */ (SETS[/** @type {keyof typeof SETS} */ (set)]());
const call = readers[client];
if (call === undefined) throw new Error("no such client");

process.on("message", async (/** @type {number} */ count) => {
  // A call that never settles ends the process, as long as nobody is waited for.
  process.channel?.unref();
  await repeat(call, count);
  process.channel?.ref();
  process.send?.("done");
});
