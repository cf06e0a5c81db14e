//! The names of a run's objects. Everything of a run begins with `fiveforks.<run>.`, so that `ls /dev/shm` shows what
//! belongs together, and a sweep finds it.

use std::fmt;
use std::str::FromStr;

use crate::os::SHM_DIR;
use crate::program::{End, Object, Program, SemaphoreId};

/// A run's identity: 64 random bits, written as 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId(pub u64);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for RunId {
    type Err = String;

    fn from_str(text: &str) -> Result<RunId, String> {
        let valid = text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit());
        let id = valid.then(|| u64::from_str_radix(text, 16).ok()).flatten();
        id.map(RunId)
            .ok_or_else(|| format!("`{text}` is no run: a run is 16 hexadecimal digits, as in /dev/shm"))
    }
}

/// What every name of ours begins with.
pub const PREFIX: &str = "fiveforks.";
/// What the C library puts before a semaphore's name.
pub const SEMAPHORE_PREFIX: &str = "sem.";

impl RunId {
    /// How many System V queues a run can have.
    pub const MAX_KEYS: u32 = 0xff;

    /// The shared-memory object, as shm_open wants it.
    pub fn board(self) -> String {
        format!("/{PREFIX}{self}.board")
    }

    /// Whether its board can be found.
    pub fn has_board(self) -> bool {
        std::path::Path::new(&format!("{SHM_DIR}{}", self.board())).exists()
    }

    /// The lock file in `/dev/shm`, locked while the run lives.
    pub fn lock(self) -> String {
        format!("{PREFIX}{self}.lock")
    }

    /// A semaphore, as sem_open wants it but without the slash: `fiveforks.<run>.fork.3`.
    pub fn semaphore(self, program: &Program, id: SemaphoreId) -> String {
        let channel = || program.channel_name(program.channel_id(id));
        let name = match program.semaphore(id).end {
            None => program.object_name(Object::Semaphore(id)),
            Some(End::Room) => channel() + ".room",
            Some(End::Messages) => channel() + ".messages",
        };
        let plain: String = name
            .replace('[', ".")
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_'))
            .take(64)
            .collect();
        // Two names that differ only in what a file name cannot hold still need two files.
        let exact = plain.len() + 1 >= name.len() && name.is_ascii();
        if exact { format!("{PREFIX}{self}.{plain}") } else { format!("{PREFIX}{self}.{plain}.{}", id.0) }
    }

    /// The keys of its System V queues: its first six digits, and two more.
    pub fn keys(self) -> impl Iterator<Item = i32> {
        let first = (self.0 >> 40) as u32;
        (1..=Self::MAX_KEYS).map(move |number| (first << 8 | number) as i32)
    }

    /// The run that a file of `/dev/shm` belongs to.
    pub fn of_file(file: &str) -> Option<RunId> {
        let name = file.strip_prefix(SEMAPHORE_PREFIX).unwrap_or(file).strip_prefix(PREFIX)?;
        name.get(..16)?.parse().ok().filter(|_| name[16..].starts_with('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_tells_its_run() {
        let run = RunId(0x0123_4567_89ab_cdef);
        for file in [&run.board()[1..], &run.lock(), "sem.fiveforks.0123456789abcdef.fork.3"] {
            assert_eq!(RunId::of_file(file), Some(run), "{file}");
        }
        assert_eq!(run.keys().next(), Some(0x0123_4501));
        assert_eq!(RunId(u64::MAX).keys().last(), Some(-1));
        for file in
            ["sem.other", "fiveforks.0123", "fiveforks.0123456789abcdefg.x", "fiveforks.01234567é9abcdef.x"]
        {
            assert_eq!(RunId::of_file(file), None, "{file}");
        }
    }
}
