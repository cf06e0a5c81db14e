//! Robust process-shared mutexes (pthread_mutexattr_setrobust(3)): if a holder dies, the next one is told.

use std::mem::MaybeUninit;
use std::time::Duration;

use super::shm::Mapping;
use super::{Error, Result};

unsafe extern "C" {
    /// As pthread_mutex_timedlock(3), by the clock that is named (glibc since 2.30).
    fn pthread_mutex_clocklock(
        mutex: *mut libc::pthread_mutex_t,
        clock: libc::clockid_t,
        deadline: *const libc::timespec,
    ) -> libc::c_int;
}

/// The room that a mutex takes in a mapping.
pub const MUTEX_BYTES: usize = 64;
const _: () = assert!(size_of::<libc::pthread_mutex_t>() <= MUTEX_BYTES);

/// How a mutex was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Took {
    /// From nobody.
    Free,
    /// From a holder that died with it.
    FromDead,
}

/// A mutex in a mapping.
#[derive(Clone, Copy, Debug)]
pub struct Mutex<'m> {
    mapping: &'m Mapping,
    offset: usize,
}

impl<'m> Mutex<'m> {
    /// The mutex at a byte offset, which must have been initialised once by [`Mutex::init`] before it is used.
    pub fn at(mapping: &'m Mapping, offset: usize) -> Mutex<'m> {
        mapping.pointer(offset, MUTEX_BYTES, 8);
        Mutex { mapping, offset }
    }

    fn pointer(&self) -> *mut libc::pthread_mutex_t {
        self.mapping.pointer(self.offset, MUTEX_BYTES, 8).cast()
    }

    /// Initialises it, before any other process can know of it.
    pub fn init(&self) -> Result<()> {
        let mut attributes = MaybeUninit::<libc::pthread_mutexattr_t>::uninit();
        let attributes = attributes.as_mut_ptr();
        // SAFETY: the attributes are our own and initialised by the first call; the mutex lies in the mapping, and
        // nobody uses it yet.
        let codes = unsafe {
            [
                libc::pthread_mutexattr_init(attributes),
                libc::pthread_mutexattr_setpshared(attributes, libc::PTHREAD_PROCESS_SHARED),
                libc::pthread_mutexattr_setrobust(attributes, libc::PTHREAD_MUTEX_ROBUST),
                libc::pthread_mutex_init(self.pointer(), attributes),
                libc::pthread_mutexattr_destroy(attributes),
            ]
        };
        match codes.into_iter().find(|code| *code != 0) {
            None => Ok(()),
            Some(code) => {
                Err(Error::new("pthread_mutex_init", "a mutex", std::io::Error::from_raw_os_error(code)))
            }
        }
    }

    /// Takes it if it is free.
    pub fn try_lock(&self) -> Option<Took> {
        // SAFETY: initialised, and in the mapping.
        self.took(unsafe { libc::pthread_mutex_trylock(self.pointer()) })
    }

    /// Waits until it has taken it. A process that holds it already waits for ever, as POSIX demands of a normal mutex.
    pub fn lock(&self) -> Option<Took> {
        // SAFETY: as in try_lock.
        self.took(unsafe { libc::pthread_mutex_lock(self.pointer()) })
    }

    /// Waits until it has taken it, or until CLOCK_MONOTONIC reaches the deadline; none then.
    pub fn lock_until(&self, deadline: Duration) -> Option<Took> {
        let deadline = libc::timespec {
            tv_sec: deadline.as_secs().min(i64::MAX as u64) as libc::time_t,
            tv_nsec: deadline.subsec_nanos().into(),
        };
        // SAFETY: as in try_lock; the deadline lives through the call.
        self.took(unsafe { pthread_mutex_clocklock(self.pointer(), libc::CLOCK_MONOTONIC, &deadline) })
    }

    fn took(&self, code: libc::c_int) -> Option<Took> {
        match code {
            0 => Some(Took::Free),
            libc::EOWNERDEAD => {
                // SAFETY: this thread holds it now, which is when pthread_mutex_consistent is allowed.
                unsafe { libc::pthread_mutex_consistent(self.pointer()) };
                Some(Took::FromDead)
            }
            _ => None,
        }
    }

    /// Gives it back. False if this process does not hold it.
    pub fn unlock(&self) -> bool {
        // SAFETY: as in try_lock; a robust mutex checks its owner.
        unsafe { libc::pthread_mutex_unlock(self.pointer()) == 0 }
    }

    /// Where it is mapped in this process.
    pub fn address(&self) -> usize {
        self.mapping.address(self.offset)
    }
}
