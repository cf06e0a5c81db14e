//! The checker: every program of the catalogue is what it says it is.

use fiveforks::catalogue::{self, PROBLEMS};
use fiveforks::check::{
    self, Fairness, Fault, FaultKind, Memory, Options, Progress, Reduction, Report, Stop,
};
use fiveforks::lang::{self, Scope};
use fiveforks::program::{Expected, Program};
use fiveforks::report;

use crate::support::{TempProgram, compile as compiled, output, texts};

pub fn options() -> Options {
    Options {
        memory: Memory::Sc,
        threads: 2,
        progress: true,
        states: 20_000_000,
        bytes: 4 << 30,
        time: None,
        after_fault: 400_000,
        kept: Options::KEPT,
        reduction: Reduction::default(),
    }
}

pub fn checked(program: &Program, options: &Options) -> Report {
    check::check(program, options, &Progress::default()).expect("it can be checked")
}

/// All combinations of what `check with` says.
pub fn sizes(program: &Program) -> Vec<Vec<(String, i32)>> {
    program.check_with.iter().fold(vec![Vec::new()], |sizes, (name, values)| {
        let with = |size: &Vec<(String, i32)>| {
            let size = size.clone();
            values.iter().map(move |value| {
                let mut size = size.clone();
                size.push((name.clone(), *value));
                size
            })
        };
        sizes.iter().flat_map(with).collect()
    })
}

/// Whether everything shall be compared with everything, however long that takes.
pub fn is_thorough() -> bool {
    std::env::var_os("FIVEFORKS_THOROUGH").is_some()
}

/// Every program of the catalogue, at a size of its `check with` that is neither the smallest nor the largest; at all of
/// them, to be thorough.
pub fn small_programs() -> Vec<(String, Program)> {
    let solutions = PROBLEMS.iter().flat_map(|p| p.solutions.iter().map(move |s| (p, s)));
    let both = solutions.flat_map(|(problem, solution)| {
        let name = format!("{}/{}", problem.id, solution.id);
        let loaded = catalogue::load(&name, None).expect("in the catalogue");
        let compiled = |size: &[(String, i32)]| {
            lang::compile(&loaded.sources, size, Scope::All).expect("compiles").program
        };
        let sizes = sizes(&compiled(&[]));
        let chosen = if is_thorough() { &sizes[..] } else { &sizes[sizes.len() / 2..][..1] };
        chosen.iter().map(|size| (format!("{name} {size:?}"), compiled(size))).collect::<Vec<_>>()
    });
    both.collect()
}

/// Programs whose largest size takes longer than all others together: only to be thorough.
const SLOW: &[&str] = &["dining-philosophers/clean-forks"];

#[test]
fn every_program_is_what_it_says() {
    let mut unlisted: Vec<(&str, &str, bool)> = Vec::new();
    for problem in PROBLEMS {
        for solution in problem.solutions {
            let name = format!("{}/{}", problem.id, solution.id);
            let loaded = catalogue::load(&name, None).expect("in the catalogue");
            let program = lang::compile(&loaded.sources, &[], Scope::All).expect("compiles").program;
            let (mut found, mut whole): (Vec<(bool, Expected)>, bool) = (Vec::new(), true);
            let mut lost = false;
            let sizes = sizes(&program);
            let slow = |size: &&Vec<(String, i32)>| {
                !is_thorough() && SLOW.contains(&name.as_str()) && **size == sizes[sizes.len() - 1]
            };
            for size in sizes.iter().filter(|size| !slow(size)) {
                let program = lang::compile(&loaded.sources, size, Scope::All).expect("compiles").program;
                let report = checked(&program, &options());
                whole &= report.is_complete();
                for fault in &report.faults {
                    lost |= told(&program, fault) == Some("lost wakeup");
                }
                for (strong, fairness) in [(false, Fairness::Weak), (true, Fairness::Strong)] {
                    found.extend(report.faults_under(fairness).map(|fault| (strong, fault.verdict())));
                    assert!(
                        report.is_complete() || report.stop == Stop::AfterFault,
                        "{name} {size:?}: {:?} {:?}",
                        report.stop,
                        report.unasked
                    );
                }
            }
            let listed = catalogue::LOST_WAKEUPS.contains(&(problem.id, solution.id));
            unlisted.extend((lost != listed).then_some((problem.id, solution.id, lost)));
            for strong in [false, true] {
                let mut found: Vec<&str> =
                    found.iter().filter(|(s, _)| *s == strong).map(|(_, kind)| kind.name()).collect();
                if found.is_empty() {
                    found.push(Expected::Holds.name());
                }
                let mut expected: Vec<&str> =
                    program.expected(strong, false).into_iter().map(Expected::name).collect();
                // Of a program with states without end only a part is seen, which is no ground to deny a cycle.
                let cycle = |kind: &&str| ["starvation", "livelock"].contains(kind);
                expected.retain(|kind| whole || !cycle(kind) || found.contains(kind));
                for list in [&mut found, &mut expected] {
                    list.sort_unstable();
                    list.dedup();
                }
                assert_eq!(found, expected, "{name}, strong fairness: {strong}");
            }
        }
    }
    assert_eq!(unlisted, [], "lost wakeups, and what is listed as such");
}

/// A fault is told in a sentence, without numbers that only the model knows. Gives the cause of a deadlock.
fn told(program: &Program, fault: &Fault) -> Option<&'static str> {
    let told = report::tell(program, Memory::Sc, fault);
    let text = told.text;
    assert!(text.len() > 20 || matches!(fault.kind, FaultKind::Serial(_)), "{fault:?}: {text}");
    assert!(!text.contains("-21474836"), "{text}");
    told.verdict.and_then(|verdict| verdict.cause_name())
}

#[test]
fn the_numbers_of_states_are_known() {
    // A change here is a change of what a step is.
    let counts = [
        ("dining-philosophers/naive", 23_285, 105_140, 40),
        ("dining-philosophers/tanenbaum", 143_464, 544_890, 90),
        ("producer-consumer/semaphores", 430_053, 1_515_976, 166),
        ("readers-writers/service-queue", 202_123, 819_525, 66),
    ];
    for (name, states, transitions, depth) in counts {
        let loaded = catalogue::load(name, None).expect("in the catalogue");
        let program = lang::compile(&loaded.sources, &[], Scope::All).expect("compiles").program;
        for threads in [1, 2, 5] {
            let options = Options { threads, progress: false, ..options() };
            let report = checked(&program, &options);
            assert_eq!(
                (report.states, report.transitions, report.depth),
                (states, transitions, depth),
                "{name}"
            );
        }
    }
}

/// The kinds of faults of a text, with the length of the way to each.
fn faults(text: &str) -> Vec<(&'static str, usize)> {
    let program = compiled(text);
    let report = checked(&program, &options());
    report.faults.iter().map(|fault: &Fault| (fault.verdict().name(), fault.moves.0.len())).collect()
}

const ROLE: &str = "role a[2]:\n    idle\n    busy by work()\n";

#[test]
fn an_item_that_nobody_keeps_is_lost_at_once() {
    let program = |makes: &str| {
        format!(
            "shared box = -1\nrole a:\n    idle\n    making by make()\nrole b:\n    idle\n    using by use(item)\nitems \"each \
             once\": make to use\nprocess a:\n    box = make()\n    {makes}\nprocess b:\n    if box != -1:\n        use(box)\n"
        )
    };
    assert_eq!(faults(&program("pass")), []);
    assert_eq!(faults(&program("make()")), [("violation", 5)]);
    assert_eq!(faults(&program("let _unused = make()")), [("violation", 5)]);
}

#[test]
fn an_update_in_two_steps_is_lost() {
    let text = "shared x = 0\nrole a[2]:\n    idle\n    busy by work()\nrole b:\n    idle\n    late by look()\nprocess a:\n    x = x + 1\n    \
        work()\nprocess b:\n    await x == 2\n    look()\n";
    let found = faults(text);
    assert_eq!(found[0].0, "deadlock", "{found:?}");
    let atomic = text.replace("x = x + 1", "fetch_add(x, 1)");
    assert_eq!(faults(&atomic), []);
}

#[test]
fn some_may_be_stuck_while_others_run() {
    let text = format!(
        "semaphore s = 1\nsemaphore t = 1\n{ROLE}role c:\n    away\n    here by pass_by()\nprocess a(i):\n    if i == 0:\n        wait(s)\n        \
         wait(t)\n    else:\n        wait(t)\n        wait(s)\n    work()\n    signal(s)\n    signal(t)\nprocess c:\n    loop:\n        pass_by()\n"
    );
    let program = compiled(&text);
    let report = checked(&program, &options());
    let stuck = report.faults.iter().find_map(|fault| match &fault.kind {
        FaultKind::Deadlock(actors) => Some((actors.len(), fault.moves.0.len())),
        _ => None,
    });
    assert_eq!(stuck, Some((2, 2)));
}

#[test]
fn an_assertion_a_range_an_overflow_and_a_foreign_unlock_are_violations() {
    let cases = [
        ("shared x = 0", "        x = 1\n        assert x == 1\n        x = 0\n", "violation"),
        ("shared x = 0 in 0..1", "        x = x + 1\n        x = 0\n", "violation"),
        ("mutex m", "        unlock(m)\n", "violation"),
        (
            "shared x = 0",
            "        let y = x\n        x = 2147483647\n        let z = y + 1\n        x = z\n",
            "violation",
        ),
        ("mutex m", "        lock(m)\n        lock(m)\n", "deadlock"),
        ("semaphore s = 0", "        wait(s)\n        signal(s)\n", "deadlock"),
    ];
    for (declared, body, kind) in cases {
        let text = format!("{declared}\n{ROLE}process a:\n    loop:\n        work()\n{body}");
        let found = faults(&text);
        assert!(found.iter().any(|(found, _)| *found == kind), "{text}\n{found:?}");
    }
}

#[test]
fn a_mutex_of_one_who_ended_goes_to_the_next() {
    let text = format!("mutex m\n{ROLE}process a:\n    lock(m)\n    work()\n");
    assert_eq!(faults(&text), []);
}

#[test]
fn a_fair_choice_is_no_starvation() {
    let text = "shared x = 0\nrole a:\n    trying\n    busy by work()\nprogress \"it works in the end\":\n    a: trying leads to busy\nrole b:\n    \
        idle\n    ticks by tick()\nprocess a:\n    loop:\n        while flip():\n            pass\n        work()\nprocess b:\n    loop:\n        tick()\n";
    assert_eq!(faults(text), []);
    // A test that others decide is no choice of one's own.
    let text = text
        .replace("while flip():", "while x == 0:")
        .replace("        tick()\n", "        tick()\n        x = 1\n        x = 0\n");
    assert_eq!(faults(&text).iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), ["starvation"]);
}

#[test]
fn fair_semaphores_starve_nobody_and_plain_ones_do() {
    let text = "semaphore s = 1\nrole a[3]:\n    trying\n    inside by work()\nprogress \"everybody gets in\":\n    a: trying leads to inside\nprocess \
        a:\n    loop:\n        wait(s)\n        work()\n        signal(s)\n        rest()\n";
    let text = text.replace("    inside by work()\n", "    inside by work()\n    resting by rest()\n");
    let program = compiled(&text);
    let report = checked(&program, &options());
    assert!(!report.holds(Fairness::Weak) && report.holds(Fairness::Strong), "{:?}", report.faults);
    let program = compiled(&text.replace("semaphore", "fair semaphore"));
    let report = checked(&program, &options());
    assert!(report.holds(Fairness::Weak), "{:?}", report.faults);
}

#[test]
fn a_property_that_nothing_tests_is_vacuous() {
    let text = "semaphore s = 0\nrole a:\n    idle\n    busy by work()\n    never by dance()\nalways \"no dance\":\n    count(a is never) <= 1\nprocess \
        a:\n    loop:\n        work()\n        if try_wait(s):\n            dance()\n";
    let report = checked(&compiled(text), &options());
    assert_eq!(report.vacuous, ["no dance"]);
}

#[test]
fn a_variable_without_bound_is_not_proved() {
    let text = "shared x = 0\nrole a:\n    idle\n    busy by work()\nprocess a:\n    loop:\n        work()\n        x = x + 1\n";
    let path = TempProgram::new("unbounded", text);
    let output = output(&["check", path.path(), "--states", "100000"]);
    let (out, err) = texts(&output);
    assert_eq!(output.status.code(), Some(3), "{out}{err}");
    assert!(out.contains("NOT PROVED"), "{out}");
}

#[test]
fn the_ways_are_the_same_when_levels_are_not_kept() {
    for name in ["dining-philosophers/naive", "dining-philosophers/forgetful", "dining-philosophers/polite"] {
        let loaded = catalogue::load(name, None).expect("in the catalogue");
        let program = lang::compile(&loaded.sources, &[], Scope::All).expect("compiles").program;
        for after_fault in [0, 2_000_000] {
            let kept = checked(&program, &Options { after_fault, ..options() });
            let again = checked(&program, &Options { after_fault, kept: 0, ..options() });
            assert!(!kept.faults.is_empty());
            let lengths = |report: &Report| -> Vec<(Expected, usize)> {
                report.faults.iter().map(|f| (f.verdict(), f.moves.0.len())).collect()
            };
            assert_eq!(lengths(&kept)[0], lengths(&again)[0], "{name}");
            assert_eq!(kept.faults.len(), again.faults.len(), "{name}");
            for fault in &again.faults {
                let (steps, _) = fault.walk(&program, Memory::Sc);
                assert_eq!(steps.len(), fault.moves.0.len(), "{name}: the way can be walked");
            }
        }
    }
}

#[test]
fn a_rule_can_be_broken_before_anybody_moves() {
    let text =
        "role a:\n    idle\n    busy by work()\nprocess a:\n    let x = 0\n    assert x == 1\n    work()\n";
    assert_eq!(faults(text), [("violation", 0)]);
    let path = TempProgram::new("at-once", text);
    let (out, err) = texts(&output(&["check", path.path()]));
    assert!(out.contains("asserted `x == 1`"), "{out}{err}");
}

#[test]
fn what_is_left_out_is_not_proved() {
    let choice = "shared x = 0\nrole a:\n    idle\n    busy by work()\nprocess a:\n    x = choose(1..5000)\n    if x == 0:\n        x = 1\n    work()\n";
    let mut claims = String::from("role a:\n    idle\n    busy by work()\n");
    for k in 0..40 {
        claims += &format!("progress \"claim {k}\":\n    a: idle leads to busy\n");
    }
    claims += "process a:\n    work()\n";
    for text in [choice, &claims] {
        let report = checked(&compiled(text), &options());
        assert!(!report.holds(Fairness::Weak) && report.unasked.is_some(), "{:?}", report.unasked);
    }
}

#[test]
fn the_time_counts_while_cycles_are_looked_for_too() {
    let loaded = catalogue::load("dining-philosophers/ordered", None).expect("in the catalogue");
    let settings = [("N".to_string(), 6)];
    let program = lang::compile(&loaded.sources, &settings, Scope::All).expect("compiles").program;
    let progress = Progress::default();
    let report = std::thread::scope(|scope| {
        let check = scope.spawn(|| check::check(&program, &options(), &progress).expect("checked"));
        crate::support::until("all states are seen", || {
            let phase = progress.phase.load(std::sync::atomic::Ordering::Relaxed);
            (phase > 0 || check.is_finished()).then_some(())
        });
        progress.interrupt.store(true, std::sync::atomic::Ordering::Relaxed);
        check.join().expect("it ends")
    });
    assert_eq!(report.stop, Stop::Complete);
    assert!(!report.is_complete(), "{:?}", report.unasked);
}

#[test]
fn a_rule_that_cannot_be_evaluated_is_broken_whatever_else_holds() {
    // Beginning to be busy makes the left side true, and only then the division is looked at.
    let text = "shared x = 1\nshared y = 0\nrole a:\n    idle\n    busy by work()\nrole b:\n    out\n    on by go()\nalways \"r\":\n    \
        (a is busy and 10 / x > 0) or y == 0\nprocess a:\n    work()\nprocess b:\n    x = 0\n    go()\n    y = 0\n";
    let program = compiled(text);
    for partial_order in [false, true] {
        let reduction = Reduction { partial_order, symmetry: true };
        let report = checked(&program, &Options { progress: false, reduction, ..options() });
        let ways: Vec<usize> = report.faults.iter().map(|fault| fault.moves.0.len()).collect();
        assert_eq!(ways, [2], "{partial_order}: {:?}", report.faults);
    }
}

#[test]
fn a_shorter_way_is_looked_for_where_a_reduction_found_a_longer_one() {
    let text = "role a[3]:\n    idle\n    busy by work()\n    resting by rest()\nalways \"alone\":\n    count(a is busy) <= 1\nprocess a:\n    \
        rest()\n    work()\n    rest()\n";
    let program = compiled(text);
    for (kept, threads) in [(Options::KEPT, 1), (0, 2)] {
        for partial_order in [false, true] {
            let reduction = Reduction { partial_order, symmetry: true };
            let options = Options { progress: false, reduction, kept, threads, ..options() };
            let report = checked(&program, &options);
            let fault = &report.faults[0];
            assert!(fault.shortest && fault.moves.0.len() == 6, "{kept} {partial_order}: {fault:?}");
            told(&program, fault);
        }
    }
}

#[test]
fn what_is_not_looked_at_is_not_compared_with_what_is_expected() {
    let bare = TempProgram::new("bare", "role a:\n    idle\n    busy by work()\nprocess a:\n    work()\n");
    let (_, error) = texts(&output(&["check", bare.path(), "--expect"]));
    assert!(error.contains("no `expect` line"), "{error}");
    let limited = output(&["check", "producer-consumer/semaphores", "--expect", "--states", "100"]);
    let (text, _) = texts(&limited);
    assert_eq!(limited.status.code(), Some(3), "{text}");
    assert!(text.contains("not compared with what is expected"), "{text}");
}

#[test]
fn a_deadlock_of_those_who_go_round_is_the_nearest() {
    // Going round takes two steps, and the second is not known yet when it matters whether it leads anywhere.
    let text = "shared x = 0\nshared y = 0\nrole a:\n    idle\n    busy by work()\nprocess a:\n    work()\n    await x + y == 2\n";
    let report = checked(&compiled(text), &Options { progress: false, ..options() });
    let [fault] = &report.faults[..] else { panic!("{report:?}") };
    assert!(matches!(fault.kind, FaultKind::Deadlock(_)) && fault.shortest, "{fault:?}");
    assert_eq!(fault.moves.0.len(), 2, "{fault:?}");
}
