import { isPassdeskError, type Where } from "passdesk";
import { useEffect, useRef, useState } from "react";
import { allAttestations, type Remembered } from "../../api/civic.ts";
import { announce } from "../../ui/announcer.tsx";
import { Button } from "../../ui/button.tsx";
import { useShortcut } from "../../util/shortcuts.ts";
import { number, spaced } from "../../util/words.ts";
import { FailureNotice } from "../failure-notice.tsx";

type Walk =
  | { at: "rest" }
  | { at: "walking" | "stopped" | "done"; tally: Tally }
  | { at: "failed"; tally: Tally; error: unknown };

type Counts = ReadonlyMap<string, number>;

interface Tally {
  read: number;
  byType: Counts;
  byAttestor: Counts;
}

/** How often the count on the screen follows, and how often it is said, in milliseconds. */
const PACE = 150;
const SAID_PACE = 5000;
/** Rows of a table of counts; what is less often is summed up. */
const MOST_ROWS = 12;

/** Walks every match, page after page, and counts what they are. A walk that was stopped, or failed, goes on where it was. */
export function AttestationWalk({ where, total }: { where: Where | undefined; total: number }) {
  const [walk, setWalk] = useState<Walk>({ at: "rest" });
  const controller = useRef<AbortController>(undefined);
  const remembered = useRef<Remembered>(new Map());

  useEffect(() => () => controller.current?.abort(), []);

  const walking = walk.at === "walking";
  const halfway = walk.at === "stopped" || walk.at === "failed";
  const go = async () => {
    const own = new AbortController();
    controller.current = own;
    const [byType, byAttestor] = [new Map<string, number>(), new Map<string, number>()];
    // What is read again from memory has been counted on the screen already.
    const before = halfway ? walk.tally.read : 0;
    let read = 0;
    const tally = (): Tally => ({ read, byType: new Map(byType), byAttestor: new Map(byAttestor) });
    const follow = () => {
      if (read > before) setWalk({ at: "walking", tally: tally() });
    };
    setWalk({ at: "walking", tally: halfway ? walk.tally : tally() });
    // By the clock, not by the records: on a page that is long in coming the count is right all the same.
    const showing = window.setInterval(follow, PACE);
    const saying = window.setInterval(
      () => announce(`${number(read)} of ${number(Math.max(total, read))} read.`),
      SAID_PACE,
    );
    try {
      for await (const { type, attestor } of allAttestations(where, remembered.current, own.signal)) {
        read += 1;
        count(byType, type ?? "");
        count(byAttestor, attestor ?? "");
      }
      setWalk({ at: "done", tally: tally() });
    } catch (error) {
      const stopped = isPassdeskError(error) && error.code === "aborted";
      setWalk(stopped ? { at: "stopped", tally: tally() } : { at: "failed", tally: tally(), error });
    } finally {
      window.clearInterval(showing);
      window.clearInterval(saying);
    }
  };
  const again = () => {
    remembered.current.clear();
    go();
  };
  const stop = () => controller.current?.abort();

  useShortcut("walk-stop", stop, walking);
  return (
    <section className="walk" aria-labelledby="walk">
      <h2 id="walk">All matches</h2>
      <p className="muted">Reads every page, each match once, and counts them by type and by who vouches.</p>
      <div className="walk-bar">
        <Button onClick={walking ? stop : halfway ? go : again}>
          {walking ? "Stop" : halfway ? "Continue" : walk.at === "rest" ? `Walk all ${number(total)}` : "Walk again"}
        </Button>
        {walk.at !== "rest" && (
          <>
            <progress aria-label="Matches read" max={Math.max(total, walk.tally.read, 1)} value={walk.tally.read} />
            <span className="walk-count">
              {number(walk.tally.read)} of {number(Math.max(total, walk.tally.read))}
            </span>
          </>
        )}
      </div>
      <p className="walk-end" role="status">
        {walk.at === "done" && `Done: ${number(walk.tally.read)} read.`}
        {walk.at === "stopped" && `Stopped after ${number(walk.tally.read)}. What was read is kept.`}
        {walk.at === "failed" && `Failed after ${number(walk.tally.read)}. What was read is kept.`}
      </p>
      {walk.at === "failed" && <FailureNotice error={walk.error} />}
      {walk.at !== "rest" && walk.tally.read > 0 && (
        <div className="walk-counts">
          <CountTable
            what="Type"
            of="Matches by type"
            counts={walk.tally.byType}
            none="Without a type"
            write={spaced}
          />
          <CountTable
            what="Vouched for by"
            of="Matches by attestor"
            counts={walk.tally.byAttestor}
            none="Nobody named"
          />
        </div>
      )}
    </section>
  );
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

interface CountTableProps {
  what: string;
  of: string;
  counts: Counts;
  none: string;
  /** How what is counted is written. */
  write?: (name: string) => string;
}

function CountTable({ what, of, counts, none, write = (name) => name }: CountTableProps) {
  const all = [...counts].sort(([, a], [, b]) => b - a);
  const sum = all.reduce((whole, [, count]) => whole + count, 0);
  const shown = all.length <= MOST_ROWS ? all : all.slice(0, MOST_ROWS - 1);
  const rest = all.slice(shown.length);
  const rows = shown.map(([name, count]) => ({ key: `of ${name}`, name: name === "" ? none : write(name), count }));
  if (rest.length > 0) {
    const count = rest.reduce((whole, [, each]) => whole + each, 0);
    rows.push({ key: "rest", name: `${number(rest.length)} others`, count });
  }
  return (
    <table className="type-counts">
      <caption className="hidden">{of}</caption>
      <thead>
        <tr>
          <th scope="col">{what}</th>
          <th scope="col">Count</th>
          <th scope="col">Share</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, name, count }) => (
          <tr key={key}>
            <th scope="row">{name}</th>
            <td>{number(count)}</td>
            <td>{((count / sum) * 100).toFixed(1)} %</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
