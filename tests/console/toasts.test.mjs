// @ts-check
// What a notice says of an act, it says beside what the page has: nothing that can be acted upon ever lies under it, wherever the
// page was scrolled, on a wide screen and at 320 CSS pixels.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { resetSandbox } from "../demo/support.mjs";
import { ADA, inVerdict, openCase, openStage, verdict } from "./stage.mjs";

const IDS = Array.from({ length: 6 }, (_, index) => `id-card~copy_${81 + index}`);
const WINDOWS = [
  { width: 1280, height: 900 },
  { width: 1280, height: 720 },
  { width: 320, height: 640 },
];

/** @typedef {import("playwright-core").Page} Page */

/** @type {import("./stage.mjs").Stage} */
let stage;
before(async () => {
  stage = await openStage({ ids: IDS, settings: { DESK_UNDO_SECONDS: "600" } });
  await resetSandbox(stage.sandboxUrl);
});
after(() => stage?.close());

/** @param {Page} page */
const notices = (page) => page.getByRole("region", { name: "Notices" });
/** @param {Page} page @param {string} name */
const notice = (page, name) => notices(page).getByRole("group", { name });

/**
 * The controls of the page that lie under a notice: of those that were in sight when it came, and of all, where each is brought
 * into sight, as by Tab.
 *
 * @param {Page} page
 * @param {() => Promise<unknown>} come brings the notice about
 */
async function covered(page, come) {
  const controls = await page.evaluateHandle(() =>
    [...document.querySelectorAll("a[href], button, input, textarea, select, summary, [tabindex='0']")]
      // What only a screen reader or the focus finds is a pixel, or outside of the window.
      .filter((control) => control.checkVisibility() && control.getBoundingClientRect().width > 1)
      .map((control) => {
        const { top, bottom } = control.getBoundingClientRect();
        return { control, inSight: top >= 0 && bottom <= innerHeight };
      }),
  );
  await come();
  return notices(page).evaluate((notices, controls) => {
    const under = (/** @type {Element} */ control) => {
      const { left, top, width, height } = control.getBoundingClientRect();
      // Its middle and, a pixel within, its corners.
      const points = [[left + width / 2, top + height / 2]];
      for (const x of [left + 1, left + width - 1]) for (const y of [top + 1, top + height - 1]) points.push([x, y]);
      return points.some(([x = 0, y = 0]) => notices.contains(document.elementFromPoint(x, y)));
    };
    const named = (/** @type {Element} */ control) =>
      control.getAttribute("aria-label") ?? (control.textContent?.trim() || control.tagName);
    const there = controls.filter(({ control }) => control.isConnected && !notices.contains(control));
    const atOnce = there.filter(({ control, inSight }) => inSight && under(control));
    const later = there.filter(({ control }) => {
      control.scrollIntoView({ block: "nearest" });
      return under(control);
    });
    if (there.length < 10) return ["this page has hardly any controls"];
    return [
      ...atOnce.map(({ control }) => `at once: ${named(control)}`),
      ...later.map(({ control }) => `brought into sight: ${named(control)}`),
    ];
  }, controls);
}

/** What tells something on the page of a case, and what it is called. */
const TOLD = [
  {
    name: "Your note is not sent",
    tell: (/** @type {Page} */ page) => page.keyboard.press("n"),
    async before(/** @type {Page} */ page) {
      await inVerdict(page, "Fail").click();
      await verdict(page).getByRole("radio", { name: "Suspected fraud" }).check();
      await verdict(page)
        .getByRole("textbox", { name: /^Internal note/ })
        .fill("The lower edge looks lifted.");
      await page.keyboard.press("Escape");
    },
  },
  {
    name: "No case was unclaimed",
    async before(/** @type {Page} */ page) {
      await page.route("**/desk/cases/next", (route) => route.fulfill({ status: 204 }));
    },
    tell: (/** @type {Page} */ page) => page.keyboard.press("n"),
  },
  {
    name: "The desk has a fault",
    async before(/** @type {Page} */ page) {
      await page.route("**/desk/cases/next", (route) => route.fulfill({ status: 500, json: { error: "internal" } }));
      await inVerdict(page, "Pass").click();
      await inVerdict(page, "Pass it").waitFor();
    },
    tell: (/** @type {Page} */ page) => page.keyboard.press("n"),
  },
];

for (const [index, { name, before: prepare, tell }] of TOLD.entries()) {
  test(`“${name}” covers nothing`, async () => {
    for (const viewport of WINDOWS) {
      for (const from of ["top", "end"]) {
        const ada = await stage.enter(ADA, { viewport });
        const { page } = ada;
        await openCase(ada, String(IDS[index]));
        await prepare(page);
        await page.evaluate((end) => scrollTo(0, end ? document.documentElement.scrollHeight : 0), from === "end");
        const where = `${viewport.width} × ${viewport.height}, scrolled to the ${from}`;
        const under = await covered(page, async () => {
          await tell(page);
          await notice(page, name).waitFor();
          const box = await notice(page, name).boundingBox();
          assert.ok(box && box.y >= 0 && box.y + box.height <= viewport.height, `${where}: it is in sight`);
        });
        assert.deepEqual(under, [], where);
        await page.close();
        await ada.leave();
      }
    }
  });
}

test("a notice goes with its screen or with its cause, and a failure once it was read", async () => {
  const ada = await stage.enter(ADA);
  const { page } = ada;
  await openCase(ada, String(IDS[4]));
  const note = verdict(page).getByRole("textbox", { name: /^Internal note/ });
  await inVerdict(page, "Fail").click();
  await note.fill("The lower edge looks lifted.");
  await note.press("Escape");
  // However often it is told, it stands there once.
  for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press("n");
  await notice(page, "Your note is not sent").waitFor();
  assert.equal(await notices(page).getByRole("group").count(), 1);
  await note.fill("");
  await notice(page, "Your note is not sent").waitFor({ state: "detached" });
  await note.press("Escape");

  await page.route("**/desk/cases/next", (route) => route.fulfill({ status: 204 }), { times: 1 });
  await page.keyboard.press("n");
  await notice(page, "No case was unclaimed").waitFor();
  await page.route("**/desk/cases/next", (route) => route.fulfill({ status: 500, json: { error: "internal" } }));
  await page.keyboard.press("n");
  await notice(page, "The desk has a fault").waitFor();
  assert.equal(await notices(page).getByRole("group").count(), 2);
  await page.setViewportSize({ width: 320, height: 640 });
  assert.deepEqual(await covered(page, async () => {}), []);

  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
  await notice(page, "No case was unclaimed").waitFor({ state: "detached" });
  await notice(page, "The desk has a fault").getByRole("button").click();
  await notice(page, "The desk has a fault").waitFor({ state: "detached" });
  await ada.leave();
});
