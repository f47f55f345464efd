// @ts-check
// Evidence in a page, which leaves what is safely bounded to the browser: promises 1 and 4 hold there as well, whatever an
// answer says of its own length.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { launchChromium } from "../support/chromium.mjs";
import { png } from "../support/images.mjs";

const PICTURE = png(5000);
const MOST = 20_000;
const BOMB = gzipSync(png(4_000_000));
const EVER = "for ever";

/** @typedef {{ head: string[], body?: Uint8Array, goesOn?: typeof EVER | "nothing" }} Answer */

/** What is answered, by the last part of the path; the connection is closed at the end. @type {Record<string, Answer>} */
const ANSWERS = {
  whole: { head: ["content-type: image/jpeg", `content-length: ${PICTURE.length}`], body: PICTURE },
  last: { head: ["content-type: image/png", `content-length: ${MOST}`], body: png(MOST) },
  unannounced: { head: ["content-type: image/png"], body: PICTURE },
  longer: { head: ["content-type: image/png", `content-length: ${PICTURE.length}`], body: png(3 * MOST) },
  shorter: { head: ["content-type: image/png", `content-length: ${2 * PICTURE.length}`], body: PICTURE },
  large: { head: ["content-type: image/png", `content-length: ${MOST + 1}`], body: png(MOST + 1) },
  "two-lengths": { head: ["transfer-encoding: chunked", "content-length: 100"], goesOn: EVER },
  endless: { head: ["content-type: image/png"], body: PICTURE, goesOn: EVER },
  bomb: { head: ["content-encoding: gzip", `content-length: ${BOMB.length}`], body: BOMB },
  html: {
    head: ["content-type: image/png", "content-length: 33"],
    body: Buffer.from("<!doctype html><p>not a picture</p>"),
  },
  silent: { head: ["content-type: image/png", `content-length: ${MOST}`], body: PICTURE, goesOn: "nothing" },
};

/** @type {import("playwright-core").Browser} */
let browser;
/** @type {import("playwright-core").Page} */
let page;
/** Two origins, the page's own and another. @type {{ url: string, open: Set<import("node:net").Socket>, close: () => Promise<void> }[]} */
const origins = [];

/** @param {string} script */
async function serve(script) {
  /** @type {Set<import("node:net").Socket>} */
  const open = new Set();
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", async (data) => {
      const path = data.toString("latin1").split(" ")[1] ?? "";
      const allow = "access-control-allow-origin: *\r\naccess-control-allow-headers: authorization\r\n";
      /** @param {string[]} head */
      const head = (head) =>
        socket.write(`HTTP/1.1 200 OK\r\n${allow}connection: close\r\n${head.join("\r\n")}\r\n\r\n`);
      const answer = path.includes("/evidence/") ? ANSWERS[path.slice(path.lastIndexOf("/") + 1)] : undefined;
      if (answer === undefined) {
        const isScript = path === "/page.js";
        head([`content-type: ${isScript ? "text/javascript" : "text/html"}`]);
        socket.end(
          isScript
            ? script
            : '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>',
        );
        return;
      }
      open.add(socket);
      socket.once("close", () => open.delete(socket));
      head(answer.head);
      const chunked = answer.head.includes("transfer-encoding: chunked");
      /** @param {Uint8Array} bytes */
      const write = (bytes) => {
        if (chunked) socket.write(`${bytes.length.toString(16)}\r\n`);
        socket.write(bytes);
        if (chunked) socket.write("\r\n");
      };
      write(answer.body ?? PICTURE);
      // As fast as it is taken, so that a limit is what ends it.
      while (answer.goesOn === EVER && !socket.destroyed) {
        write(png(1000));
        if (socket.writableNeedDrain) await Promise.race([once(socket, "drain"), once(socket, "close")]);
        else await new Promise((resolve) => setImmediate(resolve));
      }
      if (answer.goesOn !== "nothing") socket.end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const close = async () => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  origins.push({ url: `http://127.0.0.1:${port}`, open, close });
}

before(async () => {
  const contents = `
    import { fetchEvidence } from "passdesk/inline";
    const { blob } = Response.prototype;
    let whole = 0;
    let onWhole;
    Response.prototype.blob = function () {
      whole += 1;
      setTimeout(onWhole);
      return blob.call(this);
    };
    globalThis.evidence = async (origin, name, options, abortsWhole) => {
      whole = 0;
      const progress = [];
      const controller = new AbortController();
      onWhole = () => abortsWhole && controller.abort("enough");
      if (options.onProgress) options.onProgress = ({ loaded }) => progress.push(loaded);
      const href = origin + "/partner/piirequest/r1/evidence/" + name;
      const call = fetchEvidence({
        requestId: "r1", href, baseUrl: origin, token: "t", maxBytes: ${MOST}, maxRetries: 0, signal: controller.signal, ...options,
      });
      try {
        const { blob, contentType, declaredType, size } = await call;
        const bytes = [...new Uint8Array(await blob.arrayBuffer())];
        return { contentType, declaredType, size, type: blob.type, bytes, progress, whole };
      } catch ({ name, code, attempts, cause }) {
        return { name, code, attempts, cause, whole };
      }
    };`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
    bundle: true,
    format: "esm",
    target: "es2022",
    write: false,
  });
  const script = outputFiles[0]?.text ?? "";
  await serve(script);
  await serve(script);
  browser = await launchChromium();
  page = await browser.newPage();
  await page.goto(own().url);
  await page.waitForFunction(() => "evidence" in globalThis);
});

after(async () => {
  await browser?.close();
  for (const { close } of origins) await close();
});

const own = () => /** @type {(typeof origins)[number]} */ (origins[0]);
const other = () => /** @type {(typeof origins)[number]} */ (origins[1]);

/**
 * @param {string} name
 * @param {Record<string, unknown>} [options]
 * @param {{ from?: string, abortsWhole?: boolean }} [more]
 * @returns {Promise<any>}
 */
const evidence = (name, options = {}, { from = own().url, abortsWhole } = {}) =>
  page.evaluate(
    ([from, name, options, abortsWhole]) => Reflect.get(globalThis, "evidence")(from, name, options, abortsWhole),
    /** @type {const} */ ([from, name, options, abortsWhole]),
  );

/** What is aborted or refused is let go. @param {(typeof origins)[number]} origin */
async function letGo({ open }) {
  for (let look = 0; look < 400 && open.size > 0; look += 1) await new Promise((resolve) => setTimeout(resolve, 25));
  assert.equal(open.size, 0, "a connection is still open");
}

test("a page's own evidence of a known length is left to the browser, and is what its bytes prove", async () => {
  assert.deepEqual(await evidence("whole"), {
    contentType: "image/png",
    declaredType: "image/jpeg",
    size: PICTURE.length,
    type: "image/png",
    bytes: [...PICTURE],
    progress: [],
    whole: 1,
  });
  const { size, whole, type, contentType } = await evidence("last");
  assert.deepEqual([size, whole], [MOST, 1], "maxBytes is the last byte allowed");
  assert.deepEqual([type, contentType], ["image/png", "image/png"], "where it is what it said");
});

test("what wants to be watched, tells no length, or is another origin's is read piece by piece", async () => {
  const watched = await evidence("whole", { onProgress: true });
  assert.deepEqual([watched.size, watched.progress.at(-1), watched.whole], [PICTURE.length, PICTURE.length, 0]);
  for (const [name, from] of /** @type {const} */ ([
    ["unannounced", own().url],
    ["whole", other().url],
  ])) {
    const { bytes, type, whole } = await evidence(name, {}, { from });
    assert.deepEqual([bytes, type, whole], [[...PICTURE], "image/png", 0]);
  }
});

test("no byte beyond the announced length is taken, and a body that ends before it has broken off", async () => {
  const { bytes } = await evidence("longer");
  assert.deepEqual(bytes, [...PICTURE]);
  const { code } = await evidence("shorter");
  assert.equal(code, "network");
});

test("maxBytes holds, whatever content-length says", async () => {
  for (const name of ["large", "two-lengths", "endless", "bomb"]) {
    const { name: error, code, attempts } = await evidence(name);
    assert.deepEqual([name, error, code, attempts], [name, "PassdeskError", "too_large", 1]);
    await letGo(own());
  }
  // Whether an answer is compressed is not told to a page of another origin.
  const { code } = await evidence("bomb", {}, { from: other().url });
  assert.equal(code, "too_large");
});

test("what is no picture is refused, whatever it says it is", async () => {
  const { code, whole } = await evidence("html");
  assert.deepEqual([code, whole], ["unsupported_media", 1]);
});

test("an abort and a time-out end it while the body is read", async () => {
  const aborted = await evidence("silent", {}, { abortsWhole: true });
  assert.deepEqual([aborted.code, aborted.cause, aborted.whole], ["aborted", "enough", 1]);
  await letGo(own());
  const late = await evidence("silent", { timeoutMs: 300 });
  assert.equal(late.code, "timeout");
  await letGo(own());
});
