import { useEffect, useEffectEvent, useRef } from "react";
import type { DeskCaseView } from "../../api/desk.ts";
import { useMe } from "../../api/me.ts";
import { may, refusalOf } from "../../api/roles.ts";
import { announce } from "../../ui/announcer.tsx";
import { Button } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { KeyHint } from "../../ui/key-hint.tsx";
import { useFocusLedOn } from "../../util/focus.ts";
import { useShortcut } from "../../util/shortcuts.ts";
import { moment, person } from "../../util/words.ts";
import { FailureNotice } from "../failure-notice.tsx";
import type { Hold } from "./use-hold.ts";

/** Whose case this is just now, and who else has it open. */
export function Company({ view, hold }: { view: DeskCaseView; hold: Hold }) {
  const { email, roles } = useMe();
  const { other, until, failure, repeat, busy, take, letGo } = hold;
  const open = view.case === "open";
  const mayStepIn = other !== undefined && may(roles, "release-any");
  const ours = until !== undefined;
  const refusal = refusalOf(roles, "claim");
  const names = view.viewers.map(({ by }) => person(by, email));
  const told = names.join(", ");
  const last = useRef("");

  const tell = useEffectEvent(() => {
    const before = last.current;
    last.current = told;
    if (told !== "" && told !== before) announce(`${told} ${names.length === 1 ? "has" : "have"} this case open too.`);
    if (told === "" && before !== "") announce("Nobody else has this case open any more.");
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of who is here is what is told
  useEffect(() => tell(), [told]);

  const claimedBy = other && person(other.by, email);
  const lastClaim = useRef<string>(undefined);
  useEffect(() => {
    if (claimedBy !== undefined && claimedBy !== lastClaim.current) announce(`${claimedBy} has claimed this case.`);
    if (claimedBy === undefined && lastClaim.current !== undefined && open) announce("This case is free now.");
    lastClaim.current = claimedBy;
  }, [claimedBy, open]);

  const self = useRef<HTMLDivElement>(null);
  const ledOn = useFocusLedOn(self, () => self.current);
  const toggle = () => (ours ? letGo() : take());
  useShortcut("case-claim", toggle, open && !busy && other === undefined && refusal === undefined);

  if (!open && names.length === 0) return null;
  return (
    <div
      ref={self}
      tabIndex={-1}
      className={other || names.length > 0 ? "company company-others" : "company"}
      {...ledOn}
    >
      {names.length > 0 && (
        <p className="company-line">
          <Icon name="people" />
          <span>
            <strong>{told}</strong> {names.length === 1 ? "has" : "have"} this case open too.
          </span>
        </p>
      )}
      {open && (
        <p className="company-line">
          {other && <Icon name="warn" />}
          <span id="claim-state">
            {other && (
              <>
                <strong>{claimedBy}</strong> has claimed it until {moment(other.until)}. You can look, but not decide.
              </>
            )}
            {ours && `Claimed by you until ${moment(until)}.`}
            {!other && !ours && "Nobody has claimed this case."}
          </span>
          {!other && (
            <Button
              className="button-small"
              refusedBy={refusal && "claim-refusal"}
              aria-disabled={busy || undefined}
              onClick={busy ? undefined : toggle}
            >
              {ours ? "Release" : "Claim"}
              <KeyHint of="c" />
            </Button>
          )}
          {mayStepIn && (
            <Button className="button-small" aria-disabled={busy || undefined} onClick={busy ? undefined : letGo}>
              End their claim
            </Button>
          )}
        </p>
      )}
      {refusal && open && (
        <p id="claim-refusal" className="muted">
          {refusal}
        </p>
      )}
      {failure !== undefined && <FailureNotice error={failure} onRepeat={repeat} />}
    </div>
  );
}
