import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { useLocation } from "wouter";
import { useMe } from "../../api/me.ts";
import { Button } from "../../ui/button.tsx";
import { ExactInput } from "../../ui/exact-input.tsx";
import { Field } from "../../ui/field.tsx";
import { Link } from "../../ui/link.tsx";
import { ID_START, paths, type QueueView } from "../../util/paths.ts";
import { useShortcut } from "../../util/shortcuts.ts";
import { STAGES, type StageName, stageOf } from "./queue-view.ts";

/** Letters that come one after the other are one search. */
const PAUSE_MS = 250;

const CLAIMS = { "": "Anybody", none: "Nobody", me: "You", others: "Others" } as const;

/** What the queue is narrowed to. All of it is in the URL, so that a view can be linked to and gone back to. */
export function QueueFilters({ view, attention }: { view: QueueView; attention: number }) {
  const { twoPerson } = useMe();
  const [, navigate] = useLocation();
  const stage = stageOf(view);
  const id = useId();
  const names = (Object.keys(STAGES) as StageName[]).filter(
    (name) => name !== "approval" || twoPerson || name === stage,
  );
  const change = (changes: Partial<QueueView>) => navigate(paths.queue({ ...view, ...changes }), { replace: true });
  return (
    <div className="queue-filters">
      <nav className="tabs" aria-label="Stage">
        {names.map((name) => (
          <Link
            key={name}
            href={paths.queue({ ...view, stage: name === "open" ? undefined : name })}
            aria-current={name === stage ? "page" : undefined}
          >
            {STAGES[name].label}
            {name === "attention" && attention > 0 && <span className="count">{attention}</span>}
          </Link>
        ))}
      </nav>
      <div className="queue-narrow">
        <IdSearch
          key={`${stage} ${view.claimed} ${view.sort}`}
          search={view.search}
          onSearch={(search) => change({ search })}
        />
        <Field id={`${id}claimed`} label="Claimed by">
          <select
            id={`${id}claimed`}
            value={view.claimed ?? ""}
            onChange={(event) => change({ claimed: (event.target.value || undefined) as QueueView["claimed"] })}
          >
            {Object.entries(CLAIMS).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </Field>
        <Field id={`${id}sort`} label="Order">
          <select
            id={`${id}sort`}
            value={view.sort ?? "oldest"}
            onChange={(event) => change({ sort: event.target.value === "newest" ? "newest" : undefined })}
          >
            <option value="oldest">Oldest first</option>
            <option value="newest">Newest first</option>
          </select>
        </Field>
      </div>
    </div>
  );
}

interface IdSearchProps {
  search: string | undefined;
  onSearch: (search: string | undefined) => void;
}

/** Finds cases by how their id begins. An id is no personal datum; it may be in the URL. */
function IdSearch({ search, onSearch }: IdSearchProps) {
  const [, navigate] = useLocation();
  const [text, setText] = useState(search ?? "");
  const [followed, setFollowed] = useState(search);
  const field = useRef<HTMLInputElement>(null);
  const timer = useRef<number>(undefined);
  const id = useId();
  const wrong = text !== "" && !ID_START.test(text);

  // Where a link or the browser's Back has changed it; of what was typed here the text is the same by now.
  if (search !== followed) {
    setFollowed(search);
    setText(search ?? "");
  }
  useShortcut("search", () => field.current?.focus());
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was typed before another search is not searched for after it
  useEffect(() => () => window.clearTimeout(timer.current), [search]);

  const type = (next: string) => {
    const trimmed = next.trim();
    setText(trimmed);
    window.clearTimeout(timer.current);
    if (trimmed !== "" && !ID_START.test(trimmed)) return;
    timer.current = window.setTimeout(() => onSearch(trimmed || undefined), PAUSE_MS);
  };
  const open = (event: FormEvent) => {
    event.preventDefault();
    window.clearTimeout(timer.current);
    if (text !== "" && !wrong) navigate(paths.case({ id: text }));
  };
  return (
    <search aria-label="Cases">
      <form className="queue-search" onSubmit={open}>
        <Field id={`${id}id`} label="Request id">
          <div className="joined">
            <ExactInput
              ref={field}
              id={`${id}id`}
              type="search"
              value={text}
              onChange={(event) => type(event.target.value)}
              aria-invalid={wrong || undefined}
              aria-describedby={wrong ? `${id}wrong` : undefined}
            />
            <Button type="submit">Open</Button>
          </div>
          {wrong && (
            <p id={`${id}wrong`} className="field-wrong">
              An id has letters, digits and . _ ~ - only.
            </p>
          )}
        </Field>
      </form>
    </search>
  );
}
