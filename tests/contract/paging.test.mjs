// @ts-check
// Promise 9: a walk yields every record once, though the ground moves.
import { suite } from "#suite";
import * as assert from "../support/assert.mjs";

/** @param {number} index */
const uuid = (index) => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
/** @param {number} from @param {number} to */
const range = (from, to) => Array.from({ length: to - from }, (_, at) => uuid(from + at));

/** @param {AsyncIterable<import("passdesk").Attestation>} walk */
async function collect(walk) {
  /** @type {string[]} */
  const uuids = [];
  for await (const it of walk) uuids.push(it.uuid);
  return uuids;
}

/** @param {string[]} uuids */
const once = (uuids) => assert.equal(new Set(uuids).size, uuids.length, "every record once");

export default suite("promise 9: paging", {
  "prefetches at most `concurrency` pages": async ({ passdesk, upstream }) => {
    for (const concurrency of [1, 2, 5]) {
      const globalid = await upstream({ walk: { total: 200, delay: 40 } });
      const uuids = await collect(passdesk.eachAttestation({ baseUrl: globalid.origin, perPage: 10, concurrency }));
      assert.deepEqual(uuids, range(0, 200), "in order");
      const { maxInFlight, seen } = await globalid.report();
      assert.ok(maxInFlight <= concurrency, `${maxInFlight} pages in flight, of at most ${concurrency}`);
      if (concurrency > 1) assert.ok(maxInFlight > 1, "and it does prefetch");
      assert.ok(seen.length <= 20 + concurrency, `${seen.length} requests`);
    }
  },

  "does not run ahead of a slow consumer": async ({ passdesk, upstream }) => {
    const globalid = await upstream({ walk: { total: 1000 } });
    const walk = passdesk.eachAttestation({ baseUrl: globalid.origin, perPage: 10, concurrency: 3 });
    await walk.next();
    await assert.sleep(500);
    const { seen } = await globalid.report();
    assert.ok(seen.length <= 4, `${seen.length} pages fetched for one record`);
    await walk.return?.();
  },

  "fetches nothing before it is asked": async ({ passdesk, upstream }) => {
    const globalid = await upstream({ walk: { total: 100 } });
    const walk = passdesk.eachAttestation({ baseUrl: globalid.origin, concurrency: 4 });
    await assert.sleep(150);
    assert.equal((await globalid.seen()).length, 0);
    await walk.return?.();
    assert.equal((await walk.next()).done, true);
    assert.equal((await globalid.seen()).length, 0);
  },

  "stops fetching when the consumer breaks": async ({ passdesk, upstream }) => {
    const globalid = await upstream({ walk: { total: 1000, delay: 30 } });
    let count = 0;
    for await (const _ of passdesk.eachAttestation({ baseUrl: globalid.origin, perPage: 10, concurrency: 2 })) {
      count += 1;
      if (count === 25) break;
    }
    // What was under way may still arrive.
    await assert.sleep(200);
    const then = (await globalid.seen()).length;
    await assert.sleep(400);
    const later = (await globalid.seen()).length;
    assert.equal(later, then, "nothing more was asked for");
    assert.ok(then <= 5, `${then} pages for 25 records`);
  },

  "stops fetching when the consumer throws": async ({ passdesk, upstream }) => {
    const globalid = await upstream({ walk: { total: 1000, delay: 30 } });
    try {
      for await (const _ of passdesk.eachAttestation({ baseUrl: globalid.origin, perPage: 10, concurrency: 2 }))
        throw new Error("consumer");
    } catch (error) {
      assert.equal(/** @type {Error} */ (error).message, "consumer");
    }
    await assert.sleep(200);
    const then = (await globalid.seen()).length;
    assert.ok(then <= 3, `${then} pages for one record`);
    await assert.sleep(300);
    assert.equal((await globalid.seen()).length, then);
  },

  "limit ends the walk, and asks for no page beyond it": async ({ passdesk, upstream }) => {
    for (const [limit, pages] of /** @type {[number, number][]} */ ([
      [1, 1],
      [10, 1],
      [15, 2],
      [200, 10],
    ])) {
      const globalid = await upstream({ walk: { total: 100 } });
      const uuids = await collect(passdesk.eachAttestation({ baseUrl: globalid.origin, perPage: 10, limit }));
      assert.equal(uuids.length, Math.min(limit, 100));
      assert.ok((await globalid.seen()).length <= pages, `${limit}: no more than ${pages} pages`);
    }
  },

  "records added in front shift the pages: all that were there are given, once": async ({ passdesk, upstream }) => {
    for (const concurrency of [1, 3]) {
      const globalid = await upstream({
        walk: {
          total: 60,
          delay: 10,
          changes: [
            { after: 2, front: 7 },
            { after: 4, front: 12 },
          ],
        },
      });
      const uuids = await collect(passdesk.eachAttestation({ baseUrl: globalid.origin, perPage: 10, concurrency }));
      once(uuids);
      for (const id of range(0, 60)) assert.ok(uuids.includes(id), `${id} was there throughout`);
    }
  },

  "records added in front between two pages that are read in the other order: none is skipped": async ({
    passdesk,
  }) => {
    const records = range(0, 30);
    /** @type {() => void} */
    let added = () => {};
    const addition = new Promise((resolve) => {
      added = () => resolve(undefined);
    });
    /** @type {typeof globalThis.fetch} */
    const fetch = async (input) => {
      const page = Number(new URL(String(input)).searchParams.get("page"));
      // The second page is long on its way there, and the third is read before it.
      if (page === 2) await addition;
      const data = records.slice(page * 10 - 10, page * 10).map((id) => ({ uuid: id }));
      const meta = { page, per_page: 10, total: records.length };
      if (page === 3) {
        if (records.length === 30) records.unshift(uuid(99));
        added();
      }
      return Response.json({ data, meta });
    };
    const walk = passdesk.eachAttestation({ fetch, perPage: 10, concurrency: 2 });
    const uuids = await assert.ends(collect(walk));
    once(uuids);
    for (const id of range(0, 30)) assert.ok(uuids.includes(id), `${id} was there throughout`);
  },

  "records added behind are walked, too": async ({ passdesk, upstream }) => {
    const globalid = await upstream({ walk: { total: 30, changes: [{ after: 3, back: 25 }] } });
    const uuids = await collect(passdesk.eachAttestation({ baseUrl: globalid.origin, perPage: 10 }));
    once(uuids);
    for (const id of range(0, 30)) assert.ok(uuids.includes(id));
  },

  "records removed in front shift the pages the other way: none is skipped": async ({ passdesk, upstream }) => {
    for (const concurrency of [1, 2, 4]) {
      const globalid = await upstream({
        walk: {
          total: 100,
          delay: 10,
          changes: [
            { after: 3, removeFront: 5 },
            { after: 6, removeFront: 8 },
          ],
        },
      });
      const uuids = await collect(passdesk.eachAttestation({ baseUrl: globalid.origin, perPage: 10, concurrency }));
      once(uuids);
      for (const id of range(13, 100))
        assert.ok(uuids.includes(id), `${id} was there throughout, and is missing with concurrency ${concurrency}`);
    }
  },

  "a whole page removed in front": async ({ passdesk, upstream }) => {
    const globalid = await upstream({ walk: { total: 50, changes: [{ after: 2, removeFront: 20 }] } });
    const uuids = await collect(passdesk.eachAttestation({ baseUrl: globalid.origin, perPage: 10 }));
    once(uuids);
    for (const id of range(20, 50)) assert.ok(uuids.includes(id), `${id} was there throughout`);
  },

  "records removed behind end the walk early": async ({ passdesk, upstream }) => {
    const globalid = await upstream({ walk: { total: 100, changes: [{ after: 2, removeBack: 75 }] } });
    const uuids = await collect(passdesk.eachAttestation({ baseUrl: globalid.origin, perPage: 10, concurrency: 2 }));
    once(uuids);
    for (const id of range(0, 25)) assert.ok(uuids.includes(id));
    assert.ok((await globalid.seen()).length < 12);
  },

  "a search that is emptied under way ends": async ({ passdesk, upstream }) => {
    const globalid = await upstream({ walk: { total: 40, changes: [{ after: 1, removeBack: 40 }] } });
    const uuids = await assert.ends(collect(passdesk.eachAttestation({ baseUrl: globalid.origin, perPage: 10 })));
    assert.equal(uuids.length, 10);
  },

  "a server that caps per_page is walked by its own page size": async ({ passdesk, upstream, sandbox }) => {
    for (const concurrency of [1, 3]) {
      const globalid = await upstream({ walk: { total: 95, cap: 20 } });
      const uuids = await collect(passdesk.eachAttestation({ baseUrl: globalid.origin, perPage: 500, concurrency }));
      assert.equal(uuids.length, 95, `with concurrency ${concurrency}`);
      once(uuids);
    }
    // The sandbox caps at 500: two of its pages, not one, make up 600.
    const uuids = await collect(passdesk.eachAttestation({ baseUrl: sandbox.url, perPage: 1000, limit: 600 }));
    assert.equal(uuids.length, 600);
    once(uuids);
  },

  "a server that repeats a page for ever is walked to an end": async ({ passdesk, answering }) => {
    const data = range(0, 10).map((id) => ({ uuid: id }));
    const globalid = await answering({ json: { data, meta: { page: 1, per_page: 10, total: 1_000_000 } } });
    const uuids = await assert.ends(
      collect(passdesk.eachAttestation({ baseUrl: globalid.origin, perPage: 10 })).catch((error) => {
        assert.passdeskError(error, "bad_response");
        return range(0, 10);
      }),
      30_000,
    );
    assert.equal(uuids.length, 10);
    assert.ok((await globalid.seen()).length < 100, "it gave up soon");
  },

  "empty pages though total says more come to an end": async ({ passdesk, answering }) => {
    const globalid = await answering({ json: { data: [], meta: { page: 1, per_page: 10, total: 5000 } } });
    const uuids = await assert.ends(
      collect(passdesk.eachAttestation({ baseUrl: globalid.origin, perPage: 10, concurrency: 2 })).catch((error) => {
        assert.passdeskError(error, "bad_response");
        return [];
      }),
      30_000,
    );
    assert.equal(uuids.length, 0);
    assert.ok((await globalid.seen()).length < 100);
  },

  "one uuid on several pages is given once": async ({ passdesk, upstream }) => {
    const page = (/** @type {number} */ number, /** @type {string[]} */ ids) => ({
      json: { data: ids.map((id) => ({ uuid: id })), meta: { page: number, per_page: 2, total: 5 } },
    });
    const globalid = await upstream({
      walk: { total: 5, pages: { 1: page(1, ["a", "b"]), 2: page(2, ["b", "a"]), 3: page(3, ["c"]) } },
    });
    const uuids = await collect(passdesk.eachAttestation({ baseUrl: globalid.origin, perPage: 2 }));
    once(uuids);
    for (const id of ["a", "b", "c"]) assert.ok(uuids.includes(id));
  },

  "the sandbox's moving searches lose nothing": async ({ passdesk, sandbox }) => {
    for (const fault of ["grow-front", "grow-back", "shrink-front", "shrink-back", "page-capped"]) {
      /** @type {typeof fetch} */
      const marked = (input, init) => {
        const headers = new Headers(init?.headers);
        headers.set("x-sandbox-fault", `search.${fault}`);
        return fetch(input, { ...init, headers });
      };
      const uuids = await assert.ends(
        collect(
          passdesk.eachAttestation({
            baseUrl: sandbox.url,
            where: { field: "attestee", value: "johnsmith" },
            perPage: 5,
            concurrency: 2,
            limit: 400,
            fetch: marked,
          }),
        ),
        30_000,
        fault,
      );
      once(uuids);
      assert.ok(uuids.length > 0, fault);
    }
  },
});
