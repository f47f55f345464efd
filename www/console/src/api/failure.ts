// One place that turns a failure into words. The page's own codes tell of the way to the desk; the code in the desk's
// answer (`upstreamCode`) tells of the way from there to Civic or globaliD.

import type { PassdeskError, PassdeskErrorCode } from "passdesk";
import { DeskError } from "./desk.ts";

export interface FailureWords {
  title: string;
  advice: string;
  /** What support needs: codes and numbers, nothing personal. */
  details: string;
  /** Whether the same may go better another time. */
  again: boolean;
}

type Words = readonly [title: string, advice: string];

const AGAIN_LATER = "Wait a moment, then try again.";
const TELL_OPERATOR = "Trying again will not help. Tell whoever runs this desk.";

/** Said where the page and the desk do not come together. */
const AT_THE_DESK: Record<PassdeskErrorCode, Words> = {
  invalid_argument: ["That cannot be asked", "Check what you entered: an id has letters, digits and . _ ~ - only."],
  not_found: [
    "Nothing is there",
    "Check the id. The desk takes in only what Civic confirms and somebody can decide; it forgets what is long closed.",
  ],
  conflict: ["The desk did not take the verdict", "Another verdict came first. Nothing was overwritten."],
  rate_limited: ["Too many requests", AGAIN_LATER],
  rejected: ["The request was refused", TELL_OPERATOR],
  network: ["The desk cannot be reached", "Check your connection, then try again."],
  timeout: ["The desk took too long", AGAIN_LATER],
  upstream: ["The desk has a fault", AGAIN_LATER],
  aborted: ["Stopped", "It was stopped before it was done."],
  unauthorized: ["You are not signed in", "Sign in again, then come back to this page."],
  forbidden: ["You may not see this", "Your role does not reach that far."],
  redirected: ["The desk answered from elsewhere", "A sign-in page may be in between. Load this page anew."],
  bad_response: ["The answer made no sense", TELL_OPERATOR],
  untrusted_link: [
    "The link was not followed",
    "It leads away from this request's own evidence, so nothing was fetched from it.",
  ],
  too_large: ["The file is too large", "It is over 20 MB, more than evidence may be."],
  unsupported_media: [
    "Not an image or PDF",
    "The bytes are of no type that counts as evidence, whatever they claim to be.",
  ],
  secret_in_browser: ["A secret was in the page", TELL_OPERATOR],
  load_failed: ["Part of this page did not load", "Check your connection, then try again."],
};

/** What the desk says of itself. */
const OF_THE_DESK: Partial<Record<string, Words>> = {
  misconfigured: ["The desk is not set up", TELL_OPERATOR],
  claimed: ["Somebody else is at it", "Another reviewer has claimed this request."],
  decided: ["There is nothing to claim any more", "It was decided or closed meanwhile."],
  not_decided: ["No verdict stands any more", "It was taken back meanwhile."],
  not_awaiting: ["There is nothing to approve any more", "It was approved by somebody else, or taken back."],
  not_dead: ["There is nothing to send again", "It was sent again meanwhile."],
  no_conflict: [
    "There is nothing to settle any more",
    "Civic has the request again, or somebody else was first. Load this page anew.",
  ],
  not_yours: ["It is somebody else's", "Only they or an admin may take it back or let go of it."],
  second_person: ["It takes a second person", "Who has decided cannot approve it as well."],
  too_late: ["It is too late to take it back", "The time for that is over."],
  undone: ["The verdict was taken back", "Load this page anew, then decide again."],
  cross_site: ["The desk took this for another site's page", "Load this page anew from the desk's own address."],
  busy: ["Too many write at once", AGAIN_LATER],
  access_unavailable: ["Nobody can be let in just now", `The sign-in service does not answer. ${AGAIN_LATER}`],
};

/** Said where the desk was reached, and could not get the answer. `$` is who it asked. */
const BEHIND_THE_DESK: Partial<Record<string, Words>> = {
  network: ["$ cannot be reached", AGAIN_LATER],
  upstream: ["$ has a fault", `${AGAIN_LATER} Nothing is wrong with the request itself.`],
  timeout: ["$ took too long", AGAIN_LATER],
  unauthorized: ["$ refused the desk's credentials", TELL_OPERATOR],
  forbidden: ["$ does not let the desk do this", TELL_OPERATOR],
  rejected: ["$ refused the request", TELL_OPERATOR],
  redirected: ["$ answered from elsewhere", TELL_OPERATOR],
  bad_response: ["$ gave an answer that made no sense", TELL_OPERATOR],
  untrusted_link: AT_THE_DESK.untrusted_link,
  too_large: AT_THE_DESK.too_large,
  unsupported_media: AT_THE_DESK.unsupported_media,
};

/** Said of a refusal for want of a session, where there is one again by the time that it is read. */
const WAS_SIGNED_OUT: Words = ["Your session had ended", "It was not done. Once you are signed in, do it again."];

const BROKEN_OFF: Words = ["The answer broke off", "The connection was lost half-way. Try again."];
/** The answer had begun, so the desk was reached. */
const brokeOff = ({ code, status }: DeskError | PassdeskError) => code === "network" && status !== undefined;

/** Failures that stay what they are, however often one tries. */
const FOR_GOOD: ReadonlySet<string> = new Set([
  "invalid_argument",
  "conflict",
  "untrusted_link",
  "too_large",
  "unsupported_media",
]);

/** As the package's own function does it, which would bring the whole client into every page. */
const isPassdeskError = (error: unknown): error is PassdeskError =>
  error instanceof Error && error.name === "PassdeskError";

/** Whether Civic has no such request, of one that the desk has a case of. */
export const isUnknown = (error: unknown) => isPassdeskError(error) && error.code === "not_found";

/**
 * What went wrong, and what the reader can do about it.
 *
 * @param ended whether nobody is signed in; not of a toast, which is read once the dialog about that has gone
 */
export function failureWords(error: unknown, ended = true): FailureWords {
  const atTheDesk = (code: PassdeskErrorCode) =>
    code === "unauthorized" && !ended ? WAS_SIGNED_OUT : AT_THE_DESK[code];
  if (error instanceof DeskError) {
    const said = OF_THE_DESK[String(error.details.why)] ?? OF_THE_DESK[String(error.reason)];
    const [title, advice] = brokeOff(error) ? BROKEN_OFF : (said ?? atTheDesk(error.code));
    const details = [error.reason ?? error.code, error.status && `HTTP ${error.status}`, error.requestId]
      .filter(Boolean)
      .join(" · ");
    return { title, advice, details, again: advice !== TELL_OPERATOR && !FOR_GOOD.has(error.code) };
  }
  if (!isPassdeskError(error)) {
    const details = error instanceof Error ? error.name : "";
    return { title: "This page has a fault", advice: "Load it anew.", details, again: false };
  }
  const service = /Attestation/.test(error.operation) ? "globaliD" : "Civic";
  const behind =
    error.upstreamCode === undefined
      ? undefined
      : (OF_THE_DESK[error.upstreamCode] ?? BEHIND_THE_DESK[error.upstreamCode]);
  const [title, advice] = brokeOff(error) ? BROKEN_OFF : (behind ?? atTheDesk(error.code));
  const code = error.upstreamCode ?? error.code;
  const details = [
    code,
    error.status && `HTTP ${error.status}`,
    error.attempts > 1 && `${error.attempts} attempts`,
    error.requestId,
  ];
  return {
    title: title.replace("$", service),
    advice,
    details: details.filter(Boolean).join(" · "),
    again: advice !== TELL_OPERATOR && !FOR_GOOD.has(code),
  };
}
