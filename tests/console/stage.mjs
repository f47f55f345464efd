// @ts-check
// What the console's tests stand on: the sandbox, the desk in workerd with a local D1, Access's stand-in with several
// people, and Chromium. Everything is found by role and label.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach } from "node:test";
import axe from "axe-core";
import { createSandbox } from "passdesk/sandbox";
import { handOver } from "../../www/demo/hand-over.mjs";
import { startDesk, startSandbox } from "../../www/demo/workers.mjs";
import { resetSandbox } from "../demo/support.mjs";
import { launchChromium, routeFromTheStart } from "../support/chromium.mjs";

/** Two reviewers, one who reads the audit, one who may do everything, and one whom nobody named. */
export const ADA = "ada@partner.example";
export const GRACE = "grace@partner.example";
export const AUDREY = "audrey@partner.example";
export const ADAM = "adam@partner.example";
export const STRANGER = "stranger@partner.example";
const PEOPLE = [ADA, GRACE, AUDREY, ADAM, STRANGER];
/** The cookie of Access's stand-in (www/demo/access.mjs). */
const COOKIE = "local_access";
/** Long enough for what a busy machine does late, short enough to end. */
const PATIENCE_MS = 20_000;

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {Awaited<ReturnType<typeof openStage>>} Stage */
/** @typedef {Awaited<ReturnType<Stage["enter"]>>} Visit */

/**
 * @param {object} [options]
 * @param {readonly string[]} [options.ids] what is handed over, as by a dApp, before anybody comes
 * @param {Record<string, string>} [options.settings] of the desk, in place of the usual ones
 */
export async function openStage({ ids = [], settings = {} } = {}) {
  /** @type {(() => Promise<unknown>)[]} */
  const closing = [];
  const close = async () => {
    for (const end of closing.reverse()) await end();
  };
  try {
    const sandbox = await startSandbox();
    closing.push(() => sandbox.stop());
    const desk = await startDesk({
      sandboxUrl: sandbox.url,
      credentials: createSandbox().credentials,
      people: PEOPLE,
      settings: {
        DESK_REVIEWERS: `${ADA}, ${GRACE}`,
        DESK_AUDITORS: AUDREY,
        DESK_ADMINS: ADAM,
        // Long enough for a verdict to be taken back, or to be stayed with, on a busy machine; short enough to wait for.
        DESK_UNDO_SECONDS: "6",
        ...settings,
      },
    });
    closing.push(() => desk.stop());
    const browser = await launchChromium();
    closing.push(() => browser.close());
    await handOver(desk.url, ids);
    return {
      url: desk.url,
      sandboxUrl: sandbox.url,
      sweep: desk.sweep,
      database: desk.database,
      browser,
      close,
      /**
       * Somebody at a browser of their own.
       *
       * @param {string | null} [person] null is signed in nowhere
       * @param {import("playwright-core").BrowserContextOptions} [options]
       */
      async enter(person = ADA, options = {}) {
        const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
        context.setDefaultTimeout(PATIENCE_MS);
        // Before the page's own scripts, where its policy has no say.
        await context.addInitScript(axe.source);
        await signIn(context, desk.url, person);
        await routeFromTheStart(context);
        const page = await context.newPage();
        const complaints = listenTo(page);
        return {
          context,
          page,
          complaints,
          /** @param {string} path */
          open: (path) => page.goto(desk.url + path),
          /**
           * Becomes somebody else, or nobody. A page that is still fetching its other screens by then would get sign-in pages
           * in their place, and complain of each.
           *
           * @param {string | null} someone
           */
          async become(someone) {
            if (someone === null && page.url().startsWith(desk.url)) await preloaded(page);
            await signIn(context, desk.url, someone);
          },
          /** Leaves, and fails where the page complained: of a script's error, or of a breach of its policy. */
          async leave() {
            await context.close();
            assert.deepEqual(complaints, []);
          },
        };
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * For a file of tests: one stage, and a visit of its own for each test, before a sandbox that knows nothing of the last one.
 *
 * @param {{ ids?: readonly string[] }} options
 * @param {(now: { stage: Stage, visit: Visit, page: Page }) => void} tell told of each visit before its test
 */
export function visitEach(options, tell) {
  /** @type {Stage} */
  let stage;
  /** @type {Visit} */
  let visit;
  before(async () => {
    stage = await openStage(options);
  });
  after(() => stage?.close());
  beforeEach(async () => {
    await resetSandbox(stage.sandboxUrl);
    visit = await stage.enter(ADA);
    tell({ stage, visit, page: visit.page });
  });
  afterEach(() => visit.leave());
}

/**
 * @param {import("playwright-core").BrowserContext} context
 * @param {string} url
 * @param {string | null} person
 */
function signIn(context, url, person) {
  return context.addCookies([{ name: COOKIE, value: encodeURIComponent(person ?? "nobody"), url, httpOnly: true }]);
}

/** Waits until a page has fetched the screens that it does not show. @param {Page} page */
export async function preloaded(page) {
  const until = performance.now() + PATIENCE_MS;
  // From here: the page's policy lets nothing of Playwright's wait inside it.
  const missing = () =>
    page.evaluate(() => {
      const fetched = performance.getEntriesByType("resource").map(({ name }) => name);
      // They come in any order, each behind a link.
      const links = [...document.querySelectorAll("link[rel=modulepreload], link[rel=stylesheet]")];
      return (
        fetched.every((name) => !name.includes("/settings-page-")) ||
        links.some((link) => !fetched.includes(/** @type {HTMLLinkElement} */ (link).href))
      );
    });
  while (await missing()) {
    if (performance.now() > until) assert.fail("the other screens were not fetched");
    await page.waitForTimeout(20);
  }
}

/**
 * Has answers break off behind their first bytes, as where a connection is lost: until `heal`, in pages that are opened from
 * here on.
 *
 * @param {Page} page
 * @param {string} within what the address of such a request has in it
 */
export async function breakOff(page, within) {
  await page.addInitScript((within) => {
    const whole = globalThis.fetch;
    globalThis.fetch = async (input, init) => {
      const response = await whole(input, init);
      if (!String(input).includes(within)) return response;
      const broken = new ReadableStream({
        async start(controller) {
          controller.enqueue(new TextEncoder().encode((await response.text()).slice(0, 10)));
          controller.error(new TypeError("network error"));
        },
      });
      return new Response(broken, response);
    };
    Object.assign(globalThis, {
      heal() {
        globalThis.fetch = whole;
      },
    });
  }, within);
  return { heal: () => page.evaluate(() => Reflect.get(globalThis, "heal")()) };
}

/** What a page complains of. @param {Page} page */
function listenTo(page) {
  /** @type {string[]} */
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    // Chromium reports every answer over 399 itself, and every request that fails; some of the tests are about those.
    const ownReport = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !ownReport) complaints.push(message.text());
  });
  return complaints;
}

/**
 * Fails where axe finds anything against WCAG 2.2 AA, or against its best practices.
 *
 * @param {Page} page
 * @param {string} [where] for the message
 */
export async function assertAccessible(page, where = page.url()) {
  // What is still fading in has not its colours yet. What turns for ever would be waited for as long.
  await page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter((one) => one.effect?.getComputedTiming().iterations !== Number.POSITIVE_INFINITY)
        .map((one) => one.finished.catch(() => {})),
    ),
  );
  const { violations } = await page.evaluate(() =>
    /** @type {typeof import("axe-core")} */ (Reflect.get(globalThis, "axe")).run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }),
  );
  const found = violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(" ")}\n${failureSummary ?? ""}`),
  );
  assert.deepEqual(found, [], where);
}

/** Fails where one must scroll sideways, the page or a part of it that is no table, and where words leave their frame. @param {Page} page @param {string} [where] */
export async function assertFits(page, where = page.url()) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(Number(content) <= Number(window), `${where} is ${content} wide in a window of ${window}`);
  const parts = await page.evaluate(() =>
    [...document.querySelectorAll("section, dialog")]
      .filter((part) => getComputedStyle(part).overflowX === "auto" && part.getAttribute("tabindex") !== "0")
      .filter((part) => part.scrollWidth > part.clientWidth)
      .map((part) => `${part.className} is ${part.scrollWidth} wide in ${part.clientWidth}`),
  );
  assert.deepEqual(parts, [], where);
  const frames = await page.evaluate(() =>
    [...document.querySelectorAll(".evidence-frame")]
      .filter((frame) => frame.scrollHeight > frame.clientHeight)
      .map((frame) => `what is in a frame of ${frame.clientHeight} is ${frame.scrollHeight} high`),
  );
  assert.deepEqual(frames, [], where);
}

/**
 * Has somebody sign in in the tab that the console opens for it, as its dialog asks.
 *
 * @param {Visit} visit
 * @param {string} person
 */
export async function signInAgain({ page, context }, person) {
  const [tab] = await Promise.all([
    context.waitForEvent("page"),
    page.getByRole("button", { name: "Sign in again" }).press("Enter"),
  ]);
  await tab.getByRole("link", { name: person }).click();
  await tab.getByRole("heading", { name: "You are signed in" }).waitFor();
  await tab.close();
}

/** Where a case is decided. @param {import("playwright-core").Page} page */
export const verdict = (page) => page.getByRole("region", { name: "Verdict" });

/** @param {import("playwright-core").Page} page @param {string} name */
export const inVerdict = (page, name) => verdict(page).getByRole("button", { name, exact: true });

/** Waits until a case's keys are alive, which they are not while the case before might still be meant. @param {Page} page */
export const settled = (page) => page.locator("[data-settled=true]").waitFor();

/** Opens a case, claims it with that, and waits until its keys are alive. @param {Visit} visit @param {string} id */
export async function openCase({ page, open }, id) {
  await open(`/cases/${encodeURIComponent(id)}`);
  await page.getByText(/^Claimed by you until/).waitFor();
  await settled(page);
}

/** What the desk has stored of a case. @param {Stage} on @param {string} id */
export async function stateOf(on, id) {
  const database = await on.database();
  const row = await database.prepare("SELECT state FROM cases WHERE id = ?").bind(id).first();
  return JSON.parse(String(row?.state));
}

/**
 * Waits until what has the focus is named so, as a person would know it by. A key moves it in the next frame, not at once.
 *
 * @param {Page} page
 * @param {string | RegExp} name
 */
export async function assertFocused(page, name) {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    // From here: the page's policy lets nothing of Playwright's wait inside it.
    const found = await page.evaluate(() => {
      const { activeElement: element } = document;
      return element?.getAttribute("aria-label") ?? element?.textContent?.trim() ?? "";
    });
    if (typeof name === "string" ? found === name : name.test(found)) return;
    if (performance.now() > until) assert.fail(`the focus is on ${JSON.stringify(found)}, not on ${name}`);
    await page.waitForTimeout(20);
  }
}
