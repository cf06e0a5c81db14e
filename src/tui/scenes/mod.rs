//! The scenes: a problem's picture, drawn from one moment alone, so that a live run, a recording and a counterexample look
//! alike.

mod barbershop;
mod buffer;
mod crowd;
mod library;
mod mailboxes;
mod molecule;
mod named;
mod plain;
mod pot;
mod room;
mod section;
mod slots;
mod smokers;
mod table;
mod traffic;
mod way;
mod words;

use super::brush::Brush;
use super::face::Sight;

/// Draws the scene that the problem asks for.
pub fn draw(sight: &Sight<'_>, brush: &mut Brush<'_>) {
    if brush.width() < 8 || brush.height() < 2 {
        return;
    }
    match sight.program.scene.as_deref() {
        Some("table") if !sight.program.roles.is_empty() => table::draw(sight, brush),
        Some("mailboxes") => mailboxes::draw(sight, brush),
        Some("buffer") => buffer::draw(sight, brush),
        Some("library") => library::draw(sight, brush),
        Some("barbershop") => barbershop::draw(sight, brush),
        Some("molecule") => molecule::draw(sight, brush),
        Some("pot") => pot::draw(sight, brush),
        Some("section") => section::draw(sight, brush),
        Some("smokers") => smokers::draw(sight, brush),
        _ => plain::draw(sight, brush),
    }
}
