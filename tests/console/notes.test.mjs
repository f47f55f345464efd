// @ts-check
// A note beside a verdict, as reviewers write and read it: by keyboard alone, kept through whatever fails, refused with a value
// of the record in it, shown to colleagues and put away from everybody else.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { resetSandbox, until } from "../demo/support.mjs";
import { ADA, GRACE, inVerdict, openCase, openStage, settled, stateOf, verdict } from "./stage.mjs";

const IDS = Array.from({ length: 17 }, (_, index) => `id-card~copy_${61 + index}`);
const NOTE = "The lower edge looks lifted; compare 2 of 9 letters.";

/** @typedef {import("playwright-core").Page} Page */

/** @type {import("./stage.mjs").Stage} */
let stage;
before(async () => {
  // Longer than any of these takes: nothing is sent, and no next case comes, in the middle of a test.
  stage = await openStage({ ids: IDS, settings: { DESK_UNDO_SECONDS: "600" } });
  await resetSandbox(stage.sandboxUrl);
});
after(() => stage?.close());

/** @param {Page} page */
const field = (page) => verdict(page).getByRole("textbox", { name: /^Internal note/ });
/** What stands with the verdict. @param {Page} page */
const shown = (page) => verdict(page).getByRole("region", { name: /^Internal note/ });
/** @param {Page} page */
const hasFocus = (page) => field(page).evaluate((element) => element === document.activeElement);

/** @param {Page} page @param {string} [note] */
async function writeFail(page, note = NOTE) {
  await inVerdict(page, "Fail").click();
  await verdict(page).getByRole("radio", { name: "Suspected fraud" }).check();
  await field(page).fill(note);
}

test("written and sent by keyboard alone: no letter of it is a shortcut, and Enter is a new line", async () => {
  const [id = ""] = IDS;
  const ada = await stage.enter(ADA);
  const { page } = ada;
  await openCase(ada, id);
  await page.keyboard.press("f");
  await verdict(page).getByRole("form", { name: "Fail: why" }).waitFor();
  await page.keyboard.press("3");
  await page.keyboard.press("w");
  await until(() => hasFocus(page));
  const chosen = await verdict(page).getByRole("radio", { checked: true }).getAttribute("value");
  // Every letter and figure that is a key somewhere.
  await page.keyboard.type("pfuycdvse rbtin w? 12 /");
  await page.keyboard.press("Enter");
  await page.keyboard.type("g q next line");
  assert.equal(await field(page).inputValue(), "pfuycdvse rbtin w? 12 /\ng q next line");
  assert.equal(await verdict(page).getByRole("radio", { checked: true }).getAttribute("value"), chosen);
  await verdict(page).getByText("463 left").waitFor();
  assert.equal((await stateOf(stage, id)).decision, null);
  // One step back to the reasons, with all that was written.
  await page.keyboard.press("Escape");
  assert.equal(
    await verdict(page)
      .getByRole("radio", { checked: true })
      .evaluate((radio) => radio === document.activeElement),
    true,
  );
  await page.keyboard.press("w");
  await page.keyboard.press("Control+Enter");
  await verdict(page).getByText("Failed by you").waitFor();
  await shown(page).getByText("g q next line").waitFor();
  assert.match(
    await shown(page).innerText(),
    /^Internal note by you, (?:.*, )?\d{2}:\d{2}\n+pfuycdvse rbtin w\? 12 \/\ng q next line$/,
  );
  const { decision } = await stateOf(stage, id);
  assert.deepEqual([decision.reason, decision.noted], [chosen, true]);
  assert.ok(!JSON.stringify(await stateOf(stage, id)).includes("next line"));

  const grace = await stage.enter(GRACE);
  await grace.open(`/cases/${id}`);
  await shown(grace.page).getByText("g q next line").waitFor();
  assert.match(await shown(grace.page).innerText(), /^Internal note by ada, /);
  await Promise.all([ada.leave(), grace.leave()]);
});

test("with a value of the record in it a note is refused, with what to take out", async () => {
  const id = String(IDS[1]);
  const ada = await stage.enter(ADA);
  const { page } = ada;
  /** @type {string[]} */
  const sent = [];
  page.on("request", (request) => request.method() === "PUT" && sent.push(String(request.postData())));
  await openCase(ada, id);
  await page.getByRole("button", { name: "Show all" }).click();
  await page.getByRole("button", { name: "Hide all" }).waitFor();
  const information = page.getByRole("region", { name: "Verified information" });
  const values = await information.getByRole("definition").allInnerTexts();
  const name = String(values[0]).trim();
  assert.ok(name.includes(" "), name);
  await writeFail(page, `${name.toUpperCase()} looks younger.`);
  await inVerdict(page, "Fail it").click();
  const alert = verdict(page).getByRole("alert");
  await alert.filter({ hasText: `Take out “${name.toUpperCase()}”: it is in the record (Name).` }).waitFor();
  assert.equal(await field(page).getAttribute("aria-invalid"), "true");
  assert.ok(await hasFocus(page));
  // Told as it is mended.
  await field(page).fill("The person looks younger.");
  await alert.waitFor({ state: "detached" });
  assert.deepEqual([sent, (await stateOf(stage, id)).decision], [[], null]);
  await page.keyboard.press("Control+Enter");
  await shown(page).getByText("The person looks younger.").waitFor();
  await ada.leave();
});

test("why it is refused is in sight, wherever the focus is", async () => {
  const ada = await stage.enter(ADA);
  const { page } = ada;
  await openCase(ada, String(IDS[12]));
  for (const height of [900, 760, 640]) {
    await page.setViewportSize({ width: 1280, height });
    await inVerdict(page, "Fail").click();
    await verdict(page).getByRole("radio", { name: "Suspected fraud" }).check();
    await field(page).fill("x".repeat(501));
    await field(page).press("Control+Enter");
    const alert = verdict(page).getByRole("alert").filter({ hasText: "Shorten it" });
    await alert.waitFor();
    await until(() =>
      alert.evaluate((element) => {
        const { left, top, bottom } = element.getBoundingClientRect();
        return [top + 1, bottom - 1].every((y) => element.contains(document.elementFromPoint(left + 8, y)));
      }),
    );
    assert.ok(await hasFocus(page), String(height));
    await field(page).fill("");
    await inVerdict(page, "Cancel").click();
  }
  await ada.leave();
});

test("what is too long is told and not cut off", async () => {
  const id = String(IDS[2]);
  const ada = await stage.enter(ADA);
  const { page } = ada;
  await openCase(ada, id);
  await writeFail(page, "x".repeat(502));
  await verdict(page).getByText("2 too many").waitFor();
  await inVerdict(page, "Fail it").click();
  await verdict(page)
    .getByRole("alert")
    .filter({ hasText: "Shorten it: a note has at most 500 characters." })
    .waitFor();
  assert.equal((await field(page).inputValue()).length, 502);
  assert.equal((await stateOf(stage, id)).decision, null);
  await field(page).fill("x".repeat(500));
  await verdict(page).getByText("0 left").waitFor();
  await inVerdict(page, "Fail it").click();
  await verdict(page).getByText("Failed by you").waitFor();
  await ada.leave();
});

test("it outlasts a change of mind and a lost connection, and is sent as the same; no store has it", async () => {
  const id = String(IDS[3]);
  const ada = await stage.enter(ADA);
  const { page, context } = ada;
  /** @type {(string | undefined)[]} */
  const keys = [];
  page.on("request", (request) => {
    if (request.method() === "PUT") keys.push(request.headers()["idempotency-key"]);
  });
  await openCase(ada, id);
  await writeFail(page);
  await inVerdict(page, "Cancel").click();
  await inVerdict(page, "Pass").click();
  assert.equal(await field(page).inputValue(), NOTE);
  await inVerdict(page, "Cancel").click();
  await inVerdict(page, "Fail").click();
  await verdict(page).getByRole("radio", { name: "Suspected fraud" }).check();
  await context.setOffline(true);
  await inVerdict(page, "Fail it").click();
  await verdict(page).getByRole("alert").filter({ hasText: "The answer did not come" }).waitFor();
  assert.equal(await field(page).inputValue(), NOTE);
  const stores = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state]));
  assert.ok(!stores.includes("lifted"), stores);
  await context.setOffline(false);
  await verdict(page).getByRole("alert").filter({ hasText: "Your verdict did not reach the desk" }).waitFor();
  await inVerdict(page, "Fail it").click();
  await shown(page).getByText(NOTE).waitFor();
  assert.equal(keys.length, 2);
  assert.ok(keys[0] && keys[0] === keys[1]);
  // Taken back, it is there to be sent anew; at the desk it has gone.
  await inVerdict(page, "Undo").click();
  await inVerdict(page, "Fail").click();
  assert.equal(await field(page).inputValue(), NOTE);
  // What is not sent goes with the page.
  await page.reload();
  await page.getByText(/^Claimed by you until/).waitFor();
  await inVerdict(page, "Fail").click();
  assert.equal(await field(page).inputValue(), "");
  const database = await stage.database();
  assert.equal(await database.prepare("SELECT 1 FROM notes WHERE case_id = ?").bind(id).first(), null);
  await ada.leave();
});

test("who comes second with the same verdict is told that their note was not kept", async () => {
  const id = String(IDS[4]);
  const ada = await stage.enter(ADA);
  const grace = await stage.enter(GRACE);
  await openCase(ada, id);
  await ada.page.getByRole("button", { name: "Release" }).click();
  await ada.page.getByText("Nobody has claimed this case.").waitFor();
  await openCase(grace, id);
  await grace.page.getByRole("button", { name: "Release" }).click();
  await grace.page.getByText("Nobody has claimed this case.").waitFor();
  await writeFail(grace.page, "Written by grace.");
  // What grace's page reads is old: she has not heard of ada's verdict yet.
  await grace.page.route(`**/desk/cases/${id}`, () => {});
  await grace.page.route(`**/desk/cases/${id}/presence`, () => {});
  await writeFail(ada.page, NOTE);
  await inVerdict(ada.page, "Fail it").click();
  await shown(ada.page).getByText(NOTE).waitFor();
  await inVerdict(grace.page, "Fail it").click();
  await grace.page.unroute(`**/desk/cases/${id}`);
  const notice = verdict(grace.page).getByRole("alert").filter({ hasText: "Your note was not kept" });
  await notice.filter({ hasText: "ada had given this verdict already" }).waitFor();
  await shown(grace.page).getByText(NOTE).waitFor();
  assert.equal(await verdict(ada.page).getByText("Your note was not kept").count(), 0);
  await Promise.all([ada.leave(), grace.leave()]);
});

test("while nobody is signed in nobody reads it, and what was begun comes back", async () => {
  const id = String(IDS[5]);
  const ada = await stage.enter(ADA);
  const { page } = ada;
  await openCase(ada, id);
  await writeFail(page);
  await ada.become(null);
  await inVerdict(page, "Fail it").click();
  const dialog = page.getByRole("dialog", { name: "Your session has ended" });
  await dialog.waitFor();
  assert.ok(!(await page.content()).includes("lifted"));
  assert.equal(await page.locator("textarea").inputValue(), "");
  await ada.become(ADA);
  const [tab] = await Promise.all([
    ada.context.waitForEvent("page"),
    dialog.getByRole("button", { name: "Sign in again" }).click(),
  ]);
  await tab.getByRole("heading", { name: "You are signed in" }).waitFor();
  await tab.close();
  await dialog.waitFor({ state: "detached" });
  await verdict(page).getByText("Your choice is kept").waitFor();
  await until(async () => (await field(page).inputValue()) === NOTE);
  await settled(page);
  await inVerdict(page, "Fail it").click();
  await shown(page).getByText(NOTE).waitFor();
  await ada.leave();
});

test("an answer about the case that was left takes nothing from the one that is open", async () => {
  const [left, id] = [String(IDS[14]), String(IDS[15])];
  const ada = await stage.enter(ADA);
  const { page } = ada;
  let pass = () => {};
  const gate = new Promise((resolve) => {
    pass = () => resolve(undefined);
  });
  await page.route(`**/desk/cases/${left}/presence`, async (route) => {
    if (route.request().postDataJSON().here) await gate;
    await route.continue();
  });
  await openCase(ada, left);
  await page.getByRole("link", { name: "Queue" }).first().click();
  await page.getByRole("link", { name: id, exact: true }).click();
  await page.getByText(/^Claimed by you until/).waitFor();
  await settled(page);
  await writeFail(page);
  await inVerdict(page, "Fail it").click();
  await shown(page).getByText(NOTE).waitFor();
  // What it is asked for next would bring the note again.
  await page.route(`**/desk/cases/${id}`, () => {});
  await page.waitForTimeout(500);
  const answered = page.waitForResponse(`**/desk/cases/${left}/presence`);
  pass();
  await answered;
  await page.waitForTimeout(500);
  assert.equal(await verdict(page).getByText("Your note was not kept").count(), 0);
  await shown(page).getByText(NOTE).waitFor({ timeout: 1_000 });
  await ada.leave();
});

test("who begins a note while the next case is on its way stays, and does not keep that one from the others", async () => {
  const here = String(IDS[16]);
  const ada = await stage.enter(ADA);
  const { page, leave } = ada;
  await openCase(ada, here);
  /** @type {() => void} */
  let goOn = () => {};
  const held = new Promise((resolve) => {
    goOn = () => resolve(undefined);
  });
  await page.route("**/desk/cases/next", async (route) => {
    await held;
    await route.continue();
  });
  await page.keyboard.press("n");
  await page.keyboard.press("f");
  await page.keyboard.press("w");
  await page.keyboard.type("The edge looks lifted.");
  const answer = page.waitForResponse("**/desk/cases/next");
  goOn();
  const { id } = await (await answer).json();
  await page.getByRole("group", { name: "Your note is not sent" }).waitFor();
  await until(async () => (await stateOf(stage, id)).claim === null);
  assert.ok(page.url().endsWith(here));
  await field(page).fill("");
  await leave();
});

test("a verdict that was in doubt can be taken back from the next case, as any other", async () => {
  const id = String(IDS[6]);
  const ada = await stage.enter(ADA);
  const { page } = ada;
  await openCase(ada, id);
  await page.route(`**/partner/piirequest/${id}/status`, async (route) => {
    if (route.request().method() !== "PUT") return route.fallback();
    await route.fetch();
    await route.abort("connectionreset");
  });
  await writeFail(page);
  await inVerdict(page, "Fail it").click();
  await verdict(page).getByText("Failed by you").waitFor();
  await shown(page).getByText(NOTE).waitFor();
  await inVerdict(page, "Next case").click();
  await page.waitForURL((url) => !url.pathname.endsWith(id));
  await page.getByRole("button", { name: `Undo the verdict on ${id}` }).click();
  await page.waitForURL((url) => url.pathname.endsWith(id));
  await inVerdict(page, "Fail").waitFor();
  assert.equal((await stateOf(stage, id)).decision, null);
  await ada.leave();
});

test("who goes on is told in how many seconds, and not moved where that is far", async () => {
  const id = String(IDS[7]);
  const ada = await stage.enter(ADA);
  await openCase(ada, id);
  await writeFail(ada.page);
  await inVerdict(ada.page, "Fail it").click();
  const words = verdict(ada.page).getByText(/^The next case opens by itself in 5\d\d seconds\.$/);
  await words.waitFor();
  await inVerdict(ada.page, "Stay here").click();
  await words.waitFor({ state: "detached" });
  await ada.leave();
});

test("the data keeps its share and the buttons stay in the window, whatever else there is to say", async () => {
  const ada = await stage.enter(ADA);
  const { page } = ada;
  // A verdict to take back stands above the next case.
  await openCase(ada, String(IDS[8]));
  await inVerdict(page, "Pass").click();
  await inVerdict(page, "Pass it").click();
  await inVerdict(page, "Next case").click();
  await page.getByRole("button", { name: /^Undo the verdict on/ }).waitFor();
  await page.getByText(/^Claimed by you until/).waitFor();
  await settled(page);
  await writeFail(page, `${"A long note. ".repeat(30)}`);
  for (const [height, least, offline] of /** @type {const} */ ([
    [900, 200, false],
    [760, 110, false],
    [720, 110, false],
    // Below the line that says that the connection is lost.
    [720, 110, true],
  ])) {
    await ada.context.setOffline(offline);
    if (offline) await page.getByText("The connection to the desk is lost.").waitFor();
    await page.setViewportSize({ width: 1280, height });
    await page.evaluate(() => scrollTo(0, 0));
    const send = await inVerdict(page, "Fail it").boundingBox();
    assert.ok(send && send.y + send.height <= height, `${height}: ${JSON.stringify(send)}`);
    const facts = await page.locator(".facts").boundingBox();
    assert.ok(facts && facts.height >= least, `${height}: ${JSON.stringify(facts)}`);
  }
  await ada.leave();
});

test("the queue keeps no note: who goes on to the case reads it from the desk, or not at all", async () => {
  const id = String(IDS[10]);
  const ada = await stage.enter(ADA);
  await openCase(ada, id);
  await writeFail(ada.page);
  await inVerdict(ada.page, "Fail it").click();
  await shown(ada.page).getByText(NOTE).waitFor();
  await ada.leave();
  const database = await stage.database();
  await database
    .prepare(
      `UPDATE cases SET version = version + 1, delivery = 'dead', due_at = NULL, state = json_set(state, '$.version', version + 1,
       '$.delivery', json('{"state":"dead","at":1,"attempts":1,"code":"timeout","status":null}')) WHERE id = ?`,
    )
    .bind(id)
    .run();
  const grace = await stage.enter(GRACE);
  const { page } = grace;
  await grace.open("/queue?stage=attention");
  await page.getByRole("button", { name: `Send again ${id}`, exact: true }).click();
  await page.getByText(`The verdict on ${id} is sent again.`).first().waitFor();
  /** @type {() => void} */
  let answer = () => {};
  const answers = new Promise((resolve) => {
    answer = () => resolve(undefined);
  });
  for (const path of [`**/desk/cases/${id}`, `**/desk/cases/${id}/presence`]) {
    await page.route(path, async (route) => {
      await answers;
      await route.fallback();
    });
  }
  await page.getByRole("link", { name: id, exact: true }).click();
  await verdict(page)
    .getByText(/^Failed by ada/)
    .waitFor();
  assert.equal(await shown(page).count(), 0);
  assert.ok(!(await page.content()).includes("lifted"));
  answer();
  await shown(page).getByText(NOTE).waitFor();
  await grace.leave();
});

test("no key, no link, no Back and no closed tab throws away a note that was not sent, without a word", async () => {
  const ada = await stage.enter(ADA);
  const { page } = ada;
  // From the queue, so that Back leads somewhere within the console.
  await ada.open("/queue");
  await page.getByRole("link", { name: String(IDS[13]), exact: true }).click();
  await page.getByText(/^Claimed by you until/).waitFor();
  await settled(page);
  const { pathname } = new URL(page.url());
  await writeFail(page);
  const notice = page.getByRole("group", { name: "Your note is not sent" });
  for (const leave of [
    () => page.keyboard.press("n"),
    () => page.keyboard.type("gs"),
    () => page.getByRole("navigation", { name: "Console" }).getByRole("link", { name: "Queue" }).click(),
    () => page.evaluate(() => window.history.back()),
  ]) {
    // A key or a click just before: a browser lets Back be refused only where somebody is at the page.
    await field(page).click();
    await field(page).press("Escape");
    await leave();
    await notice.waitFor();
    assert.equal(new URL(page.url()).pathname, pathname, String(leave));
    assert.equal(await field(page).inputValue(), NOTE);
    await notice.getByRole("button").click();
    await notice.waitFor({ state: "detached" });
  }

  // Closed, or loaded anew: the browser asks.
  const asked = page.waitForEvent("dialog");
  await page.close({ runBeforeUnload: true });
  const question = await asked;
  assert.equal(question.type(), "beforeunload");
  await question.dismiss();
  assert.equal(await field(page).inputValue(), NOTE);

  await field(page).fill("");
  await field(page).press("Escape");
  await page.keyboard.press("n");
  await page.waitForURL((url) => url.pathname !== pathname);
  await Promise.all([page.waitForEvent("close"), page.close({ runBeforeUnload: true })]);
  await ada.leave();
});

test("where two must agree, the second one reads the note before approving", async () => {
  const id = String(IDS[9]);
  const strict = await openStage({ ids: [id], settings: { DESK_TWO_PERSON: "true" } });
  try {
    const ada = await strict.enter(ADA);
    await openCase(ada, id);
    await writeFail(ada.page);
    await inVerdict(ada.page, "Fail it").click();
    await shown(ada.page).getByText(NOTE).waitFor();
    await inVerdict(ada.page, "Stay here").click();
    const grace = await strict.enter(GRACE);
    await grace.open(`/cases/${id}`);
    await inVerdict(grace.page, "Approve").waitFor();
    const order = await verdict(grace.page).evaluate((region) => {
      const note = region.querySelector("section");
      const approve = [...region.querySelectorAll("button")].find((button) => button.textContent?.includes("Approve"));
      return note && approve && note.compareDocumentPosition(approve);
    });
    assert.equal(order, 4, "the note comes first, for whoever reads on");
    await shown(grace.page).getByText(NOTE).waitFor();
    await inVerdict(grace.page, "Approve").click();
    await verdict(grace.page)
      .getByText(/^Approved by you/)
      .waitFor();
    await shown(grace.page).getByText(NOTE).waitFor();
    await Promise.all([ada.leave(), grace.leave()]);
  } finally {
    await strict.close();
  }
});
