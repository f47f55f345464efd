// A reviewer's hold on the case that is open here: claimed on opening, kept while somebody works, let go on leaving; and the
// word to the others that somebody is here.

import { useEffect, useEffectEvent, useRef, useState } from "react";
import { claims, hearLeft, releases, tellLeft } from "../../api/claims.ts";
import { claim, type DeskCaseView, DeskError, deskCase, leave, listedCase, presence, release } from "../../api/desk.ts";
import { useMe } from "../../api/me.ts";
import { caseQuery, dropNotes, queries } from "../../api/queries.ts";
import { may } from "../../api/roles.ts";
import { deskNow } from "../../util/clock.ts";

export interface Hold {
  /** Somebody else's claim. */
  other: { by: string; until: number } | undefined;
  /** Until when it is ours. */
  until: number | undefined;
  /** Why a claim or a release did not get through. */
  failure: unknown;
  /** Does again what did not get through. */
  repeat: () => Promise<void>;
  busy: boolean;
  take: () => Promise<void>;
  letGo: () => Promise<void>;
}

/** Takes a newer view of a case for all who show it. */
export function putCase(view: DeskCaseView): void {
  const { queryKey } = caseQuery(view.id);
  queries.setQueryData(queryKey, (known) => (known && known.version > view.version ? known : view));
  // An answer that comes when its page was left: its note has no reader, and must not stay.
  if (!queries.getQueryCache().find({ queryKey })?.isActive()) dropNotes(view.id);
}

/** Asks the desk anew, whatever is being asked already: what was sent before may not know of what has happened since. */
export async function lookAgain(id: string): Promise<DeskCaseView> {
  const { queryKey } = caseQuery(id);
  await queries.cancelQueries({ queryKey });
  const view = await deskCase(id);
  putCase(view);
  return view;
}

/** Lets go of what was claimed anew on the way, unless the case is open here once more. */
async function releaseAgain(id: string, me: string): Promise<void> {
  const { claim: now } = await listedCase(id);
  if (now?.by === me && !claims.has(id)) await release(id);
}

/** By then the desk has what a tab says last. */
const SAID_MS = 1000;
/** By then a page that is looked at has seen that another tab let go. */
const OWED_MS = 10_000;
const DID = ["pointerdown", "pointermove", "keydown", "wheel"] as const;

export function useHold(id: string, view: DeskCaseView | undefined): Hold {
  const { email, roles, beatMs, claimMs } = useMe();
  const [failure, setFailure] = useState<{ error: unknown; make: typeof claim | typeof release }>();
  const [busy, setBusy] = useState(false);
  const begun = useRef(false);
  const prolonging = useRef<Promise<unknown>>(undefined);
  const lastAct = useRef(0);
  /** Until when it is claimed anew where it is nobody's any more. */
  const owed = useRef(0);
  const open = view?.case === "open";
  const held = view?.claim ?? undefined;
  const ours = held?.by === email;
  const mayClaim = may(roles, "claim");

  const change = async (make: typeof claim | typeof release) => {
    setBusy(true);
    setFailure(undefined);
    // What is on its way to prolong it would take it again; by then it may be somebody else's, or open here once more.
    const first = make === release && ours ? prolonging.current : undefined;
    const answer = first ? first.catch(() => {}).then(() => releaseAgain(id, email)) : make(id);
    if (make === claim) claims.set(id, answer);
    else claims.delete(id);
    releases.delete(id);
    const error: unknown = await answer.then(
      () => undefined,
      (reason) => reason,
    );
    // Whatever became of it: what is true is shown. Whose it is by then is in it, and as soon as it is nobody's, too.
    const shown = await lookAgain(id).catch(() => undefined);
    const told = shown !== undefined && error instanceof DeskError && error.code === "conflict";
    if (error !== undefined && !told) setFailure({ error, make });
    setBusy(false);
  };
  const take = () => change(claim);
  const letGo = () => change(release);

  // On opening, and once: whoever has let go of a case should not find it claimed again.
  const begin = useEffectEvent(take);
  useEffect(() => {
    if (begun.current || !open || !mayClaim) return;
    begun.current = true;
    if (held === undefined) begin();
    // Left and opened once more: what was still to let go of it must not, and what did is made good.
    else if (ours) {
      claims.set(id, Promise.resolve());
      const given = releases.get(id);
      if (given !== undefined) owed.current = Number.POSITIVE_INFINITY;
      given?.then(() => {
        owed.current = Date.now() + OWED_MS;
      });
    }
  }, [id, open, mayClaim, held, ours]);

  // Another tab of ours had it open too, and let go of it as it was left: who is at it here takes it again.
  const hear = useEffectEvent((left: { id: string; released: boolean }) => {
    if (left.id === id && left.released && ours) owed.current = Date.now() + OWED_MS;
  });
  useEffect(() => hearLeft((left) => hear(left)), []);
  useEffect(() => {
    if (!open || held !== undefined || Date.now() > owed.current) return;
    owed.current = 0;
    begin();
  }, [open, held]);

  useEffect(() => {
    const note = () => {
      lastAct.current = Date.now();
    };
    note();
    for (const name of DID) window.addEventListener(name, note, { passive: true });
    return () => {
      for (const name of DID) window.removeEventListener(name, note);
    };
  }, []);

  // Only while somebody is at it: a case that is merely left open goes back to the others.
  useEffect(() => {
    if (!open || !ours || busy) return;
    const everyMs = Math.max(5000, claimMs / 3);
    let over = false;
    const prolong = async () => {
      // What an admin has ended is not taken again, though this page may not have heard of it yet.
      const { claim: now } = await lookAgain(id);
      if (over || prolonging.current || now?.by !== email) return;
      const answer = claim(id).finally(() => {
        prolonging.current = undefined;
      });
      prolonging.current = answer;
      await answer;
      if (!over) await lookAgain(id);
    };
    const timer = window.setInterval(() => {
      if (document.visibilityState === "hidden" || Date.now() - lastAct.current > everyMs) return;
      prolong().catch(() => {});
    }, everyMs);
    return () => {
      over = true;
      window.clearInterval(timer);
    };
  }, [id, open, ours, busy, claimMs, email]);

  const leaving = useEffectEvent(() => {
    const answer = claims.get(id) ?? (ours ? Promise.resolve() : undefined);
    claims.delete(id);
    // Whoever leaves at once has seen no view with the claim in it, or has not even heard that it got through. Where the button
    // has let go of it before, there is nothing to take again.
    const letGo = answer !== undefined && (view === undefined || (open && (ours || held === undefined)));
    tellLeft({ id, released: letGo });
    // At once where it can be: a page that is closed does nothing later.
    if (letGo && ours) {
      releases.set(
        id,
        release(id).catch(() => {}),
      );
      // What was to prolong it may reach the desk after that.
      prolonging.current?.then(() => releaseAgain(id, email)).catch(() => {});
    } else if (letGo) answer.then(() => (claims.has(id) ? undefined : release(id))).catch(() => {});
  });
  useEffect(() => () => leaving(), []);

  useEffect(() => {
    const beat = () => {
      if (document.visibilityState === "hidden") return;
      presence(id)
        .then(putCase)
        .catch(() => {});
    };
    beat();
    const timer = window.setInterval(beat, beatMs);
    document.addEventListener("visibilitychange", beat);
    // Another tab of ours has said that we are not here any more.
    let soon: number | undefined;
    const stop = hearLeft((left) => {
      if (left.id === id) soon = window.setTimeout(beat, SAID_MS);
    });
    return () => {
      stop();
      window.clearTimeout(soon);
      window.clearInterval(timer);
      document.removeEventListener("visibilitychange", beat);
      leave(id).catch(() => {});
    };
  }, [id, beatMs]);

  const now = deskNow();
  return {
    other: open && held && !ours && held.until > now ? held : undefined,
    until: open && ours && held.until > now ? held.until : undefined,
    failure: failure?.error,
    repeat: async () => failure && change(failure.make),
    busy,
    take,
    letGo,
  };
}
