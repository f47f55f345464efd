//! `screenPii`: pure; nothing is sent.

use super::failure::Failure;
use super::js::{get, names, now};
use super::options::Options;
use crate::error::{Error, concat};
use crate::json::{Json, Kind};
use crate::pii::check_links;
use crate::screening::{Date, Policy, Record, screen};
use wasm_bindgen::prelude::*;

const NAMES: [&str; 8] = [
    "minAge",
    "allowedCountries",
    "blockedCountries",
    "documentTypes",
    "requireBothSides",
    "expiryMarginDays",
    "allowedEmailDomains",
    "blockedEmailDomains",
];

/// The option `policy`. Field by field: a derived reader names no field in its errors, and brings the printing of
/// floating-point numbers with it, a tenth of the module.
fn policy(options: &Options) -> Result<Policy, Error> {
    let policy = Options(options.object("policy")?);
    if let Some(name) = names(&policy.0)
        .into_iter()
        .find(|name| !NAMES.contains(&name.as_str()))
    {
        return Err(Error::option(
            &concat(&["policy.", &name]),
            "left out: no policy has it",
        ));
    }
    let count = |name| match policy.get(name) {
        value if value.is_undefined() => Ok(None),
        _ => policy.whole(name, 0, u32::MAX, 0).map(Some).map_err(below),
    };
    let list = |name| match policy.get(name) {
        value if value.is_undefined() => Ok(None),
        _ => policy
            .strings(name, |text, _| Ok(text.to_owned()))
            .map(Some)
            .map_err(below),
    };
    let policy = Policy {
        min_age: count("minAge")?,
        allowed_countries: list("allowedCountries")?,
        blocked_countries: list("blockedCountries")?,
        document_types: list("documentTypes")?,
        require_both_sides: Some(policy.flag("requireBothSides").map_err(below)?),
        expiry_margin_days: count("expiryMarginDays")?,
        allowed_email_domains: list("allowedEmailDomains")?,
        blocked_email_domains: list("blockedEmailDomains")?,
    };
    policy
        .check()
        .map_err(|error| Error::option(&error.path, error.expected))?;
    Ok(policy)
}

/// The same error, of an option inside `policy`.
fn below(error: Error) -> Error {
    Error {
        message: concat(&["`policy.", error.message.trim_start_matches('`')]),
        ..error
    }
}

/// The option `pii`, as far as it is screened.
fn record(options: &Options) -> Result<Record, Error> {
    let pii = options.object("pii")?;
    let information = get(&pii, "verifiedInformation");
    match information.kind() {
        Kind::Object | Kind::Null | Kind::Absent => {}
        _ => return Err(Error::option("pii.verifiedInformation", "an object")),
    }
    let field = |name: &'static str| {
        let value = get(&information, name);
        match value.kind() {
            Kind::String | Kind::Null | Kind::Absent => Ok(value.text()),
            _ => Err(Error::option(
                &concat(&["pii.verifiedInformation.", name]),
                "a string",
            )),
        }
    };
    check_links(&pii).map_err(|misfit| {
        let expected = misfit.expected;
        Error::option(&misfit.below("pii").path, expected)
    })?;
    let links = get(&pii, "links");
    Ok(Record {
        pass_type: get(&pii, "type").text(),
        rels: (0..Json::count(&links))
            .filter_map(|index| get(&Json::at(&links, index), "rel").text())
            .collect(),
        issue_country: field("issueCountry")?,
        name: field("name")?,
        email: field("email")?,
        date_of_birth: field("dateOfBirth")?,
        date_of_expiry: field("dateOfExpiry")?,
        document_type: field("documentType")?,
        document_number: field("documentNumber")?,
        address: field("address")?,
        account_id: field("accountId")?,
    })
}

/// The option `now`: a day in UTC.
fn today(options: &Options) -> Result<Date, Error> {
    let value = options.get("now");
    let date = if value.is_undefined() {
        Date::from_epoch_ms(now())
    } else if let Some(text) = value.as_string() {
        Date::parse(&text)
    } else {
        let ms = value
            .as_f64()
            .or_else(|| value.dyn_ref::<js_sys::Date>().map(js_sys::Date::get_time));
        ms.and_then(Date::from_epoch_ms)
    };
    date.ok_or_else(|| Error::option("now", "a Date, epoch milliseconds or YYYY-MM-DD"))
}

/// `screenPii(options)`
///
/// # Errors
/// The fields of `PassdeskError`.
#[wasm_bindgen(js_name = screenPii)]
pub fn screen_pii(options: JsValue) -> Result<JsValue, JsValue> {
    let options = Options(options);
    let prepare = || Ok((record(&options)?, policy(&options)?, today(&options)?));
    let (record, policy, today) =
        prepare().map_err(|error: Error| Failure::from(error).into_js("screenPii", 0))?;
    Ok(serde_wasm_bindgen::to_value(&screen(
        &record, &policy, today,
    ))?)
}
