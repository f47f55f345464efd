// What the README's first example tells its reader to set.
declare namespace NodeJS {
  interface ProcessEnv {
    CIVIC_TOKEN_URL: string;
    CIVIC_CLIENT_ID: string;
    CIVIC_CLIENT_SECRET: string;
    GLOBALID_TOKEN: string;
  }
}

/** What an example needs of Civic's package, which cannot be had under a licence. */
declare module "@civic/ethereum-gateway-react" {
  export function useGateway(): { pendingRequests?: { presentationRequestId: string } };
}
