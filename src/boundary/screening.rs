//! `screenPii`: pure; nothing is sent.

use super::hands::{self, texts};
use super::seen::{Seen, given};
use crate::error::Error;
use crate::json::{Json, Kind};
use crate::screening::{Date, Policy, Record, screen};

/// The option `policy`, whose names and types JavaScript has checked.
fn policy(policy: Seen) -> Result<Policy, Error> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be a whole number of 32 bits"
    )]
    let count = |name| policy.get(name).number().map(|number| number as u32);
    let list = |name| {
        let list = policy.get(name);
        (list.kind() == Kind::Array).then(|| texts(list))
    };
    let policy = Policy {
        min_age: count("minAge"),
        allowed_countries: list("allowedCountries"),
        blocked_countries: list("blockedCountries"),
        document_types: list("documentTypes"),
        require_both_sides: policy.get("requireBothSides").flag(),
        expiry_margin_days: count("expiryMarginDays"),
        allowed_email_domains: list("allowedEmailDomains"),
        blocked_email_domains: list("blockedEmailDomains"),
    };
    policy
        .check()
        .map_err(|error| Error::option(&error.path, error.expected))?;
    Ok(policy)
}

/// `screenPii`: the record, the policy, and a day in UTC as text, or else in epoch milliseconds. Hands over the findings.
pub fn screen_pii() {
    let findings = || {
        let now = given::value(2);
        let today = match now.text() {
            Some(text) => Date::parse(&text),
            None => now.number().and_then(Date::from_epoch_ms),
        };
        let record = Record::of(&given::value(0))?;
        let policy = policy(given::value(1))?;
        let today = today
            .ok_or_else(|| Error::option("now", "a Date, epoch milliseconds or YYYY-MM-DD"))?;
        Ok(screen(&record, &policy, today))
    };
    match findings() {
        Ok(findings) => findings.iter().for_each(hands::finding),
        Err(error) => hands::fault(&error),
    }
}
