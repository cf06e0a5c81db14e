//! Frames: which part of the terminal shows what.
//!
//! ```text
//! ┌ title ─────────────────────────────────────────┐   wide and high: all panes (full)
//! │ scene               │ program                  │   80 × 24: scene, program, one more pane, verdict (small)
//! ├ timeline ──────────────────────────────────────┤   less than that: a line an actor, and the verdict (list)
//! │ waits      │ objects        │ fairness         │
//! ├ verdict ───────────────────────────────────────┤
//! └ hints ─────────────────────────────────────────┘
//! ```

mod costs;
mod examined;
mod explain;
mod kernel;
mod lab;
mod lecture;
mod list;
mod menu;
mod overlay;
mod process;
mod table;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::ascii;
use super::brush::Brush;
use super::keys::{Action, Scope, TABLE};
use super::state::{App, Pane, Screen};
use super::theme::Tone;

/// What lies where, for the mouse.
#[derive(Clone, Debug, Default)]
pub struct Areas {
    /// Panes.
    pub panes: Vec<(Rect, Pane)>,
    /// The rows of the list that is open, and the number of the first.
    pub rows: Option<(Rect, usize)>,
}

/// Draws everything.
pub fn draw(app: &App, area: Rect, buffer: &mut Buffer) -> Areas {
    let mut areas = Areas::default();
    let brush = Brush::new(buffer, area, app.theme);
    match &app.screen {
        Screen::Menu => menu::draw(app, brush, &mut areas),
        Screen::Lab(lab) if app.projector => lecture::draw(app, lab, brush),
        Screen::Lab(lab) => lab::draw(app, lab, brush, &mut areas),
    }
    if let Some(open) = &app.overlay {
        overlay::draw(app, open, Brush::new(buffer, area, app.theme), &mut areas);
    }
    if app.theme.ascii {
        ascii::translate(buffer);
    }
    areas
}

/// The last row: a note if there is one, else the keys that matter here.
fn hints(app: &App, brush: &mut Brush<'_>) {
    let y = brush.height() - 1;
    if let Some((note, _)) = &app.note {
        brush.text(1, y, note, Tone::Wait);
        return;
    }
    let scope = app.scope();
    let mut x = 1;
    let here =
        TABLE.iter().filter(|e| !e.hint.is_empty() && (e.scope == scope || e.scope == Scope::Everywhere));
    let feed = app.lab().map(|lab| lab.active().feed);
    let here = here.filter(|e| feed.is_none_or(|feed| e.action.is_of_use(feed)));
    // Where no message is sent, what it would cost is of less use than the other hints.
    let here = here.filter(|e| e.action != Action::Costs || scope == Scope::Menu || app.carrier().is_some());
    let (last, first): (Vec<_>, Vec<_>) = here.partition(|e| e.scope == Scope::Everywhere);
    // Help and quit are always to be seen; of the others, as many as there is room for.
    let width = |e: &crate::tui::keys::Entry| (app.keymap.key(e.action).len() + e.hint.len() + 3) as i32;
    let kept: i32 = last.iter().map(|e| width(e)).sum();
    let room = brush.width() - kept;
    for entry in first.into_iter().filter(|e| e.scope == scope) {
        if x + width(entry) <= room {
            x = hint(app, entry, x, y, brush);
        }
    }
    for entry in last {
        x = hint(app, entry, x, y, brush);
    }
}

fn hint(app: &App, entry: &crate::tui::keys::Entry, x: i32, y: i32, brush: &mut Brush<'_>) -> i32 {
    let key = app.keymap.key(entry.action);
    let x = brush.text(x, y, &key, Tone::Accent) + 1;
    brush.text(x, y, entry.hint, Tone::Dim) + 2
}

/// A pane's border, and its inside.
fn pane<'b>(title: &str, focused: bool, mut brush: Brush<'b>, bare: bool) -> (Brush<'b>, Rect) {
    let (tone, title_tone) = if focused { (Tone::Focus, Tone::Focus) } else { (Tone::Border, Tone::Title) };
    let area = brush.area();
    if bare {
        let line = "─".repeat(brush.width().max(0) as usize);
        brush.text(0, 0, &line, tone);
        brush.text(1, 0, &format!(" {title} "), title_tone);
        return (brush.into_part(1, 1, i32::from(area.width) - 1, i32::from(area.height) - 1), area);
    }
    brush.frame(title, tone, title_tone);
    (brush.into_part(1, 1, i32::from(area.width) - 2, i32::from(area.height) - 2), area)
}
