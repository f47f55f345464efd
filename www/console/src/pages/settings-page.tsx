import { useId } from "react";
import { ShortcutTable } from "../components/shortcut-table.tsx";
import { Heading } from "../ui/heading.tsx";
import { prefer, type Theme, usePreferences } from "../util/preferences.ts";

const THEMES: Record<Theme, string> = { system: "As the system has it", light: "Light", dark: "Dark" };

/** What a person likes; kept in this browser, and nowhere else. */
export default function SettingsPage() {
  const { theme, shortcuts, advance } = usePreferences();
  const name = useId();
  return (
    <div className="settings">
      <Heading detail="They are kept in this browser and hold for you alone.">Settings</Heading>
      <fieldset className="panel">
        <legend>
          <h2>Colours</h2>
        </legend>
        {Object.entries(THEMES).map(([value, label]) => (
          <label key={value} className="choice">
            <input
              type="radio"
              name={name}
              value={value}
              checked={theme === value}
              onChange={() => prefer({ theme: value as Theme })}
            />
            {label}
          </label>
        ))}
      </fieldset>
      <fieldset className="panel">
        <legend>
          <h2>After a verdict</h2>
        </legend>
        <label className="choice">
          <input type="checkbox" checked={advance} onChange={(event) => prefer({ advance: event.target.checked })} />
          Open the next case by itself
        </label>
        <p className="muted">
          It opens once the verdict can no longer be undone, and never while you are asked something, write something or
          look elsewhere.
        </p>
      </fieldset>
      <fieldset className="panel">
        <legend>
          <h2>Keyboard</h2>
        </legend>
        <label className="choice">
          <input
            type="checkbox"
            checked={shortcuts}
            onChange={(event) => prefer({ shortcuts: event.target.checked })}
          />
          Shortcuts of single characters
        </label>
        <p className="muted">
          Switch them off where letters come from speech or by accident. Tab, Enter, Escape and the arrow keys work all
          the same, and everything has a button.
        </p>
        <ShortcutTable />
      </fieldset>
    </div>
  );
}
