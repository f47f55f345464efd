//! `retrievePii`

use super::call::Made;
use super::seen::given;
use crate::call::Judge;
use crate::error::Error;
use crate::link::{Address, request_id};
use crate::pii::{self, CIVIC};

/// The option `baseUrl`, or its default.
///
/// # Errors
/// `invalid_argument`
pub fn base(place: u32, default: &str) -> Result<Address, Error> {
    match given::optional(place) {
        Some(given) => Address::base(&given, "baseUrl"),
        // To read our own address anew took as long as the rest of what begins a call.
        None => Ok(Address::root(default)),
    }
}

/// `retrievePii`: the id, the base.
///
/// # Errors
/// `invalid_argument`
pub fn retrieve_pii() -> Made {
    let id = given::text(0);
    request_id(&id, "requestId")?;
    let base = base(1, CIVIC)?;
    Ok((pii::retrieve_pii(&base, &id), Judge::Record { id }))
}
