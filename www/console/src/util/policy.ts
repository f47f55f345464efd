// What the demo screens requests against. A partner's own policy will come from the desk.

import type { PiiRequest, Policy } from "passdesk";

const POLICY: Policy = {
  minAge: 18,
  blockedCountries: ["PRK", "IRN"],
  documentTypes: ["passport", "id_card", "driving_licence"],
  expiryMarginDays: 30,
  blockedEmailDomains: ["mailinator.com"],
};

/** The policy for this request: only a passport shows all of itself on one side. */
export function policyFor({ verifiedInformation }: PiiRequest): Policy {
  const documentType = verifiedInformation?.documentType;
  return { ...POLICY, requireBothSides: typeof documentType === "string" && documentType !== "passport" };
}
