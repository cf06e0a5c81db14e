//! Every mechanism carries the same messages: same program, same verdicts, nothing left.

use std::fs;
use std::path::Path;
use std::time::Duration;

use fiveforks::mechanism::Mechanism;
use fiveforks::os::{mqueue, sysv};
use fiveforks::run::Follow;
use rustix::process::Signal;

use crate::support::{Running, assert_gone, compile, output, report, signal, texts, until};

/// With one receiver for each channel, so that a signal can carry it.
const ONE: [&str; 4] = ["--set", "CONSUMERS=1", "--set", "PRODUCERS=1"];

/// What a run has registered in its lock file: objects that are not in /dev/shm.
pub fn registered(run: &str) -> Vec<String> {
    let lock = fs::read_to_string(format!("/dev/shm/fiveforks.{run}.lock")).expect("a lock file");
    lock.lines().map(str::to_string).collect()
}

/// Which of them are still there.
pub fn left_of(registered: &[String]) -> Vec<&String> {
    let exists = |line: &&String| match line.split_once(' ') {
        Some(("mqueue", name)) => mqueue::Queue::open(name).is_ok(),
        Some(("sysv", key)) => sysv::exists(key.parse().expect("a key")),
        Some(("file", path)) => Path::new(path).exists(),
        _ => panic!("what is {line}?"),
    };
    registered.iter().filter(exists).collect()
}

#[test]
fn every_mechanism_carries_the_same_messages() {
    for over in Mechanism::ALL {
        let arguments = ["producer-consumer/mailbox", "--speed", "max", "--for", "300ms"];
        let arguments = [&arguments[..], &["--over", over.name()], &ONE].concat();
        let (report, status) = report(&arguments);
        assert_eq!(status, 0, "{over}: {report}");
        let consumed = report["actors"][1]["activities"]["consuming"].as_u64().unwrap_or(0);
        assert!(consumed > 10, "{over}: only {consumed} messages came");
    }
}

#[test]
fn a_deadlock_of_messages_is_proved_over_every_mechanism() {
    for over in Mechanism::ALL {
        let arguments = ["producer-consumer/no-empties", "--speed", "max", "--for", "60s"];
        let arguments = [&arguments[..], &["--over", over.name()], &ONE].concat();
        let (report, status) = report(&arguments);
        assert_eq!(status, 1, "{over}: {report}");
        let verdict = &report["verdict"];
        assert_eq!((&verdict["kind"], &verdict["cause"]), (&"deadlock".into(), &"communication".into()));
        assert_eq!(verdict["certainty"], "proved", "{over}: {report}");
    }
}

#[test]
fn real_processes_follow_the_model_over_every_mechanism() {
    for over in Mechanism::ALL {
        for (program, settings) in [
            ("producer-consumer/messages", &ONE[..]),
            ("sleeping-barber/messages", &["--set", "CUSTOMERS=1"]),
            ("atm/messages", &[]),
        ] {
            let arguments = ["run", program, "--schedule-seed", "3", "--steps", "60", "--over", over.name()];
            let output = output(&[&arguments[..], settings].concat());
            let (text, error) = texts(&output);
            assert_eq!(output.status.code(), Some(0), "{program} over {over}: {text}{error}");
        }
    }
}

#[test]
fn what_a_mechanism_cannot_do_is_said_before_anything_starts() {
    let said = |arguments: &[&str]| {
        let output = output(&[&["run", "--for", "1s"], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        texts(&output).1
    };
    let two = said(&["producer-consumer/mailbox", "--over", "signal"]);
    assert!(two.contains("2 processes receive from it, and a signal goes to one"), "{two}");
    assert!(two.contains("--over pipe"), "{two}");
    let long = said(&["producer-consumer/mailbox", "--over", "tcp", "--set", "SLOTS=500"]);
    assert!(long.contains("500 messages") && long.contains("at most 128"), "{long}");
    let unknown = said(&["producer-consumer/mailbox", "--over", "pigeon"]);
    assert!(unknown.contains("pigeon"), "{unknown}");
}

/// Everything that a run over these keeps busy after one of its actors was killed: others must go on.
fn goes_on(arguments: &[&str], actors: usize, victim: usize) {
    let always = ["--speed", "max", "--for", "600s", "--keep-going"];
    let running = Running::start(&[arguments, &always].concat(), actors);
    let run = running.run();
    let follow = Follow::open(run.parse().expect("a run")).expect("a board");
    let program = {
        let sources = follow.texts().sources();
        let settings = follow.texts().settings.clone();
        fiveforks::lang::compile(&sources, &settings, fiveforks::lang::Scope::All)
            .expect("it compiles")
            .program
    };
    let watching = follow.watch(&program).expect("it can be watched");
    let steps = || -> Vec<u64> { watching.snapshot().actors.iter().map(|a| a.steps).collect() };
    std::thread::sleep(Duration::from_millis(20));
    signal(running.actors()[victim], Signal::KILL);
    until("the death is noticed", || watching.snapshot().actors[victim].life.is_over().then_some(()));
    let before = steps();
    until(&format!("the others of {arguments:?} go on"), || {
        let now = steps();
        let moved = |at: usize| at == victim || now[at] > before[at] + 50;
        (0..actors).all(moved).then_some(())
    });
    let registered = registered(&run);
    signal(running.pid(), Signal::TERM);
    assert_eq!(running.finish().status.code(), Some(130), "{arguments:?}");
    assert_gone(&run);
    assert_eq!(left_of(&registered), Vec::<&String>::new(), "{arguments:?}");
}

#[test]
fn the_others_go_on_after_a_kill_over_every_mechanism() {
    for over in Mechanism::ALL {
        let arguments = ["producer-consumer/mailbox", "--set", "CONSUMERS=1", "--over", over.name()];
        goes_on(&arguments, 3, 0);
    }
}

#[test]
fn the_others_go_on_after_a_kill_around_every_lock() {
    for (program, victim) in [
        ("readers-writers/rwlock", 0),
        ("readers-writers/rwlock-fair", 0),
        ("readers-writers/rwlock-fair", 4),
        ("readers-writers/rwlock-writers", 4),
    ] {
        goes_on(&[program], 5, victim);
    }
    for kind in ["recursive mutex", "fair mutex"] {
        let text = format!(
            "role a[3]:\n    idle\n    busy by work()\n\n{kind} m\n\nprocess a:\n    loop:\n        lock(m)\n        \
             work()\n        unlock(m)\n"
        );
        let program = crate::support::TempProgram::new("mutex-killed", &text);
        (0..3).for_each(|victim| goes_on(&[program.path()], 3, victim));
    }
}

#[test]
fn who_ends_gives_back_its_locks_and_nobody_is_stuck() {
    let text = |declared: &str, take: &str, other: &str| {
        format!(
            "role a:\n    idle\n    busy by work() for 150ms..150ms\nrole b:\n    idle\n    quick by act() for 1ms..1ms\n\n\
             {declared}\n\nsemaphore taken = 0\n\nprocess a:\n    {take}\n    signal(taken)\n    work()\n\n\
             process b:\n    wait(taken)\n    {other}\n    act()\n"
        )
    };
    let monitor = "monitor door:\n    shared seen = 0\n\n    def hold():\n        signal(taken)\n        work()\n        \
                   exit\n\n    def pass_through():\n        seen = seen + 1\n";
    for (name, declared, take, other) in [
        ("mutex", "mutex m", "lock(m)", "lock(m)"),
        ("fair-mutex", "fair mutex m", "lock(m)", "lock(m)"),
        ("rwlock", "rwlock m", "lock_write(m)", "lock_read(m)"),
    ] {
        ends_well(name, &text(declared, take, other));
    }
    let inside = text(monitor, "door.hold()", "door.pass_through()")
        .replace("role b:", "role c:\n    idle\n    calm by rest()\nrole b:")
        .replace("process b:", "process c:\n    rest()\n\nprocess b:");
    ends_well("monitor", &inside);
}

/// A program in which somebody ends with a lock: no verdict in the model, nor live, nor led.
fn ends_well(name: &str, text: &str) {
    let program = crate::support::TempProgram::new(name, text);
    let checked = output(&["check", program.path()]);
    assert_eq!(checked.status.code(), Some(0), "{name}: {:?}", texts(&checked));
    let (live, status) = report(&[program.path(), "--keep-going"]);
    assert_eq!((status, &live["verdict"]["kind"]), (0, &"no fault seen".into()), "{name}: {live}");
    for seed in ["1", "2", "3"] {
        let led = output(&["run", program.path(), "--schedule-seed", seed, "--steps", "40"]);
        assert_eq!(led.status.code(), Some(0), "{name}: {:?}", texts(&led));
    }
}

#[test]
fn what_nobody_receives_harms_nobody() {
    let text = "role a:\n    idle\n    busy by work()\nrole b:\n    idle\n    calm by rest()\n\nchannel c size 2\n\n\
        process a:\n    work()\n    send(c, 1)\n    work()\n\nprocess b:\n    rest()\n    send(c, 2)\n";
    let program = crate::support::TempProgram::new("nobody-receives", text);
    for over in Mechanism::ALL {
        let (live, status) = report(&[program.path(), "--over", over.name()]);
        assert_eq!((status, &live["verdict"]["kind"]), (0, &"no fault seen".into()), "{over}: {live}");
    }
}

#[test]
fn who_has_ended_receives_no_more_and_the_counts_still_agree() {
    let text = "role a:\n    idle\n    busy by work()\nrole b:\n    idle\n    calm by rest()\n\nchannel c size 2\n\n\
        process a:\n    send(c, 1)\n    send(c, 2)\n    work()\n\nprocess b:\n    receive(c)\n    rest()\n";
    let program = crate::support::TempProgram::new("ended", text);
    for over in Mechanism::ALL {
        for seed in ["1", "2", "3", "4"] {
            let led = output(&[
                "run",
                program.path(),
                "--schedule-seed",
                seed,
                "--steps",
                "40",
                "--over",
                over.name(),
            ]);
            assert_eq!(led.status.code(), Some(0), "{over}, seed {seed}: {:?}", texts(&led));
        }
    }
}

#[test]
fn a_ring_leaves_no_file_wherever_the_temporary_folder_is_said_to_be() {
    let folder = std::env::temp_dir().join(format!("fiveforks-test-tmp-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let ran = crate::support::fiveforks(&[
        "run",
        "atm/messages",
        "--over",
        "mmap",
        "--for",
        "1s",
        "--speed",
        "max",
    ])
    .env("TMPDIR", ".")
    .current_dir(&folder)
    .output()
    .expect("it runs");
    assert_eq!(ran.status.code(), Some(0), "{:?}", texts(&ran));
    assert_eq!(std::fs::read_dir(&folder).expect("the folder").count(), 0);
    std::fs::remove_dir(&folder).expect("removed");
}

#[test]
fn who_keeps_a_lock_for_ever_is_named_as_the_cause() {
    let text = "role a:\n    idle\n    busy by work() for 1ms..2ms\nrole b:\n    off by nap() for 1ms..2ms\n    waiting\n\nmutex m\nsemaphore taken = 0\n\n\
        process a:\n    lock(m)\n    signal(taken)\n    loop:\n        work()\n\nprocess b:\n    wait(taken)\n    nap()\n    lock(m)\n    nap()\n";
    let program = crate::support::TempProgram::new("kept", text);
    let (live, status) = report(&[program.path()]);
    let verdict = &live["verdict"];
    assert_eq!(status, 1, "{live}");
    assert_eq!(verdict["cause"], "held for ever", "{live}");
    assert!(
        verdict["text"].as_str().is_some_and(|text| text.contains("a, who will never give it back")),
        "{live}"
    );
}

#[test]
fn who_waits_for_its_own_lock_is_stuck_though_others_come_and_go() {
    let (report, status) = report(&["readers-writers/upgrade", "--speed", "max"]);
    assert_eq!(status, 1, "{report}");
    let verdict = &report["verdict"];
    assert_eq!((&verdict["kind"], &verdict["certainty"]), (&"deadlock".into(), &"proved".into()), "{report}");
}

#[test]
fn who_waits_at_a_barrier_for_a_dead_one_is_stuck_and_that_is_said() {
    let text = "role walker[3]:\n    walking by walk()\n    waiting\n\nbarrier gate = 3\n\nprocess walker(i):\n    loop:\n        walk()\n        if i == 2:\n            exit\n        arrive(gate)\n";
    compile(text);
    let program = crate::support::TempProgram::new("barrier", text);
    let (report, status) = report(&[program.path(), "--speed", "max"]);
    assert_eq!((status, &report["verdict"]["kind"]), (1, &"deadlock".into()), "{report}");
    let said = report["verdict"]["text"].as_str().unwrap_or("");
    assert!(said.contains("nobody is left who will still come there"), "{said}");
}

#[test]
fn a_barrier_keeps_the_rounds_apart_in_the_model_and_on_processes() {
    let text = |second: &str| {
        format!(
            "role walker[3]:\n    resting  by rest()\n    waiting\n    crossing by cross()\n\n\
             always \"nobody crosses while another rests\":\n    \
             not (count(walker is crossing) >= 1 and count(walker is resting) >= 1)\n\n\
             barrier gate = 3\n\nprocess walker:\n    loop:\n        rest()\n        arrive(gate)\n        cross()\n{second}"
        )
    };
    let right = crate::support::TempProgram::new("rounds", &text("        arrive(gate)\n"));
    let wrong = crate::support::TempProgram::new("no-rounds", &text(""));
    for (program, status) in [(&right, 0), (&wrong, 1)] {
        assert_eq!(output(&["check", program.path()]).status.code(), Some(status), "{}", program.path());
    }
    for seed in ["1", "2", "3"] {
        let output = output(&["run", right.path(), "--schedule-seed", seed, "--steps", "80"]);
        assert_eq!(output.status.code(), Some(0), "{:?}", texts(&output));
    }
}

#[test]
fn a_broadcast_wakes_all_in_the_model_and_on_processes() {
    let text = |word: &str| {
        format!(
            "role worker[3]:\n    working by work()\n    waiting\n\nmonitor door:\n    shared open = false\n    \
             condition opened\n\n    def pass_through():\n        while not open:\n            wait(opened)\n\n    \
             def unlock_it():\n        open = true\n        {word}(opened)\n\n\
             process worker(i):\n    work()\n    if i == 2:\n        door.unlock_it()\n    else:\n        door.pass_through()\n"
        )
    };
    let all = crate::support::TempProgram::new("broadcast", &text("broadcast"));
    let one = crate::support::TempProgram::new("signal-one", &text("signal"));
    for (program, status) in [(&all, 0), (&one, 1)] {
        assert_eq!(output(&["check", program.path()]).status.code(), Some(status), "{}", program.path());
    }
    for seed in ["1", "2", "3"] {
        let output = output(&["run", all.path(), "--schedule-seed", seed, "--steps", "80"]);
        assert_eq!(output.status.code(), Some(0), "{:?}", texts(&output));
    }
}
