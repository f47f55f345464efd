// Answers can come when the screen that asked is gone.

import { type RefObject, useEffect, useRef } from "react";

/** Whether whoever was here has left. */
export function useLeft(): RefObject<boolean> {
  const left = useRef(false);
  useEffect(() => {
    left.current = false;
    return () => {
      left.current = true;
    };
  }, []);
  return left;
}
