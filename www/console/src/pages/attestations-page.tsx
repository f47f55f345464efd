import { useSearch } from "wouter/use-browser-location";
import { attestationPage } from "../api/civic.ts";
import { AttestationSearch } from "../components/attestations/attestation-search.tsx";
import { AttestationTable } from "../components/attestations/attestation-table.tsx";
import { AttestationWalk } from "../components/attestations/attestation-walk.tsx";
import { FailureNotice } from "../components/failure-notice.tsx";
import { Heading } from "../ui/heading.tsx";
import { Link } from "../ui/link.tsx";
import { Notice } from "../ui/notice.tsx";
import { Waiting } from "../ui/waiting.tsx";
import { attestationSearchOf, paths, type Search } from "../util/paths.ts";
import "../styles/attestations.css";
import { useCall } from "../util/use-call.ts";
import { number } from "../util/words.ts";

/** Search of globaliD's public verifications. The filter is in the URL, so each result can be linked to. */
export default function AttestationsPage() {
  const search = attestationSearchOf(useSearch());
  return (
    <>
      <Heading detail="What others vouch for in public, from globaliD">Attestations</Heading>
      <AttestationSearch key={paths.attestations({ ...search, page: 1 })} search={search} />
      <Results key={paths.attestations(search)} search={search} />
    </>
  );
}

function Results({ search }: { search: Search }) {
  const { where, page, perPage } = search;
  const { call, repeat } = useCall((signal) => attestationPage(where, page, perPage, signal));

  if (call.state === "waiting") return <Waiting what="Searching" />;
  if (call.state === "failed") return <FailureNotice error={call.error} onRepeat={repeat} />;

  const { data, meta } = call.value;
  const pages = Math.max(1, Math.ceil(meta.total / meta.per_page));
  if (data.length === 0) {
    return (
      <Notice tone="neutral" icon="info" title={page > 1 ? "No such page" : "Nothing matches"} role="status">
        <p>{page > 1 ? "The results end before this page." : "Names and types are compared to the letter."}</p>
        {page > 1 && <Link href={paths.attestations({ ...search, page: 1 })}>First page</Link>}
      </Notice>
    );
  }
  return (
    <>
      <div className="results-head">
        <p role="status">
          {number(meta.total)} {meta.total === 1 ? "match" : "matches"}, page {number(meta.page)} of {number(pages)}
        </p>
        <Pager search={search} pages={pages} />
      </div>
      <AttestationTable attestations={data} />
      <AttestationWalk where={where} total={meta.total} />
    </>
  );
}

function Pager({ search, pages }: { search: Search; pages: number }) {
  return (
    <nav className="pager" aria-label="Pages">
      <PageLink label="Previous" search={{ ...search, page: search.page - 1 }} there={search.page > 1} />
      <PageLink label="Next" search={{ ...search, page: search.page + 1 }} there={search.page < pages} />
    </nav>
  );
}

function PageLink({ label, search, there }: { label: string; search: Search; there: boolean }) {
  // A link without a destination is how HTML says that there is none here.
  if (!there) {
    return (
      <span className="button button-plain" aria-disabled="true">
        {label}
      </span>
    );
  }
  return (
    <Link className="button button-plain" href={paths.attestations(search)}>
      {label}
    </Link>
  );
}
