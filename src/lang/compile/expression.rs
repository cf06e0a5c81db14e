//! Expressions to instructions, with constants folded.

use super::{Compiler, Flow, Local, Stop};
use crate::lang::ast::{BinaryOp, Expr, ExprKind};
use crate::lang::diagnostic::{Diagnostic, Kind};
use crate::lang::model::{Symbol, constant_fault};
use crate::lang::span::Span;
use crate::program::{Instruction, Operand, Place, Register, value};

/// Finds the first element's number and the size of what a symbol declares, if it is of the right kind.
type Find = fn(&crate::program::Program, Symbol) -> Option<(u32, Option<u32>)>;

impl Compiler<'_, '_> {
    /// The value of an expression: a constant, or the register it is in.
    pub(super) fn expr(&mut self, expr: &Expr) -> Flow<Operand> {
        self.work(expr.span)?;
        match &expr.kind {
            ExprKind::Int(value) | ExprKind::Duration(value) => Ok(Operand::Constant(*value)),
            ExprKind::Name(name) => match (self.lookup(name), self.model.symbol(name)) {
                (Some(Local::Value(operand)), _) => Ok(operand),
                (None, Some(Symbol::Constant(at))) => {
                    Ok(Operand::Constant(self.model.program.constants[at].value))
                }
                (None, Some(Symbol::Variable(_))) => self.read(expr),
                _ => Err(self.wrong_kind(expr.span, "a number is needed here")),
            },
            ExprKind::Index(..) => self.read(expr),
            ExprKind::Call(name, arguments) => match self.call(name, arguments, expr.span)? {
                Some(operand) => Ok(operand),
                None => Err(self.wrong_kind(expr.span, "this call gives no value")),
            },
            ExprKind::Unary(op, a) => {
                let a = self.expr(a)?;
                if let Operand::Constant(a) = a {
                    return self.folded(value::unary(*op, a), expr.span);
                }
                let to = self.register(expr.span)?;
                self.emit(Instruction::Unary { op: *op, to, a }, expr.span)?;
                Ok(Operand::Register(to))
            }
            ExprKind::Binary(op @ (BinaryOp::And | BinaryOp::Or), a, b) => self.lazy(*op, a, b, expr.span),
            ExprKind::Binary(op, a, b) => {
                let a = self.expr(a)?;
                let b = self.expr(b)?;
                self.binary(*op, a, b, expr.span)
            }
            _ => Err(self.wrong_kind(expr.span, "a number is needed here")),
        }
    }

    pub(super) fn binary(&mut self, op: BinaryOp, a: Operand, b: Operand, span: Span) -> Flow<Operand> {
        if let (Operand::Constant(a), Operand::Constant(b)) = (a, b) {
            return self.folded(value::binary(op, a, b), span);
        }
        let to = self.register(span)?;
        self.emit(Instruction::Binary { op, to, a, b }, span)?;
        Ok(Operand::Register(to))
    }

    fn folded(&mut self, result: Result<i32, value::Fault>, span: Span) -> Flow<Operand> {
        match result {
            Ok(value) => Ok(Operand::Constant(value)),
            Err(why) => {
                let name = self.name();
                self.out.push(constant_fault(why, span).label(format!("for {name}")));
                Err(Stop)
            }
        }
    }

    /// `and`, `or`: the second part is evaluated only if the first does not decide.
    fn lazy(&mut self, op: BinaryOp, a: &Expr, b: &Expr, span: Span) -> Flow<Operand> {
        let deciding = op == BinaryOp::Or;
        let first = self.expr(a)?;
        if let Operand::Constant(a) = first {
            if (a != 0) == deciding {
                return Ok(Operand::Constant(i32::from(deciding)));
            }
            let b = self.expr(b)?;
            return self.binary(BinaryOp::NotEqual, b, Operand::Constant(0), span);
        }
        let to = self.register(span)?;
        self.truth(to, first, span)?;
        let condition = Operand::Register(to);
        let decided = self.emit(Instruction::Branch { condition, on: deciding, to: 0 }, span)?;
        let second = self.expr(b)?;
        self.truth(to, second, span)?;
        self.land(decided);
        Ok(condition)
    }

    fn truth(&mut self, to: Register, a: Operand, span: Span) -> Flow {
        let b = Operand::Constant(0);
        self.emit(Instruction::Binary { op: BinaryOp::NotEqual, to, a, b }, span)?;
        Ok(())
    }

    fn read(&mut self, expr: &Expr) -> Flow<Operand> {
        let cell = self.cell(expr)?;
        let to = self.register(expr.span)?;
        self.emit(Instruction::Read { to, cell }, expr.span)?;
        Ok(Operand::Register(to))
    }

    /// The cell that an expression names.
    pub(super) fn cell(&mut self, expr: &Expr) -> Flow<Place> {
        self.object(expr, "a shared variable is needed here", |program, symbol| match symbol {
            Symbol::Variable(at) => Some((program.variables[at].base.0, program.variables[at].size)),
            _ => None,
        })
    }

    /// The semaphore that an expression names.
    pub(super) fn semaphore(&mut self, expr: &Expr) -> Flow<Place> {
        if let ExprKind::Name(name) = &expr.kind
            && let Some(Local::Semaphore(place)) = self.lookup(name)
        {
            return Ok(place);
        }
        self.object(expr, "a semaphore is needed here", |program, symbol| match symbol {
            Symbol::Semaphore(at) => Some((program.semaphores[at].base.0, program.semaphores[at].size)),
            _ => None,
        })
    }

    /// The mutex that an expression names.
    pub(super) fn mutex(&mut self, expr: &Expr) -> Flow<Place> {
        if let ExprKind::Name(name) = &expr.kind
            && let Some(Local::Mutex(place)) = self.lookup(name)
        {
            return Ok(place);
        }
        self.object(expr, "a mutex is needed here", |program, symbol| match symbol {
            Symbol::Mutex(at) => Some((program.mutexes[at].base.0, program.mutexes[at].size)),
            _ => None,
        })
    }

    fn object(&mut self, expr: &Expr, needed: &str, find: Find) -> Flow<Place> {
        let (name, index) = match &expr.kind {
            ExprKind::Name(name) if self.lookup(name).is_none() => (name.as_str(), None),
            ExprKind::Index(name, index) => (name.text.as_str(), Some(index)),
            _ => return Err(self.wrong_kind(expr.span, needed)),
        };
        let found = self.model.symbol(name).and_then(|symbol| find(&self.model.program, symbol));
        match (found, index) {
            (Some((base, None)), None) => Ok(Place::Fixed(base)),
            (Some((base, Some(len))), Some(index)) => self.element(name, base, len, index),
            _ => Err(self.wrong_kind(expr.span, needed)),
        }
    }

    fn element(&mut self, name: &str, base: u32, len: u32, index: &Expr) -> Flow<Place> {
        let operand = self.expr(index)?;
        match operand {
            Operand::Constant(value) if (0..i64::from(len)).contains(&i64::from(value)) => {
                Ok(Place::Fixed(base + value as u32))
            }
            Operand::Constant(value) => {
                let elements = match len {
                    0 => format!("`{name}` has no elements"),
                    1 => format!("`{name}` has one element, {name}[0]"),
                    _ => format!("`{name}` has {len} elements, {name}[0] to {name}[{}]", len - 1),
                };
                let actor = self.name();
                self.out.push(
                    Diagnostic::error(Kind::Index, index.span, format!("there is no {name}[{value}]"))
                        .label(format!("{value} for {actor}"))
                        .help(elements),
                );
                Err(Stop)
            }
            Operand::Register(register) => {
                self.emit(Instruction::Bound { index: operand, len }, index.span)?;
                // The place is used after other operands may have been computed, and a variable may be assigned to in
                // between only by a statement: the register stays what it is.
                Ok(Place::Indexed { base, len, index: register })
            }
        }
    }

    /// Says that an expression is of the wrong kind. Most are found before, when names are checked; what a def's
    /// parameter stands for shows only here.
    pub(super) fn wrong_kind(&mut self, span: Span, message: &str) -> Stop {
        let mut diagnostic = Diagnostic::error(Kind::WrongKind, span, message);
        if let Some(call) = self.calls.last() {
            let def = &self.model.defs[call.def];
            diagnostic = diagnostic.related(def.span, "in a call of this");
        }
        self.out.push(diagnostic);
        Stop
    }
}
