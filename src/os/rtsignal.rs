//! Real-time signals that carry a word (signal(7), sigqueue(3)): queued, delivered in order, lowest number first.

use std::mem::MaybeUninit;

use rustix::process::Pid;

use super::{Error, Result};

/// The lowest number that a program may use; the C library keeps those below for itself.
pub fn first() -> i32 {
    libc::SIGRTMIN()
}

/// The highest number.
pub fn last() -> i32 {
    libc::SIGRTMAX()
}

/// A real-time signal.
#[derive(Clone, Copy)]
pub struct RealTime {
    number: i32,
    alone: libc::sigset_t,
}

impl std::fmt::Debug for RealTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("RealTime").field(&self.number).finish()
    }
}

impl RealTime {
    /// The signal of a number from [`first`] to [`last`].
    pub fn new(number: i32) -> Result<RealTime> {
        if !(first()..=last()).contains(&number) {
            let why = format!("real-time signals have the numbers {} to {}", first(), last());
            return Err(Error::unfit(format!("signal {number}"), why));
        }
        let mut alone = MaybeUninit::<libc::sigset_t>::zeroed();
        // SAFETY: sigemptyset initialises the set, and sigaddset takes it with a valid number.
        let alone = unsafe {
            libc::sigemptyset(alone.as_mut_ptr());
            libc::sigaddset(alone.as_mut_ptr(), number);
            alone.assume_init()
        };
        Ok(RealTime { number, alone })
    }

    /// Its number.
    pub fn number(self) -> i32 {
        self.number
    }

    /// Blocks it in this thread and in those that it starts from now on: it waits to be taken, instead of ending the
    /// process. Must come before anybody sends it.
    pub fn block(self) -> Result<()> {
        // SAFETY: the set is initialised, and the old mask is not asked for.
        match unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &self.alone, std::ptr::null_mut()) } {
            0 => Ok(()),
            code => {
                let source = std::io::Error::from_raw_os_error(code);
                Err(Error::new("pthread_sigmask", format!("signal {}", self.number), source))
            }
        }
    }

    /// Sends it with a word to a process (sigqueue(3)). An error if that many wait already.
    pub fn queue(self, pid: Pid, value: usize) -> Result<()> {
        match self.try_queue(pid, value)? {
            true => Ok(()),
            false => Err(self.failed(pid, std::io::Error::from_raw_os_error(libc::EAGAIN))),
        }
    }

    /// As [`RealTime::queue`], but false if as many signals wait already as may wait.
    #[inline]
    pub fn try_queue(self, pid: Pid, value: usize) -> Result<bool> {
        let value = libc::sigval { sival_ptr: value as *mut libc::c_void };
        // SAFETY: takes three values; the pointer is a number that nobody follows.
        if unsafe { libc::sigqueue(pid.as_raw_nonzero().get(), self.number, value) } == 0 {
            return Ok(true);
        }
        let source = std::io::Error::last_os_error();
        if source.raw_os_error() == Some(libc::EAGAIN) { Ok(false) } else { Err(self.failed(pid, source)) }
    }

    fn failed(self, pid: Pid, source: std::io::Error) -> Error {
        let full = source.raw_os_error() == Some(libc::EAGAIN);
        let error = Error::new("sigqueue", format!("process {}", pid.as_raw_nonzero()), source);
        if full {
            return error
                .hint("as many signals wait as RLIMIT_SIGPENDING allows: raise it (ulimit -i), or wait");
        }
        error
    }

    /// Waits for the next one and gives its word (sigwaitinfo(2)). The signal must be blocked. One that was sent
    /// without a word, as by kill(1), is taken and passed over.
    pub fn wait(self) -> Result<usize> {
        loop {
            if let Some(value) = self.take(None)? {
                return Ok(value);
            }
        }
    }

    /// Takes the next one if one waits; otherwise as [`RealTime::wait`].
    pub fn try_wait(self) -> Result<Option<usize>> {
        self.take(Some(libc::timespec { tv_sec: 0, tv_nsec: 0 }))
    }

    #[inline]
    fn take(self, deadline: Option<libc::timespec>) -> Result<Option<usize>> {
        let mut info = MaybeUninit::<libc::siginfo_t>::zeroed();
        // SAFETY: the set is initialised, and set, information and time live through the call.
        let taken = unsafe {
            match &deadline {
                Some(deadline) => libc::sigtimedwait(&self.alone, info.as_mut_ptr(), deadline),
                None => libc::sigwaitinfo(&self.alone, info.as_mut_ptr()),
            }
        };
        if taken < 0 {
            let source = std::io::Error::last_os_error();
            return match source.raw_os_error() {
                Some(libc::EINTR | libc::EAGAIN) => Ok(None),
                _ => Err(Error::new("sigwaitinfo", format!("signal {}", self.number), source)),
            };
        }
        // SAFETY: zeroed before, and written by the kernel; the value is there if sigqueue sent it, and is a number.
        let (code, value) = unsafe {
            let info = info.assume_init();
            (info.si_code, info.si_value().sival_ptr as usize)
        };
        Ok((code == libc::SI_QUEUE).then_some(value))
    }
}
