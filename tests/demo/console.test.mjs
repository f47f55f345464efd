// @ts-check
// A person's way through the console, in real Chromium: everything is found by role and label, and everything that it shows
// came through the wasm module.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { SAMPLES } from "../../www/demo/samples.mjs";
import { ask, callsOf, plantFaults, resetSandbox, startBrowser, startDemo } from "./support.mjs";

/** Those of the demo, and one for each test that needs its own. */
const IDS = [
  ...SAMPLES.flatMap(({ samples }) => samples.map(({ id }) => id)),
  "passport~evidence.cut-bodyx3",
  "passport~status.403",
  "passport~status.other-verdict-first",
  "id-card~copy_1",
  "id-card~copy_2",
];

/** @typedef {import("playwright-core").Page} Page */

/** @type {Awaited<ReturnType<typeof startDemo>>} */
let demo;
/** @type {import("playwright-core").Browser} */
let browser;
/** @type {import("playwright-core").BrowserContext} */
let context;
/** @type {Page} */
let page;
/** What the page complained of: script errors and breaches of its own policy. @type {string[]} */
let complaints = [];

before(async () => {
  [demo, browser] = await Promise.all([startDemo(IDS), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});
beforeEach(async () => {
  await resetSandbox(demo.sandboxUrl);
  complaints = [];
  context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  context.setDefaultTimeout(20_000);
  page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    // Chromium reports every answer over 399 itself; those are what some of the tests are about.
    const ownReport = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !ownReport) complaints.push(message.text());
  });
});
afterEach(async () => {
  await context.close();
  assert.deepEqual(complaints, []);
});

/** @param {string} path */
const open = (path) => page.goto(demo.deskUrl + path);

/** @param {string} id */
const openRequest = (id) => open(`/requests/${encodeURIComponent(id)}`);

/** @param {string} name */
const image = (name) => page.getByRole("img", { name });

/** Waits until an image is drawn, and says how wide it is. @param {string} name */
async function drawnWidth(name) {
  const drawn = await image(name).elementHandle();
  assert.ok(drawn);
  return drawn.evaluate(async (element) => {
    const img = /** @type {HTMLImageElement} */ (element);
    await img.decode();
    return img.naturalWidth;
  });
}

/** @param {string} verdict */
const verdictButton = (verdict) => page.getByRole("region", { name: "Verdict" }).getByRole("button", { name: verdict });

/** @param {"Pass" | "Fail"} verdict */
async function decide(verdict) {
  await verdictButton(verdict).click();
  await page
    .getByRole("dialog", { name: `${verdict} this request?` })
    .getByRole("button", { name: verdict })
    .click();
}

/** The writes that reached the sandbox; for one request, where the test before may still have one on its way. @param {string} [id] */
const puts = async (id = "") =>
  (await callsOf(demo.sandboxUrl)).filter((call) => call.method === "PUT" && call.path.includes(`/${id}`));

test("a person opens a request, sees its evidence and findings, and passes it", async () => {
  const loaded = page.waitForResponse((response) => response.url().endsWith(".wasm"));
  await open("/");
  await page.getByRole("link", { name: /^The example of Civic's own text/ }).click();
  assert.equal(new URL(page.url()).pathname, "/requests/abc123");
  await page.getByRole("heading", { level: 1, name: "abc123" }).waitFor();
  assert.equal((await loaded).headers()["content-type"], "application/wasm");

  assert.ok((await drawnWidth("Front of the document")) > 300);
  assert.ok((await drawnWidth("Back of the document")) > 300);
  await page.getByRole("region", { name: "Findings" }).getByText("Nothing found against the policy").waitFor();
  const information = page.getByRole("region", { name: "Verified information" });
  await information
    .getByRole("definition")
    .filter({ hasText: /^John Smith$/ })
    .waitFor();
  assert.equal(await information.getByRole("definition").count(), 9);

  await decide("Pass");
  const passed = page.getByRole("status").filter({ hasText: "Passed" });
  await passed
    .filter({ hasText: /The desk took the verdict\. It can be undone until it is sent in \d+ s\./ })
    .waitFor();
  assert.deepEqual(await puts(), []);
  await passed.filter({ hasText: "Civic took the verdict." }).waitFor();
  assert.equal((await puts()).length, 1);
  assert.equal((await ask(`${demo.deskUrl}/partner/piirequest/abc123`)).json.status, "partner-pass");

  await page.reload();
  await page.getByText("It was passed. A verdict is final.").waitFor();
  const button = verdictButton("Fail");
  assert.equal(await button.getAttribute("aria-disabled"), "true");
  await button.click({ force: true });
  assert.equal(await page.getByRole("dialog").count(), 0);
});

test("what the policy finds is told by weight, in words, and without the value", async () => {
  await openRequest("under-age");
  const findings = page.getByRole("region", { name: "Findings" }).getByRole("listitem");
  await findings.first().waitFor();
  const first = await findings.first().innerText();
  assert.match(first, /Fails/);
  assert.match(first, /Date of birth/);
  const born = await page.getByRole("definition").nth(1).innerText();
  assert.match(born, /^\d{4}-\d{2}-\d{2}$/);
  for (const text of await findings.allInnerTexts()) assert.ok(!text.includes(born));
});

test("everything can be decided by key alone, and Escape takes back", async () => {
  await openRequest("id-card");
  await verdictButton("Fail").waitFor();
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press("Tab");
    if (await verdictButton("Fail").evaluate((button) => button === document.activeElement)) break;
  }
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Fail this request?" });
  await dialog.waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  assert.ok(await verdictButton("Fail").evaluate((button) => button === document.activeElement));
  assert.deepEqual(await puts(), []);

  await page.keyboard.press("Enter");
  await dialog.waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("status").filter({ hasText: "Failed" }).filter({ hasText: "Civic took the verdict." }).waitFor();
  assert.equal((await ask(`${demo.deskUrl}/partner/piirequest/id-card`)).json.status, "partner-fail");
});

test("a verdict can be taken back before it is sent, and given anew", async () => {
  await openRequest("id-card~copy_1");
  await decide("Fail");
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("status").filter({ hasText: "The verdict was taken back; nothing was sent." }).waitFor();
  assert.match((await page.evaluate(() => document.activeElement?.textContent)) ?? "", /taken back/);
  assert.equal(await verdictButton("Pass").getAttribute("aria-disabled"), null);
  await decide("Pass");
  await page.getByRole("status").filter({ hasText: "Civic took the verdict." }).waitFor();
  assert.equal((await puts("id-card~copy_1")).length, 1);
  assert.equal((await ask(`${demo.deskUrl}/partner/piirequest/id-card~copy_1`)).json.status, "partner-pass");
});

test("a verdict on its way is shown to whoever comes to the page", async () => {
  await openRequest("id-card~copy_2");
  await decide("Pass");
  await page.getByRole("button", { name: "Undo" }).waitFor();
  await page.reload();
  await page.getByRole("button", { name: "Undo" }).click();
  await verdictButton("Fail").waitFor();
  assert.deepEqual(await puts("id-card~copy_2"), []);
});

test("a verdict that the desk gave up on is told, and can be sent again", async () => {
  await openRequest("passport~status.403");
  await decide("Pass");
  const notice = page.getByRole("alert").filter({ hasText: "The verdict did not reach Civic" });
  await notice.filter({ hasText: "forbidden" }).waitFor();
  await notice.getByRole("button", { name: "Send again" }).click();
  // Civic may refuse again before the page has looked: what counts is that it was asked once more, and that the page tells.
  for (let looks = 0; looks < 200 && (await puts("passport~status.403")).length < 2; looks += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await notice.filter({ hasText: "forbidden" }).waitFor();
  assert.equal((await puts("passport~status.403")).length, 2);
});

test("a verdict that came too late is told, and what stands is shown", async () => {
  await openRequest("passport~status.other-verdict-first");
  await verdictButton("Pass").waitFor();
  await decide("Pass");
  await page.getByRole("alert").filter({ hasText: "Civic did not take the verdict" }).waitFor();
  await page.getByText("It was failed. A verdict is final.").waitFor();
});

test("a verdict whose answer was lost is found out about, not repeated blindly", async () => {
  await openRequest("passport~status.apply-then-500x1");
  await verdictButton("Pass").waitFor();
  await decide("Pass");
  const passed = page.getByRole("status").filter({ hasText: "Passed" });
  await passed.filter({ hasText: "The desk will try again by itself." }).waitFor();
  for (
    let runs = 0;
    runs < 40 && (await passed.filter({ hasText: "Civic took the verdict." }).count()) === 0;
    runs += 1
  ) {
    await demo.sweep();
    await page.waitForTimeout(250);
  }
  await passed.filter({ hasText: "Civic took the verdict." }).waitFor();
  assert.equal((await puts("passport~status.apply-then-500x1")).length, 1);
});

test("each kind of trouble is told in words", async () => {
  const troubles = /** @type {const} */ ([
    ["svg-evidence", "Not an image or PDF"],
    ["broken-image", "Not an image or PDF"],
    ["large-image", "The file is too large"],
    ["foreign-link", "The link was not followed"],
    // What the desk does not take in: nobody knows it, nobody can decide it yet, or somebody has.
    ["no-such-request", "Nothing is there"],
    ["awaiting-user", "Nothing is there"],
    ["already-passed", "Nothing is there"],
    ["a b", "That cannot be asked"],
  ]);
  for (const [id, title] of troubles) {
    await openRequest(id);
    await page.getByRole("alert").filter({ hasText: title }).first().waitFor();
  }
  await openRequest("pdf-evidence");
  await page.getByRole("link", { name: "Save the file" }).waitFor();
  await openRequest("heic-evidence");
  await page.getByText("This HEIC image cannot be drawn").waitFor();
  await openRequest("email-only");
  await page.getByText("Civic lists no document with this request.").waitFor();
  const upstream = /** @type {const} */ ([
    ["pii.503", "Civic has a fault"],
    ["pii.403", "Civic does not let the desk do this"],
    ["pii.malformed-json", "Civic gave an answer that made no sense"],
  ]);
  for (const [fault, title] of upstream) {
    await plantFaults(demo.sandboxUrl, fault);
    await openRequest("abc123");
    await page.getByRole("alert").filter({ hasText: title }).first().waitFor();
  }
  await open("/nowhere");
  await page.getByRole("heading", { name: "No such page" }).waitFor();
});

test("evidence that breaks off can be fetched again", async () => {
  await openRequest("passport~evidence.cut-bodyx3");
  const front = page.getByRole("figure", { name: "Front of the document" });
  await front.getByRole("alert").filter({ hasText: "The answer broke off" }).waitFor();
  await front.getByRole("button", { name: "Try again" }).click();
  assert.ok((await drawnWidth("Front of the document")) > 300);
});

test("without a network the page says so, and goes on when it is back", async () => {
  await openRequest("passport");
  await image("Front of the document").waitFor();
  await context.setOffline(true);
  await page.getByRole("link", { name: /^Identity card/ }).click();
  await page.getByRole("alert").filter({ hasText: "The desk cannot be reached" }).waitFor();
  await context.setOffline(false);
  await page.getByRole("button", { name: "Try again" }).click();
  assert.ok((await drawnWidth("Front of the document")) > 300);
});

test("the bytes of evidence go when its page goes, and were never cached", async () => {
  await openRequest("passport");
  await image("Front of the document").waitFor();
  const url = await image("Front of the document").getAttribute("src");
  assert.match(url ?? "", /^blob:/);
  await page.getByRole("link", { name: "Attestations" }).click();
  await page.getByRole("heading", { level: 1, name: "Attestations" }).waitFor();
  const readable = await page.evaluate((gone) => {
    const probe = new Image();
    const settled = new Promise((resolve) => {
      probe.onload = () => resolve(true);
      probe.onerror = () => resolve(false);
    });
    probe.src = gone ?? "";
    return settled;
  }, url);
  assert.equal(readable, false);
  const kept = await page.evaluate(async () => [
    localStorage.length,
    sessionStorage.length,
    (await caches.keys()).length,
    (await indexedDB.databases()).length,
    document.cookie.length,
  ]);
  assert.deepEqual(kept, [0, 0, 0, 0, 0]);
});

test("a person searches attestations, pages through them, and the URL keeps the place", async () => {
  const expected = (await ask(`${demo.sandboxUrl}/v1/attestations/search?fieldName=type&fieldValue=phone_number`)).json;
  const total = expected.meta.total.toLocaleString("en");
  await open("/");
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
  await open("/attestations");
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
  await plantFaults(demo.sandboxUrl, "search.slow-headers_150");
  await page.getByRole("button", { name: "Walk again" }).click();
  await page.getByText(/^[1-9][\d,]* of 11,020$/).waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByText(/^Stopped after /).waitFor();
  const asked = (await callsOf(demo.sandboxUrl)).length;
  await page.waitForTimeout(1000);
  assert.ok((await callsOf(demo.sandboxUrl)).length <= asked + 3, "pages were still asked for after the stop");
});

test("nothing is wider than a narrow screen, in light and in dark", async () => {
  await page.setViewportSize({ width: 320, height: 640 });
  const screens = [
    "/",
    "/requests/abc123",
    "/requests/unknown-fields",
    "/requests/svg-evidence",
    "/attestations",
    "/nowhere",
  ];
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    await page.emulateMedia({ colorScheme });
    for (const path of screens) {
      await open(path);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await page.waitForLoadState("networkidle");
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= 320, `${path} is ${width} wide`);
    }
  }
  await open("/attestations");
  await page.getByRole("button", { name: "Walk all 11,020" }).click();
  await page.getByText("Done: 11,020 read.").waitFor({ timeout: 60_000 });
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320);
  await open("/requests/abc123");
  await page.getByRole("link", { name: "All requests" }).click();
  await page
    .getByRole("link", { name: /^Passport/ })
    .first()
    .waitFor();
});

test("a move between screens puts the focus on the new heading", async () => {
  await open("/");
  await page.getByRole("link", { name: /^Identity card/ }).click();
  await page.getByRole("region", { name: "Verdict" }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "id-card");
  assert.equal(await page.title(), "id-card · Passdesk");
});
