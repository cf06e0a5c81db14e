//! Any problem: each actor with its state and its object, by role; below them the words by which they decide.

use super::words::Words;
use crate::program::ActorId;
use crate::tui::brush::Brush;
use crate::tui::face::Sight;
use crate::tui::theme::Tone;

/// Draws the roles, and the words in the rows that they leave.
pub fn draw(sight: &Sight<'_>, brush: &mut Brush<'_>) {
    let (w, h) = (brush.width(), brush.height());
    let words = Words::of(sight, w);
    let below = words.rows(h - needed(sight));
    roles(sight, &mut brush.part(0, 0, w, h - below));
    words.draw(&mut brush.part(0, h - below, w, below));
}

/// Rows in which everybody has a line.
pub fn needed(sight: &Sight<'_>) -> i32 {
    sight.program.roles.iter().filter(|r| r.count > 0).map(|r| (r.count as i32).min(1000) + 2).sum()
}

/// Draws roles below each other, each with as much room as its actors need and there is.
pub fn roles(sight: &Sight<'_>, brush: &mut Brush<'_>) {
    let roles: Vec<_> = sight.program.roles.iter().filter(|r| r.count > 0).collect();
    let total: i32 = roles.iter().map(|r| (r.count as i32).min(1000)).sum();
    let mut y = 0;
    for role in &roles {
        let left = brush.height() - y;
        let fair = (brush.height() * (role.count as i32).min(1000) / total.max(1)).max(3);
        let height = if roles.len() == 1 { left } else { fair.min(left).min(role.count as i32 + 2).max(3) };
        let actors: Vec<ActorId> = role.actors().collect();
        let width = brush.width();
        let mut part = brush.part(0, y, width, height);
        super::room::draw(sight, &role.name, Tone::Border, &actors, &mut part);
        y += height;
    }
}
