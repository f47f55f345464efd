// @ts-check
// The search of globaliD's attestations: filters, pages, and a walk through all that match.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { ask, callsOf, plantFaults, resetSandbox } from "../demo/support.mjs";
import { ADA, assertFits, openStage } from "./stage.mjs";

/** @type {import("./stage.mjs").Stage} */
let stage;
/** @type {import("./stage.mjs").Visit} */
let visit;
/** @type {import("playwright-core").Page} */
let page;

before(async () => {
  stage = await openStage();
});
after(() => stage?.close());
beforeEach(async () => {
  await resetSandbox(stage.sandboxUrl);
  visit = await stage.enter(ADA);
  page = visit.page;
});
afterEach(() => visit.leave());

test("a person searches attestations, pages through them, and the URL keeps the place", async () => {
  const expected = (await ask(`${stage.sandboxUrl}/v1/attestations/search?fieldName=type&fieldValue=phone_number`))
    .json;
  const total = expected.meta.total.toLocaleString("en");
  await visit.open("/");
  await page.getByRole("link", { name: "Attestations" }).click();
  await page.getByText("11,020 matches, page 1 of 551").waitFor();

  await page.getByLabel("Field").selectOption({ label: "Type" });
  await page.getByLabel("Value").fill("phone_number");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByText(`${total} matches, page 1 of`).waitFor();
  const rows = page.getByRole("region", { name: "Attestations found" }).getByRole("row");
  assert.equal(await rows.count(), 21);
  for (const type of await page.locator("tbody tr td:first-child").allInnerTexts()) assert.equal(type, "Phone number");

  await page.getByRole("link", { name: "Next" }).click();
  await page.getByText(`${total} matches, page 2 of`).waitFor();
  assert.equal(new URL(page.url()).search, "?field=type&value=phone_number&page=2");
  await page.reload();
  await page.getByText(`${total} matches, page 2 of`).waitFor();
  assert.equal(await page.getByLabel("Value").inputValue(), "phone_number");
  await page.goBack();
  await page.getByText(`${total} matches, page 1 of`).waitFor();

  await page.getByLabel("Field").selectOption({ label: "Created" });
  await page.getByLabel("Operator").selectOption({ label: "is at or after" });
  await page.getByLabel("Value").fill("2100-01-01T00:00:00");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByText("Nothing matches").waitFor();
});

test("a walk reads every match once, shows how far it is, and can be stopped", async () => {
  await visit.open("/attestations");
  await page.getByRole("button", { name: "Walk all 11,020" }).click();
  await page.getByText("Done: 11,020 read.").waitFor({ timeout: 60_000 });
  assert.equal(await page.getByRole("progressbar", { name: "Matches read" }).getAttribute("value"), "11020");
  const counts = await page
    .getByRole("table", { name: "Matches by type" })
    .locator("tbody td:nth-child(2)")
    .allInnerTexts();
  const sum = counts.reduce((whole, count) => whole + Number(count.replaceAll(",", "")), 0);
  assert.equal(sum, 11_020);

  // Each page a little late, so that there is something left to stop.
  await plantFaults(stage.sandboxUrl, "search.slow-headers_150");
  await page.getByRole("button", { name: "Walk again" }).click();
  await page.getByText(/^[1-9][\d,]* of 11,020$/).waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByText(/^Stopped after /).waitFor();
  const asked = (await callsOf(stage.sandboxUrl)).length;
  await page.waitForTimeout(1000);
  assert.ok((await callsOf(stage.sandboxUrl)).length <= asked + 3, "pages were still asked for after the stop");
});

test("what a walk found is not wider than a narrow screen", async () => {
  await page.setViewportSize({ width: 320, height: 640 });
  await visit.open("/attestations");
  await page.getByRole("button", { name: "Walk all 11,020" }).click();
  await page.getByText("Done: 11,020 read.").waitFor({ timeout: 60_000 });
  await assertFits(page);
});
