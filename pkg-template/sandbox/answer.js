// @ts-check
// Answers and refusals in the shapes that the two services use.

/** @typedef {Record<string, string>} Fields headers by name */

/**
 * @param {number} status
 * @param {unknown} body
 * @param {Fields} [headers]
 */
export function json(status, body, headers = {}) {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
  });
}

/**
 * A refusal as OAuth and Civic's tenant write it.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2
 * @param {number} status
 * @param {string} error
 * @param {string} description
 * @param {Fields} [headers]
 */
export function civicRefusal(status, error, description, headers) {
  return json(status, { error, error_description: description }, headers);
}

/**
 * A refusal as globaliD writes it; what concerns tokens has OAuth's shape there too.
 * @param {number} status
 * @param {string} code
 * @param {string} message
 * @param {Fields} [headers]
 */
export function globalidRefusal(status, code, message, headers) {
  if (status === 401 || status === 403) return civicRefusal(status, code.toLowerCase(), message, headers);
  return json(status, { error_code: code.toUpperCase(), message, statusCode: status }, headers);
}

/**
 * A refusal as object stores write it.
 * @param {number} status
 * @param {string} code
 * @param {string} message
 * @param {Fields} [headers]
 */
export function storeRefusal(status, code, message, headers = {}) {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return new Response(body, { status, headers: { "content-type": "application/xml", ...headers } });
}

/**
 * The JSON object in a request's body, or undefined where it is none.
 * @param {Request} request
 * @returns {Promise<Record<string, unknown> | undefined>}
 */
export async function jsonObject(request) {
  try {
    const body = await request.json();
    return typeof body === "object" && body !== null && !Array.isArray(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The media type of a body, without its parameters.
 * @param {Request | Response} message
 */
export function mediaType(message) {
  return (message.headers.get("content-type") ?? "").split(";", 1).join("").trim().toLowerCase();
}
