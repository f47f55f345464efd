// @ts-check
// A case that nobody can decide or deliver any more: Civic has ended its request, or does not have it. It does not stay for ever.

import assert from "node:assert/strict";
import { test } from "node:test";
import { copyCaseAs } from "./seed.mjs";
import { AUDREY, assertAccessible, assertFits, assertFocused, verdict, visitEach } from "./stage.mjs";

/** @type {import("./stage.mjs").Stage} */
let stage;
/** @type {import("./stage.mjs").Visit} */
let visit;
/** @type {import("playwright-core").Page} */
let page;
visitEach({ ids: ["abc123"] }, (now) => {
  ({ stage, visit, page } = now);
});

const unknown = () => page.getByRole("alert").filter({ hasText: "Civic does not know this request" });
const state = () => page.getByRole("main").locator(".badge").first();
/** @param {import("playwright-core").Locator | import("playwright-core").Page} [within] */
const letGo = (within = page) => within.getByRole("button", { name: "Let go of it", exact: true });

/** Gives a verdict without looking at the request first, as a page that was opened before Civic ended it. @param {string} id */
async function decideUnseen(id) {
  await visit.open("/queue");
  const status = await page.evaluate(async (path) => {
    const answer = await fetch(path, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ status: "partner-fail" }),
    });
    return answer.status;
  }, `/partner/piirequest/${id}/status`);
  assert.equal(status, 202);
}

/** @param {string} id */
async function rowOf(id) {
  const row = await (await stage.database()).prepare("SELECT phase, delivery FROM cases WHERE id = ?").bind(id).first();
  return [row?.phase, row?.delivery];
}

test("a request that Civic does not know any more is told as that, and let go of by keyboard", async () => {
  await copyCaseAs(stage, "abc123", "gone-1");
  await visit.open("/cases/gone-1");
  await unknown().waitFor();
  await assertAccessible(page);
  await assertFits(page);
  // It may be back.
  await unknown().getByRole("button", { name: "Try again" }).press("Enter");
  await letGo().press("Enter");
  await unknown().getByText("Its case is closed.").waitFor();
  await letGo().waitFor({ state: "detached" });
  await assertFocused(page, /^Civic does not know this request/);
  await state().filter({ hasText: "Let go of" }).waitFor();
  assert.deepEqual(await rowOf("gone-1"), ["closed", "none"]);
  await visit.open("/queue");
  await page.getByRole("link", { name: "abc123", exact: true }).waitFor();
  assert.equal(await page.getByRole("link", { name: "gone-1", exact: true }).count(), 0);
});

test("a verdict that cannot reach Civic is let go of where its request is gone, and where it was ended", async () => {
  await copyCaseAs(stage, "abc123", "gone-2");
  await copyCaseAs(stage, "abc123", "user-cancelled");
  await decideUnseen("gone-2");
  await decideUnseen("user-cancelled");

  await visit.open("/cases/gone-2");
  await unknown().filter({ hasText: "did not reach it" }).waitFor();
  await letGo(unknown()).press("Enter");
  await unknown().getByText("Its case is closed.").waitFor();
  await state().filter({ hasText: "Fail let go of" }).waitFor();
  assert.deepEqual(await rowOf("gone-2"), ["closed", "dead"]);

  await visit.open("/cases/user-cancelled");
  const dead = verdict(page).getByRole("alert").filter({ hasText: "The verdict did not reach Civic" });
  await dead.getByText("Civic has ended the request").waitFor();
  await assertAccessible(page);
  await letGo(dead).press("Enter");
  await dead.getByText("Its case is closed: nobody has to see to it.").waitFor();
  await assertFocused(page, /^The verdict did not reach Civic/);
  // Second thoughts.
  await dead.getByRole("button", { name: "Send again" }).waitFor();
  assert.deepEqual(await rowOf("user-cancelled"), ["closed", "dead"]);

  await visit.become(AUDREY);
  await visit.open("/audit");
  await page.getByRole("main").locator(".badge", { hasText: "Let go of" }).first().waitFor();
});

test("what Civic has again is not let go of, and that is said", async () => {
  await copyCaseAs(stage, "abc123", "gone-3");
  await visit.open("/cases/gone-3");
  await unknown().waitFor();
  await page.route("**/desk/cases/gone-3/resolve", (route) =>
    route.fulfill({ status: 409, json: { error: "no_conflict" } }),
  );
  await letGo().click();
  await page.getByRole("alert").filter({ hasText: "Civic has the request again" }).last().waitFor();
  assert.deepEqual(await rowOf("gone-3"), ["open", "none"]);
});

test("a case that Civic has ended leaves the queue as soon as somebody looks at it", async () => {
  await copyCaseAs(stage, "abc123", "verification-failed");
  await visit.open("/cases/verification-failed");
  await state().filter({ hasText: "Closed by Civic" }).waitFor();
  assert.deepEqual(await rowOf("verification-failed"), ["closed", "none"]);
});

test("an auditor is told who may let go", async () => {
  await copyCaseAs(stage, "abc123", "gone-4");
  await visit.become(AUDREY);
  await visit.open("/cases/gone-4");
  await page.getByText("Only a reviewer or an admin may").first().waitFor();
  assert.equal(await letGo().count(), 0);
});
