// @ts-check
// The words of the desk, each code, action and limit, are those that its users are told of: no more, and no fewer.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { codes } from "passdesk";

const root = new URL("../../", import.meta.url);
/** @param {string} path */
const read = (path) => readFileSync(new URL(path, root), "utf8");

const declared = read("pkg-template/worker.d.ts");
const machine = read("src/desk/machine.rs");
const roles = read("src/desk/role.rs").split("#[cfg(test)]")[0] ?? "";
const worker = ["worker.js", ...readdirSync(new URL("pkg-template/worker/", root)).map((file) => `worker/${file}`)]
  .map((file) => read(`pkg-template/${file}`))
  .join("\n");

/** What is in the brackets of a pattern, each once, in order. @param {string} text @param {RegExp} pattern */
const found = (text, pattern) =>
  [...new Set([...text.matchAll(pattern)].flatMap(([, ...groups]) => groups.filter(Boolean)))].sort();

/** @param {string} name */
const union = (name) => found(declared.split(`export type ${name} =`)[1]?.split(";")[0] ?? "", /"([a-z_-]+)"/g);

/** What the comment of a field says. @param {string} field */
const comment = (field) =>
  (declared.match(new RegExp(`/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s+${field}\\??:`))?.[1] ?? "").replace(
    /\s+\*?\s*/g,
    " ",
  );

/** The actions that a step writes to the audit, and those that change no case. */
const actions = [
  ...found(machine, /audit\(\s*"([a-z-]+)"|action: "([a-z-]+)"/g),
  ...found(machine.match(/let action = [\s\S]*?;\n\s+self\.audit/)?.[0] ?? "", /^\s+"([a-z-]+)"$/gm),
  ...found(worker, /action: "([a-z-]+)"/g),
].sort();

describe("a program that reads the desk's answers is told of", () => {
  test("each code that it refuses with", () => {
    const codes = [
      ...found(worker, /(?:Refusal|super)\(\d{3}, "([a-z_]+)"|\berror: "([a-z_]+)"/g).filter(
        (code) => code !== "incomplete",
      ),
      ...found(machine, /\b(?:error|wrong)\("([a-z_]+)"\)|\("error", "([a-z_]+)"/g),
    ];
    assert.ok(codes.length > 20);
    assert.deepEqual(union("DeskRefusalCode"), [...new Set(codes)].sort());
  });

  test("each end that an act of somebody's can have", () => {
    const receipts = declared.match(/(?:interface|type) Desk\w+Receipt\b[\s\S]*?\n(?:\}|\s+\};)\n/g) ?? [];
    const ends = found(machine, /\("outcome", (?:"([a-z-]+)"|Outcome::(\w+)\.)/g)
      .map((name) => name.replace(/\B[A-Z]/g, "-$&").toLowerCase())
      .sort();
    assert.ok(ends.length > 3);
    assert.deepEqual(found(receipts.join("\n"), /outcome: "([a-z-]+)"(?: \| "([a-z-]+)")?/g), ends);
  });

  test("each address of its own", () => {
    const routes = found(worker, /app\.(?:get|post)\("(\/desk\/[^"]+)"/g);
    assert.ok(routes.length > 12);
    const ends = routes.map((route) => route.replaceAll(":id", "{id}").match(/\/[^/]+$/)?.[0]);
    assert.deepEqual(
      ends.filter((end) => !declared.includes(`${end}\``)),
      [],
    );
  });

  test("each reason why somebody may not do a thing", () => {
    const reasons = [
      ...found(machine, /\bforbidden\("([a-z_]+)"\)/g),
      // Without the one for an action that there is not: the Worker never asks for such.
      ...found(roles, /=> "([a-z_]+)"|_ if .* => "([a-z_]+)"/g),
    ];
    assert.ok(reasons.length > 5);
    assert.deepEqual(
      found(comment("why"), /`([a-z_]+)`/g).filter((word) => word !== "forbidden"),
      reasons.sort(),
    );
  });

  test("each action that the audit has", () => {
    assert.ok(actions.length > 20);
    assert.deepEqual(union("DeskAuditAction"), actions);
  });

  test("the limits and the default of each setting that is a number", () => {
    const numbers = [...worker.matchAll(/whole\("([A-Z_]+)", ([\d_]+), ([\d_]+), ([\d_]+)\)/g)];
    assert.ok(numbers.length > 5);
    for (const [, name = "", ...values] of numbers) {
      const said = comment(name).replace(/(?<=\d) (?=\d)/g, "");
      for (const value of values) assert.match(said, new RegExp(`\\b${Number(value.replaceAll("_", ""))}\\b`), name);
    }
  });
});

/** What some modules of the console export. @param {string[]} paths @returns {Promise<any>} */
async function exportsOf(...paths) {
  const contents = paths.map((path) => `export * from "./${path}";`).join("\n");
  const resolveDir = fileURLToPath(new URL("www/console/src/", root));
  const { outputFiles } = await build({ stdin: { contents, resolveDir }, bundle: true, format: "esm", write: false });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0]?.contents ?? "").toString("base64")}`);
}

test("the console has words of its own for each refusal that only the desk knows", async () => {
  const { DeskError, failureWords } = await exportsOf("api/desk.ts", "api/failure.ts");
  /** @param {Record<string, string>} body */
  const titleOf = (body) => failureWords(new DeskError("conflict", { status: 409, body })).title;
  const general = titleOf({});
  const ours = union("DeskRefusalCode").filter((code) => !Object.values(codes).includes(/** @type {any} */ (code)));
  // The intake and programs alone meet these; a session that is not there and a fault have words as any client has them.
  const others = ["forbidden_origin", "internal", "key_reused", "method_not_allowed", "unauthenticated"];
  assert.deepEqual(
    ours.filter((code) => titleOf({ error: code }) === general),
    others,
  );
  for (const why of ["not_yours", "second_person"]) assert.notEqual(titleOf({ error: "forbidden", why }), general, why);
});

test("the console has words for each action, and offers it as a filter", async () => {
  const { ACTIONS } = await exportsOf("components/audit/action-words.ts");
  assert.deepEqual(
    Object.values(ACTIONS)
      .flatMap((group) => Object.keys(group))
      .sort(),
    actions,
  );
});

test("an operator is told of each setting, and finds its name in the Worker's configuration", () => {
  const settings = found(
    declared.split("interface ReviewDeskSettings")[1]?.split("\n}")[0] ?? "",
    /^ {2}([A-Z_]+)\??:/gm,
  );
  assert.ok(settings.length > 20);
  const [operators, configuration] = [read("www/README.md"), read("www/wrangler.jsonc")];
  const untold = settings.filter((name) => !operators.includes(`\`${name}\``) && !operators.includes(` ${name}\n`));
  // The console's files come with the site; a list of ours stands where DESK_REASONS is not set.
  assert.deepEqual(
    untold.filter((name) => name !== "ASSETS"),
    [],
  );
  const absent = settings.filter((name) => !configuration.includes(name));
  assert.deepEqual(absent, ["DESK_REASONS"]);
});

test("an operator's wrangler leaves its configuration as it is", () => {
  // Else Enter to all that it asks writes a second binding, and the Worker's own is left without a database.
  const made = read("www/README.md").match(/wrangler d1 create .*/g) ?? [];
  assert.ok(made.length > 1);
  for (const command of made) assert.match(command, /^wrangler d1 create [\w-]+ --no-update-config\b/);
});

test("an operator is told of each line of the log and each metric", () => {
  const operators = read("www/README.md");
  const events = found(worker, /\bevent: "([a-z_]+)"/g);
  const metrics = found(worker, /"(passdesk_[a-z_]+)"/g);
  assert.ok(events.length > 8 && metrics.length > 4);
  const named = (/** @type {string} */ name) => new RegExp(`\`${name}[\`{]`).test(operators);
  assert.deepEqual(
    [...events, ...metrics].filter((name) => !named(name)),
    [],
  );
});
