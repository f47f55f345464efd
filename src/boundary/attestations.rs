//! `listAttestations` and `searchAttestations`, which also asks for the pages of `eachAttestation`.

use super::call::Made;
use super::pii::base;
use super::seen::given;
use crate::attestation::{self, GLOBALID, Op, Where};
use crate::call::Judge;
use crate::error::Error;
use crate::json::{Json, Kind};

/// The option `where`: none without an operator.
fn filter() -> Result<Option<Where>, Error> {
    if given::value(1).kind() == Kind::Absent {
        return Ok(None);
    }
    let op = Op::parse(&given::text(1))
        .ok_or_else(|| Error::option("where.op", "eq, gt, gte, lt or lte"))?;
    Where::new(given::text(2), op, given::text(3)).map(Some)
}

/// `listAttestations`: the base; operator, field and value of the filter.
///
/// # Errors
/// `invalid_argument`
pub fn list_attestations() -> Made {
    let base = base(0, GLOBALID)?;
    let request = attestation::list_attestations(&base, filter()?.as_ref());
    Ok((request, Judge::List))
}

/// `searchAttestations`: the same; the page, how many records it has, and whether it must be that page.
///
/// # Errors
/// `invalid_argument`
pub fn search_attestations() -> Made {
    let base = base(0, GLOBALID)?;
    let (page, per_page) = (given::whole(4), given::whole(5));
    let request = attestation::search_attestations(&base, filter()?.as_ref(), page, per_page);
    let wanted = (given::whole(6) > 0).then_some(page);
    Ok((request, Judge::Page { wanted }))
}
