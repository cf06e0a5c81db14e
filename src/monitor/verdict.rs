//! What is wrong with a run: who, what, where, since when, how sure.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Death;
use crate::program::{ActorId, Object, Program, SemaphoreId};
use crate::snapshot::{Breach, Snapshot};

/// What kind of fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Some actors can never take another step.
    Deadlock(Cause),
    /// A rule was broken.
    Violation(Breach),
    /// An actor waits while others pass it.
    Starvation {
        /// For how long.
        waited: Duration,
        /// How often others came first.
        overtaken: u64,
        /// The claim that stays open.
        label: String,
    },
    /// Actors take steps and nobody gets anywhere.
    Livelock {
        /// For how long.
        lasted: Duration,
        /// Steps taken meanwhile.
        steps: u64,
    },
    /// An actor's process ended without having said why.
    Died {
        /// The signal that killed it, if one did.
        signal: Option<i32>,
    },
    /// Somebody outside the run changed these semaphores; nothing can be proved on them.
    Outside(Vec<SemaphoreId>),
}

/// Why a deadlock is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cause {
    /// They hold what the others wait for, in a circle.
    CircularWait,
    /// Nobody holds what they wait for, and nobody is left who could signal it.
    LostWakeup,
    /// They wait for messages, or for room for one, and nobody is left who would send or receive (K. M. Chandy, J. Misra,
    /// L. M. Haas, Distributed Deadlock Detection, TOCS 1983: the communication model).
    Communication,
    /// Somebody holds it who will never give it back.
    Kept,
    /// A dead actor held it.
    Orphaned,
    /// They spin in `await`, and nobody can make it true.
    Spinning,
    /// They wait at a barrier for more than can still come.
    Barrier,
}

/// How sure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Certainty {
    /// It is so.
    Proved,
    /// It looks so; a longer run might tell otherwise.
    Suspected,
}

/// One actor that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// Who.
    pub actor: ActorId,
    /// Its process.
    pub pid: u32,
    /// On which line.
    pub line: u32,
    /// For what: one object, or the variables of an `await`.
    pub objects: Vec<Object>,
    /// Who holds it; empty if nobody does.
    pub held_by: Vec<ActorId>,
    /// Who could have released it and is itself stuck or dead.
    pub released_by: Vec<ActorId>,
}

/// A fault that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// What.
    pub kind: Kind,
    /// How sure.
    pub certainty: Certainty,
    /// Who is concerned.
    pub actors: Vec<ActorId>,
    /// The line of the program, where there is one; 0 otherwise.
    pub line: u32,
    /// For a deadlock: who waits for what. Those of the circle first, in its order.
    pub waits: Vec<Wait>,
    /// For a circular wait: how many of `waits` make the circle.
    pub circle: usize,
    /// Whether nobody at all can go on.
    pub total: bool,
    /// When it came about, since the run began.
    pub since: Duration,
    /// When it was found.
    pub found: Duration,
    /// For a deadlock: how many waiting processes the kernel showed asleep, and of how many it was asked.
    pub asleep: Option<(usize, usize)>,
}

impl Verdict {
    /// A verdict with nothing but its kind, about one moment.
    pub(super) fn new(kind: Kind, certainty: Certainty, snapshot: &Snapshot) -> Verdict {
        Verdict {
            kind,
            certainty,
            actors: Vec::new(),
            line: 0,
            waits: Vec::new(),
            circle: 0,
            total: false,
            since: snapshot.elapsed,
            found: snapshot.elapsed,
            asleep: None,
        }
    }

    /// The word for the kind.
    pub fn kind_name(&self) -> &'static str {
        match self.kind {
            Kind::Deadlock(_) => "deadlock",
            Kind::Violation(_) => "violation",
            Kind::Starvation { .. } => "starvation",
            Kind::Livelock { .. } => "livelock",
            Kind::Died { .. } => "died",
            Kind::Outside(_) => "outside",
        }
    }

    /// The words for the cause of a deadlock.
    pub fn cause_name(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Deadlock(cause) => Some(cause.name()),
            _ => None,
        }
    }

    /// When that came to be which is wrong: what happened later has nothing to do with it.
    pub fn moment(&self) -> Duration {
        match self.kind {
            Kind::Deadlock(_) | Kind::Violation(_) => self.since,
            _ => self.found,
        }
    }

    /// Whether it is a fault of the program, and not only an event.
    pub fn is_fault(&self) -> bool {
        !matches!(self.kind, Kind::Died { .. } | Kind::Outside(_))
    }
}

impl Cause {
    /// The words for it.
    pub fn name(self) -> &'static str {
        match self {
            Cause::CircularWait => "circular wait",
            Cause::LostWakeup => "lost wakeup",
            Cause::Communication => "communication",
            Cause::Kept => "held for ever",
            Cause::Orphaned => "orphaned",
            Cause::Spinning => "spinning",
            Cause::Barrier => "too few at the barrier",
        }
    }
}

impl Certainty {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Certainty::Proved => "proved",
            Certainty::Suspected => "suspected",
        }
    }
}

/// An actor has died.
pub(super) fn died(program: &Program, snapshot: &Snapshot, death: &Death) -> Verdict {
    let view = &snapshot.actors[death.actor.index()];
    let code = &program.actors[death.actor.index()].code;
    Verdict {
        actors: vec![death.actor],
        line: code.line(view.position),
        ..Verdict::new(Kind::Died { signal: death.signal }, Certainty::Proved, snapshot)
    }
}
