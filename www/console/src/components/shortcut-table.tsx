import { Fragment } from "react";
import { type Place, SHORTCUTS, type Shortcut } from "../util/shortcuts.ts";

const PLACES: Record<Place, string> = {
  everywhere: "Everywhere",
  queue: "In the queue",
  case: "In a case",
  audit: "In the audit",
  attestations: "In the attestations",
};

const NAMES: Record<string, string> = {
  ArrowDown: "↓",
  ArrowUp: "↑",
  ArrowLeft: "←",
  ArrowRight: "→",
  Escape: "Esc",
  " ": "Space",
};
/** How a screen reader should say what is only a sign. */
const SPOKEN: Record<string, string> = {
  ArrowDown: "Down arrow",
  ArrowUp: "Up arrow",
  ArrowLeft: "Left arrow",
  ArrowRight: "Right arrow",
  "?": "Question mark",
  "/": "Slash",
};

/** Every shortcut there is, by where it works. */
export function ShortcutTable() {
  const all: Shortcut[] = Object.values(SHORTCUTS);
  return (
    <div className="shortcuts">
      {Object.entries(PLACES).map(([place, title]) => {
        const here = all.filter((shortcut) => shortcut.place === place);
        if (here.length === 0) return null;
        return (
          <section key={place} aria-label={title}>
            <h3>{title}</h3>
            <dl>
              {here.map(({ keys, does }) => (
                <div key={does}>
                  <dt>{does}</dt>
                  <dd>
                    {keys.map((key, index) => (
                      <Fragment key={key}>
                        {index > 0 && " or "}
                        <Keys keys={key} />
                      </Fragment>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        );
      })}
    </div>
  );
}

/** One key, or two that are pressed one after the other. */
export function Keys({ keys }: { keys: string }) {
  const parts = keys === " " ? [" "] : keys.split(" ");
  return parts.map((key, index) => (
    <Fragment key={key}>
      {index > 0 && " then "}
      <kbd>
        <span aria-hidden={SPOKEN[key] !== undefined}>{NAMES[key] ?? key}</span>
        {SPOKEN[key] && <span className="hidden">{SPOKEN[key]}</span>}
      </kbd>
    </Fragment>
  ));
}
