//! A ring of equal slots in a mapping, for one sender and one receiver, that sleep on two semaphores when it is full or
//! empty: the bounded buffer of the textbooks.
//!
//! The semaphores say when to sleep. That a slot is touched by one side at a time follows from two counters alone: the
//! sender writes slot `head` only while `head - tail` is less than the number of slots, and the receiver reads slot
//! `tail` only while `head` is ahead of it. Each side advances its own counter after it has finished with the slot.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::{Error, Mapping, Result, Semaphore};

/// Byte offsets, each word that one side writes in a cache line of its own.
const HEAD: usize = 0;
const TAIL: usize = 64;
const SENDER: usize = 128;
const RECEIVER: usize = 132;
const SLOTS: usize = 192;

/// The bytes that a ring of so many slots takes.
pub fn bytes(slots: usize, slot: usize) -> usize {
    SLOTS + slots * slot
}

/// One side of a ring: its own counter, and what it last saw of the other's.
#[derive(Debug)]
struct Side {
    mapping: Mapping,
    slots: u64,
    slot: usize,
    /// Taken before a slot, and given after it.
    before: Semaphore,
    after: Semaphore,
    own: u64,
    seen: u64,
    claim: usize,
    calls: u64,
}

impl Side {
    /// Claims a side of the ring in a mapping. The claim is what makes this side the only one of its kind.
    fn claim(
        mapping: Mapping,
        (slots, slot): (usize, usize),
        (before, after): (Semaphore, Semaphore),
        (claim, counter): (usize, usize),
    ) -> Result<Side> {
        if slots == 0 || mapping.len() < bytes(slots, slot) {
            let why = format!("{} bytes hold no ring of {slots} slots of {slot}", mapping.len());
            return Err(Error::unfit("a ring", why));
        }
        if mapping.halves(claim, 1)[0].compare_exchange(0, 1, Ordering::AcqRel, Ordering::Relaxed).is_err() {
            return Err(Error::unfit("a ring", "somebody else is at this side of it"));
        }
        let own = mapping.words(counter, 1)[0].load(Ordering::Acquire);
        // As if the other side had done nothing yet: the first look corrects it.
        let seen = if claim == SENDER { own.wrapping_sub(slots as u64) } else { own };
        Ok(Side { mapping, slots: slots as u64, slot, before, after, own, seen, claim, calls: 0 })
    }

    fn counter(&self, offset: usize) -> &AtomicU64 {
        &self.mapping.words(offset, 1)[0]
    }

    fn place(&self) -> *mut u8 {
        self.mapping.pointer(SLOTS + (self.own % self.slots) as usize * self.slot, self.slot, 1)
    }

    /// Takes the semaphore that allows a slot. Counts the call to the kernel that it takes if there is none to take.
    #[inline]
    fn enter(&mut self) {
        if !self.before.try_wait() {
            self.calls += 1;
            self.before.wait();
        }
    }

    /// Publishes the counter and gives the other semaphore. Counts the call to the kernel that it takes if somebody
    /// sleeps there.
    #[inline]
    fn leave(&mut self, counter: usize) {
        self.own = self.own.wrapping_add(1);
        self.counter(counter).store(self.own, Ordering::Release);
        self.calls += u64::from(self.after.value().waiters.is_some_and(|sleeping| sleeping > 0));
        self.after.post();
    }

    fn fits(&self, len: usize) -> Result<()> {
        if len == self.slot {
            return Ok(());
        }
        Err(Error::unfit("a ring", format!("its messages have {} bytes, not {len}", self.slot)))
    }

    fn disagree<T>() -> Result<T> {
        Err(Error::unfit("a ring", "its semaphores allow more than its counters do"))
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        let claim: &AtomicU32 = &self.mapping.halves(self.claim, 1)[0];
        claim.store(0, Ordering::Release);
    }
}

/// The side that puts messages in.
#[derive(Debug)]
pub struct Sender(Side);

impl Sender {
    /// Claims the sending side of a ring of so many slots of so many bytes. `free` begins at the number of slots,
    /// `filled` at 0; the mapping at zeros.
    pub fn claim(
        mapping: Mapping,
        shape: (usize, usize),
        free: Semaphore,
        filled: Semaphore,
    ) -> Result<Sender> {
        Ok(Sender(Side::claim(mapping, shape, (free, filled), (SENDER, HEAD))?))
    }

    /// Copies a message, as long as a slot, into the next free slot; waits for one.
    #[inline]
    pub fn send(&mut self, message: &[u8]) -> Result<()> {
        let side = &mut self.0;
        side.fits(message.len())?;
        side.enter();
        if side.own.wrapping_sub(side.seen) >= side.slots {
            side.seen = side.counter(TAIL).load(Ordering::Acquire);
            if side.own.wrapping_sub(side.seen) >= side.slots {
                return Side::disagree();
            }
        }
        // SAFETY: the slot lies in the mapping and is as long as the message. The receiver has left it, by the counter
        // just read, and does not come back before `leave`; the claim admits no other sender.
        unsafe { std::ptr::copy_nonoverlapping(message.as_ptr(), side.place(), message.len()) };
        side.leave(HEAD);
        Ok(())
    }

    /// Calls to the kernel so far, by whether the semaphores were empty or had sleepers just before.
    pub fn calls(&self) -> u64 {
        self.0.calls
    }
}

/// The side that takes messages out.
#[derive(Debug)]
pub struct Receiver(Side);

impl Receiver {
    /// Claims the receiving side; otherwise as [`Sender::claim`].
    pub fn claim(
        mapping: Mapping,
        shape: (usize, usize),
        free: Semaphore,
        filled: Semaphore,
    ) -> Result<Receiver> {
        Ok(Receiver(Side::claim(mapping, shape, (filled, free), (RECEIVER, TAIL))?))
    }

    /// Copies the oldest message out of its slot; waits for one. The buffer is as long as a slot.
    #[inline]
    pub fn receive(&mut self, buffer: &mut [u8]) -> Result<()> {
        let side = &mut self.0;
        side.fits(buffer.len())?;
        side.enter();
        if side.seen == side.own {
            side.seen = side.counter(HEAD).load(Ordering::Acquire);
            if side.seen == side.own {
                return Side::disagree();
            }
        }
        // SAFETY: the slot lies in the mapping and is as long as the buffer. The sender has filled it, by the counter
        // just read, and does not touch it before `leave`; the claim admits no other receiver.
        unsafe { std::ptr::copy_nonoverlapping(side.place(), buffer.as_mut_ptr(), buffer.len()) };
        side.leave(TAIL);
        Ok(())
    }

    /// As [`Sender::calls`].
    pub fn calls(&self) -> u64 {
        self.0.calls
    }
}
