//! `screenPii`: pure; nothing is sent.

use super::failure::Failure;
use super::js::{get, look, names, now};
use super::options::Options;
use crate::error::{Error, concat, digits};
use crate::json::{Json, Kind};
use crate::pii::check_links;
use crate::screening::{Date, Policy, Record, screen};
use wasm_bindgen::prelude::*;

const COUNTS: [&str; 2] = ["minAge", "expiryMarginDays"];
const LISTS: [&str; 5] = [
    "allowedCountries",
    "blockedCountries",
    "documentTypes",
    "allowedEmailDomains",
    "blockedEmailDomains",
];
const FLAG: &str = "requireBothSides";

/// The option `policy`. The shapes are looked at first, since the converter's errors name no field.
fn policy(options: &Options) -> Result<Policy, Error> {
    let policy = options.object("policy")?;
    for name in names(&policy) {
        let is = |known: &[&str]| known.contains(&name.as_str());
        let value = look(&policy, &name);
        let place = concat(&["policy.", &name]);
        if is(&COUNTS) {
            let whole = value.as_f64().is_some_and(|count| {
                count >= 0.0 && count.fract() == 0.0 && count <= f64::from(u32::MAX)
            });
            if !whole {
                return Err(Error::option(&place, "a whole number"));
            }
        } else if is(&LISTS) {
            if value.kind() != Kind::Array {
                return Err(Error::option(&place, "an array of strings"));
            }
            for index in 0..Json::count(&value) {
                if Json::at(&value, index).kind() != Kind::String {
                    return Err(Error::option(
                        &concat(&[&place, "[", &digits(index), "]"]),
                        "a string",
                    ));
                }
            }
        } else if is(&[FLAG]) {
            if value.kind() != Kind::Boolean {
                return Err(Error::option(&place, "true or false"));
            }
        } else {
            return Err(Error::option(&place, "left out: no policy has it"));
        }
    }
    let policy: Policy =
        serde_wasm_bindgen::from_value(policy).map_err(|_| Error::option("policy", "a policy"))?;
    policy
        .check()
        .map_err(|error| Error::option(&error.path, error.expected))?;
    Ok(policy)
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
