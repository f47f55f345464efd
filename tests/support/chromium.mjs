// @ts-check
import { chromium } from "playwright-core";

/** Debian's Chromium: Playwright's own builds cannot be downloaded everywhere. Quiet flags, since it may have no network. */
export const launchChromium = () =>
  chromium.launch({
    executablePath: process.env.CHROME ?? "/usr/bin/chromium",
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });

/**
 * Has Chromium ask Playwright about every request of a context, though none takes this route. Where the first route comes to a page
 * that is there already, its renderer is told of it a moment later, and what it asks in between goes past the route.
 *
 * @param {import("playwright-core").BrowserContext} context
 */
export const routeFromTheStart = (context) => context.route("https://nothing.invalid/", (route) => route.abort());

/**
 * Opens a page, and gives what it puts into `globalThis.result` (or the error in its place).
 *
 * @param {import("playwright-core").Browser} browser
 * @param {string} url
 * @returns {Promise<{ result: unknown, console: string[] }>}
 */
export async function resultOf(browser, url) {
  const page = await browser.newPage();
  /** @type {string[]} */
  const lines = [];
  page.on("console", (message) => lines.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => lines.push(`pageerror: ${error.message}`));
  try {
    await page.goto(url);
    await page
      .waitForFunction(() => "result" in globalThis, undefined, { timeout: 30_000 })
      .catch((error) => {
        throw new Error(`${error.message}\n${lines.join("\n")}`);
      });
    const result = await page.evaluate(() => Reflect.get(globalThis, "result"));
    return { result, console: lines };
  } finally {
    await page.close();
  }
}

/** The script of a page that works and leaves the result; the settings come in the page's hash. @param {string} from */
export const pageScript = (from) => `
import { work } from "${from}";
const [baseUrl, token, requestId] = JSON.parse(decodeURIComponent(location.hash.slice(1)));
globalThis.result = await work(baseUrl, token, requestId).catch((error) => ({ error: String(error), stack: error?.stack }));
`;

/** The same where top-level await is not to be had (a classic script). @param {string} from */
export const classicScript = (from) => `
import { work } from "${from}";
const [baseUrl, token, requestId] = JSON.parse(decodeURIComponent(location.hash.slice(1)));
work(baseUrl, token, requestId).then(
  (value) => { globalThis.result = value; },
  (error) => { globalThis.result = { error: String(error), stack: error?.stack }; },
);
`;

/** @param {string} page @param {{ url: string, token: string, freshId: () => string }} sandbox */
export const withSettings = (page, { url, token, freshId }) =>
  `${page}#${encodeURIComponent(JSON.stringify([url, token, freshId()]))}`;
