// What can be done with a case from the list. Each act puts its case into its row anew, whatever became of it.

import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import {
  claim,
  type DeskCase,
  type DeskCaseView,
  DeskError,
  listedCase,
  release,
  resolve,
  retry,
} from "../../api/desk.ts";
import { failureWords } from "../../api/failure.ts";
import { useMe } from "../../api/me.ts";
import { announce } from "../../ui/announcer.tsx";
import { notify } from "../../ui/toasts.tsx";
import { counted, person } from "../../util/words.ts";

/** Claims on their way at a time, where several are asked for. */
const AT_ONCE = 4;

export function useRowActs(put: (changed: DeskCase) => void) {
  const me = useMe();
  const client = useQueryClient();
  const [busy, setBusy] = useState<ReadonlySet<string>>(new Set());

  /** Does it to one case, and gives what went wrong. */
  const attempt = useCallback(
    async (id: string, act: () => Promise<unknown>): Promise<unknown> => {
      setBusy((now) => new Set(now).add(id));
      let failure: unknown;
      try {
        await act();
      } catch (error) {
        failure = error;
      }
      try {
        const changed = await listedCase(id);
        put(changed);
        client.setQueryData<DeskCaseView>(["case", id], (known) => ({ viewers: [], ...known, ...changed, note: null }));
      } catch {
        // The next look at the list brings it.
      }
      setBusy((now) => new Set([...now].filter((one) => one !== id)));
      return failure;
    },
    [client, put],
  );

  const one = useCallback(
    async (id: string, act: () => Promise<unknown>, done: string) => {
      const failure = await attempt(id, act);
      if (failure === undefined) announce(done);
      else tell(failure, id, me.email);
      return failure === undefined;
    },
    [attempt, me.email],
  );

  const acts = useMemo(
    () => ({
      claim: (id: string) => one(id, () => claim(id), `${id} is claimed by you.`),
      release: (id: string) => one(id, () => release(id), `${id} is released.`),
      retry: (id: string) => one(id, () => retry(id), `The verdict on ${id} is sent again.`),
      resolve: (id: string, how: "accept" | "retry") =>
        one(
          id,
          () => resolve(id, how),
          how === "accept" ? `Civic's verdict on ${id} stands.` : `Ours on ${id} is sent again.`,
        ),
      /** Claims several; decides nothing. */
      async claimAll(ids: readonly string[]) {
        const failures: unknown[] = [];
        const left = [...ids];
        await Promise.all(
          Array.from({ length: AT_ONCE }, async () => {
            for (let id = left.shift(); id !== undefined; id = left.shift()) {
              const next = id;
              const failure = await attempt(next, () => claim(next));
              if (failure !== undefined) failures.push(failure);
            }
          }),
        );
        const got = ids.length - failures.length;
        const taken = failures.filter((error) => error instanceof DeskError && error.code === "conflict").length;
        notify({
          tone: failures.length === 0 ? "pass" : "warn",
          title: `${counted(got, "case", "cases")} claimed`,
          ...(failures.length > 0 && {
            text: [
              taken > 0 && `${counted(taken, "was", "were")} somebody else's or decided by then.`,
              failures.length > taken && `${counted(failures.length - taken, "claim", "claims")} did not get through.`,
            ]
              .filter(Boolean)
              .join(" "),
          }),
        });
      },
    }),
    [attempt, one],
  );
  return { busy, acts };
}

function tell(error: unknown, id: string, me: string): void {
  const { title, advice } = failureWords(error, false);
  const by = error instanceof DeskError && typeof error.details.by === "string" ? error.details.by : undefined;
  notify({ tone: "fail", title: `${id}: ${title}`, text: by ? `${person(by, me)} has it.` : advice });
}
