import { type ReactNode, useId, useState } from "react";

interface Mistake<Name extends string> {
  /** The `name` of the control that it is about. */
  at: Name;
  says: string;
}

interface Mistakes<Name extends string> {
  /** Says what is wrong, and takes the focus there; `undefined` takes the last one back. */
  say: (mistake: Mistake<Name> | undefined, form: HTMLFormElement) => void;
  /** For the control of this name. */
  marked: (name: Name) => { "aria-invalid"?: true; "aria-describedby"?: string };
  /** The words, below the form. */
  words: ReactNode;
}

/** What is wrong with what was entered: the first thing, in words, at its control. */
export function useMistake<Name extends string>(): Mistakes<Name> {
  const [mistake, setMistake] = useState<Mistake<Name>>();
  const id = useId();
  return {
    say: (found, form) => {
      setMistake(found);
      if (found) form.querySelector<HTMLInputElement>(`[name=${found.at}]`)?.focus();
    },
    marked: (name) => (mistake?.at === name ? { "aria-invalid": true, "aria-describedby": id } : {}),
    words: (
      <p className="mistake" id={id} role="alert">
        {mistake?.says}
      </p>
    ),
  };
}
