// @ts-check
// An answer that a page asks for again and again: nothing is sent where nothing has changed.

/**
 * JSON with an entity tag, or 304 where the asker has it already (RFC 9110, section 13.1.2).
 *
 * @param {Request} request
 * @param {object} answer
 */
export async function tagged(request, answer) {
  const body = JSON.stringify(answer);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(body)));
  const etag = `"${Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("")}"`;
  const held = (request.headers.get("if-none-match") ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  // A 304 speaks of a GET; what else is asked is answered.
  if (request.method === "GET" && (held.includes(etag) || held.includes("*"))) {
    return new Response(null, { status: 304, headers: { etag } });
  }
  return new Response(body, { headers: { "content-type": "application/json", etag } });
}
