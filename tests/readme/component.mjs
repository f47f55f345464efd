// @ts-check
// Shows a component of a README in a page, where `useGateway()` has a request in review and the desk takes it in.

import { writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { build } from "esbuild";
import { launchChromium } from "../support/chromium.mjs";

const PAGE = "https://dapp.example/";
const GATEWAY = "@civic/ethereum-gateway-react";

/**
 * What it shows, once it shows what is expected, or else after a while.
 *
 * @param {string} file
 * @param {string} name
 * @param {string} expected
 */
export async function textOf(file, name, expected) {
  const [gateway, main] = [`${file}.gateway.mjs`, `${file}.main.mjs`];
  await writeFile(
    gateway,
    'const pendingRequests = { presentationRequestId: "abc123" };\nexport const useGateway = () => ({ pendingRequests });\n',
  );
  await writeFile(
    main,
    `import { createElement } from "react";
import { createRoot } from "react-dom/client";
import { ${name} } from "./${basename(file)}";
createRoot(document.body).render(createElement(${name}));
`,
  );
  const { outputFiles } = await build({
    entryPoints: [main],
    bundle: true,
    write: false,
    format: "iife",
    jsx: "automatic",
    alias: { [GATEWAY]: gateway },
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "error",
  });
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.route(`${PAGE}**`, (route) =>
      route.fulfill({ contentType: "text/html", body: "<!doctype html><body>" }),
    );
    await page.route("https://desk.example.com/desk/intake", (route) => {
      const { requestId } = route.request().postDataJSON();
      route.fulfill({ status: requestId === "abc123" ? 202 : 400, headers: { "access-control-allow-origin": "*" } });
    });
    await page.goto(PAGE);
    await page.addScriptTag({ content: outputFiles[0]?.text ?? "" });
    await page
      .getByText(expected, { exact: true })
      .waitFor({ timeout: 10_000 })
      .catch(() => {});
    return (await page.locator("body").innerText()).trim();
  } finally {
    await browser.close();
  }
}
