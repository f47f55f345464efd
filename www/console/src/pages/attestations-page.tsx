import { type RefObject, useEffect, useRef, useState } from "react";
import { useSearch } from "wouter/use-browser-location";
import { attestationPage } from "../api/civic.ts";
import { useSessionEnded } from "../api/session.ts";
import { AttestationSearch } from "../components/attestations/attestation-search.tsx";
import { AttestationTable } from "../components/attestations/attestation-table.tsx";
import { AttestationWalk } from "../components/attestations/attestation-walk.tsx";
import { useHeldValue } from "../components/attestations/held-value.ts";
import { FailureNotice } from "../components/failure-notice.tsx";
import { Heading } from "../ui/heading.tsx";
import { Link } from "../ui/link.tsx";
import { Notice } from "../ui/notice.tsx";
import { Waiting } from "../ui/waiting.tsx";
import { attestationSearchOf, paths, type Search } from "../util/paths.ts";
import "../styles/attestations.css";
import { useCall } from "../util/use-call.ts";
import { number } from "../util/words.ts";

/** How long an answer may take before that is explained. */
const SLOW_MS = 6000;

/** Search of globaliD's public verifications. The filter is in the URL, but for a value that may name somebody. */
export default function AttestationsPage() {
  const inUrl = attestationSearchOf(useSearch());
  const held = useHeldValue();
  const [turn, setTurn] = useState(0);
  const { where } = inUrl;
  const search = where && held?.field === where.field ? { ...inUrl, where: { ...where, value: held.value } } : inUrl;
  const lacksValue = search.where?.value === "";
  const key = JSON.stringify([search.where, search.perPage]);
  return (
    <>
      <Heading detail="What others vouch for in public, from globaliD">Attestations</Heading>
      <AttestationSearch key={key} search={search} onSearch={() => setTurn((last) => last + 1)} />
      {lacksValue ? <ValueWanted /> : <Found key={`${key} ${turn}`} search={search} />}
    </>
  );
}

function ValueWanted() {
  return (
    <Notice tone="neutral" icon="info" title="Enter the value to search for" role="status">
      <p>A value that could name somebody is in no address and is not kept, so it is not here any more.</p>
    </Notice>
  );
}

/** A page of what matches, and all of it: leafing through leaves a walk as it is. */
function Found({ search }: { search: Search }) {
  const [total, setTotal] = useState<number>();
  const ended = useSessionEnded();
  const leafed = useRef<string>(undefined);
  return (
    <>
      {!ended && <Results key={search.page} search={search} onTotal={setTotal} leafed={leafed} />}
      {total !== undefined && total > 0 && <AttestationWalk where={search.where} total={total} />}
    </>
  );
}

interface ResultsProps {
  search: Search;
  onTotal: (total: number) => void;
  /** The link that led here from the page before. */
  leafed: RefObject<string | undefined>;
}

function Results({ search, onTotal, leafed }: ResultsProps) {
  const { where, page, perPage } = search;
  const { call, repeat } = useCall((signal) => attestationPage(where, page, perPage, signal));
  const total = call.state === "done" ? call.value.meta.total : undefined;
  useEffect(() => {
    if (total !== undefined) onTotal(total);
  }, [total, onTotal]);

  if (call.state === "waiting") return <Searching />;
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
        <Pager search={search} pages={pages} leafed={leafed} />
      </div>
      <AttestationTable attestations={data} />
    </>
  );
}

function Searching() {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setSlow(true), SLOW_MS);
    return () => window.clearTimeout(timer);
  }, []);
  return (
    <>
      <Waiting what="Searching" />
      {slow && (
        <p className="fine" role="status">
          globaliD takes its time. Fewer per page come sooner.
        </p>
      )}
    </>
  );
}

function Pager({ search, pages, leafed }: { search: Search; pages: number; leafed: ResultsProps["leafed"] }) {
  const self = useRef<HTMLElement>(null);
  // Who leafs goes on leafing; the link went with its page.
  useEffect(() => {
    const links = [...(self.current?.querySelectorAll("a") ?? [])];
    const link = leafed.current && (links.find(({ textContent }) => textContent === leafed.current) ?? links[0]);
    leafed.current = undefined;
    if (link && document.activeElement === document.body) link.focus({ preventScroll: true });
  }, [leafed]);
  const leaf = (label: string) => {
    leafed.current = label;
  };
  return (
    <nav ref={self} className="pager" aria-label="Pages">
      <PageLink label="Previous" search={{ ...search, page: search.page - 1 }} there={search.page > 1} onLeaf={leaf} />
      <PageLink label="Next" search={{ ...search, page: search.page + 1 }} there={search.page < pages} onLeaf={leaf} />
    </nav>
  );
}

interface PageLinkProps {
  label: string;
  search: Search;
  there: boolean;
  onLeaf: (label: string) => void;
}

function PageLink({ label, search, there, onLeaf }: PageLinkProps) {
  // A link without a destination is how HTML says that there is none here.
  if (!there) {
    return (
      <span className="button button-plain" aria-disabled="true">
        {label}
      </span>
    );
  }
  return (
    <Link className="button button-plain" href={paths.attestations(search)} onClick={() => onLeaf(label)}>
      {label}
    </Link>
  );
}
