import { type KeyboardEvent, useEffect, useId, useRef } from "react";
import { useMe } from "../../api/me.ts";
import { announce } from "../../ui/announcer.tsx";
import { KeyHint } from "../../ui/key-hint.tsx";
import { useShortcut } from "../../util/shortcuts.ts";
import { number } from "../../util/words.ts";
import { fieldLabel } from "./fields.ts";
import { disclosures, lengthOf, tidy } from "./note-check.ts";

/** Why a note cannot be sent as it is. */
export type NoteProblem = readonly string[];

/** From here on a screen reader is told how much room is left. */
const SCARCE = 50;

/**
 * What speaks against a note, with what to do about it; empty where nothing does.
 *
 * @param information the record's; `undefined` where it has none
 */
export function noteProblem(text: string, most: number, information: object | undefined): NoteProblem {
  const note = tidy(text);
  if (note === "") return [];
  if (lengthOf(note) > most) return [`Shorten it: a note has at most ${number(most)} characters.`];
  const said = disclosures(note, information);
  if (said.length === 0) return [];
  return [
    ...said.map(({ field, words }) => `Take out “${words}”: it is in the record (${fieldLabel(field)}).`),
    "Say what you saw without the person's data.",
  ];
}

interface NoteFieldProps {
  note: string;
  onNote: (note: string) => void;
  /** Found when it was to be sent. */
  problem: NoteProblem;
  /** Somebody else may sit here now: what was written is not shown. */
  concealed: boolean;
  readOnly: boolean;
  onSend: () => void;
  onLeave: () => void;
}

/** For colleagues, beside the reason. It is nowhere but in this page's memory until it is sent. */
export function NoteField({ note, onNote, problem, concealed, readOnly, onSend, onLeave }: NoteFieldProps) {
  const { noteMaxChars } = useMe();
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const left = noteMaxChars - lengthOf(tidy(note));
  const ids = { hint: `${id}hint`, count: `${id}count`, problem: `${id}problem` };
  const wrong = problem.length > 0;

  const words = useRef<HTMLDivElement>(null);
  // The buttons stand over what is below the field, which has the focus and is in sight.
  useEffect(() => {
    if (wrong) words.current?.scrollIntoView({ block: "nearest" });
  }, [wrong]);

  const level = left < 0 ? "over" : left <= SCARCE ? "scarce" : "ample";
  const told = useRef(level);
  useEffect(() => {
    if (told.current === level) return;
    told.current = level;
    if (level === "over") announce("The note is too long.");
    if (level === "scarce") announce(`${SCARCE} characters are left, or fewer.`);
  }, [level]);

  useShortcut("case-note", () => field.current?.focus(), !concealed);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") {
      // What was written stays: one step back, to the reasons, and from there to where it began.
      event.preventDefault();
      onLeave();
    }
    // Enter alone is a new line. A key that is held sends nothing.
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (!event.repeat) onSend();
    }
  };
  return (
    <div className="field note-field">
      <p className="note-head">
        <label htmlFor={id}>
          Internal note <span className="muted">(optional)</span> <KeyHint of="w" />
        </label>
        <span id={ids.count} className={left < 0 ? "field-wrong" : "fine"}>
          {left < 0 ? `${number(-left)} too many` : `${number(left)} left`}
        </span>
      </p>
      <textarea
        ref={field}
        id={id}
        rows={2}
        value={concealed ? "" : note}
        readOnly={readOnly || concealed}
        onChange={(event) => onNote(event.target.value)}
        onKeyDown={onKeyDown}
        aria-invalid={wrong || left < 0 || undefined}
        aria-describedby={`${wrong ? `${ids.problem} ` : ""}${ids.hint} ${ids.count}`}
        // No browser keeps it for the next time, nor sends it to where spelling is checked.
        autoComplete="off"
        autoCorrect="off"
        spellCheck={false}
      />
      <p id={ids.hint} className="fine">
        Seen by reviewers only; the user sees pass or fail.
      </p>
      {wrong && (
        <div ref={words} id={ids.problem} role="alert" className="field-wrong">
          {problem.map((words) => (
            <p key={words}>{words}</p>
          ))}
        </div>
      )}
    </div>
  );
}
