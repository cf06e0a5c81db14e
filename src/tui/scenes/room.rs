//! A room with actors in it: what library and barbershop are made of.

use super::named;
use crate::program::ActorId;
use crate::tui::brush::Brush;
use crate::tui::face::Sight;
use crate::tui::theme::Tone;

/// Columns of a room's frame beside its title.
const FRAME: i32 = 6;

/// Draws a framed room and the actors in it, with what each waits for where there is space for it.
pub fn draw(sight: &Sight<'_>, title: &str, tone: Tone, actors: &[ActorId], brush: &mut Brush<'_>) {
    let counted = match actors.len() {
        0 | 1 => title.to_string(),
        several => {
            // A number that is cut is another number.
            let last = title.rsplit(' ').next().unwrap_or(title);
            let titles = [format!("{title} · {several}"), format!("{last} · {several}")];
            let fitting = titles.into_iter().find(|t| t.chars().count() as i32 + FRAME <= brush.width());
            fitting.unwrap_or_else(|| several.to_string())
        }
    };
    brush.frame(&counted, tone, if tone == Tone::Border { Tone::Title } else { tone });
    let (w, h) = (brush.width() - 4, brush.height() - 2);
    let mut inside = brush.part(2, 1, w, h);
    people(sight, actors, &mut inside);
}

/// Columns of a room's name where rooms are rows.
const NAME: i32 = 11;

/// Rooms below each other, for where there is no room for walls: name, who is in it, in a row or two each.
pub fn rows(sight: &Sight<'_>, rooms: &[(&str, Tone, Vec<ActorId>)], brush: &mut Brush<'_>) {
    let (w, h) = (brush.width(), brush.height());
    let each = (h / rooms.len().max(1) as i32).max(1);
    for (at, (name, tone, actors)) in rooms.iter().enumerate() {
        let y = at as i32 * each;
        let tone = if *tone == Tone::Border { Tone::Dim } else { *tone };
        brush.part(0, y, NAME - 1, 1).text(0, 0, name, tone);
        people(sight, actors, &mut brush.part(NAME, y, w - NAME, each));
    }
}

/// Draws actors: a line each where there are few, in columns or as a crowd where there are many.
pub fn people(sight: &Sight<'_>, actors: &[ActorId], brush: &mut Brush<'_>) {
    let (w, h) = (brush.width(), brush.height());
    if w < 2 || h < 1 {
        return;
    }
    if actors.len() as i32 <= h {
        let (mut y, mut free) = (0, h - actors.len() as i32);
        for actor in actors {
            let next = person(sight, *actor, y, free > 0, brush);
            free -= next - y - 1;
            y = next;
        }
        return;
    }
    let widest = actors.iter().map(|a| sight.short(*a).len() as i32).max().unwrap_or(1) + 2;
    let columns = ((w + 1) / (widest + 1)).max(1);
    if (columns * h) as usize >= actors.len() {
        for (at, actor) in actors.iter().enumerate() {
            let (x, y) = (at as i32 % columns * (widest + 1), at as i32 / columns);
            let face = sight.face(*actor);
            let x = brush.text(x, y, face.sign, face.tone);
            brush.text(x, y, &sight.short(*actor), named::tone(sight, *actor));
        }
    } else {
        super::crowd::draw(sight, actors, brush);
    }
}

/// One actor in a line: sign, short name, state, object; a second line takes the object where the first has no room.
/// Gives the row behind it.
fn person(sight: &Sight<'_>, actor: ActorId, y: i32, second: bool, brush: &mut Brush<'_>) -> i32 {
    let face = sight.face(actor);
    let x = brush.text(0, y, face.sign, face.tone) + 1;
    let x = brush.text(x, y, &sight.short(actor), named::tone(sight, actor)) + 1;
    let object = awaited(sight, actor, brush.width() - x);
    let below = second && needs_second(sight, actor, brush.width());
    // Where both have no room, what it waits for says more than that it waits; where one has none, the room's name does.
    let beside = object.as_ref().filter(|_| !below).map_or(0, |o| o.chars().count() as i32 + 1);
    let room = brush.width() - x - beside;
    let x =
        if face.word.chars().count() as i32 <= room { brush.text(x, y, face.word, face.tone) + 1 } else { x };
    let Some(object) = object else { return y + 1 };
    let tone = if sight.is_stuck(actor) { Tone::Bad } else { Tone::Accent };
    if !below {
        brush.text(x, y, &object, tone);
        return y + 1;
    }
    brush.text(INDENT, y + 1, &awaited(sight, actor, brush.width() - INDENT).unwrap_or_default(), tone);
    y + 2
}

/// Columns that a second line is moved in by.
const INDENT: i32 = 2;

/// Whether what an actor waits for has no room in its line.
fn needs_second(sight: &Sight<'_>, actor: ActorId, width: i32) -> bool {
    let room = width - 3 - sight.short(actor).chars().count() as i32;
    awaited(sight, actor, room).is_some_and(|object| object.chars().count() as i32 > room)
}

/// What an actor waits for; where there is no room, without its monitor's name.
fn awaited(sight: &Sight<'_>, actor: ActorId, room: i32) -> Option<String> {
    let name = sight.waits_name(actor)?;
    let fits = name.chars().count() as i32 + 2 <= room;
    Some(format!("→ {}", if fits { name } else { sight.waits_short(actor)? }))
}
