// @ts-check
// No personal value rests anywhere: canaries in every field and image, the whole flow with every fault, and then a search of
// D1's files, of all that was logged, and of every answer that is not the record or the evidence itself.

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

test("no personal value is stored, logged, or told in an error, whatever fails", async (t) => {
  const persist = await mkdtemp(join(tmpdir(), "passdesk-privacy-"));
  const stage = await openStage(built, {
    persist,
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
    const { status, headers, bytes } = await asking;
    if (status === 200 && carries) {
      assert.equal(headers["cache-control"], "private, no-store");
      if (sings(bytes)) seen += 1;
    } else told.push(`${status} ${JSON.stringify(headers)} ${bytes.toString("latin1")}`);
  };
  try {
    const struck = Object.entries(FAULTS)
      // Those that hang are ended by time-outs of many seconds; what they say then is what the others say.
      .filter(([name]) => !name.includes("hang"))
      .flatMap(([name, { operations }]) => operations.map((operation) => ({ name, operation })))
      .filter(({ operation }) => ["pii", "evidence", "status", "token"].includes(operation));
    await stage.open("canary");
    await hear(stage.as(ADA, "/partner/piirequest/canary"), true);
    await hear(stage.as(ADA, "/partner/piirequest/canary/evidence/idDocumentFront"), true);
    await hear(stage.as(ADA, "/partner/piirequest/canary/evidence/idDocumentBack"), true);
    assert.equal(seen, 2, "the canary does sing: in the record and in the image");
    for (const [count, { name, operation }] of struck.entries()) {
      // Where the token fails it must be needed: the stored one goes.
      const takeBack = stage.sandbox.fault({ fault: name, operation, times: 2 });
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
        }, 30_000);
        await hear(stage.as(ADA, `/desk/cases/${id}`));
      } else if (operation === "token") {
        const { results } = await (await stage.database()).prepare("SELECT name FROM tokens").all();
        assert.ok(results.length <= 1);
        stage.sandbox.fault({ fault: "401", operation: "pii", times: 1 });
        await hear(stage.as(ADA, "/partner/piirequest/canary"), true);
      } else {
        const path =
          operation === "pii" ? "/partner/piirequest/canary" : "/partner/piirequest/canary/evidence/idDocumentFront";
        // An answer that is cut on purpose has no end to hear.
        await hear(stage.as(ADA, path), true).catch((error) =>
          assert.match(error.code ?? error.message, /ECONNRESET|aborted/),
        );
        if (operation === "pii") await hear(stage.intake({ requestId: `canary~copy_${200_000 + count}` }));
      }
      takeBack();
    }
    for (const field of FIELDS) {
      await hear(stage.as(ADA, "/desk/cases/canary/reveal", { method: "POST", body: JSON.stringify({ field }) }));
    }
    // Values where names belong, from a page that is wrong: refused, and not repeated.
    for (const [path, body] of [
      ["/desk/cases/canary/reveal", { field: `${CANARY} value` }],
      ["/desk/cases/canary/reveal", { [CANARY]: "name" }],
      ["/desk/cases/canary/claim", { name: CANARY }],
    ]) {
      await hear(stage.as(ADA, /** @type {string} */ (path), { method: "POST", body: JSON.stringify(body) }));
    }
    const note = `${CANARY} is on the list`;
    await hear(
      stage.as(ADA, "/partner/piirequest/canary/status", {
        method: "PUT",
        body: JSON.stringify({ status: "partner-fail", reason: note }),
      }),
    );
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

    for (const text of told) assert.equal(sings(text), undefined, text.slice(0, 300));
    const log = stage.output();
    // How each token of the sandbox begins. (Shorter, and chance finds it in what is encrypted.)
    const secrets = ["sandbox-secret", (await stage.sandbox.issueToken()).slice(0, 16)];
    assert.equal(sings(log), undefined, "the log");
    assert.match(log, /"event":"request"/);
    for (const secret of secrets) {
      assert.ok(!log.includes(secret) && !told.some((text) => text.includes(secret)), secret);
    }
    t.diagnostic(`${struck.length} faults, ${told.length} answers, ${log.split("\n").length} lines of log`);
    assert.ok(struck.length > 60 && told.length > struck.length / 2);
    // Every page of every file of D1: closed first, so that all is written.
    await stage.close();
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
    await rm(persist, { recursive: true, force: true });
  }
});
