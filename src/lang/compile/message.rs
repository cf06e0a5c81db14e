//! Messages: values travel in registers that lie side by side.

use super::{Compiler, Flow, Local};
use crate::lang::ast::{Expr, ExprKind};
use crate::lang::builtin::{self, Op};
use crate::lang::diagnostic::{Diagnostic, Kind};
use crate::lang::model::Symbol;
use crate::lang::span::{Name, Span};
use crate::program::{Ends, Instruction, Operand, Place, Register};

impl Compiler<'_, '_> {
    /// `send(c, x, …)`
    pub(super) fn send(&mut self, arguments: &[Expr], span: Span) -> Flow {
        let values = arguments.len() as u8 - 1;
        let (channel, ends) = self.channel(&arguments[0], Some(values))?;
        let mut operands = Vec::new();
        for argument in &arguments[1..] {
            operands.push(self.expr(argument)?);
        }
        let from = self.registers(values, span)?;
        for (at, operand) in operands.into_iter().enumerate() {
            self.emit(Instruction::Copy { to: Register(from.0 + at as u16), from: operand }, span)?;
        }
        self.emit(Instruction::Send { channel, ends, from, values }, span)?;
        Ok(())
    }

    /// `receive(c)`: the one value of a message.
    pub(super) fn receive(&mut self, argument: &Expr, span: Span) -> Flow<Operand> {
        let (channel, ends) = self.channel(argument, Some(1))?;
        let to = self.register(span)?;
        self.emit(Instruction::Receive { channel, ends, to, values: 1, wait: true }, span)?;
        Ok(Operand::Register(to))
    }

    /// A message that is received and forgotten, on a line of its own.
    pub(super) fn discard(&mut self, op: Op, argument: &Expr, span: Span) -> Flow {
        let (channel, ends) = self.channel(argument, None)?;
        let wait = op == Op::Receive;
        let values = u8::from(!wait);
        let to = self.registers(values, span)?;
        self.emit(Instruction::Receive { channel, ends, to, values, wait }, span)?;
        Ok(())
    }

    /// `let a, b = receive(c)`, `let got, a = try_receive(c)`
    pub(super) fn receive_into(&mut self, names: &[Name], value: &Expr) -> Flow {
        let ExprKind::Call(operation, arguments) = &value.kind else {
            return Err(self.wrong_kind(value.span, "only a message gives several values"));
        };
        let wait = builtin::find(&operation.text).is_some_and(|b| b.op == Op::Receive);
        let values = names.len() as u8;
        let to = self.registers(values, value.span)?;
        let kept = self.next_register;
        let (channel, ends) = self.channel(&arguments[0], Some(values - u8::from(!wait)))?;
        self.emit(Instruction::Receive { channel, ends, to, values, wait }, value.span)?;
        self.next_register = kept;
        for (at, name) in names.iter().enumerate() {
            self.bind(name, Local::Value(Operand::Register(Register(to.0 + at as u16))));
        }
        Ok(())
    }

    /// So many fresh registers side by side.
    fn registers(&mut self, count: u8, span: Span) -> Flow<Register> {
        let first = Register(self.next_register as u16);
        for _ in 0..count {
            self.register(span)?;
        }
        Ok(first)
    }

    /// The channel that an expression names. All its messages must have the same number of values.
    fn channel(&mut self, expr: &Expr, values: Option<u8>) -> Flow<(Place, Ends)> {
        let is = |symbol| matches!(symbol, Symbol::Channel(_));
        let (symbol, place) = self.object(expr, "a channel is needed here", is)?;
        let Symbol::Channel(at) = symbol else { return Err(self.wrong_kind(expr.span, "no channel")) };
        let ends = self.model.program.channels[at].ends;
        let Some(values) = values else { return Ok((place, ends)) };
        let (first, seen) = *self.common.widths.entry(at).or_insert((values, expr.span));
        if first != values {
            let name = &self.model.program.channels[at].name;
            let message = format!("a message in `{name}` has {}, not {}", counted(first), counted(values));
            self.out.push(
                Diagnostic::error(Kind::Arguments, expr.span, message)
                    .label("another number of values")
                    .related(seen, "the messages begin here")
                    .help("send and receive the same number of values"),
            );
        }
        Ok((place, ends))
    }
}

fn counted(values: u8) -> String {
    if values == 1 { "one value".into() } else { format!("{values} values") }
}
