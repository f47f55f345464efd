//! `fetchEvidence` and `streamEvidence`: where the bytes lie. The bytes stay outside.

use super::call::Made;
use super::hands::{self, Of, strings};
use super::pii::base;
use super::seen::given;
use crate::call::Judge;
use crate::error::Error;
use crate::evidence::{self, Place, place_at, place_in};
use crate::link::Address;
use crate::pii::CIVIC;
use crate::request::Request;

/// What both take: the base, allowed origins, accepted types.
fn terms() -> Result<(Address, Vec<String>, Vec<String>), Error> {
    Ok((
        base(2, CIVIC)?,
        strings(given::value(3), "allowOrigins", Of::Origins)?,
        strings(given::value(4), "accept", Of::Types)?,
    ))
}

fn made(place: &Place, accept: Vec<String>) -> (Request, Judge) {
    hands::result(&place.rel);
    let request = evidence::fetch_evidence(&place.link, &accept);
    (request, Judge::Evidence { accept })
}

/// By the `rel` of a record's link: the record, the `rel`, the base, allowed origins, accepted types. The `rel` is handed over.
///
/// # Errors
/// `invalid_argument`, `not_found`, `untrusted_link`
pub fn evidence_in() -> Made {
    let (base, allowed, accept) = terms()?;
    let place = place_in(&given::value(0), &given::text(1), &base, &allowed)?;
    Ok(made(&place, accept))
}

/// By its address: the address, the request's id, and the same.
///
/// # Errors
/// `invalid_argument`, `untrusted_link`
pub fn evidence_at() -> Made {
    let (base, allowed, accept) = terms()?;
    let place = place_at(&given::text(0), &given::text(1), &base, &allowed)?;
    Ok(made(&place, accept))
}
