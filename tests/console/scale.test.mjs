// @ts-check
// A queue of 10,000 cases: what is in the document stays small, the end is reached by key, and the place is kept while
// somebody is in a case. How smoothly it scrolls is printed, and nothing passes or fails by it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { copyCase } from "./seed.mjs";
import { ADA, assertAccessible, assertFocused, openStage } from "./stage.mjs";

const TOTAL = 10_000;

/** @type {import("./stage.mjs").Stage} */
let stage;
/** @type {string[]} */
let ids;
before(async () => {
  stage = await openStage({ ids: ["passport"] });
  ids = await copyCase(stage, "passport", TOTAL - 1);
});
after(() => stage?.close());

test("ten thousand cases are scrolled to their end, left and come back to", { timeout: 300_000 }, async (t) => {
  const { page, open, leave } = await stage.enter(ADA);
  await open("/queue");
  const row = (/** @type {string} */ id) => page.getByRole("link", { name: id, exact: true });
  await row("copy-00000").waitFor();
  const rows = page.getByRole("rowheader");
  const most = async () => Math.max(await rows.count(), await page.getByRole("row").count());
  assert.ok((await most()) < 60, "only what is near the screen is in the document");

  const began = performance.now();
  while (!(await page.getByText("10,000 cases", { exact: true }).isVisible())) {
    await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
    await page.waitForTimeout(20);
  }
  t.diagnostic(`all ${TOTAL} were read in ${((performance.now() - began) / 1000).toFixed(1)} s of scrolling`);
  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
  await row("passport").waitFor();
  assert.ok((await most()) < 60);
  assert.equal(await page.getByRole("table", { name: "Cases" }).getAttribute("aria-rowcount"), String(TOTAL + 1));

  // A reader's scroll through 300 rows: each step is drawn before the next.
  const frames = await page.evaluate(async () => {
    window.scrollTo(0, 100_000);
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    for (let warm = 0; warm < 10; warm += 1) await frame();
    const times = [];
    for (let step = 0; step < 200; step += 1) {
      const start = performance.now();
      window.scrollBy(0, 84);
      await frame();
      times.push(performance.now() - start);
    }
    return times.sort((a, b) => a - b);
  });
  const [half, nearly] = [frames[100] ?? 0, frames[190] ?? 0];
  t.diagnostic(`a step of the scroll takes ${half.toFixed(1)} ms, 95 of 100 at most ${nearly.toFixed(1)} ms`);

  // No row overlaps another, and none is missing between.
  const places = await page.evaluate(() =>
    [...document.querySelectorAll("[role=row][aria-rowindex]")]
      .map((one) => ({ index: Number(one.getAttribute("aria-rowindex")), box: one.getBoundingClientRect() }))
      .filter(({ index }) => index > 1)
      .sort((a, b) => a.index - b.index)
      .map(({ index, box }) => ({ index, top: box.top, bottom: box.bottom })),
  );
  for (const [at, { index, top }] of places.entries()) {
    const last = places[at - 1];
    if (last === undefined) continue;
    assert.equal(index, last.index + 1);
    assert.ok(Math.abs(top - last.bottom) < 1.5, `rows ${last.index} and ${index} do not meet`);
  }
  await assertAccessible(page);

  const middle = ids[5000] ?? "";
  await page.evaluate(() => window.scrollTo(0, 0));
  await row("copy-00000").focus();
  await page.keyboard.press("End");
  await page.waitForFunction(() => document.activeElement?.textContent === "passport");
  await page.keyboard.press("Home");
  await page.waitForFunction(() => document.activeElement?.textContent === "copy-00000");

  while (!(await row(middle).isVisible())) {
    await page.evaluate((share) => {
      const [first] = [...document.querySelectorAll("[data-case]")].map((one) => Number(one.textContent?.slice(-5)));
      window.scrollBy(0, (5000 - (first ?? 0)) * share);
    }, 50);
    await page.waitForTimeout(100);
  }
  await row(middle).focus();
  const scroll = await page.evaluate(() => window.scrollY);
  // The copies have no record with Civic; what the case's page makes of that is not this test's matter.
  await row(middle).press("Enter");
  await page.getByRole("heading", { level: 1, name: middle }).waitFor();
  await page.goBack();
  await row(middle).waitFor();
  await assertFocused(page, middle);
  assert.ok(Math.abs((await page.evaluate(() => window.scrollY)) - scroll) < 60, "the list is where it was");
  await page.keyboard.press("j");
  await page.waitForFunction((next) => document.activeElement?.textContent === next, ids[5001]);
  await leave();
});
