import { useState } from "react";

const KEY = "wallet";

/** A wallet that was never on any chain: twenty bytes of chance. */
function invented(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(20));
  return `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** The wallet of this tab, which a reload keeps. */
export function useWallet() {
  const [wallet, setWallet] = useState(() => sessionStorage.getItem(KEY) ?? undefined);
  const [moved, setMoved] = useState(false);
  return {
    wallet,
    /** Whether a person has changed it since the page was loaded. */
    moved,
    connect() {
      const fresh = invented();
      sessionStorage.setItem(KEY, fresh);
      setWallet(fresh);
      setMoved(true);
    },
    disconnect() {
      sessionStorage.removeItem(KEY);
      setWallet(undefined);
      setMoved(true);
    },
  };
}
