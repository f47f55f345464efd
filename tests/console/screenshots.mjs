#!/usr/bin/env node
// @ts-check
// Takes a picture of every screen in every state, in each way of screens.mjs, for somebody to look at.
//
//   node tests/console/screenshots.mjs --out DIR [--only NAME]…
//
// The site must be built: `cargo xtask build`, then `npm run build -w www`.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { IDS, lookAt, SCREENS } from "./screens.mjs";
import { openStage } from "./stage.mjs";

const { values } = parseArgs({ options: { out: { type: "string" }, only: { type: "string", multiple: true } } });
if (values.out === undefined) throw new Error("--out DIR says where the pictures go.");
const { out, only = [] } = values;
const screens = SCREENS.filter(({ name }) => only.length === 0 || only.includes(name));
if (screens.length === 0)
  throw new Error(`There is none of these; there are ${SCREENS.map((one) => one.name).join(", ")}`);

await mkdir(out, { recursive: true });
const stage = await openStage({ ids: IDS });
try {
  for (const screen of screens) {
    await lookAt(stage, screen, async (page, name) => {
      await page.waitForTimeout(250); // what fades in, and images that are drawn anew
      await page.screenshot({ path: join(out, `${name}.png`) });
    });
    console.log(screen.name);
  }
} finally {
  await stage.close();
}
