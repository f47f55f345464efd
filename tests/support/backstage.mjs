// @ts-check
// Starts lab and sandbox in a thread of their own, so that their sockets and timers are not counted among the client's.
import { Worker } from "node:worker_threads";

/**
 * @typedef {{ lab: string, sandbox: string }} Props  addresses: the lab's control port and the sandbox
 * @returns {Promise<{ props: Props, close: () => Promise<void> }>}
 */
export async function startBackstage() {
  const worker = new Worker(new URL("./backstage.worker.mjs", import.meta.url));
  const props = await new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  worker.unref();
  return {
    props,
    close: async () => {
      await worker.terminate();
    },
  };
}
