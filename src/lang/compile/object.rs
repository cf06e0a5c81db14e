//! Expressions that name an object, to the place that they mean.

use super::{Compiler, Flow, Local, Stop};
use crate::lang::ast::{Expr, ExprKind};
use crate::lang::diagnostic::{Diagnostic, Kind};
use crate::lang::model::Symbol;
use crate::program::{Instruction, Operand, Place, Program};

/// The first element's number and the size of what a symbol declares; none for what is no object.
fn declared(program: &Program, symbol: Symbol) -> Option<(u32, Option<u32>)> {
    Some(match symbol {
        Symbol::Variable(at) => (program.variables[at].base.0, program.variables[at].size),
        Symbol::Semaphore(at) => (program.semaphores[at].base.0, program.semaphores[at].size),
        Symbol::Mutex(at) => (program.mutexes[at].base.0, program.mutexes[at].size),
        Symbol::Monitor(at) | Symbol::SyncMutex(at) | Symbol::RwLock(at) | Symbol::Barrier(at) => {
            (program.syncs[at].base.0, program.syncs[at].size)
        }
        Symbol::Condition(at) => (program.conditions[at].base.0, program.conditions[at].size),
        Symbol::Channel(at) => (program.channels[at].base.0, program.channels[at].size),
        _ => return None,
    })
}

impl Compiler<'_, '_> {
    /// The cell that an expression names.
    pub(super) fn cell(&mut self, expr: &Expr) -> Flow<Place> {
        let is = |symbol| matches!(symbol, Symbol::Variable(_));
        self.object(expr, "a shared variable is needed here", is).map(|(_, place)| place)
    }

    /// The semaphore that an expression names.
    pub(super) fn semaphore(&mut self, expr: &Expr) -> Flow<Place> {
        let is = |symbol| matches!(symbol, Symbol::Semaphore(_));
        self.object(expr, "a semaphore is needed here", is).map(|(_, place)| place)
    }

    /// The plain mutex that an expression names.
    pub(super) fn mutex(&mut self, expr: &Expr) -> Flow<Place> {
        let is = |symbol| matches!(symbol, Symbol::Mutex(_));
        self.object(expr, "a plain mutex is needed here", is).map(|(_, place)| place)
    }

    /// What an argument of a def stands for, if it is an object.
    pub(super) fn passed(&mut self, argument: &Expr) -> Flow<Option<Local>> {
        let symbol = match &argument.kind {
            ExprKind::Name(name) => match self.lookup(name) {
                Some(Local::Object(symbol, _)) => Some(symbol),
                Some(Local::Value(_)) => None,
                None => self.model.symbol(name),
            },
            ExprKind::Index(name, _) => self.model.symbol(&name.text),
            _ => None,
        };
        // A shared variable is read, and its value passed on.
        let object = |symbol: &Symbol| {
            !matches!(symbol, Symbol::Variable(_)) && declared(&self.model.program, *symbol).is_some()
        };
        match symbol.filter(object) {
            None => Ok(None),
            Some(_) => {
                let (symbol, place) = self.object(argument, "an object is needed here", |_| true)?;
                Ok(Some(Local::Object(symbol, place)))
            }
        }
    }

    /// The object that an expression names, if it `is` of the right kind, and how it was declared.
    pub(super) fn object(
        &mut self,
        expr: &Expr,
        needed: &str,
        is: impl Fn(Symbol) -> bool,
    ) -> Flow<(Symbol, Place)> {
        let (name, index) = match &expr.kind {
            ExprKind::Name(name) => (name.as_str(), None),
            ExprKind::Index(name, index) => (name.text.as_str(), Some(index)),
            _ => return Err(self.wrong_kind(expr.span, needed)),
        };
        let symbol = match self.lookup(name) {
            Some(Local::Object(symbol, place)) if index.is_none() && is(symbol) => {
                return Ok((symbol, place));
            }
            Some(_) => None,
            None => self.model.symbol(name).filter(|symbol| is(*symbol)),
        };
        let found = symbol.and_then(|symbol| Some((symbol, declared(&self.model.program, symbol)?)));
        match (found, index) {
            (Some((symbol, (base, None))), None) => Ok((symbol, Place::Fixed(base))),
            (Some((symbol, (base, Some(len)))), Some(index)) => {
                Ok((symbol, self.element(name, base, len, index)?))
            }
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
}
