//! Each rule, and each answer, by its own example.

use super::stored;
use crate::decision::{Outcome, Verdict};
use crate::desk::case::{Case, MAX_TIME, Time};
use crate::desk::event::Event;
use crate::desk::machine::{Moment, Step, step};
use crate::desk::settings::Settings;
use crate::desk::wire::{case_in, event_in, settings_in, settings_out, step_out};
use serde_json::{Value, json};

const T: Time = 1_795_000_000_000;
const ADA: &str = "ada@example.com";
const BEN: &str = "ben@example.com";

/// A desk with one case, told events as the Worker tells them.
struct Desk {
    case: Option<Case>,
    now: Time,
    settings: Settings,
    last: Value,
}

impl Desk {
    fn closed() -> Self {
        Self {
            case: None,
            now: T,
            settings: Settings::default(),
            last: Value::Null,
        }
    }

    fn open() -> Self {
        let mut desk = Self::closed();
        desk.say(
            json!({ "type": "intake-confirmed", "id": "abc123", "status": "verification-success" }),
        );
        desk
    }

    fn two_person() -> Self {
        let mut desk = Self::open();
        desk.settings.two_person = true;
        desk
    }

    /// Decided `partner-pass` by Ada, and leased.
    fn leased() -> Self {
        let mut desk = Self::open();
        desk.say(json!({ "type": "decide", "verdict": "partner-pass", "by": ADA, "key": "k1" }));
        desk.now += 10_000;
        desk.say(json!({ "type": "lease" }));
        assert_eq!(
            desk.effect("read-status"),
            json!({ "type": "read-status", "lease": 1, "timeoutMs": 15_000 })
        );
        desk
    }

    fn sending() -> Self {
        let mut desk = Self::leased();
        desk.say(json!({ "type": "status-read", "lease": 1, "status": "verification-success" }));
        assert_eq!(
            desk.effect("put-status"),
            json!({ "type": "put-status", "lease": 1, "verdict": "partner-pass", "timeoutMs": 15_000 })
        );
        desk
    }

    fn delivered() -> Self {
        let mut desk = Self::sending();
        desk.say(json!({ "type": "sent", "lease": 1, "outcome": "applied" }));
        desk
    }

    fn dead() -> Self {
        let mut desk = Self::sending();
        desk.say(json!({ "type": "send-failed", "lease": 1, "code": "forbidden", "status": 403, "retryable": false }));
        desk
    }

    fn in_conflict() -> Self {
        let mut desk = Self::leased();
        desk.say(json!({ "type": "status-read", "lease": 1, "status": "partner-fail" }));
        desk
    }

    fn say(&mut self, event: Value) {
        let event = event_in(&Some(event)).unwrap();
        let moment = Moment {
            now: self.now,
            random: 0.5,
        };
        let next: Step = step(
            self.case.as_ref().and_then(stored),
            &event,
            moment,
            &self.settings,
        );
        self.last = serde_json::from_str(&step_out(&next).print()).unwrap();
        self.case = next.state;
    }

    /// The answer to an event: status and body.
    fn ask(&mut self, event: Value) -> (u64, Value) {
        self.say(event);
        let answer = self.effect("respond");
        (answer["status"].as_u64().unwrap(), answer["body"].clone())
    }

    fn effect(&self, kind: &str) -> Value {
        let effects = self.last["effects"].as_array().unwrap();
        let mut found = effects.iter().filter(|effect| effect["type"] == kind);
        let effect = found.next().cloned().unwrap_or_default();
        assert!(found.next().is_none(), "two of {kind}");
        effect
    }

    fn audited(&self) -> Vec<String> {
        let effects = self.last["effects"].as_array().unwrap();
        let rows = effects.iter().filter(|effect| effect["type"] == "audit");
        rows.map(|row| {
            assert_eq!(row["case"], "abc123");
            assert_eq!(row["at"], self.now);
            let detail: Value = serde_json::from_str(row["detail"].as_str().unwrap()).unwrap();
            format!(
                "{} {} {detail}",
                row["by"].as_str().unwrap(),
                row["action"].as_str().unwrap()
            )
        })
        .collect()
    }

    fn changed(&self) -> bool {
        self.last["changed"].as_bool().unwrap()
    }

    fn state(&self) -> &Value {
        &self.last["state"]
    }

    fn delivery(&self) -> &Value {
        &self.last["state"]["delivery"]
    }
}

fn decide(verdict: &str, by: &str) -> Value {
    json!({ "type": "decide", "verdict": verdict, "by": by })
}

fn keyed(verdict: &str, by: &str, key: &str) -> Value {
    json!({ "type": "decide", "verdict": verdict, "by": by, "key": key })
}

/// Who decided what, and when, as all are told that come later.
fn adas() -> Value {
    json!({ "status": "partner-pass", "by": ADA, "at": T })
}

// Intake

#[test]
fn what_upstream_confirms_becomes_a_case() {
    let desk = Desk::open();
    assert_eq!(
        desk.audited(),
        [r#"desk opened {"status":"verification-success"}"#]
    );
    assert_eq!(
        *desk.state(),
        json!({
            "id": "abc123", "version": 1, "case": "open", "openedAt": T, "closedAt": null, "deliveredAt": null, "dueAt": null,
            "upstreamStatus": "verification-success", "claim": null, "decision": null, "delivery": { "state": "none" },
            "leases": 0, "undone": [],
        })
    );
}

#[test]
fn what_is_decided_or_known_already_is_not_opened_again() {
    let mut desk = Desk::closed();
    desk.say(json!({ "type": "intake-confirmed", "id": "abc123", "status": "partner-fail" }));
    assert_eq!(
        desk.last,
        json!({ "state": null, "changed": false, "effects": [] })
    );

    let mut desk = Desk::open();
    desk.say(
        json!({ "type": "intake-confirmed", "id": "abc123", "status": "verification-success" }),
    );
    assert!(!desk.changed());
    assert_eq!(desk.last["effects"], json!([]));
}

#[test]
fn no_text_of_upstreams_is_kept() {
    let mut desk = Desk::open();
    for status in ["Jane Q. Specimen", "", "jane@example.com", &"a".repeat(41)] {
        desk.say(json!({ "type": "upstream-status", "status": status }));
        assert_eq!(desk.case.as_ref().unwrap().upstream_status, "unknown");
    }
    for status in ["some-new-state", &"a".repeat(40)] {
        desk.say(json!({ "type": "upstream-status", "status": status }));
        assert_eq!(desk.state()["upstreamStatus"], status);
    }
    let mut desk = Desk::sending();
    desk.say(json!({ "type": "send-failed", "lease": 1, "code": "Jane Q. Specimen", "retryable": false }));
    assert_eq!(desk.delivery()["code"], "internal");
}

#[test]
fn nobody_is_told_of_what_is_no_case() {
    let mut desk = Desk::closed();
    for event in [
        json!({ "type": "claim", "by": ADA }),
        json!({ "type": "release", "by": ADA }),
        decide("partner-pass", ADA),
        json!({ "type": "approve", "verdict": "partner-pass", "by": ADA }),
        json!({ "type": "undo", "by": ADA, "admin": true }),
        json!({ "type": "retry-dead", "by": ADA }),
        json!({ "type": "resolve-conflict", "by": ADA, "how": "accept" }),
    ] {
        assert_eq!(desk.ask(event), (404, json!({ "error": "not_found" })));
        assert!(!desk.changed());
    }
    for event in [
        json!({ "type": "lease" }),
        json!({ "type": "status-read", "lease": 1, "status": "partner-pass" }),
        json!({ "type": "sent", "lease": 1, "outcome": "applied" }),
        json!({ "type": "send-failed", "lease": 1, "code": "network", "retryable": true }),
        json!({ "type": "purge" }),
    ] {
        desk.say(event);
        assert_eq!(
            desk.effect("refused"),
            json!({ "type": "refused", "why": "no_case", "dueAt": null })
        );
        assert!(!desk.changed());
    }
}

// Claims

#[test]
fn one_reviewer_at_a_time() {
    let mut desk = Desk::open();
    let until = T + 900_000;
    let mine = json!({ "id": "abc123", "claim": { "by": ADA, "until": until } });
    assert_eq!(
        desk.ask(json!({ "type": "claim", "by": ADA })),
        (200, mine.clone())
    );
    assert_eq!(
        desk.audited(),
        [format!(r#"{ADA} claimed {{"until":{until}}}"#)]
    );
    assert_eq!(desk.ask(json!({ "type": "claim", "by": ADA })), (200, mine));
    assert!(!desk.changed(), "the same moment, the same claim");

    let hers = json!({ "error": "claimed", "by": ADA, "until": until });
    assert_eq!(
        desk.ask(json!({ "type": "claim", "by": BEN })),
        (409, hers.clone())
    );
    assert_eq!(desk.ask(decide("partner-pass", BEN)), (409, hers));
    let refused = json!({ "error": "forbidden", "why": "not_yours" });
    assert_eq!(
        desk.ask(json!({ "type": "release", "by": BEN })),
        (403, refused)
    );

    desk.now += 1000;
    desk.say(json!({ "type": "claim", "by": ADA }));
    assert_eq!(desk.state()["claim"]["until"], until + 1000, "prolonged");
    assert_eq!(desk.audited(), [""; 0]);
    assert_eq!(desk.ask(json!({ "type": "release", "by": ADA })).0, 200);
    assert_eq!(desk.state()["claim"], Value::Null);
    assert_eq!(
        desk.ask(json!({ "type": "release", "by": ADA })).0,
        200,
        "once more"
    );
    assert!(!desk.changed());
}

#[test]
fn an_admin_may_release_anothers_claim() {
    let mut desk = Desk::open();
    desk.say(json!({ "type": "claim", "by": ADA }));
    let free = json!({ "id": "abc123", "claim": null });
    assert_eq!(
        desk.ask(json!({ "type": "release", "by": BEN, "admin": true })),
        (200, free)
    );
    assert_eq!(
        desk.audited(),
        [format!(r#"{BEN} released {{"holder":"{ADA}"}}"#)]
    );
}

#[test]
fn claims_expire() {
    let mut desk = Desk::open();
    desk.say(json!({ "type": "claim", "by": ADA }));
    desk.now += 899_999;
    assert_eq!(desk.ask(json!({ "type": "claim", "by": BEN })).0, 409);
    desk.now += 1;
    let expired = format!(
        r#"desk claim-expired {{"holder":"{ADA}","until":{}}}"#,
        T + 900_000
    );
    assert_eq!(desk.ask(json!({ "type": "claim", "by": BEN })).0, 200);
    assert_eq!(desk.state()["claim"]["by"], BEN);
    let claimed = format!(r#"{BEN} claimed {{"until":{}}}"#, desk.now + 900_000);
    assert_eq!(desk.audited(), [expired.as_str(), claimed.as_str()]);
}

#[test]
fn whoever_comes_after_an_expired_claim_ends_it() {
    let at = T + 900_000;
    let expired = format!(r#"desk claim-expired {{"holder":"{ADA}","until":{at}}}"#);
    for (by, event, rest) in [
        (ADA, "claim", 1),
        (BEN, "claim", 1),
        (ADA, "release", 0),
        (BEN, "release", 0),
        (ADA, "decide", 1),
        (BEN, "decide", 1),
    ] {
        let mut desk = Desk::open();
        desk.say(json!({ "type": "claim", "by": ADA }));
        desk.now = at;
        let event = match event {
            "decide" => decide("partner-pass", by),
            kind => json!({ "type": kind, "by": by }),
        };
        let (status, _) = desk.ask(event);
        assert!(matches!(status, 200 | 202), "{status}");
        assert!(desk.changed());
        let audited = desk.audited();
        assert_eq!(audited.first(), Some(&expired), "once, and before all else");
        assert_eq!(audited.len(), 1 + rest);
        // What was claimed anew is held; nothing is left of the old one.
        assert_ne!(desk.state()["claim"]["until"], at);
    }
}

#[test]
fn there_is_nothing_to_claim_where_all_is_decided() {
    let mut desk = Desk::leased();
    let (status, body) = desk.ask(json!({ "type": "claim", "by": BEN }));
    assert_eq!(status, 409);
    assert_eq!(
        body,
        json!({ "error": "decided", "delivery": "leased", "decision": { "status": "partner-pass", "by": ADA, "at": T } })
    );
}

// Decisions

#[test]
fn a_decision_is_queued_and_the_first_one_wins() {
    let mut desk = Desk::open();
    desk.say(json!({ "type": "claim", "by": ADA }));
    let queued = json!({ "id": "abc123", "status": "partner-pass", "outcome": "queued", "decision": adas(), "sendAfter": T + 10_000 });
    let decision = json!({ "type": "decide", "verdict": "partner-pass", "by": ADA, "reason": "all-good", "key": "k1" });
    assert_eq!(desk.ask(decision), (202, queued.clone()));
    assert_eq!(
        desk.audited(),
        [format!(
            r#"{ADA} decided {{"reason":"all-good","verdict":"partner-pass"}}"#
        )]
    );
    assert_eq!(desk.effect("kick")["at"], T + 10_000);
    assert_eq!(desk.state()["case"], "decided");
    assert_eq!(desk.state()["claim"], Value::Null);
    assert_eq!(desk.state()["dueAt"], T + 10_000);

    desk.now += 5;
    let lost = json!({ "error": "conflict", "delivery": "waiting", "decision": { "status": "partner-pass", "by": ADA, "at": T } });
    for reviewer in 0..19 {
        let answer = desk.ask(decide(
            "partner-fail",
            &format!("reviewer{reviewer}@example.com"),
        ));
        assert_eq!(answer, (409, lost.clone()));
        assert!(!desk.changed());
    }
    assert_eq!(
        desk.ask(decide("partner-pass", BEN)),
        (202, queued),
        "the same verdict again"
    );
    assert!(!desk.changed());
}

#[test]
fn a_key_gets_the_first_answer_for_ever() {
    let mut desk = Desk::open();
    let first = desk.ask(keyed("partner-pass", ADA, "k1"));
    let again = |desk: &mut Desk| {
        assert_eq!(desk.ask(keyed("partner-pass", ADA, "k1")), first);
        assert!(!desk.changed());
        let reused = (422, json!({ "error": "key_reused" }));
        assert_eq!(desk.ask(keyed("partner-fail", ADA, "k1")), reused);
    };
    again(&mut desk);
    for mut desk in [
        Desk::leased(),
        Desk::sending(),
        Desk::delivered(),
        Desk::dead(),
        Desk::in_conflict(),
    ] {
        desk.now += 100;
        again(&mut desk);
    }
    // Another person's key is another key.
    assert_eq!(desk.ask(keyed("partner-fail", BEN, "k1")).0, 409);
    // And so is none, or another one of the same person's.
    for event in [
        decide("partner-fail", ADA),
        keyed("partner-fail", ADA, "k2"),
    ] {
        let mut keyless = Desk::open();
        keyless.say(decide("partner-pass", ADA));
        assert_eq!(keyless.ask(event.clone()).1["error"], "conflict");
        assert_eq!(desk.ask(event).1["error"], "conflict");
    }
    let mut done = Desk::delivered();
    assert_eq!(done.ask(decide("partner-pass", ADA)).0, 200);
    assert_eq!(done.ask(keyed("partner-pass", ADA, "k2")).0, 200);
}

fn noted(verdict: &str, by: &str) -> Value {
    json!({ "type": "decide", "verdict": verdict, "by": by, "key": "k1", "noted": true })
}

#[test]
fn a_note_is_kept_with_the_decision_it_came_with_and_no_other() {
    let mut desk = Desk::open();
    let first = desk.ask(noted("partner-fail", ADA));
    assert_eq!(
        desk.effect("keep-note"),
        json!({ "type": "keep-note", "case": "abc123", "at": T, "by": ADA })
    );
    assert_eq!(desk.state()["decision"]["noted"], true);
    assert_eq!(
        desk.audited(),
        [format!(
            r#"{ADA} decided {{"noted":true,"reason":null,"verdict":"partner-fail"}}"#
        )]
    );
    // Repeated with its key, by another, contradicted: whatever they bring along, the first one's stays.
    for (event, status) in [
        (noted("partner-fail", ADA), 202),
        (noted("partner-fail", BEN), 202),
        (noted("partner-pass", BEN), 409),
    ] {
        let answer = desk.ask(event);
        assert_eq!(answer.0, status);
        if status == 202 {
            assert_eq!(answer, first);
        }
        assert!(!desk.changed());
        assert_eq!(desk.effect("keep-note"), Value::Null);
    }
}

#[test]
fn a_note_cannot_come_later() {
    let mut desk = Desk::open();
    desk.say(keyed("partner-fail", ADA, "k1"));
    assert_eq!(desk.effect("keep-note"), Value::Null);
    assert_eq!(desk.ask(noted("partner-fail", ADA)).0, 202);
    assert_eq!(desk.effect("keep-note"), Value::Null);
    assert_eq!(desk.state()["decision"]["noted"], false);
    desk.say(json!({ "type": "undo", "by": ADA }));
    assert_eq!(desk.effect("drop-note"), Value::Null);
}

#[test]
fn a_verdict_that_is_undone_takes_its_note_along() {
    for (mut desk, by) in [(Desk::open(), ADA), (Desk::two_person(), BEN)] {
        desk.say(noted("partner-fail", ADA));
        desk.say(json!({ "type": "undo", "by": by }));
        assert_eq!(
            desk.effect("drop-note"),
            json!({ "type": "drop-note", "case": "abc123" })
        );
        assert_eq!(
            desk.audited(),
            [format!(
                r#"{by} undone {{"decider":"{ADA}","verdict":"partner-fail"}}"#
            )]
        );
    }
}

#[test]
fn a_decision_from_before_there_were_notes_has_none() {
    let mut desk = Desk::open();
    desk.say(keyed("partner-fail", ADA, "k1"));
    let mut old = desk.last["state"].clone();
    old["decision"].as_object_mut().unwrap().remove("noted");
    let read = super::case_in(&Some(old)).unwrap().unwrap();
    assert!(!read.decision.unwrap().noted);
}

#[test]
fn forms_are_codes() {
    let mut desk = Desk::open();
    for reason in ["", "Jane Q. Specimen is under age", "a.b", &"a".repeat(65)] {
        let event =
            json!({ "type": "decide", "verdict": "partner-pass", "by": ADA, "reason": reason });
        assert_eq!(
            desk.ask(event),
            (
                400,
                json!({ "error": "invalid_argument", "field": "reason" })
            )
        );
    }
    for key in ["", "a b", "ключ", &"a".repeat(129)] {
        let answer = desk.ask(keyed("partner-pass", ADA, key));
        assert_eq!(
            answer,
            (400, json!({ "error": "invalid_argument", "field": "key" }))
        );
    }
    assert!(!desk.changed());
    let event = json!({ "type": "decide", "verdict": "partner-pass", "by": ADA, "reason": "a".repeat(64), "key": "~".repeat(128) });
    assert_eq!(desk.ask(event).0, 202);
    let mut other = Desk::open();
    let reason = "under-18_or-so";
    let event = json!({ "type": "decide", "verdict": "partner-pass", "by": ADA, "reason": reason });
    assert_eq!(other.ask(event).0, 202);
}

#[test]
fn what_was_decided_elsewhere_is_closed() {
    let mut desk = Desk::open();
    desk.say(json!({ "type": "claim", "by": ADA }));
    desk.say(json!({ "type": "upstream-status", "status": "partner-fail" }));
    assert_eq!(
        desk.audited(),
        [r#"desk decided-upstream {"verdict":"partner-fail"}"#]
    );
    assert_eq!(desk.state()["case"], "closed");
    assert_eq!(desk.state()["claim"], Value::Null);
    desk.say(json!({ "type": "upstream-status", "status": "partner-fail" }));
    assert!(!desk.changed());
    let stands = json!({ "status": "partner-fail", "by": null, "at": T });
    let lost = json!({ "error": "conflict", "delivery": "none", "decision": stands.clone() });
    assert_eq!(desk.ask(decide("partner-pass", ADA)), (409, lost));
    let same = json!({ "id": "abc123", "status": "partner-fail", "outcome": "already-applied", "decision": stands });
    assert_eq!(desk.ask(decide("partner-fail", ADA)), (200, same));
    assert_eq!(desk.ask(json!({ "type": "claim", "by": ADA })).0, 409);
    // Read before the verdict came, told after it.
    desk.say(json!({ "type": "upstream-status", "status": "verification-success" }));
    assert!(!desk.changed());
}

// Undo

#[test]
fn undo_within_the_window() {
    let mut desk = Desk::open();
    assert_eq!(
        desk.ask(json!({ "type": "undo", "by": ADA })),
        (404, json!({ "error": "not_decided" }))
    );
    desk.say(keyed("partner-pass", ADA, "k1"));
    desk.now += 9_999;
    assert_eq!(
        desk.ask(json!({ "type": "undo", "by": BEN })),
        (403, json!({ "error": "forbidden", "why": "not_yours" }))
    );
    assert_eq!(
        desk.ask(json!({ "type": "undo", "by": ADA })),
        (200, json!({ "id": "abc123", "outcome": "undone" }))
    );
    assert_eq!(
        desk.audited(),
        [format!(
            r#"{ADA} undone {{"decider":"{ADA}","verdict":"partner-pass"}}"#
        )]
    );
    assert_eq!(desk.state()["case"], "open");
    assert_eq!(desk.state()["dueAt"], Value::Null);
    desk.say(json!({ "type": "lease" }));
    assert_eq!(desk.effect("refused")["why"], "nothing_to_send");

    assert_eq!(
        desk.ask(keyed("partner-pass", ADA, "k1")),
        (409, json!({ "error": "undone" })),
        "a late repeat"
    );
    assert_eq!(
        desk.ask(keyed("partner-fail", ADA, "k2")).0,
        202,
        "a change of mind"
    );
    assert_eq!(
        desk.ask(json!({ "type": "undo", "by": BEN, "admin": true }))
            .0,
        200,
        "an admin steps in"
    );
}

#[test]
fn no_undo_once_the_window_is_shut() {
    let mut desk = Desk::open();
    desk.say(decide("partner-pass", ADA));
    desk.now += 10_000;
    let late = json!({ "error": "too_late", "delivery": "waiting" });
    assert_eq!(desk.ask(json!({ "type": "undo", "by": ADA })), (409, late));
    for (mut desk, delivery) in [
        (Desk::leased(), "leased"),
        (Desk::sending(), "leased"),
        (Desk::delivered(), "delivered"),
        (Desk::dead(), "dead"),
        (Desk::in_conflict(), "conflict"),
    ] {
        // Whatever the clock of this machine says.
        desk.now = T;
        let late = json!({ "error": "too_late", "delivery": delivery });
        assert_eq!(
            desk.ask(json!({ "type": "undo", "by": ADA, "admin": true })),
            (409, late)
        );
        assert!(!desk.changed());
    }
}

#[test]
fn of_undone_keys_the_latest_are_remembered() {
    let mut desk = Desk::open();
    for round in 0..40 {
        desk.say(keyed("partner-pass", ADA, &format!("k{round}")));
        desk.say(json!({ "type": "undo", "by": ADA }));
    }
    assert_eq!(desk.state()["undone"].as_array().unwrap().len(), 32);
    assert_eq!(desk.ask(keyed("partner-pass", ADA, "k39")).0, 409);
    assert_eq!(desk.ask(keyed("partner-pass", ADA, "k8")).0, 409);
    // What Ada has taken back is nothing to Ben, who made up the same key.
    assert_eq!(desk.ask(keyed("partner-pass", BEN, "k39")).0, 202);
}

// Two people

#[test]
fn a_second_person_has_to_agree() {
    let mut desk = Desk::two_person();
    let asked = json!({ "id": "abc123", "status": "partner-pass", "outcome": "queued", "decision": adas(), "sendAfter": null, "approval": "required" });
    assert_eq!(
        desk.ask(keyed("partner-pass", ADA, "k1")),
        (202, asked.clone())
    );
    assert_eq!(desk.effect("kick"), Value::Null);
    desk.now += 1_000_000;
    desk.say(json!({ "type": "lease" }));
    assert_eq!(desk.effect("refused")["why"], "nothing_to_send");

    let approve =
        |by: &str, verdict: &str| json!({ "type": "approve", "by": by, "verdict": verdict });
    for spelling in [ADA, "Ada@Example.com"] {
        let refused = json!({ "error": "forbidden", "why": "second_person" });
        assert_eq!(desk.ask(approve(spelling, "partner-pass")), (403, refused));
    }
    let lost = json!({ "error": "conflict", "delivery": "approval", "decision": { "status": "partner-pass", "by": ADA, "at": T } });
    assert_eq!(
        desk.ask(approve(BEN, "partner-fail")),
        (409, lost),
        "not what was decided"
    );
    let queued = json!({ "id": "abc123", "status": "partner-pass", "outcome": "queued", "decision": adas(), "sendAfter": desk.now + 10_000 });
    assert_eq!(
        desk.ask(approve(BEN, "partner-pass")),
        (202, queued.clone())
    );
    assert_eq!(
        desk.audited(),
        [format!(r#"{BEN} approved {{"verdict":"partner-pass"}}"#)]
    );
    desk.now += 1;
    assert_eq!(
        desk.ask(approve(BEN, "partner-pass")),
        (202, queued),
        "again"
    );
    assert!(!desk.changed());
    assert_eq!(
        desk.ask(approve("cyd@example.com", "partner-pass")),
        (
            409,
            json!({ "error": "not_awaiting", "delivery": "waiting" })
        )
    );
    let refused = json!({ "error": "forbidden", "why": "second_person" });
    assert_eq!(
        desk.ask(approve(ADA, "partner-pass")),
        (403, refused),
        "whether somebody else came first or not"
    );
    assert_eq!(
        desk.ask(keyed("partner-pass", ADA, "k1")),
        (202, asked),
        "the first answer"
    );
    assert_eq!(
        desk.ask(json!({ "type": "undo", "by": "cyd@example.com" }))
            .0,
        403
    );
    assert_eq!(
        desk.ask(json!({ "type": "undo", "by": BEN })).0,
        200,
        "the approver has second thoughts"
    );
    assert_eq!(
        desk.ask(approve(BEN, "partner-pass")),
        (404, json!({ "error": "not_decided" }))
    );
}

#[test]
fn whoever_repeats_an_approved_verdict_is_told_what_became_of_it() {
    let approve = || json!({ "type": "approve", "by": BEN, "verdict": "partner-pass" });
    let again = || [approve(), decide("partner-pass", "cyd@example.com")];
    let mut desk = Desk::two_person();
    desk.say(decide("partner-pass", ADA));
    desk.say(approve());
    let queued = json!({ "id": "abc123", "status": "partner-pass", "outcome": "queued", "decision": adas(), "sendAfter": desk.now + 10_000 });
    for event in again() {
        assert_eq!(desk.ask(event), (202, queued.clone()), "nobody is asked");
    }
    desk.now += 10_000;
    desk.say(json!({ "type": "lease" }));
    let leased = desk.case.clone();
    let done = json!({ "id": "abc123", "status": "partner-pass", "outcome": "already-applied", "decision": adas() });
    let stands =
        |delivery: &str| json!({ "error": "conflict", "delivery": delivery, "decision": adas() });
    for (event, answer) in [
        (
            json!({ "type": "sent", "lease": 1, "outcome": "applied" }),
            (200, done),
        ),
        (
            json!({ "type": "send-failed", "lease": 1, "code": "forbidden", "status": 403, "retryable": false }),
            (409, stands("dead")),
        ),
        (
            json!({ "type": "status-read", "lease": 1, "status": "partner-fail" }),
            (409, stands("conflict")),
        ),
    ] {
        desk.case.clone_from(&leased);
        desk.say(event);
        for event in again() {
            assert_eq!(desk.ask(event), answer);
            assert!(!desk.changed());
        }
    }
}

#[test]
fn where_nobody_is_asked_for_a_second_word_none_is_taken() {
    let mut desk = Desk::open();
    desk.say(decide("partner-pass", ADA));
    for by in [ADA, BEN] {
        let event = json!({ "type": "approve", "by": by, "verdict": "partner-pass" });
        let none = json!({ "error": "not_awaiting", "delivery": "waiting" });
        assert_eq!(desk.ask(event), (409, none));
        assert!(!desk.changed());
    }
}

#[test]
fn a_second_person_can_say_no() {
    let mut desk = Desk::two_person();
    desk.say(decide("partner-pass", ADA));
    assert_eq!(desk.ask(json!({ "type": "undo", "by": BEN })).0, 200);
    assert_eq!(
        desk.audited(),
        [format!(
            r#"{BEN} undone {{"decider":"{ADA}","verdict":"partner-pass"}}"#
        )]
    );
    assert_eq!(desk.state()["case"], "open");
}

// Delivery

#[test]
fn nothing_is_sent_before_its_time() {
    let mut desk = Desk::open();
    desk.say(decide("partner-pass", ADA));
    desk.now += 9_999;
    desk.say(json!({ "type": "lease" }));
    assert_eq!(
        desk.effect("refused"),
        json!({ "type": "refused", "why": "not_due", "dueAt": T + 10_000 })
    );
    assert!(!desk.changed());
}

#[test]
fn read_then_put_then_done() {
    let mut desk = Desk::sending();
    assert_eq!(
        desk.audited(),
        [r#"desk sending {"attempt":1,"verdict":"partner-pass"}"#]
    );
    desk.now += 200;
    desk.say(json!({ "type": "sent", "lease": 1, "outcome": "applied" }));
    assert_eq!(desk.audited(), [r#"desk delivered {"outcome":"applied"}"#]);
    assert_eq!(
        *desk.delivery(),
        json!({ "state": "delivered", "at": desk.now, "outcome": "applied" })
    );
    assert_eq!(desk.state()["case"], "closed");
    assert_eq!(desk.state()["upstreamStatus"], "partner-pass");
    desk.say(json!({ "type": "sent", "lease": 1, "outcome": "applied" }));
    assert!(!desk.changed(), "told twice");
    let done = json!({ "id": "abc123", "status": "partner-pass", "outcome": "already-applied", "decision": adas() });
    assert_eq!(desk.ask(decide("partner-pass", BEN)), (200, done));
    assert_eq!(desk.ask(decide("partner-fail", BEN)).0, 409);
}

#[test]
fn what_upstream_queues_counts_once_it_shows() {
    let mut desk = Desk::sending();
    let taken = desk.now;
    desk.say(json!({ "type": "sent", "lease": 1, "outcome": "queued" }));
    assert_eq!(desk.audited(), ["desk queued {}"]);
    // Half of two seconds, and half of what is left: base and dice.
    let next = taken + 1_500;
    assert_eq!(
        *desk.delivery(),
        json!({ "state": "unconfirmed", "notBefore": next, "attempts": 0, "since": taken })
    );
    assert_eq!(desk.state()["dueAt"], next);
    assert_eq!(desk.effect("kick")["at"], next);
    assert_eq!(desk.state()["case"], "decided", "not yet closed");
    assert_eq!(desk.state()["deliveredAt"], Value::Null);
    desk.say(json!({ "type": "sent", "lease": 1, "outcome": "queued" }));
    assert!(!desk.changed(), "told twice");
    assert_eq!(
        desk.ask(json!({ "type": "undo", "by": ADA })),
        (
            409,
            json!({ "error": "too_late", "delivery": "unconfirmed" })
        )
    );

    desk.now = next;
    desk.say(json!({ "type": "lease" }));
    assert_eq!(
        desk.effect("confirm-status"),
        json!({ "type": "confirm-status", "lease": 2, "timeoutMs": 15_000 })
    );
    assert_eq!(desk.effect("read-status"), Value::Null);
    desk.say(json!({ "type": "status-read", "lease": 2, "status": "verification-success" }));
    assert_eq!(desk.effect("put-status"), Value::Null, "never sent again");
    assert_eq!(
        *desk.delivery(),
        json!({ "state": "unconfirmed", "notBefore": next + 3_000, "attempts": 1, "since": taken })
    );
    desk.now += 3_000;
    desk.say(json!({ "type": "lease" }));
    desk.say(json!({ "type": "status-read", "lease": 3, "status": "partner-pass" }));
    assert_eq!(desk.audited(), [r#"desk delivered {"outcome":"queued"}"#]);
    assert_eq!(
        *desk.delivery(),
        json!({ "state": "delivered", "at": desk.now, "outcome": "queued" })
    );
    assert_eq!(desk.state()["case"], "closed");
    assert_eq!(desk.state()["upstreamStatus"], "partner-pass");
}

/// Queued by upstream; due to be asked about.
fn unconfirmed() -> Desk {
    let mut desk = Desk::sending();
    desk.say(json!({ "type": "sent", "lease": 1, "outcome": "queued" }));
    desk.now = desk.delivery()["notBefore"].as_u64().unwrap();
    desk
}

#[test]
fn a_queued_verdict_that_is_overturned_is_a_conflict() {
    let mut desk = unconfirmed();
    desk.say(json!({ "type": "lease" }));
    desk.say(json!({ "type": "status-read", "lease": 2, "status": "partner-fail" }));
    assert_eq!(desk.delivery()["state"], "conflict");
    assert_eq!(desk.delivery()["shown"], "partner-fail");
    // The same, seen by a reviewer first; and the verdict itself.
    for (shown, state) in [("partner-fail", "conflict"), ("partner-pass", "delivered")] {
        let mut desk = unconfirmed();
        desk.say(json!({ "type": "upstream-status", "status": shown }));
        assert_eq!(desk.delivery()["state"], state);
        assert_eq!(desk.state()["upstreamStatus"], shown);
        if state == "delivered" {
            assert_eq!(desk.delivery()["outcome"], "queued");
        }
    }
}

#[test]
fn a_queued_verdict_is_not_awaited_for_ever() {
    let mut desk = unconfirmed();
    let since = desk.delivery()["since"].as_u64().unwrap();
    let mut lease = 1;
    while desk.delivery()["state"] == "unconfirmed" {
        desk.now = desk.delivery()["notBefore"].as_u64().unwrap();
        assert!(desk.now <= since + 86_400_000);
        desk.say(json!({ "type": "lease" }));
        lease += 1;
        desk.say(
            json!({ "type": "status-read", "lease": lease, "status": "verification-success" }),
        );
        assert_eq!(desk.effect("put-status"), Value::Null);
    }
    assert_eq!(desk.now, since + 86_400_000, "asked to the last");
    assert!(lease > 100 && lease < 1_000, "{lease}");
    assert_eq!(desk.delivery()["state"], "dead");
    assert_eq!(desk.delivery()["code"], "unconfirmed");
    // A person may have it sent again.
    assert_eq!(desk.ask(json!({ "type": "retry-dead", "by": BEN })).0, 202);
    desk.say(json!({ "type": "lease" }));
    assert_eq!(desk.effect("read-status")["lease"], lease + 1);
}

#[test]
fn asking_about_a_queued_verdict_may_fail_and_nothing_is_sent_for_that() {
    let mut desk = unconfirmed();
    desk.say(json!({ "type": "lease" }));
    let leased = desk.case.clone();
    desk.say(json!({ "type": "send-failed", "lease": 2, "code": "upstream", "status": 503, "retryable": true }));
    assert_eq!(desk.delivery()["state"], "unconfirmed");
    assert_eq!(
        desk.audited(),
        [r#"desk failed {"attempt":1,"code":"upstream","status":503}"#]
    );
    assert_eq!(desk.delivery()["attempts"], 1);
    let mut gone = Desk {
        case: leased.clone(),
        now: desk.now,
        ..Desk::closed()
    };
    gone.say(json!({ "type": "send-failed", "lease": 2, "code": "not_found", "status": 404, "retryable": false }));
    assert_eq!(gone.delivery()["state"], "dead");
    // A sender that died while it asked.
    let mut died = Desk {
        case: leased,
        now: desk.now + 60_000,
        ..Desk::closed()
    };
    died.say(json!({ "type": "lease" }));
    assert_eq!(died.delivery()["state"], "leased");
    assert_eq!(died.effect("confirm-status")["lease"], 3);
}

#[test]
fn a_late_word_that_it_was_queued_stops_a_second_sending() {
    let mut desk = Desk::sending();
    desk.now += 60_000;
    desk.say(json!({ "type": "lease" }));
    desk.say(json!({ "type": "sent", "lease": 1, "outcome": "queued" }));
    assert_eq!(desk.delivery()["state"], "unconfirmed");
    desk.say(json!({ "type": "status-read", "lease": 2, "status": "verification-success" }));
    assert_eq!(desk.effect("refused")["why"], "stale_lease");
    desk.say(json!({ "type": "sent", "lease": 2, "outcome": "already-applied" }));
    assert_eq!(desk.delivery()["state"], "delivered");
}

#[test]
fn a_late_word_that_it_was_applied_counts_also_while_it_is_asked_about() {
    let mut desk = unconfirmed();
    desk.say(json!({ "type": "lease" }));
    desk.say(json!({ "type": "sent", "lease": 1, "outcome": "queued" }));
    assert_eq!(desk.effect("refused")["why"], "stale_lease", "no news");
    assert!(!desk.changed());
    desk.say(json!({ "type": "sent", "lease": 1, "outcome": "applied" }));
    assert_eq!(desk.audited(), [r#"desk delivered {"outcome":"applied"}"#]);
    assert_eq!(desk.delivery()["state"], "delivered");
}

#[test]
fn a_queued_verdict_is_not_asked_about_before_its_time() {
    let mut desk = unconfirmed();
    let due = desk.now;
    desk.now -= 1;
    desk.say(json!({ "type": "lease" }));
    assert_eq!(
        desk.effect("refused"),
        json!({ "type": "refused", "why": "not_due", "dueAt": due })
    );
    assert!(!desk.changed());
}

#[test]
fn what_stands_already_is_not_sent() {
    let mut desk = Desk::leased();
    desk.say(json!({ "type": "status-read", "lease": 1, "status": "partner-pass" }));
    assert_eq!(desk.effect("put-status"), Value::Null);
    assert_eq!(desk.delivery()["outcome"], "already-applied");
}

#[test]
fn one_lease_sends_once() {
    let mut desk = Desk::sending();
    desk.say(json!({ "type": "status-read", "lease": 1, "status": "verification-success" }));
    assert_eq!(desk.effect("refused")["why"], "stale_lease");
    assert!(!desk.changed());
    desk.say(json!({ "type": "lease" }));
    assert_eq!(desk.effect("refused")["why"], "not_due");
}

#[test]
fn a_dead_senders_lease_passes_on_and_the_status_is_read_again() {
    let mut desk = Desk::sending();
    desk.now += 60_000;
    desk.say(json!({ "type": "lease" }));
    assert_eq!(
        desk.audited(),
        [r#"desk failed {"attempt":1,"code":"lease_expired","status":null}"#]
    );
    assert_eq!(desk.effect("read-status")["lease"], 2);
    assert_eq!(desk.effect("put-status"), Value::Null);
    // The first one was not dead, only slow.
    desk.say(json!({ "type": "status-read", "lease": 1, "status": "verification-success" }));
    assert_eq!(desk.effect("refused")["why"], "stale_lease");
    desk.say(json!({ "type": "send-failed", "lease": 1, "code": "timeout", "retryable": true }));
    assert_eq!(desk.effect("refused")["why"], "stale_lease");
    // Its word that the verdict was taken is true all the same: there was only one verdict.
    let mut late = Desk {
        case: desk.case.clone(),
        ..Desk::open()
    };
    late.say(json!({ "type": "sent", "lease": 1, "outcome": "applied" }));
    assert_eq!(late.delivery()["state"], "delivered");
    late.say(json!({ "type": "status-read", "lease": 2, "status": "partner-pass" }));
    assert!(!late.changed(), "delivered once");
    // Nobody holds a lease that was never given.
    desk.say(json!({ "type": "sent", "lease": 3, "outcome": "applied" }));
    assert!(!desk.changed());
    desk.say(json!({ "type": "status-read", "lease": 2, "status": "partner-pass" }));
    assert_eq!(desk.delivery()["outcome"], "already-applied");
}

#[test]
fn who_read_too_slowly_does_not_send() {
    let mut desk = Desk::leased();
    desk.now += 45_000;
    desk.say(json!({ "type": "status-read", "lease": 1, "status": "verification-success" }));
    assert_eq!(desk.effect("put-status"), Value::Null);
    assert_eq!(
        desk.audited(),
        [r#"desk failed {"attempt":1,"code":"lease_expired","status":null}"#]
    );
    assert_eq!(
        *desk.delivery(),
        json!({ "state": "retrying", "notBefore": desk.now, "attempts": 1, "code": "lease_expired", "since": desk.now - 45_000 })
    );
    let mut desk = Desk::leased();
    desk.now += 44_999;
    desk.say(json!({ "type": "status-read", "lease": 1, "status": "verification-success" }));
    assert_eq!(desk.effect("put-status")["lease"], 1);
}

#[test]
fn waits_are_jittered_double_and_obey_upstream() {
    let mut desk = Desk::sending();
    let mut failed = Desk {
        case: desk.case.clone(),
        now: desk.now,
        ..Desk::closed()
    };
    failed.say(json!({ "type": "send-failed", "lease": 1, "code": "upstream", "status": 503, "retryable": true }));
    assert_eq!(
        failed.audited(),
        [r#"desk failed {"attempt":1,"code":"upstream","status":503}"#]
    );
    assert_eq!(
        failed.delivery()["notBefore"],
        failed.now + 1_000,
        "half of two seconds"
    );
    assert_eq!(failed.effect("kick")["at"], failed.now + 1_000);
    failed.say(json!({ "type": "lease" }));
    assert_eq!(failed.effect("refused")["why"], "not_due");
    failed.now += 1_000;
    failed.say(json!({ "type": "lease" }));
    assert_eq!(failed.delivery()["attempts"], 2);
    failed.say(json!({ "type": "send-failed", "lease": 2, "code": "network", "retryable": true }));
    assert_eq!(
        failed.delivery()["notBefore"],
        failed.now + 2_000,
        "half of four"
    );

    desk.say(json!({ "type": "send-failed", "lease": 1, "code": "rate_limited", "status": 429, "retryable": true, "retryAfterMs": 86_399_999.5 }));
    assert_eq!(
        desk.delivery()["notBefore"],
        desk.now + 86_400_000,
        "to the millisecond, and never too early"
    );
    let mut desk = Desk::sending();
    desk.say(json!({ "type": "send-failed", "lease": 1, "code": "rate_limited", "status": 429, "retryable": true, "retryAfterMs": 0 }));
    assert_eq!(desk.delivery()["notBefore"], desk.now, "at once");
    let mut desk = Desk::sending();
    desk.say(json!({ "type": "send-failed", "lease": 1, "code": "rate_limited", "status": 429, "retryable": true, "retryAfterMs": 86_400_001 }));
    assert_eq!(
        desk.delivery()["state"],
        "dead",
        "no one waits that long unseen"
    );
}

#[test]
fn what_will_never_work_is_a_dead_letter_at_once() {
    for code in [
        "unauthorized",
        "forbidden",
        "not_found",
        "rejected",
        "redirected",
        "bad_response",
        "invalid_argument",
    ] {
        for mut desk in [Desk::leased(), Desk::sending()] {
            desk.say(json!({ "type": "send-failed", "lease": 1, "code": code, "status": 499, "retryable": false }));
            assert_eq!(
                *desk.delivery(),
                json!({ "state": "dead", "at": desk.now, "attempts": 1, "code": code, "status": 499 })
            );
            assert_eq!(
                desk.audited(),
                [format!(
                    r#"desk dead {{"attempt":1,"code":"{code}","status":499}}"#
                )]
            );
            assert_eq!(desk.state()["dueAt"], Value::Null);
            assert_eq!(
                desk.state()["case"],
                "decided",
                "to be seen, and not purged"
            );
        }
    }
    for code in ["aborted", "load_failed", "internal", "conflict"] {
        let mut desk = Desk::sending();
        desk.say(json!({ "type": "send-failed", "lease": 1, "code": code, "retryable": false }));
        assert_eq!(desk.delivery()["state"], "retrying", "{code}");
    }
}

#[test]
fn an_outage_of_a_day_is_waited_for_and_no_longer() {
    let mut desk = Desk::leased();
    let began = desk.now;
    let mut lease = 1;
    let last = loop {
        let before = desk.case.clone();
        desk.say(
            json!({ "type": "send-failed", "lease": lease, "code": "timeout", "retryable": true }),
        );
        assert_eq!(desk.delivery()["state"], "retrying");
        assert_eq!(desk.delivery()["since"], began);
        if desk.now >= began + 86_400_000 {
            break before;
        }
        let next = desk.delivery()["notBefore"].as_u64().unwrap();
        assert!(
            next - desk.now <= 600_000,
            "never more than ten minutes apart"
        );
        desk.now = next;
        desk.say(json!({ "type": "lease" }));
        lease += 1;
    };
    assert_eq!(
        desk.now,
        began + 86_400_000,
        "the last try is at the very end"
    );
    assert!(lease > 200 && lease < 500, "{lease}");
    assert_eq!(desk.delivery()["attempts"], lease);
    // What came of that is looked at, and that is all.
    desk.now = desk.delivery()["notBefore"].as_u64().unwrap();
    assert!(desk.now - began > 86_400_000 && desk.now - began <= 87_000_000);
    desk.say(json!({ "type": "lease" }));
    assert_eq!(desk.effect("confirm-status")["lease"], lease + 1);
    desk.say(
        json!({ "type": "status-read", "lease": lease + 1, "status": "verification-success" }),
    );
    assert_eq!(desk.delivery()["state"], "dead");
    assert_eq!(desk.delivery()["code"], "timeout");
    // Who reads as slowly as that has looked, too.
    let mut slow = Desk {
        case: last,
        now: desk.now + 59_000,
        ..Desk::closed()
    };
    slow.say(json!({ "type": "status-read", "lease": lease, "status": "verification-success" }));
    assert_eq!(slow.delivery()["state"], "dead");
}

#[test]
fn who_comes_after_a_dead_sender_tries_to_the_very_end() {
    for (late, kind) in [(0, "read-status"), (1, "confirm-status")] {
        let mut desk = Desk::sending();
        desk.now += 86_400_000 + late;
        desk.say(json!({ "type": "lease" }));
        assert_eq!(desk.effect(kind)["lease"], 2, "{kind}");
    }
}

/// A verdict that was being sent when its time ended: the sender died, or heard nothing.
fn overdue() -> Vec<Desk> {
    let mut died = Desk::sending();
    died.now += 86_400_001;
    let mut unheard = Desk {
        case: died.case.clone(),
        now: died.now - 1,
        ..Desk::closed()
    };
    unheard.say(json!({ "type": "send-failed", "lease": 1, "code": "timeout", "retryable": true }));
    assert_eq!(
        unheard.audited(),
        [r#"desk failed {"attempt":1,"code":"timeout","status":null}"#]
    );
    assert_eq!(
        unheard.effect("kick")["at"],
        unheard.now + 1_500,
        "it may come to stand a moment later"
    );
    unheard.now += 1_500;
    vec![died, unheard]
}

#[test]
fn what_may_have_been_applied_is_looked_at_before_it_is_given_up() {
    for (shown, state) in [
        ("partner-pass", "delivered"),
        ("partner-fail", "conflict"),
        ("verification-success", "dead"),
    ] {
        for (mut desk, code) in overdue().into_iter().zip(["lease_expired", "timeout"]) {
            desk.say(json!({ "type": "lease" }));
            assert_eq!(
                desk.effect("confirm-status"),
                json!({ "type": "confirm-status", "lease": 2, "timeoutMs": 15_000 }),
                "read, and not sent"
            );
            assert_eq!(desk.effect("read-status"), Value::Null);
            assert_eq!(desk.delivery()["last"], code);
            desk.say(json!({ "type": "status-read", "lease": 2, "status": shown }));
            assert_eq!(desk.effect("put-status"), Value::Null);
            assert_eq!(desk.delivery()["state"], state, "{code}");
            if state == "dead" {
                assert_eq!(
                    *desk.delivery(),
                    json!({ "state": "dead", "at": desk.now, "attempts": 2, "code": code, "status": null })
                );
            }
        }
    }
}

#[test]
fn a_last_look_that_fails_is_the_last() {
    for mut desk in overdue() {
        desk.say(json!({ "type": "lease" }));
        desk.say(json!({ "type": "send-failed", "lease": 2, "code": "upstream", "status": 503, "retryable": true }));
        assert_eq!(
            *desk.delivery(),
            json!({ "state": "dead", "at": desk.now, "attempts": 2, "code": "upstream", "status": 503 })
        );
    }
}

#[test]
fn a_last_look_whose_sender_dies_is_made_again() {
    for mut desk in overdue() {
        desk.say(json!({ "type": "lease" }));
        let code = desk.delivery()["last"].clone();
        for lease in 3..6 {
            desk.now += 60_000;
            desk.say(json!({ "type": "lease" }));
            assert_eq!(desk.effect("confirm-status")["lease"], lease);
            assert_eq!(desk.delivery()["last"], code);
        }
        desk.say(json!({ "type": "status-read", "lease": 5, "status": "partner-pass" }));
        assert_eq!(desk.delivery()["state"], "delivered");
    }
}

#[test]
fn a_try_that_was_put_off_to_the_end_is_a_try_however_late_it_comes() {
    let mut desk = Desk::sending();
    desk.say(json!({ "type": "send-failed", "lease": 1, "code": "rate_limited", "status": 429, "retryable": true, "retryAfterMs": 86_400_000 }));
    // Nobody came by for two days.
    desk.now += 172_800_000;
    desk.say(json!({ "type": "lease" }));
    assert_eq!(desk.effect("read-status")["lease"], 2);
    assert_eq!(desk.delivery()["last"], Value::Null);
    desk.say(json!({ "type": "status-read", "lease": 2, "status": "verification-success" }));
    assert_eq!(desk.effect("put-status")["lease"], 2);
    desk.say(json!({ "type": "send-failed", "lease": 2, "code": "rate_limited", "status": 429, "retryable": true, "retryAfterMs": 60_000 }));
    assert_eq!(
        desk.delivery()["state"],
        "dead",
        "refused, and asked for nothing before that time"
    );
}

/// A verdict that was sent, and whose answer was lost; its second try is under way.
fn unheard() -> Desk {
    let mut desk = Desk::sending();
    desk.say(json!({ "type": "send-failed", "lease": 1, "code": "timeout", "retryable": true }));
    desk.now = desk.delivery()["notBefore"].as_u64().unwrap();
    desk.say(json!({ "type": "lease" }));
    desk
}

#[test]
fn who_is_put_off_beyond_the_end_looks_a_last_time_all_the_same() {
    let ms = 86_400_000;
    let day = json!({ "retryable": true, "retryAfterMs": ms + 3_600_000 });
    let short = json!({ "retryable": true, "retryAfterMs": ms });
    for (mut desk, lease, code, status, wait, after_end) in [
        // The reading was refused: what became of the first sending nobody knows.
        (unheard(), 2, "rate_limited", 429, &day, 600_000),
        // As asked, where that is at most one longest wait after the end.
        (unheard(), 2, "rate_limited", 429, &short, 1_000),
        // This may have been taken, whatever upstream says of later.
        (Desk::sending(), 1, "upstream", 503, &day, 600_000),
    ] {
        let since = desk.delivery()["since"].as_u64().unwrap();
        let mut event =
            json!({ "type": "send-failed", "lease": lease, "code": code, "status": status });
        event
            .as_object_mut()
            .unwrap()
            .extend(wait.as_object().unwrap().clone());
        desk.say(event);
        assert_eq!(desk.delivery()["state"], "retrying", "{code}");
        let at = since + ms + after_end;
        assert_eq!(desk.delivery()["notBefore"], at, "{code}");
        desk.now = at;
        desk.say(json!({ "type": "lease" }));
        assert_eq!(desk.effect("confirm-status")["lease"], lease + 1);
        let mut none = Desk {
            case: desk.case.clone(),
            now: at,
            ..Desk::closed()
        };
        desk.say(json!({ "type": "status-read", "lease": lease + 1, "status": "partner-pass" }));
        assert_eq!(desk.delivery()["state"], "delivered");
        none.say(
            json!({ "type": "status-read", "lease": lease + 1, "status": "verification-success" }),
        );
        assert_eq!(
            (&none.delivery()["state"], &none.delivery()["code"]),
            (&json!("dead"), &json!(code))
        );
    }
}

#[test]
fn who_is_put_off_by_nothing_at_the_end_looks_a_last_time_too() {
    let mut desk = Desk::sending();
    desk.now += 86_400_000;
    desk.say(json!({ "type": "send-failed", "lease": 1, "code": "upstream", "status": 503, "retryable": true, "retryAfterMs": 0 }));
    assert_eq!(desk.delivery()["notBefore"], desk.now + 1);
    desk.now += 1;
    desk.say(json!({ "type": "lease" }));
    assert_eq!(desk.effect("confirm-status")["lease"], 2);
}

#[test]
fn only_who_was_refused_in_so_many_words_needs_no_last_look() {
    let day = 86_400_000;
    let refusal = |wait: Option<u64>| json!({ "type": "send-failed", "lease": 1, "code": "rate_limited", "status": 429, "retryable": true, "retryAfterMs": wait });
    // The very first reading was refused: nothing has been sent.
    let mut desk = Desk::leased();
    desk.say(refusal(Some(day + 1)));
    assert_eq!(desk.delivery()["state"], "dead");
    // Not told for how long: perhaps by something on the way, and the verdict was taken.
    let mut desk = Desk::sending();
    desk.now += day;
    desk.say(refusal(None));
    assert_eq!(desk.delivery()["state"], "retrying");
    desk.now = desk.delivery()["notBefore"].as_u64().unwrap();
    desk.say(json!({ "type": "lease" }));
    assert_eq!(desk.effect("confirm-status")["lease"], 2);
}

#[test]
fn a_queued_verdict_is_asked_about_to_the_last_whatever_upstream_asks_for() {
    let mut desk = unconfirmed();
    let since = desk.delivery()["since"].as_u64().unwrap();
    desk.say(json!({ "type": "lease" }));
    desk.say(json!({ "type": "send-failed", "lease": 2, "code": "rate_limited", "status": 429, "retryable": true, "retryAfterMs": 90_000_000 }));
    assert_eq!(desk.delivery()["state"], "unconfirmed");
    assert_eq!(desk.delivery()["notBefore"], since + 86_400_000);
    desk.now = since + 86_400_000;
    desk.say(json!({ "type": "lease" }));
    desk.say(json!({ "type": "send-failed", "lease": 3, "code": "rate_limited", "status": 429, "retryable": true, "retryAfterMs": 5 }));
    assert_eq!(desk.delivery()["state"], "dead");
}

#[test]
fn a_lease_from_before_last_looks_is_read() {
    let desk = Desk::sending();
    let mut kept = desk.state().clone();
    assert_eq!(kept["delivery"]["last"], Value::Null);
    kept["delivery"].as_object_mut().unwrap().remove("last");
    assert_eq!(case_in(&Some(kept)).unwrap(), desk.case);
}

#[test]
fn a_dead_letter_that_is_started_again_has_all_its_time_again() {
    let mut desk = Desk::dead();
    desk.now += 200_000_000;
    desk.say(json!({ "type": "retry-dead", "by": BEN }));
    let again = desk.now;
    desk.say(json!({ "type": "lease" }));
    desk.say(json!({ "type": "send-failed", "lease": 2, "code": "upstream", "status": 503, "retryable": true }));
    assert_eq!(desk.delivery()["state"], "retrying");
    assert_eq!(desk.delivery()["since"], again);
}

#[test]
fn how_long_is_the_operators_to_say() {
    let mut desk = Desk::leased();
    desk.settings.give_up_ms = 3_600_000;
    desk.now += 3_599_999;
    desk.say(json!({ "type": "send-failed", "lease": 1, "code": "network", "retryable": true }));
    assert_eq!(desk.delivery()["state"], "retrying");
    desk.now += 1;
    desk.say(json!({ "type": "lease" }));
    desk.say(json!({ "type": "send-failed", "lease": 2, "code": "network", "retryable": true }));
    desk.now = desk.delivery()["notBefore"].as_u64().unwrap();
    desk.say(json!({ "type": "lease" }));
    desk.say(json!({ "type": "send-failed", "lease": 3, "code": "network", "retryable": true }));
    assert_eq!(desk.delivery()["state"], "dead");
}

#[test]
fn a_person_can_start_a_dead_letter_again() {
    let mut desk = Desk::dead();
    desk.now += 5;
    let again = json!({ "id": "abc123", "status": "partner-pass", "outcome": "queued", "decision": adas(), "sendAfter": desk.now });
    assert_eq!(
        desk.ask(json!({ "type": "retry-dead", "by": BEN })),
        (202, again)
    );
    assert_eq!(desk.audited(), [format!("{BEN} retried {{}}")]);
    assert_eq!(desk.effect("kick")["at"], desk.now);
    assert_eq!(
        desk.ask(json!({ "type": "retry-dead", "by": BEN })),
        (409, json!({ "error": "not_dead", "delivery": "retrying" }))
    );
    desk.say(json!({ "type": "lease" }));
    assert_eq!(desk.effect("read-status")["lease"], 2);
    assert_eq!(desk.delivery()["attempts"], 1);
}

#[test]
fn nobody_is_told_that_a_dead_letter_is_on_its_way() {
    let mut desk = Desk::dead();
    let stands = json!({ "error": "conflict", "delivery": "dead", "decision": adas() });
    for verdict in ["partner-pass", "partner-fail"] {
        assert_eq!(desk.ask(decide(verdict, BEN)), (409, stands.clone()));
        assert!(!desk.changed());
    }
}

#[test]
fn a_dead_letter_is_healed_by_what_upstream_shows() {
    let mut desk = Desk::dead();
    desk.say(json!({ "type": "upstream-status", "status": "verification-success" }));
    assert!(!desk.changed());
    desk.say(json!({ "type": "upstream-status", "status": "partner-pass" }));
    assert_eq!(desk.delivery()["outcome"], "already-applied");
    assert_eq!(
        desk.audited(),
        [r#"desk delivered {"outcome":"already-applied"}"#]
    );
    let mut desk = Desk::dead();
    desk.say(json!({ "type": "upstream-status", "status": "partner-fail" }));
    assert_eq!(desk.delivery()["state"], "conflict");
    let mut desk = Desk::dead();
    desk.say(json!({ "type": "sent", "lease": 1, "outcome": "applied" }));
    assert_eq!(desk.delivery()["state"], "delivered", "a late word");
}

// Conflicts

#[test]
fn another_verdict_upstream_is_never_overwritten() {
    let mut desk = Desk::in_conflict();
    assert_eq!(desk.effect("put-status"), Value::Null);
    assert_eq!(
        desk.audited(),
        [r#"desk conflict {"shown":"partner-fail"}"#]
    );
    assert_eq!(
        *desk.delivery(),
        json!({ "state": "conflict", "at": desk.now, "shown": "partner-fail" })
    );
    assert_eq!(desk.state()["dueAt"], Value::Null);
    for event in [
        json!({ "type": "lease" }),
        json!({ "type": "sent", "lease": 1, "outcome": "applied" }),
        json!({ "type": "send-failed", "lease": 1, "code": "network", "retryable": true }),
        json!({ "type": "upstream-status", "status": "partner-fail" }),
        json!({ "type": "retry-dead", "by": ADA }),
    ] {
        desk.say(event);
        assert!(!desk.changed());
    }
    for verdict in ["partner-pass", "partner-fail"] {
        let (status, body) = desk.ask(decide(verdict, BEN));
        assert_eq!((status, &body["delivery"]), (409, &json!("conflict")));
    }
}

#[test]
fn a_person_lets_upstreams_verdict_stand() {
    let mut desk = Desk::in_conflict();
    desk.now += 7;
    let resolved = json!({ "id": "abc123", "outcome": "resolved", "status": "partner-fail" });
    assert_eq!(
        desk.ask(json!({ "type": "resolve-conflict", "by": BEN, "how": "accept" })),
        (200, resolved)
    );
    assert_eq!(
        desk.audited(),
        [format!(
            r#"{BEN} resolved {{"how":"accept","shown":"partner-fail"}}"#
        )]
    );
    assert_eq!(
        *desk.delivery(),
        json!({ "state": "resolved", "at": desk.now, "by": BEN, "shown": "partner-fail" })
    );
    assert_eq!(desk.state()["case"], "closed");
    let none = json!({ "error": "no_conflict", "delivery": "resolved" });
    assert_eq!(
        desk.ask(json!({ "type": "resolve-conflict", "by": BEN, "how": "accept" })),
        (409, none)
    );
    assert_eq!(
        desk.ask(decide("partner-fail", ADA)).0,
        200,
        "it is what stands now"
    );
    let (status, body) = desk.ask(decide("partner-pass", BEN));
    assert_eq!(
        (status, &body["decision"]),
        (
            409,
            &json!({ "status": "partner-fail", "by": null, "at": desk.now })
        )
    );
}

#[test]
fn a_person_has_upstream_asked_again() {
    for (shown, state) in [
        ("partner-fail", "conflict"),
        ("partner-pass", "delivered"),
        ("verification-success", "leased"),
    ] {
        let mut desk = Desk::in_conflict();
        assert_eq!(
            desk.ask(json!({ "type": "resolve-conflict", "by": BEN, "how": "retry" }))
                .0,
            202
        );
        assert_eq!(
            desk.audited(),
            [format!(
                r#"{BEN} resolved {{"how":"retry","shown":"partner-fail"}}"#
            )]
        );
        desk.say(json!({ "type": "lease" }));
        desk.say(json!({ "type": "status-read", "lease": 2, "status": shown }));
        assert_eq!(desk.delivery()["state"], state);
    }
}

#[test]
fn a_verdict_that_upstream_turns_round_is_a_conflict() {
    let mut desk = Desk::delivered();
    desk.say(json!({ "type": "upstream-status", "status": "partner-pass" }));
    assert!(!desk.changed());
    desk.say(json!({ "type": "upstream-status", "status": "partner-fail" }));
    assert_eq!(desk.delivery()["state"], "conflict");
    assert_eq!(desk.state()["case"], "decided", "open again, for a person");
    desk.say(json!({ "type": "resolve-conflict", "by": BEN, "how": "retry" }));
    desk.say(json!({ "type": "lease" }));
    desk.say(json!({ "type": "status-read", "lease": 2, "status": "partner-pass" }));
    assert_eq!(
        desk.audited(),
        [r#"desk settled {"outcome":"already-applied"}"#],
        "not delivered twice"
    );
}

#[test]
fn what_upstream_shows_in_the_undo_window_counts() {
    for (shown, state) in [("partner-pass", "delivered"), ("partner-fail", "conflict")] {
        let mut desk = Desk::open();
        desk.say(decide("partner-pass", ADA));
        desk.say(json!({ "type": "upstream-status", "status": shown }));
        assert_eq!(desk.delivery()["state"], state);
        let mut desk = Desk::two_person();
        desk.say(decide("partner-pass", ADA));
        desk.say(json!({ "type": "upstream-status", "status": shown }));
        assert_eq!(desk.delivery()["state"], state);
    }
    let mut desk = Desk::leased();
    desk.say(json!({ "type": "upstream-status", "status": "partner-fail" }));
    assert_eq!(
        desk.delivery()["state"],
        "leased",
        "the sender reads for itself"
    );
    assert_eq!(desk.state()["upstreamStatus"], "partner-fail");
}

// What upstream has ended, and what it does not have any more

#[test]
fn a_request_that_upstream_has_ended_needs_nobody() {
    for shown in ["user-cancelled", "verification-failed"] {
        let mut desk = Desk::open();
        desk.say(json!({ "type": "claim", "by": ADA }));
        desk.now += 5;
        desk.say(json!({ "type": "upstream-status", "status": shown }));
        assert_eq!(
            desk.audited(),
            [format!(r#"desk ended-upstream {{"status":"{shown}"}}"#)]
        );
        let state = desk.state();
        assert_eq!(
            (&state["case"], &state["closedAt"]),
            (&json!("closed"), &json!(desk.now))
        );
        assert_eq!(
            (&state["claim"], &state["upstreamStatus"]),
            (&Value::Null, &json!(shown))
        );
        desk.say(json!({ "type": "upstream-status", "status": shown }));
        assert!(!desk.changed());
        let nobodys = json!({ "status": null, "by": null, "at": desk.now });
        for (event, error) in [
            (decide("partner-pass", ADA), "conflict"),
            (json!({ "type": "claim", "by": ADA }), "decided"),
        ] {
            let answer = json!({ "error": error, "delivery": "none", "decision": nobodys });
            assert_eq!(desk.ask(event), (409, answer));
            assert!(!desk.changed());
        }
        let accept = json!({ "type": "resolve-conflict", "by": ADA, "how": "accept" });
        assert_eq!(
            desk.ask(accept),
            (200, json!({ "id": "abc123", "outcome": "abandoned" })),
            "it is done"
        );
        assert!(!desk.changed());
        // Whatever upstream may think of next is looked at again.
        let mut decided = Desk {
            case: desk.case.clone(),
            now: desk.now,
            ..Desk::closed()
        };
        decided.say(json!({ "type": "upstream-status", "status": "partner-fail" }));
        assert_eq!(
            decided.audited(),
            [r#"desk decided-upstream {"verdict":"partner-fail"}"#]
        );
        assert_eq!(decided.state()["case"], "closed");
        desk.say(
            json!({ "type": "intake-confirmed", "id": "abc123", "status": "verification-success" }),
        );
        assert_eq!(
            desk.audited(),
            [r#"desk reopened {"status":"verification-success"}"#]
        );
        assert_eq!(
            (&desk.state()["case"], &desk.state()["closedAt"]),
            (&json!("open"), &Value::Null)
        );
        assert_eq!(desk.ask(decide("partner-pass", ADA)).0, 202);
    }
}

#[test]
fn a_claim_that_was_over_is_ended_before_its_request_is() {
    let mut desk = Desk::open();
    desk.say(json!({ "type": "claim", "by": ADA }));
    desk.now += 900_000;
    desk.say(json!({ "type": "upstream-status", "status": "user-cancelled" }));
    assert_eq!(
        desk.audited(),
        [
            format!(
                r#"desk claim-expired {{"holder":"{ADA}","until":{}}}"#,
                desk.now
            ),
            r#"desk ended-upstream {"status":"user-cancelled"}"#.to_owned()
        ]
    );
}

#[test]
fn what_upstream_ended_while_it_was_decided_is_closed_by_an_undo() {
    let mut desk = Desk::open();
    desk.say(decide("partner-pass", ADA));
    desk.say(json!({ "type": "upstream-status", "status": "user-cancelled" }));
    assert_eq!(desk.delivery()["state"], "waiting", "a verdict stands");
    assert_eq!(desk.audited(), Vec::<String>::new());
    assert_eq!(desk.ask(json!({ "type": "undo", "by": ADA })).0, 200);
    assert_eq!(desk.state()["case"], "closed");
}

#[test]
fn a_verdict_on_what_upstream_has_ended_is_a_dead_letter_at_once() {
    let mut desk = Desk::leased();
    desk.say(json!({ "type": "status-read", "lease": 1, "status": "user-cancelled" }));
    assert_eq!(desk.effect("put-status"), Value::Null);
    assert_eq!(
        *desk.delivery(),
        json!({ "state": "dead", "at": desk.now, "attempts": 1, "code": "ended", "status": null })
    );
    assert_eq!(
        desk.state()["case"],
        "decided",
        "to be seen, and not purged"
    );
    // What upstream has queued may come to stand all the same.
    let mut desk = unconfirmed();
    desk.say(json!({ "type": "lease" }));
    desk.say(json!({ "type": "status-read", "lease": 2, "status": "user-cancelled" }));
    assert_eq!(desk.delivery()["state"], "unconfirmed");
}

/// Refused as unknown; upstream does not have it.
fn lost() -> Desk {
    let mut desk = Desk::leased();
    desk.say(json!({ "type": "send-failed", "lease": 1, "code": "not_found", "status": 404, "retryable": false }));
    desk.now += 3;
    desk
}

#[test]
fn a_person_lets_go_of_a_dead_letter_whose_request_is_no_more() {
    let accept = |gone: bool| json!({ "type": "resolve-conflict", "by": BEN, "how": "accept", "gone": gone });
    let mut desk = lost();
    let none = json!({ "error": "no_conflict", "delivery": "dead" });
    let retry = json!({ "type": "resolve-conflict", "by": BEN, "how": "retry", "gone": true });
    for event in [accept(false), retry] {
        assert_eq!(desk.ask(event), (409, none.clone()));
        assert!(!desk.changed());
    }
    let dead = desk.delivery().clone();
    assert_eq!(
        desk.ask(accept(true)),
        (200, json!({ "id": "abc123", "outcome": "abandoned" }))
    );
    assert_eq!(
        desk.audited(),
        [format!(r#"{BEN} abandoned {{"shown":null}}"#)]
    );
    assert_eq!(*desk.delivery(), dead, "not delivered, as it was");
    assert_eq!(desk.state()["closedAt"], desk.now);
    assert_eq!(desk.ask(accept(true)), (409, none), "once");
    for verdict in ["partner-pass", "partner-fail"] {
        assert_eq!(
            desk.ask(decide(verdict, ADA)).0,
            409,
            "nothing is on its way"
        );
    }
    // A late word, or a person's, brings it back.
    for (event, state, phase) in [
        (
            json!({ "type": "sent", "lease": 1, "outcome": "applied" }),
            "delivered",
            "closed",
        ),
        (
            json!({ "type": "sent", "lease": 1, "outcome": "queued" }),
            "unconfirmed",
            "decided",
        ),
        (
            json!({ "type": "upstream-status", "status": "partner-fail" }),
            "conflict",
            "decided",
        ),
        (
            json!({ "type": "retry-dead", "by": ADA }),
            "retrying",
            "decided",
        ),
        (
            json!({ "type": "upstream-status", "status": "verification-success" }),
            "dead",
            "decided",
        ),
    ] {
        let mut back = Desk {
            case: desk.case.clone(),
            now: desk.now,
            ..Desk::closed()
        };
        back.say(event);
        assert_eq!(
            (&back.delivery()["state"], &back.state()["case"]),
            (&json!(state), &json!(phase))
        );
    }
    desk.now += 30 * 86_400_000;
    desk.say(json!({ "type": "purge" }));
    assert_eq!(*desk.state(), Value::Null);

    let mut ended = Desk::leased();
    ended.say(json!({ "type": "status-read", "lease": 1, "status": "user-cancelled" }));
    assert_eq!(ended.ask(accept(false)).0, 200);
    assert_eq!(
        ended.audited(),
        [format!(r#"{BEN} abandoned {{"shown":"user-cancelled"}}"#)]
    );
    assert_eq!(ended.state()["upstreamStatus"], "user-cancelled");
    assert_eq!(ended.ask(accept(false)).0, 409, "once");
}

#[test]
fn a_person_lets_go_of_an_undecided_request_that_is_no_more() {
    let accept = |gone: bool| json!({ "type": "resolve-conflict", "by": BEN, "how": "accept", "gone": gone });
    let mut desk = Desk::open();
    assert_eq!(
        desk.ask(accept(false)),
        (409, json!({ "error": "no_conflict", "delivery": "none" }))
    );
    desk.say(json!({ "type": "claim", "by": ADA }));
    let held = json!({ "error": "claimed", "by": ADA, "until": T + 900_000 });
    assert_eq!(desk.ask(accept(true)), (409, held));
    let mut own = Desk {
        case: desk.case.clone(),
        ..Desk::closed()
    };
    own.say(json!({ "type": "resolve-conflict", "by": ADA, "how": "accept", "gone": true }));
    assert_eq!(own.state()["case"], "closed", "whose claim it is may");
    desk.now += 900_000;
    assert_eq!(desk.ask(accept(true)).0, 200);
    assert_eq!(
        desk.audited(),
        [
            format!(
                r#"desk claim-expired {{"holder":"{ADA}","until":{}}}"#,
                desk.now
            ),
            format!(r#"{BEN} abandoned {{"shown":null}}"#)
        ]
    );
    assert_eq!(desk.state()["case"], "closed");
    assert_eq!(desk.state()["upstreamStatus"], "unknown");
    assert_eq!(desk.ask(accept(true)).0, 409);
    // Also with a status that is not known here.
    for status in ["A status of tomorrow", "verification-success"] {
        let mut seen = Desk {
            case: desk.case.clone(),
            now: desk.now,
            ..Desk::closed()
        };
        seen.say(json!({ "type": "upstream-status", "status": status }));
        assert_eq!(seen.state()["case"], "open", "it was there all the same");
        assert!(seen.changed());
    }
    // Nothing else is let go.
    for mut other in [Desk::leased(), unconfirmed(), Desk::delivered()] {
        assert_eq!(other.ask(accept(true)).0, 409);
        assert!(!other.changed());
    }
}

// Retention

#[test]
fn closed_cases_are_purged_and_no_others() {
    let kept = 30 * 86_400_000;
    let mut resolved = Desk::in_conflict();
    resolved.say(json!({ "type": "resolve-conflict", "by": BEN, "how": "accept" }));
    let mut elsewhere = Desk::open();
    elsewhere.say(json!({ "type": "upstream-status", "status": "partner-fail" }));
    for mut desk in [Desk::delivered(), resolved, elsewhere] {
        let closed = desk.state()["closedAt"].as_u64().unwrap();
        desk.now = closed + kept - 1;
        desk.say(json!({ "type": "purge" }));
        assert_eq!(
            desk.effect("refused"),
            json!({ "type": "refused", "why": "kept", "dueAt": closed + kept })
        );
        desk.now += 1;
        desk.say(json!({ "type": "purge" }));
        assert_eq!(*desk.state(), Value::Null);
        assert_eq!(desk.audited(), ["desk purged {}"]);
        assert_eq!(desk.effect("forget")["id"], "abc123");
        desk.say(json!({ "type": "sent", "lease": 1, "outcome": "applied" }));
        assert!(!desk.changed(), "a late word about nothing");
    }
    for mut desk in [
        Desk::open(),
        Desk::two_person(),
        Desk::leased(),
        Desk::sending(),
        Desk::dead(),
        Desk::in_conflict(),
    ] {
        desk.now = MAX_TIME;
        desk.say(json!({ "type": "purge" }));
        assert!(!desk.changed());
        assert_eq!(desk.effect("refused")["dueAt"], Value::Null);
    }
}

// What is read

#[test]
fn a_malformed_event_is_named_by_its_field() {
    let refused = |event: Value| event_in(&Some(event)).unwrap_err().path;
    assert_eq!(refused(json!(null)), "");
    assert_eq!(refused(json!({})), "type");
    assert_eq!(refused(json!({ "type": "explode" })), "type");
    for by in [
        json!(""),
        json!("  "),
        json!(7),
        json!(null),
        json!("a".repeat(513)),
    ] {
        assert_eq!(refused(json!({ "type": "claim", "by": by })), "by");
    }
    let longest = json!({ "type": "claim", "by": "a".repeat(512) });
    assert!(event_in(&Some(longest)).is_ok());
    assert_eq!(
        refused(json!({ "type": "decide", "by": ADA, "verdict": "pass" })),
        "verdict"
    );
    assert_eq!(
        refused(json!({ "type": "decide", "by": ADA, "verdict": "partner-pass", "reason": 1 })),
        "reason"
    );
    assert_eq!(
        refused(
            json!({ "type": "decide", "by": ADA, "verdict": "partner-pass", "noted": "a text" })
        ),
        "noted"
    );
    assert_eq!(
        refused(json!({ "type": "undo", "by": ADA, "admin": "yes" })),
        "admin"
    );
    assert_eq!(
        refused(json!({ "type": "resolve-conflict", "by": ADA, "how": "overwrite" })),
        "how"
    );
    assert_eq!(
        refused(json!({ "type": "sent", "lease": 1, "outcome": "yes" })),
        "outcome"
    );
    for lease in [json!(-1), json!(1.5), json!("1"), json!(4_294_967_296_u64)] {
        assert_eq!(
            refused(json!({ "type": "sent", "lease": lease, "outcome": "applied" })),
            "lease"
        );
    }
    assert_eq!(
        refused(json!({ "type": "send-failed", "lease": 1, "code": "network" })),
        "retryable"
    );
    for wait in [json!(-1), json!("1")] {
        let event = json!({ "type": "send-failed", "lease": 1, "code": "network", "retryable": true, "retryAfterMs": wait });
        assert_eq!(refused(event), "retryAfterMs");
    }
    for id in ["..", "a/b", ""] {
        assert_eq!(
            refused(json!({ "type": "intake-confirmed", "id": id, "status": "x" })),
            "id"
        );
    }
}

#[test]
fn a_malformed_state_is_named_by_its_field() {
    let sound = Desk::delivered().last["state"].clone();
    let refused = |pointer: &str, value: Value| {
        let mut state = sound.clone();
        *state.pointer_mut(pointer).unwrap() = value;
        super::case_in(&Some(state)).unwrap_err().path
    };
    assert_eq!(refused("/version", json!(null)), "version");
    assert_eq!(
        refused("/closedAt", json!(9_007_199_254_740_992_u64)),
        "closedAt"
    );
    assert_eq!(refused("/id", json!("a b")), "id");
    assert_eq!(refused("/claim", json!([])), "claim");
    assert_eq!(
        refused("/decision/verdict", json!("maybe")),
        "decision.verdict"
    );
    assert_eq!(refused("/decision", json!(null)), "decision");
    assert_eq!(refused("/delivery/state", json!("lost")), "delivery.state");
    assert_eq!(refused("/delivery", json!("none")), "delivery");
    assert_eq!(refused("/undone", json!([{ "by": ADA }])), "undone[0].key");
}

#[test]
fn settings_have_defaults_and_limits() {
    let read = |settings: Value| settings_in(&Some(settings));
    assert_eq!(settings_in(&None::<Value>), Ok(Settings::default()));
    assert_eq!(read(json!({})), Ok(Settings::default()));
    let some = read(json!({ "undoMs": 0, "twoPerson": true, "giveUpMs": 1 })).unwrap();
    assert_eq!(
        (some.undo_ms, some.two_person, some.give_up_ms),
        (0, true, 1)
    );
    assert_eq!(
        read(json!({ "leaseMs": 30_000 })).unwrap_err().path,
        "leaseMs"
    );
    assert_eq!(read(json!({ "undoMs": "10" })).unwrap_err().path, "undoMs");
    assert_eq!(
        read(json!({ "twoPerson": 1 })).unwrap_err().path,
        "twoPerson"
    );
    assert_eq!(
        read(json!({ "undoMS": 10 })).unwrap_err().path,
        "undoMS",
        "a slip of the keyboard"
    );
}

#[test]
fn each_setting_is_read_by_its_own_name_and_held_to_its_limit() {
    let each = json!({
        "undoMs": 1, "claimMs": 2, "sendTimeoutMs": 3, "leaseMs": 7, "giveUpMs": 8, "backoffBaseMs": 9,
        "backoffCapMs": 10, "retentionMs": 7, "twoPerson": true,
    });
    let read = settings_in(&Some(each.clone())).unwrap();
    let printed = settings_out(&read).print();
    assert_eq!(serde_json::from_str::<Value>(&printed).unwrap(), each);
    assert_eq!((read.undo_ms, read.claim_ms), (1, 2));
    assert_eq!((read.send_timeout_ms, read.lease_ms), (3, 7));
    assert_eq!((read.give_up_ms, read.retention_ms), (8, 7));
    assert_eq!((read.backoff_base_ms, read.backoff_cap_ms), (9, 10));
    let longest: u64 = 100 * 366 * 86_400_000;
    for (name, worst) in [
        ("undoMs", longest + 1),
        ("claimMs", longest + 1),
        ("claimMs", 0),
        ("sendTimeoutMs", longest + 1),
        ("sendTimeoutMs", 0),
        ("leaseMs", longest + 1),
        ("leaseMs", 6),
        ("giveUpMs", longest + 1),
        ("backoffBaseMs", longest + 1),
        ("backoffBaseMs", 0),
        ("backoffCapMs", longest + 1),
        ("backoffCapMs", 0),
        ("retentionMs", longest + 1),
        ("retentionMs", 6),
    ] {
        let mut bad = each.clone();
        bad[name] = worst.into();
        let misfit = settings_in(&Some(bad)).unwrap_err();
        assert_eq!(misfit.path, name, "{worst}");
    }
    let mut long = each;
    long["retentionMs"] = longest.into();
    assert!(settings_in(&Some(long)).is_ok());
}

#[test]
fn no_clock_is_too_late() {
    let mut desk = Desk::open();
    desk.now = MAX_TIME;
    assert_eq!(
        desk.ask(decide("partner-pass", ADA)).1["sendAfter"],
        MAX_TIME
    );
    desk.say(json!({ "type": "lease" }));
    assert_eq!(desk.delivery()["until"], MAX_TIME);
}

#[test]
fn verdicts_and_outcomes_are_those_of_the_client() {
    // `Event` is made of the client's own words, so that a receipt can be handed on as it is.
    for outcome in [Outcome::Applied, Outcome::AlreadyApplied, Outcome::Queued] {
        let read = event_in(&Some(
            json!({ "type": "sent", "lease": 1, "outcome": outcome.as_str() }),
        ));
        assert_eq!(read, Ok(Event::Sent { lease: 1, outcome }));
    }
    for verdict in [Verdict::Pass, Verdict::Fail] {
        let read = event_in(&Some(decide(verdict.as_str(), ADA)));
        let Ok(Event::Decide { verdict: read, .. }) = read else {
            panic!("{read:?}");
        };
        assert_eq!(read, verdict);
    }
}
