import type { ComponentProps } from "react";

/** For names and ids, which a browser must neither complete, nor capitalize, nor send anywhere to be spelt. */
export function ExactInput(props: ComponentProps<"input">) {
  return <input autoComplete="off" autoCapitalize="none" spellCheck={false} {...props} />;
}
