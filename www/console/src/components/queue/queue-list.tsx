// biome-ignore-all lint/a11y/useSemanticElements: a table element of which most rows are missing, drawn as a grid, would be none to a screen reader
// biome-ignore-all lint/a11y/useFocusableInteractive: the links in the rows take the focus
import { useWindowVirtualizer, type VirtualItem } from "@tanstack/react-virtual";
import {
  type FocusEvent,
  type KeyboardEvent,
  useCallback,
  useEffect,
  useEffectEvent,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import type { DeskCase } from "../../api/desk.ts";
import { useDeskNow } from "../../util/clock.ts";
import { takeMove } from "../../util/focus.ts";
import type { QueueView } from "../../util/paths.ts";
import { keepPlace, placeOf } from "../../util/places.ts";
import { useShortcut } from "../../util/shortcuts.ts";
import { QueueRow, type RowActs } from "./queue-row.tsx";
import { belongs } from "./queue-view.ts";

const ROW_PX = 56;
const OVERSCAN = 8;
/** How near the end the next page is fetched. */
const NEAR_ROWS = 30;
const TICK_MS = 15_000;

interface QueueListProps {
  /** Names the list; its place is kept under that name. */
  name: string;
  view: QueueView;
  rows: readonly DeskCase[];
  /** How many there are in all, where that is known. */
  total: number | undefined;
  busy: ReadonlySet<string>;
  selected: ReadonlySet<string>;
  onSelect: (id: string, selected: boolean) => void;
  onNearEnd: () => void;
  onShow: (first: number, last: number) => void;
  acts: RowActs;
}

/**
 * The rows that are on the screen, of however many. One row is the list's stop for Tab; the arrows, j and k go from row to
 * row. Its place is kept while somebody is in a case.
 */
export function QueueList({
  name,
  view,
  rows,
  total,
  busy,
  selected,
  onSelect,
  onNearEnd,
  onShow,
  acts,
}: QueueListProps) {
  const [kept] = useState(() => placeOf(name));
  const self = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const [margin, setMargin] = useState(0);
  const [current, setCurrent] = useState(kept?.row);
  /** The row that takes the focus as soon as it is there. */
  const wanted = useRef<string>(undefined);
  const now = useDeskNow(TICK_MS);

  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW_PX,
    // The same function as long as the rows are the same, or each step of a scroll would lay all of them out.
    getItemKey: useCallback((index: number) => rows[index]?.id ?? index, [rows]),
    overscan: OVERSCAN,
    scrollMargin: margin,
    ...(kept && { initialOffset: kept.scroll, initialMeasurementsCache: kept.rows as VirtualItem[] }),
  });
  const items = virtualizer.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0];

  // What stands above can wrap, come and go.
  useLayoutEffect(() => {
    const top = body.current?.getBoundingClientRect().top;
    if (top !== undefined) setMargin(Math.round(top + window.scrollY));
  });
  useEffect(() => onShow(first, last), [onShow, first, last]);
  useEffect(() => {
    if (last >= rows.length - NEAR_ROWS) onNearEnd();
  }, [last, rows.length, onNearEnd]);

  const focusRow = useCallback((id: string | undefined) => {
    const link = id === undefined ? undefined : linkOf(self.current, id);
    if (link) {
      link.focus({ preventScroll: true });
      wanted.current = undefined;
    } else {
      wanted.current = id;
    }
  }, []);
  // The row was out of sight, and has come.
  useEffect(() => {
    if (wanted.current !== undefined && items.length > 0) focusRow(wanted.current);
  }, [items, focusRow]);

  // Back from a case: the list is where it was, and so is the focus. Not in the layout phase, since the frame around it, which
  // notes the move and goes to the top, comes later there.
  const comeBack = useEffectEvent(() => {
    if (kept === undefined) return;
    window.scrollTo(0, kept.scroll);
    if (kept.row === undefined || !takeMove()) return;
    focusRow(kept.row);
    // The window has another size by now, perhaps, and the rows other heights.
    const index = rows.findIndex(({ id }) => id === kept.row);
    if (index !== -1 && linkOf(self.current, kept.row) === undefined)
      virtualizer.scrollToIndex(index, { align: "center" });
  });
  useLayoutEffect(() => {
    let row = kept?.row;
    const scrolled = { y: kept?.scroll ?? 0 };
    const followScroll = () => {
      scrolled.y = window.scrollY;
    };
    const followFocus = (event: globalThis.FocusEvent) => {
      row =
        (event.target as HTMLElement | null)
          ?.closest<HTMLElement>("[role=row]")
          ?.querySelector<HTMLElement>("[data-case]")?.dataset.case ?? row;
    };
    const list = self.current;
    window.addEventListener("scroll", followScroll, { passive: true });
    list?.addEventListener("focusin", followFocus);
    return () => {
      window.removeEventListener("scroll", followScroll);
      list?.removeEventListener("focusin", followFocus);
      keepPlace(name, { scroll: scrolled.y, row, rows: virtualizer.measurementsCache });
    };
  }, [name, kept, virtualizer]);

  useEffect(() => comeBack(), []);

  const currentIndex = rows.findIndex(({ id }) => id === current);
  const goTo = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (row === undefined) return;
    setCurrent(row.id);
    virtualizer.scrollToIndex(rows.indexOf(row), { align: "auto" });
    // At once where it is drawn: a key that follows is meant for it. Else as soon as it is.
    focusRow(row.id);
  };
  const step = (by: number) => goTo(currentIndex === -1 ? first : currentIndex + by);
  const currentRow = rows[currentIndex];

  useShortcut("queue-down", () => step(1));
  useShortcut("queue-up", () => step(-1));
  useShortcut("queue-open", () => linkOf(self.current, current)?.click(), currentRow !== undefined);
  useShortcut("queue-claim", () => toggleClaim(self.current, current), currentRow !== undefined);
  useShortcut(
    "queue-select",
    () => current !== undefined && onSelect(current, !selected.has(current)),
    currentRow?.case === "open",
  );

  const byFocus = (event: FocusEvent<HTMLElement>) => {
    const id = event.target.closest("[role=row]")?.querySelector<HTMLElement>("[data-case]")?.dataset.case;
    if (id !== undefined) setCurrent(id);
  };
  const byKey = (event: KeyboardEvent) => {
    const to = { Home: 0, End: rows.length - 1, PageDown: currentIndex + 10, PageUp: currentIndex - 10 }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    goTo(to);
  };

  return (
    <div
      ref={self}
      role="table"
      aria-label="Cases"
      aria-rowcount={total === undefined ? -1 : total + 1}
      className="queue"
    >
      <div role="rowgroup" className="queue-heads">
        <div role="row" aria-rowindex={1} className="queue-row">
          <div role="columnheader" className="queue-select">
            <span className="hidden">Selected</span>
          </div>
          <div role="columnheader">Case</div>
          <div role="columnheader">State</div>
          <div role="columnheader">Age</div>
          <div role="columnheader">Claimed by</div>
          <div role="columnheader">
            <span className="hidden">What can be done</span>
          </div>
        </div>
      </div>
      <div
        ref={body}
        role="rowgroup"
        className="queue-rows"
        style={{ height: virtualizer.getTotalSize() }}
        onFocus={byFocus}
        onKeyDown={byKey}
      >
        {items.map(({ index, key, start }) => {
          const one = rows[index];
          if (one === undefined) return null;
          return (
            <div
              key={key}
              role="presentation"
              data-index={index}
              ref={virtualizer.measureElement}
              className="queue-place"
              style={{ transform: `translateY(${start - margin}px)` }}
            >
              <QueueRow
                case={one}
                index={index}
                now={now}
                belongs={belongs(one, view)}
                current={currentIndex === -1 ? index === first : index === currentIndex}
                busy={busy.has(one.id)}
                selected={selected.has(one.id)}
                onSelect={onSelect}
                acts={acts}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function linkOf(list: HTMLElement | null, id: string | undefined): HTMLElement | undefined {
  return id === undefined
    ? undefined
    : (list?.querySelector<HTMLElement>(`[data-case="${CSS.escape(id)}"]`) ?? undefined);
}

/** The key does what the row's button does, and as little where that refuses. */
function toggleClaim(list: HTMLElement | null, id: string | undefined): void {
  const button = linkOf(list, id)?.closest("[role=row]")?.querySelector<HTMLElement>(".queue-act .button");
  if (/^(?:Claim|Release)/.test(button?.getAttribute("aria-label") ?? "")) button?.click();
}
