import type { PiiRequest } from "passdesk";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { reveal } from "../../api/desk.ts";
import { useMe } from "../../api/me.ts";
import { refusalOf } from "../../api/roles.ts";
import { announce } from "../../ui/announcer.tsx";
import { Button } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { KeyHint } from "../../ui/key-hint.tsx";
import { useShortcut } from "../../util/shortcuts.ts";
import { spaced } from "../../util/words.ts";
import { FailureNotice } from "../failure-notice.tsx";
import { fieldLabel, fieldsOf, isExact, valueText } from "./fields.ts";

/** What was uncovered covers itself again: a screen is left alone sooner than one thinks. */
const SHOWN_MS = 3 * 60_000;
/** How the desk's audit lets a field be called (pkg-template/worker/reveal.js). */
const NAMEABLE = /^[A-Za-z_][A-Za-z0-9_]{0,39}$/;
const KNOWN_PARTS: ReadonlySet<string> = new Set(["id", "type", "status", "links", "verifiedInformation"]);
const NONE: ReadonlySet<string> = new Set();

interface VerifiedInformationProps {
  pii: PiiRequest;
  /** Whether these are but the names of what there is. */
  away: boolean;
}

/** The data beside the image: hidden until somebody asks for it, which the desk's audit notes first. */
export function VerifiedInformation({ pii, away }: VerifiedInformationProps) {
  const { roles } = useMe();
  const information = pii.verifiedInformation ?? {};
  const fields = fieldsOf(information);
  const [shown, setShown] = useState(NONE);
  const [asked, setAsked] = useState(NONE);
  const [failure, setFailure] = useState<{ error: unknown; fields: readonly string[] }>();
  const alive = useRef(true);
  /** How often the reader turned away: what was asked for before that stays covered. */
  const turned = useRef(0);
  const refusal = refusalOf(roles, "reveal-field");
  const wanted = fields.filter((field) => NAMEABLE.test(field) && hasValue(information[field]));
  const covered = wanted.filter((field) => !shown.has(field));
  const all = covered.length === 0 && wanted.length > 0;

  const uncover = async (some: readonly string[]) => {
    setFailure(undefined);
    setAsked((before) => new Set([...before, ...some]));
    let left = some;
    const { current: turn } = turned;
    try {
      // One after the other: each is a row of the same chain, for which several would only compete.
      for (const field of some) {
        await reveal(pii.id, field);
        if (!alive.current || turn !== turned.current) return;
        left = left.slice(1);
        setShown((before) => new Set(before).add(field));
      }
      announce(some.length === 1 ? `${fieldLabel(some[0] ?? "")} is shown.` : "All data is shown.");
    } catch (error) {
      setFailure({ error, fields: left });
    } finally {
      setAsked((before) => new Set([...before].filter((field) => !some.includes(field))));
    }
  };
  const cover = (why = "") => {
    setShown(NONE);
    announce(`All data is hidden again.${why}`);
  };
  const toggle = () => {
    if (all) cover();
    else if (asked.size === 0) uncover(covered);
  };

  useEffect(() => {
    alive.current = true;
    return () => {
      alive.current = false;
    };
  }, []);

  const late = useEffectEvent(() => cover(" It was on the screen for three minutes."));
  useEffect(() => {
    if (shown.size === 0) return;
    const timer = window.setTimeout(() => late(), SHOWN_MS);
    return () => window.clearTimeout(timer);
  }, [shown]);

  // Whoever turns away from the page should not come back to data on the screen.
  useEffect(() => {
    const look = () => {
      if (document.visibilityState !== "hidden") return;
      turned.current += 1;
      setShown(NONE);
    };
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);

  useShortcut("case-reveal", toggle, wanted.length > 0 && refusal === undefined && !away);

  const more = Object.keys(pii).filter((part) => !KNOWN_PARTS.has(part));
  return (
    <section aria-labelledby="information" inert={away}>
      <header className="section-head">
        <h2 id="information">Verified information</h2>
        {wanted.length > 0 && (
          <Button className="button-small" refusedBy={refusal && "reveal-refusal"} onClick={toggle}>
            <Icon name={all ? "eye-off" : "eye"} />
            {all ? "Hide all" : "Show all"}
            <KeyHint of="d" />
          </Button>
        )}
      </header>
      {refusal && (
        <p id="reveal-refusal" className="muted">
          {refusal}
        </p>
      )}
      {fields.length === 0 && <p className="muted">Civic sent no data with this request.</p>}
      <dl className="information">
        {fields.map((field) => (
          <div key={field}>
            <dt>{fieldLabel(field)}</dt>
            <dd>
              <Value
                field={field}
                value={information[field]}
                shown={shown.has(field)}
                asked={asked.has(field)}
                onShow={refusal === undefined ? () => uncover([field]) : undefined}
                onHide={() => setShown((before) => new Set([...before].filter((one) => one !== field)))}
              />
            </dd>
          </div>
        ))}
      </dl>
      {failure && <FailureNotice error={failure.error} onRepeat={() => uncover(failure.fields)} />}
      {more.length > 0 && (
        <p className="fine">The record has further parts that are not shown: {more.map(spaced).join(", ")}.</p>
      )}
    </section>
  );
}

interface ValueProps {
  field: string;
  value: unknown;
  shown: boolean;
  asked: boolean;
  onShow: (() => void) | undefined;
  onHide: () => void;
}

function Value({ field, value, shown, asked, onShow, onHide }: ValueProps) {
  const text = valueText(value);
  const label = fieldLabel(field);
  if (text === undefined) return <span className="muted">not given</span>;
  if (!NAMEABLE.test(field)) {
    return <span className="muted">hidden: the audit cannot note a field of this name</span>;
  }
  return (
    <>
      {shown ? (
        <bdi className={isExact(field) || typeof value !== "string" ? "value mono" : "value"}>{text}</bdi>
      ) : (
        <span className="mask">
          <span aria-hidden="true">••••••••</span>
          <span className="hidden">{asked ? "on its way" : "hidden"}</span>
        </span>
      )}
      {onShow && (
        <button
          type="button"
          className="icon-button"
          aria-label={shown ? `Hide: ${label}` : `Show: ${label}`}
          aria-disabled={asked || undefined}
          onClick={asked ? undefined : shown ? onHide : onShow}
        >
          <Icon name={shown ? "eye-off" : "eye"} />
        </button>
      )}
    </>
  );
}

const hasValue = (value: unknown) => valueText(value) !== undefined;
