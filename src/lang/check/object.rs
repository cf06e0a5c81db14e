//! Arguments that must be objects: a semaphore where semaphores belong, a channel where channels belong.

use super::Checker;
use crate::lang::ast::{Expr, ExprKind};
use crate::lang::builtin::Takes;
use crate::lang::diagnostic::{Diagnostic, Kind};
use crate::lang::model::Symbol;
use crate::lang::span::Span;

/// Whether a symbol is of the kind that is asked for.
type Is = fn(Symbol) -> bool;

/// What an operation takes, in words, and whether a symbol is that; none for what is no object.
fn wanted(takes: Takes) -> Option<(&'static str, Is)> {
    use Symbol::*;
    Some(match takes {
        Takes::Semaphore => ("a semaphore", |s| matches!(s, Semaphore(_))),
        Takes::Waitable => ("a semaphore", |s| matches!(s, Semaphore(_) | Condition(_))),
        Takes::Condition => ("a condition", |s| matches!(s, Condition(_))),
        Takes::Mutex => ("a mutex", |s| matches!(s, Mutex(_) | SyncMutex(_))),
        Takes::PlainMutex => ("a plain mutex", |s| matches!(s, Mutex(_))),
        Takes::Lock => ("a mutex", |s| matches!(s, Mutex(_) | SyncMutex(_) | RwLock(_))),
        Takes::RwLock => ("a read-write lock", |s| matches!(s, RwLock(_))),
        Takes::Barrier => ("a barrier", |s| matches!(s, Barrier(_))),
        Takes::Channel => ("a channel", |s| matches!(s, Channel(_))),
        Takes::Cell => ("a shared variable", |s| matches!(s, Variable(_))),
        _ => return None,
    })
}

/// The operations that go with an object of another kind than was asked for.
fn used_with(symbol: Symbol, name: &str) -> Option<String> {
    Some(match symbol {
        Symbol::Semaphore(_) => format!("write wait({name}) and signal({name})"),
        Symbol::Mutex(_) => format!("write lock({name}) and unlock({name})"),
        Symbol::SyncMutex(_) => {
            format!("declare it as mutex {name}, or write lock({name}) or try_lock({name})")
        }
        Symbol::RwLock(_) => format!("write lock_read({name}) or lock_write({name}), and unlock({name})"),
        Symbol::Barrier(_) => format!("write arrive({name})"),
        Symbol::Channel(_) => format!("write send({name}, x) and let x = receive({name})"),
        Symbol::Condition(_) => format!("write wait({name}), signal({name}) or broadcast({name})"),
        Symbol::Monitor(_) => format!("call its defs: {name}.enter()"),
        _ => return None,
    })
}

/// What a symbol is called where it may be passed to a def: an object of its kind.
pub(super) fn takes(symbol: Symbol) -> Option<Takes> {
    Some(match symbol {
        Symbol::Semaphore(_) => Takes::Semaphore,
        Symbol::Mutex(_) | Symbol::SyncMutex(_) => Takes::Mutex,
        Symbol::Condition(_) => Takes::Condition,
        Symbol::RwLock(_) => Takes::RwLock,
        Symbol::Barrier(_) => Takes::Barrier,
        Symbol::Channel(_) => Takes::Channel,
        _ => return None,
    })
}

impl Checker<'_, '_> {
    /// An argument of an operation.
    pub(super) fn argument(&mut self, takes: Takes, argument: &Expr) {
        if let Some((what, is)) = wanted(takes) {
            return self.object(argument, what, is);
        }
        match takes {
            Takes::Time if matches!(argument.kind, ExprKind::Duration(_)) => {}
            Takes::Printable if matches!(argument.kind, ExprKind::Text(_)) => {}
            Takes::Range => match &argument.kind {
                ExprKind::Range(low, high) => {
                    self.value(low);
                    self.value(high);
                }
                _ => self.wrong(argument.span, "expected a range", "write choose(1..6)"),
            },
            _ => self.value(argument),
        }
    }

    /// Complains where a monitor's own variable or condition is used outside its defs.
    pub(super) fn keep_out(&mut self, name: &str, span: Span) {
        let Some((monitor, _)) = name.split_once('.') else { return };
        if self.monitor.as_deref() == Some(monitor) {
            return;
        }
        let message = format!("`{name}` is guarded by its monitor, and only the monitor's defs may use it");
        self.model.out.push(
            Diagnostic::error(Kind::Misplaced, span, message)
                .label("outside the monitor")
                .help(format!("write a def in monitor {monitor}, and call it from here")),
        );
    }

    /// A shared variable or an element of one.
    pub(super) fn cell(&mut self, expr: &Expr) {
        self.argument(Takes::Cell, expr);
    }

    /// Checks that an expression names one object of a kind: a scalar, or an element of an array.
    fn object(&mut self, expr: &Expr, what: &str, is: Is) {
        let (name, index) = match &expr.kind {
            ExprKind::Name(name) => (name.as_str(), None),
            ExprKind::Index(name, index) => (name.text.as_str(), Some(index)),
            _ => {
                let message = format!("expected {what}");
                self.model
                    .out
                    .push(Diagnostic::error(Kind::WrongKind, expr.span, message).label("something else"));
                return;
            }
        };
        if let Some(index) = index {
            self.value(index);
        }
        // A def's parameter may stand for an object; what it is shows at each call.
        if index.is_none() && self.role.is_none() && self.mark_read(name) {
            return;
        }
        let Some(symbol) = self.model.symbol(name) else {
            let diagnostic = if self.mark_read(name) {
                let message = format!("`{name}` is a number of this process, and {what} is needed");
                Diagnostic::error(Kind::WrongKind, expr.span, message)
            } else {
                self.unknown_object(name, expr.span, what)
            };
            self.model.out.push(diagnostic);
            return;
        };
        if !is(symbol) {
            let message = format!("`{name}` is {}, and {what} is needed", symbol.noun());
            let diagnostic = Diagnostic::error(Kind::WrongKind, expr.span, message).label("wrong kind");
            self.model.out.push(match used_with(symbol, name) {
                Some(help) => diagnostic.help(help),
                None => diagnostic,
            });
            return;
        }
        self.keep_out(name, expr.span);
        match (self.size(symbol), index) {
            (Some(_), None) => {
                let message = format!("`{name}` is an array; one element is needed");
                let diagnostic = Diagnostic::error(Kind::WrongKind, expr.span, message);
                self.model.out.push(diagnostic.help(format!("write {name}[i]")));
            }
            (None, Some(_)) => {
                let message = format!("`{name}` is not an array");
                let diagnostic = Diagnostic::error(Kind::WrongKind, expr.span, message);
                self.model.out.push(diagnostic.help(format!("write {name} alone, or declare {name}[N]")));
            }
            _ => {}
        }
    }

    fn size(&self, symbol: Symbol) -> Option<u32> {
        let program = &self.model.program;
        match symbol {
            Symbol::Variable(at) => program.variables[at].size,
            Symbol::Semaphore(at) => program.semaphores[at].size,
            Symbol::Mutex(at) => program.mutexes[at].size,
            Symbol::Monitor(at) | Symbol::SyncMutex(at) | Symbol::RwLock(at) | Symbol::Barrier(at) => {
                program.syncs[at].size
            }
            Symbol::Condition(at) => program.conditions[at].size,
            Symbol::Channel(at) => program.channels[at].size,
            _ => None,
        }
    }

    fn unknown_object(&self, name: &str, span: Span, what: &str) -> Diagnostic {
        let mut diagnostic = self.unknown(name, span);
        if diagnostic.help.as_deref().is_some_and(|h| h.starts_with("declare")) {
            diagnostic.help = Some(match what {
                "a semaphore" => format!("declare it: semaphore {name} = 1"),
                "a mutex" => format!("declare it: mutex {name}"),
                "a read-write lock" => format!("declare it: rwlock {name}"),
                "a barrier" => format!("declare it: barrier {name} = 3"),
                "a channel" => format!("declare it: channel {name} size 4"),
                "a condition" => format!("declare it in a monitor: condition {name}"),
                _ => format!("declare it: shared {name} = 0"),
            });
        }
        diagnostic
    }
}
