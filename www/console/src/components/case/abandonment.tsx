// What nobody can decide or deliver any more, since Civic has ended the request or does not have it: a person lets go of the case.

import { useRef, useState } from "react";
import { type DeskCaseView, resolve } from "../../api/desk.ts";
import { useMe } from "../../api/me.ts";
import { may, refusalOf } from "../../api/roles.ts";
import { Button } from "../../ui/button.tsx";
import { Notice } from "../../ui/notice.tsx";
import { useHeir } from "../../util/focus.ts";
import { FailureNotice } from "../failure-notice.tsx";
import { lookAgain } from "./use-hold.ts";

interface UnknownRequestProps {
  view: DeskCaseView;
  onRepeat: () => void;
}

/** In place of a record that Civic does not have. It may be back a moment later, so nothing is given up by itself. */
export function UnknownRequest({ view: { id, case: phase, delivery }, onRepeat }: UnknownRequestProps) {
  const self = useRef<HTMLDivElement>(null);
  const stuck = phase === "open" || (phase !== "closed" && delivery.state === "dead");
  const heir = useHeir(stuck, () => self.current);
  return (
    <div ref={self} tabIndex={-1}>
      <Notice tone="warn" icon="warn" title="Civic does not know this request" role="alert">
        {delivery.state === "dead" && <p>The verdict that stands here did not reach it.</p>}
        {phase === "closed" && <p>Its case is closed.</p>}
        {stuck && (
          <p>
            It may be back in a moment. If it is gone, let go of its case: Civic is asked once more, and the case is
            closed.
          </p>
        )}
        <div className="actions">
          <Button onClick={onRepeat}>Try again</Button>
          {stuck && <Abandon id={id} {...heir} />}
        </div>
      </Notice>
    </div>
  );
}

interface AbandonProps {
  id: string;
  onFocus?: () => void;
  onBlur?: () => void;
}

/** Closes a case that would wait for ever, where Civic still says so. */
export function Abandon({ id, ...heir }: AbandonProps) {
  const { roles } = useMe();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  if (!may(roles, "resolve-conflict")) return <p>{refusalOf(roles, "resolve-conflict")}</p>;
  const letGo = async () => {
    if (busy) return;
    setBusy(true);
    setFailure(undefined);
    await resolve(id, "accept").catch(setFailure);
    await lookAgain(id).catch(() => {});
    setBusy(false);
  };
  return (
    <>
      <Button {...heir} aria-disabled={busy || undefined} onClick={letGo}>
        Let go of it
      </Button>
      {failure !== undefined && <FailureNotice error={failure} />}
    </>
  );
}
