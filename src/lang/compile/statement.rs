//! Statements to instructions.

use super::{Again, Compiler, Flow, Local, Loop};
use crate::lang::ast::{Expr, Stmt, StmtKind};
use crate::lang::span::{Name, Span};
use crate::program::{BinaryOp, Instruction, Operand, Place};

impl Compiler<'_, '_> {
    pub(super) fn statement(&mut self, stmt: &Stmt) -> Flow {
        self.line = self.model.lines.line(stmt.span);
        let registers = self.next_register;
        let span = stmt.span;
        self.work(span)?;
        match &stmt.kind {
            StmtKind::Let { name, value } => {
                let register = self.register(span)?;
                let temporaries = self.next_register;
                let from = self.expr(value)?;
                self.emit(Instruction::Copy { to: register, from }, span)?;
                self.next_register = temporaries;
                self.bind(name, Local::Value(Operand::Register(register)));
                return Ok(());
            }
            StmtKind::LetMany { names, value } => return self.receive_into(names, value),
            StmtKind::Assign { target, value } => self.assign(target, value)?,
            StmtKind::Expr(call) => {
                self.call_statement(call)?;
            }
            StmtKind::If { arms, otherwise } => self.branches(arms, otherwise)?,
            StmtKind::While { condition, body } => self.while_loop(condition, body, span)?,
            StmtKind::Loop { body } => {
                let start = self.here();
                self.looped(Again::At(start), body, span)?;
            }
            StmtKind::For { name, low, high, body } => self.counted(name, low, high, body, span)?,
            StmtKind::Break => {
                let jump = self.emit(Instruction::Jump { to: 0 }, span)?;
                if let Some(open) = self.loops.last_mut() {
                    open.breaks.push(jump);
                }
            }
            StmtKind::Continue => self.again(span)?,
            StmtKind::Return(value) => self.give(value.as_ref(), span)?,
            StmtKind::Await(condition) => self.spin_until(condition, span)?,
            StmtKind::Assert(condition) => {
                let text = self.text(self.model.sources.slice(condition.span));
                let condition = self.expr(condition)?;
                self.emit(Instruction::Assert { condition, text }, span)?;
            }
            StmtKind::Pass => {}
            StmtKind::Exit => {
                self.emit(Instruction::Exit, span)?;
            }
        }
        self.next_register = registers;
        Ok(())
    }

    fn assign(&mut self, target: &Expr, value: &Expr) -> Flow {
        let from = self.expr(value)?;
        if let crate::lang::ast::ExprKind::Name(name) = &target.kind
            && let Some(Local::Value(Operand::Register(to))) = self.lookup(name)
        {
            self.emit(Instruction::Copy { to, from }, target.span)?;
            return Ok(());
        }
        let cell = self.cell(target)?;
        self.emit(Instruction::Write { cell, from }, target.span)?;
        Ok(())
    }

    fn branches(&mut self, arms: &[(Expr, Vec<Stmt>)], otherwise: &[Stmt]) -> Flow {
        let mut ends = Vec::new();
        let mut decided = false;
        for (condition, body) in arms {
            self.line = self.model.lines.line(condition.span);
            let operand = self.expr(condition)?;
            match operand {
                Operand::Constant(0) => continue,
                Operand::Constant(_) => {
                    self.body(body)?;
                    decided = true;
                    break;
                }
                Operand::Register(_) => {}
            }
            let skip =
                self.emit(Instruction::Branch { condition: operand, on: false, to: 0 }, condition.span)?;
            self.body(body)?;
            ends.push(self.emit(Instruction::Jump { to: 0 }, condition.span)?);
            self.land(skip);
        }
        if !decided {
            self.body(otherwise)?;
        }
        for jump in ends {
            self.land(jump);
        }
        Ok(())
    }

    /// A loop body, its jump back, and its breaks landed behind it.
    fn looped(&mut self, again: Again, body: &[Stmt], span: Span) -> Flow {
        let line = self.line;
        self.loops.push(Loop { again, breaks: Vec::new() });
        let flow = self.body(body);
        let Some(open) = self.loops.pop() else { return flow };
        flow?;
        self.line = line;
        match open.again {
            Again::At(start) => {
                self.emit(Instruction::Jump { to: start }, span)?;
            }
            Again::Pending(jumps) => {
                for jump in jumps {
                    self.land(jump);
                }
            }
        }
        // The breaks of a counting loop land behind its counting, which its caller emits.
        self.pending_breaks(open.breaks);
        Ok(())
    }

    fn pending_breaks(&mut self, breaks: Vec<usize>) {
        for jump in breaks {
            self.land(jump);
        }
    }

    fn while_loop(&mut self, condition: &Expr, body: &[Stmt], span: Span) -> Flow {
        let start = self.here();
        let operand = self.expr(condition)?;
        if operand == Operand::Constant(0) {
            return Ok(());
        }
        let leave = match operand {
            Operand::Constant(_) => None,
            _ => Some(self.emit(Instruction::Branch { condition: operand, on: false, to: 0 }, span)?),
        };
        self.looped(Again::At(start), body, span)?;
        if let Some(leave) = leave {
            self.land(leave);
        }
        Ok(())
    }

    /// `for name in low..high`: the bounds are evaluated once; the counter never passes `high`, so it cannot overflow.
    fn counted(&mut self, name: &Name, low: &Expr, high: &Expr, body: &[Stmt], span: Span) -> Flow {
        let counter = self.register(span)?;
        let last = self.register(span)?;
        let test = self.register(span)?;
        let from = self.expr(low)?;
        self.emit(Instruction::Copy { to: counter, from }, span)?;
        let to = self.expr(high)?;
        self.emit(Instruction::Copy { to: last, from: to }, span)?;
        let (k, end) = (Operand::Register(counter), Operand::Register(last));
        self.emit(Instruction::Binary { op: BinaryOp::Greater, to: test, a: k, b: end }, span)?;
        let condition = Operand::Register(test);
        let none = self.emit(Instruction::Branch { condition, on: true, to: 0 }, span)?;
        let start = self.here();
        self.scopes.push(Vec::new());
        self.bind(name, Local::Value(k));
        self.loops.push(Loop { again: Again::Pending(Vec::new()), breaks: Vec::new() });
        let flow = self.body(body);
        self.scopes.pop();
        let Some(open) = self.loops.pop() else { return flow };
        flow?;
        self.line = self.model.lines.line(span);
        if let Again::Pending(jumps) = open.again {
            self.pending_breaks(jumps);
        }
        self.emit(Instruction::Binary { op: BinaryOp::Less, to: test, a: k, b: end }, span)?;
        let done = self.emit(Instruction::Branch { condition, on: false, to: 0 }, span)?;
        let one = Operand::Constant(1);
        self.emit(Instruction::Binary { op: BinaryOp::Add, to: counter, a: k, b: one }, span)?;
        self.emit(Instruction::Jump { to: start }, span)?;
        self.land(none);
        self.land(done);
        self.pending_breaks(open.breaks);
        Ok(())
    }

    fn again(&mut self, span: Span) -> Flow {
        let jump = self.emit(Instruction::Jump { to: 0 }, span)?;
        let Some(open) = self.loops.last_mut() else { return Ok(()) };
        match &mut open.again {
            Again::At(start) => {
                let start = *start;
                if let Instruction::Jump { to } = &mut self.code.instructions[jump] {
                    *to = start;
                }
            }
            Again::Pending(jumps) => jumps.push(jump),
        }
        Ok(())
    }

    fn give(&mut self, value: Option<&Expr>, span: Span) -> Flow {
        let from = match value {
            Some(value) => Some(self.expr(value)?),
            None => None,
        };
        let Some(result) = self.calls.last().map(|c| c.result) else { return Ok(()) };
        if let Some(from) = from {
            self.emit(Instruction::Copy { to: result, from }, span)?;
        }
        let jump = self.emit(Instruction::Jump { to: 0 }, span)?;
        if let Some(call) = self.calls.last_mut() {
            call.returns.push(jump);
        }
        Ok(())
    }

    /// `await`: reads its variables one by one, and spins while the condition is false.
    fn spin_until(&mut self, condition: &Expr, span: Span) -> Flow {
        let start = self.here();
        let operand = self.expr(condition)?;
        let leave = match operand {
            Operand::Constant(0) => None,
            Operand::Constant(_) => return Ok(()),
            _ => Some(self.emit(Instruction::Branch { condition: operand, on: true, to: 0 }, span)?),
        };
        let read: Vec<Place> = self.code.instructions[start as usize..]
            .iter()
            .filter_map(|i| match *i {
                Instruction::Read { cell, .. } => Some(cell),
                _ => None,
            })
            .collect();
        let spin = self.emit(Instruction::Spin { again: start }, span)?;
        self.code.awaits.push((spin as u32, read));
        if let Some(leave) = leave {
            self.land(leave);
        }
        Ok(())
    }
}
