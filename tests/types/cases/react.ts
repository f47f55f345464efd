// `passdesk/react`, as a dApp calls it.

import type { PassdeskError } from "passdesk";
import { type HandoffStatus, type ReviewHandoff, useReviewHandoff } from "passdesk/react";
import { type Equals, holds } from "./equals.js";

/** As Civic's packages declare it. */
declare const gateway: { gatewayStatus: number; pendingRequests?: { presentationRequestId: string } };
const endpoint = "https://desk.example.com/desk/intake";

export function useEveryCall() {
  const handoff = useReviewHandoff(gateway.pendingRequests, { endpoint });
  holds<Equals<typeof handoff, ReviewHandoff>>();
  holds<Equals<HandoffStatus, "idle" | "sending" | "waiting" | "accepted" | "failed">>();
  holds<Equals<ReviewHandoff["error"], PassdeskError | undefined>>();
  holds<Equals<ReviewHandoff["retry"], () => void>>();

  useReviewHandoff(undefined, { endpoint: new URL(endpoint) });
  useReviewHandoff(null, { endpoint, fetch, timeoutMs: 10_000 });
  // What is left out may be there and undefined, also where the compiler tells the two apart.
  useReviewHandoff(undefined, { endpoint, fetch: undefined, timeoutMs: undefined });
  // @ts-expect-error no endpoint
  useReviewHandoff(gateway.pendingRequests, {});
  // @ts-expect-error no such option
  useReviewHandoff(gateway.pendingRequests, { endpoint, retries: 3 });
  // @ts-expect-error all of the gateway is not its pending requests
  useReviewHandoff(gateway, { endpoint });
  // @ts-expect-error nor is the id alone
  useReviewHandoff("abc123", { endpoint });
}
