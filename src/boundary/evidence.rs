//! `fetchEvidence` and `streamEvidence`: where the bytes lie. The bytes stay outside.

use super::call::Made;
use super::hands::{self, strings};
use super::pii::{CIVIC, base};
use super::seen::given;
use crate::call::Judge;
use crate::error::Error;
use crate::evidence::{self, Place, media_range, place_at, place_in};
use crate::link::{Address, origin};

type Find<'a> = dyn Fn(&Address, &[String]) -> Result<Place, Error> + 'a;

fn open(place: &Find<'_>) -> Made {
    let base = base(2, CIVIC)?;
    let allowed = strings(given::value(3), "allowOrigins", origin)?;
    let accept = strings(given::value(4), "accept", media_range)?;
    let place = place(&base, &allowed)?;
    hands::result(&place.rel);
    let request = evidence::fetch_evidence(&place.link, &accept);
    Ok((request, Judge::Evidence { accept }))
}

/// By the `rel` of a record's link: the record, the `rel`, the base, allowed origins, accepted types. The `rel` is handed over.
///
/// # Errors
/// `invalid_argument`, `not_found`, `untrusted_link`
pub fn evidence_in() -> Made {
    let (record, rel) = (given::value(0), given::text(1));
    open(&|base, allowed| place_in(&record, &rel, base, allowed))
}

/// By its address: the address, the request's id, and the same.
///
/// # Errors
/// `invalid_argument`, `untrusted_link`
pub fn evidence_at() -> Made {
    let (href, id) = (given::text(0), given::text(1));
    open(&|base, allowed| place_at(&href, &id, base, allowed))
}
