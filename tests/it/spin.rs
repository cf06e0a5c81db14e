//! SPIN, an independent checker, sees the same states, takes the same steps and comes to the same verdicts, where `spin` and
//! `gcc` are installed.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use fiveforks::catalogue;
use fiveforks::check::{FaultKind, Options, Stop};
use fiveforks::export::promela;
use fiveforks::lang::{self, Scope};
use fiveforks::program::Program;
use fiveforks::snapshot::Doing;

use crate::author::{self, Taste};
use crate::checks::{checked, is_thorough, options, small_programs};
use crate::random;
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
        // Two of the same name may be compared at the same time.
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let (process, number) = (std::process::id(), NUMBER.fetch_add(1, Relaxed));
        let folder = std::env::temp_dir().join(format!("fiveforks-spin-{process}-{number}-{name}"));
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
    // Most of the time goes into compiling, not into the search.
    let how = ["-O0", "-w", "-DSAFETY", "-DNOREDUCE", "-DVECTORSZ=8192", "-o", "pan", "pan.c"];
    run(&folder.0, "gcc", &how);
    // All errors are counted, and none leaves a trail in a file.
    let mut text = run(&folder.0, "./pan", &["-m20000", "-w18", "-c0"]);
    if text.contains("too small") {
        text = run(&folder.0, "./pan", &["-m2000000", "-w20", "-c0"]);
    }
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

/// Compares programs, two at a time. Gives for how many it could be done.
fn compared(count: usize, agrees: impl Fn(usize) -> bool + Sync) -> usize {
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Relaxed);
                    if at >= count {
                        break;
                    }
                    done.fetch_add(usize::from(agrees(at)), Relaxed);
                }
            });
        }
    });
    done.into_inner()
}

/// A program of the catalogue with one of everything.
fn one_of_each(name: &str) -> Program {
    let loaded = catalogue::load(name, None).expect("in the catalogue");
    let usual = lang::compile(&loaded.sources, &[], Scope::All).expect("compiles").program;
    let least = usual.constants.iter().filter_map(|c| Some((c.name.clone(), c.range?.0.max(1))));
    lang::compile(&loaded.sources, &least.collect::<Vec<_>>(), Scope::All).expect("compiles").program
}

#[test]
fn spin_agrees_on_the_catalogue() {
    if !is_installed() {
        println!("left out: spin or gcc is not installed");
        return;
    }
    let programs: Vec<(String, Program)> =
        small_programs().into_iter().step_by(if is_thorough() { 1 } else { 4 }).collect();
    let done = compared(programs.len(), |at| {
        let (name, program) = &programs[at];
        let id = name.split(' ').next().unwrap_or(name);
        // Some have states without end, unless they are smaller still.
        let done = agrees(name, program) || agrees(&format!("{id} least"), &one_of_each(id));
        if !done {
            println!("not compared: {id}");
        }
        done
    });
    println!("{done} of {} programs compared", programs.len());
    // One program has states without end, at each of its sizes.
    let endless = if is_thorough() { 2 } else { 1 };
    assert!(done + endless >= programs.len(), "{done}");
    for (name, is_possible) in [("readers-writers/one-lock ", false), ("readers-writers/turnstile ", true)] {
        let (_, program) =
            small_programs().into_iter().find(|(n, _)| n.starts_with(name)).expect("in the catalogue");
        let model = promela(&program, name).expect("few enough");
        let possible = spin(&format!("possible-{}", name.len()), &model, Some(1)).violation;
        assert_eq!(possible, is_possible, "{name}");
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
    let programs = random::count(40);
    let done = compared(programs as usize, |at| {
        let seed = 10_000 + at as u64;
        agrees(&format!("random {seed}"), &compile(&author::program(seed, Taste::ForSpin)))
    });
    let done = done as u64;
    println!("{done} of {programs} random programs compared");
    assert!(done * 3 > programs * 2, "only {done} programs have few enough states");
}

#[test]
fn what_spin_has_no_room_for_is_said() {
    let role = "role a[2]:\n    idle\n    busy by work()\n";
    let refused = |declared: &str, does: &str| {
        let text = format!("{declared}{role}process a:\n    {does}\n    work()\n");
        promela(&compile(&text), "full").expect_err("it has no room").to_string()
    };
    let many = refused(
        "channel c[254]\nmonitor m:\n    condition k[2]\n    def f():\n        wait(k[0])\n",
        "send(c[0], 1)",
    );
    assert!(many.contains("at most 255 queues") && many.contains("need 256"), "{many}");
    let large = refused("channel c size 256\n", "send(c, 1)");
    assert!(large.contains("`c` holds 256"), "{large}");
    let actors =
        promela(&compile("role a[256]:\n    idle\n    busy by work()\nprocess a:\n    work()\n"), "many");
    assert!(actors.expect_err("too many").to_string().contains("at most 255 processes"));
}
