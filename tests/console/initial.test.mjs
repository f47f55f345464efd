// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { initialScripts } from "./initial.mjs";

/** 120 KB, gzip -9, beside the module. */
const BUDGET = 120_000;

test("what a browser must have before the queue can be worked with keeps to its budget", (t) => {
  const { files, gzip } = initialScripts();
  t.diagnostic(`${gzip} bytes of ${BUDGET} in ${files.join(", ")}`);
  assert.ok(files.length > 3 && gzip > 50_000, "all of it was found");
  assert.ok(!files.some((file) => /case-page|audit-page|attestations-page/u.test(file)), "other screens come later");
  assert.ok(gzip <= BUDGET, `${gzip} bytes`);
});
