// @ts-check
import { once } from "node:events";
import { Agent, get } from "node:http";

/**
 * Asks again and again for so long, so many at a time, and counts whole answers.
 *
 * @param {{ url: string, headers?: Record<string, string> }} contender
 * @param {{ ms: number, atOnce: number }} options
 */
export async function load({ url, headers = {} }, { ms, atOnce }) {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const began = performance.now();
  let count = 0;
  let bytes = 0;
  const client = async () => {
    while (performance.now() - began < ms) {
      const outgoing = get(url, { agent, headers });
      const [incoming] = await once(outgoing, "response");
      incoming.on("data", (/** @type {Buffer} */ data) => {
        bytes += data.length;
      });
      await once(incoming, "end");
      if (incoming.statusCode !== 200) throw new Error(`${url} answered ${incoming.statusCode}`);
      count += 1;
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, client));
    return { count, bytes, seconds: (performance.now() - began) / 1000 };
  } finally {
    agent.destroy();
  }
}
