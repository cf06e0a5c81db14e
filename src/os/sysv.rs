//! System V message queues (sysvipc(7)): known by a number, kept by the kernel until somebody removes them.

use std::fs;
use std::mem::MaybeUninit;

use super::{Error, Result};

/// The most bytes in a message.
pub const BYTES_LIMIT: &str = "/proc/sys/kernel/msgmax";

/// All messages are sent with this type; any type is received.
const TYPE: libc::c_long = 1;
const ANY: libc::c_long = 0;
/// What lies before the bytes of a message.
const HEAD: usize = size_of::<libc::c_long>();

/// A queue. Dropping it changes nothing: the queue and its messages stay until [`Queue::remove`].
#[derive(Debug)]
pub struct Queue {
    id: libc::c_int,
    key: i32,
    /// A message as the kernel wants it: its type, then its bytes.
    message: Vec<libc::c_long>,
}

impl Queue {
    /// Creates the queue of a key that must have none yet. Only this user may use it. The key 0 is not a key
    /// (IPC_PRIVATE).
    pub fn create(key: i32) -> Result<Queue> {
        Queue::get(key, libc::IPC_CREAT | libc::IPC_EXCL | 0o600)
    }

    /// The queue of a key, which must belong to this user alone.
    pub fn open(key: i32) -> Result<Queue> {
        let queue = Queue::get(key, 0)?;
        let owner = queue.status()?.msg_perm;
        if owner.uid != rustix::process::geteuid().as_raw() {
            return Err(Error::unfit(queue.name(), format!("it belongs to user {}", owner.uid)));
        }
        if owner.mode & 0o077 != 0 {
            return Err(Error::unfit(
                queue.name(),
                format!("its mode {:o} lets others in", owner.mode & 0o777),
            ));
        }
        Ok(queue)
    }

    fn get(key: i32, flags: libc::c_int) -> Result<Queue> {
        let queue = Queue { id: -1, key, message: Vec::new() };
        if key == libc::IPC_PRIVATE {
            return Err(Error::unfit(queue.name(), "the key 0 makes a queue that nobody else can find"));
        }
        // SAFETY: msgget takes any two numbers.
        let id = unsafe { libc::msgget(key, flags) };
        if id >= 0 {
            return Ok(Queue { id, ..queue });
        }
        let error = Error::last("msgget", queue.name());
        Err(match error.source.raw_os_error() {
            Some(libc::ENOSPC) => error.hint(
                "there are as many queues as /proc/sys/kernel/msgmni allows: remove some (ipcs -q, ipcrm -q)",
            ),
            Some(libc::ENOENT) => error.hint("no such queue, or it was removed"),
            Some(libc::ENOSYS) => error.hint("this kernel has no System V queues (CONFIG_SYSVIPC)"),
            _ => error,
        })
    }

    /// Sends a message, and waits for room if the queue is full (msgsnd(2)).
    pub fn send(&mut self, message: &[u8]) -> Result<()> {
        while !self.put(message, 0)? {}
        Ok(())
    }

    /// Sends a message if there is room for it now; false if the queue is full.
    pub fn try_send(&mut self, message: &[u8]) -> Result<bool> {
        self.put(message, libc::IPC_NOWAIT)
    }

    fn put(&mut self, message: &[u8], flags: libc::c_int) -> Result<bool> {
        let bytes = self.room(message.len());
        bytes[..message.len()].copy_from_slice(message);
        self.message[0] = TYPE;
        // SAFETY: the vector begins with the type and has at least as many bytes after it as the length says.
        let sent = unsafe { libc::msgsnd(self.id, self.message.as_ptr().cast(), message.len(), flags) };
        Ok(self.done(sent as isize, "msgsnd", message.len())?.is_some())
    }

    /// Waits for the oldest message and takes it (msgrcv(2)). Gives its length. A buffer that is too short for it is an
    /// error, and the message stays.
    pub fn receive(&mut self, buffer: &mut [u8]) -> Result<usize> {
        loop {
            if let Some(len) = self.take(buffer, 0)? {
                return Ok(len);
            }
        }
    }

    /// Takes the oldest message if there is one now; otherwise as [`Queue::receive`].
    pub fn try_receive(&mut self, buffer: &mut [u8]) -> Result<Option<usize>> {
        self.take(buffer, libc::IPC_NOWAIT)
    }

    fn take(&mut self, buffer: &mut [u8], flags: libc::c_int) -> Result<Option<usize>> {
        self.room(buffer.len());
        // SAFETY: the vector has room for the type and as many bytes after it as the length says.
        let received =
            unsafe { libc::msgrcv(self.id, self.message.as_mut_ptr().cast(), buffer.len(), ANY, flags) };
        let len = self.done(received, "msgrcv", buffer.len())?;
        if let Some(len) = len {
            let bytes = self.room(len);
            buffer[..len].copy_from_slice(&bytes[..len]);
        }
        Ok(len)
    }

    /// The room for the bytes of a message of this length.
    fn room(&mut self, len: usize) -> &mut [u8] {
        let words = 1 + len.div_ceil(HEAD);
        if self.message.len() < words {
            self.message.resize(words, 0);
        }
        let bytes = (self.message.len() - 1) * HEAD;
        // SAFETY: the words after the first are initialised, belong to `self`, and every byte of an integer is a u8.
        unsafe { std::slice::from_raw_parts_mut(self.message.as_mut_ptr().add(1).cast(), bytes) }
    }

    /// What a call gave; none for an error that is a reason to try again.
    #[inline]
    fn done(&self, result: isize, call: &'static str, len: usize) -> Result<Option<usize>> {
        if let Ok(result) = usize::try_from(result) {
            return Ok(Some(result));
        }
        let error = Error::last(call, self.name());
        Err(match error.source.raw_os_error() {
            Some(libc::EINTR | libc::EAGAIN | libc::ENOMSG) => return Ok(None),
            Some(libc::EINVAL) => {
                let limit =
                    |path: &str| fs::read_to_string(path).map_or("?".into(), |text| text.trim().to_string());
                error.hint(format!(
                    "the message has {len} bytes; {BYTES_LIMIT} allows {} in one and /proc/sys/kernel/msgmnb {} in a \
                     queue: send fewer, or write larger numbers there as root; or the queue was removed",
                    limit(BYTES_LIMIT),
                    limit("/proc/sys/kernel/msgmnb")
                ))
            }
            Some(libc::E2BIG) => error.hint(format!("the message is longer than the buffer of {len} bytes")),
            Some(libc::EIDRM) => error.hint("the queue was removed meanwhile"),
            _ => error,
        })
    }

    /// How many messages it holds now (msgctl(2), IPC_STAT).
    pub fn len(&self) -> Result<usize> {
        Ok(self.status()?.msg_qnum as usize)
    }

    /// Whether it holds no message now.
    pub fn is_empty(&self) -> Result<bool> {
        Ok(self.len()? == 0)
    }

    fn status(&self) -> Result<libc::msqid_ds> {
        let mut status = MaybeUninit::<libc::msqid_ds>::zeroed();
        // SAFETY: the kernel writes a status of this type, which lives through the call.
        match unsafe { libc::msgctl(self.id, libc::IPC_STAT, status.as_mut_ptr()) } {
            // SAFETY: integers and padding, all zeroed before and written by the kernel.
            0 => Ok(unsafe { status.assume_init() }),
            _ => Err(Error::last("msgctl", self.name())),
        }
    }

    /// Removes the queue with its messages; whoever waits at it gets an error. One that is gone already is fine.
    pub fn remove(&self) -> Result<()> {
        // SAFETY: IPC_RMID reads no third argument.
        if unsafe { libc::msgctl(self.id, libc::IPC_RMID, std::ptr::null_mut()) } == 0 {
            return Ok(());
        }
        match Error::last("msgctl", self.name()) {
            error if matches!(error.source.raw_os_error(), Some(libc::EIDRM | libc::EINVAL)) => Ok(()),
            error => Err(error),
        }
    }

    fn name(&self) -> String {
        format!("queue {:#010x}", self.key)
    }
}

/// Whether a key has a queue, whoever's it is.
pub fn exists(key: i32) -> bool {
    // SAFETY: msgget takes any two numbers, and creates nothing without IPC_CREAT.
    let found = unsafe { libc::msgget(key, 0) } >= 0;
    // One that may not be opened is there all the same.
    found || std::io::Error::last_os_error().raw_os_error() == Some(libc::EACCES)
}

/// Removes the queue of a key, if it is this user's. False if there is none.
pub fn remove(key: i32) -> Result<bool> {
    match Queue::open(key) {
        Ok(queue) => queue.remove().map(|()| true),
        Err(error)
            if matches!(
                error.source.raw_os_error(),
                Some(libc::ENOENT | libc::ENOSYS | libc::EIDRM | libc::EINVAL)
            ) =>
        {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}
