//! An actor's slot: what it shows to others. Only the actor writes it, except where a field says otherwise.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::layout::SLOT_WORDS;

macro_rules! slot {
    ($($(#[$doc:meta])* $field:ident = $at:literal,)*) => {
        /// The words of one actor's slot.
        #[derive(Clone, Copy, Debug)]
        pub struct Slot<'m>(pub(super) &'m [AtomicU64]);

        impl<'m> Slot<'m> {
            $($(#[$doc])* #[inline] pub fn $field(self) -> &'m AtomicU64 { &self.0[$at] })*
        }
        const _: () = { $(assert!($at < SLOT_WORDS);)* };
    };
}

// What changes with every step lies on one pair of cache lines; what others look at to check a rule, on another.
slot! {
    /// How far it is: steps taken above 20 bits, position in its program below. Changes with every step, so two equal
    /// readings mean that it did not move in between.
    progress = 0,
    /// What it is doing: a `Doing` as a word.
    doing = 1,
    /// Since when it is doing that, in ticks. Written when it blocks.
    since = 2,
    /// Events written so far.
    events = 3,
    /// Rounds of the `await` it spins in that found the condition false.
    rounds = 4,
    /// Items it has produced.
    produced = 5,
    /// Items it has consumed.
    consumed = 6,
    /// The address, in its own memory, of what it sleeps on.
    address = 7,
    /// Since when it is in its visible state, in ticks.
    state_since = 8,
    /// The visible state.
    state = 16,
    /// Its process; written by the supervisor.
    pid = 17,
    /// A `Life`. The actor writes `Running`, `Done`, `Failed`; the supervisor the others.
    life = 18,
    /// Where its ports begin, in words of the region; written once by the supervisor.
    ports = 19,
    /// What it violated first: a violation's kind and number; 0 if nothing.
    violation = 20,
    /// When, in ticks.
    violation_at = 21,
    /// The position in its program.
    violation_position = 22,
    /// The value that broke the rule.
    violation_value = 23,
    /// How many violations it saw in all.
    violations = 24,
    /// A line at which to hold it up, above, and for how many milliseconds, below; 0 for none. Written by the supervisor.
    delay = 25,
    /// The item in its hand: see `ActorView::hand`.
    hand = 28,
}

/// The two words of the slot that are its [`super::Gate`]; nobody else uses them.
pub(super) const GATE_WORD: usize = 26;
const _: () = assert!(GATE_WORD + 2 <= SLOT_WORDS);

/// Bits of [`Slot::progress`] that hold the position.
const POSITION_BITS: u32 = 20;

/// A step count and a position as one word.
#[inline]
pub fn progress(steps: u64, position: u32) -> u64 {
    steps << POSITION_BITS | u64::from(position)
}

/// The position of a progress word.
pub fn position(progress: u64) -> u32 {
    (progress & ((1 << POSITION_BITS) - 1)) as u32
}

/// The steps of a progress word.
pub fn steps(progress: u64) -> u64 {
    progress >> POSITION_BITS
}

const _: () = assert!(crate::lang::limits::MAX_INSTRUCTIONS < 1 << POSITION_BITS);

/// An actor's counts of what it did to one semaphore: posts above, takes below, each modulo 2^32. A post is counted
/// before the call and a take after it, so `initial + posts - takes` is never less than the value.
#[derive(Clone, Copy, Debug)]
pub struct Port<'m>(pub(super) &'m AtomicU64);

impl Port<'_> {
    /// Counts a post, before it is made.
    #[inline]
    pub fn post(self) {
        let word = self.0.load(Ordering::Relaxed);
        let posts = ((word >> 32) as u32).wrapping_add(1);
        self.0.store(u64::from(posts) << 32 | word & 0xffff_ffff, Ordering::Release);
    }

    /// Takes a post back that could not be made.
    pub fn unpost(self) {
        let word = self.0.load(Ordering::Relaxed);
        let posts = ((word >> 32) as u32).wrapping_sub(1);
        self.0.store(u64::from(posts) << 32 | word & 0xffff_ffff, Ordering::Release);
    }

    /// Counts a take, after it was made.
    #[inline]
    pub fn take(self) {
        let word = self.0.load(Ordering::Relaxed);
        let takes = (word as u32).wrapping_add(1);
        self.0.store(word & !0xffff_ffff | u64::from(takes), Ordering::Release);
    }

    /// Posts and takes so far.
    pub fn read(self) -> (u32, u32) {
        let word = self.0.load(Ordering::Acquire);
        ((word >> 32) as u32, word as u32)
    }
}

/// What an actor has done so far: how often it entered each state, and how long it waited.
#[derive(Clone, Copy, Debug)]
pub struct Tally<'m> {
    /// By state.
    pub entered: &'m [AtomicU64],
    /// The histogram of waits.
    pub waits: &'m [AtomicU32],
}
