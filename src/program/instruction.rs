//! The instruction table: what an actor's program is made of.
//!
//! A machine of registers. Instructions marked *local* touch registers only and cost no step; each of the
//! others is one **visible operation**, one step of the model. All actors of a role come from the same text, but
//! each is compiled for its own number, so an index such as `(i + 1) % N` is a constant here.

use super::ids::{ActivityId, Object, Register, SemaphoreId, SyncId, TextId};
use super::objects::SyncOp;

/// A value that an instruction takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operand {
    /// What a register holds.
    Register(Register),
    /// A constant.
    Constant(i32),
}

/// Which element of which array of cells, semaphores or mutexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// Known when compiling.
    Fixed(u32),
    /// `base + index`, where `index < len` was checked by [`Instruction::Bound`] before.
    Indexed {
        /// The first element's number.
        base: u32,
        /// How many elements there are.
        len: u32,
        /// Which of them.
        index: Register,
    },
}

impl Place {
    /// The numbers that this place can mean: the first, and how many.
    pub fn span(self) -> (u32, u32) {
        match self {
            Place::Fixed(id) => (id, 1),
            Place::Indexed { base, len, .. } => (base, len),
        }
    }

    /// The place so many numbers further on.
    pub fn shifted(self, by: u32) -> Place {
        match self {
            Place::Fixed(id) => Place::Fixed(id + by),
            Place::Indexed { base, len, index } => Place::Indexed { base: base + by, len, index },
        }
    }

    /// The objects that this place can mean: the first, and how many.
    pub fn objects(self, object: fn(u32) -> Object) -> (Object, u32) {
        let (first, len) = self.span();
        (object(first), len)
    }
}

/// Operations on one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `-a`
    Negate,
    /// `not a`: 1 if a is 0, else 0.
    Not,
}

/// Operations on two values. Truth is 1, falsehood 0, and any other number counts as true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum BinaryOp {
    Add,
    Subtract,
    Multiply,
    Divide,
    /// Never negative: `-1 % 5` is 4.
    Remainder,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    And,
    Or,
    Min,
    Max,
}

/// Read-modify-write operations on a shared variable, each one indivisible step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AtomicOp {
    /// Sets 1, gives the old value.
    TestAndSet,
    /// Sets `a`, gives the old value.
    Swap,
    /// Adds `a`, gives the old value.
    FetchAdd,
    /// Sets `b` if the value is `a`; gives 1 if it did.
    CompareAndSwap,
}

/// The semaphores of a channel, by how far their numbers are from the channel's: one counts its room, the other its
/// messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub struct Ends {
    pub room: u32,
    pub messages: u32,
}

impl Ends {
    /// What counts the room of a channel.
    pub fn room(self, channel: u32) -> SemaphoreId {
        SemaphoreId(self.room + channel)
    }

    /// What counts the messages in a channel.
    pub fn messages(self, channel: u32) -> SemaphoreId {
        SemaphoreId(self.messages + channel)
    }
}

/// One instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Instruction {
    /// Local: `to = from`.
    Copy { to: Register, from: Operand },
    /// Local: `to = op a`. Overflow is a fault.
    Unary { op: UnaryOp, to: Register, a: Operand },
    /// Local: `to = a op b`. Overflow and division by zero are faults.
    Binary { op: BinaryOp, to: Register, a: Operand, b: Operand },
    /// Local: a fault unless `0 <= index < len`.
    Bound { index: Operand, len: u32 },
    /// Local: continue at `to`.
    Jump { to: u32 },
    /// Local: continue at `to` if the truth of `condition` is `on`.
    Branch { condition: Operand, on: bool, to: u32 },
    /// Local: a fault if `condition` is false.
    Assert { condition: Operand, text: TextId },
    /// Local: shows a text, and a value behind it where there is one; `last` ends the line.
    Print { text: TextId, value: Option<Operand>, last: bool },
    /// Reads a shared variable.
    Read { to: Register, cell: Place },
    /// Writes a shared variable.
    Write { cell: Place, from: Operand },
    /// One indivisible read-modify-write of a shared variable.
    Atomic { op: AtomicOp, to: Register, cell: Place, a: Operand, b: Operand },
    /// Waits until the semaphore is positive and takes one from it (Dijkstra's P).
    Wait { semaphore: Place },
    /// Adds one to the semaphore (Dijkstra's V).
    Signal { semaphore: Place },
    /// Takes one if the semaphore is positive: `to` is 1, else 0.
    TryWait { to: Register, semaphore: Place },
    /// Waits at most so many milliseconds: `to` is 1 if one was taken, else 0.
    WaitFor { to: Register, semaphore: Place, millis: Operand },
    /// Reads the semaphore's value.
    Value { to: Register, semaphore: Place },
    /// Waits until the mutex is free and takes it.
    Lock { mutex: Place },
    /// Gives the mutex back. A fault if the actor does not hold it.
    Unlock { mutex: Place },
    /// Takes the mutex if it is free: `to` is 1, else 0.
    TryLock { to: Register, mutex: Place },
    /// Waits for the mutex at most so many milliseconds: `to` is 1 if it was taken, else 0.
    LockFor { to: Register, mutex: Place, millis: Operand },
    /// An operation on a recursive or a fair mutex, a monitor, a read-write lock or a barrier.
    Sync { op: SyncOp, sync: Place, to: Option<Register> },
    /// An operation on a condition of a monitor.
    Condition { op: SyncOp, monitor: SyncId, condition: Place },
    /// Waits until there is room in the channel and puts a message in: the registers from `from` on.
    Send { channel: Place, ends: Ends, from: Register, values: u8 },
    /// Takes the oldest message out of the channel into the registers from `to` on. If `wait`, waits until there is one;
    /// else the first register says whether there was.
    Receive { channel: Place, ends: Ends, to: Register, values: u8, wait: bool },
    /// Enters an activity; `item` is what it consumes.
    Begin { activity: ActivityId, item: Option<Operand> },
    /// Leaves an activity after its time; `to` gets what it produced.
    End { activity: ActivityId, to: Option<Register> },
    /// Enters the state of a moment, which lasts until the next state.
    Moment { activity: ActivityId },
    /// `to` is any of `low..=high`. A fault if there is none.
    Choose { to: Register, low: Operand, high: Operand },
    /// Does nothing for so many milliseconds.
    Sleep { millis: Operand },
    /// Orders all reads and writes before it before all behind it.
    Fence,
    /// An `await` found its condition false: blocked until one of its variables changes, then again from `again`.
    Spin { again: u32 },
    /// The actor has come to its end.
    Exit,
}

impl Instruction {
    /// Whether this is a visible operation, that is, one step.
    pub fn is_visible(self) -> bool {
        use Instruction::*;
        !matches!(
            self,
            Copy { .. }
                | Unary { .. }
                | Binary { .. }
                | Bound { .. }
                | Jump { .. }
                | Branch { .. }
                | Assert { .. }
                | Print { .. }
        )
    }

    /// Where control may go from here: the next instruction, another one, or both.
    pub fn successors(self, at: u32) -> (Option<u32>, Option<u32>) {
        match self {
            Instruction::Jump { to } => (None, Some(to)),
            Instruction::Spin { again } => (None, Some(again)),
            Instruction::Branch { to, .. } => (Some(at + 1), Some(to)),
            Instruction::Exit => (None, None),
            _ => (Some(at + 1), None),
        }
    }
}

const _: () = assert!(size_of::<Instruction>() <= 40, "the interpreter's loop wants small instructions");
