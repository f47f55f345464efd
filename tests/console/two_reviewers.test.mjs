// @ts-check
// Two reviewers in one case: each learns of the other at once, one holds it, and a verdict from elsewhere takes the place of the
// buttons. With the two-person rule, the second one approves.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "../demo/support.mjs";
import {
  ADA,
  ADAM,
  AUDREY,
  assertFocused,
  GRACE,
  inVerdict,
  openStage,
  settled,
  signInAgain,
  stateOf,
  verdict,
} from "./stage.mjs";

const IDS = Array.from({ length: 14 }, (_, index) => `id-card~copy_${41 + index}`);

/** @type {import("./stage.mjs").Stage} */
let stage;
before(async () => {
  stage = await openStage({ ids: IDS });
});
after(() => stage?.close());

/** @typedef {import("./stage.mjs").Page} Page */

/** @param {Page} page @param {"Pass" | "Fail"} word @param {string} [reason] */
async function decide(page, word, reason) {
  await inVerdict(page, word).click();
  if (reason) await verdict(page).getByRole("radio", { name: reason }).check();
  await inVerdict(page, `${word} it`).click();
}

test("each is told of the other, and only one can decide", async () => {
  const id = IDS[0];
  const ada = await stage.enter(ADA);
  const grace = await stage.enter(GRACE);
  await ada.open(`/cases/${id}`);
  await ada.page.getByText(/^Claimed by you until/).waitFor();
  await grace.open(`/cases/${id}`);
  await grace.page.getByText("ada has this case open too.").first().waitFor();
  await grace.page.getByText(/^ada has claimed it until .* You can look, but not decide\.$/).waitFor();
  // A screen reader is told both, though both came at once.
  for (const text of ["ada has this case open too.", "ada has claimed this case."]) {
    await grace.page.getByRole("status").filter({ hasText: text }).waitFor({ timeout: 5_000 });
  }
  // By the next time that ada's page asks the desk: one look may have begun before grace came.
  let looks = 0;
  ada.page.on("request", (request) => {
    looks += Number(request.method() === "GET" && request.url().endsWith(`/desk/cases/${id}`));
  });
  await ada.page.getByText("grace has this case open too.").first().waitFor();
  assert.ok(looks <= 2, `${looks} looks`);
  // A screen reader hears of it too.
  await ada.page.getByRole("status").filter({ hasText: "grace has this case open too." }).waitFor();

  await inVerdict(grace.page, "Pass").waitFor();
  assert.equal(await inVerdict(grace.page, "Pass").getAttribute("aria-disabled"), "true");
  assert.equal(
    await inVerdict(grace.page, "Pass").evaluate((button) => {
      const ids = button.getAttribute("aria-describedby") ?? "";
      return /^ada has claimed it until/.test(document.getElementById(ids)?.textContent ?? "");
    }),
    true,
  );
  await settled(grace.page);
  await grace.page.keyboard.press("p");
  assert.equal(await grace.page.getByRole("form").filter({ hasText: "for what reason" }).count(), 0);

  await ada.page.getByRole("button", { name: "Release" }).click();
  await grace.page.getByText("Nobody has claimed this case.").waitFor();
  await grace.page.keyboard.press("c");
  await grace.page.getByText(/^Claimed by you until/).waitFor();
  await ada.page.getByText(/^grace has claimed it until .* You can look/).waitFor();
  // Whoever leaves lets go, and is gone. A tab is closed as a person closes it: with the whole context its network would go
  // first, and with it what the page says last.
  await Promise.all([grace.page.waitForEvent("close"), grace.page.close({ runBeforeUnload: true })]);
  await ada.page.getByText("Nobody has claimed this case.").waitFor();
  await Promise.all([ada.leave(), grace.leave()]);
});

test("a verdict from elsewhere takes the place of the buttons, with who and when", async () => {
  const id = IDS[1];
  const ada = await stage.enter(ADA);
  const grace = await stage.enter(GRACE);
  await ada.open(`/cases/${id}`);
  await ada.page.getByText(/^Claimed by you until/).waitFor();
  await grace.open(`/cases/${id}`);
  await inVerdict(grace.page, "Pass").waitFor();
  await decide(ada.page, "Fail", "Suspected fraud");
  await verdict(grace.page).getByText("Failed by ada").waitFor();
  assert.match(await verdict(grace.page).innerText(), /\d{2}:\d{2} · Suspected fraud/);
  assert.equal(await inVerdict(grace.page, "Pass").count(), 0);
  await grace.page.getByRole("status").filter({ hasText: "Failed by ada, just now." }).waitFor();
  // It is ada's to take back.
  assert.equal(await inVerdict(grace.page, "Undo").count(), 0);
  await Promise.all([ada.leave(), grace.leave()]);
});

test("who comes second is told who was first and when; nothing is overwritten, and the page stays", async () => {
  const id = IDS[2];
  const ada = await stage.enter(ADA);
  const grace = await stage.enter(GRACE);
  await ada.open(`/cases/${id}`);
  await ada.page.getByText(/^Claimed by you until/).waitFor();
  await ada.page.getByRole("button", { name: "Release" }).click();
  await ada.page.getByText("Nobody has claimed this case.").waitFor();
  // What grace's page reads is old: she has not heard of it yet.
  await grace.open(`/cases/${id}`);
  await grace.page.getByText(/^Claimed by you until/).waitFor();
  await grace.page.getByRole("button", { name: "Release" }).click();
  await grace.page.getByText("Nobody has claimed this case.").waitFor();
  await inVerdict(grace.page, "Pass").click();
  await grace.page.route(`**/desk/cases/${id}`, () => {});
  await grace.page.route(`**/desk/cases/${id}/presence`, () => {});
  await grace.page.waitForTimeout(300);
  await decide(ada.page, "Fail", "Suspected fraud");
  await verdict(ada.page).getByText("Failed by you").waitFor();
  await inVerdict(ada.page, "Stay here").click();

  await inVerdict(grace.page, "Pass it").click();
  await grace.page.unroute(`**/desk/cases/${id}`);
  const notice = verdict(grace.page).getByRole("alert").filter({ hasText: "Your Pass was not taken" });
  await notice.filter({ hasText: /ada was first, at (?:.*, )?\d{2}:\d{2}\. Nothing was overwritten\./ }).waitFor();
  await verdict(grace.page).getByText("Failed by ada").waitFor();
  assert.equal((await stateOf(stage, String(id))).decision.verdict, "partner-fail");
  await grace.page.waitForTimeout(2500);
  assert.ok(grace.page.url().endsWith(String(id)));
  await Promise.all([ada.leave(), grace.leave()]);
});

test("a choice that another's claim took away does not come back by itself", async () => {
  const id = String(IDS[8]);
  const ada = await stage.enter(ADA);
  await ada.open(`/cases/${id}`);
  await ada.page.getByText(/^Claimed by you until/).waitFor();
  await settled(ada.page);
  await ada.page.keyboard.press("p");
  await inVerdict(ada.page, "Pass it").waitFor();
  // As where ada's claim ran out, or an admin ended it: the reasons are still open when grace takes the case.
  const adam = await stage.enter(ADAM);
  await adam.open(`/cases/${id}`);
  await adam.page.getByRole("button", { name: "End their claim" }).click();
  await adam.page.getByRole("button", { name: "Claim", exact: true }).click();
  await ada.page
    .getByText(/^adam has claimed it until/)
    .first()
    .waitFor();
  assert.equal(await inVerdict(ada.page, "Pass it").count(), 0);
  await assertFocused(ada.page, /^Verdict/);
  await ada.page.getByRole("textbox", { name: "globaliD name" }).focus();
  await adam.page.getByRole("button", { name: "Release" }).click();
  await ada.page.getByText("Nobody has claimed this case.").waitFor();
  assert.equal(await inVerdict(ada.page, "Pass it").count(), 0);
  assert.equal(
    await ada.page
      .getByRole("textbox", { name: "globaliD name" })
      .evaluate((field) => field === document.activeElement),
    true,
  );
  await Promise.all([ada.leave(), adam.leave()]);
});

test("whose session ended in the middle of a verdict, and whose case another has by then, is not told that the choice is kept", async () => {
  const id = String(IDS[13]);
  const ada = await stage.enter(ADA);
  await ada.open(`/cases/${id}`);
  await ada.page.getByText(/^Claimed by you until/).waitFor();
  await inVerdict(ada.page, "Pass").click();
  await ada.become(null);
  await inVerdict(ada.page, "Pass it").click();
  await ada.page.getByRole("dialog", { name: "Your session has ended" }).waitFor();
  const adam = await stage.enter(ADAM);
  await adam.open(`/cases/${id}`);
  await adam.page.getByRole("button", { name: "End their claim" }).click();
  await adam.page.getByRole("button", { name: "Claim", exact: true }).click();
  await adam.page.getByText(/^Claimed by you until/).waitFor();
  await signInAgain(ada, ADA);
  await ada.page
    .getByText(/^adam has claimed it until/)
    .first()
    .waitFor();
  await verdict(ada.page).getByText("The desk did not take the verdict.").waitFor();
  assert.equal(await inVerdict(ada.page, "Pass it").count(), 0);
  assert.equal(await ada.page.getByText("Your choice is kept").count(), 0);
  await Promise.all([ada.leave(), adam.leave()]);
});

test("who comes a moment too late with a claim reads whose it is, and nothing of that once it is nobody's", async () => {
  const id = String(IDS[11]);
  const ada = await stage.enter(ADA);
  const grace = await stage.enter(GRACE);
  /** @type {() => void} */
  let goOn = () => {};
  const held = new Promise((resolve) => {
    goOn = () => resolve(undefined);
  });
  await grace.page.route("**/claim", async (route) => {
    await held;
    await route.continue();
  });
  await grace.open(`/cases/${id}`);
  await grace.page.getByText("Nobody has claimed this case.").waitFor();
  await ada.open(`/cases/${id}`);
  await ada.page.getByText(/^Claimed by you until/).waitFor();
  const answer = grace.page.waitForResponse("**/claim");
  goOn();
  assert.equal((await answer).status(), 409);
  await grace.page.getByText(/^ada has claimed it until .* You can look/).waitFor();
  await ada.page.getByRole("button", { name: "Release" }).click();
  await grace.page.getByText("Nobody has claimed this case.").waitFor();
  assert.equal(await grace.page.getByText("Another reviewer has claimed this request.").count(), 0);
  await Promise.all([ada.leave(), grace.leave()]);
});

test("a case that was left, and is opened once more, is claimed once more", async () => {
  const id = String(IDS[12]);
  const ada = await stage.enter(ADA);
  const { page } = ada;
  await ada.open("/queue");
  for (const wait of [0, 2000]) {
    const claimed = page.waitForResponse((response) => response.url().endsWith(`${id}/claim`) && response.ok());
    await page.getByRole("link", { name: id, exact: true }).click();
    await claimed;
    await page.getByText(/^Claimed by you until/).waitFor();
    await page.getByRole("link", { name: "Queue" }).first().click();
    await page.getByRole("link", { name: id, exact: true }).waitFor();
    // At once, before the desk has let go of it, and when that is done: what this page remembers has the claim in it.
    await page.waitForTimeout(wait);
  }
  const again = page.waitForResponse((response) => response.url().endsWith(`${id}/claim`) && response.ok());
  await page.goBack();
  await again;
  await until(async () => (await stateOf(stage, id)).claim?.by === ADA);
  await ada.leave();
});

test("what did not get through is what is tried again", async () => {
  const id = String(IDS[9]);
  const ada = await stage.enter(ADA);
  await ada.open(`/cases/${id}`);
  await ada.page.getByText(/^Claimed by you until/).waitFor();
  await ada.page.route("**/release", (route) => route.fulfill({ status: 503 }), { times: 1 });
  await ada.page.getByRole("button", { name: "Release" }).click();
  await ada.page.getByRole("button", { name: "Try again" }).click();
  await ada.page.getByText("Nobody has claimed this case.").waitFor();
  await ada.leave();
});

test("a claim is kept while somebody works, and an admin can end it", async () => {
  const short = await openStage({ ids: [String(IDS[3])], settings: { DESK_CLAIM_SECONDS: "10" } });
  try {
    const id = String(IDS[3]);
    const ada = await short.enter(ADA);
    await ada.open(`/cases/${id}`);
    await ada.page.getByText(/^Claimed by you until/).waitFor();
    const first = (await stateOf(short, id)).claim.until;
    await until(async () => {
      await ada.page.keyboard.press("Shift");
      return (await stateOf(short, id)).claim?.until > first;
    });
    const adam = await short.enter(ADAM);
    let works = true;
    const work = (async () => {
      for (; works; await ada.page.waitForTimeout(500)) await ada.page.keyboard.press("Shift");
    })();
    try {
      await adam.open(`/cases/${id}`);
      await adam.page.getByRole("button", { name: "End their claim" }).click();
      await adam.page.getByText("Nobody has claimed this case.").waitFor();
    } finally {
      works = false;
      await work;
    }
    await Promise.all([ada.leave(), adam.leave()]);
  } finally {
    await short.close();
  }
});

test("a case that one person has open twice stays theirs until the last of the tabs has left it", async () => {
  const id = IDS[10];
  const ada = await stage.enter(ADA);
  const database = await stage.database();
  const claimant = async () =>
    (await database.prepare("SELECT claimed_by AS who FROM cases WHERE id = ?").bind(id).first())?.who ?? null;
  /** @param {Page} page */
  const open = async (page) => {
    await page.goto(`${stage.url}/cases/${id}`);
    await page.getByText(/^Claimed by you until/).waitFor();
    await settled(page);
  };
  /** @param {Page} page */
  const released = (page) =>
    page.context().waitForEvent("response", (answer) => answer.url().endsWith(`${id}/release`));
  const stays = ada.page;
  await open(stays);
  const leaves = await ada.context.newPage();
  await open(leaves);
  const first = released(leaves);
  await leaves.getByRole("link", { name: "Queue" }).first().click();
  await first;
  await until(async () => (await claimant()) === ADA);
  await stays.getByText(/^Claimed by you until/).waitFor();

  await open(leaves);
  const retaken = stays.waitForResponse((answer) => answer.url().endsWith(`${id}/claim`));
  await Promise.all([leaves.waitForEvent("close"), leaves.close({ runBeforeUnload: true })]);
  await retaken;
  await until(async () => (await claimant()) === ADA);

  // Who lets go of it by the button means it.
  const other = await ada.context.newPage();
  await open(other);
  await other.getByRole("button", { name: "Release" }).click();
  await stays.getByText("Nobody has claimed this case.").waitFor();
  await stays.waitForTimeout(2_500);
  assert.equal(await claimant(), null);
  await other.getByRole("button", { name: "Claim" }).click();
  await stays.getByText(/^Claimed by you until/).waitFor();
  // Also where the case is left behind that, before the other tab has heard of it.
  await other.getByRole("button", { name: "Release" }).click();
  await other.getByText("Nobody has claimed this case.").waitFor();
  await other.getByRole("link", { name: "Settings" }).click();
  await stays.getByText("Nobody has claimed this case.").waitFor();
  await stays.waitForTimeout(2_500);
  assert.equal(await claimant(), null);
  await other.goBack();
  await other.getByText(/^Claimed by you until/).waitFor();
  await stays.getByText(/^Claimed by you until/).waitFor();
  await other.close();
  await stays.getByRole("link", { name: "Settings" }).click();
  await until(async () => (await claimant()) === null);
  await ada.leave();
});

test("who has a case open twice is still there when one of the tabs has left it", async () => {
  const id = String(IDS[6]);
  const [ada, grace] = await Promise.all([stage.enter(ADA), stage.enter(GRACE)]);
  await ada.open(`/cases/${id}`);
  await ada.page.getByText(/^Claimed by you until/).waitFor();
  const leaves = await ada.context.newPage();
  await leaves.goto(`${stage.url}/cases/${id}`);
  await leaves.getByText(/^Claimed by you until/).waitFor();
  await grace.open(`/cases/${id}`);
  await grace.page.getByText("ada has this case open too.").first().waitFor();
  const left = leaves.context().waitForEvent("response", (answer) => answer.url().endsWith(`${id}/presence`));
  await leaves.getByRole("link", { name: "Settings" }).click();
  await left;
  // Long before ada's page would say so anyway.
  await grace.page.waitForTimeout(6_000);
  assert.equal(await grace.page.locator(".company").getByText("ada has this case open too.").count(), 1);
  await Promise.all([ada.leave(), grace.leave()]);
});

test("what prolongs a claim neither outlasts its release nor takes back what an admin ended", async () => {
  // A third of it is how often it is prolonged.
  const everyMs = 20_000;
  const ids = [String(IDS[3]), String(IDS[7])];
  const own = await openStage({ ids, settings: { DESK_CLAIM_SECONDS: "60" } });
  try {
    const ada = await own.enter(ADA);
    await ada.page.clock.install();
    const [left = "", ended = ""] = ids;
    await ada.open(`/cases/${left}`);
    await ada.page.getByText(/^Claimed by you until/).waitFor();
    /** @type {() => void} */
    let goOn = () => {};
    const held = new Promise((resolve) => {
      goOn = () => resolve(undefined);
    });
    const asked = ada.page.waitForRequest(`**/cases/${left}/claim`);
    await ada.page.route(`**/cases/${left}/claim`, async (route) => {
      await held;
      await route.continue();
    });
    await ada.page.keyboard.press("Shift");
    await ada.page.clock.runFor(everyMs);
    const prolongs = await asked;
    const released = ada.page.waitForResponse(`**/cases/${left}/release`);
    await ada.page.getByRole("link", { name: "Settings" }).click();
    await released;
    assert.equal((await stateOf(own, left)).claim, null);
    goOn();
    assert.equal((await prolongs.response())?.status(), 200);
    await until(async () => (await stateOf(own, left)).claim === null);

    await ada.open(`/cases/${ended}`);
    await ada.page.getByText(/^Claimed by you until/).waitFor();
    // The page hears of nothing for a while.
    /** @type {string[]} */
    const claimed = [];
    /** @type {(() => void)[]} */
    let waiting = [];
    const hold = (/** @type {import("playwright-core").Route} */ route) =>
      new Promise((resolve) => waiting.push(() => resolve(route.continue())));
    await ada.page.route(`**/cases/${ended}`, hold);
    await ada.page.route(`**/cases/${ended}/presence`, hold);
    const adam = await own.enter(ADAM);
    await adam.open(`/cases/${ended}`);
    await adam.page.getByRole("button", { name: "End their claim" }).click();
    await adam.page.getByText("Nobody has claimed this case.").waitFor();
    ada.page.on("request", (request) => request.url().endsWith("/claim") && claimed.push(request.url()));
    await ada.page.keyboard.press("Shift");
    await ada.page.clock.runFor(everyMs);
    await until(async () => waiting.length > 0);
    await ada.page.unroute(`**/cases/${ended}`);
    await ada.page.unroute(`**/cases/${ended}/presence`);
    for (const go of waiting) go();
    waiting = [];
    await ada.page.getByText("Nobody has claimed this case.").waitFor();
    assert.deepEqual(claimed, []);
    await Promise.all([ada.leave(), adam.leave()]);
  } finally {
    await own.close();
  }
});

test("what prolongs a claim does not outlast the button's release, nor what let go of it a case opened once more", async () => {
  // A third of it is how often it is prolonged.
  const everyMs = 20_000;
  const ids = [String(IDS[3]), String(IDS[7])];
  const own = await openStage({ ids, settings: { DESK_CLAIM_SECONDS: "60" } });
  try {
    const ada = await own.enter(ADA);
    const { page } = ada;
    await page.clock.install();
    const [sent = "", again = ""] = ids;
    /** @type {(() => void)[]} */
    let waiting = [];
    const goOn = () => {
      for (const go of waiting) go();
      waiting = [];
    };
    const turn = () => new Promise((resolve) => waiting.push(() => resolve(undefined)));
    /** @param {string} id */
    const releasesOf = (id) => {
      const seen = { count: 0 };
      page.on("request", (request) => {
        seen.count += Number(request.url().endsWith(`/desk/cases/${id}/release`));
      });
      return seen;
    };
    /** @param {string} id */
    const open = async (id) => {
      await ada.open(`/cases/${id}`);
      await page.getByText(/^Claimed by you until/).waitFor();
    };
    const prolong = async () => {
      await page.keyboard.press("Shift");
      await page.clock.runFor(everyMs);
      await until(async () => waiting.length > 0);
    };

    // The claim is on its way as the button is pressed.
    await open(sent);
    await page.route(`**/cases/${sent}/claim`, async (route) => {
      await turn();
      await route.continue();
    });
    await prolong();
    const releases = releasesOf(sent);
    const prolonged = page.waitForResponse(`**/cases/${sent}/claim`);
    await page.getByRole("button", { name: "Release" }).click();
    // Either it waits, or it has gone ahead.
    await page.waitForTimeout(500);
    goOn();
    assert.equal((await prolonged).status(), 200);
    await page.getByText("Nobody has claimed this case.").waitFor();
    assert.equal(releases.count, 1);
    assert.equal((await stateOf(own, sent)).claim, null);

    // The case is left, and opened once more before the page hears that it was prolonged.
    await open(again);
    await page.route(`**/cases/${again}/claim`, async (route) => {
      await turn();
      const response = await route.fetch();
      await turn();
      await route.fulfill({ response });
    });
    await prolong();
    const letGo = releasesOf(again);
    const left = page.waitForResponse(`**/cases/${again}/release`);
    await page.getByRole("link", { name: "Settings" }).click();
    await left;
    goOn();
    await until(async () => (await stateOf(own, again)).claim?.by === ADA && waiting.length > 0);
    await page.goBack();
    await page.getByText(/^Claimed by you until/).waitFor();
    goOn();
    await page.waitForTimeout(1000);
    assert.equal(letGo.count, 1);
    assert.equal((await stateOf(own, again)).claim?.by, ADA);
    await ada.leave();
  } finally {
    await own.close();
  }
});

test("where two must agree, the second one approves, and never the first", async () => {
  const id = String(IDS[4]);
  const strict = await openStage({ ids: [id, String(IDS[5])], settings: { DESK_TWO_PERSON: "true" } });
  try {
    const ada = await strict.enter(ADA);
    await ada.open(`/cases/${id}`);
    await ada.page.getByText(/^Claimed by you until/).waitFor();
    await inVerdict(ada.page, "Pass").click();
    await verdict(ada.page)
      .getByText(/A second person must approve it first\./)
      .waitFor();
    await inVerdict(ada.page, "Pass it").click();
    await verdict(ada.page).getByText("A second person must approve it before it is sent to Civic.").waitFor();
    await verdict(ada.page).getByText("The second person has to be somebody else.").waitFor();
    assert.equal(await inVerdict(ada.page, "Approve").count(), 0);
    await inVerdict(ada.page, "Stay here").click();

    const grace = await strict.enter(GRACE);
    await grace.open(`/cases/${id}`);
    await inVerdict(grace.page, "Approve").waitFor();
    await grace.page.keyboard.press("y");
    await verdict(grace.page)
      .getByText(/^Approved by you/)
      .waitFor();
    await verdict(ada.page)
      .getByText(/^Approved by grace/)
      .waitFor();
    await verdict(ada.page).getByText("Civic took the verdict.").waitFor();

    // The second one may also say no.
    await ada.open(`/cases/${IDS[5]}`);
    await ada.page.getByText(/^Claimed by you until/).waitFor();
    await decide(ada.page, "Pass");
    await verdict(ada.page).getByText("Passed by you").waitFor();
    await grace.open(`/cases/${IDS[5]}`);
    await inVerdict(grace.page, "Send it back").click();
    await inVerdict(grace.page, "Pass").waitFor();
    assert.equal((await stateOf(strict, String(IDS[5]))).decision, null);
    await Promise.all([ada.leave(), grace.leave()]);
  } finally {
    await strict.close();
  }
});

test("a verdict whose answer was lost, and that the second one sent back, is not told as one that never arrived", async () => {
  const id = String(IDS[10]);
  const strict = await openStage({ ids: [id], settings: { DESK_TWO_PERSON: "true" } });
  try {
    const ada = await strict.enter(ADA);
    const grace = await strict.enter(GRACE);
    await ada.open(`/cases/${id}`);
    await ada.page.getByText(/^Claimed by you until/).waitFor();
    await ada.page.route(
      `**/partner/piirequest/${id}/status`,
      async (route) => {
        await route.fetch();
        await route.abort("connectionreset");
      },
      { times: 1 },
    );
    await decide(ada.page, "Pass");
    await verdict(ada.page).getByText("Passed by you").waitFor();
    await inVerdict(ada.page, "Stay here").click();
    await grace.open(`/cases/${id}`);
    await inVerdict(grace.page, "Send it back").click();
    await grace.page.getByText(/^Claimed by you until/).waitFor();
    await grace.page.getByRole("button", { name: "Release" }).click();
    await ada.page.getByText("Nobody has claimed this case.").waitFor();
    assert.equal(await ada.page.getByText("Your verdict did not reach the desk").count(), 0);
    // The same verdict once more is another one.
    await decide(ada.page, "Pass");
    await verdict(ada.page).getByText("Passed by you").waitFor();
    await Promise.all([ada.leave(), grace.leave()]);
  } finally {
    await strict.close();
  }
});

test("an auditor does not get to see a case", async () => {
  const audrey = await stage.enter(AUDREY);
  await audrey.open(`/cases/${IDS[6]}`);
  await audrey.page.getByRole("heading", { name: "This page is not for your role" }).waitFor();
  await audrey.leave();
});
