// @ts-check
// What the upstream of the benches serves; shared by its Worker and by those who ask.

export const REQUEST_ID = "abc123";
export const PDF_SIZE = 10 * 1000 * 1000;
export const RECORD = JSON.stringify({
  id: REQUEST_ID,
  type: "gatekeeperProofOfIdentityWithIdDocument-v3",
  status: "verification-success",
  links: [
    { rel: "self", href: `https://api.civic.com/partner/piirequest/${REQUEST_ID}` },
    {
      rel: "idDocumentFront",
      href: `https://api.civic.com/partner/piirequest/${REQUEST_ID}/evidence/idDocumentFront`,
    },
    { rel: "idDocumentBack", href: `https://api.civic.com/partner/piirequest/${REQUEST_ID}/evidence/idDocumentBack` },
  ],
  verifiedInformation: { issueCountry: "GBR", name: "Specimen Sample", dateOfBirth: "1990-01-01" },
});
