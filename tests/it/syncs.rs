//! Monitors, mutexes, read-write locks and barriers by themselves: whatever is done to them in whatever order, what each is for
//! holds.

use fiveforks::program::{ActorId, ConditionId, Preference, SyncKind, SyncOp};
use fiveforks::sync::{Effect, Held, apply, without};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

const ACTORS: u32 = 4;

/// What an actor may do next, in a program that keeps the rules: where it is, by the last thing that it did.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Out,
    In,
    Queued(SyncOp, u32),
}

/// Lets actors do what they like for a while, and looks after each step.
fn play(kind: SyncKind, seed: u64, looks: impl Fn(&Held, &[Place])) {
    let mut random = StdRng::seed_from_u64(seed);
    let mut held = Held::default();
    let mut places = [Place::Out; ACTORS as usize];
    let mut idle = 0;
    for _ in 0..400 {
        let at = random.random_range(0..ACTORS) as usize;
        let me = ActorId(at as u32);
        if random.random_range(0..40) == 0 {
            // It dies, and another begins in its place.
            held = without(kind, &held, me);
            places[at] = Place::Out;
            continue;
        }
        let (op, condition) = match (places[at], kind) {
            (Place::Queued(op, condition), _) => (op, condition),
            (Place::Out, SyncKind::Monitor { .. }) => (SyncOp::Enter, 0),
            (Place::In, SyncKind::Monitor { hoare, .. }) => {
                let ops = [SyncOp::Leave, SyncOp::Await, SyncOp::Signal, SyncOp::Broadcast];
                let count = if hoare { 3 } else { 4 };
                (ops[random.random_range(0..count)], random.random_range(0..2))
            }
            (Place::Out, SyncKind::RwLock(_)) => {
                ([SyncOp::Read, SyncOp::Write][random.random_range(0..2usize)], 0)
            }
            (Place::In, SyncKind::RwLock(_)) => (SyncOp::Unlock, 0),
            (Place::Out, SyncKind::Mutex { .. }) => (SyncOp::Lock, 0),
            (Place::In, SyncKind::Mutex { recursive, .. }) => {
                let again = recursive && random.random_range(0..2) == 0;
                (if again { [SyncOp::Lock, SyncOp::TryLock][at % 2] } else { SyncOp::Unlock }, 0)
            }
            (_, SyncKind::Barrier { .. }) => (SyncOp::Arrive, 0),
        };
        let queued = matches!(places[at], Place::Queued(..));
        match apply(kind, &held, op, condition, me, queued) {
            Effect::Gives(_, to) => {
                held = to;
                places[at] = match op {
                    SyncOp::Leave | SyncOp::Arrive => Place::Out,
                    SyncOp::Unlock if !held.has(me) => Place::Out,
                    _ => Place::In,
                };
                idle = 0;
            }
            Effect::Queues(to) => {
                assert_ne!(to, held, "who joins a line changes it");
                held = to;
                places[at] = Place::Queued(op, condition);
                idle = 0;
            }
            Effect::Blocked => idle += 1,
            Effect::NotHeld => panic!("{op:?} at {places:?}: {held:?}"),
        }
        looks(&held, &places);
        let lock = matches!(kind, SyncKind::RwLock(_) | SyncKind::Mutex { .. });
        assert!(idle < 300 || !lock, "nobody can go on: {held:?} {places:?}");
    }
}

#[test]
fn one_at_a_time_is_inside_a_monitor() {
    for hoare in [false, true] {
        for seed in 0..200 {
            play(SyncKind::Monitor { hoare, conditions: ConditionId(0) }, seed, |held, places| {
                assert!(held.inside.len() <= 1, "{held:?}");
                let inside = places.iter().filter(|p| **p == Place::In).count();
                // In Hoare's, who was handed the monitor may not have noticed yet.
                assert!(inside <= 1, "{places:?}");
                assert!(hoare || held.inside.len() == inside, "{held:?} {places:?}");
                let set_aside = held.urgent.iter().filter(|who| held.has(**who) || held.waits(**who)).count();
                assert_eq!(set_aside, 0, "{held:?}");
                assert!(hoare || held.urgent.is_empty());
                assert!(
                    held.urgent.is_empty() || held.inside.len() == 1,
                    "nobody would hand it back: {held:?}"
                );
            });
        }
    }
}

#[test]
fn a_writer_is_alone_with_a_lock() {
    for preference in [Preference::Readers, Preference::Writers, Preference::Fair] {
        for seed in 0..200 {
            play(SyncKind::RwLock(preference), seed, |held, _| {
                assert!(!held.writing || held.inside.len() == 1, "{held:?}");
                assert!(held.inside.iter().all(|(_, times)| *times == 1), "{held:?}");
                assert!(preference != Preference::Readers || held.line.is_empty(), "{held:?}");
            });
        }
    }
}

#[test]
fn one_at_a_time_holds_a_mutex() {
    for (recursive, fair) in [(true, false), (false, true), (true, true)] {
        for seed in 0..200 {
            play(SyncKind::Mutex { recursive, fair }, seed, |held, places| {
                assert!(held.inside.len() <= 1, "{held:?}");
                assert_eq!(places.iter().filter(|p| **p == Place::In).count(), held.inside.len());
                assert!(recursive || held.inside.iter().all(|(_, times)| *times == 1), "{held:?}");
                assert!(fair || held.line.is_empty(), "{held:?}");
            });
        }
    }
}

#[test]
fn a_fair_mutex_is_overtaken_by_nobody() {
    let kind = SyncKind::Mutex { recursive: false, fair: true };
    let (holder, waiter, other) = (ActorId(0), ActorId(2), ActorId(1));
    let mut held = Held::default();
    for (op, who) in [(SyncOp::Lock, holder), (SyncOp::Lock, waiter), (SyncOp::Unlock, holder)] {
        let (Effect::Gives(_, to) | Effect::Queues(to)) = apply(kind, &held, op, 0, who, false) else {
            panic!("{held:?}")
        };
        held = to;
    }
    assert_eq!(apply(kind, &held, SyncOp::TryLock, 0, other, false), Effect::Gives(0, held.clone()));
    assert!(matches!(apply(kind, &held, SyncOp::Lock, 0, other, false), Effect::Queues(_)));
    assert!(matches!(apply(kind, &held, SyncOp::Lock, 0, waiter, true), Effect::Gives(1, _)));
    assert!(matches!(apply(kind, &held, SyncOp::Unlock, 0, other, false), Effect::NotHeld));
}

#[test]
fn a_barrier_lets_nobody_through_alone() {
    for seed in 0..200 {
        play(SyncKind::Barrier { parties: 3 }, seed, |held, _| {
            assert!(held.line.len() < 3, "{held:?}");
        });
    }
}

#[test]
fn hoare_hands_over_and_mesa_does_not() {
    let (waiter, signaller, other) = (ActorId(0), ActorId(1), ActorId(2));
    let after = |hoare: bool| {
        let kind = SyncKind::Monitor { hoare, conditions: ConditionId(0) };
        let mut held = Held::default();
        for (op, who) in [(SyncOp::Enter, waiter), (SyncOp::Await, waiter), (SyncOp::Enter, signaller)] {
            held = match apply(kind, &held, op, 0, who, false) {
                Effect::Gives(_, to) | Effect::Queues(to) => to,
                effect => panic!("{effect:?}"),
            };
        }
        let signalled = apply(kind, &held, SyncOp::Signal, 0, signaller, false);
        (kind, signalled)
    };
    let (kind, Effect::Queues(held)) = after(true) else { panic!("the signaller steps aside") };
    assert!(held.has(waiter) && held.urgent == [signaller]);
    assert!(matches!(apply(kind, &held, SyncOp::Await, 0, waiter, true), Effect::Gives(..)));
    assert_eq!(apply(kind, &held, SyncOp::Enter, 0, other, false), Effect::Blocked);
    // The waiter dies inside: the monitor goes back to who stepped aside.
    assert!(without(kind, &held, waiter).has(signaller));

    let (kind, Effect::Gives(_, held)) = after(false) else { panic!("the signaller stays") };
    assert!(held.has(signaller) && !held.waits(waiter));
    assert_eq!(apply(kind, &held, SyncOp::Await, 0, waiter, true), Effect::Blocked);
    let Effect::Gives(_, free) = apply(kind, &held, SyncOp::Leave, 0, signaller, false) else {
        panic!("it leaves")
    };
    // Now anybody may come first: the woken one, or one from outside.
    assert!(matches!(apply(kind, &free, SyncOp::Await, 0, waiter, true), Effect::Gives(..)));
    assert!(matches!(apply(kind, &free, SyncOp::Enter, 0, other, false), Effect::Gives(..)));
}

#[test]
fn a_fair_lock_keeps_the_order_and_lets_neighbouring_readers_in_together() {
    let kind = SyncKind::RwLock(Preference::Fair);
    let who = ActorId;
    let mut held = Held::default();
    let mut come = |op, actor| match apply(kind, &held, op, 0, who(actor), false) {
        Effect::Gives(_, to) => {
            held = to;
            true
        }
        Effect::Queues(to) => {
            held = to;
            false
        }
        effect => panic!("{effect:?}"),
    };
    assert!(come(SyncOp::Read, 0));
    assert!(!come(SyncOp::Write, 1));
    // Though one reads already, the reader who comes after the writer waits.
    assert!(!come(SyncOp::Read, 2));
    assert!(!come(SyncOp::Read, 3));
    let goes = |held: &Held, op, actor| match apply(kind, held, op, 0, who(actor), true) {
        Effect::Gives(_, to) => Some(to),
        _ => None,
    };
    assert_eq!(goes(&held, SyncOp::Read, 2), None);
    assert_eq!(goes(&held, SyncOp::Write, 1), None);
    let Effect::Gives(_, free) = apply(kind, &held, SyncOp::Unlock, 0, who(0), false) else {
        panic!("it unlocks")
    };
    assert_eq!(goes(&free, SyncOp::Read, 2), None);
    let written = goes(&free, SyncOp::Write, 1).expect("the writer's turn");
    let Effect::Gives(_, read) = apply(kind, &written, SyncOp::Unlock, 0, who(1), false) else {
        panic!("unlocks")
    };
    // The second of the two may go in first: both may.
    let one = goes(&read, SyncOp::Read, 3).expect("both may read");
    assert!(goes(&one, SyncOp::Read, 2).is_some());
}
