import type { Finding } from "passdesk";
import { Badge, type Tone } from "../../ui/badge.tsx";
import type { IconName } from "../../ui/icon.tsx";
import { Notice } from "../../ui/notice.tsx";
import { fieldLabel } from "./fields.ts";

const SEVERITIES: Record<Finding["severity"], { words: string; tone: Tone; icon: IconName; rank: number }> = {
  fail: { words: "Fails", tone: "fail", icon: "fail", rank: 0 },
  warn: { words: "Warning", tone: "warn", icon: "warn", rank: 1 },
  info: { words: "Note", tone: "neutral", icon: "info", rank: 2 },
};

/** What the policy has to say, the gravest first. */
export function Findings({ findings }: { findings: Finding[] }) {
  if (findings.length === 0) {
    return (
      <Notice tone="pass" icon="pass" title="Nothing found against the policy">
        <p>Whether all of it is genuine is for you to judge.</p>
      </Notice>
    );
  }
  const gravestFirst = findings.toSorted((a, b) => SEVERITIES[a.severity].rank - SEVERITIES[b.severity].rank);
  return (
    <ul className="findings">
      {gravestFirst.map((finding) => {
        const { words, tone, icon } = SEVERITIES[finding.severity];
        return (
          <li key={`${finding.code} ${finding.field}`}>
            <Badge tone={tone} icon={icon}>
              {words}
            </Badge>
            <div>
              <p>{finding.message}</p>
              {finding.field && <p className="fine">{fieldLabel(finding.field)}</p>}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
