// Who may come in. There is no login at this stage, so the desk answers this machine only, and writes come from its own page.

/** Whether this is the machine's own name or address, as a URL's `hostname` spells it. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127(?:\.\d{1,3}){3}$/.test(hostname)
  );
}

/**
 * Whether a request comes from another site. Reads are judged too, since what they answer is personal data; a browser
 * without Fetch Metadata (https://www.w3.org/TR/fetch-metadata/) is still held back from reading by the absence of CORS.
 */
export function isCrossSite(request: Request): boolean {
  const site = request.headers.get("sec-fetch-site");
  if (request.method === "GET" || request.method === "HEAD") {
    return site !== null && site !== "same-origin" && site !== "none";
  }
  const origin = request.headers.get("origin");
  if (origin !== null && origin !== new URL(request.url).origin) return true;
  // A write must say where it comes from; a client that sends neither header is no page of ours.
  return site === null ? origin === null : site !== "same-origin";
}
