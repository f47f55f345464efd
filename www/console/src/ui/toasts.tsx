import { useEffect, useState } from "react";
import { createStore, useStore } from "../util/store.ts";
import type { Tone } from "./badge.tsx";
import { Button } from "./button.tsx";
import { Icon, type IconName } from "./icon.tsx";

interface Toast {
  tone: Tone;
  title: string;
  text?: string;
  /** With it, the toast stays until it is dismissed (WCAG 2.2, 2.2.1). */
  action?: { label: string; act: () => void };
}

const toasts = createStore<readonly (Toast & { id: number })[]>([]);
const STAYS_MS = 8000;
const MOST = 4;
let last = 0;

const ICONS: Record<Tone, IconName> = { neutral: "info", accent: "info", pass: "pass", warn: "warn", fail: "fail" };

/** Says something that belongs to no place on the screen: what became of an act whose button is gone. Nothing personal. */
export function notify(toast: Toast): void {
  last += 1;
  toasts.set([...toasts.get(), { ...toast, id: last }].slice(-MOST));
}

const dismiss = (id: number) => toasts.set(toasts.get().filter((toast) => toast.id !== id));

export function Toasts() {
  const shown = useStore(toasts);
  return (
    <section className="toasts" aria-label="Notices" aria-live="polite" aria-relevant="additions">
      {shown.map((toast) => (
        <ToastView key={toast.id} {...toast} />
      ))}
    </section>
  );
}

function ToastView({ id, tone, title, text, action }: Toast & { id: number }) {
  const [held, setHeld] = useState(false);
  const stays = held || action !== undefined || tone === "fail";
  useEffect(() => {
    if (stays) return;
    const timer = window.setTimeout(() => dismiss(id), STAYS_MS);
    return () => window.clearTimeout(timer);
  }, [id, stays]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset groups controls of a form
    <div
      role="group"
      aria-label={title}
      className={`toast tone-${tone}`}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <Icon name={ICONS[tone]} />
      <div className="toast-words">
        <p className="toast-title">{title}</p>
        {text && <p>{text}</p>}
      </div>
      {action && (
        <Button
          onClick={() => {
            dismiss(id);
            action.act();
          }}
        >
          {action.label}
        </Button>
      )}
      <button type="button" className="icon-button" aria-label={`Dismiss: ${title}`} onClick={() => dismiss(id)}>
        <Icon name="fail" />
      </button>
    </div>
  );
}
