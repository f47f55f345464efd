import { type ReactNode, useEffect, useRef } from "react";
import { takeMove } from "../util/focus.ts";

interface HeadingProps {
  children: string;
  /** A line below in small letters. */
  detail?: ReactNode;
  /** What stands beside it. */
  aside?: ReactNode;
  /** The screen keeps its place, and gives the focus to what had it. */
  keepsFocus?: boolean;
}

/** A screen's heading, which is its title too. It takes the focus after a move between screens. Nothing personal. */
export function Heading({ children, detail, aside, keepsFocus = false }: HeadingProps) {
  const self = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${children} · Passdesk`;
  }, [children]);
  useEffect(() => {
    if (!keepsFocus && takeMove()) self.current?.focus({ preventScroll: true });
  }, [keepsFocus]);
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
