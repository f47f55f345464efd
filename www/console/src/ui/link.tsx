import type { AnchorHTMLAttributes, MouseEvent } from "react";
import { navigate } from "../util/location.ts";

/** A link within the console. Anything but a plain click stays the browser's own, so new tabs work as ever. */
export function Link({ href, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement> & { href: string }) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(href);
  };
  return <a {...rest} href={href} onClick={follow} />;
}
