// What `cargo xtask build` makes of src/boundary/desk.rs: the state machine of a case, bound to JavaScript. Each function is
// synchronous and throws only where it is given what the desk itself got wrong.

/** What the state machine is asked: the state as it was stored, what happened, and when. */
export interface DeskStepInput {
  state: unknown;
  event: { type: string; [field: string]: unknown };
  now: number;
  random: number;
  settings: Record<string, number | boolean>;
}

/** What is to be done about it. */
export interface DeskEffect {
  type: string;
  [field: string]: unknown;
}

/** The next state, and what is to be stored and done. */
export interface DeskStepOutput {
  state: Record<string, unknown> | null;
  changed: boolean;
  effects: DeskEffect[];
}

/** One instance of the module. */
export interface DeskCore {
  deskStep(input: DeskStepInput): DeskStepOutput;
  deskSettings(partial: Record<string, number | boolean>): Record<string, number | boolean>;
  auditCanonical(row: object): string;
  auditNdjson(row: object): string;
  auditCsv(row: object): string;
  auditCsvHeader(): string;
  knownFields(): string[];
  deskMay(input: { roles: readonly string[]; action: string }): { allowed: boolean; why: string | null };
}

export function instantiate(module: WebAssembly.Module, onTrap: () => void): DeskCore;
