// @ts-check
// What a case leaves behind: nothing. A person's data is looked for everywhere that a page can keep something.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ADA, openStage } from "./stage.mjs";

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
  for (let looks = 0; looks < 50 && (await claimed()) !== null; looks += 1) await visit.page.waitForTimeout(100);
  assert.equal(await claimed(), null);
  await visit.leave();
});
