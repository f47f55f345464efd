// @ts-check
// Parts of the package that no call shows from outside: each test takes fresh ones, which share nothing with the others.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const wasm = import.meta.resolve("passdesk/passdesk.wasm");
/** @param {string} name @returns {Promise<any>} */
const fresh = (name) => import(`${new URL(name, wasm)}?${Math.random()}`);

test("a module of another kind, which a bundler may hand over, is no instance", async () => {
  const { hold, ready } = await fresh("instance.js");
  // The shortest module that there is.
  hold(new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)));
  for (let time = 0; time < 2; time += 1) {
    assert.throws(
      () => ready("retrievePii", {}),
      ({ code, operation, retryable }) => code === "load_failed" && operation === "retrievePii" && retryable === false,
    );
  }
});

test("nothing that the core was shown is kept", async () => {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc");
  const { show, at, take } = await fresh("hands.js");
  const shown = (() => {
    const [pii, deeper] = [{ name: "" }, { name: "" }];
    show([pii, deeper]);
    // Looked at, each is on the list by itself.
    assert.ok(at(0, 0) > 0 && at(0, 1) > 0);
    take();
    return [new WeakRef(pii), new WeakRef(deeper)];
  })();
  await new Promise((resolve) => setTimeout(resolve, 10));
  gc();
  assert.deepEqual(
    shown.map((ref) => ref.deref()),
    [undefined, undefined],
  );
});
