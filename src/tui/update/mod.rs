//! Keys to actions, actions to changes. Nothing here draws.

mod costs;
mod kernel;
mod lab;
mod overlay;
mod runs;
mod walk;

pub use overlay::matching;

use crossterm::event::{KeyCode, KeyModifiers};

use super::key::Press;
use super::keys::{Action, Scope};
use super::state::{App, Effect, Overlay, Pane, Screen};

/// What the mouse did, in terms of what is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pointed {
    /// A click on a pane.
    Pane(Pane),
    /// A click on a line of a list: of the menu, or of what lies over the screen.
    Row(usize),
    /// The wheel, by so many lines.
    Wheel(isize),
}

impl App {
    /// Takes in a key.
    pub fn press(&mut self, press: Press) {
        // What ends or stops the program does so wherever one is.
        let action = self.keymap.action(press, self.scope());
        // A terminal sends Esc and then q, typed fast, as the same bytes as Alt-q.
        if action.is_none() && press.modifiers.contains(KeyModifiers::ALT) {
            self.press(Press { code: KeyCode::Esc, modifiers: KeyModifiers::NONE });
            return self.press(Press { modifiers: press.modifiers - KeyModifiers::ALT, ..press });
        }
        let typing = self.overlay.as_ref().is_some_and(Overlay::types) && press.typed().is_some();
        if !typing && let Some(action @ (Action::Quit | Action::Suspend)) = action {
            return self.act(action);
        }
        if self.overlay.is_some() {
            return self.press_over(press, action);
        }
        if let Some(action) = action {
            self.act(action);
        }
    }

    /// Carries out an action.
    pub fn act(&mut self, action: Action) {
        match action {
            Action::Quit => self.effects.push(Effect::Quit),
            Action::Suspend => self.effects.push(Effect::Suspend),
            Action::Help => self.overlay = Some(Overlay::Help { filter: String::new(), scroll: 0 }),
            Action::Palette => self.overlay = Some(Overlay::Palette { input: String::new(), at: 0 }),
            Action::Colours => {
                self.theme.palette = self.theme.palette.next();
                self.say(format!("theme: {}", self.theme.palette.name()));
            }
            Action::Ascii => {
                self.theme.ascii = !self.theme.ascii;
                self.effects.push(Effect::Redraw);
            }
            Action::Motion => {
                self.theme.still = !self.theme.still;
                self.say(if self.theme.still { "nothing moves by itself" } else { "things move" });
            }
            Action::Mouse => {
                self.mouse = !self.mouse;
                self.effects.push(Effect::Mouse(self.mouse));
                self.say(if self.mouse { "the mouse works here" } else { "the mouse is the terminal's" });
            }
            Action::Projector => {
                self.projector = !self.projector;
                self.effects.push(Effect::Redraw);
            }
            Action::Costs => self.see_costs(),
            other => match self.screen {
                Screen::Menu => self.act_in_menu(other),
                Screen::Lab(_) => self.act_in_lab(other),
            },
        }
    }

    fn act_in_menu(&mut self, action: Action) {
        match action {
            Action::Up => self.menu.step(-1),
            Action::Down => self.menu.step(1),
            Action::Left | Action::PageUp => self.menu.turn(-1),
            Action::Right | Action::PageDown | Action::NextPane => self.menu.turn(1),
            Action::Filter => self.menu.filter(),
            Action::First => (self.menu.problem, self.menu.solution) = (0, 0),
            Action::Last => {
                self.menu.problem = self.menu.problems.len().saturating_sub(1);
                self.menu.solution = 0;
            }
            Action::Confirm => {
                if let Some(name) = self.menu.chosen() {
                    self.open(&name, &[]);
                }
            }
            Action::Back => self.say(format!("{} leaves", self.keymap.key(Action::Quit))),
            _ => {}
        }
    }

    /// Takes in what the mouse did.
    pub fn point(&mut self, pointed: Pointed) {
        match pointed {
            Pointed::Wheel(by) => {
                let action = if by < 0 { Action::Up } else { Action::Down };
                match self.overlay {
                    Some(_) => self.act_over(action),
                    None => self.act(action),
                }
            }
            Pointed::Row(row) => self.choose_row(row),
            Pointed::Pane(pane) => {
                if let Some(lab) = self.lab_mut() {
                    lab.focus = pane;
                }
            }
        }
    }

    fn choose_row(&mut self, row: usize) {
        let scope = self.scope();
        // The list may have fewer rows than its part of the screen.
        if self.overlay.is_some() && row >= self.rows() {
            return;
        }
        match (&mut self.overlay, scope) {
            (
                Some(Overlay::Solutions { at } | Overlay::Palette { at, .. } | Overlay::Check { at, .. }),
                _,
            ) if *at == row => {
                self.act_over(Action::Confirm);
            }
            (
                Some(
                    Overlay::Solutions { at }
                    | Overlay::Palette { at, .. }
                    | Overlay::Parameters { at, .. }
                    | Overlay::Check { at, .. },
                ),
                _,
            ) => {
                *at = row;
            }
            (None, Scope::Menu) => {
                let known = self.menu.current().map_or(0, |p| p.solutions.len());
                if self.menu.solution == row {
                    self.act(Action::Confirm);
                } else if row < known {
                    self.menu.solution = row;
                }
            }
            _ => {}
        }
    }
}
