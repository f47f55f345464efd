import { type FormEvent, useId, useRef } from "react";
import { useLocation } from "wouter";
import type { AuditFilter } from "../../api/audit.ts";
import { Button } from "../../ui/button.tsx";
import { ExactInput } from "../../ui/exact-input.tsx";
import { Field } from "../../ui/field.tsx";
import { Link } from "../../ui/link.tsx";
import { useMistake } from "../../ui/mistake.tsx";
import { useFocusKept } from "../../util/focus.ts";
import { isRequestId, paths } from "../../util/paths.ts";
import { useShortcut } from "../../util/shortcuts.ts";
import { ACTIONS, isKnownAction, wordsOf } from "./action-words.ts";

/** The filter: which case, what, by whom, when. */
export function AuditSearch({ filter }: { filter: AuditFilter }) {
  const [, navigate] = useLocation();
  const mistake = useMistake<"case" | "since" | "until">();
  const form = useRef<HTMLFormElement>(null);
  const first = useRef<HTMLInputElement>(null);
  const id = useId();
  const ids = { case: `${id}case`, action: `${id}action`, by: `${id}by`, since: `${id}since`, until: `${id}until` };

  useFocusKept(form);
  useShortcut("search", () => first.current?.focus());

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const entries = new FormData(form);
    const textOf = (name: string) => String(entries.get(name) ?? "").trim();
    const asked = {
      case: textOf("case") || undefined,
      action: textOf("action") || undefined,
      by: textOf("by").toLowerCase() || undefined,
      since: timeOf(textOf("since")),
      until: timeOf(textOf("until")),
    };
    const found = mistakeIn(asked);
    mistake.say(found, form);
    if (found === undefined) navigate(paths.audit(asked));
  };

  const narrowed = Object.values(filter).some((value) => value !== undefined);
  return (
    <search aria-label="Audit">
      <form ref={form} className="audit-search" onSubmit={submit} noValidate>
        <Field id={ids.case} label="Request id" grows>
          <ExactInput
            ref={first}
            id={ids.case}
            name="case"
            defaultValue={filter.case ?? ""}
            {...mistake.marked("case")}
          />
        </Field>
        <Field id={ids.action} label="Action">
          <select id={ids.action} name="action" defaultValue={filter.action ?? ""}>
            <option value="">Any</option>
            {filter.action !== undefined && !isKnownAction(filter.action) && (
              <option value={filter.action}>{wordsOf(filter.action).what}</option>
            )}
            {Object.entries(ACTIONS).map(([group, actions]) => (
              <optgroup key={group} label={group}>
                {Object.entries(actions).map(([action, { what }]) => (
                  <option key={action} value={action}>
                    {what}
                  </option>
                ))}
              </optgroup>
            ))}
          </select>
        </Field>
        <Field id={ids.by} label="By" grows>
          <ExactInput
            id={ids.by}
            name="by"
            defaultValue={filter.by ?? ""}
            placeholder="An e-mail address, or desk"
            maxLength={254}
          />
        </Field>
        <Field id={ids.since} label="From">
          <input
            id={ids.since}
            name="since"
            type="datetime-local"
            defaultValue={localOf(filter.since)}
            {...mistake.marked("since")}
          />
        </Field>
        <Field id={ids.until} label="Before">
          <input
            id={ids.until}
            name="until"
            type="datetime-local"
            defaultValue={localOf(filter.until)}
            {...mistake.marked("until")}
          />
        </Field>
        <div className="actions">
          <Button type="submit" kind="main">
            Filter
          </Button>
          {narrowed && (
            <Link className="button button-plain" href={paths.audit()}>
              Clear
            </Link>
          )}
        </div>
        {mistake.words}
      </form>
    </search>
  );
}

function mistakeIn({ case: of, since, until }: AuditFilter) {
  if (of !== undefined && !isRequestId(of)) {
    return { at: "case" as const, says: "A request id has letters, digits and . _ ~ - only, 128 at most." };
  }
  if (Number.isNaN(since)) return { at: "since" as const, says: "This is no time. Write it as 2026-11-21T09:00." };
  if (Number.isNaN(until)) return { at: "until" as const, says: "This is no time. Write it as 2026-11-21T09:00." };
  if (since !== undefined && until !== undefined && since >= until) {
    return { at: "until" as const, says: "The end must be after the beginning." };
  }
  return undefined;
}

/** A time as the field writes it, in the reader's zone; browsers without such a field show plain text. */
const timeOf = (text: string) => (text === "" ? undefined : new Date(text.replace(" ", "T")).getTime());

/** The other way round: `2026-11-21T09:00`. */
function localOf(time: number | undefined): string {
  if (time === undefined) return "";
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? "" : date.toLocaleString("sv").replace(" ", "T").slice(0, 16);
}
