import type { Finding, Decision as Verdict } from "passdesk";
import { type FormEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { useMe } from "../../api/me.ts";
import { Button } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { KeyHint } from "../../ui/key-hint.tsx";
import { NoteField, type NoteProblem, noteProblem } from "./note-field.tsx";
import { choicesOf, usualReason, VERDICTS } from "./verdict-words.ts";

/** What a note must not say. */
export interface NoteRecord {
  information: object | undefined;
  /** Where the record is not to be had now. */
  away: "signed-out" | "on-its-way" | "failed" | undefined;
}

interface VerdictFormProps {
  verdict: Verdict;
  findings: readonly Finding[];
  sending: boolean;
  /** What was written so far: it outlasts a change of mind, and a failure. */
  note: string;
  onNote: (note: string) => void;
  record: NoteRecord;
  /** Why it cannot be sent now, while all that was begun stays. */
  refusal: string | undefined;
  onSend: (reason: string) => void;
  onCancel: () => void;
}

/** Why: one of the desk's codes. Only now does a key or a click send something. */
export function VerdictForm(props: VerdictFormProps) {
  const { verdict, findings, sending, note, onNote, record, refusal, onSend, onCancel } = props;
  const { reasons, twoPerson, noteMaxChars } = useMe();
  const { word, kind, effect } = VERDICTS[verdict];
  // As they were when it opened: none changes its place under a finger, nor its key, where the findings are away for a while.
  const [choices] = useState(() => choicesOf(verdict, reasons, findings));
  const [reason, setReason] = useState(() => usualReason(verdict, choices, findings));
  const [missing, setMissing] = useState(false);
  const [refused, setRefused] = useState(false);
  // Found when it was to be sent; from then on it is told as it is mended.
  const problem: NoteProblem = refused ? noteProblem(note, noteMaxChars, record.information) : [];
  const form = useRef<HTMLFormElement>(null);
  const name = useId();
  const errorId = useId();
  const refusalId = useId();

  const radios = () => [...(form.current?.querySelectorAll<HTMLInputElement>("input[type=radio]") ?? [])];
  const focusChoice = () => (radios().find((radio) => radio.checked) ?? radios()[0])?.focus();
  // biome-ignore lint/correctness/useExhaustiveDependencies: it takes the focus once, as it appears
  useEffect(focusChoice, []);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (sending || refusal !== undefined) return;
    if (reason === undefined) {
      setMissing(true);
      return focusChoice();
    }
    const wrong = noteProblem(note, noteMaxChars, record.information).length > 0;
    setRefused(wrong);
    if (wrong) form.current?.querySelector("textarea")?.focus();
    else onSend(reason);
  };
  const choose = (code: string) => {
    setReason(code);
    setMissing(false);
  };
  // Only in here, where it means nothing else (WCAG 2.2, 2.1.4: active on focus).
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLTextAreaElement) return;
    if (event.ctrlKey || event.altKey || event.metaKey || !/^[1-9]$/.test(event.key)) return;
    const radio = radios()[Number(event.key) - 1];
    if (radio === undefined) return;
    event.preventDefault();
    radio.focus();
    choose(radio.value);
  };
  return (
    <form ref={form} className="verdict-form" onSubmit={submit} onKeyDown={onKeyDown} aria-label={`${word}: why`}>
      <fieldset aria-describedby={missing ? errorId : undefined}>
        <legend>
          <span className={`tone-${kind} verdict-word`}>
            <Icon name={kind} />
            {word}
          </span>{" "}
          for what reason?
        </legend>
        <div className="reasons">
          {choices.map(({ code, label, found }, index) => (
            <label key={code} className="choice reason">
              <input type="radio" name={name} value={code} checked={reason === code} onChange={() => choose(code)} />
              <span>{label}</span>
              {found && <span className="fine">found</span>}
              {index < 9 && <KeyHint of={String(index + 1)} />}
            </label>
          ))}
        </div>
      </fieldset>
      {missing && (
        <p id={errorId} role="alert" className="field-wrong">
          Choose a reason first.
        </p>
      )}
      <NoteField
        note={note}
        onNote={onNote}
        problem={problem}
        concealed={record.away === "signed-out"}
        readOnly={sending}
        onSend={() => form.current?.requestSubmit()}
        onLeave={focusChoice}
      />
      <p className="fine">
        {twoPerson && "A second person must approve it first. "}
        {effect} The reason stays in the desk's audit; neither Civic nor the user is told.
      </p>
      {refusal && (
        <p id={refusalId} className="muted">
          {refusal}
        </p>
      )}
      <div className="verdict-send">
        <Button onClick={onCancel} aria-disabled={sending || undefined}>
          Cancel
        </Button>
        <Button type="submit" kind={kind} solid refusedBy={refusal && refusalId} aria-disabled={sending || undefined}>
          {sending ? "Sending…" : `${word} it`}
        </Button>
      </div>
    </form>
  );
}
