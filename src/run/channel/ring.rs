//! A ring of messages in a mapping, for any number of senders and receivers. Semaphores say when there is room and when
//! there is a message; a robust mutex keeps two from touching the ring at once, also if one of them is killed there.

use std::sync::atomic::Ordering;

use super::MAX_BYTES;
use crate::os::{self, MUTEX_BYTES, Mapping, Mutex};

/// Words of a message.
const WORDS: usize = MAX_BYTES / 4;
/// Byte offsets: the mutex, then how many were put in and taken out, then the messages.
const PUT: usize = MUTEX_BYTES;
const TAKEN: usize = MUTEX_BYTES + 8;
const MESSAGES: usize = MUTEX_BYTES + 16;

/// The bytes that a ring for so many messages takes.
pub fn bytes(capacity: u32) -> usize {
    MESSAGES + capacity as usize * MAX_BYTES
}

/// A ring.
#[derive(Debug)]
pub struct Ring {
    mapping: Mapping,
    capacity: u64,
}

impl Ring {
    /// The ring in a mapping of at least [`bytes`].
    pub fn over(mapping: Mapping, capacity: u32) -> Ring {
        Ring { mapping, capacity: u64::from(capacity) }
    }

    /// Makes an empty ring of zeroed memory.
    pub fn init(&self) -> os::Result<()> {
        self.mutex().init()
    }

    fn mutex(&self) -> Mutex<'_> {
        Mutex::at(&self.mapping, 0)
    }

    /// Puts a message in. The caller has taken one of the semaphore that counts the room.
    pub fn put(&self, message: &[u8]) {
        self.mutex().lock();
        self.at(PUT, |words| {
            for (word, bytes) in words.iter().zip(message.chunks_exact(4)) {
                let value = u32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
                word.store(value, Ordering::Relaxed);
            }
        });
        self.mutex().unlock();
    }

    /// Takes the oldest message out. The caller has taken one of the semaphore that counts the messages.
    pub fn take(&self, buffer: &mut [u8]) {
        self.mutex().lock();
        self.at(TAKEN, |words| {
            for (word, bytes) in words.iter().zip(buffer.chunks_exact_mut(4)) {
                bytes.copy_from_slice(&word.load(Ordering::Relaxed).to_ne_bytes());
            }
        });
        self.mutex().unlock();
    }

    /// Does something with the next message of a counter, and then counts it: who is killed before has done nothing.
    fn at(&self, counter: usize, mut act: impl FnMut(&[std::sync::atomic::AtomicU32])) {
        let counter = &self.mapping.words(counter, 1)[0];
        let number = counter.load(Ordering::Relaxed);
        let slot = (number % self.capacity) as usize;
        act(self.mapping.halves(MESSAGES + slot * MAX_BYTES, WORDS));
        counter.store(number + 1, Ordering::Relaxed);
    }
}
