import { isPassdeskError, type Where } from "passdesk";
import { useEffect, useRef, useState } from "react";
import { allAttestations } from "../../api/civic.ts";
import { Button } from "../../ui/button.tsx";
import { number, spaced } from "../../util/words.ts";
import { FailureNotice } from "../failure-notice.tsx";

type Walk =
  | { at: "rest" }
  | { at: "walking" | "stopped" | "done"; tally: Tally }
  | { at: "failed"; tally: Tally; error: unknown };

interface Tally {
  read: number;
  byType: ReadonlyMap<string, number>;
}

/** How often the count on the screen follows, in milliseconds. */
const PACE = 150;

/** Walks every match, page after page, and counts what they are. */
export function AttestationWalk({ where, total }: { where: Where | undefined; total: number }) {
  const [walk, setWalk] = useState<Walk>({ at: "rest" });
  const controller = useRef<AbortController>(undefined);

  useEffect(() => () => controller.current?.abort(), []);

  const begin = async () => {
    const own = new AbortController();
    controller.current = own;
    const byType = new Map<string, number>();
    let read = 0;
    let shownAt = 0;
    const tally = (): Tally => ({ read, byType: new Map(byType) });
    setWalk({ at: "walking", tally: tally() });
    try {
      for await (const { type } of allAttestations(where, own.signal)) {
        read += 1;
        byType.set(type ?? "", (byType.get(type ?? "") ?? 0) + 1);
        if (performance.now() - shownAt < PACE) continue;
        shownAt = performance.now();
        setWalk({ at: "walking", tally: tally() });
      }
      setWalk({ at: "done", tally: tally() });
    } catch (error) {
      const stopped = isPassdeskError(error) && error.code === "aborted";
      setWalk(stopped ? { at: "stopped", tally: tally() } : { at: "failed", tally: tally(), error });
    }
  };

  const walking = walk.at === "walking";
  return (
    <section className="walk" aria-labelledby="walk">
      <h2 id="walk">All matches</h2>
      <p className="muted">Reads every page, each match once, and counts them by type.</p>
      <div className="walk-bar">
        {walking ? (
          <Button onClick={() => controller.current?.abort()}>Stop</Button>
        ) : (
          <Button onClick={begin}>{walk.at === "rest" ? `Walk all ${number(total)}` : "Walk again"}</Button>
        )}
        {walk.at !== "rest" && (
          <>
            <progress aria-label="Matches read" max={Math.max(total, walk.tally.read, 1)} value={walk.tally.read} />
            <span className="count">
              {number(walk.tally.read)} of {number(Math.max(total, walk.tally.read))}
            </span>
          </>
        )}
      </div>
      <p className="walk-end" role="status">
        {walk.at === "done" && `Done: ${number(walk.tally.read)} read.`}
        {walk.at === "stopped" && `Stopped after ${number(walk.tally.read)}.`}
      </p>
      {walk.at === "failed" && <FailureNotice error={walk.error} />}
      {walk.at !== "rest" && walk.tally.read > 0 && <TypeCounts tally={walk.tally} />}
    </section>
  );
}

function TypeCounts({ tally: { read, byType } }: { tally: Tally }) {
  const most = [...byType].sort(([, a], [, b]) => b - a);
  return (
    <table className="type-counts">
      <caption className="hidden">Matches by type</caption>
      <thead>
        <tr>
          <th scope="col">Type</th>
          <th scope="col">Count</th>
          <th scope="col">Share</th>
        </tr>
      </thead>
      <tbody>
        {most.map(([type, count]) => (
          <tr key={type}>
            <th scope="row">{spaced(type) || "Without a type"}</th>
            <td>{number(count)}</td>
            <td>{((count / read) * 100).toFixed(1)} %</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
