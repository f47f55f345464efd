//! `submitDecision`

use super::call::{Arguments, Made};
use super::pii::{CIVIC, base};
use crate::call::{Judge, Stage};
use crate::decision::{Verdict, submit_decision as write};
use crate::error::Error;
use crate::link::request_id;
use crate::pii::retrieve_pii;

/// `submitDecision`: the id, the base, the verdict.
///
/// # Errors
/// `invalid_argument`
pub fn submit_decision(of: &Arguments) -> Made {
    let id = of.text(0);
    request_id(&id, "requestId")?;
    let base = base(of, 1, CIVIC)?;
    let verdict = Verdict::parse(&of.text(2))
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
