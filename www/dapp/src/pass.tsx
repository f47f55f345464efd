import { GatewayStatus, useGateway } from "@civic/gateway-client-react";
import { type HandoffStatus, useReviewHandoff } from "passdesk/react";
import { Heading } from "./heading.tsx";

type Tone = "done" | "now" | "next" | "bad";

interface Step {
  title: string;
  text: string;
  tone: Tone;
}

const WORDS: Record<Tone, string> = { done: "done", now: "under way", next: "to come", bad: "ended" };

const HANDOFF: Record<HandoffStatus, { text: string; tone: Tone }> = {
  idle: { text: "They get your request next.", tone: "next" },
  sending: { text: "On its way.", tone: "now" },
  waiting: {
    text: "Our reviewers cannot be reached just now. We try again by ourselves; you need not wait here.",
    tone: "now",
  },
  accepted: { text: "Our reviewers have your request.", tone: "done" },
  failed: { text: "Our reviewers did not take the request.", tone: "bad" },
};

interface PassProps {
  wallet: string;
  desk: string;
  takesFocus: boolean;
  onLeave: () => void;
}

/** How far this wallet's pass is. */
export function Pass({ wallet, desk, takesFocus, onLeave }: PassProps) {
  const { gatewayStatus, pendingRequests } = useGateway();
  const { status, error, retry } = useReviewHandoff(pendingRequests, { endpoint: `${desk}/desk/intake` });

  const active = gatewayStatus === GatewayStatus.ACTIVE;
  const rejected = gatewayStatus === GatewayStatus.REJECTED;
  const decided = active || rejected;
  // A further try is still the same wait: words and button must not come and go with each.
  const state = status === "sending" && error !== undefined ? "waiting" : status;
  const handoff = decided && state === "idle" ? HANDOFF.accepted : HANDOFF[state];
  const asked = pendingRequests !== undefined || status !== "idle" || decided;
  const verdict: Step = active
    ? { title: "Your pass", text: "It is active. You can trade.", tone: "done" }
    : rejected
      ? { title: "Your pass", text: "You did not get one.", tone: "bad" }
      : { title: "Your pass", text: "You get it once they have decided.", tone: "next" };
  const steps: Step[] = [
    {
      title: "Documents",
      text: asked ? "Civic has them." : "Civic looks at them.",
      tone: asked ? "done" : "now",
    },
    { title: "Reviewers", ...handoff },
    verdict,
  ];
  const heading = active ? "Welcome to Meridian" : rejected ? "No pass this time" : "Your pass is on its way";

  return (
    <section className="card" aria-labelledby="progress">
      <Heading id="progress" takesFocus={takesFocus}>
        {heading}
      </Heading>
      <p className="wallet">
        Wallet <code>{`${wallet.slice(0, 8)}…${wallet.slice(-6)}`}</code>
      </p>
      <ol className="steps">
        {steps.map(({ title, text, tone }) => (
          <li key={title} className={tone}>
            <span className="mark" aria-hidden="true" />
            <div>
              <h3>
                {title} <span className="hidden">({WORDS[tone]})</span>
              </h3>
              <p>{text}</p>
            </div>
          </li>
        ))}
      </ol>
      <p className="hidden" role="status">
        {heading}. {handoff.text} {verdict.text}
      </p>
      <div className="actions">
        {(state === "failed" || state === "waiting") && !decided && (
          <button type="button" className="button main" onClick={retry}>
            Try again now
          </button>
        )}
        <button type="button" className="button" onClick={onLeave}>
          Start again as somebody else
        </button>
      </div>
      {error !== undefined && !decided && (
        <p className="fine">
          For our support: <code>{error.code}</code>
        </p>
      )}
    </section>
  );
}
