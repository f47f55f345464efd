// @ts-check
import { suite } from "#suite";
import * as assert from "../support/assert.mjs";
import { TOKEN } from "../support/stage.mjs";

const one = {
  uuid: "u1",
  type: "phone_number",
  attestor: "twilio",
  public_data: "",
  revocation_time: null,
  sig_version: 2,
  odd: { kept: [true] },
};

export default suite("listAttestations", {
  "asks with the bearer and gives the list as it came": async ({ passdesk, upstream }) => {
    const globalid = await upstream({ routes: { "GET /v1/attestations": { json: [one, { uuid: "u2" }] } } });
    const list = await passdesk.listAttestations({ token: TOKEN, baseUrl: globalid.origin });
    assert.deepEqual(list, [one, { uuid: "u2" }]);
    const [seen] = await globalid.seen();
    assert.equal(seen?.headers.authorization, `Bearer ${TOKEN}`);
    assert.equal(seen?.query, "");
  },

  "an identity of the sandbox has a list of its own": async ({ passdesk, sandbox }) => {
    const token = await sandbox.token({ api: "globalid", attestee: "johnsmith" });
    const all = await passdesk.listAttestations({ token, baseUrl: sandbox.url });
    assert.ok(all.length > 0);
    assert.ok(all.every((it) => it.attestee === "johnsmith"));
    const type = /** @type {string} */ (all[0]?.type);
    const some = await passdesk.listAttestations({
      token,
      where: { field: "type", value: type },
      baseUrl: sandbox.url,
    });
    assert.equal(some.length, all.filter((it) => it.type === type).length);
  },

  "goes to api.global.id by default": async ({ passdesk }) => {
    /** @type {string[]} */
    const sent = [];
    await passdesk.listAttestations({
      token: TOKEN,
      fetch: async (input, init) => {
        sent.push(new Request(input, init).url);
        return Response.json([]);
      },
    });
    assert.deepEqual(sent, ["https://api.global.id/v1/attestations"]);
  },

  "the filter grammar: suffixes and encoding": async ({ passdesk, upstream }) => {
    const globalid = await upstream({ routes: { "GET /v1/attestations": { json: [] } } });
    const filters = /** @type {[import("passdesk").Where, string, string][]} */ ([
      [{ field: "type", value: "phone_number" }, "type", "phone_number"],
      [{ field: "type", op: "eq", value: "a&b=c#d+e f%20/é\n" }, "type", "a&b=c#d+e f%20/é\n"],
      [
        { field: "attestee_signed_at", op: "gt", value: "2019-05-07T12:00:00" },
        "attestee_signed_atgt",
        "2019-05-07T12:00:00",
      ],
      [
        { field: "created_at", op: "gte", value: "2019-05-07T12:00:00.000Z" },
        "created_atgte",
        "2019-05-07T12:00:00.000Z",
      ],
      [{ field: "created_at", op: "lt", value: "x" }, "created_atlt", "x"],
      [{ field: "created_at", op: "lte", value: "x" }, "created_atlte", "x"],
    ]);
    for (const [where] of filters) await passdesk.listAttestations({ token: TOKEN, where, baseUrl: globalid.origin });
    const queries = (await globalid.seen()).map((seen) => [...new URLSearchParams(seen.query)]);
    assert.deepEqual(
      queries,
      filters.map(([, name, value]) => [
        ["fieldName", name],
        ["fieldValue", value],
      ]),
    );
  },

  "an answer that is no list of records is bad_response": async ({ passdesk, answering }) => {
    for (const [json, path] of /** @type {[unknown, RegExp][]} */ ([
      [{ data: [] }, /./u],
      [null, /./u],
      [[one, "canary"], /1/u],
      [[one, { ...one, uuid: 5 }], /1.*uuid/u],
      [[{ type: "canary" }], /0.*uuid/u],
    ])) {
      const globalid = await answering({ json });
      const failure = await assert.rejects(
        passdesk.listAttestations({ token: TOKEN, baseUrl: globalid.origin }),
        "bad_response",
      );
      assert.match(failure.message, path);
      assert.ok(!failure.message.includes("canary"));
    }
  },

  "the sandbox refuses an expired token and a token of the app": async ({ passdesk, sandbox }) => {
    const expired = await sandbox.token({ api: "globalid", attestee: "johnsmith", lifetimeSeconds: -10 });
    await assert.rejects(passdesk.listAttestations({ token: expired, baseUrl: sandbox.url }), "unauthorized");
    const app = await sandbox.token({ api: "globalid" });
    await assert.rejects(passdesk.listAttestations({ token: app, baseUrl: sandbox.url }), "forbidden");
  },

  "bad options are named and nothing is sent": async ({ passdesk, answering }) => {
    const globalid = await answering({ json: [] });
    const good = { token: TOKEN, baseUrl: globalid.origin };
    for (const [name, options] of /** @type {[string, object][]} */ ([
      ["token", { baseUrl: globalid.origin }],
      ["where", { ...good, where: "type=phone" }],
      ["where", { ...good, where: [] }],
      ["field", { ...good, where: { value: "x" } }],
      ["field", { ...good, where: { field: "", value: "x" } }],
      ["field", { ...good, where: { field: 1, value: "x" } }],
      ["value", { ...good, where: { field: "type" } }],
      ["value", { ...good, where: { field: "type", value: null } }],
      ["value", { ...good, where: { field: "type", value: ["x"] } }],
      ["value", { ...good, where: { field: "type", value: { canary: 1 } } }],
      ["op", { ...good, where: { field: "type", op: "like", value: "x" } }],
      ["where", { ...good, where: { field: "type", operator: "gt", value: "x" } }],
      ["page", { ...good, page: 1 }],
    ])) {
      const failure = await assert.rejects(passdesk.listAttestations(/** @type {any} */ (options)), "invalid_argument");
      assert.ok(failure.message.includes(name), `the message names ${name}: ${failure.message}`);
    }
    assert.equal((await globalid.seen()).length, 0);
  },
});
