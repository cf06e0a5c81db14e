//! SPIN, an independent checker, sees the same states, takes the same steps and comes to the same verdicts, where `spin` and
//! `gcc` are installed.

use std::path::{Path, PathBuf};
use std::process::Command;

use fiveforks::check::{FaultKind, Options, Stop};
use fiveforks::export::promela;
use fiveforks::program::Program;
use fiveforks::snapshot::Doing;

use crate::checks::{checked, options, small_programs};
use crate::random::{self, Taste};
use crate::support::compile;

/// States above which a program is left out.
const MOST: usize = 200_000;

/// What SPIN found.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    states: u64,
    transitions: u64,
    violation: bool,
    deadlock: bool,
}

fn is_installed() -> bool {
    let has = |name: &str| Command::new(name).arg("--version").output().is_ok();
    has("spin") && has("gcc")
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder = std::env::temp_dir().join(format!("fiveforks-spin-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        Folder(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn run(folder: &Path, program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(folder).output().expect("it starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{program}: {text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

fn number_before(text: &str, words: &str) -> u64 {
    let line = text.lines().find(|line| line.contains(words)).unwrap_or_else(|| panic!("{words}: {text}"));
    line.split_whitespace().next().and_then(|n| n.parse().ok()).expect("a number")
}

/// Lets SPIN search a model without reduction.
fn spin(name: &str, model: &str, possible: Option<usize>) -> Seen {
    let folder = Folder::new(name);
    std::fs::write(folder.0.join("model.pml"), model).expect("written");
    let define = format!("-DPOSSIBLE={}", possible.unwrap_or(0));
    // Without the optimizations that leave out what is written and never read.
    run(&folder.0, "spin", &["-o1", "-o2", &define, "-a", "model.pml"]);
    let how = ["-O1", "-w", "-DSAFETY", "-DNOREDUCE", "-DVECTORSZ=8192", "-o", "pan", "pan.c"];
    run(&folder.0, "gcc", &how);
    let text = run(&folder.0, "./pan", &["-m1000000", "-w20", "-c0", "-e"]);
    assert!(!text.contains("too small"), "{text}");
    Seen {
        states: number_before(&text, "states, stored"),
        transitions: number_before(&text, "transitions (="),
        violation: text.contains("assertion violated"),
        deadlock: text.contains("invalid end state ("),
    }
}

/// Compares both. Gives whether it could be done.
fn agrees(name: &str, program: &Program) -> bool {
    let limits = Options { progress: false, after_fault: usize::MAX, states: MOST, ..options() };
    let report = checked(program, &limits);
    if report.stop != Stop::Complete {
        return false;
    }
    let seen = spin(
        &name.replace(['/', ' ', '"', '[', ']', '(', ')', ','], "-"),
        &promela(program, name).expect("few enough"),
        None,
    );
    let violation = report.faults.iter().any(|fault| matches!(fault.kind, FaultKind::Violation(_)));
    let deadlocks = || report.faults.iter().filter(|fault| matches!(fault.kind, FaultKind::Deadlock(_)));
    // SPIN takes going round for moving, and does not look at who is stuck while others move.
    let all_blocked = |fault: &fiveforks::check::Fault| {
        let (_, pictures) = fault.walk(program, options().memory);
        let last = &pictures[pictures.len() - 1];
        last.actors.iter().all(|view| {
            view.life != fiveforks::snapshot::Life::Running || matches!(view.doing, Doing::Blocked(_))
        })
    };
    let deadlock = deadlocks().any(all_blocked);
    let expected = Seen { states: report.states, transitions: report.transitions + 1, violation, deadlock };
    // Of the deadlocks of a set of actors we show one: behind another of them all may be blocked.
    let another = deadlocks().next().is_some() && seen.deadlock;
    assert!(
        seen == expected || another && Seen { deadlock: false, ..seen } == expected,
        "{name}: {expected:?} {seen:?}\n{:?}",
        report.faults.iter().map(|f| &f.kind).collect::<Vec<_>>()
    );
    true
}

#[test]
fn spin_agrees_on_the_catalogue() {
    if !is_installed() {
        println!("left out: spin or gcc is not installed");
        return;
    }
    let exported = |(name, program): &(String, Program)| promela(program, name).is_ok();
    let programs: Vec<(String, Program)> = small_programs().into_iter().filter(exported).step_by(2).collect();
    let done = programs.iter().filter(|(name, program)| agrees(name, program)).count();
    println!("{done} of {} programs compared", programs.len());
    assert!(done > 20, "{done}");
    for (name, program) in
        programs.iter().filter(|(name, _)| name.contains("one-lock") || name.contains("turnstile"))
    {
        let model = promela(program, name).expect("few enough");
        let possible = spin(&format!("possible-{}", name.len()), &model, Some(1)).violation;
        assert_eq!(possible, name.contains("turnstile"), "{name}");
    }
}

#[test]
fn spin_agrees_on_who_unlocks_what_another_holds() {
    if !is_installed() {
        println!("left out: spin or gcc is not installed");
        return;
    }
    let text = "mutex m\nrole a[2]:\n    idle\n    busy by work()\nprocess a:\n    unlock(m)\n    lock(m)\n    work()\n    unlock(m)\n";
    assert!(agrees("unlock", &compile(text)));
}

#[test]
fn spin_agrees_on_random_programs() {
    if !is_installed() {
        println!("left out: spin or gcc is not installed");
        return;
    }
    let programs = random::count(15);
    let done = (10_000..10_000 + programs).filter(|seed| {
        let text = random::program(*seed, Taste::ForSpin);
        agrees(&format!("random {seed}"), &compile(&text))
    });
    let done = done.count() as u64;
    println!("{done} of {programs} random programs compared");
    assert!(done * 2 > programs, "only {done} programs have few enough states");
}
