// @ts-check
// Civic's answers from memory, in workerd, so that what the upstream costs does not hide what is measured.
import { PDF_SIZE, RECORD, REQUEST_ID } from "./upstream.mjs";

const record = new TextEncoder().encode(RECORD);
/** A PDF by its magic bytes, and 10 MB. */
const document = new Uint8Array(PDF_SIZE);
document.set(new TextEncoder().encode("%PDF-1.7\n"));

export default {
  /** @param {Request} request */
  fetch(request) {
    const { pathname, origin } = new URL(request.url);
    if (!request.headers.get("authorization")?.startsWith("Bearer ")) return new Response(null, { status: 401 });
    if (pathname === `/partner/piirequest/${REQUEST_ID}`) {
      return new Response(record, { headers: { "content-type": "application/json" } });
    }
    if (pathname === `/partner/piirequest/${REQUEST_ID}/evidence/idDocumentFront`) {
      return new Response(document, { headers: { "content-type": "application/pdf" } });
    }
    return new Response(origin, { status: 404 });
  },
};
