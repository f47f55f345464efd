// @ts-check
// What a case shows, in real Chromium: everything is found by role and label, and everything that it shows came through the
// wasm module.

import assert from "node:assert/strict";
import { test } from "node:test";
import { plantFaults } from "../demo/support.mjs";
import { assertFocused, preloaded, visitEach } from "./stage.mjs";

const IDS = [
  "abc123",
  "passport",
  "id-card",
  "under-age",
  "unknown-fields",
  "markup-name",
  "proto-field",
  "email-only",
  "slow-image",
  "big-image",
  "svg-evidence",
  "broken-image",
  "large-image",
  "foreign-link",
  "pdf-evidence",
  "heic-evidence",
  "passport~evidence.cut-bodyx3",
];

/** @type {import("./stage.mjs").Stage} */
let stage;
/** @type {import("./stage.mjs").Visit} */
let visit;
/** @type {import("playwright-core").Page} */
let page;
visitEach({ ids: IDS }, (now) => {
  ({ stage, visit, page } = now);
});

/** @param {string} id */
const openRequest = (id) => visit.open(`/cases/${encodeURIComponent(id)}`);

/** @param {string} name */
const image = (name) => page.getByRole("img", { name });
/** @param {string} name */
const button = (name) => page.getByRole("button", { name, exact: true });
const information = () => page.getByRole("region", { name: "Verified information" });

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

/** How an image is drawn: its scale, and how far and by how much it is moved and turned. @param {string} name */
const drawnAs = (name) =>
  image(name).evaluate((element) => {
    const { transform, filter } = getComputedStyle(element);
    const { a, b, e, f } = new DOMMatrix(transform);
    const angle = (Math.round((Math.atan2(b, a) * 180) / Math.PI) + 360) % 360;
    const img = /** @type {HTMLImageElement} */ (element);
    return {
      scale: Math.hypot(a, b),
      angle,
      x: Math.round(e + img.naturalWidth / 2),
      y: Math.round(f + img.naturalHeight / 2),
      filter,
    };
  });

/** What was noted in the audit of one kind, for a case. @param {string} action @param {string} id */
async function noted(action, id) {
  const database = await stage.database();
  const { results } = await database
    .prepare("SELECT detail FROM audit WHERE action = ? AND case_id = ? ORDER BY seq")
    .bind(action, id)
    .all();
  return results.map((row) => JSON.parse(String(row.detail)));
}

test("a case shows both sides, findings first, and its data hidden until it is asked for", async () => {
  const loaded = page.waitForResponse((response) => response.url().endsWith(".wasm"));
  await openRequest("abc123");
  await page.getByRole("heading", { level: 1, name: "abc123" }).waitFor();
  assert.equal((await loaded).headers()["content-type"], "application/wasm");
  assert.ok((await drawnWidth("Front of the document")) > 300);
  assert.ok((await drawnWidth("Back of the document")) > 300);
  await page.getByRole("region", { name: "Findings" }).getByText("Nothing found against the policy").waitFor();
  assert.equal(await information().getByRole("definition").count(), 9);
  // Not only unseen: not in the document at all.
  assert.ok(!(await page.content()).includes("John Smith"));

  await button("Show: Name").click();
  await information().getByText("John Smith", { exact: true }).waitFor();
  assert.ok(!(await page.content()).includes("999999999"));
  assert.deepEqual(await noted("field-revealed", "abc123"), [{ field: "name" }]);
  await button("Hide: Name").click();
  assert.ok(!(await page.content()).includes("John Smith"));

  await page.keyboard.press("d");
  await button("Hide all").waitFor();
  await information().getByText("999999999", { exact: true }).waitFor();
  assert.equal((await noted("field-revealed", "abc123")).length, 10);
  await page.keyboard.press("d");
  await button("Show all").waitFor();
  assert.ok(!(await page.content()).includes("John Smith"));
});

test("a field is shown only once the audit has noted it", async () => {
  await openRequest("abc123");
  await page.route("**/reveal", (route) => route.fulfill({ status: 500, json: { error: "internal" } }));
  await button("Show: Name").click();
  await information().getByRole("alert").filter({ hasText: "The desk has a fault" }).waitFor();
  assert.ok(!(await page.content()).includes("John Smith"));
  await page.unroute("**/reveal");
  await information().getByRole("button", { name: "Try again" }).focus();
  await page.keyboard.press("Enter");
  await information().getByText("John Smith", { exact: true }).waitFor();
  // The button goes with what it was for, and the focus stays about there.
  await assertFocused(page, /^Verified information/);
});

test("who holds a key means it once, but where each time goes further", async () => {
  await openRequest("abc123");
  await drawnWidth("Front of the document");
  let uncovered = 0;
  page.on("request", (request) => {
    if (request.url().endsWith("/reveal")) uncovered += 1;
  });
  /** @param {string} key */
  const hold = async (key) => {
    for (let again = 0; again < 30; again += 1) {
      await page.keyboard.down(key);
      await page.waitForTimeout(30);
    }
    await page.keyboard.up(key);
  };
  const covered = await page.getByRole("button", { name: /^Show: / }).count();
  await page.getByRole("button", { name: "Show: Name" }).focus();
  await hold("Enter");
  assert.equal(uncovered, 1);
  await page.getByRole("button", { name: "Hide: Name" }).click();
  uncovered = 0;
  await hold("d");
  await button("Hide all").waitFor();
  assert.ok(uncovered > 0 && uncovered <= covered, `${uncovered} of ${covered}`);
  await button("Zoom in").focus();
  const zoom = async () => Number.parseInt(await page.getByLabel("Zoom", { exact: true }).innerText(), 10);
  await hold("Enter");
  assert.ok((await zoom()) > 125);
  const before = await zoom();
  await hold("-");
  assert.ok((await zoom()) < before / 1.5);
});

test("what was shown hides itself, when its time is over and when one turns away", async () => {
  await page.clock.install();
  await openRequest("abc123");
  await button("Show: Name").click();
  await information().getByText("John Smith", { exact: true }).waitFor();
  await page.clock.fastForward("03:05");
  await button("Show: Name").waitFor();
  assert.ok(!(await page.content()).includes("John Smith"));
  await button("Show: Name").click();
  await information().getByText("John Smith", { exact: true }).waitFor();
  await page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => "hidden" });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await button("Show: Name").waitFor();
  assert.ok(!(await page.content()).includes("John Smith"));
});

test("what is still on its way when one turns away stays covered", async () => {
  await openRequest("abc123");
  let reveals = 0;
  await page.route("**/reveal", async (route) => {
    reveals += 1;
    await new Promise((resolve) => setTimeout(resolve, 300));
    await route.continue();
  });
  await button("Show all").click();
  await page
    .getByRole("button", { name: /^Hide: / })
    .first()
    .waitFor();
  await page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => "hidden" });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await page.waitForTimeout(1_500);
  const seen = reveals;
  assert.equal(await page.getByRole("button", { name: /^Hide/ }).count(), 0, "all is covered");
  for (const value of ["John Smith", "999999999"]) assert.ok(!(await page.content()).includes(value));
  await page.waitForTimeout(700);
  assert.equal(reveals, seen, "and nothing more is asked for");
  await page.unrouteAll({ behavior: "wait" });
});

test("what the policy finds is told by weight, in words, and without the value", async () => {
  await openRequest("under-age");
  const findings = page.getByRole("region", { name: "Findings" }).getByRole("listitem");
  await findings.first().waitFor();
  const first = await findings.first().innerText();
  assert.match(first, /Fails/);
  assert.match(first, /Date of birth/);
  await button("Show: Date of birth").click();
  const born = await information()
    .getByText(/^\d{4}-\d{2}-\d{2}$/)
    .innerText();
  for (const text of await findings.allInnerTexts()) assert.ok(!text.includes(born));
});

test("fields and links that nobody has seen before are there as they came", async () => {
  await openRequest("unknown-fields");
  assert.ok((await drawnWidth("Selfie")) > 300);
  await button("Show: Liveness score").click();
  await information().getByText("0.98", { exact: true }).waitFor();
  await button("Show: Checks").click();
  await information().getByText('"pep": false').waitFor();
  assert.match(await information().innerText(), /Place of birth\s+not given/);
  await information().getByText("The record has further parts that are not shown: Created at, Pass.").waitFor();

  await openRequest("proto-field");
  await button("Show: To string").click();
  await information().getByText("field", { exact: true }).waitFor();
});

test("a value is text, whatever it would be elsewhere, and what turns its direction is shown", async () => {
  await openRequest("markup-name");
  await button("Show: Name").click();
  await information().getByText('<img src=x onerror="document.title=1"> ⟨U+202E⟩nhoj', { exact: true }).waitFor();
  assert.equal(await page.title(), "markup-name · Passdesk");
});

test("an image is zoomed, moved, turned and lit by key and by button, and shown as it came again", async () => {
  await openRequest("id-card");
  const front = "Front of the document";
  await drawnWidth(front);
  await drawnWidth("Back of the document");
  await button("Turn right").waitFor();
  const before = await drawnAs(front);
  assert.equal(await button("Look left").getAttribute("aria-disabled"), "true");

  await page.keyboard.press("+");
  await button("Zoom in").click();
  assert.equal(await page.getByLabel("Zoom", { exact: true }).innerText(), "156 %");
  assert.ok(Math.abs((await drawnAs(front)).scale / before.scale - 1.5625) < 0.01);
  for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press("=");
  await button("Look right").click();
  const moved = await drawnAs(front);
  assert.ok(moved.x < before.x);
  await page.keyboard.press("v");
  await assertFocused(page, /^Front of the document/);
  await page.keyboard.press("ArrowLeft");
  assert.ok((await drawnAs(front)).x > moved.x);
  await page.keyboard.press("ArrowDown");
  assert.ok((await drawnAs(front)).y < before.y);

  await page.keyboard.press("0");
  assert.deepEqual(await drawnAs(front), before);
  await page.keyboard.press("r");
  assert.equal((await drawnAs(front)).angle, 90);
  await page.keyboard.press("Shift+R");
  await button("Turn left").click();
  assert.equal((await drawnAs(front)).angle, 270);
  await page.keyboard.press("b");
  await page.keyboard.press("Shift+T");
  assert.equal((await drawnAs(front)).filter, "brightness(1.1) contrast(0.9)");
  await page.getByRole("slider", { name: "Contrast" }).press("ArrowRight");
  assert.equal((await drawnAs(front)).filter, "brightness(1.1) contrast(1)");
  await page.keyboard.press("i");
  assert.deepEqual(await drawnAs(front), before);
  // The other side was left alone, and takes its turn.
  await page.keyboard.press("s");
  await page.keyboard.press("r");
  assert.equal((await drawnAs("Back of the document")).angle, 90);
  assert.equal((await drawnAs(front)).angle, 0);
});

test("the pointer can drag and wheel what keys do as well, and never out of the frame", async () => {
  await openRequest("passport");
  const front = "Front of the document";
  await drawnWidth(front);
  const box = await image(front).boundingBox();
  assert.ok(box);
  const middle = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(Number(middle[0]), Number(middle[1]));
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -600);
  await page.keyboard.up("Control");
  await page.waitForFunction(() => document.querySelector("output")?.textContent !== "100 %");
  await page.mouse.down();
  await page.mouse.move(Number(middle[0]) + 60, Number(middle[1]) + 20, { steps: 3 });
  await page.mouse.up();
  assert.ok((await drawnAs(front)).x > 0);
  await page.mouse.down();
  await page.mouse.move(5000, 5000, { steps: 3 });
  await page.mouse.up();
  const far = await drawnAs(front);
  const frame = await page.locator(".stage").boundingBox();
  const width = await image(front).evaluate((img) => img.getBoundingClientRect().width);
  assert.ok(frame && far.x <= (width - frame.width) / 2 + 2);
});

test("one document large is remembered, and what nobody turned to is not in the audit as seen", async () => {
  await openRequest("id-card");
  await drawnWidth("Back of the document");
  await page.keyboard.press("e");
  await image("Back of the document").waitFor({ state: "hidden" });
  assert.equal(await button("One large").getAttribute("aria-pressed"), "true");
  const kept = await page.evaluate(() => JSON.stringify(localStorage));
  assert.deepEqual(JSON.parse(JSON.parse(kept)["passdesk.preferences"]).evidence, "single");

  await openRequest("abc123");
  await drawnWidth("Front of the document");
  const seen = async () =>
    (await noted("evidence-viewed", "abc123")).filter(({ rel }) => rel === "idDocumentBack").length;
  const before = await seen();
  await page.keyboard.press("s");
  await drawnWidth("Back of the document");
  assert.equal(await seen(), before + 1);
  await image("Front of the document").waitFor({ state: "hidden" });
});

test("an open case keeps its layout, and asks for no image, whatever another tab prefers", async () => {
  await visit.context.addInitScript(() => {
    if (localStorage.length === 0) localStorage.setItem("passdesk.preferences", '{"evidence":"single"}');
  });
  await openRequest("abc123");
  await drawnWidth("Front of the document");
  /** @type {string[]} */
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  const other = await visit.context.newPage();
  await other.goto(`${stage.url}/cases/id-card`);
  await other.getByRole("button", { name: "Side by side" }).click();
  await other.getByRole("img", { name: "Back of the document" }).waitFor();
  // What the tab hears of by now, it has acted on.
  await page.waitForFunction(() => localStorage.getItem("passdesk.preferences")?.includes("beside"));
  await page.waitForTimeout(500);
  assert.deepEqual(
    asked.filter((path) => path.includes("/evidence/")),
    [],
  );
  assert.equal(await button("One large").getAttribute("aria-pressed"), "true");
  await other.close();

  // The next one is shown as it was preferred last.
  await openRequest("id-card");
  await drawnWidth("Back of the document");
  assert.equal(await button("Side by side").getAttribute("aria-pressed"), "true");
});

test("documents that came after the case was opened are shown, and the keys act on the first of them", async () => {
  let listed = false;
  await page.route("**/partner/piirequest/id-card", async (route) => {
    const response = await route.fetch();
    const record = await response.json();
    await route.fulfill({ response, json: listed ? record : { ...record, links: record.links.slice(0, 1) } });
  });
  await page.addInitScript(() => localStorage.setItem("passdesk.preferences", '{"evidence":"single"}'));
  await openRequest("id-card");
  await page.getByText("No evidence").waitFor();
  listed = true;
  // What is shown is asked for anew.
  await visit.context.setOffline(true);
  await page.getByText("The connection to the desk is lost.").waitFor();
  await visit.context.setOffline(false);
  await page.getByText("The connection to the desk is lost.").waitFor({ state: "detached" });
  assert.ok((await drawnWidth("Front of the document")) > 300);
  assert.equal(await button("Front of the document").getAttribute("aria-pressed"), "true");
  await page.getByRole("group", { name: "Look closer: Front of the document" }).waitFor();
  await page.keyboard.press("+");
  assert.equal(await page.getByLabel("Zoom", { exact: true }).innerText(), "125 %");
});

test("a large image shows how far it is", async () => {
  await visit.context.newCDPSession(page).then(async (session) => {
    await session.send("Network.enable");
    await session.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: 0,
      downloadThroughput: 4_000_000,
      uploadThroughput: -1,
    });
  });
  await openRequest("big-image");
  const bar = page.getByRole("progressbar", { name: "Fetching: Front of the document" });
  await bar.waitFor();
  await page.getByText(/^\d+(\.\d)? (kB|MB)( of 21\.0 MB)?$/).waitFor();
  assert.ok((await drawnWidth("Front of the document")) > 300);
});

test("each kind of trouble with evidence or record is told in words", async () => {
  const troubles = /** @type {const} */ ([
    ["svg-evidence", "Not an image or PDF"],
    ["broken-image", "Not an image or PDF"],
    ["large-image", "The file is too large"],
    ["foreign-link", "The link was not followed"],
    // What the desk does not take in: nobody knows it, or somebody has decided it.
    ["no-such-request", "Nothing is there"],
    ["already-passed", "Nothing is there"],
    ["a b", "That cannot be asked"],
  ]);
  for (const [id, title] of troubles) {
    await openRequest(id);
    await page.getByRole("alert").filter({ hasText: title }).first().waitFor();
  }
  await openRequest("pdf-evidence");
  const save = page.getByRole("link", { name: "Save the file" });
  assert.match((await save.getAttribute("download")) ?? "", /\.pdf$/);
  assert.equal(await page.locator("iframe, embed, object").count(), 0);
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
});

test("an image that takes its time keeps nobody from the rest", async () => {
  await openRequest("slow-image");
  await information().getByRole("definition").first().waitFor();
  await page.getByText("Fetching the image").waitFor();
  assert.ok((await drawnWidth("Front of the document")) > 300);
});

test("evidence that breaks off can be fetched again", async () => {
  await openRequest("passport~evidence.cut-bodyx3");
  const front = page.getByRole("figure", { name: "Front of the document" });
  await front.getByRole("alert").filter({ hasText: "The answer broke off" }).waitFor();
  await front.getByRole("button", { name: "Try again" }).click();
  assert.ok((await drawnWidth("Front of the document")) > 300);
});

test("public verifications are searched by a globaliD name, which stays in this page", async () => {
  await openRequest("passport");
  const section = page.getByRole("region", { name: "Public verifications" });
  await section.getByText(/^Civic's record holds no globaliD name/).waitFor();
  const name = section.getByRole("textbox", { name: "globaliD name" });
  await name.fill("johnsmith");
  await name.press("Enter");
  await section
    .getByRole("status")
    .filter({ hasText: /^\d+ public verifications?$/ })
    .waitFor();
  assert.ok((await section.getByRole("listitem").count()) > 0);
  assert.ok(!page.url().includes("johnsmith"));
  await name.fill("nobody-of-that-name");
  await name.press("Enter");
  await section.getByText("globaliD knows no verification of this name.").waitFor();
  await plantFaults(stage.sandboxUrl, "search.500");
  await name.press("Enter");
  await section.getByRole("alert").waitFor();
});

test("without a network the page says so, and goes on when it is back", async () => {
  await openRequest("passport");
  await image("Front of the document").waitFor();
  // The queue's own file comes after the evidence.
  await preloaded(page);
  await visit.context.setOffline(true);
  await page.getByRole("link", { name: "Queue" }).first().click();
  await page.getByText("The connection to the desk is lost.").waitFor();
  await visit.context.setOffline(false);
  await page.getByRole("link", { name: "id-card", exact: true }).click();
  assert.ok((await drawnWidth("Front of the document")) > 300);
  assert.equal(await page.getByText("The connection to the desk is lost.").count(), 0);
});

test("a move between screens puts the focus on the new heading", async () => {
  await visit.open("/queue");
  await page.getByRole("link", { name: "id-card", exact: true }).click();
  await page.getByRole("region", { name: "Verdict" }).waitFor();
  await assertFocused(page, "id-card");
  assert.equal(await page.title(), "id-card · Passdesk");
});
