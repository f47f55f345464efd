import { type ReactNode, useEffect, useRef } from "react";

/** The heading of a card. After a click that replaced the card it takes the focus, which was on a button that is gone. */
export function Heading({ id, takesFocus, children }: { id: string; takesFocus: boolean; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (takesFocus) heading.current?.focus();
  }, [takesFocus]);
  return (
    <h2 id={id} ref={heading} tabIndex={-1}>
      {children}
    </h2>
  );
}
