import assert from "node:assert/strict";
import { test } from "node:test";
import { createSandbox } from "passdesk/sandbox";
import { inBothPlaces, open } from "./stage.mjs";

const FIELDS = [
  ...[
    "uuid",
    "type",
    "attestee",
    "attestee_uuid",
    "attestor",
    "app_uuid",
    "created_at",
    "updated_at",
    "attestor_signed_at",
  ],
  ...[
    "attestee_signed_at",
    "attestor_signature",
    "attestee_signature",
    "data_hash",
    "public_data",
    "public_attestor_note",
  ],
  ...["related_attestations", "revocation_time", "sig_version", "tracking_id"],
];

inBothPlaces("the search is public and pages through 11,020 records, each once", async ({ call }) => {
  const first = await (await call("/v1/attestations/search")).json();
  assert.deepEqual(first.meta, { page: 1, per_page: 50, total: 11_020 });
  assert.equal(first.data.length, 50);
  const uuids = new Set();
  for (let page = 1; page <= 23; page++) {
    const { data, meta } = await (await call(`/v1/attestations/search?page=${page}&per_page=500`)).json();
    assert.deepEqual(meta, { page, per_page: 500, total: 11_020 });
    for (const { uuid } of data) uuids.add(uuid);
  }
  assert.equal(uuids.size, 11_020);
  assert.deepEqual((await (await call("/v1/attestations/search?page=222")).json()).data, []);
  // per_page has a ceiling, and the answer says so.
  const capped = await (await call("/v1/attestations/search?per_page=5000")).json();
  assert.deepEqual([capped.meta.per_page, capped.data.length], [500, 500]);
});

inBothPlaces("the text's three verifications of johnsmith are found", async ({ call }) => {
  const { data, meta } = await (await call("/v1/attestations/search?fieldName=attestee&fieldValue=johnsmith")).json();
  assert.equal(meta.total, 3);
  assert.deepEqual(
    data.map(({ created_at, type, attestor, public_data }) => [created_at, type, attestor, public_data]),
    [
      ["2019-01-19T11:26:52.000Z", "phone_number", "twilio", "USA"],
      ["2019-01-19T12:03:40.000Z", "email", "mandrill", ""],
      ["2019-01-19T12:08:28.000Z", "facebook", "facebook", ""],
    ],
  );
  const known = new Set(FIELDS);
  for (const record of data) {
    assert.deepEqual(new Set(Object.keys(record)), known);
    assert.match(record.uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
});

inBothPlaces("filters compare as their suffix says", async ({ call }) => {
  const search = async (query) => (await call(`/v1/attestations/search?per_page=500&${query}`)).json();
  const total = async (query) => (await search(query)).meta.total;
  const day = "2019-05-07T12:00:00";
  const [gt, gte, lt, lte] = await Promise.all(
    ["gt", "gte", "lt", "lte"].map((suffix) => total(`fieldName=created_at${suffix}&fieldValue=${day}`)),
  );
  assert.ok(gt > 0 && lt > 0);
  assert.deepEqual([gt + lte, gte + lt], [11_020, 11_020]);
  // At a record's own moment, the two kinds of comparison part.
  const own = "2019-01-19T11:26:52";
  const at = async (suffix) => total(`fieldName=created_at${suffix}&fieldValue=${own}`);
  assert.deepEqual(
    [await at(""), await at("gte"), await at("gt"), await at("lte"), await at("lt")],
    [1, 11_020, 11_019, 1, 0],
  );
  for (const { type } of (await search("fieldName=type&fieldValue=phone_number")).data)
    assert.equal(type, "phone_number");
  for (const record of (await search("fieldName=sig_versiongte&fieldValue=2")).data)
    assert.equal(record.sig_version, 2);
  for (const record of (await search("fieldName=revocation_timegt&fieldValue=2019-01-01")).data)
    assert.ok(record.revocation_time);
  const [{ uuid }] = (await search("")).data;
  assert.deepEqual(
    (await search(`uuid=${uuid}`)).data.map((record) => record.uuid),
    [uuid],
  );
  assert.equal(await total(`uuid=${uuid}&fieldName=attestee&fieldValue=nobody`), 0);
});

test("a time means the same wherever the sandbox runs", async (t) => {
  const { TZ } = process.env;
  t.after(() => {
    if (TZ === undefined) delete process.env.TZ;
    else process.env.TZ = TZ;
  });
  const { call } = await open("in-process", { attestations: 50 });
  for (const zone of ["UTC", "America/New_York", "Asia/Tokyo"]) {
    process.env.TZ = zone;
    for (const [time, before] of Object.entries({
      "2019-01-19T12:00:00": 1,
      // As the text's own table writes it.
      "2019-01-19 12:00:00": 1,
      "2019-01-19T12:00:00.000Z": 1,
      "2019-01-19T08:00:00-04:00": 1,
      "2019-01-19T12:03:40.5": 2,
      "2019-01-19 12:08": 2,
      "2019-01-20": 3,
    })) {
      const answer = await call(
        `/v1/attestations/search?fieldName=created_atlt&fieldValue=${encodeURIComponent(time)}`,
      );
      assert.equal((await answer.json()).meta.total, before, `${time} in ${zone}`);
    }
  }
});

inBothPlaces("a query that makes no sense is refused in globaliD's shape", async ({ call }) => {
  const queries = [
    "page=0",
    "page=-1",
    "page=x",
    "page=1.5",
    "page=1234567890",
    "per_page=0",
    "per_page=",
    "fieldName=type",
    "fieldValue=x",
  ];
  const filters = [
    "wish&fieldValue=1",
    "typeeq&fieldValue=1",
    "__proto__&fieldValue=1",
    "created_at&fieldValue=soon",
    // What some engines read, each in its own way.
    "created_at&fieldValue=5",
    "created_at&fieldValue=May 7, 2019",
    "created_at&fieldValue=2019-02-31T12:00:00 PM",
    "sig_version&fieldValue=x",
  ];
  for (const query of [...queries, ...filters.map((filter) => `fieldName=${filter}`)]) {
    const response = await call(`/v1/attestations/search?${query}`);
    assert.equal(response.status, 400, query);
    const body = await response.json();
    assert.deepEqual(Object.keys(body), ["error_code", "message", "statusCode"], query);
    assert.equal(body.statusCode, 400);
  }
});

inBothPlaces("an identity's own list needs a token of that identity", async ({ call, sandbox, exchange }) => {
  const list = async (token, query = "") =>
    call(`/v1/attestations${query}`, { headers: token ? { authorization: `Bearer ${token}` } : {} });
  const mine = await sandbox.issueToken({ api: "globalid", attestee: "johnsmith" });
  const records = await (await list(mine)).json();
  assert.deepEqual(
    records.map(({ type }) => type),
    ["phone_number", "email", "facebook"],
  );
  const phones = await (await list(mine, "?fieldName=type&fieldValue=phone_number")).json();
  assert.equal(phones.length, 1);
  assert.equal((await list(mine, "?fieldName=wish&fieldValue=1")).status, 400);
  const nobody = await sandbox.issueToken({ api: "globalid", attestee: "nobody" });
  assert.deepEqual(await (await list(nobody)).json(), []);

  assert.equal((await list()).status, 401);
  assert.equal((await list(await sandbox.issueToken({ api: "globalid" }))).status, 403);
  assert.equal((await list(await sandbox.issueToken())).status, 403);
  assert.equal(
    (await list(await sandbox.issueToken({ api: "globalid", attestee: "johnsmith", lifetimeSeconds: 0 }))).status,
    401,
  );

  const { clientId: client_id, clientSecret: client_secret } = sandbox.credentials;
  const grant = { client_id, client_secret, grant_type: "authorization_code", code: "johnsmith" };
  const { access_token, id_token } = await (await exchange(grant, { path: "/v1/auth/token" })).json();
  assert.equal((await (await list(access_token)).json()).length, 3);
  // The id_token is for the client, not for the API.
  assert.equal((await list(id_token)).status, 403);
});

test("the same seed gives the same records, another seed others, the text's three always", async () => {
  const page = async (options) =>
    (await createSandbox(options).fetch("https://api.global.id/v1/attestations/search?per_page=6")).json();
  const [one, same, other] = await Promise.all([page(), page(), page({ seed: "another" })]);
  assert.deepEqual(one, same);
  assert.notDeepEqual(one.data[4], other.data[4]);
  assert.equal(other.data[2].attestee, "johnsmith");
  const few = await page({ attestations: 2 });
  assert.equal(few.meta.total, 2);
  assert.equal((await page({ attestations: 0 })).data.length, 0);
});

test("two sandboxes that are searched in turn make their lists once each", async (context) => {
  // A list is made as one array of this length.
  const made = context.mock.method(Array, "from");
  const sandboxes = [createSandbox({ seed: "one" }), createSandbox({ seed: "other" })];
  for (let round = 0; round < 3; round += 1) {
    for (const { fetch } of sandboxes) {
      await fetch("https://api.global.id/v1/attestations/search?fieldName=attestee&fieldValue=johnsmith");
    }
  }
  const lists = made.mock.calls.filter(({ result }) => result?.length === 11_020);
  assert.equal(lists.length, 2);
});
