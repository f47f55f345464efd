// @ts-check
// How soon a case can be read after the key press that opens it, in Chromium against the desk on this machine: its heading,
// findings and data; and its first image.

import { ADA, openStage } from "../console/stage.mjs";
import { quantile, ROUNDS, report, spread } from "./rounds.mjs";

const GOAL_MS = 200;
/** What does not count: the first case draws everything for the first time. */
const WARM_UP = 2;

const ids = Array.from({ length: ROUNDS + WARM_UP }, (_, index) => `id-card~copy_${index + 1}`);
const stage = await openStage({ ids });
/** @type {number[]} */
const readable = [];
/** @type {number[]} */
const drawn = [];
try {
  const visit = await stage.enter(ADA);
  const { page } = visit;
  for (const [index, id] of ids.entries()) {
    if (index === 0) await visit.open("/queue");
    else await page.keyboard.press("g").then(() => page.keyboard.press("q"));
    const link = page.getByRole("link", { name: id, exact: true });
    await link.focus();
    await page.waitForTimeout(1500); // the module and the other screens are fetched meanwhile, as while somebody reads the queue
    await page.evaluate(watch, id);
    await page.keyboard.press("Enter");
    const times = await page.evaluate(() => Reflect.get(window, "watched"));
    if (index >= WARM_UP) {
      readable.push(times.readable);
      drawn.push(times.drawn);
    }
  }
  await visit.leave();
} finally {
  await stage.close();
}

report("console", "The console, in Chromium on loopback", [
  {
    what: "a case is readable, from the key press, ms",
    against: "-",
    figure: spread(readable, 0),
    goal: `at most ${GOAL_MS}`,
    reached: quantile(readable, 0.5) <= GOAL_MS,
  },
  { what: "its first image is drawn, from the key press, ms", against: "-", figure: spread(drawn, 0) },
]);

/**
 * In the page: takes the time of the next key press, and those of what comes of it, each after the frame that shows it.
 *
 * @param {string} id
 */
function watch(id) {
  const watched = new Promise((resolve) => {
    let began = 0;
    let seen = 0;
    document.addEventListener(
      "keydown",
      (event) => {
        began = event.timeStamp;
        look();
      },
      { capture: true, once: true },
    );
    const look = () => {
      const here = document.querySelector("h1")?.textContent === id;
      const facts = document.querySelectorAll(".findings li, .facts .notice").length > 0;
      const data = document.querySelectorAll(".information dd").length > 0;
      if (seen === 0 && here && facts && data) seen = performance.now() - began;
      const image = document.querySelector(".stage img");
      if (seen > 0 && image instanceof HTMLImageElement && image.complete && image.naturalWidth > 0) {
        resolve({ readable: seen, drawn: performance.now() - began });
        return;
      }
      requestAnimationFrame(look);
    };
  });
  Reflect.set(window, "watched", watched);
}
