// @ts-check
// A control that goes with what it was for does not take the focus along: whoever was on it by key is led on, near where it was.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ADA, ADAM, AUDREY, assertAccessible, assertFocused, openStage } from "./stage.mjs";

const IDS = ["abc123", "passport", "id-card", "passport~status.403x1", "passport~status.other-verdict-first"];

/** @type {import("./stage.mjs").Stage} */
let stage;
before(async () => {
  stage = await openStage({ ids: IDS });
});
after(() => stage?.close());

/** @typedef {import("./stage.mjs").Page} Page */

/** @param {Page} page @param {string | RegExp} name */
const button = (page, name) => page.getByRole("button", { name, exact: true });

/** Gives a verdict as another page would. @param {Page} page @param {string} id */
const pass = (page, id) =>
  page.evaluate(async (path) => {
    const headers = { "content-type": "application/json" };
    return (await fetch(path, { method: "PUT", headers, body: JSON.stringify({ status: "partner-pass" }) })).status;
  }, `/partner/piirequest/${id}/status`);

test("from a row's button to the row's case", async () => {
  const { page, open, leave } = await stage.enter(ADA);
  const [dead = "", conflict = ""] = IDS.slice(3);
  await open("/settings");
  for (const id of [dead, conflict]) assert.equal(await pass(page, id), 202);
  await open("/queue?stage=attention");
  await button(page, `Send again ${dead}`).press("Enter", { timeout: 40_000 });
  await button(page, `Send again ${dead}`).waitFor({ state: "detached" });
  await assertFocused(page, dead);
  await button(page, `Resolve ${conflict}`).press("Enter", { timeout: 40_000 });
  await page.keyboard.press("Enter");
  await button(page, `Resolve ${conflict}`).waitFor({ state: "detached" });
  await assertFocused(page, conflict);
  await leave();
});

test("from the end of another's claim to who has the case now", async () => {
  const [ada, adam] = await Promise.all([stage.enter(ADA), stage.enter(ADAM)]);
  await ada.open("/cases/id-card");
  await ada.page.getByText(/^Claimed by you until/).waitFor();
  await adam.open("/cases/id-card");
  await button(adam.page, "End their claim").press("Enter");
  await assertFocused(adam.page, /^(?:ada has this case open too\.)?Nobody has claimed this case\./);
  await Promise.all([ada.leave(), adam.leave()]);
});

test("from a notice to the next one, and from the last one to the screen", async () => {
  const { page, open, leave } = await stage.enter(ADA);
  await open("/queue");
  await page.getByRole("link", { name: "abc123", exact: true }).waitFor();
  for (const [title, answer] of /** @type {const} */ ([
    ["No case was unclaimed", { status: 204 }],
    ["The desk has a fault", { status: 500, json: { error: "internal" } }],
  ])) {
    await page.route("**/desk/cases/next", (route) => route.fulfill(answer));
    await page.keyboard.press("n");
    await page.getByRole("group", { name: title }).waitFor();
  }
  await button(page, "Dismiss: No case was unclaimed").press("Enter");
  await assertFocused(page, "Dismiss: The desk has a fault");
  await page.keyboard.press("Enter");
  assert.ok(await page.getByRole("main").evaluate((main) => main === document.activeElement));
  await leave();
});

test("from a lost connection that is back to the screen", async () => {
  const { page, open, leave } = await stage.enter(ADA);
  await open("/queue");
  await page.getByRole("link", { name: "abc123", exact: true }).waitFor();
  await page.route("**/desk/**", (route) => route.abort());
  await button(page, "Try now").focus();
  await page.unroute("**/desk/**");
  await page.keyboard.press("Enter");
  await button(page, "Try now").waitFor({ state: "detached" });
  assert.ok(await page.getByRole("main").evaluate((main) => main === document.activeElement));
  await leave();
});

test("from a dialog over a screen that the browser's Back has left to the heading of the next one", async () => {
  const { page, open, leave } = await stage.enter(ADA);
  await open("/settings");
  await page.getByRole("link", { name: "Queue", exact: true }).press("Enter");
  await button(page, /^Claim abc123/).focus();
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  await page.goBack();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await assertFocused(page, "Settings");
  await leave();
});

test("from what saves a file to what stops it, and back", async () => {
  const { page, open, leave } = await stage.enter(AUDREY);
  await open("/audit");
  /** @type {() => void} */
  let goOn = () => {};
  const held = new Promise((resolve) => {
    goOn = () => resolve(undefined);
  });
  await page.route("**/desk/audit?*format=csv*", async (route) => {
    await held;
    await route.continue();
  });
  for (const format of ["NDJSON", "CSV"]) {
    await button(page, `Save as ${format}`).press("Enter");
    if (format === "CSV") {
      await assertFocused(page, "Stop");
      goOn();
    }
    await page.getByText(new RegExp(`^Saved audit-.*\\.${format.toLowerCase()}, `)).waitFor();
    await assertFocused(page, `Save as ${format}`);
  }
  await leave();
});

test("from older rows to their end, and to what tries again", async () => {
  const { page, open, leave } = await stage.enter(AUDREY);
  /** @param {number} from @param {number | null} before */
  const part = (from, before) => ({
    json: {
      rows: Array.from({ length: 3 }, (_, index) => ({
        seq: from - index,
        at: 1_700_000_000_000,
        case: "passport",
        action: "opened",
        by: "desk",
        detail: "{}",
        hash: "",
      })),
      before,
    },
  });
  await page.route("**/desk/audit?*order=newest*", (route) => route.fulfill(part(6, 4)));
  await page.route("**/desk/audit?*before=4*", (route) => route.fulfill({ status: 503, json: { error: "busy" } }));
  await open("/audit");
  await button(page, "Show older rows").press("Enter");
  await page.getByRole("alert").filter({ hasText: "Too many write at once" }).waitFor();
  await assertFocused(page, /^Too many write at once/);
  await page.route("**/desk/audit?*before=4*", (route) => route.fulfill(part(3, null)));
  await page.keyboard.press("Tab");
  await assertFocused(page, "Try again");
  await page.keyboard.press("Enter");
  await page.getByText("This is the first row of the audit.").waitFor();
  await assertFocused(page, "This is the first row of the audit.");
  await leave();
});

test("more verifications come behind those that were read, by one button", async () => {
  const { page, open, leave } = await stage.enter(ADA);
  await page.route("**/v1/attestations/search?*", (route) => {
    const query = new URL(route.request().url()).searchParams;
    const at = Number(query.get("page"));
    const data = Array.from({ length: at < 3 ? 10 : 4 }, (_, index) => ({
      uuid: `${at}-${index}`,
      type: "phone_number",
    }));
    return route.fulfill({ json: { data, meta: { page: at, per_page: 10, total: 24 } } });
  });
  await open("/cases/passport");
  const section = page.getByRole("region", { name: "Public verifications" });
  await section.getByRole("textbox", { name: "globaliD name" }).fill("johnsmith");
  await page.keyboard.press("Enter");
  await button(page, "Show more (14 left)").press("Enter");
  await button(page, "Show more (4 left)").waitFor();
  await assertFocused(page, "Show more (4 left)");
  await page.getByRole("status").filter({ hasText: "20 verifications are shown." }).waitFor({ state: "attached" });
  await assertAccessible(page);
  await page.keyboard.press("Enter");
  await button(page, /^Show more/).waitFor({ state: "detached" });
  await page.getByRole("status").filter({ hasText: "24 verifications are shown." }).waitFor({ state: "attached" });
  assert.equal(await section.getByRole("listitem").count(), 24);
  assert.ok(await section.evaluate((section) => section.contains(document.activeElement)));
  await leave();
});
