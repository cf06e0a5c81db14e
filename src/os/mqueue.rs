//! POSIX message queues (mq_overview(7)): named, with message boundaries and priorities, copied through the kernel.

use std::ffi::CString;
use std::fs;

use rustix::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use rustix::io::Errno;

use super::shm::owned;
use super::{Error, Result};

/// The most messages in a queue of an unprivileged process.
pub const MESSAGES_LIMIT: &str = "/proc/sys/fs/mqueue/msg_max";
/// The most bytes in a message of an unprivileged process.
pub const BYTES_LIMIT: &str = "/proc/sys/fs/mqueue/msgsize_max";

/// All messages are sent with this priority.
const PRIORITY: libc::c_uint = 0;
/// A moment in the past: a call with this deadline does not wait.
const NO_WAIT: libc::timespec = libc::timespec { tv_sec: 0, tv_nsec: 0 };

/// An open queue. Dropping it closes it; the queue, its name and its messages stay until [`remove`].
#[derive(Debug)]
pub struct Queue {
    fd: OwnedFd,
    name: String,
}

/// What fits into a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Messages.
    pub messages: usize,
    /// Bytes in one message.
    pub bytes: usize,
}

impl Queue {
    /// Creates a queue that must not exist yet, for so many messages of so many bytes at most, and opens it. Only this
    /// user may open it. `name` has no slash.
    pub fn create(name: &str, messages: usize, bytes: usize) -> Result<Queue> {
        let path = path(name)?;
        // SAFETY: mq_attr is plain integers, for which zeros are valid.
        let mut attributes: libc::mq_attr = unsafe { std::mem::zeroed() };
        attributes.mq_maxmsg = messages.try_into().unwrap_or(libc::c_long::MAX);
        attributes.mq_msgsize = bytes.try_into().unwrap_or(libc::c_long::MAX);
        let flags = libc::O_CREAT | libc::O_EXCL | libc::O_RDWR | libc::O_CLOEXEC;
        // SAFETY: a C string; with O_CREAT a mode and a pointer to attributes follow, which live through the call.
        let fd = unsafe { libc::mq_open(path.as_ptr(), flags, 0o600 as libc::mode_t, &raw const attributes) };
        Queue::of(fd, name).map_err(|error| {
            let hint = refused(&error, messages, bytes);
            hint.into_iter().fold(error, Error::hint)
        })
    }

    /// Opens an existing queue, which must belong to this user alone.
    pub fn open(name: &str) -> Result<Queue> {
        let path = path(name)?;
        // SAFETY: a C string; without O_CREAT no further arguments are read.
        let fd = unsafe { libc::mq_open(path.as_ptr(), libc::O_RDWR | libc::O_CLOEXEC) };
        let queue = Queue::of(fd, name).map_err(|error| match error.source.raw_os_error() {
            Some(libc::ENOENT) => error.hint("no such queue, or it was removed"),
            Some(libc::EMFILE | libc::ENFILE) => error.hint("raise the limit of open files (ulimit -n)"),
            _ => error,
        })?;
        owned(name, &queue.fd)?;
        Ok(queue)
    }

    fn of(fd: libc::mqd_t, name: &str) -> Result<Queue> {
        if fd < 0 {
            return Err(Error::last("mq_open", name));
        }
        // SAFETY: on Linux a queue descriptor is a file descriptor (mq_overview(7)); it was just opened, and nobody
        // else closes it.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        Ok(Queue { fd, name: name.to_string() })
    }

    /// Sends a message, and waits for room if the queue is full (mq_send(3)).
    pub fn send(&self, message: &[u8]) -> Result<()> {
        loop {
            // SAFETY: the descriptor is open, and the kernel reads as many bytes as the slice has.
            let sent = unsafe {
                libc::mq_send(self.fd.as_raw_fd(), message.as_ptr().cast(), message.len(), PRIORITY)
            };
            match self.done(sent as isize, "mq_send", &[Errno::INTR])? {
                Some(_) => return Ok(()),
                None => continue,
            }
        }
    }

    /// Sends a message if there is room for it now; false if the queue is full.
    pub fn try_send(&self, message: &[u8]) -> Result<bool> {
        // SAFETY: as in `send`; the deadline is a constant.
        let sent = unsafe {
            let (start, len) = (message.as_ptr().cast(), message.len());
            libc::mq_timedsend(self.fd.as_raw_fd(), start, len, PRIORITY, &NO_WAIT)
        };
        let done = self.done(sent as isize, "mq_timedsend", &[Errno::TIMEDOUT, Errno::INTR])?;
        Ok(done.is_some())
    }

    /// Waits for a message, the oldest of the highest priority, and takes it (mq_receive(3)). Gives its length. The
    /// buffer must have room for the longest message the queue may hold, see [`Queue::capacity`].
    pub fn receive(&self, buffer: &mut [u8]) -> Result<usize> {
        loop {
            // SAFETY: the descriptor is open, and the kernel writes at most as many bytes as the slice has.
            let received = unsafe {
                let (start, len) = (buffer.as_mut_ptr().cast(), buffer.len());
                libc::mq_receive(self.fd.as_raw_fd(), start, len, std::ptr::null_mut())
            };
            match self.done(received, "mq_receive", &[Errno::INTR])? {
                Some(len) => return Ok(len),
                None => continue,
            }
        }
    }

    /// Takes a message if there is one now; otherwise as [`Queue::receive`].
    pub fn try_receive(&self, buffer: &mut [u8]) -> Result<Option<usize>> {
        // SAFETY: as in `receive`; the deadline is a constant.
        let received = unsafe {
            let (start, len) = (buffer.as_mut_ptr().cast(), buffer.len());
            libc::mq_timedreceive(self.fd.as_raw_fd(), start, len, std::ptr::null_mut(), &NO_WAIT)
        };
        self.done(received, "mq_timedreceive", &[Errno::TIMEDOUT, Errno::INTR])
    }

    /// What a call gave; none for an error that is a reason to try again.
    #[inline]
    fn done(&self, result: isize, call: &'static str, again: &[Errno]) -> Result<Option<usize>> {
        if let Ok(result) = usize::try_from(result) {
            return Ok(Some(result));
        }
        let error = Error::last(call, &self.name);
        let number = error.source.raw_os_error();
        if again.iter().any(|errno| number == Some(errno.raw_os_error())) {
            return Ok(None);
        }
        Err(match number {
            Some(libc::EMSGSIZE) => {
                let most = self.attributes().map_or(0, |a| a.mq_msgsize);
                error.hint(format!("a message of this queue has at most {most} bytes, and a buffer at least"))
            }
            _ => error,
        })
    }

    /// How many messages it holds now (mq_getattr(3)).
    pub fn len(&self) -> Result<usize> {
        Ok(self.attributes()?.mq_curmsgs as usize)
    }

    /// Whether it holds no message now.
    pub fn is_empty(&self) -> Result<bool> {
        Ok(self.len()? == 0)
    }

    /// What fits into it.
    pub fn capacity(&self) -> Result<Capacity> {
        let attributes = self.attributes()?;
        Ok(Capacity { messages: attributes.mq_maxmsg as usize, bytes: attributes.mq_msgsize as usize })
    }

    fn attributes(&self) -> Result<libc::mq_attr> {
        // SAFETY: mq_attr is plain integers, for which zeros are valid.
        let mut attributes: libc::mq_attr = unsafe { std::mem::zeroed() };
        // SAFETY: the descriptor is open, and the attributes live through the call.
        match unsafe { libc::mq_getattr(self.fd.as_raw_fd(), &mut attributes) } {
            0 => Ok(attributes),
            _ => Err(Error::last("mq_getattr", &self.name)),
        }
    }
}

impl AsFd for Queue {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl From<OwnedFd> for Queue {
    /// Takes a queue that was inherited. What is no queue gives errors later (EBADF).
    fn from(fd: OwnedFd) -> Queue {
        Queue { fd, name: "an inherited queue".into() }
    }
}

/// Removes a queue's name (mq_unlink(3)); the queue goes when nobody has it open. False if there was none.
pub fn remove(name: &str) -> Result<bool> {
    let path = path(name)?;
    // SAFETY: a C string.
    if unsafe { libc::mq_unlink(path.as_ptr()) } == 0 {
        return Ok(true);
    }
    match Error::last("mq_unlink", name) {
        error if matches!(error.source.raw_os_error(), Some(libc::ENOENT | libc::ENOSYS)) => Ok(false),
        error => Err(error),
    }
}

fn path(name: &str) -> Result<CString> {
    CString::new(format!("/{name}")).map_err(|e| Error::unfit(name, e.to_string()))
}

/// What to do about a queue that was refused.
fn refused(error: &Error, messages: usize, bytes: usize) -> Option<String> {
    let limit = |path: &str| fs::read_to_string(path).map_or("?".into(), |text| text.trim().to_string());
    match error.source.raw_os_error()? {
        libc::EINVAL => Some(format!(
            "{messages} messages of {bytes} bytes were asked for; {MESSAGES_LIMIT} allows {} messages and {BYTES_LIMIT} \
             {} bytes: ask for fewer, or write larger numbers there as root",
            limit(MESSAGES_LIMIT),
            limit(BYTES_LIMIT)
        )),
        libc::EMFILE => Some(
            "this user's queues have used up RLIMIT_MSGQUEUE (raise it with ulimit -q), or too many files are open \
             (ulimit -n): remove queues, or ask for fewer or shorter messages"
                .into(),
        ),
        libc::ENFILE => Some("raise the limit of open files (ulimit -n)".into()),
        libc::ENOSPC => Some("there are as many queues as /proc/sys/fs/mqueue/queues_max allows".into()),
        libc::ENOSYS => Some("this kernel has no POSIX message queues (CONFIG_POSIX_MQUEUE)".into()),
        _ => None,
    }
}
