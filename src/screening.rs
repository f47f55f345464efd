//! What a careful reviewer would notice about a record, held against a policy. Pure: nothing is
//! read, kept or sent.
//!
//! A finding says what is wrong and with which field, never what the field says. Where a policy
//! demands something that the record leaves open, the finding is a failure: what cannot be shown is
//! not met.
//!
//! - `fail`: the record does not meet the policy, or is wrong whatever the policy.
//! - `warn`: a person should look; a check that no policy demands could not be made.
//! - `info`: worth knowing; nothing depends on it.

mod account;
mod country;
mod date;
mod email;

use crate::error::{Error, concat, digits};
use crate::json::{Json, Kind, expect_strings, texts};
use crate::pii::{KNOWN_FIELDS, check_links};
use crate::text::is_one_of;
use country::Country;
pub use date::{Date, days};
use serde::Serialize;

/// Every code that a finding can have.
pub const CODES: &[&str] = &[
    code::EXPIRED,
    code::EXPIRES_SOON,
    code::UNDER_AGE,
    code::BIRTH_DATE_IMPLAUSIBLE,
    code::MALFORMED_DATE,
    code::MALFORMED_EMAIL,
    code::EMAIL_DOMAIN_NOT_ALLOWED,
    code::EMAIL_DOMAIN_BLOCKED,
    code::COUNTRY_NOT_ALLOWED,
    code::COUNTRY_BLOCKED,
    code::UNKNOWN_COUNTRY,
    code::DOCUMENT_TYPE_NOT_ALLOWED,
    code::MISSING_SIDE,
    code::ACCOUNT_MISMATCH,
    code::MALFORMED_ACCOUNT,
    code::MISSING_FIELD,
];

/// The codes by name.
pub mod code {
    /// `dateOfExpiry` is past.
    pub const EXPIRED: &str = "expired";
    /// `dateOfExpiry` is within `expiryMarginDays`.
    pub const EXPIRES_SOON: &str = "expires_soon";
    /// Younger than `minAge`.
    pub const UNDER_AGE: &str = "under_age";
    /// `dateOfBirth` is in the future or more than [`MAX_AGE`](super::MAX_AGE) years ago.
    pub const BIRTH_DATE_IMPLAUSIBLE: &str = "birth_date_implausible";
    /// A date that is none.
    pub const MALFORMED_DATE: &str = "malformed_date";
    /// `email` is not an e-mail address.
    pub const MALFORMED_EMAIL: &str = "malformed_email";
    /// The domain of `email` is not below any of `allowedEmailDomains`.
    pub const EMAIL_DOMAIN_NOT_ALLOWED: &str = "email_domain_not_allowed";
    /// The domain of `email` is below one of `blockedEmailDomains`.
    pub const EMAIL_DOMAIN_BLOCKED: &str = "email_domain_blocked";
    /// `issueCountry` is not one of `allowedCountries`.
    pub const COUNTRY_NOT_ALLOWED: &str = "country_not_allowed";
    /// `issueCountry` is one of `blockedCountries`.
    pub const COUNTRY_BLOCKED: &str = "country_blocked";
    /// `issueCountry` is not the code of a country.
    pub const UNKNOWN_COUNTRY: &str = "unknown_country";
    /// `documentType` is not one of `documentTypes`.
    pub const DOCUMENT_TYPE_NOT_ALLOWED: &str = "document_type_not_allowed";
    /// There is no image of a side that is needed.
    pub const MISSING_SIDE: &str = "missing_side";
    /// `accountId` names another account than `address`.
    pub const ACCOUNT_MISMATCH: &str = "account_mismatch";
    /// `accountId` is not a decentralized identifier.
    pub const MALFORMED_ACCOUNT: &str = "malformed_account";
    /// A field that the policy, or a document, needs is missing.
    pub const MISSING_FIELD: &str = "missing_field";
}

/// The age beyond which a date of birth is not believed. Nobody is known to have reached 123.
pub const MAX_AGE: u32 = 130;

/// The longest margin before expiry: a century, ten times what any document lasts.
pub const MAX_EXPIRY_MARGIN_DAYS: u32 = 36_525;

/// What the partner asks of a record. What is left out is not asked; an empty list of what is
/// allowed allows nothing.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// The age, in whole years, that the person must have reached.
    pub min_age: Option<u32>,
    /// The countries whose documents are accepted, as ISO 3166-1 alpha-2 or alpha-3 codes.
    pub allowed_countries: Option<Vec<String>>,
    /// The countries whose documents are refused, even if they are also allowed.
    pub blocked_countries: Option<Vec<String>>,
    /// The types of document that are accepted; case, spaces, hyphens and underscores do not count.
    pub document_types: Option<Vec<String>>,
    /// Whether images of both sides are needed, whatever the document.
    pub require_both_sides: Option<bool>,
    /// How many days before its expiry a document is reported.
    pub expiry_margin_days: Option<u32>,
    /// The e-mail domains that are accepted, with all domains below them.
    pub allowed_email_domains: Option<Vec<String>>,
    /// The e-mail domains that are refused, with all domains below them, even if they are also
    /// allowed.
    pub blocked_email_domains: Option<Vec<String>>,
}

/// A policy that cannot mean what it says: which option, and what was expected there. Never what
/// was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    /// The path of the option: `policy.allowedCountries[1]`.
    pub path: String,
    /// What belongs there, to follow the words "must be".
    pub expected: &'static str,
}

impl Policy {
    /// Refuses what no record could be held against. To be called before [`screen`], which passes
    /// over such entries.
    ///
    /// # Errors
    ///
    /// The first option that cannot be understood.
    pub fn check(&self) -> Result<(), PolicyError> {
        check_number(
            "minAge",
            self.min_age,
            MAX_AGE,
            "a whole number from 0 to 130",
        )?;
        check_number(
            "expiryMarginDays",
            self.expiry_margin_days,
            MAX_EXPIRY_MARGIN_DAYS,
            "a whole number from 0 to 36525",
        )?;
        // One by one: a loop over a table of them takes 172 bytes more when compressed.
        check_list(
            "allowedCountries",
            self.allowed_countries.as_ref(),
            Entry::Country,
        )?;
        check_list(
            "blockedCountries",
            self.blocked_countries.as_ref(),
            Entry::Country,
        )?;
        check_list(
            "documentTypes",
            self.document_types.as_ref(),
            Entry::DocumentType,
        )?;
        check_list(
            "allowedEmailDomains",
            self.allowed_email_domains.as_ref(),
            Entry::Domain,
        )?;
        check_list(
            "blockedEmailDomains",
            self.blocked_email_domains.as_ref(),
            Entry::Domain,
        )
    }
}

/// What is screened, out of a record from upstream. It has no `Debug` but in tests, so that no log
/// shows a person by accident.
#[derive(Clone, Default)]
#[cfg_attr(test, derive(Debug))]
pub struct Record {
    /// `type` of the record: the kind of pass that is asked for.
    pub pass_type: Option<String>,
    /// `rel` of each of the record's `links`.
    pub rels: Vec<String>,
    /// `issueCountry`.
    pub issue_country: Option<String>,
    /// `name`.
    pub name: Option<String>,
    /// `email`.
    pub email: Option<String>,
    /// `dateOfBirth`.
    pub date_of_birth: Option<String>,
    /// `dateOfExpiry`.
    pub date_of_expiry: Option<String>,
    /// `documentType`.
    pub document_type: Option<String>,
    /// `documentNumber`.
    pub document_number: Option<String>,
    /// `address`: the account that the pass is for.
    pub address: Option<String>,
    /// `accountId`: the same account as a decentralized identifier.
    pub account_id: Option<String>,
}

impl Record {
    /// What is screened of a record, wherever that came from.
    ///
    /// # Errors
    /// `invalid_argument`, naming the field of the wrong type.
    #[inline]
    pub fn of<J: Json>(pii: &J) -> Result<Self, Error> {
        let information = pii.get("verifiedInformation");
        match information.kind() {
            Kind::Object | Kind::Null | Kind::Absent => {}
            _ => return Err(Error::option("pii.verifiedInformation", "an object")),
        }
        expect_strings(&information, KNOWN_FIELDS, 0)
            .map_err(|misfit| misfit.below("verifiedInformation"))
            .and_then(|()| check_links(pii))
            .map_err(|misfit| {
                let expected = misfit.expected;
                Error::option(&misfit.below("pii").path, expected)
            })?;
        let field = |name: &'static str| information.get(name).text();
        let links = pii.get("links");
        Ok(Self {
            pass_type: pii.get("type").text(),
            rels: texts(&links, Some("rel")),
            issue_country: field("issueCountry"),
            name: field("name"),
            email: field("email"),
            date_of_birth: field("dateOfBirth"),
            date_of_expiry: field("dateOfExpiry"),
            document_type: field("documentType"),
            document_number: field("documentNumber"),
            address: field("address"),
            account_id: field("accountId"),
        })
    }

    /// A pass may rest on an e-mail address alone. There is a document where the kind of pass, an
    /// image or the data says so.
    fn has_document(&self) -> bool {
        let data = [
            &self.issue_country,
            &self.date_of_expiry,
            &self.document_type,
            &self.document_number,
        ];
        let kind = self.pass_type.as_deref().unwrap_or_default().as_bytes();
        data.into_iter()
            .any(|field| filled(field.as_ref()).is_some())
            || self.has_link(FRONT)
            || self.has_link(BACK)
            || self.has_link(DRAFT_DOCUMENT)
            || kind
                .windows(ID_DOCUMENT.len())
                .any(|part| part.eq_ignore_ascii_case(ID_DOCUMENT))
    }

    fn has_link(&self, rel: &str) -> bool {
        self.rels.iter().any(|other| other == rel)
    }
}

const FRONT: &str = "idDocumentFront";
const BACK: &str = "idDocumentBack";
/// What a draft of the API called the front, when it had one image only.
const DRAFT_DOCUMENT: &str = "evidence-document";
/// As in `gatekeeperProofOfIdentityWithIdDocument-v3`.
const ID_DOCUMENT: &[u8] = b"IdDocument";

const NOT_A_DATE: &str = "This is not a date that exists, written as YYYY-MM-DD.";

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    /// Worth knowing; nothing depends on it.
    Info,
    /// A person should look.
    Warn,
    /// The record does not meet the policy, or is wrong whatever the policy.
    Fail,
}

/// One thing to notice about a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// One of [`CODES`].
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// The field of `verifiedInformation`, or the `rel` of the missing link, that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'static str>,
    /// A sentence for the reviewer. It holds nothing from the record.
    pub message: &'static str,
}

/// Holds a record against a policy. Failures come first, then warnings, then the rest; the order is
/// otherwise that of the document's data, its images, the e-mail address and the account, whatever
/// the record.
#[inline(never)]
pub fn screen(record: &Record, policy: &Policy, today: Date) -> Vec<Finding> {
    let mut screening = Screening {
        record,
        policy,
        today,
        has_document: record.has_document(),
        turn: Severity::Fail,
        findings: Vec::new(),
    };
    // Each severity has its turn: std's stable sort would add 2.5 KB to the compressed module.
    for turn in [Severity::Fail, Severity::Warn, Severity::Info] {
        screening.turn = turn;
        screening.expiry();
        screening.birth();
        screening.country();
        screening.document_type();
        screening.document_data();
        screening.sides();
        screening.email();
        screening.account();
    }
    screening.findings
}

struct Screening<'a> {
    record: &'a Record,
    policy: &'a Policy,
    today: Date,
    has_document: bool,
    /// The severity that is kept for now.
    turn: Severity,
    findings: Vec<Finding>,
}

impl Screening<'_> {
    fn expiry(&mut self) {
        const FIELD: &str = "dateOfExpiry";
        let margin = self.policy.expiry_margin_days;
        let Some(text) = filled(self.record.date_of_expiry.as_ref()) else {
            // A margin is about documents: it does not ask for one.
            return self.missing(FIELD, self.has_document && margin.is_some(), Severity::Warn);
        };
        let Some(expiry) = Date::parse(text) else {
            // No policy is needed to refuse a document that has expired, so none is needed to
            // refuse one that may have.
            return self.add(Severity::Fail, code::MALFORMED_DATE, FIELD, NOT_A_DATE);
        };
        let days_left = self.today.days_until(expiry);
        // On the day that it names, a document is still valid.
        if days_left < 0 {
            self.add(
                Severity::Fail,
                code::EXPIRED,
                FIELD,
                "The document has expired.",
            );
        } else if margin.is_some_and(|margin| i64::from(days_left) <= i64::from(margin)) {
            self.add(
                Severity::Warn,
                code::EXPIRES_SOON,
                FIELD,
                "The document expires within the policy's margin.",
            );
        }
    }

    fn birth(&mut self) {
        const FIELD: &str = "dateOfBirth";
        let min_age = self.policy.min_age;
        let Some(text) = filled(self.record.date_of_birth.as_ref()) else {
            return self.missing(FIELD, min_age.is_some(), Severity::Warn);
        };
        let Some(birth) = Date::parse(text) else {
            let severity = demanded(min_age.is_some());
            return self.add(severity, code::MALFORMED_DATE, FIELD, NOT_A_DATE);
        };
        match birth.age_on(self.today) {
            None => self.add(
                Severity::Fail,
                code::BIRTH_DATE_IMPLAUSIBLE,
                FIELD,
                "The date of birth is in the future.",
            ),
            Some(age) if age > MAX_AGE => {
                self.add(
                    Severity::Fail,
                    code::BIRTH_DATE_IMPLAUSIBLE,
                    FIELD,
                    "The date of birth is more than 130 years ago.",
                );
            }
            Some(age) if min_age.is_some_and(|min_age| age < min_age) => {
                self.add(
                    Severity::Fail,
                    code::UNDER_AGE,
                    FIELD,
                    "The person is younger than the policy's minimum age.",
                );
            }
            Some(_) => {}
        }
    }

    fn country(&mut self) {
        const FIELD: &str = "issueCountry";
        let allowed = self.policy.allowed_countries.as_ref();
        let blocked = self.policy.blocked_countries.as_ref();
        let needed = allowed.is_some() || blocked.is_some_and(|list| !list.is_empty());
        let Some(text) = filled(self.record.issue_country.as_ref()) else {
            return self.missing(FIELD, needed, Severity::Warn);
        };
        if Country::parse(text.as_bytes()).is_none() {
            return self.add(
                demanded(needed),
                code::UNKNOWN_COUNTRY,
                FIELD,
                "This is not the ISO 3166-1 code of a country.",
            );
        }
        let country = text.as_bytes();
        if one_of(blocked, Entry::Country, country) == Some(true) {
            self.add(
                Severity::Fail,
                code::COUNTRY_BLOCKED,
                FIELD,
                "The policy blocks documents of this country.",
            );
        } else if one_of(allowed, Entry::Country, country) == Some(false) {
            self.add(
                Severity::Fail,
                code::COUNTRY_NOT_ALLOWED,
                FIELD,
                "The policy does not allow documents of this country.",
            );
        }
    }

    fn document_type(&mut self) {
        const FIELD: &str = "documentType";
        let allowed = self.policy.document_types.as_ref();
        let Some(text) = filled(self.record.document_type.as_ref()) else {
            return self.missing(FIELD, allowed.is_some(), Severity::Warn);
        };
        if one_of(allowed, Entry::DocumentType, text.as_bytes()) == Some(false) {
            self.add(
                Severity::Fail,
                code::DOCUMENT_TYPE_NOT_ALLOWED,
                FIELD,
                "The policy does not allow this type of document.",
            );
        }
    }

    /// What nothing here depends on, but a reviewer compares with the image.
    fn document_data(&mut self) {
        for (field, value) in [
            ("documentNumber", &self.record.document_number),
            ("name", &self.record.name),
        ] {
            if filled(value.as_ref()).is_none() {
                self.missing(field, false, Severity::Info);
            }
        }
    }

    fn sides(&mut self) {
        let both = self.policy.require_both_sides == Some(true);
        let has_front = self.record.has_link(FRONT) || self.record.has_link(DRAFT_DOCUMENT);
        if (both || self.has_document) && !has_front {
            self.add(
                Severity::Fail,
                code::MISSING_SIDE,
                FRONT,
                "There is no image of the document's front.",
            );
        }
        if both && !self.record.has_link(BACK) {
            self.add(
                Severity::Fail,
                code::MISSING_SIDE,
                BACK,
                "There is no image of the document's back, and the policy requires one.",
            );
        }
    }

    fn email(&mut self) {
        const FIELD: &str = "email";
        let allowed = self.policy.allowed_email_domains.as_ref();
        let blocked = self.policy.blocked_email_domains.as_ref();
        let needed = allowed.is_some() || blocked.is_some_and(|list| !list.is_empty());
        let Some(text) = filled(self.record.email.as_ref()) else {
            if needed {
                self.missing(FIELD, true, Severity::Warn);
            }
            return;
        };
        let Some(domain) = email::domain(text.as_bytes()) else {
            return self.add(
                demanded(needed),
                code::MALFORMED_EMAIL,
                FIELD,
                "This is not a well-formed e-mail address.",
            );
        };
        if one_of(blocked, Entry::Domain, domain) == Some(true) {
            self.add(
                Severity::Fail,
                code::EMAIL_DOMAIN_BLOCKED,
                FIELD,
                "The policy blocks e-mail addresses of this domain.",
            );
        } else if one_of(allowed, Entry::Domain, domain) == Some(false) {
            self.add(
                Severity::Fail,
                code::EMAIL_DOMAIN_NOT_ALLOWED,
                FIELD,
                "The policy does not allow e-mail addresses of this domain.",
            );
        }
    }

    fn account(&mut self) {
        const FIELD: &str = "accountId";
        let Some(did) = filled(self.record.account_id.as_ref()) else {
            return;
        };
        let Some(account) = account::account(did.as_bytes()) else {
            return self.add(
                Severity::Fail,
                code::MALFORMED_ACCOUNT,
                FIELD,
                "This is not a decentralized identifier that names an account.",
            );
        };
        if filled(self.record.address.as_ref())
            .is_some_and(|address| !account::is_same(account, address.as_bytes()))
        {
            self.add(
                Severity::Fail,
                code::ACCOUNT_MISMATCH,
                FIELD,
                "The identifier names another account than the address.",
            );
        }
    }

    /// Reports a missing field as a failure if the policy needs it, and else only where there is a
    /// document that should have it.
    fn missing(&mut self, field: &'static str, needed: bool, otherwise: Severity) {
        if needed {
            self.add(
                Severity::Fail,
                code::MISSING_FIELD,
                field,
                "The policy cannot be checked without this field.",
            );
        } else if self.has_document {
            self.add(
                otherwise,
                code::MISSING_FIELD,
                field,
                "The record has a document but not this field of it.",
            );
        }
    }

    fn add(
        &mut self,
        severity: Severity,
        code: &'static str,
        field: &'static str,
        message: &'static str,
    ) {
        if severity == self.turn {
            self.findings.push(Finding {
                code,
                severity,
                field: Some(field),
                message,
            });
        }
    }
}

/// How much it matters that a value cannot be understood.
fn demanded(by_policy: bool) -> Severity {
    if by_policy {
        Severity::Fail
    } else {
        Severity::Warn
    }
}

/// Upstream leaves a field out, sends null or sends an empty text: all three are missing.
fn filled(field: Option<&String>) -> Option<&str> {
    field
        .map(String::as_str)
        .filter(|text| !text.trim_ascii().is_empty())
}

/// Whether the test holds for an entry of the list, if there is a list.
fn one_of(list: Option<&Vec<String>>, kind: Entry, said: &[u8]) -> Option<bool> {
    list.map(|list| list.iter().any(|entry| kind.covers(entry.as_bytes(), said)))
}

/// What the entries of a list are. As closures they would be called through a table of functions, which nothing else needs.
#[derive(Clone, Copy)]
enum Entry {
    Country,
    DocumentType,
    Domain,
}

impl Entry {
    /// To follow the words "must be".
    const fn expected(self) -> &'static str {
        match self {
            Self::Country => "an ISO 3166-1 alpha-2 or alpha-3 country code",
            Self::DocumentType => "the name of a document type",
            Self::Domain => "a domain name such as example.com, in ASCII",
        }
    }

    fn is_fine(self, entry: &[u8]) -> bool {
        match self {
            Self::Country => Country::parse(entry).is_some(),
            Self::DocumentType => significant(&mut &*entry).is_some(),
            Self::Domain => email::is_domain(entry),
        }
    }

    fn covers(self, entry: &[u8], said: &[u8]) -> bool {
        match self {
            Self::Country => Country::parse(entry) == Country::parse(said),
            Self::DocumentType => is_same_type(entry, said),
            Self::Domain => email::is_within(said, entry),
        }
    }
}

/// Whether two types of document are the same: `DRIVERS_LICENSE` is `drivers-license` is `Drivers License`. Nothing is written down
/// for it: a region keeps what is taken until its question ends, and a type is as long as upstream pleases.
fn is_same_type(mut one: &[u8], mut other: &[u8]) -> bool {
    loop {
        let next = significant(&mut one);
        if next != significant(&mut other) {
            return false;
        }
        if next.is_none() {
            return true;
        }
    }
}

/// Takes what counts next of a name.
fn significant(name: &mut &[u8]) -> Option<u8> {
    while let Some((first, rest)) = name.split_first() {
        *name = rest;
        if !is_one_of(*first, b"-_ \t\n\r\x0c") {
            return Some(first.to_ascii_lowercase());
        }
    }
    None
}

fn check_number(
    name: &str,
    value: Option<u32>,
    max: u32,
    expected: &'static str,
) -> Result<(), PolicyError> {
    if value.is_some_and(|value| value > max) {
        let path = concat(&["policy.", name]);
        return Err(PolicyError { path, expected });
    }
    Ok(())
}

fn check_list(name: &str, list: Option<&Vec<String>>, kind: Entry) -> Result<(), PolicyError> {
    for (entry, at) in list.into_iter().flatten().zip(0..) {
        if !kind.is_fine(entry.as_bytes()) {
            return Err(PolicyError {
                path: concat(&["policy.", name, "[", &digits(at), "]"]),
                expected: kind.expected(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
