// @ts-check
// The security headers, in one place for pages, data and evidence.

const EVERYWHERE = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
};

/** For the console. `'wasm-unsafe-eval'` lets it compile the module; `blob:` shows evidence that never had a URL. */
const PAGE = {
  ...EVERYWHERE,
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self' blob:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; "),
};

/** Where the console's files are that are named after what is in them. */
export const FILES = "/assets/";

/**
 * The console's files. Those in FILES never change, so a browser need not ask again; the page itself is asked for each time,
 * since it names them.
 *
 * @param {string} path
 * @param {number} status
 */
export const pageHeaders = (path, status) => ({
  ...PAGE,
  "cache-control":
    path.startsWith(FILES) && (status === 200 || status === 304)
      ? "private, max-age=31536000, immutable"
      : "private, no-cache",
});

/** For data and evidence: kept by no cache, and inert should someone open it as a page. */
export const DATA = {
  ...EVERYWHERE,
  "cache-control": "private, no-store",
  "content-security-policy": "default-src 'none'; sandbox",
};
