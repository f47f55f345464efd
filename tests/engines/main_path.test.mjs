// @ts-check
// The main path of a reviewer in the engines that are not Chromium's: by key, and found by role and name as each engine
// computes them. What else the console can do is tested in tests/console, in Chromium.

import { after, before, describe, test } from "node:test";
import { startDemo } from "../demo/support.mjs";
import { ENGINES, enter, Key } from "./engine.mjs";

const IDS = ["abc123", "id-card", "driving-licence"];

for (const engine of /** @type {(keyof typeof ENGINES)[]} */ (Object.keys(ENGINES))) {
  describe(`in ${engine}`, () => {
    /** @type {Awaited<ReturnType<typeof startDemo>>} */
    let demo;
    /** @type {import("./engine.mjs").Somebody} */
    let somebody;
    before(async () => {
      demo = await startDemo(IDS);
      somebody = await enter(engine, demo.deskUrl);
    });
    after(async () => {
      await somebody?.leave();
      await demo?.stop();
    });

    test("attestations are searched by the module, and a walk can be stopped by key", async () => {
      await somebody.open("/attestations");
      await somebody.says(/11,020 matches, page 1 of/);
      await somebody.write("combobox", "Field", "type");
      await somebody.write("textbox", "Value", "phone_number");
      await somebody.press(Key.ENTER);
      await somebody.says(/^(?!11,020)[\d,]+ matches, page 1 of/m);
      await (await somebody.find("button", /^Walk all /)).click();
      await somebody.find("progressbar", "Matches read");
      await somebody.says(/Done: [\d,]+ read\./);
    });

    test("the audit is read and proved by key", async () => {
      await somebody.open("/settings");
      await somebody.find("heading", "Settings");
      await somebody.press("g", "a");
      await somebody.find("heading", "Audit");
      await somebody.says("Case opened");
      await somebody.press("v");
      await somebody.says("The chain is whole");
    });
  });
}
