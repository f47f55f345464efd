// @ts-check
// The demo dApp, as a person uses it: a click, a case in the desk's queue, a verdict, a pass or none. The page is Chromium's,
// the provider Civic's own, the dApp and the desk are two origins.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import axe from "axe-core";
import { tokenProvider } from "passdesk";
import { createSandbox } from "passdesk/sandbox";
import { startDapp } from "../../www/demo/dapp.mjs";
import { startDesk, startSandbox } from "../../www/demo/workers.mjs";
import { launchChromium, routeFromTheStart } from "../support/chromium.mjs";
import { ask, until } from "./support.mjs";

/** @type {{ stop: () => Promise<void> }[]} */
const running = [];
/** @type {string} */
let sandboxUrl;
/** @type {Awaited<ReturnType<typeof startDapp>>} */
let dapp;
/** @type {Awaited<ReturnType<typeof startDesk>>} */
let desk;
/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  const sandbox = await startSandbox();
  running.unshift(sandbox);
  sandboxUrl = sandbox.url;
  ({ dapp, desk } = await startBoth());
  browser = await launchChromium();
});

/** The dApp and the desk, each knowing of the other. @param {{ dapp?: number, desk?: number }} [ports] */
async function startBoth(ports = {}) {
  const { credentials } = createSandbox();
  const token = tokenProvider({ tokenUrl: `${sandboxUrl}/oauth/token`, ...credentials });
  const dapp = await startDapp({ sandboxUrl, token, port: ports.dapp ?? 0 });
  running.unshift(dapp);
  const settings = { DESK_UNDO_SECONDS: "1", INTAKE_ORIGINS: dapp.url };
  const desk = await startDesk({ sandboxUrl, credentials, port: ports.desk ?? 0, settings });
  running.unshift(desk);
  dapp.sendTo(desk.url);
  return { dapp, desk };
}
after(async () => {
  await browser?.close();
  for (const one of running) await one.stop();
});

/** @param {import("playwright-core").BrowserContextOptions} [options] */
async function open(options) {
  const context = await browser.newContext(options);
  await routeFromTheStart(context);
  const page = await context.newPage();
  /** @type {string[]} */
  const troubles = [];
  page.on("pageerror", (error) => troubles.push(error.message));
  page.on("console", (message) => {
    // Civic says "rejected" as 403, of which the browser itself makes a line.
    const refused = /status of 403/.test(message.text()) && /\/civic\/record\//.test(message.location().url);
    if (message.type() === "error" && !refused) troubles.push(message.text());
  });
  await page.goto(dapp.url);
  return { context, page, troubles };
}

/** The ids of the desk's open cases. @returns {Promise<string[]>} */
const queue = async () =>
  (await ask(`${desk.url}/desk/cases`)).json.cases.map((/** @type {{ id: string }} */ { id }) => id);

/** @param {string} id @param {"partner-pass" | "partner-fail"} status */
async function decide(id, status) {
  const json = { "content-type": "application/json" };
  const headers = { ...json, origin: desk.url, "sec-fetch-site": "same-origin" };
  const reason = status === "partner-fail" ? { reason: "document-unreadable" } : {};
  const body = JSON.stringify({ status, ...reason });
  const answer = await ask(`${desk.url}/partner/piirequest/${id}/status`, { method: "PUT", headers, body });
  assert.equal(answer.status, 202, answer.text);
}

test("each click is a new case in the desk's queue, and the verdict comes back", async () => {
  const before = await queue();
  for (const [verdict, words] of /** @type {const} */ ([
    ["partner-pass", "Welcome to Meridian"],
    ["partner-fail", "No pass this time"],
  ])) {
    const { context, page, troubles } = await open();
    const known = await queue();
    await page.getByRole("button", { name: "Get my pass" }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("Our reviewers have your request.", { exact: true }).waitFor();
    // The focus goes along.
    await until(async () => (await page.evaluate(() => document.activeElement?.id)) === "progress");
    await until(async () => (await queue()).length === known.length + 1);
    const id = (await queue()).find((one) => !known.includes(one)) ?? "";
    assert.match(id, /^person-\d{4}~copy_\d{1,6}$/);
    // A reload asks Civic anew, and hands nothing over twice.
    const posts = [];
    page.on("request", (request) => request.method() === "POST" && posts.push(request.url()));
    await page.reload();
    await page.getByText("Our reviewers have your request.", { exact: true }).waitFor();
    assert.deepEqual(posts, []);
    await decide(id, verdict);
    await page.getByRole("heading", { name: words }).waitFor({ timeout: 30_000 });
    await page.reload();
    await page.getByRole("heading", { name: words }).waitFor();
    assert.deepEqual(troubles, [], "nor does the policy forbid anything that the page does");
    await page.getByRole("button", { name: "Start again as somebody else" }).click();
    await page.getByRole("button", { name: "Get my pass" }).waitFor();
    await context.close();
  }
  assert.equal(before.length, 0);
});

test("in a browser that remembers the demo's last run, the next one's people are new", async () => {
  const { context, page } = await open();
  const begin = async () => {
    await page.getByRole("button", { name: "Get my pass" }).click();
    await page.getByText("Our reviewers have your request.", { exact: true }).waitFor();
  };
  await begin();
  // Another run: the addresses are the same, and neither dApp nor desk knows anything any more.
  const ports = { dapp: Number(new URL(dapp.url).port), desk: Number(new URL(desk.url).port) };
  for (const one of running.splice(0, 2)) await one.stop();
  ({ dapp, desk } = await startBoth(ports));
  await page.evaluate(() => sessionStorage.clear());
  await page.reload();
  await begin();
  await until(async () => (await queue()).length === 1);
  await context.close();
});

test("an address that is none is refused, and the dApp goes on", async () => {
  assert.equal((await ask(`${dapp.url}//`)).status, 400);
  assert.equal((await ask(dapp.url)).status, 200);
});

test("a desk that is away is waited for, in words", async () => {
  const { context, page } = await open();
  let tries = 0;
  await page.route("**/desk/intake", (route) => {
    tries += 1;
    return route.abort();
  });
  await page.clock.install();
  await page.getByRole("button", { name: "Get my pass" }).click();
  await page.getByText("cannot be reached just now").first().waitFor();
  await page.getByText("network", { exact: true }).waitFor();
  // It tries again by itself, and then, with the clock stopped, no more: the button is what helps.
  const before = tries;
  await page.clock.pauseAt(Date.now() + 600_000);
  await until(async () => {
    // A try that was under way as the clock stopped waits for it.
    await page.clock.runFor(60_000);
    return tries > before;
  });
  // Its turn outlasts a try by a moment, which does not pass while the clock stands.
  await until(async () => {
    await page.clock.runFor(50);
    return page.evaluate(async () => (await navigator.locks.query()).held?.length === 0);
  });
  await page.getByRole("button", { name: "Try again now" }).waitFor();
  await page.unroute("**/desk/intake");
  await page.getByRole("button", { name: "Try again now" }).click();
  await page.getByText("Our reviewers have your request.", { exact: true }).waitFor();
  await context.close();
});

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  test(`axe finds nothing, and nothing must be scrolled sideways, ${colorScheme}`, async () => {
    for (const width of [320, 1200]) {
      const { context, page } = await open({ colorScheme, viewport: { width, height: 800 }, reducedMotion: "reduce" });
      const look = async (/** @type {string} */ state) => {
        // Not by a script element, which the page's policy forbids.
        await page.evaluate(axe.source);
        const { violations } = await page.evaluate(() => Reflect.get(globalThis, "axe").run(document));
        const found = violations.map((/** @type {{ id: string, nodes: { html: string }[] }} */ { id, nodes }) => [
          id,
          nodes[0]?.html,
        ]);
        assert.deepEqual(found, [], `${state}, ${width} px`);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(overflow <= 0, `${state}, ${width} px: ${overflow} px too wide`);
        const folder = process.env.SCREENSHOTS;
        if (folder) await page.screenshot({ path: `${folder}/dapp-${state}-${colorScheme}-${width}.png` });
      };
      await page.getByRole("button", { name: "Get my pass" }).waitFor();
      await look("before");
      await page.getByRole("button", { name: "Get my pass" }).click();
      await page.getByText("Our reviewers have your request.", { exact: true }).waitFor();
      await look("review");
      await page.route("**/desk/intake", (route) => route.abort());
      await page.getByRole("button", { name: "Start again as somebody else" }).click();
      await page.getByRole("button", { name: "Get my pass" }).click();
      await page.getByRole("button", { name: "Try again now" }).waitFor();
      await look("waiting");
      await context.close();
    }
  });
}
