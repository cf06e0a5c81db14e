//! Visible operations, done for real.

use std::sync::atomic::{AtomicU32, Ordering, fence};
use std::time::Duration;

use rand::RngExt;

use super::semaphore::GIVE_UP;
use super::{Actor, Step};
use crate::board::Used;
use crate::os::{Took, clock};
use crate::program::{
    ActivityId, ActorId, AtomicOp, CellId, ConditionId, MutexId, Object, SyncId, Violation,
};
use crate::snapshot::{Doing, Life};
use crate::vm::Request;

impl Actor<'_, '_> {
    /// Does what the program asks for. Gives the result, and the object for the event.
    #[inline]
    pub(super) fn perform(&mut self, request: Request) -> Step<(i32, u32)> {
        let mut object = 0;
        let mut semaphore = |id| {
            object = Object::Semaphore(id).pack();
            id
        };
        let result = match request {
            Request::Wait { semaphore: id } => {
                let id = semaphore(id);
                self.semaphore_wait(id)?;
                1
            }
            Request::Signal { semaphore: id } => {
                let id = semaphore(id);
                if !self.semaphore_post(id) {
                    self.violated(Violation::Overflow(id), 0);
                }
                1
            }
            Request::TryWait { semaphore: id } => {
                let id = semaphore(id);
                i32::from(self.semaphore_try(id))
            }
            Request::WaitFor { semaphore: id, millis } => {
                let id = semaphore(id);
                i32::from(self.semaphore_wait_for(id, millis)?)
            }
            Request::Value { semaphore: id } => {
                let id = semaphore(id);
                self.semaphore_value(id)
            }
            Request::Begin { activity, item } => self.begin(activity, item),
            Request::End { activity } => self.end(activity)?,
            other => return self.perform_rarer(other),
        };
        Ok((result, object))
    }

    fn perform_rarer(&mut self, request: Request) -> Step<(i32, u32)> {
        Ok(match request {
            Request::Read { cell } => {
                (self.board.cell(cell).load(Ordering::Relaxed) as i32, Object::Cell(cell).pack())
            }
            Request::Write { cell, value } => {
                self.board.cell(cell).store(value as u32, Ordering::Relaxed);
                self.written(cell, value);
                (value, Object::Cell(cell).pack())
            }
            Request::Atomic { op, cell, a, b } => (self.atomic(op, cell, a, b), Object::Cell(cell).pack()),
            Request::Lock { mutex } => (self.lock(mutex), Object::Mutex(mutex).pack()),
            Request::Unlock { mutex } => (self.unlock(mutex), Object::Mutex(mutex).pack()),
            Request::LockFor { mutex, millis } => {
                (i32::from(self.lock_for(mutex, millis)?), Object::Mutex(mutex).pack())
            }
            Request::TryLock { mutex } => {
                let took = self.board.mutex(mutex).try_lock();
                if took.is_some() {
                    self.passed();
                    self.board.holder(mutex).store(u64::from(self.me.0) + 1, Ordering::Release);
                }
                (i32::from(took.is_some()), Object::Mutex(mutex).pack())
            }
            Request::Send { channel, ends, message } => {
                self.send(channel, ends, message)?;
                (message.values[0], Object::Semaphore(ends.room(channel.0)).pack())
            }
            Request::Receive { channel, ends, wait } => {
                self.inbox = self.receive(channel, ends, wait)?;
                // A try that found no message concerned none.
                let object = Object::Semaphore(ends.messages(channel.0)).pack();
                self.inbox.map_or((0, 0), |message| (message.values[0], object))
            }
            Request::Sync { op, number } => {
                let object = match op.on_condition() {
                    true => Object::Condition(ConditionId(number)),
                    false => Object::Sync(SyncId(number)),
                };
                (self.synchronize(op, number)?, object.pack())
            }
            Request::Moment { activity } => {
                let activity = &self.program.activities[activity.index()];
                self.enter(activity.state);
                (0, 0)
            }
            Request::Choose { low, high } if self.gated => (low.saturating_add(self.how as i32).min(high), 0),
            Request::Choose { low, high } => (self.choices.random_range(low..=high), 0),
            Request::Sleep { millis } => {
                self.asleep(Duration::from_millis(millis.max(0) as u64))?;
                (0, 0)
            }
            Request::Fence => {
                fence(Ordering::SeqCst);
                (0, 0)
            }
            _ => (0, 0),
        })
    }

    fn begin(&mut self, activity: ActivityId, item: i32) -> i32 {
        let activity = &self.program.activities[activity.index()];
        if activity.consumes {
            let producers = self.producers();
            let made = |producer: u32| {
                self.board.slot(ActorId(producers + producer)).produced().load(Ordering::Acquire)
            };
            match self.board.items().use_up(item, made) {
                Used::Once => {}
                Used::Again => self.violated(Violation::Doubled, item),
                Used::NeverMade => self.violated(Violation::NeverMade, item),
            }
            let consumed = self.slot.consumed();
            consumed.store(consumed.load(Ordering::Relaxed) + 1, Ordering::Release);
        }
        self.enter(activity.state);
        item
    }

    fn end(&mut self, activity: ActivityId) -> Step<i32> {
        let activity = &self.program.activities[activity.index()];
        self.busy(activity.time)?;
        let mut item = 0;
        if activity.produces {
            let index = self.program.actors[self.me.index()].index;
            // The count goes first: who uses the item up must find that it was made.
            let produced = self.slot.produced();
            produced.store(produced.load(Ordering::Relaxed) + 1, Ordering::Release);
            item = self.board.items().make(index, &mut self.next_item);
        }
        self.enter(activity.after);
        Ok(item)
    }

    /// The number of the first actor that produces.
    fn producers(&self) -> u32 {
        self.program.items.as_ref().map_or(0, |items| {
            let role = self.program.activities[items.produce.index()].role;
            self.program.roles[role.index()].base.0
        })
    }

    fn atomic(&mut self, op: AtomicOp, cell: CellId, a: i32, b: i32) -> i32 {
        let word: &AtomicU32 = self.board.cell(cell);
        let (old, new) = match op {
            AtomicOp::TestAndSet => (word.swap(1, Ordering::SeqCst) as i32, 1),
            AtomicOp::Swap => (word.swap(a as u32, Ordering::SeqCst) as i32, a),
            AtomicOp::FetchAdd => {
                let old = word.fetch_add(a as u32, Ordering::SeqCst) as i32;
                if old.checked_add(a).is_none() {
                    self.violated(Violation::Fault(crate::program::value::Fault::Overflow), old);
                }
                (old, old.wrapping_add(a))
            }
            AtomicOp::CompareAndSwap => {
                let done =
                    word.compare_exchange(a as u32, b as u32, Ordering::SeqCst, Ordering::SeqCst).is_ok();
                if !done {
                    return 0;
                }
                self.written(cell, b);
                return 1;
            }
        };
        self.written(cell, new);
        old
    }

    /// Takes a mutex. Gives 2 if its last holder died with it.
    fn lock(&mut self, id: MutexId) -> i32 {
        let mutex = self.board.mutex(id);
        let took = match mutex.try_lock() {
            Some(took) => Some(took),
            None => {
                self.blocked(Doing::Blocked(Object::Mutex(id)), mutex.address());
                let took = mutex.lock();
                self.unblocked();
                took
            }
        };
        self.locked(id, took);
        if took == Some(Took::FromDead) { 2 } else { 1 }
    }

    /// Waits for a mutex for a time of the run; at the highest speed, for a real time. Whether it was taken.
    fn lock_for(&mut self, id: MutexId, millis: i32) -> Step<bool> {
        let end = self.control.run_time() + Duration::from_millis(millis.max(0) as u64);
        let mutex = self.board.mutex(id);
        if self.gated && self.how == GIVE_UP {
            return Ok(false);
        }
        let mut took = mutex.try_lock();
        if took.is_none() {
            self.blocked(Doing::BlockedFor(Object::Mutex(id)), mutex.address());
            while took.is_none() {
                let left = end.saturating_sub(self.control.run_time());
                took = mutex.lock_until(clock::monotonic() + self.real(left));
                if took.is_none() {
                    self.gate()?;
                    if self.control.run_time() >= end {
                        self.unblocked();
                        return Ok(false);
                    }
                }
            }
            self.unblocked();
        }
        self.locked(id, took);
        Ok(true)
    }

    /// A mutex was taken: it has a holder now.
    fn locked(&mut self, id: MutexId, took: Option<Took>) {
        if took == Some(Took::FromDead) {
            self.await_burial(id);
        }
        self.passed();
        self.board.holder(id).store(u64::from(self.me.0) + 1, Ordering::Release);
    }

    /// The kernel passes a dead holder's mutex on at once; until the supervisor has noticed the death, the dead one still
    /// seems to be inside.
    fn await_burial(&self, id: MutexId) {
        const LOOK_EVERY: Duration = Duration::from_millis(1);
        const MAX_LOOKS: u32 = 1000;
        let Some(holder) = (self.board.holder(id).load(Ordering::Acquire) as u32).checked_sub(1) else {
            return;
        };
        for _ in 0..MAX_LOOKS {
            if Life::of(self.board.slot(ActorId(holder)).life().load(Ordering::Acquire)).is_over() {
                return;
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    fn unlock(&mut self, id: MutexId) -> i32 {
        let holder = self.board.holder(id);
        let mine = holder.load(Ordering::Relaxed) == u64::from(self.me.0) + 1;
        if mine {
            holder.store(0, Ordering::Release);
        }
        if !mine || !self.board.mutex(id).unlock() {
            self.violated(Violation::NotHeld(id), 0);
        }
        1
    }

    /// Shows that the actor is about to wait in the kernel, and where.
    pub(super) fn blocked(&mut self, doing: Doing, address: usize) {
        self.publish();
        self.slot.address().store(address as u64, Ordering::Relaxed);
        self.slot.since().store(clock::ticks(), Ordering::Relaxed);
        self.slot.doing().store(doing.pack(), Ordering::Release);
    }

    pub(super) fn unblocked(&mut self) {
        self.slot.doing().store(Doing::Running.pack(), Ordering::Release);
    }
}
