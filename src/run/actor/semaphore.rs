//! An actor's semaphores: named ones of the kernel, and fair ones made of a robust mutex and words of the board.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::{Actor, Step};
use crate::board::{Board, Port, Queued, Speed};
use crate::mechanism::Mechanism;
use crate::os::{self, Semaphore, clock, futex};
use crate::program::{ActorId, Object, Program, SemaphoreId};
use crate::run::launch::is_named;
use crate::run::names::RunId;
use crate::snapshot::Doing;

/// Semaphores that are opened before the run begins; an array larger than this is opened as it is used.
const OPEN_AT_ONCE: u32 = 256;

/// What the actor has of one semaphore.
struct Handle<'m> {
    port: Port<'m>,
    /// None for one without a name, and for one that was not used yet.
    /// Open until the actor's process ends.
    named: Option<&'static Semaphore>,
    /// Whether it has a name.
    is_named: bool,
}

/// The semaphores that an actor can touch.
pub struct Handles<'m> {
    run: RunId,
    handles: Vec<Handle<'m>>,
    /// For each semaphore of the program, which of `handles`; `u32::MAX` for those out of reach.
    which: Vec<u32>,
}

/// Keeps a semaphore open for as long as the process lives: an actor's steps must not ask whether it still is.
fn for_ever(semaphore: Semaphore) -> &'static Semaphore {
    Box::leak(Box::new(semaphore))
}

impl<'m> Handles<'m> {
    /// Opens an actor's semaphores.
    pub fn open(
        board: &Board<'m>,
        program: &Program,
        over: Mechanism,
        run: RunId,
        me: ActorId,
    ) -> os::Result<Handles<'m>> {
        let ports = &program.actors[me.index()].ports;
        let mut which = vec![u32::MAX; program.semaphore_count() as usize];
        let mut handles = Vec::new();
        for (id, slot) in ports.iter() {
            let port = board
                .port(board.slot(me), slot)
                .ok_or_else(|| os::Error::unfit(run.board(), "it has no room for this actor's counts"))?;
            let is_named = is_named(program, over, id);
            let named = match is_named && ports.len() <= OPEN_AT_ONCE {
                true => Some(for_ever(Semaphore::open(&run.semaphore(program, id))?)),
                false => None,
            };
            which[id.index()] = handles.len() as u32;
            handles.push(Handle { port, named, is_named });
        }
        Ok(Handles { run, handles, which })
    }

    /// What the actor has of a semaphore: its count, and the semaphore itself, if that has a name.
    pub fn parts(&mut self, program: &Program, id: SemaphoreId) -> (Port<'m>, Option<&'static Semaphore>) {
        let handle = self.get(program, id);
        (handle.port, handle.named)
    }

    #[inline]
    fn get(&mut self, program: &Program, id: SemaphoreId) -> &Handle<'m> {
        let at = self.which[id.index()] as usize;
        if self.handles[at].named.is_none() && self.handles[at].is_named {
            self.open_late(program, id, at);
        }
        &self.handles[at]
    }

    #[cold]
    fn open_late(&mut self, program: &Program, id: SemaphoreId, at: usize) {
        // The supervisor holds the names for as long as the run lives; if it does not, the run is over.
        match Semaphore::open(&self.run.semaphore(program, id)) {
            Ok(semaphore) => self.handles[at].named = Some(for_ever(semaphore)),
            Err(error) => {
                eprintln!("! {error}");
                std::process::exit(3);
            }
        }
    }
}

impl<'m> Actor<'_, 'm> {
    #[inline]
    pub(super) fn semaphore_wait(&mut self, id: SemaphoreId) -> Step {
        let handle = self.handles.get(self.program, id);
        let port = handle.port;
        match handle.named {
            Some(semaphore) => {
                if !semaphore.try_wait() {
                    self.blocked(Doing::Blocked(Object::Semaphore(id)), semaphore.address());
                    semaphore.wait();
                    // First no longer blocked, then the take: in between nobody takes this actor for a waiter, and
                    // before, the semaphore is out of balance.
                    self.unblocked();
                }
            }
            None => {
                self.fair_wait(id, None)?;
            }
        }
        self.passed();
        port.take();
        Ok(())
    }

    pub(super) fn semaphore_try(&mut self, id: SemaphoreId) -> bool {
        let handle = self.handles.get(self.program, id);
        let port = handle.port;
        let took = match handle.named {
            Some(semaphore) => semaphore.try_wait(),
            None => {
                let fair = self.board.fair(id);
                fair.mutex.lock();
                let value = fair.value.load(Ordering::Relaxed);
                let free = value > 0;
                if free {
                    fair.value.store(value - 1, Ordering::Relaxed);
                }
                fair.mutex.unlock();
                free
            }
        };
        if took {
            self.passed();
            port.take();
        }
        took
    }

    /// Waits for a time of the run; at the highest speed, for a real time.
    pub(super) fn semaphore_wait_for(&mut self, id: SemaphoreId, millis: i32) -> Step<bool> {
        let end = self.control.run_time() + Duration::from_millis(millis.max(0) as u64);
        let handle = self.handles.get(self.program, id);
        let (port, named) = (handle.port, handle.named);
        if self.gated && self.how == GIVE_UP {
            return Ok(false);
        }
        if let Some(semaphore) = named
            && !semaphore.try_wait()
        {
            self.blocked(Doing::BlockedFor(Object::Semaphore(id)), semaphore.address());
            loop {
                let left = end.saturating_sub(self.control.run_time());
                let deadline = clock::monotonic() + self.real(left);
                if semaphore.wait_until(deadline) {
                    break;
                }
                self.gate()?;
                if self.control.run_time() >= end {
                    self.unblocked();
                    return Ok(false);
                }
            }
            self.unblocked();
            self.passed();
            port.take();
            return Ok(true);
        }
        if named.is_none() && !self.fair_wait(id, Some(end))? {
            return Ok(false);
        }
        self.passed();
        port.take();
        Ok(true)
    }

    /// Posts. False if the value is at its maximum already.
    #[inline]
    pub(super) fn semaphore_post(&mut self, id: SemaphoreId) -> bool {
        let handle = self.handles.get(self.program, id);
        let (port, named) = (handle.port, handle.named);
        port.post();
        match named {
            Some(semaphore) => {
                let posted = semaphore.post();
                if !posted {
                    port.unpost();
                }
                posted
            }
            None => {
                fair_post(self.board, id);
                true
            }
        }
    }

    pub(super) fn semaphore_value(&mut self, id: SemaphoreId) -> i32 {
        let value = match self.handles.get(self.program, id).named {
            Some(semaphore) => u64::from(semaphore.value().value),
            None => self.board.fair(id).value.load(Ordering::Acquire),
        };
        value.min(i32::MAX as u64) as i32
    }

    /// Takes one of a fair semaphore, in the order of arrival. False if `end`, a time of the run, came first.
    fn fair_wait(&mut self, id: SemaphoreId, end: Option<Duration>) -> Step<bool> {
        let (fair, wait) = (self.board.fair(id), self.board.queued(self.me));
        fair.mutex.lock();
        let value = fair.value.load(Ordering::Relaxed);
        if value > 0 {
            // Whoever waits was handed one already: a positive value means an empty queue.
            fair.value.store(value - 1, Ordering::Relaxed);
            fair.mutex.unlock();
            return Ok(true);
        }
        let ticket = fair.tickets.load(Ordering::Relaxed) + 1;
        fair.tickets.store(ticket, Ordering::Relaxed);
        wait.ticket.store(ticket, Ordering::Relaxed);
        wait.what.store(id.0, Ordering::Relaxed);
        wait.state.store(WAITS, Ordering::Release);
        let object = Object::Semaphore(id);
        let doing = if end.is_some() { Doing::BlockedFor(object) } else { Doing::Blocked(object) };
        self.blocked(doing, std::ptr::from_ref(wait.state) as usize);
        fair.mutex.unlock();
        if self.gated {
            // Going on, once one was handed to it, is a step of its own.
            self.await_grant();
            if self.how == GIVE_UP
                && wait.state.compare_exchange(WAITS, IDLE, Ordering::AcqRel, Ordering::Acquire).is_ok()
            {
                self.unblocked();
                return Ok(false);
            }
        }
        let handed = self.fair_sleep(wait, end)?;
        wait.state.store(IDLE, Ordering::Release);
        self.unblocked();
        Ok(handed)
    }

    fn fair_sleep(&mut self, wait: Queued<'m>, end: Option<Duration>) -> Step<bool> {
        while wait.state.load(Ordering::Acquire) == WAITS {
            let left = end.map(|end| end.saturating_sub(self.control.run_time()));
            if left == Some(Duration::ZERO) {
                self.gate()?;
                if self.speed != Speed::MAX && self.control.run_time() < end.unwrap_or_default() {
                    continue;
                }
                // Either it leaves the queue, or it was handed one just now.
                let left_queue =
                    wait.state.compare_exchange(WAITS, IDLE, Ordering::AcqRel, Ordering::Acquire);
                return Ok(left_queue.is_err());
            }
            futex::wait(wait.state, WAITS, left.map(|left| self.real(left)));
        }
        Ok(true)
    }
}

/// How a timed wait shall end, as a grant: without a take. 0 is with one.
pub const GIVE_UP: u32 = 1;

/// States of a [`FairWait`].
pub(super) const IDLE: u32 = 0;
pub(super) const WAITS: u32 = 1;
const HANDED: u32 = 2;

/// Hands one to whoever has waited longest, or adds it to the value. Every word of the queue is written by itself, so a
/// process that is killed in the middle leaves nothing to repair: it has posted, or it has not.
pub fn fair_post(board: &Board<'_>, id: SemaphoreId) {
    board.fair(id).mutex.lock();
    hand_over(board, id);
}

/// As [`fair_post`], unless somebody else is at the semaphore: a supervisor waits for nobody. Whether it was done.
pub fn fair_post_now(board: &Board<'_>, id: SemaphoreId) -> bool {
    let free = board.fair(id).mutex.try_lock().is_some();
    if free {
        hand_over(board, id);
    }
    free
}

/// Posts, with the semaphore's mutex held, and gives that back.
fn hand_over(board: &Board<'_>, id: SemaphoreId) {
    let fair = board.fair(id);
    let waiting = |wait: &Queued<'_>| {
        wait.state.load(Ordering::Acquire) == WAITS && wait.what.load(Ordering::Relaxed) == id.0
    };
    let handed = loop {
        let longest = (0..board.layout.actors)
            .map(|actor| board.queued(ActorId(actor as u32)))
            .filter(waiting)
            .min_by_key(|wait| wait.ticket.load(Ordering::Relaxed));
        match longest {
            None => break false,
            Some(wait) => {
                if wait.state.compare_exchange(WAITS, HANDED, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
                    wake(wait.state);
                    break true;
                }
            }
        }
    };
    if !handed {
        fair.value.fetch_add(1, Ordering::AcqRel);
    }
    fair.mutex.unlock();
}

fn wake(state: &AtomicU32) {
    futex::wake_all(state);
}

/// Takes a dead actor out of the queue. Gives the semaphore that it was handed and did not take, which must be posted
/// again. It may have died between handing over and waking: everybody looks again.
pub fn fair_bury(board: &Board<'_>, actor: ActorId) -> Option<SemaphoreId> {
    if board.layout.queue_len == 0 {
        return None;
    }
    for other in 0..board.layout.actors {
        futex::wake_all(board.queued(ActorId(other as u32)).state);
    }
    let wait = board.queued(actor);
    let semaphore = SemaphoreId(wait.what.load(Ordering::Relaxed));
    (wait.state.swap(IDLE, Ordering::AcqRel) == HANDED).then_some(semaphore)
}
