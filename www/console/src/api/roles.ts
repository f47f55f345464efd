// What each role may do: the same table as the desk's own (src/desk/role.rs), so that a button can say beforehand why it
// is refused. The desk decides all the same.

import type { Role } from "./desk.ts";

const WANTED = {
  "list-cases": "reviewer",
  "view-case": "reviewer",
  "view-evidence": "reviewer",
  "reveal-field": "reviewer",
  claim: "reviewer",
  release: "reviewer",
  decide: "reviewer",
  approve: "reviewer",
  undo: "reviewer",
  "retry-dead": "reviewer",
  "resolve-conflict": "reviewer",
  "search-attestations": "reviewer",
  "read-audit": "auditor",
  "verify-audit": "auditor",
  "export-audit": "auditor",
  "release-any": "admin",
  "undo-any": "admin",
  "read-metrics": "admin",
} as const satisfies Record<string, Role>;

export type Action = keyof typeof WANTED;

const NAMES: Record<Role, string> = { reviewer: "a reviewer", auditor: "an auditor", admin: "an admin" };

/** Why somebody in these roles may not do that, or `undefined` where they may. */
export function refusalOf(roles: readonly Role[], action: Action): string | undefined {
  const wanted = WANTED[action];
  if (roles.includes("admin") || roles.includes(wanted)) return undefined;
  return `Only ${NAMES[wanted]}${wanted === "admin" ? "" : " or an admin"} may do this.`;
}

export const may = (roles: readonly Role[], action: Action) => refusalOf(roles, action) === undefined;
