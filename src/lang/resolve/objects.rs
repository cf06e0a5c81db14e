//! What processes share: variables, and the objects that they synchronize and talk with.

use super::{bounds, count_in};
use crate::lang::ast::{Expr, Item, ItemKind};
use crate::lang::diagnostic::{Diagnostic, Kind};
use crate::lang::limits::{MAX_CAPACITY, MAX_CELLS, MAX_CONDITIONS, MAX_MUTEXES, MAX_SEMAPHORES, MAX_SYNCS};
use crate::lang::model::{Model, Symbol};
use crate::lang::span::{Name, Span};
use crate::program::{
    CellId, Channel, ChannelId, ConditionId, Conditions, End, Ends, MutexArray, MutexId, SemaphoreArray,
    SemaphoreId, SyncArray, SyncId, SyncKind, Variable,
};

/// The largest value of a POSIX semaphore on Linux (`SEM_VALUE_MAX`).
const SEMAPHORE_MAX: i32 = i32::MAX;

/// Declares what the item declares, if it is an object. If that fails, the name is not missed as well.
pub fn declare(model: &mut Model<'_>, item: &Item) {
    object(model, item);
    if let ItemKind::Shared { name, .. }
    | ItemKind::Semaphore { name, .. }
    | ItemKind::Mutex { name, .. }
    | ItemKind::Monitor { name, .. }
    | ItemKind::Condition { name, .. }
    | ItemKind::RwLock { name, .. }
    | ItemKind::Barrier { name, .. }
    | ItemKind::Channel { name, .. } = &item.kind
        && model.symbol(&name.text).is_none()
    {
        model.out.hush(&name.text);
    }
}

fn object(model: &mut Model<'_>, item: &Item) {
    match &item.kind {
        ItemKind::Shared { name, size, init, range } => {
            let Some(size) = size_of(model, size.as_ref(), MAX_CELLS) else { return };
            let base = CellId(model.program.cell_count());
            let Some(init) = initial(model, init.as_ref(), 0) else { return };
            let range = match range {
                Some((low, high)) => bounds(model, low, high),
                None => None,
            };
            if let Some((low, high)) = range
                && !(low..=high).contains(&init)
            {
                let message = format!("`{}` starts at {init}, outside its range {low}..{high}", name.text);
                model.out.push(Diagnostic::error(Kind::Range, name.span, message));
            }
            if !fits(model, base.0, size, MAX_CELLS, "elements of shared variables", item.span) {
                return;
            }
            if model.declare(name, Symbol::Variable(model.program.variables.len())) {
                let name = name.text.clone();
                model.program.variables.push(Variable { name, base, size, init, range, holds_items: false });
            }
        }
        ItemKind::Semaphore { fair, name, size, init } => {
            semaphore(model, *fair, name, size.as_ref(), init.as_ref(), item.span);
        }
        ItemKind::Mutex { name, size, recursive, fair } if *recursive || *fair => {
            let kind = SyncKind::Mutex { recursive: *recursive, fair: *fair };
            sync(model, name, size.as_ref(), kind, Symbol::SyncMutex, item.span);
        }
        ItemKind::Mutex { name, size, .. } => {
            let Some(size) = size_of(model, size.as_ref(), MAX_MUTEXES) else { return };
            let base = MutexId(model.program.mutex_count());
            if !fits(model, base.0, size, MAX_MUTEXES, "mutexes", item.span) {
                return;
            }
            if model.declare(name, Symbol::Mutex(model.program.mutexes.len())) {
                model.program.mutexes.push(MutexArray { name: name.text.clone(), base, size });
            }
        }
        ItemKind::Monitor { name, hoare, .. } => {
            let kind =
                SyncKind::Monitor { hoare: *hoare, conditions: ConditionId(model.program.condition_count()) };
            sync(model, name, None, kind, Symbol::Monitor, item.span);
        }
        ItemKind::RwLock { name, size, preference } => {
            sync(model, name, size.as_ref(), SyncKind::RwLock(*preference), Symbol::RwLock, item.span);
        }
        ItemKind::Barrier { name, size, parties } => {
            let Some(parties) = parties_of(model, name, parties.as_ref()) else { return };
            sync(model, name, size.as_ref(), SyncKind::Barrier { parties }, Symbol::Barrier, item.span);
        }
        ItemKind::Condition { name, size, monitor } => {
            condition(model, name, size.as_ref(), monitor, item.span);
        }
        ItemKind::Channel { name, size, capacity } => {
            channel(model, name, size.as_ref(), capacity.as_ref(), item.span);
        }
        _ => {}
    }
}

fn semaphore(
    model: &mut Model<'_>,
    fair: bool,
    name: &Name,
    size: Option<&Expr>,
    init: Option<&Expr>,
    span: Span,
) {
    let Some(size) = size_of(model, size, MAX_SEMAPHORES) else { return };
    let Some(value) = initial(model, init, 0) else { return };
    if init.is_none() {
        let message = format!("semaphore `{}` has no initial value", name.text);
        let diagnostic = Diagnostic::error(Kind::Syntax, name.span.after(), message);
        let help = format!("write semaphore {} = 1 for a lock, = 0 for a signal to wait for", name.text);
        model.out.push(diagnostic.label("= and a number").help(help));
    }
    if !(0..=SEMAPHORE_MAX).contains(&value) {
        let message = format!("a semaphore cannot start at {value}");
        let span = init.map_or(name.span, |e| e.span);
        model.out.push(Diagnostic::error(Kind::Range, span, message).label("at least 0"));
        return;
    }
    let base = SemaphoreId(model.program.semaphore_count());
    if !fits(model, base.0, size, MAX_SEMAPHORES, "semaphores", span) {
        return;
    }
    if model.declare(name, Symbol::Semaphore(model.program.semaphores.len())) {
        let name = name.text.clone();
        let init = value as u32;
        model.program.semaphores.push(SemaphoreArray { name, base, size, init, fair, end: None });
    }
}

fn sync(
    model: &mut Model<'_>,
    name: &Name,
    size: Option<&Expr>,
    kind: SyncKind,
    symbol: fn(usize) -> Symbol,
    span: Span,
) {
    let Some(size) = size_of(model, size, MAX_SYNCS) else { return };
    let base = SyncId(model.program.sync_count());
    if fits(model, base.0, size, MAX_SYNCS, "monitors, read-write locks and barriers", span)
        && model.declare(name, symbol(model.program.syncs.len()))
    {
        model.program.syncs.push(SyncArray { name: name.text.clone(), base, size, kind });
    }
}

/// How many a barrier waits for.
fn parties_of(model: &mut Model<'_>, name: &Name, parties: Option<&Expr>) -> Option<u32> {
    let Some(expr) = parties else {
        let message = format!("barrier `{}` does not say for how many it waits", name.text);
        let diagnostic = Diagnostic::error(Kind::Syntax, name.span.after(), message);
        let help = format!("write barrier {} = 3 for three processes", name.text);
        model.out.push(diagnostic.label("= and a number").help(help));
        return None;
    };
    count_in(model, expr, 1, MAX_CAPACITY, "processes at a barrier")
}

fn condition(model: &mut Model<'_>, name: &Name, size: Option<&Expr>, monitor: &Name, span: Span) {
    let Some(size) = size_of(model, size, MAX_CONDITIONS) else { return };
    let Some(Symbol::Monitor(at)) = model.symbol(&monitor.text) else { return };
    let base = ConditionId(model.program.condition_count());
    if fits(model, base.0, size, MAX_CONDITIONS, "conditions", span)
        && model.declare(name, Symbol::Condition(model.program.conditions.len()))
    {
        let monitor = model.program.syncs[at].base;
        model.program.conditions.push(Conditions { name: name.text.clone(), base, size, monitor });
    }
}

fn channel(model: &mut Model<'_>, name: &Name, size: Option<&Expr>, capacity: Option<&Expr>, span: Span) {
    let Some(size) = size_of(model, size, MAX_SEMAPHORES) else { return };
    let capacity = match capacity {
        None => Some(1),
        Some(expr) => count_in(model, expr, 1, MAX_CAPACITY, "messages in a channel"),
    };
    let Some(capacity) = capacity else { return };
    let base = ChannelId(model.program.channel_count());
    if fits(model, base.0, size, MAX_SEMAPHORES / 2, "channels", span)
        && model.declare(name, Symbol::Channel(model.program.channels.len()))
    {
        let (name, ends) = (name.text.clone(), Ends { room: 0, messages: 0 });
        let channel = Channel { name, base, size, capacity, values: 0, holds_items: false, ends };
        model.program.channels.push(channel);
    }
}

/// Declares the semaphores that count room and messages, behind those of the text.
pub fn give_channels_their_ends(model: &mut Model<'_>) {
    let program = &mut model.program;
    let room = program.semaphore_count();
    let ends = Ends { room, messages: room + program.channel_count() };
    for end in [End::Room, End::Messages] {
        for channel in &mut program.channels {
            channel.ends = ends;
            let (base, init) = match end {
                End::Room => (ends.room(channel.base.0), channel.capacity),
                End::Messages => (ends.messages(channel.base.0), 0),
            };
            let (name, size) = (channel.name.clone(), channel.size);
            let semaphore = SemaphoreArray { name, base, size, init, fair: false, end: Some(end) };
            program.semaphores.push(semaphore);
        }
    }
}

/// The size of an array; `Some(None)` for a scalar.
fn size_of(model: &mut Model<'_>, size: Option<&Expr>, most: usize) -> Option<Option<u32>> {
    match size {
        None => Some(None),
        Some(expr) => count_in(model, expr, 0, most, "elements").map(Some),
    }
}

fn initial(model: &mut Model<'_>, init: Option<&Expr>, default: i32) -> Option<i32> {
    match init {
        None => Some(default),
        Some(expr) => model.constant(expr),
    }
}

fn fits(model: &mut Model<'_>, base: u32, size: Option<u32>, most: usize, what: &str, span: Span) -> bool {
    let total = base as usize + size.unwrap_or(1) as usize;
    if total > most {
        let message = format!("{total} {what} in all; the limit is {most}");
        model.out.push(Diagnostic::error(Kind::Limit, span, message).label("the limit is passed here"));
    }
    total <= most
}
