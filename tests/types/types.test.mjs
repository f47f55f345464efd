// The declarations are compiled as users would: by the package's name, under each way of finding modules and each
// set of globals, by the native compiler and by the last one in JavaScript.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import ts from "typescript5";

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const packageRoot = dirname(require.resolve("passdesk/package.json"));
const run = promisify(execFile);

/**
 * Runs a compiler over one configuration.
 * @param {"typescript" | "typescript5"} compiler
 * @param {string} configuration
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
async function tsc(compiler, configuration) {
  const program = join(dirname(require.resolve(`${compiler}/package.json`)), "bin", "tsc");
  const argv = [program, "--project", join(here, configuration), "--pretty", "false"];
  try {
    const { stdout } = await run(process.execPath, argv, { cwd: here });
    return { ok: true, output: stdout };
  } catch (error) {
    const { stdout, stderr } = /** @type {{ stdout?: string, stderr?: string }} */ (error);
    return { ok: false, output: `${stdout}${stderr}` };
  }
}

describe("the declarations compile", () => {
  for (const compiler of /** @type {const} */ (["typescript", "typescript5"])) {
    for (const configuration of ["nodenext.json", "bundler.json", "node.json", "workers.json"]) {
      test(`${compiler}, ${configuration}`, async () => {
        const { ok, output } = await tsc(compiler, configuration);
        assert.ok(ok, output);
        assert.equal(output, "");
      });
    }

    test(`${compiler} refuses each mistake, and nothing else`, async () => {
      const { ok, output } = await tsc(compiler, "wrong.json");
      assert.equal(ok, false, "mistakes compiled");
      const lines = (await readFile(join(here, "wrong", "mistakes.ts"), "utf8")).split("\n");
      const marked = lines.flatMap((line, index) => (line.endsWith("// wrong") ? [index + 1] : []));
      assert.ok(marked.length > 5);
      const refused = [...output.matchAll(/^(\S+)\((\d+),\d+\): error/gm)];
      for (const [, file] of refused) assert.match(file, /mistakes\.ts$/);
      assert.deepEqual([...new Set(refused.map(([, , line]) => Number(line)))], marked, output);
    });
  }
});

/** Every declaration file that the manifest publishes. */
const manifest = JSON.parse(await readFile(join(packageRoot, "package.json"), "utf8"));
const declarationFiles = /** @type {string[]} */ (manifest.files).filter((name) => name.endsWith(".d.ts"));

const program = ts.createProgram({
  rootNames: declarationFiles.map((name) => join(packageRoot, name)),
  options: {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    types: [],
    noEmit: true,
  },
});
const checker = program.getTypeChecker();

/**
 * The parsed text of one declaration file.
 * @param {string} name
 */
function declarations(name) {
  const source = program.getSourceFile(join(packageRoot, name));
  assert.ok(source, `${name} is published but not there`);
  return source;
}

/**
 * All nodes below one, in order.
 * @param {ts.Node} node
 * @returns {Generator<ts.Node>}
 */
function* descendants(node) {
  /** @type {ts.Node[]} */
  const children = [];
  ts.forEachChild(node, (child) => {
    children.push(child);
  });
  for (const child of children) {
    yield child;
    yield* descendants(child);
  }
}

/**
 * `file:line` of a node.
 * @param {ts.Node} node
 */
function place(node) {
  const source = node.getSourceFile();
  const { line } = source.getLineAndCharacterOfPosition(node.getStart());
  return `${source.fileName.slice(packageRoot.length + 1)}:${line + 1}: ${node.getText().split("\n")[0]}`;
}

/**
 * Whether a reader would look for a comment here: what is exported by name, and each member of what has members.
 * @param {ts.Node} node
 */
function wantsComment(node) {
  if (ts.isPropertySignature(node) || ts.isMethodSignature(node) || ts.isIndexSignatureDeclaration(node)) return true;
  if (ts.isCallSignatureDeclaration(node) || ts.isPropertyDeclaration(node) || ts.isMethodDeclaration(node))
    return true;
  if (ts.isConstructorDeclaration(node)) return true;
  const statement =
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isVariableStatement(node);
  return (
    statement && (ts.getCombinedModifierFlags(/** @type {ts.Declaration} */ (node)) & ts.ModifierFlags.Export) !== 0
  );
}

/**
 * @param {ts.Node} node
 */
function hasComment(node) {
  return ts
    .getJSDocCommentsAndTags(node)
    .some((comment) => ts.isJSDoc(comment) && (ts.getTextOfJSDocComment(comment.comment) ?? "").trim() !== "");
}

describe("the declarations are for readers", () => {
  assert.ok(declarationFiles.includes("passdesk.d.ts"));
  for (const name of declarationFiles) {
    test(`${name}: no \`any\``, () => {
      const found = [...descendants(declarations(name))].filter((node) => node.kind === ts.SyntaxKind.AnyKeyword);
      assert.deepEqual(found.map(place), []);
    });

    test(`${name}: a comment on every field and function`, () => {
      const bare = [...descendants(declarations(name))].filter((node) => wantsComment(node) && !hasComment(node));
      assert.deepEqual(bare.map(place), []);
    });
  }

  test("passdesk.d.ts: the range of each option that is a whole number", async () => {
    const source = await readFile(join(packageRoot, "options.js"), "utf8");
    const ranges = [...source.matchAll(/\b([a-zA-Z]+): whole\((\w+), (\w+)\)/g)];
    assert.ok(ranges.length > 5);
    const fields = [...descendants(declarations("passdesk.d.ts"))].filter(ts.isPropertySignature);
    for (const [, name, ...limits] of ranges) {
      const options = fields.filter((field) => field.name.getText() === name && field.questionToken !== undefined);
      assert.ok(options.length > 0, name);
      for (const option of options) {
        const [comment] = ts.getJSDocCommentsAndTags(option);
        const said = comment?.getText().replace(/(?<=\d) (?=\d{3})/g, "");
        assert.match(
          said ?? "",
          new RegExp(`\\b${limits.map((limit) => Number(limit.replaceAll("_", ""))).join(" to ")}\\b`),
          place(option),
        );
      }
    }
  });

  test("the two checks above can fail", () => {
    const text = "export interface A {\n/** said */\nsaid: string;\nunsaid: any;\n/** */\nempty: string;\n}";
    const nodes = [...descendants(ts.createSourceFile("a.d.ts", text, ts.ScriptTarget.ES2022, true))];
    assert.equal(nodes.filter((node) => node.kind === ts.SyntaxKind.AnyKeyword).length, 1);
    const bare = nodes.filter((node) => wantsComment(node) && !hasComment(node));
    assert.deepEqual(
      bare.map((node) => /** @type {ts.NamedDeclaration} */ (node).name?.getText()),
      ["A", "unsaid", "empty"],
    );
  });
});

/**
 * The names under which a module exports values, as declared.
 * @param {string} name
 */
function declaredValues(name) {
  const symbol = checker.getSymbolAtLocation(declarations(name));
  assert.ok(symbol, `${name} is not a module`);
  return checker
    .getExportsOfModule(symbol)
    .map((exported) => (exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported))
    .filter((exported) => exported.flags & ts.SymbolFlags.Value)
    .map((exported) => exported.name)
    .sort();
}

describe("what is declared is there, and what is there is declared", () => {
  for (const [entry, types] of [
    ["passdesk", "passdesk.d.ts"],
    ["passdesk/inline", "inline.d.ts"],
    ["passdesk/slim", "slim.d.ts"],
    ["passdesk/sandbox", "sandbox.d.ts"],
  ]) {
    test(entry, async () => {
      const module = await import(entry);
      assert.deepEqual(Object.keys(module).sort(), declaredValues(types));
    });
  }

  test("the error codes", async () => {
    const { codes } = await import("passdesk");
    const statement = [...descendants(declarations("passdesk.d.ts"))].find(
      (node) => ts.isVariableDeclaration(node) && node.name.getText() === "codes",
    );
    assert.ok(statement);
    const declared = checker.getTypeAtLocation(statement).getProperties();
    const values = declared.map((property) => {
      const type = checker.getTypeOfSymbolAtLocation(property, statement);
      assert.ok(type.isStringLiteral());
      return [property.name, type.value];
    });
    assert.deepEqual(Object.entries(codes).sort(), values.sort());
    assert.ok(Object.isFrozen(codes));
  });
});
