// @ts-check
// Every example of the READMEs is written to a file as it stands, type-checked, and run against the sandbox; what it
// prints is compared with its `// prints:` comments.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { transform } from "esbuild";
import { textOf } from "./component.mjs";
import { examplesIn, examplesOf } from "./examples.mjs";
import { answerOf } from "./worker.mjs";

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const root = new URL("../../", import.meta.url);
const stage = new URL("stage.mjs", import.meta.url);
// Below the root, so that `passdesk` is found as it is by everyone else.
const scratch = fileURLToPath(new URL("target/readme/", root));
const compilerOptions = {
  module: "NodeNext",
  target: "ES2022",
  lib: ["ES2023", "DOM", "DOM.AsyncIterable"],
  types: ["node"],
  jsx: "react-jsx",
  allowJs: true,
  checkJs: true,
  strict: true,
  noEmit: true,
};

await rm(scratch, { recursive: true, force: true });
await mkdir(scratch, { recursive: true });
await writeFile(join(scratch, "package.json"), '{ "type": "module" }');

/** The least date that a Worker may have: what the package's README says. */
const LEAST_DATE = (await readFile(new URL("pkg-template/README.md", root), "utf8")).match(
  /compatibility date of (\d{4}-\d\d-\d\d) or later/,
)?.[1];
assert.ok(LEAST_DATE, "the README says it");

/**
 * Runs one example and gives what it printed.
 * @param {string} file
 * @param {string[]} faults
 */
async function outputOf(file, faults = []) {
  const env = { ...process.env, EXAMPLE_FAULTS: faults.join(" ") };
  const { stdout, stderr } = await run(process.execPath, ["--import", stage.href, file], { env, timeout: 60_000 });
  assert.equal(stderr, "");
  return stdout.trimEnd().split("\n");
}

/**
 * What the compiler says to the examples of a folder.
 * @param {string} folder
 * @returns {Promise<string>}
 */
async function typeErrorsIn(folder) {
  await copyFile(new URL("environment.d.ts", import.meta.url), join(folder, "environment.d.ts"));
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["."] }));
  const tsc = join(dirname(require.resolve("typescript/package.json")), "bin", "tsc");
  const { stdout } = await run(process.execPath, [tsc, "-p", folder, "--pretty", "false"]).catch((error) => error);
  return stdout;
}

for (const path of ["pkg-template/README.md", "README.md"]) {
  const examples = await examplesIn(new URL(path, root));

  describe(path, async () => {
    const folder = join(scratch, path.replaceAll(/\W/g, "-"));
    await mkdir(folder);
    /** @param {import("./examples.mjs").Example} example */
    const fileOf = ({ language, line, directive: [kind, name] }) =>
      join(folder, kind === "file" && name ? basename(name) : `line-${line}.${language}`);
    for (const example of examples) await writeFile(fileOf(example), example.source);

    test("the examples are type-checked", async () => assert.equal(await typeErrorsIn(folder), ""));

    for (const example of examples) {
      const [kind, ...words] = example.directive;
      test(`line ${example.line}${kind ? `, ${example.directive.join(" ")}` : ""}`, async () => {
        const file = fileOf(example);
        switch (kind) {
          case "worker": {
            const [pathname = "", , ...answer] = words;
            assert.equal(await answerOf(file, pathname, LEAST_DATE), answer.join(" "));
            return;
          }
          case "component": {
            const [name = "", , ...shown] = words;
            assert.equal(await textOf(file, name, shown.join(" ")), shown.join(" "));
            return;
          }
          case "file":
            assert.deepEqual(await outputOf(file), [""]);
            return;
          case "fault":
          case undefined:
            assert.notEqual(example.prints.length, 0, "an example that prints nothing shows nothing");
            assert.deepEqual(await outputOf(await runnable(file, example), words), example.prints);
            return;
          default:
            assert.fail(`unknown directive: ${kind}`);
        }
      });
    }

    const streaming = examples.find(
      ({ directive: [kind], source }) => kind === "worker" && /streamEvidence/.test(source),
    );
    if (streaming) {
      test("a Worker of the day before the least date passes no evidence on", async () => {
        const before = new Date(Date.parse(LEAST_DATE) - 86_400_000).toISOString().slice(0, 10);
        const [, pathname = ""] = streaming.directive;
        assert.match(await answerOf(fileOf(streaming), pathname, before), /^500 /);
      });
    }
  });
}

/**
 * The file itself, or the JavaScript that is left of it without its types.
 * @param {string} file
 * @param {import("./examples.mjs").Example} example
 */
async function runnable(file, { language, source }) {
  if (language === "js") return file;
  const { code } = await transform(source, { loader: "ts", format: "esm" });
  const stripped = `${file}.mjs`;
  await writeFile(stripped, code);
  return stripped;
}

describe("the runner can fail", () => {
  test("blocks and what they print are found", () => {
    const text =
      "A\n<!-- example: fault pii.503x2 -->\n\n```js\nf(); // prints: 1\n```\n```sh\nls\n```\n```ts\ng();\n```\n";
    assert.deepEqual(examplesOf(text), [
      { line: 4, language: "js", source: "f(); // prints: 1\n", directive: ["fault", "pii.503x2"], prints: ["1"] },
      { line: 10, language: "ts", source: "g();\n", directive: [], prints: [] },
    ]);
    assert.throws(() => examplesOf("<!-- example: fault pii.503 -->\n```sh\nls\n```\n"), /no example/);
  });

  test("an example that throws, asks elsewhere, or is wrong in type", async () => {
    const folder = join(scratch, "wrong");
    await mkdir(folder);
    /** @param {string} source */
    const rejected = async (source) => {
      const file = join(folder, "wrong.js");
      await writeFile(file, source);
      return assert.rejects(outputOf(file));
    };
    await rejected('throw new Error("no")');
    await rejected('await fetch("https://elsewhere.example/")');
    await rejected('console.error("hm")');
    await writeFile(
      join(folder, "wrong.js"),
      'import { retrievePii } from "passdesk";\nretrievePii({ requestId: 42 });\n',
    );
    assert.match(await typeErrorsIn(folder), /wrong\.js\(2,15\): error TS2322/);
  });
});
