// biome-ignore-all lint/a11y/useSemanticElements: a table element of which most rows are missing, drawn as a grid, would be none to a screen reader
// biome-ignore-all lint/a11y/useFocusableInteractive: the links in the rows take the focus
import { memo, useRef } from "react";
import type { DeskCase } from "../../api/desk.ts";
import { useMe } from "../../api/me.ts";
import { may } from "../../api/roles.ts";
import { Button } from "../../ui/button.tsx";
import { Link } from "../../ui/link.tsx";
import { useFocusLedOn } from "../../util/focus.ts";
import { paths } from "../../util/paths.ts";
import { duration, person } from "../../util/words.ts";
import { CaseAge } from "./case-age.tsx";
import { CaseState } from "./case-state.tsx";

export interface RowActs {
  claim: (id: string) => void;
  release: (id: string) => void;
  retry: (id: string) => void;
  resolve: (one: DeskCase) => void;
}

interface QueueRowProps {
  case: DeskCase;
  index: number;
  now: number;
  /** False where it has left what the list is narrowed to, and only keeps its row. */
  belongs: boolean;
  /** The one row of the list that Tab comes to; the others are reached from it by key. */
  current: boolean;
  /** Something that the reviewer asked for is under way. */
  busy: boolean;
  selected: boolean;
  onSelect: (id: string, selected: boolean) => void;
  acts: RowActs;
}

/** Drawn anew only where something of its own has changed: a scroll must not draw all that stay. */
export const QueueRow = memo(function QueueRow({
  case: one,
  index,
  now,
  belongs,
  current,
  busy,
  selected,
  onSelect,
  acts,
}: QueueRowProps) {
  const me = useMe();
  const { id, claim } = one;
  const tabIndex = current ? 0 : -1;
  const self = useRef<HTMLDivElement>(null);
  const ledOn = useFocusLedOn(self, () => self.current?.querySelector("a"));
  return (
    <div
      ref={self}
      role="row"
      aria-rowindex={index + 2}
      className={`queue-row${belongs ? "" : " queue-left"}${current ? " queue-current" : ""}`}
      {...ledOn}
    >
      <div role="cell" className="queue-select">
        {one.case === "open" && (
          <label className="queue-check">
            <input
              type="checkbox"
              tabIndex={tabIndex}
              aria-label={`Select ${id}`}
              checked={selected}
              onChange={(event) => onSelect(id, event.target.checked)}
            />
          </label>
        )}
      </div>
      <div role="rowheader" className="queue-id">
        <Link className="mono" href={paths.case({ id })} tabIndex={tabIndex} data-case={id}>
          {id}
        </Link>
      </div>
      <div role="cell" className="queue-state">
        <CaseState case={one} />
        {one.decision && <span className="fine">by {person(one.decision.by, me.email)}</span>}
      </div>
      <div role="cell" className="queue-age">
        <CaseAge case={one} targetMs={me.targetMs} now={now} />
      </div>
      <div role="cell" className="queue-claim" id={`claim-${id}`}>
        {claim ? (
          <>
            <span>{claim.by === me.email ? "You" : person(claim.by, me.email)}</span>
            <span className="fine">{duration(Math.max(0, claim.until - now))} left</span>
          </>
        ) : (
          one.case === "open" && <span className="muted">Nobody</span>
        )}
      </div>
      <div role="cell" className="queue-act">
        <RowAct
          one={one}
          mine={claim?.by === me.email}
          anybodys={may(me.roles, "release-any")}
          {...{ busy, acts, tabIndex }}
        />
      </div>
    </div>
  );
});

interface RowActProps {
  one: DeskCase;
  mine: boolean;
  /** Whether somebody else's claim may be ended. */
  anybodys: boolean;
  busy: boolean;
  acts: RowActs;
  tabIndex: number;
}

/** The one thing to do with a case without opening it. */
function RowAct({ one, mine, anybodys, busy, acts, tabIndex }: RowActProps) {
  const { id, claim, delivery } = one;
  const common = { tabIndex, "aria-disabled": busy || undefined };
  const act = (does: () => void) => () => {
    if (!busy) does();
  };
  if (delivery.state === "dead") {
    return (
      <Button {...common} aria-label={`Send again ${id}`} onClick={act(() => acts.retry(id))}>
        Send again
      </Button>
    );
  }
  if (delivery.state === "conflict") {
    return (
      <Button {...common} aria-label={`Resolve ${id}`} onClick={act(() => acts.resolve(one))}>
        Resolve
      </Button>
    );
  }
  if (one.case !== "open") return null;
  if (claim && (mine || anybodys)) {
    return (
      <Button {...common} aria-label={`Release ${id}`} onClick={act(() => acts.release(id))}>
        Release
      </Button>
    );
  }
  return (
    <Button
      {...common}
      aria-label={`Claim ${id}`}
      // The cell beside says whose it is, and for how long.
      refusedBy={claim ? `claim-${id}` : undefined}
      onClick={act(() => acts.claim(id))}
    >
      Claim
    </Button>
  );
}
