// @ts-check
import { suite } from "#suite";
import * as assert from "../support/assert.mjs";

export default suite("eachAttestation", {
  "walks all pages in order": async ({ passdesk, upstream }) => {
    const globalid = await upstream({ walk: { total: 125 } });
    /** @type {string[]} */
    const uuids = [];
    for await (const it of passdesk.eachAttestation({ baseUrl: globalid.origin })) uuids.push(it.uuid);
    assert.equal(uuids.length, 125);
    assert.deepEqual(uuids, [...uuids].sort(), "in the order of the pages");
    assert.equal((await globalid.seen()).length, 3);
  },

  "is a real async iterator": async ({ passdesk, upstream }) => {
    const globalid = await upstream({ walk: { total: 3 } });
    const walk = passdesk.eachAttestation({ baseUrl: globalid.origin });
    assert.equal(walk[Symbol.asyncIterator](), walk);
    assert.equal(typeof walk.next, "function");
    assert.equal(typeof walk.return, "function");
    const first = await walk.next();
    assert.ok(first.done === false && typeof first.value.uuid === "string");
    const ended = await walk.return?.("early");
    assert.equal(ended?.done, true);
    assert.deepEqual(await walk.next(), { value: undefined, done: true });
  },

  "calls of next that overlap get one record each": async ({ passdesk, upstream }) => {
    const globalid = await upstream({ walk: { total: 10 } });
    const walk = passdesk.eachAttestation({ baseUrl: globalid.origin, perPage: 3 });
    const results = await assert.ends(Promise.all(Array.from({ length: 12 }, () => walk.next())));
    const uuids = results.filter((it) => !it.done).map((it) => it.value?.uuid);
    assert.equal(new Set(uuids).size, 10);
    assert.equal(results.filter((it) => it.done).length, 2);
  },

  "delivers nothing after an abort, not even of the page that is here": async ({ passdesk, upstream }) => {
    const globalid = await upstream({ walk: { total: 50 } });
    for (const limit of [undefined, 50]) {
      const controller = new AbortController();
      let count = 0;
      const walk = async () => {
        const options = { baseUrl: globalid.origin, signal: controller.signal, ...(limit !== undefined && { limit }) };
        for await (const _ of passdesk.eachAttestation(options)) {
          count += 1;
          if (count === 3) controller.abort("enough");
        }
      };
      await assert.rejects(walk(), "aborted");
      assert.equal(count, 3);
    }
  },

  "a server that echoes the page size that it was asked for, and gives fewer, is walked to its end": async ({
    passdesk,
  }) => {
    const records = Array.from({ length: 250 }, (_, index) => ({ uuid: `u${index}` }));
    /** @type {typeof globalThis.fetch} */
    const fetch = async (url) => {
      const page = Number(new URL(String(url)).searchParams.get("page"));
      const data = records.slice((page - 1) * 100, page * 100);
      return Response.json({ data, meta: { page, per_page: 1000, total: 250 } });
    };
    let count = 0;
    for await (const _ of passdesk.eachAttestation({ perPage: 1000, fetch })) count += 1;
    assert.equal(count, 250);
  },

  "carries the filter, page size and token": async ({ passdesk, upstream }) => {
    const globalid = await upstream({ walk: { total: 30 } });
    const walk = passdesk.eachAttestation({
      baseUrl: globalid.origin,
      perPage: 20,
      where: { field: "type", value: "phone_number" },
      token: "public-token",
    });
    let count = 0;
    for await (const _ of walk) count += 1;
    assert.equal(count, 30);
    const seen = await globalid.seen();
    assert.equal(seen.length, 2);
    for (const it of seen) {
      const query = new URLSearchParams(it.query);
      assert.equal(query.get("per_page"), "20");
      assert.equal(query.get("fieldName"), "type");
      assert.equal(it.headers.authorization, "Bearer public-token");
    }
  },

  "an empty search ends at once": async ({ passdesk, upstream }) => {
    const globalid = await upstream({ walk: { total: 0 } });
    for await (const _ of passdesk.eachAttestation({ baseUrl: globalid.origin, concurrency: 4 }))
      assert.fail("a record of nothing");
    assert.ok((await globalid.seen()).length <= 4);
  },

  "a page that fails for good ends the walk with its error": async ({ passdesk, upstream }) => {
    const globalid = await upstream({
      walk: { total: 40, pages: { 2: { status: 403, json: { error_code: "ERR_FORBIDDEN" } } } },
    });
    let count = 0;
    const walk = passdesk.eachAttestation({ baseUrl: globalid.origin, perPage: 10 });
    const failure = await assert.rejects(
      (async () => {
        for await (const _ of walk) count += 1;
      })(),
      "forbidden",
    );
    assert.equal(failure.operation, "eachAttestation");
    assert.equal(failure.upstreamCode, "ERR_FORBIDDEN");
    assert.equal(count, 10, "what came before was given");
    assert.equal((await walk.next()).done, true, "after its error the walk is over");
  },

  "a page that fails once is asked for again": async ({ passdesk, upstream }) => {
    const globalid = await upstream({
      walk: { total: 40, pages: { 2: { status: 503, headers: { "retry-after": "0" }, json: {} } } },
    });
    let count = 0;
    for await (const _ of passdesk.eachAttestation({ baseUrl: globalid.origin, perPage: 10 })) count += 1;
    assert.equal(count, 40);
    assert.equal((await globalid.seen()).length, 5);
  },

  "walks a filter of the sandbox to its end": async ({ passdesk, sandbox }) => {
    const where = { field: "attestee", value: "johnsmith" };
    const { meta } = await passdesk.searchAttestations({ where, baseUrl: sandbox.url });
    const uuids = new Set();
    for await (const it of passdesk.eachAttestation({ where, perPage: 2, concurrency: 3, baseUrl: sandbox.url }))
      uuids.add(it.uuid);
    assert.equal(uuids.size, meta.total);
  },

  "bad options reject from the first next, or throw": async ({ passdesk, answering }) => {
    const globalid = await answering({ json: {} });
    const good = { baseUrl: globalid.origin };
    for (const [name, options] of /** @type {[string, object][]} */ ([
      ["concurrency", { ...good, concurrency: 0 }],
      ["concurrency", { ...good, concurrency: 1.5 }],
      ["limit", { ...good, limit: -1 }],
      ["limit", { ...good, limit: "10" }],
      ["perPage", { ...good, perPage: 0 }],
      ["page", { ...good, page: 2 }],
      ["where", { ...good, where: null }],
    ])) {
      const failure = await assert.rejects(
        (async () => passdesk.eachAttestation(/** @type {any} */ (options)).next())(),
        "invalid_argument",
      );
      assert.ok(failure.message.includes(name), `the message names ${name}: ${failure.message}`);
    }
    assert.equal((await globalid.seen()).length, 0);
  },
});
