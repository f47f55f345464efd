// @ts-check
// A person's way through a case, in real Chromium: everything is found by role and label, and everything that it shows came
// through the wasm module.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { SAMPLES } from "../../www/demo/samples.mjs";
import { ask, callsOf, plantFaults, resetSandbox } from "../demo/support.mjs";
import { ADA, focused, openStage } from "./stage.mjs";

/** Those of the demo, and one for each test that needs its own. */
const IDS = [
  ...SAMPLES.flatMap(({ samples }) => samples.map(({ id }) => id)),
  "passport~evidence.cut-bodyx3",
  "passport~status.403",
  "passport~status.other-verdict-first",
  "id-card~copy_1",
  "id-card~copy_2",
];

/** @type {import("./stage.mjs").Stage} */
let stage;
/** @type {import("./stage.mjs").Visit} */
let visit;
/** @type {import("playwright-core").Page} */
let page;

before(async () => {
  stage = await openStage({ ids: IDS });
});
after(() => stage?.close());
beforeEach(async () => {
  await resetSandbox(stage.sandboxUrl);
  visit = await stage.enter(ADA);
  page = visit.page;
});
afterEach(() => visit.leave());

/** @param {string} path */
const open = (path) => visit.open(path);

/** @param {string} id */
const openRequest = (id) => open(`/cases/${encodeURIComponent(id)}`);

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
  (await callsOf(stage.sandboxUrl)).filter((call) => call.method === "PUT" && call.path.includes(`/${id}`));

test("a person opens a request, sees its evidence and findings, and passes it", async () => {
  const loaded = page.waitForResponse((response) => response.url().endsWith(".wasm"));
  await open("/");
  await page.getByRole("link", { name: "abc123", exact: true }).click();
  assert.equal(new URL(page.url()).pathname, "/cases/abc123");
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
  assert.equal((await ask(`${stage.url}/partner/piirequest/abc123`)).json.status, "partner-pass");

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
  assert.equal((await ask(`${stage.url}/partner/piirequest/id-card`)).json.status, "partner-fail");
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
  assert.equal((await ask(`${stage.url}/partner/piirequest/id-card~copy_1`)).json.status, "partner-pass");
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
    await stage.sweep();
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
    await plantFaults(stage.sandboxUrl, fault);
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
  await visit.context.setOffline(true);
  await page.getByRole("link", { name: "Queue" }).first().click();
  await page.getByText("The connection to the desk is lost.").waitFor();
  await visit.context.setOffline(false);
  await page.getByRole("link", { name: "id-card", exact: true }).click();
  assert.ok((await drawnWidth("Front of the document")) > 300);
  assert.equal(await page.getByText("The connection to the desk is lost.").count(), 0);
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

test("a move between screens puts the focus on the new heading", async () => {
  await open("/");
  await page.getByRole("link", { name: "id-card", exact: true }).click();
  await page.getByRole("region", { name: "Verdict" }).waitFor();
  assert.equal(await focused(page), "id-card");
  assert.equal(await page.title(), "id-card · Passdesk");
});
