//! What a check found.

use std::time::Duration;

use super::engine::Options;
use super::fair::Fairness;
use super::model::Memory;
use super::search::Stop;
use super::walk::{Walk, WalkStep};
use crate::program::{ActorId, Expected, Program, Violation};
use crate::snapshot::Snapshot;

/// Moves one after the other: who, and which of its moves there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moves(pub Vec<(ActorId, u32)>);

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// These actors can never move again.
    Deadlock(Vec<ActorId>),
    /// A rule is broken.
    Violation(Violation),
    /// A claim of an actor stays open for ever, though others get somewhere.
    Starvation {
        /// The claim, by number.
        claim: usize,
        /// Whose.
        actor: ActorId,
    },
    /// Actors move for ever and nobody gets anywhere.
    Livelock,
    /// What must be possible never happens.
    Serial(String),
}

/// A fault, with the way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What.
    pub kind: FaultKind,
    /// The strongest fairness under which it still occurs; none where fairness plays no part.
    pub fairness: Option<Fairness>,
    /// The moves that lead there, and round the cycle, if there is one.
    pub moves: Moves,
    /// Where in `moves` the cycle begins.
    pub cycle: Option<usize>,
    /// Whether no shorter way is there.
    pub shortest: bool,
}

impl Fault {
    /// A fault that needs no fairness.
    pub fn new(kind: FaultKind, moves: Moves) -> Fault {
        let shortest = matches!(kind, FaultKind::Deadlock(_) | FaultKind::Violation(_));
        Fault { kind, fairness: None, moves, cycle: None, shortest }
    }

    /// The verdict that it is a case of.
    pub fn verdict(&self) -> Expected {
        match self.kind {
            FaultKind::Deadlock(_) => Expected::Deadlock,
            FaultKind::Violation(_) => Expected::Violation,
            FaultKind::Starvation { .. } => Expected::Starvation,
            FaultKind::Livelock => Expected::Livelock,
            FaultKind::Serial(_) => Expected::Serial,
        }
    }

    /// Whether it occurs under this fairness.
    pub fn occurs_under(&self, fairness: Fairness) -> bool {
        self.fairness.is_none_or(|strongest| fairness <= strongest)
    }

    /// The steps, and a picture before the first and after each.
    pub fn walk(&self, program: &Program, memory: Memory) -> (Vec<WalkStep>, Vec<Snapshot>) {
        Walk::of(program, memory, &self.moves.0)
    }
}

/// What a check found.
#[derive(Clone, Debug)]
pub struct Report {
    /// How it was checked.
    pub memory: Memory,
    /// Threads used.
    pub threads: usize,
    /// Why the search ended.
    pub stop: Stop,
    /// States seen.
    pub states: u64,
    /// Transitions followed.
    pub transitions: u64,
    /// Steps to the farthest state.
    pub depth: u32,
    /// Whether progress and livelock were asked for.
    pub progress: bool,
    /// Time that the search for states took.
    pub searched: Duration,
    /// Whether orders of independent operations were left out.
    pub partial_order: bool,
    /// Actors that were exchanged for one another: one of them and how many there are.
    pub symmetry: Vec<(ActorId, usize)>,
    /// Bytes of memory for the states.
    pub bytes: usize,
    /// Time that it took.
    pub elapsed: Duration,
    /// What is wrong, the shortest of each kind.
    pub faults: Vec<Fault>,
    /// Properties that nothing exercised.
    pub vacuous: Vec<String>,
    /// Why partial deadlock, progress and livelock were not looked at.
    pub unasked: Option<String>,
    /// What takes too many values.
    pub unbounded: Option<String>,
}

impl Report {
    /// Of a search that ended so.
    pub(super) fn new(options: &Options, stop: Stop) -> Report {
        Report {
            memory: options.memory,
            threads: options.threads,
            stop,
            states: 0,
            transitions: 0,
            depth: 0,
            progress: options.progress,
            searched: Duration::ZERO,
            partial_order: false,
            symmetry: Vec::new(),
            bytes: 0,
            elapsed: Duration::ZERO,
            faults: Vec::new(),
            vacuous: Vec::new(),
            unasked: None,
            unbounded: None,
        }
    }

    /// Whether everything was seen and asked.
    pub fn is_complete(&self) -> bool {
        self.stop == Stop::Complete && self.unasked.is_none()
    }

    /// The faults under a fairness.
    pub fn faults_under(&self, fairness: Fairness) -> impl Iterator<Item = &Fault> {
        self.faults.iter().filter(move |fault| fault.occurs_under(fairness))
    }

    /// Whether the program holds under a fairness: everything was seen, and nothing was wrong.
    pub fn holds(&self, fairness: Fairness) -> bool {
        self.is_complete() && self.faults_under(fairness).next().is_none()
    }
}
