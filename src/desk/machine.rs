//! `(state, event, now) → (state, effects)`
//!
//! Two rules carry the rest. A decision is frozen by its first lease: from then on it can neither be undone nor
//! changed, so that a late word of any sender is always about this verdict. And every lease begins by reading
//! the status: whatever an earlier one came to, upstream is the one that knows. So a verdict whose time is over is
//! looked at once more, and becomes a dead letter only then.

use super::case::{Approval, Case, Claim, Decision, Delivery, MAX_TIME, Time, UNDONE_KEPT, Undone};
use super::event::{Effect, Event};
use super::settings::Settings;
use super::value::Value;
use crate::decision::{Outcome, Verdict};

/// Who the audit names where nobody asked.
pub const DESK: &str = "desk";

/// What a try came to whose sender was never heard of again.
const LEASE_EXPIRED: &str = "lease_expired";

/// What a verdict came to whose request upstream has ended without one.
const ENDED: &str = "ended";

/// When something happens, and the dice for it.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The time of day.
    pub now: Time,
    /// In `[0, 1)`.
    pub random: f64,
}

/// What comes of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The case as it is now; `None` if there is none (any more).
    pub state: Option<Case>,
    /// Whether it has to be stored. Then its version is one more than before.
    pub changed: bool,
    /// What to do, in this order.
    pub effects: Vec<Effect>,
}

/// The whole machine.
pub fn step(state: Option<Case>, event: &Event, moment: Moment, settings: &Settings) -> Step {
    let Some(case) = state else {
        return outside(event, moment);
    };
    let mut turn = Turn {
        case,
        now: moment.now,
        random: moment.random,
        settings,
        changed: false,
        forget: false,
        effects: Vec::new(),
    };
    turn.take(event);
    let Turn {
        mut case,
        changed,
        forget,
        effects,
        ..
    } = turn;
    if changed {
        case.version += 1;
    }
    Step {
        state: (!forget).then_some(case),
        changed,
        effects,
    }
}

/// What happens to a request that is no case.
fn outside(event: &Event, Moment { now, .. }: Moment) -> Step {
    let nothing = |effects| Step {
        state: None,
        changed: false,
        effects,
    };
    match event {
        Event::IntakeConfirmed { id, status } => {
            // Already decided: there is nothing to review. A page may still show the id of such a request.
            if Verdict::parse(status).is_some() {
                return nothing(Vec::new());
            }
            let status = harmless(status);
            let opened = Effect::Audit {
                at: now,
                case: id.clone(),
                action: "opened",
                by: DESK.to_owned(),
                detail: Value::object([("status", Value::from(&status))]),
            };
            Step {
                state: Some(Case {
                    id: id.clone(),
                    version: 1,
                    opened_at: now,
                    closed_at: None,
                    delivered_at: None,
                    upstream_status: status,
                    claim: None,
                    decision: None,
                    delivery: Delivery::None,
                    leases: 0,
                    undone: Vec::new(),
                }),
                changed: true,
                effects: vec![opened],
            }
        }
        Event::UpstreamStatus { .. } => nothing(Vec::new()),
        Event::Claim { .. }
        | Event::Release { .. }
        | Event::Decide { .. }
        | Event::Approve { .. }
        | Event::Undo { .. }
        | Event::RetryDead { .. }
        | Event::ResolveConflict { .. } => nothing(vec![Effect::Respond {
            status: 404,
            body: error("not_found"),
        }]),
        Event::Lease
        | Event::StatusRead { .. }
        | Event::Sent { .. }
        | Event::SendFailed { .. }
        | Event::Purge => nothing(vec![Effect::Refused {
            why: "no_case",
            due_at: None,
        }]),
    }
}

/// One event, as it is being worked on.
struct Turn<'a> {
    case: Case,
    now: Time,
    random: f64,
    settings: &'a Settings,
    changed: bool,
    forget: bool,
    effects: Vec<Effect>,
}

impl Turn<'_> {
    fn take(&mut self, event: &Event) {
        match event {
            // Handed in again: what upstream shows is news all the same.
            Event::IntakeConfirmed { status, .. } | Event::UpstreamStatus { status } => {
                self.upstream_status(status);
            }
            Event::Claim { by } => self.claim(by),
            Event::Release { by, admin } => self.release(by, *admin),
            Event::Decide {
                verdict,
                by,
                reason,
                noted,
                key,
            } => self.decide(*verdict, by, reason.as_deref(), *noted, key.as_deref()),
            Event::Approve { verdict, by } => self.approve(*verdict, by),
            Event::Undo { by, admin } => self.undo(by, *admin),
            Event::Lease => self.lease(),
            Event::StatusRead { lease, status } => self.status_read(*lease, status),
            Event::Sent { lease, outcome } => self.sent(*lease, *outcome),
            Event::SendFailed {
                lease,
                code,
                status,
                retryable,
                retry_after_ms,
            } => self.send_failed(*lease, code, *status, *retryable, *retry_after_ms),
            Event::RetryDead { by } => self.retry_dead(by),
            Event::ResolveConflict { by, accept, gone } => {
                self.resolve_conflict(by, *accept, *gone);
            }
            Event::Purge => self.purge(),
        }
    }

    // Reviewers

    fn claim(&mut self, by: &str) {
        if self.case.decision.is_some() || self.case.closed_at.is_some() {
            let body = Value::object([
                ("error", "decided".into()),
                ("delivery", self.case.delivery.as_str().into()),
                ("decision", self.standing()),
            ]);
            return self.respond(409, body);
        }
        if let Some(claim) = self.active_claim()
            && claim.by != by
        {
            return self.respond(409, claimed(claim));
        }
        let until = after(self.now, self.settings.claim_ms);
        // To claim what one holds already prolongs it: nothing that an auditor would ask about.
        if self.active_claim().is_none() {
            self.expire_claim();
            self.audit("claimed", by, Value::object([("until", until.into())]));
        }
        let claim = Claim {
            by: by.to_owned(),
            until,
        };
        let body = Value::object([
            ("id", Value::from(&self.case.id)),
            (
                "claim",
                Value::object([("by", by.into()), ("until", until.into())]),
            ),
        ]);
        if self.case.claim.as_ref() != Some(&claim) {
            self.case.claim = Some(claim);
            self.changed = true;
        }
        self.respond(200, body);
    }

    fn release(&mut self, by: &str, admin: bool) {
        self.expire_claim();
        if let Some(claim) = self.active_claim() {
            if claim.by != by && !admin {
                return self.respond(403, forbidden("not_yours"));
            }
            let holder = Value::object([("holder", Value::from(&claim.by))]);
            self.audit("released", by, holder);
            self.case.claim = None;
            self.changed = true;
        }
        let body = Value::object([("id", Value::from(&self.case.id)), ("claim", Value::Null)]);
        self.respond(200, body);
    }

    fn decide(
        &mut self,
        verdict: Verdict,
        by: &str,
        reason: Option<&str>,
        noted: bool,
        key: Option<&str>,
    ) {
        if !reason.is_none_or(is_reason) {
            return self.respond(400, invalid("reason"));
        }
        if !key.is_none_or(is_key) {
            return self.respond(400, invalid("key"));
        }
        let undone = |undone: &Undone| undone.by == by && Some(undone.key.as_str()) == key;
        if self.case.undone.iter().any(undone) {
            return self.respond(409, error("undone"));
        }
        if let Some(decision) = &self.case.decision {
            // A key belongs to whoever made it up.
            if key.is_some() && decision.key.as_deref() == key && decision.by == by {
                if decision.verdict != verdict {
                    return self.respond(422, error("key_reused"));
                }
                let body = self.queued(decision, decision.send_after);
                return self.respond(202, body);
            }
        }
        if self.verdict().is_some() {
            return self.repeated(verdict);
        }
        if self.case.closed_at.is_some() {
            let body = self.conflict();
            return self.respond(409, body);
        }
        if let Some(claim) = self.active_claim()
            && claim.by != by
        {
            return self.respond(409, claimed(claim));
        }
        let send_after =
            (!self.settings.two_person).then(|| after(self.now, self.settings.undo_ms));
        let decision = Decision {
            verdict,
            by: by.to_owned(),
            at: self.now,
            reason: reason.map(str::to_owned),
            noted,
            key: key.map(str::to_owned),
            send_after,
            approval: None,
        };
        let body = self.queued(&decision, send_after);
        self.expire_claim();
        let mut detail = vec![
            ("verdict", Value::from(verdict.as_str())),
            ("reason", reason.into()),
        ];
        if noted {
            detail.push(("noted", true.into()));
            self.effects.push(Effect::KeepNote {
                case: self.case.id.clone(),
                at: self.now,
                by: by.to_owned(),
            });
        }
        self.audit("decided", by, Value::Object(detail));
        self.case.decision = Some(decision);
        self.case.claim = None;
        match send_after {
            Some(send_after) => self.wait(send_after),
            None => self.turn_to(Delivery::Approval),
        }
        self.respond(202, body);
    }

    /// The answer to whoever comes with a verdict where one stands.
    fn repeated(&mut self, verdict: Verdict) {
        // Where it is a person's turn to speak, even the same word again is no answer.
        let stopped = matches!(
            self.case.delivery,
            Delivery::Conflict { .. } | Delivery::Dead { .. }
        );
        if self.verdict() != Some(verdict) || stopped {
            let body = self.conflict();
            return self.respond(409, body);
        }
        if let (Some(decision), None) = (&self.case.decision, self.case.closed_at) {
            let approved = decision.approval.as_ref();
            let send_after = approved.map_or(decision.send_after, |by| Some(by.send_after));
            let body = self.queued(decision, send_after);
            return self.respond(202, body);
        }
        let body = Value::object([
            ("id", Value::from(&self.case.id)),
            ("status", verdict.as_str().into()),
            ("outcome", Outcome::AlreadyApplied.as_str().into()),
            ("decision", self.standing()),
        ]);
        self.respond(200, body);
    }

    fn approve(&mut self, verdict: Verdict, by: &str) {
        let Some(decision) = &mut self.case.decision else {
            return self.respond(404, error("not_decided"));
        };
        if decision.verdict != verdict {
            let body = self.conflict();
            return self.respond(409, body);
        }
        if let Some(approval) = &decision.approval
            && approval.by == by
        {
            return self.repeated(verdict);
        }
        let awaiting = self.case.delivery == Delivery::Approval;
        // One mailbox, however it is spelt: two people are wanted, not two spellings. Asked first, so that the answer does not
        // hang on whether somebody else was faster.
        if (awaiting || decision.approval.is_some()) && decision.by.eq_ignore_ascii_case(by) {
            return self.respond(403, forbidden("second_person"));
        }
        if !awaiting {
            let body = self.wrong("not_awaiting");
            return self.respond(409, body);
        }
        let send_after = after(self.now, self.settings.undo_ms);
        decision.approval = Some(Approval {
            by: by.to_owned(),
            at: self.now,
            send_after,
        });
        self.audit(
            "approved",
            by,
            Value::object([("verdict", verdict.as_str().into())]),
        );
        self.wait(send_after);
        let body = self.queued_again(Some(send_after));
        self.respond(202, body);
    }

    fn undo(&mut self, by: &str, admin: bool) {
        let Some(decision) = &self.case.decision else {
            return self.respond(404, error("not_decided"));
        };
        let in_time = match self.case.delivery {
            Delivery::Approval => true,
            Delivery::Waiting { send_after } => self.now < send_after,
            _ => false,
        };
        if !in_time {
            let body = self.wrong("too_late");
            return self.respond(409, body);
        }
        // While a second person is asked, to say no is theirs, whoever they are.
        let theirs = admin
            || decision.by == by
            || self.case.delivery == Delivery::Approval
            || decision
                .approval
                .as_ref()
                .is_some_and(|approval| approval.by == by);
        if !theirs {
            return self.respond(403, forbidden("not_yours"));
        }
        let detail = Value::object([
            ("verdict", decision.verdict.as_str().into()),
            ("decider", Value::from(&decision.by)),
        ]);
        let noted = decision.noted;
        self.audit("undone", by, detail);
        if noted {
            self.effects.push(Effect::DropNote {
                case: self.case.id.clone(),
            });
        }
        if let Some(Decision {
            by, key: Some(key), ..
        }) = self.case.decision.take()
        {
            if self.case.undone.len() >= UNDONE_KEPT {
                self.case.undone.remove(0);
            }
            self.case.undone.push(Undone { by, key });
        }
        self.turn_to(Delivery::None);
        // Told while a verdict stood.
        if has_ended(&self.case.upstream_status) {
            self.end();
        }
        let body = Value::object([
            ("id", Value::from(&self.case.id)),
            ("outcome", "undone".into()),
        ]);
        self.respond(200, body);
    }

    fn retry_dead(&mut self, by: &str) {
        if !matches!(self.case.delivery, Delivery::Dead { .. }) {
            let body = self.wrong("not_dead");
            return self.respond(409, body);
        }
        self.audit("retried", by, Value::object([]));
        self.start_again();
    }

    fn resolve_conflict(&mut self, by: &str, accept: bool, gone: bool) {
        let Delivery::Conflict { shown, .. } = self.case.delivery else {
            return self.let_go(by, accept, gone);
        };
        let how = if accept { "accept" } else { "retry" };
        self.audit(
            "resolved",
            by,
            Value::object([("how", how.into()), ("shown", shown.as_str().into())]),
        );
        if !accept {
            return self.start_again();
        }
        self.turn_to(Delivery::Resolved {
            at: self.now,
            by: by.to_owned(),
            shown,
        });
        self.close();
        let body = Value::object([
            ("id", Value::from(&self.case.id)),
            ("outcome", "resolved".into()),
            ("status", shown.as_str().into()),
        ]);
        self.respond(200, body);
    }

    /// A person lets go of what would wait for ever: nobody can decide it, or deliver its verdict, and no other one can come.
    fn let_go(&mut self, by: &str, accept: bool, gone: bool) {
        let ended = has_ended(&self.case.upstream_status);
        let stuck = self.case.closed_at.is_none()
            && matches!(self.case.delivery, Delivery::None | Delivery::Dead { .. });
        // The look that was to tell may have closed it already.
        let over = ended && self.case.closed_at.is_some() && self.is_undecided();
        if !accept || !(over || stuck && (gone || ended)) {
            let body = self.wrong("no_conflict");
            return self.respond(409, body);
        }
        if let Some(claim) = self.active_claim()
            && claim.by != by
        {
            return self.respond(409, claimed(claim));
        }
        if stuck {
            self.expire_claim();
            let shown = (!gone).then_some(&self.case.upstream_status);
            self.audit("abandoned", by, Value::object([("shown", shown.into())]));
            if gone {
                // Should it be seen again, that is news.
                self.note("unknown");
            }
            self.close();
        }
        let body = Value::object([
            ("id", Value::from(&self.case.id)),
            ("outcome", "abandoned".into()),
        ]);
        self.respond(200, body);
    }

    /// A person's word for another round of tries: it begins with reading the status, as every try does.
    fn start_again(&mut self) {
        self.turn_to(Delivery::Retrying {
            not_before: self.now,
            attempts: 0,
            code: "retried".to_owned(),
            since: self.now,
        });
        self.case.closed_at = None;
        self.effects.push(Effect::Kick { at: self.now });
        let body = self.queued_again(Some(self.now));
        self.respond(202, body);
    }

    // Senders

    fn lease(&mut self) {
        let (attempts, since, queued, last) = match &self.case.delivery {
            Delivery::Waiting { send_after } if self.now >= *send_after => {
                (0, self.now, false, None)
            }
            Delivery::Retrying {
                not_before,
                attempts,
                code,
                since,
            } if self.now >= *not_before => {
                // No try is put off beyond that; only a last look is.
                let over = *not_before > self.deadline(*since);
                (*attempts, *since, false, over.then(|| code.clone()))
            }
            Delivery::Unconfirmed {
                not_before,
                attempts,
                since,
            } if self.now >= *not_before => (*attempts, *since, true, None),
            Delivery::Leased {
                until,
                attempts,
                since,
                queued,
                last,
                ..
            } if self.now >= *until => {
                let over = !queued && self.now > self.deadline(*since);
                let last = last.clone().or(over.then(|| LEASE_EXPIRED.to_owned()));
                let next = (*attempts, *since, *queued, last);
                self.failed(next.0, LEASE_EXPIRED, None);
                next
            }
            _ => return self.refuse(),
        };
        self.case.leases = self.case.leases.saturating_add(1);
        let lease = self.case.leases;
        let timeout_ms = self.settings.send_timeout_ms;
        self.effects.push(if queued || last.is_some() {
            Effect::ConfirmStatus { lease, timeout_ms }
        } else {
            Effect::ReadStatus { lease, timeout_ms }
        });
        self.turn_to(Delivery::Leased {
            until: after(self.now, self.settings.lease_ms),
            attempts: attempts.saturating_add(1),
            sending: false,
            since,
            queued,
            last,
        });
    }

    fn status_read(&mut self, lease: u32, status: &str) {
        let Delivery::Leased {
            until,
            attempts,
            sending: false,
            since,
            queued,
            ref last,
        } = self.case.delivery
        else {
            return self.stale();
        };
        let last = last.clone();
        if lease != self.case.leases {
            return self.stale();
        }
        let Some(verdict) = self.case.decision.as_ref().map(|decision| decision.verdict) else {
            return self.stale();
        };
        self.case.upstream_status = harmless(status);
        match Verdict::parse(status) {
            Some(shown) if shown == verdict => self.delivered(if queued {
                Outcome::Queued
            } else {
                Outcome::AlreadyApplied
            }),
            Some(shown) => self.contradicted(shown),
            // Upstream has it and is slow: to send it again would be to send it twice.
            None if queued => self.unconfirmed(attempts, since),
            None if has_ended(status) => self.dead(attempts, ENDED, None),
            None if last.is_some() => {
                // What was sent has not come to stand, and the time is over.
                self.dead(attempts, last.as_deref().unwrap_or(LEASE_EXPIRED), None);
            }
            // Too late for the PUT to end before somebody else may begin.
            None if after(self.now, self.settings.send_timeout_ms) >= until => {
                if self.now >= self.deadline(since) {
                    return self.dead(attempts, LEASE_EXPIRED, None);
                }
                self.failed(attempts, LEASE_EXPIRED, None);
                self.retry_at(self.now, attempts, LEASE_EXPIRED, since);
            }
            None => {
                self.audit(
                    "sending",
                    DESK,
                    Value::object([
                        ("verdict", verdict.as_str().into()),
                        ("attempt", attempts.into()),
                    ]),
                );
                self.turn_to(Delivery::Leased {
                    until,
                    attempts,
                    sending: true,
                    since,
                    queued,
                    last: None,
                });
                self.effects.push(Effect::PutStatus {
                    lease,
                    verdict,
                    timeout_ms: self.settings.send_timeout_ms,
                });
            }
        }
    }

    fn sent(&mut self, lease: u32, outcome: Outcome) {
        // Also from a lease that was lost: what it sent was this verdict, for there has been no other since.
        let open = match self.case.delivery {
            Delivery::Leased { queued, .. } => !queued || outcome != Outcome::Queued,
            Delivery::Unconfirmed { .. } => outcome != Outcome::Queued,
            Delivery::Retrying { .. } | Delivery::Dead { .. } => true,
            _ => false,
        };
        if !open || lease == 0 || lease > self.case.leases {
            return self.stale();
        }
        if outcome != Outcome::Queued {
            return self.delivered(outcome);
        }
        // A promise is not yet a verdict: it counts once upstream shows it.
        self.audit("queued", DESK, Value::object([]));
        self.case.closed_at = None;
        self.unconfirmed(0, self.now);
    }

    fn send_failed(
        &mut self,
        lease: u32,
        code: &str,
        status: Option<u32>,
        retryable: bool,
        retry_after_ms: Option<u64>,
    ) {
        let Delivery::Leased {
            attempts,
            sending,
            since,
            queued,
            ref last,
            ..
        } = self.case.delivery
        else {
            return self.stale();
        };
        // Who only asks has looked, whatever came of it.
        let looked = last.is_some();
        if lease != self.case.leases {
            return self.stale();
        }
        let code = if is_code(code) { code } else { "internal" };
        // A `conflict` says that somebody decided meanwhile: the next reading shows what. The others are ours.
        let passing =
            retryable || matches!(code, "conflict" | "aborted" | "load_failed" | "internal");
        if !passing {
            return self.dead(attempts, code, status);
        }
        let deadline = self.deadline(since);
        let next = retry_after_ms.map_or_else(
            || {
                let wait = self.settings.backoff_ms(attempts, self.random);
                after(self.now, wait).min(deadline)
            },
            |asked| after(self.now, asked),
        );
        if queued {
            // Upstream may ask for more time than there is: it is asked to the last all the same.
            if self.now >= deadline {
                return self.dead(attempts, code, status);
            }
            self.failed(attempts, code, status);
            return self.confirm_at(next.min(deadline), attempts, since);
        }
        if self.now < deadline && next <= deadline {
            self.failed(attempts, code, status);
            return self.retry_at(next, attempts, code, since);
        }
        // It may have been taken all the same, and the answer lost: that it was not is only said once it was looked at. Not
        // so where upstream says "later", and there was no try before, or it was read since what that came to.
        let refused = code == "rate_limited" && retry_after_ms.is_some();
        if looked || (refused && (sending || attempts <= 1)) {
            return self.dead(attempts, code, status);
        }
        self.failed(attempts, code, status);
        let end = self.now.max(deadline);
        let look = if retry_after_ms.is_some() {
            // As asked, but soon after the end: nobody waits for ever to be told.
            next.clamp(after(end, 1), after(end, self.settings.backoff_cap_ms))
        } else {
            after(end, self.settings.patience_ms(attempts, self.random))
        };
        self.retry_at(look, attempts, code, since);
    }

    // Upstream, the clock

    fn upstream_status(&mut self, status: &str) {
        let Some(shown) = Verdict::parse(status) else {
            return self.undecided_upstream(status);
        };
        let undecided = self.is_undecided();
        match (&self.case.decision, &self.case.delivery) {
            // A sender has it, and reads for itself. What stood in conflict or was resolved is a person's.
            (
                _,
                Delivery::Leased { .. } | Delivery::Conflict { .. } | Delivery::Resolved { .. },
            ) => {
                self.note(status);
            }
            (None, _) => {
                self.note(status);
                if undecided {
                    self.audit(
                        "decided-upstream",
                        DESK,
                        Value::object([("verdict", shown.as_str().into())]),
                    );
                    self.close();
                }
            }
            (Some(decision), delivery) => {
                let same = decision.verdict == shown;
                let known = matches!(delivery, Delivery::Delivered { .. });
                let outcome = if matches!(delivery, Delivery::Unconfirmed { .. }) {
                    Outcome::Queued
                } else {
                    Outcome::AlreadyApplied
                };
                self.note(status);
                if !same {
                    self.contradicted(shown);
                } else if !known {
                    self.delivered(outcome);
                }
            }
        }
    }

    fn undecided_upstream(&mut self, status: &str) {
        let dead = matches!(self.case.delivery, Delivery::Dead { .. });
        // What was read before a verdict came can arrive after it.
        if self.case.closed_at.is_some() && !dead && !self.is_undecided() {
            return;
        }
        self.note(status);
        match (self.case.closed_at, has_ended(status)) {
            (None, true) if self.case.decision.is_none() => self.end(),
            // Also with a verdict that was let go: a person can send it now.
            (Some(_), false) => {
                self.audit("reopened", DESK, self.shows());
                self.case.closed_at = None;
                self.changed = true;
            }
            _ => {}
        }
    }

    /// Closes what nobody has decided, and nobody can.
    fn end(&mut self) {
        self.expire_claim();
        self.audit("ended-upstream", DESK, self.shows());
        self.close();
    }

    fn shows(&self) -> Value {
        Value::object([("status", Value::from(&self.case.upstream_status))])
    }

    /// Whether there is a verdict neither here nor upstream.
    fn is_undecided(&self) -> bool {
        self.case.decision.is_none() && Verdict::parse(&self.case.upstream_status).is_none()
    }

    fn purge(&mut self) {
        let kept_until = self
            .case
            .closed_at
            .map(|at| after(at, self.settings.retention_ms));
        if kept_until.is_none_or(|until| self.now < until) {
            return self.effects.push(Effect::Refused {
                why: "kept",
                due_at: kept_until,
            });
        }
        self.audit("purged", DESK, Value::object([]));
        self.effects.push(Effect::Forget {
            id: self.case.id.clone(),
        });
        self.changed = true;
        self.forget = true;
    }

    /// Ends a claim whose time is over. Nobody waits for that moment: whoever is next at the case finds it.
    fn expire_claim(&mut self) {
        if let Some(claim) = self.case.claim.take_if(|claim| claim.until <= self.now) {
            let held = Value::object([
                ("holder", Value::from(&claim.by)),
                ("until", claim.until.into()),
            ]);
            self.audit("claim-expired", DESK, held);
            self.changed = true;
        }
    }

    // How deliveries go on

    fn turn_to(&mut self, delivery: Delivery) {
        self.case.delivery = delivery;
        self.changed = true;
    }

    fn wait(&mut self, send_after: Time) {
        self.turn_to(Delivery::Waiting { send_after });
        self.effects.push(Effect::Kick { at: send_after });
    }

    fn retry_at(&mut self, not_before: Time, attempts: u32, code: &str, since: Time) {
        self.turn_to(Delivery::Retrying {
            not_before,
            attempts,
            code: code.to_owned(),
            since,
        });
        self.effects.push(Effect::Kick { at: not_before });
    }

    fn confirm_at(&mut self, not_before: Time, attempts: u32, since: Time) {
        self.turn_to(Delivery::Unconfirmed {
            not_before,
            attempts,
            since,
        });
        self.effects.push(Effect::Kick { at: not_before });
    }

    /// Upstream has the verdict and does not show it: asked again later, but not for ever.
    fn unconfirmed(&mut self, attempts: u32, since: Time) {
        let deadline = self.deadline(since);
        if self.now >= deadline {
            return self.dead(attempts, "unconfirmed", None);
        }
        let wait = self
            .settings
            .patience_ms(attempts.saturating_add(1), self.random);
        self.confirm_at(after(self.now, wait).min(deadline), attempts, since);
    }

    /// When what began then is given up.
    fn deadline(&self, since: Time) -> Time {
        after(since, self.settings.give_up_ms)
    }

    fn delivered(&mut self, outcome: Outcome) {
        // After a conflict that went away the verdict stands once more, but it was delivered only once.
        let action = if self.case.delivered_at.is_none() {
            self.case.delivered_at = Some(self.now);
            "delivered"
        } else {
            "settled"
        };
        self.audit(
            action,
            DESK,
            Value::object([("outcome", outcome.as_str().into())]),
        );
        if let Some(decision) = &self.case.decision {
            decision
                .verdict
                .as_str()
                .clone_into(&mut self.case.upstream_status);
        }
        self.turn_to(Delivery::Delivered {
            at: self.now,
            outcome,
        });
        self.close();
    }

    fn contradicted(&mut self, shown: Verdict) {
        self.audit(
            "conflict",
            DESK,
            Value::object([("shown", shown.as_str().into())]),
        );
        self.turn_to(Delivery::Conflict {
            at: self.now,
            shown,
        });
        self.case.closed_at = None;
    }

    fn failed(&mut self, attempts: u32, code: &str, status: Option<u32>) {
        self.audit("failed", DESK, attempt(attempts, code, status));
    }

    fn dead(&mut self, attempts: u32, code: &str, status: Option<u32>) {
        self.audit("dead", DESK, attempt(attempts, code, status));
        self.turn_to(Delivery::Dead {
            at: self.now,
            attempts,
            code: code.to_owned(),
            status,
        });
    }

    fn close(&mut self) {
        self.case.closed_at = Some(self.now);
        self.case.claim = None;
        self.changed = true;
    }

    fn note(&mut self, status: &str) {
        let status = harmless(status);
        if self.case.upstream_status != status {
            self.case.upstream_status = status;
            self.changed = true;
        }
    }

    // Words

    fn active_claim(&self) -> Option<&Claim> {
        self.case
            .claim
            .as_ref()
            .filter(|claim| claim.until > self.now)
    }

    /// The verdict that stands, if any does: a person's on the way, or upstream's.
    fn verdict(&self) -> Option<Verdict> {
        match (&self.case.delivery, &self.case.decision) {
            (Delivery::Resolved { shown, .. }, _) => Some(*shown),
            (_, Some(decision)) => Some(decision.verdict),
            (_, None) => self
                .case
                .closed_at
                .and_then(|_| Verdict::parse(&self.case.upstream_status)),
        }
    }

    /// What stands, since when, and by whom; nobody, where it was not decided here.
    fn standing(&self) -> Value {
        let (verdict, at) = match (&self.case.delivery, &self.case.decision) {
            (Delivery::Resolved { shown, at, .. }, _) => (Some(*shown), Some(*at)),
            (_, Some(decision)) => return decided(decision),
            (_, None) => (self.verdict(), self.case.closed_at),
        };
        Value::object([
            ("status", verdict.map(Verdict::as_str).into()),
            ("by", Value::Null),
            ("at", at.into()),
        ])
    }

    fn conflict(&self) -> Value {
        Value::object([
            ("error", "conflict".into()),
            ("delivery", self.case.delivery.as_str().into()),
            ("decision", self.standing()),
        ])
    }

    fn wrong(&self, error: &'static str) -> Value {
        Value::object([
            ("error", error.into()),
            ("delivery", self.case.delivery.as_str().into()),
        ])
    }

    /// The answer to a decision. It is told from what was kept of it alone, so that a repeat gets the very same.
    fn queued(&self, decision: &Decision, send_after: Option<Time>) -> Value {
        let mut body = vec![
            ("id", Value::from(&self.case.id)),
            ("status", decision.verdict.as_str().into()),
            ("outcome", Outcome::Queued.as_str().into()),
            ("sendAfter", send_after.into()),
            ("decision", decided(decision)),
        ];
        if send_after.is_none() {
            body.push(("approval", "required".into()));
        }
        Value::Object(body)
    }

    fn queued_again(&self, send_after: Option<Time>) -> Value {
        self.case
            .decision
            .as_ref()
            .map_or(Value::Null, |decision| self.queued(decision, send_after))
    }

    fn respond(&mut self, status: u32, body: Value) {
        self.effects.push(Effect::Respond { status, body });
    }

    fn refuse(&mut self) {
        let due_at = self.case.due_at();
        let why = if due_at.is_some() {
            "not_due"
        } else {
            "nothing_to_send"
        };
        self.effects.push(Effect::Refused { why, due_at });
    }

    fn stale(&mut self) {
        self.effects.push(Effect::Refused {
            why: "stale_lease",
            due_at: self.case.due_at(),
        });
    }

    fn audit(&mut self, action: &'static str, by: &str, detail: Value) {
        self.effects.push(Effect::Audit {
            at: self.now,
            case: self.case.id.clone(),
            action,
            by: by.to_owned(),
            detail,
        });
    }
}

/// Who was first, and when: everybody who comes later is told.
fn decided(decision: &Decision) -> Value {
    Value::object([
        ("status", decision.verdict.as_str().into()),
        ("by", Value::from(&decision.by)),
        ("at", decision.at.into()),
    ])
}

fn attempt(attempts: u32, code: &str, status: Option<u32>) -> Value {
    Value::object([
        ("attempt", attempts.into()),
        ("code", code.into()),
        ("status", status.into()),
    ])
}

fn error(code: &'static str) -> Value {
    Value::object([("error", code.into())])
}

fn invalid(field: &'static str) -> Value {
    Value::object([
        ("error", "invalid_argument".into()),
        ("field", field.into()),
    ])
}

fn forbidden(why: &'static str) -> Value {
    Value::object([("error", "forbidden".into()), ("why", why.into())])
}

fn claimed(claim: &Claim) -> Value {
    Value::object([
        ("error", "claimed".into()),
        ("by", Value::from(&claim.by)),
        ("until", claim.until.into()),
    ])
}

fn after(at: Time, ms: u64) -> Time {
    at.saturating_add(ms).min(MAX_TIME)
}

/// Whether upstream will take no verdict any more, though none was given. The intake takes in no such request.
fn has_ended(status: &str) -> bool {
    matches!(status, "user-cancelled" | "verification-failed")
}

/// Upstream's word for a status, or `unknown`: an unforeseen text is not kept, for it could hold anything.
fn harmless(status: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
    let harmless = !status.is_empty() && status.len() <= 40 && status.bytes().all(plain);
    if harmless { status } else { "unknown" }.to_owned()
}

/// A code such as `document-expired`.
fn is_reason(text: &str) -> bool {
    let plain = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_'
    };
    !text.is_empty() && text.len() <= 64 && text.bytes().all(plain)
}

fn is_code(text: &str) -> bool {
    is_reason(text)
}

fn is_key(text: &str) -> bool {
    !text.is_empty() && text.len() <= 128 && text.bytes().all(|byte| byte.is_ascii_graphic())
}
