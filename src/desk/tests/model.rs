//! Any interleaving of what can happen: at random and long, and all of them where they are short.

use super::world::{Mood, Op, World};
use crate::decision::Verdict;
use crate::desk::event::Event;
use crate::desk::settings::Settings;
use proptest::prelude::*;
use std::collections::{BTreeSet, HashSet};

const ADA: &str = "ada@example.com";
const BEN: &str = "ben@example.com";

fn quick(two_person: bool) -> Settings {
    Settings {
        undo_ms: 10,
        claim_ms: 30,
        send_timeout_ms: 20,
        lease_ms: 50,
        give_up_ms: 100,
        backoff_base_ms: 16,
        backoff_cap_ms: 40,
        retention_ms: 500,
        two_person,
    }
}

fn decide(verdict: Verdict, by: &str, key: Option<&str>) -> Event {
    Event::Decide {
        verdict,
        by: by.into(),
        reason: None,
        // With and without a note, and no further dimension for the exhaustive tests.
        noted: key.is_some(),
        key: key.map(str::to_owned),
    }
}

fn undo(by: &str, admin: bool) -> Event {
    Event::Undo {
        by: by.into(),
        admin,
    }
}

fn op() -> impl Strategy<Value = Op> {
    let who = || prop_oneof![Just(ADA.to_owned()), Just(BEN.to_owned())];
    let verdict = || prop_oneof![Just(Verdict::Pass), Just(Verdict::Fail)];
    let mood = || {
        prop_oneof![
            4 => Just(Mood::Applies),
            4 => Just(Mood::AppliesSilently),
            3 => Just(Mood::Ignores),
            1 => Just(Mood::Refuses),
            1 => Just(Mood::Objects),
            3 => Just(Mood::Queues),
            2 => Just(Mood::PutsOff),
        ]
    };
    let person =
        prop_oneof![
            who().prop_map(|by| Event::Claim { by }),
            (who(), any::<bool>()).prop_map(|(by, admin)| Event::Release { by, admin }),
            (verdict(), who(), proptest::option::of("[a-c]"))
                .prop_map(|(verdict, by, key)| decide(verdict, &by, key.as_deref())),
            (verdict(), who()).prop_map(|(verdict, by)| Event::Approve { verdict, by }),
            (who(), any::<bool>()).prop_map(|(by, admin)| Event::Undo { by, admin }),
            who().prop_map(|by| Event::RetryDead { by }),
        ];
    prop_oneof![
        6 => person.prop_map(Op::Say),
        6 => Just(Op::Say(Event::Lease)),
        2 => Just(Op::Say(Event::Purge)),
        8 => (any::<usize>(), mood()).prop_map(|(which, mood)| Op::Perform(which, mood)),
        4 => (any::<usize>(), mood()).prop_map(|(which, mood)| Op::Submit(which, mood)),
        8 => (any::<usize>(), any::<bool>()).prop_map(|(which, again)| Op::Arrive(which, again)),
        1 => any::<usize>().prop_map(Op::Lose),
        1 => Just(Op::Crash),
        4 => prop_oneof![Just(1), Just(10), Just(21), Just(60), Just(600)].prop_map(Op::Pass),
        6 => Just(Op::PassUntilDue),
        1 => verdict().prop_map(Op::Outsider),
        2 => any::<bool>().prop_map(Op::WorkOff),
        2 => (who(), any::<bool>()).prop_map(|(by, accept)| Op::Resolve(by, accept)),
        1 => Just(Op::View),
        1 => prop_oneof![4 => Just(Op::Cancel), 1 => Just(Op::Vanish)],
        1 => Just(Op::Intake),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn no_interleaving_breaks_a_promise(two_person: bool, random in 0.0..1.0_f64, ops in prop::collection::vec(op(), 1..60)) {
        let mut world = World::new(quick(two_person)).with_random(random);
        for op in &ops {
            world.apply(op);
        }
        world.end();
    }
}

/// Tries every sequence of these, and ends each world in it. Worlds that are the same are followed once.
fn exhaust(start: World, ops: &[Op], depth: usize) -> (usize, BTreeSet<&'static str>) {
    let mut states = BTreeSet::new();
    let mut seen = HashSet::from([start.key()]);
    let mut worlds = vec![start];
    for _ in 0..depth {
        let mut next = Vec::new();
        for world in &worlds {
            for op in ops {
                let mut world = world.clone();
                world.apply(op);
                if seen.insert(world.key()) {
                    states.extend(world.case.as_ref().map(|case| case.delivery.as_str()));
                    world.clone().end();
                    next.push(world);
                }
            }
        }
        worlds = next;
    }
    (seen.len(), states)
}

#[test]
fn every_short_story_of_a_delivery() {
    let mut start = World::new(quick(false));
    start.say(&decide(Verdict::Pass, ADA, Some("a")));
    let ops = [
        Op::Say(Event::Lease),
        Op::Say(undo(ADA, false)),
        Op::Say(decide(Verdict::Fail, BEN, None)),
        Op::Perform(0, Mood::Applies),
        Op::Perform(0, Mood::AppliesSilently),
        Op::Perform(0, Mood::Ignores),
        Op::Perform(0, Mood::Refuses),
        Op::Perform(0, Mood::Queues),
        Op::Perform(0, Mood::PutsOff),
        Op::WorkOff(false),
        Op::Arrive(0, false),
        Op::Arrive(0, true),
        Op::Crash,
        Op::PassUntilDue,
        Op::Outsider(Verdict::Fail),
        Op::Cancel,
        Op::Vanish,
    ];
    let (worlds, states) = exhaust(start, &ops, 12);
    assert!(worlds > 5_000, "{worlds}");
    assert_eq!(
        states,
        BTreeSet::from([
            "conflict",
            "dead",
            "delivered",
            "leased",
            "none",
            "retrying",
            "unconfirmed",
            "waiting"
        ])
    );
}

#[test]
fn every_short_story_of_two_senders() {
    let mut start = World::new(quick(false));
    start.say(&decide(Verdict::Fail, ADA, None));
    start.apply(&Op::PassUntilDue);
    start.say(&Event::Lease);
    let ops = [
        Op::Say(Event::Lease),
        Op::Perform(0, Mood::Applies),
        Op::Perform(1, Mood::Applies),
        Op::Perform(0, Mood::AppliesSilently),
        Op::Perform(1, Mood::Objects),
        Op::Submit(0, Mood::AppliesSilently),
        Op::Submit(0, Mood::Queues),
        Op::Arrive(0, true),
        Op::Arrive(1, false),
        Op::Pass(19),
        Op::PassUntilDue,
        Op::View,
    ];
    let (worlds, states) = exhaust(start, &ops, 9);
    assert!(worlds > 5_000, "{worlds}");
    assert_eq!(
        states,
        BTreeSet::from(["dead", "delivered", "leased", "retrying", "unconfirmed"])
    );
}

#[test]
fn every_short_story_of_two_people() {
    let start = World::new(quick(true));
    let people = [ADA, BEN].into_iter().flat_map(|by| {
        [Verdict::Pass, Verdict::Fail]
            .into_iter()
            .flat_map(move |verdict| {
                let approve = Event::Approve {
                    verdict,
                    by: by.into(),
                };
                [decide(verdict, by, Some(by)), approve]
            })
            .chain([undo(by, false)])
    });
    let mut ops: Vec<Op> = people.map(Op::Say).collect();
    ops.extend([
        Op::Say(Event::Lease),
        Op::PassUntilDue,
        Op::Pass(6),
        Op::Perform(0, Mood::Applies),
        Op::Perform(0, Mood::Refuses),
        Op::Arrive(0, false),
    ]);
    let (worlds, states) = exhaust(start, &ops, 9);
    assert!(worlds > 1_000, "{worlds}");
    assert_eq!(
        states,
        BTreeSet::from([
            "approval",
            "dead",
            "delivered",
            "leased",
            "none",
            "retrying",
            "waiting"
        ])
    );
}
