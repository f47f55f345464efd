// @ts-check
// Every screen of the console in every state, in one table: screens.test.mjs looks at each with axe, in light and dark, narrow
// and enlarged, and screenshots.mjs takes its picture. A new screen is one more entry.

import { ADA, AUDREY, STRANGER } from "./stage.mjs";

/** What must be handed over for the screens below. */
export const IDS = ["abc123", "passport", "id-card", "under-age", "svg-evidence"];

/**
 * @typedef {object} Screen
 * @property {string} name a file's name
 * @property {string} path
 * @property {string | null} [person] who looks; null is signed in nowhere
 * @property {(page: import("playwright-core").Page) => Promise<unknown>} [before] for what the desk shall answer: `page.route`
 * @property {(page: import("playwright-core").Page) => Promise<unknown>} ready waits until there is something to see, or
 *   brings it about
 */

/** @param {string} name */
const heading = (name) => (/** @type {import("playwright-core").Page} */ page) =>
  page.getByRole("heading", { level: 1, name }).waitFor();

/** @param {string} url @param {number} status @param {Record<string, unknown>} body */
const answers = (url, status, body) => (/** @type {import("playwright-core").Page} */ page) =>
  page.route(url, (route) => route.fulfill({ status, json: body }));

/** @type {readonly Screen[]} */
export const SCREENS = [
  { name: "queue", path: "/queue", ready: (page) => page.getByRole("link", { name: "abc123" }).waitFor() },
  {
    name: "case",
    path: "/cases/id-card",
    ready: (page) => page.getByRole("img", { name: "Back of the document" }).waitFor(),
  },
  { name: "audit", path: "/audit", person: AUDREY, ready: heading("Audit") },
  { name: "attestations", path: "/attestations", ready: (page) => page.getByText(/^11,020 matches/).waitFor() },
  { name: "settings", path: "/settings", ready: heading("Settings") },
  {
    name: "shortcuts",
    path: "/settings",
    async ready(page) {
      await heading("Settings")(page);
      await page.keyboard.press("?");
      await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    },
  },
  { name: "signed-in", path: "/signed-in", ready: heading("You are signed in") },
  { name: "unknown", path: "/nowhere", ready: heading("No such page") },
  { name: "forbidden", path: "/queue", person: AUDREY, ready: heading("This page is not for your role") },
  {
    name: "signed-out",
    path: "/queue",
    before: answers("**/desk/me", 401, { error: "unauthenticated" }),
    ready: heading("You are not signed in"),
  },
  {
    name: "no-role",
    path: "/queue",
    before: answers("**/desk/me", 403, { error: "forbidden", why: "no_role" }),
    ready: heading("You have no role at this desk"),
  },
  {
    name: "misconfigured",
    path: "/queue",
    before: answers("**/desk/me", 500, { error: "misconfigured" }),
    ready: heading("The desk is not set up"),
  },
  {
    name: "unreachable",
    path: "/queue",
    before: (page) => page.route("**/desk/**", (route) => route.abort()),
    ready: heading("The desk cannot be reached"),
  },
  {
    name: "session-ended",
    path: "/queue",
    async ready(page) {
      await page.getByRole("link", { name: "abc123" }).waitFor();
      await page.route("**/desk/**", (route) => route.fulfill({ status: 401, json: { error: "unauthenticated" } }));
      await page.getByRole("link", { name: "abc123" }).click();
      await page.getByRole("dialog", { name: "Your session has ended" }).waitFor();
    },
  },
];

export { ADA, STRANGER };
