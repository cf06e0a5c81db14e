//! For a projector: the scene, as large as it goes, and what was found in letters that the last row can read.

use ratatui::widgets::Widget;
use tui_big_text::{BigText, PixelSize};

use super::hints;
use super::lab::{title, with_view};
use crate::tui::brush::Brush;
use crate::tui::panes::{self, headline};
use crate::tui::state::{App, Lab, Pane};

/// Rows of the big letters.
const LETTERS: i32 = 4;

/// Draws title, scene, headline.
pub fn draw(app: &App, lab: &Lab, mut brush: Brush<'_>) {
    let (w, h) = (brush.width(), brush.height());
    let experiment = lab.active();
    title(experiment, true, &mut brush.part(0, 0, w, 1));
    hints(app, &mut brush);
    with_view(app, experiment, 0, |view| {
        let verdict = view.seen.verdict;
        let foot = if verdict.is_some() { LETTERS + 4 } else { 0 };
        panes::draw(Pane::Scene, view, &mut brush.part(1, 2, w - 2, h - 4 - foot));
        if let Some(verdict) = verdict {
            let (text, tone) = headline(verdict);
            let word = text.split(" · ").next().unwrap_or_default().to_string();
            let style = view.theme.style(tone);
            let mut big = BigText::builder();
            // Quarters of a cell have no likeness in ASCII.
            let pixels = if view.theme.ascii { PixelSize::HalfHeight } else { PixelSize::Quadrant };
            big.pixel_size(pixels).style(style).lines([word.into()]).centered();
            brush.part(0, h - foot - 1, w, LETTERS).widget(big.build());
            panes::draw(Pane::Verdict, view, &mut brush.part(1, h - 5, w - 2, 4));
        }
    });
}

impl Brush<'_> {
    /// Draws a widget into the whole part.
    fn widget(&mut self, widget: impl Widget) {
        let area = self.area();
        widget.render(area, self.buffer());
    }
}
