//! Who waits for whom, and for what: the graph of waiting, its circle first and in red.

use super::View;
use crate::monitor::Verdict;
use crate::program::{ActorId, Object};
use crate::tui::brush::Brush;
use crate::tui::theme::Tone;

/// Holders told one by one.
const MAX_HOLDERS: usize = 3;

/// Draws an arrow a line: who waits, for what, who holds it.
pub fn draw(view: &View<'_>, brush: &mut Brush<'_>) {
    let circle = circle(view);
    let waiting: Vec<ActorId> = (0..view.seen.snapshot.actors.len() as u32)
        .map(ActorId)
        .filter(|a| {
            !view.seen.snapshot.actors[a.index()].life.is_over() && view.sight.waits_for(*a).is_some()
        })
        .filter(|a| !circle.contains(a))
        .collect();
    if circle.is_empty() && waiting.is_empty() {
        brush.text(0, 0, "nobody waits", Tone::Dim);
        return;
    }
    let height = brush.height() as usize;
    let ring = usize::from(!circle.is_empty());
    let rows = circle.len() + ring + waiting.len();
    let first = super::offset(rows, height, view.scroll);
    for (y, row) in (first..rows.min(first + height)).enumerate() {
        let y = y as i32;
        if row < circle.len() {
            brush.text(0, y, if row == 0 { "╭▶" } else { "├▶" }, Tone::Bad);
            edge(view, circle[row], 3, y, brush);
        } else if row < circle.len() + ring {
            brush.text(0, y, &format!("╰─ back to {}: a circle", view.sight.short(circle[0])), Tone::Bad);
        } else {
            let actor = waiting[row - circle.len() - ring];
            edge(view, actor, 0, y, brush);
        }
    }
}

/// The actors of the circle, in its order, if one was found.
fn circle(view: &View<'_>) -> Vec<ActorId> {
    let of = |verdict: &Verdict| verdict.waits[..verdict.circle].iter().map(|w| w.actor).collect::<Vec<_>>();
    let circle = view.seen.verdict.filter(|v| v.circle > 0).map(of).unwrap_or_default();
    // Once somebody of it has moved on or died, it is a story of the past.
    let still = |actor: &ActorId| view.sight.waits_for(*actor).is_some();
    if circle.iter().all(still) { circle } else { Vec::new() }
}

fn edge(view: &View<'_>, actor: ActorId, x: i32, y: i32, brush: &mut Brush<'_>) {
    let face = view.sight.face(actor);
    let Some(object) = view.sight.waits_for(actor) else { return };
    let x = brush.text(x, y, face.sign, face.tone) + 1;
    let picked = actor == view.experiment.selected;
    let x = brush.text(x, y, &view.sight.short(actor), if picked { Tone::Selected } else { face.tone });
    let x = brush.text(x, y, " ─ ", Tone::Dim);
    let x = brush.text(x, y, &view.sight.program.object_name(object), Tone::Accent);
    let x = brush.text(x, y, " → ", Tone::Dim);
    holders(view, object, x, y, brush);
}

fn holders(view: &View<'_>, object: Object, mut x: i32, y: i32, brush: &mut Brush<'_>) {
    let holders = view.seen.snapshot.holders(view.sight.program, object);
    if holders.is_empty() {
        brush.text(x, y, view.sight.program.awaited(object), Tone::Dim);
        return;
    }
    for holder in holders.iter().take(MAX_HOLDERS) {
        let face = view.sight.face(*holder);
        x = brush.text(x, y, &format!("{}{} ", face.sign, view.sight.short(*holder)), face.tone);
    }
    if holders.len() > MAX_HOLDERS {
        brush.text(x, y, &format!("and {} more", holders.len() - MAX_HOLDERS), Tone::Dim);
    }
}
