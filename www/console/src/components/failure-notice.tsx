import { failureWords } from "../api/failure.ts";
import { useSessionEnded } from "../api/session.ts";
import { Button } from "../ui/button.tsx";
import { Notice } from "../ui/notice.tsx";

/** What went wrong, in words, with the codes that support asks for. */
export function FailureNotice({ error, onRepeat }: { error: unknown; onRepeat?: () => void }) {
  const { title, advice, details, again } = failureWords(error, useSessionEnded());
  return (
    <Notice tone="fail" icon="fail" title={title} role="alert">
      <p>{advice}</p>
      {details && <p className="fine">{details}</p>}
      {onRepeat && again && <Button onClick={onRepeat}>Try again</Button>}
    </Notice>
  );
}
