#![allow(
    clippy::unnecessary_wraps,
    clippy::too_many_lines,
    reason = "a field is optional, and a table is as long as it has cases"
)]

use super::*;
use Severity::{Fail, Info, Warn};
use proptest::{prelude::*, strategy::ValueTree};
use serde_json::json;

type Field = Option<String>;
type Expected<'a> = &'a [(Severity, &'a str, &'a str)];

const TODAY: &str = "2026-11-21";

fn some(text: &str) -> Field {
    Some(text.to_owned())
}

fn list(items: &[&str]) -> Option<Vec<String>> {
    Some(items.iter().map(|item| (*item).to_owned()).collect())
}

/// The record of Civic's documentation.
fn civic() -> Record {
    Record {
        pass_type: some("gatekeeperProofOfIdentityWithIdDocument-v3"),
        rels: list(&["self", "idDocumentFront", "idDocumentBack"]).unwrap(),
        issue_country: some("GBR"),
        name: some("John Smith"),
        email: some("john@example.com"),
        date_of_birth: some("1990-01-01"),
        date_of_expiry: some("2031-05-28"),
        document_type: some("passport"),
        document_number: some("999999999"),
        address: some("CoaMuXCeNuiFNZIWQoHL32ojbJNmU19Nu6P4z9T1EFAa"),
        account_id: some("did:sol:CoaMuXCeNuiFNZIWQoHL32ojbJNmU19Nu6P4z9T1EFAa"),
    }
}

/// A pass that rests on an e-mail address alone.
fn email_only() -> Record {
    Record {
        pass_type: some("gatekeeperEmail-v1"),
        rels: list(&["self"]).unwrap(),
        email: some("john@example.com"),
        ..Record::default()
    }
}

fn strict() -> Policy {
    Policy {
        min_age: Some(18),
        allowed_countries: list(&["GB", "DEU"]),
        blocked_countries: list(&["PRK"]),
        document_types: list(&["passport", "national-id"]),
        require_both_sides: Some(true),
        expiry_margin_days: Some(30),
        allowed_email_domains: list(&["example.com"]),
        blocked_email_domains: list(&["throwaway.example.com"]),
    }
}

fn screened_on(
    today: &str,
    record: &Record,
    policy: &Policy,
) -> Vec<(Severity, &'static str, &'static str)> {
    let findings = screen(record, policy, Date::parse(today).unwrap());
    findings
        .iter()
        .map(|finding| (finding.severity, finding.code, finding.field.unwrap()))
        .collect()
}

fn screened(record: &Record, policy: &Policy) -> Vec<(Severity, &'static str, &'static str)> {
    screened_on(TODAY, record, policy)
}

#[test]
fn the_documented_record_is_clean_with_and_without_a_policy() {
    assert_eq!(screened(&civic(), &Policy::default()), []);
    assert_eq!(screened(&civic(), &strict()), []);
}

#[test]
fn expiry() {
    let on = |expiry: &str, margin: Option<u32>| {
        let record = Record {
            date_of_expiry: some(expiry),
            ..civic()
        };
        screened(
            &record,
            &Policy {
                expiry_margin_days: margin,
                ..Policy::default()
            },
        )
    };
    let expired: Expected = &[(Fail, "expired", "dateOfExpiry")];
    let soon: Expected = &[(Warn, "expires_soon", "dateOfExpiry")];
    let malformed: Expected = &[(Fail, "malformed_date", "dateOfExpiry")];
    for (expiry, margin, expected) in [
        ("2026-11-20", None, expired),
        ("2026-11-20", Some(30), expired),
        ("2025-12-31", None, expired),
        ("0000-01-01", None, expired),
        // The last day of a document is a good day.
        ("2026-11-21", None, &[]),
        ("2026-11-21", Some(0), soon),
        ("2026-11-22", Some(0), &[]),
        ("2026-12-21", Some(30), soon),
        ("2026-12-22", Some(30), &[]),
        ("2027-11-21", Some(365), soon),
        ("2027-11-22", Some(365), &[]),
        ("2126-11-21", Some(36_525), soon),
        ("9999-12-31", Some(36_525), &[]),
        ("2026-11-21T00:00:00+14:00", Some(0), soon),
        ("2026-11-20T23:59:59-11:00", None, expired),
        ("28/05/2031", None, malformed),
        ("2031-02-29", Some(30), malformed),
        ("never", None, malformed),
    ] {
        assert_eq!(on(expiry, margin), expected, "{expiry} {margin:?}");
    }
}

#[test]
fn age() {
    let on = |today: &str, birth: &str, min_age: Option<u32>| {
        let record = Record {
            date_of_birth: some(birth),
            ..civic()
        };
        screened_on(
            today,
            &record,
            &Policy {
                min_age,
                ..Policy::default()
            },
        )
    };
    let under_age: Expected = &[(Fail, "under_age", "dateOfBirth")];
    let implausible: Expected = &[(Fail, "birth_date_implausible", "dateOfBirth")];
    let undecided: Expected = &[(Fail, "malformed_date", "dateOfBirth")];
    let unread: Expected = &[(Warn, "malformed_date", "dateOfBirth")];
    for (today, birth, min_age, expected) in [
        (TODAY, "2008-11-21", Some(18), &[] as Expected),
        (TODAY, "2008-11-22", Some(18), under_age),
        (TODAY, "2008-11-22", None, &[]),
        (TODAY, "2026-11-21", Some(0), &[]),
        (TODAY, "2026-11-21", Some(1), under_age),
        // Born on a day that most years lack: of age on 1 March, unless the year has the day.
        ("2022-02-28", "2004-02-29", Some(18), under_age),
        ("2022-03-01", "2004-02-29", Some(18), &[]),
        ("2024-02-28", "2004-02-29", Some(20), under_age),
        ("2024-02-29", "2004-02-29", Some(20), &[]),
        ("2024-02-29", "2006-03-01", Some(18), under_age),
        // A date is a date: no offset makes anyone older.
        (TODAY, "2008-11-22T00:00:00+14:00", Some(18), under_age),
        (TODAY, "2008-11-21T23:59:59-11:00", Some(18), &[]),
        (TODAY, "2026-11-22", None, implausible),
        (TODAY, "2026-11-22", Some(18), implausible),
        (TODAY, "9999-12-31", Some(18), implausible),
        (TODAY, "1895-11-22", Some(18), &[]),
        (TODAY, "1895-11-21", Some(18), implausible),
        (TODAY, "0000-01-01", None, implausible),
        (TODAY, "1990-02-30", None, unread),
        (TODAY, "1990-02-30", Some(18), undecided),
        (TODAY, "01.01.1990", Some(0), undecided),
    ] {
        assert_eq!(
            on(today, birth, min_age),
            expected,
            "{birth} on {today}, {min_age:?}"
        );
    }
}

#[test]
fn country() {
    let with = |country: &str, allowed: Option<Vec<String>>, blocked: Option<Vec<String>>| {
        let record = Record {
            issue_country: some(country),
            ..civic()
        };
        screened(
            &record,
            &Policy {
                allowed_countries: allowed,
                blocked_countries: blocked,
                ..Policy::default()
            },
        )
    };
    let not_allowed: Expected = &[(Fail, "country_not_allowed", "issueCountry")];
    let blocked: Expected = &[(Fail, "country_blocked", "issueCountry")];
    let unknown: Expected = &[(Warn, "unknown_country", "issueCountry")];
    let undecided: Expected = &[(Fail, "unknown_country", "issueCountry")];
    for (country, allow, block, expected) in [
        ("GBR", list(&["GBR"]), None, &[] as Expected),
        ("GBR", list(&["GB"]), None, &[]),
        ("gb", list(&["FRA", "gbr"]), None, &[]),
        ("GBN", list(&["UK"]), None, &[]),
        ("D<<", list(&["DE"]), None, &[]),
        ("FRA", list(&["GB"]), None, not_allowed),
        ("GBR", list(&[]), None, not_allowed),
        ("GBR", None, list(&[]), &[]),
        ("PRK", None, list(&["KP"]), blocked),
        ("kp", None, list(&["PRK"]), blocked),
        ("KOR", None, list(&["PRK"]), &[]),
        // Whoever blocks means it.
        ("PRK", list(&["PRK"]), list(&["KP"]), blocked),
        ("FRA", list(&["GBR"]), list(&["PRK"]), not_allowed),
        // Neighbours in spelling are not neighbours in meaning.
        ("AUT", list(&["AUS"]), None, not_allowed),
        ("CH", list(&["CHN"]), None, not_allowed),
        ("XXA", None, None, unknown),
        ("UTO", None, None, unknown),
        ("United Kingdom", None, None, unknown),
        ("XXA", list(&["GB"]), None, undecided),
        ("XXA", None, list(&["PRK"]), undecided),
    ] {
        assert_eq!(
            with(country, allow.clone(), block.clone()),
            expected,
            "{country} {allow:?} {block:?}"
        );
    }
}

#[test]
fn document_type() {
    let not_allowed: Expected = &[(Fail, "document_type_not_allowed", "documentType")];
    for (found, allowed, expected) in [
        ("passport", list(&["passport"]), &[] as Expected),
        ("PASSPORT", list(&["id", "Passport"]), &[]),
        (" drivers_license", list(&["Drivers-License"]), &[]),
        ("Drivers License", list(&["driverslicense"]), &[]),
        ("id\tcard\r\n\x0c", list(&["ID card"]), &[]),
        ("id\x0bcard", list(&["ID card"]), not_allowed),
        ("passport", None, &[]),
        ("passport", list(&["national-id"]), not_allowed),
        ("passport card", list(&["passport"]), not_allowed),
        ("pass", list(&["passport"]), not_allowed),
        ("passport", list(&[]), not_allowed),
        ("-", list(&["passport"]), not_allowed),
    ] {
        let record = Record {
            document_type: some(found),
            ..civic()
        };
        let policy = Policy {
            document_types: allowed.clone(),
            ..Policy::default()
        };
        assert_eq!(screened(&record, &policy), expected, "{found} {allowed:?}");
    }
}

#[test]
fn sides() {
    let front = (Fail, "missing_side", "idDocumentFront");
    let back = (Fail, "missing_side", "idDocumentBack");
    for (rels, both, expected) in [
        (
            &["idDocumentFront", "idDocumentBack"] as &[&str],
            Some(true),
            &[] as Expected,
        ),
        (&["idDocumentFront"], None, &[]),
        (&["idDocumentFront"], Some(false), &[]),
        // The document of this record is a passport: who requires both sides gets both.
        (&["idDocumentFront"], Some(true), &[back]),
        (&["idDocumentBack"], None, &[front]),
        (&["self"], Some(false), &[front]),
        (&["self"], Some(true), &[front, back]),
        (&[], Some(true), &[front, back]),
        (&["evidence-document", "evidence-selfie"], None, &[]),
        (&["evidence-document"], Some(true), &[back]),
        (&["IDDOCUMENTFRONT"], None, &[front]),
    ] {
        let record = Record {
            rels: list(rels).unwrap(),
            ..civic()
        };
        let policy = Policy {
            require_both_sides: both,
            ..Policy::default()
        };
        assert_eq!(screened(&record, &policy), expected, "{rels:?} {both:?}");
    }
    let policy = Policy {
        require_both_sides: Some(true),
        ..Policy::default()
    };
    assert_eq!(
        screened(&email_only(), &policy),
        [front, back],
        "demanded of every pass"
    );
}

#[test]
fn what_makes_a_document() {
    let front = (Fail, "missing_side", "idDocumentFront");
    let none = email_only;
    for (record, has_document) in [
        (none(), false),
        (
            Record {
                name: some("John Smith"),
                date_of_birth: some("1990-01-01"),
                ..none()
            },
            false,
        ),
        (
            Record {
                address: civic().address,
                account_id: civic().account_id,
                ..none()
            },
            false,
        ),
        (
            Record {
                pass_type: None,
                rels: Vec::new(),
                ..none()
            },
            false,
        ),
        (
            Record {
                rels: list(&["evidence-selfie"]).unwrap(),
                ..none()
            },
            false,
        ),
        (
            Record {
                document_type: some("  "),
                ..none()
            },
            false,
        ),
        (
            Record {
                pass_type: some("gatekeeperProofOfIdentityWithIdDocument-v3"),
                ..none()
            },
            true,
        ),
        (
            Record {
                pass_type: some("proof-with-iddocument"),
                ..none()
            },
            true,
        ),
        (
            Record {
                document_type: some("passport"),
                ..none()
            },
            true,
        ),
        (
            Record {
                document_number: some("999999999"),
                ..none()
            },
            true,
        ),
        (
            Record {
                issue_country: some("GBR"),
                ..none()
            },
            true,
        ),
        (
            Record {
                date_of_expiry: some("2031-05-28"),
                ..none()
            },
            true,
        ),
        (
            Record {
                rels: list(&["idDocumentBack"]).unwrap(),
                ..none()
            },
            true,
        ),
    ] {
        let found = screened(&record, &Policy::default());
        assert_eq!(found.contains(&front), has_document, "{found:?}");
        assert_eq!(!found.is_empty(), has_document, "{found:?}");
    }
    let drafted = Record {
        rels: list(&["evidence-document"]).unwrap(),
        ..none()
    };
    let found = screened(&drafted, &Policy::default());
    assert!(found.contains(&(Warn, "missing_field", "documentType")) && !found.contains(&front));
}

#[test]
fn email_addresses() {
    let malformed: Expected = &[(Warn, "malformed_email", "email")];
    let undecided: Expected = &[(Fail, "malformed_email", "email")];
    let not_allowed: Expected = &[(Fail, "email_domain_not_allowed", "email")];
    let blocked: Expected = &[(Fail, "email_domain_blocked", "email")];
    for (email, allow, block, expected) in [
        ("john@example.com", None, None, &[] as Expected),
        ("john@example.com", list(&["example.com"]), None, &[]),
        ("john@EXAMPLE.com", list(&["Example.COM"]), None, &[]),
        (
            "john@mail.example.com",
            list(&["example.org", "example.com"]),
            None,
            &[],
        ),
        (
            "john@badexample.com",
            list(&["example.com"]),
            None,
            not_allowed,
        ),
        (
            "john@example.com.evil.net",
            list(&["example.com"]),
            None,
            not_allowed,
        ),
        (
            "john@example.com",
            list(&["mail.example.com"]),
            None,
            not_allowed,
        ),
        ("john@example.com", list(&[]), None, not_allowed),
        (
            "\"john@example.com\"@evil.net",
            list(&["example.com"]),
            None,
            undecided,
        ),
        (
            "john@example.com@evil.net",
            list(&["example.com"]),
            None,
            undecided,
        ),
        ("john@evil.net", None, list(&["evil.net"]), blocked),
        ("john@very.EVIL.net", None, list(&["evil.net"]), blocked),
        ("john@notevil.net", None, list(&["evil.net"]), &[]),
        (
            "john@evil.example.com",
            list(&["example.com"]),
            list(&["evil.example.com"]),
            blocked,
        ),
        (
            "john@example.com",
            list(&["example.com"]),
            list(&["evil.example.com"]),
            &[],
        ),
        ("john@example.com", None, list(&[]), &[]),
        ("john", None, None, malformed),
        ("john@example", None, None, malformed),
        ("john", list(&["example.com"]), None, undecided),
        ("john@evil.net.", None, list(&["evil.net"]), undecided),
        ("john@\u{435}vil.net", None, list(&["evil.net"]), undecided),
    ] {
        let record = Record {
            email: some(email),
            ..civic()
        };
        let policy = Policy {
            allowed_email_domains: allow.clone(),
            blocked_email_domains: block.clone(),
            ..Policy::default()
        };
        assert_eq!(
            screened(&record, &policy),
            expected,
            "{email} {allow:?} {block:?}"
        );
    }
}

#[test]
fn accounts() {
    let mismatch: Expected = &[(Fail, "account_mismatch", "accountId")];
    let malformed: Expected = &[(Fail, "malformed_account", "accountId")];
    for (did, address, expected) in [
        ("did:sol:CoaMu", some("CoaMu"), &[] as Expected),
        ("did:sol:devnet:CoaMu", some("CoaMu"), &[]),
        ("did:ethr:0xAbCd", some("0xabcd"), &[]),
        ("did:pkh:eip155:1:0xabcd", some("0xABCD"), &[]),
        ("did:sol:CoaMu", some("coamu"), mismatch),
        ("did:sol:CoaMu", some("CoaMuX"), mismatch),
        ("did:sol:CoaMu", some("did:sol:CoaMu"), mismatch),
        ("did:ethr:0xabcd", some("0xabce"), mismatch),
        // With nothing to compare there is nothing to say.
        ("did:sol:CoaMu", None, &[]),
        ("did:sol:CoaMu", some(""), &[]),
        ("", some("CoaMu"), &[]),
        ("CoaMu", some("CoaMu"), malformed),
        ("did:sol:", some("CoaMu"), malformed),
        ("did:ethr:CoaMu", some("CoaMu"), malformed),
        ("did:sol", None, malformed),
    ] {
        let record = Record {
            account_id: some(did),
            address: address.clone(),
            ..civic()
        };
        assert_eq!(
            screened(&record, &Policy::default()),
            expected,
            "{did} {address:?}"
        );
    }
}

#[test]
fn a_document_without_its_fields_is_reported_field_by_field() {
    let bare = Record {
        pass_type: civic().pass_type,
        rels: civic().rels,
        ..Record::default()
    };
    assert_eq!(
        screened(&bare, &Policy::default()),
        [
            (Warn, "missing_field", "dateOfExpiry"),
            (Warn, "missing_field", "dateOfBirth"),
            (Warn, "missing_field", "issueCountry"),
            (Warn, "missing_field", "documentType"),
            (Info, "missing_field", "documentNumber"),
            (Info, "missing_field", "name"),
        ]
    );
    assert_eq!(
        screened(&bare, &strict()),
        [
            (Fail, "missing_field", "dateOfExpiry"),
            (Fail, "missing_field", "dateOfBirth"),
            (Fail, "missing_field", "issueCountry"),
            (Fail, "missing_field", "documentType"),
            (Fail, "missing_field", "email"),
            (Info, "missing_field", "documentNumber"),
            (Info, "missing_field", "name"),
        ]
    );
}

#[test]
fn a_pass_by_email_alone_owes_only_what_the_policy_asks() {
    assert_eq!(screened(&email_only(), &Policy::default()), []);
    let by_email = Policy {
        allowed_email_domains: list(&["example.com"]),
        expiry_margin_days: Some(30),
        ..Policy::default()
    };
    assert_eq!(screened(&email_only(), &by_email), []);
    assert_eq!(screened(&Record::default(), &Policy::default()), []);
    assert_eq!(
        screened(&Record::default(), &by_email),
        [(Fail, "missing_field", "email")]
    );
    for (policy, field) in [
        (
            Policy {
                min_age: Some(18),
                ..Policy::default()
            },
            "dateOfBirth",
        ),
        (
            Policy {
                min_age: Some(0),
                ..Policy::default()
            },
            "dateOfBirth",
        ),
        (
            Policy {
                allowed_countries: list(&["GB"]),
                ..Policy::default()
            },
            "issueCountry",
        ),
        (
            Policy {
                blocked_countries: list(&["GB"]),
                ..Policy::default()
            },
            "issueCountry",
        ),
        (
            Policy {
                document_types: list(&["passport"]),
                ..Policy::default()
            },
            "documentType",
        ),
    ] {
        assert_eq!(
            screened(&email_only(), &policy),
            [(Fail, "missing_field", field)]
        );
    }
    // To block nothing is to ask for nothing.
    let blocking_nothing = Policy {
        blocked_countries: list(&[]),
        blocked_email_domains: list(&[]),
        ..Policy::default()
    };
    assert_eq!(screened(&Record::default(), &blocking_nothing), []);
    let blocking = Policy {
        blocked_email_domains: list(&["evil.net"]),
        ..Policy::default()
    };
    assert_eq!(
        screened(&Record::default(), &blocking),
        [(Fail, "missing_field", "email")]
    );
}

#[test]
fn failures_come_first_then_warnings_then_the_rest() {
    let record = Record {
        date_of_expiry: some("2026-11-30"),
        name: None,
        email: some("nobody"),
        document_number: None,
        address: some("another"),
        rels: Vec::new(),
        ..civic()
    };
    assert_eq!(
        screened(
            &record,
            &Policy {
                expiry_margin_days: Some(30),
                ..Policy::default()
            }
        ),
        [
            (Fail, "missing_side", "idDocumentFront"),
            (Fail, "account_mismatch", "accountId"),
            (Warn, "expires_soon", "dateOfExpiry"),
            (Warn, "malformed_email", "email"),
            (Info, "missing_field", "documentNumber"),
            (Info, "missing_field", "name"),
        ]
    );
}

#[test]
fn policies_that_cannot_mean_what_they_say() {
    let none = Policy::default;
    for (policy, path, expected) in [
        (
            Policy {
                min_age: Some(131),
                ..none()
            },
            "policy.minAge",
            "a whole number from 0 to 130",
        ),
        (
            Policy {
                min_age: Some(u32::MAX),
                ..none()
            },
            "policy.minAge",
            "a whole number from 0 to 130",
        ),
        (
            Policy {
                expiry_margin_days: Some(36_526),
                ..none()
            },
            "policy.expiryMarginDays",
            "a whole number from 0 to 36525",
        ),
        (
            Policy {
                allowed_countries: list(&["GB", "England"]),
                ..none()
            },
            "policy.allowedCountries[1]",
            COUNTRY,
        ),
        (
            Policy {
                allowed_countries: list(&[""]),
                ..none()
            },
            "policy.allowedCountries[0]",
            COUNTRY,
        ),
        (
            Policy {
                blocked_countries: list(&["XXA"]),
                ..none()
            },
            "policy.blockedCountries[0]",
            COUNTRY,
        ),
        (
            Policy {
                document_types: list(&["passport", "- _"]),
                ..none()
            },
            "policy.documentTypes[1]",
            "the name of a document type",
        ),
        (
            Policy {
                allowed_email_domains: list(&[""]),
                ..none()
            },
            "policy.allowedEmailDomains[0]",
            DOMAIN,
        ),
        (
            Policy {
                allowed_email_domains: list(&["a.com", "@b.com"]),
                ..none()
            },
            "policy.allowedEmailDomains[1]",
            DOMAIN,
        ),
        (
            Policy {
                blocked_email_domains: list(&["m\u{fc}nchen.de"]),
                ..none()
            },
            "policy.blockedEmailDomains[0]",
            DOMAIN,
        ),
        (
            Policy {
                blocked_email_domains: list(&["*.evil.net"]),
                ..none()
            },
            "policy.blockedEmailDomains[0]",
            DOMAIN,
        ),
    ] {
        assert_eq!(
            policy.check(),
            Err(PolicyError {
                path: path.to_owned(),
                expected
            })
        );
    }
    for (at, path) in [
        (9, "policy.blockedCountries[9]"),
        (10, "policy.blockedCountries[10]"),
        (1234, "policy.blockedCountries[1234]"),
    ] {
        let mut codes = vec!["GB"; at];
        codes.push("?");
        let policy = Policy {
            blocked_countries: list(&codes),
            ..none()
        };
        assert_eq!(policy.check().unwrap_err().path, path);
    }
}

const COUNTRY: &str = "an ISO 3166-1 alpha-2 or alpha-3 country code";
const DOMAIN: &str = "a domain name such as example.com, in ASCII";

#[test]
fn policies_that_can() {
    assert_eq!(Policy::default().check(), Ok(()));
    assert_eq!(strict().check(), Ok(()));
    let edges = Policy {
        min_age: Some(130),
        expiry_margin_days: Some(36_525),
        allowed_countries: list(&["d<<", "GB", "xkx"]),
        blocked_countries: list(&[]),
        document_types: list(&["id"]),
        blocked_email_domains: list(&["zip", "xn--mnchen-3ya.de"]),
        ..Policy::default()
    };
    assert_eq!(edges.check(), Ok(()));
}

#[test]
fn the_form_that_findings_take_leaves_out_what_is_not_there() {
    let finding = screen(
        &Record {
            email: some("john"),
            ..email_only()
        },
        &Policy::default(),
        Date::parse(TODAY).unwrap(),
    );
    assert_eq!(
        serde_json::to_value(finding).unwrap(),
        json!([{ "code": "malformed_email", "severity": "warn", "field": "email", "message": "This is not a well-formed e-mail address." }])
    );
    let whole = Finding {
        code: code::MISSING_SIDE,
        severity: Info,
        field: None,
        message: "No.",
    };
    assert_eq!(
        serde_json::to_value(whole).unwrap(),
        json!({ "code": "missing_side", "severity": "info", "message": "No." })
    );
    assert_eq!(serde_json::to_value(Fail).unwrap(), json!("fail"));
}

/// Values that are right, wrong, and strange, so that every check is met from both sides.
fn value(likely: &'static [&'static str]) -> impl Strategy<Value = Field> {
    prop_oneof![
        1 => Just(None),
        6 => prop::sample::select(likely).prop_map(some),
        1 => any::<String>().prop_map(Some),
    ]
}

prop_compose! {
    fn any_record()(
        pass_type in value(&["gatekeeperProofOfIdentityWithIdDocument-v3", "gatekeeperEmail-v1"]),
        rels in prop::collection::vec(prop_oneof![prop::sample::select(&["self", FRONT, BACK, DRAFT_DOCUMENT][..]).prop_map(String::from), any::<String>()], 0..4),
        issue_country in value(&["GBR", "de", "PRK", "XXA"]),
        name in value(&["John Smith"]),
        email in value(&["john@example.com", "john@throwaway.example.com", "john@evil.net", "john"]),
        date_of_birth in value(&["1990-01-01", "2008-11-22", "2050-01-01", "1850-01-01", "1990-02-30"]),
        date_of_expiry in value(&["2031-05-28", "2026-11-30", "2020-01-01", "05/28/2031"]),
        document_type in value(&["passport", "PASSPORT", "library card"]),
        document_number in value(&["999999999"]),
        address in value(&["CoaMu", "0xabcd"]),
        account_id in value(&["did:sol:CoaMu", "did:ethr:0xABCD", "CoaMu"]),
    ) -> Record {
        Record {
            pass_type, rels, issue_country, name, email, date_of_birth, date_of_expiry, document_type, document_number, address, account_id,
        }
    }
}

prop_compose! {
    fn any_policy()(
        min_age in prop::option::of(prop_oneof![0..=130_u32, any::<u32>()]),
        allowed_countries in entries(&["GB", "DEU", "?"]),
        blocked_countries in entries(&["KP", "?"]),
        document_types in entries(&["passport", ""]),
        require_both_sides in any::<Option<bool>>(),
        expiry_margin_days in prop::option::of(prop_oneof![0..400_u32, any::<u32>()]),
        allowed_email_domains in entries(&["example.com", ""]),
        blocked_email_domains in entries(&["throwaway.example.com", "evil.net", ""]),
    ) -> Policy {
        Policy {
            min_age, allowed_countries, blocked_countries, document_types, require_both_sides, expiry_margin_days, allowed_email_domains,
            blocked_email_domains,
        }
    }
}

fn entries(likely: &'static [&'static str]) -> impl Strategy<Value = Option<Vec<String>>> {
    let entry =
        prop_oneof![4 => prop::sample::select(likely).prop_map(String::from), 1 => any::<String>()];
    prop::option::of(prop::collection::vec(entry, 0..4))
}

fn any_day() -> impl Strategy<Value = Date> {
    prop_oneof![
        Just(Date::parse(TODAY).unwrap()),
        (-8.64e15..8.64e15).prop_map(|ms| Date::from_epoch_ms(ms).unwrap()),
    ]
}

/// A record whose every value holds a mark that no message would.
fn marked(record: Record) -> Record {
    let mark = |field: Field| field.map(|text| text + "\u{2603}canary");
    Record {
        pass_type: mark(record.pass_type),
        rels: record.rels,
        issue_country: mark(record.issue_country),
        name: mark(record.name),
        email: mark(record.email),
        date_of_birth: mark(record.date_of_birth),
        date_of_expiry: mark(record.date_of_expiry),
        document_type: mark(record.document_type),
        document_number: mark(record.document_number),
        address: mark(record.address),
        account_id: mark(record.account_id),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn findings_are_well_formed_in_order_and_the_same_each_time(
        record in any_record(),
        policy in any_policy(),
        today in any_day(),
    ) {
        let _ = policy.check();
        let findings = screen(&record, &policy, today);
        let rank = |finding: &Finding| [Fail, Warn, Info].iter().position(|severity| *severity == finding.severity);
        prop_assert!(findings.is_sorted_by_key(rank));
        for (at, finding) in findings.iter().enumerate() {
            prop_assert!(CODES.contains(&finding.code));
            prop_assert!(finding.field.is_some());
            prop_assert!(finding.message.ends_with('.') && finding.message.is_ascii());
            // One fact is said once.
            let again = findings.iter().skip(at + 1).any(|other| (other.code, other.field) == (finding.code, finding.field));
            prop_assert!(!again, "{:?}", finding);
        }
        prop_assert_eq!(screen(&record, &policy, today), findings);
    }

    #[test]
    fn no_finding_and_no_error_repeats_a_value(
        record in any_record().prop_map(marked),
        policy in any_policy(),
        today in any_day(),
    ) {
        let told = serde_json::to_string(&screen(&record, &policy, today)).unwrap();
        prop_assert!(!told.contains("canary") && told.is_ascii());
        let mut policy = policy;
        for list in [
            &mut policy.allowed_countries, &mut policy.blocked_countries, &mut policy.allowed_email_domains, &mut policy.blocked_email_domains,
        ] {
            for entry in list.iter_mut().flatten() {
                entry.push_str("\u{2603}canary");
            }
        }
        if let Err(error) = policy.check() {
            prop_assert!(error.path.is_ascii() && error.path.starts_with("policy."));
            prop_assert!(!error.path.contains("canary") && !error.expected.contains("canary"));
        }
    }

    /// What the policy demands and the record leaves open is a failure: a clean record loses any
    /// one field, and the policy notices.
    #[test]
    fn what_cannot_be_shown_is_not_met(field in 0..6_usize, junk in "[^ -~]{1,8}|") {
        let mut record = civic();
        let slot = [
            &mut record.issue_country, &mut record.email, &mut record.date_of_birth, &mut record.date_of_expiry,
            &mut record.document_type, &mut record.account_id,
        ].into_iter().nth(field).unwrap();
        // An account that is not there is the one thing here that no policy can ask for.
        let absent = junk.trim_ascii().is_empty() && field == 5;
        *slot = Some(junk);
        let findings = screen(&record, &strict(), Date::parse(TODAY).unwrap());
        prop_assert_eq!(findings.iter().any(|finding| finding.severity == Fail), !absent);
    }

    /// A stricter policy never loses a failure.
    #[test]
    fn a_policy_only_adds_failures(record in any_record(), policy in any_policy(), today in any_day()) {
        let failures = |policy: &Policy| {
            let mut found = screen(&record, policy, today);
            found.retain(|finding| finding.severity == Fail);
            found
        };
        let with = failures(&policy);
        for failure in failures(&Policy::default()) {
            prop_assert!(with.contains(&failure), "{:?}", failure);
        }
    }
}

#[test]
fn every_code_is_reached() {
    use std::collections::BTreeSet;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = (any_record(), any_policy());
    let mut reached = BTreeSet::new();
    for _ in 0..4000 {
        let (record, policy) = strategy.new_tree(&mut runner).unwrap().current();
        reached.extend(
            screened(&record, &policy)
                .into_iter()
                .map(|(_, code, _)| code),
        );
    }
    assert_eq!(reached, CODES.iter().copied().collect());
    assert_eq!(CODES.len(), 16);
}
