// @ts-check
// How the desk runs, for Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/). Numbers and names of
// states only.

/** @param {import("./desk.js").Desk} desk */
export async function metrics(desk) {
  const { database } = desk.settings;
  const [phases, deliveries, intake, counters] = await database.batch([
    database.prepare("SELECT phase AS name, count(*) AS value, min(opened_at) AS oldest FROM cases GROUP BY phase"),
    database.prepare("SELECT delivery AS name, count(*) AS value FROM cases GROUP BY delivery"),
    database.prepare("SELECT count(*) AS value FROM intake"),
    database.prepare("SELECT name, value FROM counters ORDER BY name"),
  ]);
  const rows = (/** @type {{ results: unknown[] } | undefined} */ part) =>
    /** @type {{ name: string, value: number, oldest?: number }[]} */ (part?.results ?? []);
  const oldest = rows(phases).find(({ name }) => name === "open")?.oldest;
  const age = oldest === undefined ? 0 : Math.max(0, (desk.now() - oldest) / 1000);
  return [
    ...family("passdesk_cases", "gauge", "Cases by phase.", "phase", rows(phases)),
    ...family("passdesk_deliveries", "gauge", "Cases by the state of their delivery.", "state", rows(deliveries)),
    "# HELP passdesk_queue_age_seconds Age of the oldest case that nobody has decided.",
    "# TYPE passdesk_queue_age_seconds gauge",
    `passdesk_queue_age_seconds ${age}`,
    "# HELP passdesk_intake_waiting Ids that Civic has not confirmed yet.",
    "# TYPE passdesk_intake_waiting gauge",
    `passdesk_intake_waiting ${rows(intake)[0]?.value ?? 0}`,
    ...family(
      "passdesk_events_total",
      "counter",
      "What was written to the audit, by action.",
      "action",
      rows(counters),
    ),
    "",
  ].join("\n");
}

/**
 * @param {string} name
 * @param {string} type
 * @param {string} help
 * @param {string} label
 * @param {{ name: string, value: number }[]} rows
 */
function family(name, type, help, label, rows) {
  const lines = rows.map((row) => `${name}{${label}="${row.name}"} ${row.value}`);
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines];
}
