// @ts-check
// The desk in a Worker that counts what it asks for: questions to D1 and to others together, as Cloudflare does against the
// limit of subrequests, and the rows that D1 reads, as it bills them. Also shows that `settings` and `fetch` are heard.

/** What the stage builds in place of the plain desk. `/counts` answers what the last run, or the last request, asked for. */
export const COUNTING = `
const none = () => ({ subrequests: 0, rowsRead: 0, before: [] });
// \`count()\` gives the counts that are counted on.
const counting = (count) => {
  const read = (result) => { count().rowsRead += result.meta?.rows_read ?? 0; return result; };
  const asked = (what) => { count().subrequests += 1; count().before.push(what); };
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
  return createReviewDesk({
    settings: (env) => ({ ...env, DB: database(env.DB) }),
    fetch: (input, init) => { asked("fetch"); return fetch(input, init); },
  });
};
let counts = none();
const desk = counting(() => counts);
const runs = [];
let last = none();
export default {
  async fetch(request, env, context) {
    const { pathname } = new URL(request.url);
    if (pathname === "/counts") return Response.json({ last, runs });
    const mine = none();
    counts = mine;
    // What a hand-over does after its answer must not be counted as the next one's: each has a desk of its own.
    const response = await (pathname === "/desk/intake" ? counting(() => mine) : desk).fetch(request, env, context);
    last = { ...mine, before: [...mine.before] };
    return response;
  },
  async scheduled(controller, env, context) {
    // Nor what a request still sends as this one's.
    const mine = none();
    let thrown = null;
    try {
      await counting(() => mine).scheduled(controller, env, context);
    } catch (error) {
      thrown = error.message;
      throw error;
    } finally {
      runs.push({ subrequests: mine.subrequests, rowsRead: mine.rowsRead, thrown });
    }
  },
};`;

/**
 * @param {string} url
 * @returns {Promise<{ last: { subrequests: number, rowsRead: number, before: string[] }, runs: { subrequests: number, rowsRead: number, thrown: string | null }[] }>}
 */
export const countsOf = async (url) => /** @type {any} */ ((await fetch(`${url}/counts`)).json());
