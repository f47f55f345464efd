// @ts-check
// How the desk runs, for Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/). Numbers and names of
// states only.

/**
 * @typedef {object} Group Cases of one phase and one state of delivery.
 * @property {string} phase
 * @property {string} delivery
 * @property {number} value
 * @property {number | null} since when the oldest was opened, or its verdict given; none where they are closed
 */

/** @param {import("./desk.js").Desk} desk */
export async function metrics(desk) {
  const { database } = desk.settings;
  const now = desk.now();
  const [groups, intake, counters] = await database.batch([
    // A scrape comes every few seconds: what triggers have counted is read, and the first entry of an index each.
    database.prepare(
      `SELECT phase, delivery, count AS value, CASE phase
         WHEN 'open' THEN (SELECT opened_at FROM cases INDEXED BY cases_phase WHERE phase = 'open' ORDER BY opened_at LIMIT 1)
         WHEN 'decided' THEN (
           SELECT json_extract(state, '$.decision.at') FROM cases INDEXED BY cases_decided
           WHERE phase = 'decided' AND delivery = case_counts.delivery
           ORDER BY json_extract(state, '$.decision.at') LIMIT 1)
         END AS since
       FROM case_counts WHERE count > 0`,
    ),
    database.prepare("SELECT coalesce(sum(count), 0) AS value FROM intake_waiting"),
    database.prepare("SELECT name, value FROM counters ORDER BY name"),
  ]);
  const counted = /** @type {Group[]} */ (groups?.results ?? []);
  const events = /** @type {{ name: string, value: number }[]} */ (counters?.results ?? []);
  const waiting = /** @type {{ value: number } | undefined} */ (intake?.results[0])?.value ?? 0;
  const of = (/** @type {string} */ phase) => counted.filter((group) => group.phase === phase);
  const count = (/** @type {string} */ phase) => of(phase).reduce((sum, { value }) => sum + value, 0);
  const undelivered = of("decided");
  return [
    ...family("passdesk_cases", "gauge", "Cases by phase.", [
      sample({ phase: "closed" }, count("closed")),
      sample({ phase: "decided" }, count("decided")),
      sample({ phase: "open" }, count("open")),
    ]),
    ...family("passdesk_queue_age_seconds", "gauge", "Age of the oldest case that nobody has decided.", [
      sample({}, ageOf(of("open")[0]?.since ?? null, now)),
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
      undelivered.map(({ delivery, since }) => sample({ state: delivery }, ageOf(since, now))),
    ),
    ...family("passdesk_intake_waiting", "gauge", "Ids that Civic has not confirmed yet.", [sample({}, waiting)]),
    ...family(
      "passdesk_events_total",
      "counter",
      "What was written to the audit, by action.",
      events.map(({ name, value }) => sample({ action: name }, value)),
    ),
    "",
  ].join("\n");
}

/** In seconds; there is none where nothing is. @param {number | null} since @param {number} now */
const ageOf = (since, now) => (since === null ? 0 : Math.max(0, (now - since) / 1000));

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
