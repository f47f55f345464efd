// @ts-check
// The desk in a Worker that counts what it asks for: questions to D1 and to others together, as Cloudflare does against the
// limit of subrequests, and the rows that D1 reads, as it bills them. Also shows that `settings` and `fetch` are heard.

/** What the stage builds in place of the plain desk. `/counts` answers what the last run, or the last request, asked for. */
export const COUNTING = `
let counts;
const none = () => ({ subrequests: 0, rowsRead: 0, before: [] });
counts = none();
const read = (result) => { counts.rowsRead += result.meta?.rows_read ?? 0; return result; };
const asked = (what) => { counts.subrequests += 1; counts.before.push(what); };
const statement = (inner, query) => ({
  inner,
  query,
  bind: (...values) => statement(inner.bind(...values), query),
  // D1's own \`first\` keeps what it read to itself.
  first: async () => { asked(query); return read(await inner.all()).results[0] ?? null; },
  run: async () => { asked(query); return read(await inner.run()); },
  all: async () => { asked(query); return read(await inner.all()); },
});
const database = (db) => ({
  prepare: (query) => statement(db.prepare(query), query),
  batch: async (statements) => {
    asked(statements.map(({ query }) => query).join(";"));
    return (await db.batch(statements.map(({ inner }) => inner))).map(read);
  },
});
const desk = createReviewDesk({
  settings: (env) => ({ ...env, DB: database(env.DB) }),
  fetch: (input, init) => { asked("fetch"); return fetch(input, init); },
});
const runs = [];
let last = none();
export default {
  async fetch(request, env, context) {
    if (new URL(request.url).pathname === "/counts") return Response.json({ last, runs });
    counts = none();
    const response = await desk.fetch(request, env, context);
    last = { ...counts, before: [...counts.before] };
    return response;
  },
  async scheduled(controller, env, context) {
    counts = none();
    try {
      await desk.scheduled(controller, env, context);
    } finally {
      runs.push({ subrequests: counts.subrequests, rowsRead: counts.rowsRead });
    }
  },
};`;

/**
 * @param {string} url
 * @returns {Promise<{ last: { subrequests: number, rowsRead: number, before: string[] }, runs: { subrequests: number, rowsRead: number }[] }>}
 */
export const countsOf = async (url) => /** @type {any} */ ((await fetch(`${url}/counts`)).json());
