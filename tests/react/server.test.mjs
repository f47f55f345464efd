// @ts-check
// On a server there is no window, no storage and nothing to send: the hook renders as idle, and the page takes over.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { useReviewHandoff } from "passdesk/react";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { bundleWith, launchChromium, openIntake, openSite, REACTS, until } from "./stage.mjs";

// React's server is CommonJS and asks for Node's own modules.
const requireInEsm = {
  js: `import { createRequire } from "node:module"; const require = createRequire(${JSON.stringify(import.meta.url)});`,
};

test("a bare import in Node renders as idle, and touches nothing", async (t) => {
  const fetched = t.mock.method(globalThis, "fetch", async () => new Response(null, { status: 202 }));
  for (const endpoint of ["https://desk.example.com/desk/intake", "/desk/intake", "", undefined]) {
    const Notice = () => {
      const options = /** @type {any} */ ({ endpoint });
      const { status, error, retry } = useReviewHandoff({ presentationRequestId: "abc123" }, options);
      assert.equal(error, undefined);
      retry();
      return createElement("p", null, status);
    };
    assert.equal(renderToString(createElement(Notice)), "<p>idle</p>");
  }
  assert.equal(fetched.mock.callCount(), 0);
});

test("the entry is a client component for Next", async () => {
  const source = await readFile(fileURLToPath(import.meta.resolve("passdesk/react")), "utf8");
  assert.match(source, /^"use client";\n/u);
});

for (const react of REACTS) {
  test(`a page that a server rendered is taken over without a word, React ${react.major}`, async () => {
    const html = await bundleWith(react, "hydration.mjs", { platform: "node", format: "esm", banner: requireInEsm });
    const { rendered } = await import(`data:text/javascript,${encodeURIComponent(html)}`);
    assert.equal(rendered, '<output data-has="id">idle</output>');
    const site = await openSite(react, { file: "hydration.mjs", rendered });
    const intake = await openIntake();
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      /** @type {string[]} */
      const lines = [];
      page.on("console", (message) => lines.push(message.text()));
      page.on("pageerror", (error) => lines.push(error.message));
      await page.addInitScript((endpoint) => Object.assign(globalThis, { endpoint }), intake.url);
      await page.goto(site.url);
      await until(async () => (await page.locator("output").textContent()) === "accepted");
      assert.deepEqual(
        lines.filter((line) => !/React DevTools|favicon|Failed to load/u.test(line)),
        [],
      );
      assert.deepEqual(
        intake.received.map(({ id }) => id),
        ["abc123"],
      );
    } finally {
      await browser.close();
      await intake.close();
      await site.close();
    }
  });
}
