// Tells the console's other tabs that somebody has signed in. Nothing is sent but that.

const NAME = "passdesk.signed-in";

export function tellSignIn(): void {
  const channel = new BroadcastChannel(NAME);
  channel.postMessage(null);
  channel.close();
}

export function hearSignIn(act: () => void): () => void {
  const channel = new BroadcastChannel(NAME);
  channel.onmessage = act;
  return () => channel.close();
}
