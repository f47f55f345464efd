//! `submitDecision`

use super::call::Made;
use super::pii::base;
use super::seen::given;
use crate::call::{Judge, Stage};
use crate::decision::{Verdict, submit_decision as write};
use crate::error::Error;
use crate::link::request_id;
use crate::pii::{CIVIC, retrieve_pii};

/// `submitDecision`: the id, the base, the verdict.
///
/// # Errors
/// `invalid_argument`
pub fn submit_decision() -> Made {
    let id = given::text(0);
    request_id(&id, "requestId")?;
    let base = base(1, CIVIC)?;
    let verdict = Verdict::parse(&given::text(2))
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
}
