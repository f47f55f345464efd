import type { PiiRequestStatus } from "passdesk";
import { Badge, type Tone } from "../../ui/badge.tsx";
import type { IconName } from "../../ui/icon.tsx";
import { spaced } from "../../util/words.ts";

const KNOWN: Partial<Record<string, { words: string; tone: Tone; icon: IconName; refusal?: string }>> = {
  "verification-success": { words: "Awaits your verdict", tone: "accent", icon: "clock" },
  "partner-pass": { words: "Passed", tone: "pass", icon: "pass", refusal: "It was passed. A verdict is final." },
  "partner-fail": { words: "Failed", tone: "fail", icon: "fail", refusal: "It was failed. A verdict is final." },
  "awaiting-user": {
    words: "Awaits the user",
    tone: "neutral",
    icon: "clock",
    refusal: "The user has not finished, so there is nothing to decide yet.",
  },
  "user-acknowledged": {
    words: "User has begun",
    tone: "neutral",
    icon: "clock",
    refusal: "The user has not finished, so there is nothing to decide yet.",
  },
  "verification-failed": {
    words: "Verification failed",
    tone: "fail",
    icon: "fail",
    refusal: "Civic's own verification failed, so there is nothing to decide.",
  },
  "user-cancelled": {
    words: "Cancelled by the user",
    tone: "neutral",
    icon: "fail",
    refusal: "The user cancelled, so there is nothing to decide.",
  },
};

/** Where a request stands. A status that nobody has seen before is shown as it came. */
export function RequestStatus({ status }: { status: PiiRequestStatus }) {
  const { words, tone, icon } = KNOWN[status] ?? { words: spaced(status), tone: "neutral", icon: "info" };
  return (
    <Badge tone={tone} icon={icon}>
      {words}
    </Badge>
  );
}

/** Why a request cannot be decided, or `undefined` where it can. An unknown status is left to Civic to judge. */
export function decisionRefusal(status: PiiRequestStatus): string | undefined {
  return KNOWN[status]?.refusal;
}
