import { usePreferences } from "../util/preferences.ts";

/** The key that does the same as the button it stands in; for the eye, since a reader has the list of shortcuts. */
export function KeyHint({ of }: { of: string }) {
  const { shortcuts } = usePreferences();
  if (!shortcuts) return null;
  return (
    <span className="key" aria-hidden="true">
      {of}
    </span>
  );
}
