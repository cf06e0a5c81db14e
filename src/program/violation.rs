//! What can be violated: what an actor sees at the instant at which it breaks a rule.

use serde::{Deserialize, Serialize};

use super::ids::{CellId, DemandId, MutexId, SemaphoreId, SyncId, TextId};
use super::value::Fault;

/// A broken rule. The value that broke it is kept beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Violation {
    /// An `always` is false.
    Demand(DemandId),
    /// A shared variable left its declared range; the value is what was written.
    Range(CellId),
    /// An `assert` is false.
    Assertion(TextId),
    /// Arithmetic or an index failed: the actor cannot go on.
    Fault(Fault),
    /// A mutex was unlocked by one who does not hold it.
    NotHeld(MutexId),
    /// A read-write lock was unlocked by one who does not hold it.
    NotLocked(SyncId),
    /// A semaphore was signalled beyond its largest value.
    Overflow(SemaphoreId),
    /// An item was used up twice; the value is the item.
    Doubled,
    /// Something was used up that nobody made; the value is what was taken for an item.
    NeverMade,
    /// More items are out than there are places to keep them; the value is how many.
    Lost,
}

impl Violation {
    /// As one word, never 0.
    pub fn pack(self) -> u64 {
        let (kind, id) = match self {
            Violation::Demand(id) => (1, id.0),
            Violation::Range(id) => (2, id.0),
            Violation::Assertion(id) => (3, id.0),
            Violation::Fault(fault) => (4, fault as u32),
            Violation::NotHeld(id) => (5, id.0),
            Violation::Overflow(id) => (6, id.0),
            Violation::Doubled => (7, 0),
            Violation::NeverMade => (8, 0),
            Violation::Lost => (9, 0),
            Violation::NotLocked(id) => (10, id.0),
        };
        (kind as u64) << 32 | u64::from(id)
    }

    /// The reverse of [`Violation::pack`].
    pub fn unpack(word: u64) -> Option<Violation> {
        const FAULTS: [Fault; 5] =
            [Fault::Overflow, Fault::DivisionByZero, Fault::Index, Fault::Assertion, Fault::EmptyChoice];
        let id = word as u32;
        Some(match word >> 32 {
            1 => Violation::Demand(DemandId(id)),
            2 => Violation::Range(CellId(id)),
            3 => Violation::Assertion(TextId(id)),
            4 => Violation::Fault(FAULTS.into_iter().find(|f| *f as u32 == id)?),
            5 => Violation::NotHeld(MutexId(id)),
            6 => Violation::Overflow(SemaphoreId(id)),
            7 => Violation::Doubled,
            8 => Violation::NeverMade,
            9 => Violation::Lost,
            10 => Violation::NotLocked(SyncId(id)),
            _ => return None,
        })
    }
}
