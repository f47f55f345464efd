// @ts-check
// Promise 4: evidence is what it is, whatever the headers say.
import { suite } from "#suite";
import * as assert from "../support/assert.mjs";
import { piiAt } from "../support/calls.mjs";
import { base64, EVIDENCE, IMPOSTORS, png } from "../support/images.mjs";

/** @param {import("../support/stage.mjs").Passdesk} passdesk @param {string} baseUrl @param {object} [more] */
const fetchFront = (passdesk, baseUrl, more = {}) =>
  passdesk.fetchEvidence({ pii: piiAt(baseUrl), rel: "idDocumentFront", baseUrl, ...more });

/** @param {import("../support/stage.mjs").Passdesk} passdesk @param {string} baseUrl @param {object} [more] */
const streamFront = async (passdesk, baseUrl, more = {}) => {
  const response = await passdesk.streamEvidence({ pii: piiAt(baseUrl), rel: "idDocumentFront", baseUrl, ...more });
  return { type: response.headers.get("content-type"), bytes: new Uint8Array(await response.arrayBuffer()) };
};

export default suite("promise 4: evidence is what it is", {
  "each type is told from its bytes, whatever the header says": async ({ passdesk, answering }) => {
    for (const [type, content] of EVIDENCE) {
      for (const declared of ["text/html", "image/svg+xml", "application/octet-stream", "image/bmp; charset=x"]) {
        const upstream = await answering({ base64: base64(content), headers: { "content-type": declared } });
        const evidence = await fetchFront(passdesk, upstream.origin);
        assert.equal(evidence.contentType, type);
        assert.equal(evidence.declaredType, declared);
        assert.equal(evidence.size, content.length);
        const streamed = await streamFront(passdesk, upstream.origin);
        assert.equal(streamed.type, type);
        assert.deepEqual([...streamed.bytes], [...content], "nothing is lost of what was looked at");
      }
    }
  },

  "anything else is unsupported_media, however it is called": async ({ passdesk, answering }) => {
    for (const [what, content] of IMPOSTORS) {
      for (const declared of ["image/png", "image/jpeg", "application/pdf"]) {
        const upstream = await answering({ base64: base64(content), headers: { "content-type": declared } });
        for (const call of [fetchFront, streamFront]) {
          const failure = await assert
            .rejects(call(passdesk, upstream.origin), "unsupported_media")
            .catch((error) => assert.fail(`${what}: ${error.message}`));
          assert.equal(failure.retryable, false);
          assert.equal(failure.attempts, 1);
        }
      }
    }
  },

  "the sandbox's impostors are refused, its mislabelled image is not": async ({ passdesk, sandbox }) => {
    const token = await sandbox.token();
    for (const requestId of ["svg-evidence", "html-evidence", "text-evidence", "empty-image"]) {
      const pii = await passdesk.retrievePii({ requestId, token, baseUrl: sandbox.url });
      await assert.rejects(
        passdesk.fetchEvidence({ pii, rel: "idDocumentFront", token, baseUrl: sandbox.url }),
        "unsupported_media",
      );
    }
    const pii = await passdesk.retrievePii({ requestId: "mislabelled-image", token, baseUrl: sandbox.url });
    const evidence = await passdesk.fetchEvidence({ pii, rel: "idDocumentFront", token, baseUrl: sandbox.url });
    assert.equal(evidence.contentType, "image/png");
    assert.equal(evidence.declaredType, "image/jpeg");
  },

  "maxBytes is the last byte allowed": async ({ passdesk, answering }) => {
    const upstream = await answering({ base64: base64(png(5000)), headers: { "content-type": "image/png" } });
    assert.equal((await fetchFront(passdesk, upstream.origin, { maxBytes: 5000 })).size, 5000);
    assert.equal((await streamFront(passdesk, upstream.origin, { maxBytes: 5000 })).bytes.length, 5000);
    for (const call of [fetchFront, streamFront]) {
      const failure = await assert.rejects(call(passdesk, upstream.origin, { maxBytes: 4999 }), "too_large");
      assert.equal(failure.attempts, 1);
      assert.equal(failure.retryable, false);
    }
  },

  "maxBytes holds without a content-length": async ({ passdesk, answering }) => {
    const upstream = await answering({ base64: base64(png(40_000)), drip: { bytes: 5000, every: 5 } });
    for (const call of [fetchFront, streamFront])
      await assert.rejects(call(passdesk, upstream.origin, { maxBytes: 12_000 }), "too_large");
  },

  "maxBytes holds for a body without end, and the connection is closed": async ({ passdesk, answering }) => {
    const endless = await answering({
      raw: [
        "HTTP/1.1 200 OK\r\ncontent-type: image/png\r\nconnection: close\r\n\r\n",
        { base64: base64(png(1000)) },
        ...Array.from({ length: 3000 }, () => [{ repeat: "x".repeat(16_384), times: 4 }, { wait: 1 }]).flat(),
      ],
    });
    await assert.rejects(fetchFront(passdesk, endless.origin, { maxBytes: 1_000_000 }), "too_large");
    for (let tries = 0; tries < 200 && !(await endless.seen())[0]?.closed; tries += 1) await assert.sleep(50);
    assert.ok((await endless.seen())[0]?.closed, "it was not read on");
  },

  "a content-length that promises too much is enough to refuse, one that promises less is not believed": async ({
    passdesk,
  }) => {
    // No real socket can lie towards less: the client's own HTTP would cut the body there. A proxy's fetch can.
    const lying = (/** @type {string} */ length) => async () =>
      new Response(new Blob([png(3000)]).stream(), {
        headers: { "content-type": "image/png", "content-length": length },
      });
    for (const length of ["10", "0", "-1", "nonsense", "1e3"]) {
      await assert.rejects(
        fetchFront(passdesk, "http://127.0.0.1:9", { fetch: lying(length), maxBytes: 2000 }),
        "too_large",
      );
      await assert.rejects(
        streamFront(passdesk, "http://127.0.0.1:9", { fetch: lying(length), maxBytes: 2000 }),
        "too_large",
      );
      assert.equal(
        (await fetchFront(passdesk, "http://127.0.0.1:9", { fetch: lying(length), maxBytes: 3000 })).size,
        3000,
      );
    }
    let pulled = 0;
    const endless = async () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            pulled += 1;
            controller.enqueue(png(1000));
          },
        }),
        { headers: { "content-type": "image/png" } },
      );
    await assert.rejects(fetchFront(passdesk, "http://127.0.0.1:9", { fetch: endless, maxBytes: 10_000 }), "too_large");
    assert.ok(pulled < 100, `pulled ${pulled} times`);
  },

  "compressed evidence is counted as it unfolds": async ({ passdesk, answering }) => {
    const bomb = await answering({
      repeat: { text: "\u0000".repeat(1000), times: 20_000 },
      gzip: true,
      headers: { "content-type": "image/png" },
    });
    await assert.rejects(fetchFront(passdesk, bomb.origin, { maxBytes: 1_000_000 }), [
      "too_large",
      "unsupported_media",
    ]);
    const picture = await answering({ base64: base64(png(5000)), gzip: true });
    const evidence = await fetchFront(passdesk, picture.origin, { maxBytes: 5000 });
    assert.equal(evidence.size, 5000, "the length of the header is that of the compressed bytes, and no limit");
    await assert.rejects(fetchFront(passdesk, picture.origin, { maxBytes: 4000 }), "too_large");
  },

  "20 MiB is the limit by default": async ({ passdesk, sandbox }) => {
    const token = await sandbox.token();
    const big = await passdesk.retrievePii({ requestId: "big-image", token, baseUrl: sandbox.url });
    const evidence = await passdesk.fetchEvidence({ pii: big, rel: "idDocumentFront", token, baseUrl: sandbox.url });
    assert.ok(evidence.size > 19 * 1024 * 1024 && evidence.size <= 20 * 1024 * 1024);
    const large = await passdesk.retrievePii({ requestId: "large-image", token, baseUrl: sandbox.url });
    await assert.rejects(
      passdesk.fetchEvidence({ pii: large, rel: "idDocumentFront", token, baseUrl: sandbox.url }),
      "too_large",
    );
  },

  "an error page is an error, not evidence": async ({ passdesk, answering }) => {
    const upstream = await answering({
      status: 404,
      base64: base64(png(500)),
      headers: { "content-type": "image/png" },
    });
    for (const call of [fetchFront, streamFront]) await assert.rejects(call(passdesk, upstream.origin), "not_found");
  },

  "no bytes are no evidence": async ({ passdesk, answering }) => {
    for (const answer of [{ status: 200 }, { status: 204 }]) {
      const upstream = await answering(answer);
      for (const call of [fetchFront, streamFront])
        await assert.rejects(call(passdesk, upstream.origin), ["unsupported_media", "bad_response"]);
    }
  },
});
