//! `listAttestations` and `searchAttestations`, which also asks for the pages of `eachAttestation`.

use super::call::begin;
use super::pii::base;
use crate::attestation::{self, Op, Where};
use crate::call::Judge;
use crate::error::Error;
use wasm_bindgen::prelude::*;

/// Where globaliD's API lies.
const GLOBALID: &str = "https://api.global.id";

/// The option `where`: none without an operator.
fn filter(op: Option<&str>, field: String, value: String) -> Result<Option<Where>, Error> {
    let Some(op) = op else {
        return Ok(None);
    };
    let op = Op::parse(op).ok_or_else(|| Error::option("where.op", "eq, gt, gte, lt or lte"))?;
    Where::new(field, op, value).map(Some)
}

/// `listAttestations`: the call's number, or 0.
#[wasm_bindgen(js_name = listAttestations)]
#[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen's own `Option`")]
pub fn list_attestations(
    most_retries: u32,
    op: Option<String>,
    field: String,
    value: String,
    base_url: Option<String>,
) -> u32 {
    let made = || {
        let base = base(base_url.as_deref(), GLOBALID)?;
        let filter = filter(op.as_deref(), field, value)?;
        let request = attestation::list_attestations(&base, filter.as_ref());
        Ok((request, Judge::List))
    };
    begin(most_retries, "", made())
}

/// `searchAttestations`: the call's number, or 0. `walking` wants exactly that page.
#[wasm_bindgen(js_name = searchAttestations)]
#[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen's own `Option`")]
#[expect(clippy::too_many_arguments, reason = "one crossing instead of eight")]
pub fn search_attestations(
    most_retries: u32,
    op: Option<String>,
    field: String,
    value: String,
    base_url: Option<String>,
    page: u32,
    per_page: u32,
    walking: bool,
) -> u32 {
    let made = || {
        let base = base(base_url.as_deref(), GLOBALID)?;
        let filter = filter(op.as_deref(), field, value)?;
        let request = attestation::search_attestations(&base, filter.as_ref(), page, per_page);
        let wanted = walking.then_some(page);
        Ok((request, Judge::Page { wanted }))
    };
    begin(most_retries, "", made())
}
