// What the demo screens requests against. A partner's own policy will come from the desk.

import type { Policy } from "passdesk";

export const POLICY: Policy = {
  minAge: 18,
  blockedCountries: ["PRK", "IRN"],
  documentTypes: ["passport", "id-card", "driving-licence"],
  requireBothSides: true,
  expiryMarginDays: 30,
  blockedEmailDomains: ["mailinator.com"],
};
