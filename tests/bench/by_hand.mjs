// @ts-check
// What one attempt of `retrievePii` promises, written by hand and for nothing else: a time-out that covers the body, an abort that
// leaves no listener, no redirect, at most 8 MiB, UTF-8 without holes, the record that was asked for. No retry, no events, no
// validation, no error of its own. What is dearer than `bare` in here is the platform's price for the promises.

const LARGEST = 8 * 1024 * 1024;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** How long workerd knows a body to be. See pkg-template/body.js. */
const LENGTH = Object.getOwnPropertySymbols(ReadableStream.prototype).find((it) => it.description === "length");

/** @param {Response} response @returns {Promise<ArrayBuffer | Uint8Array>} */
async function bounded({ body }) {
  const reader = /** @type {ReadableStream<Uint8Array>} */ (body).getReader();
  const pieces = [];
  let total = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    total += value.length;
    if (total > LARGEST) throw new Error("too large");
    pieces.push(value);
  }
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : new Blob(pieces).arrayBuffer();
}

/**
 * @param {string} url
 * @param {{ requestId: string, token: string, fetch?: typeof globalThis.fetch, signal?: AbortSignal }} options
 */
export async function retrieveByHand(url, { requestId, token, fetch = globalThis.fetch, signal }) {
  const controller = new AbortController();
  const abort = () => controller.abort(signal?.reason);
  signal?.addEventListener("abort", abort);
  const timer = setTimeout(() => controller.abort(), 30_000);
  try {
    if (signal?.aborted) throw signal.reason;
    const response = await fetch(url, {
      headers: { accept: "application/json", authorization: `Bearer ${token}` },
      redirect: "manual",
      signal: controller.signal,
    });
    if (response.status !== 200 || response.redirected) throw new Error("no record");
    const known = LENGTH && Reflect.get(response.body ?? {}, LENGTH) <= LARGEST;
    const record = JSON.parse(utf8.decode(await (known ? response.arrayBuffer() : bounded(response))));
    if (record?.id !== requestId) throw new Error("another record");
    return record;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

/**
 * A bare call that a clock could end.
 *
 * @param {typeof globalThis.fetch} fetch
 * @param {string} url
 * @param {Record<string, string>} headers
 */
export async function bareWithTimer(fetch, url, headers) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), 30_000);
  try {
    return await (await fetch(url, { headers, signal: controller.signal })).json();
  } finally {
    clearTimeout(timer);
  }
}
