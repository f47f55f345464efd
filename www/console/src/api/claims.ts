/**
 * What this tab has claimed and not let go of, each with the desk's answer. A case's view may be older than its claim, and
 * whoever leaves the case at once must not keep it from the others.
 */
export const claims = new Map<string, Promise<unknown>>();

/** What this tab has let go of as it left, each with the desk's answer: a view that is remembered does not know of it. */
export const releases = new Map<string, Promise<unknown>>();

const CHANNEL = "passdesk.left";

interface Left {
  id: string;
  /** Whether it lets go of the claim. */
  released: boolean;
}

/** Tells the console's other tabs that this one leaves a case: who is there, and has claimed it, is a person, not a tab. */
export function tellLeft(left: Left): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(left);
  channel.close();
}

export function hearLeft(act: (left: Left) => void): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }) => act(data);
  return () => channel.close();
}
