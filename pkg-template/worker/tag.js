// @ts-check
// Texts by their hash: enough to tell whether one is the same, and no more.

/** SHA-256, in lower-case hex. @param {string} text */
export async function sha256(text) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * JSON with an entity tag, or 304 where the asker has it already (RFC 9110, section 13.1.2): a page asks again and again,
 * and nothing is sent where nothing has changed.
 *
 * @param {Request} request
 * @param {object} answer
 */
export async function tagged(request, answer) {
  const body = JSON.stringify(answer);
  const etag = `"${(await sha256(body)).slice(0, 32)}"`;
  const held = (request.headers.get("if-none-match") ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  // A 304 speaks of a GET; what else is asked is answered.
  if (request.method === "GET" && (held.includes(etag) || held.includes("*"))) {
    return new Response(null, { status: 304, headers: { etag } });
  }
  return new Response(body, { headers: { "content-type": "application/json", etag } });
}
