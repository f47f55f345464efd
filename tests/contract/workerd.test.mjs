// @ts-check
// The whole contract once more, in workerd: the same cases, bundled by wrangler with the package's workerd entry.
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startBackstage } from "../support/backstage.mjs";
import { bundle, serveBundle } from "../support/workerd.mjs";

const folder = fileURLToPath(new URL(".", import.meta.url));
/** The suites of cases; a file that does not import `#suite` drives processes of its own. */
const files = [];
for (const file of await readdir(folder)) {
  const cases = /^import .* from "#suite";$/mu;
  if (file.endsWith(".test.mjs") && cases.test(await readFile(join(folder, file), "utf8"))) files.push(file);
}

const work = await mkdtemp(join(tmpdir(), "passdesk-contract-"));
const lines = files.map((file, at) => `import s${at} from ${JSON.stringify(join(folder, file))};`);
lines.push(`import { contractWorker } from ${JSON.stringify(join(folder, "../support/contract.worker.mjs"))};`);
lines.push(`export default contractWorker([${files.map((_, at) => `s${at}`).join(", ")}]);`);
await writeFile(join(work, "worker.mjs"), lines.join("\n"));

const backstage = await startBackstage();
const bundled = await bundle(join(work, "worker.mjs"));
const worker = await serveBundle(bundled.folder, {});
after(async () => {
  await worker.close();
  await backstage.close();
  await bundled.remove();
  await rm(work, { recursive: true, force: true });
});

/** @type {{ name: string, title: string, alone: boolean }[]} */
const cases = await (await fetch(worker.url)).json();

/** @param {{ name: string, title: string }} it */
const register = ({ name, title }) =>
  test(`${name}: ${title}`, { timeout: 60_000 }, async () => {
    const answer = await fetch(worker.url, {
      method: "POST",
      body: JSON.stringify({ name, title, props: backstage.props }),
    }).catch((error) => assert.fail(`${error.cause ?? error}\n${worker.output()}`));
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    const result = JSON.parse(text);
    assert.ok(result.ok, result.error);
  });

test("every suite is there", () => {
  assert.ok(files.length >= 21);
  assert.equal(new Set(cases.map((it) => it.name)).size, files.length);
});
describe("contract in workerd", { concurrency: 6 }, () => {
  for (const it of cases.filter((it) => !it.alone)) register(it);
});
describe("contract in workerd, one at a time", { concurrency: 1 }, () => {
  for (const it of cases.filter((it) => it.alone)) register(it);
});
