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

/** What becomes no case, although a dApp may send it: the desk takes in only what Civic confirms and somebody can decide. */
export const STRANGERS = {
  title: "Not taken in",
  samples: [
    { id: "awaiting-user", shows: "User has not finished" },
    { id: "already-passed", shows: "Passed before" },
    { id: "no-such-request", shows: "Id that Civic does not know" },
  ],
};
