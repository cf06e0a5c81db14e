//! Monitors, read-write locks and barriers, done for real: what each holds lies on the board behind a robust mutex, and
//! whoever cannot go on sleeps on a word of its own until somebody's change lets it look again.

use std::sync::atomic::Ordering;

use super::semaphore::{IDLE, WAITS};
use super::{Actor, Step};
use crate::board::Board;
use crate::os::{clock, futex};
use crate::program::{ActorId, MutexId, Object, Program, SemaphoreId, SyncId, SyncKind, SyncOp, Violation};
use crate::snapshot::Doing;
use crate::sync::{self, Effect, Held};

/// Marks a place in line as one for a monitor, a lock or a barrier.
const SYNC: u32 = 1 << 31;
/// Says that the actor stands in the line itself, and not before the door.
const QUEUED: u32 = 1 << 30;
/// Where the operation begins; below it is the number of the object or the condition.
const OP: u32 = 26;

/// What an actor waits to do.
#[derive(Clone, Copy)]
struct Want {
    op: SyncOp,
    number: u32,
    queued: bool,
}

impl Want {
    fn pack(self) -> u32 {
        let op = SyncOp::ALL.iter().position(|op| *op == self.op).unwrap_or(0) as u32;
        SYNC | if self.queued { QUEUED } else { 0 } | op << OP | self.number
    }

    fn unpack(word: u32) -> Option<Want> {
        let op = *SyncOp::ALL.get((word >> OP & 0xf) as usize)?;
        let number = word & ((1 << OP) - 1);
        (word & SYNC != 0).then_some(Want { op, number, queued: word & QUEUED != 0 })
    }
}

impl Actor<'_, '_> {
    /// Does an operation on a monitor, a lock or a barrier, waiting for as long as it takes.
    pub(super) fn synchronize(&mut self, op: SyncOp, number: u32) -> Step<i32> {
        let id = self.program.sync_of(op, number);
        let (kind, condition) = (self.program.sync(id).kind, self.program.condition_within(op, number));
        let (cell, place) = (self.board.sync(id), self.board.queued(self.me));
        let mut want = Want { op, number, queued: false };
        let mut waited = false;
        loop {
            cell.mutex.lock();
            place.state.store(IDLE, Ordering::Relaxed);
            let held = cell.load();
            match sync::apply(kind, &held, op, condition, self.me, want.queued) {
                Effect::Gives(result, to) => {
                    if waited {
                        self.unblocked();
                    }
                    // Who looks in between must take it neither for one who still wants in, nor, when it has let others
                    // go on, for one who no longer will.
                    if comes_in(op) {
                        self.passed();
                    }
                    cell.store(&to);
                    if !comes_in(op) {
                        self.passed();
                    }
                    wake(self.board, self.program, id, &to);
                    cell.mutex.unlock();
                    return Ok(result);
                }
                Effect::NotHeld => {
                    cell.mutex.unlock();
                    self.violated(Violation::NotLocked(id), 0);
                    return Ok(1);
                }
                Effect::Queues(to) => {
                    cell.store(&to);
                    want.queued = true;
                    self.line_up(want, &to, waited);
                    wake(self.board, self.program, id, &to);
                    cell.mutex.unlock();
                    if self.gated {
                        // Going on is a step of its own.
                        self.await_grant();
                        if self.gated {
                            waited = true;
                            continue;
                        }
                    }
                }
                Effect::Blocked => {
                    self.line_up(want, &held, waited);
                    cell.mutex.unlock();
                }
            }
            waited = true;
            while place.state.load(Ordering::Acquire) == WAITS {
                futex::wait(place.state, WAITS, None);
            }
        }
    }

    /// Shows, to those who may wake it and to those who look, what it waits for. `again`: it waited before, in the same
    /// operation, and has been overtaken.
    fn line_up(&mut self, want: Want, held: &Held, again: bool) {
        let place = self.board.queued(self.me);
        place.what.store(want.pack(), Ordering::Relaxed);
        if !again {
            place.ticket.store(clock::ticks(), Ordering::Relaxed);
        }
        place.state.store(WAITS, Ordering::Release);
        let object = sync::wants(self.program, held, want.op, want.number, self.me);
        self.blocked(Doing::Blocked(object), std::ptr::from_ref(place.state) as usize);
    }

    /// Gives back, at its end, whatever the actor holds or is still inside of. The kernel would pass a mutex on only if
    /// the board were still mapped when the process ends.
    pub(super) fn leave_all(&self) {
        for id in (0..self.program.mutex_count()).map(MutexId) {
            let holder = self.board.holder(id);
            if holder.load(Ordering::Relaxed) == u64::from(self.me.0) + 1 {
                holder.store(0, Ordering::Release);
                self.board.mutex(id).unlock();
            }
        }
        for id in (0..self.program.sync_count()).map(SyncId) {
            let cell = self.board.sync(id);
            if cell.load().has(self.me) {
                cell.mutex.lock();
                take_out(self.board, self.program, id, self.me);
            }
        }
    }
}

/// Whether an operation ends with the actor inside, or with nothing that could let another go on.
fn comes_in(op: SyncOp) -> bool {
    use SyncOp::*;
    matches!(op, Enter | Await | Read | Write | Lock | TryLock)
}

/// Wakes those who can go on now: of those who want into a monitor, or a mutex, the one who has waited longest, of others all. With
/// the mutex held.
fn wake(board: &Board<'_>, program: &Program, id: SyncId, held: &Held) {
    let kind = program.sync(id).kind;
    let mut able: Vec<(u64, ActorId)> = Vec::new();
    for actor in (0..board.layout.actors as u32).map(ActorId) {
        let place = board.queued(actor);
        if !place.is_waiting() {
            continue;
        }
        let Some(want) = Want::unpack(place.what.load(Ordering::Relaxed)) else { continue };
        let condition = program.condition_within(want.op, want.number);
        if program.sync_of(want.op, want.number) == id
            && sync::apply(kind, held, want.op, condition, actor, want.queued) != Effect::Blocked
        {
            able.push((place.ticket.load(Ordering::Relaxed), actor));
        }
    }
    if let SyncKind::Monitor { .. } | SyncKind::Mutex { .. } = kind {
        able.sort_unstable();
        able.truncate(1);
    }
    for (_, actor) in able {
        let place = board.queued(actor);
        place.state.store(IDLE, Ordering::Release);
        futex::wake_all(place.state);
    }
}

/// Takes an actor that has ended out of an object, and wakes all who wait there: it may have died before it woke them.
/// With the mutex held, which is given back.
fn take_out(board: &Board<'_>, program: &Program, id: SyncId, actor: ActorId) {
    let cell = board.sync(id);
    cell.store(&sync::without(program.sync(id).kind, &cell.load(), actor));
    for other in (0..board.layout.actors as u32).map(ActorId) {
        let place = board.queued(other);
        let want = Want::unpack(place.what.load(Ordering::Relaxed));
        let here = want.is_some_and(|want| program.sync_of(want.op, want.number) == id);
        if here && place.is_waiting() {
            place.state.store(IDLE, Ordering::Release);
            futex::wake_all(place.state);
        }
    }
    cell.mutex.unlock();
}

/// The object that an actor stands in line for, by the word on its place: a fair semaphore, or a monitor, a lock, a
/// barrier. None for a word that no actor of this program writes.
pub fn queued_for(program: &Program, what: u32) -> Option<Object> {
    let Some(want) = Want::unpack(what) else {
        return (what < program.semaphore_count()).then_some(Object::Semaphore(SemaphoreId(what)));
    };
    let count = if want.op.on_condition() { program.condition_count() } else { program.sync_count() };
    (want.number < count).then(|| Object::Sync(program.sync_of(want.op, want.number)))
}

/// Takes a dead actor out of a monitor, a lock or a barrier, unless somebody else is at it just now: a supervisor waits for
/// nobody. Whether it was done.
pub fn sync_bury_now(board: &Board<'_>, program: &Program, id: SyncId, actor: ActorId) -> bool {
    let free = board.sync(id).mutex.try_lock().is_some();
    if free {
        take_out(board, program, id, actor);
    }
    free
}
