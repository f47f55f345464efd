import type { DeskAuditRow } from "passdesk/worker";
import { Badge } from "../../ui/badge.tsx";
import { Link } from "../../ui/link.tsx";
import { paths } from "../../util/paths.ts";
import { number, second } from "../../util/words.ts";
import { detailsOf, wordsOf } from "./action-words.ts";

/** Rows of the audit, the newest first. On a narrow screen it scrolls sideways by itself, by key too. */
export function AuditTable({ rows }: { rows: readonly DeskAuditRow[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by key (WCAG 2.2, 2.1.1)
    <section className="table-frame" aria-label="Audit rows" tabIndex={0}>
      <table className="audit-table">
        <thead>
          <tr>
            <th scope="col">Row</th>
            <th scope="col">Time</th>
            <th scope="col">What</th>
            <th scope="col">Request</th>
            <th scope="col">By</th>
            <th scope="col">Details</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.seq} {...row} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ seq, at, case: of, action, by, detail }: DeskAuditRow) {
  const { what, tone, icon } = wordsOf(action);
  return (
    <tr>
      <td className="audit-seq">{number(seq)}</td>
      <td>
        <time dateTime={new Date(at).toISOString()}>{second(at)}</time>
      </td>
      <td>
        <Badge tone={tone} icon={icon}>
          {what}
        </Badge>
      </td>
      <td className="mono">
        {of && (
          <Link href={paths.audit({ case: of })} title="Show the rows of this request">
            {of}
          </Link>
        )}
      </td>
      <td className="audit-by">{by === "desk" ? <span className="muted">the desk itself</span> : by}</td>
      <td className="audit-details">
        {detailsOf(detail).map(([name, value]) => (
          <span key={name}>
            <span className="muted">{name}</span> {value}
          </span>
        ))}
      </td>
    </tr>
  );
}
