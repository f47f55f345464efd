// The sandbox fits where its users put it: into any call, and into a Worker.

import { type CallOptions, retrievePii, tokenProvider } from "passdesk";
import { createSandbox, FAULTS, type Sandbox } from "passdesk/sandbox";
import { type Equals, holds } from "./equals.js";

const sandbox = createSandbox({ seed: "types", attestations: 100, faults: ["search.503x2"] });
holds<Equals<typeof sandbox, Sandbox>>();
export const calls: CallOptions = { fetch: sandbox.fetch };
retrievePii({ requestId: "abc123", token: sandbox.issueToken, fetch: sandbox.fetch });
tokenProvider({ tokenUrl: "https://sandbox.example/oauth/token", ...sandbox.credentials, fetch: sandbox.fetch });
export const worker = { fetch: (request: Request): Promise<Response> => sandbox.fetch(request) };
export const takeBack: () => void = sandbox.fault({ fault: "503", operation: "pii", times: 2 });
export const description: string | undefined = FAULTS["503"]?.description;
// @ts-expect-error a misspelt option
createSandbox({ attestation: 100 });
// @ts-expect-error no such operation
sandbox.fault({ fault: "503", operation: "retrievePii" });

// What is left out may be there and undefined, also where the compiler tells the two apart.
declare const maybe: { text?: string; number?: number; faults?: string[]; evidence?: Record<string, never> };
createSandbox({ seed: maybe.text, origin: maybe.text, attestations: maybe.number, faults: maybe.faults });
createSandbox({
  requests: [{ id: "a", status: maybe.text, verifiedInformation: undefined, evidence: maybe.evidence }],
});
sandbox.fault({ fault: "503", operation: undefined, requestId: maybe.text, times: maybe.number });
sandbox.issueToken({ api: undefined, attestee: maybe.text, lifetimeSeconds: maybe.number });
