import type { DeskCase } from "../../api/desk.ts";
import { Icon } from "../../ui/icon.tsx";
import { duration, moment } from "../../util/words.ts";

/** From then on a case is close to being late: this part of the target time is left. */
const CLOSE = 0.25;

interface CaseAgeProps {
  case: DeskCase;
  targetMs: number;
  now: number;
}

/** How long a case has waited, and how that is against the target: in words, with a shape, and only then by colour. */
export function CaseAge({ case: { openedAt, closedAt, case: phase, decision }, targetMs, now }: CaseAgeProps) {
  const age = Math.max(0, (decision?.at ?? closedAt ?? now) - openedAt);
  const left = targetMs - age;
  const waits = phase === "open";
  return (
    <>
      <time dateTime={new Date(openedAt).toISOString()} title={`In the queue since ${moment(openedAt, now)}`}>
        {duration(age)}
      </time>
      {waits && left < 0 && (
        <span className="age-target age-late">
          <Icon name="warn" />
          late by {duration(-left)}
        </span>
      )}
      {waits && left >= 0 && left < targetMs * CLOSE && (
        <span className="age-target age-close">
          <Icon name="clock" />
          {duration(left)} left
        </span>
      )}
      {waits && left >= targetMs * CLOSE && <span className="age-target">{duration(left)} left</span>}
    </>
  );
}
