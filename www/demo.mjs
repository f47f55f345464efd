#!/usr/bin/env node
// @ts-check
// The demo: the sandbox, the desk, the console and a dApp on this machine. `cargo xtask demo` builds all of it and runs this.
//
//   node www/demo.mjs [--port 8787] [--sandbox-port 8788] [--dapp-port 8789] [--once]
//
// --once ends after the six operations, with their exit code.

import { tokenProvider } from "passdesk";
import { createSandbox } from "passdesk/sandbox";
import { startDapp } from "./demo/dapp.mjs";
import { DAPP } from "./demo/hand-over.mjs";
import { demoOptions } from "./demo/options.mjs";
import { startAt } from "./demo/ports.mjs";
import { HISTORIES, SAMPLES } from "./demo/samples.mjs";
import { seed } from "./demo/seed.mjs";
import { failureLine, sixOperations } from "./demo/six-operations.mjs";
import { startDesk, startSandbox } from "./demo/workers.mjs";

const { ports, once } = demoOptions();

/** @type {import("./demo/workers.mjs").RunningWorker[]} */
const running = [];
let stopping = false;

// The last is a terminal's that is closed.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop(0));

try {
  console.log("Starting the sandbox, Civic's and globaliD's stand-ins, in workerd …");
  const sandbox = await startAt(ports, "sandbox-port", 8788, (port) => startSandbox({ port }));
  running.push(sandbox);
  await answering(`${sandbox.url}/sandbox`);

  console.log("Starting the desk and the console in workerd, with a local D1, and Access's stand-in before them …");
  const { credentials } = createSandbox();
  const token = tokenProvider({ tokenUrl: `${sandbox.url}/oauth/token`, ...credentials });
  const dapp = await startAt(ports, "dapp-port", 8789, (port) => startDapp({ sandboxUrl: sandbox.url, token, port }));
  running.push(dapp);
  // The dApp's page can be opened by either name, and each is an origin of its own.
  const settings = { INTAKE_ORIGINS: [DAPP, dapp.url, dapp.url.replace("127.0.0.1", "localhost")].join(", ") };
  const desk = await startAt(ports, "port", 8787, (port) =>
    startDesk({ sandboxUrl: sandbox.url, credentials, port, settings }),
  );
  running.push(desk);
  dapp.sendTo(desk.url);
  await answering(`${desk.url}/desk/health`);
  const { open, past } = await seed({ desk, sandboxUrl: sandbox.url, token });
  console.log(`${open + past} requests were handed over, as by a dApp, and confirmed. What there is to see:`);
  for (const { title, samples } of [...SAMPLES, HISTORIES]) {
    console.log(`\n  ${title}`);
    for (const { id, shows } of samples) console.log(`    ${id.padEnd(38)}${shows}`);
  }

  console.log("\nThe six operations, from Node, against the sandbox:\n");
  await sixOperations({ sandboxUrl: sandbox.url });

  if (once) {
    await stop(0);
  } else {
    console.log(`\nA dApp that hands requests over is at ${dapp.url}`);
    console.log(`Open ${desk.url}   (the sandbox is at ${sandbox.url}; Ctrl-C ends all)`);
  }
} catch (error) {
  if (!stopping) {
    console.error(failureLine(error));
    await stop(1);
  }
}

/**
 * Ends the Workers and the dApp, then this process.
 *
 * @param {number} exitCode
 */
async function stop(exitCode) {
  if (stopping) return;
  stopping = true;
  await Promise.allSettled(running.map((worker) => worker.stop()));
  process.exit(exitCode);
}

/**
 * Waits until this URL answers well, for at most 30 seconds.
 *
 * @param {string} url
 */
async function answering(url) {
  const end = Date.now() + 30_000;
  for (let last = "no answer"; ; await new Promise((resolve) => setTimeout(resolve, 200))) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
      const body = await response.text();
      if (response.ok) return;
      last = `HTTP ${response.status} ${body.slice(0, 200)}`;
    } catch (error) {
      last = error instanceof Error ? error.name : "no answer";
    }
    if (Date.now() > end) throw new Error(`${url} did not come up: ${last}`);
  }
}
