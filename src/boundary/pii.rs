//! `retrievePii`

use super::call::begin;
use crate::call::Judge;
use crate::error::Error;
use crate::link::{Address, request_id};
use crate::pii;
use wasm_bindgen::prelude::*;

/// Where Civic's Partner API lies.
pub const CIVIC: &str = "https://api.civic.com";

/// The option `baseUrl`, or its default.
///
/// # Errors
/// `invalid_argument`
pub fn base(given: Option<&str>, default: &str) -> Result<Address, Error> {
    Address::base(given.unwrap_or(default), "baseUrl")
}

/// `retrievePii`: the call's number, or 0.
#[wasm_bindgen(js_name = retrievePii)]
#[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen's own `Option`")]
pub fn retrieve_pii(most_retries: u32, id: String, base_url: Option<String>) -> u32 {
    let made = || {
        request_id(&id, "requestId")?;
        let base = base(base_url.as_deref(), CIVIC)?;
        Ok((pii::retrieve_pii(&base, &id), Judge::Record { id }))
    };
    begin(most_retries, "", made())
}
