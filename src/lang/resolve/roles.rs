//! Roles, their states and activities, and what is conserved between them.

use super::{bounds, check_actor_count, count_in};
use crate::lang::ast::{Entry, Expr, Item, ItemKind, State};
use crate::lang::builtin;
use crate::lang::diagnostic::{Diagnostic, Kind};
use crate::lang::limits::MAX_ACTORS;
use crate::lang::model::{Model, Symbol};
use crate::lang::span::Name;
use crate::program::{Activity, ActivityId, ActorId, BETWEEN, Items, Role, RoleId, RoleState};

/// How long an activity takes where nothing is said, in milliseconds.
const DEFAULT_TIME: (u32, u32) = (200, 600);
/// How long a visible operation takes at human speed, in milliseconds: without it the window between two waits is
/// a microsecond, and a wrong solution looks right for hours.
const DEFAULT_PACE: (u32, u32) = (100, 300);
/// States of one role: their numbers are bytes, and the last is [`BETWEEN`].
const MAX_STATES: usize = 64;

/// Declares the item, if it is a role.
pub fn declare(model: &mut Model<'_>, item: &Item) {
    let ItemKind::Role { name, count, states, pace } = &item.kind else { return };
    let actors = match count {
        None => Some(1),
        Some(expr) => count_in(model, expr, 0, MAX_ACTORS, "actors"),
    };
    let pace = pace.as_ref().and_then(|(low, high)| times(model, low, high)).unwrap_or(DEFAULT_PACE);
    if states.len() > MAX_STATES {
        let message = format!("{} states; the limit is {MAX_STATES}", states.len());
        model.out.push(Diagnostic::error(Kind::Limit, item.span, message));
        return;
    }
    if states.is_empty() {
        let message = format!("the role `{}` has no states", name.text);
        let diagnostic = Diagnostic::error(Kind::MissingBlock, name.span, message);
        model.out.push(diagnostic.help("list its visible states below it, one a line"));
        return;
    }
    let role = model.program.roles.len();
    if !model.declare(name, Symbol::Role(role)) {
        return;
    }
    distinct_states(model, states);
    model.program.roles.push(Role {
        name: name.text.clone(),
        is_array: count.is_some(),
        count: actors.unwrap_or(0),
        base: ActorId(0),
        states: states
            .iter()
            .map(|s| RoleState { name: s.name.text.clone(), plain: matches!(s.entry, Entry::Plain) })
            .collect(),
        pace,
    });
    model.processes.push(None);
    for (at, state) in states.iter().enumerate() {
        activity(model, role, states, at, state);
    }
    let total: u64 = model.program.roles.iter().map(|r| u64::from(r.count)).sum();
    check_actor_count(model, total, item.span);
}

/// Milliseconds from `low..high`, neither negative.
fn times(model: &mut Model<'_>, low: &Expr, high: &Expr) -> Option<(u32, u32)> {
    let (from, to) = bounds(model, low, high)?;
    if from < 0 {
        let diagnostic = Diagnostic::error(Kind::Range, low.span, "a time cannot be negative");
        model.out.push(diagnostic);
        return None;
    }
    Some((from as u32, to as u32))
}

fn distinct_states(model: &mut Model<'_>, states: &[State]) {
    for (at, state) in states.iter().enumerate() {
        if let Some(first) = states[..at].iter().find(|s| s.name.text == state.name.text) {
            let message = format!("state `{}` is declared twice", state.name.text);
            let diagnostic =
                Diagnostic::error(Kind::Duplicate, state.name.span, message).label("second declaration");
            model.out.push(diagnostic.related(first.name.span, "first declaration"));
        }
    }
}

fn activity(model: &mut Model<'_>, role: usize, states: &[State], at: usize, state: &State) {
    let (name, parameters, time, moment): (&Name, &[Name], _, _) = match &state.entry {
        Entry::Plain => return,
        Entry::By { activity, parameters, time } => (activity, parameters, time.as_deref(), false),
        Entry::On { activity } => (activity, &[], None, true),
    };
    if builtin::find(&name.text).is_some() || name.text == "count" {
        let message = format!("`{}` is an operation of the language", name.text);
        model.out.push(Diagnostic::error(Kind::Duplicate, name.span, message).help("choose another name"));
        return;
    }
    if let Some(ActivityId(first)) = model.activity(role, &name.text) {
        let message = format!("activity `{}` leads to two states", name.text);
        let diagnostic = Diagnostic::error(Kind::Duplicate, name.span, message).label("second state");
        let first = model.activity_spans[first as usize];
        model.out.push(diagnostic.related(first, "first state"));
        return;
    }
    if let Some(second) = parameters.get(1) {
        let message = "an activity takes at most one argument";
        model.out.push(Diagnostic::error(Kind::Arguments, second.span, message).label("one too many"));
    }
    let time = time.and_then(|(low, high)| times(model, low, high)).unwrap_or(DEFAULT_TIME);
    let next = (at + 1) % states.len();
    let after = if matches!(states[next].entry, Entry::Plain) { next as u8 } else { BETWEEN };
    model.activity_spans.push(name.span);
    model.program.activities.push(Activity {
        name: name.text.clone(),
        role: RoleId(role as u32),
        state: at as u8,
        after,
        time: if moment { (0, 0) } else { time },
        moment,
        produces: false,
        takes: !parameters.is_empty(),
        consumes: false,
    });
}

/// Numbers the actors, role by role.
pub fn number(model: &mut Model<'_>) {
    let mut next = 0;
    for role in &mut model.program.roles {
        role.base = ActorId(next);
        next += role.count;
    }
}

/// Reads `items`, which says what is conserved between two activities.
pub fn items(model: &mut Model<'_>, item: &Item) {
    let ItemKind::Items { label, produce, consume } = &item.kind else { return };
    let (Some(from), Some(to)) = (find(model, produce), find(model, consume)) else { return };
    if model.program.items.is_some() {
        let message = "a program has one `items` line";
        model.out.push(Diagnostic::error(Kind::Duplicate, item.span, message).label("second one"));
        return;
    }
    let (makes, uses) = (&model.program.activities[from.index()], &model.program.activities[to.index()]);
    if makes.moment || makes.takes {
        let message = format!("`{}` cannot make items", produce.text);
        let diagnostic = Diagnostic::error(Kind::WrongKind, produce.span, message);
        model.out.push(diagnostic.help("declare it as `state by produce()`, without an argument"));
    } else if !uses.takes {
        let message = format!("`{}` takes no item", consume.text);
        let diagnostic = Diagnostic::error(Kind::WrongKind, consume.span, message);
        model.out.push(diagnostic.help(format!("declare it with an argument: {}(item)", consume.text)));
    }
    model.program.activities[from.index()].produces = true;
    model.program.activities[to.index()].consumes = true;
    model.program.items = Some(Items { label: label.clone(), produce: from, consume: to });
}

fn find(model: &mut Model<'_>, name: &Name) -> Option<ActivityId> {
    let found: Vec<usize> = (0..model.program.activities.len())
        .filter(|at| model.program.activities[*at].name == name.text)
        .collect();
    match found.as_slice() {
        [one] => Some(ActivityId(*one as u32)),
        [] => {
            let message = format!("no role has an activity `{}`", name.text);
            model.out.push(Diagnostic::error(Kind::UnknownName, name.span, message));
            None
        }
        _ => {
            let message = format!("several roles have an activity `{}`", name.text);
            let diagnostic = Diagnostic::error(Kind::Duplicate, name.span, message);
            model.out.push(diagnostic.help("give them different names"));
            None
        }
    }
}

/// Every role needs a process that plays it.
pub fn require_processes(model: &mut Model<'_>) {
    for at in 0..model.program.roles.len() {
        if model.processes[at].is_some() {
            continue;
        }
        let name = model.program.roles[at].name.clone();
        let Some((_, span)) = model.symbols.get(&name).copied() else { continue };
        let parameter = if model.program.roles[at].is_array { "(i)" } else { "" };
        model.out.push(
            Diagnostic::error(Kind::RoleWithoutProcess, span, format!("no process plays the role `{name}`"))
                .label("declared here")
                .help(format!("write `process {name}{parameter}:` and its statements below")),
        );
    }
}

/// A program needs somebody who acts.
pub fn require_roles(model: &mut Model<'_>) {
    if model.program.roles.is_empty() {
        let span = crate::lang::span::Span { file: crate::lang::span::FileId::Solution, start: 0, end: 0 };
        let message = "this program has no roles, so nobody acts";
        let help = "name its problem by a line `problem: dining-philosophers`, or declare `role NAME:`";
        model.out.push(Diagnostic::error(Kind::RoleWithoutProcess, span, message).help(help));
    }
}
