import { Heading } from "../ui/heading.tsx";

/** What happened, by whom, and whether the record of it is whole. */
export default function AuditPage() {
  return <Heading>Audit</Heading>;
}
