import { createContext, use } from "react";
import type { Me } from "./desk.ts";

/** Who is signed in. Every screen is drawn below it, and only once that is known. */
export const MeContext = createContext<Me | undefined>(undefined);

export function useMe(): Me {
  const me = use(MeContext);
  if (me === undefined) throw new Error("a screen was drawn before it was known who is there");
  return me;
}
