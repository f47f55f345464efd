// A call of the client as React state: begun when the component appears, aborted when it goes.

import { useEffect, useEffectEvent, useState } from "react";
import { createStore, useStore } from "./store.ts";

const underWay = createStore(0);

/** How many calls are waited for now. */
export const callsUnderWay = () => underWay.get();
export const useCallsUnderWay = () => useStore(underWay);

export type Call<T> = { state: "waiting" } | { state: "done"; value: T } | { state: "failed"; error: unknown };

/**
 * Begins `start` once, and again on `repeat`. A component that shows another thing is given another `key`, so that nothing
 * of the last one is left on the screen.
 */
export function useCall<T>(start: (signal: AbortSignal) => Promise<T>): { call: Call<T>; repeat: () => void } {
  const [round, setRound] = useState(0);
  const [call, setCall] = useState<Call<T>>({ state: "waiting" });
  const begin = useEffectEvent(start);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round is what begins the call anew
  useEffect(() => {
    const controller = new AbortController();
    const settle = (next: Call<T>) => {
      underWay.set(underWay.get() - 1);
      if (!controller.signal.aborted) setCall(next);
    };
    underWay.set(underWay.get() + 1);
    begin(controller.signal).then(
      (value) => settle({ state: "done", value }),
      (error: unknown) => settle({ state: "failed", error }),
    );
    return () => controller.abort();
  }, [round]);

  const repeat = () => {
    setCall({ state: "waiting" });
    setRound((last) => last + 1);
  };
  return { call, repeat };
}
