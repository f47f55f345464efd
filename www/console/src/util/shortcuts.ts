// Every key that works wherever one is on a screen, in one table, so that no two clash unnoticed, and the list that `?` opens has
// them all. (What only works on what has the focus is with that: a list's Home and End, the number of a reason.) Keys fire in no
// text field, with no Ctrl, Alt or Meta, and in no open dialog. Single characters can be switched off (WCAG 2.2, 2.1.4).

import { useEffectEvent, useLayoutEffect } from "react";
import { preferences } from "./preferences.ts";

export type Place = "everywhere" | "queue" | "case" | "audit" | "attestations";

export interface Shortcut {
  /** As `KeyboardEvent.key` names them; two with a space between are pressed one after the other. */
  keys: readonly string[];
  does: string;
  place: Place;
  /** Whether it is done again for as long as the key is held: where each time goes further, and none undoes the one before. */
  held?: true;
}

export const SHORTCUTS = {
  list: { keys: ["?"], does: "Show the keyboard shortcuts", place: "everywhere" },
  "go-queue": { keys: ["g q"], does: "Go to the queue", place: "everywhere" },
  "go-audit": { keys: ["g a"], does: "Go to the audit", place: "everywhere" },
  "go-attestations": { keys: ["g t"], does: "Go to the attestations", place: "everywhere" },
  "go-settings": { keys: ["g s"], does: "Go to the settings", place: "everywhere" },
  search: { keys: ["/"], does: "Go to the search field", place: "everywhere" },

  "queue-down": { keys: ["j", "ArrowDown"], does: "Next case in the list", place: "queue", held: true },
  "queue-up": { keys: ["k", "ArrowUp"], does: "Previous case in the list", place: "queue", held: true },
  "queue-open": { keys: ["o", "Enter"], does: "Open the case", place: "queue" },
  "queue-claim": { keys: ["c"], does: "Claim the case, or release it", place: "queue" },
  "queue-select": { keys: ["x"], does: "Select the case, for claiming several", place: "queue" },
  "next-unclaimed": { keys: ["n"], does: "Claim the next unclaimed case and open it", place: "everywhere" },

  "audit-verify": { keys: ["v"], does: "Verify the chain", place: "audit" },
  "audit-stop": { keys: ["Escape"], does: "Stop what is under way", place: "audit" },

  "walk-stop": { keys: ["Escape"], does: "Stop reading all matches", place: "attestations" },

  "case-pass": { keys: ["p"], does: "Pass: choose a reason, then Enter", place: "case" },
  "case-fail": { keys: ["f"], does: "Fail: choose a reason, then Enter", place: "case" },
  "case-note": { keys: ["w"], does: "Write an internal note to the choice; Ctrl and Enter sends", place: "case" },
  "case-cancel": { keys: ["Escape"], does: "Leave the choice of a reason", place: "case" },
  "case-undo": { keys: ["u"], does: "Undo the verdict while it waits", place: "case" },
  "case-approve": { keys: ["y"], does: "Approve another's verdict", place: "case" },
  "case-claim": { keys: ["c"], does: "Claim the case, or release it", place: "case" },
  "case-reveal": { keys: ["d"], does: "Show all data, or hide it", place: "case" },
  "case-image": { keys: ["v"], does: "Go to the image", place: "case" },
  "case-side": { keys: ["s"], does: "Turn to the next document", place: "case" },
  "case-layout": { keys: ["e"], does: "Documents side by side, or one large", place: "case" },
  "case-zoom-in": { keys: ["+", "="], does: "Zoom in", place: "case", held: true },
  "case-zoom-out": { keys: ["-"], does: "Zoom out", place: "case", held: true },
  "case-fit": { keys: ["0"], does: "Fit the image", place: "case" },
  "case-turn-right": { keys: ["r"], does: "Turn the image right", place: "case", held: true },
  "case-turn-left": { keys: ["R"], does: "Turn the image left", place: "case", held: true },
  "case-brighter": { keys: ["b"], does: "Brighter", place: "case", held: true },
  "case-darker": { keys: ["B"], does: "Darker", place: "case", held: true },
  "case-contrast-more": { keys: ["t"], does: "More contrast", place: "case", held: true },
  "case-contrast-less": { keys: ["T"], does: "Less contrast", place: "case", held: true },
  "case-reset": { keys: ["i"], does: "Show the image as it came", place: "case" },
  "case-left": { keys: ["ArrowLeft"], does: "Look further left, in the image", place: "case", held: true },
  "case-right": { keys: ["ArrowRight"], does: "Look further right, in the image", place: "case", held: true },
  "case-up": { keys: ["ArrowUp"], does: "Look further up, in the image", place: "case", held: true },
  "case-down": { keys: ["ArrowDown"], does: "Look further down, in the image", place: "case", held: true },
} as const satisfies Record<string, Shortcut>;

export type ShortcutName = keyof typeof SHORTCUTS;

interface Listener {
  name: ShortcutName;
  act: () => void;
}

/** The last one to come is asked first: a screen before the frame around it. */
const listeners: Listener[] = [];
/** How long the second of two keys may take. */
const PAIR_MS = 1500;
let first: { key: string; at: number } | undefined;
/** Whoever writes makes no longer pauses between two letters. */
const PAUSE_MS = 1000;
/** What the last letter was written into. */
let written: { into: Node; at: number } | undefined;

/** Does `act` on the keys of `name` while the component is there and `enabled`. */
export function useShortcut(name: ShortcutName, act: () => void, enabled = true): void {
  const latest = useEffectEvent(act);
  // With what is shown, not after it: a key that is pressed as its button appears must not be lost.
  useLayoutEffect(() => {
    if (!enabled) return;
    const listener: Listener = { name, act: () => latest() };
    listeners.unshift(listener);
    return () => {
      listeners.splice(listeners.indexOf(listener), 1);
    };
  }, [name, enabled]);
}

/** Starts to listen; once, for the whole console. */
export function listenForShortcuts(): void {
  document.addEventListener("keydown", (event) => {
    // A key that is held presses once: by the next time the button may mean the contrary, or be a dialog's that it opened.
    if (event.key === "Enter" && event.repeat && isOnce(event.target)) event.preventDefault();
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    const typing = isTyping(event.target);
    // A field that goes under the hands, as with its case: the rest of the words is no shortcut.
    if (!typing && written?.into.isConnected === false && event.timeStamp - written.at < PAUSE_MS) {
      written.at = event.timeStamp;
      return;
    }
    written = typing && isCharacter(event.key) ? { into: event.target as Node, at: event.timeStamp } : undefined;
    if (typing || document.querySelector("dialog:modal") !== null) return;
    const key = keyOf(event);
    if (isCharacter(key) && !preferences().shortcuts) return;
    const pair = first !== undefined && event.timeStamp - first.at < PAIR_MS ? `${first.key} ${key}` : undefined;
    first = undefined;
    if (key === "Enter" && isPressed(event.target)) return;
    const listener = (pair && find(pair)) || find(key);
    if (listener !== undefined) {
      event.preventDefault();
      if (!event.repeat || isHeld(listener.name)) listener.act();
    } else if (listeners.some(({ name }) => keysOf(name).some((keys) => keys.startsWith(`${key} `)))) {
      first = { key, at: event.timeStamp };
    }
  });
}

const keysOf = (name: ShortcutName): readonly string[] => SHORTCUTS[name].keys;
const find = (keys: string) => listeners.find(({ name }) => keysOf(name).includes(keys));
const isHeld = (name: ShortcutName) => (SHORTCUTS[name] as Shortcut).held === true;
const isCharacter = (key: string) => [...key].length === 1;

/** The key as a Latin keyboard writes it, so that the letters work on others too, and with Caps Lock. */
function keyOf({ key, code, shiftKey }: KeyboardEvent): string {
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  const latin = /^[\x20-\x7e]$/.test(key) || !isCharacter(key);
  if (!latin && letter !== undefined) return shiftKey ? letter : letter.toLowerCase();
  return /^[A-Za-z]$/.test(key) ? (shiftKey ? key.toUpperCase() : key.toLowerCase()) : key;
}

/** Whether Enter presses what has the focus, as it does not a checkbox: that is what it means there (WCAG 2.2, 2.1.1). */
const isPressed = (target: EventTarget | null) =>
  target instanceof Element && target.closest("a, button, summary, input:not([type=checkbox])") !== null;

/** Whether it is a button that a held key presses but once: not one of those that look closer at an image. */
const isOnce = (target: EventTarget | null) =>
  target instanceof Element && target.closest("button:not(.image-tools *)") !== null;

/** Whether a key that is pressed here means a text, or a choice. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches("textarea, select")) return true;
  if (target instanceof HTMLInputElement) return !/^(?:button|checkbox|radio|range|submit|reset)$/.test(target.type);
  return target.closest("[role=textbox], [role=combobox], [role=listbox], [role=menu]") !== null;
}
