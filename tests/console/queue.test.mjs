// @ts-check
// The queue, as reviewers live with it: by key and by button, two at a time, live, and with nothing moving under them.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { handOver } from "../../www/demo/hand-over.mjs";
import { callsOf, until } from "../demo/support.mjs";
import { copyCase } from "./seed.mjs";
import { ADA, ADAM, assertAccessible, assertFocused, breakOff, GRACE, openStage, preloaded } from "./stage.mjs";

const IDS = [
  "abc123",
  "passport",
  "id-card",
  "driving-licence",
  "under-age",
  "passport~copy_1",
  "passport~copy_2",
  "passport~copy_3",
  "passport~status.403x1",
  "passport~status.other-verdict-first",
];

/** @type {import("./stage.mjs").Stage} */
let stage;
/** @type {import("./stage.mjs").Visit} */
let ada;
/** @type {import("playwright-core").Page} */
let page;

before(async () => {
  stage = await openStage({ ids: IDS });
});
after(() => stage?.close());
beforeEach(async () => {
  ada = await stage.enter(ADA);
  page = ada.page;
});
afterEach(() => ada.leave());

/** @param {string} id @param {import("playwright-core").Page} [at] */
const row = (id, at = page) => at.getByRole("row").filter({ has: at.getByRole("link", { name: id, exact: true }) });
/** @param {string} name */
const button = (name) => page.getByRole("button", { name, exact: true });
/** What screen readers are told. @param {string} text */
const told = (text) => page.getByRole("status").filter({ hasText: text }).waitFor({ state: "attached" });

/** @param {import("./stage.mjs").Visit} visit @param {string} path @param {string} [method] @param {unknown} [body] */
const asks = (visit, path, method = "POST", body = {}) =>
  visit.page.evaluate(
    async ([path, method, body]) => {
      const init = { method, headers: { "content-type": "application/json" }, body };
      const { status } = await fetch(path, method === "GET" ? {} : init);
      return status;
    },
    /** @type {const} */ ([path, method, JSON.stringify(body)]),
  );

test("a case is claimed and released from the list, and its row says whose it is", async () => {
  await ada.open("/");
  await button("Claim abc123").click();
  await row("abc123").getByText("You", { exact: true }).waitFor();
  await row("abc123")
    .getByText(/^1[45] min left$/)
    .waitFor();
  await told("abc123 is claimed by you.");
  await button("Release abc123").click();
  await row("abc123").getByText("Nobody").waitFor();
});

test("Enter presses what has the focus, whatever case the list is at", async () => {
  await ada.open("/queue");
  await button("Claim abc123").press("Enter");
  await row("abc123").getByText("You", { exact: true }).waitFor();
  await button("Release abc123").press("Enter");
  await row("abc123").getByText("Nobody").waitFor();
  assert.match(page.url(), /\/queue$/);
  await page.getByRole("link", { name: "Settings" }).press("Enter");
  await page.getByRole("heading", { name: "Settings" }).waitFor();
});

test("a key that is held presses once", async () => {
  await ada.open("/queue");
  const waits = row("abc123").getByText("You", { exact: true });
  for (const [key, focus] of [
    ["Enter", button("Claim abc123")],
    ["c", row("abc123").getByRole("link")],
  ]) {
    await /** @type {import("playwright-core").Locator} */ (focus).focus();
    await page.keyboard.down(/** @type {string} */ (key));
    await waits.waitFor();
    await button("Release abc123").and(page.locator(":not([aria-disabled])")).waitFor();
    // As a keyboard repeats it.
    for (let again = 0; again < 5; again += 1) await page.keyboard.down(/** @type {string} */ (key));
    await page.waitForTimeout(500);
    await waits.waitFor();
    await page.keyboard.up(/** @type {string} */ (key));
    await button("Release abc123").click();
    await row("abc123").getByText("Nobody").waitFor();
  }
});

test("who holds the key for the next case means one case", async () => {
  await ada.open("/queue");
  await row("abc123").getByRole("link").waitFor();
  let asked = 0;
  page.on("request", (request) => {
    if (request.url().endsWith("/desk/cases/next")) asked += 1;
  });
  for (let again = 0; again < 40; again += 1) {
    await page.keyboard.down("n");
    await page.waitForTimeout(30);
  }
  await page.keyboard.up("n");
  await page.getByText(/^Claimed by you until /).waitFor();
  assert.equal(asked, 1);
  await page.keyboard.press("g");
  await page.keyboard.press("q");
  await page.getByRole("heading", { name: "Queue" }).waitFor();
  await until(async () => (await page.getByRole("button", { name: /^Release / }).count()) === 0);
});

test("who has let go of a case and asks for the next one is not given the same again", async () => {
  await ada.open("/queue");
  const oldest = (await page.getByRole("rowheader").first().innerText()).trim();
  await ada.open(`/cases/${oldest}`);
  await page.getByText(/^Claimed by you until /).waitFor();
  await button("Release").click();
  await page.getByText("Nobody has claimed this case.").waitFor();
  await page.keyboard.press("n");
  await page.waitForURL((url) => !url.pathname.endsWith(`/${oldest}`), { timeout: 5_000 });
  await page.getByText(/^Claimed by you until /).waitFor();
  await page.getByRole("link", { name: "Queue" }).first().click();
  await page.getByRole("heading", { name: "Queue" }).waitFor();
  await until(async () => (await page.getByRole("button", { name: /^Release / }).count()) === 0);
});

test("who asks for the next case again and again goes through the queue, and from its end to what was left out", async () => {
  await ada.open("/queue");
  await row("abc123").getByRole("link").waitFor();
  const queue = (await page.getByRole("rowheader").allInnerTexts()).map((id) => id.trim());
  for (const id of [...queue, ...queue.slice(0, 2)]) {
    await page.keyboard.press("n");
    await page.getByRole("heading", { level: 1, name: id, exact: true }).waitFor({ timeout: 5_000 });
    await page.getByText(/^Claimed by you until /).waitFor();
  }
  await page.getByRole("link", { name: "Queue" }).first().click();
  await page.getByRole("heading", { name: "Queue" }).waitFor();
  await until(async () => (await page.getByRole("button", { name: /^Release / }).count()) === 0);
});

test("Enter ends a pair of keys, and opens the case where it presses nothing", async () => {
  await ada.open("/queue");
  await row("abc123").getByRole("link").waitFor();
  await page.keyboard.press("g");
  await button("Claim abc123").press("Enter");
  await page.keyboard.press("s");
  await row("abc123").getByText("You", { exact: true }).waitFor();
  assert.match(page.url(), /\/queue$/);
  await button("Release abc123").click();
  await row("abc123").getByText("Nobody").waitFor();
  await row("abc123").getByRole("checkbox").press("Enter");
  await page.waitForURL(/\/cases\/abc123$/);
  await page.getByText(/^Claimed by you until /).waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("q");
  await row("abc123").getByText("Nobody").waitFor();
});

test("what is on its way is not asked for again, and its button says so", async () => {
  let pass = () => {};
  const gate = new Promise((resolve) => {
    pass = () => resolve(undefined);
  });
  let asked = 0;
  await page.route("**/desk/cases/abc123/claim", async (route) => {
    asked += 1;
    await gate;
    await route.continue();
  });
  await ada.open("/queue");
  const claim = button("Claim abc123");
  await claim.click();
  await claim.and(page.locator("[aria-disabled=true]")).waitFor();
  await claim.click({ force: true });
  await claim.press("Enter");
  pass();
  await row("abc123").getByText("You", { exact: true }).waitFor();
  assert.equal(asked, 1);
  await button("Release abc123").click();
  await row("abc123").getByText("Nobody").waitFor();
});

test("somebody else's claim shows live, and the refused button says why", async () => {
  await ada.open("/queue");
  await button("Claim passport").waitFor();
  const grace = await stage.enter(GRACE);
  await grace.open("/settings");
  assert.equal(await asks(grace, "/desk/cases/passport/claim"), 200);

  await row("passport").getByText("grace", { exact: true }).waitFor();
  const refused = button("Claim passport");
  assert.equal(await refused.getAttribute("aria-disabled"), "true");
  const reason = await refused.evaluate(
    (element) => document.getElementById(element.getAttribute("aria-describedby") ?? "")?.textContent,
  );
  assert.match(reason ?? "", /^grace1[45] min left$/);
  await refused.click({ force: true });
  await page.waitForTimeout(300);
  await row("passport").getByText("grace", { exact: true }).waitFor();

  // An admin may end it.
  const adam = await stage.enter(ADAM);
  await adam.open("/queue");
  await adam.page.getByRole("button", { name: "Release passport" }).click();
  await row("passport").getByText("Nobody").waitFor();
  await adam.leave();
  await grace.leave();
});

test("a claim that somebody else was faster with is told, and the row is right at once", async () => {
  await ada.open("/queue");
  await button("Claim under-age").waitFor();
  // No look at the list in between.
  await page.route("**/desk/cases?*", (route) => route.abort());
  const grace = await stage.enter(GRACE);
  await grace.open("/settings");
  assert.equal(await asks(grace, "/desk/cases/under-age/claim"), 200);
  await button("Claim under-age").click();
  await page.getByRole("group", { name: "under-age: Somebody else is at it" }).getByText("grace has it.").waitFor();
  await row("under-age").getByText("grace", { exact: true }).waitFor();
  assert.equal(await asks(grace, "/desk/cases/under-age/release"), 200);
  await grace.leave();
});

test("what somebody else has done meanwhile is told as what it is", async () => {
  const id = "passport~status.other-verdict-first";
  await ada.open("/queue?stage=all");
  for (const [status, json, title] of /** @type {const} */ ([
    [409, { error: "decided" }, "There is nothing to claim any more"],
    [403, { error: "forbidden", why: "not_yours" }, "It is somebody else's"],
  ])) {
    await page.route("**/claim", (route) => route.fulfill({ status, json }));
    await button(`Claim ${id}`).click();
    await page.getByRole("group", { name: `${id}: ${title}` }).waitFor({ timeout: 5_000 });
  }
  await page.unroute("**/claim");
});

test("a look at the list that was on its way takes nothing back that was done meanwhile", async () => {
  await ada.open("/queue");
  await row("driving-licence").getByText("Nobody").waitFor();
  const gates = /** @type {Record<"read" | "pass", Promise<void>>} */ ({});
  const [read, pass] = /** @type {const} */ (["read", "pass"]).map((name) => {
    /** @type {() => void} */
    let open = () => {};
    gates[name] = new Promise((resolve) => {
      open = () => resolve();
    });
    return open;
  });
  await page.route(/\/desk\/cases\?(?:.*&)?limit=100(?:&|$)/, async (route) => {
    const response = await route.fetch();
    read?.();
    await gates.pass;
    await route.fulfill({ response });
  });
  await gates.read;
  await button("Claim driving-licence").click();
  await row("driving-licence").getByText("You", { exact: true }).waitFor();
  const came = page.waitForResponse(/\/desk\/cases\?(?:.*&)?limit=100(?:&|$)/);
  pass?.();
  await (await came).finished();
  // Before the next look, which would set it right.
  await page.waitForTimeout(500);
  assert.equal(await row("driving-licence").getByText("Nobody").count(), 0);
  await page.unrouteAll({ behavior: "wait" });
  await button("Release driving-licence").click();
  await row("driving-licence").getByText("Nobody").waitFor();
});

test("by key alone: down and up, claim, open, back to the same row, next unclaimed", async () => {
  await ada.open("/queue");
  await row("abc123").waitFor();
  const order = await page.getByRole("rowheader").allInnerTexts();
  await page.keyboard.press("j");
  await assertFocused(page, order[0]);
  await page.keyboard.press("j");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("k");
  await page.keyboard.press("ArrowDown");
  await assertFocused(page, order[2]);
  await page.keyboard.press("c");
  await row(order[2] ?? "")
    .getByText("You", { exact: true })
    .waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: order[2] }).waitFor();
  await assertFocused(page, order[2]);
  // Whoever leaves a case lets go of it. The list hears of that at its next look.
  await page.goBack();
  await row(order[2] ?? "").waitFor();
  await assertFocused(page, order[2]);
  await row(order[2] ?? "")
    .getByText("Nobody")
    .waitFor();
  await page.keyboard.press("c");
  await told(`${order[2]} is claimed by you.`);
  await row(order[2] ?? "")
    .getByText("You", { exact: true })
    .waitFor();
  await page.keyboard.press("c");
  await row(order[2] ?? "")
    .getByText("Nobody")
    .waitFor();

  await page.keyboard.press("n");
  await page.getByRole("heading", { level: 1, name: order[0] }).waitFor();
  await told(`${order[0]} is claimed by you.`);
  // Whoever leaves lets go, also where the case's page has not even seen the claim yet.
  const released = page.waitForResponse(`**/desk/cases/${order[0]}/release`);
  await page.keyboard.press("g");
  await page.keyboard.press("q");
  assert.equal((await released).status(), 200);
  await row(order[0] ?? "")
    .getByText("Nobody")
    .waitFor();
});

test("a case that is left while its claim is still on its way does not stay claimed", async () => {
  let pass = () => {};
  const gate = new Promise((resolve) => {
    pass = () => resolve(undefined);
  });
  await page.route("**/desk/cases/id-card/claim", async (route) => {
    await gate;
    await route.continue();
  });
  await ada.open("/queue");
  const asked = page.waitForRequest("**/desk/cases/id-card/claim");
  await row("id-card").getByRole("link").click();
  await asked;
  await page.goBack();
  await row("id-card").waitFor();
  const released = page.waitForResponse("**/desk/cases/id-card/release");
  pass();
  assert.equal((await released).status(), 200);
  const view = await page.evaluate(async () => (await fetch("/desk/cases/id-card")).json());
  assert.equal(view.claim, null);
});

test("a further page that fails is asked for once, and again by whoever asks", async () => {
  let asked = 0;
  let status = 400;
  await page.route(/\/desk\/cases\?(?:.*&)?limit=100(?:&|$)/, async (route) => {
    if (new URL(route.request().url()).searchParams.has("cursor")) {
      asked += 1;
      return route.fulfill({ status, json: { error: "invalid_request" } });
    }
    const response = await route.fetch();
    return route.fulfill({ response, json: { ...(await response.json()), cursor: "next" } });
  });
  await ada.open("/queue");
  await row("abc123").waitFor();
  await page.getByRole("alert").waitFor();
  await page.waitForTimeout(1_000);
  assert.equal(asked, 1);

  // What may pass is tried three times, and then offered.
  status = 503;
  asked = 0;
  await page.reload();
  await button("Try again").waitFor();
  await page.waitForTimeout(1_000);
  assert.equal(asked, 3);
  await button("Try again").click();
  await until(async () => asked > 3);
  await page.unrouteAll({ behavior: "wait" });
});

test("a list that breaks off half-way is told as that, and can be asked for again", async () => {
  const { heal } = await breakOff(page, "limit=100");
  await ada.open("/queue");
  await page.getByRole("alert").filter({ hasText: "The answer broke off" }).waitFor();
  await heal();
  await button("Try again").click();
  await row("abc123").waitFor();
});

test("what is answered is read to its end: no request stays open until its time is up", async () => {
  const ended = new Promise((resolve) => {
    for (const event of /** @type {const} */ (["requestfinished", "requestfailed"])) {
      page.on(/** @type {"requestfinished"} */ (event), (request) => {
        if (request.url().endsWith("/claim")) resolve(event);
      });
    }
  });
  await ada.open("/queue");
  await row("id-card").getByRole("link").click();
  assert.equal(await ended, "requestfinished");
  const released = page.waitForResponse("**/desk/cases/id-card/release");
  await page.goBack();
  assert.equal((await released).status(), 200);
});

test("Tab comes to the list once, to the row where one was", async () => {
  await ada.open("/queue");
  await row("abc123").waitFor();
  const order = await page.getByRole("rowheader").allInnerTexts();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await assertFocused(page, order[1] ?? "");
  await page.getByLabel("Order").focus();
  await page.keyboard.press("Tab");
  await assertFocused(page, `Select ${order[1]}`);
  await page.keyboard.press("Tab");
  await assertFocused(page, order[1]);
  await page.keyboard.press("Tab");
  await assertFocused(page, `Claim ${order[1]}`);
});

test("single characters can be switched off; keys in a field and with modifiers are the browser's", async () => {
  await ada.open("/queue");
  await row("abc123").waitFor();
  const search = page.getByRole("searchbox", { name: "Request id" });
  await page.keyboard.press("/");
  assert.ok(await search.evaluate((field) => field === document.activeElement));
  await page.keyboard.type("njk?");
  assert.equal(await search.inputValue(), "njk?");
  await page.getByText("An id has letters, digits and . _ ~ - only.").waitFor();
  assert.equal(await page.getByRole("dialog").count(), 0);
  await search.fill("");
  await search.blur();
  await page.keyboard.press("Control+j");
  assert.ok(await page.evaluate(() => document.activeElement === document.body));

  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  await page.keyboard.press("n");
  await page.keyboard.press("Escape");
  assert.equal(new URL(page.url()).pathname, "/queue");

  await page.keyboard.press("g");
  await page.keyboard.press("s");
  await page.getByRole("checkbox", { name: "Shortcuts of single characters" }).uncheck();
  await page.getByRole("heading", { level: 1 }).click();
  await page.keyboard.press("?");
  await page.keyboard.press("g");
  await page.keyboard.press("q");
  await page.keyboard.press("n");
  assert.equal(await page.getByRole("dialog").count(), 0);
  assert.equal(new URL(page.url()).pathname, "/settings");
  await page.getByRole("link", { name: "Queue" }).click();
  await row("abc123").waitFor();
  await page.keyboard.press("ArrowDown");
  await assertFocused(page, (await page.getByRole("rowheader").allInnerTexts())[0]);
});

test("filters are in the URL, hold after a reload, and lead back from nothing", async () => {
  await ada.open("/queue");
  await row("abc123").waitFor();
  await page.getByRole("searchbox", { name: "Request id" }).fill("passport~copy");
  await page.locator(".queue-count").getByText("3 cases", { exact: true }).waitFor();
  await told("3 cases");
  await page.getByLabel("Order").selectOption({ label: "Newest first" });
  await page.getByLabel("Claimed by").selectOption({ label: "Nobody" });
  await page.waitForURL("**/queue?claimed=none&search=passport%7Ecopy&sort=newest");
  await page.reload();
  await page.getByText("3 cases", { exact: true }).waitFor();
  assert.equal(await page.getByRole("searchbox", { name: "Request id" }).inputValue(), "passport~copy");
  // Of what was there as the page opened a screen reader reads by itself.
  assert.equal(await page.getByRole("status").filter({ hasText: "3 cases" }).count(), 0);

  await page.getByLabel("Claimed by").selectOption({ label: "Others" });
  await page.getByText("No case matches").waitFor();
  await told("0 cases");
  await page.getByRole("link", { name: "Take the filters off" }).focus();
  await page.keyboard.press("Enter");
  await row("abc123").waitFor();
  assert.equal(new URL(page.url()).search, "?sort=newest");
  assert.ok(await page.getByRole("main").evaluate((main) => main === document.activeElement));

  await page.getByRole("searchbox", { name: "Request id" }).fill("id-card");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "id-card" }).waitFor();
});

test("the field says what the list is narrowed to, and keeps the focus and every letter of who types", async () => {
  await ada.open("/queue");
  await row("abc123").waitFor();
  const field = page.getByRole("searchbox", { name: "Request id" });
  await field.focus();
  // Slow enough for some letters to be searched for while the next ones come, and for some not.
  for (const [index, letter] of [..."nothing-begins-so"].entries()) {
    await page.waitForTimeout(index % 2 === 0 ? 260 : 40);
    await page.keyboard.press(letter);
  }
  await page.getByText("No case matches").waitFor();
  // Not after each letter.
  await told("0 cases");
  assert.equal(await page.getByRole("status").getByText("0 cases").count(), 1);
  assert.equal(await field.inputValue(), "nothing-begins-so");
  assert.ok(await field.evaluate((element) => element === document.activeElement));
  await page.keyboard.press("x");
  // At once: what was typed a moment ago must not narrow the list again.
  await page.getByRole("link", { name: "Take the filters off" }).click();
  await row("abc123").waitFor();
  assert.equal(await field.inputValue(), "");
  await page.waitForTimeout(500);
  assert.equal(new URL(page.url()).search, "");
});

test("several are claimed at once, what was taken meanwhile is told, and nothing can be decided there", async () => {
  await ada.open("/queue?search=passport~copy");
  const grace = await stage.enter(GRACE);
  await grace.open("/settings");
  await page.getByRole("checkbox", { name: "Select passport~copy_1" }).check();
  await row("passport~copy_2").getByRole("link").focus();
  await page.keyboard.press("x");
  await page.getByRole("checkbox", { name: "Select passport~copy_3" }).check();
  await page.getByText("3 selected").waitFor();
  assert.equal(await page.getByRole("button", { name: /pass$|fail|decide/i }).count(), 0);
  assert.equal(await asks(grace, "/desk/cases/passport~copy_2/claim"), 200);
  await button("Claim all 3").focus();
  await page.keyboard.press("Enter");
  // The buttons go with what they were for; the list goes on from where one was.
  await until(() => page.evaluate(() => document.activeElement?.matches(".queue [role=row] a") ?? false));
  await page
    .getByRole("group", { name: "2 cases claimed" })
    .getByText("1 was somebody else's or decided by then.")
    .waitFor();
  await row("passport~copy_1").getByText("You", { exact: true }).waitFor();
  await row("passport~copy_2").getByText("grace", { exact: true }).waitFor();
  await assertAccessible(page);
  for (const id of ["passport~copy_1", "passport~copy_3"])
    assert.equal(await asks(ada, `/desk/cases/${id}/release`), 200);
  assert.equal(await asks(grace, "/desk/cases/passport~copy_2/release"), 200);
  await grace.leave();
});

test("a new case comes below and is told; one that was decided elsewhere keeps its row and says so", async () => {
  await ada.open("/queue");
  await row("abc123").waitFor();
  await page.waitForResponse((answer) => answer.url().includes("sort=newest"));
  const before = await page.getByRole("rowheader").allInnerTexts();
  await row(before[3] ?? "")
    .getByRole("link")
    .focus();
  const top = await row(before[3] ?? "").boundingBox();

  const grace = await stage.enter(GRACE);
  await grace.open("/settings");
  assert.equal(await asks(grace, "/partner/piirequest/abc123/status", "PUT", { status: "partner-pass" }), 202);
  await handOver(stage.url, ["expires-soon"]);
  await told("1 new case in the queue.");
  await row("expires-soon").waitFor();
  await row("abc123").getByText(/^Pass/).waitFor();
  await row("abc123").getByText("by grace").waitFor();
  assert.equal(await page.getByRole("button", { name: "Claim abc123" }).count(), 0);
  assert.deepEqual(await page.getByRole("rowheader").allInnerTexts(), [...before, "expires-soon"]);
  assert.deepEqual(await row(before[3] ?? "").boundingBox(), top);
  await assertFocused(page, before[3]);
  await grace.leave();
});

test("with the newest first, new cases wait until they are asked for", async () => {
  // The first look at what is new, against which the next ones are compared.
  const looked = page.waitForResponse((answer) => /\/desk\/cases\?(?:.*&)?limit=50(?:&|$)/.test(answer.url()));
  await ada.open("/queue?sort=newest");
  await page.getByRole("row").nth(1).waitFor();
  await looked;
  await page.waitForTimeout(500);
  const before = await page.getByRole("rowheader").allInnerTexts();
  await handOver(stage.url, ["blocked-country"]);
  await told("1 new case in the queue.");
  assert.deepEqual(await page.getByRole("rowheader").allInnerTexts(), before);
  await button("Show 1 new case").focus();
  await page.keyboard.press("Enter");
  await row("blocked-country").waitFor();
  await assertFocused(page, "Queue");
  assert.equal((await page.getByRole("rowheader").allInnerTexts())[0], "blocked-country");
});

test("a dead letter is seen, and sent again from the list", async () => {
  await ada.open("/queue");
  await row("passport~status.403x1").waitFor();
  assert.equal(
    await asks(ada, "/partner/piirequest/passport~status.403x1/status", "PUT", { status: "partner-pass" }),
    202,
  );
  await row("passport~status.403x1").getByText("Pass not delivered").waitFor({ timeout: 30_000 });
  await page.getByRole("link", { name: /^Needs attention/ }).click();
  await row("passport~status.403x1").waitFor();
  await button("Send again passport~status.403x1").click();
  await told("The verdict on passport~status.403x1 is sent again.");
  await row("passport~status.403x1").getByText("Passed").waitFor();
  const puts = (await callsOf(stage.sandboxUrl)).filter(
    ({ method, path }) => method === "PUT" && path.includes("passport~status.403x1"),
  );
  assert.equal(puts.length, 2);
});

test("two verdicts are shown, and a person says which one stands", async () => {
  const id = "passport~status.other-verdict-first";
  await ada.open("/queue?stage=attention");
  await page.getByText("Nothing here").waitFor();
  assert.equal(await asks(ada, `/partner/piirequest/${id}/status`, "PUT", { status: "partner-pass" }), 202);
  await button(`Resolve ${id}`).waitFor({ timeout: 30_000 });
  await button(`Resolve ${id}`).click();
  const dialog = page.getByRole("dialog", { name: "Two verdicts" });
  await dialog.getByText(/the desk has Pass, by ada@partner\.example\. Civic shows Fail/).waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await button(`Resolve ${id}`).click();
  await dialog.getByRole("button", { name: "Let Civic's stand" }).click();
  await told(`Civic's verdict on ${id} stands.`);
  await row(id).getByText("Civic's Fail stands").waitFor();
});

test("where nothing is unclaimed the next one is nowhere, and that is said", async () => {
  await ada.open("/queue");
  await row("passport").waitFor();
  await page.route("**/desk/cases/next", (route) => route.fulfill({ status: 204 }));
  await button("Next unclaimed").click();
  await page.getByRole("group", { name: "No case was unclaimed" }).waitFor();
  assert.equal(new URL(page.url()).pathname, "/queue");
  await page.unroute("**/desk/cases/next");
  await page.route("**/desk/cases/next", (route) => route.fulfill({ status: 503, json: { error: "busy" } }));
  await button("Next unclaimed").click();
  await page.getByRole("group", { name: "Too many write at once" }).waitFor();
});

test("the connection comes back: the list keeps its rows and its focus, and asks for no page that is not looked at", async () => {
  const id = "driving-licence";
  await copyCase(stage, "id-card", 150);
  await ada.open("/queue");
  await row("copy-00000").waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("End");
  await page.getByText(/^\d+ cases$/).waitFor();
  await page.keyboard.press("End");
  await row(id).getByRole("link").focus();
  await preloaded(page);
  await ada.context.setOffline(true);
  const banner = page.getByText("The connection to the desk is lost.");
  await banner.waitFor();
  const grace = await stage.enter(GRACE);
  await grace.open("/settings");
  assert.equal(await asks(grace, `/partner/piirequest/${id}/status`, "PUT", { status: "partner-fail" }), 202);
  let first = 0;
  page.on("request", (request) => {
    first += Number(new URL(request.url()).search === "?limit=100&state=open");
  });
  await ada.context.setOffline(false);
  await banner.waitFor({ state: "detached" });
  await row(id).getByText("by grace").waitFor();
  await assertFocused(page, id);
  assert.equal(first, 0);
  await grace.leave();
});
