//! The memory of processes: how much of it is whose, and what stands in it.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;

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

/// The pages of a process that lie in memory, in KiB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resident {
    /// Its own: what it would free by ending.
    pub private: u64,
    /// Also mapped by others: the run's objects, and the program's code.
    pub shared: u64,
}

/// The memory of a process; none if the kernel will not tell.
pub fn resident(pid: u32) -> Option<Resident> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let sum = |prefix: &str| {
        let lines = rollup.lines().filter(|line| line.starts_with(prefix));
        lines.map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()).sum::<Option<u64>>()
    };
    Some(Resident { private: sum("Private_")?, shared: sum("Shared_")? })
}

/// The memory of a process that is its own, in KiB: what it would free by ending.
pub fn private_kib(pid: u32) -> Option<u64> {
    resident(pid).map(|memory| memory.private)
}

/// Reads another process's memory at one of its addresses, as a debugger would. Fails if the kernel does not let us
/// (ptrace(2), "ptrace access mode"), or if nothing is mapped there.
pub fn peek(pid: u32, address: u64, bytes: &mut [u8]) -> io::Result<()> {
    File::open(format!("/proc/{pid}/mem"))?.read_exact_at(bytes, address)
}
