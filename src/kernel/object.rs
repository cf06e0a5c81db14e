//! The kernel's objects of a run, and which commands show them.

use std::fs;
use std::os::unix::fs::MetadataExt;

use crate::inspect::{Leads, user_name};
use crate::program::SyncKind;

/// What an object is. Whoever gives runs objects of a new kind adds it here and makes rows of it in `picture.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Kind {
    /// The run's shared memory (shm_overview(7)).
    Board,
    /// A named POSIX semaphore (sem_overview(7)).
    Semaphore,
    /// A robust mutex: words of the board.
    Mutex,
    /// A semaphore that hands over in the order of arrival: words of the board.
    FairSemaphore,
    /// A monitor: words of the board, behind a robust mutex.
    Monitor,
    /// A read-write lock: words of the board, behind a robust mutex.
    RwLock,
    /// A barrier: words of the board, behind a robust mutex.
    Barrier,
    /// Any other word of the board that somebody sleeps on.
    Word,
    /// The file that is locked while the run lives (flock(2)).
    Lock,
    Pipe,
    Fifo,
    Socket,
    PosixQueue,
    SystemVQueue,
    /// A file mapped into memory by several (mmap(2)).
    MappedFile,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 15] = [
        Kind::Board,
        Kind::Semaphore,
        Kind::FairSemaphore,
        Kind::Mutex,
        Kind::Monitor,
        Kind::RwLock,
        Kind::Barrier,
        Kind::Word,
        Kind::Fifo,
        Kind::PosixQueue,
        Kind::SystemVQueue,
        Kind::Socket,
        Kind::Pipe,
        Kind::MappedFile,
        Kind::Lock,
    ];

    /// What it is called, in a few letters: the column of a table.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Board => "shared memory",
            Kind::Semaphore => "semaphore",
            Kind::Mutex => "mutex",
            Kind::FairSemaphore => "fair semaphore",
            Kind::Monitor => "monitor",
            Kind::RwLock => "rwlock",
            Kind::Barrier => "barrier",
            Kind::Word => "word",
            Kind::Lock => "lock file",
            Kind::Pipe => "pipe",
            Kind::Fifo => "named pipe",
            Kind::Socket => "socket",
            Kind::PosixQueue => "POSIX queue",
            Kind::SystemVQueue => "System V queue",
            Kind::MappedFile => "mapped file",
        }
    }

    /// What it is called in full.
    pub fn words(self) -> &'static str {
        match self {
            Kind::Board => "POSIX shared memory",
            Kind::Semaphore => "named POSIX semaphore",
            Kind::Mutex => "robust mutex in the shared memory",
            Kind::FairSemaphore => "fair semaphore in the shared memory",
            Kind::Monitor => "monitor in the shared memory",
            Kind::RwLock => "read-write lock in the shared memory",
            Kind::Barrier => "barrier in the shared memory",
            Kind::Word => "word of the shared memory",
            Kind::Lock => "lock file",
            Kind::Pipe => "pipe",
            Kind::Fifo => "named pipe (FIFO)",
            Kind::Socket => "socket",
            Kind::PosixQueue => "POSIX message queue",
            Kind::SystemVQueue => "System V message queue",
            Kind::MappedFile => "file mapped into memory",
        }
    }

    /// Whether it has no name of its own in the system, as it is a part of the shared memory.
    pub fn is_on_board(self) -> bool {
        matches!(
            self,
            Kind::Mutex | Kind::FairSemaphore | Kind::Monitor | Kind::RwLock | Kind::Barrier | Kind::Word
        )
    }

    /// Of a recursive or a fair mutex, a monitor, a read-write lock or a barrier.
    pub fn of_sync(kind: SyncKind) -> Kind {
        match kind {
            SyncKind::Mutex { .. } => Kind::Mutex,
            SyncKind::Monitor { .. } => Kind::Monitor,
            SyncKind::RwLock(_) => Kind::RwLock,
            SyncKind::Barrier { .. } => Kind::Barrier,
        }
    }

    /// What a descriptor leads to, where that is an object through which processes speak.
    pub fn of(leads: Leads) -> Option<Kind> {
        match leads {
            Leads::Pipe => Some(Kind::Pipe),
            Leads::Fifo => Some(Kind::Fifo),
            Leads::Socket => Some(Kind::Socket),
            Leads::PosixQueue => Some(Kind::PosixQueue),
            _ => None,
        }
    }
}

/// What the system's own list says of an object: `ls -l`, or `ipcs`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// In bytes; none where that is not told.
    pub size: Option<u64>,
    /// Who may read and write: the lower 12 bits of its mode.
    pub mode: u32,
    /// Its owner's name.
    pub owner: String,
    /// Its owner's number.
    pub uid: u32,
    /// Its number in its filesystem.
    pub inode: u64,
}

impl Seen {
    /// Of a file. None if it is not there.
    pub fn file(path: &str) -> Option<Seen> {
        let meta = fs::metadata(path).ok()?;
        Some(Seen {
            size: Some(meta.len()),
            mode: meta.mode() & 0o7777,
            owner: user_name(meta.uid()),
            uid: meta.uid(),
            inode: meta.ino(),
        })
    }
}

/// One object of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KernelObject {
    /// What it is.
    pub kind: Kind,
    /// What the program calls it: `fork[3]`.
    pub name: String,
    /// Where it is: a path, `pipe:[17]`, `msqid 5`, or the board and a place on it.
    pub place: String,
    /// What the system's own list says of it; none for what has no entry there.
    pub seen: Option<Seen>,
    /// What is in it: a semaphore's value, whether a lock is taken, a queue's messages.
    pub value: Option<String>,
    /// The process that holds a lock. Of a semaphore the kernel knows none.
    pub holder: Option<u32>,
    /// Who sleeps on it now, as the kernel says, by process number.
    pub sleepers: Vec<u32>,
    /// How many sleep on it by its own count, which may be too high; none where it keeps no count.
    pub counted: Option<u32>,
    /// How many processes of the run have it mapped or open; none where not all were asked.
    pub users: Option<usize>,
    /// The commands of the system that show it.
    pub commands: Vec<String>,
}

/// The commands that show an object at a place. `user` is a process that has it mapped or open.
pub(super) fn commands(kind: Kind, place: &str, inode: u64, user: u32) -> Vec<String> {
    let list = || format!("ls -li {place}");
    let open = || format!("lsof -p {user}");
    match kind {
        Kind::Board | Kind::Fifo => vec![list(), format!("lsof {place}")],
        Kind::Semaphore => vec![list(), format!("od -A d -t u4 {place}")],
        Kind::Lock => vec![list(), format!("grep {inode} /proc/locks")],
        kind if kind.is_on_board() => vec![format!("strace -p {user}")],
        Kind::Pipe => vec![open(), format!("ls -l /proc/{user}/fd")],
        Kind::Socket => vec![open(), format!("ss -xp | grep {inode}")],
        Kind::PosixQueue => vec![format!("cat /dev/mqueue{place}"), open()],
        Kind::SystemVQueue => vec![format!("ipcs -q -i {}", place.trim_start_matches("msqid "))],
        _ => vec![list(), format!("pmap {user}")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_name_words_and_commands() {
        for (at, kind) in Kind::ALL.iter().enumerate() {
            assert!(!Kind::ALL[at + 1..].contains(kind));
            assert!(kind.name().len() <= 14 && !kind.words().is_empty());
            for shown in commands(*kind, "/somewhere", 17, 4711) {
                let told = ["/somewhere", "17", "4711"].iter().any(|what| shown.contains(what));
                assert!(told, "{shown}");
            }
        }
        assert_eq!(commands(Kind::SystemVQueue, "msqid 5", 0, 1), ["ipcs -q -i 5"]);
    }
}
