//! Expressions to instructions, with constants folded.

use super::{Compiler, Flow, Local, Stop};
use crate::lang::ast::{BinaryOp, Expr, ExprKind};
use crate::lang::diagnostic::{Diagnostic, Kind};
use crate::lang::model::{Symbol, constant_fault};
use crate::lang::span::Span;
use crate::program::{Instruction, Operand, Register, value};

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
