//! The kernel's objects: semaphores, mutexes, shared variables, with value, waiters, holder.

use super::View;
use crate::program::{ActorId, ConditionId, Object, Program, SyncKind};
use crate::sync::Held;
use crate::tui::brush::Brush;
use crate::tui::theme::Tone;

/// Draws a row an object.
pub fn draw(view: &View<'_>, brush: &mut Brush<'_>) {
    let program = view.sight.program;
    let all: Vec<Object> = program.objects().collect();
    if all.is_empty() {
        brush.text(0, 0, "this program has no objects", Tone::Dim);
        return;
    }
    let height = (brush.height() - 1).max(0) as usize;
    let first = super::offset(all.len(), height, view.scroll);
    let shown = &all[first..all.len().min(first + height)];
    let widest = shown.iter().map(|o| program.object_name(*o).len() as i32).max().unwrap_or(0).max(4);
    let columns = Columns { value: widest + 7, waiters: widest + 9, holder: widest + 16 };
    brush.text(0, 0, "name", Tone::Dim);
    brush.text_right(columns.value, 0, "value", Tone::Dim);
    brush.text(columns.waiters, 0, "wait", Tone::Dim);
    brush.text(columns.holder, 0, "held by", Tone::Dim);
    for (row, object) in shown.iter().enumerate() {
        object_row(view, *object, &columns, row as i32 + 1, brush);
    }
    let more = all.len() - first - shown.len();
    if more > 0 {
        let (edge, y) = (brush.width(), brush.height() - 1);
        brush.text_right(edge, y, &format!(" {more} more ▾"), Tone::Dim);
    }
}

/// Holders that are named.
const MAX_HOLDERS: usize = 4;

/// Where the columns lie.
struct Columns {
    value: i32,
    waiters: i32,
    holder: i32,
}

fn object_row(view: &View<'_>, object: Object, columns: &Columns, y: i32, brush: &mut Brush<'_>) {
    let (program, snapshot) = (view.sight.program, view.seen.snapshot);
    let waiting = waiting(view, object);
    let stuck = waiting.iter().any(|a| view.sight.is_stuck(*a));
    let tone = if stuck { Tone::Bad } else { Tone::Accent };
    brush.text(0, y, &program.object_name(object), tone);
    let value = match object {
        Object::Semaphore(id) => snapshot.objects.semaphores.get(id.index()).map(|s| s.value.to_string()),
        Object::Mutex(id) => {
            let holder = snapshot.objects.mutexes.get(id.index()).copied().flatten();
            Some(if holder.is_some() { "locked" } else { "free" }.to_string())
        }
        Object::Sync(id) | Object::Write(id) => {
            snapshot.objects.syncs.get(id.index()).map(|held| sync(program.sync(id).kind, held))
        }
        Object::Condition(id) => {
            let within = id.0 - conditions(program, id);
            let held = snapshot.objects.syncs.get(program.condition(id).monitor.index());
            held.map(|held| match held.count(within) {
                0 => "—".to_string(),
                waiting => format!("{waiting} wait"),
            })
        }
        Object::Cell(id) => {
            snapshot.objects.cells.get(id.index()).map(|value| match program.variable(id).holds_items {
                true => view.sight.item(*value).unwrap_or_else(|| value.to_string()),
                false => value.to_string(),
            })
        }
    };
    let changed = view.changed().iter().any(|(what, ..)| *what == object);
    let tone = if changed { Tone::Selected } else { Tone::Text };
    brush.text_right(columns.value, y, &value.unwrap_or_default(), tone);
    if !waiting.is_empty() {
        let shown = if waiting.len() <= 2 {
            waiting.iter().map(|a| view.sight.short(*a)).collect::<Vec<_>>().join(" ")
        } else {
            // A bare number would be somebody's name.
            format!("×{}", waiting.len())
        };
        brush.text(columns.waiters, y, &format!("◌{shown}"), if stuck { Tone::Bad } else { Tone::Wait });
    }
    let mut x = columns.holder;
    let holders = holders(view, object);
    for holder in holders.iter().take(MAX_HOLDERS) {
        let face = view.sight.face(*holder);
        x = brush.text(x, y, &format!("{}{} ", face.sign, view.sight.short(*holder)), face.tone);
    }
    if holders.len() > MAX_HOLDERS {
        brush.text(x, y, &format!("+{}", holders.len() - MAX_HOLDERS), Tone::Dim);
    }
}

/// Who has an object: of a read-write lock everyone who is inside, and not those who keep others waiting for it.
fn holders(view: &View<'_>, object: Object) -> Vec<ActorId> {
    let (program, snapshot) = (view.sight.program, view.seen.snapshot);
    match object {
        Object::Sync(id) if matches!(program.sync(id).kind, SyncKind::RwLock(_)) => {
            let held = snapshot.objects.syncs.get(id.index());
            held.map_or(Vec::new(), |held| held.inside.iter().map(|(who, _)| *who).collect())
        }
        _ => snapshot.holders(program, object),
    }
}

/// What a monitor, a lock or a barrier holds, in a word.
fn sync(kind: SyncKind, held: &Held) -> String {
    match kind {
        SyncKind::Mutex { .. } => match held.inside.first() {
            None => "free".into(),
            Some((_, 1)) => "locked".into(),
            Some((_, times)) => format!("locked ×{times}"),
        },
        SyncKind::Monitor { .. } if held.inside.is_empty() => "free".into(),
        SyncKind::Monitor { .. } => "entered".into(),
        SyncKind::RwLock(_) if held.writing => "written".into(),
        SyncKind::RwLock(_) => match held.inside.len() {
            0 => "free".into(),
            readers => format!("{readers} read"),
        },
        SyncKind::Barrier { parties } => format!("{}/{parties}", held.line.len()),
    }
}

/// The number of the first condition of the same monitor.
fn conditions(program: &Program, id: ConditionId) -> u32 {
    match program.sync(program.condition(id).monitor).kind {
        SyncKind::Monitor { conditions, .. } => conditions.0,
        _ => id.0,
    }
}

/// Who waits for an object, in the order in which they came; for a read-write lock, to read or to write.
fn waiting(view: &View<'_>, object: Object) -> Vec<ActorId> {
    let actors = (0..view.seen.snapshot.actors.len() as u32).map(ActorId);
    let living = |a: &ActorId| !view.seen.snapshot.actors[a.index()].life.is_over();
    let waits = |a: &ActorId| match (view.sight.waits_for(*a), object) {
        (Some(Object::Write(lock)), Object::Sync(of)) => lock == of,
        (wanted, _) => wanted == Some(object),
    };
    let mut waiting: Vec<ActorId> = actors.filter(living).filter(waits).collect();
    waiting.sort_by_key(|a| view.seen.snapshot.actors[a.index()].since);
    waiting
}
