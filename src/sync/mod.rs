//! Monitors, recursive and fair mutexes, read-write locks and barriers: what each holds, and what each operation makes of it. Checker and processes
//! use the same functions: the one on a state of its model, the others on words of the board, behind a robust mutex.
//!
//! Process-shared condition variables and read-write locks of pthreads hang for ever once a participant is killed. These
//! hold names instead of counts, so a dead one can be taken out: see [`without`].

mod barrier;
mod monitor;
mod mutex;
mod rwlock;

use serde::{Deserialize, Serialize};

use crate::program::{ActorId, ConditionId, Object, Program, SyncKind, SyncOp};

/// What one of them holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Held {
    /// Who is inside, by number, and how often: in a monitor, with a lock, or let through a barrier and not yet gone.
    pub inside: Vec<(ActorId, u32)>,
    /// Whether the one inside a lock writes.
    pub writing: bool,
    /// Who stands in line, and for what: the number of a condition, [`READ`] or [`WRITE`]. In the order of arrival where
    /// that matters, by number otherwise, so that equal situations are equal.
    pub line: Vec<(ActorId, u32)>,
    /// Who has signalled in a monitor of Hoare's and waits to go on, the latest last.
    pub urgent: Vec<ActorId>,
}

/// In line to read.
pub const READ: u32 = 0;
/// In line to write.
pub const WRITE: u32 = 1;

/// What an operation comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It is done and gives a value.
    Gives(i32, Held),
    /// The actor stands in line now; it comes again, as one who is queued.
    Queues(Held),
    /// It cannot go on now.
    Blocked,
    /// The actor gives back what it does not hold.
    NotHeld,
}

impl Held {
    /// Whether an actor is inside.
    pub fn has(&self, actor: ActorId) -> bool {
        self.inside.iter().any(|(who, _)| *who == actor)
    }

    /// Whether an actor stands in line.
    pub fn waits(&self, actor: ActorId) -> bool {
        self.line.iter().any(|(who, _)| *who == actor)
    }

    /// How many stand in line for a condition of this number, to read, or to write.
    pub fn count(&self, what: u32) -> usize {
        self.line.iter().filter(|(_, for_what)| *for_what == what).count()
    }

    fn enter(&mut self, actor: ActorId) {
        match self.inside.binary_search_by_key(&actor, |(who, _)| *who) {
            Ok(at) => self.inside[at].1 += 1,
            Err(at) => self.inside.insert(at, (actor, 1)),
        }
    }

    fn leave_line(&mut self, actor: ActorId) {
        self.line.retain(|(who, _)| *who != actor);
    }
}

/// What an actor's operation comes to. `condition` is the number of a condition within its monitor, for the operations on
/// one; `queued` says that the actor stood in line before.
pub fn apply(kind: SyncKind, held: &Held, op: SyncOp, condition: u32, me: ActorId, queued: bool) -> Effect {
    match (kind, op) {
        (SyncKind::Mutex { recursive, fair }, op) => mutex::apply(recursive, fair, held, op, me, queued),
        (SyncKind::Monitor { hoare, .. }, op) => monitor::apply(hoare, held, op, condition, me, queued),
        (SyncKind::RwLock(preference), op) => rwlock::apply(preference, held, op, me, queued),
        (SyncKind::Barrier { parties }, _) => barrier::apply(parties, held, me, queued),
    }
}

/// What is left once an actor has given a lock back that it took, once.
fn give_back(held: &Held, me: ActorId) -> Effect {
    let mut to = held.clone();
    let Some(at) = to.inside.iter().position(|(who, _)| *who == me) else { return Effect::NotHeld };
    to.inside[at].1 -= 1;
    if to.inside[at].1 == 0 {
        to.inside.remove(at);
        to.writing = false;
    }
    Effect::Gives(1, to)
}

/// What is left without an actor that has ended: whatever it was inside goes to whoever comes next, as with a robust mutex.
pub fn without(kind: SyncKind, held: &Held, actor: ActorId) -> Held {
    let mut left = held.clone();
    left.leave_line(actor);
    left.urgent.retain(|who| *who != actor);
    if !left.has(actor) {
        return left;
    }
    left.inside.retain(|(who, _)| *who != actor);
    left.writing &= !left.inside.is_empty();
    if let SyncKind::Monitor { hoare: true, .. } = kind {
        monitor::hand_back(&mut left);
    }
    left
}

/// Whether somebody who has yet to ask might be let in now, as far as can be told without knowing who asks. Never false if
/// somebody could; nobody comes to a barrier that lets it through alone.
pub fn open(kind: SyncKind, held: &Held, object: Object, is_over: &dyn Fn(ActorId) -> bool) -> bool {
    let occupied = held.inside.iter().any(|(who, _)| !is_over(*who));
    match (kind, object) {
        (SyncKind::RwLock(_), Object::Sync(_)) => !(held.writing && occupied),
        (SyncKind::Barrier { .. }, _) => false,
        _ => !occupied,
    }
}

/// Who keeps those waiting who want this object.
pub fn keepers(kind: SyncKind, held: &Held, object: Object) -> Vec<ActorId> {
    let inside = || held.inside.iter().map(|(who, _)| *who).collect();
    match (kind, object) {
        (SyncKind::Barrier { .. }, _) => Vec::new(),
        // Readers keep a reader waiting only through a writer that comes first.
        (SyncKind::RwLock(_), Object::Sync(_)) if !held.writing => {
            held.line.iter().filter(|(_, what)| *what == WRITE).map(|(who, _)| *who).collect()
        }
        (_, Object::Condition(_)) => Vec::new(),
        _ => inside(),
    }
}

/// What an actor that is at such an operation waits for. One who was signalled waits for its monitor.
pub fn wants(program: &Program, held: &Held, op: SyncOp, number: u32, me: ActorId) -> Object {
    let sync = program.sync_of(op, number);
    match op {
        SyncOp::Write => Object::Write(sync),
        SyncOp::Await if held.waits(me) => Object::Condition(ConditionId(number)),
        _ => Object::Sync(sync),
    }
}

/// Whether an actor that waits for this object could go on now. `entering` says that it has yet to enter the monitor, and
/// does not come back to it.
pub fn may_go_on(kind: SyncKind, held: &Held, object: Object, entering: bool, me: ActorId) -> bool {
    let queued = held.waits(me);
    let effect = match (kind, object) {
        (SyncKind::RwLock(_), Object::Write(_)) => apply(kind, held, SyncOp::Write, 0, me, queued),
        (SyncKind::RwLock(_), _) => apply(kind, held, SyncOp::Read, 0, me, queued),
        (SyncKind::Barrier { .. }, _) => apply(kind, held, SyncOp::Arrive, 0, me, true),
        (SyncKind::Mutex { .. }, _) => apply(kind, held, SyncOp::Lock, 0, me, queued),
        (SyncKind::Monitor { .. }, _) if entering => apply(kind, held, SyncOp::Enter, 0, me, false),
        (SyncKind::Monitor { .. }, _) => apply(kind, held, SyncOp::Await, 0, me, true),
    };
    effect != Effect::Blocked
}
