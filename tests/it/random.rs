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

/// What a random program may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taste {
    /// Everything.
    Any,
    /// Everything but rules that divide by zero, which end SPIN.
    ForSpin,
}

/// A program of two roles with one to three actors each, which use what there is without a plan.
pub fn program(seed: u64, taste: Taste) -> String {
    let random = Pcg32::seed_from_u64(seed);
    let mut author = Author { random, out: String::new(), mutex: false, array: false, private: false };
    author.objects();
    let counts = ["a", "b"].map(|role| (role, author.random.random_range(1..4)));
    for (role, count) in counts {
        let size = if count > 1 { format!("[{count}]") } else { String::new() };
        author.line(0, &format!("role {role}{size}:\n    idle\n    busy by {role}_work()"));
        if author.private {
            author.line(0, &format!("shared own_{role}{size} = 0"));
        }
    }
    author.rules(taste);
    for (role, count) in counts {
        author.process(role, count > 1);
    }
    author.out
}

struct Author {
    random: Pcg32,
    out: String,
    /// Whether there is a mutex.
    mutex: bool,
    /// Whether there is an array.
    array: bool,
    /// Whether each actor has a variable that no other touches.
    private: bool,
}

impl Author {
    fn line(&mut self, depth: usize, text: &str) {
        let _ = writeln!(self.out, "{}{text}", "    ".repeat(depth));
    }

    fn once_in(&mut self, times: u32) -> bool {
        self.random.random_ratio(1, times)
    }

    fn one_of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.random.random_range(0..texts.len())]
    }

    fn objects(&mut self) {
        for name in ["s", "t"] {
            let fair = if self.once_in(8) { "fair " } else { "" };
            let value = self.random.random_range(0..3);
            self.line(0, &format!("{fair}semaphore {name} = {value}"));
        }
        self.line(0, "shared x = 0 in 0..2\nshared y = 0");
        (self.mutex, self.array, self.private) = (self.once_in(4), self.once_in(4), self.once_in(4));
        for (is_there, text) in [(self.mutex, "mutex m"), (self.array, "shared z[2] = 0")] {
            if is_there {
                self.line(0, text);
            }
        }
    }

    fn rules(&mut self, taste: Taste) {
        // The last one divides by zero where x is 2.
        let divided = ["2 / (x + 1) >= 1", "4 / (2 - x) >= 1"];
        let divided = divided[usize::from(taste == Taste::Any && self.once_in(2))];
        let rules = [
            (2, "alone", "count(a is busy) + count(b is busy) <= 1"),
            (6, "either", "count(a is busy) == 0 or x <= 1"),
            (6, "neither", "not (count(b is busy) >= 1 and x == 2) or y == 0"),
            (6, "divided", divided),
        ];
        for (times, label, rule) in rules {
            if self.once_in(times) {
                self.line(0, &format!("always \"{label}\":\n    {rule}"));
            }
        }
        if self.once_in(4) {
            self.line(0, "possible \"both\":\n    count(a is busy) >= 1 and count(b is busy) >= 1");
        }
    }

    fn process(&mut self, role: &str, several: bool) {
        let own = if several { format!("own_{role}[i]") } else { format!("own_{role}") };
        let own = self.private.then_some(own);
        let index = if several && self.private { "(i)" } else { "" };
        self.line(0, &format!("process {role}{index}:"));
        let depth = if self.once_in(3) {
            self.line(1, "loop:");
            2
        } else {
            1
        };
        for _ in 0..self.random.random_range(2..5) {
            self.statement(role, own.as_deref(), depth);
        }
        self.line(depth, &format!("{role}_work()"));
    }

    fn statement(&mut self, role: &str, own: Option<&str>, depth: usize) {
        let semaphore = self.one_of(&["s", "t"]);
        let mut cells = vec!["x", "y"];
        cells.extend(self.array.then_some(["z[0]", "z[x % 2]"]).into_iter().flatten());
        let cell = self.one_of(&cells);
        let line = match self.random.random_range(0..20) {
            0..4 => format!("wait({semaphore})"),
            4..8 => format!("signal({semaphore})"),
            8 => format!("{cell} = {}", self.random.random_range(0..3)),
            9 => format!("{cell} = ({cell} + 1) % 3"),
            10 if self.mutex => "lock(m)".into(),
            11 if self.mutex => "unlock(m)".into(),
            12 => format!("await {cell} == {}", self.random.random_range(0..2)),
            13 if depth < 4 => {
                let tests = [
                    format!("{cell} == 0"),
                    format!("try_wait({semaphore})"),
                    format!("wait_for({semaphore}, 10ms)"),
                    "flip()".into(),
                ];
                let test = &tests[self.random.random_range(0..tests.len())];
                self.line(depth, &format!("if {test}:"));
                return self.statement(role, own, depth + 1);
            }
            14 => format!("fetch_add(y, {})", self.random.random_range(0..2)),
            15 => format!("{cell} = choose(0..{})", self.random.random_range(0..3)),
            16 => format!("assert {cell} <= {}", self.random.random_range(0..2)),
            17..19 if own.is_some() => {
                let own = own.unwrap_or_default();
                format!("{own} = ({own} + 1) % {}", self.random.random_range(2..4))
            }
            _ => format!("{role}_work()"),
        };
        self.line(depth, &line);
    }
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
    let programs = count(400);
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
    let all: String = (0..200).map(|seed| program(seed, Taste::Any)).collect();
    let parts =
        ["own_a[i] =", "own_b =", "z[x % 2]", "wait_for(", "choose(", "assert ", " or ", " / (2 - x)"];
    for part in parts.into_iter().chain(["fair ", "lock(m)", "loop:", "await ", "flip()", "possible "]) {
        assert!(all.contains(part), "{part}");
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
