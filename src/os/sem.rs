//! Named POSIX semaphores (sem_overview(7)), real ones: a C program can open them by their name.

use std::ffi::CString;
use std::mem::MaybeUninit;
use std::ptr::NonNull;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, openat};
use rustix::io::Errno;

use super::shm::{SHM_DIR, owned};
use super::{Error, Result, futex};

/// The size of a semaphore, which is that of its file.
const BYTES: usize = size_of::<libc::sem_t>();

// libc does not declare it for Linux; glibc has it since 2.30, musl does not (sem_clockwait(3)).
unsafe extern "C" {
    fn sem_clockwait(
        sem: *mut libc::sem_t,
        clock: libc::clockid_t,
        deadline: *const libc::timespec,
    ) -> libc::c_int;
}

/// An open semaphore. Dropping it unmaps it; its name and its value stay.
#[derive(Debug)]
pub struct Semaphore {
    sem: NonNull<libc::sem_t>,
}

impl Drop for Semaphore {
    fn drop(&mut self) {
        // SAFETY: the address came from sem_open, which counts how often this process opened the name, and is not used
        // again: this was its owner.
        unsafe {
            libc::sem_close(self.sem.as_ptr());
        }
    }
}

// SAFETY: POSIX lets any thread use a semaphore.
unsafe impl Send for Semaphore {}
// SAFETY: as above.
unsafe impl Sync for Semaphore {}

/// What a semaphore shows at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value {
    /// How many could take one now.
    pub value: u32,
    /// How many sleep on it, where the C library's layout is known. An upper bound: one that was killed while it slept
    /// stays counted.
    pub waiters: Option<u32>,
}

impl Semaphore {
    /// Creates a semaphore that must not exist yet. It appears under its name complete or not at all: an unnamed file
    /// gets the bytes of an initialised semaphore and only then its name, so a kill in between leaves nothing
    /// (`sem_open` leaves a temporary file). `name` has no leading slash.
    pub fn create(name: &str, value: u32) -> Result<()> {
        let path = format!("{SHM_DIR}/sem.{name}");
        let mode = Mode::RUSR | Mode::WUSR;
        let fd = openat(CWD, SHM_DIR, OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC, mode).map_err(
            |errno| Error::new("open", &path, errno).hint(format!("check that {SHM_DIR} is a tmpfs")),
        )?;
        let image = image(name, value)?;
        let full =
            |errno| Error::new("write", &path, errno).hint(format!("{SHM_DIR} is full: use fewer actors"));
        let written = rustix::io::write(&fd, &image).map_err(full)?;
        if written != BYTES {
            return Err(Error::new("write", &path, Errno::NOSPC).hint(format!("{SHM_DIR} is full")));
        }
        let link = format!("/proc/self/fd/{}", rustix::fd::AsRawFd::as_raw_fd(&fd));
        linkat(CWD, link, CWD, &path, AtFlags::SYMLINK_FOLLOW)
            .map_err(|errno| Error::new("linkat", path, errno))
    }

    /// Opens an existing semaphore. Its file must belong to this user alone and have a semaphore's size: `sem_open`
    /// itself accepts an empty or a stranger's file.
    pub fn open(name: &str) -> Result<Semaphore> {
        let path = format!("{SHM_DIR}/sem.{name}");
        let fd: OwnedFd =
            openat(CWD, &path, OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
                .map_err(|errno| Error::new("sem_open", &path, errno))?;
        let size = owned(&path, &fd)?;
        if size != BYTES as u64 {
            return Err(Error::unfit(path, format!("it has {size} bytes, a semaphore has {BYTES}")));
        }
        let c_name = CString::new(format!("/{name}")).map_err(|e| Error::unfit(name, e.to_string()))?;
        // SAFETY: a C string; without O_CREAT no further arguments are read.
        let sem = unsafe { libc::sem_open(c_name.as_ptr(), 0) };
        match NonNull::new(sem) {
            Some(sem) if sem.as_ptr() != libc::SEM_FAILED => Ok(Semaphore { sem }),
            _ => Err(Error::last("sem_open", path)),
        }
    }

    /// Takes one if there is one (sem_trywait(3)).
    #[inline]
    pub fn try_wait(&self) -> bool {
        // SAFETY: `sem` came from sem_open and is closed only when this is dropped.
        unsafe { libc::sem_trywait(self.sem.as_ptr()) == 0 }
    }

    /// Waits until it has taken one (sem_wait(3)).
    pub fn wait(&self) {
        // SAFETY: as in try_wait. The only error of a valid semaphore is EINTR.
        while unsafe { libc::sem_wait(self.sem.as_ptr()) } != 0 {}
    }

    /// Waits until it has taken one, or until CLOCK_MONOTONIC reaches the deadline; false then.
    pub fn wait_until(&self, deadline: Duration) -> bool {
        let deadline = libc::timespec {
            tv_sec: deadline.as_secs().min(i64::MAX as u64) as libc::time_t,
            tv_nsec: deadline.subsec_nanos().into(),
        };
        loop {
            // SAFETY: as in try_wait; the deadline lives through the call.
            if unsafe { sem_clockwait(self.sem.as_ptr(), libc::CLOCK_MONOTONIC, &deadline) } == 0 {
                return true;
            }
            if std::io::Error::last_os_error().kind() != std::io::ErrorKind::Interrupted {
                return false;
            }
        }
    }

    /// Adds one (sem_post(3)). False if the value is at its maximum already.
    #[inline]
    pub fn post(&self) -> bool {
        // SAFETY: as in try_wait.
        unsafe { libc::sem_post(self.sem.as_ptr()) == 0 }
    }

    /// Its value now.
    pub fn value(&self) -> Value {
        if layout_known() {
            let word = self.word().load(Ordering::Acquire);
            return Value { value: word as u32, waiters: Some((word >> 32) as u32) };
        }
        let mut value = 0;
        // SAFETY: as in try_wait; `value` lives through the call.
        unsafe { libc::sem_getvalue(self.sem.as_ptr(), &mut value) };
        Value { value: value.max(0) as u32, waiters: None }
    }

    /// Wakes everyone who sleeps on it, to look again. A sleeper that was killed after it was chosen to wake has
    /// swallowed its wake-up: the value stays positive and the others would sleep on.
    pub fn wake_all(&self) {
        if layout_known() {
            // SAFETY: the lower half of the word is the futex; aligned as the word is, and never closed.
            let futex = unsafe { self.sem.cast::<AtomicU32>().as_ref() };
            futex::wake_all(futex);
        }
    }

    /// Where it is mapped in this process; what the kernel says a waiter sleeps on.
    pub fn address(&self) -> usize {
        self.sem.as_ptr() as usize
    }

    fn word(&self) -> &AtomicU64 {
        // SAFETY: the first 8 bytes of an aligned semaphore of at least 32 bytes; the C library accesses them as an
        // atomic word as well.
        unsafe { self.sem.cast::<AtomicU64>().as_ref() }
    }
}

/// The bytes of a process-shared semaphore with this value.
fn image(name: &str, value: u32) -> Result<[u8; BYTES]> {
    let mut sem = MaybeUninit::<libc::sem_t>::zeroed();
    // SAFETY: sem_init writes to a semaphore of our own.
    if unsafe { libc::sem_init(sem.as_mut_ptr(), 1, value) } != 0 {
        return Err(Error::last("sem_init", name));
    }
    // SAFETY: all bytes were zeroed before sem_init wrote some of them.
    Ok(unsafe { std::mem::transmute::<MaybeUninit<libc::sem_t>, [u8; BYTES]>(sem) })
}

/// Whether the first word of a semaphore is its value, with the number of sleepers above 32 bits, as in glibc since
/// 2.21 on 64 bits. Tried out once, on a semaphore of our own.
fn layout_known() -> bool {
    static KNOWN: OnceLock<bool> = OnceLock::new();
    *KNOWN.get_or_init(|| {
        const TRIED: u32 = 0x0012_3457;
        let word = image("layout", TRIED).ok().and_then(|bytes| bytes.first_chunk::<8>().copied());
        word.is_some_and(|word| u64::from_ne_bytes(word) == u64::from(TRIED))
    })
}
