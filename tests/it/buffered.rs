//! Memory in which a write waits in a buffer before others see it.

use fiveforks::check::{Fairness, Memory, Options};
use fiveforks::program::Expected;
use fiveforks::report;

use crate::checks::{checked, options, small_programs};
use crate::support::{TempProgram, compile as compiled, output, texts};

const PETERSON: &str = "shared flag[2] = 0\nshared turn = 0\nrole a[2]:\n    idle\n    inside by work()\nalways \"one at a time\":\n    \
    count(a is inside) <= 1\nprogress \"whoever wants gets in\":\n    a: idle leads to inside\nprocess a(i):\n    loop:\n        flag[i] = 1\n        \
    turn = 1 - i\n        await flag[1 - i] == 0 or turn == i\n        work()\n        flag[i] = 0\n";

#[test]
fn peterson_holds_and_fails_where_writes_are_buffered() {
    let program = compiled(PETERSON);
    let report = checked(&program, &options());
    assert!(report.holds(Fairness::Weak), "{:?}", report.faults);
    let tso = Options { memory: Memory::Tso, ..options() };
    let report = checked(&program, &tso);
    assert!(report.faults.iter().any(|fault| fault.verdict() == Expected::Violation), "{:?}", report.faults);
    let fenced = PETERSON.replace("turn = 1 - i\n", "turn = 1 - i\n        fence()\n");
    let report = checked(&compiled(&fenced), &tso);
    assert!(report.holds(Fairness::Weak), "{:?}", report.faults);
}

/// What programs say of themselves where writes are buffered.
#[test]
fn every_program_that_speaks_of_buffered_writes_does_what_it_expects() {
    let tso = Options { memory: Memory::Tso, ..options() };
    let mut spoken = Vec::new();
    for (name, program) in small_programs() {
        if !program.speaks_of_tso() {
            continue;
        }
        let report = checked(&program, &tso);
        let comparison = report::Comparison::of(&program, &report);
        assert_eq!(comparison.end, report::Compared::AsExpected, "{name}: {}", comparison.text());
        spoken.push(name);
    }
    assert!(spoken.len() >= 6, "{spoken:?}");
}

/// A write that others wait for does not stay in its buffer for ever.
#[test]
fn a_write_in_a_buffer_gets_out_some_time() {
    let text = "shared x = 0\nshared y = 0\nrole a:\n    idle\n    busy by work()\nrole b:\n    idle\n    ticks by tick()\nprocess a:\n    \
        x = 1\n    while y == 0:\n        pass\n    work()\nprocess b:\n    await x == 1\n    y = 1\n    tick()\n";
    let tso = Options { memory: Memory::Tso, ..options() };
    let report = checked(&compiled(text), &tso);
    assert!(report.holds(Fairness::Weak), "{:?}", report.faults);
}

#[test]
fn ways_through_buffered_writes_are_shown_and_not_replayed() {
    let path = TempProgram::new("buffered", PETERSON);
    let (out, err) = texts(&output(&["check", path.path(), "--memory-model", "tso"]));
    assert!(
        out.contains("VIOLATION") && out.contains("«one at a time»") && !out.contains("--schedule"),
        "{out}{err}"
    );
}
