//! What the kernel itself says about a process, from `/proc` (proc(5)).

use std::fs;

/// The number of the futex system call.
const SYS_FUTEX: &str = if cfg!(target_arch = "x86_64") { "202" } else { "98" };

/// The address of the futex that a process sleeps on; none if it does not sleep on one, or if the kernel will not tell.
pub fn sleeping_on(pid: u32) -> Option<u64> {
    let line = fs::read_to_string(format!("/proc/{pid}/syscall")).ok()?;
    let mut words = line.split_whitespace();
    if words.next()? != SYS_FUTEX {
        return None;
    }
    u64::from_str_radix(words.next()?.strip_prefix("0x")?, 16).ok()
}

/// How often a process gave the processor up, and how often it was taken away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Switches {
    /// It waited for something.
    pub voluntary: u64,
    /// Its time was over.
    pub involuntary: u64,
}

/// The context switches of a process so far.
pub fn switches(pid: u32) -> Option<Switches> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim_start_matches(':').trim().parse().ok()
    };
    Some(Switches {
        voluntary: field("voluntary_ctxt_switches")?,
        involuntary: field("nonvoluntary_ctxt_switches")?,
    })
}

/// The memory of a process that is its own, in KiB: what it would free by ending.
pub fn private_kib(pid: u32) -> Option<u64> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let mut sum = 0;
    for line in rollup.lines().filter(|line| line.starts_with("Private_")) {
        sum += line.split_whitespace().nth(1)?.parse::<u64>().ok()?;
    }
    Some(sum)
}
