//! The gate before each step of an actor, for runs whose schedule somebody else decides.
//!
//! An actor that comes to its next visible operation counts its arrival and sleeps until it is granted that step. A grant
//! says how the operation shall end where that is open.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::os::futex;

/// The grant that ends all gating of an actor: from then on it does as its program says.
pub const FREE: u32 = u32::MAX;

/// One actor's gate.
#[derive(Clone, Copy, Debug)]
pub struct Gate<'m> {
    /// How often the actor came to the gate.
    arrived: &'m AtomicU32,
    /// How often it was let through.
    granted: &'m AtomicU32,
    /// How the step shall end.
    how: &'m AtomicU32,
}

impl<'m> Gate<'m> {
    pub(super) fn over(halves: &'m [AtomicU32]) -> Gate<'m> {
        Gate { arrived: &halves[0], granted: &halves[1], how: &halves[2] }
    }

    /// For the actor: waits for a grant. Gives how the step shall end.
    pub fn pass(self) -> u32 {
        let number = self.arrived.load(Ordering::Relaxed).wrapping_add(1);
        self.arrived.store(number, Ordering::Release);
        futex::wake_all(self.arrived);
        loop {
            let granted = self.granted.load(Ordering::Acquire);
            if granted == number {
                return self.how.load(Ordering::Relaxed);
            }
            futex::wait(self.granted, granted, None);
        }
    }

    /// Lets the actor do its step.
    pub fn grant(self, how: u32) {
        self.how.store(how, Ordering::Relaxed);
        self.granted.fetch_add(1, Ordering::AcqRel);
        futex::wake_all(self.granted);
    }

    /// Whether the actor stands at the gate.
    pub fn is_at(self) -> bool {
        self.arrived.load(Ordering::Acquire) == self.granted.load(Ordering::Acquire).wrapping_add(1)
    }

    /// Waits a moment for the actor to come to the gate.
    pub fn await_arrival(self, time: Duration) -> bool {
        let seen = self.arrived.load(Ordering::Acquire);
        if !self.is_at() {
            futex::wait(self.arrived, seen, Some(time));
        }
        self.is_at()
    }
}
