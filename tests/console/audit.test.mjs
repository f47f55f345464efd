// @ts-check
// The audit's screen: rows, filters, the proof of the chain, files, and whom it is not for.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { until } from "../demo/support.mjs";
import { ADA, AUDREY, assertAccessible, assertFocused, breakOff, openStage } from "./stage.mjs";

/** @type {import("./stage.mjs").Stage} */
let stage;
/** @type {import("./stage.mjs").Visit} */
let visit;
/** @type {import("playwright-core").Page} */
let page;

before(async () => {
  stage = await openStage({ ids: ["abc123", "passport"] });
  const ada = await stage.enter(ADA);
  await ada.open("/queue");
  const status = await ada.page.evaluate(async () => {
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ field: "name" });
    return (await fetch("/desk/cases/abc123/reveal", { method: "POST", headers, body })).status;
  });
  assert.equal(status, 204);
  await ada.leave();
});
after(() => stage?.close());
beforeEach(async () => {
  visit = await stage.enter(AUDREY);
  page = visit.page;
});
afterEach(() => visit.leave());

const rows = () => page.getByRole("region", { name: "Audit rows" }).getByRole("row");
/** The numbers of the rows that are shown. */
const numbers = async () =>
  (await page.getByRole("region", { name: "Audit rows" }).locator("tbody td:first-child").allInnerTexts()).map((text) =>
    Number(text.replaceAll(",", "")),
  );

/** Adds rows as the desk would have written them. @param {number} count */
async function lengthen(count) {
  const database = await stage.database();
  const last = await database.prepare("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").first();
  let { seq, hash: prev } = /** @type {{ seq: number, hash: string }} */ (last);
  /** @type {unknown[]} */
  let added = [];
  for (let left = count; left > 0; left -= 1) {
    seq += 1;
    const row = {
      at: Date.now(),
      case: "passport",
      action: "record-viewed",
      by: "grace@partner.example",
      detail: "{}",
    };
    const text = JSON.stringify(["passdesk-audit-1", seq, prev, row.at, row.case, row.action, row.by, row.detail]);
    const hash = createHash("sha256").update(text).digest("hex");
    added.push({ seq, prev, ...row, hash });
    prev = hash;
    if (added.length < 3000 && left > 1) continue;
    await database
      .prepare(
        `INSERT INTO audit (seq, prev, at, case_id, action, actor, detail, hash)
         SELECT value ->> 'seq', value ->> 'prev', value ->> 'at', value ->> 'case', value ->> 'action', value ->> 'by',
           value ->> 'detail', value ->> 'hash' FROM json_each(?) ORDER BY key`,
      )
      .bind(JSON.stringify(added))
      .run();
    added = [];
  }
  return seq;
}

test("rows come newest first, in words, and are narrowed by request, action, person and time", async () => {
  await visit.open("/audit");
  await page.getByRole("heading", { level: 2, name: "3 rows", exact: true }).waitFor();
  assert.deepEqual(await numbers(), [3, 2, 1]);
  const revealed = rows().filter({ hasText: "Field revealed" });
  assert.match(await revealed.innerText(), /abc123[\s\S]*ada@partner\.example[\s\S]*Field name/);

  await page.getByRole("link", { name: "passport", exact: true }).click();
  await page.getByRole("heading", { level: 2, name: "1 row", exact: true }).waitFor();
  assert.equal(new URL(page.url()).search, "?case=passport");
  assert.equal(await page.getByLabel("Request id").inputValue(), "passport");
  await page.goBack();
  await page.getByRole("heading", { level: 2, name: "3 rows", exact: true }).waitFor();

  await page.keyboard.press("/");
  assert.ok(await page.getByLabel("Request id").evaluate((field) => field === document.activeElement));
  await page.getByLabel("Action").selectOption({ label: "Case opened" });
  await page.getByLabel("By", { exact: true }).fill("Desk");
  await page.getByRole("button", { name: "Filter" }).click();
  await page.getByRole("heading", { level: 2, name: "2 rows", exact: true }).waitFor();
  await page.getByRole("status").filter({ hasText: "2 rows" }).waitFor({ state: "attached" });
  assert.equal(new URL(page.url()).search, "?action=opened&by=desk");
  await page.reload();
  await page.getByRole("heading", { level: 2, name: "2 rows", exact: true }).waitFor();
  assert.equal(await page.getByLabel("Action").inputValue(), "opened");

  await page.getByLabel("From").fill("2100-01-01T00:00");
  await page.getByRole("button", { name: "Filter" }).click();
  await page.getByText("No row matches").waitFor();
  await page.getByRole("link", { name: "Clear" }).click();
  await page.getByLabel("Before").fill("2100-01-01T00:00");
  await page.getByRole("button", { name: "Filter" }).click();
  await page.getByRole("heading", { level: 2, name: "3 rows", exact: true }).waitFor();
  assert.match(new URL(page.url()).search, /^\?until=\d{13}$/);
});

test("who filters by key stays where they were in the filter", async () => {
  await visit.open("/audit");
  await rows().first().waitFor();
  const has = (/** @type {import("playwright-core").Locator} */ control) =>
    until(() => control.evaluate((element) => element === document.activeElement));
  await page.keyboard.press("/");
  await page.keyboard.type("passport");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 2, name: "1 row", exact: true }).waitFor();
  await has(page.getByLabel("Request id"));
  await page.keyboard.press("Tab");
  await has(page.getByLabel("Action"));
  await page.getByRole("button", { name: "Filter" }).focus();
  await page.getByLabel("Action").selectOption({ label: "Case opened" });
  await page.keyboard.press("Enter");
  await page.waitForURL("**/audit?case=passport&action=opened");
  await has(page.getByRole("button", { name: "Filter" }));
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/audit");
  await has(page.getByLabel("Request id"));
  assert.equal(await page.getByLabel("Request id").inputValue(), "");
  // Only within the filter: another screen's form takes no focus.
  await page.getByLabel("Request id").focus();
  await page.getByRole("link", { name: "Settings" }).click();
  await assertFocused(page, "Settings");
});

test("a filter that makes no sense is told at its field, and asks nothing", async () => {
  await visit.open("/audit");
  await rows().first().waitFor();
  await page.getByLabel("Request id").fill("no such id!");
  await page.getByRole("button", { name: "Filter" }).click();
  await page.getByRole("alert").filter({ hasText: "letters, digits" }).waitFor();
  assert.equal(await page.getByLabel("Request id").getAttribute("aria-invalid"), "true");
  assert.ok(await page.getByLabel("Request id").evaluate((field) => field === document.activeElement));
  await assertAccessible(page);
  await page.getByLabel("Request id").fill("");
  await page.getByLabel("From").fill("2026-02-02T00:00");
  await page.getByLabel("Before").fill("2026-02-01T00:00");
  await page.getByRole("button", { name: "Filter" }).click();
  await page.getByRole("alert").filter({ hasText: "after the beginning" }).waitFor();
  assert.equal(new URL(page.url()).search, "");
});

test("files hold every row with its hash, and an ended session is told, not saved", async () => {
  await visit.open("/audit");
  await rows().first().waitFor();
  await visit.become(null);
  let saved = 0;
  page.on("download", () => (saved += 1));
  await page.getByRole("button", { name: "Save as CSV" }).click();
  await page.getByRole("dialog", { name: "Your session has ended" }).waitFor();
  assert.equal(saved, 0);
  await visit.become(AUDREY);
  await page.getByRole("button", { name: "Sign in again" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.equal(await rows().count(), 4, "what was on the screen stays there");

  for (const format of /** @type {const} */ (["NDJSON", "CSV"])) {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: `Save as ${format}` }).click(),
    ]);
    assert.match(download.suggestedFilename(), new RegExp(`^audit-\\d{4}-\\d\\d-\\d\\d\\.${format.toLowerCase()}$`));
    await page.getByText(new RegExp(`^Saved audit-.*\\.${format.toLowerCase()}, `)).waitFor();
    const text = await readFile(await download.path(), "utf8");
    const lines = text.trimEnd().split(/\r?\n/);
    if (format === "CSV") assert.equal(lines.shift(), "seq,at,case,action,by,detail,prev,hash");
    assert.deepEqual(
      lines.map((line) => (format === "CSV" ? Number(line.split(",")[0]) : JSON.parse(line).seq)),
      [1, 2, 3],
    );
  }
});

test("a file that breaks off half-way is not saved, told as that, and can be asked for again", async () => {
  const { heal } = await breakOff(page, "format=csv");
  await visit.open("/audit");
  let saved = 0;
  page.on("download", () => (saved += 1));
  await page.getByRole("button", { name: "Save as CSV" }).click();
  await page.getByRole("alert").filter({ hasText: "The answer broke off" }).waitFor();
  assert.equal(saved, 0);
  await heal();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Try again" }).click(),
  ]);
  assert.match(await readFile(await download.path(), "utf8"), /^seq,at,/);
});

test("a file that the desk could not bring to its end is not saved either", async () => {
  for (const [format, tail] of [
    ["NDJSON", '{"error":"incomplete","after":1}\n'],
    ["CSV", '"incomplete","after=1"\r\n'],
  ]) {
    const pattern = `**/desk/audit?*format=${format?.toLowerCase()}*`;
    await page.route(pattern, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: (await response.text()) + tail });
    });
    await visit.open("/audit");
    let saved = 0;
    page.on("download", () => (saved += 1));
    await page.getByRole("button", { name: `Save as ${format}` }).click();
    await page.getByRole("alert").filter({ hasText: "The answer broke off" }).waitFor();
    assert.equal(saved, 0);
    await page.unroute(pattern);
  }
});

test("older rows are read when asked for; what fails on the way is told, and goes on", async () => {
  const last = await lengthen(447);
  await visit.open("/audit");
  await page.getByRole("heading", { level: 2, name: "200 rows, and older ones" }).waitFor();
  assert.equal((await numbers())[0], last);
  await page.route("**/desk/audit?*before=*", (route) => route.fulfill({ status: 503, json: { error: "busy" } }));
  await page.getByRole("button", { name: "Show older rows" }).click();
  await page.getByRole("alert").filter({ hasText: "Too many write at once" }).waitFor();
  assert.equal((await numbers()).length, 200);
  await page.unroute("**/desk/audit?*before=*");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { level: 2, name: "400 rows, and older ones" }).waitFor();
  await page.getByRole("button", { name: "Show older rows" }).click();
  await page.getByText("This is the first row of the audit.").waitFor();
  assert.deepEqual(
    await numbers(),
    Array.from({ length: last }, (_, index) => last - index),
  );
});

test("what is tried again is what failed: the newest rows, not older ones", async () => {
  await visit.open("/audit");
  await page.getByRole("heading", { level: 2, name: "200 rows, and older ones" }).waitFor();
  const last = await lengthen(1);
  await page.route("**/desk/audit?*order=newest*", (route) => route.fulfill({ status: 503, json: { error: "busy" } }));
  await page.getByRole("button", { name: "Read again" }).click();
  await page.getByRole("alert").filter({ hasText: "Too many write at once" }).waitFor();
  await page.unroute("**/desk/audit?*order=newest*");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("alert").waitFor({ state: "detached" });
  assert.equal((await numbers())[0], last);
  assert.equal((await numbers()).length, 200);
});

test("the chain is verified in parts, with a bar, can be stopped, and the verdict is plain", async () => {
  const last = await lengthen(11_000);
  const words = last.toLocaleString("en");
  await visit.open("/audit");
  await page.getByRole("heading", { level: 1, name: "Audit" }).waitFor();
  // Held after the first part, to look at what is shown meanwhile.
  let release = () => {};
  const held = new Promise((resolve) => {
    release = () => resolve(undefined);
  });
  await page.route("**/desk/audit/verify?*", async (route) => {
    if (new URL(route.request().url()).searchParams.get("after") !== "0") await held;
    await route.continue();
  });
  const part = page.waitForResponse((response) => response.url().includes("/verify?after=0"));
  await page.keyboard.press("v");
  await part;
  const bar = page.getByRole("progressbar", { name: "Rows verified" });
  await bar.waitFor();
  assert.equal(await bar.getAttribute("max"), String(last));
  await page.keyboard.press("Escape");
  await page
    .getByRole("status")
    .filter({ hasText: /^Stopped after [\d,]+ rows, all of them as they were written/ })
    .waitFor();
  release();
  await page.getByRole("button", { name: "Verify the chain" }).click();
  const verdict = page.getByRole("status").filter({ hasText: "The chain is whole" });
  await verdict.filter({ hasText: `All ${words} rows are as they were written` }).waitFor();

  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save as CSV" }).click(),
  ]);
  const lines = (await readFile(await download.path(), "utf8")).trimEnd().split("\r\n");
  assert.equal(lines.length, last + 1, "the head is there once, however many parts there were");

  const database = await stage.database();
  await database.prepare("DROP TRIGGER audit_next_row").run();
  await database
    .prepare("INSERT INTO audit SELECT 0, prev, at, case_id, action, actor, detail, hash FROM audit WHERE seq = 1")
    .run();
  const [forged] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save as NDJSON" }).click(),
  ]);
  assert.match(
    await readFile(await forged.path(), "utf8"),
    /^\{"seq":0,/,
    "what stands before the chain is in the file",
  );
  await database.prepare("DROP TRIGGER audit_no_delete").run();
  await database.prepare("DELETE FROM audit WHERE seq = 0").run();
  await database.prepare("DROP TRIGGER audit_no_update").run();
  await database.prepare("UPDATE audit SET actor = 'eve@partner.example' WHERE seq = 6001").run();
  await page.getByRole("button", { name: "Verify the chain" }).click();
  const broken = page.getByRole("alert").filter({ hasText: "The chain is broken: row 6,001 is not as it was written" });
  await broken.filter({ hasText: "Rows 1 to 6,000 are as they were written." }).waitFor();
  await assertAccessible(page);

  await page.route("**/desk/audit/verify?*", (route) => route.fulfill({ status: 500, json: { error: "internal" } }));
  await page.getByRole("button", { name: "Verify the chain" }).click();
  await page.getByRole("alert").filter({ hasText: "The desk has a fault" }).waitFor();
});

test("whom the audit is not for is told why, and reads none of it", async () => {
  await visit.become(ADA);
  /** @type {string[]} */
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await visit.open("/audit");
  await page.getByRole("heading", { level: 1, name: "This page is not for your role" }).waitFor();
  await page.getByText("Only an auditor or an admin may do this.").waitFor();
  assert.equal(await page.getByRole("navigation", { name: "Console" }).getByRole("link", { name: "Audit" }).count(), 0);
  assert.deepEqual(
    asked.filter((path) => path.startsWith("/desk/audit")),
    [],
  );
});

test("an auditor sees the audit and nothing else", async () => {
  await visit.open("/");
  await page.getByRole("heading", { level: 1, name: "Audit" }).waitFor();
  const links = page.getByRole("navigation", { name: "Console" }).getByRole("link");
  assert.deepEqual(await links.allInnerTexts(), ["Audit", "Settings"]);
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
  await assertFocused(page, /^Settings/);
});
