//! A terminal too small for panes: a line an actor, and the verdict.

use super::lab::with_view;
use crate::program::ActorId;
use crate::tui::brush::Brush;
use crate::tui::panes;
use crate::tui::state::{App, Experiment, Lab, Pane};
use crate::tui::theme::Tone;

/// Draws as many actors as there is room for, the selected one among them.
pub fn draw(app: &App, lab: &Lab, experiment: &Experiment, mut brush: Brush<'_>) {
    let (w, h) = (brush.width(), brush.height());
    let verdict = (h / 3).clamp(1, 5);
    with_view(app, experiment, lab.scrolled(Pane::Verdict), |view| {
        let rows = (h - verdict).max(0) as usize;
        let total = view.seen.snapshot.actors.len();
        let first = experiment.selected.index().saturating_sub(rows / 2).min(total.saturating_sub(rows));
        for (y, number) in (first..total.min(first + rows)).enumerate() {
            let (actor, y) = (ActorId(number as u32), y as i32);
            let face = view.sight.face(actor);
            let picked = actor == experiment.selected;
            let x = brush.text(0, y, face.sign, face.tone) + 1;
            let name = view.sight.short(actor);
            let x =
                brush.text(x, y, &format!("{name:<4}"), if picked { Tone::Selected } else { Tone::Text }) + 1;
            let x = brush.text(x, y, &format!("{:<9}", face.word), face.tone) + 1;
            let line =
                view.sight.program.actors[number].code.line(view.seen.snapshot.actors[number].position);
            let x = brush.text(x, y, &format!("line {line:<3}"), Tone::Dim) + 1;
            if let Some(object) = view.sight.waits_name(actor) {
                brush.text(x, y, &format!("→ {object}"), face.tone);
            }
        }
        let mut part = brush.part(0, h - verdict, w, verdict);
        panes::draw(Pane::Verdict, view, &mut part);
    });
}
