// @ts-check
// Masked fields that a reviewer uncovers. The audit keeps the field's name for ever, so a value must not pass for one.

import { record } from "./audit.js";
import { caseOf } from "./cases.js";
import { recordOf } from "./civic.js";
import { core } from "./core.js";
import { invalid } from "./failures.js";

/** How a field is spelt. It keeps out most values, but not a bare word. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,39}$/;

/**
 * Records that a field was uncovered.
 *
 * @param {import("./desk.js").Desk} desk
 * @param {Request} request
 * @param {{ id: string, field: unknown, by: string }} revealed
 */
export async function reveal(desk, request, { id, field, by }) {
  if (typeof field !== "string" || !NAME.test(field)) throw invalid("field");
  await caseOf(desk, id);
  // The fields of Civic's text are known and cost nothing. Of any other name Civic's record alone can tell whether it is
  // one, at the price of a request upstream, which only a field pays that nobody has written down.
  if (!core().knownFields().includes(field)) {
    const { verifiedInformation } = await recordOf(desk, request, id);
    if (!Object.hasOwn(verifiedInformation ?? {}, field)) throw invalid("field");
  }
  await record(desk.settings.database, {
    at: desk.now(),
    case: id,
    action: "field-revealed",
    by,
    detail: JSON.stringify({ field }),
  });
}
