import type { Attestation } from "passdesk";
import { type FormEvent, useEffect, useEffectEvent, useId, useRef, useState } from "react";
import { attestationPage } from "../../api/civic.ts";
import { announce } from "../../ui/announcer.tsx";
import { Button } from "../../ui/button.tsx";
import { ExactInput } from "../../ui/exact-input.tsx";
import { Waiting } from "../../ui/waiting.tsx";
import { useFocusLedOn } from "../../util/focus.ts";
import { useCall } from "../../util/use-call.ts";
import { counted, minute, number, spaced } from "../../util/words.ts";
import { FailureNotice } from "../failure-notice.tsx";

const PER_PAGE = 10;

/**
 * What others vouch for in public. A verification names a globaliD name and, on purpose, no e-mail and no account; a
 * Civic record names no globaliD name. So there is nothing to search by until the reviewer knows the name from elsewhere.
 */
export function Verifications() {
  const [asked, setAsked] = useState<{ name: string; turn: number }>();
  const field = useId();
  const hint = useId();

  const search = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("attestee") ?? "").trim();
    setAsked((last) => (name === "" ? undefined : { name, turn: (last?.turn ?? 0) + 1 }));
  };
  return (
    <section aria-labelledby="verifications">
      <h2 id="verifications">Public verifications</h2>
      <form className="verification-search" onSubmit={search} autoComplete="off">
        <label htmlFor={field}>globaliD name</label>
        <div className="joined">
          <ExactInput id={field} name="attestee" aria-describedby={hint} maxLength={128} />
          <Button type="submit">Search</Button>
        </div>
      </form>
      <p id={hint} className="fine">
        Civic's record holds no globaliD name, and public verifications hold no e-mail or account: search by the name
        that the user gave you.
      </p>
      {asked && <Found key={asked.turn} name={asked.name} />}
    </section>
  );
}

function Found({ name }: { name: string }) {
  const [pages, setPages] = useState(1);
  /** What has come of them. */
  const [come, setCome] = useState({ pages: 0, total: 0 });
  const self = useRef<HTMLDivElement>(null);
  const ledOn = useFocusLedOn(self, () => self.current);
  const left = come.total - come.pages * PER_PAGE;
  const coming = come.pages < pages;
  return (
    <div ref={self} tabIndex={-1} className="verifications" {...ledOn}>
      {Array.from({ length: pages }, (_, index) => (
        <Page
          // biome-ignore lint/suspicious/noArrayIndexKey: a page is its number
          key={index}
          name={name}
          page={index + 1}
          onCome={(total) => setCome({ pages: index + 1, total })}
        />
      ))}
      {left > 0 && (
        // The same one for all of them, so that who reads on by key stays on it.
        <Button aria-disabled={coming || undefined} onClick={() => !coming && setPages(pages + 1)}>
          Show more ({number(left)} left)
        </Button>
      )}
    </div>
  );
}

function Page({ name, page, onCome }: { name: string; page: number; onCome: (total: number) => void }) {
  const { call, repeat } = useCall((signal) =>
    attestationPage({ field: "attestee", value: name }, page, PER_PAGE, signal),
  );
  const total = call.state === "done" ? call.value.meta.total : undefined;
  const tell = useEffectEvent(onCome);
  useEffect(() => {
    if (total === undefined) return;
    tell(total);
    if (page > 1)
      announce(`${counted(Math.min(page * PER_PAGE, total), "verification is", "verifications are")} shown.`);
  }, [total, page]);
  if (call.state === "waiting") return <Waiting what="Asking globaliD" />;
  if (call.state === "failed") return <FailureNotice error={call.error} onRepeat={repeat} />;
  const { data, meta } = call.value;
  return (
    <>
      {page === 1 && (
        <p role="status" className="verification-count">
          {meta.total === 0
            ? "globaliD knows no verification of this name."
            : counted(meta.total, "public verification", "public verifications")}
        </p>
      )}
      <ul className="verification-list">
        {data.map((attestation) => (
          <Verification key={attestation.uuid} {...attestation} />
        ))}
      </ul>
    </>
  );
}

function Verification({ type, attestor, attestor_signed_at, created_at, revocation_time, public_data }: Attestation) {
  return (
    <li>
      <p>
        <span className="verification-type">{spaced(type ?? "verification")}</span>
        {public_data && <bdi>, {public_data}</bdi>}
      </p>
      <p className="fine">
        by <bdi>{attestor ?? "nobody named"}</bdi>, {minute(attestor_signed_at ?? created_at) || "no date"}
        {revocation_time && <strong className="verification-revoked"> · revoked {minute(revocation_time)}</strong>}
      </p>
    </li>
  );
}
