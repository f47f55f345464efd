// @ts-check
// What the demo is asked for, apart from the demo itself, which needs the package: `cargo xtask demo` asks here before it builds.

import { pathToFileURL } from "node:url";
import { asked } from "./asked.mjs";
import { choosePort } from "./ports.mjs";

/** @typedef {"port" | "sandbox-port" | "dapp-port"} PortOption */

const PORTS = /** @type {const} */ (["port", "sandbox-port", "dapp-port"]);
const USAGE = "The demo takes --port N, --sandbox-port N, --dapp-port N and --once.";

/** @returns {{ ports: { [option in PortOption]?: number }, once: boolean }} */
export function demoOptions() {
  const values = asked(
    {
      port: { type: "string" },
      "sandbox-port": { type: "string" },
      "dapp-port": { type: "string" },
      once: { type: "boolean", default: false },
    },
    USAGE,
  );
  /** @type {{ [option in PortOption]?: number }} */
  const ports = {};
  for (const option of PORTS) {
    const value = values[option];
    if (value === undefined) continue;
    if (!/^\d{1,5}$/.test(value) || Number(value) > 65_535) {
      console.error(`--${option} must be a port number. ${USAGE}`);
      process.exit(2);
    }
    const port = Number(value);
    if (port > 0 && Object.values(ports).includes(port)) {
      console.error(`--${option} must be a port of its own. ${USAGE}`);
      process.exit(2);
    }
    ports[option] = port;
  }
  return { ports, once: values.once };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { ports } = demoOptions();
  try {
    // Each would be looked at only when its turn comes.
    for (const [option, port] of Object.entries(ports))
      await choosePort(ports, /** @type {PortOption} */ (option), port);
  } catch (error) {
    console.error(/** @type {Error} */ (error).message);
    process.exit(1);
  }
}
