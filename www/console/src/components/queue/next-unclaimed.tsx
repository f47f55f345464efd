import { useCallback, useRef } from "react";
import { useLocation } from "wouter";
import { claims } from "../../api/claims.ts";
import { claimNext, release } from "../../api/desk.ts";
import { failureWords } from "../../api/failure.ts";
import { announce } from "../../ui/announcer.tsx";
import { notify } from "../../ui/toasts.tsx";
import { paths } from "../../util/paths.ts";

/** Claims the oldest case that is nobody's, or the first behind `after`, opens it, and says whether there was one. */
export function useNextUnclaimed(after?: string): () => Promise<boolean> {
  const [, navigate] = useLocation();
  const under = useRef(false);
  return useCallback(async () => {
    // A key that is held, or pressed twice, means one case.
    if (under.current) return false;
    under.current = true;
    const { pathname: asked } = window.location;
    try {
      const next = await claimNext(after);
      if (next !== undefined) {
        claims.set(next.id, Promise.resolve());
        if (window.location.pathname === asked) navigate(paths.case(next));
        if (window.location.pathname !== paths.case(next)) {
          // Somebody has gone elsewhere meanwhile, or begun what keeps them here: the next key is meant for what they see, and the
          // others need not wait for that.
          claims.delete(next.id);
          release(next.id).catch(() => {});
          return false;
        }
        announce(`${next.id} is claimed by you.`);
        return true;
      }
      notify({
        tone: "neutral",
        title: "No case was unclaimed",
        text: "New ones appear in the queue by themselves.",
      });
    } catch (error) {
      const { title, advice } = failureWords(error, false);
      notify({ tone: "fail", title, text: advice });
    } finally {
      under.current = false;
    }
    return false;
  }, [after, navigate]);
}
