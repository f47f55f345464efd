/**
 * What this tab has claimed and not let go of, each with the desk's answer. A case's view may be older than its claim, and
 * whoever leaves the case at once must not keep it from the others.
 */
export const claims = new Map<string, Promise<unknown>>();

const CHANNEL = "passdesk.released";

/** Tells the console's other tabs that this one lets go of a case as it is left: the claim is the person's, not the tab's. */
export function tellRelease(id: string): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(id);
  channel.close();
}

export function hearRelease(act: (id: unknown) => void): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }) => act(data);
  return () => channel.close();
}
