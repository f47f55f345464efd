// @ts-check
// Every screen in every state: axe finds nothing, and nothing must be scrolled sideways; in light, in dark and in the system's own
// colours, on a wide screen, at 320 CSS pixels, and enlarged to 200 %.

import { after, before, test } from "node:test";
import { IDS, lookAt, SCREENS } from "./screens.mjs";
import { assertAccessible, assertFits, openStage } from "./stage.mjs";

/** @type {import("./stage.mjs").Stage} */
let stage;
before(async () => {
  stage = await openStage({ ids: IDS });
});
after(() => stage?.close());

for (const screen of SCREENS) {
  test(`${screen.name} is for everybody`, () =>
    lookAt(stage, screen, async (page, name) => {
      await assertAccessible(page, name);
      await assertFits(page, name);
    }));
}
