// @ts-check
import { suite } from "#suite";
import * as assert from "../support/assert.mjs";
import { base64, EVIDENCE, png } from "../support/images.mjs";
import { record, TOKEN } from "../support/stage.mjs";

const FRONT = "/partner/piirequest/r1/evidence/idDocumentFront";
const PNG = png(600);
const served = { base64: base64(PNG), headers: { "content-type": "image/png" } };

/** @param {string} origin @returns {import("passdesk").PiiRequest} */
const piiAt = (origin) => JSON.parse(JSON.stringify(record("r1")).replaceAll("{{origin}}", origin));

export default suite("fetchEvidence", {
  "follows a link of the request, with the bearer": async ({ passdesk, upstream }) => {
    const civic = await upstream({ routes: { [`GET ${FRONT}`]: served } });
    const evidence = await passdesk.fetchEvidence({
      pii: piiAt(civic.origin),
      rel: "idDocumentFront",
      token: TOKEN,
      baseUrl: civic.origin,
    });
    assert.equal(evidence.rel, "idDocumentFront");
    assert.equal(evidence.contentType, "image/png");
    assert.equal(evidence.declaredType, "image/png");
    assert.equal(evidence.size, 600);
    assert.ok(evidence.blob instanceof Blob);
    assert.equal(evidence.blob.type, "image/png");
    assert.deepEqual([...new Uint8Array(await evidence.blob.arrayBuffer())], [...PNG]);
    const [seen] = await civic.seen();
    assert.equal(seen?.headers.authorization, `Bearer ${TOKEN}`);
  },

  "takes an address and a request id as well": async ({ passdesk, upstream }) => {
    const civic = await upstream({ routes: { [`GET ${FRONT}`]: served } });
    const evidence = await passdesk.fetchEvidence({
      href: `${civic.origin}${FRONT}`,
      requestId: "r1",
      baseUrl: civic.origin,
    });
    assert.equal(evidence.rel, "idDocumentFront");
    assert.equal((await civic.seen())[0]?.headers.authorization, undefined, "without a token none is sent");
  },

  "keeps the query of a link": async ({ passdesk, upstream }) => {
    const civic = await upstream({ routes: { [`GET ${FRONT}`]: served } });
    await passdesk.fetchEvidence({
      href: `${civic.origin}${FRONT}?v=2&s=a%2Fb`,
      requestId: "r1",
      baseUrl: civic.origin,
    });
    assert.equal((await civic.seen())[0]?.query, "?v=2&s=a%2Fb");
  },

  "fetches both sides from the sandbox": async ({ passdesk, sandbox }) => {
    const token = await sandbox.token();
    const pii = await passdesk.retrievePii({ requestId: "id-card~copy_301", token, baseUrl: sandbox.url });
    for (const rel of ["idDocumentFront", "idDocumentBack"]) {
      const evidence = await passdesk.fetchEvidence({ pii, rel, token, baseUrl: sandbox.url });
      assert.equal(evidence.rel, rel);
      assert.match(evidence.contentType, /^image\//u);
      assert.equal(evidence.size, evidence.blob.size);
      assert.ok(evidence.size > 1000, "a whole picture");
    }
  },

  "knows every type of the sandbox's evidence": async ({ passdesk, sandbox }) => {
    const token = await sandbox.token();
    for (const [id, type] of [
      ["jpeg-evidence", "image/jpeg"],
      ["webp-evidence", "image/webp"],
      ["gif-evidence", "image/gif"],
      ["heic-evidence", "image/heic"],
      ["pdf-evidence", "application/pdf"],
    ]) {
      const pii = await passdesk.retrievePii({ requestId: /** @type {string} */ (id), token, baseUrl: sandbox.url });
      const evidence = await passdesk.fetchEvidence({ pii, rel: "idDocumentFront", token, baseUrl: sandbox.url });
      assert.equal(evidence.contentType, type);
    }
  },

  "a link that the request does not have is not_found, and nothing is sent": async ({ passdesk, answering }) => {
    const civic = await answering(served);
    const failure = await assert.rejects(
      passdesk.fetchEvidence({ pii: piiAt(civic.origin), rel: "idDocumentBack", baseUrl: civic.origin }),
      "not_found",
    );
    assert.equal(failure.attempts, 0);
    assert.equal((await civic.seen()).length, 0);
  },

  "accept narrows the types": async ({ passdesk, answering }) => {
    const civic = await answering(served);
    const call = (/** @type {any} */ accept) =>
      passdesk.fetchEvidence({ pii: piiAt(civic.origin), rel: "idDocumentFront", baseUrl: civic.origin, accept });
    assert.equal((await call(["image/jpeg", "image/png"])).contentType, "image/png");
    const failure = await assert.rejects(call(["image/jpeg"]), "unsupported_media");
    assert.equal(failure.retryable, false);
    assert.equal((await civic.seen()).length, 2, "a wrong type is not asked for again");
  },

  "onProgress counts up to the size": async ({ passdesk, answering }) => {
    const civic = await answering({
      base64: base64(png(40_000)),
      drip: { bytes: 10_000, every: 20 },
      headers: { "content-length": "40000" },
    });
    /** @type {{ loaded: number, total?: number }[]} */
    const progress = [];
    await passdesk.fetchEvidence({
      pii: piiAt(civic.origin),
      rel: "idDocumentFront",
      baseUrl: civic.origin,
      onProgress: (step) => {
        progress.push({ ...step });
        throw new Error("a listener that throws is ignored");
      },
    });
    assert.ok(progress.length >= 1);
    assert.equal(progress.at(-1)?.loaded, 40_000);
    assert.ok(
      progress.every((step, at) => at === 0 || step.loaded >= (progress[at - 1]?.loaded ?? 0)),
      "it never goes back",
    );
    assert.ok(
      progress.every((step) => step.total === undefined || step.total === 40_000),
      "total is what the server says",
    );
  },

  "declaredType is what the header says, or empty": async ({ passdesk, answering }) => {
    for (const [headers, declared] of /** @type {[Record<string, string>, string][]} */ ([
      [{}, ""],
      [{ "content-type": "application/octet-stream" }, "application/octet-stream"],
    ])) {
      const civic = await answering({ base64: base64(PNG), headers });
      const evidence = await passdesk.fetchEvidence({
        pii: piiAt(civic.origin),
        rel: "idDocumentFront",
        baseUrl: civic.origin,
      });
      assert.equal(evidence.declaredType, declared);
      assert.equal(evidence.contentType, "image/png");
      assert.equal(evidence.blob.type, "image/png");
    }
  },

  "asks again after a cut body": async ({ passdesk, upstream }) => {
    const cut = {
      raw: [
        "HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: 600\r\n\r\n",
        { base64: base64(PNG.subarray(0, 100)) },
        { end: /** @type {const} */ ("fin") },
      ],
    };
    const civic = await upstream({ routes: { [`GET ${FRONT}`]: [cut, served] } });
    const evidence = await passdesk.fetchEvidence({
      pii: piiAt(civic.origin),
      rel: "idDocumentFront",
      baseUrl: civic.origin,
    });
    assert.equal(evidence.size, 600, "the second attempt starts afresh");
    assert.equal((await civic.seen()).length, 2);
  },

  "bad options are named and nothing is sent": async ({ passdesk, answering }) => {
    const civic = await answering(served);
    const pii = piiAt(civic.origin);
    const good = { pii, rel: "idDocumentFront", baseUrl: civic.origin };
    /** @type {[string, object][]} */
    const table = [
      ["pii", { rel: "idDocumentFront" }],
      ["pii", { ...good, pii: "r1" }],
      ["pii", { ...good, pii: { id: "r1" } }],
      ["pii", { ...good, pii: { ...pii, links: [{ rel: 1, href: 2 }] } }],
      ["pii", { ...good, pii: { ...pii, id: "../r2" } }],
      ["rel", { ...good, rel: undefined }],
      ["rel", { ...good, rel: 5 }],
      ["requestId", { href: `${civic.origin}${FRONT}`, baseUrl: civic.origin }],
      ["requestId", { href: `${civic.origin}${FRONT}`, requestId: "..", baseUrl: civic.origin }],
      ["href", { requestId: "r1", baseUrl: civic.origin }],
      ["href", { href: 1, requestId: "r1", baseUrl: civic.origin }],
      ["href", { ...good, href: `${civic.origin}${FRONT}` }],
      ["maxBytes", { ...good, maxBytes: 0 }],
      ["maxBytes", { ...good, maxBytes: -1 }],
      ["maxBytes", { ...good, maxBytes: "1" }],
      ["maxBytes", { ...good, maxBytes: Number.NaN }],
      ["accept", { ...good, accept: "image/png" }],
      ["accept", { ...good, accept: ["image/svg+xml"] }],
      ["allowOrigins", { ...good, allowOrigins: "https://store.example" }],
      ["allowOrigins", { ...good, allowOrigins: ["store.example"] }],
      ["allowOrigins", { ...good, allowOrigins: ["http://store.example"] }],
      ["allowOrigins", { ...good, allowOrigins: ["*"] }],
      ["onProgress", { ...good, onProgress: {} }],
      ["maxbytes", { ...good, maxbytes: 1 }],
    ];
    for (const [name, options] of table) {
      const failure = await assert.rejects(passdesk.fetchEvidence(/** @type {any} */ (options)), "invalid_argument");
      assert.ok(failure.message.includes(name), `the message names ${name}: ${failure.message}`);
      assert.equal(failure.operation, "fetchEvidence");
    }
    assert.equal((await civic.seen()).length, 0);
  },

  "every type is told from its first bytes, also when they come one by one": async ({ passdesk, answering }) => {
    for (const [type, content] of EVIDENCE) {
      const civic = await answering({
        base64: base64(content.subarray(0, 48)),
        drip: { bytes: 1, every: 1 },
        headers: { "content-type": "text/html" },
      });
      const evidence = await passdesk.fetchEvidence({
        pii: piiAt(civic.origin),
        rel: "idDocumentFront",
        baseUrl: civic.origin,
      });
      assert.equal(evidence.contentType, type);
      assert.deepEqual([...new Uint8Array(await evidence.blob.arrayBuffer())], [...content.subarray(0, 48)]);
    }
  },
});
