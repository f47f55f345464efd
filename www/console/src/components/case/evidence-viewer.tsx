import type { PiiRequest } from "passdesk";
import { useRef, useState } from "react";
import { announce } from "../../ui/announcer.tsx";
import { Icon } from "../../ui/icon.tsx";
import { IconButton } from "../../ui/icon-button.tsx";
import { Notice } from "../../ui/notice.tsx";
import { prefer, preferences } from "../../util/preferences.ts";
import { useShortcut } from "../../util/shortcuts.ts";
import { EvidenceAway, EvidencePane, evidenceTitle } from "./evidence-pane.tsx";
import {
  AS_IT_CAME,
  type ImageAct,
  type ImageView,
  LIGHT_LEAST,
  LIGHT_MOST,
  LIGHT_STEP,
  ZOOM_STEP,
} from "./image-view.ts";

/** How far one press of an arrow moves an image, in CSS pixels. */
const MOVE = 80;

/** Every link but the request's own, each name once: a link that nobody has seen before is evidence until it proves otherwise. */
const evidenceRels = (pii: PiiRequest): string[] =>
  [...new Set(pii.links.map((link) => link.rel))].filter((rel) => rel !== "self");

interface EvidenceViewerProps {
  pii: PiiRequest;
  /** Why there is none of it now; how it was looked at is kept meanwhile. */
  away: string | undefined;
}

/** The documents, side by side or one large, and all that can be done to look at them. */
export function EvidenceViewer({ pii, away }: EvidenceViewerProps) {
  const rels = evidenceRels(pii);
  // An open case keeps its own: what another tab prefers must not have this one fetch what nobody here asked to see.
  const [layout, setLayout] = useState(() => preferences().evidence);
  const [chosen, setChosen] = useState("");
  // The documents are not the same, perhaps, where the record was read anew.
  const current = rels.includes(chosen) ? chosen : (rels[0] ?? "");
  // Evidence that nobody looked at must not be in the audit as seen: in the large layout it is fetched when it is turned to.
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  const [views, setViews] = useState<Readonly<Record<string, ImageView>>>({});
  const [focused, setFocused] = useState<string>();
  const [drawn, setDrawn] = useState<ReadonlySet<string>>(new Set());
  const acts = useRef(new Map<string, (what: ImageAct) => void>());
  const section = useRef<HTMLElement>(null);
  const single = layout === "single" && rels.length > 1;
  const shown = single ? rels.filter((rel) => rel === current || seen.has(rel)) : rels;
  const view = views[current] ?? AS_IT_CAME;
  const usable = drawn.has(current);
  // What comes back is what is looked at then: another one would be fetched anew, and be in the audit as seen.
  if (rels.length > 0 && (!seen.has(current) || (away && seen.size > 1)))
    setSeen(new Set(away ? [current] : [...seen, current]));

  const turnTo = (rel: string) => {
    setChosen(rel);
    setSeen((before) => (before.has(rel) ? before : new Set(before).add(rel)));
  };
  const perform = (what: ImageAct) => acts.current.get(current)?.(what);
  const light = (what: "brightness" | "contrast", by: number) => perform({ type: "light", [what]: view[what] + by });
  const nextSide = () => {
    const next = rels[(rels.indexOf(current) + 1) % rels.length];
    if (next === undefined || next === current) return;
    turnTo(next);
    announce(`${evidenceTitle(next)}.`);
  };
  const toLayout = (evidence: "beside" | "single") => {
    prefer({ evidence });
    setLayout(evidence);
    setSeen((before) => (evidence === "single" ? new Set([...before, ...rels]) : before));
    announce(evidence === "single" ? "One document large." : "Documents side by side.");
  };

  useShortcut("case-zoom-in", () => perform({ type: "zoom", by: ZOOM_STEP }), usable);
  useShortcut("case-zoom-out", () => perform({ type: "zoom", by: 1 / ZOOM_STEP }), usable);
  useShortcut("case-fit", () => perform({ type: "fit" }), usable);
  useShortcut("case-turn-right", () => perform({ type: "turn", by: 1 }), usable);
  useShortcut("case-turn-left", () => perform({ type: "turn", by: -1 }), usable);
  useShortcut("case-brighter", () => light("brightness", LIGHT_STEP), usable);
  useShortcut("case-darker", () => light("brightness", -LIGHT_STEP), usable);
  useShortcut("case-contrast-more", () => light("contrast", LIGHT_STEP), usable);
  useShortcut("case-contrast-less", () => light("contrast", -LIGHT_STEP), usable);
  useShortcut("case-reset", () => perform({ type: "reset" }), usable);
  // Elsewhere the arrows scroll the page, or turn to the next of some choices.
  useShortcut("case-left", () => perform({ type: "move", x: MOVE, y: 0 }), usable && focused !== undefined);
  useShortcut("case-right", () => perform({ type: "move", x: -MOVE, y: 0 }), usable && focused !== undefined);
  useShortcut("case-up", () => perform({ type: "move", x: 0, y: MOVE }), usable && focused !== undefined);
  useShortcut("case-down", () => perform({ type: "move", x: 0, y: -MOVE }), usable && focused !== undefined);
  useShortcut("case-side", nextSide, rels.length > 1);
  useShortcut("case-layout", () => toLayout(single ? "beside" : "single"), rels.length > 1);
  useShortcut(
    "case-image",
    () => {
      const pane = section.current?.querySelector<HTMLElement>(".evidence-slot:not([hidden])[data-current] .stage");
      pane?.focus();
    },
    usable,
  );

  if (rels.length === 0) {
    return (
      <section aria-label="Evidence" className="case-evidence">
        <Notice tone="neutral" icon="image" title="No evidence">
          <p>Civic lists no document with this request.</p>
        </Notice>
      </section>
    );
  }
  return (
    <section aria-label="Evidence" className="case-evidence" ref={section}>
      {rels.length > 1 && (
        <div className="evidence-choice">
          {/* biome-ignore lint/a11y/useSemanticElements: a fieldset groups controls of a form */}
          <div className="segments" role="group" aria-label="Document">
            {rels.map((rel) => (
              <button key={rel} type="button" aria-pressed={rel === current} onClick={() => turnTo(rel)}>
                {evidenceTitle(rel)}
              </button>
            ))}
          </div>
          {/* biome-ignore lint/a11y/useSemanticElements: a fieldset groups controls of a form */}
          <div className="segments" role="group" aria-label="Layout">
            <button type="button" aria-pressed={!single} onClick={() => toLayout("beside")}>
              <Icon name="beside" />
              Side by side
            </button>
            <button type="button" aria-pressed={single} onClick={() => toLayout("single")}>
              <Icon name="single" />
              One large
            </button>
          </div>
        </div>
      )}
      <Toolbar of={evidenceTitle(current)} view={view} usable={usable} perform={perform} />
      <div className={single || rels.length === 1 ? "evidences evidences-single" : "evidences"}>
        {shown.map((rel) => (
          <div
            key={rel}
            className="evidence-slot"
            hidden={single && rel !== current}
            data-current={rel === current || undefined}
          >
            {away ? (
              <EvidenceAway rel={rel} why={away} />
            ) : (
              <EvidencePane
                pii={pii}
                rel={rel}
                current={rel === current}
                marked={!single && rels.length > 1}
                view={views[rel] ?? AS_IT_CAME}
                onView={(change) => setViews((all) => ({ ...all, [rel]: change(all[rel] ?? AS_IT_CAME) }))}
                onReady={(ready) => {
                  if (ready) acts.current.set(rel, ready);
                  else {
                    acts.current.delete(rel);
                    setFocused((before) => (before === rel ? undefined : before));
                  }
                  setDrawn((before) => {
                    const after = new Set(before);
                    if (ready) after.add(rel);
                    else after.delete(rel);
                    return after;
                  });
                }}
                onFocus={() => {
                  setFocused(rel);
                  turnTo(rel);
                }}
                onBlur={() => setFocused(undefined)}
              />
            )}
          </div>
        ))}
      </div>
    </section>
  );
}

interface ToolbarProps {
  of: string;
  view: ImageView;
  usable: boolean;
  perform: (what: ImageAct) => void;
}

function Toolbar({ of, view, usable, perform }: ToolbarProps) {
  const zoomed = view.zoom > 1;
  const zoom = `${Math.round(view.zoom * 100)} %`;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset groups controls of a form
    <div className="image-tools" role="group" aria-label={`Look closer: ${of}`}>
      <div className="tool-group">
        <IconButton
          icon="minus"
          label="Zoom out"
          off={!usable || !zoomed}
          onClick={() => perform({ type: "zoom", by: 1 / ZOOM_STEP })}
        />
        <output className="zoom" aria-label="Zoom">
          {zoom}
        </output>
        <IconButton
          icon="plus"
          label="Zoom in"
          off={!usable}
          onClick={() => perform({ type: "zoom", by: ZOOM_STEP })}
        />
        <IconButton icon="fit" label="Fit" off={!usable || !zoomed} onClick={() => perform({ type: "fit" })} />
      </div>
      <div className="tool-group">
        <IconButton
          icon="left"
          label="Look left"
          off={!usable || !zoomed}
          onClick={() => perform({ type: "move", x: MOVE, y: 0 })}
        />
        <IconButton
          icon="up"
          label="Look up"
          off={!usable || !zoomed}
          onClick={() => perform({ type: "move", x: 0, y: MOVE })}
        />
        <IconButton
          icon="down"
          label="Look down"
          off={!usable || !zoomed}
          onClick={() => perform({ type: "move", x: 0, y: -MOVE })}
        />
        <IconButton
          icon="right"
          label="Look right"
          off={!usable || !zoomed}
          onClick={() => perform({ type: "move", x: -MOVE, y: 0 })}
        />
      </div>
      <div className="tool-group">
        <IconButton
          icon="turn-left"
          label="Turn left"
          off={!usable}
          onClick={() => perform({ type: "turn", by: -1 })}
        />
        <IconButton
          icon="turn-right"
          label="Turn right"
          off={!usable}
          onClick={() => perform({ type: "turn", by: 1 })}
        />
        <IconButton
          icon="undo"
          label="Show as it came"
          off={!usable || view === AS_IT_CAME}
          onClick={() => perform({ type: "reset" })}
        />
      </div>
      <div className="tool-group tool-lights">
        <Light
          icon="light"
          label="Brightness"
          value={view.brightness}
          off={!usable}
          onChange={(brightness) => perform({ type: "light", brightness })}
        />
        <Light
          icon="contrast"
          label="Contrast"
          value={view.contrast}
          off={!usable}
          onChange={(contrast) => perform({ type: "light", contrast })}
        />
      </div>
    </div>
  );
}

interface LightProps {
  icon: "light" | "contrast";
  label: string;
  value: number;
  off: boolean;
  onChange: (value: number) => void;
}

function Light({ icon, label, value, off, onChange }: LightProps) {
  return (
    <label className="light" title={`${label}: ${value} %`}>
      <Icon name={icon} />
      <span className="hidden">{label}</span>
      <input
        type="range"
        min={LIGHT_LEAST}
        max={LIGHT_MOST}
        step={LIGHT_STEP}
        value={value}
        aria-valuetext={`${value} %`}
        disabled={off}
        onChange={(event) => onChange(Number(event.target.value))}
      />
    </label>
  );
}
