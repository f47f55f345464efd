// @ts-check
import { suite } from "#suite";
import * as assert from "../support/assert.mjs";
import { base64, IMPOSTORS, png } from "../support/images.mjs";
import { record, TOKEN } from "../support/stage.mjs";

const FRONT = "/partner/piirequest/r1/evidence/idDocumentFront";

/** @param {string} origin @returns {import("passdesk").PiiRequest} */
const piiAt = (origin) => JSON.parse(JSON.stringify(record("r1")).replaceAll("{{origin}}", origin));

/** @param {Response} response */
const read = async (response) =>
  new Uint8Array(await assert.ends(response.arrayBuffer(), 15_000, "reading the stream"));

export default suite("streamEvidence", {
  "gives a response with the bytes and the proven type": async ({ passdesk, upstream }) => {
    const content = png(50_000);
    const civic = await upstream({
      routes: {
        [`GET ${FRONT}`]: {
          base64: base64(content),
          headers: { "content-type": "text/html", "set-cookie": "canary=1", "x-powered-by": "canary" },
        },
      },
    });
    const response = await passdesk.streamEvidence({
      pii: piiAt(civic.origin),
      rel: "idDocumentFront",
      token: TOKEN,
      baseUrl: civic.origin,
    });
    assert.ok(response instanceof Response);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "image/png");
    assert.equal(response.headers.get("set-cookie"), null, "upstream's cookies stay out");
    assert.deepEqual([...(await read(response))], [...content]);
    assert.equal((await civic.seen())[0]?.headers.authorization, `Bearer ${TOKEN}`);
  },

  "streams from the sandbox": async ({ passdesk, sandbox }) => {
    const token = await sandbox.token();
    const pii = await passdesk.retrievePii({ requestId: "passport~copy_302", token, baseUrl: sandbox.url });
    const response = await passdesk.streamEvidence({ pii, rel: "idDocumentFront", token, baseUrl: sandbox.url });
    const evidence = await passdesk.fetchEvidence({ pii, rel: "idDocumentFront", token, baseUrl: sandbox.url });
    assert.equal(response.headers.get("content-type"), evidence.contentType);
    assert.equal((await read(response)).length, evidence.size);
  },

  "hands bytes on before the last one has come": async ({ passdesk, upstream }) => {
    const civic = await upstream({ routes: { [`GET ${FRONT}`]: { base64: base64(png(2000)), hang: "body" } } });
    const response = await passdesk.streamEvidence({
      pii: piiAt(civic.origin),
      rel: "idDocumentFront",
      baseUrl: civic.origin,
    });
    const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
    const first = await assert.ends(reader.read(), 10_000, "the first piece");
    assert.ok((first.value?.length ?? 0) > 0, "bytes of a body that never ends");
    await assert.ends(reader.cancel(), 10_000, "cancelling");
  },

  "cancelling the stream closes the connection upstream": async ({ passdesk, upstream }) => {
    const civic = await upstream({ routes: { [`GET ${FRONT}`]: { base64: base64(png(2000)), hang: "body" } } });
    const response = await passdesk.streamEvidence({
      pii: piiAt(civic.origin),
      rel: "idDocumentFront",
      baseUrl: civic.origin,
    });
    await assert.ends(/** @type {ReadableStream} */ (response.body).cancel());
    for (let tries = 0; tries < 100 && !(await civic.seen())[0]?.closed; tries += 1) await assert.sleep(50);
    assert.ok((await civic.seen())[0]?.closed, "upstream saw the connection close");
  },

  "what is no evidence never becomes a response": async ({ passdesk, answering }) => {
    for (const [what, content] of IMPOSTORS) {
      const civic = await answering({ base64: base64(content), headers: { "content-type": "image/png" } });
      const failure = await assert.rejects(
        passdesk.streamEvidence({ pii: piiAt(civic.origin), rel: "idDocumentFront", baseUrl: civic.origin }),
        "unsupported_media",
      );
      assert.equal(failure.operation, "streamEvidence", what);
    }
  },

  "maxBytes ends a stream that is under way": async ({ passdesk, answering }) => {
    // More than any runtime hands over in one piece, so that the stream has begun.
    const civic = await answering({ base64: base64(png(900_000)) });
    const response = await passdesk.streamEvidence({
      pii: piiAt(civic.origin),
      rel: "idDocumentFront",
      baseUrl: civic.origin,
      maxBytes: 400_000,
    });
    await assert.rejects(read(response), "too_large");
  },

  "timeoutMs ends a stream that stalls": async ({ passdesk, answering }) => {
    const civic = await answering({ base64: base64(png(2000)), hang: "body" });
    const response = await passdesk.streamEvidence({
      pii: piiAt(civic.origin),
      rel: "idDocumentFront",
      baseUrl: civic.origin,
      // Long enough for its beginning to come on a machine that is busy with other things.
      timeoutMs: 2500,
    });
    await assert.rejects(read(response), "timeout");
  },

  "the caller's abort ends a stream": async ({ passdesk, answering }) => {
    const civic = await answering({ base64: base64(png(2000)), hang: "body" });
    const controller = new AbortController();
    const response = await passdesk.streamEvidence({
      pii: piiAt(civic.origin),
      rel: "idDocumentFront",
      baseUrl: civic.origin,
      signal: controller.signal,
    });
    const reading = read(response);
    controller.abort("seen enough");
    const failure = await assert.rejects(reading, "aborted");
    assert.equal(failure.cause, "seen enough");
  },

  "a stream that nobody reads is torn down all the same, by time-out and by abort": async ({ passdesk, answering }) => {
    for (const aborted of [false, true]) {
      const controller = new AbortController();
      const civic = await answering({ base64: base64(png(2000)), hang: "body" });
      const response = await passdesk.streamEvidence({
        pii: piiAt(civic.origin),
        rel: "idDocumentFront",
        baseUrl: civic.origin,
        ...(aborted ? { signal: controller.signal } : { timeoutMs: 400 }),
      });
      if (aborted) controller.abort("not wanted");
      for (let tries = 0; tries < 100 && !(await civic.seen())[0]?.closed; tries += 1) await assert.sleep(50);
      assert.ok(
        (await civic.seen())[0]?.closed,
        `upstream saw the connection close, ${aborted ? "aborted" : "timed out"}`,
      );
      await assert.rejects(read(response), aborted ? "aborted" : "timeout");
    }
  },

  "an error of the stream counts the attempts before it": async ({ passdesk, upstream }) => {
    const busy = { status: 503, json: {}, headers: { "retry-after": "0" } };
    const civic = await upstream({ routes: { [`GET ${FRONT}`]: [busy, { base64: base64(png(2000)), hang: "body" }] } });
    const response = await passdesk.streamEvidence({
      pii: piiAt(civic.origin),
      rel: "idDocumentFront",
      baseUrl: civic.origin,
      timeoutMs: 1000,
    });
    const failure = await assert.rejects(read(response), "timeout");
    assert.equal(failure.attempts, 2);
  },

  "a body that breaks off is an error of the stream, not a short picture": async ({ passdesk, answering, runtime }) => {
    const civic = await answering({
      raw: [
        "HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: 9000\r\n\r\n",
        { base64: base64(png(3000)) },
        { wait: 100 },
        { end: "fin" },
      ],
    });
    const response = await passdesk.streamEvidence({
      pii: piiAt(civic.origin),
      rel: "idDocumentFront",
      baseUrl: civic.origin,
    });
    if (runtime === "node") {
      await assert.rejects(read(response), "network");
      return;
    }
    // Here the length is known, so that workerd streams through a FixedLengthStream of its own, which hands errors on as text.
    const caught = await read(response).then(
      () => undefined,
      (/** @type {unknown} */ error) => error,
    );
    assert.match(String(caught), /PassdeskError: /u);
  },

  "onProgress counts what has passed": async ({ passdesk, answering }) => {
    const civic = await answering({ base64: base64(png(30_000)) });
    let loaded = 0;
    const response = await passdesk.streamEvidence({
      pii: piiAt(civic.origin),
      rel: "idDocumentFront",
      baseUrl: civic.origin,
      onProgress: (step) => {
        loaded = step.loaded;
      },
    });
    await read(response);
    assert.equal(loaded, 30_000);
  },

  "bad options are named": async ({ passdesk, answering }) => {
    const civic = await answering({});
    const good = { pii: piiAt(civic.origin), rel: "idDocumentFront", baseUrl: civic.origin };
    for (const [name, options] of /** @type {[string, object][]} */ ([
      ["rel", { ...good, rel: undefined }],
      ["maxBytes", { ...good, maxBytes: 1.5 }],
      ["contentType", { ...good, contentType: "image/png" }],
    ])) {
      const failure = await assert.rejects(passdesk.streamEvidence(/** @type {any} */ (options)), "invalid_argument");
      assert.ok(failure.message.includes(name), failure.message);
    }
    assert.equal((await civic.seen()).length, 0);
  },
});
