// What a person likes, kept in this browser. Nothing else of the console is stored anywhere; public/theme.js reads the
// theme before the first paint, so the name and the shape are its too.

import { createStore, useStore } from "./store.ts";

export type Theme = "system" | "light" | "dark";
export type EvidenceLayout = "beside" | "single";

export interface Preferences {
  theme: Theme;
  /** Whether single letters do something (WCAG 2.2, 2.1.4). */
  shortcuts: boolean;
  /** How a case shows its documents. */
  evidence: EvidenceLayout;
  /** Whether the next case comes by itself once a verdict can no longer be taken back. */
  advance: boolean;
}

const KEY = "passdesk.preferences";
const DEFAULTS: Preferences = { theme: "system", shortcuts: true, evidence: "beside", advance: true };

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
    const { theme, shortcuts, evidence, advance } = stored as Partial<Record<keyof Preferences, unknown>>;
    return {
      theme: theme === "light" || theme === "dark" ? theme : DEFAULTS.theme,
      shortcuts: typeof shortcuts === "boolean" ? shortcuts : DEFAULTS.shortcuts,
      evidence: evidence === "beside" || evidence === "single" ? evidence : DEFAULTS.evidence,
      advance: typeof advance === "boolean" ? advance : DEFAULTS.advance,
    };
  } catch {
    return DEFAULTS;
  }
}
