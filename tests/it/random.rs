//! Small random programs, and what must be so of every one of them.

use std::collections::BTreeSet;
use std::fmt::Write;

use fiveforks::check::{Fault, FaultKind, Memory, Options, Reduction, Report};
use fiveforks::program::{ActorId, Program, Violation};
use fiveforks::snapshot::Life;
use rand::RngExt;
use rand_pcg::Pcg32;
use rand_pcg::rand_core::SeedableRng;

use crate::checks::{checked, options};
use crate::support::compile;

/// How many programs to try: more, if the environment's RANDOM_PROGRAMS says so.
pub fn count(usual: u64) -> u64 {
    std::env::var("RANDOM_PROGRAMS").ok().and_then(|count| count.parse().ok()).unwrap_or(usual)
}

/// A program of two roles with one to three actors each, which use what there is without a plan.
pub fn program(seed: u64) -> String {
    let mut random = Pcg32::seed_from_u64(seed);
    let mut out = String::new();
    for name in ["s", "t"] {
        let fair = if random.random_ratio(1, 8) { "fair " } else { "" };
        let _ = writeln!(out, "{fair}semaphore {name} = {}", random.random_range(0..3));
    }
    let mutex = random.random_ratio(1, 4);
    if mutex {
        out += "mutex m\n";
    }
    out += "shared x = 0 in 0..2\nshared y = 0\n";
    for role in ["a", "b"] {
        let count = random.random_range(1..4);
        let array = if count > 1 { format!("[{count}]") } else { String::new() };
        let _ = writeln!(out, "role {role}{array}:\n    idle\n    busy by {role}_work()");
    }
    if random.random_ratio(1, 2) {
        out += "always \"alone\":\n    count(a is busy) + count(b is busy) <= 1\n";
    }
    if random.random_ratio(1, 4) {
        out += "possible \"both\":\n    count(a is busy) >= 1 and count(b is busy) >= 1\n";
    }
    for role in ["a", "b"] {
        let _ = writeln!(out, "process {role}:");
        let depth = if random.random_ratio(1, 3) {
            out += "    loop:\n";
            2
        } else {
            1
        };
        block(&mut out, &mut random, role, depth, mutex);
    }
    out
}

fn block(out: &mut String, random: &mut Pcg32, role: &str, depth: usize, mutex: bool) {
    for _ in 0..random.random_range(2..5) {
        statement(out, random, role, depth, mutex);
    }
    let _ = writeln!(out, "{}{role}_work()", "    ".repeat(depth));
}

fn statement(out: &mut String, random: &mut Pcg32, role: &str, depth: usize, mutex: bool) {
    let indent = "    ".repeat(depth);
    let semaphore = ["s", "t"][random.random_range(0..2)];
    let cell = ["x", "y"][random.random_range(0..2)];
    let line = match random.random_range(0..16) {
        0..4 => format!("wait({semaphore})"),
        4..8 => format!("signal({semaphore})"),
        8 => format!("{cell} = {}", random.random_range(0..3)),
        9 => format!("{cell} = ({cell} + 1) % 3"),
        10 if mutex => "lock(m)".into(),
        11 if mutex => "unlock(m)".into(),
        12 => format!("await {cell} == {}", random.random_range(0..2)),
        13 if depth < 4 => {
            let tests = [format!("{cell} == 0"), format!("try_wait({semaphore})"), "flip()".into()];
            let _ = writeln!(out, "{indent}if {}:", tests[random.random_range(0..tests.len())]);
            statement(out, random, role, depth + 1, mutex);
            return;
        }
        14 => format!("fetch_add(y, {})", random.random_range(0..2)),
        _ => format!("{role}_work()"),
    };
    let _ = writeln!(out, "{indent}{line}");
}

/// What a search without progress finds, apart from the names of actors: with the length of the way, where that is the
/// shortest.
fn findings(program: &Program, report: &Report) -> BTreeSet<(String, Option<usize>)> {
    report
        .faults
        .iter()
        .map(|fault| {
            let name = match &fault.kind {
                // Of several deadlocks of all that are equally near, any may be shown.
                FaultKind::Deadlock(actors) if is_total(program, fault, actors) => "deadlock of all".into(),
                FaultKind::Deadlock(actors) => format!("deadlock of {}", actors.len()),
                FaultKind::Violation(Violation::Demand(id)) => {
                    format!("demand {}", program.demands[id.index()].property)
                }
                other => format!("{other:?}"),
            };
            (name, fault.shortest.then_some(fault.moves.0.len()))
        })
        .collect()
}

/// Whether everybody else has come to the end.
fn is_total(program: &Program, fault: &Fault, stuck: &[ActorId]) -> bool {
    let (_, pictures) = fault.walk(program, Memory::Sc);
    let last = &pictures[pictures.len() - 1];
    (0..).map(ActorId).zip(&last.actors).all(|(id, view)| stuck.contains(&id) || view.life != Life::Running)
}

/// Compares a check without reductions with those that use them. Gives whether it could be done.
fn reductions_agree(text: &str, program: &Program) -> bool {
    let check = |partial_order, symmetry| {
        let reduction = Reduction { partial_order, symmetry };
        let limits =
            Options { progress: false, after_fault: usize::MAX, states: 30_000, threads: 1, ..options() };
        checked(program, &Options { reduction, ..limits })
    };
    let whole = check(false, false);
    if !whole.is_complete() {
        return false;
    }
    for (partial_order, symmetry) in [(true, false), (false, true), (true, true)] {
        let reduced = check(partial_order, symmetry);
        assert!(reduced.is_complete() && reduced.states <= whole.states, "{text}");
        let (all, some) = (findings(program, &whole), findings(program, &reduced));
        let same = |one: &(String, Option<usize>)| {
            all.iter().any(|other| one.0 == other.0 && (one.1.is_none() || one.1 == other.1))
        };
        let fits = all.len() == some.len() && some.iter().all(same);
        assert!(fits, "{partial_order} {symmetry}\n{text}\n{all:?}\n{some:?}");
        assert_eq!(whole.vacuous, reduced.vacuous, "{text}");
    }
    true
}

#[test]
fn reductions_change_no_verdict_of_random_programs() {
    let programs = count(400);
    let done = (0..programs).filter(|seed| {
        let text = program(*seed);
        reductions_agree(&text, &compile(&text))
    });
    let done = done.count() as u64;
    println!("{done} of {programs} random programs compared");
    assert!(done * 3 > programs * 2, "only {done} programs have few enough states");
}

#[test]
fn reductions_change_no_verdict_of_the_catalogue() {
    for (name, program) in crate::checks::small_programs() {
        let check = |partial_order, symmetry| {
            let reduction = Reduction { partial_order, symmetry };
            let limits = Options { progress: false, after_fault: usize::MAX, states: 1_000_000, ..options() };
            checked(&program, &Options { reduction, ..limits })
        };
        let whole = check(false, false);
        let reduced = check(true, true);
        if whole.is_complete() {
            assert!(reduced.is_complete(), "{name}");
            let kinds = |report: &Report| -> BTreeSet<String> {
                findings(&program, report).into_iter().map(|(name, _)| name).collect()
            };
            assert_eq!(kinds(&whole), kinds(&reduced), "{name}");
        }
    }
}
