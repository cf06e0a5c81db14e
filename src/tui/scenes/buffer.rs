//! The buffer: producers on the left, a ring of slots in the middle with its two ends, consumers on the right.

use crate::board::Items;
use crate::program::{CellId, Variable};
use crate::tui::brush::Brush;
use crate::tui::face::Sight;
use crate::tui::theme::Tone;

/// Columns of one slot, without the edge that it shares with the next one.
const SLOT: i32 = 5;
/// Colours of producers, so that one sees whose items are where.
const MAKERS: [Tone; 4] = [Tone::Accent, Tone::Good, Tone::Keyword, Tone::Try];

/// Draws producers, slots, consumers.
pub fn draw(sight: &Sight<'_>, brush: &mut Brush<'_>) {
    let Some(items) = &sight.program.items else { return super::plain::draw(sight, brush) };
    let buffer = sight.program.variables.iter().find(|v| v.holds_items && v.size.is_some());
    let mailed = sight.program.channels.iter().any(|c| c.holds_items);
    if buffer.is_none() && !mailed {
        return super::plain::draw(sight, brush);
    }
    let role = |activity: crate::program::ActivityId| {
        let role = sight.program.activities[activity.index()].role;
        sight.program.roles[role.index()].name.as_str()
    };
    let (makers, users) = (role(items.produce), role(items.consume));
    let (w, h) = (brush.width(), brush.height());
    let made: u64 = sight.snapshot.actors.iter().map(|a| a.produced).sum();
    let used: u64 = sight.snapshot.actors.iter().map(|a| a.consumed).sum();
    if w < if buffer.is_some() { 56 } else { 100 } {
        // One below the other.
        let least = if buffer.is_some() { 5 } else { 7 };
        let most = sight.of_role(makers).len().max(sight.of_role(users).len()).max(1) as i32;
        let side = ((h - least) / 2).clamp(1, if buffer.is_some() { h } else { most });
        for (role, y) in [(makers, 0), (users, h - side)] {
            let rooms = [(role, Tone::Border, sight.of_role(role))];
            super::room::rows(sight, &rooms, &mut brush.part(0, y, w, side));
        }
        return middle(sight, buffer, &mut brush.part(0, side, w, h - 2 * side));
    }
    let wide = if buffer.is_some() { 18 } else { 50 };
    let size = buffer.and_then(|b| b.size).unwrap_or(0);
    let needed = (size.min(16) as i32 * (SLOT - 1) + 1).max(wide);
    let side = ((w - needed - 2) / 2).clamp(18, 34);
    room(sight, makers, brush.part(0, 0, side, h));
    room(sight, users, brush.part(w - side, 0, side, h));
    let mut between = brush.part(side + 1, 0, w - 2 * side - 2, h);
    middle(sight, buffer, &mut between.part(0, 0, w - 2 * side - 2, h - 1));
    let line = format!("made {made} → used {used}");
    between.text_middle(h - 1, &line, Tone::Dim);
}

/// The slots of the buffer, or the channels in which the items travel.
fn middle(sight: &Sight<'_>, buffer: Option<&Variable>, brush: &mut Brush<'_>) {
    match buffer {
        Some(buffer) => slots(sight, buffer, brush),
        None => super::mailboxes::channels(sight, brush),
    }
}

fn room(sight: &Sight<'_>, role: &str, mut brush: Brush<'_>) {
    let title = format!("{role}s");
    super::room::draw(sight, &title, Tone::Border, &sight.of_role(role), &mut brush);
}

/// Whether a cell holds an item that nobody has used up, and which.
fn item(sight: &Sight<'_>, cell: CellId) -> Option<(u32, u32)> {
    let value = *sight.snapshot.objects.cells.get(cell.index())?;
    if sight.snapshot.objects.items.contains(&cell) { Items::parts(value) } else { None }
}

fn slots(sight: &Sight<'_>, buffer: &Variable, brush: &mut Brush<'_>) {
    let count = buffer.size.unwrap_or(0);
    let cells: Vec<CellId> = (0..count).map(|k| CellId(buffer.base.0 + k)).collect();
    let full = cells.iter().filter(|cell| item(sight, **cell).is_some()).count();
    let per_row = ((brush.width() - 1) / (SLOT - 1)).max(1);
    let rows = count.div_ceil(per_row as u32) as i32;
    let top = ((brush.height() - rows * 5) / 2).max(0);
    if rows * 5 > brush.height().max(5) {
        return many(sight, &cells, full, brush);
    }
    for row in 0..rows {
        let first = row * per_row;
        let here = per_row.min(count as i32 - first);
        let left = (brush.width() - here * (SLOT - 1) - 1).max(0) / 2;
        let edges =
            |ends: [&str; 3]| format!("{}{}", ends[0], vec!["───"; here as usize].join(ends[1])) + ends[2];
        brush.text(left, top + row * 5 + 1, &edges(["╭", "┬", "╮"]), Tone::Border);
        brush.text(left, top + row * 5 + 3, &edges(["╰", "┴", "╯"]), Tone::Border);
        for k in 0..here {
            let number = (first + k) as u32;
            slot(sight, cells[number as usize], number, left + k * (SLOT - 1), top + row * 5, brush);
        }
    }
    brush.text_middle(top - 1, &format!("{full} of {count} slots full"), Tone::Dim);
}

/// One slot, with the marks of the ends above and below.
fn slot(sight: &Sight<'_>, cell: CellId, number: u32, x: i32, y: i32, brush: &mut Brush<'_>) {
    let marked = |name: &str| sight.value(name) == Some(number as i32);
    if marked("in") {
        brush.text(x + 1, y, "in▾", Tone::Accent);
    }
    brush.text(x, y + 2, "│   │", Tone::Border);
    match item(sight, cell) {
        Some((maker, k)) => {
            let tone = MAKERS[maker as usize % MAKERS.len()];
            brush.text(x + 1, y + 2, "■", tone);
            brush.text(x + 2, y + 2, &format!("{:02}", k % 100), tone);
        }
        None => drop(brush.text(x + 2, y + 2, "·", Tone::Dim)),
    }
    if marked("out") {
        brush.text(x + 1, y + 4, "▴out", Tone::Accent);
    }
}

/// More slots than can be drawn one by one.
fn many(sight: &Sight<'_>, cells: &[CellId], full: usize, brush: &mut Brush<'_>) {
    let (w, h) = (brush.width().max(1), brush.height() - 1);
    let each = cells.len().div_ceil((w * h.max(1)) as usize).max(1);
    for (at, group) in cells.chunks(each).enumerate() {
        let (x, y) = (at as i32 % w, at as i32 / w);
        match group.iter().find_map(|cell| item(sight, *cell)) {
            Some((maker, _)) => drop(brush.text(x, y, "■", MAKERS[maker as usize % MAKERS.len()])),
            None => drop(brush.text(x, y, "·", Tone::Dim)),
        }
    }
    let line = format!("{full} of {} slots full", cells.len());
    brush.text(0, h, &line, Tone::Dim);
}
