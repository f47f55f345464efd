// @ts-check
// The main path of a reviewer in the engines that are not Chromium's: by key, and found by role and name as each engine
// computes them. What else the console can do is tested in tests/console, in Chromium.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ask, callsOf, startDemo, until } from "../demo/support.mjs";
import { ENGINES, enter, Key } from "./engine.mjs";

const PATIENCE_MS = 30_000;
const IDS = ["abc123", "id-card", "driving-licence"];

for (const engine of /** @type {(keyof typeof ENGINES)[]} */ (Object.keys(ENGINES))) {
  describe(`in ${engine}`, () => {
    /** @type {Awaited<ReturnType<typeof startDemo>>} */
    let demo;
    /** @type {import("./engine.mjs").Somebody} */
    let somebody;
    /** The request that is open, by the page's own address. */
    const requestId = async () => decodeURIComponent((await somebody.path()).split("/")[2] ?? "");
    /** What Civic shows of a request. @param {string} id */
    const stateOf = async (id) => (await ask(`${demo.deskUrl}/partner/piirequest/${id}`)).json.status;
    before(async () => {
      demo = await startDemo(IDS, { DESK_UNDO_SECONDS: "10" });
      somebody = await enter(engine, demo.deskUrl);
    });
    after(async () => {
      await somebody?.leave();
      await demo?.stop();
    });

    test("a case by key alone: seen, failed, taken back, passed, and the next one comes by itself", async () => {
      await somebody.open("/queue");
      await somebody.find("link", "abc123");
      await somebody.press("n");
      await somebody.says(/Claimed by you until/);
      const first = await requestId();
      await somebody.find("heading", first);
      assert.ok((await somebody.drawnWidth("Front of the document")) > 300);

      await somebody.settled();
      await somebody.press("f");
      await somebody.find("button", "Fail it");
      await somebody.press("2", Key.ENTER);
      await somebody.says("Failed by you");
      await somebody.says("It can be undone until it is sent to Civic.");
      await somebody.find("button", /^Undo/);
      await somebody.press("u");
      await somebody.says("The verdict was taken back; nothing was sent.");
      assert.equal(await stateOf(first), "verification-success");

      await somebody.says(/Claimed by you until/);
      await somebody.settled();
      await somebody.press("p");
      await somebody.find("button", "Pass it");
      await somebody.press(Key.ENTER);
      await somebody.says("Passed by you");
      await until(async () => (await requestId()) !== first, PATIENCE_MS);
      const second = await requestId();
      await somebody.find("heading", second);
      await until(async () => (await somebody.focused()) === second, PATIENCE_MS);
      assert.ok((await somebody.drawnWidth("Front of the document")) > 300);
      await until(async () => (await stateOf(first)) === "partner-pass", PATIENCE_MS);
      const puts = (await callsOf(demo.sandboxUrl)).filter(({ method }) => method === "PUT");
      assert.equal(puts.length, 1);
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
