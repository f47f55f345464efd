// @ts-check
import { suite } from "#suite";
import * as assert from "../support/assert.mjs";
import { TOKEN } from "../support/stage.mjs";

const page = {
  data: [{ uuid: "u1", attestee: "johnsmith", odd: [1] }],
  meta: { page: 1, per_page: 50, total: 1, took: 3 },
};

export default suite("searchAttestations", {
  "asks for a page without a token and gives it as it came": async ({ passdesk, upstream }) => {
    const globalid = await upstream({ routes: { "GET /v1/attestations/search": { json: page } } });
    assert.deepEqual(await passdesk.searchAttestations({ baseUrl: globalid.origin }), page);
    await passdesk.searchAttestations({
      baseUrl: globalid.origin,
      page: 3,
      perPage: 100,
      where: { field: "created_at", op: "gt", value: "2019-05-07T12:00:00" },
      token: TOKEN,
    });
    const [first, second] = await globalid.seen();
    assert.equal(first?.headers.authorization, undefined);
    const defaults = new URLSearchParams(first?.query);
    assert.ok(
      ["1", null].includes(defaults.get("page")) && ["50", null].includes(defaults.get("per_page")),
      "page 1 of 50",
    );
    assert.deepEqual(Object.fromEntries(new URLSearchParams(second?.query)), {
      page: "3",
      per_page: "100",
      fieldName: "created_atgt",
      fieldValue: "2019-05-07T12:00:00",
    });
    assert.equal(second?.headers.authorization, `Bearer ${TOKEN}`);
  },

  "goes to api.global.id by default, and needs no options but a fetch": async ({ passdesk }) => {
    /** @type {URL[]} */
    const sent = [];
    await passdesk.searchAttestations({
      fetch: async (input, init) => {
        sent.push(new URL(new Request(input, init).url));
        return Response.json(page);
      },
    });
    assert.equal(`${sent[0]?.origin}${sent[0]?.pathname}`, "https://api.global.id/v1/attestations/search");
  },

  "the sandbox has the text's 11,020": async ({ passdesk, sandbox }) => {
    const { data, meta } = await passdesk.searchAttestations({ baseUrl: sandbox.url });
    assert.deepEqual(meta, { page: 1, per_page: 50, total: 11_020 });
    assert.equal(data.length, 50);
    const third = await passdesk.searchAttestations({ page: 3, perPage: 100, baseUrl: sandbox.url });
    assert.equal(third.meta.page, 3);
    assert.equal(third.data.length, 100);
    const john = await passdesk.searchAttestations({
      where: { field: "attestee", value: "johnsmith" },
      baseUrl: sandbox.url,
    });
    assert.ok(john.meta.total > 0 && john.data.every((it) => it.attestee === "johnsmith"));
  },

  "an answer of the wrong shape names the field": async ({ passdesk, answering }) => {
    for (const [json, path] of /** @type {[unknown, RegExp][]} */ ([
      [[], /./u],
      [{ meta: page.meta }, /data/u],
      [{ data: "canary", meta: page.meta }, /data/u],
      [{ data: [{ uuid: 1 }], meta: page.meta }, /data.*0.*uuid/u],
      [{ data: [null], meta: page.meta }, /data.*0/u],
      [{ data: [] }, /meta/u],
      [{ data: [], meta: [] }, /meta/u],
      [{ data: [], meta: { ...page.meta, total: "canary" } }, /meta.*total/u],
      [{ data: [], meta: { ...page.meta, total: -1 } }, /meta.*total/u],
      [{ data: [], meta: { ...page.meta, per_page: 1.5 } }, /meta.*per_page/u],
      [{ data: [], meta: { page: 1, per_page: 50 } }, /meta.*total/u],
    ])) {
      const globalid = await answering({ json });
      const failure = await assert.rejects(passdesk.searchAttestations({ baseUrl: globalid.origin }), "bad_response");
      assert.match(failure.message, path);
      assert.ok(!failure.message.includes("canary"));
    }
  },

  "bad options are named and nothing is sent": async ({ passdesk, answering }) => {
    const globalid = await answering({ json: page });
    const good = { baseUrl: globalid.origin };
    for (const [name, options] of /** @type {[string, object][]} */ ([
      ["page", { ...good, page: 0 }],
      ["page", { ...good, page: 1.5 }],
      ["page", { ...good, page: "2" }],
      ["page", { ...good, page: Number.POSITIVE_INFINITY }],
      ["perPage", { ...good, perPage: 0 }],
      ["perPage", { ...good, perPage: -50 }],
      ["perPage", { ...good, perPage: null }],
      ["per_page", { ...good, per_page: 50 }],
      ["where", { ...good, where: 5 }],
      ["limit", { ...good, limit: 5 }],
    ])) {
      const failure = await assert.rejects(
        passdesk.searchAttestations(/** @type {any} */ (options)),
        "invalid_argument",
      );
      assert.ok(failure.message.includes(name), `the message names ${name}: ${failure.message}`);
    }
    assert.equal((await globalid.seen()).length, 0);
  },
});
