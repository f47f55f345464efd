// @ts-check
// Which ports the demo takes.

import { createServer } from "node:net";

/** @typedef {import("./options.mjs").PortOption} PortOption */

/**
 * The port that was asked for, which must be free, or else the usual one, or else any.
 *
 * @param {{ [option in PortOption]?: number }} ports what was asked for
 * @param {PortOption} option
 * @param {number} usual
 * @returns {Promise<number>}
 */
export async function choosePort(ports, option, usual) {
  const asked = ports[option];
  if (asked === undefined) {
    // What is usual for one may be asked for another, whose turn comes later.
    return !Object.values(ports).includes(usual) && (await whyNot(usual)) === undefined ? usual : 0;
  }
  const code = await whyNot(asked);
  if (code === undefined) return asked;
  const why = code === "EADDRINUSE" ? "is in use" : `cannot be opened (${code})`;
  throw new Error(`Port ${asked} ${why}; choose another with --${option}.`);
}

/**
 * Starts something at its port. Another demo that begins at the same moment sees the same ports free.
 *
 * @template Started
 * @param {{ [option in PortOption]?: number }} ports what was asked for
 * @param {PortOption} option
 * @param {number} usual
 * @param {(port: number) => Promise<Started>} start
 */
export async function startAt(ports, option, usual, start) {
  try {
    return await start(await choosePort(ports, option, usual));
  } catch (error) {
    // As Node says it, and as Miniflare does.
    if (!/^(?:EADDRINUSE|ERR_ADDRESS_IN_USE)$/.test(Object(error).code)) throw error;
    return start(await choosePort(ports, option, usual));
  }
}

/**
 * Why a port cannot be had, in Node's code for it.
 *
 * @param {number} port
 * @returns {Promise<string | undefined>}
 */
function whyNot(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (error) => resolve(String(/** @type {NodeJS.ErrnoException} */ (error).code)));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(undefined)));
  });
}
