// @ts-check
// Where the system has its own few colours (Windows high contrast; CSS Color Adjustment 1, 3.1), every ground and every tint is
// gone: what they told must be told by a system colour, a border or a sign.

import assert from "node:assert/strict";
import { test } from "node:test";
import { GRACE, visitEach } from "./stage.mjs";

/** @type {import("./stage.mjs").Stage} */
let stage;
/** @type {import("./stage.mjs").Visit} */
let visit;
/** @type {import("./stage.mjs").Page} */
let page;
visitEach({ ids: ["abc123", "under-age", "passport"] }, (now) => {
  ({ stage, visit, page } = now);
});

/** @typedef {import("playwright-core").Locator} Locator */
/** @typedef {"color" | "backgroundColor" | "borderBottomColor" | "borderTopColor" | "borderTopWidth" | "outlineColor"} Property */

/** A property as it is drawn: what the system forces is in it. @param {Locator} what @param {Property} property */
const drawn = (what, property) => what.evaluate((element, name) => getComputedStyle(element)[name], property);

/** What a system's colour is here. @param {string} name */
const system = (name) =>
  page.evaluate((color) => {
    const probe = document.body.appendChild(document.createElement("i"));
    probe.style.color = color;
    const { color: computed } = getComputedStyle(probe);
    probe.remove();
    return computed;
  }, name);

/** @param {string} name */
const button = (name) => page.getByRole("button", { name, exact: true });

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  const force = () => page.emulateMedia({ forcedColors: "active", colorScheme });

  test(`where one is, and which list is open, stands out in forced ${colorScheme}`, async () => {
    await force();
    await visit.open("/queue");
    const canvas = await system("Canvas");
    for (const [one, other] of [
      ["Queue", "Settings"],
      ["To decide", "Decided"],
    ]) {
      const line = (/** @type {string | undefined} */ name) =>
        drawn(page.getByRole("link", { name: name ?? "", exact: true }), "borderBottomColor");
      assert.notEqual(await line(one), canvas, one);
      assert.equal(await line(other), canvas, other);
    }
  });

  test(`whatever has the focus has a ring in forced ${colorScheme}`, async () => {
    await force();
    await visit.open("/cases/abc123");
    await page.getByRole("img", { name: "Back of the document" }).waitFor();
    const canvas = await system("Canvas");
    const seen = new Set();
    for (let stops = 0; stops < 45; stops += 1) {
      await page.keyboard.press("Tab");
      const ring = await page.evaluate(() => {
        const element = document.activeElement;
        if (element === null || element === document.body) return undefined;
        const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(element);
        const name = element.getAttribute("aria-label") ?? element.textContent?.trim() ?? "";
        return { name, style: outlineStyle, width: Number.parseFloat(outlineWidth), color: outlineColor };
      });
      if (ring === undefined) break;
      const { name } = ring;
      seen.add(name);
      assert.notEqual(ring.style, "none", name);
      assert.ok(ring.width >= 2, `${name}: ${ring.width}px`);
      assert.notEqual(ring.color, canvas, name);
    }
    for (const name of ["Skip to the content", "One large", "Zoom in", "Back of the document, arrow keys move it"])
      assert.ok(seen.has(name), `${name} was not reached: ${[...seen].join(", ")}`);
  });

  test(`what is chosen, what matters most and what is refused stand out in forced ${colorScheme}`, async () => {
    await force();
    await visit.open("/cases/abc123");
    await page.getByRole("img", { name: "Back of the document" }).waitFor();
    const [canvas, gray, highlight] = await Promise.all(["Canvas", "GrayText", "Highlight"].map(system));
    assert.equal(await drawn(button("Side by side"), "backgroundColor"), highlight);
    assert.notEqual(await drawn(button("One large"), "backgroundColor"), highlight);
    const frame = (/** @type {string} */ name) =>
      page.getByRole("group", { name: `${name} of the document, arrow keys` });
    assert.equal(await drawn(frame("Front"), "borderTopColor"), highlight);
    assert.notEqual(await drawn(frame("Back"), "borderTopColor"), highlight);
    assert.notEqual(await drawn(frame("Back"), "borderTopColor"), canvas);
    assert.equal(await drawn(button("Zoom out"), "color"), gray);
    assert.notEqual(await drawn(button("Zoom in"), "color"), gray);

    // The ground of a notice was all that held it together.
    const notice = page.getByRole("region", { name: "Findings" }).locator(".notice");
    assert.notEqual(await drawn(notice, "borderTopWidth"), "0px");
    assert.notEqual(await drawn(notice, "borderTopColor"), canvas);
    const sign = notice.locator(".icon").first();
    assert.equal(await drawn(sign, "color"), await system("CanvasText"));

    const verdict = page.getByRole("region", { name: "Verdict" });
    await verdict.getByRole("button", { name: "Pass", exact: true }).click();
    const ground = (/** @type {string} */ name) =>
      drawn(verdict.getByRole("button", { name, exact: true }), "backgroundColor");
    await verdict.getByRole("button", { name: "Pass it" }).waitFor();
    assert.notEqual(await ground("Pass it"), await ground("Cancel"));
  });

  test(`a verdict that somebody may not give looks so in forced ${colorScheme}`, async () => {
    const grace = await stage.enter(GRACE);
    await grace.open("/cases/passport");
    await grace.page.getByText(/^Claimed by you until/).waitFor();
    await force();
    await visit.open("/cases/passport");
    await page.getByText(/You can look, but not decide/).waitFor();
    const gray = await system("GrayText");
    const pass = page.getByRole("region", { name: "Verdict" }).getByRole("button", { name: "Pass", exact: true });
    assert.equal(await drawn(pass, "color"), gray);
    assert.equal(await drawn(pass, "borderTopColor"), gray);
    await grace.leave();
  });
}
