import { useEffect, useRef } from "react";
import { useLocation } from "wouter";
import { useFocusLedOn } from "../util/focus.ts";
import { createStore, useStore } from "../util/store.ts";
import type { Tone } from "./badge.tsx";
import { Icon, type IconName } from "./icon.tsx";

interface Toast {
  tone: Tone;
  /** What it is known by: told again, it takes the place of what was told before. */
  title: string;
  text?: string;
}

const toasts = createStore<readonly (Toast & { id: number })[]>([]);
const MOST = 4;
let last = 0;

const ICONS: Record<Tone, IconName> = { neutral: "info", accent: "info", pass: "pass", warn: "warn", fail: "fail" };

/** Says something that belongs to no place on the screen: what became of an act whose button is gone. Nothing personal. */
export function notify(toast: Toast): void {
  last += 1;
  keep(({ title }) => title !== toast.title);
  toasts.set([...toasts.get(), { ...toast, id: last }].slice(-MOST));
}

/** Takes back what is not so any more. */
export const withdraw = (toast: Toast) => keep(({ title }) => title !== toast.title);

const keep = (which: (toast: Toast & { id: number }) => boolean) => {
  if (!toasts.get().every(which)) toasts.set(toasts.get().filter(which));
};

/**
 * Above the screen, and in its flow: they cover nothing. So none goes by itself either, since what is below would move under a
 * hand at a moment that nobody chose; but the next screen is another matter, and only what failed is told there still.
 */
export function Toasts() {
  const shown = useStore(toasts);
  const [pathname] = useLocation();
  const section = useRef<HTMLElement>(null);
  const ledOn = useFocusLedOn(
    section,
    () => section.current?.querySelector("button") ?? document.querySelector("main"),
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: a move is what ends them
  useEffect(() => keep(({ tone }) => tone === "fail"), [pathname]);
  useEffect(() => {
    const { current: element } = section;
    if (element === null) return;
    const { style } = document.documentElement;
    // What is brought into sight, and what stays in sight while the rest is scrolled, is below them.
    const observer = new ResizeObserver(() => style.setProperty("--notices", `${element.offsetHeight}px`));
    observer.observe(element);
    return () => {
      observer.disconnect();
      style.removeProperty("--notices");
    };
  }, []);
  return (
    <section
      ref={section}
      className="toasts"
      aria-label="Notices"
      aria-live="polite"
      aria-relevant="additions"
      {...ledOn}
    >
      {shown.map(({ id, tone, title, text }) => (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset groups controls of a form
        <div key={id} role="group" aria-label={title} className={`toast tone-${tone}`}>
          <Icon name={ICONS[tone]} />
          <div className="toast-words">
            <p className="toast-title">{title}</p>
            {text && <p>{text}</p>}
          </div>
          <button
            type="button"
            className="icon-button"
            aria-label={`Dismiss: ${title}`}
            onClick={() => keep((one) => one.id !== id)}
          >
            <Icon name="fail" />
          </button>
        </div>
      ))}
    </section>
  );
}
