//! Instructions as text: `fiveforks show --bytecode`.

use std::fmt::Write;

use super::ids::{ActorId, CellId, ConditionId, MutexId, Object, Register, SemaphoreId, SyncId};
use super::instruction::{AtomicOp, BinaryOp, Instruction, Operand, Place, UnaryOp};
use super::{Code, Program};

/// The instructions of an actor, one a line: position, source line, `*` before visible operations.
pub fn disassemble(program: &Program, actor: ActorId) -> String {
    let code = &program.actors[actor.index()].code;
    let printer = Printer { program, code };
    let mut out = format!(
        "{}: {} instructions, {} registers\n",
        program.actor_name(actor),
        code.instructions.len(),
        code.registers
    );
    for (at, instruction) in code.instructions.iter().enumerate() {
        let mark = if instruction.is_visible() { '*' } else { ' ' };
        let _ =
            writeln!(out, "{at:5}  line {:3} {mark} {}", code.line(at as u32), printer.text(*instruction));
    }
    out
}

struct Printer<'a> {
    program: &'a Program,
    code: &'a Code,
}

impl Printer<'_> {
    fn register(&self, register: Register) -> String {
        match self.code.names.iter().find(|(r, _)| *r == register) {
            Some((_, name)) => format!("r{}:{name}", register.0),
            None => format!("r{}", register.0),
        }
    }

    fn operand(&self, operand: Operand) -> String {
        match operand {
            Operand::Register(register) => self.register(register),
            Operand::Constant(value) => value.to_string(),
        }
    }

    fn place(&self, place: Place, object: fn(u32) -> Object) -> String {
        match place {
            Place::Fixed(id) => self.program.object_name(object(id)),
            Place::Indexed { base, index, .. } => {
                let name = self.program.object_name(object(base));
                let array = name.split('[').next().unwrap_or(&name);
                format!("{array}[{}]", self.register(index))
            }
        }
    }

    fn cell(&self, place: Place) -> String {
        self.place(place, |id| Object::Cell(CellId(id)))
    }

    fn semaphore(&self, place: Place) -> String {
        self.place(place, |id| Object::Semaphore(SemaphoreId(id)))
    }

    fn registers(&self, first: Register, count: u8) -> String {
        let each = (0..u16::from(count)).map(|k| self.register(Register(first.0 + k)));
        each.collect::<Vec<_>>().join(", ")
    }

    fn mutex(&self, place: Place) -> String {
        self.place(place, |id| Object::Mutex(MutexId(id)))
    }

    fn text(&self, instruction: Instruction) -> String {
        use Instruction::*;
        match instruction {
            Copy { .. }
            | Unary { .. }
            | Binary { .. }
            | Bound { .. }
            | Jump { .. }
            | Branch { .. }
            | Assert { .. }
            | Print { .. } => self.local(instruction),
            Read { to, cell } => format!("read {} = {}", self.register(to), self.cell(cell)),
            Write { cell, from } => format!("write {} = {}", self.cell(cell), self.operand(from)),
            Atomic { op, to, cell, a, b } => self.atomic(op, to, cell, a, b),
            Wait { semaphore } => format!("wait {}", self.semaphore(semaphore)),
            Signal { semaphore } => format!("signal {}", self.semaphore(semaphore)),
            TryWait { to, semaphore } => {
                format!("try_wait {} = {}", self.register(to), self.semaphore(semaphore))
            }
            WaitFor { to, semaphore, millis } => {
                let (to, semaphore) = (self.register(to), self.semaphore(semaphore));
                format!("wait_for {to} = {semaphore} for {} ms", self.operand(millis))
            }
            Value { to, semaphore } => format!("value {} = {}", self.register(to), self.semaphore(semaphore)),
            Lock { mutex } => format!("lock {}", self.mutex(mutex)),
            Unlock { mutex } => format!("unlock {}", self.mutex(mutex)),
            TryLock { to, mutex } => format!("try_lock {} = {}", self.register(to), self.mutex(mutex)),
            LockFor { to, mutex, millis } => {
                let (to, mutex) = (self.register(to), self.mutex(mutex));
                format!("lock_for {to} = {mutex} for {} ms", self.operand(millis))
            }
            Sync { op, sync, to } => {
                let to = to.map_or(String::new(), |to| format!("{} = ", self.register(to)));
                format!("{} {to}{}", op.name(), self.place(sync, |id| Object::Sync(SyncId(id))))
            }
            Condition { op, condition, .. } => {
                format!("{} {}", op.name(), self.place(condition, |id| Object::Condition(ConditionId(id))))
            }
            Send { channel, ends, from, values } => {
                let channel = self.semaphore(channel.shifted(ends.room));
                format!("send {}, to {channel}", self.registers(from, values))
            }
            Receive { channel, ends, to, values, wait } => {
                let channel = self.semaphore(channel.shifted(ends.messages));
                let word = if wait { "receive" } else { "try_receive" };
                format!("{word} {} = {channel}", self.registers(to, values))
            }
            Begin { activity, item } => {
                let item = item.map_or(String::new(), |item| self.operand(item));
                format!("begin {}({item})", self.program.activities[activity.index()].name)
            }
            End { activity, to } => {
                let to = to.map_or(String::new(), |to| format!("{} = ", self.register(to)));
                format!("end {to}{}", self.program.activities[activity.index()].name)
            }
            Moment { activity } => format!("moment {}", self.program.activities[activity.index()].name),
            Choose { to, low, high } => {
                format!("choose {} = {}..{}", self.register(to), self.operand(low), self.operand(high))
            }
            Sleep { millis } => format!("sleep {} ms", self.operand(millis)),
            Fence => "fence".into(),
            Spin { again } => format!("spin, again from {again}"),
            Exit => "exit".into(),
        }
    }

    fn local(&self, instruction: Instruction) -> String {
        match instruction {
            Instruction::Copy { to, from } => format!("{} = {}", self.register(to), self.operand(from)),
            Instruction::Unary { op, to, a } => {
                let op = if op == UnaryOp::Not { "not " } else { "-" };
                format!("{} = {op}{}", self.register(to), self.operand(a))
            }
            Instruction::Binary { op, to, a, b } => {
                format!("{} = {} {} {}", self.register(to), self.operand(a), sign(op), self.operand(b))
            }
            Instruction::Bound { index, len } => format!("bound 0 <= {} < {len}", self.operand(index)),
            Instruction::Jump { to } => format!("jump {to}"),
            Instruction::Branch { condition, on, to } => {
                let on = if on { "if" } else { "unless" };
                format!("jump {to} {on} {}", self.operand(condition))
            }
            Instruction::Assert { condition, .. } => format!("assert {}", self.operand(condition)),
            Instruction::Print { text, value, .. } => {
                let value = value.map_or(String::new(), |v| format!(" {}", self.operand(v)));
                format!("print {:?}{value}", self.program.texts[text.index()])
            }
            _ => String::new(),
        }
    }

    fn atomic(&self, op: AtomicOp, to: Register, cell: Place, a: Operand, b: Operand) -> String {
        let (to, cell, a, b) = (self.register(to), self.cell(cell), self.operand(a), self.operand(b));
        match op {
            AtomicOp::TestAndSet => format!("test_and_set {to} = {cell}"),
            AtomicOp::Swap => format!("swap {to} = {cell}, {a}"),
            AtomicOp::FetchAdd => format!("fetch_add {to} = {cell}, {a}"),
            AtomicOp::CompareAndSwap => format!("compare_and_swap {to} = {cell}, {a}, {b}"),
        }
    }
}

fn sign(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Subtract => "-",
        BinaryOp::Multiply => "*",
        BinaryOp::Divide => "/",
        BinaryOp::Remainder => "%",
        BinaryOp::Equal => "==",
        BinaryOp::NotEqual => "!=",
        BinaryOp::Less => "<",
        BinaryOp::LessEqual => "<=",
        BinaryOp::Greater => ">",
        BinaryOp::GreaterEqual => ">=",
        BinaryOp::And => "and",
        BinaryOp::Or => "or",
        BinaryOp::Min => "min",
        BinaryOp::Max => "max",
    }
}
