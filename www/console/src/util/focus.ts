// Where the focus goes after a move between screens: to the new heading, as a page load would begin at the top. A screen
// that keeps its place (the queue) takes the move for itself.

import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";

let moved = false;

/** Called when the path has changed. */
export function noteMove(): void {
  moved = true;
}

/** Whether there was a move that nobody has answered yet; whoever asks answers it. */
export function takeMove(): boolean {
  const was = moved;
  moved = false;
  return was;
}

/**
 * For a button that goes when its time is over: whoever was on it is led on to an heir, and not left nowhere. Give the result
 * to the button.
 */
export function useHeir(there: boolean, heir: () => HTMLElement | null) {
  const held = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only its going is what matters
  useEffect(() => {
    if (there || !held.current) return;
    held.current = false;
    heir()?.focus({ preventScroll: true });
  }, [there]);
  return {
    onFocus: () => {
      held.current = true;
    },
    // React tells of no blur where it takes the button away itself.
    onBlur: () => {
      held.current = false;
    },
  };
}

/**
 * For a part whose controls go with what they were for, whenever that is drawn: whoever was on one of them is led on to an heir.
 * Give the result to the part.
 */
export function useFocusLedOn(part: RefObject<HTMLElement | null>, heir: () => HTMLElement | null | undefined) {
  const held = useRef(false);
  useLayoutEffect(() => {
    const { activeElement } = document;
    // A dialog that closes gives the focus back, of which React tells as little.
    if (part.current?.contains(activeElement)) held.current = true;
    if (!held.current || activeElement !== document.body) return;
    held.current = false;
    heir()?.focus({ preventScroll: true });
  });
  return {
    onFocus: () => {
      held.current = true;
    },
    // React tells of no blur where it takes a control away itself.
    onBlur: () => {
      held.current = false;
    },
  };
}

/** Where in a form the focus was, for the one that takes its place at once. */
let place: number | undefined;

/** For a form that is drawn anew with what it asked for: who was in it is there again, or at its beginning where that has gone. */
export function useFocusKept(form: RefObject<HTMLFormElement | null>): void {
  useLayoutEffect(() => {
    const element = form.current;
    const control = place === undefined ? undefined : (element?.elements[place] ?? element?.elements[0]);
    if (control instanceof HTMLElement) control.focus({ preventScroll: true });
    return () => {
      const { activeElement } = document;
      if (activeElement === null || !element?.contains(activeElement)) return;
      place = [...element.elements].indexOf(activeElement);
      // Another screen's form is not the one.
      queueMicrotask(() => {
        place = undefined;
      });
    };
  }, [form]);
}

/**
 * For what goes with its buttons and links: whoever is on one of them is led to the part of the screen around it. Give the
 * result to what goes.
 */
export function useWayOut(): RefObject<HTMLDivElement | null> {
  const self = useRef<HTMLDivElement>(null);
  useLayoutEffect(
    () => () => {
      const { current: element } = self;
      if (!element?.contains(document.activeElement)) return;
      const part = element.parentElement?.closest<HTMLElement>("section, figure, main, [tabindex]");
      if (!part) return;
      if (!part.hasAttribute("tabindex")) {
        part.tabIndex = -1;
        part.addEventListener("blur", () => part.removeAttribute("tabindex"), { once: true });
      }
      part.focus({ preventScroll: true });
    },
    [],
  );
  return self;
}
