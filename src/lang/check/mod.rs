//! Whether every name in the bodies means what it is used for. Each body is checked once, whatever the number of
//! actors; what depends on an actor's number (an index, say) is found when its instructions are made.

mod expression;
mod object;
mod whole;

pub use whole::gives;

use super::ast::{Expr, ExprKind, Stmt, StmtKind};
use super::diagnostic::{Diagnostic, Kind};
use super::limits::MAX_REGISTERS;
use super::model::{Model, Symbol};
use super::span::{Name, Span};

/// Checks all processes and defs.
pub fn check(model: &mut Model<'_>) {
    for role in 0..model.processes.len() {
        if let Some(process) = &model.processes[role] {
            let (parameters, body) = (process.parameters.clone(), process.body);
            Checker::new(model, Some(role), None).routine(&parameters, body);
        }
    }
    for at in 0..model.defs.len() {
        let (parameters, body) = (model.defs[at].parameters.clone(), model.defs[at].body);
        let monitor = model.defs[at].monitor.map(|id| model.program.sync(id).name.clone());
        Checker::new(model, None, monitor).routine(&parameters, body);
    }
    whole::check(model);
}

/// What a local name is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LocalKind {
    Let,
    Counter,
    Parameter,
}

struct Local {
    name: String,
    span: Span,
    kind: LocalKind,
    read: bool,
}

struct Checker<'m, 'a> {
    model: &'m mut Model<'a>,
    /// The role that the body plays; none in a def, which any role may call.
    role: Option<usize>,
    /// The monitor that the body belongs to.
    monitor: Option<String>,
    scopes: Vec<Vec<Local>>,
    loops: usize,
}

impl<'m, 'a> Checker<'m, 'a> {
    fn new(model: &'m mut Model<'a>, role: Option<usize>, monitor: Option<String>) -> Self {
        Checker { model, role, monitor, scopes: Vec::new(), loops: 0 }
    }

    fn routine(&mut self, parameters: &[&Name], body: &[Stmt]) {
        let local = |name: &&Name| Local {
            name: name.text.clone(),
            span: name.span,
            kind: LocalKind::Parameter,
            read: true,
        };
        self.scopes.push(parameters.iter().map(local).collect());
        self.body(body);
        self.scopes.pop();
    }

    fn body(&mut self, body: &[Stmt]) {
        self.scopes.push(Vec::new());
        let mut ended: Option<Span> = None;
        for stmt in body {
            if let Some(span) = ended.take() {
                self.model.out.push(
                    Diagnostic::warning(Kind::Unreachable, stmt.span, "this line is never reached")
                        .related(span, "control never comes past this"),
                );
            }
            self.statement(stmt);
            if never_passes(stmt) {
                ended = Some(stmt.span);
            }
        }
        for local in self.scopes.pop().unwrap_or_default() {
            if !local.read && local.kind == LocalKind::Let && !local.name.starts_with('_') {
                let message = format!("`{}` is set and never read", local.name);
                let help = format!("remove it, or call it _{}", local.name);
                self.model.out.push(Diagnostic::warning(Kind::UnusedLet, local.span, message).help(help));
            }
        }
    }

    fn statement(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Let { name, value } => {
                self.value(value);
                self.local(name, LocalKind::Let);
            }
            StmtKind::LetMany { names, value } => {
                self.several(names.len(), value);
                names.iter().for_each(|name| self.local(name, LocalKind::Let));
            }
            StmtKind::Assign { target, value } => {
                self.value(value);
                self.target(target);
            }
            StmtKind::Expr(expr) => self.call_statement(expr),
            StmtKind::If { arms, otherwise } => {
                for (condition, body) in arms {
                    self.value(condition);
                    self.body(body);
                }
                self.body(otherwise);
            }
            StmtKind::While { condition, body } => {
                self.value(condition);
                self.looped(body);
                self.warn_empty_loop(stmt, Some(condition), body);
            }
            StmtKind::Loop { body } => {
                self.looped(body);
                self.warn_empty_loop(stmt, None, body);
            }
            StmtKind::For { name, low, high, body } => {
                self.value(low);
                self.value(high);
                self.scopes.push(Vec::new());
                self.local(name, LocalKind::Counter);
                self.looped(body);
                self.scopes.pop();
            }
            StmtKind::Break | StmtKind::Continue if self.loops == 0 => {
                let word = if matches!(stmt.kind, StmtKind::Break) { "break" } else { "continue" };
                let message = format!("`{word}` stands in no loop");
                self.misplaced(stmt.span, &message, "use it inside loop, while or for");
            }
            StmtKind::Return(value) => {
                if let Some(value) = value {
                    self.value(value);
                }
                if self.role.is_some() {
                    self.misplaced(stmt.span, "`return` stands in no def", "to end the process, write exit");
                }
            }
            StmtKind::Await(condition) => self.awaited(condition),
            StmtKind::Assert(condition) => self.value(condition),
            StmtKind::Break | StmtKind::Continue | StmtKind::Pass | StmtKind::Exit => {}
        }
    }

    fn looped(&mut self, body: &[Stmt]) {
        self.loops += 1;
        self.body(body);
        self.loops -= 1;
    }

    fn misplaced(&mut self, span: Span, message: &str, help: &str) {
        self.model.out.push(Diagnostic::error(Kind::Misplaced, span, message).help(help));
    }

    fn local(&mut self, name: &Name, kind: LocalKind) {
        let known = self.scopes.iter().flatten().find(|l| l.name == name.text).map(|l| l.span);
        if let Some(first) = known.or_else(|| self.model.symbols.get(&name.text).map(|(_, span)| *span)) {
            let message = format!("`{}` is declared twice", name.text);
            let diagnostic =
                Diagnostic::error(Kind::Duplicate, name.span, message).label("second declaration");
            self.model.out.push(
                diagnostic
                    .related(first, "first declaration")
                    .help(format!("to change its value, write {} = …", name.text)),
            );
        }
        if self.scopes.iter().map(Vec::len).sum::<usize>() > MAX_REGISTERS {
            let message = format!("more than {MAX_REGISTERS} local variables at once");
            self.model.out.push(Diagnostic::error(Kind::Limit, name.span, message));
        }
        let local = Local { name: name.text.clone(), span: name.span, kind, read: false };
        if let Some(scope) = self.scopes.last_mut() {
            scope.push(local);
        }
    }

    /// What is assigned to.
    fn target(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Name(name) => {
                let local = self.scopes.iter().flatten().find(|l| l.name == *name).map(|l| (l.kind, l.span));
                match (local, self.model.symbol(name)) {
                    (Some((LocalKind::Let, _)), _) => {}
                    (Some((kind, span)), _) => self.unassignable(name, target.span, kind, span),
                    (None, Some(Symbol::Variable(_))) => self.cell(target),
                    (None, Some(symbol)) => self.not_assignable(name, symbol, target.span),
                    (None, None) => {
                        let diagnostic = self.unknown(name, target.span);
                        self.model.out.push(diagnostic);
                    }
                }
            }
            ExprKind::Index(..) => self.cell(target),
            _ => {
                let message = "only a variable can be assigned to";
                self.model.out.push(Diagnostic::error(Kind::WrongKind, target.span, message));
            }
        }
    }

    fn unassignable(&mut self, name: &str, span: Span, kind: LocalKind, declared: Span) {
        let what = if kind == LocalKind::Counter { "the loop's counter" } else { "a parameter" };
        let message = format!("`{name}` is {what} and cannot be assigned to");
        self.model.out.push(
            Diagnostic::error(Kind::AssignConstant, span, message)
                .label("cannot be assigned to")
                .related(declared, "declared here")
                .help(format!("copy it first: let other = {name}")),
        );
    }

    fn not_assignable(&mut self, name: &str, symbol: Symbol, span: Span) {
        let message = format!("`{name}` is {} and cannot be assigned to", symbol.noun());
        let diagnostic = match symbol {
            Symbol::Constant(_) => Diagnostic::error(Kind::AssignConstant, span, message)
                .help(format!("declare it as `shared {name} = …` if it is to change")),
            Symbol::Semaphore(_) => Diagnostic::error(Kind::WrongKind, span, message)
                .help(format!("change it with wait({name}) and signal({name})")),
            _ => Diagnostic::error(Kind::WrongKind, span, message),
        };
        self.model.out.push(diagnostic.label("cannot be assigned to"));
    }

    fn unknown(&self, name: &str, span: Span) -> Diagnostic {
        let locals: Vec<&str> = self.scopes.iter().flatten().map(|l| l.name.as_str()).collect();
        self.model.unknown(name, span, &locals)
    }

    fn warn_empty_loop(&mut self, stmt: &Stmt, condition: Option<&Expr>, body: &[Stmt]) {
        let visible = condition.is_some_and(|c| self.visible_expr(c)) || self.visible(body);
        if !visible {
            let message = "this loop does nothing that another process could notice";
            self.model.out.push(
                Diagnostic::warning(Kind::EmptyLoop, stmt.span, message)
                    .label("no shared variable, semaphore or activity in it")
                    .help("to wait for a condition, write await condition"),
            );
        }
    }

    fn visible(&self, body: &[Stmt]) -> bool {
        body.iter().any(|stmt| match &stmt.kind {
            StmtKind::Let { value, .. } => self.visible_expr(value),
            StmtKind::Assign { target, value } => self.visible_expr(target) || self.visible_expr(value),
            StmtKind::Expr(_)
            | StmtKind::LetMany { .. }
            | StmtKind::Await(_)
            | StmtKind::Exit
            | StmtKind::Break
            | StmtKind::Return(_) => true,
            StmtKind::If { arms, otherwise } => {
                arms.iter().any(|(c, b)| self.visible_expr(c) || self.visible(b)) || self.visible(otherwise)
            }
            StmtKind::While { condition, body } => self.visible_expr(condition) || self.visible(body),
            StmtKind::Loop { body } => self.visible(body),
            StmtKind::For { low, high, body, .. } => {
                self.visible_expr(low) || self.visible_expr(high) || self.visible(body)
            }
            StmtKind::Assert(e) => self.visible_expr(e),
            StmtKind::Continue | StmtKind::Pass => false,
        })
    }

    fn visible_expr(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Name(name) => matches!(self.model.symbol(name), Some(Symbol::Variable(_))),
            ExprKind::Index(..) | ExprKind::Call(..) => true,
            ExprKind::Unary(_, a) => self.visible_expr(a),
            ExprKind::Binary(_, a, b) => self.visible_expr(a) || self.visible_expr(b),
            _ => false,
        }
    }
}

/// Whether control surely never comes to the statement behind this one.
fn never_passes(stmt: &Stmt) -> bool {
    match &stmt.kind {
        StmtKind::Break | StmtKind::Continue | StmtKind::Return(_) | StmtKind::Exit => true,
        StmtKind::Loop { body } => !breaks(body),
        _ => false,
    }
}

/// Whether a `break` of this very loop stands in its body.
fn breaks(body: &[Stmt]) -> bool {
    body.iter().any(|stmt| match &stmt.kind {
        StmtKind::Break => true,
        StmtKind::If { arms, otherwise } => arms.iter().any(|(_, b)| breaks(b)) || breaks(otherwise),
        _ => false,
    })
}
