// What a screen has that is nowhere else keeps it open, whether a link, a key or the browser's Back would leave it. (Of a tab
// that is closed the browser asks by itself, where the screen lets it.)

import { useEffect } from "react";
import type { AroundNavHandler } from "wouter";

let told: (() => void) | undefined;

/** Keeps whoever is here from leaving unawares; `tell`, the same one each time, says why. */
export function useStay(stays: boolean, tell: () => void): void {
  useEffect(() => {
    if (!stays) return;
    told = tell;
    // Not every browser has it; where it is missing, Back leaves.
    const { navigation } = window;
    navigation?.addEventListener("navigate", turn);
    return () => {
      told = undefined;
      navigation?.removeEventListener("navigate", turn);
    };
  }, [stays, tell]);
}

/** For the router: goes where a link or a key leads, or stays. */
export const leave: AroundNavHandler = (navigate, to, options) => {
  if (told) told();
  else navigate(to, options);
};

/** Back and forward within the console. Who insists gets through: https://html.spec.whatwg.org/#consume-history-action-user-activation */
function turn(event: NavigateEvent): void {
  if (event.navigationType !== "traverse" || !event.cancelable) return;
  event.preventDefault();
  told?.();
}
