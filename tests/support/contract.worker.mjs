// @ts-check
// The contract suites in workerd: GET lists the cases, POST runs one and says how it went.
import * as passdesk from "passdesk";
import { createStage } from "./stage.mjs";

/**
 * @param {{ name: string, cases: Record<string, import("./suite.mjs").Case> }[]} suites
 */
export const contractWorker = (suites) => ({
  /** @param {Request} request */
  async fetch(request) {
    if (request.method === "GET") {
      return Response.json(
        suites.flatMap(({ name, cases }) =>
          Object.entries(cases)
            .filter(([, entry]) => (entry.only ?? "workerd") === "workerd")
            .map(([title, entry]) => ({ name, title, alone: entry.alone === true })),
        ),
      );
    }
    const { name, title, props } = await request.json();
    const entry = suites.find((suite) => suite.name === name)?.cases[title];
    if (entry === undefined) return new Response("no such case", { status: 404 });
    try {
      const stage = createStage({ passdesk, runtime: "workerd", props });
      await entry(stage);
      await stage.done();
      return Response.json({ ok: true });
    } catch (error) {
      return Response.json({
        ok: false,
        error: error instanceof Error ? `${error.message}\n${error.stack}` : String(error),
      });
    }
  },
});
