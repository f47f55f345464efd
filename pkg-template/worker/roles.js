// @ts-check
// What a person may do here. Access says who somebody is, the settings what that person is to this desk, and the core what
// each may do.

import { core } from "./core.js";
import { Refusal } from "./failures.js";

/** @typedef {import("../worker.d.ts").DeskRole} Role what a person can be */
/** @typedef {{ email: string, roles: readonly (Role | "monitor")[] }} Member a person, or a service by its name */

/**
 * The roles of a person. Whom nobody named has none, and gets no further than the door.
 *
 * @param {string} email in lower case
 * @param {Readonly<Record<Role, readonly string[]>>} people
 * @returns {readonly Role[]}
 */
export function rolesOf(email, people) {
  const domain = email.slice(email.lastIndexOf("@"));
  const roles = /** @type {const} */ (["reviewer", "auditor", "admin"]);
  return roles.filter((role) => people[role].includes(email) || people[role].includes(domain));
}

/** @param {Member} member @param {string} action */
export const may = (member, action) => core().deskMay({ roles: member.roles, action }).allowed;

/** @param {Member} member @param {string} action */
export function demand(member, action) {
  const { allowed, why } = core().deskMay({ roles: member.roles, action });
  if (!allowed) throw new Refusal(403, "forbidden", { body: { why } });
}
