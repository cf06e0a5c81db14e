//! The states that were seen.
//!
//! A state of one word is kept in the compact set as it is. Of longer ones, words are numbered, then pairs of numbers,
//! and so on up to one pair, which is kept (S. Blom, B. Lisser, J. van de Pol, M. Weber, A Database Approach to
//! Distributed State Space Generation, 2009: tree compression).

use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};

use super::compact::{Compact, Inserted};
use super::layout::Packed;
use crate::os::Result;
use crate::os::memory::Words;

/// Bits of the numbers that words and pairs get.
const NUMBER_BITS: u32 = 31;
/// The first size of a dictionary.
const FIRST_WORDS: usize = 1 << 12;

/// Words by number. Threads add to it without locks.
#[derive(Debug)]
struct Dictionary {
    /// By hash: a word's number and 1.
    slots: Words<AtomicU32>,
    words: Words<AtomicU64>,
    next: AtomicUsize,
}

impl Dictionary {
    fn new(room: usize) -> Result<Dictionary> {
        Ok(Dictionary { slots: Words::new(room * 2)?, words: Words::new(room)?, next: AtomicUsize::new(0) })
    }

    /// The number of a word, new or old; none if there is no room.
    fn number(&self, word: u64) -> Option<u32> {
        let mask = self.slots.len() - 1;
        let mut at = (word ^ word >> 29).wrapping_mul(0xd6e8_feb8_6659_fd93) as usize >> 20 & mask;
        let mut mine = None;
        loop {
            match self.slots[at].load(Ordering::Acquire) {
                0 => {
                    // A number that somebody else was faster with stays unused.
                    let number = match mine {
                        Some(number) => number,
                        None => {
                            let number = self.next.fetch_add(1, Ordering::Relaxed);
                            self.words.get(number)?.store(word, Ordering::Relaxed);
                            *mine.insert(number)
                        }
                    };
                    let put = number as u32 + 1;
                    if self.slots[at].compare_exchange(0, put, Ordering::AcqRel, Ordering::Acquire).is_ok() {
                        return Some(number as u32);
                    }
                }
                found if self.words[found as usize - 1].load(Ordering::Relaxed) == word => {
                    return Some(found - 1);
                }
                _ => at = (at + 1) & mask,
            }
        }
    }

    fn find(&self, word: u64) -> Option<u32> {
        let mask = self.slots.len() - 1;
        let mut at = (word ^ word >> 29).wrapping_mul(0xd6e8_feb8_6659_fd93) as usize >> 20 & mask;
        loop {
            match self.slots[at].load(Ordering::Acquire) {
                0 => return None,
                found if self.words[found as usize - 1].load(Ordering::Relaxed) == word => {
                    return Some(found - 1);
                }
                _ => at = (at + 1) & mask,
            }
        }
    }

    fn is_tight(&self) -> bool {
        self.next.load(Ordering::Relaxed) * 10 >= self.words.len() * 7
    }

    /// One with more room and the same numbers.
    fn grown(&self) -> Result<Dictionary> {
        let grown = Dictionary::new(self.words.len() * 2)?;
        let mask = grown.slots.len() - 1;
        let count = self.next.load(Ordering::Relaxed).min(self.words.len());
        for slot in self.slots.iter() {
            let Some(number) = slot.load(Ordering::Relaxed).checked_sub(1) else { continue };
            let word = self.words[number as usize].load(Ordering::Relaxed);
            grown.words[number as usize].store(word, Ordering::Relaxed);
            let mut at = (word ^ word >> 29).wrapping_mul(0xd6e8_feb8_6659_fd93) as usize >> 20 & mask;
            while grown.slots[at].load(Ordering::Relaxed) != 0 {
                at = (at + 1) & mask;
            }
            grown.slots[at].store(number + 1, Ordering::Relaxed);
        }
        grown.next.store(count, Ordering::Relaxed);
        Ok(grown)
    }

    fn bytes(&self) -> usize {
        self.slots.len() * 4 + self.words.len() * 8
    }
}

/// The states that were seen, by place.
#[derive(Debug)]
pub struct Store<const W: usize> {
    set: Compact,
    /// For W > 1: dictionaries of the words, then of their pairs, and so on, without the last pair.
    dictionaries: Vec<Dictionary>,
    len: AtomicUsize,
}

impl<const W: usize> Store<W> {
    /// An empty store; `bits` are those of the first word, which matter if it is the only one.
    pub fn new(bits: u32) -> Result<Store<W>> {
        let bits = if W == 1 { bits } else { 2 * NUMBER_BITS };
        let count = if W == 1 { 0 } else { 2 * W - 2 };
        let dictionaries = (0..count).map(|_| Dictionary::new(FIRST_WORDS)).collect::<Result<_>>()?;
        Ok(Store { set: Compact::new(bits, 0)?, dictionaries, len: AtomicUsize::new(0) })
    }

    /// States in it.
    pub fn len(&self) -> usize {
        self.len.load(Ordering::Relaxed)
    }

    /// Counts states that were new.
    pub fn count(&self, new: usize) {
        self.len.fetch_add(new, Ordering::Relaxed);
    }

    /// Places: states are numbered below this.
    pub fn places(&self) -> usize {
        self.set.places()
    }

    /// Bytes of memory.
    pub fn bytes(&self) -> usize {
        self.set.bytes() + self.dictionaries.iter().map(Dictionary::bytes).sum::<usize>()
    }

    /// Bytes that the next size would take, while the present one is copied.
    pub fn bytes_to_grow(&self) -> usize {
        self.set.bytes_when_grown() + self.set.bytes()
    }

    /// Whether it must grow before so many more states.
    pub fn is_tight(&self, more: usize) -> bool {
        self.len() + more > self.set.limit() || self.dictionaries.iter().any(Dictionary::is_tight)
    }

    /// Makes room.
    pub fn grow(&mut self, threads: usize) -> Result<()> {
        for dictionary in &mut self.dictionaries {
            if dictionary.is_tight() {
                *dictionary = dictionary.grown()?;
            }
        }
        self.set = self.set.grown(threads)?;
        Ok(())
    }

    /// What stands for a state in the set; none if there is no room for its words, or, with `find`, if one is unknown.
    #[inline(always)]
    fn key(&self, state: &Packed<W>, find: bool) -> Option<u64> {
        if W == 1 { Some(state[0]) } else { self.fold(state, find) }
    }

    fn fold(&self, state: &Packed<W>, find: bool) -> Option<u64> {
        let mut parts = *state;
        let (mut width, mut first) = (W, 0);
        loop {
            for (part, dictionary) in parts[..width].iter_mut().zip(&self.dictionaries[first..]) {
                let number = if find { dictionary.find(*part) } else { dictionary.number(*part) };
                *part = u64::from(number?);
            }
            first += width;
            width /= 2;
            for at in 0..width {
                parts[at] = parts[2 * at] << NUMBER_BITS | parts[2 * at + 1];
            }
            if width == 1 {
                return Some(parts[0]);
            }
        }
    }

    fn unfold(&self, key: u64) -> Packed<W> {
        let mut parts = [0; W];
        parts[0] = key;
        if W == 1 {
            return parts;
        }
        let (mut width, mut first) = (1, self.dictionaries.len());
        while width < W {
            for at in (0..width).rev() {
                let pair = parts[at];
                parts[2 * at + 1] = pair & ((1 << NUMBER_BITS) - 1);
                parts[2 * at] = pair >> NUMBER_BITS;
            }
            width *= 2;
            first -= width;
            for (part, dictionary) in parts[..width].iter_mut().zip(&self.dictionaries[first..]) {
                *part = dictionary.words[*part as usize].load(Ordering::Relaxed);
            }
        }
        parts
    }

    /// Fetches what an insertion needs. Gives what to insert; none if there is no room.
    #[inline(always)]
    pub fn prepare(&self, state: &Packed<W>) -> Option<u64> {
        Some(self.set.prepare(self.key(state, false)?))
    }

    /// Inserts what [`Store::prepare`] gave. Gives its place as well.
    #[inline(always)]
    pub fn insert(&self, prepared: u64) -> (Inserted, u64) {
        self.set.insert_mixed(prepared)
    }

    /// The place of a state; none if it is not there.
    pub fn find(&self, state: &Packed<W>) -> Option<u64> {
        self.set.find_mixed(self.set.prepare(self.key(state, true)?))
    }

    /// Fetches what [`Store::find_prepared`] needs.
    #[inline(always)]
    pub fn prepare_find(&self, state: &Packed<W>) -> Option<u64> {
        Some(self.set.prepare(self.key(state, true)?))
    }

    /// The place of a state that was prepared.
    #[inline(always)]
    pub fn find_prepared(&self, prepared: u64) -> Option<u64> {
        self.set.find_mixed(prepared)
    }

    /// The state at a place; none if the place is empty.
    pub fn at(&self, place: usize) -> Option<Packed<W>> {
        self.set.at(place).map(|key| self.unfold(key))
    }
}
