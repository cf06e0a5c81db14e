//! A set of numbers of up to 62 bits that stores less than the numbers: where an entry lies says a part of what it is.
//!
//! A number is mixed by a permutation; its upper part picks the place to look first, the entry keeps the lower part and
//! how often it had to look further (J. G. Cleary, Compact Hash Tables Using Bidirectional Linear Probing, IEEE ToC 1984;
//! D. E. Knuth, The Art of Computer Programming 3, 6.4 ex. 13: quotienting). It is exact: no two numbers are taken for one.
//! Threads insert without locks; it grows when nobody else uses it.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use crate::os::Result;
use crate::os::memory::{Words, prefetch};

/// Entries that share a cache line.
const LINE: u64 = 16;
/// Places looked at in each line before the next.
const IN_LINE: u64 = 8;
/// Places looked at before the set counts as full.
const MOST_PLACES: u64 = 120;
/// Bits that say which place an entry is at: 1 to 120.
const PLACE_BITS: u32 = 7;
/// The smallest set: so many entries are 3 or 2 times a power of two.
const LEAST_EXPONENT: u32 = 10;

/// What an insertion found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// It was not there.
    New,
    /// It was there.
    Old,
    /// There is no room.
    Full,
}

/// The entries: as narrow as they can be.
#[derive(Debug)]
enum Entries {
    Narrow(Words<AtomicU32>),
    Wide(Words<AtomicU64>),
}

/// The set.
#[derive(Debug)]
pub struct Compact {
    entries: Entries,
    /// Bits of a number.
    bits: u32,
    /// There are `factor << exponent` places, with a factor of 2 or 3.
    factor: u64,
    exponent: u32,
    /// Half of the bits.
    half: u32,
    mask: u64,
}

const MULTIPLIERS: [u64; 2] = [0xd6e8_feb8_6659_fd93, 0xa076_1d64_78bd_642f];

/// The inverse of an odd number modulo 2^64 (Newton's method; each round doubles the bits that are right).
const fn inverse(odd: u64) -> u64 {
    let mut x = odd;
    let mut round = 0;
    while round < 6 {
        x = x.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(x)));
        round += 1;
    }
    x
}

const INVERSES: [u64; 2] = [inverse(MULTIPLIERS[0]), inverse(MULTIPLIERS[1])];

impl Compact {
    /// An empty set of numbers of so many bits, with room for about `room` of them.
    pub fn new(bits: u32, room: usize) -> Result<Compact> {
        let bits = bits.max(LEAST_EXPONENT + 2);
        let mut size = (2, LEAST_EXPONENT);
        while (limit(size) as usize) < room {
            size = larger(size);
        }
        Compact::sized(bits, size)
    }

    fn sized(bits: u32, (factor, exponent): (u64, u32)) -> Result<Compact> {
        // Once there is a place for every number, more would be of no use.
        let exponent = exponent.min(bits);
        let places = (factor << exponent) as usize;
        let entries = match bits - exponent + PLACE_BITS {
            ..=32 => Entries::Narrow(Words::new(places)?),
            _ => Entries::Wide(Words::new(places)?),
        };
        Ok(Compact { entries, bits, factor, exponent, half: bits.div_ceil(2), mask: (1 << bits) - 1 })
    }

    /// The places there are: entries are numbered below this.
    pub fn places(&self) -> usize {
        (self.factor << self.exponent) as usize
    }

    /// How many numbers it holds well.
    pub fn limit(&self) -> usize {
        limit((self.factor, self.exponent)) as usize
    }

    /// Bytes of memory.
    pub fn bytes(&self) -> usize {
        self.places() * if matches!(self.entries, Entries::Narrow(_)) { 4 } else { 8 }
    }

    /// Bytes of memory that it would take to hold more.
    pub fn bytes_when_grown(&self) -> usize {
        let (factor, exponent) = larger((self.factor, self.exponent));
        let narrow = self.bits - exponent.min(self.bits) + PLACE_BITS <= 32;
        (factor << exponent) as usize * if narrow { 4 } else { 8 }
    }

    /// A larger set with the same numbers. The old one may still be used.
    pub fn grown(&self, threads: usize) -> Result<Compact> {
        let mut size = (self.factor, self.exponent);
        loop {
            size = larger(size);
            let larger = Compact::sized(self.bits, size)?;
            let each = self.places().div_ceil(threads);
            let copy = |part: usize| {
                let to = ((part + 1) * each).min(self.places());
                (part * each..to)
                    .all(|place| self.at(place).is_none_or(|number| larger.insert(number) != Inserted::Full))
            };
            let all = std::thread::scope(|scope| {
                let parts: Vec<_> = (1..threads).map(|part| scope.spawn(move || copy(part))).collect();
                let first = copy(0);
                parts.into_iter().all(|part| part.join().unwrap_or(false)) && first
            });
            if all {
                return Ok(larger);
            }
        }
    }

    #[inline(always)]
    fn mix(&self, number: u64) -> u64 {
        let mut x = number;
        for multiplier in MULTIPLIERS {
            x ^= x >> self.half;
            x = x.wrapping_mul(multiplier) & self.mask;
        }
        x ^ x >> self.half
    }

    fn unmix(&self, mixed: u64) -> u64 {
        // Shifted by at least half of the bits, the xor is its own inverse.
        let mut x = mixed ^ mixed >> self.half;
        for inverse in INVERSES.iter().rev() {
            x = x.wrapping_mul(*inverse) & self.mask;
            x ^= x >> self.half;
        }
        x
    }

    /// Splits a mixed number into the place to look first and what the entry keeps.
    #[inline(always)]
    fn split(&self, mixed: u64) -> (u64, u64) {
        let product = mixed * self.factor;
        let kept = self.bits - self.exponent;
        (product >> kept, product & ((1 << kept) - 1))
    }

    fn join(&self, home: u64, rest: u64) -> u64 {
        (home << (self.bits - self.exponent) | rest) / self.factor
    }

    /// The place to look at in the `nth` attempt: a line first, then lines at a distance that depends on the number.
    #[inline(always)]
    fn place(&self, home: u64, rest: u64, nth: u64) -> u64 {
        let (line, offset) = (home / LINE, home % LINE);
        let offset = (offset + nth) % LINE;
        if nth < IN_LINE {
            line * LINE + offset
        } else {
            self.far_line(line, rest, nth / IN_LINE) * LINE + offset
        }
    }

    fn lines(&self) -> u64 {
        (self.factor << self.exponent) / LINE
    }

    fn jump(&self, rest: u64) -> u64 {
        rest.wrapping_mul(MULTIPLIERS[1]) >> 7 | 1
    }

    #[cold]
    fn far_line(&self, line: u64, rest: u64, jumps: u64) -> u64 {
        let lines = self.lines();
        (line + jumps * (self.jump(rest) % lines)) % lines
    }

    /// Asks for the memory that an insertion or a look-up will need.
    #[inline(always)]
    pub fn prepare(&self, number: u64) -> u64 {
        let mixed = self.mix(number);
        let home = self.split(mixed).0 as usize;
        match &self.entries {
            Entries::Narrow(words) => prefetch(words, home),
            Entries::Wide(words) => prefetch(words, home),
        }
        mixed
    }

    /// Inserts a number.
    pub fn insert(&self, number: u64) -> Inserted {
        self.insert_mixed(self.mix(number)).0
    }

    /// Inserts a number that [`Compact::prepare`] has mixed. Gives its place as well.
    #[inline(always)]
    pub fn insert_mixed(&self, mixed: u64) -> (Inserted, u64) {
        let (home, rest) = self.split(mixed);
        for nth in 0..MOST_PLACES {
            let place = self.place(home, rest, nth);
            let entry = rest << PLACE_BITS | (nth + 1);
            let found = match &self.entries {
                Entries::Narrow(words) => u64::from(put32(&words[place as usize], entry as u32)),
                Entries::Wide(words) => put64(&words[place as usize], entry),
            };
            if found == 0 {
                return (Inserted::New, place);
            }
            if found == entry {
                return (Inserted::Old, place);
            }
        }
        (Inserted::Full, 0)
    }

    /// The place of a number that [`Compact::prepare`] has mixed; none if it is not there.
    #[inline(always)]
    pub fn find_mixed(&self, mixed: u64) -> Option<u64> {
        let (home, rest) = self.split(mixed);
        for nth in 0..MOST_PLACES {
            let place = self.place(home, rest, nth);
            match self.entry(place as usize) {
                0 => return None,
                entry if entry == (rest << PLACE_BITS | (nth + 1)) => return Some(place),
                _ => {}
            }
        }
        None
    }

    #[inline(always)]
    fn entry(&self, place: usize) -> u64 {
        match &self.entries {
            Entries::Narrow(words) => u64::from(words[place].load(Ordering::Relaxed)),
            Entries::Wide(words) => words[place].load(Ordering::Relaxed),
        }
    }

    /// The number at a place; none if the place is empty.
    pub fn at(&self, place: usize) -> Option<u64> {
        let entry = self.entry(place);
        let nth = (entry & ((1 << PLACE_BITS) - 1)).checked_sub(1)?;
        let rest = entry >> PLACE_BITS;
        let (mut line, offset) = (place as u64 / LINE, place as u64 % LINE);
        let lines = self.lines();
        let back = nth / IN_LINE * (self.jump(rest) % lines) % lines;
        line = (line + lines - back) % lines;
        let home = line * LINE + (offset + LINE * IN_LINE - nth % LINE) % LINE;
        Some(self.unmix(self.join(home, rest)))
    }
}

/// How many entries fit well into so many places: probing grows long beyond.
fn limit((factor, exponent): (u64, u32)) -> u64 {
    (factor << exponent) * 85 / 100
}

/// The next size: 2, 3, 4, 6, 8, 12, …
fn larger((factor, exponent): (u64, u32)) -> (u64, u32) {
    if factor == 2 { (3, exponent) } else { (2, exponent + 1) }
}

/// Writes an entry where nothing is. Gives what was there.
#[inline(always)]
fn put32(word: &AtomicU32, entry: u32) -> u32 {
    match word.load(Ordering::Relaxed) {
        0 => word
            .compare_exchange(0, entry, Ordering::Relaxed, Ordering::Relaxed)
            .unwrap_or_else(|found| found),
        found => found,
    }
}

#[inline(always)]
fn put64(word: &AtomicU64, entry: u64) -> u64 {
    match word.load(Ordering::Relaxed) {
        0 => word
            .compare_exchange(0, entry, Ordering::Relaxed, Ordering::Relaxed)
            .unwrap_or_else(|found| found),
        found => found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_exactly_what_was_put_in() {
        for bits in [12, 13, 20, 40, 47, 62] {
            let mut set = Compact::new(bits, 0).expect("memory");
            let mask = (1u64 << bits) - 1;
            let mut numbers = std::collections::BTreeSet::new();
            let mut x = 1u64;
            for k in 0..20_000u64 {
                x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                // Many close together, and many that differ in upper bits only.
                let number = match k % 3 {
                    0 => k & mask,
                    1 => (k << (bits - 12)) & mask,
                    _ => (x >> 2) & mask,
                };
                if numbers.len() >= set.limit() {
                    set = set.grown(2).expect("memory");
                }
                let expected = if numbers.insert(number) { Inserted::New } else { Inserted::Old };
                assert_eq!(set.insert(number), expected, "{bits} {k}");
            }
            let all: std::collections::BTreeSet<u64> =
                (0..set.places()).filter_map(|at| set.at(at)).collect();
            assert_eq!(all, numbers, "{bits}");
            for number in &numbers {
                let place = set.find_mixed(set.prepare(*number)).expect("there");
                assert_eq!(set.at(place as usize), Some(*number));
            }
        }
    }
}
