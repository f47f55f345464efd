import type { Evidence, EvidenceProgress, PiiRequest } from "passdesk";
import { useEffect, useState } from "react";
import { evidence } from "../../api/civic.ts";
import { Notice } from "../../ui/notice.tsx";
import { Waiting } from "../../ui/waiting.tsx";
import { useCall } from "../../util/use-call.ts";
import { bytes, spaced } from "../../util/words.ts";
import { FailureNotice } from "../failure-notice.tsx";

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

/** One piece of evidence: on its way, shown, or the reason why not. Its bytes live as long as it is on the screen. */
export function EvidenceImage({ pii, rel }: { pii: PiiRequest; rel: string }) {
  const [progress, setProgress] = useState<EvidenceProgress>();
  const { call, repeat } = useCall((signal) => evidence(pii, rel, signal, setProgress));
  const title = TITLES[rel] ?? spaced(rel);
  return (
    <figure className="evidence">
      <figcaption>
        <span>{title}</span>
        {call.state === "done" && (
          <span className="fine evidence-kind">
            {TYPES[call.value.contentType]}, {bytes(call.value.size)}
          </span>
        )}
      </figcaption>
      {call.state === "waiting" && (
        <div className="evidence-frame">
          <Waiting what={progress ? `${bytes(progress.loaded)}${ofTotal(progress)} read` : "Fetching"} />
        </div>
      )}
      {call.state === "failed" && (
        <div className="evidence-frame">
          <FailureNotice error={call.error} onRepeat={repeat} />
        </div>
      )}
      {call.state === "done" && <Shown evidence={call.value} title={title} />}
    </figure>
  );
}

function Shown({ evidence: { blob, contentType, rel }, title }: { evidence: Evidence; title: string }) {
  const url = useObjectUrl(blob);
  const [unreadable, setUnreadable] = useState(false);
  // No browser draws HEIC everywhere, and none a PDF inside this page's policy; the file itself is what can be offered.
  const drawable = contentType !== "application/pdf" && !unreadable;
  if (url === undefined) return <div className="evidence-frame" />;
  if (drawable) {
    return (
      <div className="evidence-frame">
        <img src={url} alt={title} onError={() => setUnreadable(true)} />
      </div>
    );
  }
  const type = TYPES[contentType];
  return (
    <div className="evidence-frame">
      <Notice
        tone={unreadable ? "warn" : "neutral"}
        icon={unreadable ? "image" : "file"}
        title={unreadable ? `This ${type} image cannot be drawn` : `A ${type} is not drawn here`}
      >
        <p>
          {unreadable ? "The file is damaged, or this browser does not know its kind." : "Open it in your own viewer."}
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

function ofTotal({ total }: EvidenceProgress): string {
  return total === undefined ? "" : ` of ${bytes(total)}`;
}
