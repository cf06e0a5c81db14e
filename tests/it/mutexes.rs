//! Mutexes in all their forms: in the model, and on real processes.

use crate::support::{TempProgram, output, report, texts};

const ROLE: &str = "role a[2]:\n    waiting\n    busy by work()\n\n\
    always \"one at a time\":\n    count(a is busy) <= 1\n\n\
    progress \"everyone works\":\n    a: waiting leads to busy\n\n";

const NESTED: &str = "def again():\n    lock(m)\n    work()\n    unlock(m)\n\n\
    process a:\n    loop:\n        lock(m)\n        again()\n        unlock(m)\n";

const PLAIN: &str = "process a:\n    loop:\n        lock(m)\n        work()\n        unlock(m)\n";

fn checked(text: &str, arguments: &[&str]) -> (serde_json::Value, Option<i32>) {
    let program = TempProgram::new("mutex", text);
    let output = output(&[&["check", program.path(), "--format", "json"], arguments].concat());
    let (out, err) = texts(&output);
    (serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}\n{err}")), output.status.code())
}

#[test]
fn only_a_recursive_mutex_can_be_locked_again() {
    for (kind, status) in
        [("mutex", 1), ("fair mutex", 1), ("recursive mutex", 0), ("recursive fair mutex", 0)]
    {
        let text = format!("{ROLE}{kind} m\n\n{NESTED}");
        let (said, found) = checked(&text, &["--fair", "strong"]);
        assert_eq!(found, Some(status), "{kind}: {said}");
        let program = TempProgram::new("nested", &text);
        let (live, live_status) = report(&[program.path(), "--speed", "max", "--for", "1s"]);
        assert_eq!(live_status, status, "{kind}: {live}");
        if status == 1 {
            let verdict = &live["verdict"];
            assert_eq!(
                (&verdict["kind"], &verdict["certainty"]),
                (&"deadlock".into(), &"proved".into()),
                "{live}"
            );
        }
    }
}

#[test]
fn only_a_fair_mutex_lets_nobody_starve() {
    for (kind, status) in
        [("mutex", 1), ("recursive mutex", 1), ("fair mutex", 0), ("recursive fair mutex", 0)]
    {
        let (said, found) = checked(&format!("{ROLE}{kind} m\n\n{PLAIN}"), &["--fair", "weak"]);
        assert_eq!(found, Some(status), "{kind}: {said}");
    }
}

#[test]
fn real_processes_follow_the_model_with_every_mutex() {
    let timed =
        "process a:\n    loop:\n        if lock_for(m, 1ms):\n            work()\n            unlock(m)\n";
    let tried = "process a:\n    loop:\n        if try_lock(m):\n            work()\n            unlock(m)\n";
    for (kind, process) in [
        ("mutex", PLAIN),
        ("mutex", timed),
        ("recursive mutex", NESTED),
        ("fair mutex", PLAIN),
        ("fair mutex", tried),
        ("recursive fair mutex", NESTED),
    ] {
        let program = TempProgram::new("led", &format!("{ROLE}{kind} m\n\n{process}"));
        for seed in ["1", "2", "3"] {
            let output = output(&["run", program.path(), "--schedule-seed", seed, "--steps", "60"]);
            assert_eq!(output.status.code(), Some(0), "{kind}, seed {seed}: {:?}", texts(&output));
        }
    }
}

#[test]
fn who_unlocks_what_it_does_not_hold_breaks_a_rule() {
    for kind in ["recursive mutex", "fair mutex"] {
        let text = format!("{ROLE}{kind} m\n\nprocess a:\n    work()\n    unlock(m)\n");
        let (said, status) = checked(&text, &[]);
        assert_eq!(status, Some(1), "{said}");
        assert!(said.to_string().contains("without holding it"), "{said}");
    }
}

#[test]
fn a_timed_lock_gives_up_and_a_later_one_succeeds() {
    let text = "role a:\n    idle\n    busy by work()\nrole b:\n    idle\n    busy by work()\n\nmutex m\nsemaphore taken = 0\n\
        semaphore back = 0\n\nprocess a:\n    work()\n    lock(m)\n    signal(taken)\n    wait(back)\n    unlock(m)\n\n\
        process b:\n    wait(taken)\n    let got = lock_for(m, 20ms)\n    assert not got\n    signal(back)\n    \
        let then = lock_for(m, 100s)\n    assert then\n    unlock(m)\n    work()\n";
    let program = TempProgram::new("timed-lock", text);
    let (live, status) = report(&[program.path(), "--speed", "max"]);
    assert_eq!((status, &live["verdict"]["kind"]), (0, &"no fault seen".into()), "{live}");
    // In the model the time may be over at any moment, so the second lock may fail as well.
    let (said, status) = checked(text, &[]);
    assert_eq!(status, Some(1), "{said}");
}
