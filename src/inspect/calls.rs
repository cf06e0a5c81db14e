//! The system calls in which processes sleep: their names, and which of their arguments say on what.
//!
//! The numbers differ between architectures; libc knows those of the one that this is compiled for.

/// What a call's arguments mean, as far as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// futex(2): an address, an operation, a value, a limit of time.
    Futex,
    /// A descriptor first; then, in the argument of that number, how many bytes.
    Bytes(usize),
    /// A descriptor first, and a buffer whose size is not told.
    Descriptor,
    /// A descriptor of a POSIX queue first; bytes in argument 2, a limit of time at argument 4.
    PosixQueue,
    /// A number of a System V queue first; bytes in argument 2; when receiving, the type in argument 3.
    SystemVQueue { receives: bool },
    /// A number of a System V set of semaphores first.
    SystemVSet,
    /// How many descriptors in argument 1; a limit in milliseconds in argument 2.
    ManyMillis,
    /// The same with the limit as a time at argument 2.
    ManyUntil,
    /// An epoll descriptor; a limit in milliseconds in argument 3.
    Epoll,
    /// How long, as a time at this argument.
    Time(usize),
    /// A set of signals; a limit of time at argument 2.
    Signals,
    /// A process, or -1 for any child.
    Child,
    /// A name at argument 1.
    Path,
    /// Nothing that matters.
    Nothing,
}

/// A call: number, name, arguments.
pub(super) type Call = (i64, &'static str, Takes);

/// On every architecture.
static COMMON: &[Call] = &[
    (libc::SYS_futex, "futex", Takes::Futex),
    (libc::SYS_read, "read", Takes::Bytes(2)),
    (libc::SYS_write, "write", Takes::Bytes(2)),
    (libc::SYS_pread64, "pread64", Takes::Bytes(2)),
    (libc::SYS_pwrite64, "pwrite64", Takes::Bytes(2)),
    (libc::SYS_readv, "readv", Takes::Descriptor),
    (libc::SYS_writev, "writev", Takes::Descriptor),
    (libc::SYS_recvfrom, "recvfrom", Takes::Bytes(2)),
    (libc::SYS_sendto, "sendto", Takes::Bytes(2)),
    (libc::SYS_recvmsg, "recvmsg", Takes::Descriptor),
    (libc::SYS_sendmsg, "sendmsg", Takes::Descriptor),
    (libc::SYS_accept, "accept", Takes::Descriptor),
    (libc::SYS_accept4, "accept4", Takes::Descriptor),
    (libc::SYS_connect, "connect", Takes::Descriptor),
    (libc::SYS_flock, "flock", Takes::Descriptor),
    (libc::SYS_fcntl, "fcntl", Takes::Descriptor),
    (libc::SYS_mq_timedsend, "mq_timedsend", Takes::PosixQueue),
    (libc::SYS_mq_timedreceive, "mq_timedreceive", Takes::PosixQueue),
    (libc::SYS_msgsnd, "msgsnd", Takes::SystemVQueue { receives: false }),
    (libc::SYS_msgrcv, "msgrcv", Takes::SystemVQueue { receives: true }),
    (libc::SYS_semop, "semop", Takes::SystemVSet),
    (libc::SYS_semtimedop, "semtimedop", Takes::SystemVSet),
    (libc::SYS_ppoll, "ppoll", Takes::ManyUntil),
    (libc::SYS_pselect6, "pselect6", Takes::Nothing),
    (libc::SYS_epoll_pwait, "epoll_pwait", Takes::Epoll),
    (libc::SYS_nanosleep, "nanosleep", Takes::Time(0)),
    (libc::SYS_clock_nanosleep, "clock_nanosleep", Takes::Time(2)),
    (libc::SYS_rt_sigtimedwait, "rt_sigtimedwait", Takes::Signals),
    (libc::SYS_rt_sigsuspend, "rt_sigsuspend", Takes::Nothing),
    (libc::SYS_sched_yield, "sched_yield", Takes::Nothing),
    (libc::SYS_wait4, "wait4", Takes::Child),
    (libc::SYS_waitid, "waitid", Takes::Nothing),
    (libc::SYS_openat, "openat", Takes::Path),
    (libc::SYS_mmap, "mmap", Takes::Nothing),
    (libc::SYS_munmap, "munmap", Takes::Nothing),
    (libc::SYS_exit_group, "exit_group", Takes::Nothing),
    // What a signal interrupted goes on under this name, with the arguments that it had.
    (libc::SYS_restart_syscall, "restart_syscall", Takes::Nothing),
];

/// Calls that newer architectures left out.
#[cfg(target_arch = "x86_64")]
static OLDER: &[Call] = &[
    (libc::SYS_poll, "poll", Takes::ManyMillis),
    (libc::SYS_select, "select", Takes::Nothing),
    (libc::SYS_epoll_wait, "epoll_wait", Takes::Epoll),
    (libc::SYS_pause, "pause", Takes::Nothing),
    (libc::SYS_open, "open", Takes::Nothing),
];
#[cfg(not(target_arch = "x86_64"))]
static OLDER: &[Call] = &[];

/// The call of a number, if it is one of these.
pub(super) fn known(number: i64) -> Option<&'static Call> {
    COMMON.iter().chain(OLDER).find(|(n, ..)| *n == number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_and_every_name_is_there_once() {
        let all: Vec<&Call> = COMMON.iter().chain(OLDER).collect();
        for (at, (number, name, _)) in all.iter().enumerate() {
            let twice = all[at + 1..].iter().any(|(n, other, _)| n == number || other == name);
            assert!(!twice, "{name} ({number})");
            assert_eq!(known(*number).map(|(_, name, _)| *name), Some(*name));
        }
    }
}
