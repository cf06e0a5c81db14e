//! Random kills at random moments: afterwards there is no process, no name, and the next start works.
//!
//! A short form runs always; `FIVEFORKS_KILLS=500 cargo test kills` runs the long one.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rustix::process::Signal;
use std::time::Duration;

use crate::mechanisms::{left_of, registered};
use crate::support::{Running, assert_gone, output, processes_of, signal, until};

/// Kills in the short form.
const SHORT: usize = 24;

const PROGRAMS: [(&str, usize); 10] = [
    ("dining-philosophers/ordered", 5),
    ("producer-consumer/semaphores", 4),
    ("readers-writers/service-queue", 5),
    ("sleeping-barber/rendezvous", 5),
    ("producer-consumer/monitor", 4),
    ("producer-consumer/monitor-hoare", 4),
    ("readers-writers/rwlock-fair", 5),
    ("producer-consumer/mailbox", 4),
    ("sleeping-barber/messages", 5),
    ("dining-philosophers/messages", 5),
];

/// Those of them that send messages.
const SENDS: [&str; 3] =
    ["producer-consumer/mailbox", "sleeping-barber/messages", "dining-philosophers/messages"];

/// What may carry the messages of any of them.
const OVER: [&str; 9] = ["pipe", "fifo", "mqueue", "sysv", "unix", "unix-dgram", "tcp", "shm", "mmap"];

#[test]
fn nothing_is_left_after_random_kills() {
    let kills = std::env::var("FIVEFORKS_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(SHORT);
    let seed = std::env::var("FIVEFORKS_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    let mut random = StdRng::seed_from_u64(seed);
    for kill in 0..kills {
        let (program, actors) = PROGRAMS[random.random_range(0..PROGRAMS.len())];
        let speed = ["1", "max"][random.random_range(0..2usize)];
        let over = OVER[random.random_range(0..OVER.len())];
        let carried = ["--over", over];
        let carried = if SENDS.contains(&program) { &carried[..] } else { &[] };
        let arguments = [&[program], carried, &["--speed", speed, "--for", "600s", "--keep-going"]].concat();
        let running = Running::start(&arguments, actors);
        let registered = registered(&running.run());
        let run = running.run();
        std::thread::sleep(Duration::from_micros(random.random_range(0..30_000)));
        let what = random.random_range(0..7);
        kill_some(&running, what, &mut random);
        let supervisor_lives = matches!(what, 1 | 3 | 4);
        if supervisor_lives {
            // It must still end in an orderly way when asked to.
            signal(running.pid(), Signal::TERM);
            let output = running.finish();
            // Once all actors are dead, the run may be over before it is asked to end.
            let allowed: &[Option<i32>] = if what == 4 { &[Some(130), Some(1)] } else { &[Some(130)] };
            assert!(allowed.contains(&output.status.code()), "kill {kill} of {what}: {output:?}");
        } else {
            drop(running);
        }
        until("the processes end", || processes_of(&run).is_empty().then_some(()));
        assert!(output(&["clean"]).status.success());
        assert_gone(&run);
        let left = left_of(&registered);
        assert!(left.is_empty(), "kill {kill} of {what} over {over} leaves {left:?}");
    }
    println!("{kills} kills, 0 processes left, 0 names left");
}

/// What can be killed: the supervisor, the guard, both, one actor, all actors, a stopped actor and the supervisor, all.
fn kill_some(running: &Running, what: u32, random: &mut StdRng) {
    let (supervisor, guard, actors) = (running.pid(), running.guard(), running.actors());
    let one = actors[random.random_range(0..actors.len())];
    let kill = |pid: i32| signal(pid, Signal::KILL);
    match what {
        0 => kill(supervisor),
        1 => guard.into_iter().for_each(kill),
        2 => guard.into_iter().chain([supervisor]).for_each(kill),
        3 => kill(one),
        4 => actors.iter().copied().for_each(kill),
        5 => {
            signal(one, Signal::STOP);
            kill(supervisor);
        }
        _ => actors.iter().copied().chain(guard).chain([supervisor]).for_each(kill),
    }
}

#[test]
fn a_start_that_is_killed_leaves_nothing() {
    let mut random = StdRng::seed_from_u64(7);
    for _ in 0..SHORT {
        let arguments = ["run", "dining-philosophers/ordered", "--set", "N=40", "--for", "600s"];
        let mut child = crate::support::fiveforks(&arguments)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("the binary runs");
        std::thread::sleep(Duration::from_micros(random.random_range(0..40_000)));
        child.kill().expect("killed");
        child.wait().expect("an end");
    }
    // Everything that is left belongs to dead runs: guards clear up, and a sweep removes the rest.
    until("all names of dead runs go", || {
        output(&["clean"]);
        let (out, _) = crate::support::texts(&output(&["clean"]));
        out.contains("removed 0 names").then_some(())
    });
}

#[test]
fn a_killed_guard_is_replaced() {
    let running = Running::start(&["dining-philosophers/ordered", "--for", "600s"], 5);
    let first = until("the guard starts", || running.guard());
    signal(first, Signal::KILL);
    let second = until("another guard starts", || running.guard().filter(|pid| *pid != first));
    let run = running.run();
    // The new guard knows its duty, the group included.
    signal(running.pid(), Signal::KILL);
    until("the second guard ends", || processes_of(&run).iter().all(|pid| *pid != second).then_some(()));
    assert_gone(&run);
}
