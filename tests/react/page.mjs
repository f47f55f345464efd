// @ts-check
// A dApp in one page, bundled with React 18 and with React 19. The test says in the address what it shall be, and drives it
// through `globalThis.dapp`.

import { GatewayProvider, GatewayStatus, useGateway } from "@civic/gateway-client-react";
import { useReviewHandoff } from "passdesk/react";
import { createElement, StrictMode, useEffect, useRef, version } from "react";
import { createRoot } from "react-dom/client";

/** @type {{ endpoint?: unknown, gateway?: boolean, strict?: boolean, timeoutMs?: number, twice?: boolean, records?: unknown[], insistsOn?: string }} */
const settings = JSON.parse(decodeURIComponent(location.hash.slice(1)) || "{}");
const { gateway = false, strict = false, twice = false, records = [], insistsOn } = settings;
const { endpoint, timeoutMs } = settings;

/** Every state that was rendered, without repetitions. @type {{ status: string, code?: string, shown: boolean, pass?: string }[]} */
const states = [];
/** @type {unknown} */
let pendingRequests;
let root = createRoot(/** @type {HTMLElement} */ (document.getElementById("root")));
/** @type {Record<string, unknown>} */
let options = { endpoint, ...(timeoutMs !== undefined && { timeoutMs }) };
/** @type {ReturnType<typeof useReviewHandoff>} */
let last;
/** How many requests went through a `fetch` of the dApp's own. */
let lent = 0;

/**
 * What is pending is given as a function: React in development looks into props, and stumbles over those that throw.
 *
 * @param {{ read: () => unknown, pass?: string }} props
 */
function Notice({ read, pass }) {
  const pending = /** @type {any} */ (read());
  const handoff = useReviewHandoff(pending, /** @type {any} */ (options));
  last = handoff;
  // Once, as soon as it is so.
  const insisted = useRef(false);
  useEffect(() => {
    if (handoff.status !== insistsOn || insisted.current) return;
    insisted.current = true;
    handoff.retry();
  }, [handoff.status, handoff.retry]);
  const state = {
    status: handoff.status,
    ...(handoff.error && { code: handoff.error.code }),
    shown: pending !== undefined,
    ...(pass !== undefined && { pass }),
  };
  if (JSON.stringify(states.at(-1)) !== JSON.stringify(state)) states.push(state);
  return createElement("output", null, handoff.status);
}

function Dapp() {
  const { pendingRequests: pending, gatewayStatus } = useGateway();
  return createElement(Notice, { read: () => pending, pass: GatewayStatus[gatewayStatus] });
}

// Civic's hosts, as the provider asks them; the record of the wallet is what the test laid down, the last one for ever.
const send = globalThis.fetch;
let asked = 0;
globalThis.fetch = async (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input, location.href);
  if (!url.hostname.endsWith(".civic.com")) return send(input, init);
  if (url.pathname.startsWith("/v1/token/")) {
    const [status, body] = /** @type {[number, unknown]} */ (records[Math.min(asked, records.length - 1)]);
    asked += 1;
    return Response.json(body, { status });
  }
  return Response.json({ id: url.pathname.split("/").pop(), chains: {} });
};

const chainImplementation = {
  on() {
    return this;
  },
  findGatewayToken: async () => undefined,
  proveWalletOwnership: async () => ({ proof: "proof", signatureMethod: 1 }),
  ownerDids: async () => ["did:example:0x123"],
  chainDetails: { chainType: "ethereum", chainNetwork: "sepolia" },
  onDestroy: async () => {},
  pendingTransaction: undefined,
};

function draw() {
  const inner = gateway
    ? createElement(
        GatewayProvider,
        /** @type {any} */ ({
          walletAddress: "0x123",
          gatekeeperNetwork: "network",
          chainImplementation,
          gatekeeperSendsTransaction: true,
        }),
        createElement(Dapp),
      )
    : createElement("div", null, [
        createElement(Notice, { key: 1, read: () => pendingRequests }),
        twice && createElement(Notice, { key: 2, read: () => pendingRequests }),
      ]);
  root.render(strict ? createElement(StrictMode, null, inner) : inner);
}

Object.assign(globalThis, {
  dapp: {
    version,
    states,
    /** @param {unknown} pending */
    show(pending) {
      pendingRequests = pending;
      draw();
    },
    /** @param {Record<string, unknown>} wanted */
    use(wanted) {
      options = wanted;
      draw();
    },
    /** For values that cannot cross from the test. @param {string} which */
    showOdd(which) {
      const odd = {
        throwing: {
          get presentationRequestId() {
            throw new Error("no");
          },
        },
        symbol: { presentationRequestId: Symbol("id") },
        bigint: { presentationRequestId: 1n },
        function: () => {},
      };
      this.show(Reflect.get(odd, which));
    },
    /** The same for options. @param {string} which */
    useOdd(which) {
      const odd = {
        throwing: {
          get endpoint() {
            throw new Error("no");
          },
        },
        url: {
          get endpoint() {
            return new URL(String(endpoint));
          },
        },
        fetch: {
          endpoint,
          fetch(/** @type {any[]} */ ...rest) {
            lent += 1;
            return Reflect.apply(send, undefined, rest);
          },
        },
        // Whatever the signal says.
        deaf: { endpoint, timeoutMs: 300, fetch: () => new Promise(() => {}) },
      };
      this.use(Reflect.get(odd, which));
    },
    get lent() {
      return lent;
    },
    unmount: () => root.unmount(),
    mount() {
      root = createRoot(/** @type {HTMLElement} */ (document.getElementById("root")));
      draw();
    },
    retry: () => last.retry(),
    get error() {
      const { error } = last;
      if (error === undefined) return undefined;
      const { name, message, code, operation, status, attempts, retryable, retryAfterMs } = error;
      return { name, message, code, operation, status, attempts, retryable, retryAfterMs };
    },
  },
});
draw();
