// What the demo dApp uses of Civic's package. The package's own declarations lead into its TypeScript sources, which are not
// written for a check as strict as this one.

import type { ReactNode } from "react";

/** How far a pass is; those that the demo looks at. */
export declare const GatewayStatus: { readonly REJECTED: 6; readonly ACTIVE: 9 };

/** What the demo hands to the provider. */
export interface GatewayProviderProps {
  walletAddress: string | undefined;
  gatekeeperNetwork: string | undefined;
  chainImplementation: object | undefined;
  gatekeeperSendsTransaction: boolean;
  options?: { autoShowModal: boolean; logLevel?: string };
  children?: ReactNode;
}

/** Watches over the pass of a wallet. */
export declare function GatewayProvider(props: GatewayProviderProps): ReactNode;

/** What the provider knows. */
export declare function useGateway(): {
  gatewayStatus: number;
  pendingRequests?: { presentationRequestId: string };
};
