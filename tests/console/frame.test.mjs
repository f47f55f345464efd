// @ts-check
// What holds on every screen: who may see what, the end of a session, a lost connection, privacy on leaving and on paper,
// preferences, and a part that does not load.

import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../demo/support.mjs";
import {
  ADA,
  ADAM,
  AUDREY,
  assertAccessible,
  assertFits,
  assertFocused,
  STRANGER,
  signInAgain,
  visitEach,
} from "./stage.mjs";

/** @type {import("./stage.mjs").Stage} */
let stage;
/** @type {import("./stage.mjs").Visit} */
let visit;
/** @type {import("playwright-core").Page} */
let page;
visitEach({ ids: ["abc123", "passport"] }, (now) => {
  ({ stage, visit, page } = now);
});

/** @param {string} name */
const heading = (name) => page.getByRole("heading", { level: 1, name });
/** @param {string} name */
const link = (name) => page.getByRole("link", { name, exact: true });
const places = () => page.getByRole("navigation", { name: "Console" }).getByRole("link").allInnerTexts();

test("each role sees its own screens, and says why the others are shut", async () => {
  await visit.open("/");
  await heading("Queue").waitFor();
  assert.deepEqual(await places(), ["Queue", "Attestations", "Settings"]);
  await visit.open("/audit");
  await heading("This page is not for your role").waitFor();
  await page.getByText("Only an auditor or an admin may do this.").waitFor();

  await visit.become(AUDREY);
  await visit.open("/");
  await heading("Audit").waitFor();
  assert.equal(new URL(page.url()).pathname, "/audit");
  assert.deepEqual(await places(), ["Audit", "Settings"]);
  /** @type {string[]} */
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  for (const path of ["/queue", "/cases/abc123", "/attestations"]) {
    await visit.open(path);
    await heading("This page is not for your role").waitFor();
    await page.getByText("Only a reviewer or an admin may do this.").waitFor();
  }
  await page.keyboard.press("n");
  await page.keyboard.press("g");
  await page.keyboard.press("q");
  assert.equal(new URL(page.url()).pathname, "/attestations");
  assert.deepEqual(
    asked.filter((path) => /^\/(?:partner|v1|desk\/cases)/.test(path)),
    [],
  );

  await visit.become(ADAM);
  await visit.open("/");
  await heading("Queue").waitFor();
  assert.deepEqual(await places(), ["Queue", "Attestations", "Audit", "Settings"]);
});

test("the first stop of Tab leads past the masthead", async () => {
  await visit.open("/settings");
  await heading("Settings").waitFor();
  await page.keyboard.press("Tab");
  await assertFocused(page, "Skip to the content");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("value")), "system");
});

test("the bare address, which only leads on, is opened as any other", async () => {
  await visit.open("/");
  await heading("Queue").waitFor();
  await page.getByRole("link", { name: "abc123", exact: true }).waitFor();
  await page.keyboard.press("Tab");
  await assertFocused(page, "Skip to the content");
  // From another screen it is a move, as to any other.
  await visit.open("/settings");
  await heading("Settings").waitFor();
  await page.getByRole("link", { name: "Passdesk" }).click();
  await heading("Queue").waitFor();
  await assertFocused(page, "Queue");
});

test("a long dialog begins at its beginning, with the button that has the focus in sight", async () => {
  await page.setViewportSize({ width: 1280, height: 600 });
  await visit.open("/settings");
  await heading("Settings").waitFor();
  await page.keyboard.press("?");
  const dialog = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await dialog.waitFor();
  await assertFocused(page, "Close");
  const inSight = (/** @type {import("playwright-core").Locator} */ what) =>
    what.evaluate((element) => {
      const { left, top, bottom } = element.getBoundingClientRect();
      const there = [top + 2, bottom - 2].map((y) => document.elementFromPoint(left + 8, y));
      return there.every((one) => one !== null && element.contains(one));
    });
  assert.equal(await inSight(dialog.getByRole("heading", { name: "Keyboard shortcuts" })), true);
  assert.equal(await inSight(dialog.getByRole("button", { name: "Close" })), true);
});

test("where the session ends the page keeps its place, and goes on after signing in", async () => {
  await visit.open("/queue");
  await link("abc123").waitFor();
  const search = page.getByRole("searchbox", { name: "Request id" });
  await search.fill("pass");
  await page.getByText("1 case", { exact: true }).waitFor();
  await visit.become(null);
  // Nobody presses anything: the next look at the queue finds out.
  const dialog = page.getByRole("dialog", { name: "Your session has ended" });
  await dialog.waitFor();
  await assertAccessible(page);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await dialog.waitFor();
  await assertFocused(page, "Sign in again");

  await signInAgain(visit, ADA);
  await dialog.waitFor({ state: "detached" });
  assert.equal(await search.inputValue(), "pass");
  await page.getByRole("button", { name: "Claim passport" }).click();
  await page.getByRole("button", { name: "Release passport" }).click();
  await page.getByRole("button", { name: "Claim passport" }).waitFor();
});

test("who has signed in again while the desk was away goes on once it is back", async () => {
  await visit.open("/queue");
  await link("abc123").waitFor();
  await visit.become(null);
  const dialog = page.getByRole("dialog", { name: "Your session has ended" });
  await dialog.waitFor();
  await page.route("**/desk/**", (route) => route.abort());
  await visit.become(ADA);
  // As a browser tells a window that somebody turns to; nothing is pressed from here on.
  await page.evaluate(() => window.dispatchEvent(new Event("focus")));
  await dialog.getByText("The desk cannot be reached. The page asks again by itself.").waitFor();
  await page.unroute("**/desk/**");
  await dialog.waitFor({ state: "detached" });
});

test("whoever signs in again as somebody whom the desk does not let in is told that", async () => {
  await visit.open("/queue");
  await link("abc123").waitFor();
  await visit.become(null);
  await page.getByRole("dialog", { name: "Your session has ended" }).waitFor();
  await visit.become(STRANGER);
  await page.evaluate(() => window.dispatchEvent(new Event("focus")));
  await heading("You have no role at this desk").waitFor();
});

test("what the session's end kept from being done is told above the queue as that, also once somebody is signed in again", async () => {
  await visit.open("/queue");
  await link("abc123").waitFor();
  await visit.become(null);
  await page.getByRole("button", { name: "Claim abc123" }).click();
  await signInAgain(visit, ADA);
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByRole("group", { name: "abc123: Your session had ended" }).waitFor();
  assert.equal(await page.getByText("You are not signed in").count(), 0);
  await assertAccessible(page);
});

test("whoever signs in in place of another sees nothing that the other has uncovered", async () => {
  await visit.open("/cases/abc123");
  await page.getByRole("button", { name: "Show all" }).click();
  await page.getByRole("button", { name: "Hide all" }).waitFor();
  await visit.become(null);
  await signInAgain(visit, ADAM);
  await page.getByText(ADAM).waitFor();
  await page.getByRole("button", { name: "Show all" }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Hide all" }).count(), 0);
});

test("whoever signed in in another tab meets nothing of the one before, and acts under no other name", async () => {
  await visit.open("/cases/passport");
  await page.getByRole("button", { name: "Show all" }).click();
  await page.getByRole("button", { name: "Hide all" }).waitFor();
  const verdict = page.getByRole("region", { name: "Verdict" });
  await verdict.getByRole("button", { name: "Fail", exact: true }).click();
  await verdict.getByRole("textbox", { name: "Internal note" }).fill("Of ada's own.");
  await visit.become(ADAM);
  // As a browser tells a tab that somebody turns to.
  await page.evaluate(() => window.dispatchEvent(new Event("visibilitychange")));
  await page.getByText(ADAM).waitFor();
  await page.getByRole("button", { name: "Show all" }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Hide all" }).count(), 0);
  await page.getByRole("region", { name: "Verdict" }).waitFor();
  assert.equal(await page.getByRole("textbox", { name: "Internal note" }).count(), 0);
});

test("whoever signed in in another window is met as soon as somebody turns to this one", async () => {
  await visit.open("/cases/passport");
  await page.getByRole("button", { name: "Show all" }).waitFor();
  await visit.become(ADAM);
  // Side by side, neither window was hidden.
  await page.evaluate(() => window.dispatchEvent(new Event("focus")));
  await page.getByText(ADAM).waitFor();
});

test("signing out leads to signing in, and so does the way back", async () => {
  await visit.open("/queue");
  await link("abc123").waitFor();
  await link("Sign out").click();
  const question = page.getByRole("heading", { name: "Who are you?" });
  await question.waitFor();
  await page.goBack();
  await question.waitFor();
  await page.setViewportSize({ width: 320, height: 640 });
  // The demo's people have longer names.
  await page.getByRole("link", { name: AUDREY }).evaluate((one) => one.append(".somewhere.else"));
  await assertFits(page);
  await assertAccessible(page);
  await page.getByRole("link", { name: AUDREY }).click();
  // Where the way led.
  await heading("This page is not for your role").waitFor();
  await page.getByText(`Signed in as ${AUDREY}`, { exact: true }).waitFor();
});

test("a lost connection is said, and taken back by itself", async () => {
  await visit.open("/queue");
  await link("abc123").waitFor();
  await visit.context.setOffline(true);
  const banner = page.getByRole("status").filter({ hasText: "The connection to the desk is lost." });
  await banner.waitFor();
  await link("abc123").waitFor();
  await visit.context.setOffline(false);
  await banner.waitFor({ state: "detached" });
  // Offline by the machine's word, or by a call that does not get through.
  await page.route("**/desk/**", (route) => route.abort());
  await banner.waitFor();
  await page.unroute("**/desk/**");
  await banner.getByRole("button", { name: "Try now" }).click();
  await banner.waitFor({ state: "detached" });
});

test("what a screen shows is asked for once, and before the files of other screens", async () => {
  /** @type {string[]} */
  const asked = [];
  page.on("request", (request) => asked.push(request.url().replace(stage.url, "")));
  /** @param {RegExp} what */
  const first = (what) => {
    const at = asked.findIndex((url) => what.test(url));
    assert.notEqual(at, -1, `${what} was not asked for`);
    return at;
  };
  const others = /^\/assets\/(?:settings|attestations)-page-/;
  // One by one: what is still to come must not be taken for the next page's.
  const allAsked = async () =>
    ["settings", "attestations"].every((name) => asked.some((url) => url.startsWith(`/assets/${name}-page-`)));

  // Who sits here is known long before the screen's own file is there.
  await page.route("**/assets/queue-page-*.js", async (route) => {
    await page.waitForTimeout(700);
    await route.continue();
  });
  await visit.open("/queue");
  await link("abc123").waitFor();
  await page.unroute("**/assets/queue-page-*.js");
  await until(allAsked);
  const [list, newest] = [/^\/desk\/cases\?limit=100&/, /^\/desk\/cases\?.*sort=newest/];
  assert.ok(first(list) < first(others));
  // The page that has just come is not read again by the first look at what is new, only by the next.
  const looks = asked.flatMap((url, at) => (newest.test(url) ? [at] : []));
  assert.equal(asked.slice(0, looks[1]).filter((url) => list.test(url)).length, 1);

  asked.length = 0;
  await visit.open("/cases/abc123");
  await page.getByRole("img", { name: "Back of the document" }).waitFor();
  await until(allAsked);
  assert.ok(first(/^\/partner\/piirequest\/abc123\/evidence\/idDocumentBack/) < first(others));
});

test("preferences hold in every tab and after a reload, and nothing else is stored", async () => {
  await visit.open("/settings");
  await page.getByRole("radio", { name: "Dark" }).check();
  const other = await visit.context.newPage();
  await other.goto(`${stage.url}/settings`);
  await other.getByRole("radio", { name: "Dark", checked: true }).waitFor();
  assert.equal(await other.evaluate(() => getComputedStyle(document.documentElement).colorScheme), "dark");
  await other.getByRole("checkbox", { name: "Shortcuts of single characters" }).uncheck();
  await page.getByRole("checkbox", { name: "Shortcuts of single characters", checked: false }).waitFor();
  await other.close();
  await visit.open("/cases/abc123");
  await page.getByRole("img", { name: "Front of the document" }).waitFor();
  const kept = await page.evaluate(async () => ({
    local: { ...localStorage },
    session: sessionStorage.length,
    caches: (await caches.keys()).length,
    databases: (await indexedDB.databases()).length,
    cookie: document.cookie,
    state: history.state,
  }));
  assert.deepEqual(kept, {
    local: { "passdesk.preferences": '{"theme":"dark","shortcuts":false,"evidence":"beside","advance":true}' },
    session: 0,
    caches: 0,
    databases: 0,
    cookie: "",
    state: null,
  });
});

test("a broken preference is no preference", async () => {
  await visit.context.addInitScript(() => localStorage.setItem("passdesk.preferences", '{"theme":7,"shortcuts":'));
  await visit.open("/settings");
  await page.getByRole("radio", { name: "As the system has it", checked: true }).waitFor();
});

test("a page that is left holds nothing, and reads anew when it is come back to", async () => {
  await visit.open("/cases/abc123");
  const front = page.getByRole("img", { name: "Front of the document" });
  await front.waitFor();
  const url = await front.getAttribute("src");
  const leave = () => page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
  await leave();
  assert.equal(await page.evaluate(() => document.getElementById("console")?.textContent), "");
  const readable = await page.evaluate(
    (gone) =>
      new Promise((resolve) => {
        const probe = new Image();
        probe.onload = () => resolve(true);
        probe.onerror = () => resolve(false);
        probe.src = gone ?? "";
      }),
    url,
  );
  assert.equal(readable, false);
  const again = page.waitForResponse((answer) => answer.url().endsWith("/partner/piirequest/abc123"));
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
  await again;
  await front.waitFor();
  assert.notEqual(await front.getAttribute("src"), url);
});

test("nothing personal is printed", async () => {
  await visit.open("/cases/abc123");
  await page.getByRole("img", { name: "Front of the document" }).waitFor();
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.getByRole("img", { name: "Front of the document" }).isVisible(), false);
  assert.equal(await page.getByRole("definition").first().isVisible(), false);
  await page.getByText("Personal data is not printed.").waitFor();
});

test("a part of the page that does not load is told, and the frame stays", async () => {
  await page.route("**/assets/settings-page-*.js", (route) => route.abort());
  await visit.open("/settings");
  await heading("This page did not load").waitFor();
  await page.unroute("**/assets/settings-page-*.js");
  await page.getByRole("button", { name: "Load it anew" }).click();
  await heading("Settings").waitFor();
});

test("who has no role gets words, not code", async () => {
  await visit.become(STRANGER);
  await visit.open("/queue");
  await heading("You have no role at this desk").waitFor();
});
