// @ts-check
import { suite } from "#suite";
import * as assert from "../support/assert.mjs";

const NOW = "2026-11-21";

/** @param {Record<string, unknown>} [information] @param {string[]} [rels] @returns {any} */
const pii = (information = {}, rels = ["self", "idDocumentFront", "idDocumentBack"]) => ({
  id: "r1",
  type: "t",
  status: "verification-success",
  links: rels.map((rel) => ({ rel, href: `https://api.civic.com/partner/piirequest/r1/evidence/${rel}` })),
  verifiedInformation: {
    issueCountry: "GBR",
    name: "John Smith",
    email: "john@example.com",
    dateOfBirth: "1990-01-01",
    dateOfExpiry: "2031-05-28",
    documentType: "passport",
    documentNumber: "999999999",
    address: "CoaMuXCeNuiFNZIWQoHL32ojbJNmU19Nu6P4z9T1EFAa",
    accountId: "did:sol:CoaMuXCeNuiFNZIWQoHL32ojbJNmU19Nu6P4z9T1EFAa",
    ...information,
  },
});

/** @param {import("passdesk").Finding[]} findings */
const worst = (findings) => findings.filter((it) => it.severity !== "info");

export default suite("screenPii", {
  "a good record has nothing to warn of": async ({ passdesk }) => {
    const findings = await passdesk.screenPii({
      pii: pii(),
      now: NOW,
      policy: {
        minAge: 18,
        allowedCountries: ["GB", "FRA"],
        blockedCountries: ["PRK"],
        documentTypes: ["passport"],
        requireBothSides: true,
        expiryMarginDays: 30,
        allowedEmailDomains: ["example.com"],
        blockedEmailDomains: ["mailinator.com"],
      },
    });
    assert.deepEqual(worst(findings), []);
  },

  "each rule finds what breaks it, names the field and keeps the value to itself": async ({ passdesk }) => {
    for (const [
      what,
      information,
      policy,
      severity,
      field,
    ] of /** @type {[string, Record<string, unknown>, any, string, string][]} */ ([
      ["expired", { dateOfExpiry: "2026-11-20" }, {}, "fail", "dateOfExpiry"],
      ["expires soon", { dateOfExpiry: "2026-12-10" }, { expiryMarginDays: 30 }, "warn", "dateOfExpiry"],
      ["under age", { dateOfBirth: "2008-11-22" }, { minAge: 18 }, "fail", "dateOfBirth"],
      ["country not allowed", { issueCountry: "GBR" }, { allowedCountries: ["FRA", "DE"] }, "fail", "issueCountry"],
      ["country blocked", { issueCountry: "GBR" }, { blockedCountries: ["GB"] }, "fail", "issueCountry"],
      ["document type", { documentType: "library-card" }, { documentTypes: ["passport"] }, "fail", "documentType"],
      ["malformed birth date", { dateOfBirth: "1990-02-30" }, {}, "", "dateOfBirth"],
      ["malformed expiry", { dateOfExpiry: "28/05/2031" }, {}, "", "dateOfExpiry"],
      ["malformed e-mail", { email: "john.example.com" }, {}, "", "email"],
      [
        "e-mail domain not allowed",
        { email: "john@else.example" },
        { allowedEmailDomains: ["example.com"] },
        "fail",
        "email",
      ],
      [
        "e-mail domain blocked",
        { email: "john@EXAMPLE.com" },
        { blockedEmailDomains: ["example.com"] },
        "fail",
        "email",
      ],
      ["wallets disagree", { address: "Fz9KdBRGyrEYqPzxzhLJcYDAqYmHyvB7HHVaFNz4TmTP" }, {}, "", "a"],
      ["missing birth date", { dateOfBirth: undefined }, { minAge: 18 }, "", "dateOfBirth"],
    ])) {
      const record = pii(information);
      const findings = worst(await passdesk.screenPii({ pii: record, policy, now: NOW }));
      const found = findings.find((it) => it.field === field || field === "a");
      assert.ok(found, `${what} is found, in ${assert.show(findings)}`);
      if (severity !== "") assert.equal(found.severity, severity, what);
      for (const value of Object.values(record.verifiedInformation)) {
        if (typeof value === "string" && value.length > 3)
          assert.ok(!JSON.stringify(findings).includes(value), `${what} keeps the value`);
      }
    }
  },

  "a missing side is found where both are wanted": async ({ passdesk }) => {
    const front = pii({}, ["self", "idDocumentFront"]);
    assert.deepEqual(worst(await passdesk.screenPii({ pii: front, policy: {}, now: NOW })), []);
    const findings = await passdesk.screenPii({ pii: front, policy: { requireBothSides: true }, now: NOW });
    assert.ok(findings.some((it) => it.severity === "fail"));
  },

  "a birthday is a date, not a moment": async ({ passdesk }) => {
    const age = async (/** @type {string} */ born, /** @type {any} */ now) =>
      worst(await passdesk.screenPii({ pii: pii({ dateOfBirth: born }), policy: { minAge: 18 }, now })).length;
    assert.equal(await age("2008-11-21", NOW), 0, "18 today");
    assert.equal(await age("2008-11-22", NOW), 1, "18 tomorrow");
    assert.equal(await age("2008-11-21", new Date("2026-11-21T00:00:00Z")), 0, "at the first moment of the day");
    assert.equal(await age("2008-11-21", new Date("2026-11-20T23:59:59Z")), 1, "and not a second before");
    assert.equal(await age("2008-11-21", Date.parse("2026-11-21T12:00:00Z")), 0, "epoch milliseconds");
    assert.equal(await age("2008-02-29", "2026-02-28"), 1, "born on 29 February, in a common year");
    assert.equal(await age("2008-02-29", "2026-03-01"), 0);
  },

  "countries are understood in both lengths and either case": async ({ passdesk }) => {
    for (const [country, allowed] of [
      ["GBR", "GB"],
      ["GB", "GBR"],
      ["gbr", "gb"],
      ["DE", "deu"],
    ]) {
      const findings = await passdesk.screenPii({
        pii: pii({ issueCountry: country }),
        policy: { allowedCountries: [/** @type {string} */ (allowed)] },
        now: NOW,
      });
      assert.deepEqual(worst(findings), []);
    }
  },

  "sends nothing": async ({ passdesk }) => {
    const original = globalThis.fetch;
    /** @type {string[]} */
    const sent = [];
    globalThis.fetch = /** @type {typeof fetch} */ (
      (/** @type {Parameters<typeof fetch>} */ ...args) => {
        if (String(args[0]).includes("civic.com")) sent.push(String(args[0]));
        return original(...args);
      }
    );
    try {
      await passdesk.screenPii({ pii: pii(), policy: {} });
    } finally {
      globalThis.fetch = original;
    }
    assert.deepEqual(sent, []);
  },

  "a document type may be as long as an answer may: it is compared, and takes nothing from others": async ({
    passdesk,
  }) => {
    const documentType = "passport-".repeat(500_000);
    const documentTypes = Array.from({ length: 100 }, (_, i) => `other-${i}`);
    const record = { ...pii(), verifiedInformation: { documentType } };
    const findings = await passdesk.screenPii({ pii: record, policy: { documentTypes } });
    assert.ok(findings.some(({ code }) => code === "document_type_not_allowed"));
    const long = [...documentTypes, documentType.toUpperCase()];
    const allowed = await passdesk.screenPii({ pii: record, policy: { documentTypes: long } });
    assert.ok(!allowed.some(({ code }) => code === "document_type_not_allowed"));
  },

  "a policy that makes no sense is named": async ({ passdesk }) => {
    for (const [name, options] of /** @type {[string, object][]} */ ([
      ["policy", { pii: pii() }],
      ["policy", { pii: pii(), policy: [] }],
      ["pii", { policy: {} }],
      ["pii", { pii: 5, policy: {} }],
      ["minAge", { pii: pii(), policy: { minAge: "18" } }],
      ["minAge", { pii: pii(), policy: { minAge: -1 } }],
      ["allowedCountries", { pii: pii(), policy: { allowedCountries: "GB" } }],
      ["allowedCountries", { pii: pii(), policy: { allowedCountries: ["Britain"] } }],
      ["allowedCountries", { pii: pii(), policy: { allowedCountries: ["XX"] } }],
      ["blockedCountries", { pii: pii(), policy: { blockedCountries: [7] } }],
      ["requireBothSides", { pii: pii(), policy: { requireBothSides: 1 } }],
      ["expiryMarginDays", { pii: pii(), policy: { expiryMarginDays: Number.NaN } }],
      ["minimumAge", { pii: pii(), policy: { minimumAge: 18 } }],
      ["now", { pii: pii(), policy: {}, now: "yesterday" }],
      ["now", { pii: pii(), policy: {}, now: new Date(Number.NaN) }],
      ["now", { pii: pii(), policy: {}, now: {} }],
      ["timezone", { pii: pii(), policy: {}, timezone: "UTC" }],
    ])) {
      const failure = await assert.rejects(passdesk.screenPii(/** @type {any} */ (options)), "invalid_argument");
      assert.ok(failure.message.includes(name), `the message names ${name}: ${failure.message}`);
      assert.equal(failure.operation, "screenPii");
      assert.ok(!failure.message.includes("John Smith"));
    }
  },

  "a number of a policy is told the same range, however it is wrong": async ({ passdesk }) => {
    for (const [name, range, wrong] of /** @type {[string, string, unknown[]][]} */ ([
      ["minAge", "0 to 130", ["18", 1.5, -1, 131, 2 ** 40]],
      ["expiryMarginDays", "0 to 36525", ["30", 0.5, -1, 36526, Number.NaN]],
    ])) {
      for (const value of wrong) {
        const screening = passdesk.screenPii(/** @type {any} */ ({ pii: pii(), policy: { [name]: value } }));
        const { message } = await assert.rejects(screening, "invalid_argument");
        assert.ok(message.includes(`a whole number from ${range}`), message);
      }
    }
  },
});
