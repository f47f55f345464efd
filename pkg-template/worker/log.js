// @ts-check
// One line of JSON for each thing worth knowing. What may be said is listed here, so that nothing personal slips in.

/**
 * @typedef {object} Line
 * @property {string} event
 * @property {string} [trace] the desk's own name for the request, also in the answer's `x-request-id`
 * @property {string} [method]
 * @property {string} [route] the route's pattern, never the path that was asked for
 * @property {number} [status]
 * @property {number} [ms]
 * @property {string} [code] a code of ours or of the package
 * @property {string} [reason] a constant of ours
 * @property {string} [name] the class of an error that nobody foresaw; its message can hold anything
 * @property {number} [attempt]
 * @property {number} [count]
 * @property {number} [seq]
 * @property {string} [hash]
 */

/** @type {readonly (keyof Line)[]} */
const FIELDS = [
  "event",
  "trace",
  "method",
  "route",
  "status",
  "ms",
  "code",
  "reason",
  "name",
  "attempt",
  "count",
  "seq",
  "hash",
];

/** @param {"info" | "warn" | "error"} level @param {Line} line */
export function log(level, line) {
  const said = Object.fromEntries(FIELDS.filter((field) => line[field] !== undefined).map((f) => [f, line[f]]));
  console[level](JSON.stringify({ level, ...said }));
}

/** @param {unknown} error */
export function nameOf(error) {
  return error instanceof Error ? error.name : typeof error;
}
