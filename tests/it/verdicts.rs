//! Real runs of real processes: what is found, and what is said of it.

use serde_json::Value;

use crate::support::{TempProgram, report};

fn found(arguments: &[&str]) -> (Value, i32) {
    let (report, code) = report(&[&["--speed", "max"], arguments].concat());
    (report["verdict"].clone(), code)
}

#[test]
fn the_naive_philosophers_deadlock_in_a_circle() {
    let (verdict, code) = found(&["dining-philosophers/naive"]);
    assert_eq!(code, 1);
    assert_eq!(verdict["kind"], "deadlock");
    assert_eq!(verdict["cause"], "circular wait");
    assert_eq!(verdict["certainty"], "proved");
    assert_eq!(verdict["total"], true);
    assert_eq!(verdict["circle"].as_array().map(Vec::len), Some(5));
    assert_eq!(verdict["kernel"]["asleep"], 5);
    assert_eq!(verdict["fixed_by"], "ordered");
    let waits = verdict["waits"].as_array().expect("waits");
    for wait in waits {
        // Everyone waits for the right fork, which the neighbour holds.
        assert_eq!(wait["line"], 14, "{wait}");
        let me: u32 = number(&wait["actor"]);
        assert_eq!(wait["for"], format!("fork[{}]", (me + 1) % 5));
        assert_eq!(wait["held_by"][0], format!("philosopher[{}]", (me + 1) % 5));
    }
}

fn number(name: &Value) -> u32 {
    let digits: String = name.as_str().unwrap_or("").chars().filter(char::is_ascii_digit).collect();
    digits.parse().expect("a number")
}

#[test]
fn what_the_catalogue_expects_is_found() {
    // Those whose fault a fast run surely comes upon; the others need a schedule that only a checker finds.
    let cases = [
        ("dining-philosophers/one-semaphore", "violation deadlock", ""),
        ("dining-philosophers/two-checks", "violation", ""),
        ("dining-philosophers/posted-twice", "violation", ""),
        ("dining-philosophers/forgetful", "deadlock", "lost wakeup"),
        ("producer-consumer/no-mutex", "violation", ""),
        ("producer-consumer/wait-inside", "deadlock", "circular wait"),
        ("producer-consumer/sleep-wakeup", "violation deadlock", ""),
        ("producer-consumer/wrong-start", "violation", ""),
        ("readers-writers/unprotected", "violation deadlock starvation", ""),
        ("readers-writers/last-reader-keeps", "deadlock", "lost wakeup"),
        ("sleeping-barber/check-then-sit", "violation", ""),
        ("sleeping-barber/balk-holding", "deadlock", ""),
        ("sleeping-barber/own-signal", "deadlock", "lost wakeup"),
        ("sleeping-barber/no-rendezvous", "violation", ""),
    ];
    for (program, kinds, cause) in cases {
        let (verdict, code) = found(&[program, "--for", "60s", "--expect"]);
        let kind = verdict["kind"].as_str().unwrap_or("");
        assert!(kinds.split(' ').any(|k| k == kind), "{program}: {verdict}");
        assert_eq!(code, 0, "{program}: {verdict}");
        if !cause.is_empty() {
            assert_eq!(verdict["cause"], cause, "{program}: {verdict}");
        }
    }
}

#[test]
fn no_correct_solution_is_accused() {
    for problem in fiveforks::catalogue::PROBLEMS {
        for solution in problem.solutions {
            let program = fiveforks::catalogue::compiled(problem, solution).expect("it compiles");
            if program.is_correct() {
                let name = format!("{}/{}", problem.id, solution.id);
                let (verdict, code) = found(&[&name, "--for", "600ms"]);
                assert_eq!((verdict["kind"].as_str(), code), (Some("no fault seen"), 0), "{name}: {verdict}");
            }
        }
    }
}

/// Runs a text of its own.
fn run(name: &str, text: &str, arguments: &[&str]) -> (Value, i32) {
    let program = TempProgram::new(name, text);
    report(&[&[program.path(), "--speed", "max"], arguments].concat())
}

const TWO: &str = "role a:\n    idle\n    busy by work()\nrole b:\n    idle\n    busy by work()\n";

#[test]
fn a_program_that_ends_is_over_and_clean() {
    let (report, code) = run("ends", &format!("{TWO}process a:\n    work()\nprocess b:\n    work()\n"), &[]);
    assert_eq!((report["verdict"]["kind"].as_str(), code), (Some("no fault seen"), 0));
    assert_eq!(report["actors"][0]["life"], "done");
}

#[test]
fn waiting_for_one_who_has_ended_is_a_lost_wakeup() {
    let text = format!(
        "semaphore s = 0\n{TWO}process a:\n    work()\n    wait(s)\n    signal(s)\nprocess b:\n    work()\n"
    );
    let (report, _) = run("left", &text, &[]);
    assert_eq!(report["verdict"]["cause"], "lost wakeup", "{report}");
    assert_eq!(report["verdict"]["waits"][0]["line"], 10);
}

#[test]
fn part_of_the_actors_can_be_stuck_while_others_run() {
    let text = format!(
        "semaphore s = 1\nsemaphore t = 1\nrole c:\n    idle\n    busy by play()\n{TWO}process a:\n    work()\n    \
         loop:\n        wait(s)\n        wait(t)\n        signal(t)\n        signal(s)\nprocess b:\n    work()\n    \
         loop:\n        wait(t)\n        wait(s)\n        signal(s)\n        signal(t)\nprocess c:\n    loop:\n        \
         play()\n"
    );
    let (report, _) = run("partial", &text, &[]);
    assert_eq!(report["verdict"]["kind"], "deadlock", "{report}");
    assert_eq!(report["verdict"]["total"], false);
    assert_eq!(report["verdict"]["actors"].as_array().map(Vec::len), Some(2));
}

#[test]
fn spinning_for_what_nobody_will_do_is_a_deadlock() {
    let text = format!(
        "shared x = 0\n{TWO}process a:\n    work()\n    await x == 1\n    x = 2\nprocess b:\n    work()\n    \
         await x == 2\n    x = 1\n"
    );
    let (report, _) = run("spin", &text, &[]);
    assert_eq!(report["verdict"]["cause"], "spinning", "{report}");
}

#[test]
fn mutexes_deadlock_and_tell_their_holder() {
    let text = format!(
        "mutex m\nmutex n\n{TWO}process a:\n    work()\n    loop:\n        lock(m)\n        lock(n)\n        \
         unlock(n)\n        unlock(m)\nprocess b:\n    work()\n    loop:\n        lock(n)\n        lock(m)\n        \
         unlock(m)\n        unlock(n)\n"
    );
    let (report, _) = run("mutexes", &text, &[]);
    assert_eq!(report["verdict"]["cause"], "circular wait", "{report}");
    assert_eq!(report["verdict"]["waits"][0]["held_by"].as_array().map(Vec::len), Some(1));
}

#[test]
fn what_breaks_a_rule_is_seen_at_once() {
    let cases = [
        ("range", "shared x = 0 in 0..3\n", "x = x + 4", "outside its range 0..3"),
        ("assert", "shared x = 0\n", "assert x == 1", "asserted `x == 1`"),
        ("index", "shared x = 7\nshared y[2] = 0\n", "y[x] = 1", "index outside"),
        ("overflow", "shared x = 2147483647\n", "x = x + 1", "32 bits"),
        ("unlock", "mutex m\n", "unlock(m)", "without holding it"),
        ("always", "shared x = 0\nalways \"x stays small\":\n    x <= 1\n", "x = 2", "«x stays small»"),
    ];
    for (name, declarations, statement, said) in cases {
        let text =
            format!("{declarations}{TWO}process a:\n    work()\n    {statement}\nprocess b:\n    work()\n");
        let (report, code) = run(name, &text, &[]);
        let text = report["verdict"]["text"].as_str().unwrap_or("");
        assert!(text.contains(said), "{name}: {report}");
        assert_eq!((report["verdict"]["kind"].as_str(), code), (Some("violation"), 1));
    }
}

#[test]
fn giving_way_for_ever_is_suspected_as_livelock() {
    // Both always find the other's flag up: a dance that no scheduler has to break.
    let text = format!(
        "shared x = 1\n{TWO}progress \"everyone works\":\n    a: idle leads to busy\nprocess a:\n    while x == 1:\n        \
         x = 1\n    work()\nprocess b:\n    while x == 1:\n        x = 1\n    work()\n"
    );
    let (report, _) = run("livelock", &text, &["--for", "60s"]);
    assert_eq!(report["verdict"]["kind"], "livelock", "{report}");
    assert_eq!(report["verdict"]["certainty"], "suspected");
}

#[test]
fn being_passed_for_ever_is_suspected_as_starvation() {
    let text = "semaphore s = 0\nrole lucky:\n    waiting\n    served by enjoy()\nrole unlucky:\n    hoping\n    served by \
        enjoy()\nprogress \"everyone is served\":\n    lucky: waiting leads to served\n    unlucky: hoping leads to \
        served\nprocess lucky:\n    loop:\n        enjoy()\n        if value(s) == 7:\n            signal(s)\nprocess \
        unlucky:\n    wait(s)\n    enjoy()\n";
    let (report, _) = run("starve", text, &["--for", "60s"]);
    assert_eq!(report["verdict"]["kind"], "starvation", "{report}");
    assert_eq!(report["verdict"]["actors"][0], "unlucky");
}

#[test]
fn fair_semaphores_hand_over_in_the_order_of_arrival() {
    // While one is served, the three others come back and queue: who is served next is the queue's choice alone.
    let text = "fair semaphore s = 1\nrole a[4]:\n    waiting\n    served by enjoy() for 5ms..5ms\n    pace \
        0ms..0ms\nprocess a:\n    loop:\n        wait(s)\n        enjoy()\n        signal(s)\n";
    let program = TempProgram::new("fair", text);
    let (report, code) = report(&[program.path(), "--for", "2s"]);
    assert_eq!(code, 0, "{report}");
    assert!(report["fairness"]["jain"].as_f64().is_some_and(|jain| jain > 0.9), "{report}");
}

#[test]
fn actors_can_print_and_control_characters_stay_out() {
    let text = format!("{TWO}process a:\n    work()\n    print(\"sum\", 1 + 2)\nprocess b:\n    work()\n");
    let program = TempProgram::new("prints", &text);
    let output = crate::support::output(&["run", program.path(), "--speed", "max", "--plain"]);
    let (_, err) = crate::support::texts(&output);
    assert!(err.contains("a: sum 3"), "{err}");
}

#[test]
fn a_timed_wait_gives_up() {
    let text = format!(
        "semaphore s = 0\nshared got = 9\n{TWO}process a:\n    work()\n    got = wait_for(s, 20ms)\n    assert got == 0\n    \
         got = wait_for(s, 100s)\n    assert got == 1\nprocess b:\n    work()\n    sleep(50ms)\n    await got == 0\n    \
         signal(s)\n"
    );
    let (report, code) = run("timed", &text, &[]);
    assert_eq!((report["verdict"]["kind"].as_str(), code), (Some("no fault seen"), 0), "{report}");
}

#[test]
fn a_thousand_processes_run_and_end() {
    let (report, code) =
        report(&["dining-philosophers/ordered", "--set", "N=1000", "--speed", "max", "--for", "2s"]);
    assert_eq!(code, 0, "{}", report["verdict"]);
    assert_eq!(report["actors"].as_array().map(Vec::len), Some(1000));
}
