//! `submitDecision`

use super::call::begin;
use super::pii::{CIVIC, base};
use crate::call::{Judge, Stage};
use crate::decision::{Verdict, submit_decision as write};
use crate::error::Error;
use crate::link::request_id;
use crate::pii::retrieve_pii;
use wasm_bindgen::prelude::*;

/// `submitDecision`: the call's number, or 0.
#[wasm_bindgen(js_name = submitDecision)]
#[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen's own `Option`")]
pub fn submit_decision(
    most_retries: u32,
    id: String,
    status: &str,
    base_url: Option<String>,
) -> u32 {
    let made = || {
        request_id(&id, "requestId")?;
        let base = base(base_url.as_deref(), CIVIC)?;
        let verdict = Verdict::parse(status)
            .ok_or_else(|| Error::option("status", "partner-pass or partner-fail"))?;
        let read = retrieve_pii(&base, &id);
        let write = write(&base, &id, verdict);
        let judge = Judge::Decision {
            id,
            verdict,
            write,
            stage: Stage::Read,
        };
        Ok((read, judge))
    };
    begin(most_retries, "", made())
}
