// @ts-check
// How the desk runs, for Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/). Numbers and names of
// states only.

/**
 * @typedef {object} Group Cases of one phase and one state of delivery.
 * @property {string} phase
 * @property {string} delivery
 * @property {number} value
 * @property {number} opened when the oldest was opened
 * @property {number | null} decided when the oldest verdict was given
 */

/** @param {import("./desk.js").Desk} desk */
export async function metrics(desk) {
  const { database } = desk.settings;
  const now = desk.now();
  const [groups, intake, counters] = await database.batch([
    // A scrape every few seconds reads what is under way, once. What is closed is kept for weeks and only ever grows.
    database.prepare(
      `SELECT phase, delivery, count(*) AS value, min(opened_at) AS opened, min(json_extract(state, '$.decision.at')) AS decided
       FROM cases WHERE phase IN ('open', 'decided') GROUP BY phase, delivery`,
    ),
    database.prepare("SELECT coalesce(sum(count), 0) AS value FROM intake_waiting"),
    database.prepare("SELECT name, value FROM counters ORDER BY name"),
  ]);
  const under = /** @type {Group[]} */ (groups?.results ?? []);
  const counted = /** @type {{ name: string, value: number }[]} */ (counters?.results ?? []);
  const waiting = /** @type {{ value: number } | undefined} */ (intake?.results[0])?.value ?? 0;
  const count = (/** @type {string} */ phase) =>
    under.filter((group) => group.phase === phase).reduce((sum, { value }) => sum + value, 0);
  const total = (/** @type {string} */ action) => counted.find(({ name }) => name === action)?.value ?? 0;
  const [open, decided] = [count("open"), count("decided")];
  const oldest = Math.min(...under.filter(({ phase }) => phase === "open").map(({ opened }) => opened));
  const undelivered = under.filter(({ phase }) => phase === "decided");
  return [
    ...family("passdesk_cases", "gauge", "Cases by phase.", [
      // Whatever was opened and not purged is still here.
      sample({ phase: "closed" }, Math.max(0, total("opened") - total("purged") - open - decided)),
      sample({ phase: "decided" }, decided),
      sample({ phase: "open" }, open),
    ]),
    ...family("passdesk_queue_age_seconds", "gauge", "Age of the oldest case that nobody has decided.", [
      sample({}, ageOf(oldest, now)),
    ]),
    ...family(
      "passdesk_deliveries",
      "gauge",
      "Verdicts that are not with Civic, by the state of their delivery.",
      undelivered.map(({ delivery, value }) => sample({ state: delivery }, value)),
    ),
    ...family(
      "passdesk_delivery_age_seconds",
      "gauge",
      "Age of the oldest such verdict.",
      undelivered.map(({ delivery, decided: at }) => sample({ state: delivery }, ageOf(at ?? now, now))),
    ),
    ...family("passdesk_intake_waiting", "gauge", "Ids that Civic has not confirmed yet.", [sample({}, waiting)]),
    ...family(
      "passdesk_events_total",
      "counter",
      "What was written to the audit, by action.",
      counted.map(({ name, value }) => sample({ action: name }, value)),
    ),
    "",
  ].join("\n");
}

/** In seconds; there is none where nothing is. @param {number} at @param {number} now */
const ageOf = (at, now) => (Number.isFinite(at) ? Math.max(0, (now - at) / 1000) : 0);

/** @param {Record<string, string>} labels @param {number} value */
function sample(labels, value) {
  const [label] = Object.entries(labels).map(([name, text]) => `{${name}="${text}"}`);
  return `${label ?? ""} ${value}`;
}

/**
 * @param {string} name
 * @param {string} type
 * @param {string} help
 * @param {string[]} samples
 */
const family = (name, type, help, samples) => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} ${type}`,
  ...samples.map((one) => name + one),
];
