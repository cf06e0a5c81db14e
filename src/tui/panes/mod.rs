//! The panes of a run, one file each. A pane draws from a [`View`] and changes nothing.

mod fairness;
mod objects;
mod program;
mod timeline;
mod verdict;
mod waits;
mod walk;

pub use verdict::headline;

use super::brush::Brush;
use super::face::Sight;
use super::state::{Experiment, Pane, Seen};
use super::theme::Theme;
use crate::program::Object;

/// What a pane draws from.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The run.
    pub experiment: &'a Experiment,
    /// What there is to see of it.
    pub seen: &'a Seen<'a>,
    /// The same, as scenes want it.
    pub sight: Sight<'a>,
    /// How things look.
    pub theme: Theme,
    /// Lines that the pane is scrolled by.
    pub scroll: isize,
    /// The key that explains, and the one that runs the pair.
    pub keys: Keys<'a>,
}

impl View<'_> {
    /// On a walk: the objects that the last step changed.
    fn changed(&self) -> &[(Object, i64, i64)] {
        let Some(walking) = &self.experiment.walking else { return &[] };
        let last = self.experiment.at.unwrap_or(0).checked_sub(1);
        last.and_then(|at| walking.steps.get(at)).map_or(&[], |step| &step.changed)
    }
}

/// Keys that panes mention.
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub struct Keys<'a> {
    pub explain: &'a str,
    pub toggle: &'a str,
    pub restart: &'a str,
    pub check: &'a str,
    pub max_speed: &'a str,
}

/// Draws a pane's inside.
pub fn draw(pane: Pane, view: &View<'_>, brush: &mut Brush<'_>) {
    match pane {
        Pane::Scene => super::scenes::draw(&view.sight, brush),
        Pane::Program => program::draw(view, brush),
        Pane::Timeline => timeline::draw(view, brush),
        Pane::Waits => waits::draw(view, brush),
        Pane::Objects => objects::draw(view, brush),
        Pane::Fairness => fairness::draw(view, brush),
        Pane::Verdict => match &view.experiment.walking {
            Some(walking) => walk::draw(view, walking, brush),
            None => verdict::draw(view, brush),
        },
    }
}

/// Where to begin so that a line is shown: around the middle, moved by what the user scrolled.
fn window(total: usize, height: usize, wanted: usize, scroll: isize) -> usize {
    let most = total.saturating_sub(height);
    let first = wanted.saturating_sub(height / 2).min(most);
    first.saturating_add_signed(scroll).min(most)
}

/// Where to begin in a list that is shown from its top.
fn offset(total: usize, height: usize, scroll: isize) -> usize {
    scroll.max(0).unsigned_abs().min(total.saturating_sub(height))
}

#[cfg(test)]
mod tests {
    use super::window;

    #[test]
    fn a_window_stays_inside() {
        assert_eq!(window(10, 20, 5, 0), 0);
        assert_eq!(window(100, 10, 50, 0), 45);
        assert_eq!(window(100, 10, 99, 9), 90);
        assert_eq!(window(100, 10, 50, -99), 0);
        assert_eq!(window(0, 0, 0, 3), 0);
    }
}
