// @ts-check
// The map leads everywhere: ARCHITECTURE.md names each file of the core, the boundary, the transport and the desk, each entry
// and neighbour of the package, and each folder of the tests.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../../", import.meta.url);
const map = readFileSync(new URL("ARCHITECTURE.md", root), "utf8");

/** In these two an operation has its place by its name. */
const OPERATIONS = ["attestations", "decision", "desk", "evidence", "pii", "screening", "token", "walk"];

for (const [folder, pattern, others] of /** @type {const} */ ([
  ["src/", /^(\w+)\.rs$/, ["lib"]],
  ["src/boundary/", /^(\w+)\.rs$/, ["mod", ...OPERATIONS]],
  ["src/transport/", /^(\w+)\.rs$/, ["mod", ...OPERATIONS]],
  ["src/desk/", /^(\w+)\.rs$/, ["mod", "tests"]],
  ["pkg-template/", /^([\w-]+\.js)$/, []],
  ["tests/", /^(\w+)$/, ["node_modules", "dist"]],
])) {
  test(`ARCHITECTURE.md names what is in ${folder}`, () => {
    const names = readdirSync(new URL(folder, root)).flatMap((file) => pattern.exec(file)?.[1] ?? []);
    assert.ok(names.length > 5);
    const left = names.filter((name) => !others.some((other) => other === name) && !map.includes(`\`${name}\``));
    assert.deepEqual(left, []);
  });
}
