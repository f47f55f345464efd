// @ts-check
// No personal value rests anywhere: canaries in every field and image, and in a reviewer's note, the whole flow with every
// fault, and then a search of D1's files, of the Worker's caches, of every answer that a cache on the way or in a browser could
// keep, of all that was logged, and of every answer that is not the record or the evidence itself.

import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { FAULTS } from "passdesk/sandbox";
import { build, DAPP, openStage, until } from "./stage.mjs";

/** @type {Awaited<ReturnType<typeof build>>} */
let built;
before(async () => {
  built = await build();
});
after(() => built?.remove());

const ADA = "ada@partner.example";
const CANARY = "canary7f3a";
const FIELDS = [
  "issueCountry",
  "name",
  "email",
  "dateOfBirth",
  "dateOfExpiry",
  "documentType",
  "documentNumber",
  "address",
  "accountId",
  "postalAddress",
];
const PNG = Buffer.concat([
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  Buffer.from(`${CANARY}-image`.repeat(500)),
]);

/** Also as they look in base64 and hex, at each offset, should something pack them. */
const FORMS = [CANARY, CANARY.toUpperCase(), Buffer.from(CANARY).toString("hex")].concat(
  [0, 1, 2].map((shift) => {
    const text = Buffer.from("x".repeat(shift) + CANARY).toString("base64");
    return text.slice(shift === 0 ? 0 : 4, 12 + (shift === 0 ? 0 : 4));
  }),
);
/** @param {string | Buffer} bytes */
const sings = (bytes) => FORMS.find((form) => Buffer.from(bytes).includes(form));

/** @param {string} folder @returns {Promise<string[]>} */
async function filesIn(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

test("the search would find what it looks for", () => {
  for (const text of [`{"name":"${CANARY}"}`, btoa(CANARY), btoa(`a${CANARY}`), btoa(`ab${CANARY}z`)])
    assert.ok(sings(text), text);
  assert.equal(sings("nothing here"), undefined);
});

/**
 * Whether a cache could keep an answer, shared or a browser's own: any may, unless it says otherwise (RFC 9111, section 3).
 *
 * @param {Record<string, string | string[] | undefined>} headers
 */
const isKept = (headers) =>
  !String(headers["cache-control"] ?? "")
    .toLowerCase()
    .split(",")
    .some((directive) => directive.trim() === "no-store");

/** @param {{ status: number, headers: object, bytes: Buffer }} answer */
const textOf = ({ status, headers, bytes }) => `${status} ${JSON.stringify(headers)} ${bytes.toString("latin1")}`;

test("what a cache could keep is told from what it could not", () => {
  for (const kept of [
    {},
    { "cache-control": "private, no-cache" },
    { "cache-control": "public, max-age=60" },
    { "cache-control": "x-no-store" },
  ])
    assert.equal(isKept(kept), true, JSON.stringify(kept));
  for (const text of ["no-store", "private, no-store", "Private,No-Store"])
    assert.equal(isKept({ "cache-control": text }), false, text);
});

/** A desk with a slip: what it reads of Civic goes into a cache, and leaves without its `no-store`. */
const SLIP = `
const desk = createReviewDesk();
export default {
  async fetch(request, env, context) {
    const answer = await desk.fetch(request, env, context);
    if (!new URL(request.url).pathname.startsWith("/partner/") || answer.status !== 200) return answer;
    const kept = new Response(answer.body, answer);
    kept.headers.set("cache-control", "max-age=3600");
    await caches.default.put(request.url, kept.clone());
    return kept;
  },
};`;

test("the search finds what a desk with a slip leaves in caches", async () => {
  const slipped = await build(SLIP);
  const cachePersist = await mkdtemp(join(tmpdir(), "passdesk-privacy-caches-"));
  const stage = await openStage(slipped, {
    cachePersist,
    sandbox: { requests: [{ id: "canary", verifiedInformation: { name: CANARY } }] },
  });
  try {
    await stage.open("canary");
    const answer = await stage.as(ADA, "/partner/piirequest/canary");
    assert.deepEqual([answer.status, isKept(answer.headers)], [200, true]);
    assert.ok(sings(textOf(answer)));
    const url = `${stage.url}/partner/piirequest/canary`;
    const match = await (await stage.caches()).default.match(url);
    assert.ok(match && sings(await match.text()), "by its address");
    await stage.close();
    const contents = await Promise.all((await filesIn(cachePersist)).map((file) => readFile(file)));
    assert.ok(contents.some(sings), "and in the files");
  } finally {
    await stage.close().catch(() => {});
    await slipped.remove();
    await rm(cachePersist, { recursive: true, force: true });
  }
});

test("no personal value is stored, logged, kept by a cache, or told in an error, whatever fails", async (t) => {
  const persist = await mkdtemp(join(tmpdir(), "passdesk-privacy-"));
  const cachePersist = await mkdtemp(join(tmpdir(), "passdesk-privacy-caches-"));
  /** Whether globaliD answers as it should; its records are then about somebody of that name, too. */
  let sound = true;
  /** @type {string[]} What was sent to Civic and globaliD. */
  const sent = [];
  /** Every address that was read, of the desk and of Civic: under one of these it would lie in a cache. @type {Set<string>} */
  const read = new Set();
  /** Every answer that a cache on the way or in a browser could keep. @type {string[]} */
  const kept = [];
  let heard = 0;
  const stage = await openStage(built, {
    persist,
    cachePersist,
    overhear(asked, answer) {
      heard += 1;
      if (asked.startsWith("GET ")) read.add(asked.slice(4));
      if (isKept(answer.headers)) kept.push(`${asked} ${textOf(answer)}`);
    },
    async intercept(request, answer) {
      if (request.method === "GET") read.add(request.url);
      sent.push(`${request.method} ${await request.clone().text()}`);
      const answered = await answer();
      if (!sound || new URL(request.url).pathname !== "/v1/attestations/search" || !answered.ok) return answered;
      return new Response(
        (await answered.text()).replaceAll(/"attestee":"[^"]*"/gu, `"attestee":"${CANARY}"`),
        answered,
      );
    },
    settings: { DESK_UNDO_SECONDS: "0" },
    sandbox: {
      requests: [
        {
          id: "canary",
          verifiedInformation: Object.fromEntries(FIELDS.map((field) => [field, `${CANARY}-${field}`])),
          evidence: {
            idDocumentFront: { contentType: "image/png", body: PNG },
            idDocumentBack: { contentType: "text/html", body: `<p>${CANARY}</p>` },
          },
        },
      ],
    },
  });
  /** @type {string[]} */
  const told = [];
  let seen = 0;
  /** Keeps everything but the record and the evidence that were asked for. @param {Promise<any>} asking @param {boolean} [carries] */
  const hear = async (asking, carries = false) => {
    const answer = await asking;
    const { status, headers, bytes } = answer;
    if (status === 200 && carries) {
      assert.equal(headers["cache-control"], "private, no-store");
      assert.equal(sings(JSON.stringify(headers)), undefined);
      if (sings(bytes)) seen += 1;
    } else told.push(textOf(answer));
  };
  /** As a person asks who leaves when nothing comes. @param {number} patience 0: stays @param {string} path */
  const within = (patience, path) => {
    const asking = stage.as(ADA, path, { ...(patience > 0 && { signal: AbortSignal.timeout(patience) }) });
    return asking;
  };
  const gone = (/** @type {any} */ error) =>
    assert.match(`${error.code} ${error.name} ${error.message}`, /ECONNRESET|aborted|AbortError|TimeoutError/);
  try {
    const struck = Object.entries(FAULTS)
      .flatMap(([name, { operations }]) => operations.map((operation) => ({ name, operation })))
      .filter(({ operation }) => ["pii", "evidence", "status", "token", "search"].includes(operation));
    await stage.open("canary");
    await hear(stage.as(ADA, "/partner/piirequest/canary"), true);
    await hear(stage.as(ADA, "/partner/piirequest/canary/evidence/idDocumentFront"), true);
    await hear(stage.as(ADA, "/partner/piirequest/canary/evidence/idDocumentBack"), true);
    assert.equal(seen, 2, "the canary does sing: in the record and in the image");
    for (const [count, { name, operation }] of struck.entries()) {
      // What hangs, hangs for its reader until that one leaves, as people do.
      const patience = name.includes("hang") && operation !== "status" ? 700 : 0;
      const takeBack = stage.sandbox.fault({ fault: name, operation, times: 2 });
      sound = false;
      if (operation === "status") {
        const id = `canary~copy_${100_000 + count}`;
        await stage.open(id);
        await hear(
          stage.as(ADA, `/partner/piirequest/${id}/status`, {
            method: "PUT",
            body: '{"status":"partner-pass","reason":"all-good"}',
          }),
        );
        await until(async () => {
          const { delivery } = (await stage.as(ADA, `/desk/cases/${id}`)).json;
          return !["waiting", "leased"].includes(delivery.state);
        }, 60_000);
        await hear(stage.as(ADA, `/desk/cases/${id}`));
      } else if (operation === "token") {
        const { results } = await (await stage.database()).prepare("SELECT name FROM tokens").all();
        assert.ok(results.length <= 1);
        stage.sandbox.fault({ fault: "401", operation: "pii", times: 1 });
        await hear(within(patience, "/partner/piirequest/canary"), true).catch(gone);
      } else if (operation === "search") {
        // What a reviewer looks for is the user's name, and so is what globaliD finds.
        const path = `/v1/attestations/search?fieldName=attestee&fieldValue=${CANARY}`;
        await hear(within(patience, path), true).catch(gone);
      } else {
        const path =
          operation === "pii" ? "/partner/piirequest/canary" : "/partner/piirequest/canary/evidence/idDocumentFront";
        // An answer that is cut on purpose has no end to hear.
        await hear(within(patience, path), true).catch(gone);
        if (operation === "pii") await hear(stage.intake({ requestId: `canary~copy_${200_000 + count}` }));
      }
      takeBack();
      sound = true;
    }
    const one = await stage.as(ADA, "/v1/attestations/search?per_page=3");
    assert.deepEqual([one.status, sings(one.bytes) !== undefined], [200, true], "globaliD's records sing as well");
    for (const field of FIELDS) {
      await hear(stage.as(ADA, "/desk/cases/canary/reveal", { method: "POST", body: JSON.stringify({ field }) }));
    }
    // Values where names belong, from a page that is wrong: refused, and not repeated.
    for (const [path, body] of [
      ["/desk/cases/canary/reveal", { field: `${CANARY} value` }],
      // In the form of a name, and as a bare word.
      ["/desk/cases/canary/reveal", { field: CANARY }],
      ["/desk/cases/canary/reveal", { field: `${CANARY}Name` }],
      ["/desk/cases/canary/presence", { here: CANARY }],
      ["/desk/cases/canary/approve", { status: CANARY }],
      ["/desk/cases/canary/resolve", { how: CANARY }],
      ["/desk/cases/next", { after: `${CANARY} value` }],
      ["/desk/cases/canary/reveal", { [CANARY]: "name" }],
      ["/desk/cases/canary/claim", { name: CANARY }],
    ]) {
      await hear(stage.as(ADA, /** @type {string} */ (path), { method: "POST", body: JSON.stringify(body) }));
    }
    // The last two have the form of a code.
    for (const reason of [`${CANARY} is on the list`, CANARY, `${CANARY}-1990`]) {
      const body = JSON.stringify({ status: "partner-fail", reason });
      const answer = await stage.as(ADA, "/partner/piirequest/canary/status", { method: "PUT", body });
      assert.equal(answer.status, 400, reason);
      await hear(Promise.resolve(answer));
    }
    // A key is a page's own affair, and kept long: whatever it is made of cannot be read.
    await stage.open("canary~copy_900000");
    const keyed = await stage.as(ADA, "/partner/piirequest/canary~copy_900000/status", {
      method: "PUT",
      headers: { "idempotency-key": `${CANARY}-key` },
      body: '{"status":"partner-pass"}',
    });
    assert.equal(keyed.status, 202);
    await hear(Promise.resolve(keyed));
    // A note should name nobody, and what is in one all the same is sealed; a bad one is not repeated.
    for (const [id, status] of [
      ["canary~copy_900001", 202],
      ["canary~copy_900002", 202],
      ["canary~copy_900003", 400],
    ]) {
      await stage.open(String(id));
      const body = JSON.stringify({
        status: "partner-fail",
        note: `${CANARY}${status === 400 ? "\u0000" : " said so"}`,
      });
      const noted = await stage.as(ADA, `/partner/piirequest/${id}/status`, { method: "PUT", body });
      assert.equal(noted.status, status);
      await hear(Promise.resolve(noted));
    }
    const before = seen;
    await hear(stage.as(ADA, "/desk/cases/canary~copy_900001"), true);
    assert.equal(seen, before + 1, "the note does sing, where it is shown");
    await until(
      async () => (await stage.as(ADA, "/desk/cases/canary~copy_900001")).json.delivery.state === "delivered",
    );
    await hear(stage.as(ADA, `/desk/cases?prefix=${CANARY}%20`));
    await hear(stage.as(ADA, "/desk/cases/canary", { headers: { "if-none-match": `"${CANARY}"` } }));
    await hear(stage.as(ADA, "/desk/me"));
    await hear(stage.as(ADA, `/desk/cases?state=${CANARY}`));
    await hear(stage.as(ADA, `/v1/attestations/search?fieldName=attestee&fieldValue=${CANARY}&page=0`));
    await hear(stage.intake({ requestId: "canary", email: `${CANARY}@example.com` }, { origin: DAPP }));
    await stage.sweep();
    for (const path of [
      "/desk/audit?limit=1000",
      "/desk/audit?format=csv",
      "/desk/audit?format=ndjson",
      "/desk/audit/verify",
      "/desk/metrics",
    ]) {
      await hear(stage.as("adam@partner.example", path));
    }
    await hear(stage.as(ADA, "/desk/cases?limit=200"));
    // Pages, which a browser may keep, as somebody opens them who has a name in the address.
    for (const path of ["/", "/cases/canary", `/queue?prefix=${CANARY}`, `/assets/${CANARY}.js`, `/${CANARY}`]) {
      for (const accept of ["text/html", "*/*"]) await hear(stage.as(ADA, path, { headers: { accept } }));
    }

    for (const text of sent.filter((one) => one.startsWith("PUT "))) assert.equal(sings(text), undefined, text);
    for (const text of told) assert.equal(sings(text), undefined, text.slice(0, 300));
    const log = await stage.logged();
    // How each token of the sandbox begins. (Shorter, and chance finds it in what is encrypted.)
    const secrets = ["sandbox-secret", (await stage.sandbox.issueToken()).slice(0, 16)];
    assert.equal(sings(log), undefined, "the log");
    assert.match(log, /"event":"request"/);
    for (const secret of secrets) {
      assert.ok(!log.includes(secret) && !told.some((text) => text.includes(secret)), secret);
    }
    t.diagnostic(`${struck.length} faults, ${told.length} answers, ${log.split("\n").length} lines of log`);
    assert.ok(struck.length > 60 && told.length > struck.length / 2);
    // The addresses hold what was looked for; here it is only what lies under them that counts.
    for (const text of kept) assert.equal(sings(text.replace(/^\S+ \S+ /u, "")), undefined, text.slice(0, 300));
    assert.ok(kept.length >= 10, "pages can be kept");
    const { default: cache } = await stage.caches();
    for (const address of read) assert.equal(await cache.match(address), undefined, address);
    assert.ok(read.size > 100);
    t.diagnostic(`${heard} answers, ${kept.length} of which a cache could keep; ${read.size} addresses read`);
    // Every page of every file of D1 and of the caches: closed first, so that all is written.
    await stage.close();
    for (const file of await filesIn(cachePersist)) assert.equal(sings(await readFile(file)), undefined, file);
    const files = await filesIn(persist);
    let bytes = 0;
    for (const file of files) {
      const content = await readFile(file);
      bytes += content.length;
      assert.equal(sings(content), undefined, file);
      for (const secret of secrets) assert.ok(!content.includes(secret), `${secret} in ${file}`);
    }
    assert.ok(files.some((file) => file.endsWith(".sqlite")) && bytes > 50_000);
    t.diagnostic(`${files.length} files of D1, ${bytes} bytes`);
    for (const file of await filesIn(built.folder)) assert.equal(sings(await readFile(file)), undefined, file);
  } finally {
    await stage.close().catch(() => {});
    for (const folder of [persist, cachePersist]) await rm(folder, { recursive: true, force: true });
  }
});
