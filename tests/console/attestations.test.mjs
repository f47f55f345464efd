// @ts-check
// The search of globaliD's attestations: filters, pages, and a walk through all that match.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, callsOf, plantFaults, until } from "../demo/support.mjs";
import { assertAccessible, assertFits, visitEach } from "./stage.mjs";

/** @type {import("./stage.mjs").Stage} */
let stage;
/** @type {import("./stage.mjs").Visit} */
let visit;
/** @type {import("playwright-core").Page} */
let page;
visitEach({}, (now) => {
  ({ stage, visit, page } = now);
});

test("a person searches attestations, pages through them, and the URL keeps the place", async () => {
  const expected = (await ask(`${stage.sandboxUrl}/v1/attestations/search?fieldName=type&fieldValue=phone_number`))
    .json;
  const total = expected.meta.total.toLocaleString("en");
  await visit.open("/");
  await page.getByRole("link", { name: "Attestations" }).click();
  await page.getByText("11,020 matches, page 1 of 551").waitFor();

  await page.getByLabel("Field").fill("type");
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

  await page.getByLabel("Field").fill("created_at");
  await page.getByLabel("Operator").selectOption({ label: "is at or after" });
  await page.getByLabel("Value").fill("2100-01-01T00:00:00");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByText("Nothing matches").waitFor();
});

test("who searches and leafs by key stays where they were", async () => {
  await visit.open("/attestations");
  await page.getByText("11,020 matches, page 1 of 551").waitFor();
  const has = (/** @type {import("playwright-core").Locator} */ control) =>
    until(() => control.evaluate((element) => element === document.activeElement));
  await page.keyboard.press("/");
  await page.keyboard.type("type");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.type("phone_number");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/attestations?field=type&value=phone_number");
  await has(page.getByLabel("Value"));
  await page.getByRole("link", { name: "Next" }).focus();
  await page.keyboard.press("Enter");
  await page.getByText(/page 2 of/).waitFor();
  await has(page.getByRole("link", { name: "Next" }));
  await page.keyboard.press("Enter");
  await page.getByText(/page 3 of/).waitFor();
  await page.getByRole("link", { name: "Previous" }).focus();
  await page.keyboard.press("Enter");
  await page.getByText(/page 2 of/).waitFor();
  await has(page.getByRole("link", { name: "Previous" }));
  await page.keyboard.press("Enter");
  await page.getByText(/page 1 of/).waitFor();
  // There is no page before it.
  await has(page.getByRole("link", { name: "Next" }));
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
  // A globaliD name as it is spelt: another one may differ in a capital or a line alone.
  await page
    .getByRole("table", { name: "Matches by attestor" })
    .getByRole("rowheader", { name: "twilio", exact: true })
    .waitFor();

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

test("each operator is the wire's, and any field may be asked for", async () => {
  /** What is shown for a time, what for anything else, and what reaches globaliD. */
  const operators = /** @type {const} */ ([
    ["eq", "is", "is", ""],
    ["gt", "is after", "is greater than", "gt"],
    ["gte", "is at or after", "is at least", "gte"],
    ["lt", "is before", "is less than", "lt"],
    ["lte", "is at or before", "is at most", "lte"],
  ]);
  await visit.open("/attestations");
  for (const [op, ofTime, ofElse, suffix] of operators) {
    await page.getByLabel("Field").fill("sig_version");
    await page.getByLabel("Operator").selectOption({ label: ofElse });
    await page.getByLabel("Field").fill("created_at");
    await page.getByLabel("Operator").selectOption({ label: ofTime });
    assert.equal(await page.getByLabel("Operator").inputValue(), op);
    await page.getByLabel("Value").fill("2019-06-01T00:00:00");
    const [sent] = await Promise.all([
      page.waitForRequest((request) => new URL(request.url()).pathname === "/v1/attestations/search"),
      page.getByRole("button", { name: "Search" }).click(),
    ]);
    const { searchParams } = new URL(sent.url());
    assert.equal(searchParams.get("fieldName"), `created_at${suffix}`);
    assert.equal(searchParams.get("fieldValue"), "2019-06-01T00:00:00");
    await page
      .getByRole("status")
      .filter({ hasText: /match|Nothing/ })
      .waitFor();
  }
});

test("a filter that cannot be asked is told at its field, and asks nothing", async () => {
  await visit.open("/attestations");
  await page.getByText(/^11,020 matches/).waitFor();
  const before = (await callsOf(stage.sandboxUrl)).length;
  for (const [field, value, wrong, says] of /** @type {const} */ ([
    ["no such", "x", "Field", "letters, digits and _ only"],
    ["created_atgt", "x", "Field", "cannot end in gt"],
    ["type", " ", "Value", "Enter what the field is compared with"],
  ])) {
    await page.getByLabel("Field").fill(field);
    await page.getByLabel("Value").fill(value);
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByRole("alert").filter({ hasText: says }).waitFor();
    assert.equal(await page.getByLabel(wrong).getAttribute("aria-invalid"), "true");
    assert.ok(await page.getByLabel(wrong).evaluate((input) => input === document.activeElement));
  }
  await assertAccessible(page);
  assert.equal((await callsOf(stage.sandboxUrl)).length, before);
});

test("a value that names somebody is in no URL and no history, and goes with the page", async () => {
  await visit.open("/attestations");
  await page.getByLabel("Field").fill("attestee");
  await page.getByLabel("Value").fill("johnsmith");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByText(/^\d+ match(es)?, page 1 of/).waitFor();
  const cells = page.getByRole("region", { name: "Attestations found" }).locator("tbody td:nth-child(2)");
  for (const attestee of await cells.allInnerTexts()) assert.equal(attestee, "johnsmith");
  assert.equal(new URL(page.url()).search, "?field=attestee");
  const kept = await page.evaluate(() =>
    JSON.stringify([history.state, { ...localStorage }, { ...sessionStorage }, document.title]),
  );
  assert.ok(!kept.includes("johnsmith"), kept);
  assert.equal(await page.getByLabel("Value").inputValue(), "johnsmith");

  await page.reload();
  await page.getByText("Enter the value to search for").waitFor();
  assert.equal(await page.getByLabel("Field").inputValue(), "attestee");
  assert.equal(await page.getByLabel("Value").inputValue(), "");
});

test("a walk that failed says why, keeps what it read, and goes on without reading it again", async () => {
  await visit.open("/attestations");
  await page.getByText(/^11,020 matches/).waitFor();
  /** @type {string[]} */
  const pages = [];
  await page.route("**/v1/attestations/search?*", async (route) => {
    const number = new URL(route.request().url()).searchParams.get("page") ?? "";
    pages.push(number);
    if (number === "40") await route.fulfill({ status: 403, json: { error: "forbidden", why: "needs_reviewer" } });
    else await route.continue();
  });
  await page.getByRole("button", { name: "Walk all 11,020" }).click();
  const failed = page.getByText(/^Failed after [\d,]+\. What was read is kept\.$/);
  await failed.waitFor({ timeout: 60_000 });
  await page.getByRole("alert").filter({ hasText: /not/ }).waitFor();
  const read = Number(/after ([\d,]+)\./.exec(await failed.innerText())?.[1]?.replaceAll(",", ""));
  assert.ok(read >= 3000 && read <= 3900, String(read));
  assert.ok((await page.getByRole("table", { name: "Matches by type" }).getByRole("row").count()) > 2);

  const readBefore = new Set(pages.filter((number) => Number(number) < 40));
  pages.length = 0;
  await page.unroute("**/v1/attestations/search?*");
  page.on("request", (request) => pages.push(new URL(request.url()).searchParams.get("page") ?? ""));
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText("Done: 11,020 read.").waitFor({ timeout: 60_000 });
  assert.deepEqual(
    pages.filter((number) => readBefore.has(number)),
    [],
  );
  assert.ok(pages.includes("40"));
});

test("Escape stops a walk, leafing leaves it as it is, and it can go on", async () => {
  await plantFaults(stage.sandboxUrl, "search.slow-headers_150");
  await visit.open("/attestations");
  await page.getByRole("button", { name: "Walk all 11,020" }).click();
  await page.getByText(/^[1-9][\d,]* of 11,020$/).waitFor();
  await page.keyboard.press("Escape");
  const stopped = page.getByText(/^Stopped after /);
  await stopped.waitFor();
  const words = await stopped.innerText();
  await plantFaults(stage.sandboxUrl);
  await page.getByRole("link", { name: "Next" }).click();
  await page.getByText("page 2 of").waitFor();
  assert.equal(await stopped.innerText(), words);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText("Done: 11,020 read.").waitFor({ timeout: 60_000 });
});

test("an answer that takes its time is explained, and a failure is told", async () => {
  await visit.open("/settings");
  await page.route("**/v1/attestations/search?*", () => {});
  await page.getByRole("link", { name: "Attestations" }).click();
  await page.getByText("Searching").waitFor();
  await page.getByRole("status").filter({ hasText: "globaliD takes its time." }).waitFor();
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await plantFaults(stage.sandboxUrl, "search.403");
  await visit.open("/attestations");
  await page.getByRole("alert").filter({ hasText: "globaliD does not let the desk do this" }).waitFor();
  await plantFaults(stage.sandboxUrl);
});

test("what a walk found is not wider than a narrow screen", async () => {
  await page.setViewportSize({ width: 320, height: 640 });
  await visit.open("/attestations");
  await page.getByRole("button", { name: "Walk all 11,020" }).click();
  await page.getByText("Done: 11,020 read.").waitFor({ timeout: 60_000 });
  await assertFits(page);
});
