// What a person likes, kept in this browser. Nothing else of the console is stored anywhere; public/theme.js reads the
// theme before the first paint, so the name and the shape are its too.

import { createStore, useStore } from "./store.ts";

export type Theme = "system" | "light" | "dark";

export interface Preferences {
  theme: Theme;
  /** Whether single letters do something (WCAG 2.2, 2.1.4). */
  shortcuts: boolean;
}

const KEY = "passdesk.preferences";
const DEFAULTS: Preferences = { theme: "system", shortcuts: true };

const store = createStore(read());

export const preferences = () => store.get();
export const usePreferences = () => useStore(store);

export function prefer(changes: Partial<Preferences>): void {
  const next = { ...store.get(), ...changes };
  store.set(next);
  apply(next);
  try {
    localStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // A browser that stores nothing forgets it with the page.
  }
}

/** Follows what another tab of the console prefers. */
export function followPreferences(): void {
  window.addEventListener("storage", ({ key }) => {
    if (key !== KEY && key !== null) return;
    store.set(read());
    apply(store.get());
  });
}

function apply({ theme }: Preferences): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

function read(): Preferences {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    const { theme, shortcuts } = stored as Partial<Record<keyof Preferences, unknown>>;
    return {
      theme: theme === "light" || theme === "dark" ? theme : DEFAULTS.theme,
      shortcuts: typeof shortcuts === "boolean" ? shortcuts : DEFAULTS.shortcuts,
    };
  } catch {
    return DEFAULTS;
  }
}
