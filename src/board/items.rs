//! Which items are out: made and not yet used up. One bit for each number of each producer.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::program::{ITEM_WINDOW, item_of, item_parts};

/// What came of using an item up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Used {
    /// It was out, and now it is not.
    Once,
    /// It had been used up already.
    Again,
    /// Nobody ever made it.
    NeverMade,
}

/// The items of a run.
#[derive(Clone, Copy, Debug)]
pub struct Items<'m> {
    words: &'m [AtomicU64],
}

impl<'m> Items<'m> {
    pub(super) fn over(words: &'m [AtomicU64]) -> Items<'m> {
        Items { words }
    }

    fn bit(&self, producer: u32, number: u32) -> Option<(&'m AtomicU64, u64)> {
        let at = producer as usize * ITEM_WINDOW as usize + number as usize;
        self.words.get(at / 64).map(|word| (word, 1 << (at % 64)))
    }

    /// Makes an item for a producer, with the next number that is not out; `next` is the producer's own.
    pub fn make(&self, producer: u32, next: &mut u32) -> i32 {
        for _ in 0..ITEM_WINDOW {
            let number = *next % ITEM_WINDOW;
            *next = (number + 1) % ITEM_WINDOW;
            if let Some((word, bit)) = self.bit(producer, number)
                && word.fetch_or(bit, Ordering::AcqRel) & bit == 0
            {
                return item_of(producer, number);
            }
        }
        // All are out: most were lost long ago, and the monitor has said so.
        item_of(producer, *next)
    }

    /// Uses an item up. `made` says how many items a producer has made so far.
    pub fn use_up(&self, item: i32, made: impl Fn(u32) -> u64) -> Used {
        let Some((producer, number)) = item_parts(item) else { return Used::NeverMade };
        let Some((word, bit)) = self.bit(producer, number) else { return Used::NeverMade };
        if word.fetch_and(!bit, Ordering::AcqRel) & bit != 0 {
            Used::Once
        } else if made(producer) > u64::from(number) {
            Used::Again
        } else {
            Used::NeverMade
        }
    }

    /// Whether a number is an item that was made and not used up.
    pub fn is_out(&self, item: i32) -> bool {
        let found = item_parts(item).and_then(|(producer, number)| self.bit(producer, number));
        found.is_some_and(|(word, bit)| word.load(Ordering::Relaxed) & bit != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_used_up_once() {
        let words: Vec<AtomicU64> = (0..2 * ITEM_WINDOW as usize / 64).map(|_| AtomicU64::new(0)).collect();
        let items = Items::over(&words);
        let mut next = 0;
        let (a, b) = (items.make(1, &mut next), items.make(1, &mut next));
        assert_ne!(a, b);
        assert_eq!(item_parts(b), Some((1, 1)));
        assert_eq!(items.use_up(a, |_| 2), Used::Once);
        assert_eq!(items.use_up(a, |_| 2), Used::Again);
        assert_eq!(items.use_up(b, |_| 2), Used::Once);
        for nothing in [0, -1, i32::MAX, i32::MIN, b + 1] {
            assert_eq!(items.use_up(nothing, |_| 2), Used::NeverMade, "{nothing}");
        }
    }

    #[test]
    fn a_number_that_is_out_is_not_given_again() {
        let words: Vec<AtomicU64> = (0..ITEM_WINDOW as usize / 64).map(|_| AtomicU64::new(0)).collect();
        let items = Items::over(&words);
        let mut next = 0;
        let kept = items.make(0, &mut next);
        for _ in 0..ITEM_WINDOW * 2 {
            let item = items.make(0, &mut next);
            assert_ne!(item, kept);
            assert_eq!(items.use_up(item, |_| u64::MAX), Used::Once);
        }
    }
}
