//! Expressions and calls: values where values belong, semaphores where semaphores belong.

use super::Checker;
use crate::lang::ast::{Expr, ExprKind};
use crate::lang::builtin::{self, Builtin, Op, Takes};
use crate::lang::diagnostic::{Diagnostic, Kind};
use crate::lang::model::Symbol;
use crate::lang::span::{Name, Span};
use crate::lang::suggest;
use crate::program::MAX_VALUES;

impl Checker<'_, '_> {
    /// An expression whose value is used.
    pub(super) fn value(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Int(_) => {}
            ExprKind::Duration(_) => self.wrong(expr.span, "a time is no number", "leave out the unit"),
            ExprKind::Text(_) => {
                self.wrong(expr.span, "a text is no value", "texts belong into print(\"…\")")
            }
            ExprKind::Name(name) => self.named_value(name, expr.span),
            ExprKind::Index(..) => self.cell(expr),
            ExprKind::Call(name, arguments) => {
                self.call(name, arguments, expr.span, true);
            }
            ExprKind::Unary(_, a) => self.value(a),
            ExprKind::Binary(_, a, b) => {
                self.value(a);
                self.value(b);
            }
            ExprKind::Range(..) => self.wrong(
                expr.span,
                "a range is no value",
                "ranges belong into `for k in a..b:` and choose(a..b)",
            ),
            ExprKind::Is(..) | ExprKind::Quantifier { .. } => self.wrong(
                expr.span,
                "a process cannot look at what others visibly do",
                "that belongs into `always` and `possible`; share a variable instead",
            ),
        }
    }

    pub(super) fn wrong(&mut self, span: Span, message: &str, help: &str) {
        self.model.out.push(Diagnostic::error(Kind::WrongKind, span, message).help(help));
    }

    pub(super) fn mark_read(&mut self, name: &str) -> bool {
        let local = self.scopes.iter_mut().flatten().find(|l| l.name == name);
        local.map(|l| l.read = true).is_some()
    }

    fn named_value(&mut self, name: &str, span: Span) {
        if self.mark_read(name) {
            return;
        }
        let symbol = self.model.symbol(name);
        let wrong = |what: &str| {
            Diagnostic::error(Kind::WrongKind, span, format!("`{name}` is {what}, not a number"))
        };
        let diagnostic = match symbol {
            Some(Symbol::Constant(_)) => return,
            Some(Symbol::Variable(at)) if self.model.program.variables[at].size.is_none() => {
                return self.keep_out(name, span);
            }
            Some(Symbol::Variable(_)) => wrong("an array").help(format!("write {name}[i] for one element")),
            Some(Symbol::Semaphore(_)) => wrong("a semaphore")
                .help(format!("its value is value({name}); to wait for it, write wait({name})")),
            Some(symbol) => wrong(symbol.noun()),
            None => {
                let diagnostic = self.unknown(name, span);
                self.model.out.push(diagnostic);
                return;
            }
        };
        self.model.out.push(diagnostic.label("no number"));
    }

    /// A call as a statement.
    pub(super) fn call_statement(&mut self, expr: &Expr) {
        if let ExprKind::Call(name, arguments) = &expr.kind {
            self.call(name, arguments, expr.span, false);
        }
    }

    /// A call. `used` says that its value is used.
    fn call(&mut self, name: &Name, arguments: &[Expr], span: Span, used: bool) {
        if let Some(builtin) = builtin::find(&name.text) {
            self.builtin(builtin, arguments, span, used);
        } else if let Some(Symbol::Def(def)) = self.model.symbol(&name.text) {
            self.call_def(def, name, arguments, span, used);
        } else {
            self.call_activity(name, arguments, span, used);
        }
    }

    fn builtin(&mut self, builtin: &Builtin, arguments: &[Expr], span: Span, used: bool) {
        if used && !builtin.gives {
            let message = format!("`{}` gives no value", builtin.name);
            self.wrong(span, &message, &format!("write it on a line of its own: {}", builtin.example));
        }
        if !used && matches!(builtin.op, Op::Min | Op::Max) {
            self.wrong(span, "this line does nothing", "use the value");
        }
        if builtin.op == Op::Print {
            for argument in arguments {
                self.argument(Takes::Printable, argument);
            }
            return;
        }
        if builtin.op == Op::Send {
            return self.send(arguments, span);
        }
        if used && builtin.op == Op::TryReceive {
            let help = format!("write {}", builtin.example);
            self.wrong(
                span,
                "`try_receive` gives two things: whether there was a message, and the message",
                &help,
            );
        }
        self.builtin_arguments(builtin, arguments, span);
    }

    /// `send(c, x, …)`
    fn send(&mut self, arguments: &[Expr], span: Span) {
        if !(2..=MAX_VALUES + 1).contains(&arguments.len()) {
            let message = format!("a message has 1 to {MAX_VALUES} values");
            self.model.out.push(Diagnostic::error(Kind::Arguments, span, message).help("write send(c, x)"));
        }
        for (at, argument) in arguments.iter().enumerate() {
            self.argument(if at == 0 { Takes::Channel } else { Takes::Value }, argument);
        }
    }

    /// `let a, b = receive(c)`: the only operations that give several values.
    pub(super) fn several(&mut self, names: usize, value: &Expr) {
        let found = match &value.kind {
            ExprKind::Call(name, arguments) => builtin::find(&name.text).map(|b| (b, arguments)),
            _ => None,
        };
        let most = match found {
            Some((builtin, arguments)) if matches!(builtin.op, Op::Receive | Op::TryReceive) => {
                self.builtin_arguments(builtin, arguments, value.span);
                MAX_VALUES + usize::from(builtin.op == Op::TryReceive)
            }
            _ => {
                self.value(value);
                let help = "write let a, b = receive(c)";
                return self.wrong(value.span, "only a message gives several values", help);
            }
        };
        if names > most {
            let message = format!("a message has at most {MAX_VALUES} values");
            self.wrong(value.span, &message, "send what belongs together in several messages");
        }
    }

    fn builtin_arguments(&mut self, builtin: &Builtin, arguments: &[Expr], span: Span) {
        if arguments.len() != builtin.takes.len() {
            self.model.out.push(
                Diagnostic::error(
                    Kind::Arguments,
                    span,
                    format!(
                        "`{}` takes {}, not {}",
                        builtin.name,
                        counted(builtin.takes.len()),
                        arguments.len()
                    ),
                )
                .help(format!("write {}", builtin.example)),
            );
            return;
        }
        for (takes, argument) in builtin.takes.iter().zip(arguments) {
            self.argument(*takes, argument);
        }
    }

    fn call_def(&mut self, def: usize, name: &Name, arguments: &[Expr], span: Span, used: bool) {
        let takes = self.model.defs[def].parameters.len();
        if arguments.len() != takes {
            let message = format!("`{}` takes {}, not {}", name.text, counted(takes), arguments.len());
            let declared = self.model.defs[def].span;
            let diagnostic = Diagnostic::error(Kind::Arguments, span, message);
            self.model.out.push(diagnostic.related(declared, "declared here"));
        }
        if used && !super::whole::gives(self.model.defs[def].body) {
            let message = format!("`{}` gives no value", name.text);
            self.wrong(span, &message, "let it end with return and a value");
        }
        for argument in arguments {
            // An object may be passed on; numbers are checked like any other.
            let object = match &argument.kind {
                ExprKind::Name(n) => self.model.symbol(n),
                ExprKind::Index(n, _) => self.model.symbol(&n.text),
                _ => None,
            };
            match object.and_then(super::object::takes) {
                Some(takes) => self.argument(takes, argument),
                None => self.value(argument),
            }
        }
    }

    fn call_activity(&mut self, name: &Name, arguments: &[Expr], span: Span, used: bool) {
        let program = &self.model.program;
        let mut found = program.activities.iter().filter(|a| a.name == name.text);
        let own = found.clone().find(|a| self.role.is_none_or(|role| a.role.index() == role));
        let Some(activity) = own.or(found.next()).cloned() else {
            let diagnostic = self.unknown_call(name, arguments);
            self.model.out.push(diagnostic);
            return;
        };
        if own.is_none() {
            let owner = &program.roles[activity.role.index()].name;
            let message = format!("`{}` is what a {owner} does", name.text);
            self.model.out.push(
                Diagnostic::error(Kind::ForeignActivity, span, message).label("another role's activity"),
            );
        }
        if usize::from(activity.takes) != arguments.len() {
            let takes = counted(usize::from(activity.takes));
            let message = format!("`{}` takes {takes}, not {}", name.text, arguments.len());
            self.model.out.push(Diagnostic::error(Kind::Arguments, span, message));
        }
        if used && !activity.produces {
            let message = format!("`{}` gives no value", name.text);
            self.wrong(span, &message, "write it on a line of its own");
        }
        for argument in arguments {
            self.value(argument);
        }
    }

    fn unknown_call(&self, name: &Name, arguments: &[Expr]) -> Diagnostic {
        let text = name.text.as_str();
        if let Some((object, method)) = text.split_once('.')
            && !matches!(self.model.symbol(object), Some(Symbol::Monitor(_)))
        {
            return method_call(name, object, method);
        }
        if let Some(operation) = suggest::operation(text) {
            let example = match (builtin::find(operation), arguments) {
                (Some(b), [one]) if b.takes.len() == 1 => {
                    format!("{operation}({})", self.model.sources.slice(one.span))
                }
                (b, _) => b.map_or("wait(s)", |b| b.example).to_string(),
            };
            return Diagnostic::error(Kind::Spelling, name.span, format!("there is no `{text}` here"))
                .label("another language's name")
                .help(format!("write {example}"));
        }
        let activities = self.model.program.activities.iter().map(|a| a.name.as_str());
        let defs = self.model.defs.iter().map(|d| d.name.text.as_str());
        let known = builtin::BUILTINS.iter().map(|b| b.name).chain(activities).chain(defs);
        let diagnostic =
            Diagnostic::error(Kind::UnknownName, name.span, format!("nothing is called `{text}`"))
                .label("unknown name");
        let near = if self.model.out.is_long() { None } else { suggest::nearest(text, known) };
        match near {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help(format!("define it: def {text}(): and its statements below")),
        }
    }

    /// The condition of an `await`, which may only read.
    pub(super) fn awaited(&mut self, condition: &Expr) {
        let mut calls = Vec::new();
        collect_calls(condition, &mut calls);
        for (name, span) in calls {
            if matches!(builtin::find(&name.text).map(|b| b.op), Some(Op::Min | Op::Max)) {
                continue;
            }
            let message = "an `await` may only read variables";
            let diagnostic = Diagnostic::error(Kind::Misplaced, span, message).label("this does more");
            self.model
                .out
                .push(diagnostic.help("ask again and again instead: while not (…): and below it pass"));
        }
        self.value(condition);
        if !self.visible_expr(condition) {
            let message = "this `await` reads no shared variable, so nobody can make it true";
            self.model
                .out
                .push(Diagnostic::error(Kind::WrongKind, condition.span, message).label("only local"));
        }
    }
}

/// `s.acquire()`: other languages' way.
fn method_call(name: &Name, object: &str, method: &str) -> Diagnostic {
    let operation = suggest::operation(method).unwrap_or(method);
    Diagnostic::error(Kind::Spelling, name.span, "operations are not methods here")
        .label(format!("`{}`", name.text))
        .help(format!("write {operation}({object}); only monitors have defs of their own"))
}

fn collect_calls<'e>(expr: &'e Expr, out: &mut Vec<(&'e Name, Span)>) {
    match &expr.kind {
        ExprKind::Call(name, arguments) => {
            out.push((name, expr.span));
            arguments.iter().for_each(|a| collect_calls(a, out));
        }
        ExprKind::Unary(_, a) | ExprKind::Index(_, a) => collect_calls(a, out),
        ExprKind::Binary(_, a, b) => {
            collect_calls(a, out);
            collect_calls(b, out);
        }
        _ => {}
    }
}

fn counted(number: usize) -> String {
    match number {
        0 => "no argument".into(),
        1 => "one argument".into(),
        n => format!("{n} arguments"),
    }
}
