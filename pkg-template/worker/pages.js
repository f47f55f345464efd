// @ts-check
// What a person sees in place of the console where the desk lets nobody in: the console's own files are behind the same door.

/** @type {Record<string, readonly [title: string, advice: string]>} */
const WORDS = {
  unauthenticated: ["You are not signed in", "Open this address through your organisation's sign-in, then come back."],
  forbidden: [
    "You have no role at this desk",
    "You are signed in, but whoever runs this desk has not named you as a reviewer, an auditor or an admin. Ask them to.",
  ],
  misconfigured: ["The desk is not set up", "Whoever runs it must mend its settings; trying again will not help."],
  access_unavailable: [
    "Nobody can be let in just now",
    "The sign-in service does not answer. Wait a moment, then load this page anew.",
  ],
  not_found: ["No such page", "Nothing is at this address."],
};
const OTHERWISE = /** @type {const} */ (["The desk has a fault", "Wait a moment, then load this page anew."]);

/** Whether a request is a person's who opens a page, rather than a program's. @param {Request} request */
export const wantsPage = (request) => /\btext\/html\b/.test(request.headers.get("accept") ?? "");

/**
 * A page without scripts or styles; the code is what support asks for.
 *
 * @param {string} code
 */
export function failurePage(code) {
  const [title, advice] = WORDS[code] ?? OTHERWISE;
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>${title} · Passdesk</title></head>
<body><main><h1>${title}</h1><p>${advice}</p><p>${code}</p></main></body>
</html>
`;
}
