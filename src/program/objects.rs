//! The objects that a program declares, and their names.

use super::Program;
use super::ids::{CellId, ChannelId, ConditionId, MutexId, Object, SemaphoreId, SyncId};
use super::instruction::Ends;

/// A shared variable: a scalar or an array of cells.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Variable {
    pub name: String,
    pub base: CellId,
    /// The number of elements; none for a scalar.
    pub size: Option<u32>,
    pub init: i32,
    /// The values it may take; leaving them is a violation.
    pub range: Option<(i32, i32)>,
    /// Whether items are kept in it.
    pub holds_items: bool,
}

/// A semaphore or an array of them.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct SemaphoreArray {
    pub name: String,
    pub base: SemaphoreId,
    pub size: Option<u32>,
    pub init: u32,
    /// Whether it hands over in the order of arrival.
    pub fair: bool,
    /// Whether it counts for a channel, and what.
    pub end: Option<End>,
}

/// What a semaphore counts for a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Messages that still fit in.
    Room,
    /// Messages that are in.
    Messages,
}

/// A mutex or an array of them.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct MutexArray {
    pub name: String,
    pub base: MutexId,
    pub size: Option<u32>,
}

/// Recursive or fair mutexes, monitors, read-write locks or barriers of one declaration.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct SyncArray {
    pub name: String,
    pub base: SyncId,
    pub size: Option<u32>,
    pub kind: SyncKind,
}

/// What it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SyncKind {
    /// A mutex that is more than a plain one.
    Mutex {
        /// Whether its holder may lock it again.
        recursive: bool,
        /// Whether it is handed over in the order of arrival.
        fair: bool,
    },
    /// A monitor, of Hoare's kind or of Mesa's.
    Monitor {
        /// Whether who is signalled goes on at once.
        hoare: bool,
        /// The first of its conditions.
        conditions: ConditionId,
    },
    /// Many readers or one writer.
    RwLock(Preference),
    /// A barrier for so many.
    Barrier {
        /// How many it waits for.
        parties: u32,
    },
}

impl SyncKind {
    /// The word for it.
    pub fn noun(self) -> &'static str {
        match self {
            SyncKind::Mutex { recursive: true, fair: true } => "recursive fair mutex",
            SyncKind::Mutex { recursive: true, .. } => "recursive mutex",
            SyncKind::Mutex { .. } => "fair mutex",
            SyncKind::Monitor { .. } => "monitor",
            SyncKind::RwLock(_) => "rwlock",
            SyncKind::Barrier { .. } => "barrier",
        }
    }
}

/// Whom a read-write lock lets in first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Preference {
    /// Readers come in beside readers, whoever waits: writers may starve.
    Readers,
    /// No reader comes in while a writer waits: readers may starve.
    Writers,
    /// In the order of arrival.
    Fair,
}

/// Operations on recursive and fair mutexes, monitors, read-write locks and barriers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SyncOp {
    /// Enters a monitor.
    Enter,
    /// Leaves a monitor.
    Leave,
    /// Waits on a condition: leaves the monitor, and comes back once it is signalled.
    Await,
    /// Wakes the one who has waited longest on a condition, if there is one.
    Signal,
    /// Wakes all who wait on a condition.
    Broadcast,
    /// Takes a lock to read.
    Read,
    /// Takes a lock to write.
    Write,
    /// Takes a mutex.
    Lock,
    /// Takes a mutex if it can be had at once; gives whether it did.
    TryLock,
    /// Gives a mutex or a lock back.
    Unlock,
    /// Waits at a barrier for the others.
    Arrive,
}

impl SyncOp {
    /// All of them.
    pub const ALL: [SyncOp; 11] = [
        SyncOp::Enter,
        SyncOp::Leave,
        SyncOp::Await,
        SyncOp::Signal,
        SyncOp::Broadcast,
        SyncOp::Read,
        SyncOp::Write,
        SyncOp::Lock,
        SyncOp::TryLock,
        SyncOp::Unlock,
        SyncOp::Arrive,
    ];

    /// The word for it in programs, where there is one, and in what is shown.
    pub fn name(self) -> &'static str {
        match self {
            SyncOp::Enter => "enter",
            SyncOp::Leave => "leave",
            SyncOp::Await => "wait",
            SyncOp::Signal => "signal",
            SyncOp::Broadcast => "broadcast",
            SyncOp::Read => "lock_read",
            SyncOp::Write => "lock_write",
            SyncOp::Lock => "lock",
            SyncOp::TryLock => "try_lock",
            SyncOp::Unlock => "unlock",
            SyncOp::Arrive => "arrive",
        }
    }

    /// Whether it is about a condition.
    pub fn on_condition(self) -> bool {
        matches!(self, SyncOp::Await | SyncOp::Signal | SyncOp::Broadcast)
    }
}

/// A monitor's condition, or an array of them.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Conditions {
    pub name: String,
    pub base: ConditionId,
    pub size: Option<u32>,
    pub monitor: SyncId,
}

/// Values of one message at most.
pub const MAX_VALUES: usize = 4;

/// A channel or an array of them.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Channel {
    pub name: String,
    pub base: ChannelId,
    pub size: Option<u32>,
    /// How many messages it holds.
    pub capacity: u32,
    /// How many values make a message; 0 while nobody has said so.
    pub values: u8,
    /// Whether items travel in it.
    pub holds_items: bool,
    /// Its semaphores.
    pub ends: Ends,
}

fn element(name: &str, size: Option<u32>, index: u32) -> String {
    if size.is_some() { format!("{name}[{index}]") } else { name.to_string() }
}

impl Program {
    /// The number of cells of all shared variables.
    pub fn cell_count(&self) -> u32 {
        self.variables.last().map_or(0, |v| v.base.0 + v.size.unwrap_or(1))
    }

    /// The number of semaphores.
    pub fn semaphore_count(&self) -> u32 {
        self.semaphores.last().map_or(0, |s| s.base.0 + s.size.unwrap_or(1))
    }

    /// The number of mutexes.
    pub fn mutex_count(&self) -> u32 {
        self.mutexes.last().map_or(0, |m| m.base.0 + m.size.unwrap_or(1))
    }

    /// The number of monitors, read-write locks and barriers.
    pub fn sync_count(&self) -> u32 {
        self.syncs.last().map_or(0, |s| s.base.0 + s.size.unwrap_or(1))
    }

    /// The number of conditions.
    pub fn condition_count(&self) -> u32 {
        self.conditions.last().map_or(0, |c| c.base.0 + c.size.unwrap_or(1))
    }

    /// The number of channels.
    pub fn channel_count(&self) -> u32 {
        self.channels.last().map_or(0, |c| c.base.0 + c.size.unwrap_or(1))
    }

    /// Everything that a pane of objects lists, in the order of its kinds.
    pub fn objects(&self) -> impl Iterator<Item = Object> + use<> {
        let semaphores = (0..self.semaphore_count()).map(|id| Object::Semaphore(SemaphoreId(id)));
        let mutexes = (0..self.mutex_count()).map(|id| Object::Mutex(MutexId(id)));
        let syncs = (0..self.sync_count()).map(|id| Object::Sync(SyncId(id)));
        let conditions = (0..self.condition_count()).map(|id| Object::Condition(ConditionId(id)));
        let cells = (0..self.cell_count()).map(|id| Object::Cell(CellId(id)));
        semaphores.chain(mutexes).chain(syncs).chain(conditions).chain(cells)
    }

    /// The declaration that a monitor, a lock or a barrier belongs to.
    pub fn sync(&self, id: SyncId) -> &SyncArray {
        let after = self.syncs.partition_point(|s| s.base <= id);
        &self.syncs[after.saturating_sub(1)]
    }

    /// The declaration that a condition belongs to.
    pub fn condition(&self, id: ConditionId) -> &Conditions {
        let after = self.conditions.partition_point(|c| c.base <= id);
        &self.conditions[after.saturating_sub(1)]
    }

    /// The declaration that a channel belongs to.
    pub fn channel(&self, id: ChannelId) -> &Channel {
        let after = self.channels.partition_point(|c| c.base <= id);
        &self.channels[after.saturating_sub(1)]
    }

    /// How many items fit into all channels that items travel in.
    pub fn places_in_channels(&self) -> u64 {
        let kept = self.channels.iter().filter(|channel| channel.holds_items);
        kept.map(|c| u64::from(c.size.unwrap_or(1)) * u64::from(c.capacity) * u64::from(c.values)).sum()
    }

    /// The channel whose room or messages a semaphore counts.
    pub fn channel_of(&self, semaphore: SemaphoreId) -> &Channel {
        self.channel(self.channel_id(semaphore))
    }

    /// As [`Program::channel_of`], its number.
    pub fn channel_id(&self, semaphore: SemaphoreId) -> ChannelId {
        let array = self.semaphore(semaphore);
        let ends = self.channels.first().map_or(Ends { room: 0, messages: 0 }, |c| c.ends);
        let first = if array.end == Some(End::Room) { ends.room } else { ends.messages };
        ChannelId(semaphore.0.saturating_sub(first))
    }

    /// The monitor, lock or barrier that an operation with this number is about.
    pub fn sync_of(&self, op: SyncOp, number: u32) -> SyncId {
        if op.on_condition() { self.condition(ConditionId(number)).monitor } else { SyncId(number) }
    }

    /// A condition's number within its monitor.
    pub fn condition_within(&self, op: SyncOp, number: u32) -> u32 {
        match self.sync(self.sync_of(op, number)).kind {
            SyncKind::Monitor { conditions, .. } if op.on_condition() => number - conditions.0,
            _ => 0,
        }
    }

    /// The shared variable that a cell belongs to.
    pub fn variable(&self, cell: CellId) -> &Variable {
        let after = self.variables.partition_point(|v| v.base <= cell);
        &self.variables[after.saturating_sub(1)]
    }

    /// The declaration that a semaphore belongs to.
    pub fn semaphore(&self, id: SemaphoreId) -> &SemaphoreArray {
        let after = self.semaphores.partition_point(|s| s.base <= id);
        &self.semaphores[after.saturating_sub(1)]
    }

    /// A channel's name: `mail`, `reply[2]`.
    pub fn channel_name(&self, id: ChannelId) -> String {
        let channel = self.channel(id);
        element(&channel.name, channel.size, id.0 - channel.base.0)
    }

    /// Whether any semaphore is fair, and so has a queue.
    pub fn has_queues(&self) -> bool {
        self.semaphores.iter().any(|s| s.fair)
    }

    /// An object's name: `fork[3]`, `mutex`, `flag[0]`.
    pub fn object_name(&self, object: Object) -> String {
        match object {
            Object::Semaphore(id) => {
                let array = self.semaphore(id);
                let name = element(&array.name, array.size, id.0 - array.base.0);
                match array.end {
                    None => name,
                    Some(End::Room) => format!("room in {name}"),
                    Some(End::Messages) => format!("a message in {name}"),
                }
            }
            Object::Mutex(id) => {
                let after = self.mutexes.partition_point(|m| m.base <= id);
                let array = &self.mutexes[after.saturating_sub(1)];
                element(&array.name, array.size, id.0 - array.base.0)
            }
            Object::Cell(cell) => {
                let variable = self.variable(cell);
                element(&variable.name, variable.size, cell.0 - variable.base.0)
            }
            Object::Sync(id) | Object::Write(id) => {
                let array = self.sync(id);
                element(&array.name, array.size, id.0 - array.base.0)
            }
            Object::Condition(id) => {
                let array = self.condition(id);
                element(&array.name, array.size, id.0 - array.base.0)
            }
        }
    }

    /// What has to come for who waits for an object that nobody holds: a signal, a message, a change.
    pub fn awaited(&self, object: Object) -> &'static str {
        match object {
            Object::Cell(_) => "a change",
            Object::Condition(_) => "a signal",
            Object::Sync(id) if matches!(self.sync(id).kind, SyncKind::Barrier { .. }) => "the others",
            Object::Semaphore(id) => match self.semaphore(id).end {
                None => "a signal",
                Some(End::Room) => "a receiver",
                Some(End::Messages) => "a sender",
            },
            Object::Sync(_) | Object::Write(_) | Object::Mutex(_) => "its turn",
        }
    }
}
