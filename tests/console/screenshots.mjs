#!/usr/bin/env node
// @ts-check
// Takes a picture of every screen in every state, in light and dark, wide and narrow, for somebody to look at.
//
//   node tests/console/screenshots.mjs --out DIR [--only NAME]…
//
// The site must be built: `cargo xtask build`, then `npm run build -w www`.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { IDS, SCREENS } from "./screens.mjs";
import { openStage } from "./stage.mjs";

const { values } = parseArgs({ options: { out: { type: "string" }, only: { type: "string", multiple: true } } });
if (values.out === undefined) throw new Error("--out DIR says where the pictures go.");
const { out, only = [] } = values;
const screens = SCREENS.filter(({ name }) => only.length === 0 || only.includes(name));
if (screens.length === 0)
  throw new Error(`There is none of these; there are ${SCREENS.map((one) => one.name).join(", ")}`);

const SIZES = [
  { name: "wide", viewport: { width: 1280, height: 900 } },
  { name: "narrow", viewport: { width: 320, height: 640 } },
];

await mkdir(out, { recursive: true });
const stage = await openStage({ ids: IDS });
try {
  for (const { name, path, person, before, ready } of screens) {
    const { context, page, open } = await stage.enter(person);
    await before?.(page);
    await open(path);
    await ready(page);
    for (const size of SIZES) {
      await page.setViewportSize(size.viewport);
      for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
        await page.emulateMedia({ colorScheme });
        await page.waitForTimeout(250); // what fades in, and images that are drawn anew
        await page.screenshot({ path: join(out, `${name}-${size.name}-${colorScheme}.png`) });
      }
    }
    await context.close();
    console.log(name);
  }
} finally {
  await stage.close();
}
