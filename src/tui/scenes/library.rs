//! The library: who rests, who waits at the door and for what, who is at the page.

use crate::program::ActorId;
use crate::tui::brush::Brush;
use crate::tui::face::Sight;
use crate::tui::theme::Tone;

/// Columns that the words about the page need.
const PAGE: i32 = 22;

/// Draws three rooms: rest, door, page. Who has read or written and is still busy with leaving stands below the page.
pub fn draw(sight: &Sight<'_>, brush: &mut Brush<'_>) {
    let both = |states: &[&str]| -> Vec<ActorId> {
        ["reader", "writer"].iter().flat_map(|role| sight.showing(role, states)).collect()
    };
    let (resting, inside, leaving) = (both(&["resting"]), both(&["reading", "writing"]), both(&["between"]));
    let others: Vec<ActorId> = (0..sight.snapshot.actors.len() as u32)
        .map(ActorId)
        .filter(|actor| ![&resting, &inside, &leaving].iter().any(|room| room.contains(actor)))
        .collect();
    let others = sight.by_arrival(others);
    let readers = sight.showing("reader", &["reading"]).len();
    let writers = sight.showing("writer", &["writing"]).len();
    let several = |count: usize, who: &str| format!("{count} {who}{}", if count == 1 { "" } else { "s" });
    let (who, tone) = match (readers, writers) {
        (0, 0) => ("page: nobody".to_string(), Tone::Border),
        (0, 1) => ("page: 1 writer".to_string(), Tone::Act),
        (r, 0) => (format!("page: {}", several(r, "reader")), Tone::Act),
        (0, w) => (format!("page: {w} writers!"), Tone::Bad),
        (r, w) => (format!("page: {r} read {w} write!"), Tone::Bad),
    };
    let (w, h) = (brush.width(), brush.height());
    if w < 56 {
        let rooms = [
            ("resting", Tone::Border, resting),
            ("door", Tone::Border, others),
            ("page", tone, inside),
            ("leaving", Tone::Border, leaving),
        ];
        return super::room::rows(sight, &rooms, brush);
    }
    let page = (w * 36 / 100).max(PAGE);
    let rest = w * 24 / 100;
    let door = w - rest - page - 4;
    room(sight, "resting", Tone::Border, &resting, brush.part(0, 0, rest, h));
    brush.text(rest, h / 2, " ▸", Tone::Dim);
    room(sight, "at the door", Tone::Border, &others, brush.part(rest + 2, 0, door, h));
    brush.text(rest + 2 + door, h / 2, " ▸", Tone::Dim);
    at_the_page(sight, &who, tone, [&inside, &leaving], brush.part(w - page, 0, page, h));
}

/// The page's room: those who read or write, and below a line those who leave.
fn at_the_page(
    sight: &Sight<'_>,
    title: &str,
    tone: Tone,
    [inside, leaving]: [&[ActorId]; 2],
    mut brush: Brush<'_>,
) {
    brush.frame(title, tone, if tone == Tone::Border { Tone::Title } else { tone });
    let (w, h) = (brush.width() - 4, brush.height() - 2);
    let below = if leaving.is_empty() { 0 } else { (leaving.len() as i32 + 1).min(h / 2) };
    super::room::people(sight, inside, &mut brush.part(2, 1, w, h - below));
    if below > 0 {
        brush.text(2, 1 + h - below, &"╌".repeat(w.max(0) as usize), Tone::Dim);
        super::room::people(sight, leaving, &mut brush.part(2, 2 + h - below, w, below - 1));
    }
}

fn room(sight: &Sight<'_>, title: &str, tone: Tone, actors: &[ActorId], mut brush: Brush<'_>) {
    super::room::draw(sight, title, tone, actors, &mut brush);
}
