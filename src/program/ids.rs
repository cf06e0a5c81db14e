//! Typed numbers: an actor's number cannot be taken for a cell's.

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
            pub struct $name(pub u32);

            impl $name {
                /// The number as an index.
                pub fn index(self) -> usize { self.0 as usize }
            }
        )*
    };
}

ids! {
    /// An actor: one process of the run. Actors are numbered over all roles.
    ActorId
    /// A role, in the order of the problem.
    RoleId
    /// One element of a shared variable: one word of memory.
    CellId
    /// One semaphore.
    SemaphoreId
    /// One mutex.
    MutexId
    /// A monitor, a read-write lock or a barrier.
    SyncId
    /// One condition of a monitor.
    ConditionId
    /// One channel.
    ChannelId
    /// An activity, over all roles.
    ActivityId
    /// A text of the program that `print` or `assert` shows.
    TextId
    /// One ground instance of an `always`.
    DemandId
}

/// A local variable or temporary of an actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Register(pub u16);

/// Something that an actor can wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Object {
    /// A semaphore with too small a value.
    Semaphore(SemaphoreId),
    /// A mutex that another holds.
    Mutex(MutexId),
    /// A shared variable that an `await` reads.
    Cell(CellId),
    /// A monitor with somebody inside, a lock that cannot be read, a barrier that lacks somebody.
    Sync(SyncId),
    /// A lock that cannot be written.
    Write(SyncId),
    /// A condition that nobody has signalled.
    Condition(ConditionId),
}

impl Object {
    /// The object as one number, for a word of shared memory: the kind above 28 bits, never 0.
    pub fn pack(self) -> u32 {
        match self {
            Object::Semaphore(id) => 1 << 28 | id.0,
            Object::Mutex(id) => 2 << 28 | id.0,
            Object::Cell(id) => 3 << 28 | id.0,
            Object::Sync(id) => 4 << 28 | id.0,
            Object::Write(id) => 5 << 28 | id.0,
            Object::Condition(id) => 6 << 28 | id.0,
        }
    }

    /// The reverse of [`Object::pack`]; `None` for what it never gives.
    pub fn unpack(word: u32) -> Option<Object> {
        let id = word & 0x0fff_ffff;
        match word >> 28 {
            1 => Some(Object::Semaphore(SemaphoreId(id))),
            2 => Some(Object::Mutex(MutexId(id))),
            3 => Some(Object::Cell(CellId(id))),
            4 => Some(Object::Sync(SyncId(id))),
            5 => Some(Object::Write(SyncId(id))),
            6 => Some(Object::Condition(ConditionId(id))),
            _ => None,
        }
    }
}
