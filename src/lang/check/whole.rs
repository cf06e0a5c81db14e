//! Mistakes that show only when the whole program is seen: recursion, activities that nobody performs, signals that
//! nobody waits for.

use std::collections::{BTreeSet, HashSet};

use crate::lang::ast::{Expr, ExprKind, Stmt, StmtKind};
use crate::lang::builtin::{self, Op};
use crate::lang::diagnostic::{Diagnostic, Kind};
use crate::lang::model::{Model, Symbol};
use crate::lang::span::{Name, Span};

/// Checks the program as a whole.
pub fn check(model: &mut Model<'_>) {
    let defs: Vec<&[Stmt]> = model.defs.iter().map(|d| d.body).collect();
    let processes: Vec<Option<&[Stmt]>> =
        model.processes.iter().map(|p| p.as_ref().map(|p| p.body)).collect();
    recursion(model, &defs);
    // What a broken line was to call is not missed as well.
    if !model.out.has_errors() {
        activities(model, &processes, &defs);
    }
    signals(model, &processes, &defs);
}

/// Whether a def gives a value.
pub fn gives(body: &[Stmt]) -> bool {
    body.iter().any(|stmt| match &stmt.kind {
        StmtKind::Return(value) => value.is_some(),
        StmtKind::If { arms, otherwise } => arms.iter().any(|(_, b)| gives(b)) || gives(otherwise),
        StmtKind::While { body, .. } | StmtKind::Loop { body } | StmtKind::For { body, .. } => gives(body),
        _ => false,
    })
}

/// Calls `visit` with every call in a body.
fn calls<'s>(body: &'s [Stmt], visit: &mut impl FnMut(&'s Name, &'s [Expr], Span)) {
    for stmt in body {
        let mut expr = |e: &'s Expr| calls_in(e, visit);
        match &stmt.kind {
            StmtKind::Let { value, .. } | StmtKind::LetMany { value, .. } => expr(value),
            StmtKind::Await(value) | StmtKind::Assert(value) => expr(value),
            StmtKind::Expr(value) | StmtKind::Return(Some(value)) => expr(value),
            StmtKind::Assign { target, value } => {
                expr(target);
                expr(value);
            }
            StmtKind::If { arms, otherwise } => {
                for (condition, body) in arms {
                    calls_in(condition, visit);
                    calls(body, visit);
                }
                calls(otherwise, visit);
            }
            StmtKind::While { condition, body } => {
                expr(condition);
                calls(body, visit);
            }
            StmtKind::For { low, high, body, .. } => {
                expr(low);
                expr(high);
                calls(body, visit);
            }
            StmtKind::Loop { body } => calls(body, visit),
            _ => {}
        }
    }
}

fn calls_in<'s>(expr: &'s Expr, visit: &mut impl FnMut(&'s Name, &'s [Expr], Span)) {
    match &expr.kind {
        ExprKind::Call(name, arguments) => {
            visit(name, arguments, expr.span);
            arguments.iter().for_each(|a| calls_in(a, visit));
        }
        ExprKind::Unary(_, a) | ExprKind::Index(_, a) => calls_in(a, visit),
        ExprKind::Binary(_, a, b) => {
            calls_in(a, visit);
            calls_in(b, visit);
        }
        _ => {}
    }
}

/// The defs that a body calls, itself or through other defs.
fn reached(model: &Model<'_>, body: &[Stmt], defs: &[&[Stmt]]) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut open = vec![body];
    while let Some(body) = open.pop() {
        calls(body, &mut |name, _, _| {
            if let Some(Symbol::Def(def)) = model.symbol(&name.text)
                && found.insert(def)
            {
                open.push(defs[def]);
            }
        });
    }
    found
}

fn recursion(model: &mut Model<'_>, defs: &[&[Stmt]]) {
    for at in 0..defs.len() {
        if reached(model, defs[at], defs).contains(&at) {
            let name = model.defs[at].name.clone();
            let message = format!("`{}` calls itself", name.text);
            model.out.push(
                Diagnostic::error(Kind::Recursion, name.span, message)
                    .label("there is no recursion here")
                    .help("write a loop instead"),
            );
        }
    }
}

fn activities(model: &mut Model<'_>, processes: &[Option<&[Stmt]>], defs: &[&[Stmt]]) {
    for (role, process) in processes.iter().enumerate() {
        let Some(process) = process else { continue };
        let mut called: HashSet<&str> = HashSet::new();
        let bodies = reached(model, process, defs).into_iter().map(|def| defs[def]).chain([*process]);
        for body in bodies {
            calls(body, &mut |name, _, _| {
                called.insert(&name.text);
            });
        }
        for at in 0..model.program.activities.len() {
            let activity = &model.program.activities[at];
            if activity.role.index() != role || called.contains(activity.name.as_str()) {
                continue;
            }
            let (name, moment) = (activity.name.clone(), activity.moment);
            let role_name = model.program.roles[role].name.clone();
            let span = model.processes[role].as_ref().map_or(model.activity_spans[at], |p| p.name.span);
            let message = format!("this {role_name} never calls {name}()");
            // A moment may well never come (nobody balks in a shop without limits); an activity is what a role is for.
            let diagnostic = if moment {
                Diagnostic::warning(Kind::ActivityNeverCalled, span, message)
            } else {
                Diagnostic::error(Kind::ActivityNeverCalled, span, message)
            };
            model.out.push(diagnostic.related(model.activity_spans[at], "the role does this"));
        }
    }
}

fn signals(model: &mut Model<'_>, processes: &[Option<&[Stmt]>], defs: &[&[Stmt]]) {
    let mut waited: HashSet<&str> = HashSet::new();
    let mut signalled: Vec<(&Name, Span)> = Vec::new();
    let mut objects_passed = false;
    for body in processes.iter().flatten().chain(defs) {
        calls(body, &mut |name, arguments, _| {
            let object = match arguments.first().map(|a| (&a.kind, a.span)) {
                Some((ExprKind::Name(object), span)) => Some((object.as_str(), span)),
                Some((ExprKind::Index(object, _), span)) => Some((object.text.as_str(), span)),
                _ => None,
            };
            let Some((object, span)) = object else { return };
            match builtin::find(&name.text).map(|b| b.op) {
                Some(Op::Wait | Op::TryWait | Op::WaitFor) => {
                    waited.insert(object);
                }
                Some(Op::Signal) => signalled.push((name, span)),
                None => objects_passed |= matches!(model.symbol(object), Some(Symbol::Semaphore(_))),
                _ => {}
            }
        });
    }
    if objects_passed {
        return;
    }
    for (_, span) in signalled {
        let text = model.sources.slice(span);
        let object = text.split('[').next().unwrap_or(text).trim().to_string();
        let known = matches!(model.symbol(&object), Some(Symbol::Semaphore(_)));
        if known && !waited.contains(object.as_str()) {
            let message = format!("`{object}` is signalled here, and nobody ever waits for it");
            model.out.push(Diagnostic::warning(Kind::UnawaitedSignal, span, message));
        }
    }
}
