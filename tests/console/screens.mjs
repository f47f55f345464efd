// @ts-check
// Every screen of the console in every state, and every way to look at it, in two tables: screens.test.mjs looks at each with axe,
// and screenshots.mjs takes its picture. A new screen is one more entry.

import assert from "node:assert/strict";
import { ADA, AUDREY, GRACE } from "./stage.mjs";

/** What must be handed over for the screens below. */
export const IDS = [
  "abc123",
  "passport",
  "id-card",
  "under-age",
  "unknown-fields",
  "email-only",
  "svg-evidence",
  "foreign-link",
  "pdf-evidence",
];

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

/** @param {string} text */
const says = (text) => (/** @type {import("playwright-core").Page} */ page) => page.getByText(text).waitFor();

/** @param {string} url @param {number} status @param {Record<string, unknown>} body */
const answers = (url, status, body) => (/** @type {import("playwright-core").Page} */ page) =>
  page.route(url, (route) => route.fulfill({ status, json: body }));

const HOUR = 3_600_000;

/** What a reviewer tells another. */
const NOTE =
  "The photo's lower edge looks lifted, and its shadow falls the wrong way. Compare it with the other side before you approve: if that one is clean, send it back to me.";

/** A case as the desk shows it (DeskCase in pkg-template/worker.d.ts). @param {Record<string, unknown>} [changes] */
function aCase({ hours = 0, ...changes } = {}) {
  const openedAt = Date.now() - Number(hours) * HOUR - 5 * 60_000;
  return {
    version: 1,
    case: "open",
    openedAt,
    closedAt: null,
    deliveredAt: null,
    dueAt: null,
    upstreamStatus: "verification-success",
    claim: null,
    decision: null,
    delivery: { state: "none" },
    ...changes,
  };
}

/** @param {string} by @param {string} verdict */
const decisionBy = (by, verdict) => ({
  decision: { verdict, by, at: Date.now() - 60_000, reason: null, sendAfter: Date.now() - 50_000, approval: null },
});

/** Somebody whose address no line breaks by itself. */
const LONG = "wolfeschlegelsteinhausenbergerdorff.bartholomew.maximilian@subsidiary.partner.reviewers.example";

/** A queue with everything in it that a row can say. */
const VARIED = () => [
  aCase({ id: "late-and-nobodys", hours: 9 }),
  aCase({ id: "close-to-late", hours: 3.3, claim: { by: ADA, until: Date.now() + 12 * 60_000 } }),
  aCase({ id: "somebody-elses", hours: 2, claim: { by: GRACE, until: Date.now() + 4 * 60_000 } }),
  aCase({ id: "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed", hours: 1 }),
  aCase({
    id: "never-arrived",
    hours: 1,
    case: "decided",
    ...decisionBy(ADA, "partner-pass"),
    delivery: { state: "dead", at: Date.now(), attempts: 3, code: "forbidden", status: 403 },
  }),
  aCase({
    id: "two-verdicts",
    hours: 1,
    case: "decided",
    ...decisionBy(GRACE, "partner-pass"),
    delivery: { state: "conflict", at: Date.now(), shown: "partner-fail" },
  }),
  aCase({
    id: "on-its-way",
    case: "decided",
    ...decisionBy(ADA, "partner-fail"),
    delivery: { state: "waiting", sendAfter: Date.now() + 5000 },
  }),
  aCase({
    id: "to-be-approved",
    case: "decided",
    ...decisionBy(GRACE, "partner-pass"),
    delivery: { state: "approval" },
  }),
  aCase({
    id: "sent-again-soon",
    case: "decided",
    ...decisionBy(ADA, "partner-pass"),
    delivery: { state: "retrying", notBefore: Date.now() + 5000, attempts: 2, code: "upstream" },
  }),
  aCase({
    id: "with-civic",
    case: "closed",
    closedAt: Date.now(),
    ...decisionBy(ADA, "partner-pass"),
    delivery: { state: "delivered", at: Date.now(), outcome: "applied" },
  }),
];

/** @param {string} name */
const row = (name) => (/** @type {import("playwright-core").Page} */ page) =>
  page.getByRole("link", { name, exact: true }).waitFor();

const auditRows = (/** @type {import("playwright-core").Page} */ page) =>
  page.getByRole("region", { name: "Audit rows" }).waitFor();

/** A row of each action that the desk knows, newest first. */
const VARIED_ROWS = [
  ["record-viewed", "grace@partner.example", {}],
  ["purged", "desk", {}],
  ["resolved", "ada@partner.example", { how: "accept", shown: "partner-fail" }],
  ["conflict", "desk", { shown: "partner-fail" }],
  ["retried", "ada@partner.example", {}],
  ["dead", "desk", { attempts: 8, code: "forbidden", status: 403 }],
  ["failed", "desk", { attempts: 1, code: "upstream", status: 503 }],
  ["delivered", "desk", { outcome: "applied" }],
  ["sending", "desk", { verdict: "partner-pass", attempt: 1 }],
  ["undone", "ada@partner.example", { verdict: "partner-fail" }],
  ["decided", "ada@partner.example", { verdict: "partner-fail", reason: "document-expired", noted: true }],
  ["field-revealed", "ada@partner.example", { field: "documentNumber" }],
  ["evidence-viewed", "ada@partner.example", { rel: "idDocumentFront" }],
  ["claimed", "ada@partner.example", { until: 1_795_300_000_000 }],
  ["a-later-word", "desk", { because: "this console is older than the desk" }],
  ["opened", "desk", { status: "verification-success" }],
].map(([action, by, detail], index) => ({
  seq: 1028 - index,
  at: 1_795_257_000_000 - index * 37_000,
  case: "f0a7c1de-53a2-4a0b-9d0e-2c6b8f1e7a44",
  action,
  by,
  detail: JSON.stringify(detail),
  hash: "0".repeat(64),
}));

/** @param {string} name */
const drawn = (name) => (/** @type {import("playwright-core").Page} */ page) =>
  page.getByRole("img", { name }).waitFor();

/** What the desk says of a case, and who else is there. @param {string} id @param {Record<string, unknown>} changes @param {string[]} [viewers] */
const shows =
  (id, changes, viewers = []) =>
  (/** @type {import("playwright-core").Page} */ page) =>
    page.route(new RegExp(`/desk/cases/${id}(/presence|/claim)?$`), (route) =>
      route.fulfill({
        json: {
          ...aCase({ id, hours: 2, note: null, ...changes }),
          viewers: viewers.map((by) => ({ by, since: Date.now() - 60_000 })),
        },
      }),
    );

/** @param {import("playwright-core").Page} page @param {"Pass" | "Fail"} word */
async function choose(page, word) {
  await page.getByRole("region", { name: "Verdict" }).getByRole("button", { name: word, exact: true }).click();
  await page.getByRole("button", { name: `${word} it` }).waitFor();
}

/** @type {readonly Screen[]} */
export const SCREENS = [
  { name: "queue", path: "/queue", ready: row("abc123") },
  {
    name: "queue-varied",
    path: "/queue?stage=all",
    before: (page) =>
      page.route("**/desk/cases?*", (route) => route.fulfill({ json: { cases: VARIED(), cursor: null } })),
    async ready(page) {
      await row("with-civic")(page);
      await page.getByRole("checkbox", { name: "Select late-and-nobodys" }).check();
    },
  },
  { name: "queue-empty", path: "/queue?stage=attention", ready: (page) => page.getByText("Nothing here").waitFor() },
  {
    name: "queue-no-match",
    path: "/queue?search=nowhere",
    ready: (page) => page.getByText("No case matches").waitFor(),
  },
  {
    name: "queue-slow",
    path: "/queue",
    before: (page) => page.route("**/desk/cases?*", () => {}),
    ready: (page) => page.getByText("this takes longer than usual").waitFor(),
  },
  {
    name: "queue-failed",
    path: "/queue",
    before: answers("**/desk/cases?*", 500, { error: "internal" }),
    ready: (page) => page.getByRole("alert").waitFor(),
  },
  {
    name: "queue-conflict",
    path: "/queue?stage=attention",
    before: (page) =>
      page.route("**/desk/cases?*", (route) => route.fulfill({ json: { cases: VARIED(), cursor: null } })),
    async ready(page) {
      await page.getByRole("button", { name: "Resolve two-verdicts" }).click();
      await page.getByRole("dialog", { name: "Two verdicts" }).waitFor();
    },
  },
  {
    name: "queue-conflict-long",
    path: "/queue?stage=attention",
    before: (page) =>
      page.route("**/desk/cases?*", (route) =>
        route.fulfill({
          json: { cases: VARIED().map((one) => ({ ...one, ...decisionBy(LONG, "partner-pass") })), cursor: null },
        }),
      ),
    async ready(page) {
      await page.getByRole("button", { name: "Resolve two-verdicts" }).click();
      await page.getByRole("dialog", { name: "Two verdicts" }).waitFor();
    },
  },
  {
    name: "queue-offline",
    path: "/queue",
    async ready(page) {
      await row("abc123")(page);
      await page.route("**/desk/**", (route) => route.abort());
      await page.getByText("The connection to the desk is lost.").waitFor();
    },
  },
  { name: "case", path: "/cases/id-card", ready: drawn("Back of the document") },
  {
    name: "case-single",
    path: "/cases/id-card",
    async ready(page) {
      await drawn("Back of the document")(page);
      await page.getByRole("button", { name: "One large" }).click();
      for (let presses = 0; presses < 3; presses += 1) await page.getByRole("button", { name: "Zoom in" }).click();
    },
  },
  {
    name: "case-revealed",
    path: "/cases/unknown-fields",
    async ready(page) {
      await drawn("Selfie")(page);
      await page.getByRole("button", { name: "Show all" }).click();
      await page.getByRole("button", { name: "Hide all" }).waitFor();
    },
  },
  {
    name: "case-findings",
    path: "/cases/under-age",
    async ready(page) {
      await drawn("Front of the document")(page);
      await choose(page, "Fail");
    },
  },
  {
    name: "case-note",
    path: "/cases/under-age",
    async ready(page) {
      await drawn("Front of the document")(page);
      await choose(page, "Fail");
      await page.getByRole("textbox", { name: "Internal note" }).fill(NOTE);
    },
  },
  {
    name: "case-note-refused",
    path: "/cases/under-age",
    async ready(page) {
      await drawn("Front of the document")(page);
      await choose(page, "Fail");
      await page.getByRole("radio", { name: "Under age" }).check();
      await page.getByRole("textbox", { name: "Internal note" }).fill("Yusuf, born 23 October 2010, says he is older.");
      await page.getByRole("button", { name: "Fail it" }).click();
      await page.getByRole("alert").filter({ hasText: "Take out “Yusuf”" }).waitFor();
    },
  },
  {
    name: "case-told",
    path: "/cases/under-age",
    before: answers("**/desk/cases/next", 500, { error: "internal" }),
    async ready(page) {
      await drawn("Front of the document")(page);
      await page.keyboard.press("n");
      await page.getByRole("group", { name: "The desk has a fault" }).waitFor();
      await choose(page, "Fail");
      await page.getByRole("textbox", { name: "Internal note" }).fill(NOTE);
      await page.keyboard.press("Escape");
      await page.keyboard.press("n");
      await page.getByRole("group", { name: "Your note is not sent" }).waitFor();
    },
  },
  {
    name: "case-noted",
    path: "/cases/abc123",
    before: shows("abc123", {
      case: "decided",
      decision: { ...decisionBy(GRACE, "partner-fail").decision, reason: "suspected-fraud" },
      delivery: { state: "approval" },
      note: { by: GRACE, at: Date.now() - 60_000, text: NOTE },
    }),
    ready: (page) => page.getByText(NOTE).waitFor(),
  },
  {
    name: "case-note-sealed",
    path: "/cases/abc123",
    before: shows("abc123", {
      case: "decided",
      ...decisionBy(ADA, "partner-pass"),
      delivery: { state: "conflict", at: Date.now(), shown: "partner-fail" },
      note: { by: ADA, at: Date.now() - 60_000, text: null },
    }),
    ready: (page) => page.getByText(/cannot be opened any more/).waitFor(),
  },
  {
    name: "case-verifications",
    path: "/cases/passport",
    async ready(page) {
      await page.getByRole("textbox", { name: "globaliD name" }).fill("johnsmith");
      await page.getByRole("textbox", { name: "globaliD name" }).press("Enter");
      await page.getByText(/^\d+ public verifications?$/).waitFor();
    },
  },
  {
    name: "case-no-document",
    path: "/cases/email-only",
    ready: (page) => page.getByText("Civic lists no document with this request.").waitFor(),
  },
  {
    name: "case-broken-image",
    path: "/cases/svg-evidence",
    ready: (page) => page.getByRole("alert").filter({ hasText: "Not an image or PDF" }).waitFor(),
  },
  {
    name: "case-untrusted-image",
    path: "/cases/foreign-link",
    ready: (page) => page.getByRole("alert").filter({ hasText: "The link was not followed" }).waitFor(),
  },
  {
    name: "case-pdf",
    path: "/cases/pdf-evidence",
    ready: (page) => page.getByRole("link", { name: "Save the file" }).waitFor(),
  },
  {
    name: "case-slow",
    path: "/cases/passport",
    before: (page) => page.route("**/partner/piirequest/passport", () => {}),
    ready: (page) => page.getByText("this takes longer than usual").waitFor(),
  },
  {
    name: "case-failed",
    path: "/cases/passport",
    before: answers("**/partner/piirequest/passport", 424, { error: "bad_response" }),
    ready: (page) => page.getByRole("alert").waitFor(),
  },
  { name: "case-nothing-there", path: "/cases/no-such-request", ready: (page) => page.getByRole("alert").waitFor() },
  {
    name: "case-claimed",
    path: "/cases/abc123",
    before: shows("abc123", { claim: { by: GRACE, until: Date.now() + 12 * 60_000 } }, [GRACE]),
    async ready(page) {
      await drawn("Front of the document")(page);
      await page.getByText(/You can look, but not decide/).waitFor();
    },
  },
  {
    name: "case-claimed-long",
    path: "/cases/abc123",
    before: shows("abc123", { claim: { by: LONG, until: Date.now() + 12 * 60_000 } }, [LONG, GRACE]),
    async ready(page) {
      await drawn("Front of the document")(page);
      await page.getByText(/You can look, but not decide/).waitFor();
    },
  },
  {
    name: "case-waiting",
    path: "/cases/abc123",
    before: shows("abc123", {
      case: "decided",
      decision: { ...decisionBy(ADA, "partner-pass").decision, reason: "all-good" },
      delivery: { state: "waiting", sendAfter: Date.now() + 3_600_000 },
    }),
    async ready(page) {
      await drawn("Front of the document")(page);
      await page.getByRole("button", { name: "Undo" }).waitFor();
    },
  },
  {
    name: "case-decided",
    path: "/cases/abc123",
    before: shows(
      "abc123",
      {
        case: "closed",
        closedAt: Date.now(),
        decision: { ...decisionBy(GRACE, "partner-fail").decision, reason: "suspected-fraud" },
        delivery: { state: "delivered", at: Date.now(), outcome: "applied" },
      },
      [GRACE],
    ),
    ready: (page) => page.getByText("Failed by grace").waitFor(),
  },
  {
    name: "case-approval",
    path: "/cases/abc123",
    before: shows("abc123", {
      case: "decided",
      decision: { ...decisionBy(GRACE, "partner-pass").decision, reason: "all-good" },
      delivery: { state: "approval" },
    }),
    ready: (page) => page.getByRole("button", { name: "Approve" }).waitFor(),
  },
  {
    name: "case-dead",
    path: "/cases/abc123",
    before: shows("abc123", {
      case: "decided",
      ...decisionBy(ADA, "partner-pass"),
      delivery: { state: "dead", at: Date.now(), attempts: 3, code: "forbidden", status: 403 },
    }),
    ready: (page) => page.getByRole("alert").filter({ hasText: "did not reach Civic" }).waitFor(),
  },
  {
    name: "case-conflict",
    path: "/cases/abc123",
    before: shows("abc123", {
      case: "decided",
      ...decisionBy(ADA, "partner-pass"),
      delivery: { state: "conflict", at: Date.now(), shown: "partner-fail" },
    }),
    ready: (page) => page.getByRole("button", { name: "Let Civic's stand" }).waitFor(),
  },
  {
    name: "case-conflict-long",
    path: "/cases/abc123",
    before: shows("abc123", {
      case: "decided",
      ...decisionBy(LONG, "partner-pass"),
      delivery: { state: "conflict", at: Date.now(), shown: "partner-fail" },
      note: { by: LONG, at: Date.now() - 60_000, text: NOTE },
    }),
    ready: (page) => page.getByText(NOTE).waitFor(),
  },
  {
    name: "case-doubt",
    path: "/cases/passport",
    async ready(page) {
      await drawn("Front of the document")(page);
      await choose(page, "Pass");
      await page.route("**/desk/**", (route) => route.abort());
      await page.route("**/partner/**", (route) => route.abort());
      await page.getByRole("button", { name: "Pass it" }).click();
      await page.getByRole("alert").filter({ hasText: "The answer did not come" }).waitFor();
    },
  },
  {
    name: "case-session-ended",
    path: "/cases/passport",
    async ready(page) {
      await drawn("Front of the document")(page);
      await page.route("**/desk/**", (route) => route.fulfill({ status: 401, json: { error: "unauthenticated" } }));
      await page.getByRole("dialog", { name: "Your session has ended" }).waitFor();
      await page.getByText("Put away until you are signed in again.").first().waitFor();
    },
  },
  { name: "audit", path: "/audit", person: AUDREY, ready: auditRows },
  {
    name: "audit-varied",
    path: "/audit",
    person: AUDREY,
    before: answers("**/desk/audit?*", 200, { rows: VARIED_ROWS, before: 12 }),
    ready: auditRows,
  },
  {
    name: "audit-long",
    path: "/audit",
    person: AUDREY,
    before: answers("**/desk/audit?*", 200, { rows: VARIED_ROWS.map((one) => ({ ...one, by: LONG })), before: 12 }),
    async ready(page) {
      await auditRows(page);
      const lines = await page
        .getByRole("region", { name: "Audit rows" })
        .getByRole("link")
        .first()
        .evaluate((id) => id.getClientRects().length);
      assert.ok(lines <= 3, `an id is broken into ${lines} lines`);
    },
  },
  {
    name: "audit-whole",
    path: "/audit",
    person: AUDREY,
    async ready(page) {
      await page.getByRole("button", { name: "Verify the chain" }).click();
      await page.getByText("The chain is whole").waitFor();
    },
  },
  {
    name: "audit-verifying",
    path: "/audit",
    person: AUDREY,
    async before(page) {
      const [newest] = VARIED_ROWS;
      await page.route(/audit\?order=newest&limit=1$/, (route) =>
        route.fulfill({ json: { rows: [{ ...newest, seq: 12_000 }] } }),
      );
      const part = { ok: true, checked: 5000, through: 5000, hash: "0".repeat(64), complete: false };
      await page.route("**/desk/audit/verify?after=0*", (route) => route.fulfill({ json: part }));
      await page.route("**/desk/audit/verify?after=5000*", () => {});
    },
    async ready(page) {
      await page.getByRole("button", { name: "Verify the chain" }).click();
      await page.getByText("5,000 of 12,000", { exact: true }).waitFor();
    },
  },
  {
    name: "audit-broken",
    path: "/audit",
    person: AUDREY,
    before: answers("**/desk/audit/verify?*", 200, {
      ok: false,
      checked: 41,
      through: 41,
      hash: "0".repeat(64),
      complete: false,
      broken: { seq: 42, problem: "gap" },
    }),
    async ready(page) {
      await page.getByRole("button", { name: "Verify the chain" }).click();
      await page.getByText("The chain is broken: row 42 is missing").waitFor();
    },
  },
  {
    name: "audit-empty",
    path: "/audit",
    person: AUDREY,
    before: answers("**/desk/audit?*", 200, { rows: [], before: null }),
    ready: (page) => page.getByText("There are no rows yet").waitFor(),
  },
  {
    name: "audit-none",
    path: "/audit?action=dead&by=nobody@partner.example",
    person: AUDREY,
    ready: (page) => page.getByText("No row matches").waitFor(),
  },
  {
    name: "audit-loading",
    path: "/audit",
    person: AUDREY,
    before: (page) => page.route("**/desk/audit?*", () => {}),
    ready: (page) => page.getByText("Reading").waitFor(),
  },
  {
    name: "audit-failed",
    path: "/audit",
    person: AUDREY,
    before: answers("**/desk/audit?*", 500, { error: "internal" }),
    ready: (page) => page.getByText("The desk has a fault").waitFor(),
  },
  { name: "audit-forbidden", path: "/audit", ready: heading("This page is not for your role") },
  { name: "attestations", path: "/attestations", ready: (page) => page.getByText(/^11,020 matches/).waitFor() },
  {
    name: "attestations-walked",
    path: "/attestations",
    async ready(page) {
      await page.getByRole("button", { name: "Walk all 11,020" }).click();
      await page.getByText("Done: 11,020 read.").waitFor({ timeout: 60_000 });
    },
  },
  {
    name: "attestations-stopped",
    path: "/attestations",
    async before(page) {
      await page.route("**/v1/attestations/search?*page=12&*", () => {});
    },
    async ready(page) {
      await page.getByRole("button", { name: "Walk all 11,020" }).click();
      await page.getByText("1,100 of 11,020").waitFor({ timeout: 60_000 });
      await page.keyboard.press("Escape");
      await page.getByText(/^Stopped after/).waitFor();
    },
  },
  { name: "attestations-none", path: "/attestations?field=type&value=nothing", ready: says("Nothing matches") },
  { name: "attestations-value", path: "/attestations?field=attestee", ready: says("Enter the value to search for") },
  {
    name: "attestations-mistake",
    path: "/attestations",
    async ready(page) {
      await page.getByLabel("Field").fill("created_atgt");
      await page.getByLabel("Value").fill("2019");
      await page.getByRole("button", { name: "Search" }).click();
      await page.getByText("cannot end in gt").waitFor();
    },
  },
  {
    name: "attestations-slow",
    path: "/attestations",
    before: (page) => page.route("**/v1/attestations/search?*", () => {}),
    ready: says("globaliD takes its time."),
  },
  {
    name: "attestations-failed",
    path: "/attestations",
    before: answers("**/v1/attestations/search?*", 403, { error: "forbidden" }),
    ready: (page) => page.getByRole("alert").filter({ hasText: /not/ }).waitFor(),
  },
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
      await row("abc123")(page);
      await page.route("**/desk/**", (route) => route.fulfill({ status: 401, json: { error: "unauthenticated" } }));
      await page.getByRole("link", { name: "abc123" }).click();
      await page.getByRole("dialog", { name: "Your session has ended" }).waitFor();
    },
  },
];

const WIDE = { width: 1280, height: 900 };
/** A browser enlarges by making CSS pixels larger, so that fewer fit in its window (WCAG 2.2, 1.4.4). */
const ENLARGED = { width: 640, height: 450 };
/** WCAG 2.2, 1.4.10. */
const NARROW = { width: 320, height: 640 };

const LIGHT = /** @type {const} */ ({ colorScheme: "light", forcedColors: "none" });
const DARK = /** @type {const} */ ({ colorScheme: "dark", forcedColors: "none" });
/** Windows' high contrast. */
const FORCED = /** @type {const} */ ({ colorScheme: "dark", forcedColors: "active" });

const LOOKS = [
  { name: "wide-light", viewport: WIDE, media: LIGHT },
  { name: "wide-dark", viewport: WIDE, media: DARK },
  { name: "wide-forced", viewport: WIDE, media: FORCED },
  { name: "enlarged-light", viewport: ENLARGED, media: LIGHT },
  { name: "enlarged-dark", viewport: ENLARGED, media: DARK },
  { name: "narrow-light", viewport: NARROW, media: LIGHT },
  { name: "narrow-dark", viewport: NARROW, media: DARK },
];

/**
 * Brings a screen about, and shows it in every way.
 *
 * @param {import("./stage.mjs").Stage} stage
 * @param {Screen} screen
 * @param {(page: import("playwright-core").Page, name: string) => Promise<unknown>} look given the name of each way
 */
export async function lookAt(stage, { name, path, person, before, ready }, look) {
  const { page, open, leave } = await stage.enter(person);
  await before?.(page);
  await open(path);
  await ready(page);
  for (const { name: way, viewport, media } of LOOKS) {
    await page.setViewportSize(viewport);
    await page.emulateMedia(media);
    await look(page, `${name}-${way}`);
  }
  await leave();
}
