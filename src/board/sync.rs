//! A monitor, a read-write lock or a barrier on the board: what it holds, behind a robust mutex.
//!
//! It lies there twice. Who changes it writes the copy that is not in use and then counts the version up, which is one
//! store: a process that is killed in the middle has changed nothing. Whoever only looks takes no mutex.

use std::sync::atomic::{AtomicU64, Ordering, fence};

use crate::os::Mutex;
use crate::program::ActorId;
use crate::sync::Held;

/// Words before the lists of a copy: their lengths, and whether somebody writes.
const HEAD: usize = 4;

/// The words of one copy: every actor may be inside, in line and set aside at once.
pub(super) fn copy_words(actors: usize) -> usize {
    actors.saturating_mul(3).saturating_add(HEAD)
}

/// One of them.
#[derive(Clone, Copy, Debug)]
pub struct SyncCell<'m> {
    /// Guards what it holds.
    pub mutex: Mutex<'m>,
    version: &'m AtomicU64,
    copies: [&'m [AtomicU64]; 2],
    actors: usize,
}

impl<'m> SyncCell<'m> {
    pub(super) fn over(mutex: Mutex<'m>, words: &'m [AtomicU64], actors: usize) -> SyncCell<'m> {
        let (version, copies) = words.split_at(1);
        let (one, other) = copies.split_at(copy_words(actors));
        SyncCell { mutex, version: &version[0], copies: [one, other], actors }
    }

    /// What it holds. While nobody changes it, for those who hold the mutex; for others of one moment all the same.
    pub fn load(&self) -> Held {
        loop {
            let version = self.version.load(Ordering::Acquire);
            let held = self.read(self.copies[(version & 1) as usize]);
            fence(Ordering::Acquire);
            // A copy is written over at the second change from here at the earliest, and then the version shows it.
            if self.version.load(Ordering::Relaxed) == version {
                return held;
            }
        }
    }

    /// Changes what it holds. Only who holds the mutex may do this.
    pub fn store(&self, held: &Held) {
        let version = self.version.load(Ordering::Relaxed) + 1;
        let copy = self.copies[(version & 1) as usize];
        // Nothing of this copy may be seen before the version that made the other one the copy in use.
        fence(Ordering::Release);
        let lists = held.inside.iter().chain(&held.line).map(|(who, what)| (*who, *what));
        let urgent = held.urgent.iter().map(|who| (*who, 0));
        let words = lists.chain(urgent).map(|(who, what)| u64::from(who.0) | u64::from(what) << 32);
        let head = [held.inside.len(), held.line.len(), held.urgent.len(), usize::from(held.writing)];
        let words = head.into_iter().map(|len| len as u64).chain(words);
        for (word, value) in copy.iter().zip(words) {
            word.store(value, Ordering::Relaxed);
        }
        self.version.store(version, Ordering::Release);
    }

    fn read(&self, copy: &[AtomicU64]) -> Held {
        // A copy that is being written over may say anything; the version then says so.
        let len = |at: usize| (copy[at].load(Ordering::Relaxed) as usize).min(self.actors);
        let (inside, line, urgent) = (len(0), len(1), len(2));
        let list = |from: usize, len: usize| {
            let words = copy[HEAD + from..HEAD + from + len].iter();
            words
                .map(|word| word.load(Ordering::Relaxed))
                .map(|word| (ActorId(word as u32), (word >> 32) as u32))
        };
        Held {
            inside: list(0, inside).collect(),
            writing: copy[3].load(Ordering::Relaxed) != 0,
            line: list(inside, line).collect(),
            urgent: list(inside + line, urgent).map(|(who, _)| who).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::os::{MUTEX_BYTES, Mapping};

    #[test]
    fn what_was_stored_is_loaded() {
        let actors = 3;
        let words = 1 + 2 * copy_words(actors);
        let name = format!("/fiveforks-test-sync-{}", std::process::id());
        let mapping = Mapping::create(&name, MUTEX_BYTES + words * 8).expect("a mapping");
        let cell = SyncCell::over(Mutex::at(&mapping, 0), mapping.words(MUTEX_BYTES, words), actors);
        assert_eq!(cell.load(), Held::default());
        let who = ActorId;
        let full = Held {
            inside: vec![(who(0), 2), (who(1), 1), (who(2), 1)],
            writing: true,
            line: vec![(who(2), 7), (who(0), 1), (who(1), 0)],
            urgent: vec![who(1), who(0), who(2)],
        };
        for held in [full.clone(), Held::default(), full] {
            cell.store(&held);
            assert_eq!(cell.load(), held);
        }
        crate::os::remove(&name).expect("removed");
    }
}
