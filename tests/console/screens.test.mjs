// @ts-check
// Every screen in every state: axe finds nothing, and nothing must be scrolled sideways; in light and in dark, on a wide
// screen, at 320 CSS pixels (WCAG 2.2, 1.4.10), and enlarged to 200 % (1.4.4).

import { after, before, test } from "node:test";
import { IDS, SCREENS } from "./screens.mjs";
import { assertAccessible, assertFits, openStage } from "./stage.mjs";

/** A browser enlarges by making CSS pixels larger, so that fewer fit in its window. */
const SIZES = [
  { name: "wide", viewport: { width: 1280, height: 900 } },
  { name: "at 200 %", viewport: { width: 640, height: 450 }, deviceScaleFactor: 2 },
  { name: "narrow", viewport: { width: 320, height: 640 } },
];

/** @type {import("./stage.mjs").Stage} */
let stage;
before(async () => {
  stage = await openStage({ ids: IDS });
});
after(() => stage?.close());

for (const { name, path, person, before: prepare, ready } of SCREENS) {
  test(`${name} is for everybody`, async () => {
    const { page, open, leave } = await stage.enter(person);
    await prepare?.(page);
    await open(path);
    await ready(page);
    for (const size of SIZES) {
      await page.setViewportSize(size.viewport);
      for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
        await page.emulateMedia({ colorScheme });
        await assertAccessible(page, `${name}, ${size.name}, ${colorScheme}`);
      }
      await assertFits(page, `${name}, ${size.name}`);
    }
    await leave();
  });
}
