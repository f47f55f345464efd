// @ts-check
// Civic's token: exchanged about once, shared between isolates, and of no use to whoever reads the database.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { build, openStage, until } from "./stage.mjs";

/** @type {Awaited<ReturnType<typeof build>>} */
let built;
before(async () => {
  built = await build();
});
after(() => built?.remove());

const ADA = "ada@partner.example";

/** @param {Awaited<ReturnType<typeof openStage>>} stage */
const exchanges = (stage) =>
  stage.sandbox.calls.filter(({ route, status }) => route === "token" && status === 200).length;

/** @param {Awaited<ReturnType<typeof openStage>>} stage */
const stored = async (stage) =>
  /** @type {any[]} */ ((await (await stage.database()).prepare("SELECT * FROM tokens").all()).results);

test("a busy desk exchanges one token, and the database shows none", async () => {
  const stage = await openStage(built);
  try {
    await stage.open("abc123");
    await Promise.all(Array.from({ length: 20 }, () => stage.as(ADA, "/partner/piirequest/abc123")));
    assert.equal(exchanges(stage), 1);
    const [row, ...others] = await stored(stage);
    assert.deepEqual(others, []);
    // How each token of the sandbox begins. (Shorter, and chance finds it in what is encrypted.)
    const begins = (await stage.sandbox.issueToken()).slice(0, 16);
    for (const secret of [begins, "sandbox-secret", "Bearer", "accessToken"]) {
      for (const text of [JSON.stringify(row), atob(row.sealed)]) assert.ok(!text.includes(secret), secret);
    }
    assert.ok(row.expires_at > Date.now());
  } finally {
    await stage.close();
  }
});

test("a token is stored, or deleted, only once the database says so", async () => {
  /** @type {typeof import("../../pkg-template/worker/tokens.js")} */
  const { tokenStore } = await import(new URL("./worker/tokens.js", import.meta.resolve("passdesk/worker")).href);
  const failing = { bind: () => failing, run: () => Promise.reject(new Error("D1 is away")) };
  const database = /** @type {any} */ ({ prepare: () => failing });
  const client = { tokenUrl: "https://auth.example/token", clientId: "id", clientSecret: "secret" };
  const store = tokenStore(database, client);
  const token = { accessToken: "t", tokenType: "Bearer", scopes: [], expiresAt: 1 };
  await assert.rejects(async () => store.set("name", token), /D1 is away/);
  await assert.rejects(async () => store.delete("name"), /D1 is away/);
});

test("what is sealed is another text each time, and opens with all that it was sealed with alone", async () => {
  /** @type {typeof import("../../pkg-template/worker/seal.js")} */
  const { sealWith } = await import(new URL("./worker/seal.js", import.meta.resolve("passdesk/worker")).href);
  const { seal } = sealWith("secret", "kind", "client");
  const texts = await Promise.all(Array.from({ length: 20 }, () => seal("name", { token: "t" })));
  // Two under one nonce would give away both (NIST SP 800-38D, section 8).
  assert.equal(new Set(texts.map((text) => atob(text).slice(0, 12))).size, texts.length);
  const [text = ""] = texts;
  assert.deepEqual(await sealWith("secret", "kind", "client").open("name", text), { token: "t" });
  await assert.rejects(sealWith("secret", "kind", "client").open("other", text));
  await assert.rejects(sealWith("other", "kind", "client").open("name", text));
  await assert.rejects(sealWith("secret", "other", "client").open("name", text));
  await assert.rejects(sealWith("secret", "kind", "other").open("name", text));
});

test("another isolate takes the token from the store; an altered row is none", async () => {
  const persist = await mkdtemp(join(tmpdir(), "passdesk-tokens-"));
  try {
    const first = await openStage(built, { persist });
    await first.open("abc123");
    assert.equal(exchanges(first), 1);
    const ports = { CIVIC_BASE_URL: first.upstream.url, CIVIC_TOKEN_URL: `${first.upstream.url}/oauth/token` };

    const second = await openStage(built, { persist, migrate: false, settings: ports });
    assert.equal((await second.as(ADA, "/partner/piirequest/abc123")).status, 200);
    assert.equal(exchanges(first), 1, "shared");
    const [row] = await stored(second);

    await second.close();

    for (const sealed of [
      row.sealed.replace(/.$/u, ""),
      `${row.sealed.slice(0, 40)}AAAA${row.sealed.slice(44)}`,
      "",
      "?",
      btoa("short"),
    ]) {
      const third = await openStage(built, { persist, migrate: false, settings: ports });
      const before = exchanges(first);
      await (await third.database())
        .prepare("INSERT OR REPLACE INTO tokens (name, sealed, expires_at) VALUES (?, ?, ?)")
        .bind(row.name, sealed, row.expires_at)
        .run();
      assert.equal((await third.as(ADA, "/partner/piirequest/abc123")).status, 200, JSON.stringify(sealed));
      assert.equal(exchanges(first), before + 1, JSON.stringify(sealed));
      await third.close();
    }
    await first.close();
  } finally {
    await rm(persist, { recursive: true, force: true });
  }
});

test("a token that Civic refuses is replaced, in the store as well", async () => {
  const stage = await openStage(built);
  try {
    await stage.open("abc123");
    const [before] = await stored(stage);
    stage.sandbox.fault({ fault: "401", operation: "pii", times: 1 });
    assert.equal((await stage.as(ADA, "/partner/piirequest/abc123")).status, 200);
    assert.equal(exchanges(stage), 2);
    const [after_] = await stored(stage);
    assert.notEqual(after_.sealed, before.sealed);
  } finally {
    await stage.close();
  }
});

test("a verdict that falls between two client secrets waits, and goes out with the new one", async () => {
  let revoked = false;
  const own = await openStage(built, {
    settings: { DESK_UNDO_SECONDS: "0" },
    async intercept(_request, answer) {
      return revoked ? Response.json({ error: "access_denied" }, { status: 401 }) : answer();
    },
  });
  try {
    await own.open("abc123");
    revoked = true;
    const body = '{"status":"partner-pass"}';
    assert.equal((await own.as(ADA, "/partner/piirequest/abc123/status", { method: "PUT", body })).status, 202);
    const delivery = async () => (await own.as(ADA, "/desk/cases/abc123")).json.delivery;
    // In one look: the next try may begin at any moment.
    await until(async () => {
      const { state, code } = await delivery();
      if (state === "retrying") assert.equal(code, "unauthorized");
      return state === "retrying";
    });
    revoked = false;
    await until(async () => {
      const database = await own.database();
      await database
        .prepare(
          `UPDATE cases SET version = version + 1, due_at = 1, state = json_set(state, '$.version', version + 1,
           '$.delivery.notBefore', 1) WHERE delivery = 'retrying'`,
        )
        .run();
      await own.sweep();
      return (await delivery()).state === "delivered";
    });
    assert.equal(own.puts().length, 1);
  } finally {
    await own.close();
  }
});

test("a rotated client secret: what the old one sealed stays shut, and one exchange takes its place", async () => {
  const persist = await mkdtemp(join(tmpdir(), "passdesk-tokens-"));
  const rotated = "rotated-secret-of-the-desk";
  // Civic with both secrets for a while: what comes with the new one is put under the sandbox's own.
  /** @type {string[]} */
  const shown = [];
  let revoked = false;
  /** @param {Request} request @param {() => Promise<Response>} answer */
  const intercept = async (request, answer) => {
    if (!new URL(request.url).pathname.endsWith("/oauth/token")) return answer();
    const body = await request.clone().json();
    shown.push(body.client_secret);
    if (body.client_secret !== rotated)
      return revoked ? Response.json({ error: "invalid_client" }, { status: 401 }) : answer();
    const headers = new Headers(request.headers);
    headers.delete("content-length");
    const sent = JSON.stringify({ ...body, client_secret: stage.sandbox.credentials.clientSecret });
    return stage.sandbox.fetch(request.url, { method: "POST", headers, body: sent });
  };
  const stage = await openStage(built, { persist, intercept });
  try {
    await stage.open("abc123");
    const [before] = await stored(stage);
    assert.equal(shown.length, 1);
    await stage.close();

    revoked = true;
    const own = await openStage(built, {
      persist,
      migrate: false,
      intercept,
      settings: { CIVIC_CLIENT_SECRET: rotated },
    });
    try {
      assert.equal((await own.as(ADA, "/partner/piirequest/abc123")).status, 200);
      // What the old one sealed under the name that this desk looks for.
      const { name } = (await stored(own)).find(({ sealed }) => sealed !== before.sealed);
      const database = await own.database();
      assert.deepEqual(shown.slice(1), [rotated], "one exchange, with the new secret");
      await database.prepare("UPDATE tokens SET sealed = ? WHERE name = ?").bind(before.sealed, name).run();
      await own.restart();
      const answers = await Promise.all(Array.from({ length: 8 }, () => own.as(ADA, "/partner/piirequest/abc123")));
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]), "nobody notices");
      assert.ok(shown.slice(1).every((secret) => secret === rotated));
      assert.equal(shown.length, 3, "one exchange for all of them");
      assert.doesNotMatch(await own.logged(), /"level":"error"/);
      assert.equal((await own.as(ADA, "/partner/piirequest/abc123")).status, 200);
      assert.equal(shown.length, 3, "and it is kept");
    } finally {
      await own.close();
    }
  } finally {
    await stage.close().catch(() => {});
    await rm(persist, { recursive: true, force: true });
  }
});
