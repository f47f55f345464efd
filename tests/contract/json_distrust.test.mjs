// @ts-check
// Promise 7: JSON from upstream is distrusted.
import { alone, inWorkerd, suite } from "#suite";
import * as assert from "../support/assert.mjs";
import { CALLS, JSON_CALLS } from "../support/calls.mjs";
import { raw, record } from "../support/stage.mjs";

const MIB = 1024 * 1024;
const json = { "content-type": "application/json" };

export default suite("promise 7: JSON is distrusted", {
  "8 MiB is the last size read": async ({ passdesk, answering }) => {
    const head = '{"id":"r1","type":"t","status":"s","links":[],"pad":"';
    const pad = 8 * MIB - head.length - 2;
    const full = await answering({
      raw: [
        raw(`content-type: application/json\r\ncontent-length: ${8 * MIB}`, head),
        { repeat: "x".repeat(65_536), times: Math.floor(pad / 65_536) },
        `${"x".repeat(pad % 65_536)}"}`,
      ],
    });
    const pii = await assert.ends(passdesk.retrievePii({ requestId: "r1", baseUrl: full.origin }), 30_000);
    assert.equal(/** @type {string} */ (pii.pad).length, pad);
    const over = await answering({
      raw: [
        raw(`content-type: application/json\r\ncontent-length: ${8 * MIB + 1}`, head),
        { repeat: "x".repeat(65_536), times: Math.floor(pad / 65_536) },
        `${"x".repeat((pad % 65_536) + 1)}"}`,
      ],
    });
    const failure = await assert.rejects(passdesk.retrievePii({ requestId: "r1", baseUrl: over.origin }), "too_large");
    assert.equal(failure.retryable, false);
    assert.equal((await over.seen()).length, 1);
  },

  "a body without end is not read on": async ({ passdesk, answering }) => {
    for (const operation of JSON_CALLS) {
      const endless = await answering({
        raw: [
          "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n[",
          { repeat: " ".repeat(65_536), times: 170 },
          { end: "hang" },
        ],
      });
      await assert.rejects(CALLS[operation]?.(passdesk, endless.origin, {}), "too_large", 30_000);
    }
  },

  "compressed JSON is counted as it unfolds": async ({ passdesk, answering }) => {
    const bomb = await answering({ repeat: { text: " ".repeat(1000), times: 40_000 }, gzip: true, headers: json });
    for (const operation of ["retrievePii", "searchAttestations", "exchangeToken"]) {
      await assert.rejects(CALLS[operation]?.(passdesk, bomb.origin, {}), "too_large", 30_000);
    }
    const small = await answering({ json: record("r1", { pad: "x".repeat(1000) }), gzip: true });
    assert.equal((await passdesk.retrievePii({ requestId: "r1", baseUrl: small.origin })).id, "r1");
  },

  "a length that nobody holds to is no limit": async ({ passdesk, answering }) => {
    const size = 65_536;
    const piece = `${size.toString(16)}\r\n${" ".repeat(size)}\r\n`;
    for (const coding of ["chunked", "chunked, chunked"]) {
      const chunked = await answering({
        raw: [
          `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5\r\ntransfer-encoding: ${coding}\r\n\r\n`,
          { repeat: piece, times: 170 },
          { end: "hang" },
        ],
      });
      // Some runtimes refuse such a head.
      const call = passdesk.retrievePii({ requestId: "r1", baseUrl: chunked.origin, maxRetries: 0 });
      await assert.rejects(call, ["too_large", "network"], 30_000);
    }
    const lying = async () => new Response(" ".repeat(9 * MIB), { headers: { ...json, "content-length": "5" } });
    await assert.rejects(passdesk.retrievePii({ requestId: "r1", fetch: lying }), "too_large");
  },

  "nor is one that a stream of workerd's claims": inWorkerd(async ({ passdesk }) => {
    /** @type {any} */
    const source = {
      expectedLength: 10,
      /** @param {ReadableStreamDefaultController} controller */
      start(controller) {
        for (let sent = 0; sent < 9; sent += 1) controller.enqueue(new TextEncoder().encode(" ".repeat(MIB)));
        controller.close();
      },
    };
    const lying = async () => new Response(new ReadableStream(source), { headers: json });
    await assert.rejects(passdesk.retrievePii({ requestId: "r1", fetch: lying }), "too_large");
  }),

  "nor is one of a fetch that somebody has put in place of the runtime's": alone(async ({ passdesk }) => {
    const { fetch } = globalThis;
    globalThis.fetch = async () => new Response(" ".repeat(9 * MIB), { headers: { ...json, "content-length": "5" } });
    try {
      await assert.rejects(passdesk.retrievePii({ requestId: "r1" }), "too_large");
    } finally {
      globalThis.fetch = fetch;
    }
  }),

  "a body is read to its end, whatever its size and its pieces": async ({ passdesk, answering }) => {
    const [head, tail] = ['{"id":"r1","type":"t","status":"s","links":[],"pad":"', '"}'];
    // Around how much is asked for at once, and around how much comes at once.
    for (const size of [8191, 8192, 16_383, 16_384, 16_385, 32_768, 65_535, 65_536, 65_537, 16_384 + 65_536]) {
      const pad = size - head.length - tail.length;
      const text = `${head}${"x".repeat(pad)}${tail}`;
      const bytes = new TextEncoder().encode(text);
      /** A stream made of JavaScript. @param {"bytes" | undefined} type @param {boolean} breaks */
      const answers = (type, breaks) => async () => {
        let at = 0;
        /** @type {any} */
        const source = {
          type,
          /** @param {ReadableByteStreamController} controller */
          pull(controller) {
            if (at < bytes.length) {
              controller.enqueue(bytes.slice(at, at + 1000));
              at += 1000;
            } else if (breaks) controller.error(new Error("gone"));
            else {
              controller.close();
              controller.byobRequest?.respond(0);
            }
          },
        };
        return new Response(new ReadableStream(source));
      };
      const plain = await answering({ raw: [raw(`content-type: application/json\r\ncontent-length: ${size}`, text)] });
      const open = await answering({
        raw: [raw("content-type: application/json\r\nconnection: close", text), { end: "fin" }],
      });
      for (const options of [
        { baseUrl: plain.origin },
        { baseUrl: open.origin },
        { fetch: answers("bytes", false) },
        { fetch: answers(undefined, false) },
      ]) {
        const pii = await assert.ends(passdesk.retrievePii({ requestId: "r1", ...options }), 30_000);
        assert.equal(/** @type {string} */ (pii.pad).length, pad, `of ${size} bytes`);
      }
      const cut = await answering({
        raw: [raw(`content-type: application/json\r\ncontent-length: ${size + 1}`, text), { end: "fin" }],
      });
      for (const options of [
        { baseUrl: cut.origin },
        { fetch: answers("bytes", true) },
        { fetch: answers(undefined, true) },
      ]) {
        await assert.rejects(passdesk.retrievePii({ requestId: "r1", maxRetries: 0, ...options }), "network");
      }
    }
  },

  "the sandbox's oversize answers are too_large, plain and compressed": async ({ passdesk, sandbox }) => {
    const token = await sandbox.token();
    for (const fault of ["oversize", "oversize-gzip"]) {
      await assert.rejects(
        passdesk.retrievePii({ requestId: `abc123~pii.${fault}`, token, baseUrl: sandbox.url }),
        "too_large",
        30_000,
      );
    }
  },

  "a huge error body changes nothing about the error": async ({ passdesk, answering }) => {
    const upstream = await answering({ status: 404, repeat: { text: "x".repeat(1000), times: 12_000 }, headers: json });
    const failure = await assert.rejects(passdesk.retrievePii({ requestId: "r1", baseUrl: upstream.origin }), [
      "not_found",
    ]);
    assert.equal(failure.status, 404);
  },

  "an error body that never ends is no hang": async ({ passdesk, answering }) => {
    const upstream = await answering({
      status: 403,
      text: '{"error":"x","pad":"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"}',
      hang: "body",
      headers: json,
    });
    await assert.rejects(
      passdesk.retrievePii({ requestId: "r1", baseUrl: upstream.origin, timeoutMs: 700, maxRetries: 0 }),
      ["forbidden", "timeout"],
    );
  },

  "what is not JSON is bad_response in every operation": async ({ passdesk, answering }) => {
    for (const answer of [
      { text: "", headers: json },
      { text: "<!doctype html><p>canary", headers: { "content-type": "text/html" } },
      { text: '{"canary":', headers: json },
      { text: '{"canary":1,}', headers: json },
      { text: '{"canary":1} {"more":2}', headers: json },
      { text: "{'canary':1}", headers: json },
      { text: '{"canary":NaN}', headers: json },
      { text: '{"canary":1,"canary2":01}', headers: json },
      { text: '"canary \u0001"', headers: json },
      { base64: btoa('{"canary":"\xff\xfe"}'), headers: json },
      { base64: btoa('{"canary":"\xed\xa0\x80"}'), headers: json },
      { text: "null", headers: json },
      { text: "true", headers: json },
      { text: '"canary"', headers: json },
      { text: "7", headers: json },
    ]) {
      const upstream = await answering(answer);
      for (const operation of JSON_CALLS) {
        const failure = await assert
          .rejects(CALLS[operation]?.(passdesk, upstream.origin, {}), "bad_response")
          .catch((error) => assert.fail(`${operation} given ${assert.show(answer)}: ${error.message}`));
        assert.ok(!failure.message.includes("canary"), "no text of the body in the message");
        assert.equal(failure.attempts, 1);
      }
    }
  },

  "a byte that is no UTF-8 spoils the whole answer, rather than a name in it": async ({ passdesk, answering }) => {
    const text = '{"id":"r1","type":"t","status":"s","links":[],"verifiedInformation":{"name":"J\xffhn \xc3("}}';
    const upstream = await answering({ base64: btoa(text), headers: json });
    await assert.rejects(passdesk.retrievePii({ requestId: "r1", baseUrl: upstream.origin }), "bad_response");
    const list = await answering({ base64: btoa('[{"uuid":"u","public_data":"\xe9"}]'), headers: json });
    await assert.rejects(passdesk.listAttestations({ token: "t", baseUrl: list.origin }), "bad_response");
  },

  "a U+FFFD that upstream sent is a letter like any other, and one that stands for a broken letter is none": async ({
    passdesk,
    answering,
  }) => {
    const [letter, order] = ["\xef\xbf\xbd", "\xef\xbb\xbf"];
    let sent = 0;
    for (const before of ["", order]) {
      /** @param {string} name one unit a byte @returns {Promise<string | undefined>[]} */
      const read = (name) => {
        const text = `${before}{"id":"r1","type":"t","status":"s","links":[],"verifiedInformation":{"name":"${name}"}}`;
        const bytes = Uint8Array.from(text, (unit) => unit.charCodeAt(0));
        // Of a length that all can see, and of one that nobody tells.
        const fetch = async () => {
          sent += 1;
          return new Response(bytes, { headers: json });
        };
        const calls = [
          passdesk.retrievePii({ requestId: "r1", fetch }),
          answering({ base64: btoa(text), headers: json }).then(({ origin }) =>
            passdesk.retrievePii({ requestId: "r1", baseUrl: origin }),
          ),
        ];
        return calls.map(async (call) => (await call).verifiedInformation?.name);
      };
      assert.deepEqual(await Promise.all(read("John")), ["John", "John"]);
      assert.deepEqual(await Promise.all(read("J\xc3\xb6hn")), ["J\xf6hn", "J\xf6hn"]);
      assert.deepEqual(await Promise.all(read(`J${letter}hn`)), ["J\ufffdhn", "J\ufffdhn"]);
      // Four bytes that break off after three, among others, are as long as what stands for them.
      for (const broken of ["\xf0", "\xf0\x9f", "\xf0\x9f\x98", "\xe2\x82", "\x80", `${letter}\xf0\x9f\x98`]) {
        for (const call of read(`J${broken}hn`)) {
          const failure = await assert
            .rejects(call, "bad_response")
            .catch((error) => assert.fail(`${assert.show(before + broken)}: ${error.message}`));
          assert.equal(failure.attempts, 1);
        }
      }
    }
    assert.equal(sent, 2 * 9, "nothing is asked for twice");
  },

  "JSON so deep that it would break a stack is an ordinary error": async ({ passdesk, answering }) => {
    for (const [open, close] of [
      ["[", "]"],
      ['{"a":', "}"],
    ]) {
      const depth = 500_000;
      const upstream = await answering({ text: `${open?.repeat(depth)}1${close?.repeat(depth)}`, headers: json });
      for (const operation of ["retrievePii", "listAttestations"]) {
        await assert.rejects(CALLS[operation]?.(passdesk, upstream.origin, {}), ["bad_response", "too_large"]);
      }
      const kept = await answering({
        text: `{"id":"r1","type":"t","status":"s","links":[],"deep":${open?.repeat(depth)}1${close?.repeat(depth)}}`,
        headers: json,
      });
      await assert.ends(
        passdesk
          .retrievePii({ requestId: "r1", baseUrl: kept.origin })
          .catch((error) => assert.passdeskError(error, "bad_response")),
      );
      // Whatever became of it, the module goes on working.
      const good = await answering({ json: record("r1") });
      assert.equal((await passdesk.retrievePii({ requestId: "r1", baseUrl: good.origin })).id, "r1");
    }
  },

  "a byte order mark before JSON is tolerated or refused, never misread": async ({ passdesk, answering }) => {
    const upstream = await answering({ text: `\ufeff${JSON.stringify(record("r1"))}`, headers: json });
    const result = await passdesk
      .retrievePii({ requestId: "r1", baseUrl: upstream.origin })
      .catch((error) => assert.passdeskError(error, "bad_response"));
    if ("id" in result) assert.equal(result.id, "r1");
  },

  "the content-type of JSON does not matter": async ({ passdesk, answering }) => {
    for (const type of ["text/plain", "application/octet-stream", "application/vnd.civic+json"]) {
      const upstream = await answering({ text: JSON.stringify(record("r1")), headers: { "content-type": type } });
      assert.equal((await passdesk.retrievePii({ requestId: "r1", baseUrl: upstream.origin })).id, "r1");
    }
  },

  "another request's record is bad_response": async ({ passdesk, answering, sandbox }) => {
    for (const id of ["r2", "R1", "r1 ", "", 1, null, ["r1"]]) {
      const upstream = await answering({ json: { ...record("r1"), id } });
      const failure = await assert.rejects(
        passdesk.retrievePii({ requestId: "r1", baseUrl: upstream.origin }),
        "bad_response",
      );
      assert.match(failure.message, /\bid\b/u);
    }
    await assert.rejects(
      passdesk.retrievePii({ requestId: "abc123~other-id", token: await sandbox.token(), baseUrl: sandbox.url }),
      "bad_response",
    );
  },

  "a wrong shape names the path and keeps the value": async ({ passdesk, answering }) => {
    const good = record("r1");
    for (const [change, path] of /** @type {[object, RegExp][]} */ ([
      [{ type: undefined }, /type/u],
      [{ type: 5551234 }, /type/u],
      [{ status: undefined }, /status/u],
      [{ status: { canary: 1 } }, /status/u],
      [{ links: undefined }, /links/u],
      [{ links: "canary" }, /links/u],
      [{ links: { 0: "canary" } }, /links/u],
      [{ links: ["canary"] }, /links.*0/u],
      [{ links: [good.links[0], null] }, /links.*1/u],
      [{ links: [good.links[0], { rel: "canary" }] }, /links.*1.*href/u],
      [{ links: [{ rel: 5551234, href: "https://canary.example/" }] }, /links.*0.*rel/u],
      [{ links: [{ rel: "canary", href: ["canary"] }] }, /links.*0.*href/u],
      [{ verifiedInformation: "canary" }, /verifiedInformation/u],
      [{ verifiedInformation: ["canary"] }, /verifiedInformation/u],
      [{ verifiedInformation: { name: 5551234 } }, /verifiedInformation.*name/u],
      [{ verifiedInformation: { dateOfBirth: { canary: 1 } } }, /verifiedInformation.*dateOfBirth/u],
      [{ verifiedInformation: { documentNumber: 5551234 } }, /verifiedInformation.*documentNumber/u],
      [{ verifiedInformation: { email: ["canary"] } }, /verifiedInformation.*email/u],
    ])) {
      const upstream = await answering({ json: { ...good, ...change } });
      const failure = await assert
        .rejects(passdesk.retrievePii({ requestId: "r1", baseUrl: upstream.origin }), "bad_response")
        .catch((error) => assert.fail(`${assert.show(change)}: ${error.message}`));
      assert.match(failure.message, path);
      assert.ok(!/canary|5551234/u.test(failure.message), failure.message);
    }
  },

  "__proto__ is data": async ({ passdesk, answering, sandbox }) => {
    const text =
      '{"id":"r1","type":"t","status":"s","links":[{"rel":"self","href":"https://x.example/","__proto__":{"rel":"evil"}}],"__proto__":{"polluted":true,"id":"r9"},"constructor":{"prototype":{"polluted":true}},"verifiedInformation":{"__proto__":{"name":"evil"},"toString":"text","hasOwnProperty":1}}';
    const upstream = await answering({ text, headers: json });
    const pii = await passdesk.retrievePii({ requestId: "r1", baseUrl: upstream.origin });
    assert.equal(/** @type {any} */ ({}).polluted, undefined, "no prototype is touched");
    assert.equal(Object.getPrototypeOf(pii), Object.prototype, "a plain object");
    assert.equal(/** @type {any} */ (pii).polluted, undefined);
    assert.deepEqual(pii, JSON.parse(text), "own properties, as JSON.parse gives them");
    const odd = await passdesk.retrievePii({
      requestId: "proto-field",
      token: await sandbox.token(),
      baseUrl: sandbox.url,
    });
    assert.equal(Object.getPrototypeOf(odd), Object.prototype);
    for (const operation of ["listAttestations", "searchAttestations"]) {
      const record = '{"uuid":"u","__proto__":{"polluted":true}}';
      const body =
        operation === "listAttestations"
          ? `[${record}]`
          : `{"data":[${record}],"meta":{"page":1,"per_page":50,"total":1}}`;
      const globalid = await answering({ text: body, headers: json });
      assert.deepEqual(await CALLS[operation]?.(passdesk, globalid.origin, {}), JSON.parse(body));
    }
    assert.equal(/** @type {any} */ ({}).polluted, undefined);
  },

  "an id that comes only from a prototype is no id": async ({ passdesk, answering }) => {
    const upstream = await answering({
      text: '{"__proto__":{"id":"r1","type":"t","status":"s","links":[]}}',
      headers: json,
    });
    await assert.rejects(passdesk.retrievePii({ requestId: "r1", baseUrl: upstream.origin }), "bad_response");
  },

  "unknown fields and enum values pass through": async ({ passdesk, sandbox }) => {
    const token = await sandbox.token();
    for (const requestId of ["unknown-fields", "unknown-status"]) {
      const plain = await fetch(`${sandbox.url}/partner/piirequest/${requestId}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      assert.deepEqual(await passdesk.retrievePii({ requestId, token, baseUrl: sandbox.url }), await plain.json());
    }
  },

  "numbers keep the value that JSON.parse gives them": async ({ passdesk, answering }) => {
    const text =
      '{"id":"r1","type":"t","status":"s","links":[],"n":[0,-0,1e3,9007199254740993,1.7976931348623157e308,5e-324,123456789012345678901234567890,0.1]}';
    const upstream = await answering({ text, headers: json });
    assert.deepEqual(await passdesk.retrievePii({ requestId: "r1", baseUrl: upstream.origin }), JSON.parse(text));
  },

  "strings of any kind come through, lone surrogates of escapes included": async ({ passdesk, answering }) => {
    const text =
      '{"id":"r1","type":"t","status":"s","links":[],"s":["","\\u0000","\\ud83d\\ude00","\\ud800","a\\/b","\\u2028"]}';
    const upstream = await answering({ text, headers: json });
    const result = await passdesk
      .retrievePii({ requestId: "r1", baseUrl: upstream.origin })
      .catch((error) => assert.passdeskError(error, "bad_response"));
    if ("id" in result) assert.deepEqual(result, JSON.parse(text));
  },
});
