// @ts-check
// An answer that comes when the screen it was asked on was left: it claims nothing for nobody, takes nobody away from what they
// turned to meanwhile, and what went wrong is told where they are.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { resetSandbox, until } from "../demo/support.mjs";
import { ADA, ADAM, inVerdict, openCase, openStage, settled, stateOf, verdict } from "./stage.mjs";

const IDS = Array.from({ length: 12 }, (_, index) => `id-card~copy_${41 + index}`);

/** @typedef {import("./stage.mjs").Page} Page */

/** @type {import("./stage.mjs").Stage} */
let stage;
before(async () => {
  // Longer than any of these takes: nothing is sent, and no next case comes by itself.
  stage = await openStage({ ids: IDS, settings: { DESK_UNDO_SECONDS: "600" } });
  await resetSandbox(stage.sandboxUrl);
});
after(() => stage?.close());

/** Gives a verdict, which can be taken back from then on. @param {import("./stage.mjs").Visit} visit @param {string} id */
async function passCase(visit, id) {
  await openCase(visit, id);
  await inVerdict(visit.page, "Pass").click();
  await inVerdict(visit.page, "Pass it").click();
  await inVerdict(visit.page, "Undo").waitFor();
}

/** The same, and on to the next case. @param {import("./stage.mjs").Visit} visit @param {string} id */
async function passAndGoOn(visit, id) {
  await passCase(visit, id);
  await visit.page.keyboard.press("n");
  await visit.page.waitForURL((url) => !url.pathname.endsWith(id));
}

/**
 * Has what is asked for wait on its way until it is let go on.
 *
 * @param {Page} page
 * @param {string} url
 * @param {string} method
 * @param {{ status: number, json: object }} [answer] in place of the desk's
 */
async function hold(page, url, method, answer) {
  /** @type {() => void} */
  let goOn = () => {};
  const held = new Promise((resolve) => {
    goOn = () => resolve(undefined);
  });
  await page.route(url, async (route) => {
    if (route.request().method() !== method) return route.fallback();
    await held;
    await (answer ? route.fulfill(answer) : route.continue());
  });
  return goOn;
}

/** @param {Page} page */
async function toQueue(page) {
  await page.keyboard.press("g");
  await page.keyboard.press("q");
  await page.getByRole("heading", { level: 1, name: "Queue" }).waitFor();
}

/** @param {Page} page @param {string} name */
const notice = (page, name) => page.getByRole("region", { name: "Notices" }).getByRole("group", { name });

test("a verdict that is taken back when its case was left does not claim it for nobody", async () => {
  const id = String(IDS[0]);
  const ada = await stage.enter(ADA);
  const { page } = ada;
  await passCase(ada, id);
  const goOn = await hold(page, `**/partner/piirequest/${id}/status`, "DELETE");
  /** @type {string[]} */
  const claimed = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/claim")) claimed.push(request.url());
  });
  await page.keyboard.press("u");
  await toQueue(page);
  goOn();
  await page
    .getByRole("status")
    .filter({ hasText: `The verdict on ${id} was taken back; nothing was sent.` })
    .waitFor();
  await until(async () => (await stateOf(stage, id)).decision === null);
  await page.waitForTimeout(500);
  assert.deepEqual(claimed, []);
  assert.equal((await stateOf(stage, id)).claim, null);
  await ada.leave();
});

test("what could not be taken back is told to whoever has gone on", async () => {
  const id = String(IDS[1]);
  const ada = await stage.enter(ADA);
  const { page } = ada;
  await passCase(ada, id);
  const fault = { status: 500, json: { error: "internal" } };
  const goOn = await hold(page, `**/partner/piirequest/${id}/status`, "DELETE", fault);
  await page.keyboard.press("u");
  await toQueue(page);
  goOn();
  await notice(page, `${id}: The desk has a fault`).waitFor();
  await ada.leave();
});

test("the next case does not come over what somebody has turned to meanwhile, and is not kept from the others", async () => {
  const [here, there] = [String(IDS[2]), String(IDS[3])];
  const ada = await stage.enter(ADA);
  const { page } = ada;
  await openCase(ada, here);
  const goOn = await hold(page, "**/desk/cases/next", "POST");
  await page.keyboard.press("n");
  await toQueue(page);
  await page.getByRole("link", { name: there, exact: true }).click();
  await page.getByText(/^Claimed by you until/).waitFor();
  await settled(page);
  const answer = page.waitForResponse("**/desk/cases/next");
  goOn();
  const { id } = await (await answer).json();
  await until(async () => (await stateOf(stage, id)).claim === null);
  // The keys that follow were meant for this one.
  await page.keyboard.press("f");
  await inVerdict(page, "Fail it").waitFor();
  assert.ok(page.url().endsWith(there));
  await ada.leave();
});

test("who takes the last verdict back over a note that is not sent stays, and is told that it was", async () => {
  const id = String(IDS[4]);
  const ada = await stage.enter(ADA);
  const { page } = ada;
  await passAndGoOn(ada, id);
  const here = page.url();
  await settled(page);
  await page.keyboard.press("f");
  await page.keyboard.press("w");
  await page.keyboard.type("The edge looks lifted.");
  await page.keyboard.press("Escape");
  await page.keyboard.press("u");
  await notice(page, `The verdict on ${id} was taken back`).getByText("Nothing was sent.").waitFor();
  assert.equal((await stateOf(stage, id)).decision, null);
  assert.equal(page.url(), here);
  await verdict(page).getByRole("textbox").fill("");
  await ada.leave();
});

test("a verdict taken back from the next case does not take away whoever has gone elsewhere", async () => {
  const [id, there] = [String(IDS[5]), String(IDS[3])];
  const ada = await stage.enter(ADA);
  const { page } = ada;
  await passAndGoOn(ada, id);
  const goOn = await hold(page, `**/partner/piirequest/${id}/status`, "DELETE");
  await page.keyboard.press("u");
  await toQueue(page);
  await page.getByRole("link", { name: there, exact: true }).click();
  await page.getByText(/^Claimed by you until/).waitFor();
  goOn();
  await notice(page, `The verdict on ${id} was taken back`).waitFor();
  assert.ok(page.url().endsWith(there));
  await ada.leave();
});

test("a key that is pressed twice takes one verdict back, and not another case's with it", async () => {
  const id = String(IDS[7]);
  const ada = await stage.enter(ADA);
  const { page } = ada;
  await passAndGoOn(ada, id);
  const other = String(new URL(page.url()).pathname.split("/")[2]);
  await page.getByText(/^Claimed by you until/).waitFor();
  await settled(page);
  await inVerdict(page, "Pass").click();
  await inVerdict(page, "Pass it").click();
  await inVerdict(page, "Undo").waitFor();
  await page.goBack();
  await page.getByRole("button", { name: `Undo the verdict on ${other}` }).waitFor();
  await inVerdict(page, "Undo").waitFor();
  const goOn = await hold(page, "**/partner/piirequest/*/status", "DELETE");
  await page.keyboard.press("u");
  await page.keyboard.press("u");
  goOn();
  await inVerdict(page, "Pass").waitFor();
  await page.waitForTimeout(500);
  assert.ok(page.url().endsWith(id));
  assert.equal((await stateOf(stage, id)).decision, null);
  assert.equal((await stateOf(stage, other)).decision.verdict, "partner-pass");
  await ada.leave();
});

test("the rest of a note whose field goes under the hands is no shortcut", async () => {
  const id = String(IDS[10]);
  const ada = await stage.enter(ADA);
  const adam = await stage.enter(ADAM);
  const { page } = ada;
  await openCase(ada, id);
  await page.keyboard.press("f");
  await page.keyboard.press("w");
  await adam.open(`/cases/${id}`);
  await adam.page.getByRole("button", { name: "End their claim" }).click();
  await adam.page.getByText("Nobody has claimed this case.").waitFor();
  await adam.page.getByRole("button", { name: "Claim", exact: true }).click();
  /** @type {string[]} */
  const asked = [];
  page.on("request", (request) => {
    if (/\/(?:reveal|next)$/.test(request.url())) asked.push(request.url());
  });
  const field = verdict(page).getByRole("textbox");
  let more = 10;
  for (const until = performance.now() + 20_000; more > 0 && performance.now() < until; ) {
    await page.keyboard.press(more % 2 === 0 ? "d" : "n");
    await page.waitForTimeout(100);
    if ((await field.count()) === 0) more -= 1;
  }
  assert.equal(more, 0);
  assert.deepEqual(asked, []);
  assert.ok(page.url().endsWith(id));
  // Whoever has paused means a key.
  await page.waitForTimeout(1200);
  await page.keyboard.press("d");
  await page.getByRole("button", { name: "Hide all" }).waitFor();
  await Promise.all([ada.leave(), adam.leave()]);
});
