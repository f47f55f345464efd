// @ts-check
// globaliD's public search, passed through, so that the console needs no second origin.

import { isPassdeskError, searchAttestations } from "passdesk";
import { reading } from "./civic.js";
import { invalid } from "./failures.js";

/**
 * @param {import("./desk.js").Desk} desk
 * @param {Request} request
 * @param {Record<string, string | undefined>} query
 */
export function search(desk, request, { fieldName, fieldValue, page, per_page: perPage, ...others }) {
  // A filter that is not passed on would narrow nothing.
  if (Object.keys(others).length > 0) throw invalid("query");
  const filter = fieldName === undefined || fieldValue === undefined ? undefined : whereOf(fieldName, fieldValue);
  if (filter === undefined && fieldName !== fieldValue) throw invalid("query"); // half a filter
  return searchAttestations({
    ...reading(request),
    ...desk.globalid,
    ...(filter && { where: filter }),
    ...(page !== undefined && { page: Number(page) }),
    ...(perPage !== undefined && { perPage: Number(perPage) }),
  }).catch((error) => {
    throw isPassdeskError(error) && error.code === "invalid_argument" ? invalid("query") : error;
  });
}

/**
 * Takes globaliD's operator off the field's name, where the module puts it back (globaliD, "Filtering").
 *
 * @param {string} fieldName
 * @param {string} value
 * @returns {import("passdesk").Where}
 */
function whereOf(fieldName, value) {
  const [, field, op] = /^(.+?)(gte|gt|lte|lt)$/.exec(fieldName) ?? [];
  return field && op
    ? { field, op: /** @type {import("passdesk").Where["op"]} */ (op), value }
    : { field: fieldName, value };
}
