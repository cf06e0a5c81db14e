//! Items are only copied, never computed with, so that a checker may rename them.
//!
//! Finds which variables hold items: what an activity produces, and everything it is copied to, until nothing changes.
//! Then complains wherever such a variable is used as a number. Comparing with a constant (a sentinel) is allowed.

use std::collections::HashSet;

use super::ast::{BinaryOp, Expr, ExprKind, Stmt, StmtKind};
use super::builtin::{self, Op};
use super::diagnostic::{Diagnostic, Diagnostics, Kind};
use super::model::{Model, Symbol};
use super::span::{Name, Span};
use crate::program::MAX_VALUES;

/// Something that may hold an item.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Holder {
    /// A local variable or parameter, by the place of its declaration.
    Local(Span),
    /// A shared variable, by its number.
    Variable(usize),
    /// A place in the messages of a channel.
    Channel(usize, usize),
    /// What a def gives.
    Result(usize),
}

/// Marks the shared variables that hold items, and reports computing with items.
pub fn check(model: &mut Model<'_>) {
    if model.program.items.is_none() {
        return;
    }
    let mut holders = HashSet::new();
    loop {
        let before = holders.len();
        holders = walk(model, holders).0;
        if holders.len() == before {
            break;
        }
    }
    let (holders, found) = walk(model, holders);
    model.out.append(found);
    for (at, channel) in model.program.channels.iter_mut().enumerate() {
        channel.holds_items = (0..MAX_VALUES).any(|place| holders.contains(&Holder::Channel(at, place)));
    }
    for (at, variable) in model.program.variables.iter_mut().enumerate() {
        variable.holds_items = holders.contains(&Holder::Variable(at));
    }
}

fn walk(model: &Model<'_>, holders: HashSet<Holder>) -> (HashSet<Holder>, Diagnostics) {
    let mut walker = Walker { model, holders, scopes: Vec::new(), def: None, out: Diagnostics::default() };
    for process in model.processes.iter().flatten() {
        walker.routine(None, &process.parameters, process.body);
    }
    for (at, def) in model.defs.iter().enumerate() {
        walker.routine(Some(at), &def.parameters, def.body);
    }
    (walker.holders, walker.out)
}

struct Walker<'w, 'a> {
    model: &'w Model<'a>,
    holders: HashSet<Holder>,
    scopes: Vec<Vec<(String, Span)>>,
    def: Option<usize>,
    out: Diagnostics,
}

impl Walker<'_, '_> {
    fn routine(&mut self, def: Option<usize>, parameters: &[&Name], body: &[Stmt]) {
        self.def = def;
        self.scopes = vec![parameters.iter().map(|p| (p.text.clone(), p.span)).collect()];
        self.body(body);
    }

    fn body(&mut self, body: &[Stmt]) {
        self.scopes.push(Vec::new());
        for stmt in body {
            self.statement(stmt);
        }
        self.scopes.pop();
    }

    fn statement(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Let { name, value } => {
                self.store(Holder::Local(name.span), value);
                if let Some(scope) = self.scopes.last_mut() {
                    scope.push((name.text.clone(), name.span));
                }
            }
            StmtKind::LetMany { names, value } => self.receive_into(names, value),
            StmtKind::Assign { target, value } => {
                if let ExprKind::Index(_, index) = &target.kind {
                    self.number(index);
                }
                match self.holder(target) {
                    Some(holder) => self.store(holder, value),
                    None => self.number(value),
                }
            }
            StmtKind::Expr(expr) => {
                self.item(expr);
            }
            StmtKind::If { arms, otherwise } => {
                for (condition, body) in arms {
                    self.number(condition);
                    self.body(body);
                }
                self.body(otherwise);
            }
            StmtKind::While { condition, body } => {
                self.number(condition);
                self.body(body);
            }
            StmtKind::Loop { body } => self.body(body),
            StmtKind::For { name, low, high, body } => {
                self.number(low);
                self.number(high);
                self.scopes.push(vec![(name.text.clone(), name.span)]);
                self.body(body);
                self.scopes.pop();
            }
            StmtKind::Return(Some(value)) => match self.def {
                Some(def) => self.store(Holder::Result(def), value),
                None => self.number(value),
            },
            StmtKind::Await(e) | StmtKind::Assert(e) => self.number(e),
            _ => {}
        }
    }

    /// `let a, b = receive(c)`
    fn receive_into(&mut self, names: &[Name], value: &Expr) {
        let ExprKind::Call(operation, arguments) = &value.kind else { return };
        let got = usize::from(builtin::find(&operation.text).is_some_and(|b| b.op == Op::TryReceive));
        let channel = arguments.first().and_then(|a| self.channel(a));
        for (at, name) in names.iter().enumerate() {
            let place = channel.zip(at.checked_sub(got)).map(|(channel, at)| Holder::Channel(channel, at));
            if place.is_some_and(|place| self.holders.contains(&place)) {
                self.holders.insert(Holder::Local(name.span));
            }
            if let Some(scope) = self.scopes.last_mut() {
                scope.push((name.text.clone(), name.span));
            }
        }
    }

    /// The channel that an expression names. One that a def was given is not seen through: items travel under their own name.
    fn channel(&self, expr: &Expr) -> Option<usize> {
        let name = match &expr.kind {
            ExprKind::Name(name) => name.as_str(),
            ExprKind::Index(name, _) => name.text.as_str(),
            _ => return None,
        };
        match self.model.symbol(name) {
            Some(Symbol::Channel(at)) => Some(at),
            _ => None,
        }
    }

    fn holder(&self, expr: &Expr) -> Option<Holder> {
        let name = match &expr.kind {
            ExprKind::Name(name) => name.as_str(),
            ExprKind::Index(name, _) => name.text.as_str(),
            _ => return None,
        };
        let local = self.scopes.iter().rev().flatten().rev().find(|(n, _)| n == name);
        match (local, self.model.symbol(name)) {
            (Some((_, span)), _) => Some(Holder::Local(*span)),
            (None, Some(Symbol::Variable(at))) => Some(Holder::Variable(at)),
            _ => None,
        }
    }

    /// A copy into a holder: an item makes it a holder of items, and a computed number may not be mixed with items.
    fn store(&mut self, holder: Holder, value: &Expr) {
        if self.item(value) {
            self.holders.insert(holder);
        } else if self.holders.contains(&holder) && !self.is_constant(value) {
            self.out.push(
                Diagnostic::error(Kind::ItemArithmetic, value.span, "this number is mixed with items")
                    .label("the variable holds items elsewhere")
                    .help("use a variable of its own; only a constant may stand for «no item»"),
            );
        }
    }

    fn is_constant(&self, expr: &Expr) -> bool {
        self.model.evaluate(expr, &|_| None).is_ok()
    }

    /// An expression that must be a number.
    fn number(&mut self, expr: &Expr) {
        if self.item(expr) {
            self.out.push(
                Diagnostic::error(Kind::ItemArithmetic, expr.span, "items are handed on, not computed with")
                    .label("an item, used as a number")
                    .help("copy it, pass it on, or compare it with a constant"),
            );
        }
    }

    /// Whether the value is an item; looks for misuse inside on the way.
    fn item(&mut self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Name(_) => self.holder(expr).is_some_and(|h| self.holders.contains(&h)),
            ExprKind::Index(_, index) => {
                self.number(index);
                self.holder(expr).is_some_and(|h| self.holders.contains(&h))
            }
            ExprKind::Unary(_, a) => {
                self.number(a);
                false
            }
            ExprKind::Binary(op, a, b) => {
                let compares = matches!(op, BinaryOp::Equal | BinaryOp::NotEqual);
                if compares && (self.is_constant(a) || self.is_constant(b)) {
                    self.item(a);
                    self.item(b);
                } else {
                    self.number(a);
                    self.number(b);
                }
                false
            }
            ExprKind::Call(name, arguments) => self.call(name, arguments),
            _ => false,
        }
    }

    fn call(&mut self, name: &Name, arguments: &[Expr]) -> bool {
        if let Some(builtin) = builtin::find(&name.text) {
            return self.builtin(builtin.op, arguments);
        }
        if let Some(Symbol::Def(def)) = self.model.symbol(&name.text) {
            let parameters: Vec<Span> = self.model.defs[def].parameters.iter().map(|p| p.span).collect();
            for (parameter, argument) in parameters.into_iter().zip(arguments) {
                self.store(Holder::Local(parameter), argument);
            }
            return self.holders.contains(&Holder::Result(def));
        }
        let activity = self.model.program.activities.iter().find(|a| a.name == name.text);
        let consumes = activity.is_some_and(|a| a.consumes);
        for argument in arguments {
            if consumes {
                self.item(argument);
            } else {
                self.number(argument);
            }
        }
        activity.is_some_and(|a| a.produces)
    }

    fn builtin(&mut self, op: Op, arguments: &[Expr]) -> bool {
        match (op, arguments) {
            (Op::Print, _) => {
                for argument in arguments {
                    self.item(argument);
                }
                false
            }
            (Op::Send, [channel, values @ ..]) => {
                match self.channel(channel) {
                    Some(at) => values.iter().enumerate().for_each(|(place, value)| {
                        self.store(Holder::Channel(at, place), value);
                    }),
                    None => values.iter().for_each(|value| self.number(value)),
                }
                false
            }
            (Op::Receive, [channel]) => {
                self.channel(channel).is_some_and(|at| self.holders.contains(&Holder::Channel(at, 0)))
            }
            (Op::Swap, [cell, value]) => {
                if let Some(holder) = self.holder(cell) {
                    self.store(holder, value);
                }
                self.item(cell)
            }
            _ => {
                for argument in arguments {
                    if let ExprKind::Range(low, high) = &argument.kind {
                        self.number(low);
                        self.number(high);
                    } else {
                        self.number(argument);
                    }
                }
                false
            }
        }
    }
}
