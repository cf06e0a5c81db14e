//! A room with actors in it: what library and barbershop are made of.

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
        for (row, actor) in actors.iter().enumerate() {
            person(sight, *actor, row as i32, brush);
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
            brush.text(x, y, &sight.short(*actor), name_tone(sight, *actor));
        }
    } else {
        super::crowd::draw(sight, actors, brush);
    }
}

fn name_tone(sight: &Sight<'_>, actor: ActorId) -> Tone {
    if sight.selected == Some(actor) { Tone::Selected } else { Tone::Text }
}

/// One actor in a line: sign, short name, state, object.
fn person(sight: &Sight<'_>, actor: ActorId, y: i32, brush: &mut Brush<'_>) {
    let face = sight.face(actor);
    let x = brush.text(0, y, face.sign, face.tone) + 1;
    let x = brush.text(x, y, &sight.short(actor), name_tone(sight, actor)) + 1;
    let object = sight.waits_for(actor).map(|object| format!("→ {}", sight.program.object_name(object)));
    // Where both have no room, what it waits for says more than that it waits; where one has none, the room's name does.
    let room = brush.width() - x - object.as_ref().map_or(0, |o| o.chars().count() as i32 + 1);
    let x =
        if face.word.chars().count() as i32 <= room { brush.text(x, y, face.word, face.tone) + 1 } else { x };
    if let Some(object) = object {
        brush.text(x, y, &object, if sight.is_stuck(actor) { Tone::Bad } else { Tone::Accent });
    }
}
