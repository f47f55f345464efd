// What the demo screens requests against. A partner's own policy will come from the desk.

import type { PiiRequest, Policy } from "passdesk";

const EMAIL: Policy = {
  blockedEmailDomains: ["mailinator.com"],
};

const DOCUMENT: Policy = {
  ...EMAIL,
  minAge: 18,
  blockedCountries: ["PRK", "IRN"],
  documentTypes: ["passport", "id_card", "driving_licence"],
  expiryMarginDays: 30,
};

/** The policy for this request: a pass that asks for no document is not screened for one, and a passport has no back. */
export function policyFor({ type, verifiedInformation }: PiiRequest): Policy {
  if (!/document/i.test(type)) return EMAIL;
  const documentType = verifiedInformation?.documentType;
  return { ...DOCUMENT, requireBothSides: typeof documentType === "string" && documentType !== "passport" };
}
