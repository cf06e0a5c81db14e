//! The kernel's mechanisms of message passing: their names, and what each can and cannot do.

use std::fmt;
use std::str::FromStr;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::os::{mqueue, sysv};

/// A way to pass messages from one process to another.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, ValueEnum, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Mechanism {
    /// An unnamed pipe.
    #[default]
    Pipe,
    /// A pipe with a name in the file system.
    Fifo,
    /// A POSIX message queue.
    Mqueue,
    /// A System V message queue.
    Sysv,
    /// A Unix stream socket.
    Unix,
    /// A Unix datagram socket.
    UnixDgram,
    /// A TCP connection over the loopback interface.
    Tcp,
    /// A ring in shared memory with two semaphores.
    Shm,
    /// A ring in a memory-mapped file with two semaphores.
    Mmap,
    /// A real-time signal with a value.
    Signal,
}

/// Who can meet over a mechanism.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Processes that inherit it from a common ancestor, or are handed its descriptor.
    Related,
    /// Any two processes of a machine that know its name.
    Machine,
    /// Processes on several machines.
    Machines,
}

/// How long a message may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// There are no messages, only bytes one after the other.
    Stream,
    /// So many bytes, always.
    Fixed(usize),
    /// What the kernel is set to: the number in this file.
    Tunable(&'static str),
    /// A slot's bytes: who makes the ring chooses them.
    Chosen,
}

/// What a mechanism can and cannot do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abilities {
    /// Who can meet over it.
    pub reach: Reach,
    /// Whether a message arrives as one piece, and never as a part or two at once.
    pub boundaries: bool,
    /// Whether an urgent message can overtake others.
    pub priorities: bool,
    /// How often the kernel copies a message: 2 is into the kernel and out of it. Over shared memory sender and receiver
    /// copy by themselves, or work in place.
    pub kernel_copies: u8,
    /// How long a message may be.
    pub limit: Limit,
}

impl Mechanism {
    /// All of them, in the order of tables.
    pub const ALL: [Mechanism; 10] = [
        Mechanism::Pipe,
        Mechanism::Fifo,
        Mechanism::Mqueue,
        Mechanism::Sysv,
        Mechanism::Unix,
        Mechanism::UnixDgram,
        Mechanism::Tcp,
        Mechanism::Shm,
        Mechanism::Mmap,
        Mechanism::Signal,
    ];

    /// The word that users write.
    pub const fn name(self) -> &'static str {
        match self {
            Mechanism::Pipe => "pipe",
            Mechanism::Fifo => "fifo",
            Mechanism::Mqueue => "mqueue",
            Mechanism::Sysv => "sysv",
            Mechanism::Unix => "unix",
            Mechanism::UnixDgram => "unix-dgram",
            Mechanism::Tcp => "tcp",
            Mechanism::Shm => "shm",
            Mechanism::Mmap => "mmap",
            Mechanism::Signal => "signal",
        }
    }

    /// What it is called in a sentence.
    pub const fn title(self) -> &'static str {
        match self {
            Mechanism::Pipe => "pipe",
            Mechanism::Fifo => "FIFO (named pipe)",
            Mechanism::Mqueue => "POSIX message queue",
            Mechanism::Sysv => "System V message queue",
            Mechanism::Unix => "Unix stream socket",
            Mechanism::UnixDgram => "Unix datagram socket",
            Mechanism::Tcp => "TCP over loopback",
            Mechanism::Shm => "ring in shared memory",
            Mechanism::Mmap => "ring in a mapped file",
            Mechanism::Signal => "real-time signal",
        }
    }

    /// Where to read of it.
    pub const fn man_page(self) -> &'static str {
        match self {
            Mechanism::Pipe => "pipe(7)",
            Mechanism::Fifo => "fifo(7)",
            Mechanism::Mqueue => "mq_overview(7)",
            Mechanism::Sysv => "sysvipc(7)",
            Mechanism::Unix | Mechanism::UnixDgram => "unix(7)",
            Mechanism::Tcp => "tcp(7)",
            Mechanism::Shm => "shm_overview(7)",
            Mechanism::Mmap => "mmap(2)",
            Mechanism::Signal => "sigqueue(3)",
        }
    }

    /// The calls by which a message goes in and comes out; none where no call carries it: processes store and load.
    pub const fn calls(self) -> Option<[&'static str; 2]> {
        Some(match self {
            Mechanism::Pipe | Mechanism::Fifo => ["write()", "read()"],
            Mechanism::Mqueue => ["mq_send()", "mq_receive()"],
            Mechanism::Sysv => ["msgsnd()", "msgrcv()"],
            Mechanism::Unix | Mechanism::UnixDgram | Mechanism::Tcp => ["send()", "recv()"],
            Mechanism::Signal => ["sigqueue()", "sigwaitinfo()"],
            Mechanism::Shm | Mechanism::Mmap => return None,
        })
    }

    /// What it can and cannot do.
    pub const fn abilities(self) -> Abilities {
        let (reach, boundaries, priorities, kernel_copies, limit) = match self {
            Mechanism::Pipe => (Reach::Related, false, false, 2, Limit::Stream),
            Mechanism::Fifo | Mechanism::Unix => (Reach::Machine, false, false, 2, Limit::Stream),
            Mechanism::Mqueue => (Reach::Machine, true, true, 2, Limit::Tunable(mqueue::BYTES_LIMIT)),
            Mechanism::Sysv => (Reach::Machine, true, true, 2, Limit::Tunable(sysv::BYTES_LIMIT)),
            Mechanism::UnixDgram => {
                (Reach::Machine, true, false, 2, Limit::Tunable("/proc/sys/net/core/wmem_default"))
            }
            Mechanism::Tcp => (Reach::Machines, false, false, 2, Limit::Stream),
            Mechanism::Shm | Mechanism::Mmap => (Reach::Machine, true, false, 0, Limit::Chosen),
            Mechanism::Signal => (Reach::Machine, true, true, 2, Limit::Fixed(size_of::<usize>())),
        };
        Abilities { reach, boundaries, priorities, kernel_copies, limit }
    }
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Mechanism {
    type Err = String;

    fn from_str(text: &str) -> Result<Mechanism, String> {
        Mechanism::ALL.into_iter().find(|mechanism| mechanism.name() == text).ok_or_else(|| {
            let names = Mechanism::ALL.map(Mechanism::name).join(", ");
            format!("`{text}` is no mechanism; write one of {names}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_to_all_who_read_it() {
        assert_eq!(Mechanism::ALL, Mechanism::value_variants());
        for mechanism in Mechanism::ALL {
            assert_eq!(mechanism.name().parse(), Ok(mechanism));
            assert_eq!(<Mechanism as ValueEnum>::from_str(mechanism.name(), false), Ok(mechanism));
        }
        let error = "carrier-pigeon".parse::<Mechanism>().expect_err("no mechanism");
        assert!(error.contains("unix-dgram"), "{error}");
    }

    #[test]
    fn what_has_no_boundaries_has_no_longest_message() {
        for mechanism in Mechanism::ALL {
            let abilities = mechanism.abilities();
            assert_eq!(abilities.boundaries, abilities.limit != Limit::Stream, "{mechanism}");
        }
    }
}
