//! `fetchEvidence` and `streamEvidence`: where the bytes lie, and what they are. The bytes stay outside.

use super::call::{begin, with};
use super::hands::{self, strings};
use super::pii::{CIVIC, base};
use crate::call::Judge;
use crate::error::Error;
use crate::evidence::{self, Place, media_range, place_at, place_in};
use crate::link::{Address, origin};
use wasm_bindgen::prelude::*;

type Find<'a> = dyn Fn(&Address, &[String]) -> Result<Place, Error> + 'a;

fn open(
    most_retries: u32,
    base_url: Option<&str>,
    allow_origins: &JsValue,
    accept: &JsValue,
    place: &Find<'_>,
) -> u32 {
    let made = || {
        let base = base(base_url, CIVIC)?;
        let allowed = strings(allow_origins, "allowOrigins", origin)?;
        let accept = strings(accept, "accept", media_range)?;
        let place = place(&base, &allowed)?;
        hands::result(&place.rel.as_str().into());
        let request = evidence::fetch_evidence(&place.link, &accept);
        Ok((request, Judge::Evidence { accept }))
    };
    begin(most_retries, "", made())
}

/// Evidence by the `rel` of a record's link: the call's number, or 0.
#[wasm_bindgen(js_name = evidenceIn)]
#[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen's own `Option`")]
pub fn evidence_in(
    most_retries: u32,
    record: &JsValue,
    rel: &str,
    base_url: Option<String>,
    allow_origins: &JsValue,
    accept: &JsValue,
) -> u32 {
    let place = |base: &Address, allowed: &[String]| place_in(record, rel, base, allowed);
    open(
        most_retries,
        base_url.as_deref(),
        allow_origins,
        accept,
        &place,
    )
}

/// Evidence by its address: the call's number, or 0.
#[wasm_bindgen(js_name = evidenceAt)]
#[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen's own `Option`")]
pub fn evidence_at(
    most_retries: u32,
    href: &str,
    id: &str,
    base_url: Option<String>,
    allow_origins: &JsValue,
    accept: &JsValue,
) -> u32 {
    let place = |base: &Address, allowed: &[String]| place_at(href, id, base, allowed);
    open(
        most_retries,
        base_url.as_deref(),
        allow_origins,
        accept,
        &place,
    )
}

/// The type that the first bytes prove is handed over, if it is one that the call accepts.
#[wasm_bindgen]
pub fn proven(number: u32, start: &[u8]) {
    with(number, &mut |call| {
        match call.sniff(start) {
            Ok(content_type) => hands::result(&content_type.into()),
            Err(error) => hands::fault(&error),
        }
        0.0
    });
}
