//! States, events and settings as JSON: read with eyes that copy only what is known, written in one place.

use super::audit::Row;
use super::case::{Approval, Case, Claim, Decision, Delivery, MAX_TIME, Time, UNDONE_KEPT, Undone};
use super::event::{Effect, Event};
use super::machine::Step;
use super::settings::Settings;
use super::value::Value;
use crate::decision::{Outcome, Verdict};
use crate::json::{Json, Kind, Misfit, expect};
use crate::link::request_id;

type Read<T> = Result<T, Misfit>;

/// Eyes that also tell `true` from `false`.
pub trait Eyes: Json {
    /// Which of the two it is.
    fn flag(&self) -> Option<bool>;
    /// The names of an object's properties.
    fn names(&self) -> Vec<String>;
}

// Reading

/// A state: `null`, or what [`case_out`] wrote.
///
/// # Errors
/// The first misfit, by path.
pub fn case_in<J: Eyes>(value: &J) -> Read<Option<Case>> {
    if value.kind() == Kind::Null {
        return Ok(None);
    }
    expect(value, Kind::Object, "")?;
    let mut undone = Vec::new();
    let list = value.get("undone");
    expect(&list, Kind::Array, "undone")?;
    for index in (0..list.count()).take(UNDONE_KEPT) {
        let item = list.at(index);
        undone.push(undone_in(&item).map_err(|misfit| misfit.inside(index).below("undone"))?);
    }
    let case = Case {
        id: id(value)?,
        version: whole(value, "version")?,
        opened_at: whole(value, "openedAt")?,
        closed_at: optional(value, "closedAt", whole)?,
        delivered_at: optional(value, "deliveredAt", whole)?,
        upstream_status: text(value, "upstreamStatus")?,
        claim: nested(value, "claim", claim_in)?,
        decision: nested(value, "decision", decision_in)?,
        delivery: delivery_in(&value.get("delivery")).map_err(|misfit| misfit.below("delivery"))?,
        leases: small(value, "leases")?,
        undone,
    };
    let frozen = !matches!(case.delivery, Delivery::None);
    if frozen && case.decision.is_none() {
        return Err(misfit("decision", "an object where something is delivered"));
    }
    Ok(Some(case))
}

fn claim_in<J: Eyes>(value: &J) -> Read<Claim> {
    Ok(Claim {
        by: by(value)?,
        until: whole(value, "until")?,
    })
}

fn decision_in<J: Eyes>(value: &J) -> Read<Decision> {
    Ok(Decision {
        verdict: verdict(value, "verdict")?,
        by: by(value)?,
        at: whole(value, "at")?,
        reason: optional(value, "reason", text)?,
        // A decision from before there were notes says nothing of one.
        noted: optional(value, "noted", flag)?.unwrap_or(false),
        key: optional(value, "key", text)?,
        send_after: optional(value, "sendAfter", whole)?,
        approval: nested(value, "approval", |value| {
            Ok(Approval {
                by: by(value)?,
                at: whole(value, "at")?,
                send_after: whole(value, "sendAfter")?,
            })
        })?,
    })
}

fn undone_in<J: Eyes>(value: &J) -> Read<Undone> {
    Ok(Undone {
        by: by(value)?,
        key: text(value, "key")?,
    })
}

fn delivery_in<J: Eyes>(value: &J) -> Read<Delivery> {
    expect(value, Kind::Object, "")?;
    Ok(match text(value, "state")?.as_str() {
        "none" => Delivery::None,
        "approval" => Delivery::Approval,
        "waiting" => Delivery::Waiting {
            send_after: whole(value, "sendAfter")?,
        },
        "leased" => Delivery::Leased {
            until: whole(value, "until")?,
            attempts: small(value, "attempts")?,
            sending: flag(value, "sending")?,
            since: whole(value, "since")?,
            queued: flag(value, "queued")?,
            last: optional(value, "last", text)?,
        },
        "retrying" => Delivery::Retrying {
            not_before: whole(value, "notBefore")?,
            attempts: small(value, "attempts")?,
            code: text(value, "code")?,
            since: whole(value, "since")?,
        },
        "unconfirmed" => Delivery::Unconfirmed {
            not_before: whole(value, "notBefore")?,
            attempts: small(value, "attempts")?,
            since: whole(value, "since")?,
        },
        "delivered" => Delivery::Delivered {
            at: whole(value, "at")?,
            outcome: outcome(value)?,
        },
        "conflict" => Delivery::Conflict {
            at: whole(value, "at")?,
            shown: verdict(value, "shown")?,
        },
        "dead" => Delivery::Dead {
            at: whole(value, "at")?,
            attempts: small(value, "attempts")?,
            code: text(value, "code")?,
            status: optional(value, "status", small)?,
        },
        "resolved" => Delivery::Resolved {
            at: whole(value, "at")?,
            by: by(value)?,
            shown: verdict(value, "shown")?,
        },
        _ => return Err(misfit("state", "the state of a delivery")),
    })
}

/// An event.
///
/// # Errors
/// The first misfit, by path.
pub fn event_in<J: Eyes>(value: &J) -> Read<Event> {
    expect(value, Kind::Object, "")?;
    Ok(match text(value, "type")?.as_str() {
        "intake-confirmed" => Event::IntakeConfirmed {
            id: id(value)?,
            status: text(value, "status")?,
        },
        "upstream-status" => Event::UpstreamStatus {
            status: text(value, "status")?,
        },
        "claim" => Event::Claim { by: by(value)? },
        "release" => Event::Release {
            by: by(value)?,
            admin: optional(value, "admin", flag)?.unwrap_or(false),
        },
        "decide" => Event::Decide {
            verdict: verdict(value, "verdict")?,
            by: by(value)?,
            reason: optional(value, "reason", text)?,
            noted: optional(value, "noted", flag)?.unwrap_or(false),
            key: optional(value, "key", text)?,
        },
        "approve" => Event::Approve {
            verdict: verdict(value, "verdict")?,
            by: by(value)?,
        },
        "undo" => Event::Undo {
            by: by(value)?,
            admin: optional(value, "admin", flag)?.unwrap_or(false),
        },
        "lease" => Event::Lease,
        "status-read" => Event::StatusRead {
            lease: small(value, "lease")?,
            status: text(value, "status")?,
        },
        "sent" => Event::Sent {
            lease: small(value, "lease")?,
            outcome: outcome(value)?,
        },
        "send-failed" => Event::SendFailed {
            lease: small(value, "lease")?,
            code: text(value, "code")?,
            status: optional(value, "status", small)?,
            retryable: flag(value, "retryable")?,
            retry_after_ms: optional(value, "retryAfterMs", wait)?,
        },
        "retry-dead" => Event::RetryDead { by: by(value)? },
        "resolve-conflict" => Event::ResolveConflict {
            by: by(value)?,
            accept: match text(value, "how")?.as_str() {
                "accept" => true,
                "retry" => false,
                _ => return Err(misfit("how", "accept or retry")),
            },
            gone: optional(value, "gone", flag)?.unwrap_or(false),
        },
        "purge" => Event::Purge,
        _ => return Err(misfit("type", "the type of an event")),
    })
}

/// Settings: what is not there has its default.
///
/// # Errors
/// The first misfit, by path; or a combination that would break a promise.
pub fn settings_in<J: Eyes>(value: &J) -> Read<Settings> {
    let plain = Settings::default();
    if matches!(value.kind(), Kind::Absent | Kind::Null) {
        return Ok(plain);
    }
    expect(value, Kind::Object, "")?;
    let Value::Object(known) = settings_out(&plain) else {
        return Ok(plain);
    };
    if let Some(unknown) = value
        .names()
        .iter()
        .find(|name| known.iter().all(|(known, _)| known != name))
    {
        return Err(misfit(unknown, "left out: there is no such setting"));
    }
    let ms = |name, otherwise| Ok(optional(value, name, whole)?.unwrap_or(otherwise));
    let settings = Settings {
        undo_ms: ms("undoMs", plain.undo_ms)?,
        claim_ms: ms("claimMs", plain.claim_ms)?,
        send_timeout_ms: ms("sendTimeoutMs", plain.send_timeout_ms)?,
        lease_ms: ms("leaseMs", plain.lease_ms)?,
        give_up_ms: ms("giveUpMs", plain.give_up_ms)?,
        backoff_base_ms: ms("backoffBaseMs", plain.backoff_base_ms)?,
        backoff_cap_ms: ms("backoffCapMs", plain.backoff_cap_ms)?,
        retention_ms: ms("retentionMs", plain.retention_ms)?,
        two_person: optional(value, "twoPerson", flag)?.unwrap_or(plain.two_person),
    };
    settings
        .check()
        .map_err(|(name, expected)| misfit(name, expected))?;
    Ok(settings)
}

/// A row of the audit.
///
/// # Errors
/// The first misfit, by path.
pub fn row_in<J: Eyes>(value: &J) -> Read<Row> {
    expect(value, Kind::Object, "")?;
    Ok(Row {
        seq: integer(value, "seq")?,
        prev: text(value, "prev")?,
        at: integer(value, "at")?,
        case: text(value, "case")?,
        action: text(value, "action")?,
        by: text(value, "by")?,
        detail: text(value, "detail")?,
        hash: optional(value, "hash", text)?.unwrap_or_default(),
    })
}

/// A whole number that JavaScript holds exactly.
///
/// # Errors
/// The misfit at `name`.
pub fn whole<J: Eyes>(parent: &J, name: &'static str) -> Read<Time> {
    let number = parent.get(name).number();
    match number {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and 2^53"
        )]
        Some(number) if (0.0..=MAX_TIME as f64).contains(&number) && number % 1.0 == 0.0 => {
            Ok(number as u64)
        }
        _ => Err(misfit(name, "a whole number, not negative")),
    }
}

/// A whole number of the database's, which may be any of 64 bits.
fn integer<J: Eyes>(parent: &J, name: &'static str) -> Read<i64> {
    match parent.get(name).number() {
        #[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
        Some(number) if number % 1.0 == 0.0 => Ok(number as i64),
        _ => Err(misfit(name, "a whole number")),
    }
}

/// A wait that somebody computed: parts of a millisecond count as one, for earlier than asked is too early.
fn wait<J: Eyes>(parent: &J, name: &'static str) -> Read<u64> {
    match parent.get(name).number() {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "not negative, and `as` saturates"
        )]
        Some(number) if number >= 0.0 => Ok(number.ceil() as u64),
        _ => Err(misfit(name, "a number, not negative")),
    }
}

fn small<J: Eyes>(parent: &J, name: &'static str) -> Read<u32> {
    u32::try_from(whole(parent, name)?).map_err(|_| misfit(name, "a whole number below 2^32"))
}

fn text<J: Eyes>(parent: &J, name: &'static str) -> Read<String> {
    let value = parent.get(name);
    expect(&value, Kind::String, name)?;
    Ok(value.text().unwrap_or_default())
}

fn flag<J: Eyes>(parent: &J, name: &'static str) -> Read<bool> {
    let flag = parent.get(name).flag();
    flag.ok_or_else(|| misfit(name, "true or false"))
}

/// Who: nobody is no one.
fn by<J: Eyes>(parent: &J) -> Read<String> {
    let by = text(parent, "by")?;
    if by.trim().is_empty() || by.len() > 512 {
        return Err(misfit("by", "a name of at most 512 bytes"));
    }
    Ok(by)
}

fn id<J: Eyes>(parent: &J) -> Read<String> {
    let id = text(parent, "id")?;
    request_id(&id, "id").map_err(|_| misfit("id", "the id of a request"))?;
    Ok(id)
}

fn verdict<J: Eyes>(parent: &J, name: &'static str) -> Read<Verdict> {
    Verdict::parse(&text(parent, name)?).ok_or_else(|| misfit(name, "partner-pass or partner-fail"))
}

fn outcome<J: Eyes>(parent: &J) -> Read<Outcome> {
    let told = text(parent, "outcome")?;
    [Outcome::Applied, Outcome::AlreadyApplied, Outcome::Queued]
        .into_iter()
        .find(|outcome| outcome.as_str() == told)
        .ok_or_else(|| misfit("outcome", "applied, already-applied or queued"))
}

fn optional<J: Eyes, T>(
    parent: &J,
    name: &'static str,
    read: impl Fn(&J, &'static str) -> Read<T>,
) -> Read<Option<T>> {
    match parent.get(name).kind() {
        Kind::Absent | Kind::Null => Ok(None),
        _ => read(parent, name).map(Some),
    }
}

fn nested<J: Eyes, T>(
    parent: &J,
    name: &'static str,
    read: impl Fn(&J) -> Read<T>,
) -> Read<Option<T>> {
    let value = parent.get(name);
    match value.kind() {
        Kind::Absent | Kind::Null => Ok(None),
        _ => expect(&value, Kind::Object, "")
            .and_then(|()| read(&value))
            .map(Some)
            .map_err(|misfit| misfit.below(name)),
    }
}

fn misfit(path: &str, expected: &'static str) -> Misfit {
    Misfit {
        path: path.to_owned(),
        expected,
    }
}

// Writing

/// What comes of an event.
pub fn step_out(step: &Step) -> Value {
    Value::object([
        ("state", step.state.as_ref().map(case_out).into()),
        ("changed", step.changed.into()),
        (
            "effects",
            Value::List(step.effects.iter().map(effect_out).collect()),
        ),
    ])
}

/// A state, with what a queue wants to know beside it.
pub fn case_out(case: &Case) -> Value {
    let undone = case.undone.iter().map(|Undone { by, key }| {
        Value::object([("by", Value::from(by)), ("key", Value::from(key))])
    });
    Value::object([
        ("id", Value::from(&case.id)),
        ("version", case.version.into()),
        ("case", case.stage().into()),
        ("openedAt", case.opened_at.into()),
        ("closedAt", case.closed_at.into()),
        ("deliveredAt", case.delivered_at.into()),
        ("dueAt", case.due_at().into()),
        ("upstreamStatus", Value::from(&case.upstream_status)),
        ("claim", case.claim.as_ref().map(claim_out).into()),
        ("decision", case.decision.as_ref().map(decision_out).into()),
        ("delivery", delivery_out(&case.delivery)),
        ("leases", case.leases.into()),
        ("undone", Value::List(undone.collect())),
    ])
}

/// All settings.
pub fn settings_out(settings: &Settings) -> Value {
    Value::object([
        ("undoMs", settings.undo_ms.into()),
        ("claimMs", settings.claim_ms.into()),
        ("sendTimeoutMs", settings.send_timeout_ms.into()),
        ("leaseMs", settings.lease_ms.into()),
        ("giveUpMs", settings.give_up_ms.into()),
        ("backoffBaseMs", settings.backoff_base_ms.into()),
        ("backoffCapMs", settings.backoff_cap_ms.into()),
        ("retentionMs", settings.retention_ms.into()),
        ("twoPerson", settings.two_person.into()),
    ])
}

fn claim_out(claim: &Claim) -> Value {
    Value::object([
        ("by", Value::from(&claim.by)),
        ("until", claim.until.into()),
    ])
}

fn decision_out(decision: &Decision) -> Value {
    let approval = decision.approval.as_ref().map(|approval| {
        Value::object([
            ("by", Value::from(&approval.by)),
            ("at", approval.at.into()),
            ("sendAfter", approval.send_after.into()),
        ])
    });
    Value::object([
        ("verdict", decision.verdict.as_str().into()),
        ("by", Value::from(&decision.by)),
        ("at", decision.at.into()),
        ("reason", decision.reason.as_ref().into()),
        ("noted", decision.noted.into()),
        ("key", decision.key.as_ref().into()),
        ("sendAfter", decision.send_after.into()),
        ("approval", approval.into()),
    ])
}

fn delivery_out(delivery: &Delivery) -> Value {
    let mut fields = vec![("state", Value::from(delivery.as_str()))];
    match delivery {
        Delivery::None | Delivery::Approval => {}
        Delivery::Waiting { send_after } => fields.push(("sendAfter", (*send_after).into())),
        Delivery::Leased {
            until,
            attempts,
            sending,
            since,
            queued,
            last,
        } => fields.extend([
            ("until", (*until).into()),
            ("attempts", (*attempts).into()),
            ("sending", (*sending).into()),
            ("since", (*since).into()),
            ("queued", (*queued).into()),
            ("last", last.as_ref().into()),
        ]),
        Delivery::Retrying {
            not_before,
            attempts,
            code,
            since,
        } => fields.extend([
            ("notBefore", (*not_before).into()),
            ("attempts", (*attempts).into()),
            ("code", code.into()),
            ("since", (*since).into()),
        ]),
        Delivery::Unconfirmed {
            not_before,
            attempts,
            since,
        } => fields.extend([
            ("notBefore", (*not_before).into()),
            ("attempts", (*attempts).into()),
            ("since", (*since).into()),
        ]),
        Delivery::Delivered { at, outcome } => {
            fields.extend([("at", (*at).into()), ("outcome", outcome.as_str().into())]);
        }
        Delivery::Conflict { at, shown } => {
            fields.extend([("at", (*at).into()), ("shown", shown.as_str().into())]);
        }
        Delivery::Dead {
            at,
            attempts,
            code,
            status,
        } => fields.extend([
            ("at", (*at).into()),
            ("attempts", (*attempts).into()),
            ("code", code.into()),
            ("status", (*status).into()),
        ]),
        Delivery::Resolved { at, by, shown } => fields.extend([
            ("at", (*at).into()),
            ("by", by.into()),
            ("shown", shown.as_str().into()),
        ]),
    }
    Value::Object(fields)
}

fn effect_out(effect: &Effect) -> Value {
    match effect {
        Effect::Audit {
            at,
            case,
            action,
            by,
            detail,
        } => Value::object([
            ("type", "audit".into()),
            ("at", (*at).into()),
            ("case", case.into()),
            ("action", (*action).into()),
            ("by", by.into()),
            ("detail", Value::Text(detail.print())),
        ]),
        Effect::KeepNote { case, at, by } => Value::object([
            ("type", "keep-note".into()),
            ("case", case.into()),
            ("at", (*at).into()),
            ("by", by.into()),
        ]),
        Effect::DropNote { case } => {
            Value::object([("type", "drop-note".into()), ("case", case.into())])
        }
        Effect::Kick { at } => Value::object([("type", "kick".into()), ("at", (*at).into())]),
        Effect::ReadStatus { lease, timeout_ms } => Value::object([
            ("type", "read-status".into()),
            ("lease", (*lease).into()),
            ("timeoutMs", (*timeout_ms).into()),
        ]),
        Effect::ConfirmStatus { lease, timeout_ms } => Value::object([
            ("type", "confirm-status".into()),
            ("lease", (*lease).into()),
            ("timeoutMs", (*timeout_ms).into()),
        ]),
        Effect::PutStatus {
            lease,
            verdict,
            timeout_ms,
        } => Value::object([
            ("type", "put-status".into()),
            ("lease", (*lease).into()),
            ("verdict", verdict.as_str().into()),
            ("timeoutMs", (*timeout_ms).into()),
        ]),
        Effect::Respond { status, body } => Value::object([
            ("type", "respond".into()),
            ("status", (*status).into()),
            ("body", body.clone()),
        ]),
        Effect::Refused { why, due_at } => Value::object([
            ("type", "refused".into()),
            ("why", (*why).into()),
            ("dueAt", (*due_at).into()),
        ]),
        Effect::Forget { id } => Value::object([("type", "forget".into()), ("id", id.into())]),
    }
}
