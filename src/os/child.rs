//! Child processes: actors in one process group that die with the supervisor, and the guard in a session of its own.

use std::os::fd::{FromRawFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::fd::{BorrowedFd, OwnedFd};
use rustix::io::{Errno, FdFlags, fcntl_setfd};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, WaitIdStatus, getpid, getppid, waitid};

use super::{Error, Result};

/// The process group of a run: its number is its first member's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group(pub Pid);

/// Makes the command's process join a group (a new one if none is given) and die when the thread that starts it ends.
/// `stand_back` lets it run only when nobody else wants to (SCHED_IDLE, sched(7)). Call it from a thread that lives as long as the process it starts.
pub fn actor(command: &mut Command, group: Option<Group>, stand_back: bool) {
    let parent = getpid();
    command.process_group(group.map_or(0, |g| g.0.as_raw_nonzero().get()));
    // SAFETY: between fork and exec the closure makes only system calls and allocates nothing.
    unsafe {
        command.pre_exec(move || {
            rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
            if stand_back {
                // Refused or not, the run goes on.
                let idle = libc::sched_param { sched_priority: 0 };
                libc::sched_setscheduler(0, libc::SCHED_IDLE, &idle);
            }
            // The parent may have died before the line above.
            if getppid() == Some(parent) { Ok(()) } else { Err(Errno::SRCH.into()) }
        });
    }
}

/// Gives the command's process a session of its own, out of reach of the terminal's signals.
pub fn guard(command: &mut Command) {
    // SAFETY: as in `actor`.
    unsafe {
        command.pre_exec(|| {
            rustix::process::setsid()?;
            Ok(())
        });
    }
}

/// Lets the command's process inherit descriptors under the numbers that they have here; otherwise all of ours are
/// closed there.
pub fn inherit(command: &mut Command, descriptors: Vec<RawFd>) {
    // SAFETY: as in `actor`. A number that is not open any more gives an error, and the process does not start.
    unsafe {
        command.pre_exec(move || {
            for number in &descriptors {
                let inherited = BorrowedFd::borrow_raw(*number);
                fcntl_setfd(inherited, FdFlags::empty())?;
            }
            Ok(())
        });
    }
}

/// A descriptor that this process was started with. To be asked for once.
pub fn inherited(number: RawFd) -> Result<OwnedFd> {
    let unfit = || Error::unfit(format!("descriptor {number}"), "it was not inherited");
    if number < 0 {
        return Err(unfit());
    }
    // SAFETY: borrowed for one call, which answers with an error if nothing is open under this number.
    let inherited = unsafe { BorrowedFd::borrow_raw(number) };
    fcntl_setfd(inherited, FdFlags::CLOEXEC).map_err(|_| unfit())?;
    // SAFETY: it is open, as the call before has shown. It came with the process, so nothing here has made it and closes
    // it, and it is asked for once: this is its only owner.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With an exit code.
    Exit(i32),
    /// By a signal.
    Signal(i32),
}

/// Whether a child has ended. It stays a zombie, so that its number, which may be that of the group, is not used again.
pub fn ended(pid: Pid) -> Option<Ended> {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    let status = waitid(WaitId::Pid(pid), options).ok()??;
    how(&status)
}

fn how(status: &WaitIdStatus) -> Option<Ended> {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => Some(Ended::Exit(code)),
        (None, Some(signal)) => Some(Ended::Signal(signal)),
        _ => None,
    }
}

/// Waits for a child's end, at most until the deadline, and takes its status away.
pub fn reap(pid: Pid, deadline: Instant) {
    const LOOK_EVERY: Duration = Duration::from_micros(200);
    loop {
        match waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOHANG) {
            Ok(None) if Instant::now() < deadline => std::thread::sleep(LOOK_EVERY),
            Err(Errno::INTR) => {}
            _ => return,
        }
    }
}

/// Sends SIGKILL to all processes of a group; a group without members is fine.
pub fn kill_group(group: Group) -> Result<()> {
    match rustix::process::kill_process_group(group.0, Signal::KILL) {
        Ok(()) | Err(Errno::SRCH) => Ok(()),
        Err(errno) => Err(Error::new("kill", format!("process group {}", group.0.as_raw_nonzero()), errno)),
    }
}

/// Sends a signal to a process.
pub fn signal(pid: Pid, signal: Signal) -> Result<()> {
    rustix::process::kill_process(pid, signal)
        .map_err(|errno| Error::new("kill", format!("process {}", pid.as_raw_nonzero()), errno))
}

/// Whether this process was started by one of its own session, which can bring it back when it stops: a shell. A window
/// or a container that runs nothing else has none.
pub fn has_shell() -> bool {
    // Not rustix's `getsid`: it asserts that the answer is positive, and the kernel answers 0 for a session whose leader
    // is outside of this process's namespace (getsid(2), pid_namespaces(7)).
    // SAFETY: getsid only reads, takes any number, and answers -1 where it knows no process.
    let session = |pid: Option<Pid>| unsafe { libc::getsid(pid.map_or(0, |p| p.as_raw_nonzero().get())) };
    let own = session(None);
    getppid().is_some_and(|parent| own >= 0 && session(Some(parent)) == own)
}

/// Lets this process ignore what a terminal or a user sends to end it politely.
pub fn ignore_polite_signals() {
    for signal in [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTERM, libc::SIGTSTP, libc::SIGPIPE] {
        // SAFETY: SIG_IGN is a valid disposition, and no handler of ours is replaced.
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
}
