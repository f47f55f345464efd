// @ts-check
// The thread behind backstage.mjs.
import { parentPort } from "node:worker_threads";
import { createSandbox } from "passdesk/sandbox";
import { startLab } from "./lab.mjs";
import { serve } from "./serve.mjs";

const lab = await startLab();
const sandbox = await serve(createSandbox({}));
parentPort?.postMessage({ lab: lab.url, sandbox: sandbox.url });
