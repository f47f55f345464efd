import type { Evidence, EvidenceProgress, PiiRequest } from "passdesk";
import { useEffect, useRef, useState } from "react";
import { evidence } from "../../api/civic.ts";
import { useMe } from "../../api/me.ts";
import { announce } from "../../ui/announcer.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Waiting } from "../../ui/waiting.tsx";
import { useCall } from "../../util/use-call.ts";
import { bytes, spaced } from "../../util/words.ts";
import { FailureNotice } from "../failure-notice.tsx";
import { ImageStage } from "./image-stage.tsx";
import type { ImageAct, ImageView } from "./image-view.ts";

const TITLES: Partial<Record<string, string>> = {
  idDocumentFront: "Front of the document",
  idDocumentBack: "Back of the document",
  "evidence-selfie": "Selfie",
  "evidence-document": "Document",
};

const TYPES: Record<Evidence["contentType"], string> = {
  "image/jpeg": "JPEG",
  "image/png": "PNG",
  "image/webp": "WebP",
  "image/gif": "GIF",
  "image/heic": "HEIC",
  "image/heif": "HEIF",
  "application/pdf": "PDF",
};

export const evidenceTitle = (rel: string) => TITLES[rel] ?? spaced(rel);

interface EvidencePaneProps {
  pii: PiiRequest;
  rel: string;
  /** Whether the buttons and keys act on this one. */
  current: boolean;
  /** Among several, the one that they act on is marked. */
  marked: boolean;
  view: ImageView;
  onView: (change: (view: ImageView) => ImageView) => void;
  onReady: (perform: ((what: ImageAct) => void) | undefined) => void;
  onFocus: () => void;
  onBlur: () => void;
}

/** One piece of evidence: on its way, shown, or the reason why not. Its bytes live as long as it is on the screen. */
export function EvidencePane({ pii, rel, current, marked, ...stage }: EvidencePaneProps) {
  const { evidenceMaxBytes: maxBytes } = useMe();
  const [progress, setProgress] = useState<EvidenceProgress>();
  const { call, repeat } = useCall((signal) => evidence(pii, rel, { signal, onProgress: setProgress, maxBytes }));
  const title = evidenceTitle(rel);
  const again = () => {
    setProgress(undefined);
    repeat();
  };
  return (
    <figure className={marked && current ? "evidence evidence-current" : "evidence"}>
      <figcaption>
        <span>
          {title}
          {marked && current && <span className="hidden">, the image that the buttons act on</span>}
        </span>
        {call.state === "done" && (
          <span className="fine evidence-kind">
            {TYPES[call.value.contentType]}, {bytes(call.value.size)}
          </span>
        )}
      </figcaption>
      {call.state === "waiting" && (
        <div className="evidence-frame">
          <OnItsWay progress={progress} title={title} />
        </div>
      )}
      {call.state === "failed" && (
        <div className="evidence-frame">
          <FailureNotice error={call.error} onRepeat={again} />
        </div>
      )}
      {call.state === "done" && <Shown evidence={call.value} title={title} {...stage} />}
    </figure>
  );
}

/** In the place of one that was put away, and as large. */
export function EvidenceAway({ rel, why }: { rel: string; why: string }) {
  return (
    <figure className="evidence">
      <figcaption>{evidenceTitle(rel)}</figcaption>
      <div className="stage stage-away">
        <Icon name="eye-off" />
        <p className="muted">{why}</p>
      </div>
    </figure>
  );
}

/** Only from then on is a file worth a bar. */
const LARGE = 512 * 1024;

function OnItsWay({ progress, title }: { progress: EvidenceProgress | undefined; title: string }) {
  const large = progress !== undefined && (progress.total ?? progress.loaded) > LARGE;
  const told = useRef(false);
  useEffect(() => {
    if (!large || told.current) return;
    told.current = true;
    announce(`${title} is a large file, on its way.`);
  }, [large, title]);
  if (!large) return <Waiting what="Fetching the image" />;
  const { loaded, total } = progress;
  return (
    <div className="evidence-progress">
      <progress aria-label={`Fetching: ${title}`} value={loaded} max={total} />
      <p className="fine">
        {bytes(loaded)}
        {total !== undefined && ` of ${bytes(total)}`}
      </p>
    </div>
  );
}

interface ShownProps extends Pick<EvidencePaneProps, "view" | "onView" | "onReady" | "onFocus" | "onBlur"> {
  evidence: Evidence;
  title: string;
}

function Shown({ evidence: { blob, contentType, rel }, title, ...stage }: ShownProps) {
  const url = useObjectUrl(blob);
  const [unreadable, setUnreadable] = useState(false);
  if (url === undefined) return <div className="evidence-frame" />;
  if (contentType !== "application/pdf" && !unreadable) {
    return <ImageStage url={url} title={title} {...stage} onUnreadable={() => setUnreadable(true)} />;
  }
  // No browser draws HEIC everywhere. A PDF can carry scripts, and a viewer inside this page would run with its address: it
  // is handed out as a file, and never opened here.
  const type = TYPES[contentType];
  return (
    <div className="evidence-frame">
      <Notice
        tone={unreadable ? "warn" : "neutral"}
        icon={unreadable ? "image" : "file"}
        title={unreadable ? `This ${type} image cannot be drawn` : `A ${type} is not drawn here`}
      >
        <p>
          {unreadable
            ? "The file is damaged, or this browser does not know its kind."
            : "It could run scripts, so this page never opens it."}{" "}
          Saved, it is personal data outside the desk: delete it when you have looked at it.
        </p>
        <p>
          <a className="button button-plain" href={url} download={`${rel}.${contentType.replace(/^.*\//, "")}`}>
            Save the file
          </a>
        </p>
      </Notice>
    </div>
  );
}

/** A URL for as long as it is shown; after that nothing can read the bytes by it. */
function useObjectUrl(blob: Blob): string | undefined {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(blob);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  return url;
}
