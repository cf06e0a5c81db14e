//! What a report says would have helped: it must fit what went wrong.

use crate::support::{TempProgram, output, texts};

fn checked(program: &str) -> String {
    texts(&output(&["check", program, "--safety"])).0
}

#[test]
fn two_readers_who_want_to_write_are_not_told_to_take_things_in_one_order() {
    let text = checked("readers-writers/upgrade");
    assert!(text.contains("A read lock cannot become a write lock"), "{text}");
    assert!(!text.contains("Coffman"), "{text}");
}

#[test]
fn whoever_locks_twice_is_told_of_recursive_mutexes() {
    let role = "role a:\n    idle\n    busy by work()\n";
    let program = TempProgram::new(
        "twice",
        &format!("mutex m\n{role}process a:\n    lock(m)\n    lock(m)\n    work()\n"),
    );
    let text = checked(program.path());
    assert!(text.contains("or take a recursive mutex"), "{text}");
}

#[test]
fn a_barrier_for_more_than_there_are_is_no_lost_wakeup() {
    let role = "role a[2]:\n    idle\n    busy by work()\n";
    let program =
        TempProgram::new("few", &format!("barrier b = 3\n{role}process a:\n    arrive(b)\n    work()\n"));
    let text = checked(program.path());
    assert!(text.contains("too few at the barrier"), "{text}");
    assert!(text.contains("as many as really come"), "{text}");
    assert!(!text.contains("held by nobody"), "{text}");
}

#[test]
fn a_monitor_that_does_not_look_again_is_told_of_while() {
    let text = checked("producer-consumer/monitor-if");
    assert!(text.contains("look again with `while`"), "{text}");
}

/// The last steps that are shown lead to the fault, and end there.
#[test]
fn the_last_steps_end_with_what_broke_the_rule() {
    let arguments = ["run", "producer-consumer/monitor-if", "--speed", "max", "--for", "20s"];
    let (text, _) = texts(&output(&arguments));
    let broken = text.lines().find(|line| line.contains(" on line ")).unwrap_or_else(|| panic!("{text}"));
    let line = broken.split(" on line ").nth(1).and_then(|rest| rest.split(',').next()).expect("a line");
    let who = broken.split(' ').next().expect("an actor");
    let steps = text.lines().skip_while(|line| !line.contains("The last steps"));
    // Of a fast run, what was before may be overwritten.
    let Some(last) = steps.take_while(|line| !line.is_empty()).last() else { return };
    assert!(last.contains(who) && last.contains(&format!("line {line} ")), "{last}\n{text}");
}
