// @ts-check
// `#suite` in Node: every case becomes a node:test. In workerd the same import collects them instead (suite.collect.mjs).
import { after, describe, test } from "node:test";
import { startBackstage } from "./backstage.mjs";
import { createStage } from "./stage.mjs";

export * from "./suite.mjs";

/**
 * @param {string} name
 * @param {Record<string, import("./suite.mjs").Case>} cases
 */
export function suite(name, cases) {
  const backstage = startBackstage();
  after(async () => (await backstage).close());
  const entries = Object.entries(cases).filter(([, entry]) => (entry.only ?? "node") === "node");
  /** @param {[string, import("./suite.mjs").Case]} entry */
  const register = ([title, entry]) =>
    test(title, { timeout: 60_000 }, async () => {
      const passdesk = await import("passdesk");
      const stage = createStage({ passdesk, runtime: "node", props: (await backstage).props });
      await entry(stage);
      await stage.done();
    });
  // Cases only wait for sockets and timers; a few at a time keeps the whole within minutes.
  describe(name, { concurrency: 6 }, () => {
    for (const entry of entries.filter(([, it]) => !it.alone)) register(entry);
  });
  describe(`${name}, one at a time`, { concurrency: 1 }, () => {
    for (const entry of entries.filter(([, it]) => it.alone)) register(entry);
  });
  return { name, cases };
}
