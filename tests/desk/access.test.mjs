// @ts-check
// Who comes in: nobody without a token of Access, and each way in which one can be wrong keeps the door shut.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { exportSPKI, importJWK, UnsecuredJWT } from "jose";
import { AUDIENCE, newKey } from "./access.mjs";
import { ask, build, openStage, until } from "./stage.mjs";

/** @type {Awaited<ReturnType<typeof build>>} */
let built;
/** @type {Awaited<ReturnType<typeof openStage>>} */
let stage;
before(async () => {
  built = await build();
  stage = await openStage(built);
});
after(async () => {
  await stage?.close();
  await built?.remove();
});

const BEHIND_THE_DOOR = [
  ["GET", "/"],
  ["GET", "/requests/abc123"],
  ["GET", "/desk/me"],
  ["GET", "/desk/cases"],
  ["GET", "/desk/cases/abc123"],
  ["POST", "/desk/cases/next"],
  ["POST", "/desk/cases/abc123/presence"],
  ["POST", "/desk/cases/abc123/claim"],
  ["POST", "/desk/cases/abc123/release"],
  ["POST", "/desk/cases/abc123/reveal"],
  ["POST", "/desk/cases/abc123/approve"],
  ["POST", "/desk/cases/abc123/retry"],
  ["POST", "/desk/cases/abc123/resolve"],
  ["GET", "/desk/audit"],
  ["GET", "/desk/audit?format=csv"],
  ["GET", "/desk/audit/verify"],
  ["GET", "/desk/metrics"],
  ["GET", "/desk/intake/"],
  ["GET", "/desk/health/"],
  ["GET", "/desk//health"],
  ["GET", "/partner/piirequest/abc123"],
  ["GET", "/partner/piirequest/abc123/evidence/idDocumentFront"],
  ["PUT", "/partner/piirequest/abc123/status"],
  ["DELETE", "/partner/piirequest/abc123/status"],
  ["GET", "/v1/attestations/search"],
  ["GET", "/nowhere"],
];

/** @param {string | undefined} token @param {string} [path] @param {string} [method] */
const knock = (token, path = "/desk/me", method = "GET", url = stage.url) =>
  ask(url + path, {
    method,
    headers: { "cf-access-jwt-assertion": token, origin: url, "sec-fetch-site": "same-origin" },
  });

test("a good token opens", async () => {
  const answer = await knock(await stage.access.tokenOf("ada@partner.example"));
  assert.equal(answer.status, 200);
  const { email, roles } = answer.json;
  assert.deepEqual([email, roles], ["ada@partner.example", ["reviewer"]]);
});

test("a clock of Access that is a little ahead of ours shuts nobody out", async () => {
  for (const ahead of [5, 20]) {
    const then = seconds() + ahead;
    for (const change of [{ iat: then }, { nbf: then }, { iat: then, nbf: then }]) {
      assert.equal((await knock(await sign(change))).status, 200, JSON.stringify([ahead, Object.keys(change)]));
    }
  }
});

test("without a token every route but intake and health is shut, the console included", async () => {
  for (const [method, path] of BEHIND_THE_DOOR) {
    const answer = await knock(undefined, path, method);
    assert.equal(answer.status, 401, `${method} ${path}`);
    assert.deepEqual(answer.json, { error: "unauthenticated" }, `${method} ${path}`);
  }
  assert.equal((await knock(undefined, "/desk/health")).status, 200);
});

/** @type {Record<string, () => string | Promise<string>>} Each is wrong in one point only. */
const WRONG = {
  empty: () => "",
  garbage: () => "garbage",
  "three parts of garbage": () => "a.b.c",
  "too long": () => "a".repeat(20_000),
  "`alg: none`": () => new UnsecuredJWT(stage.access.claims()).encode(),
  "`alg: none` with a key id": async () => {
    const [, payload] = (await stage.access.tokenOf()).split(".");
    return `${part({ alg: "none", kid: stage.access.state.key.kid })}.${payload}.`;
  },
  "HS256 with the public key as its secret": async () => {
    const key = /** @type {CryptoKey} */ (await importJWK(stage.access.state.key.jwk, "RS256"));
    const signed = `${part({ alg: "HS256", kid: stage.access.state.key.kid })}.${part(stage.access.claims())}`;
    return `${signed}.${createHmac("sha256", await exportSPKI(key))
      .update(signed)
      .digest("base64url")}`;
  },
  "HS256 with the modulus as its secret": () => {
    const { jwk, kid } = stage.access.state.key;
    const signed = `${part({ alg: "HS256", kid })}.${part(stage.access.claims())}`;
    return `${signed}.${createHmac("sha256", Buffer.from(jwk.n ?? "", "base64url"))
      .update(signed)
      .digest("base64url")}`;
  },
  "a header altered after signing": async () => {
    const [, payload, signature] = (await stage.access.tokenOf()).split(".");
    return `${part({ alg: "RS256", kid: stage.access.state.key.kid, typ: "JWT" })}.${payload}.${signature}`;
  },
  "a payload altered after signing": async () => {
    const [header, , signature] = (await stage.access.tokenOf()).split(".");
    return `${header}.${part(stage.access.claims("adam@partner.example"))}.${signature}`;
  },
  "a signature cut off": async () => `${(await stage.access.tokenOf()).split(".").slice(0, 2).join(".")}.`,
  "another issuer": () => sign({ iss: "https://other.cloudflareaccess.com" }),
  "no issuer": () => sign({ iss: undefined }),
  "another audience": () => sign({ aud: ["another"] }),
  "no audience": () => sign({ aud: undefined }),
  "an empty list of audiences": () => sign({ aud: [] }),
  expired: () => sign({ exp: seconds() - 1 }),
  "expired long ago": () => sign({ exp: seconds() - 3600 }),
  "expires now": () => sign({ exp: seconds() }),
  "not good yet": () => sign({ nbf: seconds() + 60 }),
  "good from a time that is none": () => sign({ nbf: "now" }),
  "no `exp`": () => sign({ exp: undefined }),
  "`exp` as text": () => sign({ exp: "tomorrow" }),
  "no `iat`": () => sign({ iat: undefined }),
  "issued in the future": () => sign({ iat: seconds() + 3600 }),
  "issued in a minute": () => sign({ iat: seconds() + 90 }),
  "an unknown key id": async () => stage.access.sign(stage.access.claims(), { key: await newKey("unknown") }),
  "no key id": () => stage.access.sign(stage.access.claims(), { header: { kid: undefined } }),
  "a foreign key under a known id": async () =>
    stage.access.sign(stage.access.claims(), { key: await newKey("first") }),
  "a key of its own in the header": async () => {
    const key = await newKey("first");
    return stage.access.sign(stage.access.claims(), { key, header: { jwk: key.jwk } });
  },
  "no `sub`": () => sign({ sub: undefined }),
  "an empty `sub`": () => sign({ sub: "" }),
  "a blank `sub`": () => sign({ sub: " " }),
  "no e-mail": () => sign({ email: undefined }),
  "an empty e-mail": () => sign({ email: "" }),
  "an e-mail that is none": () => sign({ email: "ada" }),
  "an e-mail that only looks like one in lower case": () => sign({ email: "\u212a@reviewers.example" }),
  "an e-mail that is a list": () => sign({ email: ["ada@partner.example"] }),
  "a service token": () => sign({ email: undefined, sub: "", common_name: "e367826f93b8d71185e03fe518aff3b4.access" }),
  "type `org`": () => sign({ type: "org" }),
  "no type": () => sign({ type: undefined }),
};
/** What the operator reads of it in the log. @type {Record<string, readonly string[]>} */
const REASONS = {
  absent: ["empty"],
  malformed: ["garbage", "three parts of garbage", "too long"],
  algorithm: ["`alg: none`", "`alg: none` with a key id", "HS256 with the public key as its secret"],
  signature: ["a header altered after signing", "a payload altered after signing", "a foreign key under a known id"],
  key: ["an unknown key id", "no key id"],
  iss: ["another issuer"],
  aud: ["another audience"],
  exp: ["expired", "expired long ago", "no `exp`"],
  iat: ["issued in the future"],
  sub: ["a blank `sub`", "a service token"],
  email: ["no e-mail", "an e-mail that is none"],
  type: ["type `org`"],
};
/** @type {string[]} */
const brought = [];
for (const [what, make] of Object.entries(WRONG)) {
  test(`refused: ${what}`, async () => {
    const token = await make();
    const before = stage.access.state.asked;
    for (const [method, path] of [
      ["GET", "/desk/me"],
      ["GET", "/"],
      ["PUT", "/partner/piirequest/abc123/status"],
    ]) {
      const answer = await knock(token, path, method);
      assert.equal(answer.status, 401, `${method} ${path}`);
      assert.deepEqual(answer.json, { error: "unauthenticated" });
    }
    assert.ok(stage.access.state.asked - before <= 1, "no flood of look-ups");
    if (token.length > 20) brought.push(token);
  });
}

test("no token is in the log, whatever was wrong with it", async () => {
  const log = await stage.logged();
  assert.match(log, /"event":"unauthenticated"/);
  assert.ok(brought.length > 30);
  for (const token of brought) assert.ok(!log.includes(token.slice(-20)), token);
});

test("the log says what was wrong with a token", async () => {
  for (const [reason, whats] of Object.entries(REASONS)) {
    for (const what of whats) {
      const { headers } = await knock(await WRONG[what]?.());
      const [said] = (await stage.logged())
        .split("\n")
        .filter((line) => line.includes(String(headers["x-request-id"])));
      assert.match(said ?? "", new RegExp(`"event":"unauthenticated",.*"reason":"${reason}"`), what);
    }
  }
});

test("a token in a cookie or an authorization header counts for nothing", async () => {
  const token = await stage.access.tokenOf();
  for (const headers of [{ cookie: `CF_Authorization=${token}` }, { authorization: `Bearer ${token}` }]) {
    assert.equal((await ask(`${stage.url}/desk/me`, { headers })).status, 401);
  }
});

test("who signed in but was named by nobody is refused everywhere", async () => {
  const token = await stage.access.tokenOf("eve@elsewhere.example");
  for (const [method, path] of BEHIND_THE_DOOR) {
    const answer = await knock(token, path, method);
    assert.equal(answer.status, 403, `${method} ${path}`);
    assert.deepEqual(answer.json, { error: "forbidden", why: "no_role" });
  }
});

test("a domain is not its suffix, and case does not count", async () => {
  for (const [email, status] of /** @type {const} */ ([
    ["zoe@reviewers.example", 200],
    ["Zoe@Reviewers.Example", 200],
    ["zoe@evil-reviewers.example", 403],
    ["zoe@reviewers.example.evil.example", 403],
    ["zoe@sub.reviewers.example", 403],
  ])) {
    assert.equal((await knock(await stage.access.tokenOf(email))).status, status, email);
  }
});

test("roles: what each may and may not", async () => {
  await stage.open("passport");
  const reading = {
    "/desk/cases": ["ada", "adam"],
    "/desk/cases/passport": ["ada", "adam"],
    "/partner/piirequest/passport": ["ada", "adam"],
    "/partner/piirequest/passport/evidence/idDocumentFront": ["ada", "adam"],
    "/v1/attestations/search?per_page=1": ["ada", "adam"],
    "/desk/audit": ["audrey", "adam"],
    "/desk/audit?format=ndjson": ["audrey", "adam"],
    "/desk/audit/verify": ["audrey", "adam"],
    "/desk/metrics": ["adam"],
    "/desk/me": ["ada", "audrey", "adam"],
  };
  for (const [path, allowed] of Object.entries(reading)) {
    for (const who of ["ada", "audrey", "adam"]) {
      const { status, text } = await stage.as(`${who}@partner.example`, path);
      assert.equal(status, allowed.includes(who) ? 200 : 403, `${who} ${path}`);
      if (status === 403) assert.equal(JSON.parse(text).error, "forbidden", `${who} ${path}`);
    }
  }
  const writes = ["presence", "claim", "release", "reveal", "approve", "retry", "resolve"].map(
    (what) => `/desk/cases/passport/${what}`,
  );
  for (const path of [...writes, "/desk/cases/next"]) {
    const answer = await stage.as("audrey@partner.example", path, { method: "POST", body: "{}" });
    assert.equal(answer.status, 403, path);
  }
  for (const method of ["PUT", "DELETE"]) {
    const body = method === "PUT" ? '{"status":"partner-pass"}' : undefined;
    const answer = await stage.as("audrey@partner.example", "/partner/piirequest/passport/status", { method, body });
    assert.equal(answer.status, 403, method);
  }
});

test("a person who opens a page is told in words why there is none, a program in a code", async () => {
  const shut = await openStage(built, { settings: { DESK_REVIEWERS: "" } });
  const closed = await openStage(built);
  closed.access.state.answer = 500;
  try {
    for (const [own, token, path, status, code, title] of /** @type {const} */ ([
      [stage, undefined, "/", 401, "unauthenticated", "You are not signed in"],
      [stage, "eve@elsewhere.example", "/", 403, "forbidden", "You have no role at this desk"],
      [stage, "ada@partner.example", "/nowhere", 404, "not_found", "No such page"],
      [closed, "ada@partner.example", "/", 503, "access_unavailable", "Nobody can be let in just now"],
      [shut, "ada@partner.example", "/", 500, "misconfigured", "The desk is not set up"],
    ])) {
      const headers = { "cf-access-jwt-assertion": token && (await own.access.tokenOf(token)) };
      const accept = "text/html,application/xhtml+xml,*/*;q=0.8";
      const page = await ask(own.url + path, { headers: { ...headers, accept } });
      assert.deepEqual([page.status, page.headers["content-type"]], [status, "text/html; charset=UTF-8"], code);
      assert.ok(page.text.includes(`<h1>${title}</h1>`) && page.text.includes(`<p>${code}</p>`), page.text);
      assert.doesNotMatch(page.text, /<script|<style|DESK_|\bon\w+=/u);
      const program = await ask(own.url + path, { headers: { ...headers, accept: "application/json" } });
      assert.deepEqual([program.status, program.json.error], [status, code]);
      if (code === "not_found") continue;
      const data = await ask(`${own.url}/desk/cases`, { headers: { ...headers, accept } });
      assert.deepEqual([data.status, data.json.error], [status, code], "data is for programs");
    }
  } finally {
    await shut.close();
    await closed.close();
  }
});

test("keys: kept, rotated, and away", async () => {
  const own = await openStage(built);
  try {
    const enter = async (/** @type {import("./access.mjs").Key} */ key) =>
      (await knock(await own.access.sign(own.access.claims(), { key }), "/desk/me", "GET", own.url)).status;
    const { state } = own.access;
    const first = state.key;
    // Away from the start: nobody comes in, and nobody is told to sign in again.
    state.answer = 503;
    const shut = await knock(await own.access.tokenOf(), "/desk/me", "GET", own.url);
    assert.deepEqual([shut.status, shut.json], [503, { error: "access_unavailable" }]);
    assert.equal(shut.headers["retry-after"], "5");
    state.answer = 200;
    await new Promise((resolve) => setTimeout(resolve, 5100));
    assert.equal(await enter(first), 200);
    const [asked, at] = [state.asked, Date.now()];
    await Promise.all(Array.from({ length: 20 }, () => enter(first)));
    assert.equal(state.asked, asked, "known keys are not asked for again");
    // Rotated: the new one is found, the old one is refused from then on.
    state.key = await newKey("second");
    const soon = await enter(state.key);
    // On a machine that is very busy the pause may be over already.
    if (Date.now() - at < 4500) assert.equal(soon, 401, "not asked again so soon after the last time");
    await new Promise((resolve) => setTimeout(resolve, 5100));
    assert.equal(await enter(state.key), 200);
    assert.equal(state.asked, asked + 1);
    assert.equal(await enter(first), 401);
    // Away again: who is known still comes in; an unknown key cannot be looked up.
    state.answer = 500;
    assert.equal(await enter(state.key), 200);
    await new Promise((resolve) => setTimeout(resolve, 5100));
    assert.equal(await enter(await newKey("third")), 503);
  } finally {
    await own.close();
  }
});

/** The door alone, as it is shipped, its clock in our hands. */
async function invented() {
  /** @type {typeof import("../../pkg-template/worker/access.js")} */
  const { accessOf } = await import(new URL("./worker/access.js", import.meta.resolve("passdesk/worker")).href);
  const team = "https://team.cloudflareaccess.com";
  const state = { now: Date.now(), asked: 0, down: false, keys: [await newKey("first")], delayMs: 0 };
  /** @type {any[] | undefined} */
  let published;
  const access = accessOf({
    teamUrl: team,
    audience: AUDIENCE,
    now: () => state.now,
    fetch: async (address, init) => {
      // Wherever a redirect led, its keys would be anybody's.
      assert.deepEqual([address, init?.redirect], [`${team}/cdn-cgi/access/certs`, "manual"]);
      state.asked += 1;
      const keys = published ?? state.keys.map(({ jwk }) => jwk);
      if (state.delayMs > 0) {
        await new Promise((resolve) => {
          if (Number.isFinite(state.delayMs)) setTimeout(resolve, state.delayMs);
        });
      }
      if (state.down) throw new TypeError("fetch failed");
      return Response.json({ keys });
    },
  });
  return {
    state,
    /** @param {unknown[] | undefined} keys */
    publish(keys) {
      published = /** @type {any[] | undefined} */ (keys);
    },
    /** @param {import("./access.mjs").Key | undefined} [key] @param {Record<string, unknown>} [change] */
    async enter(key = state.keys.at(-1), change = {}) {
      const now = Math.floor(state.now / 1000);
      const claims = { ...stage.access.claims(), iss: team, iat: now, nbf: now, exp: now + 60, ...change };
      const token = await stage.access.sign(claims, key === undefined ? {} : { key });
      return access.verify(token).then(
        () => "in",
        (error) => error.code,
      );
    },
  };
}

test("keys that are not to be had are asked for once in five seconds, by however many", async () => {
  const { state, enter, publish } = await invented();
  state.down = true;
  for (let round = 1; round <= 3; round += 1) {
    for (let i = 0; i < 50; i += 1) assert.equal(await enter(), "access_unavailable");
    assert.equal(state.asked, round);
    state.now += 5000;
  }
  state.delayMs = 50;
  const answers = await Promise.all(Array.from({ length: 50 }, () => enter()));
  assert.deepEqual([new Set(answers).size, answers[0]], [1, "access_unavailable"]);
  assert.equal(state.asked, 4, "those who come at once share one look-up");
  state.now += 4999;
  state.down = false;
  assert.equal(await enter(), "access_unavailable", "a little early");
  state.now += 1;
  const jwk = state.keys[0]?.jwk;
  const useless = [
    { kty: "oct", kid: "first", k: "AAAA" },
    { kty: "RSA" },
    { ...jwk, use: "enc" },
    { ...jwk, alg: "RS512" },
  ];
  for (const keys of [[], ...useless.map((key) => [key])]) {
    publish(keys);
    assert.equal(await enter(), "access_unavailable", "a set without a key of use is none");
    state.now += 5000;
  }
  publish(undefined);
  assert.deepEqual(new Set(await Promise.all(Array.from({ length: 50 }, () => enter()))), new Set(["in"]));
  assert.equal(state.asked, 10, "all come in by one look-up");
});

test("while no new keys are to be had, known ones are of use for an hour", async () => {
  const { state, enter } = await invented();
  assert.equal(await enter(), "in");
  state.down = true;
  state.now += 10 * 60_000 - 1;
  assert.equal(await enter(), "in");
  assert.equal(state.asked, 1, "they are new for ten minutes");
  state.now += 1;
  for (let i = 0; i < 50; i += 1) assert.equal(await enter(), "in");
  assert.equal(state.asked, 2, "asked for once, then not for a while");
  const stranger = await newKey("stranger");
  assert.equal(await enter(stranger), "access_unavailable", "perhaps a new key, perhaps none");
  assert.equal(state.asked, 2);
  state.now += 5000;
  assert.equal(await enter(stranger), "access_unavailable");
  assert.equal(state.asked, 3);
  state.now += 49 * 60_000;
  assert.equal(await enter(), "in");
  state.now += 60_000;
  assert.equal(await enter(), "access_unavailable", "an hour old");
  state.down = false;
  state.now += 5000;
  assert.equal(await enter(), "in");
});

test("rotated keys are found by all who come at once, with one look-up", async () => {
  const { state, enter } = await invented();
  assert.equal(await enter(), "in");
  const [first] = state.keys;
  state.now += 5000;
  state.keys.push(await newKey("second"));
  state.delayMs = 50;
  const answers = await Promise.all([enter(), enter(first), ...Array.from({ length: 20 }, () => enter())]);
  assert.deepEqual(new Set(answers), new Set(["in"]), "and who has the old key need not wait");
  assert.equal(state.asked, 2);
  for (let i = 0; i < 20; i += 1) assert.equal(await enter(await newKey(`forged-${i}`)), "unauthenticated");
  assert.equal(state.asked, 2, "no flood of look-ups");
  state.keys.shift();
  state.now += 10 * 60_000;
  assert.equal(await enter(first), "unauthenticated", "what was taken out is refused");
});

test("a token that is wrong under a known key asks for no other keys", async () => {
  const { state, enter } = await invented();
  assert.equal(await enter(), "in");
  for (const down of [false, true]) {
    state.now += 5000;
    state.down = down;
    assert.equal(await enter(await newKey("first")), "unauthenticated");
    assert.equal(await enter(undefined, { aud: ["another"] }), "unauthenticated");
    assert.equal(await enter(undefined, { exp: 1 }), "unauthenticated");
  }
  assert.equal(state.asked, 1);
});

test("a clock that is put back keeps nobody out, and no old keys", async () => {
  for (const before of ["known", "away", "broken off"]) {
    const { state, enter } = await invented();
    state.now += 86_400_000;
    state.down = before === "away";
    state.delayMs = before === "broken off" ? Number.POSITIVE_INFINITY : 0;
    const entered = enter();
    if (before === "broken off") await until(() => state.asked === 1);
    else await entered;
    state.now -= 86_400_000;
    [state.down, state.delayMs] = [false, 0];
    const [first] = state.keys;
    state.keys = [await newKey("second")];
    assert.equal(await enter(), "in", before);
    assert.equal(await enter(first), "unauthenticated", before);
  }
});

test("a look-up that was broken off keeps nobody out", async () => {
  const { state, enter } = await invented();
  // A request of a Worker that ends takes what it waits for along: nothing comes of it, not even an error.
  state.delayMs = Number.POSITIVE_INFINITY;
  const lost = enter();
  await until(() => state.asked === 1);
  state.delayMs = 0;
  state.now += 5000;
  assert.equal(await enter(), "in", "though the one before waits for ever");
  assert.equal(state.asked, 2);
  assert.notEqual(await Promise.race([lost, Promise.resolve("waits")]), "in");
});

test("a service token reads the metrics where the operator named it, and does nothing else", async () => {
  const named = "e367826f93b8d71185e03fe518aff3b4.access";
  const service = (/** @type {Record<string, unknown>} */ change = {}) =>
    sign({ email: undefined, sub: "", common_name: named, ...change });
  const own = await openStage(built, {
    settings: { DESK_MONITORS: `other.access, ${named}`, ACCESS_TEAM_URL: stage.access.url },
  });
  try {
    const ask_ = async (/** @type {string} */ token, path = "/desk/metrics", method = "GET") =>
      knock(token, path, method, own.url);
    const scraped = await ask_(await service());
    assert.equal(scraped.status, 200);
    assert.match(scraped.text, /^# HELP passdesk_cases /m);
    assert.equal((await ask_(await service({ aud: AUDIENCE }))).status, 200, "the audience may be a text");
    for (const [method, path] of BEHIND_THE_DOOR) {
      if (path === "/desk/metrics") continue;
      const answer = await ask_(await service(), path, method);
      assert.deepEqual([answer.status, answer.json], [401, { error: "unauthenticated" }], `${method} ${path}`);
    }
    for (const path of ["/desk/metrics/", "//desk/metrics", "/desk/metrics/x", "/DESK/metrics"]) {
      assert.equal((await ask_(await service(), path)).status, 401, path);
    }
    for (const [what, change] of Object.entries({
      "another service": { common_name: "e367826f93b8d71185e03fe518aff3b5.access" },
      "a list": { common_name: [named] },
      "no name": { common_name: undefined },
      "an empty name": { common_name: "" },
      "no `sub`": { sub: undefined },
      "type `org`": { type: "org" },
      "another audience": { aud: ["another"] },
      expired: { exp: seconds() - 1 },
      "issued in the future": { iat: seconds() + 3600 },
    })) {
      assert.equal((await ask_(await service(change))).status, 401, what);
    }
    const forged = await stage.access.sign(
      { ...stage.access.claims(), email: undefined, sub: "", common_name: named },
      {
        key: await newKey("first"),
      },
    );
    assert.equal((await ask_(forged)).status, 401);
    // A person whose token says a service's name is that person.
    const person = await ask_(await sign({ common_name: named }));
    assert.deepEqual([person.status, person.json.why], [403, "needs_admin"]);
    assert.equal((await ask_(await sign({ email: "adam@partner.example" }))).status, 200);
  } finally {
    await own.close();
  }
  assert.equal((await knock(await service(), "/desk/metrics")).status, 401, "where nobody is named, nobody");
});

/** @param {Record<string, unknown>} change */
const sign = (change) => stage.access.sign({ ...stage.access.claims(), ...change });
const seconds = () => Math.floor(Date.now() / 1000);
/** @param {unknown} value */
const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
