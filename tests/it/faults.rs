//! Faults of single actors: what a death leaves behind for the others, and what is said of it.

use rustix::process::Signal;
use serde_json::Value;

use crate::support::{Running, TempProgram, assert_gone, signal, until};

fn finish(running: Running) -> Value {
    let output = running.finish();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    serde_json::from_str(&text)
        .unwrap_or_else(|e| panic!("{e}: {text} {}", String::from_utf8_lossy(&output.stderr)))
}

/// Whether a process sleeps on a futex.
fn sleeps(pid: i32) -> bool {
    let text = std::fs::read_to_string(format!("/proc/{pid}/syscall")).unwrap_or_default();
    text.starts_with("202 ")
}

/// The letter that the kernel gives to what a process does (proc(5)).
fn kernel_state(pid: i32) -> Option<char> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    text.rsplit_once(") ")?.1.chars().next()
}

#[test]
fn a_dead_holder_leaves_an_orphan() {
    let text = "semaphore s = 1\nsemaphore go = 0\nrole holder:\n    idle\n    busy by work() for 600s..600s\nrole waiter:\n    \
        idle\n    busy by work()\nprocess holder:\n    wait(s)\n    signal(go)\n    work()\n    signal(s)\nprocess waiter:\n    \
        wait(go)\n    wait(s)\n    work()\n    signal(s)\n";
    let program = TempProgram::new("orphan", text);
    let running = Running::start(&[program.path(), "--speed", "20", "--for", "100s", "--format", "json"], 2);
    let (run, actors) = (running.run(), running.actors());
    // `go` was passed on: the holder holds `s`, and the waiter comes to wait for it.
    until("the waiter has gone on", || {
        let value = std::fs::read(format!("/dev/shm/sem.fiveforks.{run}.s")).unwrap_or_default();
        (value.get(..8).map(|v| v[0] == 0 && v[4] >= 1) == Some(true)).then_some(())
    });
    signal(actors[0], Signal::KILL);
    let report = finish(running);
    assert_eq!(report["verdict"]["kind"], "deadlock", "{report}");
    assert_eq!(report["verdict"]["cause"], "orphaned");
    assert_eq!(report["verdict"]["waits"][0]["held_by"][0], "holder");
    assert_eq!(report["further_verdicts"][0]["kind"], "died");
    assert_gone(&run);
}

#[test]
fn a_dead_holder_of_a_mutex_passes_it_on() {
    let text = "mutex m\nsemaphore go = 0\nrole holder:\n    idle\n    busy by work() for 600s..600s\nrole waiter:\n    \
        idle\n    busy by play()\nprocess holder:\n    lock(m)\n    signal(go)\n    work()\n    unlock(m)\nprocess waiter:\n    \
        wait(go)\n    lock(m)\n    play()\n    unlock(m)\n";
    let program = TempProgram::new("robust", text);
    let running = Running::start(&[program.path(), "--speed", "20", "--for", "100s", "--format", "json"], 2);
    let actors = running.actors();
    std::thread::sleep(std::time::Duration::from_millis(200));
    signal(actors[0], Signal::KILL);
    let report = finish(running);
    assert_eq!(report["verdict"]["kind"], "died", "{report}");
    assert_eq!(report["actors"][1]["life"], "done");
    assert_eq!(report["actors"][1]["activities"]["busy"], 1);
}

/// A waiter that was woken and killed before it ran has swallowed the wake-up: the token is there, and the other
/// waiter would sleep on. Both are stopped while the signal comes, so that the woken one cannot run; then each in
/// turn is the one that dies.
#[test]
fn a_killed_waiter_takes_no_wakeup_with_it() {
    let text = "semaphore s = 0\nrole waiter[2]:\n    idle\n    busy by work()\nrole poster:\n    idle\n    posting by post() for \
        1500ms..1500ms\nprocess waiter:\n    wait(s)\n    work()\nprocess poster:\n    post()\n    signal(s)\n";
    for victim in 0..2 {
        let program = TempProgram::new(&format!("swallow{victim}"), text);
        let arguments = [program.path(), "--speed", "5", "--for", "100s", "--format", "json", "--keep-going"];
        let running = Running::start(&arguments, 3);
        let actors = running.actors();
        let other = actors[1 - victim];
        until("both wait", || actors[..2].iter().all(|pid| sleeps(*pid)).then_some(()));
        signal(actors[0], Signal::STOP);
        signal(actors[1], Signal::STOP);
        let run = running.run();
        until("the token is there", || {
            let value = std::fs::read(format!("/dev/shm/sem.fiveforks.{run}.s")).unwrap_or_default();
            (value.first() == Some(&1)).then_some(())
        });
        signal(actors[victim], Signal::KILL);
        signal(other, Signal::CONT);
        let report = finish(running);
        let busy = &report["actors"][1 - victim]["activities"]["busy"];
        assert_eq!(busy, 1, "victim {victim}: {report}");
    }
}

#[test]
fn a_stopped_actor_is_no_deadlock() {
    let arguments = ["dining-philosophers/ordered", "--speed", "max", "--for", "3s", "--format", "json"];
    let running = Running::start(&arguments, 5);
    let actors = running.actors();
    for actor in &actors[..2] {
        signal(*actor, Signal::STOP);
    }
    let report = finish(running);
    assert_eq!(report["verdict"]["kind"], "no fault seen", "{report}");
}

#[test]
fn somebody_outside_who_posts_is_noticed_and_nothing_is_proved() {
    let text = "semaphore s = 0\nsemaphore t = 0\nrole a:\n    idle\n    busy by work()\nprocess a:\n    work()\n    wait(s)\n    \
        wait(t)\n    signal(s)\n    signal(t)\n";
    let program = TempProgram::new("outside", text);
    let running = Running::start(&[program.path(), "--for", "100s", "--format", "json", "--keep-going"], 1);
    let run = running.run();
    let semaphore = fiveforks::os::Semaphore::open(&format!("fiveforks.{run}.s")).expect("a real semaphore");
    semaphore.post();
    let actor = running.actors()[0];
    until("it waits for t", || sleeps(actor).then_some(()));
    // An actor of its own making is stuck on `t` now; `s`, which the outsider changed, plays no part in that.
    std::thread::sleep(std::time::Duration::from_millis(1500));
    signal(running.pid(), Signal::TERM);
    let report = finish(running);
    assert_eq!(report["verdict"]["kind"], "deadlock", "{report}");
    assert_eq!(report["verdict"]["waits"][0]["for"], "t");
}

#[test]
fn ctrl_z_holds_the_actors_too() {
    let running = Running::start(&["dining-philosophers/ordered", "--speed", "max", "--for", "600s"], 5);
    let actors = running.actors();
    signal(running.pid(), Signal::TSTP);
    // Actors sleep now and then by themselves, even all at once: only what stands after the stop counts.
    until("the supervisor stops", || (kernel_state(running.pid()) == Some('T')).then_some(()));
    until("all actors sleep", || actors.iter().all(|pid| sleeps(*pid)).then_some(()));
    signal(running.pid(), Signal::CONT);
    until("an actor runs", || actors.iter().any(|pid| !sleeps(*pid)).then_some(()));
}
