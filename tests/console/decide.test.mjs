// @ts-check
// A verdict, from the key press to Civic: chosen, given, taken back, on its way, lost on its way, come too late; and the next
// case after it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, callsOf, until } from "../demo/support.mjs";
import { ADA, assertFocused, openStage, settled, signInAgain, stateOf, visitEach } from "./stage.mjs";

const IDS = [
  "abc123",
  "under-age",
  ...Array.from({ length: 23 }, (_, index) => `id-card~copy_${21 + index}`),
  "passport~status.403",
  "passport~status.403x1",
  "passport~status.other-verdict-first",
  "passport~status.apply-then-500x1",
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

const verdict = () => page.getByRole("region", { name: "Verdict" });
/** @param {string} name */
const inVerdict = (name) => verdict().getByRole("button", { name, exact: true });

/** Opens a case, and waits until its keys are alive. @param {string} id */
async function openCase(id) {
  await visit.open(`/cases/${encodeURIComponent(id)}`);
  await inVerdict("Pass").waitFor();
  await page.getByText(/^Claimed by you until/).waitFor();
  await settled(page);
}

/** @param {"Pass" | "Fail"} word @param {string} [reason] */
async function decide(word, reason) {
  await inVerdict(word).click();
  if (reason) await verdict().getByRole("radio", { name: reason }).check();
  await inVerdict(`${word} it`).click();
}

/** The next case must not come in the middle of a test. */
const stay = () => inVerdict("Stay here").click();

/** Fails where anything of the verdict has the colour of a pass that stands. */
async function assertNoSuccess() {
  await verdict().getByText("Passed by you").waitFor();
  const colours = await verdict().evaluate((region) => {
    const pass = Object.assign(document.createElement("i"), { className: "tone-pass notice" });
    region.append(pass);
    const ground = getComputedStyle(pass).backgroundColor;
    pass.remove();
    return [...region.querySelectorAll("*")].filter((one) => getComputedStyle(one).backgroundColor === ground).length;
  });
  assert.equal(colours, 0);
}

/** The writes that reached the sandbox for one request. @param {string} id */
const puts = async (id) =>
  (await callsOf(stage.sandboxUrl)).filter((call) => call.method === "PUT" && call.path.includes(`/${id}`));

test("a whole case by keyboard alone, and the next one comes by itself", async () => {
  await visit.open("/queue");
  // Not by "n": which case is the oldest is chance here, and the other tests need theirs.
  await page.getByRole("link", { name: "abc123", exact: true }).focus();
  await page.keyboard.press("Enter");
  await page.getByText(/^Claimed by you until/).waitFor();
  const first = "abc123";
  await inVerdict("Fail").waitFor();
  await settled(page);
  await page.keyboard.press("d");
  await page.getByRole("button", { name: "Hide all" }).waitFor();
  await page.keyboard.press("f");
  assert.equal(await verdict().getByRole("radio", { checked: true }).count(), 0);
  // Nothing goes without a reason.
  await page.keyboard.press("Enter");
  await verdict().getByRole("alert").filter({ hasText: "Choose a reason first." }).waitFor();
  await page.keyboard.press("Escape");
  await assertFocused(page, "Failf"); // its key stands in it
  await page.keyboard.press("p");
  assert.ok(await verdict().getByRole("radio", { name: "Nothing was found" }).isChecked());
  await page.keyboard.press("f");
  await page.keyboard.press("2");
  await page.keyboard.press("ArrowDown");
  const chosen = await verdict().getByRole("radio", { checked: true }).getAttribute("value");
  await page.keyboard.press("Enter");
  await verdict().getByText("Failed by you").waitFor();
  await verdict().getByText("It can be undone until it is sent to Civic.").waitFor();
  assert.deepEqual(await puts(first), []);
  const { decision } = await stateOf(stage, first);
  assert.deepEqual([decision.verdict, decision.reason, decision.by], ["partner-fail", chosen, ADA]);

  await page.waitForURL((url) => !url.pathname.endsWith(encodeURIComponent(first)));
  const second = decodeURIComponent(new URL(page.url()).pathname.split("/")[2] ?? "");
  await page.getByRole("heading", { level: 1, name: second }).waitFor();
  await assertFocused(page, second);
  await page.getByText(/^Claimed by you until/).waitFor();
  assert.equal((await stateOf(stage, second)).claim.by, ADA);
  await until(async () => (await puts(first)).length === 1);
});

test("a finding puts its reason first", async () => {
  await openCase("under-age");
  await page.keyboard.press("f");
  const first = verdict().getByRole("radio").first();
  assert.equal(await first.getAttribute("value"), "under-age");
  assert.equal(await first.isChecked(), false);
});

test("to pass in spite of what was found takes a reason, and never says by itself that nothing was", async () => {
  await openCase("under-age");
  await page.keyboard.press("p");
  await inVerdict("Pass it").waitFor();
  assert.equal(await verdict().getByRole("radio", { checked: true }).count(), 0);
  await page.keyboard.press("Enter");
  await verdict().getByRole("alert").filter({ hasText: "Choose a reason first." }).waitFor();
  assert.equal((await stateOf(stage, "under-age")).decision, null);
});

test("a key that is held, or comes before the case is drawn, decides nothing", async () => {
  // The record takes its time: what is on the screen is not yet this case.
  let pass = () => {};
  const gate = new Promise((resolve) => {
    pass = () => resolve(undefined);
  });
  await page.route("**/partner/piirequest/id-card~copy_21", async (route) => {
    await gate;
    await route.continue();
  });
  await visit.open("/cases/id-card~copy_21");
  await page.getByRole("heading", { level: 1, name: "id-card~copy_21" }).waitFor();
  for (let presses = 0; presses < 8; presses += 1) {
    await page.keyboard.press("p");
    await page.waitForTimeout(100);
  }
  pass();
  await inVerdict("Pass").waitFor();
  assert.equal(await verdict().getByRole("form").count(), 0);
  await settled(page);
  await page.evaluate(() =>
    document.dispatchEvent(new KeyboardEvent("keydown", { key: "p", code: "KeyP", repeat: true, bubbles: true })),
  );
  assert.equal(await verdict().getByRole("form").count(), 0);
  await page.keyboard.press("p");
  await verdict().getByRole("form").waitFor();
});

test("a verdict can be taken back before it is sent, and given anew", async () => {
  const id = "id-card~copy_22";
  await openCase(id);
  await decide("Fail", "Suspected fraud");
  await verdict().getByText("Failed by you").waitFor();
  await page.keyboard.press("u");
  await verdict().getByText("The verdict was taken back; nothing was sent.").waitFor();
  await page.getByText(/^Claimed by you until/).waitFor();
  await decide("Pass");
  await verdict().getByText("Passed by you").waitFor();
  await stay();
  await verdict().getByText("Civic took the verdict.").waitFor();
  assert.equal((await puts(id)).length, 1);
  assert.equal((await ask(`${stage.url}/partner/piirequest/${id}`)).json.status, "partner-pass");
  assert.match(page.url(), /copy_22$/);
});

test("whoever goes on at once can still take the last verdict back", async () => {
  const id = "id-card~copy_23";
  await openCase(id);
  await decide("Fail", "Suspected fraud");
  await verdict().getByText("Failed by you").waitFor();
  await page.keyboard.press("n");
  await page.waitForURL((url) => !url.pathname.endsWith("copy_23"));
  await page.keyboard.press("u");
  await page.waitForURL((url) => url.pathname.endsWith("copy_23"));
  await inVerdict("Pass").waitFor();
  assert.equal((await stateOf(stage, id)).decision, null);
  assert.deepEqual(await puts(id), []);
});

test("to take one verdict back leaves the last one of another case to be taken back", async () => {
  const [last, other] = ["id-card~copy_34", "id-card~copy_38"];
  const own = await openStage({ ids: [last, other], settings: { DESK_UNDO_SECONDS: "60" } });
  try {
    visit = await own.enter(ADA);
    page = visit.page;
    await openCase(last);
    await decide("Fail", "Suspected fraud");
    await verdict().getByText("Failed by you").waitFor();
    // As from another tab.
    await page.evaluate(async (path) => {
      const headers = { "content-type": "application/json" };
      await fetch(path, { method: "PUT", headers, body: JSON.stringify({ status: "partner-pass" }) });
    }, `/partner/piirequest/${other}/status`);
    await page.route("**/desk/cases/next", (route) => route.fulfill({ json: { id: other } }));
    await page.keyboard.press("n");
    await verdict().getByText("Passed by you").waitFor();
    await inVerdict("Undo").click();
    await verdict().getByText("The verdict was taken back; nothing was sent.").waitFor();
    await page.getByRole("button", { name: `Undo the verdict on ${last}` }).click();
    await page.waitForURL((url) => url.pathname.endsWith(last));
    await inVerdict("Pass").waitFor();
  } finally {
    await visit.leave();
    await own.close();
  }
});

test("who would take a verdict back too late is told that on the next case", async () => {
  const id = "id-card~copy_33";
  await openCase(id);
  await decide("Fail", "Suspected fraud");
  await verdict().getByText("Failed by you").waitFor();
  await page.route(`**/partner/piirequest/${id}/status`, async (route) => {
    if (route.request().method() === "DELETE") await until(async () => (await puts(id)).length === 1);
    await route.continue();
  });
  await page.keyboard.press("n");
  await page.waitForURL((url) => !url.pathname.endsWith("copy_33"));
  await page.keyboard.press("u");
  const notice = page.getByRole("group", { name: `${id}: It is too late to take it back` });
  await notice.getByText("The time for that is over.").waitFor();
});

for (const [id, what, words] of /** @type {const} */ ([
  ["id-card~copy_41", "comes too late", "It is too late to take it back"],
  ["id-card~copy_42", "fails", "The desk has a fault"],
])) {
  test(`who takes a verdict back at the last moment, where that ${what}, stays and reads so`, async () => {
    await openCase(id);
    await decide("Fail", "Suspected fraud");
    await verdict().getByText("Failed by you").waitFor();
    await page.route(`**/partner/piirequest/${id}/status`, async (route) => {
      if (route.request().method() !== "DELETE") return route.continue();
      await until(async () => (await puts(id)).length === 1);
      await (what === "fails" ? route.fulfill({ status: 500, json: { error: "internal" } }) : route.continue());
    });
    await page.keyboard.press("u");
    await verdict().getByRole("alert").filter({ hasText: words }).waitFor();
    await verdict().getByText("Civic took the verdict.").waitFor();
    // As long as the next case would take to come.
    await page.waitForTimeout(2500);
    assert.ok(page.url().endsWith(id));
    await verdict().getByRole("alert").filter({ hasText: words }).waitFor();
    await page.keyboard.press("n");
    await page.waitForURL((url) => !url.pathname.endsWith(id));
  });
}

for (const [id, what, answer, words] of /** @type {const} */ ([
  ["id-card~copy_39", "whose answer does not come", undefined, "whether it arrived is not known"],
  [
    "id-card~copy_40",
    "that the desk refuses",
    { status: 409, json: { error: "claimed", by: "grace@partner.example", until: 4e12 } },
    "Another reviewer has claimed this request.",
  ],
])) {
  test(`who has gone on from a verdict ${what} is told on the next case`, async () => {
    await openCase(id);
    /** @type {() => void} */
    let end = () => {};
    const held = new Promise((resolve) => {
      end = () => resolve(undefined);
    });
    await page.route(`**/partner/piirequest/${id}/status`, async (route) => {
      await held;
      await (answer ? route.fulfill(answer) : route.abort());
    });
    await decide("Pass");
    await page.keyboard.press("n");
    await page.waitForURL((url) => !url.pathname.endsWith(id));
    end();
    await page
      .getByRole("group", { name: `${id}: Your Pass` })
      .getByText(words)
      .waitFor();
  });
}

test("nothing is lost by closing the tab: the desk has it before the page says so", async () => {
  const id = "id-card~copy_24";
  await openCase(id);
  await decide("Pass");
  await verdict().getByText("Passed by you").waitFor();
  assert.equal((await stateOf(stage, id)).decision.verdict, "partner-pass");
  await page.close();
  await until(async () => (await puts(id)).length === 1);
  page = await visit.context.newPage();
  await visit.context.pages()[0]?.goto(`${stage.url}/cases/${id}`);
  await verdict().getByText("Passed by you").waitFor();
});

test("a verdict on its way is shown to whoever comes to the page", async () => {
  const id = "id-card~copy_25";
  await openCase(id);
  await decide("Pass");
  await verdict().getByText("Passed by you").waitFor();
  await page.reload();
  await inVerdict("Undo").click();
  await inVerdict("Fail").waitFor();
  assert.deepEqual(await puts(id), []);
});

test("the network is lost before the verdict arrives: the desk is asked, and it is sent again as the same", async () => {
  const id = "id-card~copy_26";
  await openCase(id);
  /** @type {(string | undefined)[]} */
  const keys = [];
  page.on("request", (request) => {
    if (request.method() === "PUT") keys.push(request.headers()["idempotency-key"]);
  });
  await visit.context.setOffline(true);
  await decide("Fail", "Suspected fraud");
  await verdict().getByRole("alert").filter({ hasText: "The answer did not come" }).waitFor();
  await visit.context.setOffline(false);
  await verdict().getByRole("alert").filter({ hasText: "Your verdict did not reach the desk" }).waitFor();
  assert.ok(await verdict().getByRole("radio", { name: "Suspected fraud" }).isChecked());
  assert.equal((await stateOf(stage, id)).decision, null);
  await inVerdict("Fail it").click();
  await verdict().getByText("Failed by you").waitFor();
  await stay();
  assert.equal(keys.length, 2);
  assert.ok(keys[0] && keys[0] === keys[1]);
});

test("the network is lost after the verdict arrived: it is found out about, and not sent again", async () => {
  const id = "id-card~copy_27";
  await openCase(id);
  let sent = 0;
  await page.route(`**/partner/piirequest/${id}/status`, async (route) => {
    sent += 1;
    await route.fetch();
    await route.abort("connectionreset");
  });
  await decide("Pass");
  await verdict().getByText("Passed by you").waitFor();
  await stay();
  await verdict().getByText("Civic took the verdict.").waitFor();
  assert.equal(sent, 1);
  assert.equal((await puts(id)).length, 1);
});

test("the session ends in mid-decision: the choice is kept, and sent once somebody has signed in again", async () => {
  const id = "id-card~copy_28";
  await openCase(id);
  await page.keyboard.press("f");
  await verdict().getByRole("radio", { name: "Suspected fraud" }).check();
  await visit.become(null);
  await inVerdict("Fail it").click();
  const dialog = page.getByRole("dialog", { name: "Your session has ended" });
  await dialog.waitFor();
  await visit.become(ADA);
  const [tab] = await Promise.all([
    visit.context.waitForEvent("page"),
    dialog.getByRole("button", { name: "Sign in again" }).click(),
  ]);
  await tab.getByRole("heading", { name: "You are signed in" }).waitFor();
  await tab.close();
  await dialog.waitFor({ state: "detached" });
  await verdict().getByText("Your choice is kept").waitFor();
  assert.ok(await verdict().getByRole("radio", { name: "Suspected fraud" }).isChecked());
  assert.equal((await stateOf(stage, id)).decision, null);
  await inVerdict("Fail it").click();
  await verdict().getByText("Failed by you").waitFor();
  assert.equal((await stateOf(stage, id)).decision.reason, "suspected-fraud");
});

test("what an ended session kept from being done is told as that, and not as the session still ended", async () => {
  await openCase("id-card~copy_34");
  await decide("Pass");
  await stay();
  await visit.become(null);
  await inVerdict("Undo").click();
  await signInAgain(visit, ADA);
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await verdict().getByRole("alert").filter({ hasText: "Your session had ended" }).waitFor();
  assert.equal(await verdict().getByText("You are not signed in").count(), 0);
});

test("until the data is there again nothing is decided, and no reason changes its place or is taken for found", async () => {
  const id = "under-age";
  await openCase(id);
  await page.keyboard.press("f");
  const reasons = verdict().getByRole("radio");
  const places = () => reasons.evaluateAll((all) => all.map((one) => one.getAttribute("value")));
  const before = await places();
  assert.equal(before[0], "under-age");
  await reasons.first().check();
  await page.getByRole("button", { name: "Show: Name" }).focus();
  await visit.become(null);
  const dialog = page.getByRole("dialog", { name: "Your session has ended" });
  await dialog.waitFor();
  assert.deepEqual(await places(), before);

  let pass = () => {};
  const gate = new Promise((resolve) => {
    pass = () => resolve(undefined);
  });
  const record = `**/partner/piirequest/${id}`;
  await page.route(record, async (route) => {
    await gate;
    await route.fulfill({ status: 500, json: {} });
  });
  await signInAgain(visit, ADA);
  await dialog.waitFor({ state: "detached" });
  // What had it is not there any more.
  await assertFocused(page, id);
  await verdict().getByText("Wait until the data is there again.").waitFor();
  const refused = (/** @type {string} */ name) => inVerdict(name).getAttribute("aria-disabled");
  assert.equal(await refused("Fail it"), "true");
  await reasons.first().focus();
  await page.keyboard.press("Enter");
  await inVerdict("Cancel").click();
  assert.deepEqual([await refused("Pass"), await refused("Fail")], ["true", "true"]);
  pass();
  await verdict().getByText("The data could not be read again, so nothing can be decided.").waitFor();
  await page.unroute(record);
  await page.getByRole("button", { name: "Try again" }).click();
  await settled(page);
  await page.keyboard.press("p");
  await inVerdict("Pass it").waitFor();
  assert.equal(await verdict().getByRole("radio", { checked: true }).count(), 0);
  assert.equal((await stateOf(stage, id)).decision, null);
});

test("a dead letter is told, and can be sent again", async () => {
  const id = "passport~status.403";
  await openCase(id);
  await decide("Pass");
  await verdict().getByText("Passed by you").waitFor();
  await stay();
  const notice = verdict().getByRole("alert").filter({ hasText: "The verdict did not reach Civic" });
  await notice.filter({ hasText: "forbidden" }).waitFor();
  await assertNoSuccess();
  assert.equal((await puts(id)).length, 1);
  await notice.getByRole("button", { name: "Send again" }).click();
  await until(async () => (await puts(id)).length === 2);
  await notice.filter({ hasText: "forbidden" }).waitFor();
});

test("from a button that goes with what it was for the focus is led on, however late that is drawn", async () => {
  // A frame that comes before React has drawn what has changed.
  await page.addInitScript(() => {
    window.requestAnimationFrame = (act) => {
      queueMicrotask(() => act(performance.now()));
      return 0;
    };
  });
  await openCase("passport~status.403x1");
  await decide("Pass");
  await stay();
  await inVerdict("Send again").press("Enter");
  await inVerdict("Send again").waitFor({ state: "detached" });
  await assertFocused(page, /^Passed by you/);
});

test("a conflict is told, and resolved", async () => {
  const id = "passport~status.other-verdict-first";
  await openCase(id);
  await decide("Pass");
  await verdict().getByText("Passed by you").waitFor();
  await stay();
  const notice = verdict().getByRole("alert").filter({ hasText: "Civic did not take the verdict" });
  await notice.getByText("Civic shows Fail, which came first.").waitFor();
  await assertNoSuccess();
  await notice.getByRole("button", { name: "Let Civic's stand" }).press("Enter");
  await verdict().getByText("Fail of Civic's own stands; you let it.").waitFor();
  // The button that had it has gone.
  await assertFocused(page, /^Passed by you/);
  await assertNoSuccess();
  assert.equal((await stateOf(stage, id)).delivery.state, "resolved");
});

test("a verdict whose answer was lost behind the desk is found out about, not repeated blindly", async () => {
  const id = "passport~status.apply-then-500x1";
  await openCase(id);
  await decide("Pass");
  await verdict().getByText("Passed by you").waitFor();
  await stay();
  // That it will be tried again may be over before anybody has looked.
  const done = verdict().getByText(/^Civic (took the verdict|had this verdict already)\.$/);
  for (let runs = 0; runs < 40 && (await done.count()) === 0; runs += 1) {
    await stage.sweep();
    await page.waitForTimeout(250);
  }
  await done.waitFor();
  assert.equal((await puts(id)).length, 1);
});

test("what is known of the next case is read ahead, and never its record or its evidence", async () => {
  const id = "id-card~copy_29";
  await openCase(id);
  /** @type {string[]} */
  const reads = [];
  page.on("request", (request) => reads.push(`${request.method()} ${new URL(request.url()).pathname}`));
  // Listened for from the start: it may come before the page is seen to have changed.
  const ahead = page.waitForResponse((response) => /\/desk\/cases\?.*claimed=none/.test(response.url()));
  await decide("Pass");
  await verdict().getByText("Passed by you").waitFor();
  await ahead;
  await stay();
  await page.waitForTimeout(300);
  assert.deepEqual(
    reads.filter((read) => read.includes("/partner/") && !read.includes(id)),
    [],
  );
});

test("where nothing else waits, the page stays and says so", async () => {
  const id = "id-card~copy_30";
  await openCase(id);
  await page.route("**/desk/cases/next", (route) => route.fulfill({ status: 204 }));
  await decide("Pass");
  await inVerdict("Stay here").focus();
  await page.getByRole("group", { name: "No case was unclaimed" }).waitFor();
  assert.match(page.url(), /copy_30$/);
  await verdict()
    .getByText(/^The next case opens by itself/)
    .waitFor({ state: "detached" });
  await assertFocused(page, /^Passed by you/);
  await inVerdict("Next case").waitFor();
});

test("while nobody looks at the page no next case comes, is claimed, or is read", async () => {
  const id = "id-card~copy_37";
  await openCase(id);
  /** @type {string[]} */
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  /** @param {"visible" | "hidden"} state */
  const turn = (state) =>
    page.evaluate((state) => {
      Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
      document.dispatchEvent(new Event("visibilitychange"));
    }, state);
  await decide("Pass");
  await verdict().getByText("Passed by you").waitFor();
  await turn("hidden");
  await until(async () => (await puts(id)).length === 1);
  await page.waitForTimeout(2_000);
  assert.match(page.url(), /copy_37$/);
  assert.deepEqual(
    asked.filter((path) => path === "/desk/cases/next"),
    [],
  );
  await turn("visible");
  await page.waitForURL((url) => !url.pathname.endsWith("copy_37"));
});

test("who writes something is not moved on: what follows would be the next case's keys", async () => {
  const id = "id-card~copy_43";
  await openCase(id);
  await decide("Pass");
  await verdict().getByText("Passed by you").waitFor();
  await page.getByRole("textbox", { name: "globaliD name" }).focus();
  await page.keyboard.type("phi");
  await verdict().getByText("Civic took the verdict.").waitFor();
  await page.waitForTimeout(2000);
  await page.keyboard.type("lip");
  assert.equal(await page.getByRole("textbox", { name: "globaliD name" }).inputValue(), "philip");
  assert.ok(page.url().endsWith(id));
  await page.getByRole("heading", { level: 1 }).focus();
  await page.waitForURL((url) => !url.pathname.endsWith(id));
});

test("who does not want to be moved on is not", async () => {
  const id = "id-card~copy_31";
  await visit.open("/settings");
  await page.getByRole("checkbox", { name: /next case/i }).uncheck();
  await openCase(id);
  await decide("Pass");
  await verdict().getByText("Civic took the verdict.").waitFor();
  await page.waitForTimeout(1000);
  assert.match(page.url(), /copy_31$/);
});

test("who would always stay says so, and takes it back, by one button that keeps the focus", async () => {
  await openCase("id-card~copy_35");
  await decide("Pass");
  await stay();
  const advances = () => page.evaluate(() => JSON.parse(localStorage.getItem("passdesk.preferences") ?? "{}").advance);
  await inVerdict("Always stay").focus();
  await page.keyboard.press("Enter");
  await inVerdict("Go on by itself again").waitFor();
  await assertFocused(page, "Go on by itself again");
  assert.equal(await advances(), false);
  await page.keyboard.press("Enter");
  await inVerdict("Always stay").waitFor();
  assert.equal(await advances(), true);
});

test("a button that goes takes the focus nowhere", async () => {
  await openCase("id-card~copy_36");
  await decide("Pass");
  await inVerdict("Stay here").focus();
  await page.keyboard.press("Enter");
  await page.getByText(/^You stay here\./).waitFor();
  await assertFocused(page, /^You stay here\./);
  await inVerdict("Undo").focus();
  await inVerdict("Undo").waitFor({ state: "hidden" });
  await assertFocused(page, /^Passed by you/);
});

test("a reason that the desk does not know any more is told, and nothing is lost", async () => {
  const id = "id-card~copy_32";
  await openCase(id);
  await page.route("**/status", (route) =>
    route.fulfill({ status: 400, json: { error: "invalid_argument", field: "reason" } }),
  );
  await decide("Fail", "Suspected fraud");
  await verdict().getByRole("alert").filter({ hasText: "The desk does not know this reason" }).waitFor();
  assert.equal(await inVerdict("Fail it").count(), 1);
});
