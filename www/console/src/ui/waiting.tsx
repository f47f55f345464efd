import { useEffect, useState } from "react";

/** From then on it is said that it takes long. */
const LONG_MS = 6000;

/** Shown while something is on its way. It appears after a moment only, so that quick answers do not flicker. */
export function Waiting({ what }: { what: string }) {
  const [long, setLong] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setLong(true), LONG_MS);
    return () => window.clearTimeout(timer);
  }, []);
  return (
    <p className="waiting" role="status">
      <span className="spinner" aria-hidden="true" />
      <span>
        {what}
        {long && " – this takes longer than usual"}
      </span>
    </p>
  );
}
