//! A world around the machine: an upstream with moods, senders that die, messages that are lost, late or repeated.
//!
//! It holds what it sees against what the desk promises, after every step.

use super::stored;
use crate::decision::{Outcome, Verdict};
use crate::desk::case::{Case, Delivery, Time};
use crate::desk::event::{Effect, Event};
use crate::desk::machine::{Moment, step};
use crate::desk::settings::Settings;

/// What upstream does with a PUT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mood {
    /// Takes it, and says so.
    Applies,
    /// Takes it, and the answer is lost.
    AppliesSilently,
    /// Fails, and asks to wait.
    Ignores,
    /// Will never take it.
    Refuses,
    /// Says 409.
    Objects,
    /// Says 202: it will be done, some time.
    Queues,
    /// Will not be read before long; takes what is put, and says that it is away for long.
    PutsOff,
}

/// Longer than any try is put off.
const LONG: u64 = 2_000;

/// How upstream ends a request without a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// It says so.
    Cancelled,
    /// It does not know it any more.
    Gone,
}

/// Anything that can happen.
#[derive(Clone, Debug)]
pub enum Op {
    /// Somebody or some timer speaks to the desk.
    Say(Event),
    /// A sender does what it was told; the number picks which, modulo.
    Perform(usize, Mood),
    /// A sender that was told to read does both at once, as `submitDecision` does: it reads, and puts what is undecided.
    Submit(usize, Mood),
    /// A message arrives; it may arrive again.
    Arrive(usize, bool),
    /// A message is lost.
    Lose(usize),
    /// Every sender dies, and what they would have said with them.
    Crash,
    /// Time passes.
    Pass(Time),
    /// Time passes until the case is due.
    PassUntilDue,
    /// Somebody at Civic decides, if nothing is decided.
    Outsider(Verdict),
    /// Upstream does what it has queued, or forgets about it.
    WorkOff(bool),
    /// The user gives up, if nothing is decided.
    Cancel,
    /// Upstream has the request no more.
    Vanish,
    /// A person settles what does not go on by itself, after a look at what upstream has.
    Resolve(String, bool),
    /// Somebody looks at the case: what they see is told to the desk, some time.
    View,
    /// The request is handed in again.
    Intake,
}

/// Something a sender was told.
#[derive(Clone, Debug)]
struct Task {
    effect: Effect,
    at: Time,
    /// The decision, as the sender saw it then.
    verdict: Verdict,
}

fn failed(
    lease: u32,
    code: &str,
    status: Option<u32>,
    retryable: bool,
    retry_after_ms: Option<u64>,
) -> Event {
    Event::SendFailed {
        lease,
        code: code.into(),
        status,
        retryable,
        retry_after_ms,
    }
}

/// All there is.
#[derive(Clone, Debug)]
pub struct World {
    pub case: Option<Case>,
    pub settings: Settings,
    pub now: Time,
    random: f64,
    pub upstream: Option<Verdict>,
    end: Option<End>,
    /// What upstream has said 202 to, and not done.
    queue: Option<Verdict>,
    /// Whether the desk has heard so, and nobody has told it to send again since.
    told: bool,
    /// Every verdict that ever came over the wire.
    pub received: Vec<Verdict>,
    tasks: Vec<Task>,
    messages: Vec<Event>,
    /// Whether the status was read, and was undecided, after the last PUT.
    read: bool,
    /// The last lease under which a PUT was told.
    put_under: u32,
    /// Whether upstream took a PUT, and nobody has asked since.
    unseen: bool,
    /// How often the audit says `delivered`.
    pub delivered: u32,
    pub answer: Option<u32>,
    /// The note that is kept: of which decision, by its time and whose it is.
    note: Option<(Time, String)>,
}

impl World {
    pub fn new(settings: Settings) -> Self {
        settings.check().unwrap();
        let mut world = Self {
            case: None,
            settings,
            now: 1_000_000,
            random: 0.0,
            upstream: None,
            end: None,
            queue: None,
            told: false,
            received: Vec::new(),
            tasks: Vec::new(),
            messages: Vec::new(),
            read: false,
            put_under: 0,
            unseen: false,
            delivered: 0,
            answer: None,
            note: None,
        };
        world.say(&Event::IntakeConfirmed {
            id: "abc123".into(),
            status: "verification-success".into(),
        });
        world
    }

    pub fn with_random(mut self, random: f64) -> Self {
        self.random = random;
        self
    }

    /// What tells two worlds apart.
    pub fn key(&self) -> String {
        let Self {
            case,
            now,
            upstream,
            end,
            queue,
            received,
            tasks,
            messages,
            read,
            unseen,
            ..
        } = self;
        format!(
            "{case:?}{now}{upstream:?}{end:?}{queue:?}{received:?}{tasks:?}{messages:?}{read}{unseen}"
        )
    }

    pub fn apply(&mut self, op: &Op) {
        match op {
            Op::Say(event) => self.say(event),
            Op::Perform(which, mood) => self.perform(*which, *mood),
            Op::Submit(which, mood) => self.submit(*which, *mood),
            Op::Arrive(which, again) => {
                if let Some(which) = which.checked_rem(self.messages.len()) {
                    let message = if *again {
                        self.messages[which].clone()
                    } else {
                        self.messages.remove(which)
                    };
                    self.say(&message);
                }
            }
            Op::Lose(which) => {
                if let Some(which) = which.checked_rem(self.messages.len()) {
                    self.messages.remove(which);
                }
            }
            Op::Crash => {
                self.tasks.clear();
                self.messages.clear();
            }
            Op::Pass(ms) => self.now += ms,
            Op::PassUntilDue => {
                if let Some(due) = self.case.as_ref().and_then(Case::due_at) {
                    self.now = self.now.max(due);
                }
            }
            Op::Outsider(verdict) => self.upstream = self.upstream.or(Some(*verdict)),
            Op::WorkOff(done) => {
                let queued = self.queue.take();
                if *done {
                    self.upstream = self.upstream.or(queued);
                }
            }
            Op::Cancel if self.upstream.is_none() => self.end = self.end.or(Some(End::Cancelled)),
            Op::Cancel => {}
            Op::Vanish => self.end = Some(End::Gone),
            Op::Resolve(by, accept) => {
                if *accept && !self.is_gone() && self.case.is_some() {
                    let status = self.shown();
                    self.say(&Event::UpstreamStatus { status });
                }
                self.say(&Event::ResolveConflict {
                    by: by.clone(),
                    accept: *accept,
                    gone: *accept && self.is_gone(),
                });
            }
            Op::View if self.is_gone() => {}
            Op::View => {
                let status = self.shown();
                self.messages.push(Event::UpstreamStatus { status });
            }
            // The intake asks first, and takes in nothing that has ended.
            Op::Intake if self.case.is_none() && self.end.is_some() => {}
            Op::Intake => {
                // What the intake read may be old by now, but not as old as a case that is no more.
                let status = match self.case {
                    Some(_) => "verification-success".to_owned(),
                    None => self.shown(),
                };
                self.say(&Event::IntakeConfirmed {
                    id: "abc123".into(),
                    status,
                });
            }
        }
    }

    fn is_gone(&self) -> bool {
        self.end == Some(End::Gone)
    }

    fn shown(&self) -> String {
        let undecided = if self.end.is_some() {
            "user-cancelled"
        } else {
            "verification-success"
        };
        self.upstream.map_or(undecided, Verdict::as_str).to_owned()
    }

    /// A sender does what it was told, if it still lives: its signal ends it at its time-out.
    fn perform(&mut self, which: usize, mood: Mood) {
        let Some(which) = which.checked_rem(self.tasks.len()) else {
            return;
        };
        let Task { effect, at, .. } = self.tasks.remove(which);
        let alive = |timeout_ms| self.now <= at + timeout_ms;
        let read = matches!(effect, Effect::ReadStatus { .. });
        match effect {
            Effect::ReadStatus { lease, timeout_ms }
            | Effect::ConfirmStatus { lease, timeout_ms }
                if alive(timeout_ms) =>
            {
                // A last look is one, whatever it sees.
                self.unseen &= mood == Mood::PutsOff && read && !self.is_gone();
                self.messages.push(match mood {
                    _ if self.is_gone() => failed(lease, "not_found", Some(404), false, None),
                    Mood::PutsOff => failed(lease, "rate_limited", Some(429), true, Some(LONG)),
                    Mood::Ignores => failed(lease, "upstream", Some(503), true, None),
                    Mood::Refuses => failed(lease, "unauthorized", Some(401), false, None),
                    _ => Event::StatusRead {
                        lease,
                        status: self.shown(),
                    },
                });
            }
            Effect::PutStatus {
                lease,
                verdict,
                timeout_ms,
            } if alive(timeout_ms) => {
                assert!(
                    self.read,
                    "a verdict is sent on the strength of an old reading"
                );
                self.put(lease, verdict, mood);
            }
            _ => {}
        }
    }

    fn submit(&mut self, which: usize, mood: Mood) {
        let Some(which) = which.checked_rem(self.tasks.len()) else {
            return;
        };
        let task = &self.tasks[which];
        let Effect::ReadStatus { lease, timeout_ms } = task.effect else {
            return;
        };
        let (verdict, at) = (task.verdict, task.at);
        self.tasks.remove(which);
        if self.now > at + timeout_ms {
            return;
        }
        self.unseen = false;
        match self.upstream {
            _ if self.is_gone() => {
                let event = failed(lease, "not_found", Some(404), false, None);
                self.messages.push(event);
            }
            None => self.put(lease, verdict, mood),
            Some(shown) if shown == verdict => self.messages.push(Event::Sent {
                lease,
                outcome: Outcome::AlreadyApplied,
            }),
            // It fails with `conflict`, and its caller looks what there is.
            Some(_) => self.messages.push(Event::StatusRead {
                lease,
                status: self.shown(),
            }),
        }
    }

    /// A verdict comes over the wire. This is the worst upstream there can be: it overwrites whatever stood there.
    fn put(&mut self, lease: u32, verdict: Verdict, mood: Mood) {
        self.read = false;
        self.received.push(verdict);
        assert!(
            self.received.iter().all(|other| *other == verdict),
            "upstream was told two verdicts"
        );
        if let Some(end) = self.end {
            let (code, status) = match end {
                End::Cancelled => ("conflict", 409),
                End::Gone => ("not_found", 404),
            };
            let event = failed(lease, code, Some(status), false, None);
            return self.messages.push(event);
        }
        if matches!(mood, Mood::Applies | Mood::AppliesSilently | Mood::PutsOff) {
            self.upstream = Some(verdict);
            self.unseen = true;
        }
        if mood == Mood::Queues {
            self.queue = Some(verdict);
        }
        self.messages.push(match mood {
            Mood::Applies => Event::Sent {
                lease,
                outcome: Outcome::Applied,
            },
            Mood::AppliesSilently => failed(lease, "timeout", None, true, None),
            Mood::PutsOff => failed(lease, "upstream", Some(503), true, Some(LONG)),
            Mood::Ignores => failed(lease, "rate_limited", Some(429), true, Some(7)),
            Mood::Refuses => failed(lease, "forbidden", Some(403), false, None),
            Mood::Objects => failed(lease, "conflict", Some(409), false, None),
            Mood::Queues => Event::Sent {
                lease,
                outcome: Outcome::Queued,
            },
        });
    }

    /// One step of the machine, and what must be true of every step.
    pub fn say(&mut self, event: &Event) {
        let before = self.case.clone();
        let moment = Moment {
            now: self.now,
            random: self.random,
        };
        let next = step(before.clone(), event, moment, &self.settings);

        assert_eq!(
            next,
            step(
                before.as_ref().and_then(stored),
                event,
                moment,
                &self.settings
            ),
            "a stored state is as good as one in memory"
        );
        if next.changed {
            if let (Some(before), Some(after)) = (&before, &next.state) {
                assert_eq!(after.version, before.version + 1);
                let same = Case {
                    version: after.version,
                    ..before.clone()
                };
                assert_ne!(&same, after, "a version for nothing");
            }
        } else {
            assert_eq!(next.state, before, "a change that would not be stored");
            let silent =
                |effect: &Effect| matches!(effect, Effect::Respond { .. } | Effect::Refused { .. });
            assert!(
                next.effects.iter().all(silent),
                "an effect of something that is not stored: {:?}",
                next.effects
            );
        }
        self.check_decision(before.as_ref(), next.state.as_ref(), event);

        if let (Event::StatusRead { lease, status }, Some(case)) = (event, &before)
            && *lease == case.leases
            && matches!(case.delivery, Delivery::Leased { sending: false, .. })
        {
            self.read = Verdict::parse(status).is_none();
        }
        if matches!(
            event,
            Event::RetryDead { .. } | Event::ResolveConflict { .. }
        ) {
            self.told = false;
        }
        self.answer = None;
        for effect in next.effects {
            self.effect(effect, next.state.as_ref());
        }
        self.case = next.state;
        match (&before, &self.case) {
            // A case outlives every sender it had (`Settings::check`), and what they had to say.
            (Some(_), None) => {
                self.tasks.clear();
                self.messages.clear();
            }
            (None, Some(_)) => {
                assert_eq!(self.received, [], "what was decided is reviewed again");
            }
            _ => {}
        }
        let noted = self.case.as_ref().and_then(|case| {
            let decision = case.decision.as_ref().filter(|decision| decision.noted)?;
            Some((decision.at, decision.by.clone()))
        });
        assert_eq!(self.note, noted, "a note is for the decision that stands");
        if let Some(case) = &self.case {
            self.told |= matches!(case.delivery, Delivery::Unconfirmed { .. });
            if matches!(case.delivery, Delivery::Delivered { .. }) {
                let verdict = case.decision.as_ref().unwrap().verdict;
                assert_eq!(self.upstream, Some(verdict), "delivered, it says");
            }
            let died = matches!(case.delivery, Delivery::Dead { .. })
                && before.as_ref().map(|before| &before.delivery) != Some(&case.delivery);
            assert!(!(died && self.unseen), "given up without a last look");
            let under_way = case.decision.is_some()
                && case.closed_at.is_none()
                && !matches!(
                    case.delivery,
                    Delivery::Approval | Delivery::Conflict { .. } | Delivery::Dead { .. }
                );
            assert_eq!(
                case.due_at().is_some(),
                under_way,
                "nobody would look again"
            );
        }
    }

    /// What is true of every effect; what a sender is told is kept for it.
    fn effect(&mut self, effect: Effect, state: Option<&Case>) {
        match &effect {
            Effect::Audit { action, .. } => {
                if *action == "delivered" {
                    self.delivered += 1;
                    assert_eq!(self.delivered, 1, "counted twice");
                }
            }
            Effect::ReadStatus { .. } | Effect::ConfirmStatus { .. } => self.task(effect, state),
            Effect::PutStatus {
                lease,
                verdict,
                timeout_ms,
            } => {
                let case = state.unwrap();
                let decision = case.decision.as_ref().unwrap();
                assert_eq!(decision.verdict, *verdict);
                assert!(!self.told, "sent again what upstream has queued");
                let Delivery::Leased {
                    until,
                    sending: true,
                    ..
                } = case.delivery
                else {
                    panic!("sent without a lease");
                };
                assert!(
                    self.now + timeout_ms < until,
                    "somebody else may begin before this one has ended"
                );
                assert!(*lease > self.put_under, "two PUTs under one lease");
                self.put_under = *lease;
                self.task(effect, state);
            }
            Effect::Respond { status, .. } => {
                assert_eq!(self.answer, None, "two answers");
                self.answer = Some(*status);
            }
            Effect::Kick { at } => assert!(*at >= self.now),
            Effect::KeepNote { at, by, .. } => {
                assert_eq!(self.note, None, "one note over another");
                self.note = Some((*at, by.clone()));
            }
            Effect::DropNote { .. } | Effect::Forget { .. } => self.note = None,
            Effect::Refused { .. } => {}
        }
    }

    fn task(&mut self, effect: Effect, state: Option<&Case>) {
        let decision = state.unwrap().decision.as_ref().unwrap();
        self.tasks.push(Task {
            effect,
            at: self.now,
            verdict: decision.verdict,
        });
    }

    /// One decision for ever: it goes only by an undo, and an undo comes only before the first lease.
    fn check_decision(&self, before: Option<&Case>, after: Option<&Case>, event: &Event) {
        let (Some(before), Some(after)) = (before, after) else {
            return;
        };
        assert!(after.leases >= before.leases);
        let Some(decision) = &before.decision else {
            return;
        };
        let Some(kept) = &after.decision else {
            assert!(matches!(event, Event::Undo { .. }), "lost by {event:?}");
            assert_eq!(before.leases, 0, "undone after a sender had it");
            assert!(self.received.is_empty(), "undone after it was sent");
            return;
        };
        assert_eq!(
            (kept.verdict, &kept.by, kept.at, &kept.key),
            (decision.verdict, &decision.by, decision.at, &decision.key)
        );
    }

    /// Upstream is well again, the senders are new, and the sweep comes by as often as it takes.
    pub fn settle(&mut self) {
        self.apply(&Op::Crash);
        self.apply(&Op::WorkOff(true));
        for _ in 0..50 {
            if self.case.as_ref().and_then(Case::due_at).is_none() {
                return;
            }
            self.apply(&Op::PassUntilDue);
            self.say(&Event::Lease);
            while !self.tasks.is_empty() {
                self.perform(0, Mood::Applies);
                while !self.messages.is_empty() {
                    self.apply(&Op::Arrive(0, false));
                }
            }
        }
        panic!("it goes on for ever: {:?}", self.case);
    }

    /// What upstream has ended stays with nobody for ever.
    fn let_go(mut self) {
        if self.case.as_ref().is_some_and(|case| {
            case.closed_at.is_none()
                && matches!(case.delivery, Delivery::None | Delivery::Dead { .. })
        }) {
            self.now += self.settings.claim_ms;
            self.apply(&Op::Resolve("ada@example.com".into(), true));
            let closed = self.case.as_ref().and_then(|case| case.closed_at);
            assert!(closed.is_some(), "it stays: {:?}", self.case);
        }
    }

    /// Every decision ends: delivered, in conflict, or as a dead letter that a person can bring back to life.
    pub fn end(mut self) {
        self.settle();
        if let Some(Case {
            delivery: Delivery::Dead { .. },
            ..
        }) = self.case
        {
            self.say(&Event::RetryDead {
                by: "ada@example.com".into(),
            });
            assert_eq!(self.answer, Some(202));
            self.settle();
        }
        if self.end.is_some() {
            return self.let_go();
        }
        let Some(case) = self.case else {
            return;
        };
        let verdict = case.decision.as_ref().map(|decision| decision.verdict);
        match case.delivery {
            Delivery::None | Delivery::Approval => assert_eq!(self.received, []),
            Delivery::Delivered { .. } => assert_eq!(self.upstream, verdict),
            Delivery::Conflict { shown, .. } => {
                assert_ne!(Some(shown), verdict);
            }
            Delivery::Resolved { shown, .. } => assert_ne!(Some(shown), verdict),
            delivery => panic!("not an end: {delivery:?}"),
        }
    }
}
