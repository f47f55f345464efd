// @ts-check
// The sandbox's requests worth opening. Civic has no list of requests: the demo hands these ids to the desk, as a dApp
// would, and the console shows them by what there is to see.

/** @typedef {{ id: string, shows: string }} Sample */

/** @type {{ title: string, samples: Sample[] }[]} */
export const SAMPLES = [
  {
    title: "In order",
    samples: [
      { id: "abc123", shows: "The example of Civic's own text" },
      { id: "passport", shows: "Passport" },
      { id: "id-card", shows: "Identity card, both sides" },
      { id: "driving-licence", shows: "Driving licence" },
      { id: "0b8f6a3e-6f0f-4c9e-9a54-5a3f2f1c7d11", shows: "Identity card; its id is a UUID, as most are" },
      { id: "unicode-name", shows: "Name beyond Latin letters" },
    ],
  },
  {
    title: "Look twice",
    samples: [
      { id: "expired-passport", shows: "Document has expired" },
      { id: "expires-soon", shows: "Document expires soon" },
      { id: "under-age", shows: "Sixteen years old" },
      { id: "blocked-country", shows: "Country that the policy blocks" },
      { id: "missing-back", shows: "Back of the card is missing" },
      { id: "account-mismatch", shows: "Wallet and account disagree" },
      { id: "malformed-date", shows: "Date that is none" },
      { id: "disposable-email", shows: "Throw-away e-mail address" },
      { id: "email-only", shows: "E-mail pass without a document" },
      { id: "unknown-fields", shows: "Fields and a link never seen before" },
    ],
  },
  {
    title: "Troubled evidence",
    samples: [
      { id: "slow-image", shows: "Image that takes its time" },
      { id: "passport~evidence.cut-body", shows: "Image that breaks off" },
      { id: "broken-image", shows: "Image that is none" },
      { id: "heic-evidence", shows: "HEIC photo" },
      { id: "pdf-evidence", shows: "PDF in place of an image" },
      { id: "svg-evidence", shows: "Drawing that could run scripts" },
      { id: "large-image", shows: "More bytes than allowed" },
      { id: "foreign-link", shows: "Link to another host" },
    ],
  },
  {
    title: "Troubled delivery",
    samples: [
      { id: "passport~status.apply-then-500x1", shows: "Verdict whose answer is lost" },
      { id: "id-card~status.other-verdict-first", shows: "Verdict that comes too late" },
      { id: "driving-licence~status.403", shows: "Verdict that Civic refuses" },
    ],
  },
];

/**
 * What happened to a request before the demo's first reviewer comes.
 *
 * @typedef {object} Past
 * @property {"claim" | "decide" | "elsewhere"} how the other reviewer claimed it, or decided it; or somebody did at Civic
 * @property {"partner-pass" | "partner-fail"} [verdict]
 * @property {string} [reason]
 */

/** Requests with a history. @type {{ title: string, samples: (Sample & { past: Past })[] }} */
export const HISTORIES = {
  title: "Not new any more",
  samples: [
    { id: "id-card~copy_2", shows: "Claimed by the other reviewer", past: { how: "claim" } },
    {
      id: "driving-licence~copy_2",
      shows: "Passed by the other reviewer, and delivered",
      past: { how: "decide", verdict: "partner-pass", reason: "all-good" },
    },
    {
      id: "passport~copy_2",
      shows: "Decided at Civic meanwhile; the desk finds out when it is opened",
      past: { how: "elsewhere", verdict: "partner-fail" },
    },
    {
      id: "passport~status.403",
      shows: "Dead letter: Civic refused the verdict",
      past: { how: "decide", verdict: "partner-pass", reason: "all-good" },
    },
    {
      id: "passport~status.other-verdict-first",
      shows: "Conflict: Civic shows the other verdict",
      past: { how: "decide", verdict: "partner-pass", reason: "all-good" },
    },
  ],
};
