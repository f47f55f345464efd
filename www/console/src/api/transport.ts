// The one way to the desk, for the module's calls and for our own: it notices when the session has ended, and when there is
// no connection.

import { learnTime } from "../util/clock.ts";
import { loseConnection, regainConnection } from "./connection.ts";
import { endSession } from "./session.ts";

/** As `fetch`, to the desk. Nothing is cached, and no redirect is followed: the only one there is leads to a sign-in page. */
export const deskFetch: typeof fetch = async (input, init = {}) => {
  const headers = new Headers(init.headers);
  // Asks Access for a 401 in place of its sign-in page (Cloudflare, "AJAX requests" to an Access application).
  headers.set("x-requested-with", "XMLHttpRequest");
  let response: Response;
  try {
    response = await fetch(input, { ...init, headers, cache: "no-store", redirect: "manual" });
  } catch (error) {
    if (!init.signal?.aborted) loseConnection();
    throw error;
  }
  regainConnection();
  learnTime(response.headers);
  if (response.type === "opaqueredirect" || response.status === 401) endSession();
  return response;
};
