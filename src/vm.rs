//! The virtual machine: runs an actor's local instructions up to its next visible operation.
//!
//! [`step`] yields a request and never blocks. Whoever drives it performs the request (on real objects, or on a state
//! of a model), and then says how it went with [`Frame::complete`]. Every driver thus runs the same program.

mod hand;

use crate::program::{
    ActivityId, AtomicOp, CellId, ChannelId, Code, Ends, Instruction, MAX_VALUES, MutexId, Operand, Place,
    Register, SemaphoreId, SyncOp, TextId,
    value::{self, Fault},
};

pub use hand::Hand;

/// Local instructions between two visible operations before [`Request::Pause`], so that a loop without any visible
/// operation can neither hang its driver nor escape being stopped.
pub const MAX_LOCAL_RUN: u32 = 10_000;

/// An actor's local state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Frame {
    /// The position of the next instruction. While a request is open, that of the visible operation.
    pub position: u32,
    /// Local variables and temporaries.
    pub registers: Box<[i32]>,
}

/// What travels through a channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Message {
    /// How many of the values count.
    pub len: u8,
    /// The values; those that do not count are 0.
    pub values: [i32; MAX_VALUES],
}

impl Message {
    /// The values that count.
    pub fn values(&self) -> &[i32] {
        &self.values[..usize::from(self.len)]
    }
}

/// What an actor wants to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Request {
    Read {
        cell: CellId,
    },
    Write {
        cell: CellId,
        value: i32,
    },
    Atomic {
        op: AtomicOp,
        cell: CellId,
        a: i32,
        b: i32,
    },
    Wait {
        semaphore: SemaphoreId,
    },
    Signal {
        semaphore: SemaphoreId,
    },
    TryWait {
        semaphore: SemaphoreId,
    },
    WaitFor {
        semaphore: SemaphoreId,
        millis: i32,
    },
    Value {
        semaphore: SemaphoreId,
    },
    Lock {
        mutex: MutexId,
    },
    Unlock {
        mutex: MutexId,
    },
    TryLock {
        mutex: MutexId,
    },
    LockFor {
        mutex: MutexId,
        millis: i32,
    },
    /// On a recursive or a fair mutex, a monitor, a lock or a barrier, or on a condition of this number.
    Sync {
        op: SyncOp,
        number: u32,
    },
    Send {
        channel: ChannelId,
        ends: Ends,
        message: Message,
    },
    Receive {
        channel: ChannelId,
        ends: Ends,
        wait: bool,
    },
    Begin {
        activity: ActivityId,
        item: i32,
    },
    End {
        activity: ActivityId,
    },
    Moment {
        activity: ActivityId,
    },
    Choose {
        low: i32,
        high: i32,
    },
    Sleep {
        millis: i32,
    },
    Fence,
    /// An `await` whose condition was false.
    Spin,
    /// Shows a text; no step.
    Print {
        text: TextId,
        value: Option<i32>,
        last: bool,
    },
    /// A fault at this position; the actor cannot go on, except after a failed assertion.
    Fault {
        fault: Fault,
        text: Option<TextId>,
    },
    /// Many local instructions passed without a visible one; no step.
    Pause,
    Exit,
}

impl Frame {
    /// The state before the first instruction.
    pub fn new(code: &Code) -> Frame {
        Frame { position: 0, registers: vec![0; usize::from(code.registers)].into_boxed_slice() }
    }

    /// Tells the program how its request went. `result` is what the operation gave, where it gives something; for
    /// others it is ignored.
    #[inline]
    pub fn complete(&mut self, code: &Code, result: i32) {
        use Instruction::*;
        match code.instructions[self.position as usize] {
            Read { to, .. }
            | Atomic { to, .. }
            | TryWait { to, .. }
            | WaitFor { to, .. }
            | Value { to, .. }
            | TryLock { to, .. }
            | LockFor { to, .. }
            | Choose { to, .. }
            | Sync { to: Some(to), .. }
            | End { to: Some(to), .. } => self.registers[usize::from(to.0)] = result,
            Spin { again } => {
                self.position = again;
                return;
            }
            Exit => return,
            _ => {}
        }
        self.position += 1;
    }

    /// As [`Frame::complete`], for an operation that receives; without a message, `try_receive` found none.
    pub fn received(&mut self, code: &Code, message: Option<&Message>) {
        if let Instruction::Receive { to, values, wait, .. } = code.instructions[self.position as usize] {
            let mut into = self.registers[usize::from(to.0)..].iter_mut().take(usize::from(values));
            if !wait && let Some(got) = into.next() {
                *got = i32::from(message.is_some());
            }
            let empty = Message::default();
            for (register, value) in into.zip(message.unwrap_or(&empty).values) {
                *register = value;
            }
        }
        self.position += 1;
    }

    #[inline]
    fn get(&self, operand: Operand) -> i32 {
        match operand {
            Operand::Register(register) => self.registers[usize::from(register.0)],
            Operand::Constant(value) => value,
        }
    }

    #[inline]
    fn set(&mut self, register: Register, value: i32) {
        self.registers[usize::from(register.0)] = value;
    }

    /// The element that a place means. [`Instruction::Bound`] came before, so the index lies inside.
    #[inline]
    fn element(&self, place: Place) -> u32 {
        match place {
            Place::Fixed(id) => id,
            Place::Indexed { base, index, .. } => base + self.registers[usize::from(index.0)] as u32,
        }
    }
}

/// Runs local instructions up to the next visible operation and says which it is.
#[inline]
pub fn step(code: &Code, frame: &mut Frame) -> Request {
    for _ in 0..MAX_LOCAL_RUN {
        let instruction = code.instructions[frame.position as usize];
        match local(instruction, frame) {
            Local::Done => {}
            Local::Request(request) => return request,
            Local::Visible => return visible(instruction, frame),
        }
    }
    Request::Pause
}

enum Local {
    Done,
    Request(Request),
    Visible,
}

#[inline]
fn local(instruction: Instruction, frame: &mut Frame) -> Local {
    let fault = |fault| Local::Request(Request::Fault { fault, text: None });
    match instruction {
        Instruction::Copy { to, from } => frame.set(to, frame.get(from)),
        Instruction::Unary { op, to, a } => match value::unary(op, frame.get(a)) {
            Ok(value) => frame.set(to, value),
            Err(why) => return fault(why),
        },
        Instruction::Binary { op, to, a, b } => match value::binary(op, frame.get(a), frame.get(b)) {
            Ok(value) => frame.set(to, value),
            Err(why) => return fault(why),
        },
        Instruction::Bound { index, len } => {
            if u32::try_from(frame.get(index)).map_or(true, |index| index >= len) {
                return fault(Fault::Index);
            }
        }
        Instruction::Jump { to } => {
            frame.position = to;
            return Local::Done;
        }
        Instruction::Branch { condition, on, to } => {
            if (frame.get(condition) != 0) == on {
                frame.position = to;
                return Local::Done;
            }
        }
        Instruction::Assert { condition, text } => {
            if frame.get(condition) == 0 {
                return Local::Request(Request::Fault { fault: Fault::Assertion, text: Some(text) });
            }
        }
        Instruction::Print { text, value, last } => {
            let value = value.map(|value| frame.get(value));
            return Local::Request(Request::Print { text, value, last });
        }
        _ => return Local::Visible,
    }
    frame.position += 1;
    Local::Done
}

#[inline]
fn visible(instruction: Instruction, frame: &Frame) -> Request {
    let cell = |place| CellId(frame.element(place));
    let semaphore = |place| SemaphoreId(frame.element(place));
    let mutex = |place| MutexId(frame.element(place));
    match instruction {
        Instruction::Read { cell: place, .. } => Request::Read { cell: cell(place) },
        Instruction::Write { cell: place, from } => {
            Request::Write { cell: cell(place), value: frame.get(from) }
        }
        Instruction::Atomic { op, cell: place, a, b, .. } => {
            Request::Atomic { op, cell: cell(place), a: frame.get(a), b: frame.get(b) }
        }
        Instruction::Wait { semaphore: place } => Request::Wait { semaphore: semaphore(place) },
        Instruction::Signal { semaphore: place } => Request::Signal { semaphore: semaphore(place) },
        Instruction::TryWait { semaphore: place, .. } => Request::TryWait { semaphore: semaphore(place) },
        Instruction::WaitFor { semaphore: place, millis, .. } => {
            Request::WaitFor { semaphore: semaphore(place), millis: frame.get(millis) }
        }
        Instruction::Value { semaphore: place, .. } => Request::Value { semaphore: semaphore(place) },
        Instruction::Lock { mutex: place } => Request::Lock { mutex: mutex(place) },
        Instruction::Unlock { mutex: place } => Request::Unlock { mutex: mutex(place) },
        Instruction::TryLock { mutex: place, .. } => Request::TryLock { mutex: mutex(place) },
        Instruction::LockFor { mutex: place, millis, .. } => {
            Request::LockFor { mutex: mutex(place), millis: frame.get(millis) }
        }
        Instruction::Sync { op, sync, .. } => Request::Sync { op, number: frame.element(sync) },
        Instruction::Condition { op, condition, .. } => {
            Request::Sync { op, number: frame.element(condition) }
        }
        Instruction::Send { channel, ends, from, values } => {
            let mut message = Message { len: values, values: [0; MAX_VALUES] };
            let first = usize::from(from.0);
            let sent = &frame.registers[first..first + usize::from(values)];
            message.values[..sent.len()].copy_from_slice(sent);
            Request::Send { channel: ChannelId(frame.element(channel)), ends, message }
        }
        Instruction::Receive { channel, ends, wait, .. } => {
            Request::Receive { channel: ChannelId(frame.element(channel)), ends, wait }
        }
        Instruction::Begin { activity, item } => {
            Request::Begin { activity, item: item.map_or(0, |item| frame.get(item)) }
        }
        Instruction::End { activity, .. } => Request::End { activity },
        Instruction::Moment { activity } => Request::Moment { activity },
        Instruction::Choose { low, high, .. } => match (frame.get(low), frame.get(high)) {
            (low, high) if low > high => Request::Fault { fault: Fault::EmptyChoice, text: None },
            (low, high) => Request::Choose { low, high },
        },
        Instruction::Sleep { millis } => Request::Sleep { millis: frame.get(millis) },
        Instruction::Fence => Request::Fence,
        Instruction::Spin { .. } => Request::Spin,
        _ => Request::Exit,
    }
}
