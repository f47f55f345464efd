// @ts-check
// A setting that is missing or makes no sense keeps every door shut, and says which it is, never what it holds.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { exchangeToken, retrievePii } from "passdesk";
import { Misconfigured, settingsOf } from "../../pkg-template/worker/settings.js";
import { ask, build, openStage, until } from "./stage.mjs";

const WHOLE = {
  DB: { prepare() {}, batch() {} },
  CIVIC_BASE_URL: "https://api.civic.com",
  CIVIC_TOKEN_URL: "https://auth.civic.example/oauth/token",
  CIVIC_CLIENT_ID: "client",
  CIVIC_CLIENT_SECRET: "secret-that-nobody-says",
  GLOBALID_BASE_URL: "https://api.global.id",
  ACCESS_TEAM_URL: "https://team.cloudflareaccess.com",
  ACCESS_AUDIENCE: "audience",
  DESK_REVIEWERS: "ada@partner.example, @reviewers.example",
  INTAKE_ORIGINS: "https://dapp.example,https://other.example",
};

/** @param {Record<string, unknown>} change @returns {string} */
function problemWith(change) {
  try {
    settingsOf({ ...WHOLE, ...change });
  } catch (error) {
    assert.ok(error instanceof Misconfigured);
    return error.message;
  }
  return "";
}

test("whole settings are taken, with the defaults", () => {
  const settings = settingsOf(WHOLE);
  assert.deepEqual(settings.machine, {
    undoMs: 10_000,
    claimMs: 900_000,
    retentionMs: 30 * 86_400_000,
    giveUpMs: 86_400_000,
    twoPerson: false,
  });
  assert.deepEqual(settings.people, {
    reviewer: ["ada@partner.example", "@reviewers.example"],
    auditor: [],
    admin: [],
  });
  assert.deepEqual(settings.intakeOrigins, ["https://dapp.example", "https://other.example"]);
  assert.deepEqual([settings.subrequests, settings.intakePerMinute], [50, 20]);
  assert.deepEqual([settings.monitors, settings.targetMs], [[], 4 * 3_600_000]);
  const codes = settings.reasons.map(({ code }) => code);
  for (const code of ["document-expired", "suspected-fraud", "duplicate", "other"])
    assert.ok(codes.includes(code), code);
  assert.equal(new Set(codes).size, codes.length);
  assert.deepEqual(
    settingsOf({ ...WHOLE, DESK_REASONS: codes.join(",") }).reasons,
    settings.reasons,
    "codes as we take them",
  );
});

test("an operator's own reasons take the place of ours", () => {
  const DESK_REASONS = "document-expired, selfie-mismatch = The selfie, it seems\nno_good=a=b\nx";
  assert.throws(() => settingsOf({ ...WHOLE, DESK_REASONS }), /DESK_REASONS/, "no label has a comma");
  const { reasons } = settingsOf({
    ...WHOLE,
    DESK_REASONS: "document-expired, selfie-mismatch = Another person's selfie\n no_good=a=b,\n_not-seen-1",
  });
  assert.deepEqual(reasons, [
    { code: "document-expired", label: "The document has expired" },
    { code: "selfie-mismatch", label: "Another person's selfie" },
    { code: "no_good", label: "a=b" },
    { code: "_not-seen-1", label: "Not seen 1" },
  ]);
});

for (const name of Object.keys(WHOLE)) {
  test(`${name} cannot be left out, or left empty`, () => {
    for (const value of [undefined, null, "", "   "]) {
      if (name !== "DB" || value !== "   ")
        assert.match(problemWith({ [name]: value }), new RegExp(`\\b${name}\\b`), `${value}`);
    }
  });
}

const WRONG = {
  DB: [{}, { prepare() {} }, "desk"],
  CIVIC_BASE_URL: [
    "http://api.civic.com",
    "ftp://api.civic.com",
    "api.civic.com",
    7,
    "https://user:pw@api.civic.com",
    "https://user@api.civic.com",
    "https://:pw@api.civic.com",
    "https://api.civic.com/#part",
    "https:/api.civic.com",
    "https://api.civic.com/?env=prod",
    "https://api.civic.com?",
    "https://api.civic.com//",
    "https://api.civic.com./",
  ],
  CIVIC_TOKEN_URL: ["http://127.0.0.1.evil.example/token", "javascript:alert(1)"],
  GLOBALID_BASE_URL: ["http://localhost.evil.example", "https://api.global.id?x"],
  ACCESS_TEAM_URL: [
    "https://team.cloudflareaccess.com/path",
    "https://team.cloudflareaccess.com?x",
    "https://user@team.cloudflareaccess.com",
    "https://:pw@team.cloudflareaccess.com",
    "https://team.cloudflareaccess.com/#part",
    "team",
  ],
  DESK_REVIEWERS: ["ada", "ada@", ",", "ada@partner.example bob"],
  DESK_AUDITORS: ["audrey"],
  DESK_ADMINS: ["@"],
  INTAKE_ORIGINS: ["*", "dapp.example", "https://dapp.example/path", "https://dapp.example,http://dapp.example", ","],
  INTAKE_PER_MINUTE: ["0", "-1", "1.5", "many", "10001"],
  DESK_UNDO_SECONDS: ["-1", "3601", "ten"],
  DESK_CLAIM_SECONDS: ["9", "86401"],
  DESK_RETENTION_DAYS: ["0", "3651"],
  DESK_GIVE_UP_HOURS: ["0", "721", "a day"],
  DESK_TWO_PERSON: ["yes", "TRUE"],
  DESK_SUBREQUESTS: ["49", "1001"],
  DESK_REASONS: [
    ",",
    "Expired",
    "ex pired",
    "expired,expired=twice",
    "=Label",
    `code=${"x".repeat(81)}`,
    "x".repeat(65),
  ],
  DESK_TARGET_MINUTES: ["0", "525601", "1.5"],
  DESK_MONITORS: [",", "ada@partner.example", "käfer"],
  ASSETS: [{}, "console"],
};
for (const [name, values] of Object.entries(WRONG)) {
  test(`${name} must make sense`, () => {
    for (const value of values) {
      const message = problemWith({ [name]: value });
      assert.match(message, new RegExp(`\\b${name}\\b`), String(value));
      if (typeof value === "string" && value.length > 3) assert.ok(!message.includes(value), "no value is repeated");
    }
  });
}

test("an address of a setting is one that the client takes, and no other", async () => {
  const refuse = () => Promise.reject(new Error("nothing is sent"));
  const hosts = "api.civic.example API.civic.example a localhost x.localhost 127.0.0.1 1.2.3.4 [::1] a_b.c 1a.b -a.b";
  const odd = "a. .a a..b a.1 a.1b xn--a.b a.xn--p1ai ä.b 1.2.3 1.2.3.04 1.2.3.00 256.1.1.1 2130706433 [::2] a%62";
  const tails =
    " :443 :0443 :0 :65536 / // /a/ /a//b /a// /. /a/../b /... /%20 /%2e /%2F /%25 /%zz /a' /a\\b /a;b=c,d:e@f /~a/(b) ?x=1";
  for (const scheme of ["https://", "http://", "HTTPS://", "https:/"])
    for (const host of `${hosts} ${odd} ${"a".repeat(64)}`.split(" "))
      for (const tail of tails.split(" ")) {
        const address = scheme + host + tail;
        const once = { fetch: refuse, maxRetries: 0 };
        const { code } = await retrievePii({ baseUrl: address, requestId: "a", ...once }).catch((error) => error);
        for (const name of ["CIVIC_BASE_URL", "GLOBALID_BASE_URL"])
          assert.equal(problemWith({ [name]: address }) === "", code === "network", address);
        const exchange = { tokenUrl: address, clientId: "a", clientSecret: "b", ...once };
        const exchanged = await exchangeToken(exchange).catch((error) => error);
        assert.equal(problemWith({ CIVIC_TOKEN_URL: address }) === "", exchanged.code === "network", address);
      }
});

test("the least and the most of each number are taken", () => {
  for (const [name, least, most] of [
    ["INTAKE_PER_MINUTE", "1", "10000"],
    ["DESK_UNDO_SECONDS", "0", "3600"],
    ["DESK_CLAIM_SECONDS", "10", "86400"],
    ["DESK_RETENTION_DAYS", "1", "3650"],
    ["DESK_GIVE_UP_HOURS", "1", "720"],
    ["DESK_SUBREQUESTS", "50", "1000"],
    ["DESK_TARGET_MINUTES", "1", "525600"],
  ]) {
    for (const value of [least, most]) assert.equal(problemWith({ [name ?? ""]: value }), "", `${name} ${value}`);
  }
});

test("a number or a flag that is no text is said to be none: wrangler takes either", () => {
  for (const [name, value] of /** @type {const} */ ([
    ["DESK_UNDO_SECONDS", 10],
    ["DESK_TWO_PERSON", true],
    ["CIVIC_CLIENT_SECRET", { get() {} }],
  ])) {
    assert.equal(problemWith({ [name]: value }), `The setting ${name} must be a text, in quotation marks.`);
  }
});

test("a promise of settings is said to be one, and not that all of them are missing", () => {
  assert.throws(() => settingsOf(Promise.resolve(WHOLE)), {
    name: "Misconfigured",
    message: "`settings` must return the settings, not a promise of them.",
  });
});

test("everything that is wrong is said at once, and no value", () => {
  const message = problemWith({ CIVIC_CLIENT_ID: "", ACCESS_AUDIENCE: undefined, CIVIC_BASE_URL: "http://nowhere" });
  for (const name of ["CIVIC_CLIENT_ID", "ACCESS_AUDIENCE", "CIVIC_BASE_URL"]) assert.match(message, new RegExp(name));
  assert.doesNotMatch(message, /secret-that|nowhere/);
});

test("what a text has around it, and how an address is written, changes nothing", () => {
  const settings = settingsOf({
    ...WHOLE,
    CIVIC_CLIENT_SECRET: " secret\n",
    ACCESS_TEAM_URL: "HTTPS://Team.cloudflareaccess.com:443/",
    INTAKE_ORIGINS: " https://DAPP.example/,\nhttps://other.example:443 ",
    DESK_REVIEWERS: "Ada@Partner.example @Reviewers.example",
  });
  assert.equal(settings.civic.clientSecret, "secret");
  // As a token's issuer is compared with it, and a page's origin.
  assert.equal(settings.access.teamUrl, "https://team.cloudflareaccess.com");
  assert.deepEqual(settings.intakeOrigins, ["https://dapp.example", "https://other.example"]);
  assert.deepEqual(settings.people.reviewer, ["ada@partner.example", "@reviewers.example"]);
});

test("loopback may be http", () => {
  for (const url of ["http://127.0.0.1:8787", "http://localhost:1", "http://desk.localhost", "http://[::1]:9"]) {
    assert.equal(problemWith({ CIVIC_BASE_URL: url, ACCESS_TEAM_URL: url }), "");
  }
});

/** @type {Awaited<ReturnType<typeof build>>} */
let built;
before(async () => {
  built = await build();
});
after(() => built?.remove());

test("a wrong option is refused where the desk is made, by name", async () => {
  const wrong = await build(`const errors = [];
for (const options of [{ seting() {} }, { settings: {} }, { fetch: "fetch" }, null]) {
  try {
    createReviewDesk(options);
  } catch ({ name, code, operation, message }) {
    errors.push([name, code, operation, message].join(" "));
  }
}
export default { fetch: () => Response.json(errors) };`);
  const stage = await openStage(wrong, { database: false });
  try {
    const refused = "PassdeskError invalid_argument createReviewDesk";
    assert.deepEqual((await ask(stage.url)).json, [
      `${refused} \`seting\` is not an option of createReviewDesk`,
      `${refused} \`settings\` must be a function`,
      `${refused} \`fetch\` must be a function`,
      `${refused} the options must be one object`,
    ]);
  } finally {
    await stage.close();
    await wrong.remove();
  }
});

test("a `fetch` of the operator's sends all that is sent", async () => {
  const mounted = await build(`const asked = [];
const desk = createReviewDesk({
  fetch(input, init) {
    asked.push(new URL(input instanceof Request ? input.url : input).pathname);
    return fetch(input, init);
  },
});
const show = () => Response.json(asked);
export default { ...desk, fetch: (request, ...rest) => (request.url.endsWith("/asked") ? show() : desk.fetch(request, ...rest)) };`);
  const stage = await openStage(mounted, { settings: { DESK_UNDO_SECONDS: "0" } });
  try {
    const [ada, id] = ["ada@partner.example", "/partner/piirequest/abc123"];
    await stage.open("abc123");
    await stage.as(ada, `${id}/evidence/idDocumentFront`);
    await stage.as(ada, "/v1/attestations/search");
    await stage.as(ada, `${id}/status`, { method: "PUT", body: '{"status":"partner-pass"}' });
    await until(async () => (await stage.as(ada, "/desk/cases/abc123")).json.delivery.state === "delivered");
    await stage.intake({ requestId: "passport" });
    await (await stage.database()).prepare("UPDATE intake SET next_at = 1").run();
    await stage.sweep();
    const asked = (await ask(`${stage.url}/asked`)).json;
    const sent = stage.sandbox.calls.map(({ path }) => path);
    assert.ok(sent.length > 6);
    const keys = "/cdn-cgi/access/certs";
    assert.deepEqual(asked.filter((/** @type {string} */ path) => path !== keys).sort(), sent.sort());
    assert.equal(asked.filter((/** @type {string} */ path) => path === keys).length, stage.access.state.asked);
  } finally {
    await stage.close();
    await mounted.remove();
  }
});

const EVERYWHERE = [
  "/",
  "/requests/abc123",
  "/desk/health",
  "/desk/intake",
  "/desk/me",
  "/desk/cases",
  "/desk/audit",
  "/desk/metrics",
  "/partner/piirequest/abc123",
  "/partner/piirequest/abc123/evidence/idDocumentFront",
  "/v1/attestations/search",
  "/nowhere",
];
for (const [what, options] of Object.entries({
  ACCESS_AUDIENCE: { settings: { ACCESS_AUDIENCE: undefined } },
  CIVIC_CLIENT_SECRET: { settings: { CIVIC_CLIENT_SECRET: undefined } },
  DB: { database: false },
})) {
  test(`without ${what} every route answers \`misconfigured\`, to a good token as well`, async () => {
    const stage = await openStage(built, options);
    try {
      for (const path of EVERYWHERE) {
        for (const method of ["GET", "POST", "PUT", "DELETE", "OPTIONS"]) {
          const headers = { "cf-access-jwt-assertion": await stage.access.tokenOf(), origin: stage.url };
          const answer = await ask(stage.url + path, { method, headers });
          assert.equal(answer.status, 500, `${method} ${path}`);
          assert.equal(answer.json.error, "misconfigured", `${method} ${path}`);
          assert.match(answer.json.message, new RegExp(what));
        }
      }
      assert.equal(stage.access.state.asked, 0);
      assert.deepEqual(stage.sandbox.calls, []);
      assert.doesNotMatch(await stage.logged(), /sandbox-secret/);
    } finally {
      await stage.close();
    }
  });
}
