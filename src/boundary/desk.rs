//! The desk's exports: what JavaScript holds goes in, what the core says comes out. Nothing waits here.

use super::js::{names, parse_text};
use crate::desk::audit;
use crate::desk::case::Time;
use crate::desk::machine::{Moment, step};
use crate::desk::role::{Role, may};
use crate::desk::settings::Settings;
use crate::desk::value::Value;
use crate::desk::wire::{
    Eyes, case_in, event_in, row_in, settings_in, settings_out, step_out, whole,
};
use crate::error::concat;
use crate::json::{Json, Misfit};
use crate::pii::KNOWN_FIELDS;
use crate::text::parts;
use wasm_bindgen::prelude::*;

impl Eyes for JsValue {
    fn flag(&self) -> Option<bool> {
        self.as_bool()
    }

    fn names(&self) -> Vec<String> {
        names(self)
    }
}

/// Input that no code of ours makes: a slip in the Worker, or a row that was tampered with.
fn refused(misfit: &Misfit) -> JsValue {
    let name = if misfit.path.is_empty() {
        "the input"
    } else {
        &misfit.path
    };
    js_sys::Error::new(&concat(&["`", name, "` must be ", misfit.expected])).into()
}

/// The engine makes objects faster, and in fewer bytes, than calls from here could.
fn told(value: &Value) -> JsValue {
    parse_text(&value.print().into()).unwrap_or(JsValue::NULL)
}

/// `deskStep({ state, event, now, random, settings })`
///
/// # Errors
/// An `Error` that names the field that is malformed.
#[wasm_bindgen(js_name = deskStep)]
pub fn desk_step(input: &JsValue) -> Result<JsValue, JsValue> {
    let read = || {
        let state = case_in(&Json::get(input, "state")).map_err(|misfit| misfit.below("state"))?;
        let event = event_in(&Json::get(input, "event")).map_err(|misfit| misfit.below("event"))?;
        let settings = settings_in(&Json::get(input, "settings"))
            .map_err(|misfit| misfit.below("settings"))?;
        let now: Time = whole(input, "now")?;
        let random = Json::get(input, "random").number().unwrap_or(1.0);
        Ok((state, event, Moment { now, random }, settings))
    };
    let (state, event, moment, settings) = read().map_err(|misfit| refused(&misfit))?;
    Ok(told(&step_out(&step(state, &event, moment, &settings))))
}

/// `deskSettings(settings)`: all of them, if they are sound.
///
/// # Errors
/// An `Error` that names the setting that is not.
#[wasm_bindgen(js_name = deskSettings)]
pub fn desk_settings(input: &JsValue) -> Result<JsValue, JsValue> {
    let settings: Settings = settings_in(input).map_err(|misfit| refused(&misfit))?;
    Ok(told(&settings_out(&settings)))
}

/// `deskMay({ roles, action })`
#[wasm_bindgen(js_name = deskMay)]
pub fn desk_may(input: &JsValue) -> JsValue {
    let roles = Json::get(input, "roles");
    let roles: Vec<Role> = if js_sys::Array::is_array(&roles) {
        (0..Json::count(&roles))
            .filter_map(|index| Role::parse(&Json::at(&roles, index).text()?))
            .collect()
    } else {
        Vec::new()
    };
    let action = Json::get(input, "action").text().unwrap_or_default();
    let verdict = may(&roles, &action);
    told(&Value::object([
        ("allowed", verdict.is_ok().into()),
        ("why", verdict.err().into()),
    ]))
}

/// `knownFields()`: the names of fields that Civic's text gives, which are nobody's data.
#[wasm_bindgen(js_name = knownFields)]
pub fn known_fields() -> Vec<String> {
    parts(KNOWN_FIELDS, b" ").map(str::to_owned).collect()
}

/// `auditCanonical(row)`: what is hashed.
///
/// # Errors
/// An `Error` that names the field that is malformed.
#[wasm_bindgen(js_name = auditCanonical)]
pub fn audit_canonical(row: &JsValue) -> Result<String, JsValue> {
    Ok(row_in(row).map_err(|misfit| refused(&misfit))?.canonical())
}

/// `auditNdjson(row)`: one line.
///
/// # Errors
/// An `Error` that names the field that is malformed.
#[wasm_bindgen(js_name = auditNdjson)]
pub fn audit_ndjson(row: &JsValue) -> Result<String, JsValue> {
    Ok(row_in(row).map_err(|misfit| refused(&misfit))?.ndjson())
}

/// `auditCsv(row)`: one line.
///
/// # Errors
/// An `Error` that names the field that is malformed.
#[wasm_bindgen(js_name = auditCsv)]
pub fn audit_csv(row: &JsValue) -> Result<String, JsValue> {
    Ok(row_in(row).map_err(|misfit| refused(&misfit))?.csv())
}

/// `auditCsvHeader()`: the first line.
#[wasm_bindgen(js_name = auditCsvHeader)]
pub fn audit_csv_header() -> String {
    audit::csv_header()
}
