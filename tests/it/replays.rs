//! Schedules on real processes: what the model finds, the processes do.

use std::io::Write;
use std::process::Stdio;

use fiveforks::catalogue::{self, PROBLEMS};
use fiveforks::check::{Fault, FaultKind};
use fiveforks::lang::{self, Scope};
use fiveforks::program::Program;
use fiveforks::schedule::Schedule;

use crate::checks::{checked, options, sizes};
use crate::support::{TempProgram, fiveforks, output, texts};

fn program(name: &str) -> (Program, u32) {
    of_size(name, &[])
}

fn of_size(name: &str, size: &[(String, i32)]) -> (Program, u32) {
    let loaded = catalogue::load(name, None).expect("in the catalogue");
    let program = lang::compile(&loaded.sources, size, Scope::All).expect("compiles").program;
    (program, lang::fingerprint(&loaded.sources))
}

fn replayed(name: &str, size: &[(String, i32)], schedule: &str) -> (serde_json::Value, Option<i32>) {
    let settings: Vec<String> = size.iter().map(|(constant, value)| format!("{constant}={value}")).collect();
    let mut arguments = vec!["replay", name, "--schedule", schedule, "--format", "json"];
    settings.iter().for_each(|setting| arguments.extend(["--set", setting]));
    let output = output(&arguments);
    let (out, err) = texts(&output);
    (serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {out}{err}")), output.status.code())
}

/// Every kind of fault of every program, at the smallest size that has it: the processes come to where the model came.
#[test]
fn every_fault_of_the_catalogue_happens_on_real_processes() {
    for problem in PROBLEMS {
        for solution in problem.solutions {
            let name = format!("{}/{}", problem.id, solution.id);
            let usual = program(&name).0;
            let mut wanted = [usual.expected(false, false), usual.expected(true, false)].concat();
            for size in sizes(&program(&name).0) {
                let (program, fingerprint) = of_size(&name, &size);
                let options =
                    fiveforks::check::Options { after_fault: 100_000, states: 500_000, ..options() };
                let report = checked(&program, &options);
                for fault in report.faults.iter().filter(|f| wanted.contains(&f.verdict())) {
                    if !fault.moves.0.is_empty() {
                        let schedule =
                            Schedule::of(&program, fingerprint, fault.moves.0.clone(), fault.cycle);
                        happens(&name, &size, &program, fault, &schedule.to_string());
                    }
                }
                wanted.retain(|kind| report.faults.iter().all(|fault| fault.verdict() != *kind));
            }
        }
    }
}

fn happens(name: &str, size: &[(String, i32)], program: &Program, fault: &Fault, schedule: &str) {
    let (report, status) = replayed(name, size, schedule);
    let said = || format!("{name} {size:?} {schedule}: {report}");
    assert_eq!(report["followed"], true, "{}", said());
    match &fault.kind {
        FaultKind::Deadlock(actors) => {
            // Of some who are stuck while others run, the pictures alone need not prove it.
            if actors.len() == program.actors.len() {
                assert_eq!(status, Some(1), "{}", said());
                assert_eq!(report["verdict"]["kind"], "deadlock", "{}", said());
            }
            let blocked: Vec<&str> = report["blocked"]
                .as_array()
                .expect("a list")
                .iter()
                .filter_map(|b| b["actor"].as_str())
                .collect();
            for actor in actors {
                let actor = program.actor_name(*actor);
                assert!(blocked.contains(&actor.as_str()), "{actor} {}", said());
            }
            let (asked, asleep) = (&report["verdict"]["kernel_asked"], &report["verdict"]["kernel_asleep"]);
            assert_eq!(asked, asleep, "{}", said());
        }
        FaultKind::Serial(_) => {}
        kind => {
            assert_eq!(status, Some(1), "{}", said());
            assert_eq!(report["verdict"]["kind"], fault.verdict().name(), "{kind:?} {}", said());
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_interleaving() {
    let steps = |seed: &str| {
        let arguments = [
            "run",
            "sleeping-barber/first-come",
            "--schedule-seed",
            seed,
            "--steps",
            "150",
            "--format",
            "json",
        ];
        let (out, err) = texts(&output(&arguments));
        let report: serde_json::Value =
            serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {out}{err}"));
        assert_eq!(report["followed"], true, "{report}");
        report["schedule"].as_str().expect("a schedule").to_string()
    };
    assert_eq!(steps("7"), steps("7"));
    assert_ne!(steps("7"), steps("8"));
}

#[test]
fn it_is_said_that_more_steps_could_be_taken() {
    let led = |program: &str, steps: &str, format: &str| {
        let arguments = ["run", program, "--schedule-seed", "7", "--steps", steps, "--format", format];
        texts(&output(&arguments)).0
    };
    let endless = "sleeping-barber/first-come";
    assert!(led(endless, "20", "text").contains("Stopped after 20 steps, which is all that --steps allows"));
    assert!(led(endless, "20", "json").contains("\"limit_reached\":true"));
    // This one comes to its end.
    let text = "role a[2]:\n    idle\n    busy by work()\nprocess a:\n    work()\n";
    let ends = TempProgram::new("ends", text);
    for steps in ["4", "100"] {
        assert!(!led(ends.path(), steps, "text").contains("--steps allows"), "{steps}");
        assert!(led(ends.path(), steps, "json").contains("\"limit_reached\":false"), "{steps}");
    }
}

#[test]
fn every_program_goes_as_the_model_goes() {
    for problem in PROBLEMS {
        for solution in problem.solutions {
            let name = format!("{}/{}", problem.id, solution.id);
            let arguments = ["run", &name, "--schedule-seed", "3", "--steps", "80", "--format", "json"];
            let (out, err) = texts(&output(&arguments));
            let report: serde_json::Value =
                serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {out}{err}"));
            assert_eq!(report["followed"], true, "{name}: {report}");
        }
    }
}

#[test]
fn a_schedule_that_does_not_fit_is_refused() {
    let (naive, fingerprint) = program("dining-philosophers/naive");
    let good = Schedule::of(&naive, fingerprint, vec![(fiveforks::program::ActorId(0), 0)], None).to_string();
    let says = |name: &str, schedule: &str| {
        let output = output(&["replay", name, "--schedule", schedule]);
        let (out, err) = texts(&output);
        assert_eq!(output.status.code(), Some(2), "{schedule}: {out}{err}");
        err
    };
    assert!(says("dining-philosophers/ordered", &good).contains("another text"));
    assert!(says("dining-philosophers/naive", &good.replace("N=5", "N5")).contains("lost in copying"));
    assert!(says("dining-philosophers/naive", &format!("{good}z")).contains("actor number 25"));
    assert!(says("dining-philosophers/naive", &format!("{good}4b3")).contains("waits for fork[1]"));
    // The steps that fit are shown, and then it is said where it ends.
    let half = output(&["replay", "dining-philosophers/naive", "--schedule", &format!("{good}4b3")]);
    let (out, _) = texts(&half);
    assert!(out.contains("    4  ") && out.contains("followed for 6 steps"), "{out}");
    assert!(says("dining-philosophers/naive", "hello").contains("no schedule"));
    let other = output(&["replay", "dining-philosophers/naive", "--set", "N=3", "--schedule", &good]);
    assert!(texts(&other).1.contains("leave --set out"));
}

#[test]
fn the_user_can_be_the_scheduler() {
    let mut command = fiveforks(&["step", "dining-philosophers/naive", "--set", "N=2"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut input = child.stdin.take().expect("its input");
    // A word that is nothing, a hint, a step that is taken back, and then the way into the deadlock.
    let typed = "nonsense\nh\n1\nb\nphilosopher[0]\n1\n1\nphilosopher[1]\n\nphilosopher[1]\nphilosopher[1]\n";
    input.write_all(typed.as_bytes()).expect("typed");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    let (out, err) = texts(&output);
    assert_eq!(output.status.code(), Some(1), "{out}{err}");
    for part in [
        "is not among them",
        "a deadlock is 6 steps from here",
        "back to step 0",
        "DEADLOCK",
        "nobody can do it in fewer",
    ] {
        assert!(out.contains(part), "{part}: {out}{err}");
    }
}

#[test]
fn choices_timeouts_and_queues_are_led_too() {
    let text = "semaphore s = 0\nfair semaphore f = 0\nshared x = 0\nrole a[2]:\n    idle\n    busy by work()\nprocess a(i):\n    if i == 0:\n        \
        if wait_for(s, 10ms):\n            work()\n        wait(f)\n        x = choose(1..3)\n        if x == 3:\n            assert false\n    else:\n        \
        work()\n        signal(f)\n        try_wait(f)\n";
    let text = text.replace("        try_wait(f)\n", "        let got = try_wait(f)\n        x = got\n");
    let path = TempProgram::new("led", &text);
    for seed in ["1", "2", "3", "4"] {
        let arguments = ["run", path.path(), "--schedule-seed", seed, "--format", "json"];
        let (out, err) = texts(&output(&arguments));
        let report: serde_json::Value =
            serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {out}{err}"));
        assert_eq!(report["followed"], true, "{report}");
    }
}

#[test]
fn a_recording_of_led_processes_leads_others_the_same_way() {
    let folder = std::env::temp_dir().join(format!("fiveforks-recorded-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let (led, free) = (file("led.ffrec"), file("free.ffrec"));
    let schedule = |text: &str| text.lines().find(|l| l.contains("--schedule")).map(str::to_string);
    let program = "dining-philosophers/naive";
    let (first, error) = texts(&output(&["run", program, "--schedule-seed", "7", "--record", &led]));
    assert!(schedule(&first).is_some(), "{first}{error}");
    let (again, error) = texts(&output(&["replay", &led]));
    assert_eq!(schedule(&first), schedule(&again), "{again}{error}");
    // Nobody decided for those who run freely; what was seen of them is there all the same.
    output(&["run", program, "--for", "1s", "--speed", "5", "--record", &free]);
    let recording = fiveforks::record::open(std::path::Path::new(&free)).expect("it can be read");
    assert!(recording.header.schedule.is_none() && recording.history.len() > 1);
    let (_, error) = texts(&output(&["replay", &free]));
    assert!(error.contains("no schedule to replay"), "{error}");
    let (_, error) = texts(&output(&["check", &led]));
    assert!(error.contains("is a recording"), "{error}");
    let whole = std::fs::read(&led).expect("it is there");
    let cut = &whole[..whole.len() / 2];
    let altered = String::from_utf8_lossy(&whole).replacen("\"steps\":1", "\"steps\":2", 1);
    for (bytes, says) in [(cut, "cut off"), (altered.as_bytes(), "altered")] {
        std::fs::write(&led, bytes).expect("written");
        let (_, error) = texts(&output(&["replay", &led]));
        assert!(error.contains(says), "{error}");
    }
    for (name, says) in [("led.txt", "ends in .ffrec"), ("nowhere/led.ffrec", "no folder")] {
        let (_, error) = texts(&output(&["run", program, "--record", &file(name)]));
        assert!(error.contains(says), "{error}");
    }
    std::fs::remove_dir_all(&folder).expect("removed");
}
