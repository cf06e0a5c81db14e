//! The guard: a process that outlives its supervisor, whatever kills that, and clears up behind it.
//!
//! It reads from a pipe that only the supervisor can write to. The kernel closes the pipe when the supervisor ends, by
//! whatever cause; the guard then kills the run's process group and removes its names. It has a session of its own and
//! ignores what a terminal sends, so that nothing short of SIGKILL ends it; if that happens, the supervisor starts
//! another, and if both go at once, the kernel kills the actors and the next start sweeps.

use std::io::{self, BufRead};
use std::time::Duration;

use rustix::process::Pid;

use super::names::RunId;
use super::sweep::sweep_run;
use crate::os::child::{Group, ignore_polite_signals, kill_group};

/// How often, and how many times, to try to sweep: the supervisor's lock goes a moment after its pipe, and somebody who
/// lists the living runs holds it for a moment.
const TRY_EVERY: Duration = Duration::from_millis(2);
const MAX_TRIES: u32 = 250;

/// Guards a run until its supervisor is gone.
pub fn main(run: RunId) {
    ignore_polite_signals();
    let mut group = None;
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        if line == "released" {
            group = None;
        }
        let number = line.strip_prefix("group ").and_then(|n| n.parse().ok());
        group = number.and_then(Pid::from_raw).map(Group).or(group);
    }
    if let Some(group) = group {
        let _ = kill_group(group);
    }
    for _ in 0..MAX_TRIES {
        if sweep_run(run) {
            return;
        }
        std::thread::sleep(TRY_EVERY);
    }
}
