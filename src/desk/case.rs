//! The state of a case: who looks at it, what was decided, and how far that has come.

use crate::decision::{Outcome, Verdict};

/// The largest whole number that JavaScript holds exactly; no time lies beyond it.
pub const MAX_TIME: u64 = (1 << 53) - 1;

/// How many undone keys are remembered: far more than anybody changes their mind.
pub const UNDONE_KEPT: usize = 32;

/// A time in epoch milliseconds.
pub type Time = u64;

/// A request in partner review, as the desk keeps it: no value of the person's in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The request's id.
    pub id: String,
    /// Grows by one with every change: what the store compares before it swaps.
    pub version: u64,
    /// When it was taken in.
    pub opened_at: Time,
    /// When there was nothing left to do.
    pub closed_at: Option<Time>,
    /// When the verdict was first known to stand upstream.
    pub delivered_at: Option<Time>,
    /// The status that upstream showed last.
    pub upstream_status: String,
    /// Who looks at it. One that expired counts as none.
    pub claim: Option<Claim>,
    /// The one decision.
    pub decision: Option<Decision>,
    /// How far the decision has come.
    pub delivery: Delivery,
    /// How many leases there were; the number of the last one keeps senders apart.
    pub leases: u32,
    /// Decisions that were taken back, by the key they came with: a late repeat of one must not decide again.
    pub undone: Vec<Undone>,
}

/// A reviewer's hold on a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Who holds it.
    pub by: String,
    /// From then on it counts no more.
    pub until: Time,
}

/// A verdict, by whom, and the answer that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What was decided.
    pub verdict: Verdict,
    /// By whom.
    pub by: String,
    /// When.
    pub at: Time,
    /// A code, never free text.
    pub reason: Option<String>,
    /// Whether a note was left with it. It is kept apart, and sealed.
    pub noted: bool,
    /// The idempotency key it came with.
    pub key: Option<String>,
    /// The end of the undo window, as first answered; `None` where a second person has to approve.
    pub send_after: Option<Time>,
    /// The second person's word, under the two-person rule.
    pub approval: Option<Approval>,
}

/// The second person's word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Who approved.
    pub by: String,
    /// When.
    pub at: Time,
    /// The end of the undo window, as answered.
    pub send_after: Time,
}

/// A decision that was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// Who had decided.
    pub by: String,
    /// The key the decision came with.
    pub key: String,
}

/// How far a decision has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Nothing is decided here.
    None,
    /// A second person has to approve.
    Approval,
    /// It can still be undone.
    Waiting {
        /// Until then.
        send_after: Time,
    },
    /// A sender has it.
    Leased {
        /// From then on the sender counts as dead.
        until: Time,
        /// How many tries there were, with this one.
        attempts: u32,
        /// Whether the status was read and the verdict may be on the wire.
        sending: bool,
        /// When the first try began.
        since: Time,
        /// Whether upstream has queued the verdict: then it is only asked about, and not sent again.
        queued: bool,
        /// What the tries came to, where their time is over: then it is only looked at, a last time.
        last: Option<String>,
    },
    /// The last try failed; there will be another.
    Retrying {
        /// Not before then.
        not_before: Time,
        /// How many tries there were.
        attempts: u32,
        /// What the last one failed with.
        code: String,
        /// When the first one began.
        since: Time,
    },
    /// Upstream took the verdict (202) and does not show it yet.
    Unconfirmed {
        /// To be asked about not before then.
        not_before: Time,
        /// How often it was asked about.
        attempts: u32,
        /// When upstream took it.
        since: Time,
    },
    /// The verdict stands upstream.
    Delivered {
        /// Since when that is known.
        at: Time,
        /// Whether it was sent, or stood already.
        outcome: Outcome,
    },
    /// Upstream shows the other verdict, and a person has to say what becomes of it.
    Conflict {
        /// Since when that is known.
        at: Time,
        /// What it shows.
        shown: Verdict,
    },
    /// No further try would help, or too many have failed. A person can start it again.
    Dead {
        /// Since when.
        at: Time,
        /// How many tries there were.
        attempts: u32,
        /// What the last one failed with.
        code: String,
        /// The HTTP status it failed with.
        status: Option<u32>,
    },
    /// A person let upstream's own verdict stand.
    Resolved {
        /// When.
        at: Time,
        /// Who.
        by: String,
        /// The verdict that stands.
        shown: Verdict,
    },
}

impl Delivery {
    /// As the state spells it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Approval => "approval",
            Self::Waiting { .. } => "waiting",
            Self::Leased { .. } => "leased",
            Self::Retrying { .. } => "retrying",
            Self::Unconfirmed { .. } => "unconfirmed",
            Self::Delivered { .. } => "delivered",
            Self::Conflict { .. } => "conflict",
            Self::Dead { .. } => "dead",
            Self::Resolved { .. } => "resolved",
        }
    }
}

impl Case {
    /// The word for a queue: `open`, `decided` or `closed`.
    pub const fn stage(&self) -> &'static str {
        if self.closed_at.is_some() {
            "closed"
        } else if self.decision.is_some() {
            "decided"
        } else {
            "open"
        }
    }

    /// When a sender should ask again, if ever.
    pub const fn due_at(&self) -> Option<Time> {
        match self.delivery {
            Delivery::Waiting { send_after } => Some(send_after),
            Delivery::Leased { until, .. } => Some(until),
            Delivery::Retrying { not_before, .. } | Delivery::Unconfirmed { not_before, .. } => {
                Some(not_before)
            }
            _ => None,
        }
    }
}
