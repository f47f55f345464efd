// What the fields of a record are called, and how their values are written so that nothing in them deceives.

import { spaced } from "../../util/words.ts";

/** The fields that Civic's text names, in the order in which a reviewer compares them with the document. */
const LABELS: Record<string, string> = {
  name: "Name",
  dateOfBirth: "Date of birth",
  documentType: "Document type",
  documentNumber: "Document number",
  issueCountry: "Issuing country",
  dateOfExpiry: "Date of expiry",
  email: "E-mail",
  address: "Wallet address",
  accountId: "Account",
};

/** Written in fixed-width letters, since each character counts. */
const EXACT = new Set(["dateOfBirth", "documentNumber", "dateOfExpiry", "address", "accountId"]);

export const isExact = (field: string) => EXACT.has(field);

export function fieldLabel(field: string): string {
  const name = field.replace(/^verifiedInformation\./, "");
  return Object.hasOwn(LABELS, name) ? (LABELS[name] ?? name) : spaced(name);
}

/** Those that are known first, then those that nobody has seen before, as they came. */
export function fieldsOf(information: object): string[] {
  const known = Object.keys(LABELS).filter((field) => Object.hasOwn(information, field));
  return [...known, ...Object.keys(information).filter((field) => !Object.hasOwn(LABELS, field))];
}

/** What turns the direction of text, or is no letter at all: a name must not look like another one (Unicode TR 36). */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A value as text; `undefined` where there is none. */
export function valueText(value: unknown): string | undefined {
  if (value === null || value === undefined || value === "") return undefined;
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 1);
  return text.replace(UNSEEN, (sign) =>
    sign === "\n" && typeof value !== "string"
      ? sign
      : `⟨U+${sign.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0")}⟩`,
  );
}
