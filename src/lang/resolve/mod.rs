//! Declarations to a [`Model`]: who and what there is, how many, and the constants' values.

mod objects;
mod roles;

use std::collections::HashMap;

use super::ast::{Expr, File, Item, ItemKind};
use super::builtin;
use super::diagnostic::{Diagnostic, Diagnostics, Kind};
use super::limits::MAX_ACTORS;
use super::model::{Model, Routine, Symbol};
use super::span::{FileId, Lines, Name, Sources};
use super::suggest;
use crate::program::{Constant, Expect, Expected, Program, Under};

/// Settings of constants: `--set N=7`.
pub type Settings = [(String, i32)];

/// Reads all declarations of a program.
pub fn resolve<'a>(
    sources: &'a Sources,
    problem: Option<&'a File>,
    solution: &'a File,
    settings: &Settings,
    out: Diagnostics,
) -> Model<'a> {
    let mut model = Model {
        sources,
        lines: Lines::of(sources),
        program: empty_program(sources),
        symbols: HashMap::new(),
        defs: Vec::new(),
        processes: Vec::new(),
        activity_spans: Vec::new(),
        out,
    };
    model.program.about = solution.about.clone();
    if problem.is_some() {
        forbid_problem_lines(&mut model, solution);
    }
    let items = || problem.iter().flat_map(|f| f.items.iter()).chain(solution.items.iter()).flat_map(whole);
    for item in items() {
        constant(&mut model, item, settings);
    }
    unused_settings(&mut model, settings);
    for item in items() {
        roles::declare(&mut model, item);
        objects::declare(&mut model, item);
    }
    objects::give_channels_their_ends(&mut model);
    roles::number(&mut model);
    roles::require_roles(&mut model);
    for item in items() {
        routine(&mut model, item);
    }
    for item in items() {
        header(&mut model, item);
        roles::items(&mut model, item);
    }
    // A role without a process is news only where everything was read.
    if !model.out.has_errors() {
        roles::require_processes(&mut model);
    }
    model
}

/// A declaration and those that stand below it.
fn whole(item: &Item) -> impl Iterator<Item = &Item> {
    let below: &[Item] = match &item.kind {
        ItemKind::Monitor { items, .. } => items,
        _ => &[],
    };
    std::iter::once(item).chain(below)
}

fn empty_program(sources: &Sources) -> Program {
    Program {
        problem: String::new(),
        solution: String::new(),
        about: String::new(),
        hash: 0,
        constants: Vec::new(),
        variables: Vec::new(),
        semaphores: Vec::new(),
        mutexes: Vec::new(),
        syncs: Vec::new(),
        conditions: Vec::new(),
        channels: Vec::new(),
        roles: Vec::new(),
        activities: Vec::new(),
        actors: Vec::new(),
        demands: Vec::new(),
        possible: Vec::new(),
        progress: Vec::new(),
        items: None,
        texts: Vec::new(),
        expects: Vec::new(),
        fixed_by: None,
        scene: None,
        check_with: Vec::new(),
    }
    .titled(&sources.solution.name)
}

impl Program {
    fn titled(mut self, name: &str) -> Program {
        self.problem = name.trim_end_matches(".fork").to_string();
        self
    }
}

/// In a solution to a given problem, what is true and who acts is not the solution's to say.
fn forbid_problem_lines(model: &mut Model<'_>, solution: &File) {
    for item in &solution.items {
        let what = match &item.kind {
            ItemKind::Problem { .. } => "problem",
            ItemKind::Role { .. } => "role",
            ItemKind::Property { always: true, .. } => "always",
            ItemKind::Property { .. } => "possible",
            ItemKind::Progress { .. } => "progress",
            ItemKind::Items { .. } => "items",
            ItemKind::Scene { .. } => "scene",
            ItemKind::CheckWith { .. } => "check with",
            _ => continue,
        };
        let message = format!("`{what}` belongs to the problem, and this is a solution to a given one");
        model.out.push(
            Diagnostic::error(Kind::ProblemLine, item.span, message)
                .label("not for a solution to say")
                .help("remove this line"),
        );
    }
}

fn constant(model: &mut Model<'_>, item: &Item, settings: &Settings) {
    let ItemKind::Const { name, value, range } = &item.kind else { return };
    let declared = model.constant(value);
    if declared.is_none() {
        model.out.hush(&name.text);
    }
    let range = match range {
        Some((low, high)) => bounds(model, low, high),
        None => None,
    };
    let set = settings.iter().rev().find(|(n, _)| *n == name.text).map(|(_, v)| *v);
    let Some(mut value) = declared else { return };
    match (set, range) {
        (Some(set), Some((low, high))) if (low..=high).contains(&set) => value = set,
        (Some(set), Some((low, high))) => model.out.push(
            Diagnostic::error(
                Kind::Range,
                name.span,
                format!("{}={set} is outside {low}..{high}", name.text),
            )
            .label(format!("{low} to {high}"))
            .help(format!("set it to {}", set.clamp(low, high))),
        ),
        (Some(_), None) => model.out.push(
            Diagnostic::error(Kind::Range, name.span, format!("`{}` cannot be set", name.text))
                .label("it has no range")
                .help(format!("declare what it may be: const {} = {value} in 1..100", name.text)),
        ),
        (None, _) => {}
    }
    if let Some((low, high)) = range
        && !(low..=high).contains(&value)
        && set.is_none()
    {
        let message = format!("`{}` is {value}, outside its own range {low}..{high}", name.text);
        model.out.push(Diagnostic::error(Kind::Range, name.span, message));
    }
    let symbol = Symbol::Constant(model.program.constants.len());
    if model.declare(name, symbol) {
        model.program.constants.push(Constant { name: name.text.clone(), value, range });
    }
}

fn unused_settings(model: &mut Model<'_>, settings: &Settings) {
    for (name, _) in settings {
        if model.symbols.contains_key(name) {
            continue;
        }
        let span = super::span::Span { file: FileId::Solution, start: 0, end: 0 };
        let message = format!("there is no constant `{name}` to set");
        let known: Vec<&str> =
            model.program.constants.iter().filter(|c| c.range.is_some()).map(|c| c.name.as_str()).collect();
        let help = match suggest::nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean {near}?"),
            None if known.is_empty() => "this program has nothing to set".to_string(),
            None => format!("it can set {}", known.join(", ")),
        };
        model.out.push(Diagnostic::error(Kind::UnknownName, span, message).help(help));
    }
}

/// Evaluates `low..high` and requires it to hold something.
fn bounds(model: &mut Model<'_>, low: &Expr, high: &Expr) -> Option<(i32, i32)> {
    let (from, to) = (model.constant(low)?, model.constant(high)?);
    if from > to {
        let span = low.span.to(high.span);
        let message = format!("the range {from}..{to} is empty");
        model.out.push(Diagnostic::error(Kind::Range, span, message).help("write the smaller number first"));
        return None;
    }
    Some((from, to))
}

fn routine<'a>(model: &mut Model<'a>, item: &'a Item) {
    match &item.kind {
        ItemKind::Def { name, parameters, body, monitor } => {
            if builtin::find(&name.text).is_some() || name.text == "count" {
                let message = format!("`{}` is an operation of the language", name.text);
                model
                    .out
                    .push(Diagnostic::error(Kind::Duplicate, name.span, message).help("choose another name"));
                return;
            }
            if let Some(at) = model.program.activities.iter().position(|a| a.name == name.text) {
                let message = format!("`{}` is an activity, which a def cannot replace", name.text);
                let diagnostic =
                    Diagnostic::error(Kind::Duplicate, name.span, message).label("second declaration");
                let first = model.activity_spans[at];
                model.out.push(diagnostic.related(first, "the activity").help("choose another name"));
                return;
            }
            for (at, parameter) in parameters.iter().enumerate() {
                if let Some(first) = parameters[..at].iter().find(|p| p.text == parameter.text) {
                    let message = format!("parameter `{}` is declared twice", parameter.text);
                    let diagnostic = Diagnostic::error(Kind::Duplicate, parameter.span, message);
                    model.out.push(
                        diagnostic.label("second declaration").related(first.span, "first declaration"),
                    );
                }
            }
            if model.declare(name, Symbol::Def(model.defs.len())) {
                let parameters = parameters.iter().collect();
                let monitor = monitor.as_ref().and_then(|name| match model.symbol(&name.text) {
                    Some(Symbol::Monitor(at)) => Some(model.program.syncs[at].base),
                    _ => None,
                });
                model.defs.push(Routine { name, parameters, body, monitor, span: item.span });
            }
        }
        ItemKind::Process { name, parameter, body } => {
            let parameters = parameter.iter().collect();
            process(model, name, Routine { name, parameters, body, monitor: None, span: item.span });
        }
        _ => {}
    }
}

fn process<'a>(model: &mut Model<'a>, name: &Name, routine: Routine<'a>) {
    let Some(Symbol::Role(role)) = model.symbol(&name.text) else {
        let names: Vec<&str> = model.program.roles.iter().map(|r| r.name.as_str()).collect();
        let help = match suggest::nearest(&name.text, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if names.is_empty() => format!("declare it: role {}: and its states below", name.text),
            None => format!("the roles are {}", names.join(", ")),
        };
        let message = format!("there is no role `{}`", name.text);
        let diagnostic = Diagnostic::error(Kind::ProcessWithoutRole, name.span, message);
        model.out.push(diagnostic.label("a process plays a role").help(help));
        return;
    };
    match &model.processes[role] {
        Some(first) => {
            let message = format!("role `{}` has two processes", name.text);
            let diagnostic = Diagnostic::error(Kind::Duplicate, name.span, message).label("second process");
            model.out.push(diagnostic.related(first.span, "first process"));
        }
        None => model.processes[role] = Some(routine),
    }
}

fn header(model: &mut Model<'_>, item: &Item) {
    match &item.kind {
        ItemKind::Problem { title } => model.program.problem = title.clone(),
        ItemKind::Solution { title } => model.program.solution = title.clone(),
        ItemKind::FixedBy { name } => model.program.fixed_by = Some(name.clone()),
        ItemKind::Scene { name } => scene(model, name),
        ItemKind::Expect { verdict, under } => expect(model, verdict, under.as_ref()),
        ItemKind::CheckWith { name, values } => {
            if !matches!(model.symbol(&name.text), Some(Symbol::Constant(_))) {
                let diagnostic = model.unknown(&name.text, name.span, &[]);
                model.out.push(diagnostic.help("name a constant that has a range"));
                return;
            }
            check_with(model, name, values);
        }
        _ => {}
    }
}

/// The pictures that the screens can draw.
const SCENES: [&str; 10] = [
    "table",
    "buffer",
    "library",
    "barbershop",
    "mailboxes",
    "section",
    "smokers",
    "pot",
    "molecule",
    "plain",
];

fn scene(model: &mut Model<'_>, name: &Name) {
    if SCENES.contains(&name.text.as_str()) {
        model.program.scene = Some(name.text.clone());
        return;
    }
    let message = format!("there is no scene `{}`", name.text);
    let help = format!("the scenes are {}", SCENES.join(", "));
    model.out.push(Diagnostic::error(Kind::UnknownName, name.span, message).help(help));
}

/// Sizes to check at must be sizes that can be set.
fn check_with(model: &mut Model<'_>, name: &Name, values: &[Expr]) {
    let range = model.program.constants.iter().find(|c| c.name == name.text).and_then(|c| c.range);
    let Some((low, high)) = range else {
        let message = format!("`{}` cannot be set", name.text);
        let diagnostic = Diagnostic::error(Kind::Range, name.span, message).label("it has no range");
        model.out.push(diagnostic.help(format!("declare what it may be: const {} = … in 1..100", name.text)));
        return;
    };
    let mut checked = Vec::new();
    for value in values {
        let Some(number) = model.constant(value) else { continue };
        if (low..=high).contains(&number) {
            checked.push(number);
        } else {
            let message = format!("{number} is outside {low}..{high}");
            model
                .out
                .push(Diagnostic::error(Kind::Range, value.span, message).label(format!("{low} to {high}")));
        }
    }
    model.program.check_with.push((name.text.clone(), checked));
}

fn expect(model: &mut Model<'_>, verdict: &Name, under: Option<&Name>) {
    let known = |name: &Name| Under::ALL.iter().find(|(word, _)| *word == name.text).map(|(_, under)| *under);
    if let Some(name) = under.filter(|name| known(name).is_none()) {
        let message = format!("there is no fairness and no order of memory `{}`", name.text);
        model
            .out
            .push(Diagnostic::error(Kind::UnknownName, name.span, message).help("write weak, strong or tso"));
        return;
    }
    match Expected::ALL.iter().find(|(name, _)| *name == verdict.text) {
        Some((_, expected)) => {
            model.program.expects.push(Expect { verdict: *expected, under: under.and_then(known) })
        }
        None => {
            let names = Expected::ALL.map(|(name, _)| name);
            let help = match suggest::nearest(&verdict.text, names) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the verdicts are {}", names.join(", ")),
            };
            let message = format!("there is no verdict `{}`", verdict.text);
            model.out.push(Diagnostic::error(Kind::UnknownName, verdict.span, message).help(help));
        }
    }
}

/// A count that must lie in `low..=high`.
fn count_in(model: &mut Model<'_>, expr: &Expr, low: i32, high: usize, what: &str) -> Option<u32> {
    let value = model.constant(expr)?;
    if value < low {
        let message = format!("{value} {what}");
        let diagnostic = Diagnostic::error(Kind::Range, expr.span, message);
        model.out.push(diagnostic.label(format!("at least {low}")));
        return None;
    }
    if value as usize > high {
        let message = format!("{value} {what}; the limit is {high}");
        model.out.push(Diagnostic::error(Kind::Limit, expr.span, message).label("too many"));
        return None;
    }
    Some(value as u32)
}

/// Complains if there are too many actors, or none.
fn check_actor_count(model: &mut Model<'_>, total: u64, item_span: super::span::Span) {
    if total > MAX_ACTORS as u64 {
        let message = format!("{total} actors; the limit is {MAX_ACTORS}, each one a process");
        model.out.push(Diagnostic::error(Kind::Limit, item_span, message));
    }
    if total == 0 && !model.program.roles.is_empty() && !model.out.has_errors() {
        let message = "no role has an actor, so nothing would run";
        model
            .out
            .push(Diagnostic::error(Kind::Range, item_span, message).help("let at least one role have one"));
    }
}
