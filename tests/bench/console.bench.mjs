// @ts-check
// How soon a case can be read after the key press that opens it, in Chromium against the desk on this machine: its heading,
// findings and data; and its first image. How a queue of 10,000 cases scrolls. What must be there before any of it.

import { initialScripts } from "../console/initial.mjs";
import { copyCase } from "../console/seed.mjs";
import { ADA, openStage } from "../console/stage.mjs";
import { QUICK, quantile, ROUNDS, report, spread } from "./rounds.mjs";

const GOAL_MS = 200;
/** What does not count: the first case draws everything for the first time. */
const WARM_UP = 2;
const INITIAL_BYTES = 120_000;
const CASES = QUICK ? 500 : 10_000;
const STEPS = 300;

const ids = Array.from({ length: ROUNDS + WARM_UP }, (_, index) => `id-card~copy_${index + 1}`);
const stage = await openStage({ ids });
/** @type {number[]} */
let frames = [];
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
  await copyCase(stage, ids[0] ?? "", CASES);
  await visit.open("/queue");
  await page.getByRole("link", { name: "copy-00000", exact: true }).waitFor();
  // All of it is read first, as the reader scrolls on.
  while (!(await page.getByText(`${(CASES + ids.length).toLocaleString("en")} cases`, { exact: true }).isVisible())) {
    await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
    await page.waitForTimeout(20);
  }
  frames = await page.evaluate(scroll, STEPS);
  await visit.leave();
} finally {
  await stage.close();
}

const { gzip: initial } = initialScripts();
report("console", "The console, in Chromium on loopback", [
  {
    what: "a case is readable, from the key press, ms",
    against: "-",
    figure: spread(readable, 0),
    goal: `at most ${GOAL_MS}`,
    reached: quantile(readable, 0.5) <= GOAL_MS,
  },
  {
    what: `a step of the scroll through ${CASES.toLocaleString("en")} cases, from frame to frame, ms`,
    against: "-",
    figure: `${spread(frames, 1)}; 95 of 100 within ${quantile(frames, 0.95).toFixed(1)}`,
  },
  {
    what: "initial JavaScript, gzip -9, beside the module",
    against: "-",
    figure: initial.toLocaleString("en"),
    goal: `at most ${INITIAL_BYTES.toLocaleString("en")}`,
    reached: initial <= INITIAL_BYTES,
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

/**
 * In the page: scrolls a row or two with each frame, and tells how long each step took until its frame was drawn.
 *
 * @param {number} steps
 */
async function scroll(steps) {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  window.scrollTo(0, 0);
  for (let still = 0; still < 30; still += 1) await frame();
  const times = [];
  for (let step = 0; step < steps; step += 1) {
    const began = performance.now();
    window.scrollBy(0, 84);
    await frame();
    times.push(performance.now() - began);
  }
  return times;
}
