import { useEffect, useRef, useState } from "react";
import { type AuditFilter, type AuditFormat, auditFile } from "../../api/audit.ts";
import { Button } from "../../ui/button.tsx";
import { useFocusLedOn } from "../../util/focus.ts";
import { useShortcut } from "../../util/shortcuts.ts";
import { bytes, number } from "../../util/words.ts";
import { FailureNotice } from "../failure-notice.tsx";

type Export =
  | { at: "rest" | "stopped" }
  | { at: "fetching"; through: number; newest: number }
  | { at: "saved"; name: string; size: number }
  | { at: "failed"; format: AuditFormat; error: unknown };

/** By then the browser has the file: it reads a blob's URL when the click is done. */
const READ_MS = 60_000;

/** Saves what the filter lets through as a file. Fetched like everything else, so that an ended session is told, not saved. */
export function AuditExport({ filter }: { filter: AuditFilter }) {
  const [state, setState] = useState<Export>({ at: "rest" });
  const controller = useRef<AbortController>(undefined);
  useEffect(() => () => controller.current?.abort(), []);

  const bar = useRef<HTMLDivElement>(null);
  const asked = useRef<AuditFormat>(undefined);
  const ledOn = useFocusLedOn(
    bar,
    () =>
      bar.current?.querySelector<HTMLElement>(`[data-format=${asked.current}]`) ?? bar.current?.querySelector("button"),
  );

  const begin = async (format: AuditFormat) => {
    asked.current = format;
    const own = new AbortController();
    controller.current = own;
    setState({ at: "fetching", through: 0, newest: 0 });
    try {
      const file = await auditFile(format, filter, own.signal, (through, newest) => {
        setState({ at: "fetching", through, newest });
      });
      const name = `audit-${new Date().toISOString().slice(0, 10)}.${format}`;
      save(file, name);
      setState({ at: "saved", name, size: file.size });
    } catch (error) {
      setState(own.signal.aborted ? { at: "stopped" } : { at: "failed", format, error });
    }
  };
  const stop = () => controller.current?.abort();

  const fetching = state.at === "fetching";
  useShortcut("audit-stop", stop, fetching);
  const narrowed = Object.values(filter).some((value) => value !== undefined);
  return (
    <section className="panel audit-export" aria-labelledby="audit-export">
      <h2 id="audit-export">Files</h2>
      <p className="muted">
        {narrowed
          ? "The rows that the filter lets through, oldest first. Only a file of all rows can be verified."
          : "All rows, oldest first, with their hashes: whoever has the file can verify it without this desk."}
      </p>
      <div ref={bar} className="walk-bar" {...ledOn}>
        {fetching ? (
          <>
            <Button key="stop" onClick={stop}>
              Stop
            </Button>
            <progress aria-label="Rows fetched" max={Math.max(state.newest, 1)} value={state.through} />
            <span className="walk-count">
              {number(state.through)} of {number(state.newest)}
            </span>
          </>
        ) : (
          <>
            <Button key="ndjson" data-format="ndjson" onClick={() => begin("ndjson")}>
              Save as NDJSON
            </Button>
            <Button key="csv" data-format="csv" onClick={() => begin("csv")}>
              Save as CSV
            </Button>
          </>
        )}
      </div>
      <p className="walk-end" role="status">
        {state.at === "saved" && `Saved ${state.name}, ${bytes(state.size)}.`}
        {state.at === "stopped" && "Stopped; nothing was saved."}
      </p>
      {state.at === "failed" && <FailureNotice error={state.error} onRepeat={() => begin(state.format)} />}
    </section>
  );
}

function save(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), READ_MS);
}
