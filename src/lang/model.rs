//! What the names of a program mean, and the constants' values.

use std::collections::HashMap;

use super::ast::{Expr, ExprKind, Stmt};
use super::builtin::Op;
use super::diagnostic::{Diagnostic, Diagnostics, Kind};
use super::span::{FileId, Lines, Name, Sources, Span};
use crate::program::value::{self, Fault};
use crate::program::{ActivityId, Program, SyncId};

/// What a name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Symbol {
    Constant(usize),
    Variable(usize),
    Semaphore(usize),
    Mutex(usize),
    /// One that is recursive, or fair, or both.
    SyncMutex(usize),
    Monitor(usize),
    Condition(usize),
    RwLock(usize),
    Barrier(usize),
    Channel(usize),
    Role(usize),
    Def(usize),
}

impl Symbol {
    /// The word for it in messages.
    pub fn noun(self) -> &'static str {
        match self {
            Symbol::Constant(_) => "a constant",
            Symbol::Variable(_) => "a shared variable",
            Symbol::Semaphore(_) => "a semaphore",
            Symbol::Mutex(_) | Symbol::SyncMutex(_) => "a mutex",
            Symbol::Monitor(_) => "a monitor",
            Symbol::Condition(_) => "a condition",
            Symbol::RwLock(_) => "a read-write lock",
            Symbol::Barrier(_) => "a barrier",
            Symbol::Channel(_) => "a channel",
            Symbol::Role(_) => "a role",
            Symbol::Def(_) => "a def",
        }
    }
}

/// A `process` or a `def` of the text.
#[derive(Debug)]
pub struct Routine<'a> {
    /// Its name.
    pub name: &'a Name,
    /// Its parameters.
    pub parameters: Vec<&'a Name>,
    /// Its statements.
    pub body: &'a [Stmt],
    /// The monitor that it belongs to.
    pub monitor: Option<SyncId>,
    /// Its header.
    pub span: Span,
}

/// A parsed program whose names are known. Instructions come later.
pub struct Model<'a> {
    /// The texts.
    pub sources: &'a Sources,
    /// Where their lines begin.
    pub lines: Lines,
    /// What is known of the program so far.
    pub program: Program,
    /// What each global name means, and where it was declared.
    pub symbols: HashMap<String, (Symbol, Span)>,
    /// The `def`s.
    pub defs: Vec<Routine<'a>>,
    /// The process of each role.
    pub processes: Vec<Option<Routine<'a>>>,
    /// Where each activity was declared.
    pub activity_spans: Vec<Span>,
    /// What is wrong.
    pub out: Diagnostics,
}

/// A name's value while compiling, beyond the constants: bound variables of `all`, a process's number.
pub type Bindings<'b> = &'b dyn Fn(&str) -> Option<i32>;

impl<'a> Model<'a> {
    /// What a global name means.
    pub fn symbol(&self, name: &str) -> Option<Symbol> {
        self.symbols.get(name).map(|(symbol, _)| *symbol)
    }

    /// The activity of that name in a role.
    pub fn activity(&self, role: usize, name: &str) -> Option<ActivityId> {
        let found = self.program.activities.iter().position(|a| a.role.index() == role && a.name == name);
        found.map(|at| ActivityId(at as u32))
    }

    /// Declares a global name; a second declaration is an error.
    pub fn declare(&mut self, name: &Name, symbol: Symbol) -> bool {
        if let Some((_, first)) = self.symbols.get(&name.text) {
            let first = *first;
            let message = format!("`{}` is declared twice", name.text);
            let mut diagnostic =
                Diagnostic::error(Kind::Duplicate, name.span, message).label("second declaration");
            diagnostic = diagnostic.related(first, "first declaration");
            if first.file == FileId::Problem && name.span.file == FileId::Solution {
                diagnostic =
                    diagnostic.help("the problem declares it already: use it, or choose another name");
            }
            self.out.push(diagnostic);
            return false;
        }
        self.symbols.insert(name.text.clone(), (symbol, name.span));
        true
    }

    /// Evaluates an expression that must be known before the run. Errors are reported.
    pub fn constant(&mut self, expr: &Expr) -> Option<i32> {
        match self.evaluate(expr, &|_| None) {
            Ok(value) => Some(value),
            Err(diagnostic) => {
                self.out.push(*diagnostic);
                None
            }
        }
    }

    /// Evaluates an expression of constants and bound names.
    pub fn evaluate(&self, expr: &Expr, bound: Bindings<'_>) -> Result<i32, Box<Diagnostic>> {
        let fault = |why| Box::new(constant_fault(why, expr.span));
        match &expr.kind {
            ExprKind::Int(value) | ExprKind::Duration(value) => Ok(*value),
            ExprKind::Name(name) => match (bound(name), self.symbol(name)) {
                (Some(value), _) => Ok(value),
                (None, Some(Symbol::Constant(at))) => Ok(self.program.constants[at].value),
                (None, Some(symbol)) => Err(Box::new(
                    Diagnostic::error(
                        Kind::NotConstant,
                        expr.span,
                        format!("`{name}` is {}, and this must be known before the run", symbol.noun()),
                    )
                    .label("not a constant"),
                )),
                (None, None) => Err(Box::new(self.unknown(name, expr.span, &[]))),
            },
            ExprKind::Unary(op, a) => value::unary(*op, self.evaluate(a, bound)?).map_err(fault),
            ExprKind::Binary(op, a, b) => {
                value::binary(*op, self.evaluate(a, bound)?, self.evaluate(b, bound)?).map_err(fault)
            }
            ExprKind::Call(name, arguments) => match (super::builtin::find(&name.text), arguments.as_slice())
            {
                (Some(b), [x, y]) if b.op == Op::Min => {
                    Ok(self.evaluate(x, bound)?.min(self.evaluate(y, bound)?))
                }
                (Some(b), [x, y]) if b.op == Op::Max => {
                    Ok(self.evaluate(x, bound)?.max(self.evaluate(y, bound)?))
                }
                _ => Err(Box::new(not_constant(expr.span))),
            },
            _ => Err(Box::new(not_constant(expr.span))),
        }
    }

    /// Says that nothing declares a name, and what may have been meant.
    pub fn unknown(&self, name: &str, span: Span, locals: &[&str]) -> Diagnostic {
        let diagnostic = Diagnostic::error(Kind::UnknownName, span, format!("nothing is called `{name}`"))
            .label("unknown name");
        let is_it = |known: &&String| known.rsplit_once('.').is_some_and(|(_, own)| own == name);
        // Of several monitors always the same one.
        let of_monitor = self.symbols.keys().filter(is_it).min();
        if let Some((monitor, _)) = of_monitor.and_then(|known| known.rsplit_once('.')) {
            let help =
                format!("outside of the monitor `{monitor}` its variable is called `{monitor}.{name}`");
            return diagnostic.help(help);
        }
        let known = self.symbols.keys().map(String::as_str).chain(locals.iter().copied());
        let near = if self.out.is_long() { None } else { super::suggest::nearest(name, known) };
        match near {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help(format!(
                "declare it: `let {name} = …` for one process alone, `shared {name} = 0` for all"
            )),
        }
    }
}

fn not_constant(span: Span) -> Diagnostic {
    Diagnostic::error(Kind::NotConstant, span, "this must be known before the run")
        .label("not a constant")
        .help("use numbers, constants, + - * / %, min and max")
}

/// Says why arithmetic on constants failed.
pub fn constant_fault(why: Fault, span: Span) -> Diagnostic {
    let message = match why {
        Fault::DivisionByZero => "this divides by zero",
        Fault::EmptyChoice => "this range is empty",
        _ => "the result does not fit into 32 bits",
    };
    Diagnostic::error(Kind::ConstantFault, span, message)
}
