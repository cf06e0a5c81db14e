//! The library: who rests, who waits at the door and for what, who is at the page.

use crate::program::ActorId;
use crate::tui::brush::Brush;
use crate::tui::face::Sight;
use crate::tui::theme::Tone;

/// Draws three rooms: rest, door, page.
pub fn draw(sight: &Sight<'_>, brush: &mut Brush<'_>) {
    let both = |states: &[&str]| -> Vec<ActorId> {
        ["reader", "writer"].iter().flat_map(|role| sight.showing(role, states)).collect()
    };
    let (resting, inside) = (both(&["resting"]), both(&["reading", "writing"]));
    let others: Vec<ActorId> = (0..sight.snapshot.actors.len() as u32)
        .map(ActorId)
        .filter(|actor| !resting.contains(actor) && !inside.contains(actor))
        .collect();
    let readers = sight.showing("reader", &["reading"]).len();
    let writers = sight.showing("writer", &["writing"]).len();
    let (who, tone) = match (readers, writers) {
        (0, 0) => ("page: nobody".to_string(), Tone::Border),
        (0, 1) => ("page: 1 writer".to_string(), Tone::Act),
        (1, 0) => ("page: 1 reader".to_string(), Tone::Act),
        (r, 0) => (format!("page: {r} readers"), Tone::Act),
        (r, w) => (format!("page: {r} reading, {w} writing!"), Tone::Bad),
    };
    let (w, h) = (brush.width(), brush.height());
    if w < 56 {
        let rooms =
            [("resting", Tone::Border, resting), ("door", Tone::Border, others), ("page", tone, inside)];
        return super::room::rows(sight, &rooms, brush);
    }
    let (rest, page) = (w * 27 / 100, w * 32 / 100);
    let door = w - rest - page - 4;
    room(sight, "resting", Tone::Border, &resting, brush.part(0, 0, rest, h));
    brush.text(rest, h / 2, " ▸", Tone::Dim);
    room(sight, "at the door", Tone::Border, &others, brush.part(rest + 2, 0, door, h));
    brush.text(rest + 2 + door, h / 2, " ▸", Tone::Dim);
    room(sight, &who, tone, &inside, brush.part(w - page, 0, page, h));
}

fn room(sight: &Sight<'_>, title: &str, tone: Tone, actors: &[ActorId], mut brush: Brush<'_>) {
    super::room::draw(sight, title, tone, actors, &mut brush);
}
