//! What the kernel itself says about a process, from `/proc` (proc(5)).

use std::fs;

pub use crate::os::child::has_shell;

/// The memory of this machine, or what its container may use of it (cgroups(7)), in bytes.
pub fn memory_bytes() -> u64 {
    const FALLBACK: u64 = 4 << 30;
    let info = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = info.lines().find_map(|line| {
        let kib = line.strip_prefix("MemTotal:")?.trim().strip_suffix("kB")?.trim();
        Some(kib.parse::<u64>().ok()? << 10)
    });
    let allowed =
        fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|text| text.trim().parse().ok());
    total.unwrap_or(FALLBACK).min(allowed.unwrap_or(u64::MAX))
}

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

/// How often a process has called read, write and their kin (`syscr` and `syscw` in /proc/PID/io); none if the kernel does
/// not count, or will not tell. Calls that are made for sockets alone (recv, send) are not among them.
pub fn reads_and_writes(pid: u32) -> Option<u64> {
    let io = fs::read_to_string(format!("/proc/{pid}/io")).ok()?;
    let field = |name: &str| io.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<u64>().ok());
    Some(field("syscr:")? + field("syscw:")?)
}

/// The number in a file such as those of /proc/sys; none if there is no such file, or no number in it.
pub fn setting(path: &str) -> Option<u64> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
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

/// The system calls in which actors sleep, by number.
const CALLS: [(&str, &str); 6] = if cfg!(target_arch = "x86_64") {
    [
        ("202", "futex"),
        ("230", "clock_nanosleep"),
        ("35", "nanosleep"),
        ("1", "write"),
        ("24", "sched_yield"),
        ("0", "read"),
    ]
} else {
    [
        ("98", "futex"),
        ("115", "clock_nanosleep"),
        ("101", "nanosleep"),
        ("64", "write"),
        ("124", "sched_yield"),
        ("63", "read"),
    ]
};

/// The letters of proc(5) for what a process does.
const STATES: [(char, &str); 7] = [
    ('R', "running, or ready to"),
    ('S', "asleep in a system call"),
    ('D', "asleep in the kernel, undisturbed"),
    ('T', "stopped by a signal"),
    ('t', "stopped by a debugger"),
    ('Z', "ended, and not yet waited for"),
    ('I', "idle"),
];

/// What the kernel says of a process, as lines of name and value, for people. Empty if there is no such process.
pub fn facts(pid: u32) -> Vec<(&'static str, String)> {
    let Ok(status) = fs::read_to_string(format!("/proc/{pid}/status")) else { return Vec::new() };
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        Some(line.trim_start_matches(':').trim().to_string())
    };
    let mut facts = Vec::new();
    if let Some(letter) = field("State").and_then(|s| s.chars().next()) {
        let words = STATES.iter().find(|(l, _)| *l == letter).map_or("", |(_, words)| words);
        facts.push(("kernel's state", format!("{letter}: {words}")));
    }
    if let Some(call) = call(pid) {
        facts.push(("system call", call));
    }
    if let Some(switches) = switches(pid) {
        facts.push((
            "context switches",
            format!("{} of its own, {} by force", switches.voluntary, switches.involuntary),
        ));
    }
    if let Some((minor, major)) = faults(pid) {
        facts.push(("page faults", format!("{minor} minor, {major} from disk")));
    }
    if let Some(memory) = private_kib(pid) {
        facts.push(("own memory", format!("{memory} KiB")));
    }
    for (range, name) in mappings(pid) {
        facts.push(("mapped", format!("{range}  {name}")));
    }
    facts
}

/// The system call that a process sleeps in, with the address of its futex.
fn call(pid: u32) -> Option<String> {
    let line = fs::read_to_string(format!("/proc/{pid}/syscall")).ok()?;
    let mut words = line.split_whitespace();
    let number = words.next()?;
    if number == "running" {
        return Some("none: it runs".into());
    }
    let name = CALLS.iter().find(|(n, _)| *n == number).map_or("another", |(_, name)| *name);
    let first = words.next().filter(|_| name == "futex").map(|a| format!(" on {a}")).unwrap_or_default();
    Some(format!("{name} ({number}){first}"))
}

/// Page faults: those that the kernel answered from memory, and those from disk.
fn faults(pid: u32) -> Option<(u64, u64)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name before it may hold spaces and brackets.
    let mut words = stat.rsplit_once(')')?.1.split_whitespace();
    let minor = words.nth(7)?.parse().ok()?;
    Some((minor, words.nth(1)?.parse().ok()?))
}

/// What a process maps of /dev/shm: where, and what.
fn mappings(pid: u32) -> Vec<(String, String)> {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap_or_default();
    let shared = maps.lines().filter_map(|line| {
        let (range, rest) = line.split_once(' ')?;
        let name = rest.get(rest.find("/dev/shm/")?..)?;
        Some((range.to_string(), name.to_string()))
    });
    shared.collect()
}
