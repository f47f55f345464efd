import { type ReactNode, useEffect, useEffectEvent, useState } from "react";
import { type DeskCase, DeskError, deskCase, undo } from "../../api/desk.ts";
import { Button } from "../../ui/button.tsx";
import { Notice } from "../../ui/notice.tsx";
import { FailureNotice } from "../failure-notice.tsx";

const EVERY_MS = 1000;
/** States that something else follows by itself. */
const ON_THE_WAY: ReadonlySet<string> = new Set(["approval", "waiting", "leased", "retrying", "unconfirmed"]);

/** What a verdict ends in that Civic does not have. */
export type Undelivered = Extract<DeskCase["delivery"], { state: "conflict" | "dead" }>;

interface DeliveryProps {
  id: string;
  /** The verdict was taken back. */
  onUndone: () => void;
  onUndelivered: (delivery: Undelivered) => void;
}

/** A verdict on its way from the desk to Civic, until it has arrived or cannot. */
export function Delivery({ id, onUndone, onUndelivered }: DeliveryProps) {
  const [delivery, setDelivery] = useState<DeskCase["delivery"]>();
  const [now, setNow] = useState(Date.now());
  const [failure, setFailure] = useState<unknown>();
  const [refusal, setRefusal] = useState<unknown>();
  const [round, setRound] = useState(0);
  const state = delivery?.state;
  const undelivered = useEffectEvent(onUndelivered);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round is what looks anew
  useEffect(() => {
    const controller = new AbortController();
    let timer: number | undefined;
    const look = async () => {
      try {
        const { delivery } = await deskCase(id, controller.signal);
        if (controller.signal.aborted) return;
        setDelivery(delivery);
        setNow(Date.now());
        setFailure(undefined);
        if (isUndelivered(delivery)) undelivered(delivery);
        if (!ON_THE_WAY.has(delivery.state)) return;
      } catch (error) {
        if (controller.signal.aborted) return;
        setFailure(error);
      }
      timer = window.setTimeout(look, EVERY_MS);
    };
    look();
    return () => {
      controller.abort();
      window.clearTimeout(timer);
    };
  }, [id, round]);

  const takeBack = async () => {
    try {
      await undo(id);
      onUndone();
    } catch (error) {
      // Where it was too late, what is shown next says so.
      if (!(error instanceof DeskError && error.code === "conflict")) setRefusal(error);
      setRound((last) => last + 1);
    }
  };

  return (
    <>
      <p>{wordsOf(delivery, now)}</p>
      {state === "waiting" && <Button onClick={takeBack}>Undo</Button>}
      {(refusal ?? failure) !== undefined && <FailureNotice error={refusal ?? failure} />}
    </>
  );
}

/** Why a verdict is not with Civic. */
export function UndeliveredNotice({ delivery, onRepeat }: { delivery: Undelivered; onRepeat: () => void }) {
  if (delivery.state === "conflict") {
    return (
      <Notice tone="fail" icon="fail" title="Civic did not take the verdict" role="alert">
        <p>Another verdict came first. Nothing was overwritten.</p>
      </Notice>
    );
  }
  return (
    <Notice tone="fail" icon="fail" title="The verdict did not reach Civic" role="alert">
      <p>The desk has given up on sending it.</p>
      <p className="fine">{delivery.code}</p>
      <Button onClick={onRepeat}>Send again</Button>
    </Notice>
  );
}

const isUndelivered = (delivery: DeskCase["delivery"]): delivery is Undelivered =>
  delivery.state === "conflict" || delivery.state === "dead";

function wordsOf(delivery: DeskCase["delivery"] | undefined, now: number): ReactNode {
  switch (delivery?.state) {
    case "waiting": {
      const seconds = Math.ceil((delivery.sendAfter - now) / 1000);
      // A screen reader is not told each second anew.
      return (
        <>
          The desk took the verdict. It can be undone until it is sent
          {seconds > 0 && <span aria-hidden="true"> in {seconds} s</span>}.
        </>
      );
    }
    case "leased":
      return "The verdict is being sent.";
    case "approval":
      return "The desk took the verdict. A second person must approve it.";
    case "retrying":
      return "Civic's answer did not come. The desk will try again by itself.";
    case "unconfirmed":
      return "Civic took the verdict and has not applied it yet. The desk will look again by itself.";
    case "delivered":
      return "Civic took the verdict.";
    case "resolved":
      return "Civic's own verdict was accepted.";
    default:
      return "The desk took the verdict and will deliver it.";
  }
}
