// @ts-check
// Why something was decided. A closed list of codes: a reason is kept for ever, and free text could name somebody.

/** @typedef {import("../worker.d.ts").DeskReason} Reason */

/** @type {readonly Reason[]} */
export const REASONS = Object.freeze([
  { code: "document-expired", label: "The document has expired" },
  { code: "document-unreadable", label: "The document cannot be read" },
  { code: "document-missing", label: "A side of the document is missing" },
  { code: "document-not-accepted", label: "This kind of document is not accepted" },
  { code: "data-mismatch", label: "The data differs from the document" },
  { code: "name-mismatch", label: "The name is another one" },
  { code: "account-mismatch", label: "The account or address is another one" },
  { code: "under-age", label: "Under age" },
  { code: "country-not-accepted", label: "The country is not accepted" },
  { code: "suspected-fraud", label: "Suspected fraud" },
  { code: "duplicate", label: "The person is known already" },
  { code: "all-good", label: "Nothing was found" },
  { code: "checked-otherwise", label: "Checked in another way" },
  { code: "other", label: "Another reason" },
]);

/** As the core takes a code (src/desk/machine.rs). */
const CODE = /^[a-z0-9_-]{1,64}$/;
const LABEL_CHARS = 80;
const MOST = 50;

/**
 * An operator's own list: `code` or `code=label`, with commas or line ends between.
 *
 * @param {string} text
 * @returns {readonly Reason[] | undefined}
 */
export function reasonsOf(text) {
  const entries = text.split(/[,\n]/).map((entry) => entry.trim());
  /** @type {Map<string, Reason>} */
  const reasons = new Map();
  for (const entry of entries.filter((each) => each !== "")) {
    const [, code = "", label] = /^([^=\s]+)(?:\s*=\s*(.+))?$/.exec(entry) ?? [];
    if (!CODE.test(code) || reasons.has(code) || (label !== undefined && label.length > LABEL_CHARS)) return undefined;
    reasons.set(code, { code, label: label ?? labelOf(code) });
  }
  return reasons.size > 0 && reasons.size <= MOST ? [...reasons.values()] : undefined;
}

/** @param {string} code */
function labelOf(code) {
  const words = code.replace(/[-_]+/g, " ").trim();
  return REASONS.find((reason) => reason.code === code)?.label ?? words.charAt(0).toUpperCase() + words.slice(1);
}
