//! The two ends of a mechanism that one process has: one to send, one to receive. One call to the kernel a message, or
//! as few as the mechanism allows.

use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::process::Pid;

use super::link::{Spec, Way, path, ring};
use crate::mechanism::Mechanism;
use crate::os::ring::{Receiver, Sender};
use crate::os::rtsignal::{self, RealTime};
use crate::os::{self, child, mqueue, sysv};

/// Where messages go.
#[derive(Debug)]
pub struct Outgoing {
    to: To,
    calls: u64,
}

#[derive(Debug)]
enum To {
    Descriptor(OwnedFd),
    Posix(mqueue::Queue),
    SystemV(sysv::Queue),
    Ring(Sender),
    Signal(RealTime, Pid),
}

impl Outgoing {
    /// Opens the way out. `partner` is the other process.
    pub fn open(spec: &Spec, partner: Pid) -> os::Result<Outgoing> {
        let way = spec.side.out();
        let to = match spec.mechanism {
            Mechanism::Pipe | Mechanism::Unix | Mechanism::UnixDgram | Mechanism::Tcp => {
                To::Descriptor(child::inherited(spec.handle(0)?)?)
            }
            Mechanism::Fifo => To::Descriptor(fifo(spec, way, rustix::fs::OFlags::WRONLY)?),
            Mechanism::Mqueue => To::Posix(mqueue::Queue::open(&way.name(spec.run))?),
            Mechanism::Sysv => To::SystemV(sysv::Queue::open(spec.handle(0)?)?),
            Mechanism::Shm | Mechanism::Mmap => {
                let parts = ring(spec, way)?;
                To::Ring(Sender::claim(parts.mapping, spec.shape(), parts.free, parts.filled)?)
            }
            Mechanism::Signal => To::Signal(word_signal()?, partner),
        };
        Ok(Outgoing { to, calls: 0 })
    }

    /// Sends a message; waits for room.
    #[inline]
    pub fn send(&mut self, message: &[u8]) -> os::Result<()> {
        self.calls += 1;
        match &mut self.to {
            To::Descriptor(fd) => self.calls += write_all(fd, message)?,
            To::Posix(queue) => queue.send(message)?,
            To::SystemV(queue) => queue.send(message)?,
            To::Ring(ring) => ring.send(message)?,
            To::Signal(signal, partner) => {
                while !signal.try_queue(*partner, word(message))? {
                    // As many wait as may wait: let the other one take some.
                    rustix::thread::sched_yield();
                    self.calls += 2;
                }
            }
        }
        Ok(())
    }

    /// Calls to the kernel so far, as counted here.
    pub fn calls(&self) -> u64 {
        if let To::Ring(ring) = &self.to { ring.calls() } else { self.calls }
    }
}

/// Where messages come from.
#[derive(Debug)]
pub struct Incoming {
    from: From,
    calls: u64,
}

#[derive(Debug)]
enum From {
    Descriptor(OwnedFd),
    Posix(mqueue::Queue),
    SystemV(sysv::Queue),
    Ring(Receiver),
    Signal(RealTime),
}

impl Incoming {
    /// Opens the way in.
    pub fn open(spec: &Spec) -> os::Result<Incoming> {
        let way = spec.side.out().other();
        let from = match spec.mechanism {
            Mechanism::Pipe | Mechanism::Unix | Mechanism::UnixDgram | Mechanism::Tcp => {
                From::Descriptor(child::inherited(spec.handle(1)?)?)
            }
            Mechanism::Fifo => From::Descriptor(fifo(spec, way, rustix::fs::OFlags::RDONLY)?),
            Mechanism::Mqueue => From::Posix(mqueue::Queue::open(&way.name(spec.run))?),
            Mechanism::Sysv => From::SystemV(sysv::Queue::open(spec.handle(1)?)?),
            Mechanism::Shm | Mechanism::Mmap => {
                let parts = ring(spec, way)?;
                From::Ring(Receiver::claim(parts.mapping, spec.shape(), parts.free, parts.filled)?)
            }
            Mechanism::Signal => {
                let signal = word_signal()?;
                signal.block()?;
                From::Signal(signal)
            }
        };
        Ok(Incoming { from, calls: 0 })
    }

    /// Receives a message that is as long as the buffer; waits for it.
    #[inline]
    pub fn receive(&mut self, buffer: &mut [u8]) -> os::Result<()> {
        self.calls += 1;
        let len = match &mut self.from {
            From::Descriptor(fd) => {
                self.calls += read_all(fd, buffer)?;
                buffer.len()
            }
            From::Posix(queue) => queue.receive(buffer)?,
            From::SystemV(queue) => queue.receive(buffer)?,
            From::Ring(ring) => {
                ring.receive(buffer)?;
                buffer.len()
            }
            From::Signal(signal) => {
                let word = signal.wait()?.to_ne_bytes();
                let len = buffer.len().min(word.len());
                buffer[..len].copy_from_slice(&word[..len]);
                buffer.len()
            }
        };
        if len == buffer.len() {
            return Ok(());
        }
        Err(os::Error::unfit("a message", format!("{len} bytes came, not {}", buffer.len())))
    }

    /// As [`Outgoing::calls`].
    pub fn calls(&self) -> u64 {
        if let From::Ring(ring) = &self.from { ring.calls() } else { self.calls }
    }
}

/// The signal that carries words here.
fn word_signal() -> os::Result<RealTime> {
    RealTime::new(rtsignal::first())
}

/// A message as the word that a signal carries.
fn word(message: &[u8]) -> usize {
    let mut bytes = [0; size_of::<usize>()];
    let len = message.len().min(bytes.len());
    bytes[..len].copy_from_slice(&message[..len]);
    usize::from_ne_bytes(bytes)
}

/// Opens a FIFO; waits until the other side does.
fn fifo(spec: &Spec, way: Way, access: rustix::fs::OFlags) -> os::Result<OwnedFd> {
    let path = path(spec.run, way);
    let flags = access | rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::CLOEXEC;
    loop {
        match rustix::fs::open(&path, flags, rustix::fs::Mode::empty()) {
            Err(Errno::INTR) => {}
            Err(errno) => return Err(os::Error::new("open", path.display().to_string(), errno)),
            Ok(fd) => {
                os::owned(&path.display().to_string(), &fd)?;
                return Ok(fd);
            }
        }
    }
}

/// Writes all bytes. Gives the number of calls beyond the first.
#[inline]
fn write_all(fd: &OwnedFd, message: &[u8]) -> os::Result<u64> {
    let (mut done, mut calls) = (0, 0);
    while done < message.len() {
        calls += 1;
        match rustix::io::write(fd, &message[done..]) {
            Ok(written) => done += written,
            Err(Errno::INTR) => {}
            Err(errno) => return Err(os::Error::new("write", "a message", errno)),
        }
    }
    Ok(calls - 1)
}

/// Reads until the buffer is full, as [`write_all`] writes.
#[inline]
fn read_all(fd: &OwnedFd, buffer: &mut [u8]) -> os::Result<u64> {
    let (mut done, mut calls) = (0, 0);
    while done < buffer.len() {
        calls += 1;
        match rustix::io::read(fd, &mut buffer[done..]) {
            Ok(0) => return Err(os::Error::unfit("a message", "the other process has closed its end")),
            Ok(read) => done += read,
            Err(Errno::INTR) => {}
            Err(errno) => return Err(os::Error::new("read", "a message", errno)),
        }
    }
    Ok(calls - 1)
}
