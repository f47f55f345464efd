import { useRef } from "react";
import { useSearch } from "wouter/use-browser-location";
import { AuditExport } from "../components/audit/audit-export.tsx";
import { AuditList } from "../components/audit/audit-list.tsx";
import { AuditProof } from "../components/audit/audit-proof.tsx";
import { AuditSearch } from "../components/audit/audit-search.tsx";
import { Heading } from "../ui/heading.tsx";
import "../styles/audit.css";
import { auditFilterOf, paths } from "../util/paths.ts";

/** What happened, by whom, and whether the record of it is whole. The filter is in the URL: it names no user. */
export default function AuditPage() {
  const filter = auditFilterOf(useSearch());
  const opened = useRef(false);
  const key = paths.audit(filter);
  return (
    <>
      <Heading detail="What was done at this desk, and by whom. No row holds personal data of a user.">Audit</Heading>
      <div className="audit-tools">
        <AuditProof />
        <AuditExport key={key} filter={filter} />
      </div>
      <AuditSearch key={`search ${key}`} filter={filter} />
      <AuditList key={`list ${key}`} filter={filter} opened={opened} />
    </>
  );
}
