// @ts-check
import { suite } from "#suite";
import * as assert from "../support/assert.mjs";
import { TOKEN } from "../support/stage.mjs";

/** @param {import("../support/lab.mjs").Seen[]} seen */
const wire = (seen) => seen.map((it) => `${it.method} ${it.path}`);

export default suite("submitDecision", {
  "reads the status, then puts the verdict as the text says": async ({ passdesk, upstream }) => {
    const civic = await upstream({ decisions: { status: "verification-success" } });
    const receipt = await passdesk.submitDecision({
      requestId: "r1",
      status: "partner-pass",
      token: TOKEN,
      baseUrl: civic.origin,
    });
    assert.deepEqual(receipt, { requestId: "r1", status: "partner-pass", outcome: "applied" });
    const { seen, status } = await civic.report();
    assert.deepEqual(wire(seen), ["GET /partner/piirequest/r1", "PUT /partner/piirequest/r1/status"]);
    assert.deepEqual(JSON.parse(seen[1]?.body ?? ""), { status: "partner-pass" });
    assert.match(seen[1]?.headers["content-type"] ?? "", /^application\/json/u);
    assert.ok(seen.every((it) => it.headers.authorization === `Bearer ${TOKEN}`));
    assert.equal(status, "partner-pass");
  },

  "an attempt is told of once, though it reads and sends; a verdict that was read has no status of HTTP": async ({
    passdesk,
    upstream,
  }) => {
    const civic = await upstream({ decisions: { status: "verification-success" } });
    /** @type {unknown[]} */
    const events = [];
    const options = {
      requestId: "r1",
      baseUrl: civic.origin,
      onEvent: (/** @type {import("passdesk").CallEvent} */ { ms: _, ...event }) => events.push(event),
    };
    await passdesk.submitDecision({ ...options, status: "partner-pass" });
    const operation = "submitDecision";
    const attempt = { type: "attempt", operation, attempt: 1 };
    assert.deepEqual(events.splice(0), [attempt, { type: "success", operation, attempt: 1, status: 200 }]);
    const { status } = await assert.rejects(
      passdesk.submitDecision({ ...options, status: "partner-fail" }),
      "conflict",
    );
    assert.equal(status, undefined);
    assert.deepEqual(events, [attempt, { type: "failure", operation, attempt: 1, code: "conflict" }]);
  },

  "both verdicts arrive at the sandbox": async ({ passdesk, sandbox }) => {
    const token = await sandbox.token();
    for (const [requestId, status] of /** @type {[string, "partner-pass" | "partner-fail"][]} */ ([
      ["abc123~copy_401", "partner-pass"],
      ["abc123~copy_402", "partner-fail"],
    ])) {
      const receipt = await passdesk.submitDecision({ requestId, status, token, baseUrl: sandbox.url });
      assert.equal(receipt.outcome, "applied");
      const pii = await passdesk.retrievePii({ requestId, token, baseUrl: sandbox.url });
      assert.equal(pii.status, status);
    }
  },

  "202 means that a desk will deliver it": async ({ passdesk, upstream }) => {
    const desk = await upstream({
      decisions: { status: "verification-success", put: [{ status: 202, json: { outcome: "queued" } }] },
    });
    const receipt = await passdesk.submitDecision({ requestId: "r1", status: "partner-fail", baseUrl: desk.origin });
    assert.equal(receipt.outcome, "queued");
    assert.equal((await desk.seen())[1]?.headers.authorization, undefined);
  },

  "204 is as good as 200; the answer's body is not read": async ({ passdesk, upstream }) => {
    for (const answer of [{ status: 204 }, { status: 200, text: "<html>fine</html>" }, { status: 200, json: null }]) {
      const civic = await upstream({ decisions: { status: "verification-success", put: [answer] } });
      const receipt = await passdesk.submitDecision({ requestId: "r1", status: "partner-pass", baseUrl: civic.origin });
      assert.equal(receipt.outcome, "applied");
    }
  },

  "a verdict that is there already is not sent again": async ({ passdesk, upstream, sandbox }) => {
    const civic = await upstream({ decisions: { status: "partner-pass" } });
    const receipt = await passdesk.submitDecision({ requestId: "r1", status: "partner-pass", baseUrl: civic.origin });
    assert.equal(receipt.outcome, "already-applied");
    assert.deepEqual(wire(await civic.seen()), ["GET /partner/piirequest/r1"]);
    const again = await passdesk.submitDecision({
      requestId: "already-passed",
      status: "partner-pass",
      token: await sandbox.token(),
      baseUrl: sandbox.url,
    });
    assert.equal(again.outcome, "already-applied");
  },

  "an undecidable request is upstream's to refuse": async ({ passdesk, sandbox }) => {
    const token = await sandbox.token();
    for (const requestId of ["awaiting-user", "user-acknowledged", "verification-failed", "user-cancelled"]) {
      const failure = await assert.rejects(
        passdesk.submitDecision({ requestId, status: "partner-pass", token, baseUrl: sandbox.url }),
        "conflict",
      );
      assert.equal(failure.status, 409);
      assert.equal(failure.retryable, false);
    }
  },

  "an unknown request is not_found, and nothing is put": async ({ passdesk, sandbox }) => {
    const requestId = "no-such-request-1";
    await assert.rejects(
      passdesk.submitDecision({
        requestId,
        status: "partner-pass",
        token: await sandbox.token(),
        baseUrl: sandbox.url,
      }),
      "not_found",
    );
    assert.ok((await sandbox.calls(requestId)).every((call) => call.method === "GET"));
  },

  "a missing scope is forbidden": async ({ passdesk, sandbox }) => {
    const token = await sandbox.token({ scopes: ["get:pii"] });
    const requestId = "abc123~copy_403";
    await assert.rejects(
      passdesk.submitDecision({ requestId, status: "partner-pass", token, baseUrl: sandbox.url }),
      "forbidden",
    );
    const pii = await passdesk.retrievePii({ requestId, token, baseUrl: sandbox.url });
    assert.equal(pii.status, "verification-success");
  },

  "bad options are named and nothing is sent": async ({ passdesk, answering }) => {
    const civic = await answering({ json: {} });
    const good = { requestId: "r1", status: "partner-pass", baseUrl: civic.origin };
    for (const [name, options] of /** @type {[string, object][]} */ ([
      ["status", { ...good, status: "pass" }],
      ["status", { ...good, status: "partner-pass " }],
      ["status", { ...good, status: "verification-success" }],
      ["status", { ...good, status: undefined }],
      ["status", { ...good, status: ["partner-pass"] }],
      ["requestId", { ...good, requestId: "a/status" }],
      ["requestId", { ...good, requestId: undefined }],
      ["reason", { ...good, reason: "looks fine" }],
      ["token", { ...good, token: false }],
    ])) {
      const failure = await assert.rejects(passdesk.submitDecision(/** @type {any} */ (options)), "invalid_argument");
      assert.ok(failure.message.includes(name), `the message names ${name}: ${failure.message}`);
    }
    assert.equal((await civic.seen()).length, 0);
  },
});
