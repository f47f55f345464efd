// @ts-check
// Promise 5: a decision is never contradicted. The upstream of these cases overwrites any verdict with any other, so that
// only the client's care stands between a reviewer and the wrong pass.
import { alone, suite } from "#suite";
import * as assert from "../support/assert.mjs";

/** @param {{ seen: import("../support/lab.mjs").Seen[] }} report */
const wire = ({ seen }) => seen.map((it) => it.method).join(" ");

/** @type {{ requestId: string, status: "partner-pass" }} */
const PASS = { requestId: "r1", status: "partner-pass" };
const at = (/** @type {string} */ status, /** @type {any} */ ...put) => ({ decisions: { status, put } });

export default suite("promise 5: a decision is never contradicted", {
  "the other verdict is a conflict, and nothing is sent": async ({ passdesk, upstream, sandbox }) => {
    const civic = await upstream(at("partner-fail"));
    const failure = await assert.rejects(passdesk.submitDecision({ ...PASS, baseUrl: civic.origin }), "conflict");
    assert.equal(failure.retryable, false);
    const report = await civic.report();
    assert.equal(wire(report), "GET", "no PUT at all");
    assert.equal(report.status, "partner-fail");
    const token = await sandbox.token();
    await assert.rejects(
      passdesk.submitDecision({ requestId: "already-failed", status: "partner-pass", token, baseUrl: sandbox.url }),
      "conflict",
    );
    await assert.rejects(
      passdesk.submitDecision({ requestId: "already-passed", status: "partner-fail", token, baseUrl: sandbox.url }),
      "conflict",
    );
    assert.ok((await sandbox.calls("/already-")).every((call) => call.method === "GET"));
  },

  // Alone, as the next one with short time-outs: what the others cost is no time-out of these.
  "applied, then timed out: already-applied": alone(async ({ passdesk, upstream }) => {
    const civic = await upstream(at("verification-success", "apply-then-hang"));
    const receipt = await passdesk.submitDecision({ ...PASS, baseUrl: civic.origin, timeoutMs: 1500 });
    assert.equal(receipt.outcome, "already-applied");
    const report = await civic.report();
    assert.equal(wire(report), "GET PUT GET", "one PUT only");
    assert.equal(report.status, "partner-pass");
  }),

  "applied, then an error or a broken connection: already-applied": async ({ passdesk, upstream }) => {
    for (const act of [
      "apply-then-500",
      "apply-then-502",
      "apply-then-503",
      "apply-then-504",
      "apply-then-reset",
      "apply-then-408",
    ]) {
      const civic = await upstream(at("verification-success", act));
      const receipt = await passdesk.submitDecision({ ...PASS, baseUrl: civic.origin });
      assert.equal(receipt.outcome, "already-applied", act);
      assert.equal(wire(await civic.report()), "GET PUT GET", act);
    }
  },

  "not applied, then an error: sent again, after a look": async ({ passdesk, upstream }) => {
    for (const act of ["500", "503", "reset", "429"]) {
      const civic = await upstream(at("verification-success", act));
      const receipt = await passdesk.submitDecision({ ...PASS, baseUrl: civic.origin });
      assert.equal(receipt.outcome, "applied", act);
      assert.equal(wire(await civic.report()), "GET PUT GET PUT", act);
    }
  },

  "another's verdict in between is a conflict and is left alone": async ({ passdesk, upstream }) => {
    for (const act of ["set:partner-fail-then-500", "set:partner-fail-then-reset", "set:partner-fail-then-503"]) {
      const civic = await upstream(at("verification-success", act));
      await assert.rejects(passdesk.submitDecision({ ...PASS, baseUrl: civic.origin }), "conflict");
      const report = await civic.report();
      assert.equal(wire(report), "GET PUT GET", "it was not sent again");
      assert.equal(report.status, "partner-fail", "the other's verdict stands");
    }
    const slow = await upstream(at("verification-success", "set:partner-fail-then-hang"));
    await assert.rejects(passdesk.submitDecision({ ...PASS, baseUrl: slow.origin, timeoutMs: 1500 }), "conflict");
    assert.equal((await slow.report()).status, "partner-fail");
  },

  "where the look fails, nothing is sent blindly": async ({ passdesk, upstream }) => {
    const broken = { status: 503, json: {}, headers: { "retry-after": "0" } };
    const civic = await upstream({
      decisions: {
        status: "verification-success",
        get: [{ json: { id: "r1", type: "t", status: "verification-success", links: [] } }, broken, broken, broken],
        put: ["apply-then-500"],
      },
    });
    const failure = await assert.rejects(passdesk.submitDecision({ ...PASS, baseUrl: civic.origin }), "upstream");
    assert.equal(failure.attempts, 3);
    const report = await civic.report();
    assert.equal(wire(report), "GET PUT GET GET", "the one PUT, and looks that failed");
  },

  "a look that shows another request is no look": async ({ passdesk, upstream }) => {
    const civic = await upstream({
      decisions: {
        status: "verification-success",
        get: [{ json: { id: "r2", type: "t", status: "partner-pass", links: [] } }],
      },
    });
    await assert.rejects(passdesk.submitDecision({ ...PASS, baseUrl: civic.origin }), "bad_response");
    assert.equal(wire(await civic.report()), "GET");
  },

  "with maxRetries 0 an ambiguous answer is an error, and nothing is sent twice": async ({ passdesk, upstream }) => {
    const civic = await upstream(at("verification-success", "apply-then-500"));
    const failure = await assert.rejects(passdesk.submitDecision({ ...PASS, baseUrl: civic.origin, maxRetries: 0 }), [
      "upstream",
    ]);
    assert.equal(failure.attempts, 1);
    assert.ok((await civic.seen()).filter((it) => it.method === "PUT").length === 1);
    const again = await passdesk.submitDecision({ ...PASS, baseUrl: civic.origin, maxRetries: 0 });
    assert.equal(again.outcome, "already-applied", "the next call finds out");
  },

  "a refusal of the PUT is final": async ({ passdesk, upstream }) => {
    for (const [status, code] of /** @type {const} */ ([
      [400, "rejected"],
      [403, "forbidden"],
      [404, "not_found"],
      [409, "conflict"],
      [501, "upstream"],
    ])) {
      const civic = await upstream(at("verification-success", { status, json: { error: "no" } }));
      const failure = await assert.rejects(passdesk.submitDecision({ ...PASS, baseUrl: civic.origin }), code);
      assert.equal(failure.status, status);
      assert.equal(failure.upstreamCode, "no");
      assert.equal((await civic.seen()).filter((it) => it.method === "PUT").length, 1);
    }
  },

  "two calls at once with opposite verdicts: one wins, the other is told": async ({ passdesk, sandbox }) => {
    const token = await sandbox.token();
    const requestId = "abc123~copy_501";
    const results = await Promise.allSettled(
      /** @type {const} */ (["partner-pass", "partner-fail"]).map((status) =>
        passdesk.submitDecision({ requestId, status, token, baseUrl: sandbox.url }),
      ),
    );
    const won = results.filter((it) => it.status === "fulfilled");
    assert.equal(won.length, 1);
    const lost = results.find((it) => it.status === "rejected");
    assert.passdeskError(lost?.reason, "conflict");
  },

  "the sandbox's ambiguous faults all end well": alone(async ({ passdesk, sandbox }) => {
    const token = await sandbox.token();
    for (const fault of ["apply-then-hang", "apply-then-500", "apply-then-503", "apply-then-reset", "apply-then-cut"]) {
      const requestId = `abc123~status.${fault}x1`;
      const receipt = await assert.ends(
        passdesk.submitDecision({ requestId, status: "partner-pass", token, baseUrl: sandbox.url, timeoutMs: 1500 }),
        20_000,
      );
      assert.ok(["already-applied", "applied"].includes(receipt.outcome), fault);
      const puts = (await sandbox.calls(requestId)).filter((call) => call.method === "PUT");
      assert.equal(puts.length, 1, `${fault}: one PUT`);
    }
  }),

  "someone else decides just before: told apart by verdict": async ({ passdesk, sandbox }) => {
    const token = await sandbox.token();
    const same = await passdesk
      .submitDecision({ requestId: "abc123~same-verdict-firstx1", status: "partner-pass", token, baseUrl: sandbox.url })
      .then(
        (receipt) => receipt.outcome,
        (/** @type {unknown} */ error) => assert.passdeskError(error, "conflict").code,
      );
    assert.ok(["already-applied", "conflict"].includes(same));
    const requestId = "abc123~other-verdict-firstx1";
    await assert.rejects(
      passdesk.submitDecision({ requestId, status: "partner-pass", token, baseUrl: sandbox.url }),
      "conflict",
    );
    const pii = await passdesk.retrievePii({ requestId, token, baseUrl: sandbox.url });
    assert.equal(pii.status, "partner-fail");
  },
});
