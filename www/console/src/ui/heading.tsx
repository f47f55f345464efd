import { type ReactNode, useEffect } from "react";

interface HeadingProps {
  children: string;
  /** A line below in small letters. */
  detail?: string | undefined;
  /** What stands beside it. */
  aside?: ReactNode;
}

/** A screen's heading, which is its title too. It can take the focus after a move between screens (see app.tsx). */
export function Heading({ children, detail, aside }: HeadingProps) {
  useEffect(() => {
    document.title = `${children} · Passdesk`;
  }, [children]);
  return (
    <header className="heading">
      <div>
        <h1 tabIndex={-1}>{children}</h1>
        {detail && <p className="fine">{detail}</p>}
      </div>
      {aside}
    </header>
  );
}
