import type { DeskCase } from "../../api/desk.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import type { IconName } from "../../ui/icon.tsx";

interface Words {
  words: string;
  tone: Tone;
  icon: IconName;
}

const VERDICTS = { "partner-pass": "Pass", "partner-fail": "Fail" } as const;

/** Where a case stands, in words. */
function caseStateWords({ case: phase, decision, delivery, upstreamStatus }: DeskCase): Words {
  const verdict = decision ? VERDICTS[decision.verdict] : undefined;
  switch (delivery.state) {
    case "dead":
      // Nobody has to see to it any more.
      if (phase === "closed") return { words: `${verdict ?? "Verdict"} let go of`, tone: "neutral", icon: "info" };
      return { words: `${verdict ?? "Verdict"} not delivered`, tone: "fail", icon: "fail" };
    case "conflict":
      return { words: `Civic has ${VERDICTS[delivery.shown]}, not ${verdict ?? "ours"}`, tone: "fail", icon: "warn" };
    case "approval":
      return { words: `${verdict ?? "Verdict"}, to be approved`, tone: "accent", icon: "clock" };
    case "waiting":
      return { words: `${verdict ?? "Verdict"}, can be undone`, tone: "neutral", icon: "clock" };
    case "leased":
      return { words: `${verdict ?? "Verdict"}, being sent`, tone: "neutral", icon: "clock" };
    case "retrying":
      return { words: `${verdict ?? "Verdict"}, sent again soon`, tone: "warn", icon: "clock" };
    case "unconfirmed":
      return { words: `${verdict ?? "Verdict"}, queued by Civic`, tone: "neutral", icon: "clock" };
    case "resolved":
      return { words: `Civic's ${VERDICTS[delivery.shown]} stands`, tone: "neutral", icon: "info" };
    default:
      break;
  }
  if (decision?.verdict === "partner-pass") return { words: "Passed", tone: "pass", icon: "pass" };
  if (decision?.verdict === "partner-fail") return { words: "Failed", tone: "fail", icon: "fail" };
  // Closed without a verdict of ours: Civic took it off the table.
  if (phase === "closed" && upstreamStatus === "unknown") return { words: "Let go of", tone: "neutral", icon: "info" };
  if (phase === "closed") return { words: "Closed by Civic", tone: "neutral", icon: "info" };
  return { words: "To decide", tone: "accent", icon: "clock" };
}

export function CaseState({ case: one }: { case: DeskCase }) {
  const { words, tone, icon } = caseStateWords(one);
  return (
    <Badge tone={tone} icon={icon}>
      {words}
    </Badge>
  );
}
