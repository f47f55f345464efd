import { GatewayProvider } from "@civic/gateway-client-react";
import { useMemo } from "react";
import { chainOf, GATEKEEPER_NETWORK } from "./civic.ts";
import { Heading } from "./heading.tsx";
import { Pass } from "./pass.tsx";
import { useWallet } from "./wallet.ts";

/** The provider says much, of wallets too. One object, since another one would begin everything anew. */
const QUIET = { autoShowModal: false, logLevel: "error" };

/** Meridian: an exchange that lets in whoever has a pass. The exchange is invented, the way to the desk is not. */
export function Dapp({ desk }: { desk: string }) {
  const { wallet, moved, connect, disconnect } = useWallet();
  const chain = useMemo(() => (wallet === undefined ? undefined : chainOf(wallet)), [wallet]);
  return (
    <div className="page">
      <header>
        <p className="brand">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <circle cx="16" cy="16" r="13" />
            <path d="M16 3v26M5 11h22M5 21h22" />
          </svg>
          Meridian
        </p>
        <p className="tag">a demo dApp</p>
      </header>
      <main>
        <h1>Trading here needs a pass</h1>
        <p className="lead">
          You show your documents to Civic. Our reviewers look at them, and your wallet gets a pass. Nobody else learns
          who you are.
        </p>
        {wallet === undefined ? (
          <section className="card" aria-labelledby="begin">
            <Heading id="begin" takesFocus={moved}>
              You have no pass yet
            </Heading>
            <p>In this demo your documents are invented, and so is your wallet.</p>
            <button type="button" className="button main" onClick={connect}>
              Get my pass
            </button>
          </section>
        ) : (
          <GatewayProvider
            key={wallet}
            walletAddress={wallet}
            gatekeeperNetwork={GATEKEEPER_NETWORK}
            chainImplementation={chain}
            gatekeeperSendsTransaction
            options={QUIET}
          >
            <Pass wallet={wallet} desk={desk} takesFocus={moved} onLeave={disconnect} />
          </GatewayProvider>
        )}
      </main>
      <footer>
        <p>
          No coin is traded and no person is real. What you start here appears in the queue of the{" "}
          <a href={desk}>review desk</a>.
        </p>
      </footer>
    </div>
  );
}
