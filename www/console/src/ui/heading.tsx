import { type ReactNode, useEffect, useRef } from "react";
import { takeMove } from "../util/focus.ts";

interface HeadingProps {
  children: string;
  /** A line below in small letters. */
  detail?: ReactNode;
  /** What stands beside it. */
  aside?: ReactNode;
}

/** A screen's heading, which is its title too. It takes the focus after a move between screens. Nothing personal. */
export function Heading({ children, detail, aside }: HeadingProps) {
  const self = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${children} · Passdesk`;
  }, [children]);
  useEffect(() => {
    if (takeMove()) self.current?.focus({ preventScroll: true });
  }, []);
  return (
    <header className="heading">
      <div>
        <h1 ref={self} tabIndex={-1}>
          {children}
        </h1>
        {detail && <p className="fine">{detail}</p>}
      </div>
      {aside}
    </header>
  );
}
