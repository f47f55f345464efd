// Which cases the queue shows. A view is what its URL says; here it becomes what the desk is asked for, and whether a case
// that has changed meanwhile still belongs.

import type { CaseFilter, DeskCase } from "../../api/desk.ts";
import type { QueueView } from "../../util/paths.ts";

export interface Stage {
  label: string;
  /** What `GET /desk/cases` calls it; several are alternatives. */
  state: string | undefined;
  /** Said where it is empty and nothing else is filtered. */
  empty: string;
}

/** The stages of a case that can be looked at, by their name in the URL; the first is shown where none is named. */
export const STAGES = {
  open: {
    label: "To decide",
    state: "open",
    empty: "Nothing waits for a verdict. New cases appear here by themselves.",
  },
  attention: {
    label: "Needs attention",
    state: "dead,conflict",
    empty: "Every verdict reached Civic, or is on its way.",
  },
  approval: { label: "Needs approval", state: "approval", empty: "No verdict waits for a second person." },
  decided: { label: "Decided", state: "decided", empty: "No verdict is on its way." },
  closed: { label: "Closed", state: "closed", empty: "No case is closed yet, or they are forgotten already." },
  all: { label: "All", state: undefined, empty: "The desk has no case yet. dApps hand them over." },
} as const satisfies Record<string, Stage>;

export type StageName = keyof typeof STAGES;

export const stageOf = ({ stage }: QueueView): StageName =>
  stage !== undefined && Object.hasOwn(STAGES, stage) ? (stage as StageName) : "open";

export function filterOf(view: QueueView): CaseFilter {
  const { claimed, search, sort } = view;
  return { state: STAGES[stageOf(view)].state, claimed, prefix: search, sort };
}

/** Whether anything but the stage narrows what is shown. */
export const isNarrowed = ({ claimed, search }: QueueView) => claimed !== undefined || search !== undefined;

/** Whether a case is at the stage that is looked at. */
export function belongs({ case: phase, delivery }: DeskCase, view: QueueView): boolean {
  const { state } = STAGES[stageOf(view)];
  return state === undefined || state.split(",").some((one) => one === phase || one === delivery.state);
}
