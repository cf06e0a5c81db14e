//! The buffer: producers on the left, a ring of slots in the middle with its two ends, consumers on the right.

use std::collections::BTreeSet;

use super::slots::{NARROW, ROWS, Slots, WIDE, maker_tone};
use crate::program::{ActivityId, ActorId, CellId, Instruction, Items, Program, item_parts};
use crate::snapshot::Doing;
use crate::tui::brush::Brush;
use crate::tui::face::Sight;
use crate::tui::theme::Tone;

/// Columns of a room at least, and the gap beside it.
const ROOM: i32 = 18;
/// Columns from which channels are drawn between the rooms, and not below each other.
const CHANNELS: i32 = 96;

/// Draws producers, slots, consumers.
pub fn draw(sight: &Sight<'_>, brush: &mut Brush<'_>) {
    let Some(items) = &sight.program.items else { return super::plain::draw(sight, brush) };
    let buffer = sight.program.variables.iter().find(|v| v.holds_items && v.size.is_some());
    let mailed = sight.program.channels.iter().any(|c| c.holds_items);
    if buffer.is_none() && !mailed {
        return super::plain::draw(sight, brush);
    }
    let slots = buffer.map(|buffer| Slots::of(sight, buffer));
    let (makers, users) = (role(sight.program, items.produce), role(sight.program, items.consume));
    let tally = Tally::of(sight, items);
    if brush.width() < if slots.is_some() { 56 } else { CHANNELS } {
        return stacked(sight, slots.as_ref(), [makers, users], &tally, brush);
    }
    let (w, h) = (brush.width(), brush.height());
    let room_for = w - 2 * ROOM - 2;
    let (inner, needed) = match &slots {
        Some(slots) if Slots::columns(slots.len(), WIDE) <= room_for => {
            (WIDE, Slots::columns(slots.len(), WIDE))
        }
        Some(slots) => (NARROW, Slots::columns(slots.len().min(16), NARROW)),
        None => (NARROW, 50),
    };
    let side = ((w - needed.max(ROOM) - 2) / 2).clamp(ROOM, 34);
    room(sight, makers, brush.part(0, 0, side, h));
    room(sight, users, brush.part(w - side, 0, side, h));
    let mut between = brush.part(side + 1, 0, w - 2 * side - 2, h);
    let wide = between.width();
    match &slots {
        Some(slots) => {
            let top = slots.draw(inner, &mut between.part(0, 1, wide, h - 3));
            between.text_middle(if top < 0 { h - 2 } else { top }, &full(slots), Tone::Dim);
        }
        None => super::mailboxes::channels(sight, &mut between.part(0, 0, wide, h - 1)),
    }
    tally.draw("", h - 1, &mut between);
}

/// Producers, slots and consumers below each other.
fn stacked(
    sight: &Sight<'_>,
    slots: Option<&Slots<'_, '_>>,
    roles: [&str; 2],
    tally: &Tally,
    brush: &mut Brush<'_>,
) {
    let (w, h) = (brush.width(), brush.height());
    let most = roles.map(|role| sight.of_role(role).len()).into_iter().max().unwrap_or(1).max(1) as i32;
    // A row for what was counted, where that leaves the others enough.
    let counted = h >= ROWS + 3;
    let least = if slots.is_some() { ROWS } else { 7 } + i32::from(counted);
    let side = ((h - least) / 2).clamp(1, if slots.is_some() { h } else { most });
    for (role, y) in [(roles[0], 0), (roles[1], h - side)] {
        let actors = sight.of_role(role);
        super::room::rows(sight, &[(role, Tone::Border, actors.clone())], &mut brush.part(0, y, w, side));
        carried(sight, &actors, &mut brush.part(0, y, w, side));
    }
    let middle = h - 2 * side;
    let mut between = brush.part(0, side, w, middle);
    let mut upper = between.part(0, 0, w, middle - i32::from(counted));
    match slots {
        Some(slots) => {
            let inner = if Slots::columns(slots.len(), WIDE) <= w { WIDE } else { NARROW };
            slots.draw(inner, &mut upper);
        }
        None => super::mailboxes::channels(sight, &mut upper),
    }
    if counted {
        tally.draw(&slots.map(full).unwrap_or_default(), middle - 1, &mut between);
    }
}

fn full(slots: &Slots<'_, '_>) -> String {
    let plural = if slots.len() == 1 { "" } else { "s" };
    format!("{} of {} slot{plural} full", slots.full(), slots.len())
}

fn role(program: &Program, activity: ActivityId) -> &str {
    &program.roles[program.activities[activity.index()].role.index()].name
}

fn room(sight: &Sight<'_>, role: &str, mut brush: Brush<'_>) {
    let several = sight.program.roles.iter().any(|r| r.name == role && r.is_array);
    let title = if several { format!("{role}s") } else { role.to_string() };
    let actors = sight.of_role(role);
    super::room::draw(sight, &title, Tone::Border, &actors, &mut brush);
    let (w, h) = (brush.width() - 4, brush.height() - 2);
    carried(sight, &actors, &mut brush.part(2, 1, w, h));
}

/// Writes what each actor has in its hand at the end of its line, where each has a line and that has room.
fn carried(sight: &Sight<'_>, actors: &[ActorId], brush: &mut Brush<'_>) {
    let (w, area) = (brush.width(), brush.area());
    if actors.len() as i32 > brush.height() {
        return;
    }
    for (y, actor) in actors.iter().enumerate() {
        let hand = sight.snapshot.actors[actor.index()].hand;
        let Some(name) = sight.item(hand) else { continue };
        let text = format!("■{name}");
        let x = w - text.chars().count() as i32;
        let is_free = (x - 1..w).all(|x| {
            let place = (area.x + x.max(0) as u16, area.y + y as u16);
            x >= 0 && brush.buffer().cell(place).is_some_and(|cell| cell.symbol() == " ")
        });
        if is_free {
            brush.text(x, y as i32, &text, maker_tone(hand));
        }
    }
}

/// What was counted of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tally {
    made: u64,
    used: u64,
    /// Items that are nowhere any more; 0 where that is not certain.
    lost: u64,
}

impl Tally {
    fn of(sight: &Sight<'_>, items: &Items) -> Tally {
        let sum =
            |count: fn(&crate::snapshot::ActorView) -> u64| sight.snapshot.actors.iter().map(count).sum();
        let (made, used): (u64, u64) = (sum(|a| a.produced), sum(|a| a.consumed));
        let tally = Tally { made, used, lost: 0 };
        Tally { lost: lost(sight, items, made.saturating_sub(used)), ..tally }
    }

    /// Writes it in a row behind another text, in the longest form that fits: no number is ever cut.
    fn draw(&self, before: &str, y: i32, brush: &mut Brush<'_>) {
        let lost = if self.lost > 0 { format!("{} lost", short(self.lost)) } else { String::new() };
        let forms = [
            format!("made {} → used {}", self.made, self.used),
            format!("{} → {}", self.made, self.used),
            format!("{} → {}", short(self.made), short(self.used)),
        ];
        let whole = |parts: [&str; 3]| {
            let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            parts.join(" · ")
        };
        let with = forms.iter().map(|form| whole([before, form, &lost]));
        let without = forms[1..].iter().map(|form| whole([form, &lost, ""]));
        let bare = [whole([before, &lost, ""]), lost.clone()];
        let fits = |text: &String| text.chars().count() as i32 <= brush.width();
        let Some(text) = with.chain(without).chain(bare).find(fits) else { return };
        let x = (brush.width() - text.chars().count() as i32) / 2;
        brush.text(x, y, &text, Tone::Dim);
        if !lost.is_empty() {
            let before = text.chars().count() - lost.chars().count();
            brush.text(x + before as i32, y, &lost, Tone::Bad);
        }
    }
}

/// A number in at most four characters, rounded down.
fn short(number: u64) -> String {
    match number {
        0..=999 => number.to_string(),
        1_000..=999_999 => format!("{}k", number / 1_000),
        1_000_000..=999_999_999 => format!("{}M", number / 1_000_000),
        _ => format!("{}G", number / 1_000_000_000),
    }
}

/// How many of the items that are out, as far as that is counted, are nowhere: in no variable and in no hand. A picture
/// of a run is not of one instant: whoever may have moved while it was taken counts for one, and at full speed nothing is
/// said.
fn lost(sight: &Sight<'_>, items: &Items, out: u64) -> u64 {
    let (program, snapshot) = (sight.program, sight.snapshot);
    if snapshot.at_max && !sight.stepwise || program.channels.iter().any(|c| c.holds_items) {
        return 0;
    }
    let value = |cell: &CellId| snapshot.objects.cells.get(cell.index()).copied();
    let mut seen: BTreeSet<i32> = snapshot.objects.items.iter().filter_map(value).collect();
    let use_up = &program.activities[items.consume.index()];
    let (mut hidden, mut moving) = (0, 0);
    for (view, actor) in snapshot.actors.iter().zip(&program.actors) {
        // What it is using up counts as used.
        let uses = actor.role == use_up.role && view.state == use_up.state && use_up.state != use_up.after;
        if item_parts(view.hand).is_some() && !uses {
            seen.insert(view.hand);
        }
        // Of several items that an actor may have at a time, one is known.
        let gets = actor.code.instructions.iter().filter(|i| match i {
            Instruction::Read { cell, .. } => program.variable(CellId(cell.span().0)).holds_items,
            Instruction::End { activity, .. } => program.activities[activity.index()].produces,
            _ => false,
        });
        hidden += (gets.count() as u64).saturating_sub(1);
        moving += u64::from(!view.life.is_over() && !matches!(view.doing, Doing::Blocked(_) | Doing::Held));
    }
    let lost = out.saturating_sub(seen.len() as u64 + hidden);
    if lost > if sight.stepwise { 0 } else { moving } { lost } else { 0 }
}
