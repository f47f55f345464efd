// @ts-check
// streamEvidence of what declares its length. In workerd that is read in large pieces, each in the place of the one before, and
// passed on at a fixed length: every promise that a stream keeps, it keeps there as well.
import { alone, inWorkerd, suite } from "#suite";
import * as assert from "../support/assert.mjs";
import { countedSignal, piiAt } from "../support/calls.mjs";
import { base64, EVIDENCE, IMPOSTORS, png } from "../support/images.mjs";

/**
 * @typedef {import("../support/stage.mjs").Stage} Stage
 * @typedef {import("../support/stage.mjs").Upstream} Upstream
 * @typedef {import("../support/lab.mjs").Piece} Piece
 */

/** @param {number} length @param {...Piece} pieces @returns {import("../support/lab.mjs").Answer} */
const declared = (length, ...pieces) => ({
  raw: [`HTTP/1.1 200 OK\r\ncontent-type: image/jpeg\r\ncontent-length: ${length}\r\n\r\n`, ...pieces],
});

/** @param {Uint8Array} content @returns {import("../support/lab.mjs").Answer} */
const whole = (content) => ({ base64: base64(content), headers: { "content-length": `${content.length}` } });

/** @param {Stage} stage @param {Upstream} civic @param {object} [more] */
const open = ({ passdesk }, { origin }, more = {}) =>
  passdesk.streamEvidence({ pii: piiAt(origin), rel: "idDocumentFront", baseUrl: origin, ...more });

/** A PNG whose every byte says where it is: a piece that came in the place of another would show. @param {number} size */
function picture(size) {
  const content = png(size);
  for (let at = 20; at < size; at += 1) content[at] = (at ^ (at >> 8) ^ (at >> 16)) & 0xff;
  return content;
}

/** @param {Response} response */
const read = async (response) => new Uint8Array(await assert.ends(response.arrayBuffer(), 15_000, "the stream"));

/** @param {Response} response */
const readerOf = ({ body }) => /** @type {ReadableStream<Uint8Array>} */ (body).getReader();

/** What each failure says: workerd hands errors on as text where a length is fixed. @type {Record<string, RegExp>} */
const WORDS = {
  timeout: /PassdeskError: the attempt took longer than `timeoutMs`/u,
  aborted: /PassdeskError: the caller aborted the call/u,
  network: /PassdeskError: the body broke off before its end/u,
  too_large: /PassdeskError: the body is larger than its limit/u,
};

/** @param {Stage} stage @param {Promise<unknown>} reading @param {string} code */
async function breaks({ runtime }, reading, code) {
  if (runtime === "node") return assert.rejects(reading, code);
  const caught = await assert.ends(reading).then(
    () => "nothing was thrown",
    (/** @type {unknown} */ error) => error,
  );
  assert.match(String(caught), /** @type {RegExp} */ (WORDS[code]));
  return undefined;
}

/** @param {Upstream} civic @param {string} when */
async function letGo(civic, when) {
  for (let tries = 0; tries < 200 && !(await civic.seen())[0]?.closed; tries += 1) await assert.sleep(50);
  assert.ok((await civic.seen())[0]?.closed, `upstream is let go ${when}`);
}

/** Half of what is declared, and then nothing. */
const stalled = declared(9000, { base64: base64(png(4000)) }, { end: "hang" });

/** More than all buffers on the way hold together. */
const LARGE = 19_000_000;
/** @type {import("../support/lab.mjs").Answer} */
const large = {
  repeat: { text: "%PDF-1.7\n".padEnd(1000), times: LARGE / 1000 },
  headers: { "content-length": `${LARGE}` },
};

/** Half of that, and then nothing: what was sent to its end is never seen to be let go. @type {import("../support/lab.mjs").Answer} */
const flowing = { ...large, hang: "body" };

export default suite("streamEvidence of a known length", {
  "the bytes, the proven type and the length come through, and each event once": async (stage) => {
    for (const content of [picture(3_000_000), picture(16_384), picture(16_385), ...EVIDENCE.map(([, it]) => it)]) {
      const civic = await stage.answering(whole(content));
      /** @type {unknown[]} */
      const events = [];
      const response = await open(stage, civic, {
        onEvent: (/** @type {{ type: string }} */ { type }) => events.push(type),
      });
      assert.deepEqual(events, ["attempt", "success"], "it succeeds as its body begins");
      assert.equal(response.headers.get("content-length"), `${content.length}`);
      const bytes = await read(response);
      assert.equal(bytes.length, content.length);
      assert.ok(
        bytes.every((byte, at) => byte === content[at]),
        "each byte is in its place",
      );
      assert.equal(events.length, 2);
    }
  },

  "each byte is in its place for whoever reads it late, twice or piece by piece": async (stage) => {
    const content = picture(3_000_000);
    const civic = await stage.answering(whole(content));
    /** @param {Uint8Array} bytes @param {string} what */
    const same = (bytes, what) => {
      assert.equal(bytes.length, content.length, what);
      assert.ok(
        bytes.every((byte, at) => byte === content[at]),
        what,
      );
    };
    const cloned = await open(stage, civic);
    const copy = cloned.clone();
    for (const [what, bytes] of Object.entries({ whole: read(cloned), clone: read(copy) })) same(await bytes, what);

    const [quick, slow] = /** @type {ReadableStream} */ ((await open(stage, civic)).body).tee();
    same(await read(new Response(quick)), "one branch");
    same(await read(new Response(slow)), "the other, later");

    /** @type {Uint8Array[]} */
    const kept = [];
    const sink = new WritableStream({
      async write(piece) {
        kept.push(piece);
        await assert.sleep(1);
      },
    });
    await assert.ends(/** @type {ReadableStream} */ ((await open(stage, civic)).body).pipeTo(sink), 15_000, "the pipe");
    same(new Uint8Array(await new Blob(/** @type {BlobPart[]} */ (kept)).arrayBuffer()), "pieces that are kept");
  },

  "a stream of JavaScript whose pieces are taken away ends its own call alone": async ({ passdesk }) => {
    const base = "https://civic.example";
    const piiHref = `${base}/partner/piirequest/r1/evidence/idDocumentFront`;
    const body = () => {
      let pieces = 0;
      return new ReadableStream({
        pull(controller) {
          pieces += 1;
          const piece = png(64);
          controller.enqueue(piece);
          if (pieces > 1) structuredClone(piece.buffer, { transfer: [piece.buffer] });
        },
      });
    };
    const fetch = async () =>
      new Response(body(), { headers: { "content-type": "image/png", "content-length": "640" } });
    const bystander = new AbortController();
    const other = passdesk.retrievePii({
      requestId: "r1",
      fetch: () => new Promise(() => {}),
      signal: bystander.signal,
    });
    other.catch(() => {});
    const call = { href: piiHref, requestId: "r1", baseUrl: base, fetch, timeoutMs: 500, maxRetries: 0 };
    await assert.ends(
      passdesk
        .streamEvidence(call)
        .then((response) => response.arrayBuffer())
        .catch(() => {}),
    );
    bystander.abort("enough");
    await assert.rejects(other, "aborted");
  },

  "what its bytes do not prove never becomes a response": async (stage) => {
    for (const [what, content] of IMPOSTORS) {
      const civic = await stage.answering(whole(content));
      const failure = await assert.rejects(open(stage, civic), "unsupported_media");
      assert.equal(failure.operation, "streamEvidence", what);
    }
    const slow = await stage.answering(
      declared(2000, { base64: base64(png(2000).slice(0, 5)) }, { wait: 50 }, { base64: base64(png(2000).slice(5)) }),
    );
    assert.deepEqual([...(await read(await open(stage, slow)))], [...png(2000)], "signatures may come in pieces");
  },

  "a declared length above maxBytes ends it there, and one that is maxBytes does not": async (stage) => {
    for (const size of [5000, 400_000]) {
      const civic = await stage.answering(whole(png(size)));
      assert.equal((await read(await open(stage, civic, { maxBytes: size }))).length, size);
      const over = open(stage, civic, { maxBytes: size - 1 });
      // What fits into one piece is refused before there is a response.
      if (size === 5000) await assert.rejects(over, "too_large");
      else await breaks(stage, over.then(read), "too_large");
    }
  },

  "bytes are handed on before the last one has come": async (stage) => {
    const civic = await stage.answering(stalled);
    const response = await open(stage, civic);
    const reader = readerOf(response);
    const { value } = await assert.ends(reader.read(), 10_000, "the first piece");
    assert.ok((value?.length ?? 0) > 0, "bytes of a body that never ends");
    await assert.ends(reader.cancel(), 10_000, "cancelling");
  },

  "cancelling lets upstream go, and is no failure": async (stage) => {
    for (const [when, answer, reads] of /** @type {const} */ ([
      ["before a byte was read", flowing, 0],
      ["under way", flowing, 5],
      ["while nothing comes", stalled, 0],
      ["while nothing comes, after the first piece", stalled, 1],
    ])) {
      const civic = await stage.answering(answer);
      /** @type {unknown[]} */
      const events = [];
      const { signal, left } = countedSignal();
      const response = await open(stage, civic, {
        signal,
        // workerd hears of it with the next piece, or at the end of the clock.
        timeoutMs: 2500,
        onEvent: (/** @type {{ type: string }} */ { type }) => events.push(type),
      });
      const reader = readerOf(response);
      for (let n = 0; n < reads; n += 1) await assert.ends(reader.read());
      await assert.ends(reader.cancel("seen enough"));
      await letGo(civic, when);
      assert.deepEqual(events, ["attempt", "success"], when);
      assert.equal(left(), 0, `listeners, cancelled ${when}`);
    }
  },

  "timeoutMs and the caller's abort end it wherever it is": async (stage) => {
    for (const code of ["timeout", "aborted"]) {
      for (const [when, answer, reads] of /** @type {const} */ ([
        ["while nothing comes", stalled, 1],
        ["unread", stalled, 0],
        ["unread, with more to come", flowing, 0],
        ["with more to come, after some pieces", flowing, 3],
      ])) {
        const civic = await stage.answering(answer);
        const { controller, signal, left } = countedSignal();
        const response = await open(stage, civic, code === "timeout" ? { timeoutMs: 2500, signal } : { signal });
        const reader = readerOf(response);
        for (let n = 0; n < reads; n += 1) await assert.ends(reader.read());
        if (code === "aborted") controller.abort("seen enough");
        await letGo(civic, `${when}: ${code}`);
        // What was under way already may still come, but never an end.
        const rest = async () => {
          for (let read = 0; ; read += (await reader.read()).value?.length ?? LARGE)
            if (read >= LARGE) return assert.fail("it came to an end");
        };
        const failure = await breaks(stage, rest(), code);
        if (failure !== undefined && code === "aborted") assert.equal(failure.cause, "seen enough");
        assert.equal(left(), 0, `listeners, ${when}: ${code}`);
      }
    }
  },

  "an abort by whoever hears of the success is the stream's end": async (stage) => {
    const civic = await stage.answering(stalled);
    const controller = new AbortController();
    const call = open(stage, civic, {
      signal: controller.signal,
      onEvent: (/** @type {{ type: string }} */ { type }) => type === "success" && controller.abort("seen enough"),
    });
    await breaks(stage, assert.ends(call).then(read), "aborted");
    await letGo(civic, "by its observer");
  },

  "a time-out that passes after the end is none": async (stage) => {
    const civic = await stage.answering(whole(png(50_000)));
    const { controller, signal, left } = countedSignal();
    const response = await open(stage, civic, { timeoutMs: 2500, signal });
    assert.equal((await read(response)).length, 50_000);
    assert.equal(left(), 0, "listeners after the end");
    controller.abort("too late");
    await assert.sleep(2600);
    assert.equal((await civic.seen())[0]?.finished, true);
  },

  "a body that breaks off is an error, however it does": async (stage) => {
    for (const end of /** @type {const} */ (["fin", "reset"])) {
      for (const wait of [0, 100]) {
        const civic = await stage.answering(declared(900_000, { base64: base64(png(3000)) }, { wait }, { end }));
        const { signal, left } = countedSignal();
        // A reset may overtake the first bytes.
        const call = open(stage, civic, { signal, maxRetries: 0 });
        if (end === "reset")
          await assert.ends(call.then(read)).then(
            () => assert.fail("it came to an end"),
            () => {},
          );
        else await breaks(stage, call.then(read), "network");
        assert.equal(left(), 0, `listeners after a ${end}`);
      }
    }
  },

  "no byte beyond the declared length is passed on": async (stage) => {
    const civic = await stage.answering(declared(5000, { base64: base64(png(9000)) }, { end: "fin" }));
    assert.deepEqual([...(await read(await open(stage, civic)))], [...png(5000)]);
  },

  "upstream is read as fast as it is taken, and no faster": async (stage) => {
    const civic = await stage.answering(large);
    const response = await open(stage, civic, { timeoutMs: 60_000 });
    const reader = readerOf(response);
    let taken = (await reader.read()).value?.length ?? 0;
    await assert.sleep(500);
    assert.equal((await civic.seen())[0]?.finished, false, "the rest waits");
    for (;;) {
      const { value, done } = await assert.ends(reader.read());
      if (done) break;
      taken += value.length;
    }
    assert.equal(taken, LARGE);
  },

  "onProgress still counts each byte": async (stage) => {
    const civic = await stage.answering(whole(png(100_000)));
    /** @type {import("passdesk").EvidenceProgress[]} */
    const steps = [];
    const onProgress = (/** @type {import("passdesk").EvidenceProgress} */ step) => steps.push(step);
    assert.equal((await read(await open(stage, civic, { onProgress }))).length, 100_000);
    assert.deepEqual(steps.at(-1), { loaded: 100_000, total: 100_000 });
  },

  "nothing is rejected that nobody hears": alone(
    inWorkerd(async (stage) => {
      /** workerd reports a rejection of its own streams before it hands it on, and takes that back. @type {Map<unknown, unknown>} */
      const unheard = new Map();
      const told = (/** @type {any} */ { promise, reason }) => unheard.set(promise, String(reason));
      const tookBack = (/** @type {any} */ { promise }) => unheard.delete(promise);
      globalThis.addEventListener("unhandledrejection", told);
      globalThis.addEventListener("rejectionhandled", tookBack);
      try {
        for (const answer of [
          stalled,
          flowing,
          declared(9000, { base64: base64(png(3000)) }, { wait: 50 }, { end: "fin" }),
        ]) {
          for (const act of ["cancel", "abort", "read", "leave"]) {
            const civic = await stage.answering(answer);
            const controller = new AbortController();
            const response = await open(stage, civic, { signal: controller.signal, timeoutMs: 1000 });
            if (act === "cancel") await assert.ends(/** @type {ReadableStream} */ (response.body).cancel());
            if (act === "abort") controller.abort();
            if (act === "read") await read(response).catch(() => {});
            await letGo(civic, act);
          }
        }
        await assert.sleep(200);
      } finally {
        globalThis.removeEventListener("unhandledrejection", told);
        globalThis.removeEventListener("rejectionhandled", tookBack);
      }
      assert.deepEqual([...unheard.values()], []);
    }),
  ),
});
