//! `always`, `possible`, `progress` with all indices filled in.

use std::sync::Arc;

use super::ast::{Expr, ExprKind, File, ItemKind};
use super::diagnostic::{Diagnostic, Kind};
use super::limits::MAX_PROPERTY_STEPS;
use super::model::{Model, Symbol};
use super::span::{Name, Span};
use super::suggest;
use crate::program::{ActorId, BinaryOp, CellId, Condition, Demand, Progress, RoleId, World};

/// Grounds all properties of a file.
pub fn ground(model: &mut Model<'_>, file: &File) {
    let mut properties = 0;
    let mut steps = 0;
    for item in &file.items {
        match &item.kind {
            ItemKind::Property { always, label, guard, conditions } => {
                let mut grounder = Grounder {
                    model,
                    bound: Vec::new(),
                    steps,
                    demands: Vec::new(),
                    label: label.as_str().into(),
                    property: properties,
                    false_start: None,
                };
                properties += 1;
                let result = grounder.property(guard.as_ref(), conditions, *always);
                let demands = std::mem::take(&mut grounder.demands);
                steps = grounder.steps;
                match result {
                    Err(diagnostic) => model.out.push(*diagnostic),
                    Ok(()) if *always => model.program.demands.extend(demands),
                    Ok(()) => model.program.possible.extend(demands),
                }
            }
            ItemKind::Progress { label, guard, claims } => {
                if guard.as_ref().is_some_and(|guard| model.constant(guard) == Some(0)) {
                    continue;
                }
                for claim in claims {
                    match claimed(model, label, &claim.role, &claim.from, &claim.to) {
                        Ok(progress) => model.program.progress.push(progress),
                        Err(diagnostic) => model.out.push(*diagnostic),
                    }
                }
            }
            _ => {}
        }
    }
}

type Ground<T> = Result<T, Box<Diagnostic>>;

fn claimed(model: &Model<'_>, label: &str, role: &Name, from: &Name, to: &Name) -> Ground<Progress> {
    let id = role_named(model, &role.text, role.span)?;
    let state = |name| state_named(model, id, name);
    Ok(Progress { label: label.to_string(), role: id, from: state(from)?, to: state(to)? })
}

fn role_named(model: &Model<'_>, name: &str, span: Span) -> Ground<RoleId> {
    if let Some(Symbol::Role(at)) = model.symbol(name) {
        return Ok(RoleId(at as u32));
    }
    let names = model.program.roles.iter().map(|r| r.name.as_str());
    let diagnostic = Diagnostic::error(Kind::UnknownName, span, format!("there is no role `{name}`"))
        .label("unknown role");
    Err(Box::new(match suggest::nearest(name, names) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic,
    }))
}

fn state_named(model: &Model<'_>, role: RoleId, name: &Name) -> Ground<u8> {
    let role = &model.program.roles[role.index()];
    if let Some(at) = role.states.iter().position(|s| s.name == name.text) {
        return Ok(at as u8);
    }
    let message = format!("a {} is never `{}`", role.name, name.text);
    let names: Vec<&str> = role.states.iter().map(|s| s.name.as_str()).collect();
    let help = match suggest::nearest(&name.text, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("its states are {}", names.join(", ")),
    };
    Err(Box::new(Diagnostic::error(Kind::UnknownName, name.span, message).label("unknown state").help(help)))
}

struct Grounder<'g, 'a> {
    model: &'g Model<'a>,
    /// Values of the indices of the `all`s around.
    bound: Vec<(String, i32)>,
    steps: usize,
    demands: Vec<Demand>,
    label: Arc<str>,
    property: u32,
    false_start: Option<Diagnostic>,
}

/// The state that every run begins in.
struct Beginning<'g, 'a>(&'g Model<'a>);

impl World for Beginning<'_, '_> {
    fn cell(&self, cell: CellId) -> i32 {
        self.0.program.variable(cell).init
    }

    fn state(&self, _: ActorId) -> u8 {
        0
    }

    fn count(&self, role: RoleId, state: u8) -> i32 {
        if state == 0 { self.0.program.roles[role.index()].count as i32 } else { 0 }
    }
}

impl Grounder<'_, '_> {
    fn property(&mut self, guard: Option<&Expr>, conditions: &[Expr], always: bool) -> Ground<()> {
        if let Some(guard) = guard
            && self.constant(guard)? == 0
        {
            return Ok(());
        }
        if always {
            return conditions.iter().try_for_each(|condition| self.split(condition));
        }
        // A `possible` of several lines asks for all of them at once.
        let mut whole = Condition::Constant(1);
        for condition in conditions {
            whole = fold(BinaryOp::And, whole, self.condition(condition)?);
        }
        let (label, property) = (self.label.clone(), self.property);
        self.demands.push(Demand { label, condition: whole, property });
        Ok(())
    }

    /// Adds an instance of an `always`, unless it is always so. One that is false before anybody moves is an error.
    fn demand(&mut self, condition: Condition, span: Span) {
        if !condition.holds(&Beginning(self.model)) {
            let message = format!("«{}» is false before anybody moves", self.label);
            self.false_start =
                Some(Diagnostic::error(Kind::FalseAlways, span, message).label("false from the start"));
        }
        if !matches!(condition, Condition::Constant(value) if value != 0) {
            let (label, property) = (self.label.clone(), self.property);
            self.demands.push(Demand { label, condition, property });
        }
    }

    /// Makes one demand of each instance of the `all`s that stand outermost.
    fn split(&mut self, condition: &Expr) -> Ground<()> {
        match &condition.kind {
            ExprKind::Quantifier { all: true, name, low, high, guard, body } => {
                for value in self.values(low, high)? {
                    self.within(name, value, |this| {
                        if this.guarded(guard.as_deref())? { this.split(body) } else { Ok(()) }
                    })?;
                }
                Ok(())
            }
            _ => {
                let ground = self.condition(condition)?;
                self.demand(ground, condition.span);
                self.false_start.take().map_or(Ok(()), |diagnostic| Err(Box::new(diagnostic)))
            }
        }
    }

    fn within<T>(
        &mut self,
        name: &Name,
        value: i32,
        inside: impl FnOnce(&mut Self) -> Ground<T>,
    ) -> Ground<T> {
        self.step(name.span)?;
        self.bound.push((name.text.clone(), value));
        let result = inside(self);
        self.bound.pop();
        result
    }

    fn guarded(&mut self, guard: Option<&Expr>) -> Ground<bool> {
        guard.map_or(Ok(true), |guard| self.constant(guard).map(|value| value != 0))
    }

    fn values(&mut self, low: &Expr, high: &Expr) -> Ground<std::ops::RangeInclusive<i32>> {
        Ok(self.constant(low)?..=self.constant(high)?)
    }

    fn step(&mut self, span: Span) -> Ground<()> {
        self.steps += 1;
        if self.steps > MAX_PROPERTY_STEPS {
            let message =
                format!("the properties have more than {MAX_PROPERTY_STEPS} parts once written out");
            return Err(Box::new(
                Diagnostic::error(Kind::Limit, span, message)
                    .help("count instead: count(role is state) <= 1 needs one part for any number of actors"),
            ));
        }
        Ok(())
    }

    fn constant(&mut self, expr: &Expr) -> Ground<i32> {
        self.steps += size(expr);
        self.step(expr.span)?;
        self.model.evaluate(expr, &|name| self.lookup(name))
    }

    fn lookup(&self, name: &str) -> Option<i32> {
        self.bound.iter().rev().find(|(n, _)| n == name).map(|(_, value)| *value)
    }

    fn condition(&mut self, expr: &Expr) -> Ground<Condition> {
        self.step(expr.span)?;
        match &expr.kind {
            ExprKind::Name(name) => match self.model.symbol(name) {
                Some(Symbol::Variable(at)) if self.lookup(name).is_none() => self.variable(at, None, expr),
                _ => self.constant(expr).map(Condition::Constant),
            },
            ExprKind::Index(name, index) => match self.model.symbol(&name.text) {
                Some(Symbol::Variable(at)) => self.variable(at, Some(index), expr),
                _ => Err(Box::new(wrong(expr.span, "a condition is needed here"))),
            },
            ExprKind::Is(who, state) => self.is(who, state),
            ExprKind::Call(name, arguments) if name.text == "count" => self.count(arguments, expr.span),
            ExprKind::Unary(op, a) => Ok(match self.condition(a)? {
                Condition::Constant(a) => Condition::Constant(
                    crate::program::value::unary(*op, a)
                        .map_err(|why| Box::new(super::model::constant_fault(why, expr.span)))?,
                ),
                a => Condition::Unary(*op, Box::new(a)),
            }),
            ExprKind::Binary(op, a, b) => {
                let (a, b) = (self.condition(a)?, self.condition(b)?);
                Ok(fold(*op, a, b))
            }
            ExprKind::Quantifier { all, name, low, high, guard, body } => {
                let op = if *all { BinaryOp::And } else { BinaryOp::Or };
                let mut parts = Vec::new();
                for value in self.values(low, high)? {
                    let part = self.within(name, value, |this| {
                        if !this.guarded(guard.as_deref())? {
                            return Ok(Condition::Constant(i32::from(*all)));
                        }
                        this.condition(body)
                    })?;
                    parts.push(part);
                }
                Ok(balanced(op, parts, i32::from(*all)))
            }
            _ => self.constant(expr).map(Condition::Constant),
        }
    }

    fn variable(&mut self, at: usize, index: Option<&Expr>, expr: &Expr) -> Ground<Condition> {
        let variable = &self.model.program.variables[at];
        match (variable.size, index) {
            (None, None) => Ok(Condition::Cell(variable.base)),
            (Some(size), Some(index)) => {
                let value = self.constant(index)?;
                if !(0..i64::from(size)).contains(&i64::from(value)) {
                    let message = format!("there is no {}[{value}]", variable.name);
                    return Err(Box::new(Diagnostic::error(Kind::Index, index.span, message)));
                }
                Ok(Condition::Cell(CellId(variable.base.0 + value as u32)))
            }
            (Some(_), None) => Err(Box::new(wrong(expr.span, "this is an array; one element is needed"))),
            (None, Some(_)) => Err(Box::new(wrong(expr.span, "this is not an array"))),
        }
    }

    fn is(&mut self, who: &Expr, state: &Name) -> Ground<Condition> {
        let (name, index) = match &who.kind {
            ExprKind::Name(name) => (name.as_str(), None),
            ExprKind::Index(name, index) => (name.text.as_str(), Some(index)),
            _ => return Err(Box::new(wrong(who.span, "an actor is needed here"))),
        };
        let id = role_named(self.model, name, who.span)?;
        let number = match index {
            Some(index) => self.constant(index)?,
            None => 0,
        };
        let role = &self.model.program.roles[id.index()];
        if role.is_array && index.is_none() {
            let help = format!("write {name}[i] is {0}, or count({name} is {0})", state.text);
            return Err(Box::new(wrong(who.span, "there are several of them").help(help)));
        }
        if !(0..i64::from(role.count)).contains(&i64::from(number)) {
            let message = format!("there is no {name}[{number}]; there are {}", role.count);
            return Err(Box::new(Diagnostic::error(Kind::Index, who.span, message)));
        }
        let state = state_named(self.model, id, state)?;
        Ok(Condition::InState(ActorId(role.base.0 + number as u32), state))
    }

    fn count(&mut self, arguments: &[Expr], span: Span) -> Ground<Condition> {
        if let [Expr { kind: ExprKind::Is(who, state), .. }] = arguments
            && let ExprKind::Name(role) = &who.kind
        {
            let id = role_named(self.model, role, who.span)?;
            return Ok(Condition::Count(id, state_named(self.model, id, state)?));
        }
        Err(Box::new(
            wrong(span, "`count` takes a role and a state").help("write count(philosopher is eating)"),
        ))
    }
}

/// How many parts an expression has.
fn size(expr: &Expr) -> usize {
    match &expr.kind {
        ExprKind::Unary(_, a) => 1 + size(a),
        ExprKind::Binary(_, a, b) => 1 + size(a) + size(b),
        ExprKind::Call(_, arguments) => 1 + arguments.iter().map(size).sum::<usize>(),
        _ => 1,
    }
}

fn wrong(span: Span, message: &str) -> Diagnostic {
    Diagnostic::error(Kind::WrongKind, span, message)
}

/// Joins conditions by an operation as a tree of little depth: whoever evaluates it recurses.
fn balanced(op: BinaryOp, mut parts: Vec<Condition>, nothing: i32) -> Condition {
    while parts.len() > 1 {
        let mut pairs = Vec::with_capacity(parts.len().div_ceil(2));
        let mut rest = parts.into_iter();
        while let Some(a) = rest.next() {
            pairs.push(match rest.next() {
                Some(b) => fold(op, a, b),
                None => a,
            });
        }
        parts = pairs;
    }
    parts.pop().map_or(Condition::Constant(nothing), truth)
}

/// A condition as 0 or 1, as `and` and `or` give it.
fn truth(condition: Condition) -> Condition {
    use BinaryOp::{And, Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual, Or};
    match &condition {
        Condition::InState(..) | Condition::Unary(crate::program::UnaryOp::Not, _) => condition,
        Condition::Binary(And | Or | Equal | NotEqual | Less | LessEqual | Greater | GreaterEqual, ..) => {
            condition
        }
        _ => Condition::Binary(NotEqual, Box::new(condition), Box::new(Condition::Constant(0))),
    }
}

/// An operation with its constant parts worked out.
fn fold(op: BinaryOp, a: Condition, b: Condition) -> Condition {
    use Condition::Constant;
    match (op, &a, &b) {
        (BinaryOp::And, Constant(0), _) | (BinaryOp::And, _, Constant(0)) => Constant(0),
        (BinaryOp::And, Constant(_), _) | (BinaryOp::Or, Constant(0), _) => truth(b),
        (BinaryOp::And, _, Constant(_)) | (BinaryOp::Or, _, Constant(0)) => truth(a),
        (BinaryOp::Or, Constant(_), _) | (BinaryOp::Or, _, Constant(_)) => Constant(1),
        (_, Constant(x), Constant(y)) => match crate::program::value::binary(op, *x, *y) {
            Ok(value) => Constant(value),
            Err(_) => Condition::Binary(op, Box::new(a), Box::new(b)),
        },
        _ => Condition::Binary(op, Box::new(a), Box::new(b)),
    }
}
