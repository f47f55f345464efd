import type { ReactNode } from "react";

/** Personal data: shown on the screen, and never on paper. */
export function Private({ children }: { children: ReactNode }) {
  return (
    <>
      <div className="private">{children}</div>
      <p className="print-only">Personal data is not printed. Open this page on a screen, signed in.</p>
    </>
  );
}
