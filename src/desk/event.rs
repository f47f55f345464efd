//! What can happen to a case, and what can be asked for in turn.

use super::case::Time;
use super::value::Value;
use crate::decision::{Outcome, Verdict};

/// Something that happened, or that somebody wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Upstream knows the request that a dApp handed in, and shows this status.
    IntakeConfirmed {
        /// The request's id.
        id: String,
        /// What upstream shows.
        status: String,
    },
    /// Somebody read the record, whatever for.
    UpstreamStatus {
        /// What upstream shows.
        status: String,
    },
    /// A reviewer wants to work on it.
    Claim {
        /// Who.
        by: String,
    },
    /// A reviewer puts it back.
    Release {
        /// Who.
        by: String,
        /// Whether they may release another's claim.
        admin: bool,
    },
    /// A reviewer decides.
    Decide {
        /// What.
        verdict: Verdict,
        /// Who.
        by: String,
        /// Why: a code.
        reason: Option<String>,
        /// Whether a note comes with it. What it says is not for the machine to know.
        noted: bool,
        /// The idempotency key.
        key: Option<String>,
    },
    /// A second reviewer agrees.
    Approve {
        /// To what: another decision may have taken its place meanwhile.
        verdict: Verdict,
        /// Who.
        by: String,
    },
    /// A reviewer takes a decision back.
    Undo {
        /// Who.
        by: String,
        /// Whether they may undo another's.
        admin: bool,
    },
    /// A sender asks for it.
    Lease,
    /// A sender has read the status.
    StatusRead {
        /// Which lease it holds.
        lease: u32,
        /// What upstream shows.
        status: String,
    },
    /// A sender has put the verdict, or found it standing.
    Sent {
        /// Which lease it holds.
        lease: u32,
        /// Which of the two.
        outcome: Outcome,
    },
    /// A sender's reading or putting failed.
    SendFailed {
        /// Which lease it holds.
        lease: u32,
        /// The code of the `PassdeskError`.
        code: String,
        /// The HTTP status.
        status: Option<u32>,
        /// Whether the same call may succeed later.
        retryable: bool,
        /// How long upstream asked to wait.
        retry_after_ms: Option<u64>,
    },
    /// A person starts a dead letter again.
    RetryDead {
        /// Who.
        by: String,
    },
    /// A person says what becomes of a conflict, or lets go of what upstream has ended.
    ResolveConflict {
        /// Who.
        by: String,
        /// Whether upstream's word is let stand; otherwise its status is read again.
        accept: bool,
        /// Whether upstream, asked just now, says that it has no such request.
        gone: bool,
    },
    /// The end of its retention may have come.
    Purge,
}

/// Something to be done, once the new state is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// To be written in the same transaction as the state.
    Audit {
        /// When.
        at: Time,
        /// Which case.
        case: String,
        /// What was done.
        action: &'static str,
        /// By whom; `desk` for its own doing.
        by: String,
        /// Codes only.
        detail: Value,
    },
    /// To keep the note that came with a decision, sealed, in the same transaction as the state.
    KeepNote {
        /// Of which case.
        case: String,
        /// The decision's time: a note is for one decision only.
        at: Time,
        /// Whose decision.
        by: String,
    },
    /// To delete the note of a decision that was taken back, in the same transaction as the state.
    DropNote {
        /// Of which case.
        case: String,
    },
    /// To ask for a lease then, if anybody is still awake.
    Kick {
        /// Then.
        at: Time,
    },
    /// To read upstream's status.
    ReadStatus {
        /// Under this lease.
        lease: u32,
        /// Within this time.
        timeout_ms: u64,
    },
    /// To read upstream's status, and to send nothing whatever it shows.
    ConfirmStatus {
        /// Under this lease.
        lease: u32,
        /// Within this time.
        timeout_ms: u64,
    },
    /// To put the verdict.
    PutStatus {
        /// Under this lease.
        lease: u32,
        /// This one.
        verdict: Verdict,
        /// Within this time.
        timeout_ms: u64,
    },
    /// To answer whoever asked.
    Respond {
        /// The HTTP status.
        status: u32,
        /// The body.
        body: Value,
    },
    /// To tell a sender or sweep that there is nothing to do.
    Refused {
        /// A code.
        why: &'static str,
        /// When there will be, if ever.
        due_at: Option<Time>,
    },
    /// To delete all of the case, its note too, but not its audit rows.
    Forget {
        /// Which.
        id: String,
    },
}
