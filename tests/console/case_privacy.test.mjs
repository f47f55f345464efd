// @ts-check
// What a case leaves behind: nothing. A person's data is looked for everywhere that a page can keep something.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "../demo/support.mjs";
import { ADA, assertFocused, inVerdict, openStage, settled, signInAgain, verdict } from "./stage.mjs";

/** The example of Civic's own text; each of these stands for its kind. */
const CANARIES = [
  "John Smith",
  "john@example.com",
  "999999999",
  "1990-01-01",
  "CoaMuXCeNuiFNZIWQoHL32ojbJNmU19Nu6P4z9T1EFAa",
];

/** @type {import("./stage.mjs").Stage} */
let stage;
before(async () => {
  stage = await openStage({ ids: ["abc123", "passport", "id-card"] });
});
after(() => stage?.close());

/** Notes every object URL that is made and taken back. */
const watchUrls = () => {
  const made = new Set();
  let total = 0;
  const { createObjectURL, revokeObjectURL } = URL;
  URL.createObjectURL = (blob) => {
    const url = createObjectURL.call(URL, blob);
    made.add(url);
    total += 1;
    return url;
  };
  URL.revokeObjectURL = (url) => {
    made.delete(url);
    revokeObjectURL.call(URL, url);
  };
  Reflect.set(window, "objectUrls", () => ({ open: made.size, total }));
};

/** All that a page keeps beside its document. @param {import("./stage.mjs").Page} page */
const keptBy = (page) =>
  page.evaluate(async () => {
    const caches = await window.caches.keys();
    const databases = await indexedDB.databases();
    return {
      text: JSON.stringify([
        location.href,
        document.title,
        history.state,
        { ...localStorage },
        { ...sessionStorage },
        document.cookie,
        window.name,
      ]),
      caches: caches.length,
      databases: databases.length,
    };
  });

/** @param {import("./stage.mjs").Page} page */
async function revealAll(page) {
  await page.getByRole("img", { name: "Front of the document" }).waitFor();
  await page.getByRole("button", { name: "Show all" }).click();
  await page.getByText("John Smith", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Hide all" }).waitFor();
}

test("no store, no URL, no title and no history holds anything of a person's", async () => {
  const visit = await stage.enter(ADA);
  const { page } = visit;
  /** @type {string[]} */
  const urls = [];
  page.on("request", (request) => urls.push(request.url()));
  page.on("framenavigated", (frame) => urls.push(frame.url()));
  await visit.open("/cases/abc123");
  await revealAll(page);
  const kept = await keptBy(page);
  for (const canary of CANARIES) {
    assert.ok(!kept.text.includes(canary), canary);
    for (const url of urls) assert.ok(!decodeURIComponent(url).includes(canary), canary);
  }
  assert.deepEqual([kept.caches, kept.databases], [0, 0]);
  await visit.leave();
});

test("the data goes with its page, and so does every object URL", async () => {
  const visit = await stage.enter(ADA);
  const { page } = visit;
  await page.addInitScript(watchUrls);
  await visit.open("/cases/abc123");
  await revealAll(page);
  await page.getByRole("img", { name: "Back of the document" }).waitFor();
  const urls = () => page.evaluate(() => Reflect.get(window, "objectUrls")());
  assert.deepEqual(await urls(), { open: 2, total: 2 });
  const url = await page.getByRole("img", { name: "Front of the document" }).getAttribute("src");
  await page.getByRole("link", { name: "Queue" }).first().click();
  await page.getByRole("heading", { level: 1, name: "Queue" }).waitFor();
  assert.deepEqual(await urls(), { open: 0, total: 2 });
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
  const content = await page.content();
  for (const canary of CANARIES) assert.ok(!content.includes(canary), canary);
  // Back again, everything is hidden again.
  await page.goBack();
  await page.getByRole("button", { name: "Show: Name" }).waitFor();
  assert.ok(!(await page.content()).includes("John Smith"));
  await visit.leave();
});

test("the document that a browser keeps to come back to is empty of it", async () => {
  const visit = await stage.enter(ADA);
  const { page } = visit;
  await page.addInitScript(watchUrls);
  await visit.open("/cases/abc123");
  await revealAll(page);
  const left = await page.evaluate(() => {
    window.dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
    return { html: document.documentElement.outerHTML, urls: Reflect.get(window, "objectUrls")() };
  });
  for (const canary of CANARIES) assert.ok(!left.html.includes(canary), canary);
  assert.equal(left.urls.open, 0);
  await page.evaluate(() => window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
  await page.getByRole("button", { name: "Show: Name" }).waitFor();
  await visit.leave();
});

test("where the session ends, the case is bare of it at once, and goes on where it was", async () => {
  const visit = await stage.enter(ADA);
  const { page } = visit;
  await page.addInitScript(watchUrls);
  // In one column, where the page itself scrolls.
  await page.setViewportSize({ width: 800, height: 700 });
  await visit.open("/cases/abc123");
  await revealAll(page);
  await page.getByRole("img", { name: "Back of the document" }).waitFor();
  await page.getByRole("button", { name: "Zoom in" }).click();
  const name = page.getByLabel("globaliD name");
  await name.fill("johnsmith");
  await name.press("Enter");
  await page.getByText(/^\d+ public verifications?$/).waitFor();
  await inVerdict(page, "Fail").click();
  const reason = verdict(page).getByRole("radio", { name: "The document cannot be read" });
  await reason.check();
  await page.evaluate(() => window.scrollTo(0, 120));
  const scrolled = await page.evaluate(() => window.scrollY);
  assert.ok(scrolled > 0);

  await visit.become(null);
  const dialog = page.getByRole("dialog", { name: "Your session has ended" });
  await dialog.waitFor();
  const content = await page.content();
  for (const canary of CANARIES) assert.ok(!content.includes(canary), canary);
  assert.equal(await name.inputValue(), "");
  assert.equal(await page.locator("img, .verifications, .findings").count(), 0);
  assert.equal((await page.evaluate(() => Reflect.get(window, "objectUrls")())).open, 0);

  const reads = page.waitForResponse((answer) => answer.url().endsWith("/partner/piirequest/abc123") && answer.ok());
  await signInAgain(visit, ADA);
  await dialog.waitFor({ state: "detached" });
  await reads;
  await page.getByRole("img", { name: "Back of the document" }).waitFor();
  await page.getByRole("button", { name: "Show: Name" }).waitFor();
  for (const canary of CANARIES) assert.ok(!(await page.content()).includes(canary), canary);
  assert.equal(await page.getByRole("status", { name: "Zoom" }).innerText(), "125 %");
  assert.equal(await reason.isChecked(), true);
  assert.equal(await page.evaluate(() => window.scrollY), scrolled);
  await visit.leave();
});

test("what comes back with the session is what was looked at: no other image is asked for, or in the audit as seen", async () => {
  const visit = await stage.enter(ADA);
  const { page } = visit;
  const [front, back] = ["Front", "Back"].map((side) => page.getByRole("img", { name: `${side} of the document` }));
  await visit.open("/cases/id-card");
  await front?.waitFor();
  await back?.waitFor();
  await page.getByRole("button", { name: "One large" }).click();
  await back?.waitFor({ state: "hidden" });
  await visit.become(null);
  const dialog = page.getByRole("dialog", { name: "Your session has ended" });
  await dialog.waitFor();
  /** @type {string[]} */
  const asked = [];
  page.on("request", (request) => asked.push(request.url().replace(/^.*\//, "")));
  await signInAgain(visit, ADA);
  await dialog.waitFor({ state: "detached" });
  await front?.waitFor();
  await settled(page);
  assert.deepEqual(
    asked.filter((rel) => rel.startsWith("idDocument")),
    ["idDocumentFront"],
  );
  await page.keyboard.press("s");
  await back?.waitFor();
  await visit.leave();
});

test("an image that goes with the session lets go of the arrow keys, which choose a reason again", async () => {
  const visit = await stage.enter(ADA);
  const { page } = visit;
  const front = page.getByRole("img", { name: "Front of the document" });
  for (const other of [false, true]) {
    let there = !other;
    await page.route("**/evidence/idDocumentBack", (route) => (there ? route.continue() : route.abort()));
    await visit.open("/cases/id-card");
    await settled(page);
    await front.waitFor();
    await page.keyboard.press("v");
    await assertFocused(page, /^Front of the document/);
    // To another, that is not there, which leaves the focus where it is.
    if (other) await page.keyboard.press("s");
    await visit.become(null);
    const dialog = page.getByRole("dialog", { name: "Your session has ended" });
    await dialog.waitFor();
    there = true;
    await signInAgain(visit, ADA);
    await dialog.waitFor({ state: "detached" });
    await settled(page);
    await front.waitFor();
    await page.getByRole("img", { name: "Back of the document" }).waitFor();
    await page.keyboard.press("f");
    const reasons = verdict(page).getByRole("radio");
    await reasons.first().focus();
    await page.keyboard.press("Space");
    await page.keyboard.press("ArrowDown");
    await until(() => reasons.nth(1).isChecked());
    await page.keyboard.press("Escape");
    await page.unroute("**/evidence/idDocumentBack");
  }
  await visit.leave();
});

test("where the session ends, a name that was searched for goes too, and what says nothing of anybody stays", async () => {
  const visit = await stage.enter(ADA);
  const { page } = visit;
  await visit.open("/attestations");
  const results = page.getByText(/^[\d,]+ match(?:es)?, page/);
  await results.waitFor();
  // Not the one that an empty field gives as an example.
  const about = await page.locator("td:nth-child(2)").allInnerTexts();
  const somebody = about.find((name) => name !== "johnsmith") ?? "";
  assert.notEqual(somebody, "");
  await page.getByLabel("Field", { exact: true }).fill("attestee");
  await page.getByLabel("Value").fill(somebody);
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByRole("cell", { name: somebody }).first().waitFor();
  await visit.become(null);
  await page.getByRole("button", { name: "Search" }).click();
  const dialog = page.getByRole("dialog", { name: "Your session has ended" });
  await dialog.waitFor();
  assert.equal(await page.getByLabel("Value").inputValue(), "");
  assert.ok(!(await page.content()).includes(somebody));
  await signInAgain(visit, ADA);
  await dialog.waitFor({ state: "detached" });
  await page.getByText("Enter the value to search for").waitFor();
  assert.equal(await page.getByLabel("Field", { exact: true }).inputValue(), "attestee");

  await visit.open("/attestations?field=type&value=phone_number");
  await results.waitFor();
  await visit.become(null);
  await page.getByRole("link", { name: "Next" }).click();
  await dialog.waitFor();
  assert.equal(await page.getByRole("table").count(), 0);
  assert.equal(await page.getByLabel("Value").inputValue(), "phone_number");
  await signInAgain(visit, ADA);
  await page.getByText(/^[\d,]+ matches, page 2 of/).waitFor();
  await visit.leave();
});

test("nothing of a person's is printed", async () => {
  const visit = await stage.enter(ADA);
  const { page } = visit;
  await visit.open("/cases/abc123");
  await revealAll(page);
  await page.emulateMedia({ media: "print" });
  await page.getByText("Personal data is not printed.").waitFor();
  const printed = await page.evaluate(() => document.body.innerText);
  for (const canary of CANARIES) assert.ok(!printed.includes(canary), canary);
  assert.equal(await page.getByRole("img", { name: "Front of the document" }).count(), 0);
  await visit.leave();
});

test("leaving the page lets go of the case", async () => {
  const visit = await stage.enter(ADA);
  await visit.open("/cases/passport");
  await visit.page.getByText(/^Claimed by you until/).waitFor();
  await visit.page.getByRole("link", { name: "Settings" }).click();
  await visit.page.getByRole("heading", { name: "Settings" }).waitFor();
  const database = await stage.database();
  const claimed = async () =>
    (await database.prepare("SELECT claimed_by AS who FROM cases WHERE id = 'passport'").first())?.who ?? null;
  await until(async () => (await claimed()) === null);
  await visit.leave();
});
