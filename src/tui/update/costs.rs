//! What keys do where the costs of mechanisms are shown.

use crate::lab::SIZES;
use crate::report;
use crate::tui::keys::Action;
use crate::tui::state::{App, Overlay, Screen};

use super::overlay::scrolled;

impl App {
    /// Opens the costs, at the mechanism that carries the active run's messages.
    pub(super) fn see_costs(&mut self) {
        let over = self.carrier();
        let at = report::by_route().iter().position(|mechanism| Some(*mechanism) == over).unwrap_or(0);
        self.overlay = Some(Overlay::Costs { at, size: 0 });
    }

    pub(super) fn act_on_costs(&mut self, action: Action) {
        let Some(Overlay::Costs { at, size }) = &mut self.overlay else { return };
        let rows = report::by_route();
        match action {
            Action::Costs => self.overlay = None,
            Action::Right | Action::NextPane => *size = (*size + 1) % SIZES.len(),
            Action::Left | Action::PreviousPane => *size = (*size + SIZES.len() - 1) % SIZES.len(),
            Action::Restart => self.measure_anew(),
            // The run goes on behind it, and may be in the way.
            Action::Pause if matches!(self.screen, Screen::Lab(_)) => self.act_in_lab(action),
            Action::Confirm if matches!(self.screen, Screen::Menu) => self.measure_anew(),
            Action::Confirm => {
                let mechanism = rows.get(*at).copied();
                self.overlay = None;
                if let Some(mechanism) = mechanism.filter(|_| self.owns()) {
                    self.carry_over(mechanism);
                }
            }
            other => scrolled(at, other, rows.len() - 1),
        }
    }

    fn measure_anew(&mut self) {
        if self.binary.is_some() {
            self.costs.begin_anew();
        }
    }
}
