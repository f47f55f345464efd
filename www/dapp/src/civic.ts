// Everything of Civic that a dApp meets, as the real provider asks for it, answered by the demo's own server: the gatekeeper,
// the network's settings, and a chain on which the gatekeeper issues a token.

/** What a chain says of a token, as far as the provider looks at it. */
interface GatewayToken {
  issuingGatekeeper: string;
  gatekeeperNetworkAddress: string;
  owner: string;
  state: "ACTIVE";
  identifier: string;
}

const GATEKEEPER = /^https:\/\/gatekeeper-api\.civic\.com\/v1\/token\/ethereum\/(0x[0-9a-f]{40})/;
const NETWORK = /^https:\/\/api\.civic\.com\/gkn\//;

export const GATEKEEPER_NETWORK = "demo-network";

/** Sends what is meant for Civic's hosts to the demo's server, and leaves everything else alone. */
export function standInForCivic() {
  const send = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const address = input instanceof Request ? input.url : String(input);
    const wallet = GATEKEEPER.exec(address)?.[1];
    if (wallet !== undefined) return send(`/civic/record/${wallet}`, { signal: init?.signal ?? null });
    if (NETWORK.test(address)) return Response.json({ id: GATEKEEPER_NETWORK, chains: {} });
    return send(input, init);
  };
}

/** A chain with one wallet on it. Its token is there as soon as the gatekeeper has issued it. */
export function chainOf(wallet: string) {
  const listeners = new Set<(token: GatewayToken) => void>();
  let timer: ReturnType<typeof setInterval> | undefined;
  const token: GatewayToken = {
    issuingGatekeeper: "demo-gatekeeper",
    gatekeeperNetworkAddress: GATEKEEPER_NETWORK,
    owner: wallet,
    state: "ACTIVE",
    identifier: `token-of-${wallet}`,
  };
  const find = async () => {
    const { issued } = (await (await fetch(`/civic/token/${wallet}`)).json()) as { issued: boolean };
    return issued ? token : undefined;
  };
  const look = async () => {
    const found = await find().catch(() => undefined);
    if (found === undefined) return;
    clearInterval(timer);
    for (const listener of listeners) listener(found);
  };
  return {
    on(_event: string, listener: (token: GatewayToken) => void) {
      listeners.add(listener);
      timer ??= setInterval(look, 2_000);
      return this;
    },
    findGatewayToken: find,
    proveWalletOwnership: async () => ({ proof: "demo", signatureMethod: 1 }),
    ownerDids: async () => [`did:ethr:${wallet}`],
    chainDetails: { chainType: "ethereum", chainNetwork: "sepolia" },
    async onDestroy() {
      clearInterval(timer);
      timer = undefined;
      listeners.clear();
    },
    pendingTransaction: undefined,
  };
}
