//! `submit_decision`

use super::call::{Given, make, unforeseen};
use super::options::ApiOptions;
use crate::call::{Judge, Stage};
use crate::decision::submit_decision as write;
pub use crate::decision::{Outcome, Verdict};
use crate::error::Error;
use crate::link::request_id;
use crate::pii::{CIVIC, retrieve_pii};

/// What became of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionReceipt {
    /// The request that was decided.
    pub request_id: String,
    /// What was decided.
    pub status: Verdict,
    /// How it ended.
    pub outcome: Outcome,
}

/// Tells Civic the partner's verdict, once: each attempt reads first what stands, and a verdict that stands is neither sent
/// again nor overwritten. That holds for a future that was dropped, too: whoever calls again learns what it came to.
///
/// # Errors
/// `invalid_argument` before anything is sent; `conflict` where the other verdict stands; what [every call](super#errors) can
/// fail with.
pub async fn submit_decision(
    id: &str,
    status: Verdict,
    api: &ApiOptions,
) -> Result<DecisionReceipt, Error> {
    request_id(id, "requestId")?;
    let base = api.base(CIVIC)?;
    let judge = Judge::Decision {
        id: id.to_owned(),
        verdict: status,
        write: write(&base, id, status),
        stage: Stage::Read,
    };
    let read = retrieve_pii(&base, id);
    match make(read, judge, "", api.token.as_ref(), api.call).await? {
        Given::Decided(outcome) => Ok(DecisionReceipt {
            request_id: id.to_owned(),
            status,
            outcome,
        }),
        _ => Err(unforeseen()),
    }
}
