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
    let given = given::optional(place);
    Address::base(given.as_deref().unwrap_or(default), "baseUrl")
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
