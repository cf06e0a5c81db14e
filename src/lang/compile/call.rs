//! Calls to instructions: operations of the language, activities, defs.

use super::{Compiler, Flow, Local};
use crate::lang::ast::{Expr, ExprKind};
use crate::lang::builtin::{self, Op};
use crate::lang::model::Symbol;
use crate::lang::span::{Name, Span};
use crate::program::{ActivityId, AtomicOp, BinaryOp, Instruction, Operand, Register, SyncKind, SyncOp};

impl Compiler<'_, '_> {
    /// A call as a statement.
    pub(super) fn call_statement(&mut self, call: &Expr) -> Flow {
        if let ExprKind::Call(name, arguments) = &call.kind {
            match builtin::find(&name.text).map(|b| b.op) {
                Some(op @ (Op::Receive | Op::TryReceive)) => self.discard(op, &arguments[0], call.span)?,
                _ => drop(self.call(name, arguments, call.span)?),
            }
        }
        Ok(())
    }

    /// A call; gives its value, where it has one.
    pub(super) fn call(&mut self, name: &Name, arguments: &[Expr], span: Span) -> Flow<Option<Operand>> {
        if let Some(builtin) = builtin::find(&name.text) {
            return self.builtin(builtin.op, arguments, span);
        }
        if let Some(Symbol::Def(def)) = self.model.symbol(&name.text) {
            return self.call_def(def, arguments, span).map(Some);
        }
        match self.model.activity(self.role, &name.text) {
            Some(activity) => self.activity(activity, arguments, span),
            None => {
                let message = format!("`{}` is not among this role's activities", name.text);
                Err(self.wrong_kind(span, &message))
            }
        }
    }

    fn activity(&mut self, id: ActivityId, arguments: &[Expr], span: Span) -> Flow<Option<Operand>> {
        let activity = &self.model.program.activities[id.index()];
        let (moment, produces) = (activity.moment, activity.produces);
        if moment {
            self.emit(Instruction::Moment { activity: id }, span)?;
            return Ok(None);
        }
        let item = match arguments.first() {
            Some(argument) => Some(self.expr(argument)?),
            None => None,
        };
        self.emit(Instruction::Begin { activity: id, item }, span)?;
        let to = if produces { Some(self.register(span)?) } else { None };
        self.emit(Instruction::End { activity: id, to }, span)?;
        Ok(to.map(Operand::Register))
    }

    fn call_def(&mut self, def: usize, arguments: &[Expr], span: Span) -> Flow<Operand> {
        let names: Vec<String> = self.model.defs[def].parameters.iter().map(|p| p.text.clone()).collect();
        let mut bound = Vec::new();
        for (name, argument) in names.into_iter().zip(arguments) {
            let local = match self.passed(argument)? {
                Some(object) => object,
                None => Local::Value(self.expr(argument)?),
            };
            bound.push((name, local));
        }
        self.inline(def, bound, span).map(Operand::Register)
    }

    fn builtin(&mut self, op: Op, arguments: &[Expr], span: Span) -> Flow<Option<Operand>> {
        match op {
            Op::Min | Op::Max => {
                let a = self.expr(&arguments[0])?;
                let b = self.expr(&arguments[1])?;
                let op = if op == Op::Min { BinaryOp::Min } else { BinaryOp::Max };
                return self.binary(op, a, b, span).map(Some);
            }
            Op::Print => return self.print(arguments, span).map(|()| None),
            Op::TestAndSet | Op::Swap | Op::FetchAdd | Op::CompareAndSwap => {
                return self.atomic(op, arguments, span).map(Some);
            }
            Op::Send => return self.send(arguments, span).map(|()| None),
            Op::Receive => return self.receive(&arguments[0], span).map(Some),
            Op::Arrive => return self.arrive(&arguments[0], span).map(Some),
            _ => {}
        }
        let instruction = match op {
            Op::Wait | Op::Signal | Op::Broadcast => self.wait_or_signal(op, &arguments[0])?,
            Op::Lock | Op::LockRead | Op::LockWrite | Op::Unlock => self.lock_or_unlock(op, &arguments[0])?,
            Op::Sleep => Instruction::Sleep { millis: self.expr(&arguments[0])? },
            Op::Fence => Instruction::Fence,
            _ => return self.giving(op, arguments, span).map(Some),
        };
        self.emit(instruction, span)?;
        Ok(None)
    }

    /// `wait` and `signal`, on a semaphore or on a condition.
    fn wait_or_signal(&mut self, op: Op, argument: &Expr) -> Flow<Instruction> {
        let is = |symbol| match symbol {
            Symbol::Semaphore(_) => op != Op::Broadcast,
            symbol => matches!(symbol, Symbol::Condition(_)),
        };
        let (symbol, place) = self.object(argument, "a semaphore or a condition is needed here", is)?;
        let Symbol::Condition(at) = symbol else {
            return Ok(match op {
                Op::Wait => Instruction::Wait { semaphore: place },
                _ => Instruction::Signal { semaphore: place },
            });
        };
        let monitor = self.model.program.conditions[at].monitor;
        if !self.is_inside(monitor) {
            return Err(self.wrong_kind(argument.span, "a condition can be used only inside its monitor"));
        }
        let hoare = matches!(self.model.program.sync(monitor).kind, SyncKind::Monitor { hoare: true, .. });
        if op == Op::Broadcast && hoare {
            let message = "a monitor of Hoare's has no broadcast: who is woken signals the next one";
            return Err(self.wrong_kind(argument.span, message));
        }
        let op = match op {
            Op::Wait => SyncOp::Await,
            Op::Signal => SyncOp::Signal,
            _ => SyncOp::Broadcast,
        };
        Ok(Instruction::Condition { op, monitor, condition: place })
    }

    /// `lock` of a mutex, `lock_read`, `lock_write`, and `unlock` of either.
    fn lock_or_unlock(&mut self, op: Op, argument: &Expr) -> Flow<Instruction> {
        let is = |symbol| match symbol {
            Symbol::Mutex(_) | Symbol::SyncMutex(_) => matches!(op, Op::Lock | Op::Unlock),
            symbol => op != Op::Lock && matches!(symbol, Symbol::RwLock(_)),
        };
        let (symbol, place) = self.object(argument, "a lock is needed here", is)?;
        let op = match (op, symbol) {
            (Op::Lock, Symbol::Mutex(_)) => return Ok(Instruction::Lock { mutex: place }),
            (_, Symbol::Mutex(_)) => return Ok(Instruction::Unlock { mutex: place }),
            (Op::Lock, _) => SyncOp::Lock,
            (Op::LockRead, _) => SyncOp::Read,
            (Op::LockWrite, _) => SyncOp::Write,
            _ => SyncOp::Unlock,
        };
        Ok(Instruction::Sync { op, sync: place, to: None })
    }

    fn arrive(&mut self, argument: &Expr, span: Span) -> Flow<Operand> {
        let is = |symbol| matches!(symbol, Symbol::Barrier(_));
        let (_, sync) = self.object(argument, "a barrier is needed here", is)?;
        let to = self.register(span)?;
        self.emit(Instruction::Sync { op: SyncOp::Arrive, sync, to: Some(to) }, span)?;
        Ok(Operand::Register(to))
    }

    /// Operations that give a value.
    fn giving(&mut self, op: Op, arguments: &[Expr], span: Span) -> Flow<Operand> {
        let (instruction, to) = match op {
            Op::TryWait => {
                let semaphore = self.semaphore(&arguments[0])?;
                let to = self.register(span)?;
                (Instruction::TryWait { to, semaphore }, to)
            }
            Op::WaitFor => {
                let semaphore = self.semaphore(&arguments[0])?;
                let millis = self.expr(&arguments[1])?;
                let to = self.register(span)?;
                (Instruction::WaitFor { to, semaphore, millis }, to)
            }
            Op::Value => {
                let semaphore = self.semaphore(&arguments[0])?;
                let to = self.register(span)?;
                (Instruction::Value { to, semaphore }, to)
            }
            Op::TryLock => {
                let is = |symbol| matches!(symbol, Symbol::Mutex(_) | Symbol::SyncMutex(_));
                let (symbol, place) = self.object(&arguments[0], "a mutex is needed here", is)?;
                let to = self.register(span)?;
                let instruction = match symbol {
                    Symbol::Mutex(_) => Instruction::TryLock { to, mutex: place },
                    _ => Instruction::Sync { op: SyncOp::TryLock, sync: place, to: Some(to) },
                };
                (instruction, to)
            }
            Op::LockFor => {
                let mutex = self.mutex(&arguments[0])?;
                let millis = self.expr(&arguments[1])?;
                let to = self.register(span)?;
                (Instruction::LockFor { to, mutex, millis }, to)
            }
            _ => self.choice(arguments.first(), span)?,
        };
        self.emit(instruction, span)?;
        Ok(Operand::Register(to))
    }

    /// `choose(low..high)`, or `flip()`, which chooses between 0 and 1.
    fn choice(&mut self, argument: Option<&Expr>, span: Span) -> Flow<(Instruction, Register)> {
        let (low, high) = match argument.map(|a| &a.kind) {
            Some(ExprKind::Range(low, high)) => (self.expr(low)?, self.expr(high)?),
            _ => (Operand::Constant(0), Operand::Constant(1)),
        };
        let to = self.register(span)?;
        Ok((Instruction::Choose { to, low, high }, to))
    }

    fn atomic(&mut self, op: Op, arguments: &[Expr], span: Span) -> Flow<Operand> {
        let cell = self.cell(&arguments[0])?;
        let mut operands = [Operand::Constant(0); 2];
        for (operand, argument) in operands.iter_mut().zip(&arguments[1..]) {
            *operand = self.expr(argument)?;
        }
        let op = match op {
            Op::TestAndSet => AtomicOp::TestAndSet,
            Op::Swap => AtomicOp::Swap,
            Op::FetchAdd => AtomicOp::FetchAdd,
            _ => AtomicOp::CompareAndSwap,
        };
        let to = self.register(span)?;
        let [a, b] = operands;
        self.emit(Instruction::Atomic { op, to, cell, a, b }, span)?;
        Ok(Operand::Register(to))
    }

    /// `print("x is", x)`: the texts as they stand, numbers behind them, spaces between.
    fn print(&mut self, arguments: &[Expr], span: Span) -> Flow {
        let mut parts: Vec<(String, Option<Operand>)> = Vec::new();
        for argument in arguments {
            match &argument.kind {
                ExprKind::Text(text) => parts.push((text.clone(), None)),
                _ => {
                    let value = Some(self.expr(argument)?);
                    match parts.last_mut() {
                        Some((_, none)) if none.is_none() => *none = value,
                        _ => parts.push((String::new(), value)),
                    }
                }
            }
        }
        if parts.is_empty() {
            parts.push((String::new(), None));
        }
        let count = parts.len();
        for (at, (text, value)) in parts.into_iter().enumerate() {
            let text = self.text(&text);
            self.emit(Instruction::Print { text, value, last: at + 1 == count }, span)?;
        }
        Ok(())
    }
}
