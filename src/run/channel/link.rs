//! One process's end of a channel: putting messages in, taking them out.

use std::os::fd::AsRawFd;
use std::time::Duration;

use rustix::fd::OwnedFd;
use rustix::io::{Errno, ioctl_fionread, read, write};
use rustix::net::{RecvFlags, SendFlags, recv, send};
use rustix::process::Pid;

use super::ring::Ring;
use crate::board::InChannel;
use crate::inspect;
use crate::os::rtsignal::RealTime;
use crate::os::{self, mqueue, sysv};

/// What carries a channel's messages.
#[derive(Debug)]
pub enum Link {
    /// A pipe or a FIFO; `look` is its reading end once more, opened so that it does not wait.
    Pipe { read: OwnedFd, write: OwnedFd, look: OwnedFd },
    /// Two ends of a connection. `stream`: there are only bytes.
    Socket { read: OwnedFd, write: OwnedFd, stream: bool },
    /// A POSIX message queue.
    Queue(mqueue::Queue),
    /// A System V message queue.
    Keyed(sysv::Queue),
    /// A ring in shared memory, or in a mapped file.
    Ring(Ring),
    /// A real-time signal. `to` is asked for the process that it goes to.
    Signal(RealTime),
}

/// Before it is tried again to queue a signal.
const FULL_QUEUE_NAP: Duration = Duration::from_millis(1);

fn error(call: &'static str, errno: Errno) -> os::Error {
    os::Error::new(call, "a channel", errno)
}

/// Calls again for as long as a signal interrupts.
fn again<T>(mut call: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    loop {
        match call() {
            Err(Errno::INTR) => {}
            other => return other,
        }
    }
}

impl Link {
    /// Puts a message in; there is room, as a semaphore has said. `to` is the receiver's process, for a signal.
    pub fn put(&mut self, message: &[u8], to: impl FnOnce() -> Option<Pid>) -> os::Result<()> {
        let (call, sent) = match self {
            Link::Pipe { write: end, .. } => ("write", again(|| write(&*end, message))),
            Link::Socket { write: end, .. } => ("send", again(|| send(&*end, message, SendFlags::NOSIGNAL))),
            Link::Queue(queue) => return queue.send(message),
            Link::Keyed(queue) => return queue.send(message),
            Link::Ring(ring) => {
                ring.put(message);
                return Ok(());
            }
            Link::Signal(signal) => return put_signal(*signal, message, to()),
        };
        match sent {
            Ok(len) if len == message.len() => Ok(()),
            Ok(_) => Err(error(call, Errno::IO)),
            Err(errno) => Err(error(call, errno)),
        }
    }

    /// Takes the oldest message, and waits for it in the kernel.
    pub fn take(&mut self, buffer: &mut [u8]) -> os::Result<()> {
        let (call, got) = match self {
            Link::Pipe { read: end, .. } => ("read", again(|| read(&*end, &mut *buffer))),
            Link::Socket { read: end, stream, .. } => {
                let flags = if *stream { RecvFlags::WAITALL } else { RecvFlags::empty() };
                ("recv", again(|| recv(&*end, &mut *buffer, flags)).map(|(_, len)| len))
            }
            Link::Queue(queue) => return queue.receive(buffer).map(drop),
            Link::Keyed(queue) => return queue.receive(buffer).map(drop),
            Link::Ring(ring) => {
                ring.take(buffer);
                return Ok(());
            }
            Link::Signal(signal) => return signal.wait().map(|word| from_word(word, buffer)),
        };
        whole(call, got, buffer.len())
    }

    /// Takes the oldest message, if there is one. A ring does not know: its semaphore does.
    pub fn try_take(&mut self, buffer: &mut [u8]) -> os::Result<bool> {
        let (call, got) = match self {
            Link::Pipe { look, .. } => ("read", again(|| read(&*look, &mut *buffer))),
            Link::Socket { read: end, .. } => {
                ("recv", again(|| recv(&*end, &mut *buffer, RecvFlags::DONTWAIT)).map(|(_, len)| len))
            }
            Link::Queue(queue) => return queue.try_receive(buffer).map(|got| got.is_some()),
            Link::Keyed(queue) => return queue.try_receive(buffer).map(|got| got.is_some()),
            Link::Ring(ring) => {
                ring.take(buffer);
                return Ok(true);
            }
            Link::Signal(signal) => {
                return signal.try_wait().map(|word| word.map(|word| from_word(word, buffer)).is_some());
            }
        };
        match got {
            Err(Errno::AGAIN) => Ok(false),
            got => whole(call, got, buffer.len()).map(|()| true),
        }
    }

    /// How many messages of so many bytes are in it, by the kernel's word; none where that cannot be known from here.
    /// `to` is the receiver's process, for a signal.
    pub fn pending(&self, bytes: usize, to: impl FnOnce() -> Option<Pid>) -> Option<InChannel> {
        let in_bytes = |end: &OwnedFd| ioctl_fionread(end).ok();
        match self {
            Link::Pipe { read, .. } | Link::Socket { read, stream: true, .. } => {
                Some(InChannel::Exactly((in_bytes(read)? / bytes.max(1) as u64) as u32))
            }
            // Of datagrams, only the next one's length can be asked for.
            Link::Socket { read, .. } => Some(match in_bytes(read)? {
                0 => InChannel::Exactly(0),
                _ => InChannel::Some,
            }),
            Link::Queue(queue) => Some(InChannel::Exactly(queue.len().ok()? as u32)),
            Link::Keyed(queue) => Some(InChannel::Exactly(queue.len().ok()? as u32)),
            Link::Ring(_) => None,
            Link::Signal(signal) => {
                let pid = to()?.as_raw_nonzero().get() as u32;
                Some(match inspect::is_pending(pid, signal.number())? {
                    true => InChannel::Some,
                    false => InChannel::Exactly(0),
                })
            }
        }
    }

    /// The first argument of the system call in which a receiver sleeps.
    pub fn argument(&self) -> u64 {
        match self {
            Link::Pipe { read, .. } | Link::Socket { read, .. } => read.as_raw_fd() as u64,
            Link::Queue(queue) => queue.descriptor() as u64,
            Link::Keyed(queue) => queue.id() as u64,
            Link::Ring(_) | Link::Signal(_) => inspect::ANY_ARGUMENT,
        }
    }
}

fn whole(call: &'static str, got: Result<usize, Errno>, bytes: usize) -> os::Result<()> {
    match got {
        Ok(len) if len == bytes => Ok(()),
        // The supervisor holds the other end for as long as the run lives: a message cannot end in the middle.
        Ok(_) => Err(error(call, Errno::IO)),
        Err(errno) => Err(error(call, errno)),
    }
}

/// A signal carries one word. One to a process that has ended goes where all its unread messages go.
fn put_signal(signal: RealTime, message: &[u8], to: Option<Pid>) -> os::Result<()> {
    let mut value = [0; size_of::<u32>()];
    value.copy_from_slice(&message[..size_of::<u32>()]);
    let Some(to) = to else { return Ok(()) };
    loop {
        match signal.queue(to, u32::from_ne_bytes(value) as usize) {
            Err(error) if error.source.raw_os_error() == Some(libc::ESRCH) => return Ok(()),
            // The user's queue of signals is full of others'; it empties as they are taken.
            Err(error) if error.source.raw_os_error() == Some(libc::EAGAIN) => {
                std::thread::sleep(FULL_QUEUE_NAP);
            }
            other => return other,
        }
    }
}

fn from_word(word: usize, buffer: &mut [u8]) {
    let value = (word as u32).to_ne_bytes();
    let len = value.len().min(buffer.len());
    buffer[..len].copy_from_slice(&value[..len]);
}
