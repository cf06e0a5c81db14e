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
    let columns = Columns::of(view, shown, brush.width());
    brush.text(0, 0, "name", Tone::Dim);
    brush.text_right(columns.value, 0, "value", Tone::Dim);
    brush.text(columns.waiters, 0, "wait", Tone::Dim);
    if columns.holder + HELD_BY.len() as i32 <= brush.width() {
        brush.text(columns.holder, 0, HELD_BY, Tone::Dim);
    }
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
const HELD_BY: &str = "held by";
/// Columns for a value at least, and between the value and those who wait.
const VALUE: i32 = 5;
const GAP: i32 = 2;
/// Columns for those who wait, and for a name at least.
const WAITERS: i32 = 7;
const NAME: i32 = 10;

/// Where the columns lie.
struct Columns {
    /// The name's width.
    name: i32,
    /// Where the value ends.
    value: i32,
    waiters: i32,
    holder: i32,
}

impl Columns {
    /// Wide enough for what they say. Where somebody holds one of the objects, names give way to the holders.
    fn of(view: &View<'_>, shown: &[Object], width: i32) -> Columns {
        let program = view.sight.program;
        let long = |text: String| text.chars().count() as i32;
        let widest = shown.iter().map(|o| long(program.object_name(*o))).max().unwrap_or(0).max(4);
        let value = shown.iter().map(|o| long(value(view, *o))).max().unwrap_or(0).max(VALUE) + GAP;
        let held = shown.iter().any(|object| !holders(view, *object).is_empty());
        let behind = value + GAP + if held { WAITERS + HELD_BY.len() as i32 } else { WAITERS };
        let name = widest.min((width - behind).max(NAME));
        Columns {
            name,
            value: name + value,
            waiters: name + value + GAP,
            holder: name + value + GAP + WAITERS,
        }
    }
}

fn object_row(view: &View<'_>, object: Object, columns: &Columns, y: i32, brush: &mut Brush<'_>) {
    let program = view.sight.program;
    let waiting = waiting(view, object);
    let stuck = waiting.iter().any(|a| view.sight.is_stuck(*a));
    let tone = if stuck { Tone::Bad } else { Tone::Accent };
    let name = program.object_name(object);
    let room = columns.name as usize;
    if name.chars().count() > room {
        let start: String = name.chars().take(room.saturating_sub(1)).collect();
        brush.text(0, y, &format!("{start}…"), tone);
    } else {
        brush.text(0, y, &name, tone);
    }
    let changed = view.changed().iter().any(|(what, ..)| *what == object);
    let tone = if changed { Tone::Selected } else { Tone::Text };
    brush.text_right(columns.value, y, &value(view, object), tone);
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

/// An object's value, in a word.
fn value(view: &View<'_>, object: Object) -> String {
    let (program, snapshot) = (view.sight.program, view.seen.snapshot);
    let text = match object {
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
    text.unwrap_or_default()
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
