// @ts-check
// fetchEvidence of 10 MB into a Blob in Chromium, against response.blob(); the bytes never enter wasm memory.

import { launchChromium } from "../support/chromium.mjs";
import { servePages } from "./pages.mjs";
import { inTurns, QUICK, quantile, ratios, report, spread } from "./rounds.mjs";
import { PDF_SIZE } from "./upstream.mjs";

const DOCUMENTS = 5;
/** What is looked for is a twentieth of what a busy moment costs. */
const ROUNDS = QUICK ? 2 : 45;

const pages = await servePages();
const browser = await launchChromium();
try {
  const page = await browser.newPage();
  await page.goto(`${pages.url}/document.html`);
  await page.waitForFunction(() => "ready" in globalThis);
  const devtools = await page.context().newCDPSession(page);
  /** @param {"passdesk" | "bare"} name */
  const time = (name) => async () => {
    // Blobs that nobody holds any more fill the browser's store, and whoever comes then waits for room.
    await devtools.send("HeapProfiler.collectGarbage");
    return page.evaluate(
      ([which, count]) => Reflect.get(globalThis, "time")(which, count),
      /** @type {const} */ ([name, DOCUMENTS]),
    );
  };
  const memory = () => page.evaluate(() => Number(Reflect.get(globalThis, "wasmMemory")()));
  const readers = { passdesk: time("passdesk"), bare: time("bare") };
  for (const warm of Object.values(readers)) await warm();
  const before = await memory();
  if (before === 0) throw new Error("the module's memory was not seen");
  const times = await inTurns(readers, ROUNDS);
  const grown = (await memory()) - before;
  const rates = ratios(times.bare, times.passdesk);
  /** @param {readonly number[]} ms */
  const rate = (ms) => ((DOCUMENTS * PDF_SIZE) / 1e3 / quantile(ms, 0.5)).toFixed(0);
  report(
    "evidence",
    "Evidence of 10 MB in Chromium",
    [
      {
        what: "fetchEvidence into a Blob",
        against: "response.blob()",
        figure: `${spread(rates, 3)} of its rate; ${rate(times.passdesk)} MB/s against ${rate(times.bare)}`,
        goal: "≥ 0.98",
        reached: quantile(rates, 0.5) >= 0.98,
      },
      {
        what: "  wasm memory, after so many",
        against: "before them",
        figure: `${grown} B more`,
        goal: "nothing",
        reached: grown === 0,
      },
    ],
    { chromium: browser.version() },
  );
} finally {
  await browser.close();
  await pages.close();
}
