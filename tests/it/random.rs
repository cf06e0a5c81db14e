//! Small random programs, and what must be so of every one of them.

use std::collections::BTreeSet;

use crate::author::{Taste, program};
use crate::checks::{checked, options};
use crate::support::{TempProgram, compile, output, texts};
use fiveforks::check::{Fault, FaultKind, Memory, Options, Reduction, Report};
use fiveforks::program::{ActorId, Program, Violation};
use fiveforks::snapshot::Life;

/// How many programs to try: more, if the environment's RANDOM_PROGRAMS says so.
pub fn count(usual: u64) -> u64 {
    std::env::var("RANDOM_PROGRAMS").ok().and_then(|count| count.parse().ok()).unwrap_or(usual)
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

/// Compares a check without reductions with those that use them, on one thread and on two. Gives whether it could be done.
fn reductions_agree(name: &str, program: &Program, states: usize) -> bool {
    let check = |partial_order, symmetry, threads| {
        let reduction = Reduction { partial_order, symmetry };
        let limits = Options { progress: false, after_fault: usize::MAX, states, threads, ..options() };
        checked(program, &Options { reduction, ..limits })
    };
    let whole = check(false, false, 1);
    if !whole.is_complete() {
        return false;
    }
    let all = findings(program, &whole);
    for (partial_order, symmetry) in [(false, false), (true, false), (false, true), (true, true)] {
        for threads in [1, 2] {
            // The whole once more.
            if (partial_order, symmetry, threads) == (false, false, 1) {
                continue;
            }
            let reduced = check(partial_order, symmetry, threads);
            assert!(reduced.is_complete() && reduced.states <= whole.states, "{name}");
            assert!(partial_order || symmetry || reduced.states == whole.states, "{name}");
            let some = findings(program, &reduced);
            let same = |one: &(String, Option<usize>)| {
                all.iter().any(|other| one.0 == other.0 && (one.1.is_none() || one.1 == other.1))
            };
            let fits = all.len() == some.len() && some.iter().all(same);
            assert!(fits, "{partial_order} {symmetry} {threads}\n{name}\n{all:?}\n{some:?}");
            assert_eq!(whole.vacuous, reduced.vacuous, "{name}");
        }
    }
    true
}

#[test]
fn reductions_change_no_verdict_of_random_programs() {
    let programs = count(300);
    let done = (0..programs).filter(|seed| {
        let text = program(*seed, Taste::Any);
        reductions_agree(&text, &compile(&text), 30_000)
    });
    let done = done.count() as u64;
    println!("{done} of {programs} random programs compared");
    assert!(done * 3 > programs * 2, "only {done} programs have few enough states");
}

#[test]
fn random_programs_do_all_that_they_may() {
    let parts = [
        "own_a[i] =",
        "own_b =",
        "z[x % 2]",
        "z[x] =",
        "wait_for(",
        "choose(",
        "assert ",
        " or ",
        "fair semaphore",
        "lock(m)",
        "loop:",
        "await ",
        "flip()",
        "possible ",
        "exit",
        "monitor gate:",
        "monitor gate hoare:",
        "broadcast(calm",
        "signal(calm[open % 2])",
        "rwlock book[2]\n",
        "prefer writers",
        "fair rwlock",
        "unlock(book[x % 2])",
        "barrier meet = 3",
        "if arrive(meet)",
        "channel mail size 2",
        "channel mail[2]",
        "try_receive(mail[x % 2])",
        "items ",
        "b_work(receive(tray))",
    ];
    for (first, count, taste) in [(0, 400, Taste::Any), (10_000, 40, Taste::ForSpin)] {
        let all: String = (first..first + count).map(|seed| program(seed, taste)).collect();
        let missing: Vec<&str> = parts.into_iter().filter(|part| !all.contains(part)).collect();
        // With few programs, one or the other does not come up.
        assert!(missing.len() <= if count < 100 { 4 } else { 0 }, "{missing:?}");
    }
}

#[test]
fn real_processes_go_as_the_model_goes() {
    for seed in 20_000..20_000 + count(12) {
        let text = program(seed, Taste::ForSpin);
        let path = TempProgram::new(&format!("random-{seed}"), &text);
        let arguments = ["run", path.path(), "--schedule-seed", "1", "--steps", "60", "--format", "json"];
        let (out, err) = texts(&output(&arguments));
        let report: serde_json::Value =
            serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {out}{err}\n{text}"));
        assert_eq!(report["followed"], true, "{report}\n{text}");
    }
}

#[test]
fn reductions_change_no_verdict_of_the_catalogue() {
    let programs = crate::checks::small_programs();
    let states = if crate::checks::is_thorough() { 1_000_000 } else { 40_000 };
    let done = programs.iter().filter(|(name, program)| reductions_agree(name, program, states)).count();
    println!("{done} of {} programs compared", programs.len());
    assert!(done * 3 > programs.len() * 2, "only {done} programs have few enough states");
}
