//! What the kernel says of processes that wait for messages, and how it is set.

use std::fs;

/// System calls in which a process sleeps until a message comes, with the first argument saying where.
const RECEIVING: [libc::c_long; 4] =
    [libc::SYS_read, libc::SYS_recvfrom, libc::SYS_mq_timedreceive, libc::SYS_msgrcv];

/// What [`receives_from`] gives for a call whose first argument does not say where.
pub const ANY_ARGUMENT: u64 = u64::MAX;

/// The descriptor or queue from which a process is about to receive, asleep in the kernel; none if it does not sleep so,
/// or if the kernel will not tell.
pub fn receives_from(pid: u32) -> Option<u64> {
    let line = fs::read_to_string(format!("/proc/{pid}/syscall")).ok()?;
    let mut words = line.split_whitespace();
    let number: libc::c_long = words.next()?.parse().ok()?;
    if number == libc::SYS_rt_sigtimedwait {
        return Some(ANY_ARGUMENT);
    }
    let first = u64::from_str_radix(words.next()?.strip_prefix("0x")?, 16).ok()?;
    RECEIVING.contains(&number).then_some(first)
}

/// Whether a signal of this number waits for a process to take it; none if there is no such process.
pub fn is_pending(pid: u32, signal: i32) -> Option<bool> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let mask = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        u64::from_str_radix(line.trim(), 16).ok()
    };
    let pending = mask("SigPnd:")? | mask("ShdPnd:")?;
    Some(pending >> (signal - 1) & 1 == 1)
}

/// The number in a file such as those of /proc/sys; none if there is no such file, or no number in it.
pub fn setting(path: &str) -> Option<u64> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

/// How often a process has called read, write and their kin (`syscr` and `syscw` in /proc/PID/io); none if the kernel does
/// not count, or will not tell. Calls that are made for sockets alone (recv, send) are not among them.
pub fn reads_and_writes(pid: u32) -> Option<u64> {
    let io = fs::read_to_string(format!("/proc/{pid}/io")).ok()?;
    let field = |name: &str| io.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<u64>().ok());
    Some(field("syscr:")? + field("syscw:")?)
}
