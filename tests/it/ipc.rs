//! The measuring of mechanisms: what it says, and that nothing of it stays behind, whoever is killed when.

use std::fs;
use std::process::{Child, Stdio};
use std::time::Duration;

use fiveforks::mechanism::Mechanism;
use fiveforks::os::mqueue;
use fiveforks::run::RunId;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rustix::process::Signal;
use serde_json::Value;

use crate::support::{
    assert_gone, children, command_line, fiveforks, names_of, output, processes_of, signal, texts, until,
};

/// Kills in the short form; `FIVEFORKS_KILLS=500 cargo test ipc` runs the long one.
const SHORT: usize = 24;

fn measured(arguments: &[&str]) -> (Value, Option<i32>) {
    let output = output(&[&["ipc"], arguments, &["--format", "json"]].concat());
    let (out, err) = texts(&output);
    let document = serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}\n{out}\n{err}"));
    (document, output.status.code())
}

fn rows(document: &Value) -> &Vec<Value> {
    document["mechanisms"].as_array().expect("a list")
}

#[test]
fn every_mechanism_carries_what_it_says_it_can() {
    let (document, status) = measured(&["--size", "8,1000,64KiB", "--for", "600ms"]);
    assert_eq!(status, Some(0));
    let names: Vec<&str> = rows(&document).iter().filter_map(|row| row["mechanism"].as_str()).collect();
    assert_eq!(names, Mechanism::ALL.map(Mechanism::name));
    for row in rows(&document) {
        let name = &row["mechanism"];
        let most = row["longest_message_bytes"].as_u64().unwrap_or(u64::MAX);
        for cell in row["sizes"].as_array().expect("a list") {
            let fits = cell["size_bytes"].as_u64().expect("a size") <= most;
            assert_eq!(fits, cell["not_measured"].is_null(), "{name}: {cell}");
            if !fits {
                continue;
            }
            let number = |path: &str| cell.pointer(path).and_then(Value::as_f64);
            let positive = ["/one_way/messages_per_s", "/round_trip/p50_us", "/round_trip/mean_us"];
            for path in positive {
                assert!(number(path).is_some_and(|n| n > 0.0), "{name}: {path} of {cell}");
            }
            assert!(number("/round_trip/p50_us") <= number("/round_trip/p99_us"), "{name}: {cell}");
            // What goes through the kernel is at least one call to send and one to receive, in either direction.
            let (there, both) = (
                number("/one_way/system_calls_per_message"),
                number("/round_trip/system_calls_per_round_trip"),
            );
            if row["kernel_copies_per_message"] == 2 {
                assert!(there.is_some_and(|n| n >= 2.0), "{name}: {cell}");
                assert!(both.is_some_and(|n| n >= 4.0), "{name}: {cell}");
            }
        }
    }
}

#[test]
fn one_processor_takes_both() {
    let (document, status) =
        measured(&["pipe", "shm", "pipe", "--size", "8", "--for", "100ms", "--cores", "0,0"]);
    assert_eq!((status, rows(&document).len()), (Some(0), 2));
    assert_eq!(document["processors"], serde_json::json!([0, 0]));
}

#[test]
fn what_cannot_be_measured_says_why() {
    let (document, status) = measured(&["signal", "mqueue", "--size", "1MiB", "--for", "100ms"]);
    assert_eq!(status, Some(2), "nothing was measured");
    for (row, why) in rows(&document).iter().zip(["at most 8 B", "/proc/sys/fs/mqueue/msgsize_max"]) {
        let said = row["sizes"][0]["not_measured"].as_str().expect("a reason");
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn bad_usage_says_what_to_write() {
    let cases: [(&[&str], &str); 5] = [
        (&["carrier-pigeon"], "unix-dgram"),
        (&["--size", "0"], "as in 8, 1KiB or 64KiB"),
        (&["--size", "2MiB"], "write 1 to 1MiB"),
        (&["--cores", "0"], "for instance 0,1"),
        (&["--cores", "0,1023"], "processor 1023 may not be used; choose of "),
    ];
    for (arguments, words) in cases {
        let output = output(&[&["ipc"], arguments].concat());
        let (_, err) = texts(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {err}");
        assert!(err.contains(words), "{arguments:?}: {err}");
    }
}

#[test]
fn the_tables_can_be_plain() {
    let output = output(&["ipc", "pipe", "shm", "--size", "8", "--for", "100ms", "--plain", "--ascii"]);
    let (out, _) = texts(&output);
    assert!(out.is_ascii() && !out.contains('#'), "{out}");
    assert!(out.contains("through memory that both processes map\n  shm "), "{out}");
    assert!(out.contains("pipe       pipe                   parent and child"), "{out}");
}

/// A measurement in the background. Dropping it ends it.
struct Measuring {
    child: Child,
    run: String,
}

impl Measuring {
    /// Starts one, and waits until its guard runs: it makes its first objects now. One that was over before anybody
    /// looked is started again.
    fn start(arguments: &[&str]) -> Measuring {
        loop {
            let mut command = fiveforks(&[&["ipc"], arguments].concat());
            let mut child =
                command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
            let pid = child.id() as i32;
            let guard = |pid: i32| {
                let line = command_line(pid);
                line.iter().position(|w| w == "__guard").and_then(|at| line.get(at + 1).cloned())
            };
            let run = until("the guard starts", || match children(pid).into_iter().find_map(guard) {
                Some(run) => Some(Some(run)),
                None => child.try_wait().expect("a child").map(|_| None),
            });
            if let Some(run) = run {
                return Measuring { child, run };
            }
        }
    }

    fn pid(&self) -> i32 {
        self.child.id() as i32
    }

    fn others(&self, what: &str) -> Vec<i32> {
        let is = |pid: &i32| command_line(*pid).iter().any(|word| word == what);
        children(self.pid()).into_iter().filter(is).collect()
    }

    /// Waits for its end: its exit status and what it said.
    fn finish(mut self) -> (Option<i32>, String) {
        let child = std::mem::replace(
            &mut self.child,
            fiveforks(&["list"]).stdout(Stdio::null()).spawn().expect("a list"),
        );
        let output = child.wait_with_output().expect("an end");
        (output.status.code(), texts(&output).0)
    }
}

impl Drop for Measuring {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Requires that nothing of a run is left, in /dev/shm or elsewhere.
pub fn assert_nothing_left(run: &str) {
    assert_gone(run);
    let id: RunId = run.parse().expect("a run");
    for way in ["there", "back"] {
        let name = format!("fiveforks.{run}.{way}");
        assert!(mqueue::Queue::open(&name).is_err(), "queue {name}");
        assert!(!std::env::temp_dir().join(&name).exists(), "file {name}");
    }
    let queues = fs::read_to_string("/proc/sysvipc/msg").unwrap_or_default();
    let key = |line: &str| line.split_whitespace().next().and_then(|key| key.parse::<i32>().ok());
    let left: Vec<i32> =
        queues.lines().filter_map(key).filter(|key| id.keys().any(|own| own == *key)).collect();
    assert!(left.is_empty(), "keys {left:?} of {run}");
}

#[test]
fn an_interrupted_measurement_ends_with_130_and_says_what_it_has() {
    let measuring = Measuring::start(&["shm", "sysv", "--for", "600s", "--format", "json"]);
    until("processes are measured", || (measuring.others("__peer").len() == 2).then_some(()));
    signal(measuring.pid(), Signal::INT);
    let run = measuring.run.clone();
    let (status, out) = measuring.finish();
    assert_eq!(status, Some(130));
    let document: Value = serde_json::from_str(&out).expect("a document");
    assert_eq!(document["interrupted"], true);
    assert_eq!(document["mechanisms"][1]["sizes"][2]["not_measured"], "interrupted");
    assert_nothing_left(&run);
}

#[test]
fn a_killed_process_spoils_its_own_figures_only() {
    let measuring = Measuring::start(&["pipe", "shm", "--size", "8", "--for", "4s", "--format", "json"]);
    let victim = until("processes are measured", || measuring.others("__peer").first().copied());
    signal(victim, Signal::KILL);
    let run = measuring.run.clone();
    let (status, out) = measuring.finish();
    assert_eq!(status, Some(0), "{out}");
    let document: Value = serde_json::from_str(&out).expect("a document");
    let said = document["mechanisms"][0]["sizes"][0]["not_measured"].as_str().expect("a reason");
    assert!(said.contains("was killed (signal 9)"), "{said}");
    assert!(document["mechanisms"][1]["sizes"][0]["one_way"].is_object(), "{out}");
    assert_nothing_left(&run);
}

#[test]
fn nothing_is_left_after_random_kills_of_a_measurement() {
    let kills = std::env::var("FIVEFORKS_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(SHORT);
    let seed = std::env::var("FIVEFORKS_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    let mut random = StdRng::seed_from_u64(seed);
    for kill in 0..kills {
        // Short measurements, so that many kills meet objects that are just being made.
        let mechanisms = ["mqueue", "sysv", "shm", "mmap", "fifo", "pipe", "signal"];
        let first = random.random_range(0..mechanisms.len());
        let order = [&mechanisms[first..], &mechanisms[..first]].concat();
        let size = ["8", "8,16,24,32,40,48", "1KiB"][random.random_range(0..3usize)];
        let measuring = Measuring::start(&[&order[..], &["--size", size, "--for", "100ms"]].concat());
        std::thread::sleep(Duration::from_micros(random.random_range(0..60_000)));
        let what = random.random_range(0..6);
        let (peers, guard) = (measuring.others("__peer"), measuring.others("__guard"));
        let itself = measuring.pid();
        let one = peers.get(random.random_range(0..2usize)).copied();
        let victims: Vec<i32> = match what {
            0 => vec![itself],
            1 => one.into_iter().collect(),
            2 => guard,
            3 => guard.into_iter().chain([itself]).collect(),
            4 => one.into_iter().chain([itself]).collect(),
            _ => peers.into_iter().chain(guard).chain([itself]).collect(),
        };
        let survives = !victims.contains(&itself);
        victims.into_iter().for_each(|pid| signal(pid, Signal::KILL));
        let run = measuring.run.clone();
        if survives {
            let (status, out) = measuring.finish();
            assert_eq!(status, Some(0), "kill {kill} of {what}: {out}");
        } else {
            drop(measuring);
        }
        until("the processes end", || processes_of(&run).is_empty().then_some(()));
        // A process that was just being started when its parent was killed holds the lock for a moment yet.
        until("its names go", || {
            assert!(output(&["clean"]).status.success());
            names_of(&run).is_empty().then_some(())
        });
        assert_nothing_left(&run);
    }
}
