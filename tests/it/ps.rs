//! `fiveforks ps`: what it lists is there, and what is there it lists.

use std::fs;
use std::os::unix::fs::MetadataExt;

use serde_json::Value;

use crate::json::{assert_valid, schema};
use crate::support::{Running, names_of, output, texts, until};

/// The document on one run.
fn ps(run: &str) -> Value {
    let output = output(&["ps", run, "--format", "json"]);
    let (out, err) = texts(&output);
    let document = serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}\n{out}\n{err}"));
    assert_valid(&schema(include_str!("../../assets/ps.schema.json")), &document);
    document
}

/// Whether the kernel lets one process look closely at another that it did not start (ptrace(2)).
fn may_look() -> bool {
    let scope = fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope").unwrap_or_default();
    let may = rustix::process::geteuid().is_root() || matches!(scope.trim(), "" | "0");
    if !may {
        println!("the kernel lets nobody see the calls of others here");
    }
    may
}

#[test]
fn a_run_is_listed_with_its_processes_and_objects() {
    let running = Running::start(
        &["dining-philosophers/naive", "--speed", "max", "--keep-going", "--for", "600s", "--plain"],
        5,
    );
    let run = running.run();
    let asleep = |document: &Value| {
        let processes = document["runs"][0]["processes"].as_array().expect("processes").iter();
        processes.filter(|p| p["part"] == "actor" && p["state"] == "S").count()
    };
    let document = until("everybody sleeps", || {
        let document = ps(&run);
        let waiting = document["runs"][0]["processes"].as_array()?.iter();
        let all = waiting.filter(|p| p["says_it_waits_for"].is_string()).count();
        (all == 5 && asleep(&document) == 5).then_some(document)
    });
    let shown = &document["runs"][0];
    assert_eq!(
        (&shown["run"], &shown["program"]),
        (&run.as_str().into(), &"dining-philosophers/naive".into())
    );
    let processes = shown["processes"].as_array().expect("processes");
    let pids: Vec<i64> = processes.iter().filter_map(|p| p["pid"].as_i64()).collect();
    let mut expected = vec![i64::from(running.pid()), i64::from(running.guard().expect("a guard"))];
    expected.extend(running.actors().into_iter().map(i64::from));
    assert_eq!(pids, expected);
    for process in &processes[1..] {
        assert_eq!(process["parent"], running.pid());
    }
    if may_look() {
        for process in processes.iter().filter(|p| p["part"] == "actor") {
            assert_eq!((&process["call"], &process["agrees"]), (&"futex".into(), &true.into()), "{process}");
            assert_eq!(process["waits_on"]["name"], process["says_it_waits_for"]);
        }
    }
    let objects = shown["objects"].as_array().expect("objects");
    for name in names_of(&run) {
        let path = format!("/dev/shm/{name}");
        let object = objects.iter().find(|o| o["place"] == path).unwrap_or_else(|| panic!("{path}: {shown}"));
        let meta = fs::metadata(&path).expect("a file");
        assert_eq!((&object["size_bytes"], &object["inode"]), (&meta.len().into(), &meta.ino().into()));
        assert_eq!((&object["mode"], &object["uid"]), (&"0600".into(), &meta.uid().into()));
    }
    let semaphores: Vec<&Value> = objects.iter().filter(|o| o["kind"] == "semaphore").collect();
    assert_eq!(semaphores.len(), 5);
    assert!(semaphores.iter().all(|s| s["value"] == "0"), "{semaphores:?}");
    let text = texts(&output(&["ps", &run])).0;
    for word in ["philosopher[4]", "fork[0]", "board", "guard pipe", "ls -li /dev/shm/sem.fiveforks."] {
        assert!(text.contains(word), "no «{word}» in\n{text}");
    }
    assert!(texts(&output(&["ps"])).0.contains(&run));
}

#[test]
fn a_run_that_does_not_live_is_an_error() {
    for (run, words) in
        [("0000000000000001", "no run 0000000000000001 of yours lives now"), ("1", "16 hexadecimal digits")]
    {
        let output = output(&["ps", run]);
        assert_eq!(output.status.code(), Some(2));
        assert!(texts(&output).1.contains(words), "{}", texts(&output).1);
    }
}
