// @ts-check
// Every fault of the sandbox through every operation: the code, the attempts on the wire as the sandbox counts them, and
// that it ended in time. What must come out is written down in expectations.mjs.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import * as passdesk from "passdesk";
import { createSandbox, FAULTS } from "passdesk/sandbox";
import { serve } from "../support/serve.mjs";
import { COLUMNS, EXPECTATIONS } from "./expectations.mjs";

/**
 * @typedef {import("./expectations.mjs").Column} Column
 * @typedef {{ origin: string, sandbox: import("passdesk/sandbox").Sandbox, options: import("passdesk").CallOptions }} Scene
 */

const REQUEST = "foreign-link";
/** @param {Scene} scene */
const civic = async ({ origin, sandbox, options }) => ({
  token: await sandbox.issueToken(),
  baseUrl: origin,
  ...options,
});
/** @param {Scene} scene */
const client = ({ origin, sandbox, options }) => {
  const { clientId, clientSecret } = sandbox.credentials;
  return { tokenUrl: `${origin}/oauth/token`, clientId, clientSecret, ...options };
};

/** @param {Scene} scene @param {"evidence" | "store"} route */
async function evidenceOf(scene, route) {
  const common = await civic(scene);
  // The record is fetched beforehand, by hand: only the evidence is to be struck.
  const headers = { authorization: `Bearer ${common.token}` };
  const pii = await (await fetch(`${scene.origin}/partner/piirequest/${REQUEST}`, { headers })).json();
  const rel = route === "store" ? "evidence-selfie" : "idDocumentFront";
  const href = /** @type {{ rel: string, href: string }[]} */ (pii.links).find((link) => link.rel === rel)?.href ?? "";
  return { pii, rel, ...common, ...(route === "store" && { allowOrigins: [new URL(href).origin] }) };
}

/** @param {"evidence" | "store"} route */
const stream = (route) => async (/** @type {Scene} */ scene) => {
  const response = await passdesk.streamEvidence(await evidenceOf(scene, route));
  await response.arrayBuffer();
};

/** @type {Record<Column, (scene: Scene) => Promise<unknown>>} what they give is `ok`, or a receipt's outcome */
const CALLS = {
  "exchangeToken>token": (scene) => passdesk.exchangeToken(client(scene)),
  "exchangeToken>userToken": (scene) =>
    passdesk.exchangeToken({ ...client(scene), tokenUrl: `${scene.origin}/v1/auth/token` }),
  "tokenProvider>token": (scene) => passdesk.tokenProvider(client(scene))(),
  "retrievePii>token": (scene) =>
    passdesk.retrievePii({
      requestId: REQUEST,
      token: passdesk.tokenProvider(client(scene)),
      baseUrl: scene.origin,
      ...scene.options,
    }),
  "retrievePii>pii": async (scene) => passdesk.retrievePii({ requestId: REQUEST, ...(await civic(scene)) }),
  "fetchEvidence>evidence": async (scene) => passdesk.fetchEvidence(await evidenceOf(scene, "evidence")),
  "fetchEvidence>store": async (scene) => passdesk.fetchEvidence(await evidenceOf(scene, "store")),
  "streamEvidence>evidence": stream("evidence"),
  "streamEvidence>store": stream("store"),
  "submitDecision>pii": async (scene) =>
    passdesk.submitDecision({ requestId: REQUEST, status: "partner-pass", ...(await civic(scene)) }),
  "submitDecision>status": async (scene) =>
    passdesk.submitDecision({ requestId: REQUEST, status: "partner-pass", ...(await civic(scene)) }),
  "listAttestations>attestations": async (scene) =>
    passdesk.listAttestations({
      token: await scene.sandbox.issueToken({ api: "globalid", attestee: "johnsmith" }),
      baseUrl: scene.origin,
      ...scene.options,
    }),
  "searchAttestations>search": (scene) => passdesk.searchAttestations({ baseUrl: scene.origin, ...scene.options }),
  "eachAttestation>search": async (scene) => {
    for await (const _ of passdesk.eachAttestation({ baseUrl: scene.origin, ...scene.options }));
  },
};

/** Nothing may take longer, on two slow cores with eight calls at once. */
const LIMIT = 30_000;

/**
 * @param {Column} column
 * @param {string} fault
 * @param {number} timeoutMs
 */
async function drive(column, fault, timeoutMs) {
  const [operation = "", route = ""] = column.split(">");
  const sandbox = createSandbox({ attestations: 120, faults: [] });
  const server = await serve(sandbox.fetch);
  try {
    const scene = { origin: server.url, sandbox, options: { timeoutMs, maxRetries: 1 } };
    sandbox.fault(`${route}.${fault}`);
    const began = performance.now();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const late = new Promise((resolve) => {
      timer = setTimeout(() => resolve("hung"), LIMIT);
    });
    /** @type {{ outcome: string, attempts?: number, operation?: string }} */
    const result = await Promise.race([
      late.then(() => ({ outcome: "hung" })),
      CALLS[column](scene).then(
        (value) => ({ outcome: /** @type {any} */ (value)?.outcome ?? "ok" }),
        (error) => {
          assert.ok(passdesk.isPassdeskError(error), String(error?.stack ?? error));
          return { outcome: error.code, attempts: error.attempts, operation: error.operation };
        },
      ),
    ]);
    clearTimeout(timer);
    const ms = Math.round(performance.now() - began);
    // The record that evidence needs is fetched by this test itself, before the fault's route is called.
    const wire = sandbox.calls.filter((call) => call.route === route).length;
    return {
      ...result,
      wire,
      ms,
      expected: operation,
      strangers: sandbox.calls.filter((call) => call.route === "unknown").length,
    };
  } finally {
    await server.close();
  }
}

/** @type {Map<string, Map<Column, string>>} */
const table = new Map();

/** @param {string} name @param {import("./expectations.mjs").Row} row @param {Column} column */
function register(name, row, column) {
  const cell = row[column] ?? row.all ?? "";
  test(`${name} × ${column}: ${cell}`, { timeout: LIMIT + 30_000 }, async () => {
    const got = await drive(column, row.as ?? name, row.timeoutMs ?? 20_000);
    const cells = table.get(name) ?? table.set(name, new Map()).get(name);
    cells?.set(column, `${got.outcome} ${got.wire} (${got.ms} ms)`);
    const [outcome, count = ""] = cell.split(" ");
    assert.equal(`${got.outcome} ${got.wire}`, count.startsWith("<=") ? `${outcome} ${got.wire}` : cell);
    if (count.startsWith("<=")) assert.ok(got.wire <= Number(count.slice(2)), `${got.wire} requests, of ${count}`);
    if (got.attempts !== undefined) {
      assert.equal(got.attempts, got.wire, "the error counts what the wire saw");
    }
    assert.equal(got.strangers, 0, "no redirect was followed");
  });
}

test("every fault of the sandbox is in the table, and every row is a fault", () => {
  assert.deepEqual(Object.keys(EXPECTATIONS).sort(), Object.keys(FAULTS).sort());
  for (const [name, kind] of Object.entries(FAULTS)) {
    for (const column of COLUMNS) {
      const fits = kind.operations.includes(/** @type {any} */ (column.split(">")[1]));
      const cell = EXPECTATIONS[name]?.[column] ?? EXPECTATIONS[name]?.all;
      if (fits) assert.ok(cell, `${name} × ${column} has an expectation`);
    }
  }
  assert.deepEqual(
    [...new Set(Object.values(FAULTS).flatMap((kind) => kind.operations))].filter(
      (route) => !COLUMNS.some((column) => column.endsWith(`>${route}`)),
    ),
    [],
    "every route of the sandbox is reached",
  );
});

describe("faults", { concurrency: 8 }, () => {
  for (const [name, kind] of Object.entries(FAULTS)) {
    for (const column of COLUMNS) {
      const row = EXPECTATIONS[name];
      if (row !== undefined && kind.operations.includes(/** @type {any} */ (column.split(">")[1])))
        register(name, row, column);
    }
  }
});

after(() => {
  const lines = [`| fault | ${COLUMNS.join(" | ")} |`, `| --- ${"| --- ".repeat(COLUMNS.length)}|`];
  for (const [name, cells] of table)
    lines.push(`| ${name} | ${COLUMNS.map((column) => cells.get(column) ?? "").join(" | ")} |`);
  console.log(`code or outcome, requests on the wire, time\n${lines.join("\n")}`);
});
